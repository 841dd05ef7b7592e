"""What is silent on what was decided beforehand (see conftest.py); the report of the store must find exactly that."""

from __future__ import annotations

import re
from math import isnan

import pytest

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import store_of
from ascn_nlp.report.matrix import ENOUGH_STORIES
from ascn_nlp.reporting import gathering, showing
from ascn_nlp.reporting.gathering import make_report
from ascn_nlp.reporting.showing import page_data
from ascn_nlp.reporting.wording import dates_in_words, window_left
from ascn_nlp.resources import packaged
from ascn_nlp.reviewing.files import export_review, import_review, window_filters
from ascn_nlp.reviewing.samples import Choice
from ascn_nlp.workspace import open_workspace

# City -> (what is said of each concern, what holds of all others).
DECIDED = {
    "Hanoi": ({"displacement": "unanswered"}, "silent"),
    "Makassar": ({"surveillance": "unanswered"}, "silent"),
    "Jakarta": ({}, "too little"),
    "Da Nang": ({"surveillance": "answered", "data_protection": "addressed"}, "too little"),
    "Cebu City": ({"displacement": "addressed"}, "too little"),
    "Chiang Mai": ({"surveillance": "described"}, "too little"),
}


def report_of(workspace, by="city", **filters):
    return make_report(workspace, window_filters(workspace, Filters(**filters)), by)


def cell(report, concern, place):
    table = report.overall
    [row] = table[(table["concern"] == concern) & (table["place"] == place)].to_dict("records")
    return row


def test_who_is_silent_on_what_is_as_it_was_decided(made):
    report = report_of(made)
    expected = {
        (concern, place): DECIDED[place][0].get(concern, DECIDED[place][1]) if place in DECIDED else "no data"
        for concern in report.concerns
        for place in report.places
    }
    keys = zip(report.overall["concern"], report.overall["place"], strict=True)
    assert dict(zip(keys, report.overall["state"], strict=True)) == expected
    assert len(report.concerns) > 10 and len(report.places) > 30


def test_wire_copy_in_three_papers_is_one_story(made):
    found = cell(report_of(made), "displacement", "Hanoi")
    assert [found[f"raised_{unit}"] for unit in ("passages", "documents", "stories")] == [4, 4, 2]
    assert [found[unit] for unit in ("documents", "stories")] == [ENOUGH_STORIES + 2, ENOUGH_STORIES]
    assert (found["raised_independent"], found["raised_official"], found["addressed_stories"]) == (2, 1, 0)


def test_years_are_those_of_publication(made):
    table = report_of(made).matrix
    raised = table[(table["concern"] == "displacement") & (table["place"] == "Hanoi")].set_index("year")
    assert raised["raised_stories"].to_dict() == dict.fromkeys(range(2018, 2025), 0) | {2021: 1, 2022: 1}
    assert raised["state"].to_dict() == dict.fromkeys(range(2018, 2025), "no data") | {2021: "unanswered",
                                                                                      2022: "unanswered"}  # fmt: skip


def test_by_country_documents_that_name_no_city_count_for_their_country(made):
    by_city, by_country = report_of(made), report_of(made, "country")
    assert by_city.facts.spoken["passage_id"].nunique() + 1 == by_country.facts.spoken["passage_id"].nunique()
    found = cell(by_country, "displacement", "VN")
    assert (found["raised_stories"], found["raised_documents"]) == (3, 5), "the coast is Viet Nam's, and no city's"
    assert cell(by_country, "displacement", "PH")["state"] == "addressed", "who names a city speaks of its country"
    assert by_country.places == {code: code for code in sorted(by_country.places)}
    assert cell(by_country, "displacement", "TL")["state"] == "no data"


def test_other_languages_are_no_denominator_and_told(made):
    report = report_of(made)
    assert cell(report, "displacement", "Jakarta")["documents"] == ENOUGH_STORIES - 1
    assert report.notes[0].endswith("51 passages can be counted (not: 1 in another language than English).")


def test_notes_tell_what_was_left_out_with_true_numbers(made):
    assert report_of(made).notes[:4] == (
        "Selected: 49 documents with 52 passages, of which 51 passages can be counted (not: 1 in another language "
        "than English).",
        "50 of these speak of a city, and are what everything is counted from; 1 does not.",
        "Not selected: 1 document of other dates than those asked for, and 1 without a date.",
        "Tags that count in them: 10, of which people accepted or added 0.",
    )


