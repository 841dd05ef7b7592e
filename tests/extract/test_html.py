"""Web pages: the article and its blocks, what the page says of itself, and when it was published."""

import pytest

from ascn_nlp.extract.decode import decode
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.html.reader import read_html
from ascn_nlp.extract.origin import Origin
from ascn_nlp.records import Source

SOURCE = Source("tests", "urls", "Somebody", "news", "to test")
PROSE = (
    "<p>The ward office read out the letters on the price of water, and nobody was sent away unheard that day. Those "
    "who came late were given a number and a cup of tea, and the last of them left after nine in the evening.</p>"
)


LINK = '<link rel="canonical" href="https://%s/lamps">'
SITE = '<meta property="og:site_name" content="Bay News">'


def page(head="", body="", attributes=""):
    main = f"<article>{PROSE}{body}{PROSE}</article>"
    return f"<!doctype html><html {attributes}><head>{head}</head><body>{main}</body></html>"


def read(html, address="a.html", fetched_at="2026-03-01"):
    content = html if isinstance(html, bytes) else html.encode()
    return read_html(content, Origin(SOURCE, address, fetched_at=fetched_at), Limits())


def blocks(body):
    return [(each.kind, each.text) for each in read(page(body=body)).blocks][1:-1]


@pytest.mark.parametrize(
    "body",
    [
        "<div>{}<br><br>{}</div>",
        "<div>{}<br/>&nbsp;<br/>\n{}<br></div>",
        "<p>{}<br><br>{}</p>",
        "<div><b>{}</b><br><br><span>{}</span></div>",
        "<div>{}<p>{}</p></div>",
        "<div>{}<br><br><p>{}</p></div>",
    ],
)
def test_paragraphs_made_with_line_breaks_are_parted_and_none_is_lost(body):
    first, second = "One sentence of the first part. " * 5, "One sentence of the second part. " * 5
    made = blocks(body.format(first, second))
    assert [text for _, text in made] == [first.strip(), second.strip()]


def test_a_single_line_break_stays_one():
    made = blocks("<div>Ward 1: the old market and all that is left<br>Ward 2: the pier and everything behind it</div>")
    assert made == [
        ("paragraph", "Ward 1: the old market and all that is left\nWard 2: the pier and everything behind it")
    ]


def test_headings_keep_their_rank_and_lists_their_items():
    body = f"<h2>Water</h2>{PROSE}<h3>Pipes</h3>{PROSE}<ul><li>first pipe of lead</li><li>second pipe of clay</li></ul>"
    made = read(page(body=body)).blocks
    assert [(each.text, each.level) for each in made if each.kind == "heading"] == [("Water", 2), ("Pipes", 3)]
    assert [each.text for each in made if each.kind == "list_item"] == ["first pipe of lead", "second pipe of clay"]


def test_table_rows_know_their_header():
    body = (
        "<table><tr><th>City</th><th>Pumps</th></tr><tr><td>Ipoh</td><td>31</td></tr><tr><td>Kuching</td><td>12</td></tr>"
        "</table>"
    )
    rows = [each for each in read(page(body=body)).blocks if each.kind == "table_row"]
    assert [(each.text, each.context) for each in rows] == [
        ("City | Pumps", ""),
        ("Ipoh | 31", "City | Pumps"),
        ("Kuching | 12", "City | Pumps"),
    ]


@pytest.mark.parametrize(
    "notice",
    [
        "We use cookies to improve this site.",
        "Read our cookie policy.",
        "Sign up for our newsletter and never miss a story.",
    ],
)
def test_notices_inside_the_article_are_left_out(notice):
    assert notice not in "".join(each.text for each in read(page(body=f"<p>{notice}</p>")).blocks)


@pytest.mark.parametrize(
    "line",
    [
        "<p>Related: The pump that nobody ordered</p>",
        "<p>Baca juga: Pompa yang tidak dipesan</p>",
        "<p>READ MORE: <a href='/x'>The pump</a></p>",
        "<p>Xem thêm: Máy bơm</p>",
        "<h3>Most read in city news</h3><p>A line after it that is kept.</p>",
        "<p>•</p>",
    ],
)
def test_what_leads_to_other_articles_is_left_out(line):
    kept = [("paragraph", "A line after it that is kept.")] if "kept" in line else []
    assert blocks(line) == kept


@pytest.mark.parametrize(
    "line", ["Most read works were on water.", "Related matters were put off.", "Read more books!"]
)
def test_sentences_that_only_begin_like_signposts_are_kept(line):
    assert blocks(f"<p>{line}</p>") == [("paragraph", line)]


@pytest.mark.parametrize("heading", ["Related laws", "Most popular complaints", "Read more books"])
def test_headings_that_only_begin_like_those_of_other_articles_are_kept(heading):
    assert blocks(f"<h3>{heading}</h3>{PROSE}")[0] == ("heading", heading)


