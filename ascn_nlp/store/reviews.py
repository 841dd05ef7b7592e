"""Reviews: what people decided. Rows are only ever added; predictions live elsewhere."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from ascn_nlp.filters import Filters
from ascn_nlp.records import Decision
from ascn_nlp.review.conflicts import Conflict, conflicts
from ascn_nlp.review.decisions import SAID
from ascn_nlp.review.judged import Judged, Pair
from ascn_nlp.review.judgements import Judgements, claims, judgements, subject
from ascn_nlp.store.chunks import in_chunks, insert_many, near
from ascn_nlp.store.passages import cities_of, select_passages
from ascn_nlp.store.predictions import known_runs, predictions
from ascn_nlp.store.samples import all_codebooks, all_samples, blind_samples, is_outdated, is_redefined
from ascn_nlp.store.schema import documents, passages, reviews, taggings, tags

_TAGS = select(tags).order_by(*tags.primary_key)
# Mentions are long, and no reviewer is shown them.
_TAGGING = tuple(column for column in taggings.c if column.name not in ("passage_seq", "mentions", "disputed"))
# How many passages are held in memory at a time while an export is written.
_BATCH = 500
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of decisions that were handed in."""

    added: int
    known: int
    superseded: int  # brought by the same file before, and decided otherwise since
    lost: tuple[str, ...]  # ids of passages that the store does not have
    moved: tuple[tuple[str, str], ...]  # (id as decided on, id under which the same words stand now)
    orphaned: tuple[str, ...]  # ids of passages whose words are no longer in their document
    conflicts: tuple[Conflict, ...]  # with what others decided; both are kept


def save_decisions(
    connection: Connection,
    decisions: Iterable[Decision],
    file_sha256: str,
    definitions: Mapping[str, str] | None = None,
    is_dry_run: bool = False,
    is_western: bool = False,
) -> Saved:
    """Add decisions to the history. One that says what the same reviewer last said of the same thing is not added.

    It is added all the same where that was said under another definition than today's, which ``definitions`` tell, and
    now is said under today's; and where it is said now, and was not then, without sight of predictions. What this very
    file has brought before is not taken again, whatever was decided since. Of a file that ``is_western`` a note that
    has lost letters which Windows-1252 lacks, and nothing else, is taken as it stands. A dry run tells what would
    become of them, and writes nothing.
    """
    wanted = list(decisions)
    # In the order of the file, which is that of the store: neighbours are read together.
    tagged = predictions(connection, list(dict.fromkeys(one.passage_id for one in wanted)))
    taken = [one for one in wanted if one.passage_id in tagged]
    gone = [id_ for id_, one in tagged.items() if not one.is_current]
    now_at = anchors(connection, gone)
    latest = _latest_by_place(connection, tagged, now_at)
    brought = _brought(connection, file_sha256, now_at)
    is_run = known_runs(connection, (one.run_id for one in taken))
    codebooks, blind = all_codebooks(connection), blind_samples(connection)
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = []
    superseded = 0
    for one in taken:
        values = one._asdict()
        del values["run_id"]  # is told by the tags that were on show
        key = _key(values, now_at)
        before = latest.get(key)
        if is_western and before is not None and _lossy(values["note"]) == _lossy(before["note"]):
            values["note"] = before["note"]
        if _is_as_before(values, before):
            if not _is_renewed(values, before, codebooks, blind, definitions):
                continue
        elif key in brought:
            superseded += 1
            continue
        on_show = tagged[one.passage_id].on_show(one.run_id if one.run_id in is_run else "")
        predicted = on_show.get(one.concern, {}) if one.concern else on_show
        rows.append({**values, "at": now, "file_sha256": file_sha256, "predicted": predicted})
        latest[key] = rows[-1]
    if not is_dry_run:
        insert_many(connection, reviews, rows)
    held = _held(connection, latest, codebooks, blind, definitions)
    return Saved(
        added=len(rows),
        known=len(taken) - len(rows) - superseded,
        superseded=superseded,
        lost=tuple(one.passage_id for one in wanted if one.passage_id not in tagged),
        moved=tuple((id_, now_at[id_]) for id_ in gone if id_ in now_at),
        orphaned=tuple(id_ for id_ in gone if id_ not in now_at),
        conflicts=tuple(conflicts(held, ((one.reviewer, now_at.get(one.passage_id, one.passage_id)) for one in taken))),
    )


