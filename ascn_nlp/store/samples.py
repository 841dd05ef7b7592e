"""Passages given to people to judge, and the codebooks they judge by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, insert, select

from ascn_nlp.filters import Filters
from ascn_nlp.records import digest
from ascn_nlp.store.schema import codebooks, sample_passages, samples


class Drawn(NamedTuple):
    """One passage of a sample, as it was drawn."""

    passage_id: str
    stratum: int
    predicted: list[str]  # concerns that it had been given when it was drawn; of a sample of the rest, those settled


def save_sample(
    connection: Connection,
    kind: str,
    drawn: Sequence[Drawn],
    filters: Filters,
    seed: int = 0,
    population: Mapping[str, Any] | None = None,
    is_blind: bool = False,
) -> str:
    """The id of a sample with these passages, in their order; the same draw made again keeps its id.

    ``population`` is what is to be known later of the passages that they were drawn from.
    """
    strata = dict(population or {})
    # What was reviewed then is not of the question, and long.
    chosen = {name: value for name, value in asdict(filters).items() if name != "reviewed"}
    id_ = "s" + digest(kind, is_blind, seed, sorted(chosen.items()), sorted(strata.items()), *drawn)
    if connection.execute(select(samples.c.id).where(samples.c.id == id_)).first() is None:
        values = {"id": id_, "kind": kind, "is_blind": is_blind, "seed": seed, "filters": chosen, "population": strata}
        connection.execute(insert(samples), [{**values, "at": datetime.now(UTC)}])
        rows = [{"sample_id": id_, "position": n, **one._asdict()} for n, one in enumerate(drawn)]
        if rows:
            connection.execute(insert(sample_passages), rows)
    return id_


def all_samples(connection: Connection) -> list[RowMapping]:
    """Every sample ever given out, oldest first."""
    return list(connection.execute(select(samples).order_by(samples.c.at, samples.c.id)).mappings())


def blind_samples(connection: Connection) -> set[str]:
    """The ids of the samples whose reviewers saw no predictions."""
    return set(connection.scalars(select(samples.c.id).where(samples.c.is_blind)))


def drawn_passages(connection: Connection, sample_id: str) -> list[Drawn]:
    """The passages of a sample in the order in which they were drawn."""
    query = select(sample_passages.c.passage_id, sample_passages.c.stratum, sample_passages.c.predicted)
    query = query.where(sample_passages.c.sample_id == sample_id).order_by(sample_passages.c.position)
    return [Drawn(*row) for row in connection.execute(query)]


def save_codebook(connection: Connection, definitions: Mapping[str, str]) -> str:
    """The digest that names these definitions, {concern: digest of its definition}; they are kept under it."""
    name = codebook_digest(definitions)
    if connection.execute(select(codebooks.c.digest).where(codebooks.c.digest == name)).first() is None:
        row = {"digest": name, "definitions": dict(definitions), "at": datetime.now(UTC)}
        connection.execute(insert(codebooks), [row])
    return name


def codebook_digest(definitions: Mapping[str, str]) -> str:
    """A name for these definitions, whatever their order."""
    return "k" + digest(*sorted(definitions.items()))


def all_codebooks(connection: Connection) -> dict[str, dict[str, str]]:
    """{digest: {concern: digest of its definition}} of all codebooks that exports were made with."""
    return {row.digest: dict(row.definitions) for row in connection.execute(select(codebooks))}


def is_redefined(
    concern: str, codebook: str, codebooks: Mapping[str, Mapping[str, str]], definitions: Mapping[str, str]
) -> bool:
    """Whether today's ``definitions`` lack a concern, or a codebook lacks it or has another definition of it.

    A codebook that the store does not have is taken for today's: nobody can tell what it held.
    """
    then = codebooks.get(codebook, definitions)
    return concern not in definitions or then.get(concern) != definitions[concern]


def is_outdated(
    decided: Mapping[Any, Any], codebooks: Mapping[str, Mapping[str, str]], definitions: Mapping[str, str]
) -> bool:
    """Whether what a decision names has been redefined; where it speaks of a whole passage, whether anything has."""
    named = {decided["concern"], decided["concern_reviewed"]} - {""}
    return any(is_redefined(concern, decided["codebook"], codebooks, definitions) for concern in named or definitions)
