import base64
import hashlib
import importlib.util
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.report.page import page
from ascn_nlp.report.page_data import (
    Cell,
    PageData,
    Sampled,
    ShownConcern,
    ShownDocument,
    ShownFigure,
    ShownPassage,
    ShownPlace,
    ShownSpan,
    ShownTag,
    ShownUncounted,
    ShownVariant,
    cells_of,
)
from ascn_nlp.resources import packaged


def _load_made():
    spec = importlib.util.spec_from_file_location("made_page", Path(__file__).parent / "made_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _load_made()
STYLE, SCRIPT = ((packaged("report") / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</SCRIPT ><script>alert(1)</script>",
    "<!--<script>",
    "<!-- </script> --><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</noscript><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    "` onmouseover=alert(1) x=`",
    '" onfocus="alert(1)" autofocus="',
    "' onfocus='alert(1)' autofocus='",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></math><img src=x onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<base href='https://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>@import 'https://evil.example/x.css'</style>",
    "<form action=https://evil.example/><input type=submit>",
    "<a href='javascript:alert(1)'>x</a>",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "{{ 7 * 7 }}{% raw %}",
    "${alert(1)}`;alert(1)//",
    '\\";alert(1)//',
    "\u2028alert(1)\u2029",
    "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x3c;",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\ud800<script>\udfff",
    "\x00<script>\x0balert(1)</script>",
    "#p=x&q=<img src=x onerror=alert(1)>",
)


class Seen(HTMLParser):
    """What a page is made of: its elements with the names of their attributes, and the texts of its scripts."""

    def __init__(self, html):
        super().__init__()
        self.shape, self.attributes, self.scripts, self.styles, self.text = [], [], [], [], []
        self._into = self.text
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.shape.append((tag, tuple(name for name, _ in attributes)))
        self.attributes.append((tag, dict(attributes)))
        self._into = {"script": self.scripts, "style": self.styles}.get(tag, self.text)
        self._into.append("")

    def handle_endtag(self, tag):
        self._into = self.text

    def handle_data(self, data):
        if self._into is self.text:
            self.text.append(data)
        else:
            self._into[-1] += data

    @property
    def data(self):
        return json.loads(self.scripts[0])


def small(text="word", **changes):
    """A report with one of everything, ``text`` being what is said in every field that takes words."""
    values = {
        **dict.fromkeys(("title", "made", "maker", "window"), text),
        "filters": (text,),
        "notes": (text, text),
        "concerns": (ShownConcern(text, text, text, text, text),),
        "places": (ShownPlace(text, text, text + "!", text),),
        "years": (2020,),
        "cells": (
            Cell(text, text, None, "unanswered", 3, 2, 2, raised_stories=2, raised_independent=2, gap=1.0, gap_low=0.1),
        ),
        "figures": (ShownFigure(text, text, text, f"<svg>{text}</svg>", (text, text), ((text, 1.5), (text, None))),),
        "documents": (ShownDocument(*[text] * 9),),
        "passages": (
            ShownPassage(text, text, text, text, (ShownSpan(0, 1, text),), text, (text,), 2020, (_tag(text),), text),
        ),
        "sampled": Sampled(1, 2, text),
        "uncounted": (ShownUncounted(text, 2020, text, 3),),
        "variants": (ShownVariant(text), ShownVariant(text, text)),
    }
    return PageData(**values | changes)


def _tag(text):
    return ShownTag(text, text, 0.5, True, text)


def html_of(data):
    return "".join(page(data))


def written(text):
    """The text as UTF-8 can carry it."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_any_field_adds_no_element_and_no_attribute(text):
    html = html_of(small(text))
    seen = Seen(html)
    assert seen.shape == Seen(html_of(small())).shape
    assert seen.scripts[1:] == [SCRIPT] and seen.styles == [STYLE]
    assert not re.search("[<>&\u2028\u2029]", seen.scripts[0])
    html.encode()


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None), max_size=40) | st.sampled_from(HOSTILE).flatmap(lambda one: st.just(one * 2)))
def test_any_text_comes_back_from_the_data_as_it_went_in(text):
    data = Seen(html_of(small(text))).data
    plain = written(text)
    assert data["passages"][0]["text"] == data["passages"][0]["tags"][0]["stance"] == plain
    assert set(data["documents"][0].values()) == set(data["concerns"][0].values()) == {plain}
    assert data["title"] == data["passages"][0]["evidence"][0][2] == plain


def test_the_data_block_holds_every_cell_passage_and_document():
    report = made.made_report(40, cities=made.CITIES[1:4], sampled=made.sampled(40, 99))
    data = Seen(html_of(report)).data
    assert tuple(Cell(**dict(zip(data["columns"], row, strict=True))) for row in data["cells"]) == report.cells
    assert tuple(ShownDocument(**one) for one in data["documents"]) == report.documents
    assert tuple(ShownPlace(**one) for one in data["places"]) == report.places
    assert data["sampled"] == [40, 99]
    for one, passage in zip(data["passages"], report.passages, strict=True):
        tags = tuple(ShownTag(**tag) for tag in one["tags"])
        spans = tuple(ShownSpan(*span) for span in one["evidence"])
        assert ShownPassage(**one | {"tags": tags, "evidence": spans, "places": tuple(one["places"])}) == passage


@given(st.text(st.sampled_from("a🏙ก\u0301𝒳"), min_size=1, max_size=12), st.data())
def test_evidence_is_counted_as_browsers_count_characters(text, draws):
    start = draws.draw(st.integers(0, len(text) - 1))
    end = draws.draw(st.integers(start + 1, len(text)))
    one = small()
    passage = one.passages[0]._replace(text=text, evidence=(ShownSpan(start, end, "why"),))
    sent = Seen(html_of(small(passages=(passage,)))).data["passages"][0]
    first, last, why = sent["evidence"][0]
    assert text.encode("utf-16-le")[2 * first : 2 * last].decode("utf-16-le") == text[start:end]
    assert why == "why"


def test_the_policy_names_the_one_script_and_the_one_style_and_allows_nothing_else():
    seen = Seen(html_of(small()))
    (policy,) = [a["content"] for _, a in seen.attributes if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    hashes = {
        name: "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
        for name, text in (("script-src", seen.scripts[1]), ("style-src", seen.styles[0]))
    }
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
        **hashes,
    }
    assert seen.shape.index(("meta", ("http-equiv", "content"))) < seen.shape.index(("style", ()))


def test_nothing_in_the_page_asks_for_anything_outside():
    seen = Seen(html_of(made.made_report(20)))
    for tag, attributes in seen.attributes:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert attributes.get("src", "data:").startswith("data:")
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"url\(|@import", STYLE)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|fetch\(|XMLHttp|import\(|localStorage",
        SCRIPT,
    )


def test_a_picture_is_shown_as_an_image_so_that_script_in_it_does_not_run():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script>ðŸ</svg>"
    html = html_of(small(figures=(ShownFigure("f", "Title", "Caption", svg),)))
    ((_, image),) = [one for one in Seen(html).attributes if one[0] == "img"]
    assert base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode() == svg
    assert "alert(1)" not in html
    assert "<svg" not in html


@pytest.mark.parametrize(
    ("size", "classes"),
    [("241.5 100", ""), ("241.5 700", ""), ("496 100", "wide"), ("496 497", "wide high"), (None, "wide")],
)
def test_a_picture_of_two_columns_has_the_room_of_two_and_a_high_one_that_of_a_page(size, classes):
    box = f' viewBox="0 0 {size}"' if size else ""
    figure = ShownFigure("f", "Title", "Caption", f"<svg{box}></svg>")
    told = f' class="{classes}"' if classes else ""
    assert f'<figure{told} id="figure-1"' in html_of(small(figures=(figure,)))


def test_numbers_beside_a_picture_are_short_and_missing_ones_are_a_dash():
    rows = (("a", 0.123456, 12345), ("b", float("nan"), None))
    html = html_of(small(figures=(ShownFigure("f", "Title", "Caption", "<svg/>", ("name", "share", "count"), rows),)))
    assert '<tr><th scope="row">a</th><td>0.123</td><td>12345</td></tr>' in html
    assert '<tr><th scope="row">b</th><td>–</td><td>–</td></tr>' in html


def test_findings_are_raised_and_not_addressed_and_stand_in_the_order_of_independent_stories():
    concerns = tuple(ShownConcern(one, one.title(), "t", "i", "") for one in ("land", "water", "speech", "money"))
    cells = (
        Cell("land", "x", None, "unanswered", 9, 9, 9, raised_stories=9, raised_independent=1, gap_low=0.4),
        Cell("water", "x", None, "unanswered", 9, 9, 9, raised_stories=3, raised_independent=3, gap_low=-0.1),
        Cell("speech", "x", None, "answered", 9, 9, 9, raised_stories=9, raised_independent=9),
        Cell("money", "x", 2020, "unanswered", 9, 9, 9, raised_stories=9, raised_independent=9),
        Cell("money", None, None, "unanswered", 9, 9, 9, raised_stories=9, raised_independent=9),
    )
    values = {"concerns": concerns, "places": (ShownPlace("x", "Exville", "XX"),), "cells": cells, "passages": ()}
    html = html_of(small(**values, uncounted=()))
    hrefs = re.findall(r'<th scope="row"><a href="([^"]+)"', html)
    assert hrefs == ["#concern=water&amp;city=x", "#concern=land&amp;city=x"]
    assert "2 of 3 cells (a concern in a place) are raised" in html
    assert "for 1 of them the interval" in html


def test_only_voices_are_called_independent():
    html = html_of(small(figures=()))
    text = " ".join(re.sub("<style>.*?</style>|<script.*?</script>|<[^>]+>", " ", html, flags=re.S).split())
    assert "Numbers are stories: documents that tell the same story count once." in text
    assert {*re.findall(r"\S+ \S+ independent", text, re.I)} == {
        "of stories Independent", "stories in independent", "texts) or independent",
    }  # fmt: skip


def test_the_page_says_which_other_ways_to_count_were_not_tried_and_that_those_by_score_contain_each_other():
    variants = (ShownVariant("tags scored 0.6 or more"), ShownVariant("only reviewed tags", "nobody has reviewed"))
    html = html_of(small(variants=variants))
    assert "<li>tags scored 0.6 or more</li>" in html
    assert "<li>only reviewed tags – <strong>not tried</strong>: nobody has reviewed</li>" in html
    assert "are no separate checks: what falls at 0.6 falls at 0.7 and 0.8 too." in html
    assert "Stays so in" not in html_of(small(variants=()))


def test_the_legend_tells_that_only_raised_and_addressed_cells_are_outlined():
    html = html_of(small())
    assert re.findall(r'data-state="(\w+)" data-weak', html) == ["unanswered", "addressed"]
    assert "<strong>outlined</strong>, of R and A only" in html


def test_the_page_says_why_years_can_add_up_to_more_than_all_years_together():
    assert "A story whose documents are of two years counts in each of them" in html_of(small())


def test_a_place_that_is_a_country_is_linked_as_one():
    values = {"places": (ShownPlace("XX", "Exland", "XX"),), "passages": (), "uncounted": ()}
    cells = (Cell("word", "XX", None, "unanswered", 1, 1, 1, raised_stories=1),)
    assert 'href="#concern=word&amp;country=XX"' in html_of(small(cells=cells, **values))


def test_where_nothing_is_left_unaddressed_the_page_says_so():
    html = html_of(small(cells=(Cell("word", "word", None, "silent", 20, 20, 20),)))
    assert "No concern is raised in what was counted." in html
    html = html_of(small(cells=(Cell("word", "word", None, "answered", 9, 9, 9),)))
    assert "Nothing is raised that nobody addresses, as far as the documents tell." in html
    html = html_of(small(cells=(Cell("word", "word", None, "no data"),)))
    assert "No data: nothing that was selected can be counted." in html and "Nothing is raised" not in html


def test_one_cell_in_one_story_is_told_in_the_singular():
    cells = (Cell("word", "word", None, "unanswered", 1, 1, 1, raised_stories=1),)
    text = " ".join(re.sub("<[^>]+>", "", html_of(small(cells=cells))).split())
    lead = "1 of 1 cell (a concern in a place) is raised and by nobody addressed"
    assert f"{lead}; the interval of its gap index reaches 0. It is " in text
    assert "raised in the one story that speaks of the place, and not addressed." in text


def test_a_figure_that_is_not_drawn_says_why():
    html = html_of(small(figures=(ShownFigure("map", "A map", "Not drawn: no passage.", ""),)))
    assert "Not drawn: no passage." in html and 'id="figures"' in html and "<img" not in html


def test_tables_of_the_finding_have_names_of_their_own_and_their_links_name_the_place():
    html = html_of(made.made_report(300))
    labels = re.findall(r'role="region" aria-label="([^"]+)"', html)
    assert labels.count("Table of the finding") == labels.count("Table of the finding, continued") == 1
    assert "Raised, and by nobody addressed" not in labels
    names = re.findall(r'<th scope="row"><a href="[^"]+" aria-label="([^"]+)">([^<]+)</a></th><td>([^<]+)<', html)
    assert len(names) > 12 and all(label == f"{concern}, {place}" for label, concern, place in names)


def test_a_sample_is_called_one():
    told = "This page holds 1,200 of 61,000 passages that speak of a place: those with a tag come first."
    assert told in html_of(small(sampled=Sampled(1200, 61000)))
    assert 'id="sampled"' not in html_of(small(sampled=None))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"concerns": ()}, "no concern on the page is called 'word'"),
        ({"places": ()}, "no place on the page is called 'word'"),
        ({"documents": ()}, "no document on the page is called 'word'"),
        ({"cells": (Cell("word", "word", None, "loud"),)}, "no state on the page is called 'loud'"),
        ({"uncounted": (ShownUncounted("Dili", 2020, "undated", 1),)}, "no place on the page is called 'Dili'"),
    ],
)
def test_what_is_named_and_not_there_is_refused(changes, named):
    with pytest.raises(ValueError, match=named):
        small(**changes)


def test_rows_of_a_matrix_become_cells_with_plain_numbers():
    matrix = pd.DataFrame(
        {
            "concern": ["land", "land"],
            "place": ["x", None],
            "year": np.array([0, 2020], dtype=np.int64),
            "state": ["unanswered", "no data"],
            "raised_stories": np.array([4, 0], dtype=np.int64),
            "gap": [1.0, np.nan],
            "stays in": [3, 5],
            "of no use": ["a", "b"],
        }
    )
    first, second = cells_of(matrix)
    assert first == Cell("land", "x", None, "unanswered", raised_stories=4, gap=1.0, stays_in=3)
    assert second == Cell("land", None, 2020, "no data", gap=None, stays_in=5)
    assert type(first.raised_stories) is int
    with pytest.raises(KeyError):
        cells_of(matrix.drop(columns="state"))


def test_every_id_is_used_once_and_every_label_and_link_points_to_one():
    seen = Seen(html_of(made.made_report(20)))
    ids = [a["id"] for _, a in seen.attributes if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in seen.attributes:
        for name in ("aria-labelledby", "aria-describedby"):
            # The caption of the matrix is made with the matrix.
            assert attributes.get(name, "matrix-caption") in {*ids, "matrix-caption"}
        href = attributes.get("href", "#main")
        assert "=" in href or href[1:] in ids


def test_tables_have_scopes_and_headings_leave_out_no_level():
    seen = Seen(html_of(made.made_report(20)))
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in seen.attributes if tag == "th")
    levels = [int(tag[1]) for tag, _ in seen.shape if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert ("html", ("lang",)) in seen.shape
    assert {"header", "main", "nav"} <= {tag for tag, _ in seen.shape}


# ---- Colours

PAIRS = [
    *(("ground", name) for name in ("text", "soft", "link", "hit")),
    *(("panel", name) for name in ("text", "soft", "link")),
    ("mark", "mark-text"),
    *((state, f"{state}-text") for state in ("unanswered", "answered", "addressed", "described", "silent", "little")),
    ("nodata", "nodata-text"),
    ("nodata-line", "nodata-text"),
]
# Borders that tell something, and the ring around what has the focus.
EDGES = [("ground", name) for name in ("focus", "unanswered", "addressed-edge", "silent-text", "little-text", "soft")]
FILLED = ("unanswered", "answered", "addressed", "described", "silent", "little")
# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0: linear RGB as seen with each kind of colour blindness.
SEEN_AS = {
    "all colours": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def palettes():
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.S)
    return {
        name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for name, block in zip(("light", "dark"), blocks, strict=True)
    }


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one, two):
    """The contrast ratio of WCAG 2.2."""
    bright, dim = sorted((float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, two)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def lab(rgb):
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz / [0.9505, 1.0, 1.089]]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ground", "text"), PAIRS)
def test_text_has_the_contrast_that_wcag_asks_for(theme, ground, text):
    colours = palettes()[theme]
    assert contrast(colours[ground], colours[text]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ground", "edge"), EDGES)
def test_edges_that_tell_something_have_the_contrast_that_wcag_asks_for(theme, ground, edge):
    colours = palettes()[theme]
    assert contrast(colours[ground], colours[edge]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SEEN_AS)
def test_colour_blind_people_can_tell_the_colours_of_the_states_apart(theme, sight):
    colours = palettes()[theme]
    seen = {name: lab(np.array(SEEN_AS[sight]) @ linear(colours[name])) for name in FILLED}
    near = {
        (one, two): round(float(np.linalg.norm(seen[one] - seen[two])))
        for i, one in enumerate(FILLED)
        for two in FILLED[i + 1 :]
    }
    assert min(near.values()) >= 10, near


def test_both_palettes_name_the_same_colours():
    light, dark = palettes().values()
    assert light.keys() == dark.keys()
