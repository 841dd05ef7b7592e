"""How a workspace is doing: its documents by stage, what failed, and its sources by what they listed and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ascn_nlp.pipeline.runs import sources_of, store_of
from ascn_nlp.silence import find_silence
from ascn_nlp.sources import KINDS
from ascn_nlp.sources.table import load_sources
from ascn_nlp.store import sources as source_rows
from ascn_nlp.store.documents import counts_by_date, counts_by_outcome, standing_failures, standing_issues
from ascn_nlp.store.ledger import counts_by_stage, path_of
from ascn_nlp.store.reviews import count_reviews
from ascn_nlp.store.runs import in_utc, last_runs
from ascn_nlp.workspace import Workspace

Rows = Sequence[Mapping[Any, Any]]


@dataclass(frozen=True, slots=True)
class Status:
    """What stands in the store. Rows as the store gives them; of a store that is not there yet, nothing."""

    documents: Rows = ()  # by source and outcome
    stages: Rows = ()  # by source, stage and how they left it last
    silent: Mapping[str, Sequence[str]] = field(default_factory=dict)
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unasked: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    dates: Mapping[str, int] = field(default_factory=dict)
    decisions: int = 0
    issues: Rows = ()
    runs: Rows = ()


def status_of(workspace: Workspace, has_only_failures: bool = False) -> Status:
    """The documents of a workspace by stage, its sources, runs and decisions, and all issues or only failures."""
    store = store_of(workspace)
    if not store.exists():
        return Status(dates=dict.fromkeys(("in_window", "out_of_window", "undated"), 0))
    silent, problems, unasked = silent_sources(workspace), listing_problems(workspace), unasked_sources(workspace)
    with store.reading() as connection:
        return Status(
            documents=counts_by_outcome(connection),
            stages=counts_by_stage(connection),
            silent=silent,
            problems=problems,
            unasked=unasked,
            dates=counts_by_date(connection, workspace.since, workspace.until),
            decisions=count_reviews(connection),
            issues=standing_failures(connection) if has_only_failures else standing_issues(connection),
            runs=last_runs(connection),
        )


def way_of(workspace: Workspace, document_id: str) -> Rows:
    """The steps that a document has gone through, in order."""
    with store_of(workspace).reading() as connection:
        return path_of(connection, document_id)


def silent_sources(workspace: Workspace, only: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """{source: why it counts as silent}, of the sources named or enabled; those that are well are left out."""
    sources = sources_of(workspace, only)
    names = [source.id for source in sources]
    with store_of(workspace).reading() as connection:
        listings = source_rows.listings_of(connection, names)
        documents = source_rows.times_of(connection, names)
    today, found = datetime.now(UTC).date(), {}
    for source in sources:
        told = [_in_utc(row, "at") for row in listings.get(source.id, ())]
        seen = [_in_utc(row, "first_seen") for row in documents.get(source.id, ())]
        is_growing = KINDS[source.kind].is_growing
        if reasons := find_silence(told, seen, is_growing, source.until or workspace.until, today):
            found[source.id] = reasons
    return found


def listing_problems(workspace: Workspace) -> dict[str, list[str]]:
    """{source: what could not be had of it when it was last asked}, of the enabled sources."""
    names = [source.id for source in sources_of(workspace)]
    with store_of(workspace).reading() as connection:
        listings = source_rows.listings_of(connection, names)
    return {name: list(found[-1]["problems"]) for name, found in listings.items() if found[-1]["problems"]}


def unasked_sources(workspace: Workspace) -> dict[str, tuple[int, str]]:
    """{source that is asked no more: (its documents, which are kept and counted; why)}."""
    listed = {source.id: source.is_enabled for source in load_sources(workspace.sources).sources}
    counts: Counter[str] = Counter()
    with store_of(workspace).reading() as connection:
        for row in counts_by_outcome(connection):
            counts[row["source_id"]] += row["documents"]
    return {
        name: (count, "not enabled" if name in listed else f"not in {workspace.sources.name}")
        for name, count in counts.items()
        if not listed.get(name, False)
    }


def _in_utc(row: Mapping[Any, Any], name: str) -> dict[str, Any]:
    return {**row, name: in_utc(row[name])}
