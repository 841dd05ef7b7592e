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
    assert not listing.is_complete
    [problem] = listing.problems
    assert "1 entries have no address" in problem and "mailto:us@example.org" in problem
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


def write_page(site, number, reports, older=""):
    """A page of a feed with several entries; ``older`` is a link element."""
    entries = [f'<entry><id>u{one}</id><link href="/{"odd" if one % 2 else "even"}/{one}"/></entry>' for one in reports]
    site.pages[f"/f{number}"] = f'<feed xmlns="http://www.w3.org/2005/Atom">{older}{"".join(entries)}</feed>'


def write_three_pages(site):
    for number, reports in enumerate([(9, 8, 7), (6, 5, 4), (3, 2, 1)]):
        write_page(site, number, reports, f'<link rel="next" href="/f{number + 1}"/>' if number < 2 else "")


def numbers(listing):
    return [int(one.address.rpartition("/")[2]) for one in listing.found]


def test_an_old_entry_at_the_top_does_not_hide_what_is_new_below_it(listed, site):
    write_page(site, 0, (3, 2, 1), '<link rel="next" href="/f1"/>')
    write_page(site, 1, (0,))
    first = listed(kind="feed", urls=["/f0"])
    write_page(site, 0, (3, 9, 8), '<link rel="next" href="/f1"/>')
    write_page(site, 1, (7, 6, 5), '<link rel="next" href="/f2"/>')
    write_page(site, 2, (4, 2, 1), '<link rel="next" href="/f3"/>')
    write_page(site, 3, (0,))
    site.asked.clear()
    again = listed(kind="feed", urls=["/f0"], memory=first.memory)
    assert numbers(again) == [3, 9, 8, 7, 6, 5, 4, 2, 1]
    assert "/f3" not in site.asked


def test_pages_on_which_nothing_is_chosen_are_known_again_too(listed, site):
    write_three_pages(site)
    write_page(site, 0, (8, 6), '<link rel="next" href="/f1"/>')
    first = listed(kind="feed", urls=["/f0"], include=("*/odd/*",))
    site.asked.clear()
    again = listed(kind="feed", urls=["/f0"], include=("*/odd/*",), memory=first.memory)
    assert numbers(first) == [5, 3, 1] and again.found == ()
    assert "/f1" not in site.asked


def test_what_was_cut_off_or_not_chosen_is_listed_when_it_is_wanted(listed, site):
    write_three_pages(site)
    few = listed(kind="feed", urls=["/f0"], most=2)
    assert numbers(few) == [9, 8] and "raise most" in few.problems[0]
    assert numbers(listed(kind="feed", urls=["/f0"], memory=few.memory)) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    odd = listed(kind="feed", urls=["/f0"], include=("*/odd/*",))
    assert numbers(odd) == [9, 7, 5, 3, 1]
    assert numbers(listed(kind="feed", urls=["/f0"], memory=odd.memory)) == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_a_feed_with_more_pages_than_one_refresh_reads_is_gone_on_with_in_the_next(listed, site):
    write_pages(site, list(range(250, 0, -1)))
    first = listed(kind="feed", urls=["/atom/0"])
    assert len(first.found) == 100 and "more than 100 pages" in first.problems[0]
    second = listed(kind="feed", urls=["/atom/0"], memory=first.memory)
    assert len(second.found) == 101 and "more than 100 pages" in second.problems[0]
    third = listed(kind="feed", urls=["/atom/0"], memory=second.memory)
    assert len(third.found) == 51 and not third.problems
    assert len({one.address for one in (*first.found, *second.found, *third.found)}) == 250
    assert len(listed(kind="feed", urls=["/atom/0"], memory=third.memory).found) == 1


def test_older_pages_left_for_the_next_refresh_are_asked_for_until_they_are_gone(listed, site):
    write_pages(site, list(range(102, 0, -1)))
    first = listed(kind="feed", urls=["/atom/0"])
    site.pages["/atom/100"] = 500
    second = listed(kind="feed", urls=["/atom/0"], memory=first.memory)
    assert any("500" in problem for problem in second.problems)
    site.pages["/atom/100"] = 404
    third = listed(kind="feed", urls=["/atom/0"], memory=second.memory)
    assert any("404" in problem for problem in third.problems)
    assert listed(kind="feed", urls=["/atom/0"], memory=third.memory).problems == ()


