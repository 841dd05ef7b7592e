"""Copies in a web archive, as the CDX protocol lists them."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from ascn_nlp.fetch import PassingFetchError
from ascn_nlp.fetch.archive import Copy, asked_year, captured_day, find_copies, in_year, served_copy

ROWS = [
    ["timestamp", "original"],
    ["20190101000000", "http://x.org/a"],
    ["20210304050607", "https://x.org/a"],
    ["20200101000000", "http://x.org:80/a"],
]


def reading(answer):
    asked = []

    def read(url):
        asked.append(url)
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    read.asked = asked
    return read


def test_copies_come_newest_first_with_the_address_of_their_bytes():
    read = reading(ROWS)
    copies = find_copies(read, "https://archive.example/", "https://x.org/a?b=c&d=é", "2018", "2024-06")
    assert [copy.timestamp[:4] for copy in copies] == ["2021", "2020", "2019"]
    assert copies[0].address("https://archive.example/") == "https://archive.example/web/20210304050607/https://x.org/a"
    assert copies[0].address("https://archive.example", is_bare=True).endswith("/web/20210304050607id_/https://x.org/a")
    asked = parse_qs(urlsplit(read.asked[0]).query)
    assert asked["url"] == ["https://x.org/a?b=c&d=é"]
    assert (asked["from"], asked["to"], asked["filter"]) == (["2018"], ["202406"], ["statuscode:200"])


@pytest.mark.parametrize("answer", [[], b"", b"[]", [["timestamp", "original"]]])
def test_a_page_that_was_never_copied_has_none(answer):
    assert find_copies(reading(answer), "https://archive.example", "https://x.org/") == []


@pytest.mark.parametrize("answer", [b"<html>too many requests", b"{", {"error": 1}, [["timestamp"], ["1"]]])
def test_an_answer_that_is_none_may_pass(answer):
    with pytest.raises(PassingFetchError, match="not understood"):
        find_copies(reading(answer), "https://archive.example", "https://x.org/")


def test_the_state_of_a_year_has_an_address_of_its_own():
    assert asked_year(in_year("https://x.org/a", 2019)) == ("https://x.org/a", "2019")
    assert asked_year("https://x.org/a") == ("https://x.org/a", "")


def test_a_copy_tells_when_it_was_made():
    assert captured_day("https://archive.example/web/20210304050607/https://x.org/2019/a") == "2021-03-04"
    assert captured_day("https://x.org/2019/a") == ""


def test_a_year_in_which_a_page_stayed_as_it_was_has_the_mention_of_its_copy():
    def read(url):
        is_mention = parse_qs(urlsplit(url).query)["filter"] == ["statuscode:-"]
        return json.dumps(ROWS[:2] if is_mention else []).encode()

    copies = find_copies(read, "https://archive.example", "https://x.org/a", "2019", "2019")
    assert [copy.timestamp for copy in copies] == ["20190101000000"]


@pytest.mark.parametrize(
    ("since", "until", "is_within"),
    [("2019", "2019", True), ("2018-05", "2019-03-04", True), ("2020", "", False), ("", "2019-02", False)],
)
def test_a_copy_lies_within_years_months_and_days(since, until, is_within):
    assert Copy("20190304050607", "https://x.org/a").is_within(since, until) == is_within


def test_the_copy_that_was_served_is_told_by_its_address():
    asked = Copy("20190304050607", "https://x.org/a")
    given = "https://archive.example/web/20230801000000id_/https://x.org/b?c=d"
    assert served_copy(given, asked) == Copy("20230801000000", "https://x.org/b?c=d")
    assert served_copy("https://x.org/a", asked) == asked
