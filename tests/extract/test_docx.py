"""Word documents: order, structure, and what Word keeps but does not print."""

import importlib.util
import io
import zipfile
from pathlib import Path

import docx
import pytest

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.office.docx import read_docx

SAMPLES = Path(__file__).parent / "samples" / "docx"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = """
<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Judul"><w:name w:val="Judul Bab"/>
  <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Anak"><w:name w:val="Anak Judul"/><w:basedOn w:val="berschrift2"/>
  <w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="toc1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Aufz2"><w:name w:val="List Bullet 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Nummer"><w:name w:val="Absatz"/>
  <w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="4"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Listenabsatz"><w:name w:val="List Paragraph"/></w:style>
<w:style w:type="paragraph" w:styleId="Kreis1"><w:name w:val="a"/><w:basedOn w:val="Kreis2"/></w:style>
<w:style w:type="paragraph" w:styleId="Kreis2"><w:name w:val="b"/><w:basedOn w:val="Kreis1"/></w:style>
"""


def notes(kind):
    inner = "".join(f'<w:{kind} w:id="{n}">{p(r(f"{kind} {n}"))}</w:{kind}>' for n in range(1, 5))
    return f"<w:{kind}s {SPACES}>{inner}</w:{kind}s>"


def word(body, *, strict=False, declaration=""):
    """A DOCX with this in its body and the styles and notes above."""
    parts = {
        "word/document.xml": f"{declaration}<w:document {SPACES}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {SPACES}>{STYLES}</w:styles>",
        "word/footnotes.xml": notes("footnote"),
        "word/endnotes.xml": notes("endnote"),
    }
    related = "".join(
        f'<Relationship Id="{n}" Type="{OFFICE}/{n}" Target="{n}.xml"/>' for n in ("styles", "footnotes", "endnotes")
    )
    parts["word/_rels/document.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            part = part.replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main") if strict else part
            archive.writestr(name, part)
    return stream.getvalue()


def blocks(body, **options):
    return [(each.kind, each.level, each.text) for each in read_docx(word(body, **options), Limits()).blocks]


def p(inner, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def r(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def style(name):
    return f'<w:pStyle w:val="{name}"/>'


def listed(level, number=4):
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def row(*cells, head=False):
    return f"<w:tr><w:trPr>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(cells)}</w:tr>"


def cell(inner, properties=""):
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner if inner.startswith('<') else p(r(inner))}</w:tc>"


def box(inner):
    """A text box as Word writes it: once for itself and once for programs older than 2010."""
    text = f"<w:txbxContent>{inner}</w:txbxContent>"
    both = f"<mc:Choice>{text}</mc:Choice><mc:Fallback>{text}</mc:Fallback>"
    return f"<w:r><mc:AlternateContent>{both}</mc:AlternateContent></w:r>"


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_docx_samples", SAMPLES / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def draft(maker):
    return read_docx(maker.build(), Limits())


def test_the_committed_sample_is_what_the_script_draws(draft):
    assert read_docx((SAMPLES / "field-notes.docx").read_bytes(), Limits()) == draft


def test_blocks_come_in_the_order_of_the_body(draft):
    assert [block.kind for block in draft.blocks] == [
        "heading", "paragraph", "heading", "paragraph", "list_item", "list_item", "paragraph", "footnote", "paragraph",
        "heading", "table_row", "table_row", "table_row", "paragraph", "caption",
    ]  # fmt: skip


def test_deleted_words_are_out_and_inserted_ones_in(draft):
    assert "Fares rose by fourteen per cent." in [block.text for block in draft.blocks]


def test_title_and_dates_are_the_documents_own(draft):
    assert draft.title == "Bus notes"
    assert [(clue.value, clue.basis) for clue in draft.clues] == [
        ("2022-06-03", "metadata"),
        ("2024-01-09", "metadata"),
    ]
    assert draft.clues[0].confidence > draft.clues[1].confidence


def test_a_title_and_a_day_nobody_gave_are_not_taken():
    made = docx.Document()
    made.core_properties.title = "Microsoft Word - Document1"
    made.add_heading("Notes on lamps", 0)
    stream = io.BytesIO()
    made.save(stream)
    draft = read_docx(stream.getvalue(), Limits())
    assert draft.title == "Notes on lamps"
    assert draft.clues == ()  # the library's template was made in 2013


def test_a_document_over_the_limit_says_so(maker):
    draft = read_docx(maker.build(), Limits(max_characters=40))
    assert draft.issues and len(draft.blocks) < 5


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (style("berschrift2"), ("heading", 2)),
        (style("Judul"), ("heading", 1)),
        (style("Anak"), ("heading", 2)),
        ('<w:outlineLvl w:val="2"/>', ("heading", 3)),
        (style("Judul") + '<w:outlineLvl w:val="9"/>', ("heading", 1)),
        (style("Aufz2"), ("list_item", 2)),
        (style("Nummer"), ("list_item", 2)),
        (style("Nummer") + listed(0, 0), ("paragraph", 0)),
        (style("Listenabsatz"), ("paragraph", 0)),
        (style("Listenabsatz") + listed(2), ("list_item", 3)),
        (style("Kreis1"), ("paragraph", 0)),
        (style("unknown"), ("paragraph", 0)),
        (listed(10**9), ("list_item", 10**9 + 1)),
        ('<w:numPr><w:numId w:val="x"/></w:numPr>', ("list_item", 1)),
    ],
)
def test_style_outline_and_numbering_tell_what_a_paragraph_is(properties, expected):
    assert blocks(p(r("words"), properties)) == [(*expected, "words")]