def test_what_was_not_tried_is_told_where_nobody_has_reviewed_and_no_longer_where_somebody_has(own):
    before = report_of(own)
    [told] = [note for note in before.notes if note.startswith("Of 6 other ways to count 1 was tried. Not tried: ")]
    assert told.endswith("only tags that people accepted or added (nobody has reviewed any of these passages).")
    assert set(before.robustness["of variants"]) == {1}, "the rules are sure of every tag, and give each a high score"
    apart = [one for one in page_data(own, before).variants if one.not_tried]
    assert apart[-1] == ("only tags that people accepted or added", "nobody has reviewed any of these passages")
    assert ("no unsure tags", "no unreviewed tag is unsure") in apart and len(apart) == 5
    reviewed(own, lambda row: ("accept" if row["concern"] else "reject", "", ""))
    after = report_of(own)
    apart = dict(one for one in page_data(own, after).variants if one.not_tried)
    assert apart["only tags that people accepted or added"] == "people have accepted or added all tags"


def test_places_of_which_only_other_languages_speak_are_told_apart_from_silence(own):
    with store_of(own).writing() as connection:
        connection.exec_driver_sql("UPDATE passages SET language = 'vi' WHERE text LIKE '%Cebu%'")
        connection.exec_driver_sql("UPDATE passages SET language = 'id' WHERE text LIKE '%Jakarta%'")
    report = report_of(own)
    told = "Nothing that can be counted speaks of: Jakarta, Cebu City (only in another language than English)."
    assert told in report.notes and cell(report, "displacement", "Cebu City")["state"] == "no data"
    rows = report.uncounted[report.uncounted["place"] == "Jakarta"].itertuples(index=False, name=None)
    assert list(rows) == [("Jakarta", 2021, "news", "language", ENOUGH_STORIES)]
    shown = page_data(own, report)
    assert ("Jakarta", 2021, "in another language than English", ENOUGH_STORIES) in shown.uncounted
    [heat_map] = [one for one in shown.figures if one.name == "heat_map"]
    assert told.rstrip(".") in heat_map.caption and "Nothing at all speaks of: " in heat_map.caption


def test_without_a_date_or_of_other_dates_is_told_of_a_place_too(made):
    report = report_of(made, since="2023", until="2024")
    apart = report.uncounted.groupby(["place", "reason"])["passages"].sum()
    assert apart["Hanoi", "undated"] == 1 and apart["Da Nang", "outside"] == 2
    assert apart["Hanoi", "outside"] == ENOUGH_STORIES + 3
    assert "Hanoi (only without a date or of other dates than those asked for)" in " ".join(report.notes)


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (("2018", "2024"), "2018 to 2024"),
        (("2023", "2023"), "2023"),
        (("2022", ""), "2022 and later"),
        (("", "2022-03"), "up to 2022-03"),
        (("", ""), "all dates"),
    ],
)
def test_dates_are_told_with_the_end_that_is_open(window, told):
    assert dates_in_words(window) == told


@pytest.mark.parametrize(
    ("filters", "kept"), [({"since": "2022"}, "--until 2024"), ({"until": "2022"}, "--since 2018")], ids=str
)
def test_one_date_alone_opens_the_other_end_of_the_window_and_that_is_told(made, filters, kept):
    [told] = [note for note in report_of(made, **filters).notes if "replace the study's window, 2018 to 2024" in note]
    assert told.endswith(f"To keep its other end: {kept}.")
    for closed in ({}, {"since": "2019", "until": "2020"}):
        assert not [note for note in report_of(made, **closed).notes if "window" in note]
    assert window_left(("2018", ""), Filters(since="2022")) == "", "there is no end to keep"


def test_captions_and_page_name_the_dates_that_were_asked_for(made):
    report = make_report(made, Filters())
    shown = page_data(made, report)
    assert shown.window == "all dates"
    assert all("Window: all dates (2011–2023); " in one.caption for one in shown.figures)


def test_captions_name_the_filters_but_stances_of_which_figures_show_all(made):
    report = report_of(made, genre=("news",), concern=("surveillance",), stance=("raised",), since="2021", until="2021")
    shown = page_data(made, report)
    assert shown.filters == ("concern surveillance", "stance raised", "genre news")
    for one in shown.figures:
        assert "Window: 2021; " in one.caption and "Only: concern surveillance; genre news." in one.caption


def test_a_page_of_nothing_says_of_each_figure_why_it_is_not_drawn(made):
    shown = page_data(made, report_of(made, genre=("legal",)))
    assert len(shown.figures) == 5 and {one.svg for one in shown.figures} == {""}
    assert {one.caption for one in shown.figures} == {
        "Not drawn: no passage of the window speaks of a place. Only: genre legal."
    }


def test_what_other_filters_leave_out_is_counted_apart_from_dates(made):
    told = {note for note in report_of(made, genre=("official_report",)).notes if note.startswith("Not selected")}
    assert told == {
        "Not selected: 0 documents of other dates than those asked for, 0 without a date, and 47 that other filters "
        "leave out (genre official_report)."
    }
    undated = make_report(made, Filters(genre=("official_report",)))
    assert "Not selected: 47 documents that other filters leave out (genre official_report)." in undated.notes


