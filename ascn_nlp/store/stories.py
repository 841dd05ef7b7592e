"""Which documents tell the same story, and what people say of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, or_, select, update

from ascn_nlp.likeness import Pair, Sketch
from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.schema import documents, likenesses, pair_verdicts, passages, sketches

_READABLE = documents.c.outcome.in_(("read", "partly_read"))


def unsketched(connection: Connection, code: str, first: int = 0, last: int | None = None) -> list[tuple[int, str]]:
    """(seq, key of a sketch made now) of the readable documents whose sketch is of another reading or other code."""
    query = (
        select(documents.c.seq, documents.c.read_key, sketches.c.key)
        .join_from(documents, sketches, sketches.c.document_seq == documents.c.seq, isouter=True)
        .where(_READABLE, documents.c.read_key.is_not(None), documents.c.seq >= first)
        .order_by(documents.c.seq)
    )
    if last is not None:
        query = query.where(documents.c.seq <= last)
    keys = ((row.seq, f"{code}:{row.read_key}", row.key) for row in connection.execute(query))
    return [(seq, wanted) for seq, wanted, key in keys if key != wanted]


def texts_of(connection: Connection, seqs: Collection[int]) -> dict[int, list[str]]:
    """{document: texts of its current passages, in reading order}."""
    found: dict[int, list[str]] = {seq: [] for seq in seqs}
    for chunk in in_chunks(sorted(seqs)):
        query = select(passages.c.document_seq, passages.c.text).where(
            passages.c.document_seq.in_(chunk), passages.c.is_current
        )
        for row in connection.execute(query.order_by(passages.c.document_seq, passages.c.ordinal)):
            found[row.document_seq].append(row.text)
    return found


def save_sketches(connection: Connection, made: Mapping[int, tuple[str, Sketch]]) -> None:
    """Store {document: (key, sketch)} in place of their earlier ones; what they were alike to is to be asked again."""
    for chunk in in_chunks(sorted(made)):
        connection.execute(delete(sketches).where(sketches.c.document_seq.in_(chunk)))
        alike = or_(likenesses.c.one_seq.in_(chunk), likenesses.c.other_seq.in_(chunk))
        connection.execute(delete(likenesses).where(alike))
    rows = [
        {
            "document_seq": seq,
            "key": key,
            "words": one.words,
            "text_key": one.text_key,
            "signature": one.signature,
            "is_compared": False,
        }
        for seq, (key, one) in made.items()
    ]
    if rows:
        connection.execute(insert(sketches), rows)


def load_sketches(connection: Connection, code: str) -> dict[int, Sketch]:
    """{document: sketch} of all that can be read and have one of this code; those of other code are not like it."""
    query = select(sketches).join(documents, documents.c.seq == sketches.c.document_seq)
    query = query.where(_READABLE, sketches.c.key.startswith(f"{code}:", autoescape=True))
    query = query.order_by(sketches.c.document_seq)
    return {row.document_seq: Sketch(row.words, row.signature, row.text_key) for row in connection.execute(query)}


def sketched_words(connection: Connection) -> dict[int, int]:
    """{document: words in its sketch} of all that can be read and have one, of whatever code."""
    query = select(sketches.c.document_seq, sketches.c.words)
    query = query.join(documents, documents.c.seq == sketches.c.document_seq).where(_READABLE)
    return {row.document_seq: row.words for row in connection.execute(query.order_by(sketches.c.document_seq))}


def uncompared(connection: Connection) -> set[int]:
    """The documents whose sketch was not yet compared with the others."""
    return set(connection.scalars(select(sketches.c.document_seq).where(~sketches.c.is_compared)))


def save_pairs(connection: Connection, compared: Collection[int], pairs: Iterable[Pair]) -> None:
    """Store the pairs that were found for these documents, which count as compared from now on."""
    rows = [{"one_seq": min(pair.one, pair.other), "other_seq": max(pair.one, pair.other), "share": pair.share}
            for pair in pairs]  # fmt: skip
    for chunk in in_chunks(sorted(compared)):
        alike = or_(likenesses.c.one_seq.in_(chunk), likenesses.c.other_seq.in_(chunk))
        connection.execute(delete(likenesses).where(alike))
    if rows:
        connection.execute(insert(likenesses), rows)
    for chunk in in_chunks(sorted(compared)):
        connection.execute(update(sketches).where(sketches.c.document_seq.in_(chunk)).values(is_compared=True))


def load_pairs(connection: Connection) -> list[Pair]:
    """All pairs of documents that are alike."""
    query = select(likenesses).order_by(likenesses.c.one_seq, likenesses.c.other_seq)
    return [Pair(row.one_seq, row.other_seq, row.share) for row in connection.execute(query)]


def exact_pairs(connection: Connection) -> list[Pair]:
    """Documents of the same bytes, each with the first of them, however short they are."""
    query = select(documents.c.seq, documents.c.sha256).where(_READABLE, documents.c.sha256.is_not(None))
    rows = connection.execute(query.order_by(documents.c.seq)).all()
    first: dict[str, int] = {}
    for row in rows:
        first.setdefault(row.sha256, row.seq)
    return [Pair(first[row.sha256], row.seq, 1.0) for row in rows if first[row.sha256] != row.seq]


def save_verdict(connection: Connection, pair: tuple[str, str], verdict: str, reviewer: str, note: str) -> None:
    """Store what a person says of two documents; earlier verdicts stay, the newest counts."""
    one, other = sorted(pair)
    said = {"verdict": verdict, "reviewer": reviewer, "note": note, "at": datetime.now(UTC)}
    connection.execute(insert(pair_verdicts).values(one_id=one, other_id=other, **said))


def load_verdicts(connection: Connection) -> dict[str, list[tuple[int, int]]]:
    """{"same": pairs of documents, "different": pairs}, by the newest verdict on each pair that is there."""
    newest = select(func.max(pair_verdicts.c.seq)).group_by(pair_verdicts.c.one_id, pair_verdicts.c.other_id)
    seqs = {row.id: row.seq for row in connection.execute(select(documents.c.id, documents.c.seq))}
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in connection.execute(select(pair_verdicts).where(pair_verdicts.c.seq.in_(newest))):
        if row.one_id in seqs and row.other_id in seqs:
            found[row.verdict].append((seqs[row.one_id], seqs[row.other_id]))
    return found


def save_stories(connection: Connection, stories: Mapping[int, int]) -> int:
    """How many documents tell another story than was stored; all others tell none."""
    query = select(documents.c.seq, documents.c.story)
    changed = [
        {"the_seq": row.seq, "the_story": stories.get(row.seq)}
        for row in connection.execute(query)
        if row.story != stories.get(row.seq)
    ]
    if changed:
        statement = update(documents).where(documents.c.seq == bindparam("the_seq"))
        connection.execute(statement.values(story=bindparam("the_story")), changed)
    return len(changed)


def list_stories(connection: Connection, least: int = 2) -> list[list[RowMapping]]:
    """The stories that at least so many documents tell, largest first; of each document id, source and address."""
    counted = select(documents.c.story).where(documents.c.story.is_not(None))
    large = counted.group_by(documents.c.story).having(func.count() >= least)
    columns = (
        *(documents.c.seq, documents.c.id, documents.c.story, documents.c.source_id, documents.c.address),
        *(documents.c.title, documents.c.publisher, documents.c.published, documents.c.sha256),
    )
    query = select(*columns).where(documents.c.story.in_(large)).order_by(documents.c.story, documents.c.seq)
    found: dict[int, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["story"]].append(row)
    by_date = [sorted(rows, key=lambda row: (row["published"] or "9999", row["seq"])) for rows in found.values()]
    return sorted(by_date, key=lambda rows: (-len(rows), rows[0]["story"]))


def count_stories(connection: Connection) -> dict[str, int]:
    """Readable documents as ``appearances``, and the ``stories`` they tell; by publisher each story once."""
    total = select(func.count(), func.count(func.distinct(documents.c.story))).where(_READABLE)
    appearances, stories = connection.execute(total).one()
    pairs = select(documents.c.story, documents.c.publisher).where(_READABLE).distinct().subquery()
    publishers = connection.execute(select(func.count()).select_from(pairs)).scalar_one()
    return {"appearances": appearances, "stories": stories, "stories_by_publisher": publishers}
