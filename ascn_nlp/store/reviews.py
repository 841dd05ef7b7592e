"""Reviews: what people decided. Rows are only ever added; predictions live elsewhere."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, insert, select

from ascn_nlp.filters import Filters
from ascn_nlp.records import Decision
from ascn_nlp.review.decisions import SAID
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.judgements import ABSENT, HOLDS, Judgement, judgements
from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.passages import cities_of, select_passages
from ascn_nlp.store.samples import all_codebooks, blind_samples, is_outdated
from ascn_nlp.store.schema import documents, lost_tags, passages, reviews, taggings, tags

_COLUMNS = tuple(Decision.__dataclass_fields__)
_TAGS = select(tags).order_by(*tags.primary_key)
# Mentions are long, and no reviewer is shown them.
_TAGGINGS = select(*(column for column in taggings.c if column.name not in ("mentions", "disputed")))
_DISPUTED = select(*(column for column in taggings.c if column.name != "mentions"))
# How many passages are held in memory at a time while an export is written.
_BATCH = 500
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of decisions that were handed in."""

    added: int
    known: int
    lost: tuple[str, ...]  # ids of passages that the store does not have
    moved: tuple[tuple[str, str], ...]  # (id as decided on, id under which the same words stand now)
    orphaned: tuple[str, ...]  # ids of passages whose words are no longer in their document
    conflicts: tuple[Conflict, ...]  # with what others decided; both are kept


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people who do not say the same of one passage and concern."""

    passage_id: str
    concern: str
    reviewer: str
    decision: str
    other: str
    others_decision: str


def save_decisions(
    connection: Connection,
    decisions: Iterable[Decision],
    file_sha256: str,
    definitions: Mapping[str, str] | None = None,
    is_dry_run: bool = False,
) -> Saved:
    """Add decisions to the history. One that says what the same reviewer last said of the same thing is not added.

    It is added all the same where that was said under another definition than today's, which ``definitions`` tell, and
    now is said under today's; and where it is said now, and was not then, without sight of predictions.
    A dry run tells what would become of them, and writes nothing.
    """
    wanted = list(decisions)
    known = _predictions(connection, {one.passage_id for one in wanted})
    now_at = anchors(connection, list(known))
    latest = _latest_by_place(connection, known, now_at)
    codebooks, blind = all_codebooks(connection), blind_samples(connection)
    now = datetime.now(UTC)
    rows: list[dict[str, Any]] = []
    for one in (one for one in wanted if one.passage_id in known):
        values = {name: getattr(one, name) for name in _COLUMNS}
        before = latest.get(_key(values, now_at))
        if before and all(before[name] == values[name] for name in SAID):
            was_outdated = bool(definitions) and is_outdated(before, codebooks, definitions or {})
            is_renewed = was_outdated and not is_outdated(values, codebooks, definitions or {})
            if not is_renewed and not (one.sample in blind and before["sample"] not in blind):
                continue
        tagged = known[one.passage_id]
        predicted = tagged.get(one.concern, {}) if one.concern else tagged
        rows.append({**values, "at": now, "file_sha256": file_sha256, "predicted": predicted})
        latest[_key(values, now_at)] = rows[-1]
    for chunk in in_chunks([] if is_dry_run else rows):
        connection.execute(insert(reviews), list(chunk))
    lost = tuple(one.passage_id for one in wanted if one.passage_id not in known)
    gone = [id_ for id_ in known if not known[id_].is_current]
    return Saved(
        added=len(rows),
        known=len(wanted) - len(lost) - len(rows),
        lost=lost,
        moved=tuple((id_, now_at[id_]) for id_ in gone if id_ in now_at),
        orphaned=tuple(id_ for id_ in gone if id_ not in now_at),
        conflicts=tuple(_conflicts([one for one in wanted if one.passage_id in known], latest, now_at)),
    )


def _latest_by_place(
    connection: Connection, ids: Iterable[str], now_at: Mapping[str, str]
) -> dict[Key, Mapping[Any, Any]]:
    """Each reviewer's newest decision on each of these passages, whichever id it had then, and each concern."""
    places = {now_at.get(id_, id_) for id_ in ids}
    every = sorted(places | {before for before, now in now_at.items() if now in places})
    rows = sorted(latest_verdicts(connection, every), key=lambda row: row["seq"])
    return {_key(row, now_at): row for row in rows}


