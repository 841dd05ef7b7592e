"""Dates found in text, what they may mean, and which clue is believed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.dates import (
    CONFIDENCE,
    choose_date,
    find_dates,
    find_period,
    first_and_last_day,
    is_in_window,
    may_be_one_day,
)
from ascn_nlp.records import DateClue

TODAY = "2024-06-01"


def clue(value, basis="text", confidence=None):
    return DateClue(value, basis, f"{basis} {value}", CONFIDENCE[basis] if confidence is None else confidence)


@pytest.mark.parametrize(
    ("text", "value", "evidence"),
    [
        ("Published on 3 February 2022 by", "2022-02-03", "3 February 2022"),
        ("February 3, 2022", "2022-02-03", "February 3, 2022"),
        ("Feb. 3rd, 2022", "2022-02-03", "Feb. 3rd, 2022"),
        ("the 21st of March, 2019", "2019-03-21", "21st of March, 2019"),
        ("12 OCTOBER 2020", "2020-10-12", "12 OCTOBER 2020"),
        ("17 Agustus 2021", "2021-08-17", "17 Agustus 2021"),
        ("31 Ogos 2021", "2021-08-31", "31 Ogos 2021"),
        ("5 Mac 2020", "2020-03-05", "5 Mac 2020"),
        ("9 Disember 2018", "2018-12-09", "9 Disember 2018"),
        ("Jakarta, Mei 2023", "2023-05", "Mei 2023"),
        ("ngày 12 tháng 10 năm 2022", "2022-10-12", "ngày 12 tháng 10 năm 2022"),
        ("ngày 3/4/2021", "2021-04-03", "ngày 3/4/2021"),
        ("30 ตุลาคม 2562", "2019-10-30", "30 ตุลาคม 2562"),
        ("2021-03-14T10:00", "2021-03-14", "2021-03-14"),
        ("2021/3/4", "2021-03-04", "2021/3/4"),
        ("25/04/2021", "2021-04-25", "25/04/2021"),
        ("04/25/2021", "2021-04-25", "04/25/2021"),
        ("04/04/2021", "2021-04-04", "04/04/2021"),
        ("03/04/2021", "2021", "03/04/2021"),
        ("in November 2023 the", "2023-11", "November 2023"),
        ("03.04.2021", "2021-04-03", "03.04.2021"),
        ("4. 3. 2021", "2021-03-04", "4. 3. 2021"),
        ("5. Februar 2022", "2022-02-05", "5. Februar 2022"),
        ("le 1er août 2020", "2020-08-01", "1er août 2020"),
        ("14 de marzo de 2021", "2021-03-14", "14 de marzo de 2021"),
        ("14 Gennaio 2020", "2020-01-14", "14 Gennaio 2020"),
        ("ika-3 ng Hunyo 2021", "2021-06-03", "3 ng Hunyo 2021"),
        ("2021年3月14日", "2021-03-14", "2021年3月14"),
    ],
)
def test_a_date_is_found_as_far_as_it_is_certain(text, value, evidence):
    assert [(each.value, each.evidence) for each in find_dates(text)] == [(value, evidence)]
    assert text[find_dates(text)[0].start :].startswith(evidence)


def test_the_day_comes_first_where_the_language_puts_it_first():
    assert [each.value for each in find_dates("03/04/2021", is_day_first=True)] == ["2021-04-03"]
    assert [each.value for each in find_dates("04/25/2021", is_day_first=True)] == ["2021-04-25"]


@pytest.mark.parametrize(
    "text",
    ["", "in 2021", "31 February 2021", "99/99/2021", "2021-13-01", "12 May 20215", "may 2021%", "page 12 of 2020"],
)
def test_what_is_no_date_is_not_found(text):
    assert find_dates(text) == []


def test_dates_come_in_the_order_of_the_text():
    text = "From March 2020 to 2 May 2021, and 2019-12-31."
    assert [each.value for each in find_dates(text)] == ["2020-03", "2021-05-02", "2019-12-31"]


@given(
    st.dates(date(1995, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%d %b %Y"])
)
def test_every_day_is_found_however_it_is_written(day, form):
    assert [each.value for each in find_dates(f"Issued {day.strftime(form)}.")] == [day.isoformat()]


@given(st.text(alphabet="0123456789 -/.Mayngr", max_size=40))
def test_what_is_found_is_always_a_real_date(text):
    for found in find_dates(text):
        first, last = first_and_last_day(found.value)
        assert date.fromisoformat(first) <= date.fromisoformat(last)
        assert text[found.start : found.start + len(found.evidence)] == found.evidence


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2018-01-01", True),
        ("2024-12-31", True),
        ("2017-12-31", False),
        ("2024", True),
        ("2025", False),
        ("2024-12", True),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_in_the_window_when_all_it_may_mean_is(published, expected):
    assert is_in_window(published, "2018-01-01", "2024-12-31") is expected


def test_a_year_that_is_only_half_in_the_window_is_out():
    assert is_in_window("2018", "2018-06-01", "2024-12-31") is False


@pytest.mark.parametrize(
    ("better", "worse"),
    [("json-ld", "meta"), ("meta", "url"), ("url", "text"), ("text", "first-page"), ("first-page", "metadata")],
)
def test_the_more_trusted_basis_wins_and_the_other_is_kept_as_a_conflict(better, worse):
    good, bad = clue("2020-05-05", better), clue("2021-07-07", worse)
    for clues in ((good, bad), (bad, good)):
        chosen = choose_date(clues, TODAY)
        assert chosen.clue == good
        assert chosen.conflicts == (bad,)


def test_a_day_that_agrees_with_a_printed_month_makes_it_more_precise():
    chosen = choose_date([clue("2023-05", "first-page"), clue("2023-05-08", "metadata")], TODAY)
    assert (chosen.clue.value, chosen.clue.basis) == ("2023-05-08", "metadata")
    assert "first-page 2023-05" in chosen.clue.evidence
    assert CONFIDENCE["metadata"] < chosen.clue.confidence < CONFIDENCE["first-page"]
    assert chosen.conflicts == ()


@pytest.mark.parametrize(
    ("one", "other", "is_possible"),
    [
        ("2023-05-08", "2023-05-09", True),
        ("2023-05-08", "2023-05-10", False),
        ("2023-04-30", "2023-05", True),
        ("2022-12-30", "2023", False),
        ("2023", "2023-05-08", True),
    ],
)
def test_time_zones_make_two_days_of_one(one, other, is_possible):
    assert may_be_one_day(one, other) is may_be_one_day(other, one) is is_possible


def test_neighbouring_days_are_one_day_in_two_time_zones():
    assert choose_date([clue("2023-05-08", "json-ld"), clue("2023-05-07", "url")], TODAY).conflicts == ()


@pytest.mark.parametrize("value", ["1970-01-01", "1900", "1994-12-31", "2024-06-03", "2031"])
def test_impossible_dates_are_refused(value):
    assert choose_date([clue(value, "json-ld")], TODAY) is None


@pytest.mark.parametrize("basis", ["text", "metadata", "header"])
def test_the_day_of_fetching_is_taken_for_a_clock(basis):
    assert choose_date([clue(TODAY, basis)], TODAY, TODAY) is None
    assert choose_date([clue(TODAY, basis)], TODAY) is not None


def test_an_article_may_be_fetched_on_the_day_it_was_published():
    assert choose_date([clue(TODAY, "json-ld")], TODAY, TODAY).clue.value == TODAY


@pytest.mark.parametrize(
    ("title", "text", "period"),
    [
        ("", "Figures are as of September 2023.", "as of September 2023"),
        ("", "Data as at 31 December 2021 were used", "as at 31 December 2021"),
        ("Progress 2022-2023", "", "2022-2023"),
        ("Accounts FY2021", "", "FY2021"),
        ("", "spending in FY2021/22 rose", "FY2021/22"),
        ("", "in fiscal year 2020", "fiscal year 2020"),
        ("Monitoring & Evaluation Report 2023", "", "2023"),
        ("Review, January–June 2021", "", "January–June 2021"),
        ("", "This report is for the period January 2020 to March 2021.", "January 2020 to March 2021"),
        ("", "The status of projects is given as of end-June 2022.", "as of end-June 2022"),
        ("", "The reporting period is 1 July 2021 to 30 June 2022.", "1 July 2021 to 30 June 2022"),
        ("", "The review covers the years 2018 to 2022.", "2018 to 2022"),
        ("", "Accounts for the year ended 31 December 2022", "year ended 31 December 2022"),
        ("", "Data per Desember 2021", "per Desember 2021"),
        ("", "Số liệu tính đến tháng 6 năm 2023", "tính đến tháng 6 năm 2023"),
        ("Evaluation of the lamps, 2019–2022", "", "2019–2022"),
        ("Progress report 2022/23", "", "2022/23"),
        ("Quarterly review, Q3 2022", "", "Q3 2022"),
        ("Laporan Tahunan 2022", "", "2022"),
        ("Báo cáo thường niên 2022", "", "2022"),
        ("รายงานประจำปี 2565", "", "2565"),
        ("Vision 2025", "", ""),
        ("", "The workshop was held on 3-4 July 2023.", ""),
        ("", "The plan for the period 2021-2025 was adopted.", ""),
        ("", "From 2019 through 2021 the programme ran in six cities.", ""),
        ("Master Plan 2020-2035", "", ""),
        ("", "The war of 1965-1975 was long", ""),
        ("Smart cities", "nothing stated", ""),
    ],
)
def test_the_period_is_what_the_document_states(title, text, period):
    assert find_period(text, title) == period
