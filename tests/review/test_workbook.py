"""Review files as spreadsheets: what a program shows of them, and what is read of what a program saved."""

import datetime
import io
import random
import struct
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock

from ascn_nlp.errors import ReviewError
from ascn_nlp.review import workbook
from ascn_nlp.review.cells import CELL_LIMIT, CUT, UNSAVED, shield
from ascn_nlp.review.columns import COLUMNS, DECISIONS, REVIEWER_COLUMNS, WHOLE, wide_columns
from ascn_nlp.review.rows import Row
from ascn_nlp.review.sheets import read_sheet
from ascn_nlp.review.workbook import shown_evidence, write_workbook

WORDS = ("privacy", "debt", "surveillance")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CHOICES = {"decision": DECISIONS, "concern_reviewed": WORDS}
URL = "https://city.example/a%20report.pdf?page=2#part-3"


def written(*rows, columns=COLUMNS, choices=CHOICES) -> bytes:
    file = io.BytesIO()
    assert write_workbook(file, columns, (row if isinstance(row, Row) else Row(row) for row in rows), choices) == len(
        rows
    )
    return file.getvalue()


def shown(content: bytes):
    """The sheet as openpyxl understands it."""
    return openpyxl.load_workbook(io.BytesIO(content), rich_text=True)["review"]


def cell_of(content: bytes, column: str, row: int = 2):
    return shown(content).cell(row, COLUMNS.index(column) + 1)


def made(*sheets, change=None) -> bytes:
    """A workbook of a person's own: (title, rows) each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def zipped(method=zipfile.ZIP_DEFLATED, **parts) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def stored(content: bytes) -> bytes:
    """The same zip, not compressed: what it says can be changed from outside."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return zipped(zipfile.ZIP_STORED, **{name: packed.read(name) for name in packed.namelist()})


def bold_of(value) -> list[str]:
    if not isinstance(value, CellRichText):
        return []
    return [part.text for part in value if isinstance(part, TextBlock) and part.font.b]


# What goes out comes back

_letters = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff")
_tricky = st.lists(
    st.sampled_from(
        [
            "_x000D_",
            "_x005F_x0041_",
            "_",
            "x0041_",
            "<r>",
            "</r>",
            "&amp;",
            "<",
            "]]>",
            "\r\n",
            "\r",
            "\n",
            "\t",
            "\x01",
            "\x1f",
            *("=1", "'", "@", " ", "\u2028", "\x85", "😀", "ខ្មែរ", "a", "\x00"),
        ]
    ),
    max_size=6,
).map("".join)
_texts = st.one_of(st.text(_letters), _tricky)


