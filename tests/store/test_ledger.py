"""Every document's way through the stages."""

from __future__ import annotations

from ascn_nlp.errors import FetchError, TagError
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store.ledger import Entry, counts_by_stage, documents_as_of, path_of, record
from ascn_nlp.store.registering import register


def write(store, run_id, stage, *entries):
    with store.writing() as connection:
        record(connection, run_id, stage, entries)


def way(store, document_id):
    with store.reading() as connection:
        return [(row["stage"], row["outcome"], row["times"]) for row in path_of(connection, document_id)]


def test_what_is_as_it_was_is_counted_and_what_is_not_is_added(store):
    for run in ("r1", "r2", "r3"):
        write(store, run, "fetch", Entry("d1", "unchanged"))
    write(store, "r4", "fetch", Entry("d1", "failed", "404", "mend it", 3))
    write(store, "r5", "fetch", Entry("d1", "failed", "404", "mend it", 2))
    write(store, "r6", "fetch", Entry("d1", "failed", "500", "wait"))
    write(store, "r7", "fetch", Entry("d1", "unchanged"))
    assert way(store, "d1") == [
        ("fetch", "unchanged", 3),
        ("fetch", "failed", 2),
        ("fetch", "failed", 1),
        ("fetch", "unchanged", 1),
    ]
    with store.reading() as connection:
        rows = path_of(connection, "d1")
    assert (rows[0]["run_id"], rows[0]["last_run_id"]) == ("r1", "r3")
    assert rows[0]["first_at"] <= rows[0]["last_at"]
    assert (rows[1]["reason"], rows[1]["remedy"], rows[1]["tries"]) == ("404", "mend it", 2)


def test_stages_and_documents_have_ways_of_their_own(store):
    write(store, "r1", "fetch", Entry("d1", "fetched"), Entry("d2", "fetched"))
    write(store, "r1", "read", Entry("d1", "read"))
    write(store, "r2", "fetch", Entry("d2", "fetched"))
    assert way(store, "d1") == [("fetch", "fetched", 1), ("read", "read", 1)]
    assert way(store, "d2") == [("fetch", "fetched", 2)]
    assert way(store, "d3") == []


def test_more_documents_than_one_statement_takes_parameters(store):
    entries = [Entry(f"d{number}", "fetched") for number in range(1200)]
    write(store, "r1", "fetch", *entries)
    write(store, "r2", "fetch", *entries)
    assert way(store, "d0") == way(store, "d1199") == [("fetch", "fetched", 2)]


def test_each_stage_writes_its_part(corpus, store):
    corpus.add("Some words")
    one = corpus.pending("a.pdf")
    with store.writing() as connection:
        document_rows.save_unchanged(connection, one, corpus.run_id)
        error = FetchError("the server answered 500", "https://x.org", "wait")
        error.tries = 3
        document_rows.save_failure(connection, one, error, corpus.run_id)
        document_rows.save_failure(connection, one, TagError("the tagger failed", "x"), corpus.run_id)
        register(connection, "reports", [], corpus.run_id)
    told = way(store, one.id)
    assert told == [
        ("find", "new", 1),
        ("fetch", "fetched", 1),
        ("read", "read", 1),
        ("fetch", "unchanged", 1),
        ("fetch", "failed", 1),
        ("tag", "failed", 1),
        ("find", "gone", 1),
    ]
    with store.reading() as connection:
        assert [row["tries"] for row in path_of(connection, one.id) if row["outcome"] == "failed"] == [3, 1]
        counts = [tuple(row.values()) for row in counts_by_stage(connection)]
    assert counts == [
        ("reports", "fetch", "failed", 1),
        ("reports", "find", "gone", 1),
        ("reports", "read", "read", 1),
        ("reports", "tag", "failed", 1),
    ]


def test_which_documents_there_were_is_told_for_the_end_of_every_run(store):
    write(store, "r1", "read", Entry("d1", "read"), Entry("d2", "failed"), Entry("d3", "partly_read"))
    write(store, "r2", "read", Entry("d2", "read"))
    write(store, "r3", "find", Entry("d1", "gone"))
    write(store, "r3", "read", Entry("d1", "read"))  # it is still read while it is not listed
    write(store, "r4", "find", Entry("d1", "back"), Entry("d4", "back"))
    write(store, "r5", "forget", Entry("d3", "forgotten"))

    def there(run_id):
        with store.reading() as connection:
            return documents_as_of(connection, run_id)

    assert [sorted(there(f"r{number}")) for number in range(6)] == [
        [],
        ["d1", "d3"],
        ["d1", "d2", "d3"],
        ["d2", "d3"],
        ["d1", "d2", "d3"],
        ["d1", "d2"],
    ]
