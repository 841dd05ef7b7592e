"""Passages and their tags: written per document, selected by filters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    String,
    Table,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
    update,
)

from ascn_nlp.dates import first_and_last_day
from ascn_nlp.filters import Filters
from ascn_nlp.records import CityRef, Passage, Place, Tag, TaggedPassage
from ascn_nlp.store.chunks import in_chunks, near
from ascn_nlp.store.schema import documents, lost_tags, passage_cities, passages, reviews, taggings, tags

_tellers = documents.alias()
_DOCUMENT_COLUMNS = (
    documents.c.id.label("document_id"),
    documents.c.source_id,
    documents.c.address,
    documents.c.url,
    documents.c.title,
    documents.c.publisher,
    documents.c.genre,
    documents.c.country.label("document_country"),
    documents.c.published,
    documents.c.published_from,
    documents.c.published_to,
    documents.c.date_basis,
    documents.c.story,
    documents.c.fetched_at,
    documents.c.sha256,
    select(func.count())
    .select_from(_tellers)
    .where(_tellers.c.story == documents.c.story)
    .scalar_subquery()
    .label("appearances"),
)


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its row number and its document's, as the tagging stage takes it."""

    seq: int
    document_seq: int
    document_title: str
    read_key: str
    passage: Passage


def save_passages(connection: Connection, document_seq: int, new: Sequence[Passage], run_id: str) -> tuple[int, int]:
    """(added, dropped): makes ``new`` the current passages of a document.

    A passage with the same id keeps its row, and with it its tags and reviews; one that is no longer there is kept too,
    marked as not current, and loses its tags.
    """
    of_document = passages.c.document_seq == document_seq
    columns = (passages.c.seq, passages.c.id, passages.c.is_current)
    known = {row.id: row for row in connection.execute(select(*columns).where(of_document))}
    rows = [_row(document_seq, passage) for passage in new]
    if added := [row for row in rows if row["id"] not in known]:
        connection.execute(insert(passages), added)
    if kept := [{**row, "the_id": row.pop("id")} for row in rows if row["id"] in known]:
        connection.execute(update(passages).where(passages.c.id == bindparam("the_id")), kept)
    ids = {passage.id for passage in new}
    dropped = [id_ for id_, row in known.items() if row.is_current and id_ not in ids]
    if dropped:
        drop = update(passages).where(passages.c.id == bindparam("the_id")).values(is_current=False)
        connection.execute(drop, [{"the_id": id_} for id_ in dropped])
        _save_lost(connection, _take_tags(connection, [known[id_].seq for id_ in dropped]).values(), run_id)
    return len(added), len(dropped)


def load_passages(connection: Connection, first: int, last: int) -> Iterator[list[StoredPassage]]:
    """The current passages of the documents with first <= seq <= last, a list per document, in reading order."""
    query = (
        select(passages, documents.c.id.label("document_id"), documents.c.title, documents.c.read_key)
        .join_from(passages, documents)
        .where(passages.c.document_seq.between(first, last), passages.c.is_current)
        .order_by(passages.c.document_seq, passages.c.ordinal)
    )
    group: list[StoredPassage] = []
    for row in connection.execute(query).mappings():
        if group and group[-1].document_seq != row["document_seq"]:
            yield group
            group = []
        about = (row["document_seq"], row["title"] or "", row["read_key"] or "")
        group.append(StoredPassage(row["seq"], *about, _passage(row)))
    if group:
        yield group


def current_tags(connection: Connection, seqs: Sequence[int]) -> dict[int, dict[str, tuple[str, float]]]:
    """{passage seq: {concern: (stance, score)}} of the stored predictions."""
    found: dict[int, dict[str, tuple[str, float]]] = defaultdict(dict)
    for chunk in in_chunks(seqs):
        for row in connection.execute(select(tags).where(tags.c.passage_seq.in_(chunk))):
            found[row.passage_seq][row.concern] = (row.stance, row.score)
    return found


