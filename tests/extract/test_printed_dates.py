"""Dates in addresses, file names and on first pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.dates import CONFIDENCE, choose_date, find_dates
from ascn_nlp.extract.printed_dates import clues_of_address, clues_of_first_pages, without_doubtful_dates
from ascn_nlp.records import DateClue


@pytest.mark.parametrize(
    ("address", "value", "basis"),
    [
        ("https://a.example/2021/03/14/story", "2021-03-14", "url"),
        ("https://a.example/news/2021-3-4-story.html", "2021-03-04", "url"),
        ("https://a.example/20210314/story", "2021-03-14", "url"),
        ("https://a.example/uploads/2021/03/report.pdf", "2021-03", "url"),
        ("https://a.example/2021/story", "2021", "url"),
        ("https://a.example/press-release-14-march-2021", "2021-03-14", "url"),
        ("report_2022-11-03.pdf", "2022-11-03", "file-name"),
        ("20221103 minutes.docx", "2022-11-03", "file-name"),
        ("Brief November 2022.pdf", "2022-11", "file-name"),
        ("progress-review-2022.pdf", "2022", "file-name"),
    ],
)
def test_an_address_gives_its_most_precise_date(address, value, basis):
    assert [(clue.value, clue.basis) for clue in clues_of_address(address)] == [(value, basis)]


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/story-4471",
        "https://a.example/?d=2021-03-14",
        "https://a.example/top-2020-list",
        "scan.pdf",
        "12021.pdf",
    ],
)
def test_an_address_without_a_date_gives_none(address):
    assert clues_of_address(address) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("October 2023", "2023-10"),
        ("Lantern Street Institute, 5 November 2020", "2020-11-05"),
        ("City project fact sheet, edition of May 2023", "2023-05"),
        ("Date of publication: 7 June 2019", "2019-06-07"),
        ("Embargoed until 7 June 2019, 3 pm", "2019-06-07"),
        ("Received 2 May 2021, accepted 9 May 2021, published 4 June 2021 by the Society", "2021-06-04"),
        (
            "BANGKOK, 12 July 2019 – The council said on Friday that it would publish every one of the new contracts.",
            "2019-07-12",
        ),
        ("Kuala Lumpur, 14 September 2024\nRound Table of the Lamps", "2024-09-14"),
        ("© 2018-2022 Tidewater Forum", "2022"),
    ],
)
def test_a_first_page_gives_the_documents_own_date(text, value):
    assert [clue.value for clue in clues_of_first_pages([text])] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "The Framework was adopted on 8 July 2018.",
        "Since 12 May 2020 the office has been closed to visitors who have no appointment.",
        "Last updated 3 March 2022",
        "Accessed 3 March 2022",
        "The workshop held on 3 June 2021 in Bandung brought together eleven cities and their partners.",
        "2023",
    ],
)
def test_a_date_of_something_else_is_left_alone(text):
    assert clues_of_first_pages([text]) == []


def test_a_labelled_date_is_trusted_more_than_one_that_stands_alone():
    labelled, alone = clues_of_first_pages(["Published: 7 June 2019", "8 June 2019"])
    assert labelled.confidence > alone.confidence


@pytest.mark.parametrize(
    "texts",
    [
        ["Workshop on Street Lamps", "Bangkok, 12 March 2019"],
        ["Report of the Third Annual Meeting", "Lamp Cities Network", "Bangkok, 12 March 2019"],
        ["3-4 July 2019"],
        ["Lantern House, 28 June – 2 July 2019"],
        ["12 March 2019 – 14 March 2019"],
        ["Workshop held on 3-4 July 2019"],
        ["Endorsed by the Lamp Network on 8 July 2019"],
        ["Date: 12 March 2019\nVenue: Lantern House"],
        ["Date: 12 March 2019", "Venue: Lantern House"],
        ["Lokakarya Lampu Jalan", "Bandung, 12 Maret 2019"],
        ["Hội nghị thường niên", "Đà Nẵng, ngày 12 tháng 3 năm 2019"],
        ["15th Lamp Cities Forum", "12 March 2019"],
    ],
)
def test_the_date_of_an_event_tells_the_year_at_most(texts):
    clues = clues_of_first_pages(texts)
    assert {clue.value for clue in clues} == {"2019"}
    assert all(clue.confidence < CONFIDENCE["metadata"] for clue in clues)


def test_minutes_are_dated_by_their_meeting_with_little_trust():
    (clue,) = clues_of_first_pages(["NOTE OF THE MARCH MEETING\nLamp Circle\nIpoh, 12 March 2019"])
    assert clue.value == "2019-03-12"
    assert clue.confidence < CONFIDENCE["metadata"]


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (["Report of the workshop", "Published: 7 June 2019"], "2019-06-07"),
        (["PRESS RELEASE", "Mayors open lamp conference", "Jakarta, 14 September 2019"], "2019-09-14"),
        (["Lamp Institute", "Jakarta, November 2019"], "2019-11"),
        (["The conference was opened by " + "many " * 30, "14 September 2019"], "2019-09-14"),
    ],
)
def test_the_date_of_issue_is_known_beside_an_event(texts, value):
    assert [clue.value for clue in clues_of_first_pages(texts)] == [value]


@pytest.mark.parametrize("text", ["Action plans (as of 8 July 2019)", "Figures as at 31 December 2019"])
def test_the_day_of_the_figures_is_no_day_of_publication(text):
    assert clues_of_first_pages([text]) == []


def test_a_file_made_after_the_event_it_reports_is_dated_by_the_file():
    made = DateClue("2019-04-02", "metadata", "CreationDate", CONFIDENCE["metadata"])
    chosen = choose_date([*clues_of_first_pages(["Workshop on Lamps", "Bangkok, 12 March 2019"]), made], "2024-06-01")
    assert (chosen.clue, chosen.conflicts) == (made, ())


@pytest.mark.parametrize("doubtful", ["12", "March", "9", "12 March 2019"])
def test_a_date_of_which_a_sign_is_doubtful_gives_no_clue(doubtful):
    text = "Published on 12 March 2019, by the clerk of 2 May 2018"
    start = text.index(doubtful)
    left = without_doubtful_dates(text, [(start, start + len(doubtful))])
    assert [each.value for each in find_dates(left)] == ["2018-05-02"]
    assert clues_of_first_pages([without_doubtful_dates("© 2019", [(5, 6)])]) == []


@given(st.text(alphabet="0123456789 -May.", max_size=40), st.data())
def test_blotting_out_keeps_every_place_in_the_text(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    left = without_doubtful_dates(text, [(start, end)])
    assert len(left) == len(text)
    assert not any(each.start < end and start < each.start + len(each.evidence) for each in find_dates(left))
    assert without_doubtful_dates(text, []) == text


@pytest.mark.parametrize(
    "line",
    [
        "Downloaded from the portal on 4 May 2023",
        "Enters into force on 1 January 2026",
        "Effective 1 March 2022",
        "Closing date: 30 June 2021",
        "Valid until 31 December 2024",
    ],
)
def test_a_day_of_something_else_than_publication_is_no_clue(line):
    assert clues_of_first_pages([line]) == []
