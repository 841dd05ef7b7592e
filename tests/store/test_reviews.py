from __future__ import annotations

import itertools

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError

from ascn_nlp.filters import Filters
from ascn_nlp.records import Decision, passage_id
from ascn_nlp.review.columns import DECISIONS
from ascn_nlp.store.passages import save_passages
from ascn_nlp.store.reviews import anchors, count_reviews, judged_passages, save_decisions
from ascn_nlp.store.runs import start_run
from ascn_nlp.store.schema import reviews, taggings


def decision(passage, concern: str = "surveillance", verdict: str = "accept", **changes) -> Decision:
    values = {"concern_reviewed": "", "stance_reviewed": "", "note": "", "reviewer": "ann"} | changes
    return Decision(passage.id, passage.document_id, concern, verdict, **values)


_files = (f"{n:064x}" for n in itertools.count())


def save(corpus, *decisions: Decision, file: str = "") -> tuple[int, int, list[str]]:
    with corpus.store.writing() as connection:
        saved = save_decisions(connection, decisions, file or next(_files))
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
    kept = set(given._fields) - {"run_id"}
    assert {name: row[name] for name in kept} == {name: getattr(given, name) for name in kept}
    assert row["file_sha256"] == "e" * 64
    assert row["predicted"] == {
        "stance": "raised",
        "score": 0.8,
        "model_id": "rules-1",
        "taxonomy_version": "taxonomy-1",
    }


def test_the_same_file_twice_changes_nothing(corpus, tagged):
    given = [decision(tagged), decision(tagged, "privacy", "reject"), decision(tagged, "", concern_reviewed="debt")]
    assert save(corpus, *given, file="a" * 64) == (3, 0, [])
    before = history(corpus)
    for file in ("a" * 64, "b" * 64):
        assert save(corpus, *given, file=file) == (0, 3, [])
    assert history(corpus) == before


def test_an_older_file_does_not_bring_back_what_was_decided_otherwise_since(corpus, tagged):
    older, newer = (decision(tagged, verdict=verdict) for verdict in ("accept", "reject"))
    save(corpus, older, file="a" * 64)
    save(corpus, newer, file="b" * 64)
    with corpus.store.writing() as connection:
        saved = save_decisions(connection, [older], "a" * 64)
    assert (saved.added, saved.known, saved.superseded) == (0, 0, 1)
    assert [row["decision"] for row in history(corpus)] == ["accept", "reject"]
    assert save(corpus, older, file="c" * 64) == (1, 0, [])  # in another file it is a change of mind


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
    strange = decision(tagged)._replace(passage_id="pffff")
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
    save(corpus, decision(tagged, note="first"))
    assert save(corpus, decision(tagged, verdict=verdict)) == (1, 0, [])


def test_to_take_back_what_does_not_stand_says_nothing(corpus, tagged):
    assert save(corpus, decision(tagged, verdict="withdraw")) == (0, 1, [])
    save(corpus, decision(tagged))
    assert save(corpus, decision(tagged, verdict="withdraw")) == (1, 0, [])
    assert save(corpus, decision(tagged, verdict="withdraw")) == (0, 1, [])


# What was on show.


def retagged(corpus, passage, *tags, **options):
    """The run that gave a passage these tags instead."""
    with corpus.store.writing() as connection:
        corpus.run_id = start_run(connection, "retag", {})
    corpus.save_tags(passage, *tags, **options)
    return corpus.run_id


def predicted(corpus, given):
    save(corpus, given)
    return history(corpus)[-1]["predicted"]


def test_a_decision_is_on_the_tag_that_was_on_show_whatever_the_tagger_says_since(corpus, tagged):
    first = corpus.run_id
    second = retagged(corpus, tagged, corpus.tag("surveillance", "addressed"), corpus.tag("debt"))
    assert predicted(corpus, decision(tagged, run_id=first))["stance"] == "raised"
    assert predicted(corpus, decision(tagged, run_id=second, note="again"))["stance"] == "addressed"
    assert predicted(corpus, decision(tagged, "debt", run_id=first)) == {}
    rest = [predicted(corpus, decision(tagged, "", "reject", run_id=run, note=run)) for run in (first, second)]
    assert [sorted(tags) for tags in rest] == [["privacy", "surveillance"], ["debt", "surveillance"]]


