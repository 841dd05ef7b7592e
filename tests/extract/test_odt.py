"""OpenDocument texts: the same blocks as a Word document of the same original, and what is not printed left out."""

import io
import zipfile
from pathlib import Path

import pytest

from ascn_nlp.errors import ExtractError, UnsupportedFormat
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.office.docx import read_docx
from ascn_nlp.extract.office.odt import read_odt

SAMPLES = Path(__file__).parent / "samples"
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in {
        "office": "office", "style": "style", "text": "text", "table": "table", "draw": "drawing",
        "svg": "svg-compatible",
    }.items()
)  # fmt: skip
STYLES = """
<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>
<style:style style:name="Title" style:family="paragraph"/>
<style:style style:name="P2" style:family="paragraph" style:parent-style-name="Illustration"/>
<style:style style:name="Illustration" style:family="paragraph"/>
<style:style style:name="T1" style:family="text"><style:text-properties text:display="none"/></style:style>
<style:style style:name="T1" style:family="paragraph"/>
<style:style style:name="Kreis" style:family="paragraph" style:parent-style-name="Kreis"/>
"""


def odt(body, **parts):
    content = (
        f"<office:document-content {SPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    parts = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **parts}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def read(body):
    return read_odt(odt(body), Limits()).blocks


def blocks(body):
    return [(each.kind, each.level, each.text) for each in read(body)]


def p(inner, style=""):
    return f'<text:p text:style-name="{style}">{inner}</text:p>'


def cell(inner, attributes=""):
    return f"<table:table-cell {attributes}>{inner if inner.startswith('<') else p(inner)}</table:table-cell>"


def row(*cells):
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def note(text, kind="footnote"):
    citation = "<text:note-citation>1</text:note-citation>"
    return f'<text:note text:note-class="{kind}">{citation}<text:note-body>{p(text)}</text:note-body></text:note>'


def frame(inner):
    return f"<draw:frame><draw:text-box>{inner}</draw:text-box><svg:title>a name</svg:title></draw:frame>"


def test_odt_and_docx_of_one_original_have_the_same_blocks():
    texts = read_odt((SAMPLES / "odt" / "market-survey.odt").read_bytes(), Limits())
    words = read_docx((SAMPLES / "docx" / "market-survey.docx").read_bytes(), Limits())
    assert texts.blocks == words.blocks and len(texts.blocks) > 20
    assert texts.title == words.title == "Survey of the river market"
    assert [clue.value for clue in texts.clues] == ["2023-05-11", "2023-06-02"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<text:h text:outline-level="3">Fees</text:h>', ("heading", 3, "Fees")),
        ("<text:h>Fees</text:h>", ("heading", 1, "Fees")),
        (p("Fees", "P1"), ("heading", 1, "Fees")),
        (p("Figure 1", "P2"), ("caption", 0, "Figure 1")),
        (p("said", "Kreis"), ("paragraph", 0, "said")),
        (p("a\n   b<text:tab/>c<text:s text:c='1000000'/>d<text:line-break/>e"), ("paragraph", 0, "a b c d\ne")),
        (p('shown<text:span text:style-name="T1">hidden</text:span> on', "T1"), ("paragraph", 0, "shown on")),
        (p("said<office:annotation><text:p>why?</text:p></office:annotation> so"), ("paragraph", 0, "said so")),
        (p("<text:ruby><text:ruby-base>b</text:ruby-base><text:ruby-text>r</text:ruby-text></text:ruby>"),
         ("paragraph", 0, "b")),
        (f'<text:section text:name="a">{p("in it")}</text:section>', ("paragraph", 0, "in it")),
        (f'<text:section text:display="none">{p("out")}</text:section>{p("in")}', ("paragraph", 0, "in")),
        (f"<text:table-of-content><text:index-body>{p('Fees 2')}</text:index-body></text:table-of-content>{p('x')}",
         ("paragraph", 0, "x")),
        (f"<text:tracked-changes><text:changed-region>{p('gone')}</text:changed-region></text:tracked-changes>{p('x')}",
         ("paragraph", 0, "x")),
        (f"<text:bibliography><text:index-body>{p('Tan, 2019')}</text:index-body></text:bibliography>",
         ("paragraph", 0, "Tan, 2019")),
        (f"<draw:custom-shape>{p('in a shape')}</draw:custom-shape>", ("paragraph", 0, "in a shape")),
    ],
)  # fmt: skip
def test_a_block_is_what_would_be_printed(body, expected):
    assert blocks(body) == [expected]