@pytest.mark.parametrize("strict", [False, True])
def test_both_namespaces_of_the_standard_are_read(strict):
    assert blocks(p(r("a") + r("b")), strict=strict) == [("paragraph", 0, "ab")]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (f'<w:hyperlink w:anchor="x">{r("linked")}</w:hyperlink> ', "linked"),
        (r("a") + r("hidden", "<w:vanish/>") + r("b", '<w:vanish w:val="0"/>'), "ab"),
        (f"<w:del>{r('gone')}</w:del><w:moveFrom>{r('gone')}</w:moveFrom><w:moveTo>{r('here')}</w:moveTo>", "here"),
        (
            f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('Click')}</w:sdtContent></w:sdt>{r('x')}",
            "x",
        ),
        (f"<w:sdt><w:sdtContent>{r('kept')}</w:sdtContent></w:sdt>", "kept"),
        (f'<w:fldSimple w:instr="PAGE">{r("7")}</w:fldSimple>', "7"),
        (f'<w:r><w:instrText>XE "fee"</w:instrText></w:r>{r("fee")}', "fee"),
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>", "a b\nc-d"),
        ("<m:oMath><m:r><m:t>x=2</m:t></m:r></m:oMath>", "x=2"),
        (f"<w:ruby><w:rt>{r('reading')}</w:rt><w:rubyBase>{r('base')}</w:rubyBase></w:ruby>", "base"),
        (f'{r("said")}<w:r><w:commentReference w:id="1"/></w:r>', "said"),
    ],
)
def test_a_line_is_what_would_be_printed(inner, text):
    assert blocks(p(inner)) == [("paragraph", 0, text)]


def test_a_page_break_parts_a_paragraph():
    body = p(r("before") + '<w:r><w:br w:type="page"/></w:r>' + r("after"))
    assert [text for *_, text in blocks(body)] == ["before", "after"]


def test_tables_of_contents_are_left_out():
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    control = f"<w:sdt>{gallery}<w:sdtContent>{p(r('Contents'))}</w:sdtContent></w:sdt>"
    assert blocks(control + p(r("Fees 2"), style("toc1")) + p(r("Fees"))) == [("paragraph", 0, "Fees")]


def test_text_boxes_and_notes_stand_once_after_the_paragraph_or_table_they_hang_on():
    note = '<w:r><w:{0}noteReference w:id="{1}"/></w:r>'
    inner = p(r("in the box") + box(p(r("in the inner box"))) + note.format("foot", 1))
    body = p(r("text") + box(inner) + note.format("end", 2) + note.format("foot", 1))
    first = row(cell(p(r("a") + note.format("foot", 3) + box(p(r("aside"))))), cell("b"))
    table = f"<w:tbl>{first}{row(cell('c'), cell('d'))}</w:tbl>"
    deleted = p(r("x") + f"<w:del>{note.format('foot', 4)}</w:del>")
    assert [text for *_, text in blocks(body + table + deleted)] == [
        "text", "in the box", "in the inner box", "footnote 1", "endnote 2", "a | b", "c | d", "aside", "footnote 3",
        "x",
    ]  # fmt: skip


