"""Plain text and Markdown: paragraphs, lists and headings, and text as printed."""

import pytest

from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.origin import Origin
from ascn_nlp.extract.text import read_markdown, read_text
from ascn_nlp.records import Source

ORIGIN = Origin(Source("tests", "folder", "Somebody", "other", "to test"), "a.txt")


def text_blocks(text):
    return [(each.kind, each.text) for each in read_text(text.encode(), ORIGIN, Limits()).blocks]


def markdown(text):
    return read_markdown(text.encode(), ORIGIN, Limits())


def markdown_blocks(text):
    return [(each.kind, each.text, each.level) for each in markdown(text).blocks]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("One line\nwrapped.\n\nTwo.", [("paragraph", "One line\nwrapped."), ("paragraph", "Two.")]),
        ("One.\r\n \r\nTwo.\fThree.", [("paragraph", "One."), ("paragraph", "Two."), ("paragraph", "Three.")]),
        ("- a\n  and b\n- c", [("list_item", "- a\nand b"), ("list_item", "- c")]),
        (
            "We ask:\n1. for a\n2. for b",
            [("paragraph", "We ask:"), ("list_item", "1. for a"), ("list_item", "2. for b")],
        ),
        ("2. Permits\n\nThey cost.", [("heading", "2. Permits"), ("paragraph", "They cost.")]),
        ("Lamps\n=====\n\nThey burn.", [("heading", "Lamps"), ("paragraph", "They burn.")]),
        ("MINUTES OF JULY\n\nNone.", [("heading", "MINUTES OF JULY"), ("paragraph", "None.")]),
        ("2024\n\n1,200", [("paragraph", "2024"), ("paragraph", "1,200")]),
        (
            "Word. " * 40 + "\n" + "More. " * 40,
            [("paragraph", ("Word. " * 40).strip()), ("paragraph", ("More. " * 40).strip())],
        ),
        ("", []),
    ],
)
def test_plain_text_falls_into_blocks(text, blocks):
    assert text_blocks(text) == blocks


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("# A\n\n## B #\n\nText", [("heading", "A", 1), ("heading", "B", 2), ("paragraph", "Text", 0)]),
        ("A *b* [c](d) `e`\nf ![g](h)", [("paragraph", "A b c e f ", 0)]),
        ("- a\n  - b\n- c", [("list_item", "a", 1), ("list_item", "b", 2), ("list_item", "c", 1)]),
        ("> quoted", [("paragraph", "quoted", 0)]),
        ("<!-- remark -->", []),
        ("| a | b |\n|---|---|\n| c | d |", [("table_row", "a | b", 0), ("table_row", "c | d", 0)]),
        ("a  \nb", [("paragraph", "a\nb", 0)]),
    ],
)
def test_markdown_loses_its_marks_and_keeps_its_structure(text, blocks):
    assert markdown_blocks(text) == blocks


def test_a_markdown_row_knows_its_header():
    assert [each.context for each in markdown("| a | b |\n|---|---|\n| c | d |").blocks] == ["", "a | b"]


@pytest.mark.parametrize(
    "top",
    [
        '---\ntitle: "Lamps: a study"\nDate: 2021-03-04\nlang: en\npublisher: Us\n---\n',
        '+++\ntitle = "Lamps: a study"\ndate = 2021-03-04\nlang = "en"\npublisher = "Us"\n+++\n',
    ],
)
def test_front_matter_is_heard_and_not_printed(top):
    draft = markdown(top + "Text")
    assert (draft.title, draft.language, draft.publisher) == ("Lamps: a study", "en", "Us")
    assert [clue.value for clue in draft.clues] == ["2021-03-04"]
    assert [block.text for block in draft.blocks] == ["Text"]


def test_a_line_of_dashes_is_not_front_matter():
    assert [block.text for block in markdown("Text\n\n---\n\nMore\n\n---\n").blocks] == ["Text", "More"]