def test_the_title_is_not_repeated_as_a_heading():
    draft = read(page("<title>Lamps out</title>", f"<h1>Lamps out</h1>{PROSE}<h2>Lamps</h2>{PROSE}"))
    assert [block.text for block in draft.blocks if block.kind == "heading"] == ["Lamps"]
    assert draft.title == "Lamps out"


def test_an_article_about_cookies_is_no_notice():
    text = "The ministry asks which sites may store cookies without consent. " * 8
    assert text.strip() in [each.text for each in read(page(body=f"<p>{text}</p>")).blocks]


@pytest.mark.parametrize(
    ("head", "title", "publisher"),
    [
        (f"<title>Lamps out | Bay News</title>{LINK % 'baynews.example'}", "Lamps out", "Bay News"),
        (f'<title>Bay News: Lamps out</title>{SITE}', "Bay News: Lamps out", "Bay News"),
        (f'<title>Lamps out - again - Bay News</title>{SITE}', "Lamps out - again", "Bay News"),
        ("<title>Lamps out - a report</title>", "Lamps out - a report", ""),
        ('<title>x</title><meta property="og:title" content="Lamps out">', "Lamps out", ""),
        (
            '<title>Lamps out</title><meta property="og:site_name" content="bay.example">'
            '<script type="application/ld+json">{"@type": "Organization", "name": "The Bay"}</script>',
            "Lamps out",
            "The Bay",
        ),
        (f"<title>Lamps out | Báo Vịnh</title>{LINK % 'bao-vinh.example'}", "Lamps out", "Báo Vịnh"),
    ],
)  # fmt: skip
def test_title_and_publisher_are_told_apart(head, title, publisher):
    draft = read(page(head))
    assert (draft.title, draft.publisher) == (title, publisher)


def test_the_title_is_as_printed_where_it_is_printed():
    draft = read(page("<title>Clerk's lamps are out</title>", "<h1>Clerk’s lamps are out</h1>"))
    assert draft.title == "Clerk’s lamps are out"


@pytest.mark.parametrize(
    ("attributes", "head", "language"),
    [
        ('lang="vi"', "", "vi"),
        ("", '<meta property="og:locale" content="ms_MY">', "ms_MY"),
        ("", '<meta http-equiv="content-language" content="id">', "id"),
        ("", "", ""),
    ],
)
def test_the_declared_language_is_kept(attributes, head, language):
    assert read(page(head, attributes=attributes)).language == language


@pytest.mark.parametrize(
    ("head", "address", "url"),
    [
        ('<link rel="canonical" href="/story">', "https://a.example/x", "https://a.example/story"),
        ('<link rel="canonical" href="https://a.example/"><meta property="og:url" content="https://a.example/s">', "a", "https://a.example/s"),
        ('<link rel="canonical" href="/story">', "saved.html", ""),
    ],
)  # fmt: skip
def test_the_pages_own_address(head, address, url):
    assert read(page(head), address).canonical_url == url


LD = '<script type="application/ld+json">%s</script>'


@pytest.mark.parametrize(
    ("head", "body", "value", "basis"),
    [
        (LD % '{"@type": "NewsArticle", "datePublished": "2021-03-04T23:00:00Z"}', "", "2021-03-04", "json-ld"),
        (LD % '[{"@graph": [{"@type": ["Article"], "datePublished": "2021-03-04"}]}]', "", "2021-03-04", "json-ld"),
        (LD % '{"@type": "Article", "datePublished": "2021-03-04", broken', "", "2021-03-04", "json-ld"),
        ('<meta property="article:published_time" content="2021-03-04T05:00:00+07:00">', "", "2021-03-04", "meta"),
        ('<meta name="DC.date.issued" content="2021-03-04">', "", "2021-03-04", "meta"),
        ('<meta name="pubdate" content="20210304">', "", "2021-03-04", "meta"),
        ('<meta name="date" content="4 March 2021">', "", "2021-03-04", "meta"),
        ("", "<p>Published on 4 March 2021 by the desk</p>", "2021-03-04", "text"),
        ("", "<p>Diterbitkan: 4 Maret 2021</p>", "2021-03-04", "text"),
        ("", '<time datetime="2021-03-04T10:00">Thursday</time>', "2021-03-04", "text"),
        ("", '<div class="post-date">March 4, 2021</div>', "2021-03-04", "text"),
    ],
)
def test_a_publication_date_is_found_where_pages_state_it(head, body, value, basis):
    (clue,) = read(page(head, body)).clues[:1]
    assert (clue.value, clue.basis) == (value, basis)
    assert clue.evidence


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:modified_time" content="2021-03-04">', ""),
        ("", '<footer><time datetime="2021-03-04">4 March 2021</time></footer>'),
        ("", "<p>The bridge was opened on 4 March 2021 by the mayor of the day.</p>"),
        ("", '<div class="related"><span class="date">4 March 2021</span></div>'),
        (LD % '{"@type": "Event", "startDate": "2021-03-04"}', ""),
    ],
)
def test_other_dates_are_not_taken_for_the_publication_date(head, body):
    assert not [clue for clue in read(page(head, body)).clues if clue.value == "2021-03-04" and clue.confidence > 0.5]