def _lossy(text: str) -> bytes:
    """A text as a program leaves it that saves it in Windows-1252."""
    return text.encode("cp1252", "replace")


def _is_as_before(values: Mapping[str, Any], before: Mapping[Any, Any] | None) -> bool:
    """Whether a decision says what stands; to take back what does not stand says nothing either."""
    if before is None or before["decision"] == values["decision"] == "withdraw":
        return bool(values["decision"] == "withdraw")
    return all(before[name] == values[name] for name in SAID)


def _is_renewed(
    values: Mapping[str, Any],
    before: Mapping[Any, Any] | None,
    codebooks: Mapping[str, Mapping[str, str]],
    blind: Set[str],
    definitions: Mapping[str, str] | None,
) -> bool:
    """Whether what is said again counts for more now: under today's definitions, or without sight of predictions."""
    if before is None:
        return False
    if values["sample"] in blind and before["sample"] not in blind:
        return True
    told = definitions or {}
    return bool(told) and is_outdated(before, codebooks, told) and not is_outdated(values, codebooks, told)


def _brought(connection: Connection, file_sha256: str, now_at: Mapping[str, str]) -> set[Key]:
    """What a file with these very bytes has decided on when it was imported before."""
    query = select(reviews).where(reviews.c.file_sha256 == file_sha256)
    return {_key(row, now_at) for row in connection.execute(query).mappings()}


def _latest_by_place(
    connection: Connection, ids: Iterable[str], now_at: Mapping[str, str]
) -> dict[Key, Mapping[Any, Any]]:
    """Each reviewer's newest decision on each of these passages, whichever id it had then, and each concern."""
    places = {now_at.get(id_, id_) for id_ in ids}
    every = sorted((places | {before for before, now in now_at.items() if now in places}) & _decided(connection))
    rows = sorted(latest_verdicts(connection, every), key=lambda row: row["seq"])
    return {_key(row, now_at): row for row in rows}


def _held(
    connection: Connection,
    latest: Mapping[Key, Mapping[Any, Any]],
    codebooks: Mapping[str, Mapping[str, str]],
    blind: Set[str],
    definitions: Mapping[str, str] | None,
) -> Judgements:
    """Who holds what of the passages of these decisions, where more than one person has decided on one."""
    people: dict[str, set[str]] = defaultdict(set)
    for passage, _, _, reviewer in latest:
        people[passage].add(reviewer)
    shared = [{**row, "passage_id": key[0]} for key, row in latest.items() if len(people[key[0]]) > 1]
    named = {row[name] for row in shared for name in ("concern", "concern_reviewed")} - {""}
    asked = {row["id"] for row in all_samples(connection)}

    def is_stale(one: Mapping[Any, Any], concern: str) -> bool:
        return bool(definitions) and is_redefined(concern, one["codebook"], codebooks, definitions or {})

    return judgements(shared, tuple(definitions or sorted(named)), blind, asked, is_stale)