def test_archives_of_a_feed_are_read(listed, site):
    write_page(site, 0, (2,), '<link rel="prev-archive" href="/f1"/>')
    write_page(site, 1, (1,))
    assert numbers(listed(kind="feed", urls=["/f0"])) == [2, 1]


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("Fri, 01 Jan 2018 03:00:00 +0800", "2018-01-01"),
        ("Tue, 02 Mar 2021 05:30 +0700", "2021-03-02"),
        ("Tue, 02 Mar 2021 23:30:00 -0500", "2021-03-02"),
        ("2021-03-02T05:30:00+07:00", "2021-03-02"),
        ("02 Mar 21 10:00 GMT", "2021-03-02"),
        ("Tue, 02 Mar 2021 05:30:00 GMT+7", "2021-03-02"),
        ("Tue, 02 Mar 2021 24:00:00 +0700", "2021-03-02"),
        ("Selasa, 02 Maret 2021 05:30 WIB", "2021-03-02"),
        ("12.03.2021", "2021-03-12"),
        ("2-Mar-2021", "2021-03-02"),
        ("02-03-2021", "2021"),
        ("2021", "2021"),
        ("2021-03", "2021-03"),
        ("20210302", "2021-03-02"),
        ("20210302103000", "2021-03-02"),
        ("Tue, 02 Mar 2564 05:30:00 +0700", "2021-03-02"),
        ("29 Feb 2563 05:30:00 +0700", "2020-02-29"),
        ("2 มีนาคม 2564", "2021-03-02"),
        ("1614650000", ""),
        ("1609459200", ""),
        ("1614650000000", ""),
        ("10:00", ""),
        ("Tue, 31 Feb 2021 10:00:00 +0700", ""),
        (f"Tue, 02 Mar {'9' * 30} 10:00:00 +0700", ""),
    ],
)
def test_a_day_is_the_publishers_own_and_no_surer_than_it_is_stated(listed, site, stated, day):
    site.pages["/feed"] = RSS.replace("Tue, 02 Mar 2021 23:30:00 +0700", stated)
    first = listed(kind="feed", urls=["/feed"]).found[0]
    assert (first.published, first.evidence) == (day, f"feed: {stated}" if day else "")


def test_dublin_cores_date_of_an_item_is_its_publication_and_no_change(listed, site):
    dated = '<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2021-03-02T05:30:00+07:00</dc:date></item>'
    site.pages["/feed"] = RSS.replace("</item>", dated, 1)
    site.pages["/other"] = RSS.partition("<item>")[0] + f"<item><link>/dc</link>{dated}</channel></rss>"
    both, only = listed(kind="feed", urls=["/feed", "/other"]).found[::4]
    assert (both.published, both.fingerprint) == ("2021-03-02", "") and "23:30" in both.evidence
    assert (only.published, only.fingerprint) == ("2021-03-02", "") and "05:30" in only.evidence


def test_a_change_that_an_item_of_rss_states_is_no_publication(listed, site):
    changed = '<a:updated xmlns:a="http://www.w3.org/2005/Atom">2022-01-01T00:00:00Z</a:updated></item>'
    site.pages["/feed"] = RSS.partition("<item>")[0] + f"<item><link>/x</link>{changed}</channel></rss>"
    [one] = listed(kind="feed", urls=["/feed"]).found
    assert (one.published, one.fingerprint) == ("", "feed 2022-01-01T00:00:00Z")


def test_entries_without_an_address_are_said_whatever_is_chosen(listed, site):
    site.pages["/feed"] = RSS.replace("<item>", '<item><guid isPermaLink="false">abc-1</guid></item><item>', 1)
    listing = listed(kind="feed", urls=["/feed"], include=("*/t*",))
    assert "2 entries have no address" in listing.problems[0] and "'abc-1'" in listing.problems[0]


def test_a_scheme_in_capitals_is_a_web_address(listed, site):
    site.pages["/feed"] = RSS.replace("{base}/one?utm_source=rss&amp;id=7#top", "HTTPS://Example.org/UP")
    first = listed(kind="feed", urls=["/feed"]).found[0]
    assert (first.address, first.location) == ("https://example.org/UP", "https://Example.org/UP")


@pytest.mark.parametrize(
    ("name", "type_"),
    [("/e.PDF?v=1", "application/octet-stream"), ("/e", "application/x-pdf"), ("/e.doc", ""), ("/e.docx", "x")],
)
def test_reports_are_told_by_their_ending_too(listed, site, name, type_):
    enclosure = f'<enclosure url="{{base}}{name}" type="{type_}"/></item>'
    site.pages["/feed"] = RSS.replace("</item>", enclosure, 1)
    assert names(listed(kind="feed", urls=["/feed"]), site)[:2] == ["/one?id=7", name]


def test_a_feed_that_broke_off_says_so_and_is_read_whole_the_next_time(listed, site):
    write_pages(site, [1, 0])
    whole = site.pages["/atom/0"].replace("</feed>", "<entry><id>x</id><link href='/x'/></entry></feed>")
    site.pages["/atom/0"] = whole[:-20]
    first = listed(kind="feed", urls=["/atom/0"])
    assert names(first, site)[0] == "/report-1" and "broke off" in first.problems[0]
    site.pages["/atom/0"] = whole
    assert names(listed(kind="feed", urls=["/atom/0"], memory=first.memory), site) == ["/report-1", "/x", "/report-0"]


def test_a_feed_that_is_not_well_formed_and_lost_nothing_is_no_problem(listed, site):
    site.pages["/feed"] = RSS.replace("&amp;", "&").replace("mailto:us@example.org", "/four")
    listing = listed(kind="feed", urls=["/feed"])
    assert names(listing, site) == ["/one?id=7", "/two", "/two.pdf", "/three", "/four"]
    assert listing.problems == ()


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
