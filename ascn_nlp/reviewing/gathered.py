"""What all decisions in the store tell, as they stand now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ascn_nlp.review.judgements import Judgement, Judgements, judgements, settled
from ascn_nlp.store.reviews import all_reviews, anchors
from ascn_nlp.store.samples import all_codebooks, all_samples, blind_samples, is_redefined
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Gathered:
    """Who holds what of which passage, under today's definitions, and what the labels are that were made under others.

    ``by_coder``: {coder: {passage id: judgement}}; passages that have moved have the id under which they stand now.
    ``stale``: (reviewer, passage id, concern) of labels made when the concern was defined otherwise.
    """

    concerns: tuple[str, ...]
    by_coder: Judgements
    stale: tuple[tuple[str, str, str], ...]

    @property
    def settled(self) -> dict[str, Judgement]:
        """{passage id: what most coders hold}."""
        return settled(self.by_coder)[0]

    @property
    def split(self) -> dict[str, tuple[str, ...]]:
        """{passage id: concerns on which coders are split evenly}."""
        return settled(self.by_coder)[1]


def definitions_of(workspace: Workspace) -> dict[str, str]:
    """{concern: digest of its definition} of the workspace's taxonomy."""
    return {concern.id: concern.digest for concern in load_taxonomy(workspace.taxonomy).concerns}


def gather(connection: Connection, workspace: Workspace, is_blind_only: bool = False) -> Gathered:
    """What the decisions in the store tell; only those made without sight of predictions, if wanted."""
    definitions = definitions_of(workspace)
    samples = all_samples(connection)
    blind = blind_samples(connection)
    codebooks = all_codebooks(connection)
    stale: dict[tuple[str, str, str], None] = {}

    def is_stale(one: Mapping[Any, Any], concern: str) -> bool:
        if not is_redefined(concern, one["codebook"], codebooks, definitions):
            return False
        if concern in (one["concern"], one["concern_reviewed"]):
            stale[one["reviewer"], one["passage_id"], concern] = None
        return True

    decided = (row for row in anchored_reviews(connection) if not is_blind_only or row["sample"] in blind)
    asked = {row["id"] for row in samples}
    found = judgements(decided, tuple(definitions), blind, asked, is_stale)
    return Gathered(tuple(definitions), found, tuple(stale))


def anchored_reviews(connection: Connection) -> Iterator[Mapping[Any, Any]]:
    """All decisions, oldest first, each with the id under which its words stand now."""
    now = anchors(connection)
    for row in all_reviews(connection):
        id_ = row["passage_id"]
        yield {**row, "passage_id": now[id_]} if id_ in now else row