def judged_passages(
    connection: Connection,
    filters: Filters,
    is_untagged_wanted: bool = False,
    only: Sequence[str] | None = None,
    reviewer: str = "",
    definitions: Mapping[str, str] | None = None,
    samples: Set[str] | None = None,
) -> Iterator[Judged]:
    """Every selected passage with its tags and the latest verdict on each, in reading order.

    A verdict on a tag that is no longer predicted, or that a person added, is told too; so is one on a passage that has
    moved since. Passages with neither tag nor verdict are left out unless wanted. ``only`` are the ids of the passages
    to take, in their order, if not all that are selected. Of one ``reviewer`` alone, verdicts of others are not told.
    Nor are those that were given when what they name was defined otherwise than in ``definitions``: they are to be
    given anew. ``samples`` are those whose verdicts alone are told, if not all are.
    """
    codebooks = all_codebooks(connection) if definitions else {}

    def is_told(verdict: RowMapping) -> bool:
        is_of_one = reviewer in ("", verdict["reviewer"]) and (samples is None or verdict["sample"] in samples)
        return is_of_one and not (definitions and is_outdated(verdict, codebooks, definitions))

    now_at = anchors(connection)
    came_from: dict[str, list[str]] = defaultdict(list)
    for before, now in now_at.items():
        came_from[now].append(before)
    decided = _decided(connection)
    for batch in _selected(connection, filters, only):
        seqs = [row["seq"] for row in batch]
        cities, around = cities_of(connection, seqs), _neighbours(connection, batch)
        marks = _tags_of(connection, seqs)
        ids = _ever(batch, came_from) & decided if decided else ()
        verdicts = _verdicts(connection, sorted(ids), {before: now_at.get(before, before) for before in ids}, is_told)
        for passage in batch:
            seq = passage["seq"]
            tagging = None if passage["tagger_id"] is None else passage
            disputed = passage["disputed"] or () if filters.is_disputed else None
            pairs, others = _pairs(marks[seq], verdicts.get(passage["id"], ()), filters, disputed)
            if pairs or is_untagged_wanted:
                yield Judged(passage, tuple(cities.get(seq, ())), *around[seq], tagging, tuple(pairs), tuple(others))


def _decided(connection: Connection) -> set[str]:
    """The ids of all passages that were ever decided on; in most stores most were not."""
    return set(connection.scalars(select(reviews.c.passage_id).distinct()))


def _ever(batch: Sequence[RowMapping], came_from: Mapping[str, Sequence[str]]) -> set[str]:
    """The ids under which the words of these passages have ever stood."""
    return {id_ for row in batch for id_ in (row["id"], *came_from.get(row["id"], ()))}


def _verdicts(
    connection: Connection,
    ids: Sequence[str],
    now_at: Mapping[str, str],
    is_told: Callable[[RowMapping], bool],
) -> dict[str, list[RowMapping]]:
    """{id of a passage as it is now: latest verdicts on those of these ids}, without those taken back or overruled."""
    rows = sorted(latest_verdicts(connection, ids), key=lambda row: row["seq"])
    latest = {_key(row, now_at): row for row in rows}
    found: dict[str, list[RowMapping]] = defaultdict(list)
    claimed: dict[tuple[str, str, str], bool] = {}
    for (id_, _, _, reviewer), row in sorted(latest.items(), key=lambda one: -int(one[1]["seq"])):
        said = claims(row["decision"], row["concern"], row["concern_reviewed"])
        # The same person may have said otherwise since, of another row: exported both, they would be refused.
        is_overruled = any(claimed.get((id_, reviewer, name), holds) != holds for name, holds in said.items())
        if row["decision"] != "withdraw" and not is_overruled and is_told(row):
            claimed |= {(id_, reviewer, name): holds for name, holds in said.items()}
            found[id_].insert(0, row)
    return found


def _selected(connection: Connection, filters: Filters, only: Sequence[str] | None) -> Iterator[Sequence[RowMapping]]:
    """The selected passages with what the tagger says of them, if it does, some hundreds at a time."""
    told = (*_TAGGING, taggings.c.disputed) if filters.is_disputed else _TAGGING
    query = select_passages(filters).add_columns(*told).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    if only is None:
        yield from connection.execute(query.execution_options(yield_per=_BATCH)).mappings().partitions(_BATCH)
        return
    for chunk in in_chunks(only):
        found = {row["id"]: row for row in connection.execute(query.where(passages.c.id.in_(chunk))).mappings()}
        yield [found[id_] for id_ in chunk if id_ in found]


def count_reviews(connection: Connection) -> int:
    """How many decisions were ever imported, withdrawn and superseded ones included."""
    return connection.execute(select(func.count()).select_from(reviews)).scalar_one()


