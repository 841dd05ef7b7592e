"""The date that a page shows near its headline, among the many that it shows."""

import pytest
from lxml import html

from ascn_nlp.extract.html.about import read_about
from ascn_nlp.extract.html.shown import shown_clues

PROSE = "<p>Nobody had counted the lamps before the clerk did so in the rain, with a boy to hold the paper dry.</p>"
MENU = '<ul class="menu"><li>Home</li></ul>'


def shown(body, language="en", is_far_sought=True):
    page = f'<html lang="{language}"><head><title>Lamps out</title></head><body>{body}</body></html>'
    tree = html.document_fromstring(page)
    found = shown_clues(tree, read_about(tree, ""), "2026-03-01", is_far_sought=is_far_sought)
    return [(clue.value, clue.confidence) for clue in found]


def article(shown_date):
    return f"{MENU}<article><h1>Lamps out</h1>{shown_date}{PROSE * 5}</article>"


@pytest.mark.parametrize(
    ("language", "words", "value"),
    [
        ("en", "Published on 4 March 2021", "2021-03-04"),
        ("de", "Veröffentlicht am 4. März 2021", "2021-03-04"),
        ("de", "Dieser Beitrag wurde am 4. März 2021 um 9 Uhr von Ada veröffentlicht", "2021-03-04"),
        ("fr", "Publié le 1er mars 2021 à 14h49", "2021-03-01"),
        ("es", "Publicado el 4 de marzo de 2021", "2021-03-04"),
        ("pt", "Publicado em 04/03/2021 às 15h", "2021-03-04"),
        ("it", "Pubblicato il 4 marzo 2021", "2021-03-04"),
        ("id", "Diterbitkan: 4 Maret 2021", "2021-03-04"),
        ("vi", "Đăng ngày 4/3/2021", "2021-03-04"),
        ("tl", "Inilathala noong 4 Marso 2021", "2021-03-04"),
        ("en", "Published 04/03/2021", "2021"),
    ],
)
def test_a_labelled_date_is_read_in_many_languages(language, words, value):
    assert shown(article(f"<p>{words}</p>"), language) == [(value, 0.8)]


@pytest.mark.parametrize(
    "element",
    [
        '<time datetime="2021-03-04T10:00">a year ago</time>',
        '<time class="entry-date published updated" datetime="2021-03-04">4 March 2021</time>',
        '<span class="post-date">4. 3. 2021</span>',
        '<div class="meta"><b>Ada Lamp</b> <i>March 4, 2021</i></div>',
        '<div class="date">City, 04.03.21</div>',
        '<span property="dateCreated" content="2021-03-04T12:00:00+07:00">yesterday</span>',
        '<footer class="entry-meta"><a title="2021-03-04" class="timestamp">link</a></footer>',
        '<aside><p class="date">4 March 2021</p></aside>',
    ],
)
def test_an_element_named_for_dates_is_believed(element):
    assert shown(article(element)) == [("2021-03-04", 0.7)]


def test_a_date_alone_beside_the_headline_is_believed_a_little():
    assert shown(article("<p>Bandung, Thursday, 4 March 2021</p>")) == [("2021-03-04", 0.6)]


@pytest.mark.parametrize(
    "element",
    [
        "<p>The bridge over the old canal was opened on 4 March 2021 by the mayor of that day.</p>",
        '<p class="meta">Updated: 4 March 2021</p>',
        '<p class="meta">Zuletzt aktualisiert am 4. März 2021</p>',
        '<time class="updated" datetime="2021-03-04">4 March 2021</time>',
        '<div class="related-posts"><span class="date">4 March 2021</span></div>',
        '<ul class="latest"><li><time datetime="2021-03-04">4 March</time></li></ul>',
        '<p class="birth-date">4 March 1975</p>',
        '<p class="date">1 March 2026</p>',
        '<p class="event-date">4 March 2031</p>',
    ],
)
def test_a_date_of_something_else_is_passed_over(element):
    assert shown(article(element)) == []


def test_the_date_nearest_to_the_headline_is_taken():
    first, second = (f'<p class="date">{day} March 2021</p>' for day in (4, 9))
    assert shown(f"{first}{MENU * 3}<h1>Lamps out</h1>{second}{PROSE}") == [("2021-03-09", 0.7)]


def test_what_holds_the_headline_too_may_be_called_anything():
    body = f'<div class="widget"><h1>Lamps out</h1><p class="date">4 March 2021</p>{PROSE}</div>'
    assert shown(body) == [("2021-03-04", 0.7)]


@pytest.mark.parametrize(("is_far_sought", "found"), [(True, [("2021-03-04", 0.7)]), (False, [])])
def test_a_date_far_from_the_headline_is_taken_only_when_it_is_sought(is_far_sought, found):
    assert shown(f'<h1>Lamps out</h1>{PROSE * 80}<p class="date">4 March 2021</p>', "en", is_far_sought) == found


def test_a_page_without_headings_may_show_a_date_too():
    assert shown(f'<p class="date">4 March 2021</p>{PROSE}') == [("2021-03-04", 0.7)]
