from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from ascn_nlp.report.frames import TAGGED, UNCOUNTED, Facts, spoken_frame, uncounted_frame
from ascn_nlp.report.matrix import matrix
from ascn_nlp.report.page import page
from ascn_nlp.report.page_data import PageData, ShownConcern, ShownPlace, cells_of
from ascn_nlp.report.sensitivity import sensitivity
from ascn_nlp.report.tables import coverage_table, finding_table, matrix_table, tagger_table
from ascn_nlp.report.whole import Report
from ascn_nlp.reporting.writing import csv_text, markdown_text
from ascn_nlp.review.estimates import Range, Rates

CONCERNS = {"surveillance": "Surveillance", "displacement": "Displacement"}
PLACES = {"Phuket": "TH", "Da Nang": "VN", "Dili": "TL"}


def passage(number, place, year=2020, genre="news", story=None):
    return {
        "passage_id": f"p{number}", "document_id": f"d{number}", "story_id": story or number, "source_id": "s",
        "publisher": "x", "genre": genre, "year": year, "place": place, "country": PLACES.get(place, "XX"),
    }  # fmt: skip


def report(*passages, tags=(), by="city", places=PLACES, uncounted=()):
    spoken = spoken_frame(passages)
    rows = [(p, concern, stance, 0.9, False, "none") for p, concern, stance in tags]
    facts = Facts(spoken, pd.DataFrame(rows, columns=list(TAGGED)))
    variants, robustness = sensitivity(facts, list(CONCERNS), list(places))
    given = (facts, list(CONCERNS), list(places), (2020, 2021))
    return Report(
        facts=facts, matrix=matrix(*given), overall=matrix(*given, by_year=False), variants=variants,
        robustness=robustness, concerns=CONCERNS, themes=dict.fromkeys(CONCERNS, "security"), places=places,
        years=(2020, 2021), by=by, window=("2020", "2021"), filters="", command="ascn-nlp report", notes=(), made="",
        tagger="rules", uncounted=uncounted_frame(dict(zip(UNCOUNTED, row, strict=True)) for row in uncounted),
    )  # fmt: skip


SMALL = report(
    passage(1, "Da Nang"),
    passage(2, "Da Nang", 2021, "legal"),
    passage(3, "Da Nang"),
    passage(4, "Phuket", genre="press_release"),
    passage(5, "Phuket", genre="press_release"),
    tags=[
        ("p1", "surveillance", "raised"),
        ("p3", "displacement", "raised"),
        ("p2", "displacement", "addressed"),
        ("p4", "displacement", "raised"),
        ("p5", "displacement", "raised"),
    ],
)


@pytest.mark.parametrize(("with_years", "rows"), [(True, 12), (False, 6)])
def test_a_matrix_has_names_for_people_and_a_row_for_everything(with_years, rows):
    table = matrix_table(SMALL, with_years)
    assert len(table) == rows and ("year" in table) is with_years
    assert list(table.columns[:5]) == ["concern", "concern_name", "theme", "city", "country"]
    assert set(zip(table["city"], table["country"], strict=True)) == set(PLACES.items())


def test_by_country_there_is_no_city():
    table = matrix_table(report(passage(1, "VN"), by="country", places={"VN": "VN"}), False)
    assert list(table.columns[:4]) == ["concern", "concern_name", "theme", "country"]
    assert not {"place", "city"} & set(table)


@pytest.mark.parametrize("stances", [("raised",), ("addressed", "described"), ("raised", "addressed", "described")])
def test_stances_that_are_not_asked_for_have_no_column(stances):
    table = matrix_table(SMALL, True, stances)
    for stance in ("raised", "addressed", "described"):
        assert (f"{stance}_stories" in table) is (stance in stances)
    assert {"state", "gap", "gap_high", "stories"} <= set(table)


def test_asking_for_a_table_leaves_the_report_as_it_is():
    before = SMALL.overall.copy()
    matrix_table(SMALL, False, ("raised",))
    finding_table(SMALL)
    pd.testing.assert_frame_equal(SMALL.overall, before)


def test_the_finding_is_what_nobody_addresses_most_independent_stories_first():
    found = finding_table(SMALL)
    assert list(zip(found["concern"], found["place"], strict=True)) == [
        ("surveillance", "Da Nang"),
        ("displacement", "Phuket"),
    ]
    assert found["raised_independent"].tolist() == [1, 0] and found["raised_stories"].tolist() == [1, 2]
    assert found["concern_name"].tolist() == ["Surveillance", "Displacement"]
    assert found["robust"].tolist() == ["none tried", "none tried"], "tags of 0.9, no review, one source"


