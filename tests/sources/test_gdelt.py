"""News search by GDELT, against a server that answers as its DOC 2.0 API does."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import PassingFetchError
from ascn_nlp.sources.gdelt import GAP, MOST_AN_ANSWER


class Gdelt:
    """Articles at random times of 2018-2024, given out 250 at most, by time."""

    def __init__(self, site, count=900, crowd=0):
        draw = random.Random(5)
        start, seconds = datetime(2018, 1, 1, tzinfo=UTC), 7 * 365 * 86400
        times = [start + timedelta(seconds=draw.randrange(seconds)) for _ in range(count)]
        times += [datetime(2020, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=n % 3000) for n in range(crowd)]
        self.articles = [
            {"url": f"https://news.example/{n}?utm_source=g", "title": "T", "seendate": f"{at:%Y%m%dT%H%M%SZ}"}
            for n, at in enumerate(sorted(times))
        ]
        self.queries, self.answer = [], None
        site.pages["/doc"] = self.serve

    def serve(self, request):
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        self.queries.append(asked)
        if self.answer is not None and (said := self.answer(len(self.queries))) is not None:
            return said
        first, last = asked["startdatetime"], asked["enddatetime"]
        stamps = [one for one in self.articles if first <= one["seendate"].replace("T", "")[:14] <= last]
        found = stamps[: int(asked["maxrecords"])]
        return json.dumps({"articles": found}) if found else "{}"


@pytest.fixture
def gdelt(site):
    return Gdelt(site)


@pytest.fixture
def search(listed, site):
    def search(memory=None, today=date(2025, 2, 1), **values):
        about = {"query": "smart city", "since": "2018", "until": "2024", "api": f"{site.base}/doc"}
        return listed(kind="gdelt", memory=memory, today=today, **{**about, **values})

    return search


def test_every_article_of_seven_years_is_found_once(gdelt, search):
    listing = search()
    assert len(listing.found) == len(gdelt.articles) == 900
    assert {one.address for one in listing.found} == {f"https://news.example/{n}" for n in range(900)}
    assert not listing.problems and not listing.is_complete
    first = listing.found[0]
    assert first.published == f"{first.evidence[-16:-12]}-{first.evidence[-12:-10]}-{first.evidence[-10:-8]}"
    assert first.basis == "source"


def test_a_time_with_more_than_one_answer_holds_is_halved(site, search):
    gdelt = Gdelt(site, count=5000)
    listing = search(since="2019", until="2019")
    wanted = sum(one["seendate"].startswith("2019") for one in gdelt.articles)
    assert wanted > 2 * MOST_AN_ANSWER
    assert (len(listing.found), listing.problems) == (wanted, ())
    spans = {(asked["startdatetime"], asked["enddatetime"]) for asked in gdelt.queries}
    assert len(spans) == len(gdelt.queries)


def test_an_hour_that_holds_too_many_is_said(site, search):
    Gdelt(site, count=10, crowd=700)
    listing = search(since="2020-03", until="2020-03")
    assert any("articles in the hour" in problem and "2020-03-01 1" in problem for problem in listing.problems)
    assert len(listing.found) >= MOST_AN_ANSWER


def test_what_was_listed_is_not_asked_for_again_but_for_the_last_days(gdelt, search):
    first = search(today=date(2023, 6, 1))
    gdelt.queries.clear()
    again = search(memory=first.memory, today=date(2023, 6, 20))
    assert {asked["startdatetime"] for asked in gdelt.queries} == {"20230525000000"}
    assert gdelt.queries[-1]["enddatetime"] == "20230619235959"
    known = {one.address for one in first.found} | {one.address for one in again.found}
    past = [one for one in gdelt.articles if one["seendate"] < "20230620"]
    assert len(known) == len(past)


def test_when_the_time_of_the_study_is_over_nothing_is_asked(gdelt, search):
    first = search(today=date(2025, 2, 1))
    gdelt.queries.clear()
    assert search(memory=first.memory, today=date(2025, 3, 1)).found == ()
    assert gdelt.queries == []


def test_another_query_is_asked_from_the_beginning(gdelt, search):
    first = search()
    gdelt.queries.clear()
    search(memory=first.memory, query="surveillance")
    assert gdelt.queries[0]["startdatetime"] == "20180101000000"


def test_a_search_that_fails_on_the_way_goes_on_from_there(gdelt, search):
    gdelt.answer = lambda number: 500 if number >= 20 else None
    first = search()
    assert first.found and "listed to 2019-" in first.problems[0]
    gdelt.answer = None
    gdelt.queries.clear()
    second = search(memory=first.memory)
    assert len({one.address for one in (*first.found, *second.found)}) == 900
    assert gdelt.queries[0]["startdatetime"].startswith("2019")


def test_a_search_that_fails_at_once_is_an_error_of_its_source(gdelt, search):
    gdelt.answer = lambda number: "Your query was too short or too long."
    with pytest.raises(FetchError, match="too short or too long") as caught:
        search()
    assert "mend `query`" in caught.value.remedy


def test_a_plea_for_patience_may_pass(gdelt, search):
    gdelt.answer = lambda number: "Please limit requests to one every 5 seconds or contact us."
    with pytest.raises(PassingFetchError, match="patience"):
        search()


def test_between_requests_there_is_the_pause_that_it_asks_for(gdelt, search, web):
    search(since="2024-01", until="2024-03")
    assert len(web.slept) >= len(gdelt.queries) - 1 >= 2
    assert all(GAP - 1 < seconds <= GAP for seconds in web.slept)


def test_words_languages_and_countries_make_the_query(gdelt, search):
    search(query='"smart city" OR cctv', countries=("CB", "LA"), languages=("english",), since="2024", until="2024-01")
    assert (
        gdelt.queries[0]["query"] == '("smart city" OR cctv) (sourcecountry:cb OR sourcecountry:la) sourcelang:english'
    )
    assert (gdelt.queries[0]["mode"], gdelt.queries[0]["format"]) == ("artlist", "json")


def test_its_json_with_bare_backslashes_is_read(gdelt, search):
    page = '{"articles": [{"url": "https://news.example/x", "title": "a \\| b\tc", "seendate": "2024"}, 7, {}]}'
    gdelt.answer = lambda number: page
    listing = search(since="2024", until="2024-01")
    assert [(one.address, one.published) for one in listing.found] == [("https://news.example/x", "")]


@pytest.mark.parametrize(
    ("written", "title"), [("C:\\\\x", "C:\\x"), ("a \\user", "a \\user"), ("\\u00e9\\n", "é\n"), ("100\\%", "100\\%")]
)
def test_backslashes_that_are_escaped_and_bare_ones_are_told_apart(gdelt, search, written, title):
    gdelt.answer = lambda number: f'{{"articles": [{{"url": "https://news.example/x", "title": "{written}"}}]}}'
    assert len(search(since="2024", until="2024-01").found) == 1


@pytest.mark.parametrize("page", ['{"articles": null}', "{}"])
def test_an_empty_answer_is_none(gdelt, search, page):
    gdelt.answer = lambda number: page
    assert search(since="2024", until="2024-01").found == ()


def test_other_patterns_and_more_documents_are_asked_for_from_the_beginning(gdelt, search):
    first = search(include=("*/7?utm*",))
    assert len(search(memory=first.memory).found) == 900
    few = search(most=10)
    assert len(few.found) == 10 and few.problems
    assert len(search(memory=few.memory, most=2000).found) == 900


@pytest.mark.parametrize(
    "page",
    [
        '{"error": "timeout"}',
        '{"articles": "x"}',
        "<html><h1>502 Bad Gateway</h1></html>",
        "Internal error: unable to process request",
        "  ",
    ],
)
def test_an_answer_that_is_no_list_may_pass_and_its_time_is_asked_for_again(gdelt, search, page):
    gdelt.answer = lambda number: page
    with pytest.raises(PassingFetchError):
        search()
    gdelt.answer = lambda number: page if number > 4 else None
    listing = search()
    assert "only" in listing.problems[0]
    gdelt.answer = None
    assert len({one.address for one in (*listing.found, *search(memory=listing.memory).found)}) == 900


def test_an_answer_may_begin_with_a_byte_order_mark(gdelt, search):
    gdelt.answer = lambda number: '\ufeff{"articles": [{"url": "https://news.example/x"}]}'
    assert len(search(since="2024", until="2024-01").found) == 1


def test_its_robots_txt_is_about_pages_and_not_asked(gdelt, search, site):
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /\n"
    assert search(since="2024", until="2024-01").problems == ()
    assert "/robots.txt" not in site.asked


def test_patterns_choose_articles(gdelt, search):
    assert {one.address for one in search(include=("*/7?utm*",)).found} == {"https://news.example/7"}
