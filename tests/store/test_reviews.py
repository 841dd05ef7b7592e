from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ascn_nlp.filters import Filters
from ascn_nlp.records import Decision
from ascn_nlp.review.columns import DECISIONS
from ascn_nlp.store.passages import save_passages
from ascn_nlp.store.reviews import count_reviews, judged_passages, save_decisions
from ascn_nlp.store.schema import reviews


def decision(passage, concern: str = "surveillance", verdict: str = "accept", **changes) -> Decision:
    values = {"concern_reviewed": "", "stance_reviewed": "", "note": "", "reviewer": "ann"} | changes
    return Decision(passage.id, passage.document_id, concern, verdict, **values)


def save(corpus, *decisions: Decision, file: str = "f" * 64) -> tuple[int, int, list[str]]:
    with corpus.store.writing() as connection:
        saved = save_decisions(connection, decisions, file)
    return saved.added, saved.known, list(saved.lost)


def history(corpus) -> list[dict]:
    with corpus.store.reading() as connection:
        return [dict(row) for row in connection.execute(select(reviews).order_by(reviews.c.seq)).mappings()]


def judged(corpus, is_untagged_wanted: bool = False, **filters) -> list[tuple]:
    """(passage's words, concern of the tag, verdict, its concern, its correction) of each row."""
    with corpus.store.reading() as connection:
        return [
            (
                one.passage["text"],
                tag and tag["concern"],
                *((verdict[name] for name in ("decision", "concern", "concern_reviewed")) if verdict else ()),
            )
            for one in judged_passages(connection, Filters(**filters), is_untagged_wanted)
            for tag, verdict in one.pairs or [(None, None)]
        ]


@pytest.fixture
def tagged(corpus):
    [passage] = corpus.add("Cameras watch")
    corpus.save_tags(passage, corpus.tag("surveillance"), corpus.tag("privacy", "addressed", 0.6))
    return passage


def test_a_decision_is_kept_with_what_was_predicted_and_where_it_came_from(corpus, tagged):
    given = decision(tagged, stance_reviewed="described", note="ก “quoted”, 'and' more")
    assert save(corpus, given, file="e" * 64) == (1, 0, [])
    [row] = history(corpus)
    assert {name: row[name] for name in given.__dataclass_fields__} == {
        name: getattr(given, name) for name in given.__dataclass_fields__
    }
    assert row["file_sha256"] == "e" * 64
    assert row["predicted"] == {
        "stance": "raised",
        "score": 0.8,
        "model_id": "rules-1",
        "taxonomy_version": "taxonomy-1",
    }


def test_the_same_file_twice_changes_nothing(corpus, tagged):
    given = [decision(tagged), decision(tagged, "privacy", "reject"), decision(tagged, "", concern_reviewed="debt")]
    assert save(corpus, *given) == (3, 0, [])
    before = history(corpus)
    assert save(corpus, *given) == (0, 3, [])
    assert history(corpus) == before


def test_the_same_decision_twice_in_one_import_is_kept_once(corpus, tagged):
    assert save(corpus, decision(tagged), decision(tagged)) == (1, 1, [])


def test_a_changed_mind_adds_to_the_history_and_rewrites_nothing(corpus, tagged):
    for verdict in ("accept", "reject", "accept", "withdraw"):
        assert save(corpus, decision(tagged, verdict=verdict)) == (1, 0, [])
    assert [row["decision"] for row in history(corpus)] == ["accept", "reject", "accept", "withdraw"]
    with corpus.store.reading() as connection:
        assert count_reviews(connection) == 4


@pytest.mark.parametrize("change", [{"note": "n"}, {"stance_reviewed": "raised"}, {"concern_reviewed": "privacy"}])
def test_a_changed_remark_is_a_decision_too(corpus, tagged, change):
    save(corpus, decision(tagged))
    assert save(corpus, decision(tagged, **change)) == (1, 0, [])