def test_a_report_without_a_finding_has_an_empty_one_with_its_columns():
    found = finding_table(report())
    assert len(found) == 0 and list(found.columns) == list(finding_table(SMALL).columns)
    assert csv_text(found).count("\r\n") == 1


def test_what_corrected_counts_rest_on_is_told_with_the_sample_it_is_from():
    empty = tagger_table(SMALL)
    assert list(empty.columns) == [
        *("concern", "concern_name", "precision", "precision_low", "precision_high", "recall", "recall_low"),
        *("recall_high", "found", "wrong", "missed", "sample"),
    ]
    assert empty.empty
    rates = {"displacement": Rates(Range(0.8, 0.5, 0.9), None, None, None, 4, 1, 0)}
    csv = csv_text(tagger_table(replace(SMALL, rates=rates, sample="random-1")))
    assert csv.splitlines()[1:] == ["displacement,Displacement,0.8,0.5,0.9,,,,4,1,0,random-1"]


def test_coverage_tells_what_speaks_of_a_place_by_genre_and_where_nothing_does():
    table = coverage_table(SMALL)
    rows = [tuple(None if value is pd.NA else value for value in row) for row in table.itertuples(index=False)]
    assert rows == [
        ("Da Nang", 2020, "news", 2, 2, 2, 0, ""),
        ("Da Nang", 2021, "legal", 1, 1, 1, 0, ""),
        ("Phuket", 2020, "press_release", 2, 2, 2, 0, ""),
        ("Dili", None, "", 0, 0, 0, 0, ""),
    ]
    assert [row[0] for row in coverage_table(report()).itertuples(index=False)] == list(PLACES)
    assert "Dili,,,0,0,0,0," in csv_text(table)


def test_coverage_tells_what_speaks_of_a_place_and_cannot_be_counted_and_why():
    apart = [
        ("Phuket", "2020", "news", "language", 4),
        ("Phuket", None, "news", "undated", 2),
        ("Dili", "2020", "legal", "language", 1),
        ("Dili", "2020", "legal", "kind", 3),
    ]
    table = coverage_table(report(passage(1, "Phuket"), passage(2, "Phuket"), uncounted=apart))
    rows = [tuple(None if value is pd.NA else value for value in row) for row in table.itertuples(index=False)]
    assert rows == [
        ("Dili", 2020, "legal", 0, 0, 0, 4, "1 in another language than English; 3 headings, contents and the like"),
        ("Phuket", None, "news", 0, 0, 0, 2, "2 without a date"),
        ("Phuket", 2020, "news", 2, 2, 2, 4, "4 in another language than English"),
        ("Da Nang", None, "", 0, 0, 0, 0, ""),
    ]


def test_tables_and_page_tell_the_finding_in_one_order():
    """Four cells with as many stories: the surer share stands first, then names decide."""
    tied = report(
        *(passage(n, place) for n, place in enumerate(["Phuket", "Phuket", "Da Nang", "Dili"], 1)),
        tags=[
            *((f"p{number}", "surveillance", "raised") for number in (1, 3, 4)),
            ("p3", "displacement", "raised"),
        ],
    )
    table = finding_table(tied)
    assert list(zip(table["concern"], table["place"], strict=True)) == [
        ("displacement", "Da Nang"),
        ("surveillance", "Da Nang"),
        ("surveillance", "Dili"),
        ("surveillance", "Phuket"),
    ]
    data = PageData(
        **dict.fromkeys(("title", "made", "maker", "window"), ""),
        **dict.fromkeys(("filters", "notes", "figures", "documents", "passages"), ()),
        concerns=tuple(ShownConcern(one, one, "security", "", "") for one in reversed(CONCERNS)),
        places=tuple(ShownPlace(one, one, PLACES[one]) for one in PLACES),
        years=(2020,),
        cells=cells_of(tied.overall.iloc[::-1]),
    )
    links = re.findall(r'<th scope="row"><a href="#concern=(\w+)&amp;city=([\w+]+)"', "".join(page(data)))
    assert [(concern, place.replace("+", " ")) for concern, place in links] == list(
        zip(table["concern"], table["place"], strict=True)
    )


def test_text_rounds_numbers_leaves_out_what_is_not_known_and_keeps_to_a_line():
    table = pd.DataFrame({"a": [1 / 3, float("nan")], "b": ["x|y\nz", "=1"], "n": [1, 2]})
    assert csv_text(table) == 'a,b,n\r\n0.333,"x|y\nz",1\r\n,\'=1,2\r\n'
    assert markdown_text(table).splitlines() == ["| a | b | n |", "| --- | --- | --- |", "| 0.333 | x/y/z | 1 |",
                                                 "|  | '=1 | 2 |"]  # fmt: skip
