"""What sources listed, and what their kinds noted for next time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from ascn_nlp.store.registering import Registered
from ascn_nlp.store.schema import documents, listings, source_memories


def memory_of(connection: Connection, source_id: str) -> dict[str, Any]:
    """What the source's kind noted the last time; empty the first time."""
    query = select(source_memories.c.memory).where(source_memories.c.source_id == source_id)
    return dict(connection.execute(query).scalar() or {})


def save_memory(connection: Connection, source_id: str, memory: Mapping[str, Any]) -> None:
    """Note what the source's kind wants to know next time."""
    connection.execute(delete(source_memories).where(source_memories.c.source_id == source_id))
    connection.execute(insert(source_memories).values(source_id=source_id, memory=dict(memory)))


def save_listing(
    connection: Connection,
    source_id: str,
    run_id: str,
    listed: int,
    registered: Registered,
    problems: Sequence[str],
    is_complete: bool,
) -> None:
    """Record what a source listed, or that it could not be asked (nothing listed, not complete, a problem)."""
    counts = {"listed": listed, "new": registered.new, "gone": registered.gone, "elsewhere": registered.elsewhere}
    told = {"is_complete": is_complete, "problems": list(problems), "at": datetime.now(UTC)}
    connection.execute(insert(listings).values(source_id=source_id, run_id=run_id, **counts, **told))


def listings_of(connection: Connection, source_ids: Sequence[str]) -> dict[str, list[RowMapping]]:
    """{source: its listings, oldest first}."""
    found: dict[str, list[RowMapping]] = defaultdict(list)
    query = select(listings).where(listings.c.source_id.in_(source_ids)).order_by(listings.c.seq)
    for row in connection.execute(query).mappings():
        found[row["source_id"]].append(row)
    return found


def times_of(connection: Connection, source_ids: Sequence[str]) -> dict[str, list[RowMapping]]:
    """{source: a row a document, as first seen}: first_seen, outcome, is_gone, published_to."""
    found: dict[str, list[RowMapping]] = defaultdict(list)
    columns = (documents.c.first_seen, documents.c.outcome, documents.c.is_gone, documents.c.published_to)
    query = select(documents.c.source_id, *columns).where(documents.c.source_id.in_(source_ids))
    for row in connection.execute(query.order_by(documents.c.first_seen, documents.c.seq)).mappings():
        found[row["source_id"]].append(row)
    return found