def test_two_reviewers_are_both_kept(corpus, tagged):
    assert save(corpus, decision(tagged), decision(tagged, verdict="reject", reviewer="bo")) == (2, 0, [])
    assert save(corpus, decision(tagged), decision(tagged, verdict="reject", reviewer="bo")) == (0, 2, [])
    assert [(row["reviewer"], row["decision"]) for row in history(corpus)] == [("ann", "accept"), ("bo", "reject")]


def test_decisions_on_unknown_passages_are_listed_and_the_others_taken(corpus, tagged):
    strange = replace(decision(tagged), passage_id="pffff")
    assert save(corpus, strange, decision(tagged)) == (1, 0, ["pffff"])
    assert len(history(corpus)) == 1


def test_a_decision_on_a_passage_no_longer_current_is_kept(corpus, tagged):
    with corpus.store.writing() as connection:
        save_passages(connection, corpus.pending("a.pdf").seq, [], corpus.run_id)
    assert save(corpus, decision(tagged)) == (1, 0, [])
    assert judged(corpus) == []
    with corpus.store.writing() as connection:
        save_passages(connection, corpus.pending("a.pdf").seq, [tagged], corpus.run_id)
    corpus.save_tags(tagged, corpus.tag("surveillance"))
    assert ("Cameras watch", "surveillance", "accept", "surveillance", "") in judged(corpus)


def test_a_decision_on_what_was_not_predicted_is_kept_with_all_that_was(corpus, tagged):
    save(corpus, decision(tagged, "", concern_reviewed="debt"), decision(tagged, "labour", "reject"))
    missed, other = [row["predicted"] for row in history(corpus)]
    assert {concern: tag["stance"] for concern, tag in missed.items()} == {
        "surveillance": "raised",
        "privacy": "addressed",
    }
    assert other == {}


@pytest.mark.parametrize("verdict", DECISIONS)
def test_every_decision_can_be_stored(corpus, tagged, verdict):
    assert save(corpus, decision(tagged, verdict=verdict)) == (1, 0, [])


def test_another_decision_cannot(corpus, tagged):
    with pytest.raises(IntegrityError):
        save(corpus, decision(tagged, verdict="maybe"))


def test_more_decisions_than_one_statement_takes_parameters(corpus):
    passages = corpus.add(*(f"words {n}" for n in range(1100)))
    given = [decision(passage) for passage in passages]
    assert save(corpus, *given) == (1100, 0, [])
    assert save(corpus, *given) == (0, 1100, [])
    assert len(judged(corpus)) == 1100


def test_a_tag_has_one_row_with_the_latest_verdict_or_none(corpus, tagged):
    save(corpus, decision(tagged, verdict="accept"))
    save(corpus, decision(tagged, verdict="reject", concern_reviewed="labour"))
    assert judged(corpus) == [
        ("Cameras watch", "privacy"),
        ("Cameras watch", "surveillance", "reject", "surveillance", "labour"),
    ]


def test_the_latest_of_two_reviewers_stands_until_it_is_withdrawn(corpus, tagged):
    save(corpus, decision(tagged), decision(tagged, verdict="reject", reviewer="bo"))
    assert judged(corpus, concern=("surveillance",))[0][2] == "reject"
    save(corpus, decision(tagged, verdict="withdraw", reviewer="bo"))
    assert judged(corpus, concern=("surveillance",))[0][2] == "accept"
    save(corpus, decision(tagged, verdict="withdraw"))
    assert judged(corpus, concern=("surveillance",)) == [("Cameras watch", "surveillance")]


def test_a_verdict_whose_tag_is_gone_has_a_row_and_finds_its_tag_again(corpus, tagged):
    save(corpus, decision(tagged), decision(tagged, verdict="reject", reviewer="bo"))
    corpus.save_tags(tagged)
    assert judged(corpus) == [("Cameras watch", None, "reject", "surveillance", "")]
    corpus.save_tags(tagged, corpus.tag("surveillance"))
    assert judged(corpus) == [("Cameras watch", "surveillance", "reject", "surveillance", "")]