@pytest.mark.parametrize("run_id", ["", "?", "r99991231T000000000-ffffff"])
def test_where_no_run_of_this_store_is_named_the_tags_are_those_of_now(corpus, tagged, run_id):
    retagged(corpus, tagged, corpus.tag("surveillance", "addressed"))
    assert predicted(corpus, decision(tagged, run_id=run_id))["stance"] == "addressed"


def test_a_run_over_some_concerns_is_the_one_whose_tags_are_on_show(corpus, tagged):
    first = corpus.run_id
    second = retagged(corpus, tagged, corpus.tag("privacy", "described"), concerns=("privacy",))
    with corpus.store.reading() as connection:
        [one] = judged_passages(connection, Filters())
    assert one.tagging["run_id"] == second
    stances = [
        predicted(corpus, decision(tagged, "privacy", run_id=run, note=run))["stance"] for run in (first, second)
    ]
    assert stances == ["addressed", "described"]


def test_a_passage_that_is_gone_had_the_tags_of_the_run_that_is_named(corpus, tagged):
    first = corpus.run_id
    second = retagged(corpus, tagged, corpus.tag("surveillance", "described"))
    with corpus.store.writing() as connection:
        corpus.run_id = start_run(connection, "refresh", {})
    reread(corpus, "Nothing of it")
    stances = [predicted(corpus, decision(tagged, run_id=run, note=run))["stance"] for run in (first, second)]
    assert stances == ["raised", "described"]


def test_what_is_overruled_by_the_same_person_later_is_not_given_out_again(corpus, tagged):
    save(corpus, decision(tagged, "", concern_reviewed="surveillance"), decision(tagged, "privacy", "reject"))
    save(corpus, decision(tagged, verdict="reject"), decision(tagged, "", concern_reviewed="privacy"))
    assert [row[1:] for row in judged(corpus)] == [
        ("privacy",),
        ("surveillance", "reject", "surveillance", ""),
        (None, "accept", "", "privacy"),
    ]


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


def test_what_others_said_of_the_same_before_is_told_beside_the_latest(corpus, tagged):
    rest, missed = {"concern": ""}, {"concern": "", "concern_reviewed": "debt", "stance_reviewed": "raised"}
    for person, verdict in (("ann", "accept"), ("bo", "reject"), ("cy", "unsure")):
        save(corpus, decision(tagged, verdict=verdict, reviewer=person))
        save(corpus, decision(tagged, **missed, reviewer=person))
    save(corpus, *(decision(tagged, verdict="reject", reviewer=person, **rest) for person in ("ann", "bo")))
    with corpus.store.reading() as connection:
        [one] = judged_passages(connection, Filters())
    told = [
        [
            (tag and tag["concern"], row and (row["concern_reviewed"], row["reviewer"], row["decision"]))
            for tag, row in of
        ]
        for of in (one.pairs, one.others)
    ]
    assert told == [
        [
            *(("privacy", None), ("surveillance", ("", "cy", "unsure"))),
            *((None, ("debt", "cy", "accept")), (None, ("", "bo", "reject"))),
        ],
        [
            *(("surveillance", ("", "ann", "accept")), ("surveillance", ("", "bo", "reject"))),
            *((None, ("debt", "ann", "accept")), (None, ("debt", "bo", "accept")), (None, ("", "ann", "reject"))),
        ],
    ]


def test_a_verdict_whose_tag_is_gone_has_a_row_and_finds_its_tag_again(corpus, tagged):
    save(corpus, decision(tagged), decision(tagged, verdict="reject", reviewer="bo"))
    corpus.save_tags(tagged)
    assert judged(corpus) == [("Cameras watch", None, "reject", "surveillance", "")]
    corpus.save_tags(tagged, corpus.tag("surveillance"))
    assert judged(corpus) == [("Cameras watch", "surveillance", "reject", "surveillance", "")]