def all_reviews(connection: Connection, passage_id: str = "") -> Iterator[RowMapping]:
    """Every decision ever imported, oldest first; of one passage, if it is named."""
    query = select(reviews).order_by(reviews.c.seq)
    if passage_id:
        query = query.where(reviews.c.passage_id == passage_id)
    yield from connection.execute(query.execution_options(yield_per=_BATCH)).mappings()


def anchors(connection: Connection, more: Sequence[str] = ()) -> dict[str, str]:
    """{id of a reviewed passage that its document no longer has: id of the passage that has the same words now}.

    The same words means the same letters and figures in the same order, whatever stands between them. They must stand
    once in what is there. Of what has gone, several may have them, from one reading after another, but not the very
    same text: that was there twice at a time. All else is an orphan: who would carry it over would guess. ``more`` are
    ids of passages to look at beside those that were ever reviewed.
    """
    columns = (passages.c.id, passages.c.document_seq, passages.c.text)
    gone = select(*columns).where(~passages.c.is_current)
    rows = {row.id: row for row in connection.execute(gone.where(passages.c.id.in_(select(reviews.c.passage_id))))}
    for chunk in in_chunks(more):
        rows |= {row.id: row for row in connection.execute(gone.where(passages.c.id.in_(chunk)))}
    times = Counter((row.document_seq, row.text) for row in rows.values())
    new: dict[tuple[int, str], str] = {}
    for chunk in in_chunks(sorted({row.document_seq for row in rows.values()})):
        for row in connection.execute(
            select(*columns).where(passages.c.document_seq.in_(chunk), passages.c.is_current)
        ):
            new[_letters(row)] = "" if _letters(row) in new else row.id
    found = {id_: new.get(_letters(row), "") for id_, row in rows.items()}
    return {id_: now for id_, now in found.items() if now and times[rows[id_].document_seq, rows[id_].text] == 1}


def _letters(row: Any) -> tuple[int, str]:
    """What tells a passage from others of all documents, whatever was done to its blanks, marks and capitals."""
    return row.document_seq, re.sub(r"[\W_]+", "", row.text.casefold())


def _pairs(
    marks: Sequence[RowMapping],
    verdicts: Sequence[RowMapping],
    filters: Filters,
    disputed: Sequence[str] | None,
) -> tuple[list[Pair], list[Pair]]:
    """The tags with the latest verdict on each, and those that stand alone; and the verdicts of others on the same."""
    wanted = [tag for tag in marks if _is_wanted(tag, filters) and (disputed is None or tag["concern"] in disputed)]
    if not verdicts:
        return [(tag, None) for tag in wanted], []
    pairs: list[Pair] = []
    others: list[Pair] = []
    in_time = sorted(verdicts, key=lambda row: row["seq"])
    for tag in wanted:
        of_tag = [row for row in in_time if row["concern"] == tag["concern"]]
        pairs.append((tag, of_tag[-1] if of_tag else None))
        others += [(tag, row) for row in of_tag[:-1]]
    tagged = {tag["concern"] for tag in marks}
    alone: dict[tuple[str, str], RowMapping] = {}
    for row in in_time:
        named = {row["concern"], row["concern_reviewed"]}
        is_wanted = (not filters.concern or named & set(filters.concern)) and (
            not filters.stance or row["stance_reviewed"] in filters.stance
        )
        if row["concern"] not in tagged and is_wanted and disputed is None:
            on = subject(row["concern"], row["concern_reviewed"])
            others += [(None, alone[on])] if on in alone else []
            alone[on] = row
    return pairs + [(None, row) for row in alone.values()], others


def _is_wanted(tag: RowMapping, filters: Filters) -> bool:
    is_of_concern = not filters.concern or tag["concern"] in filters.concern
    is_of_stance = not filters.stance or tag["stance"] in filters.stance
    return is_of_concern and is_of_stance and filters.min_score <= tag["score"] <= filters.max_score


def latest_verdicts(connection: Connection, ids: Sequence[str]) -> list[RowMapping]:
    """Each reviewer's newest decision on each of these passages and each concern."""
    newest: dict[Key, RowMapping] = {}
    for chunk in in_chunks(ids):
        query = select(reviews).where(reviews.c.passage_id.in_(chunk)).order_by(reviews.c.seq)
        for row in connection.execute(query).mappings().all():
            newest[_key(row)] = row
    return list(newest.values())


