"""Pages that stand in a document's place, told from short articles."""

import pytest

from ascn_nlp.extract import read_document
from ascn_nlp.extract.decode import decode
from ascn_nlp.records import Source

SOURCE = Source("s", "urls", "A ministry", "news", "to be read")
SHORT = "The ward will answer all who wrote to it before the end of the month, said the office of the mayor of Hanoi."


def read(title, text=SHORT, head="", h1="", address="https://example.org/a", final_url="", listed=("", "", "")):
    body = f"<article><h1>{h1 or title}</h1><p>{text}</p></article>"
    page = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return read_document(page.encode(), source=SOURCE, address=address, final_url=final_url, listed=listed)


@pytest.mark.parametrize(
    "title",
    [
        "404 Not Found",
        "Page not found - Example News",
        "Sign in",
        "Log in to continue",
        "Just a moment...",
        "Access denied",
        "Attention Required! | Cloudflare",
        "Error establishing a database connection",
        "Halaman tidak ditemukan | Warta",
    ],
)
def test_a_notice_in_the_place_of_a_document_is_not_read_and_says_so(title):
    document = read(title)
    assert (document.outcome, document.text) == ("unread", "")
    [issue] = document.issues
    assert "looks like a notice, not the document" in issue.message and issue.remedy


@pytest.mark.parametrize(
    "title",
    [
        "Residents log in to the city's new app",
        "Access denied: how a gated smart city keeps its neighbours out",
        "Smart housing - access denied",
        "Just a moment of silence for the old market",
        "404 households moved for the new tower",
        "Sign in the square names the cameras",
        "Missing sensors not found in time",
    ],
)
def test_a_short_article_about_such_things_stays_read(title):
    assert read(title).outcome == "read"


def test_a_long_text_is_read_whatever_it_is_called():
    assert read("Access denied", SHORT * 5).outcome == "read"


def test_a_box_to_log_in_with_beside_an_article_does_not_make_it_a_notice():
    assert read("The ward answers", SHORT + "</p><h1>Sign in</h1><p>" + SHORT).outcome == "read"


def test_a_page_that_leads_on_at_once_is_no_document_and_one_that_shows_itself_anew_is():
    onward = '<meta http-equiv="refresh" content="0; url=/elsewhere">'
    anew = '<meta http-equiv="refresh" content="300; url=/a">'
    assert read("Moved", head=onward).outcome == "unread"
    assert read("The ward answers", head=anew).outcome == "read"
    assert read("The ward answers", head='<meta http-equiv="refresh" content="5">').outcome == "read"


def test_a_page_that_led_to_a_log_in_is_no_document():
    assert read("Welcome", final_url="https://example.org/login?next=/a").outcome == "unread"
    assert read("Welcome", address="https://example.org/login").outcome == "read"


@pytest.mark.parametrize("front", ["/", "/en/", "/home", "/index.html"])
def test_a_front_page_that_came_instead_has_not_the_day_that_was_listed(front):
    listed = ("2021-03-02", "listing", "feed: 2 March")
    document = read("Welcome", final_url=f"https://example.org{front}", listed=listed)
    assert document.published is None
    assert f"https://example.org{front}" in document.issues[0].message
    assert read("Welcome", final_url="https://example.org/news/b", listed=listed).published.clue.value == "2021-03-02"


@pytest.mark.parametrize("name", ["windows-874", "dos-874", "Windows-874"])
def test_thai_text_is_read_by_each_name_of_its_set(name):
    text = "Smart city news of Bangkok, " * 40 + "กรุงเทพ"
    assert decode(text.encode("cp874"), f"text/html; charset={name}") == text
