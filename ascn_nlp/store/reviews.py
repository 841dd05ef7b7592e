"""Reviews: what people decided. Rows are only ever added; predictions live elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, insert, select

from ascn_nlp.filters import Filters
from ascn_nlp.records import CityRef, Decision
from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.passages import cities_of, select_passages
from ascn_nlp.store.schema import passages, reviews, taggings, tags

# How many passages are held in memory at a time while an export is written.
_BATCH = 500


class Judged(NamedTuple):
    """One row of a review export: a passage, one tag of it or none, and the latest verdict on that or none."""

    passage: RowMapping
    cities: tuple[CityRef, ...]
    before: str
    after: str
    tagging: RowMapping | None
    tag: RowMapping | None
    review: RowMapping | None


def save_decisions(
    connection: Connection, decisions: Iterable[Decision], file_sha256: str
) -> tuple[int, int, list[str]]:
    """(added, already known, passage ids that are not in the store). A decision equal to the last one is not added."""
    wanted = list(decisions)
    known = _predictions(connection, {one.passage_id for one in wanted})
    latest: dict[tuple[str, ...], Mapping[Any, Any]] = {_key(row): row for row in _latest(connection, list(known))}
    now = datetime.now(UTC)
    rows, same, lost = [], 0, []
    for one in wanted:
        values = {name: getattr(one, name) for name in Decision.__dataclass_fields__}
        before = latest.get(_key(values))
        if one.passage_id not in known:
            lost.append(one.passage_id)
        elif before and all(before[name] == value for name, value in values.items()):
            same += 1
        else:
            predicted = known[one.passage_id].get(one.concern, {})
            rows.append({**values, "at": now, "file_sha256": file_sha256, "predicted": predicted})
            latest[_key(values)] = values
    if rows:
        connection.execute(insert(reviews), rows)
    return len(rows), same, lost


def judged_rows(
    connection: Connection, filters: Filters, is_untagged_wanted: bool = False, only: Sequence[int] | None = None
) -> Iterator[Judged]:
    """Every selected passage with each of its tags and verdicts, in reading order.

    A verdict on a tag that is no longer predicted, or that a person added, has a row too. Passages with neither are
    left out unless wanted. ``only`` are the row numbers of the passages to take, if not all that are selected.
    """
    for batch in _selected(connection, filters, only):
        seqs = [row["seq"] for row in batch]
        cities, around = cities_of(connection, seqs), _neighbours(connection, batch)
        marks, taggers = _by_passage(connection, tags, seqs), _by_passage(connection, taggings, seqs)
        verdicts: dict[str, list[RowMapping]] = {}
        for row in _latest(connection, [row["id"] for row in batch]):
            if row["decision"] == "withdraw":
                continue
            verdicts.setdefault(row["passage_id"], []).append(row)
        for passage in batch:
            seq = passage["seq"]
            shared = (passage, tuple(cities.get(seq, ())), *around[seq], next(iter(taggers.get(seq, ())), None))
            pairs = _pairs(marks.get(seq, []), verdicts.get(passage["id"], []), filters)
            if not pairs and is_untagged_wanted:
                pairs = [(None, None)]
            for tag, review in pairs:
                yield Judged(*shared, tag, review)


def _selected(connection: Connection, filters: Filters, only: Sequence[int] | None) -> Iterator[Sequence[RowMapping]]:
    """The selected passages, some hundreds at a time."""
    query = select_passages(filters)
    if only is None:
        yield from connection.execute(query.execution_options(yield_per=_BATCH)).mappings().partitions(_BATCH)
    else:
        for chunk in in_chunks(only):
            yield connection.execute(query.where(passages.c.seq.in_(chunk))).mappings().all()


def count_reviews(connection: Connection) -> int:
    """How many decisions were ever imported, withdrawn and superseded ones included."""
    return connection.execute(select(func.count()).select_from(reviews)).scalar_one()


def _pairs(
    marks: Sequence[RowMapping], verdicts: Sequence[RowMapping], filters: Filters
) -> list[tuple[RowMapping | None, RowMapping | None]]:
    pairs: list[tuple[RowMapping | None, RowMapping | None]] = []
    for tag in (tag for tag in marks if _is_wanted(tag, filters)):
        of_tag = [row for row in verdicts if row["concern"] == tag["concern"]]
        pairs.append((tag, max(of_tag, key=lambda row: row["seq"], default=None)))
    tagged = {tag["concern"] for tag in marks}
    alone: dict[tuple[str, str], RowMapping] = {}
    for row in sorted(verdicts, key=lambda row: row["seq"]):
        named = {row["concern"], row["concern_reviewed"]}
        is_wanted = (not filters.concern or named & set(filters.concern)) and (
            not filters.stance or row["stance_reviewed"] in filters.stance
        )
        if row["concern"] not in tagged and is_wanted:
            alone[row["concern"], "" if row["concern"] else row["concern_reviewed"]] = row
    return pairs + [(None, row) for row in alone.values()]


def _is_wanted(tag: RowMapping, filters: Filters) -> bool:
    is_of_concern = not filters.concern or tag["concern"] in filters.concern
    is_of_stance = not filters.stance or tag["stance"] in filters.stance
    return is_of_concern and is_of_stance and tag["score"] >= filters.min_score


def _latest(connection: Connection, ids: Sequence[str]) -> list[RowMapping]:
    """Each reviewer's newest decision on each passage and concern."""
    newest: dict[tuple[str, ...], RowMapping] = {}
    for start in range(0, len(ids), _BATCH):
        query = select(reviews).where(reviews.c.passage_id.in_(ids[start : start + _BATCH])).order_by(reviews.c.seq)
        for row in connection.execute(query).mappings():
            newest[_key(row)] = row
    return list(newest.values())