def _conflicts(
    decisions: Iterable[Decision], latest: Mapping[Key, Mapping[Any, Any]], now_at: Mapping[str, str]
) -> Iterator[Conflict]:
    """Where others have said something else of the same passage and concern, each two people once."""
    others: dict[tuple[str, ...], dict[str, Mapping[Any, Any]]] = defaultdict(dict)
    for key, row in latest.items():
        others[key[:3]][row["reviewer"]] = row
    told: set[tuple[str, ...]] = set()
    for one in decisions:
        named = "" if one.concern else one.concern_reviewed
        thing = (now_at.get(one.passage_id, one.passage_id), one.concern, named)
        if len(others[thing]) < 2:
            continue
        said = others[thing][one.reviewer]
        for reviewer, other in others[thing].items():
            pair = (*thing, *sorted((one.reviewer, reviewer)))
            if pair not in told and _contradict(said, other):
                told.add(pair)
                concern = one.concern or one.concern_reviewed
                yield Conflict(one.passage_id, concern, one.reviewer, _words(said), reviewer, _words(other))


def _contradict(said: Mapping[Any, Any], other: Mapping[Any, Any]) -> bool:
    """Whether two decisions cannot both be right; being unsure, or naming no stance, contradicts nobody."""
    one, two = _held(said), _held(other)
    if len(one) == len(two) == 2 and one.keys() != two.keys():
        return True  # each names another concern instead
    both = ((one[concern], two[concern]) for concern in one.keys() & two.keys())
    return any(a != b and (ABSENT in (a, b) or HOLDS not in (a, b)) for a, b in both)


def _held(decided: Mapping[Any, Any]) -> Judgement:
    """What a decision says of the concerns that it names."""
    named = tuple({decided["concern"], decided["concern_reviewed"]} - {""})
    found = judgements([decided], named)
    return next((judgement for passages in found.values() for judgement in passages.values()), {})


def _words(decided: Mapping[Any, Any]) -> str:
    """A decision in words: "accept", "accept (debt, raised)"."""
    shown = decided["predicted"].get("stance", "") if decided["concern"] and decided["decision"] == "accept" else ""
    concern = decided["concern_reviewed"] if decided["concern"] else ""
    more = [concern, decided["stance_reviewed"] or ("" if concern else shown)]
    return str(decided["decision"]) + (f" ({', '.join(filter(None, more))})" if any(more) else "")


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

    came_from: dict[str, list[str]] = defaultdict(list)
    for before, now in anchors(connection).items():
        came_from[now].append(before)
    asked = _DISPUTED if filters.is_disputed else _TAGGINGS
    for batch in _selected(connection, filters, only):
        seqs = [row["seq"] for row in batch]
        cities, around = cities_of(connection, seqs), _neighbours(connection, batch)
        marks, taggers = _by_passage(connection, _TAGS, seqs), _by_passage(connection, asked, seqs)
        verdicts = _verdicts(connection, [row["id"] for row in batch], came_from, is_told)
        for passage in batch:
            seq = passage["seq"]
            tagging = next(iter(taggers.get(seq, ())), None)
            disputed = tagging["disputed"] if tagging and filters.is_disputed else None
            pairs = _pairs(marks.get(seq, []), verdicts.get(passage["id"], []), filters, disputed)
            if pairs or is_untagged_wanted:
                yield Judged(passage, tuple(cities.get(seq, ())), *around[seq], tagging, tuple(pairs))


def _verdicts(
    connection: Connection,
    ids: Sequence[str],
    came_from: Mapping[str, Sequence[str]],
    is_told: Callable[[RowMapping], bool],
) -> dict[str, list[RowMapping]]:
    """{passage id: latest verdicts on it or on what it was before}, without those taken back."""
    now = {before: id_ for id_ in ids for before in came_from.get(id_, ())}
    rows = sorted(latest_verdicts(connection, [*ids, *now]), key=lambda row: row["seq"])
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for key, row in {_key(row, now): row for row in rows}.items():
        if row["decision"] != "withdraw" and is_told(row):
            found[key[0]].append(row)
    return found


def _selected(connection: Connection, filters: Filters, only: Sequence[str] | None) -> Iterator[Sequence[RowMapping]]:
    """The selected passages, some hundreds at a time."""
    query = select_passages(filters)
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
) -> list[tuple[RowMapping | None, RowMapping | None]]:
    pairs: list[tuple[RowMapping | None, RowMapping | None]] = []
    for tag in (tag for tag in marks if _is_wanted(tag, filters) and (disputed is None or tag["concern"] in disputed)):
        of_tag = [row for row in verdicts if row["concern"] == tag["concern"]]
        pairs.append((tag, max(of_tag, key=lambda row: row["seq"], default=None)))
    tagged = {tag["concern"] for tag in marks}
    alone: dict[tuple[str, str], RowMapping] = {}
    for row in sorted(verdicts, key=lambda row: row["seq"]):
        named = {row["concern"], row["concern_reviewed"]}
        is_wanted = (not filters.concern or named & set(filters.concern)) and (
            not filters.stance or row["stance_reviewed"] in filters.stance
        )
        if row["concern"] not in tagged and is_wanted and disputed is None:
            alone[row["concern"], "" if row["concern"] else row["concern_reviewed"]] = row
    return pairs + [(None, row) for row in alone.values()]