def test_a_day_in_utc_becomes_the_one_that_the_page_shows():
    about = LD % '{"@type": "NewsArticle", "datePublished": "2021-03-04T18:30:00Z"}'
    clue, *_ = read(page(about, '<p class="date">5 March 2021</p>')).clues
    assert (clue.value, clue.basis) == ("2021-03-05", "json-ld")
    assert "publisher's clock" in clue.evidence and "2021-03-04T18:30:00Z" in clue.evidence


def test_a_template_that_calls_any_day_its_date_is_trusted_less_than_what_is_shown():
    loose, shown = read(
        page('<meta name="date" content="2021-03-09">', '<time datetime="2021-03-04">4 March</time>')
    ).clues
    assert (loose.basis, shown.basis) == ("meta", "text")
    assert shown.confidence > loose.confidence


def test_the_days_of_a_marked_element_and_of_meta_elements_are_no_two_clues():
    marked = '<span itemprop="datePublished" content="2021-03-04">Thursday</span>'
    assert [clue.basis for clue in read(page('<meta name="date" content="2021-03-04">', marked)).clues] == [
        "meta",
        "text",
    ]


def test_clues_that_contradict_each_other_are_all_kept():
    clues = read(page('<meta name="pubdate" content="2021-03-04">', "<p>Published on 9 May 2020</p>")).clues
    assert [(clue.value, clue.basis) for clue in clues] == [("2021-03-04", "meta"), ("2020-05-09", "text")]


def test_a_page_on_which_the_quick_way_finds_little_is_read_the_thorough_way():
    sentence = "The pump was mended at last, and the people of the upper street had water again. "
    body = f'<div id="content"><p>In short</p></div><div class="tale">{f"<p>{sentence * 3}</p>" * 9}</div>'
    made = read(f"<html><head><title>Pump</title></head><body>{body}</body></html>").blocks
    assert sum(block.text == (sentence * 3).strip() for block in made) > 1


def test_a_deeply_nested_or_broken_page_is_read_as_far_as_it_goes():
    assert read(page(body="<div>" * 5000 + "<p>deep</p>")).blocks
    assert read("<p>An open paragraph <b>with an open mark " + PROSE).blocks


GUESSED = "Le maire a présenté le réseau de capteurs à la réunion, où les habitants ont déposé leurs plaintes. " * 5


@pytest.mark.parametrize(
    ("content", "declared", "text"),
    [
        ("กรุงเทพ".encode("tis-620"), "text/html; charset=tis-620", "กรุงเทพ"),
        ('<meta charset="windows-1258">Hà'.encode("cp1258"), "", '<meta charset="windows-1258">Hà'),
        ("Đà Nẵng".encode(), "text/html; charset=iso-8859-1", "Đà Nẵng"),
        ("\ufeffDà Nẵng".encode(), "", "Dà Nẵng"),
        ("Đà Nẵng".encode("utf-16"), "", "Đà Nẵng"),
        ("“quote”".encode("cp1252"), "text/html; charset=ISO-8859-1", "“quote”"),
        ("Đà Nẵng ".encode() * 50 + b"\xff" + "Đà Nẵng".encode(), "", "Đà Nẵng " * 50 + "\ufffdĐà Nẵng"),
        (GUESSED.encode("cp1252"), "text/html; charset=no-such-set", GUESSED),
    ],
)
def test_bytes_are_decoded_by_mark_declaration_or_guess(content, declared, text):
    assert decode(content, declared) == text


@pytest.mark.parametrize(("changed", "is_late"), [("2021-03-20", False), ("2026-02-05", True), ("soon", False)])
def test_a_page_changed_long_after_its_date_says_so_and_keeps_its_date(changed, is_late):
    about = f'{{"@type": "NewsArticle", "datePublished": "2021-03-14", "dateModified": "{changed}"}}'
    found = read(page(head=f'<script type="application/ld+json">{about}</script>'))
    assert "2021-03-14" in [clue.value for clue in found.clues] and "2026-02-05" not in [c.value for c in found.clues]
    assert [issue.message for issue in found.issues] == (
        ["the page was changed on 2026-02-05, long after its date 2021-03-14: its words may be newer"] * is_late
    )


@pytest.mark.parametrize("words", ["© 2019 The Harbour Board", "The board was founded in 2018."])
def test_of_a_year_alone_no_day_is_made(words):
    body = f"<article><h1>Lamps</h1>{'<p>' + 'Lamps are lit at dusk. ' * 20 + '</p>'}<p>{words}</p></article>"
    clues = read(page(body=body)).clues
    assert all(clue.precision == "year" for clue in clues)
