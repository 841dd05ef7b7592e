"""The ledger: every document's way through the stages, with times, tries, outcome, reason and remedy.

A row is added where something is other than the last time at this stage; what is as it was is counted on the last row,
so that a page found unchanged every night for years is one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, func, insert, select, update

from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.schema import documents, ledger

_READ = ("read", "partly_read")
_AWAY = {("find", "gone"), ("forget", "forgotten")}


class Entry(NamedTuple):
    """What a stage did with one document."""

    document_id: str
    outcome: str
    reason: str = ""
    remedy: str = ""
    tries: int = 1


def record(connection: Connection, run_id: str, stage: str, entries: Sequence[Entry]) -> None:
    """Write what a stage did with these documents, each of them once."""
    now = datetime.now(UTC)
    last = _last_rows(connection, stage, [entry.document_id for entry in entries])
    new: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for entry in entries:
        row = last.get(entry.document_id)
        if row is not None and (row["outcome"], row["reason"]) == (entry.outcome, entry.reason):
            again.append({"the_seq": row["seq"], "at": now, "run": run_id, "last_tries": entry.tries})
            continue
        values = {"stage": stage, "run_id": run_id, "last_run_id": run_id, "first_at": now, "last_at": now, "times": 1}
        new.append({**entry._asdict(), **values})
    if new:
        connection.execute(insert(ledger), new)
    if again:
        counted = {"times": ledger.c.times + 1, "last_at": bindparam("at"), "last_run_id": bindparam("run")}
        statement = update(ledger).where(ledger.c.seq == bindparam("the_seq"))
        connection.execute(statement.values(tries=bindparam("last_tries"), **counted), again)


def path_of(connection: Connection, document_id: str) -> list[RowMapping]:
    """The document's way, oldest first."""
    query = select(ledger).where(ledger.c.document_id == document_id).order_by(ledger.c.seq)
    return list(connection.execute(query).mappings())


def counts_by_stage(connection: Connection, source_ids: Iterable[str] | None = None) -> list[RowMapping]:
    """Rows of source_id, stage, outcome and documents: how each document that is there last left each stage."""
    newest = select(func.max(ledger.c.seq)).group_by(ledger.c.document_id, ledger.c.stage)
    columns = (documents.c.source_id, ledger.c.stage, ledger.c.outcome)
    query = (
        select(*columns, func.count().label("documents"))
        .join_from(ledger, documents, documents.c.id == ledger.c.document_id)
        .where(ledger.c.seq.in_(newest))
        .group_by(*columns)
        .order_by(*columns)
    )
    if source_ids is not None:
        query = query.where(documents.c.source_id.in_(list(source_ids)))
    return list(connection.execute(query).mappings())


def counts_of_run(connection: Connection, run_id: str) -> dict[tuple[str, str], int]:
    """{(stage, outcome): documents}: how each document left each stage that it went through in this run."""
    last = select(func.max(ledger.c.seq)).where(ledger.c.last_run_id == run_id)
    newest = last.group_by(ledger.c.document_id, ledger.c.stage)
    query = select(ledger.c.stage, ledger.c.outcome, func.count()).where(ledger.c.seq.in_(newest))
    rows = connection.execute(query.group_by(ledger.c.stage, ledger.c.outcome))
    return {(row[0], row[1]): row[2] for row in rows}


def documents_as_of(connection: Connection, run_id: str) -> set[str]:
    """The ids of the documents that were read, and listed by their source, when this run had ended."""
    was_read: set[str] = set()
    is_away: set[str] = set()
    query = select(ledger.c.document_id, ledger.c.stage, ledger.c.outcome).where(ledger.c.run_id <= run_id)
    for row in connection.execute(query.order_by(ledger.c.seq)):
        if (row.stage, row.outcome) in _AWAY:
            is_away.add(row.document_id)
        elif row.stage == "find":
            is_away.discard(row.document_id)
        elif row.stage == "read" and row.outcome != "failed":  # which leaves what was read before
            (was_read.add if row.outcome in _READ else was_read.discard)(row.document_id)
    return was_read - is_away


def _last_rows(connection: Connection, stage: str, ids: Sequence[str]) -> dict[str, RowMapping]:
    found: dict[str, RowMapping] = {}
    for chunk in in_chunks(ids):
        of_these = (ledger.c.stage == stage) & ledger.c.document_id.in_(chunk)
        newest = select(func.max(ledger.c.seq)).where(of_these).group_by(ledger.c.document_id)
        for row in connection.execute(select(ledger).where(ledger.c.seq.in_(newest))).mappings():
            found[row["document_id"]] = row
    return found
