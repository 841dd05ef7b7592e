"""A document that is forgotten is gone from every table, and does not come back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, text

from ascn_nlp.errors import StoreError
from ascn_nlp.filters import Filters
from ascn_nlp.likeness import Pair, sketch
from ascn_nlp.records import Decision, Fetched, Found
from ascn_nlp.store import database, open_store
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store.passages import search
from ascn_nlp.store.registering import Registered, register
from ascn_nlp.store.reviews import save_decisions
from ascn_nlp.store.schema import metadata, reviews
from ascn_nlp.store.stories import save_pairs, save_sketches, save_verdict
from ascn_nlp.store.tombstones import all_stones, digests, find_documents, forget

SECRET = "Siti binti Ahmad"


@pytest.fixture
def full(corpus, store):
    """Two documents, of which one names a person everywhere it can."""
    [secret] = corpus.add(f"{SECRET} lives here", address="siti.pdf", title=SECRET, text=SECRET)
    [other] = corpus.add("Nobody lives here", address="other.pdf", sha256="cd" * 32)
    for passage in (secret, other):
        corpus.save_tags(passage, corpus.tag("surveillance"), cities=(("Jakarta", "ID"),))
        corpus.save_tags(passage, corpus.tag("privacy"))  # so that one is lost
    one = corpus.pending("siti.pdf")
    two = corpus.pending("other.pdf")
    with store.writing() as connection:
        document_rows.save_fetch(connection, one, Fetched("siti.pdf", Path("x"), ""), "ef" * 32, 1, corpus.run_id)
        made = {each.seq: ("key", sketch(["words " * 50])) for each in (one, two)}
        save_sketches(connection, made)
        save_pairs(connection, made, [Pair(one.seq, two.seq, 1.0)])
        save_verdict(connection, (one.id, two.id), "same", "ann", SECRET)
        given = Decision(secret.id, one.id, "privacy", "accept", "", "", SECRET, "ann")
        save_decisions(connection, [given, given._replace(passage_id=other.id, document_id=two.id)], "f" * 64)
    return one


def everything(store):
    """All that is stored, as text."""
    with store.reading() as connection:
        tables = {table.name: list(connection.execute(select(table))) for table in metadata.sorted_tables}
    return {name: rows for name, rows in tables.items() if rows}


def test_nothing_of_it_is_left_but_its_id_and_the_reason(full, corpus, store):
    assert SECRET in str(everything(store))
    with store.writing() as connection:
        gone = forget(connection, full.id, "takedown", "bo", corpus.run_id)
    left = everything(store)
    said_by_others = [row for row in left.pop("reviews") if row.document_id != full.id]
    assert len(said_by_others) == 1
    assert SECRET not in str(left) and "siti.pdf" not in str(left)
    assert (gone.document_id, gone.source_id, gone.passages, gone.reviews) == (full.id, "reports", 1, 1)
    assert gone.sha256s == ("ab" * 32, "ef" * 32)
    with store.reading() as connection:
        [stone] = all_stones(connection)
        assert search(connection, "Siti", Filters(), 5) == []
        assert [row["text"] for row in search(connection, "Nobody", Filters(), 5)] == ["Nobody lives here"]
        [note] = connection.scalars(select(reviews.c.note).where(reviews.c.document_id == full.id))
    assert (stone["document_id"], stone["reason"], stone["person"]) == (full.id, "takedown", "bo")
    assert note == ""


def test_bytes_that_another_document_has_too_are_not_named_for_removal(corpus, store):
    corpus.add("A", address="a.pdf")
    corpus.add("B", address="b.pdf")
    with store.writing() as connection:
        gone = forget(connection, corpus.pending("a.pdf").id, "why", "", corpus.run_id)
        assert (gone.sha256s, gone.shared_with) == ((), (corpus.pending("b.pdf", connection).id,))
        assert digests(connection) == {}  # the other document is not forgotten


def test_it_does_not_come_back_with_the_next_listing(corpus, store):
    corpus.add("A", address="a.pdf")
    one = corpus.pending("a.pdf")
    with store.writing() as connection:
        forget(connection, one.id, "why", "", corpus.run_id)
        found = [Found("reports", "a.pdf", "/x/a.pdf"), Found("reports", "b.pdf", "/x/b.pdf")]
        assert register(connection, "reports", found, "r2") == Registered(new=1, forgotten=1)
        assert [one.address for one in document_rows.pending(connection)] == ["b.pdf"]


def test_a_document_is_found_by_id_or_address(corpus, store):
    corpus.add("A", address="a.pdf")
    corpus.add("B", address="a.pdf", source_id="news")
    with store.reading() as connection:
        assert [row["source_id"] for row in find_documents(connection, "a.pdf")] == ["reports", "news"]
        one = find_documents(connection, "a.pdf")[0]["id"]
        assert [row["id"] for row in find_documents(connection, one)] == [one]
        assert find_documents(connection, "a.%") == []


def test_a_file_that_another_program_reads_is_not_said_to_be_clean(sqlite_corpus, sqlite_store, monkeypatch):
    sqlite_corpus.add("Some words")
    with sqlite_store.writing() as connection:
        forget(connection, sqlite_corpus.pending("a.pdf").id, "why", "", sqlite_corpus.run_id)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    impatient = open_store(sqlite_store.engine.url.render_as_string())
    with sqlite_store.reading() as connection:
        connection.execute(text("SELECT count(*) FROM passages")).scalar()
        with pytest.raises(StoreError, match=r"another program|locked") as caught:
            impatient.wipe()
    impatient.close()
    assert "forget --wipe" in caught.value.remedy
    sqlite_store.wipe()


def test_copies_from_before_are_named(corpus, store):
    assert store.copies() == []


def test_its_words_are_not_left_in_the_file(sqlite_corpus, sqlite_store, tmp_path):
    words = "Kartini Xylophone " * 400
    sqlite_corpus.add(words, address="a.pdf", title=words, text=words)
    sqlite_corpus.add("Other words", address="b.pdf", sha256="cd" * 32)
    with sqlite_store.writing() as connection:
        connection.execute(text("SELECT 1"))
        forget(connection, sqlite_corpus.pending("a.pdf").id, "why", "", sqlite_corpus.run_id)
    sqlite_store.wipe()
    sqlite_store.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file()).lower()
    assert b"other words" in left
    assert b"xylophone" not in left and b"kartini" not in left
