"""Sitemaps with their indexes."""

import gzip
from datetime import date, timedelta

import pytest

from ascn_nlp.errors import FetchError

TODAY = date(2024, 6, 15)
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*entries):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NS}>{"".join(entries)}</urlset>'


def url(path, changed="", published=""):
    lastmod = f"<lastmod>{changed}</lastmod>" if changed else ""
    news = f"<news:news><news:publication_date>{published}</news:publication_date></news:news>" if published else ""
    return f"<url>\n <loc> {{base}}{path} </loc>{lastmod}{news}</url>"


def index(*entries):
    maps = [f"<sitemap><loc>{{base}}{path}</loc><lastmod>{changed}</lastmod></sitemap>" for path, changed in entries]
    return f"<sitemapindex {NS}>{''.join(maps)}</sitemapindex>"


def names(listing, site):
    return [one.address.removeprefix(site.base) for one in listing.found]


def test_a_sitemap_lists_its_pages_with_what_it_says_of_them(listed, site):
    site.pages["/s.xml"] = urlset(url("/a", "2021-03-04"), url("/b", published="2020-05-06T23:30:00-05:00"), url("/c"))
    listing = listed(kind="sitemap", urls=["/s.xml"])
    assert names(listing, site) == ["/a", "/b", "/c"]
    assert [one.fingerprint != "" for one in listing.found] == [True, False, False]
    assert [one.published for one in listing.found] == ["", "2020-05-07", ""]  # lastmod is no date of publication
    assert listing.is_complete


def test_a_page_that_changed_has_another_fingerprint(listed, site):
    site.pages["/s.xml"] = urlset(url("/a", "2021-03-04"))
    [before] = listed(kind="sitemap", urls=["/s.xml"]).found
    site.pages["/s.xml"] = urlset(url("/a", "2021-03-05"))
    [after] = listed(kind="sitemap", urls=["/s.xml"]).found
    assert before.fingerprint != after.fingerprint


def test_an_index_is_followed_and_what_did_not_change_is_not_read_again(listed, site):
    site.pages["/index.xml"] = index(("/old.xml", "2020-01-01"), ("/new.xml", "2024-01-01"))
    site.pages["/old.xml"] = urlset(url("/a"), url("/b"))
    site.pages["/new.xml"] = urlset(url("/c"))
    first = listed(kind="sitemap", urls=["/index.xml"])
    assert names(first, site) == ["/a", "/b", "/c"] and first.is_complete
    site.pages["/index.xml"] = index(("/old.xml", "2020-01-01"), ("/new.xml", "2024-02-01"))
    site.pages["/new.xml"] = urlset(url("/c"), url("/d"))
    site.asked.clear()
    second = listed(kind="sitemap", urls=["/index.xml"], memory=first.memory)
    assert names(second, site) == ["/c", "/d"]
    assert not second.is_complete  # what is not in it is not gone
    assert "/old.xml" not in site.asked


def test_other_patterns_read_everything_anew(listed, site):
    site.pages["/index.xml"] = index(("/old.xml", "2020-01-01"))
    site.pages["/old.xml"] = urlset(url("/a"), url("/b"))
    first = listed(kind="sitemap", urls=["/index.xml"], include=("*/a",))
    again = listed(kind="sitemap", urls=["/index.xml"], include=("*/b",), memory=first.memory)
    assert (names(first, site), names(again, site)) == (["/a"], ["/b"])


def test_a_part_that_cannot_be_read_is_named_and_read_next_time(listed, site):
    site.pages["/index.xml"] = index(("/one.xml", "2020-01-01"), ("/two.xml", "2020-01-01"))
    site.pages["/one.xml"] = urlset(url("/a"))
    site.pages["/two.xml"] = 503
    first = listed(kind="sitemap", urls=["/index.xml"])
    assert names(first, site) == ["/a"] and not first.is_complete
    assert "/two.xml" in first.problems[0] and "503" in first.problems[0]
    site.pages["/two.xml"] = urlset(url("/b"))
    assert names(listed(kind="sitemap", urls=["/index.xml"], memory=first.memory), site) == ["/b"]


def test_of_a_front_page_the_sitemaps_are_meant_that_its_robots_txt_names(listed, site):
    site.pages["/robots.txt"] = "User-agent: *\nAllow: /\nSitemap: {base}/deep/map.xml\n"
    site.pages["/deep/map.xml"] = urlset(url("/a"))
    assert names(listed(kind="sitemap", urls=["/"]), site) == ["/a"]


def test_without_a_word_on_sitemaps_the_usual_place_is_looked_at(listed, site):
    site.pages["/sitemap.xml"] = urlset(url("/a"))
    assert names(listed(kind="sitemap", urls=["/"]), site) == ["/a"]


