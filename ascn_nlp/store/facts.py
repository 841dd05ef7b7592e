"""What the report counts: passages that can be counted, the places they speak of, and their tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, func, not_, select, true

from ascn_nlp.dates import first_and_last_day
from ascn_nlp.filters import Filters
from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.passages import select_passages
from ascn_nlp.store.schema import documents, passage_cities, passages, taggings, tags

_BATCH = 5000


def _countable(filters: Filters, languages: Sequence[str], kinds_left_out: Sequence[str]) -> Select[Any]:
    """Row numbers of the selected passages that can be counted: of a known year, and their tags mean anything."""
    query = select_passages(filters).order_by(None).with_only_columns(passages.c.seq)
    query = query.join(taggings, taggings.c.passage_seq == passages.c.seq)
    query = query.where(passages.c.language.in_(languages), passages.c.kind.not_in(kinds_left_out))
    return query.where(documents.c.published_from.is_not(None))


def spoken_rows(
    connection: Connection, filters: Filters, languages: Sequence[str], kinds_left_out: Sequence[str], by_country: bool
) -> Iterator[RowMapping]:
    """Each countable passage with each place that it speaks of; a passage that speaks of none has no row.

    Columns: passage_id, document_id, story_id, source_id, publisher, genre, year (of publication), place, country. By
    country, a passage that names no city is on its document's country, if that is known.
    """
    chosen = _countable(filters, languages, kinds_left_out).subquery()
    place, country = _place(by_country)
    story = case((documents.c.story.is_(None), -documents.c.seq), else_=documents.c.story)
    columns = (
        passages.c.id.label("passage_id"),
        documents.c.id.label("document_id"),
        story.label("story_id"),
        documents.c.source_id,
        func.coalesce(documents.c.publisher, "").label("publisher"),
        func.coalesce(documents.c.genre, "other").label("genre"),
        func.substr(documents.c.published_from, 1, 4).label("year"),
        place.label("place"),
        country.label("country"),
    )
    joined = passages.join(chosen, chosen.c.seq == passages.c.seq).join(documents)
    cities = joined.join(passage_cities, passage_cities.c.passage_seq == passages.c.seq, isouter=by_country)
    query = select(*columns).select_from(cities).where(place.is_not(None), place != "")
    query = query.order_by(passages.c.seq, passage_cities.c.city).execution_options(yield_per=_BATCH)
    yield from connection.execute(query).mappings()


def _place(by_country: bool) -> tuple[Any, Any]:
    """(place, country) of a passage: a city and its country, or the country twice."""
    if not by_country:
        return passage_cities.c.city, passage_cities.c.country
    country = func.coalesce(passage_cities.c.country, documents.c.country)
    return country, country


def uncounted_rows(
    connection: Connection, filters: Filters, languages: Sequence[str], kinds_left_out: Sequence[str], by_country: bool
) -> list[RowMapping]:
    """How many passages speak of each place and cannot be counted, and why: so that no data is not taken for nothing.

    Columns: place, year (of publication, None where it is not known), genre, reason, passages. The reasons are those of
    ``counted``, and "outside": of another date than the filters ask for. Each passage is under the first that holds.
    """
    reason = _reason(filters, languages, kinds_left_out).label("reason")
    year = func.substr(documents.c.published_from, 1, 4).label("year")
    genre = func.coalesce(documents.c.genre, "other").label("genre")
    whenever = replace(filters, since="", until="")
    # Chosen first: a filter's cities are looked up in a query of their own, those told of are joined.
    chosen = select_passages(whenever).order_by(None).with_only_columns(passages.c.seq).subquery()
    joined = passages.join(chosen, chosen.c.seq == passages.c.seq).join(documents)
    joined = joined.join(taggings, taggings.c.passage_seq == passages.c.seq, isouter=True)
    cities = joined.join(passage_cities, passage_cities.c.passage_seq == passages.c.seq, isouter=by_country)
    place = _place(by_country)[0].label("place")
    found = select(passages.c.seq, place, year, genre, reason).select_from(cities).subquery()
    keys = (found.c.place, found.c.year, found.c.genre, found.c.reason)
    count = func.count(found.c.seq.distinct()).label("passages")
    wanted = select(*keys, count).where(found.c.reason != "counted", found.c.place.is_not(None), found.c.place != "")
    return list(connection.execute(wanted.group_by(*keys).order_by(*keys)).mappings())


class GivenTag(NamedTuple):
    """One tag of a countable passage."""

    passage_id: str
    concern: str
    stance: str
    score: float
    is_unsure: bool


def given_tags(
    connection: Connection, filters: Filters, languages: Sequence[str], kinds_left_out: Sequence[str]
) -> Iterator[GivenTag]:
    """The tags of the countable passages."""
    chosen = _countable(filters, languages, kinds_left_out).subquery()
    columns = (passages.c.id, tags.c.concern, tags.c.stance, tags.c.score, tags.c.is_unsure)
    query = select(*columns).select_from(tags.join(chosen, chosen.c.seq == tags.c.passage_seq).join(passages))
    for row in connection.execute(query.order_by(tags.c.passage_seq, tags.c.concern)):
        yield GivenTag(*row)


def counted(
    connection: Connection, filters: Filters, languages: Sequence[str], kinds_left_out: Sequence[str]
) -> dict[str, int]:
    """{why a selected passage is not counted, or "counted": how many}; each passage is under the first that holds.

    undated: its document has no date, and so no year; language: in one that is not tagged; kind: no running text;
    untagged: not tagged yet.
    """
    reason = _reason(Filters(), languages, kinds_left_out).label("reason")
    query = select_passages(filters).order_by(None).with_only_columns(reason)
    chosen = query.join(taggings, taggings.c.passage_seq == passages.c.seq, isouter=True).subquery()
    rows = connection.execute(select(chosen.c.reason, func.count()).group_by(chosen.c.reason))
    found = {row[0]: row[1] for row in rows}
    return {name: found.get(name, 0) for name in ("counted", "undated", "language", "kind", "untagged")}


def _reason(filters: Filters, languages: Sequence[str], kinds_left_out: Sequence[str]) -> Any:
    """Why a passage is not counted, or "counted"."""
    is_asked: list[ColumnElement[bool]] = [true()]
    if filters.since:
        is_asked.append(documents.c.published_from >= first_and_last_day(filters.since)[0])
    if filters.until:
        is_asked.append(documents.c.published_to <= first_and_last_day(filters.until)[1])
    return case(
        (documents.c.published_from.is_(None), "undated"),
        (not_(and_(*is_asked)), "outside"),
        (passages.c.language.not_in(languages), "language"),
        (passages.c.kind.in_(kinds_left_out), "kind"),
        (taggings.c.passage_seq.is_(None), "untagged"),
        else_="counted",
    )


def cited_documents(connection: Connection, ids: Sequence[str]) -> Iterator[RowMapping]:
    """Of each of these documents what names it, in their order: no text.

    Columns: id, title, publisher, genre, source_id, published, date_basis, url, sha256.
    """
    told = documents.c
    columns = (told.id, told.title, told.publisher, told.genre, told.source_id, told.published, told.date_basis)
    for chunk in in_chunks(ids):
        query = select(*columns, told.url, told.sha256).where(told.id.in_(chunk))
        rows = {row["id"]: row for row in connection.execute(query).mappings()}
        yield from (rows[id_] for id_ in chunk if id_ in rows)


def documents_selected(connection: Connection, filters: Filters) -> tuple[int, int]:
    """(documents with a passage that is selected, those among them that have no date)."""
    query = select_passages(filters).order_by(None).with_only_columns(documents.c.seq, documents.c.published_from)
    chosen = query.distinct().subquery()
    dated = func.count(chosen.c.published_from)
    every, known = connection.execute(select(func.count(), dated).select_from(chosen)).one()
    return every, every - known


def tagger_of(connection: Connection) -> str:
    """The id of the tagger that most passages were tagged with; "" where none were."""
    count = func.count()
    query = select(taggings.c.tagger_id).group_by(taggings.c.tagger_id).order_by(count.desc(), taggings.c.tagger_id)
    return connection.scalar(query.limit(1)) or ""