@given(st.lists(st.tuples(_texts, _texts, _texts), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_back_as_the_cell_it_was_shielded_to(texts):
    columns = ("passage_id", "quote", "note", "heading")
    rows = [Row(dict(zip(columns, ("p", *cells), strict=True)), ((0, 2), (3, 4))) for cells in texts]
    back = read_sheet(written(*rows, columns=columns, choices={}))
    assert back == [list(columns), *(["p", *map(shield, cells)] for cells in texts)]


@given(_texts, st.lists(st.integers(0, 40), max_size=8))
@settings(max_examples=50, deadline=None)
def test_evidence_drops_no_letter_of_any_quote(quote, bounds):
    bounds = sorted(bounds)
    evidence = tuple(zip(bounds[::2], bounds[1::2], strict=False))
    back = read_sheet(written(Row({"passage_id": "p1", "quote": quote}, evidence)))
    assert back[1][COLUMNS.index("quote")] == shield(quote)


@pytest.mark.parametrize(
    "text", ["<r><t>x</t></r>", "<r>_x000D_</r>", "_x005F_x0041_", "_x000D__x000D_", "a\x01\x02b", "a\r\nb"]
)
@pytest.mark.parametrize("column", ["quote", "note", "url", "row_check", "decision"])
def test_text_that_looks_like_the_formats_own_signs_is_text(column, text):
    for evidence in ((), ((0, 2),)):
        back = read_sheet(written(Row({column: text}, evidence)))
        assert back[1][COLUMNS.index(column)] == text


@pytest.mark.parametrize("text", ["a\ud800b", "a\ufffeb", "a\uffffb"])
def test_what_is_no_character_becomes_the_mark_for_one(text):
    assert read_sheet(written({"note": text}))[1][COLUMNS.index("note")] == "a\ufffdb"


def test_programs_other_than_our_reader_see_the_same_text():
    text = "_x000D_ stays, <r>so does this</r>, & a tab\tand\na line"
    assert cell_of(written({"note": text}), "note").value == text


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
@pytest.mark.parametrize("begin", ["", "="])
@pytest.mark.parametrize("count", [CELL_LIMIT - 2, CELL_LIMIT, 2 * CELL_LIMIT])
def test_a_cell_too_long_for_a_spreadsheet_is_cut_where_one_can_see_it(letter, begin, count):
    text = begin + letter * count
    back = read_sheet(written(Row({"quote": text}, ((0, 3),))))[1][COLUMNS.index("quote")]
    units = len(shield(text).encode("utf-16-le")) // 2
    assert len(back.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert back == shield(text) if units <= CELL_LIMIT else back.endswith(CUT) and len(back) > CELL_LIMIT // 2


# What a person sees


def test_the_header_and_the_reviewers_columns_stand_still_and_all_rows_are_filtered():
    sheet = shown(written({"quote": "a"}, {"quote": "b"}))
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert all(cell.font.b for cell in sheet[1])
    assert sheet.freeze_panes == openpyxl.utils.get_column_letter(len(REVIEWER_COLUMNS) + 1) + "2"
    assert sheet.auto_filter.ref == f"A1:{openpyxl.utils.get_column_letter(len(COLUMNS))}3"


def test_where_the_reviewers_columns_are_too_wide_only_the_header_stands_still():
    columns = (*("decision", "note", "quote"), "reviewer", "passage_id")
    assert shown(written({}, columns=columns)).freeze_panes == "A2"
    assert shown(written({}, columns=("decision", "passage_id"))).freeze_panes == "A2"


def test_what_stands_still_leaves_a_small_screen_room_for_the_quote():
    widths = [workbook._width(name) for name in COLUMNS[: COLUMNS.index("reviewer") + 1]]
    assert sum(7 * width + 5 for width in widths) + 7 * workbook._width("quote") < 1280


def test_in_the_wide_form_the_quote_stands_still_and_leaves_room_for_some_concerns():
    columns = wide_columns(WORDS)
    assert shown(written({}, columns=columns)).freeze_panes == "B2"
    widths = [workbook._width(name) for name in columns[:5]]
    assert columns[0] == "quote" and sum(7 * width + 5 for width in widths) < 1280


def test_every_cell_is_text_wrapped_and_at_the_top():
    sheet = shown(written(dict.fromkeys(COLUMNS, "7") | {"url": URL}, {}))
    unwrapped = {"url", *COLUMNS[COLUMNS.index("passage_id") :]}
    for row in (2, 3):
        for name in COLUMNS if row == 2 else REVIEWER_COLUMNS:
            cell = sheet.cell(row, COLUMNS.index(name) + 1)
            assert (cell.number_format, cell.alignment.vertical) == ("@", "top")
            assert bool(cell.alignment.wrap_text) == (name not in unwrapped)
            assert row == 3 or cell.data_type == "s"


def test_cells_a_person_has_yet_to_fill_take_what_is_typed_as_text():
    dimensions = list(shown(written({"passage_id": "p1"})).column_dimensions.values())
    assert all(one.number_format == "@" for one in dimensions)
    assert {number for one in dimensions for number in range(one.min, one.max + 1)} == set(range(1, len(COLUMNS) + 1))


def test_the_reviewers_cells_are_seen_to_be_theirs_even_empty():
    sheet = shown(written({"passage_id": "p1"}))
    fills = {name: sheet.cell(2, number).fill.fill_type for number, name in enumerate(COLUMNS, 1)}
    assert {name for name, fill in fills.items() if fill == "solid"} == set(REVIEWER_COLUMNS)
    columns = wide_columns(WORDS)
    sheet = shown(written({"passage_id": "p1"}, columns=columns, choices=dict.fromkeys((WHOLE, *WORDS), ("yes", "no"))))
    filled = {name for number, name in enumerate(columns, 1) if sheet.cell(2, number).fill.fill_type == "solid"}
    assert filled == {WHOLE, "note", "reviewer", *WORDS}


def test_a_row_is_as_high_as_its_longest_cell_needs():
    heights = shown(written({"quote": "short"}, {"quote": "word " * 120}, {"quote": "x\n" * 9}, {"quote": "x " * 9000}))
    given_heights = [heights.row_dimensions[row].height for row in (2, 3, 4, 5)]
    assert given_heights[0] in (None, 15)
    assert 15 * 600 / 120 <= given_heights[1] <= 15 * 600 / 60
    assert given_heights[2] == 150
    assert given_heights[3] == 405


def test_a_path_is_shown_to_its_end_and_a_long_web_address_makes_no_row_of_many_lines():
    path, web = "2024/reports of the network/" + "n" * 90 + ".pdf", "https://city.example/" + "n" * 400
    sheet = shown(written({"address": path}, {"address": web}))
    at = COLUMNS.index("address") + 1
    assert [sheet.cell(row, at).alignment.wrap_text for row in (2, 3)] == [True, None]
    assert sheet.row_dimensions[2].height >= 45
    assert sheet.row_dimensions[3].height in (None, 15)


def test_letters_of_east_asia_count_twice_for_the_height():
    sheet = shown(written({"quote": "a" * 200}, {"quote": "城" * 200}))
    assert sheet.row_dimensions[3].height > sheet.row_dimensions[2].height


def test_no_name_of_a_column_is_hidden():
    sheet = shown(written({}, columns=wide_columns(("technology_dependence",)), choices={}))
    for cell in sheet[1]:
        width = sheet.column_dimensions[cell.column_letter].width
        assert len(cell.value) <= 2 * width, cell.value


# Drop-down lists


def rules(sheet) -> dict:
    return {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}


def test_words_are_chosen_from_a_list_and_others_refused_by_name():
    found = rules(shown(written({}, {}, {})))
    assert set(found) == {"A2:A4", "B2:B4"}
    assert found["A2:A4"].formula1 == '"accept,reject,unsure,withdraw"'
    for rule in found.values():
        assert (rule.type, rule.showErrorMessage, rule.errorStyle or "stop") == ("list", True, "stop")
    assert found["B2:B4"].error == "Write one of: privacy, debt, surveillance"


@pytest.mark.parametrize("words", [[f"concern_number_{n:03}" for n in range(40)], ["one, two", "three"]])
def test_lists_too_long_for_a_rule_stand_on_a_hidden_sheet(words):
    content = written({}, choices={"concern_reviewed": words, "decision": DECISIONS, "stance_reviewed": words[::-1]})
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book["choices"].sheet_state == "hidden"
    assert [book["choices"].cell(n, 1).value for n in range(1, len(words) + 1)] == list(words)
    assert [book["choices"].cell(n, 2).value for n in range(1, len(words) + 1)] == list(words)[::-1]
    found = rules(book["review"])
    assert found["B2"].formula1 == f"choices!$A$1:$A${len(words)}"
    assert found["C2"].formula1 == f"choices!$B$1:$B${len(words)}"
    assert len(found["B2"].error) <= 255
    assert read_sheet(content)[0] == list(COLUMNS)


def test_a_list_for_a_column_that_is_not_there_and_an_empty_one_are_no_rules():
    assert not rules(shown(written({}, choices={"elsewhere": ("a",), "note": ()})))


def test_a_file_without_rows_has_its_header_and_lists():
    content = written()
    assert read_sheet(content) == [list(COLUMNS)]
    assert set(rules(shown(content))) == {"A2", "B2"}


# Evidence in bold

QUOTE = "Cameras watch the market, and nobody asked"
BOLD = [
    (((0, 7),), ["Cameras"]),
    (((18, 24), (30, 36)), ["market", "nobody"]),
    (((0, 7), (7, 13)), ["Cameras", " watch"]),
    (((37, 42),), ["asked"]),
    (((37, 999),), ["asked"]),
    (((0, 5), (3, 7)), ["Camer", "as"]),
    (((5, 5), (8, 13)), ["watch"]),
]


@pytest.mark.parametrize(("evidence", "expected"), BOLD)
def test_evidence_is_bold_and_the_rest_is_not(evidence, expected):
    value = cell_of(written(Row({"quote": QUOTE}, evidence)), "quote").value
    assert bold_of(value) == expected
    assert str(value) == QUOTE


def test_evidence_keeps_its_blanks_and_stays_wrapped_text():
    cell = cell_of(written(Row({"quote": " a  b \n c "}, ((1, 6),))), "quote")
    assert (str(cell.value), bold_of(cell.value)) == (" a  b \n c ", ["a  b "])
    assert (cell.number_format, cell.alignment.wrap_text) == ("@", True)


def test_a_quote_that_is_evidence_as_a_whole_is_bold_as_a_whole():
    cell = cell_of(written(Row({"quote": QUOTE}, ((0, len(QUOTE)),))), "quote")
    assert (cell.value, cell.font.b) == (QUOTE, True)


@pytest.mark.parametrize("evidence", [(), ((50, 60),), ((4, 4),)])
def test_without_evidence_nothing_is_bold(evidence):
    cell = cell_of(written(Row({"quote": QUOTE}, evidence)), "quote")
    assert (cell.value, cell.font.b) == (QUOTE, False)


def test_a_quote_with_control_characters_is_whole_though_not_bold():
    cell = cell_of(written(Row({"quote": "one\x01 two _x0041_"}, ((0, 3),))), "quote")
    assert not isinstance(cell.value, CellRichText)
    assert read_sheet(written(Row({"quote": "one\x01 two _x0041_"}, ((0, 3),))))[1][9] == "one\x01 two _x0041_"


@pytest.mark.parametrize("before", ["", "=", "'=", "-\x00", "\x00\x00= "])
@pytest.mark.parametrize("after", ["", " word" * 8000, "😀" * 20_000])
def test_the_same_words_are_bold_however_the_cell_was_shielded_and_cut(before, after):
    quote = f"{before}they watch{after}"
    start = quote.index("watch")
    value = cell_of(written(Row({"quote": quote}, ((start, start + 5),))), "quote").value
    assert bold_of(value) == ["watch"]


def test_evidence_behind_the_cut_is_not_sought_in_the_words_that_tell_of_it():
    quote = "x" * (CELL_LIMIT + 100)
    cell = shield(quote)
    kept = CELL_LIMIT - len(CUT)
    spans = ((kept - 2, kept + 2), (kept + 5, kept + 9), (CELL_LIMIT + 1, CELL_LIMIT + 5))
    assert list(shown_evidence(quote, cell, spans)) == [(kept - 2, kept)]


# Links


@pytest.mark.parametrize("url", [URL, "http://city.example", "https://city.example:8080/?a=b&c=%E0%B8%81"])
def test_an_address_is_a_link_to_itself(url):
    cell = cell_of(written({"url": url}), "url")
    link = cell.hyperlink
    assert cell.value == url
    assert link.target + (f"#{link.location}" if link.location else "") == url


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://city.example/a", "javascript:alert(1)", "file:///etc/passwd", "mailto:a@city.example", "internal:A1"),
        *("external:c:\\a.xlsx", "https://city.example/a b", 'https://city.example/"x"', "https://city.example/<x>"),
        *(
            "https://city.example/%zz",
            "https://[::1",
            "https://",
            "https://city.example/#a#b",
            "https://city.example/ก",
        ),
        *("https://city.example/" + "a" * 2100, "=HYPERLINK(1)", "https://city.example/a\nb", " https://city.example/"),
    ],
)
def test_any_other_address_is_text(url):
    cell = cell_of(written({"url": url}), "url")
    assert cell.hyperlink is None
    assert str(cell.value) == shield(url)


def test_links_end_where_excel_counts_no_more_and_addresses_do_not(monkeypatch):
    monkeypatch.setattr(workbook, "_MOST_LINKS", 2)
    content = written(*[{"url": f"https://city.example/{n}"} for n in range(4)])
    column = COLUMNS.index("url") + 1
    cells = [shown(content).cell(row, column) for row in range(2, 6)]
    assert [bool(cell.hyperlink) for cell in cells] == [True, True, False, False]
    assert [cell.value for cell in cells] == [f"https://city.example/{n}" for n in range(4)]


def test_more_rows_than_a_sheet_holds_are_refused_and_none_lost_in_silence(monkeypatch):
    monkeypatch.setattr(workbook, "ROW_LIMIT", 3)
    assert len(read_sheet(written({"note": "a"}, {"note": "b"}))) == 3
    with pytest.raises(ReviewError, match="CSV"):
        write_workbook(io.BytesIO(), COLUMNS, [Row({})] * 3, CHOICES)


def test_an_error_among_the_rows_is_the_callers_and_leaves_no_warning():
    def rows():
        yield Row({"note": "a"})
        raise KeyError("row 2")

    with pytest.raises(KeyError, match="row 2"):
        write_workbook(io.BytesIO(), COLUMNS, rows(), CHOICES)


# What comes in

HEAD = ["decision", "passage_id", "note"]


def test_numbers_dates_and_truth_come_as_text():
    days = [datetime.date(2021, 3, 14), datetime.datetime(2021, 3, 14, 5, 6, 7), datetime.time(5, 6, 7)]
    values = [1.0, 7, 0.25, 1e15, -3, True, False, None, "007", *days]
    head = ["passage_id", *map(str, range(len(values) - 1))]
    expected = ["1", "7", "0.25", "1000000000000000", "-3", "TRUE", "FALSE", "", "007"]
    expected += ["2021-03-14", "2021-03-14 05:06:07", "05:06:07"]
    assert read_sheet(made(("review", [head, values])))[1] == expected


def test_the_sheet_is_found_wherever_it_was_put_and_whatever_it_is_called():
    others = ("Notes", [["my notes"], ["passage p1 is odd"]]), ("Empty", [])
    rows = [HEAD, ["accept", "p1", "x"]]
    assert read_sheet(made(*others, ("Tabelle 1", rows), ("More", [["decision"]]))) == rows


@pytest.mark.parametrize("name", ["Passage_ID ", " passage_id", "PASSAGE_ID"])
def test_the_column_is_known_in_any_case(name):
    assert read_sheet(made(("review", [["a", name]])))[0] == ["a", name]


@pytest.mark.parametrize("above", [0, 1, 9])
def test_rows_above_the_header_come_empty_so_that_rows_count_as_the_program_shows_them(above):
    rows = [*[["", "", ""]] * above, HEAD, ["accept", "p1", ""], ["", "", ""], ["reject", "p2", "y"]]
    assert read_sheet(made(("review", rows))) == [*[[]] * above, *rows[above:]]


def test_rows_of_the_review_above_its_header_are_told_and_not_left_out():
    rows = [["A title", "", ""], ["accept", "p1", "c0123abcd"], ["decision", "passage_id", "row_check"]]
    with pytest.raises(ReviewError, match="above the header, which stands in row 3") as caught:
        read_sheet(made(("review", rows)))
    assert caught.value.where == "row 2"


def test_a_sheet_of_which_the_letters_were_garbled_before_is_told():
    with pytest.raises(ReviewError, match="another encoding than UTF-8") as caught:
        read_sheet(made(("review", [['ï»¿"decision"', *HEAD[1:]], ["accept", "p1", ""]])))
    assert caught.value.remedy


def test_a_header_far_down_is_none():
    with pytest.raises(ReviewError, match="passage_id"):
        read_sheet(made(("review", [*[["x"]] * 10, HEAD])))


def test_short_rows_are_filled_up_and_columns_keep_their_places():
    back = read_sheet(made(("review", [["", *HEAD], ["", "accept"], ["", "", "p2", "", "far"]])))
    assert back == [["", *HEAD, ""], ["", "accept", "", "", ""], ["", "", "p2", "", "far"]]


def test_rows_hidden_by_a_filter_are_read():
    def hide(book):
        book["review"].auto_filter.ref = "A1:C3"
        book["review"].auto_filter.add_filter_column(0, ["accept"])
        book["review"].row_dimensions[3].hidden = True
        book["review"].column_dimensions["B"].hidden = True

    rows = [HEAD, ["accept", "p1", "x"], ["reject", "p2", "y"]]
    assert read_sheet(made(("review", rows), change=hide)) == rows


def test_text_is_read_from_shared_and_from_rich_cells():
    def make_bold(book):
        book["review"]["C2"] = CellRichText("a ", TextBlock(openpyxl.cell.text.InlineFont(b=True), "bold "), " word")

    assert read_sheet(made(("review", [HEAD, ["", "p1", ""]]), change=make_bold))[1] == ["", "p1", "a bold  word"]


def saved_again(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_saved_by_another_program_says_the_same():
    content = written(Row({"quote": QUOTE, "note": "a\nb", "url": URL}, ((0, 7),)), {"note": "=1"})
    assert read_sheet(saved_again(content)) == read_sheet(content)


def test_a_formula_whose_result_was_not_saved_comes_marked_and_others_as_their_result():
    content = made(("other", [("a",), ("=1+1",)]), ("review", [("passage_id", "note"), ("p1", "=1+1"), ("p2", "so")]))
    assert read_sheet(content) == [["passage_id", "note"], ["p1", UNSAVED], ["p2", "so"]]


@pytest.mark.parametrize(
    ("cell", "is_asked_for", "wanted"),
    [
        ('<c r="B2"><f>1+1</f></c>', False, UNSAVED),
        ('<c r="B2"><f>1+1</f><v/></c>', False, UNSAVED),
        ('<c r="B2" s="1"><f t="shared" si="0"/><v></v></c>', False, UNSAVED),
        ('<c r="B2"><f>A1&gt;1</f><v>0</v></c>', True, UNSAVED),  # as XlsxWriter has it
        ('<c r="B2"><f>1-1</f><v>0</v></c>', False, "0"),
        ('<c r="B2"><f>1+1</f><v>2</v></c>', True, "2"),
        ('<c r="B2" t="str"><f>A1</f><v>so</v></c>', True, "so"),
        ('<c r="B2" t="str"><f>""</f><v></v></c>', False, ""),
    ],
)
def test_a_result_is_told_from_none_as_programs_write_it(cell, is_asked_for, wanted):
    content = made(("review", [("passage_id", "note"), ("p1", "HERE")]))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    begin, end = sheet.index(b'<c r="B2"'), sheet.index(b"</c>", sheet.index(b"HERE")) + len("</c>")
    parts["xl/worksheets/sheet1.xml"] = sheet[:begin] + cell.encode() + sheet[end:]
    if not is_asked_for:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
    assert read_sheet(zipped(**parts)) == [["passage_id", "note"], ["p1", wanted]]


def ods(*rows: tuple[str, ...], more: str = "", **parts: str) -> bytes:
    """The least ODS, each cell a paragraph, ``more`` in the place of further rows."""
    cells = ["".join(f"{CELL}<text:p>{text}</text:p></table:table-cell>" for text in row) for row in rows]
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells) + more
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ODF_NAMES)
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>"
    content += f'<table:table table:name="review">{body}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped(**{"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": MANIFEST} | parts)


