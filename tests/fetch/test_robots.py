"""robots.txt is honoured, and where it cannot be had nothing is fetched."""

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import PassingFetchError
from ascn_nlp.fetch.errors import GoneError
from ascn_nlp.fetch.robots import LIFE, MAX_BYTES, Robots, site_of

RULES = b"""\xef\xbb\xbfUser-agent: *
Disallow: /private/
Allow: /private/open$
Disallow: /*.xls
Crawl-delay: 7

User-agent: ascn-nlp
Disallow: /not-for-us

Sitemap: https://example.org/a.xml
Sitemap: https://example.org/b.xml
"""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def robots(status=200, text=RULES, error=None):
    asked = []

    def read(url):
        asked.append(url)
        if error:
            raise error
        return status, text

    clock = Clock()
    made = Robots(read, clock)
    made.asked, made.clock = asked, clock
    return made


def is_open(made, url):
    try:
        made.rules_for(url).require(url)
    except FetchError:
        return False
    return True


def test_rules_written_for_us_come_before_those_for_all():
    made = robots()
    paths = ["/not-for-us", "/private/x", "/sheet.xls", "/report"]
    assert [is_open(made, f"https://example.org{path}") for path in paths] == [False, True, True, True]


def test_rules_for_all_hold_with_wildcards_and_exceptions():
    made = robots(text=RULES.replace(b"ascn-nlp", b"other"))
    paths = ["/private/x", "/private/open", "/private/open/not", "/data/sheet.xls?y=1", "/not-for-us"]
    assert [is_open(made, f"https://example.org{path}") for path in paths] == [False, True, False, False, True]
    rules = made.rules_for("https://example.org/")
    assert (rules.gap, rules.sitemaps) == (7.0, ("https://example.org/a.xml", "https://example.org/b.xml"))


def test_a_page_that_is_forbidden_says_so_with_a_way_out():
    with pytest.raises(FetchError, match=r"robots\.txt forbids") as caught:
        robots().rules_for("https://x.org/").require("https://x.org/not-for-us")
    assert not isinstance(caught.value, PassingFetchError)
    assert "by hand" in caught.value.remedy


@pytest.mark.parametrize(("status", "may"), [(404, True), (410, True), (400, True), (401, False), (403, False)])
def test_a_site_without_rules_is_open_and_one_that_forbids_them_is_closed(status, may):
    assert is_open(robots(status, b"User-agent: *\nDisallow: /"), "https://x.org/a") is may


@pytest.mark.parametrize("status", [204, 302, 429, 500, 503])
def test_a_site_whose_rules_cannot_be_had_is_closed_for_now(status):
    with pytest.raises(PassingFetchError, match=f"robots.txt cannot be had .{status}"):
        robots(status).rules_for("https://x.org/").require("https://x.org/a")


def test_a_site_whose_rules_lead_astray_is_closed():
    made = robots(error=FetchError("more than 5 redirects", "https://x.org/robots.txt"))
    with pytest.raises(FetchError, match="more than 5 redirects") as caught:
        made.rules_for("https://x.org/").require("https://x.org/a")
    assert not isinstance(caught.value, PassingFetchError)


def test_a_connection_that_fails_closes_the_site_for_now():
    made = robots(error=PassingFetchError("the connection failed"))
    with pytest.raises(PassingFetchError, match="cannot be had"):
        made.rules_for("https://x.org/").require("https://x.org/a")


def test_a_site_that_is_not_there_is_told_as_that():
    with pytest.raises(GoneError, match="not known"):
        robots(error=GoneError("the host 'x.org' is not known", "x.org")).rules_for("https://x.org/")


def test_a_site_is_asked_once_an_hour_and_each_site_for_itself():
    made = robots()
    for url in ("https://x.org/a", "https://X.org/b", "http://x.org/a", "https://x.org:8443/", "https://u:p@x.org/"):
        made.rules_for(url)
    assert made.asked == [f"{site}/robots.txt" for site in ("https://x.org", "http://x.org", "https://x.org:8443")]
    made.clock.now = LIFE + 1
    made.rules_for("https://x.org/a")
    assert len(made.asked) == 4


@pytest.mark.parametrize("text", [b"", b"<html>not found</html>", b"\xff\xfe\x00garbage", b"Disallow /", b"a" * 10**6])
def test_nonsense_closes_nothing_and_breaks_nothing(text):
    assert is_open(robots(text=text), "https://x.org/a")


def test_a_site_is_scheme_host_and_port():
    assert site_of("https://User:x@Example.ORG:81/a?b#c") == "https://example.org:81"


def test_the_fetcher_heeds_them_at_every_redirect(server, fetcher):
    server.robots = (200, b"User-agent: *\nDisallow: /ok\n")
    one = fetcher()
    for path in ("ok", "chain/2"):
        with pytest.raises(FetchError, match="robots"):
            one.get(f"{server.base}/{path}", is_internal=True)
    paths = [path for path, _, _ in server.seen]
    assert "/ok" not in paths and paths.count("/robots.txt") == 1
    assert one.get(f"{server.base}/ok", is_internal=True, heeds_robots=False) is not None


def test_the_fetcher_fetches_nothing_where_they_cannot_be_had(server, fetcher):
    server.robots = (500, b"")
    with pytest.raises(PassingFetchError, match="cannot be had"):
        fetcher(tries=2).get(f"{server.base}/ok", is_internal=True)
    assert "/ok" not in [path for path, _, _ in server.seen]


def test_the_fetcher_asks_again_for_rules_that_could_not_be_had_at_first(server, fetcher):
    server.robots = [(503, b""), (200, b"User-agent: *\nDisallow: /ok")]
    one = fetcher()
    with pytest.raises(FetchError, match="forbids"):
        one.get(f"{server.base}/ok", is_internal=True)
    assert [path for path, _, _ in server.seen] == ["/robots.txt"] * 2


def test_a_closed_site_is_not_asked_for_page_after_page(server, fetcher):
    server.robots = (500, b"")
    one = fetcher(tries=3)
    for _ in range(4):
        with pytest.raises(PassingFetchError):
            one.get(f"{server.base}/ok", is_internal=True)
    assert len(server.seen) == 3
    assert sum(one.slept) < 5


def test_the_fetcher_keeps_the_pause_that_they_ask_for(server, fetcher):
    server.robots = (200, b"User-agent: *\nCrawl-delay: 30\n")
    one = fetcher()
    for _ in range(2):
        one.get(f"{server.base}/ok", is_internal=True)
    assert any(25 < seconds <= 30 for seconds in one.slept)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_rules_in_wide_characters_hold_too(encoding):
    text = ("\ufeff" + RULES.decode("utf-8-sig")).encode(encoding)
    made = robots(text=text)
    assert [is_open(made, f"https://example.org/{path}") for path in ("not-for-us", "report")] == [False, True]


def test_a_file_of_rules_that_is_no_text_closes_the_site():
    made = robots(text=b"User-agent: *\0\nDisallow: /\0")
    with pytest.raises(PassingFetchError, match="is no text"):
        made.rules_for("https://example.org/a").require("https://example.org/a")


def test_of_rules_without_end_the_beginning_holds(fetcher, server):
    server.robots = (200, b"User-agent: *\nDisallow: /bare\n" + b"#" * (MAX_BYTES + 70_000))
    one = fetcher()
    assert one.get(f"{server.base}/ok", is_internal=True) is not None
    with pytest.raises(FetchError, match="forbids programs"):
        one.get(f"{server.base}/bare", is_internal=True)
