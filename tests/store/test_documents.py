from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from ascn_nlp.errors import ExtractError, FetchError
from ascn_nlp.records import OUTCOMES, Fetched, Found, Issue, document_id
from ascn_nlp.store.documents import (
    counts_by_date,
    counts_by_outcome,
    forget_keys,
    pending,
    save_failure,
    save_fetch,
    save_reading,
    standing_failures,
    standing_issues,
)
from ascn_nlp.store.passages import mark_tagged
from ascn_nlp.store.registering import Registered, register
from ascn_nlp.store.schema import contents, documents, versions


def found(*addresses: str, fingerprint: str = "1-1", source: str = "reports") -> list[Found]:
    return [Found(source, address, f"/x/{address}", fingerprint) for address in addresses]


def do(store, work, *arguments, **options):
    with store.writing() as connection:
        return work(connection, *arguments, **options)


def the_pending(store, **options):
    with store.reading() as connection:
        return pending(connection, **options)


def rows_of(store, table):
    with store.reading() as connection:
        return list(connection.execute(select(table)).mappings())


def test_register_counts_new_and_gone_and_keeps_the_gone(store):
    assert do(store, register, "reports", found("a", "b"), "r") == Registered(2, 0)
    assert do(store, register, "reports", found("a", "b"), "r") == Registered(0, 0)
    assert do(store, register, "reports", found("b", "c"), "r") == Registered(1, 1)
    assert {one.address: one.is_gone for one in the_pending(store)} == {"a": True, "b": False, "c": False}


def test_a_document_that_comes_back_is_the_same_one(store):
    do(store, register, "reports", found("a"), "r")
    before = the_pending(store)[0]
    do(store, register, "reports", [], "r")
    assert do(store, register, "reports", found("a"), "r") == Registered(0, 0)
    assert the_pending(store) == [before]
    assert before.id == document_id("reports", "a")


def test_an_incomplete_listing_marks_nothing_gone(store):
    do(store, register, "reports", found("a", "b"), "r")
    assert do(store, register, "reports", found("a"), "r", is_complete=False) == Registered(0, 0)
    assert not any(one.is_gone for one in the_pending(store))


def test_sources_do_not_mark_each_others_documents_gone(store):
    do(store, register, "reports", found("a"), "r")
    assert do(store, register, "news", found("a", source="news"), "r") == Registered(1, 0)
    assert do(store, register, "news", [], "r") == Registered(0, 1)
    assert [one.is_gone for one in the_pending(store, source_ids=["reports"])] == [False]


def test_a_changed_file_or_a_moved_folder_is_seen(store):
    do(store, register, "reports", found("a"), "r")
    do(store, register, "reports", [Found("reports", "a", "/moved/a", "2-2")], "r")
    one = the_pending(store)[0]
    assert (one.location, one.found_fingerprint, one.fingerprint) == ("/moved/a", "2-2", "")


def test_more_documents_gone_than_one_statement_takes_parameters(store):
    names = [f"{n}.pdf" for n in range(1201)]
    do(store, register, "reports", found(*names), "r")
    assert do(store, register, "reports", found("0.pdf"), "r") == Registered(gone=1200)


def test_pending_is_cut_by_range_and_source(store):
    do(store, register, "reports", found("a", "b", "c"), "r")
    do(store, register, "news", found("n", source="news"), "r")
    seqs = [one.seq for one in the_pending(store)]
    assert seqs == sorted(seqs)
    assert [one.address for one in the_pending(store, first=seqs[1], last=seqs[2])] == ["b", "c"]
    assert [one.address for one in the_pending(store, source_ids=["news"])] == ["n"]
    assert the_pending(store, source_ids=[]) == []


def test_a_fetch_is_new_once_and_every_version_is_kept(store):
    do(store, register, "reports", found("a"), "r")

    def fetch(sha256: str) -> bool:
        fetched = Fetched("a", Path("x"), "text/html", "https://x.org/a", (("etag", "1"), ("etag", "2")))
        return do(store, save_fetch, the_pending(store)[0], fetched, sha256 * 32, 2, "r")

    assert [fetch("aa"), fetch("aa"), fetch("bb"), fetch("aa"), fetch("aa")] == [True, False, True, True, False]
    one = the_pending(store)[0]
    assert (one.sha256, one.fingerprint, one.declared_type, one.final_url) == (
        "aa" * 32,
        "1-1",
        "text/html",
        "https://x.org/a",
    )
    assert one.fetched_at is not None
    kept = rows_of(store, versions)
    assert {row["sha256"] for row in kept} == {"aa" * 32, "bb" * 32}
    assert kept[0]["headers"] == [["etag", "1"], ["etag", "2"]]


def test_a_reading_is_recorded_whole(corpus, store):
    corpus.add("Some words", published="2021-02")
    row = rows_of(store, documents)[0]
    assert row["published"] == "2021-02"
    assert (row["published_from"], row["published_to"]) == ("2021-02-01", "2021-02-28")
    assert row["date_conflicts"] == [["2020", "url", "/2020/", 0.5]]
    assert (row["outcome"], row["pages"], row["url"]) == ("read", 2, "https://example.org/a.pdf")
    content = rows_of(store, contents)[0]
    assert content["text"] == "The text."
    header = {"text": "running head", "bbox": [72.0, 20.0, 140.0, 32.0]}
    first = {"number": 1, "label": "i", "width": 595.0, "height": 842.0, "problem": "", "recognised": ""}
    second = {"number": 2, "label": "", "width": 0.0, "height": 0.0, "problem": "a scan", "recognised": ""}
    assert content["pages"] == [{**first, "furniture": [header]}, {**second, "furniture": []}]


