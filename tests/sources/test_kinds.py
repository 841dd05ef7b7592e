"""What holds for every kind of source."""

import json
import pickle

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.records import Found
from ascn_nlp.sources import KINDS, Listing
from ascn_nlp.sources.table import load_sources

RSS = '<rss version="2.0"><channel><title>N</title>{}</channel></rss>'
ITEM = "<item><link>{{base}}/{}</link></item>"
SITEMAP = "<urlset>{}</urlset>"
URL = "<url><loc>{{base}}/{}</loc></url>"
# For each kind: (values of a source, pages of a site) that lists the documents a and b.
EXAMPLES = {
    "folder": ({"path": "reports"}, {}),
    "urls": ({"urls": ["/a", "/b"]}, {}),
    "feed": ({"urls": ["/feed"]}, {"/feed": RSS.format(ITEM.format("a") + ITEM.format("b"))}),
    "sitemap": ({"urls": ["/s.xml"]}, {"/s.xml": SITEMAP.format(URL.format("a") + URL.format("b"))}),
    "gdelt": (
        {"query": "smart city", "since": "2024", "until": "2024-01", "api": "/doc"},
        {"/doc": json.dumps({"articles": [{"url": "{base}/a"}, {"url": "{base}/b"}]})},
    ),
}


@pytest.fixture
def ask(listed, site, tmp_path):
    def ask(kind, memory=None):
        values, pages = EXAMPLES[kind]
        site.pages.update(pages)
        (tmp_path / "reports").mkdir(exist_ok=True)
        for name in "ab":
            if not (tmp_path / "reports" / name).exists():
                (tmp_path / "reports" / name).write_text(name)
        values = {**values, "api": site.base + values["api"]} if "api" in values else values
        return listed(kind=kind, memory=memory, **values)

    return ask


def test_every_kind_has_an_example():
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_it_lists_its_documents_in_a_stable_order_each_once(kind, ask):
    listing = ask(kind)
    assert isinstance(listing, Listing)
    assert [one.address[-1] for one in listing.found] == ["a", "b"]
    assert listing.found == ask(kind).found
    assert all(isinstance(one, Found) and one.source_id == "s" and one.location for one in listing.found)
    assert len({one.address for one in listing.found}) == len(listing.found)
    assert all((one.published == "") == (one.evidence == "") for one in listing.found)


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_notes_for_next_time_can_be_stored_and_changes_no_address(kind, ask):
    first = ask(kind)
    memory = json.loads(json.dumps(dict(first.memory)))
    again = ask(kind, memory)
    assert {one.address for one in again.found} <= {one.address for one in first.found}
    assert again.is_complete == first.is_complete
    pickle.loads(pickle.dumps(first))


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_cannot_be_asked_says_which_and_how_to_mend_it(kind, listed, site):
    if kind == "urls":
        pytest.skip("asks nobody")
    values, _ = EXAMPLES[kind]
    values = {**values, "api": site.base + values["api"]} if "api" in values else values
    with pytest.raises(FetchError) as caught:
        listed(kind=kind, **values)
    assert caught.value.remedy


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_asks_the_network_is_the_only_one_that_does(kind, ask, site):
    ask(kind)
    assert bool(site.asked) == KINDS[kind].asks_network


@pytest.mark.parametrize("kind", KINDS)
def test_the_key_that_it_needs_is_asked_for_by_name(kind, tmp_path):
    table = tmp_path / "sources.toml"
    table.write_text(f'[s]\nkind = "{kind}"\npublisher = "p"\ngenre = "news"\nwhy = "w"\n', encoding="utf-8")
    with pytest.raises(Exception, match=repr(KINDS[kind].keys[0])):
        load_sources(table)


def test_the_state_of_a_page_in_other_years_is_a_document_for_each(listed, site):
    listing = listed(kind="urls", urls=["/a"], archive_years=(2018, 2021))
    assert [one.address.removeprefix(site.base) for one in listing.found] == [
        "/a",
        "/a#archived-2018",
        "/a#archived-2021",
    ]
    assert [one.fingerprint for one in listing.found] == ["", "archived 2018", "archived 2021"]


def test_addresses_of_one_page_are_one_document(listed, site):
    found = listed(kind="urls", urls=["/b", "/a#top", "/a"]).found
    assert [one.address.removeprefix(site.base) for one in found] == ["/b", "/a"]
    assert all(one.location == one.address for one in found)