def test_packed_and_plain_ones_are_read(listed, site):
    packed = urlset(url("/a")).replace("{base}", site.base).encode()
    site.pages["/s.xml.gz"] = gzip.compress(packed)
    site.pages["/s.txt"] = "\ufeff{base}/b\r\n\r\n{base}/c\n"
    assert names(listed(kind="sitemap", urls=["/s.xml.gz", "/s.txt"]), site) == ["/a", "/b", "/c"]


def test_patterns_choose_pages_and_doubles_are_one(listed, site):
    site.pages["/s.xml"] = urlset(url("/smart/a"), url("/smart/a?utm_medium=x"), url("/sport/b"), url("/smart/c.jpg"))
    listing = listed(kind="sitemap", urls=["/s.xml"], include=("*/smart/*",), exclude=("*.jpg",))
    assert names(listing, site) == ["/smart/a"]


def test_more_than_a_source_may_list_is_said(listed, site):
    site.pages["/s.xml"] = urlset(*(url(f"/{number}") for number in range(9)))
    listing = listed(kind="sitemap", urls=["/s.xml"], most=4)
    assert len(listing.found) == 4 and "9 documents, of which 4" in listing.problems[0]
    assert not listing.is_complete and listing.memory == {}


@pytest.mark.parametrize(
    "page", [404, "<html><body>nothing</body></html>", "words", "", "<rss version='2.0'></rss>", "\x1f\x8bbroken"]
)
def test_a_sitemap_that_is_none_is_an_error_of_its_source(listed, site, page):
    site.pages["/s.xml"] = page if isinstance(page, int) else page.encode("latin-1")
    with pytest.raises(FetchError) as caught:
        listed(kind="sitemap", urls=["/s.xml"])
    assert f"{site.base}/s.xml" in str(caught.value)


def test_a_sitemap_that_broke_off_loses_only_its_end_and_nothing_counts_as_gone(listed, site):
    site.pages["/index.xml"] = index(("/s.xml", "2020-01-01"))
    site.pages["/s.xml"] = urlset(url("/a"), url("/b"))[:-40]
    listing = listed(kind="sitemap", urls=["/index.xml"])
    assert names(listing, site)[:1] == ["/a"]
    assert not listing.is_complete and "broke off" in listing.problems[0]
    site.pages["/s.xml"] = urlset(url("/a"), url("/b"))
    again = listed(kind="sitemap", urls=["/index.xml"], memory=listing.memory)
    assert names(again, site) == ["/a", "/b"] and again.is_complete


def test_a_sitemap_that_changed_today_is_read_again_tomorrow(listed, site):
    site.pages["/index.xml"] = index(("/s.xml", "2024-06-15"))
    site.pages["/s.xml"] = urlset(url("/a"))
    first = listed(kind="sitemap", urls=["/index.xml"])
    site.pages["/s.xml"] = urlset(url("/a"), url("/b"))  # later on the same day
    again = listed(kind="sitemap", urls=["/index.xml"], memory=first.memory, today=TODAY + timedelta(days=1))
    assert names(again, site) == ["/a", "/b"]


def test_strange_entries_cost_only_themselves(listed, site):
    picture = "<image:image xmlns:image='i'><image:loc>{base}/p.jpg</image:loc></image:image>"
    first = f"<url>{picture}<loc>{{base}}/a</loc></url>"
    strange = "<url><loc>http://[x/a</loc></url><url></url>"
    site.pages["/s.xml"] = urlset(first, strange, url("/b", "x", "0001-01-01T00:00:00+07:00"))
    listing = listed(kind="sitemap", urls=["/s.xml"])
    assert names(listing, site) == ["/a", "/b"]
    assert [one.published for one in listing.found] == ["", ""]
    assert "1 entries have no address" in listing.problems[0]


def test_a_robots_txt_may_name_its_sitemap_without_the_host(listed, site):
    site.pages["/robots.txt"] = "Sitemap: /i.xml\n"
    site.pages["/i.xml"] = urlset(url("/a"))
    assert names(listed(kind="sitemap", urls=["/"]), site) == ["/a"]


def test_an_index_that_names_itself_ends(listed, site):
    site.pages["/index.xml"] = index(("/index.xml", ""), ("/s.xml", ""))
    site.pages["/s.xml"] = urlset(url("/a"))
    assert names(listed(kind="sitemap", urls=["/index.xml"]), site) == ["/a"]


def test_entities_are_neither_followed_nor_blown_up(listed, site):
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 20}">' for n in range(1, 9))
    site.pages["/s.xml"] = f"""<!DOCTYPE urlset [<!ENTITY l0 "x">{bomb}<!ENTITY file SYSTEM "file:///etc/passwd">
        <!ENTITY net SYSTEM "{{base}}/elsewhere">]>
        <urlset {NS}><url><loc>{{base}}/a&l8;</loc></url><url><loc>{{base}}/&file;&net;</loc></url></urlset>"""
    try:
        found = names(listed(kind="sitemap", urls=["/s.xml"]), site)
    except FetchError:
        found = []
    assert all(len(name) < 50 and "root" not in name for name in found)
    assert "/elsewhere" not in site.asked
