"""A small made corpus in which it is decided beforehand who is silent on what; the matrix must find exactly that."""

from dataclasses import replace

import pandas as pd
import pytest

from ascn_nlp.report.frames import SPOKEN, TAGGED, Facts, Said, rejected, spoken_frame, tagged_frame
from ascn_nlp.report.matrix import ALL_YEARS, ENOUGH_STORIES, STATES, matrix
from ascn_nlp.report.sensitivity import sensitivity, variants
from ascn_nlp.review.estimates import Range, Rates

CONCERNS = ("surveillance", "displacement", "participation")
PLACES = ("Da Nang", "Phuket", "Cebu City", "Dili")


def facts(*passages, tags=()) -> Facts:
    """Passages as (id, document, story, place, year, genre?); tags as (passage, concern, stance, score?, review?)."""
    rows = [
        {
            "passage_id": p, "document_id": d, "story_id": s, "source_id": f"source of {d[0]}", "publisher": "x",
            "genre": more[0] if more else "news", "year": year, "place": place, "country": "XX",
        }
        for p, d, s, place, year, *more in passages
    ]  # fmt: skip
    tagged = [
        (p, concern, stance, more[0] if more else 0.9, False, more[1] if len(more) > 1 else "none")
        for p, concern, stance, *more in tags
    ]
    return Facts(spoken_frame(rows), pd.DataFrame(tagged, columns=list(TAGGED)))


def many(place, count, start=0):
    """So many passages of so many stories that speak of a place in 2020."""
    return [(f"{place}-{n}", f"d{place}-{n}", 1000 + n + start, place, 2020) for n in range(count)]


WORKED = facts(
    # Da Nang: surveillance is raised by two papers with one story and by another, and addressed by nobody;
    # displacement is raised and addressed.
    ("p1", "d1", 1, "Da Nang", 2020),
    ("p2", "d2", 1, "Da Nang", 2020),
    ("p3", "d3", 2, "Da Nang", 2021, "official_report"),
    ("p4", "d3", 2, "Da Nang", 2021, "official_report"),
    # Phuket: much is said, and nothing of participation; surveillance is described.
    *many("Phuket", ENOUGH_STORIES),
    # Cebu City: one fewer than that. Dili: nothing at all.
    *many("Cebu City", ENOUGH_STORIES - 1, 100),
    tags=[
        ("p1", "surveillance", "raised"),
        ("p2", "surveillance", "raised"),
        ("p3", "surveillance", "raised"),
        ("p3", "displacement", "raised"),
        ("p4", "displacement", "addressed"),
        ("p4", "participation", "addressed"),
        ("Phuket-3", "surveillance", "described"),
    ],
)
STATE = {
    ("surveillance", "Da Nang"): "unanswered",
    ("displacement", "Da Nang"): "answered",
    ("participation", "Da Nang"): "addressed",
    ("surveillance", "Phuket"): "described",
    ("displacement", "Phuket"): "silent",
    ("participation", "Phuket"): "silent",
    ("surveillance", "Cebu City"): "too little",
    ("displacement", "Cebu City"): "too little",
    ("participation", "Cebu City"): "too little",
    ("surveillance", "Dili"): "no data",
    ("displacement", "Dili"): "no data",
    ("participation", "Dili"): "no data",
}


def cells(of: Facts, years=(2020, 2021), by_year=True, **more) -> pd.DataFrame:
    return matrix(of, CONCERNS, PLACES, years, by_year, **more).set_index(["concern", "place", "year"])


def test_the_worked_example_has_the_states_that_were_decided_beforehand():
    found = cells(WORKED, by_year=False)
    assert {(c, p): row["state"] for (c, p, _), row in found.iterrows()} == STATE
    assert set(STATE.values()) == set(STATES), "every state occurs"


def test_counts_are_of_passages_documents_and_independent_stories():
    found = cells(WORKED, by_year=False).loc["surveillance", "Da Nang", ALL_YEARS]
    assert [found[f"raised_{unit}"] for unit in ("passages", "documents", "stories")] == [3, 3, 2]
    assert [found[unit] for unit in ("passages", "documents", "stories")] == [4, 3, 2]
    assert [found[f"addressed_{unit}"] for unit in ("passages", "documents", "stories")] == [0, 0, 0]
    assert (found["raised_official"], found["raised_independent"]) == (1, 1)