def _key(row: Mapping[Any, Any], now_at: Mapping[str, str] | None = None) -> Key:
    id_ = row["passage_id"]
    return ((now_at or {}).get(id_, id_), *subject(row["concern"], row["concern_reviewed"]), row["reviewer"])


def reviewed_passages(connection: Connection, ids: Sequence[str]) -> Iterator[RowMapping]:
    """These passages as they were read when they were decided on, current or not, with what is said of them now.

    id, text, heading, context, language, is_current, document_id, source_id, genre, scores, and tagger_id.
    """
    columns = (
        *(passages.c.id, passages.c.text, passages.c.heading, passages.c.context, passages.c.language),
        *(passages.c.is_current, documents.c.id.label("document_id"), documents.c.source_id, documents.c.genre),
        *(taggings.c.scores, taggings.c.tagger_id),
    )
    joined = passages.join(documents).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    for chunk in in_chunks(ids):
        query = select(*columns).select_from(joined).where(passages.c.id.in_(chunk)).order_by(passages.c.seq)
        yield from connection.execute(query).mappings()


def current_tags_by_id(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """{passage id: {concern: stance}} as predicted now, for those of these passages that have been tagged."""
    found: dict[str, dict[str, str]] = {}
    joined = passages.join(taggings, taggings.c.passage_seq == passages.c.seq)
    joined = joined.outerjoin(tags, tags.c.passage_seq == passages.c.seq)
    for chunk in in_chunks(ids):
        query = select(passages.c.id, tags.c.concern, tags.c.stance).select_from(joined)
        for row in connection.execute(query.where(passages.c.id.in_(chunk))).mappings():
            tagged = found.setdefault(row["id"], {})
            if row["concern"] is not None:
                tagged[row["concern"]] = row["stance"]
    return found


def _tags_of(connection: Connection, seqs: Sequence[int]) -> dict[int, list[RowMapping]]:
    """{passage seq: its tags, in the order of their concerns}."""
    found: dict[int, list[RowMapping]] = {seq: [] for seq in seqs}
    for chunk in in_chunks(seqs):
        for row in connection.execute(_TAGS.where(near(tags.c.passage_seq, chunk))).mappings().all():
            if row["passage_seq"] in found:
                found[row["passage_seq"]].append(row)
    return found


def _neighbours(connection: Connection, batch: Sequence[RowMapping]) -> dict[int, tuple[str, str]]:
    """{passage seq: (text before, text after)} of the same document."""
    at = {row["seq"]: (row["document_seq"], row["ordinal"]) for row in batch}
    texts = {at[row["seq"]]: row["text"] for row in batch}
    beside = {(document, n) for document, ordinal in at.values() for n in (ordinal - 1, ordinal + 1)} - texts.keys()
    # Most of these are no passages, but the places before a document's first one and after its last.
    last: dict[int, int] = {}
    for chunk in in_chunks(sorted({document for document, _ in beside})):
        ends = select(passages.c.document_seq, func.max(passages.c.ordinal)).group_by(passages.c.document_seq)
        there = passages.c.document_seq.in_(chunk) & passages.c.is_current
        last |= {row[0]: row[1] for row in connection.execute(ends.where(there))}
    missing = sorted((document, n) for document, n in beside if 0 <= n <= last[document])
    ordinals = [n for _, n in missing]
    for chunk in in_chunks(sorted({document for document, _ in missing})):
        there = passages.c.document_seq.in_(chunk) & passages.c.ordinal.between(min(ordinals), max(ordinals))
        query = select(passages.c.document_seq, passages.c.ordinal, passages.c.text)
        for document, ordinal, text in connection.execute(query.where(there, passages.c.is_current)):
            if (document, ordinal) in beside:
                texts[document, ordinal] = text
    return {
        seq: (texts.get((document, ordinal - 1), ""), texts.get((document, ordinal + 1), ""))
        for seq, (document, ordinal) in at.items()
    }