def test_the_page_holds_every_passage_that_is_counted_tagged_ones_first(made, monkeypatch):
    report = report_of(made)
    shown = page_data(made, report)
    placed = set(report.facts.spoken["passage_id"])
    assert {one.id for one in shown.passages} == placed and shown.sampled is None
    has_tag = [bool(one.tags) for one in shown.passages]
    assert has_tag == sorted(has_tag, reverse=True) and has_tag.count(False) > 40
    monkeypatch.setattr(showing, "MOST_PASSAGES", sum(has_tag) + 2)
    fewer = page_data(made, report)
    assert [one.id for one in fewer.passages] == [one.id for one in shown.passages[: sum(has_tag) + 2]]
    assert fewer.sampled == (sum(has_tag) + 2, len(placed), "those with a tag come first")


def test_where_quotes_are_cut_no_passage_without_a_tag_is_passed_on(made):
    shown = page_data(made, report_of(made), quote_limit=100)
    assert all(one.tags for one in shown.passages)
    assert shown.sampled.of == 50 and "so that no document is passed on" in shown.sampled.which


def test_a_stance_holds_on_the_page_too(made):
    report = report_of(made, stance=("raised",))
    shown = page_data(made, report)
    assert {tag.stance for one in shown.passages for tag in one.tags} == {"raised"} == set(shown.stances)
    others = set(report.facts.tagged["passage_id"]) - {one.id for one in shown.passages if one.tags}
    assert others and not others & {one.id for one in shown.passages}, "what addresses it is not shown as untagged"
    assert shown.sampled.of - shown.sampled.shown == len(others)
    assert any(note.startswith("Columns and quotes are of raised alone") for note in report.notes)


def test_with_any_date_only_what_has_none_is_left_out(made):
    report = make_report(made, Filters())
    assert report.years == tuple(range(2011, 2024)), "from the first to the last that has anything"
    undated = "1 document without a date is listed and not counted: in no year, and not in all years together."
    assert undated in report.notes
    assert "not: 1 without a date; 1 in another language" in report.notes[0]
    assert cell(report, "displacement", "Hanoi")["raised_documents"] == 5
    placed = report.facts.spoken["passage_id"].nunique()
    assert report.notes[1].startswith(f"{placed} of these speak of a city,") and report.notes[1].endswith("1 does not.")


@pytest.mark.parametrize(
    ("filters", "places", "documents"),
    [
        ({"city": ("Hanoi",)}, ["Hanoi"], 16),
        ({"country": ("VN",)}, ["Da Nang", "Hanoi", "Ho Chi Minh City"], 17),
        ({"source": ("ministry",)}, None, 3),
        ({"genre": ("news",)}, None, 44),
        ({"since": "2022"}, None, 2),
        ({"since": "2021-01", "until": "2021"}, None, 45),
        ({"concern": ("surveillance",), "min_score": 0.5}, None, 47),
    ],
    ids=str,
)
def test_filters_select_what_is_counted(made, filters, places, documents):
    report = report_of(made, **filters)
    assert report.facts.spoken["document_id"].nunique() == documents
    assert list(report.places) == places if places else len(report.places) > 30
    assert set(report.facts.spoken["place"]) <= set(report.places)
    assert set(report.facts.tagged["passage_id"]) <= set(report.facts.spoken["passage_id"])
    assert list(report.concerns) == ["surveillance"] if "concern" in filters else len(report.concerns) > 10


def test_a_concern_and_a_score_select_tags_and_leave_the_denominators(made):
    report = report_of(made, concern=("surveillance",), min_score=1.0)
    assert len(report.facts.tagged) == 0
    assert cell(report, "surveillance", "Makassar")["state"] == "silent"
    assert report.filters == "concern surveillance; score 1 to 1"


def test_the_command_that_is_told_makes_the_report_again(made):
    filters = {"concern": ("surveillance",), "city": ("Da Nang",), "since": "2020", "min_score": 0.5}
    told = "ascn-nlp report --by city,year --concern surveillance --city 'Da Nang' --since 2020 --min-score 0.5"
    assert report_of(made, **filters).command == told
    assert make_report(made, Filters(), "country").command == "ascn-nlp report --by country,year --any-date"


def test_a_city_and_a_country_that_it_is_not_in_are_refused(made):
    with pytest.raises(OptionError, match="no city of the network is in Hanoi and SG"):
        report_of(made, city=("Hanoi",), country=("SG",))
    with pytest.raises(OptionError, match=r"planet.*city, country"):
        report_of(made, "planet")
    assert list(report_of(made, "country", country=("SG",)).places) == ["SG"]