def save_tags(
    connection: Connection,
    tagged: Sequence[tuple[int, TaggedPassage]],
    tagger_id: str,
    taxonomy_version: str,
    run_id: str,
    concerns: Iterable[str] = (),
) -> None:
    """Replace the predictions on these passages (of these concerns only, when any are named). Reviews stay."""
    wanted = tuple(concerns)
    seqs = [seq for seq, _ in tagged]
    before = _take_tags(connection, seqs, wanted)
    rows = [_tag_row(seq, tag) for seq, one in tagged for tag in one.tags if not wanted or tag.concern in wanted]
    for row in rows:
        same = before.pop((row["passage_seq"], row["concern"], row["stance"]), None)
        row["since_run"] = same.since_run if same else run_id
    if rows:
        connection.execute(insert(tags), rows)
    _save_lost(connection, before.values(), run_id)
    if wanted:
        for chunk in in_chunks(seqs):
            changed = update(taggings).where(taggings.c.passage_seq.in_(chunk))
            connection.execute(changed.values(run_id=run_id))
        return
    for replaced in (taggings, passage_cities):
        for chunk in in_chunks(seqs):
            connection.execute(delete(replaced).where(replaced.c.passage_seq.in_(chunk)))
    run = {"tagger_id": tagger_id, "taxonomy_version": taxonomy_version, "run_id": run_id}
    if tagged:
        connection.execute(insert(taggings), [{**_tagging_row(seq, one), **run} for seq, one in tagged])
    cities = [_city_row(seq, city) for seq, one in tagged for city in one.cities]
    if cities:
        connection.execute(insert(passage_cities), cities)


def _take_tags(
    connection: Connection, seqs: Sequence[int], concerns: Sequence[str] = ()
) -> dict[tuple[int, str, str], Row[Any]]:
    """{(passage, concern, stance): tag} of these passages, and concerns if any are named; they are stored no more."""
    taken: dict[tuple[int, str, str], Row[Any]] = {}
    for chunk in in_chunks(seqs):
        these = [tags.c.passage_seq.in_(chunk), *([tags.c.concern.in_(concerns)] if concerns else [])]
        columns = (tags.c.passage_seq, tags.c.concern, tags.c.stance, tags.c.score, tags.c.since_run)
        for row in connection.execute(select(*columns).where(*these)):
            taken[row.passage_seq, row.concern, row.stance] = row
        connection.execute(delete(tags).where(*these))
    return taken


def _save_lost(connection: Connection, lost: Iterable[Row[Any]], run_id: str) -> None:
    """Note down tags that this run no longer gives, so that it can be told what other runs gave."""
    rows = [{**row._asdict(), "until_run": run_id} for row in lost]
    if rows:
        connection.execute(insert(lost_tags), rows)


def mark_tagged(connection: Connection, keys: Sequence[tuple[int, str]]) -> None:
    """Record (document seq, key) of what the tagging stage has finished."""
    if keys:
        statement = update(documents).where(documents.c.seq == bindparam("the_seq")).values(tagged_key=bindparam("key"))
        connection.execute(statement, [{"the_seq": seq, "key": key} for seq, key in keys])


def passage_counts(connection: Connection, first: int = 0, last: int | None = None) -> dict[int, int]:
    """{document seq: number of its current passages}, without documents that have none."""
    query = select(passages.c.document_seq, func.count()).where(passages.c.is_current, passages.c.document_seq >= first)
    if last is not None:
        query = query.where(passages.c.document_seq <= last)
    return {row[0]: row[1] for row in connection.execute(query.group_by(passages.c.document_seq))}


def select_passages(filters: Filters) -> Select[Any]:
    """The current passages, with their documents, that a set of filters is about; ordered as read."""
    conditions = [passages.c.is_current, *_document_conditions(filters)]
    if filters.language:
        conditions.append(passages.c.language.in_(filters.language))
    if filters.city or filters.country:
        conditions.append(_speaks_of(filters))
    if filters.concern or filters.stance or filters.min_score or filters.max_score < 1:
        conditions.append(_has(tags, *tag_conditions(filters)))
    if filters.is_disputed:
        conditions.append(_has(taggings, taggings.c.is_disputed))
    if filters.is_unreviewed:
        conditions.append(_is_unreviewed(filters))
    query = select(*passages.c, *_DOCUMENT_COLUMNS).join_from(passages, documents).where(*conditions)
    return query.order_by(passages.c.document_seq, passages.c.ordinal)


def _has(said: Table, *conditions: Any) -> Any:
    """Whether there is a row of a table on the passage, whatever else the query that asks joins with that table."""
    return exists().where(said.c.passage_seq == passages.c.seq, *conditions).correlate(passages)


def _is_unreviewed(filters: Filters) -> Any:
    if filters.reviewed is None:
        return ~exists().where(reviews.c.passage_id == passages.c.id)
    # Written out in the statement: there may be more of them than it takes parameters.
    ids = bindparam("reviewed", sorted(filters.reviewed), String, unique=True, expanding=True, literal_execute=True)
    return passages.c.id.not_in(ids)