def test_missed_tags_that_people_added_have_a_row_each(corpus):
    [passage] = corpus.add("Plain words")
    added = [decision(passage, "", concern_reviewed=name) for name in ("debt", "labour")]
    save(corpus, *added, added[0]._replace(reviewer="bo"))
    assert judged(corpus) == [
        ("Plain words", None, "accept", "", "debt"),
        ("Plain words", None, "accept", "", "labour"),
    ]
    save(corpus, added[1]._replace(decision="withdraw"))
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


@pytest.mark.parametrize("every", [2, 7], ids=["close together", "far apart"])
def test_passages_that_are_chosen_among_others_have_their_own_tags_and_cities_and_what_stands_around(corpus, every):
    texts = {f"{name}.pdf": [f"{name} {n}" for n in range(many)] for name, many in (("a", 5), ("b", 30), ("c", 1))}
    chosen = {}
    for address, words in texts.items():
        for n, passage in enumerate(corpus.add(*words, address=address)):
            is_chosen = n % every == 0
            corpus.save_tags(passage, corpus.tag("debt" if is_chosen else "privacy"), cities=((f"City {n % 3}", "ID"),))
            if is_chosen:
                chosen[passage.text] = (words[n - 1] if n else "", "".join(words[n + 1 : n + 2]), f"City {n % 3}")
    with corpus.store.reading() as connection:
        rows = list(judged_passages(connection, Filters(concern=("debt",))))
    assert {row.passage["text"]: (row.before, row.after, *(one.city for one in row.cities)) for row in rows} == chosen
    assert {tuple(tag["concern"] for tag, _ in row.pairs) for row in rows} == {("debt",)}
    with corpus.store.reading() as connection:
        [row] = judged_passages(connection, Filters(), only=[rows[1].passage["id"]])
    assert (row.before, row.after, row.cities[0].city) == chosen[row.passage["text"]]


def test_a_connection_can_still_write_after_rows_were_streamed_over_it(corpus, tagged):
    with corpus.store.writing() as connection:
        assert len(list(judged_passages(connection, Filters()))) == 1
        assert save_decisions(connection, [decision(tagged)], "f" * 64).added == 1


def test_an_export_left_half_way_does_not_hold_the_store(corpus, tagged):
    with corpus.store.reading() as connection:
        next(judged_passages(connection, Filters()))
    assert save(corpus, decision(tagged)) == (1, 0, [])


# Passages whose document was read anew.


def reread(corpus, *texts: str, address: str = "a.pdf") -> list:
    """The current passages of a document after it was read anew with these texts."""
    document = corpus.document(address)
    seen: dict[str, int] = {}
    found = []
    for n, words in enumerate(texts):
        seen[words] = seen.get(words, -1) + 1
        found.append(corpus.passage(document.id, words, n, id=passage_id(document.id, words, seen[words])))
    with corpus.store.writing() as connection:
        save_passages(connection, corpus.pending(address).seq, found, corpus.run_id)
    return found


def moved(corpus, *more) -> dict[str, str]:
    with corpus.store.reading() as connection:
        return anchors(connection, [one.id for one in more])


@pytest.mark.parametrize(
    ("words", "is_same"),
    [
        ("cameras  WATCH!", True), ("Cameras\nwatch", True), ("“Cameras” – watch", True), ("Came-ras watch", True),
        ("Cameras watched", False), ("Cameras watch 2", False), ("Watch cameras", False), ("Ça meras watch", False),
    ],
)  # fmt: skip
def test_a_passage_moves_to_the_same_letters_and_figures_in_the_same_order(corpus, tagged, words, is_same):
    save(corpus, decision(tagged))
    assert moved(corpus) == {}
    [now] = reread(corpus, words)
    assert moved(corpus) == ({tagged.id: now.id} if is_same else {})


def test_what_nobody_has_reviewed_moves_only_when_it_is_asked_for(corpus, tagged):
    [now] = reread(corpus, "Cameras watch!")
    assert moved(corpus) == {}
    assert moved(corpus, tagged) == {tagged.id: now.id}


