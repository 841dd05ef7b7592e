import html
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from ascn_nlp.codebook.descriptions import plain
from ascn_nlp.codebook.page import COLUMN_MEANINGS, DECISION_MEANINGS, RULES, html_page, markdown_page
from ascn_nlp.records import STANCES
from ascn_nlp.review.columns import DECISIONS, REVIEWER_COLUMNS
from ascn_nlp.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()


def words(element):
    return " ".join(" ".join(element.itertext()).split())


def changed(**texts):
    """The taxonomy with other texts in its first concern."""
    first = replace(TAXONOMY.concerns[0], **texts)
    return replace(TAXONOMY, concerns=(first, *TAXONOMY.concerns[1:]))


@pytest.fixture(scope="module")
def page():
    return lxml_html.document_fromstring(html_page(TAXONOMY, "ascn-nlp 1"))


def test_version_and_digest_are_on_the_page(page):
    assert f"Taxonomy version {TAXONOMY.version}, digest {TAXONOMY.digest}" in words(page).replace(" .", ".")
    assert f"version {TAXONOMY.version}, digest {TAXONOMY.digest}" in markdown_page(TAXONOMY, "ascn-nlp 1")


def test_each_concern_is_an_article_with_its_definition_and_examples(page):
    articles = page.findall(".//article")
    assert len(articles) == len(TAXONOMY.concerns)
    in_order = [one for theme in TAXONOMY.themes for one in TAXONOMY.concerns if one.theme == theme]
    for article, concern in zip(articles, in_order, strict=True):
        shown = words(article)
        for text in (concern.name, concern.id, concern.include, concern.exclude, *concern.counterexamples):
            assert plain(text) in shown
        stances = [words(row[0]) for row in article.iter("tr")][: len(concern.examples)]
        assert stances == sorted((one.stance for one in concern.examples), key=STANCES.index)
        for one in concern.examples:
            assert f"{one.stance} {one.text}" in shown


def test_stances_and_rules_are_explained(page):
    shown = words(page)
    for text in (*RULES, *(stance.definition for stance in TAXONOMY.stances), *TAXONOMY.themes.values()):
        assert plain(text) in shown


def test_every_decision_and_every_column_of_the_reviewer_is_explained(page):
    assert set(DECISION_MEANINGS) == set(DECISIONS)
    assert set(COLUMN_MEANINGS) == set(REVIEWER_COLUMNS)
    rows = [words(row) for row in page.iter("tr")]
    for name, meaning in {**DECISION_MEANINGS, **COLUMN_MEANINGS}.items():
        assert f"{name} {meaning}" in rows


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing():
    text = html_page(TAXONOMY, "ascn-nlp 1")
    assert not re.search(r"<(script|link|img|iframe|object|base|form)\b|\bon\w+=|url\(|@import|https?:|//\w", text)


def test_the_page_is_set_for_a4_and_splits_no_concern():
    style = re.search(r"<style>(.*?)</style>", html_page(TAXONOMY, "x"), re.DOTALL)[1]
    assert re.search(r"@page \{\s*size: A4;", style)
    assert re.search(r"\.concern \{[^}]*break-inside: avoid", style)


def test_the_same_taxonomy_gives_the_same_page():
    assert html_page(TAXONOMY, "x") == html_page(load_taxonomy(), "x")
    assert markdown_page(TAXONOMY, "x") == markdown_page(load_taxonomy(), "x")


def test_a_theme_without_concerns_is_left_out():
    taxonomy = replace(TAXONOMY, themes={**TAXONOMY.themes, "later": "Still to come"})
    assert "Still to come" not in html_page(taxonomy, "x") + markdown_page(taxonomy, "x")


SIGNS = st.text(alphabet=" \\`*_[]<>~|#+-=.!&;)(\"'ax1\n$", min_size=1, max_size=25)
TEXTS = st.one_of(SIGNS, st.text(min_size=1, max_size=40)).map(plain).filter(bool)


@settings(max_examples=30, deadline=None)
@given(TEXTS)
@example("<script>alert(1)</script>&amp;\"'{{ x }}{% y %}")
def test_html_shows_any_text_as_it_is(text):
    page = lxml_html.document_fromstring(html_page(changed(name=text, include=text), text))
    article = page.find(".//article")
    assert words(article.find(".//h3")) == f"{text} exclusion"
    assert words(article.find(".//div[@class='in']")) == f"BELONGS TO IT {text}"
    assert page.find(".//meta[@name='generator']").get("content") == text
    assert page.findall(".//script") == []


@settings(max_examples=50, deadline=None)
@given(TEXTS)
@example("# a | b \\| &amp; *c* _d_ __e__ `f` [g](h) <i> 1. j")
@example("1) a\\")
@example("+ a")
@example("---")
def test_markdown_shows_any_text_as_it_is(text):
    taxonomy = changed(name=text, include=text, counterexamples=(text, "no"))
    taxonomy = replace(taxonomy, themes={**TAXONOMY.themes, "inclusion": text})
    made = MarkdownIt("commonmark").enable("table").render(markdown_page(taxonomy, "x"))
    page = lxml_html.document_fromstring(html.unescape("<div>") + made + "</div>")
    [heading] = [one for one in page.iter("h3") if words(one).endswith("(exclusion)")]
    assert words(heading) == f"{text} (exclusion)"
    assert words(heading.getprevious()) == text
    items = [words(one) for one in heading.getnext().iter("li")]
    assert items[0] == f"Belongs to it: {text}"
    assert items[-2:] == [text, "no"]
    assert [text, "exclusion"] in [[words(cell) for cell in row][1:] for row in page.iter("tr") if len(row) == 3]