def test_years_are_apart_and_every_combination_has_a_row():
    found = cells(WORKED)
    assert len(found) == len(CONCERNS) * len(PLACES) * 2
    assert found.loc["surveillance", "Da Nang", 2020]["raised_stories"] == 1
    assert found.loc["surveillance", "Da Nang", 2021]["raised_stories"] == 1
    assert found.loc["surveillance", "Phuket", 2021]["state"] == "no data"


def test_shares_and_the_gap_index_are_what_a_hand_count_gives():
    found = cells(WORKED, by_year=False)
    one = found.loc["surveillance", "Da Nang", ALL_YEARS]
    assert one["share_raised"] == 1.0 and 0 < one["share_raised_low"] < 1 == one["share_raised_high"]
    assert one["gap"] == 1.0
    both = found.loc["displacement", "Da Nang", ALL_YEARS]
    assert (both["share_raised"], both["share_addressed"], both["gap"]) == (0.5, 0.5, 0.0)
    assert found.loc["participation", "Da Nang", ALL_YEARS]["gap"] == -1.0
    nothing = found.loc["displacement", "Phuket", ALL_YEARS]
    assert nothing["share_raised"] == 0 and nothing["share_raised_high"] < 0.2, "so few that silence can be told"
    assert pd.isna(nothing["gap"])
    assert pd.isna(found.loc["surveillance", "Dili", ALL_YEARS]["share_raised"])


def test_a_story_in_two_years_counts_in_both_and_once_in_all():
    of = facts(("p1", "d1", 7, "Da Nang", 2020), ("p2", "d2", 7, "Da Nang", 2021), tags=[
        ("p1", "surveillance", "raised"), ("p2", "surveillance", "addressed")])  # fmt: skip
    by_year = cells(of)
    assert [by_year.loc["surveillance", "Da Nang", y]["state"] for y in (2020, 2021)] == ["unanswered", "addressed"]
    assert cells(of, by_year=False).loc["surveillance", "Da Nang", ALL_YEARS]["state"] == "answered"


def test_a_passage_on_two_places_counts_for_both():
    of = facts(
        ("p1", "d1", 1, "Da Nang", 2020), ("p1", "d1", 1, "Phuket", 2020), tags=[("p1", "surveillance", "raised")]
    )
    found = cells(of, by_year=False)
    assert all(found.loc["surveillance", place, ALL_YEARS]["raised_stories"] == 1 for place in ("Da Nang", "Phuket"))


def test_counts_are_corrected_where_an_audit_tells_how_the_tagger_errs():
    rates = {"surveillance": Rates(Range(0.8, 0.7, 0.9), Range(0.5, 0.4, 0.6), None, None, 8, 2, 8)}
    found = cells(WORKED, by_year=False, rates=rates)
    one = found.loc["surveillance", "Da Nang", ALL_YEARS]
    assert one["raised_corrected"] == pytest.approx(3 * 0.8 + 1), "as many are missed as have no tag, and no more"
    assert one["raised_corrected_low"] < one["raised_corrected"] < one["raised_corrected_high"]
    assert one["raised_passages"] == 3, "the raw count stays beside it"
    assert pd.isna(found.loc["displacement", "Da Nang", ALL_YEARS]["raised_corrected"])


def test_what_people_read_whole_is_not_corrected():
    """Of Da Nang all was read, of Phuket all that has no tag: there nothing more can have been missed."""
    rates = dict.fromkeys(CONCERNS, Rates(Range(0.5, 0.4, 0.6), Range(0.5, 0.4, 0.6), None, None, 8, 2, 8))
    passages = [("a1", "d1", 1, "Da Nang", 2020), ("a2", "d1", 1, "Da Nang", 2020), ("a3", "d1", 1, "Da Nang", 2021),
                *((f"b{n}", "d2", 2, "Phuket", 2020) for n in range(4))]  # fmt: skip
    of = facts(
        *passages,
        tags=[("a1", "surveillance", "raised", 0.9, "accepted"), ("a2", "surveillance", "raised", 1.0, "added"),
              ("b0", "surveillance", "raised"), ("b1", "surveillance", "raised")],
    )  # fmt: skip
    of = replace(of, read=frozenset(("a1", "a2", "a3", "b2", "b3")), rejected=frozenset({("a3", "surveillance")}))
    found = cells(of, by_year=False, rates=rates)
    names = [f"raised_corrected{end}" for end in ("", "_low", "_high")]
    assert found.loc["surveillance", "Da Nang", ALL_YEARS][names].tolist() == [2, 2, 2]
    here = found.loc["surveillance", "Phuket", ALL_YEARS]
    assert here["raised_corrected"] == 2 * 0.5 and here["raised_corrected_high"] == 2
    by_year = cells(of, rates=rates)
    assert by_year.loc["surveillance", "Da Nang", 2020][names].tolist() == [2, 2, 2]