def test_header_rows_are_the_context_of_the_rows_below():
    table = "".join(
        (
            row(cell("", '<w:vMerge w:val="restart"/>'), cell("2021", '<w:gridSpan w:val="2"/>'), head=True),
            row(cell("City", "<w:vMerge/>"), cell("plan"), cell("spent"), head=True),
            row(cell("Hue"), cell("3"), cell("2")),
            f"<w:sdt><w:sdtContent>{row(cell('Vinh'), cell('4'), cell('4'))}</w:sdtContent></w:sdt>",
            row(cell("gone"), cell("1"), cell("1")).replace("<w:trPr>", "<w:trPr><w:del/>"),
        )
    )
    read = read_docx(word(f"<w:tbl>{table}</w:tbl>"), Limits()).blocks
    assert [(each.text, each.context) for each in read] == [
        ("| 2021", ""),
        ("| plan | spent", ""),
        ("Hue | 3 | 2", "| 2021 / | plan | spent"),
        ("Vinh | 4 | 4", "| 2021 / | plan | spent"),
    ]


@pytest.mark.parametrize(
    ("look", "context"), [('w:firstRow="1"', "A | B"), ('w:firstRow="0"', ""), ('w:val="04A0"', "A | B"), ("", "")]
)
def test_without_header_rows_the_tables_look_tells_whether_the_first_is_one(look, context):
    table = (
        f"<w:tbl><w:tblPr><w:tblLook {look}/></w:tblPr>{row(cell('A'), cell('B'))}{row(cell('c'), cell('d'))}</w:tbl>"
    )
    assert read_docx(word(table), Limits()).blocks[1].context == context


def test_a_header_longer_than_any_does_not_stand_beside_every_row():
    rows = [row(cell("words " * 40), cell("b"), head=True)] * 30 + [row(cell("c"), cell("d"))]
    assert len(read_docx(word(f"<w:tbl>{''.join(rows)}</w:tbl>"), Limits()).blocks[-1].context) < 2000


def test_a_table_around_a_table_only_places_text():
    inner = f"<w:tbl>{row(cell('a'), cell('b'))}</w:tbl>"
    outer = f"<w:tbl>{row(cell(p(r('left')) + inner), cell('right'))}</w:tbl>"
    assert blocks(outer) == [("paragraph", 0, "left"), ("table_row", 0, "a | b"), ("paragraph", 0, "right")]


@pytest.mark.timeout(60)
def test_a_cell_a_million_columns_wide_takes_no_more_than_others():
    wide = cell("a", '<w:gridSpan w:val="1000000000"/>')
    table = f"<w:tbl>{row(wide, cell('b'))}</w:tbl>"
    ((_, _, text),) = blocks(table)
    assert text.startswith("a | ") and text.endswith(" | b") and len(text) < 300


@pytest.mark.timeout(60)
@pytest.mark.parametrize("levels", [10, 80, 100_000])
def test_tables_in_tables_are_read_or_refused_with_a_remedy(levels):
    start, end = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
    body = start * levels + p(r("innermost")) + end * levels
    if levels < 85:  # the parser's limit of depth, 256
        assert blocks(body) == [("paragraph", 0, "innermost")]
    else:
        with pytest.raises(ExtractError, match="nested too deep") as caught:
            blocks(body)
        assert caught.value.remedy


def test_a_file_embedded_as_it_is_is_not_passed_over_in_silence():
    draft = read_docx(word(p(r("x")) + "<w:altChunk/>"), Limits())
    assert "embedded" in draft.issues[0].message


def test_a_word_document_without_a_body_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {SPACES}/>")
    with pytest.raises(ExtractError, match="without its text") as caught:
        read_docx(stream.getvalue(), Limits())
    assert caught.value.remedy
