"""What changed between two runs: documents, tags, and what the runs were made with. Opens the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ascn_nlp import pipeline
from ascn_nlp.errors import OptionError
from ascn_nlp.retagging import Change
from ascn_nlp.store.history import names_of, tags_gained, tags_lost
from ascn_nlp.store.ledger import documents_as_of
from ascn_nlp.store.runs import get_run
from ascn_nlp.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TagChange(Change):
    """A tag that is not what it was, and where it stands."""

    document_id: str
    source_id: str
    address: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Difference:
    """From run ``before`` to run ``after``: document ids, tags, and what of the manifest is other (key, old, new)."""

    before: str
    after: str
    documents_gained: tuple[str, ...]
    documents_lost: tuple[str, ...]
    tags: tuple[TagChange, ...]
    made_with: tuple[tuple[str, str, str], ...]
    names: Mapping[str, str]  # of the documents, SOURCE/ADDRESS; of one that was forgotten there is none

    @property
    def by_concern(self) -> dict[str, dict[str, int]]:
        """{concern: {"gained", "lost", "changed": count}}, in the order of their names."""
        counts: dict[str, dict[str, int]] = {}
        for change in sorted(self.tags, key=lambda change: change.concern):
            counts.setdefault(change.concern, {"gained": 0, "lost": 0, "changed": 0})[change.kind] += 1
        return counts


def compare_runs(workspace: Workspace, one: str, other: str) -> Difference:
    """What the store had gained and lost when the later of two runs had ended, against when the earlier had.

    Runs are named by their ids or by what these begin with; OptionError for a name that is no run's, or several'.
    """
    with pipeline.store_of(workspace).reading() as connection:
        runs = []
        for name in (one, other):
            run = get_run(connection, name)
            if run is None:
                raise OptionError(f"{name!r} is the id of no run, or begins several", "RUN", "see: ascn-nlp runs")
            runs.append(run)
        earlier, later = sorted(runs, key=lambda run: str(run["id"]))
        before, after = earlier["id"], later["id"]
        there, now = documents_as_of(connection, before), documents_as_of(connection, after)
        lost = {(row["passage_id"], row["concern"]): row for row in tags_lost(connection, before, after)}
        names = names_of(connection, now ^ there)
        gained = {(row["passage_id"], row["concern"]): row for row in tags_gained(connection, before, after)}
    changes = []
    for key in dict.fromkeys([*lost, *gained]):
        row = gained.get(key) or lost[key]
        stance, now_stance = (str(rows[key]["stance"]) if key in rows else "" for rows in (lost, gained))
        where = (row["document_id"], row["source_id"], row["address"], row["page"])
        if stance != now_stance:
            changes.append(TagChange(row["passage_id"], row["concern"], stance, now_stance, *where))
    return Difference(
        before,
        after,
        tuple(sorted(now - there)),
        tuple(sorted(there - now)),
        tuple(changes),
        tuple(_differences(earlier["manifest"], later["manifest"])),
        names,
    )


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str, str]]:
    """(key, old value, new value) of what is other, in nested tables too; of lists what only one of them holds."""
    for key in sorted({*old, *new}):
        values = (old.get(key, ""), new.get(key, ""))
        if isinstance(values[0], Mapping) and isinstance(values[1], Mapping):
            yield from _differences(*values, f"{above}{key}.")
        elif any(isinstance(value, list) for value in values):
            one, other = (value if isinstance(value, list) else [value] if value else [] for value in values)
            lost, gained = _without(one, other), _without(other, one)
            if lost or gained:
                yield f"{above}{key}", lost, gained
        elif values[0] != values[1]:
            yield f"{above}{key}", str(values[0]), str(values[1])


def _without(these: Sequence[Any], those: Sequence[Any]) -> str:
    return "; ".join(str(each) for each in these if each not in those)