def test_a_tag_that_was_rejected_is_no_passage_in_which_one_was_missed():
    """Of eight passages four were tagged, wrongly two; of the other four two were read: half is left to be missed."""
    rates = {"surveillance": Rates(Range(1, 1, 1), Range(0.5, 0.5, 0.5), None, None, 8, 2, 8)}
    tags = [("p0", "surveillance", "raised", 0.9, "accepted"), ("p1", "surveillance", "raised", 0.9, "accepted")]
    of = facts(*((f"p{n}", "d1", 1, "Da Nang", 2020) for n in range(8)), tags=tags)
    of = replace(of, read=frozenset(f"p{n}" for n in range(6)), rejected=frozenset(
        {("p2", "surveillance"), ("p3", "surveillance")}))  # fmt: skip
    found = cells(of, by_year=False, rates=rates).loc["surveillance", "Da Nang", ALL_YEARS]
    assert found["raised_corrected"] == 2 + 2 * (1 / 0.5 - 1) * 2 / 4


def test_an_empty_store_has_no_data_anywhere():
    found = cells(facts(), by_year=False)
    assert set(found["state"]) == {"no data"}


# What counts as a tag


def said(passage, concern, stance="raised"):
    return Said(passage, concern, stance, 0.7, True)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ({}, [("raised", 0.7, True, "none")]),
        ({"surveillance": "absent"}, []),
        ({"surveillance": "addressed"}, [("addressed", 0.7, False, "accepted")]),
        ({"surveillance": "holds"}, [("raised", 0.7, False, "accepted")]),
    ],
)
def test_a_tag_counts_as_people_settled_it(verdict, expected):
    frame = tagged_frame([said("p1", "surveillance")], {"p1": verdict}, ["p1"])
    assert list(frame[["stance", "score", "is_unsure", "review"]].itertuples(index=False, name=None)) == expected
    assert rejected([said("p1", "surveillance")], {"p1": verdict}) == {
        ("p1", concern) for concern, held in verdict.items() if held == "absent"
    }


def test_a_missed_tag_that_people_added_counts_where_its_stance_is_known():
    settled = {
        "p1": {"displacement": "raised", "participation": "holds", "surveillance": "absent"},
        "p9": {"x": "raised"},
    }
    frame = tagged_frame([], settled, ["p1"])
    assert list(frame.itertuples(index=False, name=None)) == [("p1", "displacement", "raised", 1.0, False, "added")]


def test_voices_are_told_by_genre_and_undated_passages_left_out():
    rows = [
        {**dict.fromkeys(SPOKEN, "x"), "genre": genre, "year": year, "passage_id": str(n)}
        for n, (genre, year) in enumerate([("news", 2020), ("legal", 2020), ("other", 2020), ("news", None)])
    ]
    assert list(spoken_frame(rows)["voice"]) == ["independent", "official", "other"]


# How the finding changes


def test_variants_leave_out_what_they_say_and_the_finding_is_told_with_each():
    of = facts(
        ("p1", "a1", 1, "Da Nang", 2020), ("p2", "a2", 2, "Da Nang", 2020), ("p3", "b1", 3, "Phuket", 2020),
        tags=[("p1", "surveillance", "raised", 0.65), ("p2", "surveillance", "addressed", 0.55),
              ("p3", "displacement", "raised", 0.95, "accepted")],
    )  # fmt: skip
    of.tagged.loc[of.tagged["score"] < 0.6, "is_unsure"] = True
    tried = variants(of)
    counts = {name: len(one.tagged) for name, one in tried.items()}
    assert counts == {
        "tags scored 0.6 or more, and reviewed ones": 2,
        "tags scored 0.7 or more, and reviewed ones": 1,
        "tags scored 0.8 or more, and reviewed ones": 1,
        "no unsure tags": 2,
        "only tags that people accepted or added": 1,
        "without the largest source, source of a": 1,
    }
    table, by_cell = sensitivity(of, CONCERNS, PLACES)
    told = table.set_index("counted")["unanswered"].to_dict()
    assert told["all that counts"] == 1
    assert told["tags scored 0.6 or more, and reviewed ones"] == 2, "what answered it scored less"
    assert told["without the largest source, source of a"] == 1
    assert table.set_index("counted")["tags"]["without the largest source, source of a"] == 1, "its tags go with it"
    [cell] = by_cell.itertuples(index=False)
    assert (cell.concern, cell.place) == ("displacement", "Phuket")
    assert cell[2:4] == (6, 6)
    assert set(table["not tried"]) == {""}