def selected_counts(connection: Connection, filters: Filters) -> dict[int, int]:
    """{document seq: number of its passages that are selected}, in the order of the documents."""
    chosen = select_passages(filters).order_by(None).subquery()
    query = select(chosen.c.document_seq, func.count()).group_by(chosen.c.document_seq).order_by(chosen.c.document_seq)
    return {row[0]: row[1] for row in connection.execute(query)}


def selected_seqs(connection: Connection, filters: Filters, first: int = 0, last: int | None = None) -> set[int]:
    """The row numbers of the selected passages of the documents with first <= seq <= last."""
    query = select_passages(filters).where(passages.c.document_seq >= first)
    chosen = (query if last is None else query.where(passages.c.document_seq <= last)).order_by(None).subquery()
    return set(connection.scalars(select(chosen.c.seq)))


def selected_ids(connection: Connection, filters: Filters) -> list[str]:
    """The ids of the selected passages, in reading order."""
    return list(connection.scalars(select_passages(filters).with_only_columns(passages.c.id)))


def leading_ids(connection: Connection, filters: Filters) -> list[str]:
    """The ids of the selected passages with a lead: a theme of which no concern was likely enough."""
    query = select_passages(filters).with_only_columns(passages.c.id)
    query = query.join(taggings, taggings.c.passage_seq == passages.c.seq).where(taggings.c.is_lead)
    return list(connection.scalars(query))


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage as far as sampling asks: what it scored, what it was given, and where it stands."""

    seq: int
    id: str
    document_seq: int
    scores: dict[str, float]
    concerns: frozenset[str]  # tagged
    is_lead: bool
    tagger_id: str
    cities: tuple[str, ...]


def scored_passages(connection: Connection, filters: Filters) -> Iterator[Scored]:
    """The selected passages that the tagger could judge, in reading order: not headings, nor other languages."""
    base = select_passages(filters)
    chosen = base.order_by(None).with_only_columns(passages.c.seq).subquery()
    concerns, cities = defaultdict(list), defaultdict(list)
    for seq, concern in connection.execute(
        select(tags.c.passage_seq, tags.c.concern).join(chosen, chosen.c.seq == tags.c.passage_seq)
    ):
        concerns[seq].append(concern)
    in_order = select(passage_cities.c.passage_seq, passage_cities.c.city).order_by(passage_cities.c.city)
    for seq, city in connection.execute(in_order.join(chosen, chosen.c.seq == passage_cities.c.passage_seq)):
        cities[seq].append(city)
    told = (taggings.c.scores, taggings.c.is_lead, taggings.c.tagger_id)
    query = base.with_only_columns(passages.c.seq, passages.c.id, passages.c.document_seq, *told)
    query = query.join(taggings, taggings.c.passage_seq == passages.c.seq)
    for row in connection.execute(query):
        if not row.scores:
            continue
        given = (frozenset(concerns.get(row.seq, ())), row.is_lead, row.tagger_id, tuple(cities.get(row.seq, ())))
        yield Scored(row.seq, row.id, row.document_seq, row.scores, *given)


def texts_of(connection: Connection, seqs: Sequence[int]) -> list[str]:
    """The texts of the passages with these row numbers, in their order."""
    found: dict[int, str] = {}
    for chunk in in_chunks(seqs):
        query = select(passages.c.seq, passages.c.text).where(passages.c.seq.in_(chunk))
        found.update((row.seq, row.text) for row in connection.execute(query))
    return [found[seq] for seq in seqs]


def tag_conditions(filters: Filters) -> list[Any]:
    """What a tag must fulfil to be of the filters' concern, stance and score."""
    conditions: list[Any] = []
    if filters.concern:
        conditions.append(tags.c.concern.in_(filters.concern))
    if filters.stance:
        conditions.append(tags.c.stance.in_(filters.stance))
    if filters.min_score:
        conditions.append(tags.c.score >= filters.min_score)
    if filters.max_score < 1:
        conditions.append(tags.c.score <= filters.max_score)
    return conditions


def cities_of(connection: Connection, seqs: Sequence[int]) -> dict[int, list[CityRef]]:
    """{passage seq: cities it speaks of}, in the order of their names."""
    found: dict[int, list[CityRef]] = defaultdict(list)
    wanted = set(seqs)
    for chunk in in_chunks(seqs):
        there = passage_cities.c
        columns = (there.passage_seq, there.city, there.country, there.basis)
        query = select(*columns).where(near(there.passage_seq, chunk)).order_by(there.city)
        for seq, city, country, basis in connection.execute(query).all():
            if seq in wanted:
                found[seq].append(CityRef(city, country, basis))
    return found