def test_with_two_candidates_or_twice_the_same_text_before_a_passage_goes_nowhere(corpus, tagged):
    save(corpus, decision(tagged))
    reread(corpus, "Cameras watch!", "Cameras, watch")
    assert moved(corpus) == {}
    first, second = reread(corpus, "They watch", "They watch")
    save(corpus, decision(first), decision(second, verdict="reject"))
    reread(corpus, "They watch.", "Cameras; watch")
    assert set(moved(corpus)) == {tagged.id}


def test_the_words_of_another_document_are_no_candidate(corpus, tagged):
    save(corpus, decision(tagged))
    corpus.add("Cameras watch!", address="b.pdf")
    reread(corpus, "Nothing of it")
    assert moved(corpus) == {}


def test_a_passage_that_moved_twice_takes_both_verdicts_along(corpus, tagged):
    save(corpus, decision(tagged))
    [second] = reread(corpus, "Cameras watch!")
    save(corpus, decision(second, verdict="reject", reviewer="bo"))
    [third] = reread(corpus, "Cameras watch?")
    assert moved(corpus) == {tagged.id: third.id, second.id: third.id}
    with corpus.store.reading() as connection:
        found = {
            name: [verdict["decision"] for one in judged_passages(connection, Filters(), reviewer=name)
                   for _, verdict in one.pairs] for name in ("ann", "bo")
        }  # fmt: skip
    assert found == {"ann": ["accept"], "bo": ["reject"]}


def test_what_is_said_under_the_new_id_is_known_and_what_is_taken_back_there_is_gone(corpus, tagged):
    save(corpus, decision(tagged))
    [now] = reread(corpus, "Cameras watch!")
    corpus.save_tags(now, corpus.tag("surveillance"))
    assert judged(corpus)[0][2] == "accept"
    assert save(corpus, decision(now)) == (0, 1, [])
    assert save(corpus, decision(now, verdict="withdraw")) == (1, 0, [])
    assert judged(corpus) == [("Cameras watch!", "surveillance")]


def test_an_import_tells_what_moved_and_what_is_an_orphan_as_it_counts_afterwards(corpus):
    one, two, three = corpus.add("One stays", "Two moves", "Three goes")
    reread(corpus, "One stays", "Two, moves", "Four comes")
    with corpus.store.writing() as connection:
        given = [decision(passage) for passage in (one, two, three)]
        found = save_decisions(connection, given, "f" * 64)
    assert [before for before, _ in found.moved] == [two.id]
    assert found.orphaned == (three.id,)
    assert dict(found.moved) == moved(corpus)


def test_a_decision_on_what_is_gone_is_kept_with_the_tags_it_had_last(corpus, tagged):
    reread(corpus, "Nothing of it")
    save(corpus, decision(tagged), decision(tagged, "", concern_reviewed="debt"))
    first, second = (row["predicted"] for row in history(corpus))
    assert (first["stance"], first["score"], first["model_id"]) == ("raised", 0.8, "rules-1")
    assert {concern: tag["stance"] for concern, tag in second.items()} == {
        "surveillance": "raised",
        "privacy": "addressed",
    }


# Two people.


def conflicts(corpus, *decisions):
    with corpus.store.writing() as connection:
        saved = save_decisions(connection, decisions, next(_files))
    return [(one.concern, one.reviewer, one.says, one.other, one.other_says) for one in saved.conflicts]


ANN, BO = {"reviewer": "ann"}, {"reviewer": "bo"}


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ({}, {}, None),
        ({}, {"stance_reviewed": "raised"}, None),
        ({}, {"verdict": "unsure"}, None),
        ({}, {"verdict": "withdraw"}, None),
        ({}, {"note": "why?"}, None),
        ({"concern_reviewed": "labour"}, {"concern_reviewed": "labour", "verdict": "reject"}, None),
        ({"concern_reviewed": "debt"}, {"concern_reviewed": "labour"}, None),  # a passage may have both
        ({}, {"verdict": "reject"}, ("surveillance", "raised", "no")),
        ({}, {"stance_reviewed": "addressed"}, ("surveillance", "raised", "addressed")),
        ({}, {"concern_reviewed": "labour"}, ("surveillance", "raised", "no")),
        ({"concern": "", "concern_reviewed": "debt"}, {"concern": "", "verdict": "reject"}, ("debt", "yes", "no")),
        ({"concern_reviewed": "privacy"}, {"concern": "privacy", "verdict": "reject"}, ("privacy", "yes", "no")),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_one_file", [True, False])