def _key(row: Mapping[Any, Any]) -> tuple[str, ...]:
    # Of a passage without a tag several may be missed: there the concern named tells one decision from another.
    named = "" if row["concern"] else row["concern_reviewed"]
    return (row["passage_id"], row["concern"], named, row["reviewer"])


def _predictions(connection: Connection, ids: set[str]) -> dict[str, dict[str, dict[str, Any]]]:
    """{passage id: {concern: the tag as predicted now}} for the passages that are in the store."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    tagged_by = (taggings.c.tagger_id, taggings.c.taxonomy_version)
    columns = (passages.c.id, tags.c.concern, tags.c.stance, tags.c.score, *tagged_by)
    joined = passages.outerjoin(tags).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    wanted = sorted(ids)
    for start in range(0, len(wanted), _BATCH):
        chunk = wanted[start : start + _BATCH]
        for row in connection.execute(select(*columns).select_from(joined).where(passages.c.id.in_(chunk))):
            tagged = found.setdefault(row.id, {})
            if row.concern is not None:
                by = {"model_id": row.tagger_id, "taxonomy_version": row.taxonomy_version}
                tagged[row.concern] = {"stance": row.stance, "score": row.score, **by}
    return found


def _by_passage(connection: Connection, table: Any, seqs: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for chunk in in_chunks(seqs):
        query = select(table).where(table.c.passage_seq.in_(chunk)).order_by(*table.primary_key)
        for row in connection.execute(query).mappings():
            found.setdefault(row["passage_seq"], []).append(row)
    return found


def _neighbours(connection: Connection, batch: Sequence[RowMapping]) -> dict[int, tuple[str, str]]:
    """{passage seq: (text before, text after)} of the same document."""
    by_document: dict[int, dict[int, str]] = {}
    for chunk in in_chunks(sorted({row["document_seq"] for row in batch})):
        low, high = min(row["ordinal"] for row in batch) - 1, max(row["ordinal"] for row in batch) + 1
        query = select(passages.c.document_seq, passages.c.ordinal, passages.c.text).where(
            passages.c.document_seq.in_(chunk), passages.c.is_current, passages.c.ordinal.between(low, high)
        )
        for row in connection.execute(query):
            by_document.setdefault(row.document_seq, {})[row.ordinal] = row.text
    around = {}
    for passage in batch:
        texts = by_document.get(passage["document_seq"], {})
        around[passage["seq"]] = (texts.get(passage["ordinal"] - 1, ""), texts.get(passage["ordinal"] + 1, ""))
    return around
