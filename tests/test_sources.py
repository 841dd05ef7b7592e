from __future__ import annotations

import os
import sys

import pytest

from ascn_nlp.errors import AscnNlpError, FetchError, TableError
from ascn_nlp.fetch import fetch_file
from ascn_nlp.sources import CLUTTER, GENRES, KINDS, load_sources

GOOD = """\
[reports]
kind = "folder"
publisher = "A ministry"
genre = "official_report"
why = "it speaks of cities"
path = "reports"

[news]
kind = "urls"
publisher = "A paper"
genre = "news"
why = "it asks people"
urls = ["https://example.org/b", "https://example.org/a#top", "https://example.org/a"]
enabled = false
internal = true
country = "ID"
language = "id"
licence = "all rights reserved"
"""


def load(folder, toml: str):
    path = folder / "sources.toml"
    path.write_text(toml, encoding="utf-8")
    return load_sources(path)


def fill(folder, *names: str) -> None:
    for name in names:
        path = folder / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def listed(folder, toml: str = GOOD):
    table = load(folder, toml)
    return table.list(table.sources[0])


def test_a_table_of_sources_is_read_in_its_order(tmp_path):
    reports, news = load(tmp_path, GOOD).sources
    assert (reports.id, reports.kind, reports.path, reports.pattern) == ("reports", "folder", "reports", "**/*")
    assert (reports.is_enabled, reports.is_internal, reports.country) == (True, False, "")
    assert (news.is_enabled, news.is_internal, news.country, news.language) == (False, True, "ID", "id")
    assert (news.publisher, news.genre, news.why, news.licence) == (
        "A paper",
        "news",
        "it asks people",
        "all rights reserved",
    )


def test_enabled_sources_are_chosen_unless_some_are_named(tmp_path):
    table = load(tmp_path, GOOD)
    assert [source.id for source in table.choose()] == ["reports"]
    assert [source.id for source in table.choose(["news", "reports"])] == ["news", "reports"]
    with pytest.raises(AscnNlpError, match="no source 'nwes'") as caught:
        table.choose(["nwes"])
    assert "reports, news" in caught.value.remedy


ABOUT = ["publisher = 'A ministry'", "genre = 'news'", "why = 'it speaks of cities'"]
FOLDER = ["[reports]", "kind = 'folder'", *ABOUT, "path = 'reports'"]
URLS = ["[news]", "kind = 'urls'", *ABOUT, "urls = ['https://example.org']"]


def with_(line: str, lines: list[str] = FOLDER) -> str:
    """A good source with one line added, or put last in place of the one with its key."""
    return "\n".join([*without(line.partition(" =")[0], lines).splitlines(), line])


def without(key: str, lines: list[str] = FOLDER) -> str:
    return "\n".join(one for one in lines if not one.startswith(f"{key} ="))


BAD = {
    "": (1, "", "add a table"),
    "reports = 3": (1, "reports", "[reports]"),
    "[[reports]]\nkind = 'folder'": (1, "reports", "[reports]"),
    "[a.b]\nkind = 'folder'": (1, "a.b", "publisher"),
    with_("kinds = 'x'"): (7, "reports.kinds", "urls"),
    with_("kind = 'feedd'"): (6, "reports.kind", ", ".join(KINDS)),
    with_("genre = 'blog'"): (6, "reports.genre", ", ".join(GENRES)),
    with_("why = ''"): (6, "reports.why", "why ="),
    with_("publisher = 3"): (6, "reports.publisher", "publisher ="),
    with_("enabled = 'yes'"): (7, "reports.enabled", "true"),
    with_("internal = 1"): (7, "reports.internal", "false"),
    with_("country = 3"): (7, "reports.country", "country ="),
    with_("path = ''"): (1, "reports", "path ="),
    with_("path = 3"): (6, "reports.path", "path ="),
    with_("urls = ['https://example.org']"): (7, "reports.urls", "remove"),
    with_("path = 'x'", URLS): (7, "news.path", "remove"),
    with_("urls = []", URLS): (1, "news", "urls ="),
    with_("urls = 'https://example.org'", URLS): (6, "news.urls", "["),
    with_("urls = ['ftp://example.org']", URLS): (6, "news.urls", "https://"),
    with_("urls = ['example.org']", URLS): (6, "news.urls", "https://"),
    with_("urls = ['https://']", URLS): (6, "news.urls", "host"),
    with_("urls = ['https:///path']", URLS): (6, "news.urls", "host"),
    with_("urls = ['https://[broken/']", URLS): (6, "news.urls", "host"),
    with_("pattern = '../*'"): (7, "reports.pattern", "within"),
    with_("pattern = '/etc/*'"): (7, "reports.pattern", "within"),
    with_("pattern = '**.pdf'"): (7, "reports.pattern", "**/*.pdf"),
    with_("pattern = ''"): (7, "reports.pattern", "**/*.pdf"),
    **{without(key): (1, "reports", f"{key} =") for key in ("kind", "publisher", "genre", "why", "path")},
    without("urls", URLS): (1, "news", "urls ="),
}