def test_missed_tags_that_people_added_have_a_row_each(corpus):
    [passage] = corpus.add("Plain words")
    added = [decision(passage, "", concern_reviewed=name) for name in ("debt", "labour")]
    save(corpus, *added, replace(added[0], reviewer="bo"))
    assert judged(corpus) == [
        ("Plain words", None, "accept", "", "debt"),
        ("Plain words", None, "accept", "", "labour"),
    ]
    save(corpus, replace(added[1], decision="withdraw"))
    assert judged(corpus) == [("Plain words", None, "accept", "", "debt")]


def test_untagged_passages_have_a_row_only_when_wanted(corpus, tagged):
    corpus.add("Plain words", address="b.pdf")
    assert {row[0] for row in judged(corpus)} == {"Cameras watch"}
    assert judged(corpus, is_untagged_wanted=True)[-1] == ("Plain words", None)
    assert len(judged(corpus, is_untagged_wanted=True)) == 3


def test_a_filter_hides_tags_without_making_their_verdicts_look_orphaned(corpus, tagged):
    save(corpus, decision(tagged, "privacy"))  # a tag with score 0.6, addressed
    only = [("Cameras watch", "surveillance")]
    assert judged(corpus, min_score=0.7) == only
    assert judged(corpus, stance=("raised",)) == only
    assert judged(corpus, concern=("surveillance",)) == only
    assert judged(corpus, concern=("privacy",)) == [("Cameras watch", "privacy", "accept", "privacy", "")]


def test_unreviewed_passages_are_those_without_any_verdict(corpus, tagged):
    corpus.add("Plain words", address="b.pdf")
    save(corpus, decision(tagged))
    assert judged(corpus, is_untagged_wanted=True, is_unreviewed=True) == [("Plain words", None)]


def test_a_row_carries_what_stands_around_the_passage(corpus):
    first, second, third = corpus.add("One", "Two", "Three")
    corpus.add("Other", address="b.pdf")
    for passage in (first, second, third):
        corpus.save_tags(passage, corpus.tag("debt"), cities=(("Jakarta", "ID"), ("Bandung", "ID")))
    with corpus.store.reading() as connection:
        rows = list(judged_passages(connection, Filters()))
    assert [(row.before, row.after) for row in rows] == [("", "Two"), ("One", "Three"), ("Two", "")]
    assert [city.city for city in rows[0].cities] == ["Bandung", "Jakarta"]
    assert (rows[0].tagging["tagger_id"], rows[0].tagging["run_id"]) == ("rules-1", corpus.run_id)
    assert rows[0].passage["title"] == "Title of a.pdf"


def test_what_stands_around_comes_from_current_passages_and_from_across_batches(corpus):
    passages = corpus.add(*(f"words {n}" for n in range(1002)))
    with corpus.store.writing() as connection:
        save_passages(connection, corpus.pending("a.pdf").seq, passages[:-1], corpus.run_id)
    with corpus.store.reading() as connection:
        rows = list(judged_passages(connection, Filters(), is_untagged_wanted=True))
    assert [row.passage["text"] for row in rows] == [one.text for one in passages[:-1]]
    assert (rows[499].after, rows[500].before) == ("words 500", "words 499")
    assert (rows[0].before, rows[-1].after) == ("", "")


def test_a_connection_can_still_write_after_rows_were_streamed_over_it(corpus, tagged):
    with corpus.store.writing() as connection:
        assert len(list(judged_passages(connection, Filters()))) == 1
        assert save_decisions(connection, [decision(tagged)], "f" * 64).added == 1


def test_an_export_left_half_way_does_not_hold_the_store(corpus, tagged):
    with corpus.store.reading() as connection:
        next(judged_passages(connection, Filters()))
    assert save(corpus, decision(tagged)) == (1, 0, [])