CELL = '<table:table-cell office:value-type="string">'
ODF_NAMES = ("office", "table", "text", "manifest")
MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
FAR = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell/></table:table-row>'


def test_an_open_document_is_read():
    assert read_sheet(ods(("passage_id", "note"), ("p1", "Về &amp; <text:span>more</text:span>"), more=FAR)) == [
        ["passage_id", "note"],
        ["p1", "Về & more"],
    ]


# What is no review

SMALL = written(*[Row({"quote": QUOTE, "passage_id": f"p{n}", "url": URL}, ((0, 7),)) for n in range(30)])


def replaced(content: bytes, part: str, change) -> bytes:
    """The workbook with one part of it changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts[part] = change(parts[part])
    return zipped(**parts)


def locked_bits(content: bytes) -> bytes:
    """The zip with its parts marked as encrypted, in their own heads and in the directory."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


LOCKED = MANIFEST.replace(
    "/>", "><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
)
NO_REVIEWS = {
    "nothing": (b"", "no spreadsheet"),
    "words": (b"decision,passage_id\r\naccept,p1\r\n", "no spreadsheet"),
    "a page": (b"<html><table><tr><td>passage_id</td></tr></table></html>", "no spreadsheet"),
    "another zip": (zipped(a="words"), "cannot be read"),
    "a beginning of one": (b"PK\x03\x04", "damaged"),
    "half of one": (SMALL[: len(SMALL) // 2], "damaged"),
    "an old file": (OLE + bytes(2000), "XLS file"),
    "another table": (made(("Sheet1", [["decision", "name"], ["accept", "ann"]])), "no sheet with a column passage_id"),
    "no sheets with rows": (made(("Sheet1", [])), "no sheet with a column passage_id"),
    "two of them": (made(("One", [HEAD]), ("Two", [HEAD])), "One, Two"),
    "one locked by Excel": (OLE + bytes(1200) + "EncryptedPackage".encode("utf-16-le") + bytes(900), "password"),
    "one locked by LibreOffice": (ods(HEAD, **{"META-INF/manifest.xml": LOCKED}), "password"),
    "one locked as a zip is": (locked_bits(SMALL), "password"),
    "a cell far down and right": (
        made(("r", [HEAD]), change=lambda book: book["r"].cell(1_000_000, 99, "x")),
        "CU1000000",
    ),
    "a sheet that breaks off": (replaced(SMALL, "xl/worksheets/sheet1.xml", lambda xml: xml[:2000]), "cannot be read"),
    "a workbook without its sheet": (replaced(SMALL, "xl/workbook.xml", lambda xml: b""), "cannot be read"),
}


@pytest.mark.parametrize(("content", "says"), NO_REVIEWS.values(), ids=NO_REVIEWS)
def test_a_file_that_is_no_review_is_refused_with_a_remedy(content, says):
    with pytest.raises(ReviewError) as caught:
        read_sheet(content)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "content",
    [written({"passage_id": "p1", "note": "accept"}), made(("r", [HEAD, ["accept"]])), ods(HEAD, ("accept", "p1"))],
)
def test_words_that_were_damaged_are_not_taken_for_others(content):
    plain = stored(content)
    assert read_sheet(plain) == read_sheet(content)
    assert plain.count(b"accept<") == 1
    with pytest.raises(ReviewError, match="damaged"):
        read_sheet(plain.replace(b"accept<", b"reject<"))


def test_a_bomb_is_refused_by_what_its_directory_says_before_it_is_unpacked():
    big = bytearray(zipped(**{"xl/worksheets/sheet1.xml": "x" * 1000}))
    at = big.find(b"PK\x01\x02")
    big[at + 24 : at + 28] = struct.pack("<I", 2**31)
    with pytest.raises(ReviewError, match="1,024 MB"):
        read_sheet(bytes(big))


def test_a_directory_of_very_many_parts_is_refused():
    with pytest.raises(ReviewError, match="10,000 parts"):
        read_sheet(b"PK\x03\x04" + b"PK\x01\x02" * 10_001)


def test_a_bomb_whose_directory_lies_is_refused():
    content = replaced(SMALL, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 10_000_000)
    lying = bytearray(content)
    at = lying.find(b"PK\x01\x02", lying.find(b"PK\x01\x02"))
    while lying[at + 46 : at + 46 + 24] != b"xl/worksheets/sheet1.xml":
        at = lying.find(b"PK\x01\x02", at + 4)
    lying[at + 24 : at + 28] = struct.pack("<I", 100)
    with pytest.raises(ReviewError):
        read_sheet(bytes(lying))


def attempts(content: bytes, count: int, seed: int):
    """The content cut off, with bytes changed, and with a stretch left out."""
    draw = random.Random(seed)
    for number in range(count):
        at = draw.randrange(len(content))
        if number % 3 == 0:
            yield content[:at]
        elif number % 3 == 1:
            changed = bytearray(content)
            for _ in range(draw.choice((1, 1, 4, 40))):
                changed[draw.randrange(len(changed))] = draw.randrange(256)
            yield bytes(changed)
        else:
            yield content[:at] + content[at + draw.randrange(200) :]


def test_whatever_the_bytes_it_is_rows_or_a_review_error():
    kinds = {"rows": 0, "refused": 0}
    for content in attempts(SMALL, 300, 1):
        try:
            rows = read_sheet(content)
        except ReviewError as error:
            assert error.remedy
            kinds["refused"] += 1
        else:
            assert len({len(row) for row in rows}) == 1
            kinds["rows"] += 1
    assert kinds["refused"] > 150


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_whatever_the_xml_within_it_is_rows_or_a_review_error(part):
    # The checksums of a zip find what was changed from outside; these are right, and the XML is not.
    with zipfile.ZipFile(io.BytesIO(SMALL)) as packed:
        xml = packed.read(part)
    for changed in attempts(xml, 60, 2):
        try:
            rows = read_sheet(replaced(SMALL, part, lambda _, changed=changed: changed))
        except ReviewError as error:
            assert error.remedy
        else:
            assert len({len(row) for row in rows}) == 1


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_no_bytes_bring_anything_but_a_review_error(content):
    for begin in (b"", b"PK\x03\x04", OLE, SMALL):
        try:
            read_sheet(begin + content)
        except ReviewError as error:
            assert error.remedy
