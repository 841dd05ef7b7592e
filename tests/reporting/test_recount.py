"""Every number of the report is counted again, in plain Python, from the review CSV alone."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

from ascn_nlp.filters import Filters
from ascn_nlp.reporting.gathering import make_report
from ascn_nlp.reviewing.files import export_review, import_review, window_filters
from ascn_nlp.reviewing.samples import Choice
from ascn_nlp.tagging import LANGUAGES, UNTAGGED_KINDS

STANCES = ("raised", "addressed", "described")
UNITS = {"passages": "passage_id", "documents": "document_id", "stories": "story_id"}
VOICES = {
    "official": ("official_report", "press_release", "legal"),
    "independent": ("news", "ngo_or_think_tank", "academic"),
}


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def exported(workspace, name, choice=Choice()):  # noqa: B008
    path = workspace.root / name
    export_review(workspace, path, window_filters(workspace, Filters()), choice)
    return path


def places_of(row, by):
    """The cities of "Hanoi (passage); Jakarta (document)", or the countries."""
    names = [name.strip() for name in row["country" if by == "country" else "city"].split(";")]
    return {name.rpartition(" (")[0] if by == "city" else name for name in names} - {""}


def is_countable(row):
    return row["lang"] in LANGUAGES and row["kind"] not in UNTAGGED_KINDS and bool(row["published"])


def tag_of(row):
    """(concern, stance) that a row says of its passage, as people left it; None for none."""
    if row["decision"] == "reject" or not (row["concern"] or row["decision"]):
        return None
    concern = row["concern_reviewed"] or row["concern"]
    return concern, row["stance_reviewed"] or (row["stance"] if concern == row["concern"] else "")


def recounted(tagged, every, by):
    """{(concern or None for what speaks of the place at all, place, year): {column: set of ids}}"""
    found = defaultdict(lambda: defaultdict(set))
    for row in every:
        if is_countable(row):
            for place in places_of(row, by):
                for unit, column in UNITS.items():
                    found[None, place, int(row["published"][:4])][unit].add(row[column])
    for row in tagged:
        if is_countable(row) and (tag := tag_of(row)):
            concern, stance = tag
            for place in places_of(row, by):
                cell = found[concern, place, int(row["published"][:4])]
                for unit, column in UNITS.items():
                    cell[f"{stance}_{unit}"].add(row[column])
                for voice, genres in VOICES.items():
                    if row["genre"] in genres:
                        cell[f"{stance}_{voice}"].add(row["story_id"])
    return found


def state_of(cell, stories):
    raised, addressed, described = (bool(cell[f"{stance}_stories"]) for stance in STANCES)
    if not stories:
        return "no data"
    if raised:
        return "answered" if addressed else "unanswered"
    if addressed or described:
        return "addressed" if addressed else "described"
    return "silent" if len(stories) >= 14 else "too little"


COUNTS = [*(f"{s}_{unit}" for s in STANCES for unit in UNITS), *(f"{s}_{v}" for s in STANCES[:2] for v in VOICES)]


def assert_recounted(workspace, by, name):
    tagged = rows_of(exported(workspace, f"{name}.csv"))
    every = rows_of(exported(workspace, f"{name}-blind.csv", Choice("all", is_blind=True)))
    found = recounted(tagged, every, by)
    report = make_report(workspace, window_filters(workspace, Filters()), by)
    seen = set()
    for row in report.matrix.to_dict("records"):
        base, cell = found[None, row["place"], row["year"]], found[row["concern"], row["place"], row["year"]]
        seen |= {(None, row["place"], row["year"]), (row["concern"], row["place"], row["year"])}
        expected = {unit: len(base[unit]) for unit in UNITS} | {column: len(cell[column]) for column in COUNTS}
        assert {column: row[column] for column in expected} == expected
        assert row["state"] == state_of(cell, base["stories"])
        if base["stories"]:
            assert row["share_raised"] == pytest.approx(len(cell["raised_stories"]) / len(base["stories"]))
        both = len(cell["raised_stories"]) + len(cell["addressed_stories"])
        difference = len(cell["raised_stories"]) - len(cell["addressed_stories"])
        assert row["gap"] == pytest.approx(difference / both if both else float("nan"), nan_ok=True)
    assert {key for key, cell in found.items() if any(cell.values())} <= seen, "nothing is left out of the matrix"
    for row in report.overall.to_dict("records"):
        cells = [found[row["concern"], row["place"], year] for year in report.years]
        expected = {column: len(set().union(*(cell[column] for cell in cells))) for column in COUNTS}
        assert {column: row[column] for column in expected} == expected
    return report


@pytest.mark.parametrize("by", ["city", "country"])
def test_every_number_can_be_counted_again_from_the_review_csv(sample, by):
    report = assert_recounted(sample, by, "before")
    assert report.matrix["raised_passages"].sum() > 10 and report.matrix["stories"].max() > 1


def test_the_report_follows_the_verdicts_of_people(sample):
    before = make_report(sample, window_filters(sample, Filters()))
    path = exported(sample, "audit.csv", Choice("random", size=500))
    rows = rows_of(path)
    on_show = defaultdict(set)
    for row in rows:
        on_show[row["passage_id"]].add(row["concern"])
    for number, row in enumerate(rows):
        new = next(c for c in before.concerns if c not in on_show[row["passage_id"]])
        other = next(stance for stance in STANCES if stance != row["stance"])
        ways = [("accept", "", ""), ("reject", "", ""), ("accept", "", other), ("accept", new, "raised"), ("", "", "")]
        if not row["concern"]:
            ways = [("accept", new, "addressed"), ("", "", "")]
        decision, concern, stance = ways[number % len(ways)]
        row |= {"decision": decision, "concern_reviewed": concern, "stance_reviewed": stance, "reviewer": "Ana"}
        on_show[row["passage_id"]].add(concern)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    taken = import_review(sample, path)
    assert taken.added > 50 and not taken.refused
    after = assert_recounted(sample, "city", "after")
    assert {"accepted", "added", "none"} == set(after.facts.tagged["review"])
    assert not after.matrix[COUNTS].equals(before.matrix[COUNTS])
