"""Forgets documents for good: everything of them goes, and a stone with the reason keeps them from coming back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, or_, select, update

from ascn_nlp.addresses import is_web_address
from ascn_nlp.records import Found
from ascn_nlp.records import document_id as document_id_of
from ascn_nlp.store.ledger import Entry, record
from ascn_nlp.store.schema import (
    contents,
    documents,
    issues,
    ledger,
    likenesses,
    listings,
    lost_tags,
    pair_verdicts,
    passage_cities,
    passages,
    reviews,
    sketches,
    taggings,
    tags,
    tombstones,
    versions,
)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went with a document; ``sha256s`` are of bytes that no other document has, ``shared_with`` those that do."""

    document_id: str
    source_id: str
    sha256s: tuple[str, ...]
    passages: int
    reviews: int
    shared_with: tuple[str, ...] = ()


def find_documents(connection: Connection, name: str) -> list[RowMapping]:
    """The documents with this id, address or SOURCE/ADDRESS (id, source_id, address, title), as first seen."""
    whole = documents.c.source_id + "/" + documents.c.address
    return _documents(connection, or_(documents.c.id == name, documents.c.address == name, whole == name))


def find_documents_at(connection: Connection, url: str) -> list[RowMapping]:
    """The same of the documents that were found at this address, or that it opens, whatever their own is."""
    return _documents(connection, or_(documents.c.location == url, documents.c.url == url))


def _documents(connection: Connection, wanted: ColumnElement[bool]) -> list[RowMapping]:
    columns = (documents.c.seq, documents.c.id, documents.c.source_id, documents.c.address, documents.c.title)
    return list(connection.execute(select(*columns).where(wanted).order_by(documents.c.seq)).mappings())


def find_stone(connection: Connection, name: str) -> RowMapping | None:
    """The tombstone of the document that had this id, address or SOURCE/ADDRESS."""
    sources = _sources_ever(connection)
    for stone in all_stones(connection):
        names = (name, name.removeprefix(f"{stone['source_id']}/"))
        if stone["document_id"] in (name, *(document_id_of(source, one) for source in sources for one in names)):
            return stone
    return None


def burial(connection: Connection, source_id: str) -> Callable[[Found], bool]:
    """Tells whether what this source lists was forgotten: of a web page, as whichever source's document it was."""
    stones = [(row.source_id, row.document_id) for row in connection.execute(select(tombstones))]
    # A document keeps the id that it has from the source which saw it first.
    sources = _sources_ever(connection) if stones else set()
    of_source = {id_ for source, id_ in stones if source == source_id}
    of_any = {id_ for _, id_ in stones}

    def is_buried(item: Found) -> bool:
        buried = of_any if is_web_address(item.address) else of_source
        return any(document_id_of(source, item.address) in buried for source in sources)

    return is_buried


def _sources_ever(connection: Connection) -> set[str]:
    """The ids of all sources that have been asked, or have documents, forgotten ones included."""
    tables = (listings, documents, tombstones)
    return {id_ for table in tables for id_ in connection.scalars(select(table.c.source_id).distinct())}


def forget(connection: Connection, document_id: str, reason: str, person: str, run_id: str) -> Forgotten:
    """Take a document out of every table. Decisions on its passages stay, without what was noted or shown beside them.

    The bytes in the raw store are for the caller to remove.
    """
    document = connection.execute(select(documents).where(documents.c.id == document_id)).one()
    of_document = passages.c.document_seq == document.seq
    of_passages = select(passages.c.seq).where(of_document).scalar_subquery()
    count = connection.execute(select(func.count()).select_from(passages).where(of_document)).scalar_one()
    all_digests = set(connection.scalars(select(versions.c.sha256).where(versions.c.document_seq == document.seq)))
    shared = versions.c.sha256.in_(all_digests) & (versions.c.document_seq != document.seq)
    sharing = select(versions.c.sha256, documents.c.id).join_from(versions, documents).where(shared)
    others = list(connection.execute(sharing))
    own = tuple(sorted(all_digests - {row.sha256 for row in others}))
    for table in (tags, lost_tags, taggings, passage_cities):
        connection.execute(delete(table).where(table.c.passage_seq.in_(of_passages)))
    connection.execute(delete(passages).where(of_document))
    for table in (contents, issues, versions, sketches):
        connection.execute(delete(table).where(table.c.document_seq == document.seq))
    pairs = or_(likenesses.c.one_seq == document.seq, likenesses.c.other_seq == document.seq)
    connection.execute(delete(likenesses).where(pairs))
    verdicts = or_(pair_verdicts.c.one_id == document_id, pair_verdicts.c.other_id == document_id)
    connection.execute(delete(pair_verdicts).where(verdicts))
    connection.execute(delete(documents).where(documents.c.seq == document.seq))
    bare = update(reviews).where(reviews.c.document_id == document_id).values(note="", predicted={})
    blanked = connection.execute(bare).rowcount
    # Reasons may quote the document; that it went through the stages may stay.
    connection.execute(update(ledger).where(ledger.c.document_id == document_id).values(reason="", remedy=""))
    stone = {"source_id": document.source_id, "sha256s": list(own), "reason": reason, "person": person}
    connection.execute(insert(tombstones).values(document_id=document_id, at=datetime.now(UTC), **stone))
    record(connection, run_id, "forget", [Entry(document_id, "forgotten", reason)])
    shared_with = tuple(sorted({row.id for row in others}))
    return Forgotten(document_id, document.source_id, own, count, blanked, shared_with)


def digests(connection: Connection) -> dict[str, str]:
    """{SHA-256 of bytes that must not come back: why}."""
    query = select(tombstones.c.sha256s, tombstones.c.reason)
    return {sha256: row.reason for row in connection.execute(query) for sha256 in row.sha256s}


def digests_left(connection: Connection) -> set[str]:
    """Digests that must not come back and are no document's: bytes that a raw store may still hold, and should not."""
    return set(digests(connection)) - digests_had(connection)


def digests_had(connection: Connection) -> set[str]:
    """The digests of all versions of all documents."""
    return set(connection.scalars(select(versions.c.sha256)))


def all_stones(connection: Connection) -> Sequence[RowMapping]:
    """Every tombstone, oldest first."""
    return list(connection.execute(select(tombstones).order_by(tombstones.c.at)).mappings())
