"""The catalogue of real sources, and taking from it."""

import tomllib
from collections import Counter
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from ascn_nlp.catalogue import add_sources, catalogue_path, check_sources, mark_verified
from ascn_nlp.errors import OptionError
from ascn_nlp.sources import KINDS
from ascn_nlp.sources.table import load_sources
from ascn_nlp.workspace import open_workspace

CATALOGUE = load_sources(catalogue_path()).sources
COUNTRIES = ("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN")


def test_it_is_broad():
    assert len(CATALOGUE) >= 40
    genres = Counter(source.genre for source in CATALOGUE)
    assert all(genres[name] >= 3 for name in ("official_report", "news", "ngo_or_think_tank"))


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_an_english_language_news_site(country):
    of_country = [one for one in CATALOGUE if one.country == country and one.genre == "news"]
    assert any(one.language in ("", "en") for one in of_country)


@pytest.mark.parametrize("source", CATALOGUE, ids=lambda source: source.id)
def test_each_says_why_it_is_there_and_what_its_terms_are_and_nobody_claims_to_have_seen_it(source):
    assert source.why and source.licence and source.publisher
    assert not source.is_verified
    assert not source.is_internal
    assert source.kind != "sitemap" or source.include  # a whole news site is not wanted
    assert all(urlsplit(url).scheme == "https" for url in source.urls)


def test_no_address_is_there_twice():
    urls = Counter(url for source in CATALOGUE if source.kind == "urls" for url in source.urls)
    assert max(urls.values()) == 1


def test_what_a_workspace_takes_is_written_as_it_stands_in_the_catalogue(tmp_path):
    place = open_workspace(tmp_path)
    first, second = CATALOGUE[0], CATALOGUE[-1]
    path = add_sources(place, [first.id])
    add_sources(place, [second.id])
    assert path == tmp_path / "sources.toml"
    assert load_sources(path).sources == (first, second)
    wanted = tomllib.loads(catalogue_path().read_text(encoding="utf-8"))
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {name: wanted[name] for name in (first.id, second.id)}


def test_every_source_can_be_taken(tmp_path):
    path = add_sources(open_workspace(tmp_path), [source.id for source in CATALOGUE])
    assert load_sources(path).sources == CATALOGUE


def test_what_is_there_already_or_nowhere_is_refused_and_the_table_left_alone(tmp_path):
    place = open_workspace(tmp_path)
    path = add_sources(place, [CATALOGUE[0].id])
    before = path.read_bytes()
    with pytest.raises(OptionError, match="already"):
        add_sources(place, [CATALOGUE[1].id, CATALOGUE[0].id])
    with pytest.raises(OptionError, match="no source 'nowhere'"):
        add_sources(place, ["nowhere"])
    assert path.read_bytes() == before


TABLE = """\
# A comment that stays.
[good]
kind = "urls"
urls = ["{base}/a"]
publisher = "p"
genre = "news"
why = "w"
internal = true
verified = false   # nobody has looked

[bad]
kind = "feed"
urls = ["{base}/nothing"]
publisher = "p"
genre = "news"
why = "w"
internal = true

[partly]
kind = "urls"
urls = ["{base}/gone", "{base}/a"]
publisher = "p"
genre = "news"
why = "w"
internal = true
"""


@pytest.fixture
def table(tmp_path, site):
    site.pages["/a"] = "<p>words"
    path = tmp_path / "sources.toml"
    path.write_text(TABLE.replace("{base}", site.base), encoding="utf-8")
    (tmp_path / "ascn.toml").write_text("[fetching]\nper_minute = 60000\n", encoding="utf-8")
    return load_sources(path)


def test_a_source_is_checked_by_asking_it(table, tmp_path, site):
    place = open_workspace(tmp_path)
    good, bad, partly = check_sources(place, table, table.sources)
    assert (good.state, good.listed, good.first, good.findings) == ("ok", 1, f"{site.base}/a", ())
    assert (bad.state, bad.listed) == ("broken", 0) and "404" in bad.findings[0]
    assert (partly.state, partly.first) == ("partly", f"{site.base}/a") and "/gone" in partly.findings[0]
    assert not (tmp_path / "data").exists()


def test_a_source_whose_kind_fails_is_broken_and_the_others_are_checked(table, tmp_path, monkeypatch):
    def fail(source, asking):
        raise ValueError("what nobody thought of")

    monkeypatch.setitem(KINDS, "feed", replace(KINDS["feed"], list=fail))
    good, bad, partly = check_sources(open_workspace(tmp_path), table, table.sources)
    assert [one.state for one in (good, bad, partly)] == ["ok", "broken", "partly"]
    [finding] = bad.findings
    assert finding.startswith("what it lists is not understood: ValueError: what nobody thought of")


@pytest.mark.parametrize(
    ("has_archive", "state", "remedy"), [(True, "partly", "web archive"), (False, "broken", "mend")]
)
def test_a_page_that_is_gone_is_left_to_the_archive_where_the_source_has_one(
    table, tmp_path, has_archive, state, remedy
):
    partly = next(source for source in table.sources if source.id == "partly")
    source = replace(partly, urls=partly.urls[:1], has_archive=has_archive)
    [found] = check_sources(open_workspace(tmp_path), table, [source])
    assert (found.state, found.listed) == (state, 1)
    assert remedy in found.findings[0] and "404" in found.findings[0]


def test_what_was_seen_is_marked_and_nothing_else_changes(table):
    before = table.path.read_text(encoding="utf-8")
    assert mark_verified(table, ["good", "bad"]) == 2
    after = table.path.read_text(encoding="utf-8")
    assert after == before.replace("verified = false   #", "verified = true   #").replace(
        "[bad]", "[bad]\nverified = true"
    )
    assert [source.is_verified for source in load_sources(table.path).sources] == [True, True, False]
    assert mark_verified(load_sources(table.path), ["good"]) == 0
