"""Stages in batches: what a batch holds, and that a stage takes nothing but what is left to do."""

import threading
from contextlib import contextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp import pipeline
from ascn_nlp.errors import StoreError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import ALL, batches
from ascn_nlp.records import document_id
from ascn_nlp.retagging import retag

SEQS = st.lists(st.integers(0, 10_000), unique=True).map(sorted)


@given(SEQS, st.integers(1, 50), st.integers(0, 60))
def test_batches_hold_every_document_once_and_in_order(seqs, most, size):
    found = batches(seqs, most, lambda seq: size)
    assert [seq for batch in found for seq in seqs if batch.first <= seq <= batch.last] == seqs
    assert sum(batch.documents for batch in found) == len(seqs)
    assert all(before.last < after.first for before, after in pairwise(found))


@given(SEQS, st.integers(1, 50))
def test_batches_are_full_but_the_last(seqs, most):
    assert [batch.documents for batch in batches(seqs, most)][:-1] == [most] * (
        len(seqs) // most - (not len(seqs) % most)
    )


def test_a_document_that_fills_a_batch_alone_is_not_split():
    sizes = {1: 1, 2: 900, 3: 1}
    assert [batch.documents for batch in batches(list(sizes), 100, sizes.__getitem__)] == [2, 1]


def test_a_stage_over_all_documents_does_only_what_is_left(workplace):
    for number in range(3):
        workplace.put(f"{number}.txt")
    run = workplace.begin()["run_id"]
    place = workplace.workspace
    (first, *_) = batches([seq for (seq,) in workplace.rows("SELECT seq FROM documents")], 1)
    assert pipeline.fetch_batch(place, first, run)["fetched"] == 1
    assert pipeline.fetch_batch(place, ALL, run)["fetched"] == 2
    assert pipeline.fetch_batch(place, ALL, run) == {}
    assert pipeline.read_batch(place, first, run)["read"] == 1
    assert pipeline.read_batch(place, ALL, run)["read"] == 2
    assert pipeline.read_batch(place, ALL, run) == {}
    assert pipeline.tag_batch(place, first, run)["documents"] == 1
    assert pipeline.tag_batch(place, ALL, run)["documents"] == 2
    assert pipeline.tag_batch(place, ALL, run)["documents"] == 0


def test_a_stored_copy_that_was_deleted_is_fetched_again(workplace):
    workplace.put("a.txt")
    workplace.refresh()
    (copy,) = [path for path in workplace.workspace.raw.rglob("*") if path.is_file()]
    copy.unlink()
    workplace.refresh()
    assert copy.is_file()
    assert not pipeline.has_work(workplace.workspace)


def test_of_many_runs_that_begin_at_once_one_is_let_in(workplace):
    place, together, outcomes = workplace.workspace, threading.Barrier(8), []
    pipeline.store_of(place)

    def begin():
        together.wait()
        try:
            outcomes.append(pipeline.begin_run(place, "refresh"))
        except StoreError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert len([one for one in outcomes if isinstance(one, str)]) == 1


def test_a_run_is_refused_however_many_have_come_since_the_one_at_work(workplace):
    at_work = workplace.begin()["run_id"]
    with pipeline.store_of(workplace.workspace).writing() as connection:
        for number in range(9):
            connection.exec_driver_sql(
                "INSERT INTO runs (id, flow, state, pid, host, started_at, manifest, counts) "
                "SELECT ?, flow, 'done', pid, host, '2999-01-01 00:00:00', manifest, counts FROM runs WHERE id = ?",
                (f"r{number}", at_work),
            )
    with pytest.raises(StoreError, match=at_work):
        workplace.begin()


def test_the_tagger_is_loaded_once_for_workspaces_with_the_same_tables(workplaces, tmp_path):
    places = []
    for name in "ab":
        (tmp_path / name).mkdir()
        places.append(workplaces(tmp_path / name).workspace)
    assert pipeline.tagging_of(places[0]) is pipeline.tagging_of(places[1])


@contextmanager
def failing_on(document, tagging, monkeypatch):
    """Within it the tagger fails on this document."""
    real = type(tagging).tag_document

    def tag_document(self, passages, title=""):
        if passages[0].document_id == document:
            raise ValueError("a strange passage")
        return real(self, passages, title)

    with monkeypatch.context() as patch:
        patch.setattr(type(tagging), "tag_document", tag_document)
        yield


def test_a_fault_of_the_tagger_in_one_document_is_recorded_and_the_others_are_tagged(workplace, monkeypatch):
    for number in range(3):
        workplace.put(f"{number}.txt")
    tagging = pipeline.tagging_of(workplace.workspace)
    bad = document_id("papers", "1.txt")
    with failing_on(bad, tagging, monkeypatch):
        workplace.refresh()
    ((address, (stage, message, _)),) = workplace.failures().items()
    assert (address, stage) == ("1.txt", "tag") and "a strange passage" in message
    tagged = "SELECT count(DISTINCT document_seq) FROM passages JOIN taggings ON passage_seq = seq"
    assert workplace.rows(tagged) == [(2,)]
    workplace.refresh(failed_only=True)
    assert workplace.rows(tagged) == [(3,)] and not workplace.failures()


def test_a_fault_of_the_tagger_stops_no_retag_and_the_document_keeps_its_tags(workplace, monkeypatch):
    for number in range(3):
        workplace.put(f"{number}.txt")
    workplace.refresh()
    bad = document_id("papers", "1.txt")
    by_document = "SELECT d.address, t.run_id FROM taggings t JOIN passages p ON p.seq = passage_seq "
    by_document += "JOIN documents d ON d.seq = document_seq ORDER BY 1"
    before = dict(workplace.rows(by_document))
    with failing_on(bad, pipeline.tagging_of(workplace.workspace), monkeypatch):
        assert [str(one) for one in retag(workplace.workspace, Filters(), is_dry_run=True).failed]
        assert not workplace.failures()
        [error] = retag(workplace.workspace, Filters()).failed
    assert bad in str(error)
    ((address, (stage, message, _)),) = workplace.failures().items()
    assert (address, stage) == ("1.txt", "tag") and "a strange passage" in message
    after = dict(workplace.rows(by_document))
    assert {name for name in after if after[name] == before[name]} == {"1.txt"}
    assert workplace.rows("SELECT state FROM runs WHERE flow = 'retag'") == [("done",)]
    assert not retag(workplace.workspace, Filters()).failed
    assert not workplace.failures()
