"""How the sources of a workspace are doing, told by what they listed and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ascn_nlp.pipeline.runs import sources_of, store_of
from ascn_nlp.silence import find_silence
from ascn_nlp.sources import KINDS
from ascn_nlp.sources.table import load_sources
from ascn_nlp.store import sources as source_rows
from ascn_nlp.store.documents import counts_by_outcome
from ascn_nlp.store.runs import in_utc
from ascn_nlp.workspace import Workspace


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
