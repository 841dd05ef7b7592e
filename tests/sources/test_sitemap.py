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
    assert [one.published for one in listing.found] == ["", "2020-05-06", ""]  # lastmod is no date of publication
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


def test_a_packed_sitemap_that_was_cut_off_before_it_was_packed_is_not_whole(listed, site):
    cut = urlset(url("/a"), url("/b"), url("/c")).replace("{base}", site.base).encode()[:-60]
    site.pages["/s.xml.gz"] = gzip.compress(cut)
    listing = listed(kind="sitemap", urls=["/s.xml.gz"])
    assert names(listing, site)[:2] == ["/a", "/b"]
    assert not listing.is_complete and "broke off" in listing.problems[0]


def test_an_ampersand_that_was_not_escaped_is_part_of_the_address(listed, site):
    locations = ("/a?x=1&y=2", "/b?x=1&amp;y=2&#38;z=3", "<![CDATA[{base}/c?x=1&y=2]]>", "/d?x=1&copy=2&nbsp;")
    site.pages["/s.xml"] = urlset(*(f"<url><loc>{one}</loc></url>" for one in locations))
    listing = listed(kind="sitemap", urls=["/s.xml"])
    assert names(listing, site) == ["/a?x=1&y=2", "/b?x=1&y=2&z=3", "/c?x=1&y=2", "/d?x=1&copy=2&nbsp;"]
    assert listing.is_complete and not listing.problems


@pytest.mark.parametrize("bad", ["<url><loc>{base}/x</url>", "<url><loc>{base}/x</loc><title>a < b</title></url>"])
def test_a_sitemap_that_is_not_well_formed_says_so_and_nothing_counts_as_gone(listed, site, bad):
    site.pages["/index.xml"] = index(("/s.xml", "2020-01-01"))
    site.pages["/s.xml"] = urlset(url("/a"), "\n", bad, url("/b"))
    listing = listed(kind="sitemap", urls=["/index.xml"])
    assert "/a" in names(listing, site) and not listing.is_complete
    assert f"{site.base}/s.xml is not well formed (line 4)" in listing.problems[0]
    site.pages["/s.xml"] = urlset(url("/a"), url("/b"))
    again = listed(kind="sitemap", urls=["/index.xml"], memory=listing.memory)
    assert names(again, site) == ["/a", "/b"] and again.is_complete


def test_a_prefix_that_is_not_declared_does_no_harm(listed, site):
    site.pages["/s.xml"] = "<urlset>" + url("/a", published="2021-01-01T05:30:00+08:00") + url("/b") + "</urlset>"
    listing = listed(kind="sitemap", urls=["/s.xml"])
    assert [one.published for one in listing.found] == ["2021-01-01", ""]
    assert names(listing, site) == ["/a", "/b"] and listing.is_complete


def test_a_sitemap_that_robots_txt_names_wrongly_is_said_and_the_others_are_read(listed, site):
    site.pages["/robots.txt"] = "Sitemap: http://[bad/x.xml\nSitemap: {base}/s.xml\n"
    site.pages["/s.xml"] = urlset(url("/a"))
    listing = listed(kind="sitemap", urls=["/"])
    assert names(listing, site) == ["/a"] and "'http://[bad/x.xml'" in listing.problems[0]
    assert not listing.is_complete  # what that sitemap holds is not gone


def test_a_site_that_could_not_be_asked_for_its_sitemaps_has_not_lost_its_pages(listed, site):
    site.pages["/s.xml"] = urlset(url("/a"))
    listing = listed(kind="sitemap", urls=["http://127.0.0.1:9/", "/s.xml"])
    assert names(listing, site) == ["/a"] and "127.0.0.1:9" in listing.problems[0]
    assert not listing.is_complete


def test_pages_that_many_sitemaps_repeat_hide_no_others(listed, site):
    for number in range(3):
        site.pages[f"/{number}.xml"] = urlset(*(url(f"/{page}") for page in range(7)))
    site.pages["/3.xml"] = urlset(url("/new"))
    site.pages["/index.xml"] = index(*((f"/{number}.xml", "") for number in range(4)))
    listing = listed(kind="sitemap", urls=["/index.xml"], most=10)
    assert names(listing, site) == [*(f"/{page}" for page in range(7)), "/new"]
    assert listing.is_complete and not listing.problems


def test_sitemaps_left_unread_because_there_is_too_much_are_said(listed, site):
    site.pages["/0.xml"] = urlset(*(url(f"/{page}") for page in range(7)))
    site.pages["/1.xml"] = urlset(url("/new"))
    site.pages["/index.xml"] = index(("/0.xml", ""), ("/1.xml", ""))
    listing = listed(kind="sitemap", urls=["/index.xml"], most=5)
    assert "/1.xml" not in site.asked
    assert not listing.is_complete and "5 are taken" in listing.problems[0]


def test_a_picture_without_a_page_is_no_page(listed, site):
    picture = "<image:image xmlns:image='i'><image:loc>{base}/p.jpg</image:loc></image:image>"
    site.pages["/s.xml"] = urlset(f"<url>{picture}</url>", url("/a"))
    assert names(listed(kind="sitemap", urls=["/s.xml"]), site) == ["/a"]


def test_an_address_without_its_scheme_is_not_taken_for_a_path(listed, site):
    host = site.base.removeprefix("http://")
    locations = ("www.example.org/x", f"{host}/y", "/z", "HTTPS://Example.org/UP")
    site.pages["/s.xml"] = urlset(*(f"<url><loc>{one}</loc></url>" for one in locations))
    listing = listed(kind="sitemap", urls=["/s.xml"])
    assert names(listing, site) == ["http://www.example.org/x", "/y", "/z", "https://example.org/UP"]
    assert listing.found[-1].location == "https://Example.org/UP"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_one_in_utf_16_is_read(listed, site, encoding):
    text = urlset(url("/a?b=1&c=2")).replace("UTF-8", "UTF-16").replace("{base}", site.base)
    site.pages["/s.xml"] = text.encode(encoding)
    listing = listed(kind="sitemap", urls=["/s.xml"])
    assert names(listing, site) == ["/a?b=1&c=2"] and listing.is_complete


def test_remarks_in_a_plain_one_are_passed_over(listed, site):
    site.pages["/s.txt"] = "# our pages\n{base}/a\n  # more\n{base}/b\n"
    assert names(listed(kind="sitemap", urls=["/s.txt"]), site) == ["/a", "/b"]


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
