"""RSS and Atom feeds."""

import pytest

from ascn_nlp.errors import FetchError

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>News</title><link>{base}/</link>
<item><title>One</title><link>{base}/one?utm_source=rss&amp;id=7#top</link>
  <pubDate>Tue, 02 Mar 2021 23:30:00 +0700</pubDate></item>
<item><title>Two</title><link>/two</link><enclosure url="{base}/two.pdf" type="application/pdf" length="1"/>
  <enclosure url="{base}/two.mp3" type="audio/mpeg" length="1"/></item>
<item><title>Three</title><guid isPermaLink="true">{base}/three</guid><pubDate>not a date</pubDate></item>
<item><title>Mail</title><link>mailto:us@example.org</link></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Reports</title>
<link rel="self" href="{base}/atom"/>%s
<entry><title>A</title><id>tag:x,2020:%s</id><link rel="alternate" href="%s"/>
<published>2020-05-06T07:08:09Z</published><updated>2022-01-01T00:00:00Z</updated></entry></feed>"""


def names(listing, site):
    return [one.address.removeprefix(site.base) for one in listing.found]


def test_an_rss_feed_lists_its_items_and_the_reports_they_enclose(listed, site):
    site.pages["/feed"] = RSS
    listing = listed(kind="feed", urls=["/feed"])
    assert names(listing, site) == ["/one?id=7", "/two", "/two.pdf", "/three"]
    assert not listing.is_complete and not listing.problems
    one, two, _, three = listing.found
    assert one.location == f"{site.base}/one?utm_source=rss&id=7#top"
    assert (one.published, one.evidence, one.basis) == (
        "2021-03-02",
        "feed: Tue, 02 Mar 2021 23:30:00 +0700",
        "listing",
    )
    assert one.fingerprint == two.fingerprint == ""  # a day of publication says nothing of changes
    assert two.published == three.published == ""


def test_an_atom_entry_that_was_updated_has_another_fingerprint_and_the_same_date(listed, site):
    site.pages["/atom"] = ATOM % ("", 1, "/report")
    [before] = listed(kind="feed", urls=["/atom"]).found
    site.pages["/atom"] = (ATOM % ("", 1, "/report")).replace("2022-01-01", "2023-01-01")
    [after] = listed(kind="feed", urls=["/atom"]).found
    assert before.address == after.address and before.fingerprint != after.fingerprint
    assert before.published == after.published == "2020-05-06"


def write_pages(site, reports):
    for number, report in enumerate(reports):
        following = f'<link rel="next" href="{{base}}/atom/{number + 1}"/>' if number + 1 < len(reports) else ""
        site.pages[f"/atom/{number}"] = ATOM % (following, report, f"/report-{report}")


def test_older_pages_are_read_once_and_then_until_what_is_known(listed, site):
    write_pages(site, [3, 2, 1, 0])
    first = listed(kind="feed", urls=["/atom/0"])
    assert names(first, site) == [f"/report-{number}" for number in (3, 2, 1, 0)]
    again = listed(kind="feed", urls=["/atom/0"], memory=first.memory)
    assert names(again, site) == ["/report-3"]
    write_pages(site, [6, 5, 4, 3, 2, 1, 0])  # more than one page of new ones
    more = listed(kind="feed", urls=["/atom/0"], memory=again.memory)
    assert names(more, site) == [f"/report-{number}" for number in (6, 5, 4, 3)]


def test_a_feed_with_more_pages_than_are_read_says_so(listed, site):
    write_pages(site, list(range(101)))
    listing = listed(kind="feed", urls=["/atom/0"])
    assert len(listing.found) == 100 and "more than 100 pages" in listing.problems[0]


def test_entries_with_an_address_or_a_date_that_is_none_cost_only_themselves(listed, site):
    bad = "<item><link>http://[bad/x</link></item><item><link>{base}/old</link><pubDate>0001-01-01</pubDate></item>"
    site.pages["/feed"] = RSS.replace("<item>", bad + "<item>", 1)
    listing = listed(kind="feed", urls=["/feed"])
    assert names(listing, site) == ["/old", "/one?id=7", "/two", "/two.pdf", "/three"]


def test_older_pages_that_could_not_be_read_are_read_next_time(listed, site):
    site.pages["/atom/0"] = ATOM % ('<link rel="next" href="{base}/atom/1"/>', 0, "/report-0")
    site.pages["/atom/1"] = 500
    first = listed(kind="feed", urls=["/atom/0"])
    assert names(first, site) == ["/report-0"] and "500" in first.problems[0]
    site.pages["/atom/1"] = ATOM % ("", 1, "/report-1")
    assert names(listed(kind="feed", urls=["/atom/0"], memory=first.memory), site) == ["/report-0", "/report-1"]


def test_a_feed_whose_pages_go_round_ends(listed, site):
    site.pages["/atom/0"] = ATOM % ('<link rel="next" href="{base}/atom/0"/>', 0, "/report-0")
    assert len(listed(kind="feed", urls=["/atom/0"]).found) == 1


def test_patterns_choose_items(listed, site):
    site.pages["/feed"] = RSS
    listing = listed(kind="feed", urls=["/feed"], include=("*/t*",), exclude=("*.pdf",))
    assert names(listing, site) == ["/two", "/three"]


@pytest.mark.parametrize("page", [404, 500, "<html><p>not a feed</html>", "", "{}", "<rss><chann"])
def test_a_feed_that_is_none_is_an_error_of_its_source(listed, site, page):
    site.pages["/feed"] = page
    with pytest.raises(FetchError) as caught:
        listed(kind="feed", urls=["/feed"])
    assert f"{site.base}/feed" in str(caught.value)


def test_of_two_feeds_the_one_that_can_be_read_is(listed, site):
    site.pages["/feed"] = RSS
    listing = listed(kind="feed", urls=["/gone", "/feed"])
    assert len(listing.found) == 4 and "/gone" in listing.problems[0]


def test_a_feed_without_items_lists_nothing(listed, site):
    site.pages["/feed"] = '<rss version="2.0"><channel><title>Quiet</title></channel></rss>'
    listing = listed(kind="feed", urls=["/feed"])
    assert (listing.found, listing.problems) == ((), ())


def test_a_feed_cannot_make_us_read_a_file_or_another_address(listed, site):
    site.pages["/feed"] = "/etc/passwd"
    with pytest.raises(FetchError, match="is no RSS"):
        listed(kind="feed", urls=["/feed"])
    site.pages["/feed"] = "{base}/elsewhere"
    with pytest.raises(FetchError, match="is no RSS"):
        listed(kind="feed", urls=["/feed"])
    assert "/elsewhere" not in site.asked
    site.pages["/feed"] = '<!DOCTYPE rss [<!ENTITY x SYSTEM "{base}/elsewhere">]>' + RSS.partition("?>")[2]
    listed(kind="feed", urls=["/feed"])
    assert "/elsewhere" not in site.asked