def test_two_who_contradict_each_other_are_told_once(corpus, tagged, one, two, told, is_one_file):
    first, second = decision(tagged, **(one | ANN)), decision(tagged, **(two | BO))
    if is_one_file:
        found = conflicts(corpus, first, second)
        wanted = told and [(told[0], "ann", told[1], "bo", told[2])]
    else:
        assert conflicts(corpus, first) == []
        found = conflicts(corpus, second)
        wanted = told and [(told[0], "bo", told[2], "ann", told[1])]
    assert found == (wanted or [])
    assert len(history(corpus)) == (1 if two.get("verdict") == "withdraw" else 2)


def test_two_contradict_each_other_across_a_move(corpus, tagged):
    save(corpus, decision(tagged))
    [now] = reread(corpus, "Cameras watch!")
    corpus.save_tags(now, corpus.tag("surveillance"))
    assert conflicts(corpus, decision(now, verdict="reject", reviewer="bo")) == [
        ("surveillance", "bo", "no", "ann", "raised")
    ]


# Which passages and whose verdicts.


def test_named_passages_come_in_the_order_in_which_they_are_named(corpus):
    passages = corpus.add(*(f"words {n}" for n in range(1100)))
    ids = [one.id for one in passages[::-2]]
    with corpus.store.reading() as connection:
        found = [one.passage["id"] for one in judged_passages(connection, Filters(), True, [*ids, "p0"])]
        assert list(judged_passages(connection, Filters(source=("elsewhere",)), True, ids)) == []
        assert list(judged_passages(connection, Filters(), True, [])) == []
    assert found == ids


def test_of_one_reviewer_the_verdicts_of_others_are_not_told(corpus, tagged):
    save(corpus, decision(tagged), decision(tagged, verdict="reject", reviewer="bo"))
    with corpus.store.reading() as connection:
        found = {
            name: [verdict and verdict["decision"] for one in judged_passages(connection, Filters(), reviewer=name)
                   for tag, verdict in one.pairs if tag["concern"] == "surveillance"]
            for name in ("", "ann", "bo", "cy")
        }  # fmt: skip
    assert found == {"": ["reject"], "ann": ["accept"], "bo": ["reject"], "cy": [None]}


def test_tags_in_dispute_and_tags_scored_at_most_so_high(corpus, tagged):
    assert judged(corpus, max_score=0.7) == [("Cameras watch", "privacy")]
    assert judged(corpus, max_score=0.5) == []
    assert judged(corpus, is_disputed=True) == []
    with corpus.store.writing() as connection:
        connection.execute(update(taggings).values(disputed=["privacy"], is_disputed=True))
    assert judged(corpus, is_disputed=True) == [("Cameras watch", "privacy")]


def test_the_number_of_statements_does_not_grow_with_the_passages(sqlite_corpus):
    counts = {}
    for many in (50, 500):
        passages = sqlite_corpus.add(*(f"words {n} of {many}" for n in range(many)), address=f"{many}.pdf")
        statements: list[str] = []

        def listen(*args, into=statements):
            into.append(args[2])

        event.listen(sqlite_corpus.store.engine, "before_cursor_execute", listen)
        given = [decision(one, verdict=verdict) for one in passages for verdict in ("accept",)]
        with sqlite_corpus.store.writing() as connection:
            assert save_decisions(connection, given, "f" * 64).added == many
            ids = [one.id for one in passages]
            assert len(list(judged_passages(connection, Filters(), True, ids, "ann"))) == many
        event.remove(sqlite_corpus.store.engine, "before_cursor_execute", listen)
        counts[many] = len(statements)
    assert counts[500] <= counts[50] + 4
