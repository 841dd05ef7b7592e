"""What the tags were when a run had ended, told from since when each is given and until when each was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, select, union_all

from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.schema import documents, lost_tags, passages, tags

_ABOUT = (
    passages.c.id.label("passage_id"),
    documents.c.id.label("document_id"),
    documents.c.source_id,
    documents.c.address,
    passages.c.page,
    passages.c.text,
)


def tags_gained(connection: Connection, before: str, after: str) -> list[RowMapping]:
    """The tags that stood after the run ``after`` and not after the run ``before``, in the order of their passages."""
    still = _rows(tags, and_(tags.c.since_run > before, tags.c.since_run <= after))
    since = and_(lost_tags.c.since_run > before, lost_tags.c.since_run <= after)
    meanwhile = _rows(lost_tags, and_(since, lost_tags.c.until_run > after))
    return _sorted(connection, still, meanwhile)


def tags_lost(connection: Connection, before: str, after: str) -> list[RowMapping]:
    """The tags that stood after the run ``before`` and no longer after the run ``after``."""
    until = and_(lost_tags.c.until_run > before, lost_tags.c.until_run <= after)
    return _sorted(connection, _rows(lost_tags, and_(lost_tags.c.since_run <= before, until)))


def names_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """{document id: SOURCE/ADDRESS} of those that are there."""
    found: dict[str, str] = {}
    for chunk in in_chunks(sorted(ids)):
        query = select(documents.c.id, documents.c.source_id, documents.c.address).where(documents.c.id.in_(chunk))
        found |= {row.id: f"{row.source_id}/{row.address}" for row in connection.execute(query)}
    return found


def _rows(table: Any, condition: Any) -> Select[Any]:
    columns = (table.c.passage_seq, table.c.concern, table.c.stance, table.c.score)
    return (
        select(*columns, *_ABOUT)
        .join_from(table, passages, passages.c.seq == table.c.passage_seq)
        .join(documents, documents.c.seq == passages.c.document_seq)
        .where(condition)
    )


def _sorted(connection: Connection, *queries: Select[Any]) -> list[RowMapping]:
    rows: Sequence[RowMapping] = list(connection.execute(union_all(*queries)).mappings())
    return sorted(rows, key=lambda row: (row["passage_seq"], row["concern"], row["stance"]))