def test_lists_in_lists_have_their_level():
    inner = f"<text:list><text:list-item>{p('b')}</text:list-item></text:list>"
    body = f"<text:list><text:list-item>{p('a')}{inner}{p('c')}</text:list-item></text:list>{p('d')}"
    assert blocks(body) == [("list_item", 1, "a"), ("list_item", 2, "b"), ("list_item", 1, "c"), ("paragraph", 0, "d")]


def test_boxes_and_notes_stand_after_the_paragraph_or_table_they_hang_on():
    line = p(f"text{note('n1')}{frame(p('in the box' + note('n2')))} on")
    first = row(cell(p("a" + note("n3", "endnote") + frame(p("aside")))), cell("b"))
    table = f"<table:table>{first}{row(cell('c'), cell('d'))}</table:table>"
    assert [text for *_, text in blocks(line + table)] == [
        "text on", "in the box", "n2", "n1", "a | b", "c | d", "aside", "n3",
    ]  # fmt: skip


def test_header_rows_are_the_context_of_the_rows_below():
    heads = row(cell("", 'table:number-rows-spanned="2"'), cell("2021", 'table:number-columns-spanned="2"'))
    heads = heads.replace("</table:table-row>", "<table:covered-table-cell/></table:table-row>")
    heads += row("<table:covered-table-cell/>", cell("plan"), cell("spent"))
    table = f"<table:table-header-rows>{heads}</table:table-header-rows>{row(cell('Hue'), cell('3'), cell('2'))}"
    read_rows = [(each.text, each.context) for each in read(f"<table:table>{table}</table:table>")]
    assert read_rows == [("| 2021", ""), ("| plan | spent", ""), ("Hue | 3 | 2", "| 2021 / | plan | spent")]


def test_a_table_around_a_table_and_a_row_of_one_cell_only_place_text():
    inner = f"<table:table>{row(cell('a'), cell('b'))}</table:table>"
    rows = row(cell(p("left") + inner), cell("right")) + row(cell("alone", 'table:number-columns-spanned="2"'))
    assert [(kind, text) for kind, _, text in blocks(f"<table:table>{rows}</table:table>")] == [
        ("paragraph", "left"), ("table_row", "a | b"), ("paragraph", "right"), ("paragraph", "alone"),
    ]  # fmt: skip


@pytest.mark.timeout(60)
def test_rows_and_cells_said_to_be_repeated_a_million_times_come_once():
    covered = '<table:covered-table-cell table:number-columns-repeated="999999999"/>'
    wide = cell("a", 'table:number-columns-repeated="999999999" table:number-columns-spanned="99999999999999999999"')
    rows = row(wide, covered, cell("b")).replace("table-row>", 'table-row table:number-rows-repeated="1000000">', 1)
    ((kind, _, text),) = blocks(f"<table:table>{rows}</table:table>")
    assert kind == "table_row" and text.startswith("a | ") and text.endswith(" | b") and len(text) < 300


@pytest.mark.timeout(60)
@pytest.mark.parametrize("levels", [10, 60, 100_000])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("<table:table><table:table-row><table:table-cell>", "</table:table-cell></table:table-row></table:table>"),
        ("<text:list><text:list-item>", "</text:list-item></text:list>"),
        ("<text:section>", "</text:section>"),
    ],
)
def test_deep_nesting_is_read_or_refused_with_a_remedy(start, end, levels):
    body = start * levels + p("innermost") + end * levels
    if levels < 80:
        assert [text for *_, text in blocks(body)] == ["innermost"]
    else:
        with pytest.raises(ExtractError, match="nested too deep") as caught:
            blocks(body)
        assert caught.value.remedy


def test_a_long_text_is_cut_and_says_so():
    draft = read_odt(odt(p("words") * 50), Limits(max_characters=20))
    assert len(draft.blocks) < 6 and "only its beginning" in draft.issues[0].message


def test_an_encrypted_text_and_a_spreadsheet_are_refused_with_a_remedy():
    manifest = '<manifest:encryption-data manifest:checksum="x"/>'
    with pytest.raises(ExtractError, match="is encrypted") as caught:
        read_odt(odt(p("x"), **{"META-INF/manifest.xml": manifest}), Limits())
    assert "password" in caught.value.remedy
    sheet = (
        f"<office:document-content {SPACES}><office:body><office:spreadsheet/></office:body></office:document-content>"
    )
    with pytest.raises(UnsupportedFormat) as caught:
        read_odt(odt("", **{"content.xml": sheet}), Limits())
    assert caught.value.remedy