def test_an_empty_store_has_no_data_anywhere(empty):
    report = report_of(empty)
    assert set(report.overall["state"]) == {"no data"} and report.years == tuple(range(2018, 2025))
    assert report.notes[0].startswith("Selected: 0 documents with 0 passages,")
    without_years = make_report(empty, Filters())
    assert (len(without_years.matrix), set(without_years.overall["state"])) == (0, {"no data"})


# What people decide


def reviewed(workspace, decide, choice=Choice("random", size=500), filters=Filters()):  # noqa: B008
    path = workspace.root / "review.csv"
    export_review(workspace, path, window_filters(workspace, filters), choice)
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        decision, concern, stance = decide(row)
        row |= {"decision": decision, "concern_reviewed": concern, "stance_reviewed": stance, "reviewer": "Ana"}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    assert not import_review(workspace, path).refused


def verdict(row):
    """All is as it was tagged, but that the tailor is not displaced, and that the benches of Makassar are too few."""
    if row["doc_title"] == "The tailor" and row["concern"]:
        return "reject", "", ""
    if row["doc_title"] == "Notes Makassar 3":
        return "accept", "public_services", "raised"
    return ("accept" if row["concern"] else "reject"), "", ""


def test_counts_are_corrected_by_a_reviewed_random_audit(own):
    assert "no random sample has been reviewed" in report_of(own).notes[-1]
    reviewed(own, verdict)
    report = report_of(own)
    assert cell(report, "displacement", "Hanoi")["raised_documents"] == 3, "what was rejected is gone"
    added = cell(report, "public_services", "Makassar")
    assert (added["state"], added["raised_passages"]) == ("unanswered", 1)
    assert "by recall. Precision and recall are from 51 passages" in report.notes[-1]
    assert report.notes[3] == (
        "Tags that count in them: 10, of which people accepted or added 10. They rejected 1 more, which does not count."
    )
    rates, *_ = gathering.audited_rates(own, report_tagger(own))
    assert (report.rates, report.sample) == (rates, gathering.audited_rates(own, report_tagger(own)).sample)
    assert report.sample and f"random sample {report.sample} that" in report.notes[-1]
    precision = rates["displacement"].precision.value
    assert 0.5 < precision < 1
    found = cell(report, "displacement", "Hanoi")
    limits = [found[f"raised_corrected{end}"] for end in ("", "_low", "_high")]
    assert limits == [3, 3, 3], "people read all that speaks of Hanoi whole: nothing is left to be wrong or missed"


def test_a_changed_definition_takes_one_concern_out_of_what_is_corrected_and_not_the_others(own):
    reviewed(own, verdict)
    before = report_of(own)
    text = packaged("taxonomy.toml").read_text(encoding="utf-8")
    head, block, rest = text.partition("[concerns.surveillance]\n")
    rest = re.sub(r'(include = "(?:"")?)', r"\1with a word more, ", rest, count=1)
    (own.root / "taxonomy.toml").write_text(head + block + rest, encoding="utf-8")
    report = report_of(open_workspace(own.root))
    corrected = [f"raised_corrected{end}" for end in ("", "_low", "_high")]
    assert isnan(cell(before, "surveillance", "Da Nang")["raised_corrected"]) is False
    for one in (before, report):
        assert [cell(one, "displacement", "Hanoi")[name] for name in corrected] == [3, 3, 3]
    assert isnan(cell(report, "surveillance", "Da Nang")["raised_corrected"])
    assert report.notes[-1].endswith("Not corrected, since it was defined otherwise then: surveillance.")


def test_an_audit_of_another_tagger_corrects_nothing(own):
    reviewed(own, verdict)
    rates, told, _ = gathering.audited_rates(own, "model-00000000")
    assert rates == {} and "is of another tagger" in told


def test_an_audit_of_chosen_passages_does_not_correct_the_others(own):
    reviewed(own, verdict, filters=Filters(country=("VN",)))
    rates, told, _ = gathering.audited_rates(own, report_tagger(own))
    assert rates == {} and "of chosen passages alone (country)" in told
    reviewed(own, verdict)
    assert gathering.audited_rates(own, report_tagger(own))[0]


def test_accepted_tags_count_whatever_they_scored(own):
    reviewed(own, lambda row: ("accept", "", "") if row["doc_title"] == "Cameras" and row["concern"] else ("", "", ""))
    report = report_of(own, min_score=1.0)
    assert set(report.facts.tagged["review"]) == {"accepted"} and (report.facts.tagged["score"] < 1).all()
    assert cell(report, "surveillance", "Da Nang")["state"] == "answered"
    assert cell(report, "surveillance", "Makassar")["state"] == "silent"
    assert any("only where people accepted them" in note for note in report.notes)


def report_tagger(workspace):
    from ascn_nlp.pipeline import store_of
    from ascn_nlp.reviewing.figures import model_name
    from ascn_nlp.store.facts import tagger_of

    with store_of(workspace).reading() as connection:
        return model_name(tagger_of(connection))