@pytest.mark.parametrize(
    ("settled", "why"),
    [
        ({}, "nobody has reviewed any of these passages"),
        ({"rejected": frozenset({("p1", "x")})}, "people have accepted or added no tag"),
    ],
)
def test_what_leaves_nothing_to_count_is_not_tried_and_says_why(settled, why):
    of = replace(facts(("p1", "a1", 1, "Phuket", 2020), tags=[("p1", "displacement", "raised", 0.65)]), **settled)
    table, by_cell = sensitivity(of, CONCERNS, PLACES)
    apart = table[table["not tried"] != ""].set_index("counted")
    assert apart["not tried"].to_dict() == {
        "tags scored 0.6 or more, and reviewed ones": "no unreviewed tag is scored lower",
        "no unsure tags": "no unreviewed tag is unsure",
        "only tags that people accepted or added": why,
        "without the largest source, source of a": "there is no other source",
    }
    assert apart[["tags", "unanswered"]].isna().all(axis=None), "a count would be read as one that was tried"
    [cell] = by_cell.itertuples(index=False)
    assert cell[2:4] == (0, 2) and "people" not in cell[4] and "source" not in cell[4]


def test_what_takes_no_tag_away_is_no_other_way_to_count():
    of = facts(
        ("p1", "a1", 1, "Da Nang", 2020), ("p2", "a2", 2, "Da Nang", 2020), ("p3", "b1", 3, "Phuket", 2020),
        tags=[("p3", "displacement", "raised", 0.95), ("p3", "surveillance", "raised", 0.75, "accepted")],
    )  # fmt: skip
    table, by_cell = sensitivity(of, CONCERNS, PLACES)
    assert set(variants(of)) == {"only tags that people accepted or added"}
    assert table.set_index("counted")["not tried"]["without the largest source, source of a"] == "no tag is from it"
    stays = {cell.concern: cell[2:4] for cell in by_cell.itertuples(index=False)}
    assert stays == {"displacement": (0, 1), "surveillance": (1, 1)}
    reviewed = replace(of, tagged=of.tagged.assign(review="accepted"))
    assert variants(reviewed) == {}
    told = sensitivity(reviewed, CONCERNS, PLACES)[0].set_index("counted")["not tried"]
    assert told["only tags that people accepted or added"] == "people have accepted or added all tags"


def test_without_places_or_years_there_is_no_row_and_no_exception():
    assert len(matrix(WORKED, CONCERNS, (), (2020,))) == len(matrix(WORKED, CONCERNS, PLACES, ())) == 0
    assert list(matrix(WORKED, CONCERNS, (), (2020,)).columns) == list(
        matrix(WORKED, CONCERNS, PLACES, (2020,)).columns
    )


def test_what_speaks_of_a_place_or_year_that_is_not_asked_for_is_in_no_row():
    found = matrix(WORKED, CONCERNS, ("Da Nang",), (2021,))
    assert found["stories"].tolist() == [1, 1, 1] and found["raised_stories"].tolist() == [1, 1, 0]


def test_a_story_with_one_concern_in_two_stances_counts_once_for_each():
    tags = [("p1", "surveillance", "raised"), ("p1", "displacement", "addressed"), ("p2", "surveillance", "described")]
    of = facts(("p1", "d1", 1, "Da Nang", 2020), ("p2", "d2", 1, "Da Nang", 2020), tags=tags)
    one = cells(of, by_year=False).loc["surveillance", "Da Nang", ALL_YEARS]
    assert (one["raised_stories"], one["described_stories"], one["stories"], one["state"]) == (1, 1, 1, "unanswered")


def test_a_genre_that_is_neither_official_nor_independent_counts_and_is_neither():
    of = facts(("p1", "d1", 1, "Da Nang", 2020, "other"), tags=[("p1", "surveillance", "raised")])
    one = cells(of, by_year=False).loc["surveillance", "Da Nang", ALL_YEARS]
    assert (one["raised_stories"], one["raised_official"], one["raised_independent"]) == (1, 0, 0)
