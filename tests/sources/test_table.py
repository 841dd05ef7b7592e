"""sources.toml: what is understood, and how what is not is refused."""

from __future__ import annotations

import pytest

from ascn_nlp.errors import AscnNlpError, TableError
from ascn_nlp.sources import KINDS
from ascn_nlp.sources.table import GENRES, load_sources

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

GDELT = ["[search]", "kind = 'gdelt'", *ABOUT, "query = 'smart city'"]


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
    **{with_(f"country = '{no}'"): (7, "reports.country", 'country = "VN"') for no in ("Vietnam", "vn", "VNM", "V1")},
    **{
        with_(f"language = '{no}'"): (7, "reports.language", 'language = "vi"')
        for no in ("english", "EN", "en-GB", "eng")
    },
    with_("language = 3"): (7, "reports.language", "language ="),
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
    with_("since = 2018-02-01", GDELT): (7, "search.since", 'since = "'),
    with_("until = 2018", GDELT): (7, "search.until", 'until = "'),
    with_("since = '2018-02-30'", GDELT): (7, "search.since", "2018-07"),
    with_("until = '2017'", [*GDELT, "since = '2020'"]): (8, "search.until", "swap"),
    with_("until = '2020-01-31'", [*GDELT, "since = '2020-02'"]): (8, "search.until", "swap"),
    with_("since = '2025'", GDELT): (7, "search.since", "2018 to 2024"),
    with_("until = '2017'", GDELT): (7, "search.until", "2018 to 2024"),
}


@pytest.mark.parametrize(("toml", "wanted"), BAD.items(), ids=[toml.rpartition("\n")[2] or "empty" for toml in BAD])
def test_a_source_not_understood_is_refused_by_file_line_and_key_with_what_is_valid(tmp_path, toml, wanted):
    line, key, remedy = wanted
    with pytest.raises(TableError) as caught:
        load(tmp_path, toml)
    assert caught.value.where == f"{tmp_path / 'sources.toml'}:{line}" + (f": {key}" if key else "")
    assert remedy in caught.value.remedy


def test_a_date_that_is_no_text_is_asked_for_in_quotes(tmp_path):
    with pytest.raises(TableError, match="must be a text in quotes"):
        load(tmp_path, with_("since = 2018-02-01", GDELT))


def test_a_search_may_be_of_one_day(tmp_path):
    [search] = load(tmp_path, with_("until = '2020-02-29'", [*GDELT, "since = '2020-02-29'"])).sources
    assert (search.since, search.until) == ("2020-02-29", "2020-02-29")


@pytest.mark.parametrize("code", ["country = 'VN'", "country = 'CN'", "language = 'vi'", "language = 'tet'"])
def test_codes_are_taken_as_iso_has_them(tmp_path, code):
    [source] = load(tmp_path, with_(code)).sources
    assert code == f"{code[: code.index(' ')]} = '{source.country or source.language}'"


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_is_taken(tmp_path, genre):
    assert load(tmp_path, with_(f"genre = '{genre}'")).sources[0].genre == genre
