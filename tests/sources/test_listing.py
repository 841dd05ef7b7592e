"""What all kinds of source share."""

from dataclasses import replace

import pytest

from ascn_nlp.records import Found, Source
from ascn_nlp.sources.listing import canonical, is_chosen, iso_day, with_small_scheme, without_doubles

SOURCE = Source("s", "feed", "p", "news", "why")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("HTTPS://Example.ORG:443/A/b?utm_source=x&id=7#top", "https://example.org/A/b?id=7"),
        ("http://example.org:80", "http://example.org/"),
        ("https://example.org:8443/?fbclid=1", "https://example.org:8443/"),
        ("https://x.org/view.php?12345", "https://x.org/view.php?12345"),
        (
            "https://x.org/n?b=2&a=1&cid=3&sourceid=4&reference=5",
            "https://x.org/n?b=2&a=1&cid=3&sourceid=4&reference=5",
        ),
        ("https://x.org/a//b/?x=", "https://x.org/a//b/?x="),
        ("https://x.org/\u00c4?q=\u00fc", "https://x.org/\u00c4?q=\u00fc"),
    ],
)
def test_an_address_loses_only_what_tells_nothing_of_the_page(url, wanted):
    assert canonical(url) == wanted
    assert canonical(wanted) == wanted


@pytest.mark.parametrize("url", ["http://[x/a", "ftp://x.org/", "mailto:a@b", "", "/a", "https://", "http://x/\ud800"])
def test_what_is_no_address_is_none(url):
    assert canonical(url) == ""


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2021-03-04", "2021-03-04"),
        ("2021-03-04T23:30:00-05:00", "2021-03-04"),
        ("2021-01-01T05:30:00+08:00", "2021-01-01"),
        ("20210304", "2021-03-04"),
        ("2021", "2021"),
        ("2021-03", "2021-03"),
        ("0001-01-01T00:00:00+07:00", ""),
        ("soon", ""),
        ("2021-13", ""),
        ("2021-", ""),
        ("\uff12\uff10\uff12\uff11", ""),
        ("", ""),
    ],
)
def test_a_time_is_told_as_its_day_on_its_own_clock(value, day):
    assert iso_day(value) == day


def test_only_the_scheme_itself_is_written_small():
    assert with_small_scheme(" HTTPS://X.org/?to=HTTP://Y ") == "https://X.org/?to=HTTP://Y"
    assert with_small_scheme("Httpd/HTTP://x") == "Httpd/HTTP://x"


def test_patterns_are_shell_patterns_of_the_whole_address():
    source = replace(SOURCE, include=("*/smart-*", "*.pdf"), exclude=("*/sport/*",))
    urls = ("https://x/smart-city", "https://x/a.pdf", "https://x/sport/smart-shoes", "https://x/city")
    assert [is_chosen(url, source) for url in urls] == [True, True, False, False]


def test_of_doubles_the_first_is_kept_and_what_is_left_out_is_said():
    found = [Found("s", name, f"{name}{number}") for number, name in enumerate(["a", "b", "a", "", "c"])]
    once, lines = without_doubles(found, replace(SOURCE, most=2))
    assert [one.location for one in once] == ["a0", "b1"]
    assert ["1 entries have no address" in lines[0], "3 documents, of which 2" in lines[1]] == [True, True]
