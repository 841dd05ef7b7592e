"""What a refresh fetches from the web, how often, and what becomes of what is gone."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from ascn_nlp import pipeline
from ascn_nlp.errors import StoreError
from ascn_nlp.forgetting import find_document, forget_document
from ascn_nlp.pipeline.health import unasked_sources

SETTINGS = """\
[tagger]
kind = "rules"
[reading]
workers = 1
[fetching]
per_minute = 60000
seconds = 5
archive = "{base}/archive"
"""
SOURCE = """\
[pages]
kind = "urls"
urls = [{urls}]
publisher = "A ministry"
genre = "news"
why = "to be fetched"
internal = true
{more}
"""
PAGE = (
    '<html lang="en"><head><title>Page {n}</title>{head}</head><body><article><h1>Page {n}</h1><p>Residents of Hanoi '
    "said that camera {n} watches their door day and night, and that nobody in the district office had ever asked them "
    "whether they agreed to be filmed in front of their own homes.</p></article></body></html>"
)


def page(n, head=""):
    return PAGE.format(n=n, head=head)


@pytest.fixture
def web(workplace, site, monkeypatch):
    """``web("/a", more="archive = true")`` makes a workspace with these pages as its one source."""
    monkeypatch.setattr("ascn_nlp.pipeline.fetching.GAP", 0.0)  # our archive is in no need of rest

    def web(*paths, more=""):
        workplace.settings(SETTINGS.replace("{base}", site.base))
        urls = ", ".join(f'"{site.base}{path}"' for path in paths)
        table = SOURCE.format(urls=urls, more=more)
        (workplace.root / "sources.toml").write_text(table, encoding="utf-8")
        return workplace

    return web


def pages_asked(site):
    return [path for path in site.asked if path != "/robots.txt"]


def document(workplace, column):
    return [row[0] for row in workplace.rows(f"SELECT {column} FROM documents ORDER BY seq")]


def way(workplace):
    return workplace.rows("SELECT stage, outcome, times FROM ledger ORDER BY seq")


def test_a_page_comes_once_and_is_asked_about_with_what_is_known_of_it(web, site):
    def serve(request):
        if request.headers.get("If-None-Match") == '"v1"':
            return 304
        return 200, page(1), {"ETag": '"v1"', "Content-Type": "text/html"}

    site.pages["/a"] = serve
    place = web("/a")
    assert place.refresh()["counts"]["fetch.fetched"] == 1
    for _ in range(2):
        counts = place.refresh()["counts"]
        assert (counts["fetch.planned"], counts["fetch.unchanged"], counts["read.planned"]) == (1, 1, 0)
    assert pages_asked(site) == ["/a"] * 3
    assert ("fetch", "unchanged", 2) in way(place)
    assert place.outcomes() == {f"{site.base}/a": "read"}


def test_another_state_of_a_page_is_another_version_of_the_same_document(web, site):
    site.pages["/a"] = page(1)
    place = web("/a")
    place.refresh()
    site.pages["/a"] = page(2)
    place.refresh()
    assert place.rows("SELECT count(*) FROM documents") == [(1,)]
    assert place.rows("SELECT count(*) FROM versions") == [(2,)]
    assert len([path for path in place.workspace.raw.rglob("*") if path.is_file()]) == 2
    assert place.rows("SELECT count(*) FROM passages WHERE is_current AND text LIKE '%camera 2%'") == [(1,)]


def test_a_page_that_fails_leaves_what_was_read_of_it_and_says_why(web, site):
    site.pages["/a"] = page(1)
    place = web("/a", "/b")
    site.pages["/b"] = 403
    place.refresh()
    site.pages["/a"] = 500
    place.refresh()
    failures = place.failures()
    assert "500" in failures[f"{site.base}/a"][1] and "403" in failures[f"{site.base}/b"][1]
    assert place.outcomes() == {f"{site.base}/a": "read", f"{site.base}/b": "failed"}
    [tries] = place.rows("SELECT tries FROM ledger WHERE stage = 'fetch' AND reason LIKE '%500%'")
    assert tries == (3,)


def age(place, days):
    """Make it so many days since anything was looked at."""
    when = (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with pipeline.store_of(place.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET checked_at = ?", (when,))


def test_pages_are_looked_at_again_when_their_time_has_come(web, site):
    site.pages["/a"] = page(1)
    place = web("/a", more="revisit_days = 7")
    place.refresh()
    for days, times in ((0, 1), (6, 1), (8, 2)):
        age(place, days)
        place.refresh()
        assert len(pages_asked(site)) == times, days


ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>A</title><id>a</id>'
    '<link href="{{base}}/a"/><published>2021-03-04T00:00:00Z</published>{updated}</entry></feed>'
)


@pytest.mark.parametrize(
    ("updated", "more", "times"),
    [
        ("<updated>2021-03-05T00:00:00Z</updated>", "", 1),
        ("<updated>2021-03-05T00:00:00Z</updated>", "revisit_days = 0", 2),
        ("", "", 2),
        ("", "revisit_days = 90", 1),
    ],
)
def test_a_feed_is_believed_that_a_page_has_not_changed_unless_a_person_asks_to_look(web, site, updated, more, times):
    site.pages.update({"/a": page(1), "/feed": ATOM.format(updated=updated)})
    place = web("/feed", more=more)
    table = place.root / "sources.toml"
    table.write_text(table.read_text().replace('"urls"', '"feed"'))
    place.refresh()
    age(place, 40)
    place.refresh()
    assert pages_asked(site).count("/a") == times


def rename(place, before, after, *removed):
    """Give a source another name, and take addresses out of what it lists."""
    table = place.root / "sources.toml"
    text = table.read_text().replace(f"[{before}]", f"[{after}]")
    for url in removed:
        text = text.replace(f'"{url}"', "").replace("[, ", "[").replace(", ]", "]")
    table.write_text(text)


def test_a_source_of_pages_under_another_name_keeps_its_documents_and_looks_at_them(web, site):
    site.pages.update({"/a": page(1), "/b": page(2)})
    place = web("/a", "/b")
    place.refresh()
    ids = document(place, "id")
    rename(place, "pages", "seiten")
    site.pages["/b"] = page(3)
    counts = place.refresh()["counts"]
    assert (counts["new"], counts["gone"], counts["moved"], counts["fetch.fetched"]) == (0, 0, 2, 1)
    assert (document(place, "id"), document(place, "source_id")) == (ids, ["seiten", "seiten"])
    assert place.rows("SELECT count(*) FROM passages WHERE is_current AND text LIKE '%camera 3%'") == [(1,)]
    assert unasked_sources(place.workspace) == {}


def test_a_page_that_moves_to_a_later_source_is_one_document_as_before(web, site):
    site.pages.update({"/a": page(1), "/b": page(2)})
    place = web("/a", "/b")
    place.refresh()
    ids = document(place, "id")
    table = place.root / "sources.toml"
    later = SOURCE.format(urls=f'"{site.base}/b"', more="").replace("[pages]", "[later]")
    rename(place, "pages", "pages", f"{site.base}/b")
    table.write_text(table.read_text() + later)
    counts = place.refresh()["counts"]
    assert (counts["new"], counts["moved"]) == (0, 1)
    assert (document(place, "id"), document(place, "source_id")) == (ids, ["pages", "later"])
    assert place.rows("SELECT count(*) FROM documents WHERE is_gone") == [(0,)]


def test_a_folder_under_another_name_keeps_its_documents_with_what_was_decided(workplace):
    workplace.put("a.txt")
    workplace.put("deep/b.txt")
    workplace.refresh()
    ids = workplace.rows("SELECT id FROM passages ORDER BY seq")
    rename(workplace, "papers", "documents-of-ours")
    counts = workplace.refresh()["counts"]
    assert (counts["new"], counts["moved"]) == (0, 2)
    assert workplace.rows("SELECT id FROM passages WHERE is_current ORDER BY seq") == ids
    assert workplace.rows("SELECT DISTINCT source_id FROM documents") == [("documents-of-ours",)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("[papers]", "[papers]\nenabled = false"), "not enabled"),
        (lambda text: text.replace("[papers]", "[others]").replace('"documents"', '"empty"'), "not in sources.toml"),
    ],
)
def test_documents_of_a_source_that_is_asked_no_more_are_named(workplace, change, why):
    workplace.put("a.txt")
    workplace.refresh()
    (workplace.root / "empty").mkdir()
    table = workplace.root / "sources.toml"
    table.write_text(change(table.read_text()))
    if "others" in table.read_text():
        workplace.refresh()
    assert unasked_sources(workplace.workspace) == {"papers": (1, why)}
    # They count, so they are tagged by whom the others are tagged by.
    workplace.settings((workplace.root / "ascn.toml").read_text().replace('"rules"', '"light"'))
    workplace.refresh()
    assert [name.split("-")[0] for (name,) in workplace.rows("SELECT DISTINCT tagger_id FROM taggings")] == ["light"]
    assert not pipeline.plan_tag(workplace.workspace)


def test_a_page_that_fails_for_good_is_left_until_then_or_until_asked_for(web, site):
    site.pages["/a"] = 403
    place = web("/a", more="revisit_days = 7")
    place.refresh()
    place.refresh()
    assert pages_asked(site) == ["/a"]
    site.pages["/a"] = page(1)
    assert place.refresh(failed_only=True)["counts"]["fetch.fetched"] == 1
    assert not place.failures()


def test_failed_only_asks_for_nothing_else(web, site):
    site.pages.update({"/a": page(1), "/b": 500})
    place = web("/a", "/b")
    place.put("papers.txt")
    place.refresh()
    site.pages["/b"] = page(2)
    site.asked.clear()
    counts = place.refresh(failed_only=True)["counts"]
    assert pages_asked(site) == ["/b"]
    assert (counts["retried"], counts["fetch.planned"], counts["read.read"]) == (1, 1, 1)


class Archive:
    """A web archive: captures of pages by timestamp, listed by CDX and played back, as the Wayback Machine does."""

    def __init__(self, site, captures):
        self.site, self.captures = site, captures
        site.pages["/archive/cdx/search/cdx"] = self.list
        for (path, timestamp), body in captures.items():
            headers = {"Content-Type": "text/html", "X-Archive-Orig-Last-Modified": "Tue, 05 Mar 2019 00:00:00 GMT"}
            answer = body if isinstance(body, int) else (200, body, headers)
            site.pages[f"/archive/web/{timestamp}id_/{site.base}{path}"] = answer

    def list(self, request):
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        first, last = asked.get("from", "0").ljust(14, "0"), asked.get("to", "9").ljust(14, "9")
        rows = [
            [timestamp, self.site.base + path]
            for path, timestamp in sorted(self.captures)
            if self.site.base + path == asked["url"] and first <= timestamp <= last
        ]
        return json.dumps([["timestamp", "original"], *rows[int(asked["limit"]) :]] if rows else [])


def test_a_page_that_is_gone_is_taken_from_the_archive(web, site):
    Archive(site, {("/a", "20190304050607"): page(1), ("/a", "20200102030405"): page(2)})
    place = web("/a", more="archive = true")
    place.refresh()
    assert place.outcomes() == {f"{site.base}/a": "read"} and not place.failures()
    copy = f"{site.base}/archive/web/20200102030405/{site.base}/a"
    assert document(place, "archived_url") == document(place, "url") == [copy]  # the newest, where a reader finds it
    assert document(place, "final_url") == [f"{site.base}/a"]
    assert place.rows("SELECT reason FROM ledger WHERE outcome = 'fetched'") == [(f"from the web archive: {copy}",)]
    asked = len(site.asked)
    place.refresh()
    assert len(site.asked) == asked  # a copy does not change


def test_the_day_of_a_copy_is_the_page_s_today(web, site):
    head = '<meta property="article:published_time" content="2020-01-02">'
    Archive(site, {("/a", "20200102030405"): page(1, head), ("/b", "20190607080910"): page(2)})
    place = web("/a", "/b", more="archive = true")
    place.refresh()
    dates = dict(place.rows("SELECT address, published FROM documents"))
    assert dates[f"{site.base}/a"] == "2020-01-02"
    assert dates[f"{site.base}/b"] == "2019-03-05"  # Last-Modified of the original, and not of the copy


def test_a_page_whose_newest_copy_is_broken_is_taken_from_an_older_one(web, site):
    Archive(site, {("/a", "20190304050607"): page(1), ("/a", "20200102030405"): 404})
    place = web("/a", more="archive = true")
    place.refresh()
    assert "20190304050607" in document(place, "archived_url")[0]


def test_a_page_that_was_copied_only_outside_the_study_is_still_better_than_none(web, site):
    Archive(site, {("/a", "20150304050607"): page(1)})
    place = web("/a", more="archive = true")
    place.refresh()
    assert "20150304050607" in document(place, "archived_url")[0]


@pytest.mark.parametrize("more", ["", "archive = true"])
def test_a_page_that_is_gone_for_good_says_so(web, site, more):
    Archive(site, {})
    place = web("/a", more=more)
    place.refresh()
    [(stage, message, remedy)] = place.failures().values()
    assert stage == "fetch" and "404" in message and remedy
    assert ("no copy" in message) == bool(more)
    assert any("cdx" in path for path in site.asked) == bool(more)


def test_the_states_of_other_years_are_documents_of_their_own(web, site):
    site.pages["/a"] = page(0)
    Archive(
        site,
        {("/a", "20190304050607"): page(19), ("/a", "20190904050607"): page(20), ("/a", "20210304050607"): page(21)},
    )
    place = web("/a", more="archive_years = [2019, 2021, 2022]")
    place.refresh()
    words = place.rows("SELECT address, text FROM documents JOIN passages ON document_seq = documents.seq")
    cameras = {address.removeprefix(site.base): re.search(r"camera (\d+)", text)[1] for address, text in words}
    assert cameras == {"/a": "0", "/a#archived-2019": "20", "/a#archived-2021": "21"}
    [failed] = place.failures()
    assert failed.endswith("#archived-2022") and "no copy of 2022" in place.failures()[failed][1]
    asked = len(pages_asked(site))
    place.refresh()
    assert pages_asked(site)[asked:] == ["/a"]  # what was archived stays as it was


def test_bytes_that_were_forgotten_do_not_come_back_under_another_address(web, site):
    site.pages.update({"/a": page(1), "/b": page(2)})
    place = web("/a", "/b")
    place.refresh()
    workspace = place.workspace
    gone = forget_document(workspace, find_document(workspace, f"{site.base}/a"), "takedown", "bo")
    assert (gone.passages, gone.files) == (1, 1)
    assert [path.name for path in gone.left] == ["review.csv"] or gone.left == ()
    site.pages["/b"] = page(1)
    place.refresh()
    assert place.outcomes() == {f"{site.base}/b": "read"}
    assert "taken out of the corpus for good: takedown" in place.failures()[f"{site.base}/b"][1]
    assert place.rows("SELECT count(*) FROM passages WHERE text LIKE '%camera 1%'") == [(0,)]
    raw = b"".join(path.read_bytes() for path in workspace.raw.rglob("*") if path.is_file())
    assert b"camera 1 " not in raw and b"camera 2 " in raw


def test_a_date_that_a_feed_states_dates_its_article(workplace, site):
    workplace.settings(SETTINGS.replace("{base}", site.base))
    items = "".join(
        f"<item><link>{{base}}/{n}</link><pubDate>Tue, 0{n} Mar 2021 08:00:00 +0700</pubDate></item>" for n in (2, 3)
    )
    site.pages["/feed"] = f'<rss version="2.0"><channel><title>N</title>{items}</channel></rss>'
    site.pages.update({"/2": page(2), "/3": page(3, '<meta property="article:published_time" content="2021-03-04">')})
    table = SOURCE.format(urls='"{base}/feed"'.replace("{base}", site.base), more="").replace('"urls"', '"feed"', 1)
    (workplace.root / "sources.toml").write_text(table, encoding="utf-8")
    workplace.refresh()
    dates = workplace.rows("SELECT published, date_basis, date_evidence FROM documents ORDER BY seq")
    assert dates[0] == ("2021-03-02", "listing", "feed: Tue, 02 Mar 2021 08:00:00 +0700")
    assert dates[1][:2] == ("2021-03-04", "meta")


def test_a_last_modified_header_is_a_date_of_little_weight(web, site):
    site.pages["/a"] = lambda request: (200, page(1), {"Last-Modified": "Mon, 05 Aug 2019 00:00:00 GMT"})
    place = web("/a")
    place.refresh()
    assert place.rows("SELECT published, date_basis FROM documents") == [("2019-08-05", "header")]


def test_offline_asks_nobody(web, site):
    site.pages["/a"] = page(1)
    place = web("/a")
    place.refresh(offline=True)
    assert site.asked == [] and place.outcomes() == {f"{site.base}/a": None}


def test_many_pages_of_many_hosts_are_all_there(web, site):
    for number in range(120):
        site.pages[f"/{number}"] = page(number)
    place = web(*(f"/{number}" for number in range(120)))
    port = site.base.rpartition(":")[2]
    table = (place.root / "sources.toml").read_text(encoding="utf-8")
    for number in range(0, 120, 2):  # other names of this machine are other hosts
        table = table.replace(f'{site.base}/{number}"', f'http://127.0.0.{number % 5 + 2}:{port}/{number}"')
    (place.root / "sources.toml").write_text(table, encoding="utf-8")
    counts = place.refresh()["counts"]
    assert counts["fetch.planned"] == 120
    assert counts["fetch.fetched"] + counts.get("fetch.failed", 0) == 120
    assert counts["fetch.fetched"] >= 60  # the server listens on one address only


def test_a_disk_that_is_full_stops_the_run_and_loses_nothing(web, site, monkeypatch):
    for number in range(30):
        site.pages[f"/{number}"] = page(number)
    place = web(*(f"/{number}" for number in range(30)))

    def full(root, path, is_spare=False):
        raise StoreError("a fetched file cannot be kept: No space left on device", str(root), "free disk space")

    with monkeypatch.context() as patch:
        patch.setattr("ascn_nlp.pipeline.fetching.keep_raw", full)
        with pytest.raises(StoreError, match="No space left"):
            place.refresh()
    assert place.rows("SELECT state FROM runs") == [("failed",)]
    assert not place.failures()  # it is no document's fault
    assert place.refresh()["counts"]["fetch.fetched"] == 30


def test_a_store_that_fails_leaves_no_thread_fetching(web, site, monkeypatch):
    for number in range(300):  # more than the queue of results holds
        site.pages[f"/{number}"] = 500
    place = web(*(f"/{number}" for number in range(300)))
    begun = place.begin()
    [batch] = pipeline.plan_fetch(place.workspace)

    def locked(*_arguments, **_named):
        raise StoreError("cannot be written: database is locked")

    monkeypatch.setattr("ascn_nlp.pipeline.fetching.require_own", locked)
    monkeypatch.setattr("ascn_nlp.fetch.web.WAIT", 0.001)
    before = threading.active_count()
    with pytest.raises(StoreError, match="locked") as caught:  # which keeps its frames alive
        pipeline.fetch_batch(place.workspace, batch, begun["run_id"])
    assert caught.value.what
    names = [thread.name for thread in threading.enumerate() if "ThreadPool" in thread.name]
    assert not names and threading.active_count() <= before + 8  # the server's own


def test_the_counts_of_a_run_add_up(web, site):
    site.pages.update({"/a": page(1), "/b": 500, "/c": b"%PDF-1.7 broken"})
    place = web("/a", "/b", "/c")
    counts = place.refresh()["counts"]
    assert counts["listed"] == counts["new"] == counts["fetch.planned"] == 3
    assert counts["fetch.fetched"] + counts["fetch.failed"] == 3
    outcomes = [counts.get(f"read.{name}", 0) for name in ("read", "partly_read", "unread", "failed")]
    assert sum(outcomes) == counts["read.planned"] == 2
    assert counts["tag.documents"] + counts["tag.failed"] == counts["tag.planned"] == 1
    [(manifest,)] = place.rows("SELECT manifest FROM runs")
    told = json.loads(manifest)
    assert told["documents"] == {"read": 1, "failed": 2}
    assert told["settings"]["tagger"] == "rules" and "pages" in told["sources"]
    assert told["input"] and told["taxonomy"]["sha256"]


def feed_of(site, *paths):
    items = "".join(f"<item><link>{{base}}{path}</link></item>" for path in paths)
    site.pages["/feed"] = f'<rss version="2.0"><channel><title>N</title>{items}</channel></rss>'


def feed_workspace(workplace, site, more=""):
    workplace.settings(SETTINGS.replace("{base}", site.base))
    table = SOURCE.format(urls=f'"{site.base}/feed"', more=more).replace('"urls"', '"feed"', 1)
    (workplace.root / "sources.toml").write_text(table, encoding="utf-8")
    return workplace


def test_one_process_refreshes_again_and_again(workplace, site):
    place = feed_workspace(workplace, site)
    for number in range(3):
        site.pages[f"/{number}"] = page(number)
        feed_of(site, f"/{number}")
        summary = place.refresh()
        assert (summary["counts"]["new"], summary["counts"]["fetch.fetched"], summary["problems"]) == (1, 1, [])


def test_a_parser_that_stumbles_is_an_error_of_its_source_alone(workplace, site, monkeypatch):
    place = feed_workspace(
        workplace,
        site,
        more='[papers]\nkind = "folder"\npath = "documents"\npublisher = "p"\ngenre = "news"\nwhy = "w"',
    )
    place.put("a.txt")
    feed_of(site, "/a")

    def stumble(*_arguments, **_named):
        raise ZeroDivisionError("strange")

    monkeypatch.setattr("feedparser.parse", stumble)
    summary = place.refresh()
    assert place.outcomes() == {"a.txt": "read"}
    [problem] = summary["problems"]
    assert "source pages" in problem and "ZeroDivisionError" in problem


def test_an_answer_that_nobody_expected_is_an_error_of_its_document_alone(web, site, monkeypatch):
    site.pages.update({"/a": page(1), "/b": page(2)})
    place = web("/a", "/b")
    usual = pipeline.fetcher_of(place.workspace).get

    def get(url, **named):
        if url.endswith("/a"):
            raise ZeroDivisionError("strange")
        return usual(url, **named)

    monkeypatch.setattr(pipeline.fetcher_of(place.workspace), "get", get)
    place.refresh()
    [(stage, message, _)] = place.failures().values()
    assert stage == "fetch" and "ZeroDivisionError" in message
    assert place.outcomes()[f"{site.base}/b"] == "read"


def test_a_page_that_we_have_is_not_replaced_by_an_older_copy_when_it_is_gone(web, site):
    site.pages["/a"] = page(1)
    place = web("/a", more="archive = true")
    place.refresh()
    Archive(site, {("/a", "20190304050607"): page(2)})
    site.pages["/a"] = 404
    place.refresh()
    assert not document(place, "archived_url")[0]
    assert "404" in place.failures()[f"{site.base}/a"][1]
    assert place.rows("SELECT count(*) FROM passages WHERE is_current AND text LIKE '%camera 1 %'") == [(1,)]


def test_a_copy_whose_bytes_were_lost_is_had_again(web, site):
    Archive(site, {("/a", "20190304050607"): page(1)})
    place = web("/a", more="archive = true")
    place.refresh()
    [copy] = [path for path in place.workspace.raw.rglob("*") if path.is_file()]
    copy.unlink()
    place.refresh()
    assert copy.is_file()


def test_a_forgotten_page_does_not_come_back_through_another_source(workplace, site):
    place = feed_workspace(workplace, site)
    site.pages["/a"] = page(1)
    feed_of(site, "/a")
    place.refresh()
    forget_document(place.workspace, find_document(place.workspace, f"{site.base}/a"), "takedown", "")
    site.pages["/a"] = page(2)  # other bytes
    table = (place.root / "sources.toml").read_text(encoding="utf-8").replace("[pages]", "[renamed]")
    (place.root / "sources.toml").write_text(table, encoding="utf-8")
    counts = place.refresh()["counts"]
    assert (counts["new"], counts["forgotten"]) == (0, 1)
    assert place.outcomes() == {}


def test_bytes_of_two_documents_stay_with_the_one_that_is_not_forgotten(web, site):
    site.pages.update({"/a": page(1), "/b": page(1)})
    place = web("/a", "/b")
    place.refresh()
    workspace = place.workspace
    gone = forget_document(workspace, find_document(workspace, f"{site.base}/a"), "why", "")
    assert gone.files == 0 and gone.shared_with == (find_document(workspace, f"{site.base}/b"),)
    place.refresh()
    assert place.outcomes() == {f"{site.base}/b": "read"} and not place.failures()
    assert len([path for path in workspace.raw.rglob("*") if path.is_file()]) == 1


def test_bytes_that_a_killed_run_left_behind_go_too(web, site):
    site.pages["/a"] = page(1)
    place = web("/a")
    place.refresh()
    orphan = place.workspace.raw / "ab" / ("ab" * 32)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(page(7).encode())
    forget_document(place.workspace, find_document(place.workspace, f"{site.base}/a"), "why", "")
    assert not [path for path in place.workspace.raw.rglob("*") if path.is_file()]


def test_a_run_that_was_taken_for_dead_writes_no_more(web, site):
    site.pages["/a"] = page(1)
    place = web("/a")
    begun = place.begin()
    workspace = place.workspace
    with pipeline.store_of(workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET state = 'died'")
    [batch] = pipeline.plan_fetch(workspace)
    with pytest.raises(StoreError, match="another run has taken over"):
        pipeline.fetch_batch(workspace, batch, begun["run_id"])
    assert place.rows("SELECT sha256 FROM documents") == [(None,)]
    pipeline.end_run(workspace, begun["run_id"], "done", {})
    assert place.rows("SELECT state FROM runs") == [("died",)]


def test_a_copy_of_another_year_does_not_stand_for_the_one_that_was_asked_for(web, site):
    site.pages.update({"/a": page(0), "/b": page(0)})
    Archive(site, {("/a", "20190304050607"): page(19), ("/a", "20190904050607"): 0, ("/b", "20190304050607"): 0})
    for path, timestamp in (("/a", "20190904050607"), ("/b", "20190304050607")):
        later = f"/archive/web/20230801000000id_/{site.base}{path}"
        site.pages[later] = page(23)
        away = {"Location": site.base + later}
        site.pages[f"/archive/web/{timestamp}id_/{site.base}{path}"] = lambda request, away=away: (302, "", away)
    place = web("/a", "/b", more="archive_years = [2019]")
    place.refresh()
    copies = dict(place.rows("SELECT address, archived_url FROM documents WHERE archived_url != ''"))
    older = f"{site.base}/archive/web/20190304050607/{site.base}/a"
    assert copies == {f"{site.base}/a#archived-2019": older}
    assert "no copy of 2019" in place.failures()[f"{site.base}/b#archived-2019"][1]


def test_of_one_host_the_pages_that_never_came_are_asked_for_first(web, site):
    site.pages.update({"/a": page(1), "/b": page(2)})
    place = web("/a")
    place.refresh()
    site.asked.clear()
    place = web("/a", "/b")
    place.settings(SETTINGS.replace("{base}", site.base) + "per_host = 1\n")
    place.refresh()
    assert pages_asked(site) == ["/b", "/a"]


def test_a_page_that_leads_to_its_site_s_front_page_has_not_the_day_of_the_one_that_was_listed(workplace, site):
    place = feed_workspace(workplace, site)
    item = "<item><link>{base}/gone</link><pubDate>Tue, 02 Mar 2021 08:00:00 +0700</pubDate></item>"
    site.pages["/feed"] = f'<rss version="2.0"><channel><title>N</title>{item}</channel></rss>'
    site.pages.update({"/gone": lambda request: (302, "", {"Location": f"{site.base}/en/"}), "/en/": page(1)})
    place.refresh()
    assert document(place, "published") == [None]
    [(message,)] = place.rows("SELECT message FROM issues WHERE is_current")
    assert "led to another page" in message and f"{site.base}/en/" in message


def test_a_document_is_found_by_the_address_that_was_listed_or_opened(workplace, site):
    place = feed_workspace(workplace, site)
    site.pages.update({"/a?utm_source=x": page(1), "/b": page(2), "/c": page(2)})
    site.pages["/b"] = lambda request: (302, "", {"Location": f"{site.base}/c"})
    feed_of(site, "/a?utm_source=x", "/b")
    place.refresh()
    one, other = document(place, "id")
    assert find_document(place.workspace, f"{site.base}/a?utm_source=x") == one
    assert find_document(place.workspace, f"{site.base}/a?utm_source=other") == one
    assert find_document(place.workspace, f"{site.base}/c") == other