def _is_wanted(tag: RowMapping, filters: Filters) -> bool:
    is_of_concern = not filters.concern or tag["concern"] in filters.concern
    is_of_stance = not filters.stance or tag["stance"] in filters.stance
    return is_of_concern and is_of_stance and filters.min_score <= tag["score"] <= filters.max_score


def latest_verdicts(connection: Connection, ids: Sequence[str]) -> list[RowMapping]:
    """Each reviewer's newest decision on each of these passages and each concern."""
    newest: dict[Key, RowMapping] = {}
    for chunk in in_chunks(ids):
        query = select(reviews).where(reviews.c.passage_id.in_(chunk)).order_by(reviews.c.seq)
        for row in connection.execute(query).mappings():
            newest[_key(row)] = row
    return list(newest.values())


def _key(row: Mapping[Any, Any], now_at: Mapping[str, str] | None = None) -> Key:
    # Of a passage without a tag several may be missed: there the concern named tells one decision from another.
    named = "" if row["concern"] else row["concern_reviewed"]
    id_ = row["passage_id"]
    return ((now_at or {}).get(id_, id_), row["concern"], named, row["reviewer"])


class _Predicted(dict[str, dict[str, Any]]):
    """{concern: the tag as predicted now} of a passage."""

    is_current = True


def _predictions(connection: Connection, ids: set[str]) -> dict[str, _Predicted]:
    """The tags as predicted now, by passage id, of the passages in the store; those of gone ones as they were last."""
    found: dict[str, _Predicted] = {}
    tagged_by = (taggings.c.tagger_id, taggings.c.taxonomy_version)
    columns = (passages.c.id, passages.c.is_current, tags.c.concern, tags.c.stance, tags.c.score, *tagged_by)
    joined = passages.outerjoin(tags).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    for chunk in in_chunks(sorted(ids)):
        for row in connection.execute(select(*columns).select_from(joined).where(passages.c.id.in_(chunk))):
            tagged = found.setdefault(row.id, _Predicted())
            tagged.is_current = row.is_current
            if row.concern is not None:
                tagged[row.concern] = _prediction(row)
    _add_lost(connection, found)
    return found


def _add_lost(connection: Connection, found: Mapping[str, _Predicted]) -> None:
    """Of passages that are gone, the tags that they had last: what a reviewer of an older export was shown."""
    columns = (passages.c.id, lost_tags, taggings.c.tagger_id, taggings.c.taxonomy_version)
    joined = lost_tags.join(passages).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    query = select(*columns).select_from(joined).order_by(lost_tags.c.seq)
    lost: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for chunk in in_chunks([id_ for id_, tagged in found.items() if not tagged.is_current]):
        for row in connection.execute(query.where(passages.c.id.in_(chunk))):
            lost[row.id][row.until_run].append(row)
    for id_, by_run in lost.items():
        found[id_].update({row.concern: _prediction(row) for row in list(by_run.values())[-1]})


def _prediction(row: Any) -> dict[str, Any]:
    by = {"model_id": row.tagger_id, "taxonomy_version": row.taxonomy_version}
    return {"stance": row.stance, "score": row.score, **by}


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


def _by_passage(connection: Connection, query: Select[Any], seqs: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for chunk in in_chunks(seqs):
        for row in connection.execute(query.where(query.selected_columns.passage_seq.in_(chunk))).mappings():
            found.setdefault(row["passage_seq"], []).append(row)
    return found


def _neighbours(connection: Connection, batch: Sequence[RowMapping]) -> dict[int, tuple[str, str]]:
    """{passage seq: (text before, text after)} of the same document."""
    by_document: dict[int, dict[int, str]] = {}
    ordinals: dict[int, set[int]] = defaultdict(set)
    for row in batch:
        ordinals[row["document_seq"]].update((row["ordinal"] - 1, row["ordinal"] + 1))
    for chunk in in_chunks(sorted(ordinals)):
        low = min(min(ordinals[seq]) for seq in chunk)
        high = max(max(ordinals[seq]) for seq in chunk)
        query = select(passages.c.document_seq, passages.c.ordinal, passages.c.text).where(
            passages.c.document_seq.in_(chunk), passages.c.is_current, passages.c.ordinal.between(low, high)
        )
        for around_it in connection.execute(query):
            if around_it.ordinal in ordinals[around_it.document_seq]:
                by_document.setdefault(around_it.document_seq, {})[around_it.ordinal] = around_it.text
    around = {}
    for passage in batch:
        texts = by_document.get(passage["document_seq"], {})
        around[passage["seq"]] = (texts.get(passage["ordinal"] - 1, ""), texts.get(passage["ordinal"] + 1, ""))
    return around
