"""What a source lists -> documents: new, known, gone, or come over from another source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from ascn_nlp.addresses import is_web_address
from ascn_nlp.records import Found, document_id
from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.ledger import Entry, record
from ascn_nlp.store.schema import documents
from ascn_nlp.store.tombstones import burial


class Registered(NamedTuple):
    """How many documents of a listing are new, gone, known as another source's, forgotten for good, and moved here."""

    new: int = 0
    gone: int = 0
    elsewhere: int = 0
    forgotten: int = 0
    moved: int = 0


def register(
    connection: Connection,
    source_id: str,
    found: Sequence[Found],
    run_id: str,
    is_complete: bool = True,
    in_use: Collection[str] | None = None,
) -> Registered:
    """Record what a source lists. What a complete listing no longer holds is marked gone, and kept.

    A web page that another source lists stays that source's document: it is one page, not two. One that its source
    lists no more, or whose source is not among those ``in_use`` (None: all are), becomes this source's, with its id and
    so with its reviews; so does a file of such a source that has the same place, or the same name, size and time. What
    was forgotten does not come back.
    """
    of_source = documents.c.source_id == source_id
    known = {row.address: row for row in connection.execute(select(documents).where(of_source))}
    others = _others(connection, source_id, [item for item in found if item.address not in known])
    is_buried = burial(connection, source_id)
    now = datetime.now(UTC)
    new: list[dict[str, object]] = []
    entries: list[Entry] = []
    counts = dict.fromkeys(Registered._fields, 0)
    for item in found:
        row = known.get(item.address)
        if row is None:
            rows = others.get(item.address, ())
            if is_web_address(item.address) and any(_is_held(one, in_use) for one in rows):
                counts["elsewhere"] += 1
                continue
            row = next((one for one in rows if not _is_held(one, in_use) and _is_same(one, item)), None)
        if row is None and is_buried(item):
            counts["forgotten"] += 1
            continue
        if row is None:
            new.append(_new_row(item, now))
            continue
        seen = {**_seen(_with_first_date(item, row)), "source_id": source_id}
        if row.is_gone or any(getattr(row, name) != value for name, value in seen.items()):
            connection.execute(update(documents).where(documents.c.seq == row.seq).values(**seen, is_gone=False))
        if row.source_id != source_id:
            counts["moved"] += 1
            entries.append(Entry(row.id, "moved", f"from source {row.source_id}"))
        elif row.is_gone:
            entries.append(Entry(row.id, "back"))
    _give_free_ids(connection, new)
    if new:
        connection.execute(insert(documents), new)
    listed = {item.address for item in found}
    gone = [row for row in known.values() if is_complete and not row.is_gone and row.address not in listed]
    for chunk in in_chunks([row.seq for row in gone]):
        connection.execute(update(documents).where(documents.c.seq.in_(chunk)).values(is_gone=True))
    told = [*(Entry(str(row["id"]), "new") for row in new), *entries, *(Entry(row.id, "gone") for row in gone)]
    record(connection, run_id, "find", told)
    return Registered(**{**counts, "new": len(new), "gone": len(gone)})


def _others(connection: Connection, source_id: str, found: Iterable[Found]) -> dict[str, list[Row[Any]]]:
    """{address: documents of other sources at it, as first seen}."""
    rows: dict[str, list[Row[Any]]] = {}
    for chunk in in_chunks([item.address for item in found]):
        at_these = (documents.c.source_id != source_id) & documents.c.address.in_(chunk)
        for row in connection.execute(select(documents).where(at_these).order_by(documents.c.seq)):
            rows.setdefault(row.address, []).append(row)
    return rows


def _is_held(row: Row[Any], in_use: Collection[str] | None) -> bool:
    """Whether a document's source still lists it, or will be asked whether it does."""
    return not row.is_gone and (in_use is None or row.source_id in in_use)


def _is_same(row: Row[Any], item: Found) -> bool:
    """Whether a document of the same address is the one listed: files of two folders may have the same name."""
    is_unchanged = bool(item.fingerprint) and item.fingerprint == row.found_fingerprint
    return is_web_address(item.address) or row.location == item.location or is_unchanged


def _new_row(item: Found, now: datetime) -> dict[str, object]:
    identity = {
        "id": document_id(item.source_id, item.address),
        "source_id": item.source_id,
        "address": item.address,
    }
    return {**identity, **_seen(item), "fingerprint": "", "is_gone": False, "first_seen": now}


def _give_free_ids(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Give another id to a file whose own is that of one that has moved to another source."""
    ids = [str(row["id"]) for row in rows]
    taken = {
        id_
        for chunk in in_chunks(ids)
        for id_ in connection.scalars(select(documents.c.id).where(documents.c.id.in_(chunk)))
    }
    for row in rows:
        if row["id"] in taken:
            row["id"] = document_id(str(row["source_id"]), f"{row['address']} first seen {row['first_seen']}")


def _with_first_date(item: Found, row: Row[Any]) -> Found:
    """The item, with the date that was stated of it before where the one it has now is later and says no more.

    Some feeds put the time of each refresh at all their entries. The same words read otherwise are another reading.
    """
    is_other = row.listed_evidence != item.evidence and row.listed_basis == item.basis
    is_later = bool(row.listed_date) and item.published > row.listed_date
    if not (is_other and is_later) or item.published.startswith(row.listed_date):
        return item
    return replace(item, published=row.listed_date, evidence=row.listed_evidence)


def _seen(item: Found) -> dict[str, str]:
    """What a source shows of a document, and may show otherwise next time."""
    return {
        "location": item.location,
        "found_fingerprint": item.fingerprint,
        "listed_date": item.published,
        "listed_evidence": item.evidence,
        "listed_basis": item.basis if item.published else "",
    }
