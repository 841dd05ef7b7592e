"""Saved pages: read as the page they were, found at the address they were saved from."""

from pathlib import Path

import pytest

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.mail.mhtml import read_mhtml
from ascn_nlp.extract.origin import Origin
from ascn_nlp.records import Source

SAMPLE = Path(__file__).parent / "samples" / "mhtml" / "night-buses.mhtml"
ORIGIN = Origin(Source("tests", "folder", "", "news", "to test"), "page.mhtml")
PAGE = (
    "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>The ward office read out the letters on the "
    "price of {0}, and nobody was sent away unheard that day.</p></article></body></html>"
)


def read(content):
    return read_mhtml(content if isinstance(content, bytes) else content.encode(), ORIGIN, Limits())


def saved(*parts, about=""):
    inner = "".join(f"--b\n{part}\n" for part in parts)
    return f'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"{about}\n\n{inner}--b--\n'


def part(text, *headers, kind="text/html"):
    return "\n".join((f"Content-Type: {kind}", *headers)) + f"\n\n{text}"


def test_a_saved_page_is_read_as_the_page_it_was():
    draft = read(SAMPLE.read_bytes())
    assert (draft.title, draft.publisher, draft.language) == ("Night buses stay", "River Gazette", "en")
    assert draft.canonical_url == "https://gazette.example/2022/09/night-buses-stay"
    assert [block.kind for block in draft.blocks] == [
        "paragraph", "heading", "list_item", "list_item", "table_row", "table_row", "table_row", "paragraph",
    ]  # fmt: skip
    assert "“less than a bowl of noodles”" in draft.blocks[3].text


def test_the_day_of_saving_is_no_day_of_publication():
    assert {clue.value for clue in read(SAMPLE.read_bytes()).clues} == {"2022-09-14"}


@pytest.mark.parametrize(
    ("about", "title"),
    [('; start="<two@x>"', "rice"), ("; type=text/html", "water"), ("", "water"), ('; start="<none@x>"', "water")],
)
def test_the_root_is_the_part_that_is_named_or_the_first_page(about, title):
    parts = (
        part("p {}", "Content-ID: <css@x>", kind="text/css"),
        part(PAGE.format("water"), "Content-ID: <one@x>"),
        part(PAGE.format("rice"), "Content-ID: <two@x>"),
    )
    assert read(saved(*parts, about=about)).title == title


@pytest.mark.parametrize(
    ("address", "url"),
    [("https://a.example/story", "https://a.example/story"), ("cid:frame@x", ""), ("file:///C:/page.html", "")],
)
def test_only_a_web_address_is_taken_for_the_pages_own(address, url):
    assert read(saved(part(PAGE.format("water"), f"Content-Location: {address}"))).canonical_url == url


def test_a_page_in_a_part_of_its_own_kind_and_one_without_parts_are_read():
    inner = 'Content-Type: multipart/alternative; boundary="c"\n\n--c\n' + part(PAGE.format("water")) + "\n--c--\n"
    assert read(saved(inner)).title == "water"
    assert read("MIME-Version: 1.0\n" + part(PAGE.format("rice"))).title == "rice"


@pytest.mark.parametrize(
    "content",
    [
        saved(),
        saved(part("p {}", kind="text/css")),
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\nx',
    ],
)
def test_a_saved_page_without_the_page_is_refused_with_a_remedy(content):
    with pytest.raises(ExtractError) as caught:
        read(content)
    assert caught.value.remedy
