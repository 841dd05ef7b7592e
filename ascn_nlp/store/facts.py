"""What the report counts: passages that can be counted, the places they speak of, and their tags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, Select, case, func, select

from ascn_nlp.filters import Filters
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
    country = func.coalesce(passage_cities.c.country, documents.c.country) if by_country else passage_cities.c.country
    story = case((documents.c.story.is_(None), -documents.c.seq), else_=documents.c.story)
    columns = (
        passages.c.id.label("passage_id"),
        documents.c.id.label("document_id"),
        story.label("story_id"),
        documents.c.source_id,
        func.coalesce(documents.c.publisher, "").label("publisher"),
        func.coalesce(documents.c.genre, "other").label("genre"),
        func.substr(documents.c.published_from, 1, 4).label("year"),
        (country if by_country else passage_cities.c.city).label("place"),
        country.label("country"),
    )
    joined = passages.join(chosen, chosen.c.seq == passages.c.seq).join(documents)
    cities = joined.join(passage_cities, passage_cities.c.passage_seq == passages.c.seq, isouter=by_country)
    query = select(*columns).select_from(cities).where(columns[-2].is_not(None), columns[-2] != "")
    query = query.order_by(passages.c.seq, passage_cities.c.city).execution_options(yield_per=_BATCH)
    yield from connection.execute(query).mappings()


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
    reason = case(
        (documents.c.published_from.is_(None), "undated"),
        (passages.c.language.not_in(languages), "language"),
        (passages.c.kind.in_(kinds_left_out), "kind"),
        (taggings.c.passage_seq.is_(None), "untagged"),
        else_="counted",
    ).label("reason")
    query = select_passages(filters).order_by(None).with_only_columns(reason)
    chosen = query.join(taggings, taggings.c.passage_seq == passages.c.seq, isouter=True).subquery()
    rows = connection.execute(select(chosen.c.reason, func.count()).group_by(chosen.c.reason))
    found = {row[0]: row[1] for row in rows}
    return {name: found.get(name, 0) for name in ("counted", "undated", "language", "kind", "untagged")}


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