def search(connection: Connection, words: str, filters: Filters, limit: int) -> list[RowMapping]:
    """The selected passages that hold all the words (a phrase in double quotes), best match first; none for no word."""
    parts = [phrase or word for phrase, word in re.findall(r'"([^"]+)"|(\S+)', words)]
    if not any(character.isalnum() for part in parts for character in part):
        return []
    query = select_passages(filters).order_by(None).limit(limit)
    if connection.dialect.name == "sqlite":
        matching = table("passages_fts", column("rowid"), column("rank"))
        query = query.join(matching, matching.c.rowid == passages.c.seq)
        query = query.where(literal_column("passages_fts").op("MATCH")(_fts5(parts)))
        query = query.order_by(matching.c.rank, passages.c.seq)
    else:
        wanted = _tsquery(parts)
        rank = func.ts_rank(literal_column("passages.words"), wanted)
        query = query.where(literal_column("passages.words").op("@@")(wanted)).order_by(rank.desc(), passages.c.seq)
    return list(connection.execute(query).mappings())


def _tsquery(parts: Sequence[str]) -> ColumnElement[Any]:
    queries: list[ColumnElement[Any]] = [func.phraseto_tsquery("simple", part) for part in parts]
    return reduce(lambda one, other: one.op("&&")(other), queries)


def _fts5(parts: Sequence[str]) -> str:
    # Every word or quoted phrase becomes an FTS5 string, so that nothing typed is taken for FTS5's own syntax.
    return " ".join('"' + part.replace('"', '""') + '"' for part in parts)


def _document_conditions(filters: Filters) -> list[Any]:
    conditions: list[Any] = []
    if filters.source:
        conditions.append(documents.c.source_id.in_(filters.source))
    if filters.genre:
        conditions.append(documents.c.genre.in_(filters.genre))
    if filters.since:
        conditions.append(documents.c.published_from >= first_and_last_day(filters.since)[0])
    if filters.until:
        conditions.append(documents.c.published_to <= first_and_last_day(filters.until)[1])
    return conditions


def _speaks_of(filters: Filters) -> Any:
    def names(column_: Any, wanted: tuple[str, ...]) -> Any:
        return _has(passage_cities, column_.in_(wanted))

    conditions: list[Any] = []
    if filters.city:
        conditions.append(names(passage_cities.c.city, filters.city))
    if filters.country:
        country = names(passage_cities.c.country, filters.country)
        conditions.append(or_(country, documents.c.country.in_(filters.country)))
    return and_(*conditions)


def _row(document_seq: int, passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "document_seq": document_seq,
        "ordinal": passage.ordinal,
        "kind": passage.kind,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "heading": list(passage.heading),
        "context": passage.context,
        "places": [[place.page, place.label, place.bbox, place.start] for place in passage.places],
        "page": passage.places[0].page if passage.places else None,
        "language": passage.language,
        "doubts": passage.doubts,
        "is_current": True,
    }


def _passage(row: RowMapping) -> Passage:
    places = tuple(Place(page, label, tuple(bbox) if bbox else None, at) for page, label, bbox, at in row["places"])
    return Passage(
        id=row["id"],
        document_id=row["document_id"],
        ordinal=row["ordinal"],
        kind=row["kind"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        heading=tuple(row["heading"]),
        context=row["context"],
        places=places,
        language=row["language"],
        doubts=tuple((start, end) for start, end in row["doubts"]),
    )


def _tag_row(seq: int, tag: Tag) -> dict[str, Any]:
    evidence = [[e.start, e.end, e.text, e.why] for e in tag.evidence]
    judged = {"concern": tag.concern, "stance": tag.stance, "score": tag.score, "is_unsure": tag.is_unsure}
    return {"passage_seq": seq, **judged, "evidence": evidence}


def _tagging_row(seq: int, tagged: TaggedPassage) -> dict[str, Any]:
    mentions = [[m.kind, m.name, m.start, m.end] for m in tagged.mentions]
    leads = [[lead.theme, lead.score] for lead in tagged.leads]
    told = {"mentions": mentions, "scores": dict(tagged.scores), "leads": leads, "is_lead": bool(leads)}
    disputed = {"disputed": list(tagged.disputed), "is_disputed": bool(tagged.disputed)}
    return {"passage_seq": seq, **told, **disputed}


def _city_row(seq: int, city: CityRef) -> dict[str, Any]:
    return {"passage_seq": seq, "city": city.city, "country": city.country, "basis": city.basis}
