"""Dates in addresses, file names and on first pages."""

import pytest

from ascn_nlp.extract.printed_dates import clues_of_address, clues_of_first_pages


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