def test_a_second_reading_takes_the_place_of_the_first(corpus, store):
    corpus.add("Some words")
    second = corpus.document(published="", text="Other text.", outcome="partly_read")
    do(store, save_reading, corpus.pending("a.pdf").seq, second, "key-2", corpus.run_id)
    row = rows_of(store, documents)[0]
    assert (row["published"], row["published_from"], row["date_basis"], row["date_conflicts"]) == (None, None, None, [])
    assert row["outcome"] == "partly_read"
    assert [content["text"] for content in rows_of(store, contents)] == ["Other text."]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_can_be_stored(corpus, store, outcome):
    corpus.add("Some words", outcome=outcome)
    with store.reading() as connection:
        assert [dict(row) for row in counts_by_outcome(connection)] == [
            {"source_id": "reports", "outcome": outcome, "documents": 1}
        ]


def test_what_a_reader_remarked_stands_until_the_next_reading_whatever_it_signed_with(corpus, store):
    remarks = (Issue("extract", "2 pages unread", "use OCR"), Issue("language", "is in Thai"))
    corpus.add("Some words", issues=remarks)
    with store.reading() as connection:
        assert {row["message"] for row in standing_issues(connection)} == {"2 pages unread", "is in Thai"}
        assert standing_failures(connection) == []
    do(store, save_reading, corpus.pending("a.pdf").seq, corpus.document(), "key-2", corpus.run_id)
    with store.reading() as connection:
        assert standing_issues(connection) == []


def test_a_failed_fetch_is_recorded_and_settled_by_the_next_one(corpus, store):
    do(store, register, "reports", found("a.pdf"), "r")
    error = FetchError("the server answered 404", "https://x.org", "mend the address")
    do(store, save_failure, corpus.pending("a.pdf"), error, corpus.run_id)
    with store.reading() as connection:
        [row] = standing_failures(connection)
        assert (row["stage"], row["message"], row["remedy"]) == ("fetch", "the server answered 404", "mend the address")
        assert (row["source_id"], row["address"], row["outcome"]) == ("reports", "a.pdf", "failed")
        assert standing_failures(connection, ["news"]) == []
    one = corpus.pending("a.pdf")
    do(store, save_fetch, one, Fetched("a.pdf", Path("x"), ""), "aa" * 32, 0, corpus.run_id)
    with store.reading() as connection:
        assert standing_failures(connection) == []


def test_a_failure_said_twice_stands_once(corpus, store):
    do(store, register, "reports", found("a.pdf"), "r")
    for _ in range(3):
        do(store, save_failure, corpus.pending("a.pdf"), FetchError("no", "", ""), corpus.run_id)
    with store.reading() as connection:
        assert len(standing_failures(connection)) == 1


@pytest.mark.parametrize("outcome", ["read", "partly_read", "unread"])
def test_a_failed_fetch_leaves_the_outcome_of_an_earlier_reading(corpus, store, outcome):
    # Else an unread document whose site was down for a day would stay "failed" when the same bytes come back.
    corpus.add("Some words", outcome=outcome)
    before = corpus.pending("a.pdf")
    do(store, save_failure, before, FetchError("down", "", ""), corpus.run_id)
    assert corpus.pending("a.pdf") == before


@pytest.mark.parametrize(("outcome", "then"), [("read", "read"), ("partly_read", "partly_read"), ("unread", "failed")])
def test_a_failed_reading_leaves_words_that_were_read_before_and_sets_its_key(corpus, store, outcome, then):
    corpus.add("Some words", outcome=outcome)
    do(store, save_failure, corpus.pending("a.pdf"), ExtractError("damaged", "", ""), corpus.run_id, "key-2")
    one = corpus.pending("a.pdf")
    assert (one.outcome, one.read_key) == (then, "key-2")
    assert rows_of(store, contents)[0]["text"] == "The text."


def test_a_failed_reading_is_settled_by_one_that_works(corpus, store):
    corpus.add("Some words")
    do(store, save_failure, corpus.pending("a.pdf"), ExtractError("damaged", "", ""), corpus.run_id, "key-2")
    do(store, save_reading, corpus.pending("a.pdf").seq, corpus.document(), "key-3", corpus.run_id)
    with store.reading() as connection:
        assert standing_failures(connection) == []


def test_keys_are_kept_and_forgotten(corpus, store):
    corpus.add("Some words")
    seq = corpus.pending("a.pdf").seq
    do(store, mark_tagged, [(seq, "tagged-key")])
    one = corpus.pending("a.pdf")
    assert (one.read_key, one.tagged_key) == ("key", "tagged-key")
    do(store, forget_keys, [seq], "read_key")
    assert corpus.pending("a.pdf") == replace(one, read_key="")


@pytest.mark.parametrize(
    ("published", "since", "until", "where"),
    [
        ("2021", "2018", "2024", "in_window"),
        ("2024", "2018", "2024", "in_window"),
        ("2018", "2018", "2024", "in_window"),
        ("2024-12-31", "2018", "2024", "in_window"),
        ("2025-01-01", "2018", "2024", "out_of_window"),
        ("2021", "2021-03", "2024", "out_of_window"),
        ("2021-03", "2021-03", "2021-03", "in_window"),
        ("2021-03-05", "2021-03-05", "2021-03-05", "in_window"),
        ("", "2018", "2024", "undated"),
    ],
)
def test_documents_are_counted_by_the_whole_time_their_date_may_mean(corpus, store, published, since, until, where):
    corpus.add("Some words", published=published)
    with store.reading() as connection:
        counts = counts_by_date(connection, since, until)
    assert counts == {"in_window": 0, "out_of_window": 0, "undated": 0} | {where: 1}