@pytest.mark.parametrize(("toml", "wanted"), BAD.items(), ids=[toml.rpartition("\n")[2] or "empty" for toml in BAD])
def test_a_source_not_understood_is_refused_by_file_line_and_key_with_what_is_valid(tmp_path, toml, wanted):
    line, key, remedy = wanted
    with pytest.raises(TableError) as caught:
        load(tmp_path, toml)
    assert caught.value.where == f"{tmp_path / 'sources.toml'}:{line}" + (f": {key}" if key else "")
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_taken(tmp_path, genre):
    assert load(tmp_path, with_(f"genre = '{genre}'")).sources[0].genre == genre


def test_a_folder_lists_its_documents_in_a_stable_order_with_addresses_of_its_own(tmp_path):
    fill(tmp_path, "b.pdf", "a.html", "sub/c.pdf", "sub/deep/d.txt", "Ö x.pdf")
    found = listed(tmp_path)
    assert [one.address for one in found] == sorted(["a.html", "b.pdf", "sub/c.pdf", "sub/deep/d.txt", "Ö x.pdf"])
    assert found == listed(tmp_path)
    assert {one.source_id for one in found} == {"reports"}
    assert found[0].location == str(tmp_path / "reports" / "a.html")


def test_hidden_files_and_clutter_are_not_documents(tmp_path):
    fill(tmp_path, "a.pdf", ".hidden.pdf", ".git/x.pdf", "sub/.DS_Store", "~$a.docx", "sub/.cache/y.pdf", *CLUTTER)
    assert [one.address for one in listed(tmp_path)] == ["a.pdf"]


def test_a_hidden_folder_above_the_source_hides_nothing(tmp_path):
    folder = tmp_path / ".config" / "corpus"
    folder.mkdir(parents=True)
    fill(folder, "a.pdf")
    assert [one.address for one in listed(folder)] == ["a.pdf"]


@pytest.mark.parametrize(
    ("pattern", "wanted"), [("**/*.pdf", ["a.pdf", "sub/c.pdf"]), ("*", ["a.pdf", "b.txt"]), ("sub/*", ["sub/c.pdf"])]
)
def test_a_pattern_chooses_files(tmp_path, pattern, wanted):
    fill(tmp_path, "a.pdf", "b.txt", "sub/c.pdf")
    assert [one.address for one in listed(tmp_path, with_(f"pattern = '{pattern}'"))] == wanted


def test_a_changed_file_changes_its_fingerprint_and_nothing_else_does(tmp_path):
    fill(tmp_path, "a.pdf", "b.pdf")
    before = {one.address: one.fingerprint for one in listed(tmp_path)}
    assert before == {one.address: one.fingerprint for one in listed(tmp_path)}
    path = tmp_path / "reports" / "a.pdf"
    stat = path.stat()
    path.write_text("other", encoding="utf-8")  # as long as before
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    after = {one.address: one.fingerprint for one in listed(tmp_path)}
    assert after["a.pdf"] != before["a.pdf"]
    assert after["b.pdf"] == before["b.pdf"]


def test_a_longer_file_with_its_old_time_has_another_fingerprint(tmp_path):
    fill(tmp_path, "a.pdf")
    [before] = listed(tmp_path)
    path = tmp_path / "reports" / "a.pdf"
    stat = path.stat()
    path.write_text("longer than before", encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert listed(tmp_path)[0].fingerprint != before.fingerprint


def test_a_folder_that_is_gone_is_an_error_of_its_source_alone(tmp_path):
    with pytest.raises(FetchError, match="no such folder") as caught:
        listed(tmp_path)
    assert "source reports" in caught.value.remedy


def test_an_empty_folder_lists_nothing(tmp_path):
    (tmp_path / "reports").mkdir()
    assert listed(tmp_path) == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_file_name_that_is_no_text_can_be_stored_printed_and_fetched(tmp_path):
    fill(tmp_path, "a.pdf")
    with open(os.path.join(os.fsencode(tmp_path), b"reports", b"r\xe9sum\xe9 %20.pdf"), "wb") as file:  # noqa: PTH118, PTH123
        file.write(b"its bytes")
    usual, strange = listed(tmp_path)
    assert (usual.address, strange.address) == ("a.pdf", "r\\xe9sum\\xe9 %20.pdf")
    strange.location.encode()
    assert fetch_file(strange.location, strange.address, 100).content == b"its bytes"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_nothing_and_pipes_are_not_documents(tmp_path):
    fill(tmp_path, "a.pdf")
    (tmp_path / "reports" / "dangling.pdf").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "reports" / "pipe.pdf")
    assert [one.address for one in listed(tmp_path)] == ["a.pdf"]


def test_addresses_of_one_page_are_one_document(tmp_path):
    table = load(tmp_path, GOOD)
    found = table.list(table.sources[1])
    assert [one.address for one in found] == ["https://example.org/b", "https://example.org/a"]
    assert all(one.location == one.address and one.fingerprint == "" for one in found)
