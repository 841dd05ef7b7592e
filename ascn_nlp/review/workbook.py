"""Rows -> a review file as XLSX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import CELL_LIMIT, CUT, shield, unshield
from ascn_nlp.review.columns import ID_COLUMNS, REVIEWER_COLUMNS, WHOLE
from ascn_nlp.review.rows import Row

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET, CHOICES = "review", "choices"
ROW_LIMIT = 1_048_576  # of a sheet, its header among them
# In characters of Excel's default font. With the quote the columns fill a screen of 1,280 pixels, the reviewer's ones
# standing still: 7 pixels a character, and 5 a column.
_WIDTHS = {
    **{"decision": 10, "concern_reviewed": 20, "stance_reviewed": 16, "note": 24, "reviewer": 10},
    **{"concern": 20, "stance": 11, "score": 8, "why": 36, "quote": 80, "before": 50, "after": 50, "heading": 24},
    **{"doc_title": 32, "publisher": 20, "genre": 12, "published": 12, "date_basis": 13, "in_window": 12},
    **{"city": 16, "country": 11, "lang": 8, "page": 8, "doubtful": 18, "url": 40, "address": 40},
    **{"appearances": 14, "predicted": 30},
}
_LINE, _HIGHEST = 15, 405  # points; no row of Excel's is higher than 409
_MOST_FROZEN = 90  # characters of the columns that stand still: more would leave a small screen no room for the quote
_UNWRAPPED = ("url", *ID_COLUMNS)  # long words without blanks: wrapped, they would make rows of many lines
_LIST_LIMIT = _MESSAGE_LIMIT = 255  # Excel's, for a list written into the rule, and for what the rule says
_LINK_LIMIT, _MOST_LINKS = 2_079, 65_530  # Excel's; past them it mends the file by throwing links away
# Addresses in which all characters are those of RFC 3986: others may make Excel call the whole file damaged.
_SAFE = r"(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
_LINK = re.compile(rf"https?://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{{1,5}})?(?:[/?]{_SAFE})?(?:#{_SAFE})?")
_BROAD = re.compile(r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]")
# What XML cannot hold stands in a cell as _xHHHH_ (ISO/IEC 29500-1, 22.9.2.19), as does the _ of what looks like that.
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")
_MAYBE_ESCAPED = re.compile(r"[&<>_\x00-\x08\x0b-\x1f]")  # quick to look for
_UNWRITABLE = re.compile(r"[\ud800-\udfff\ufffe\uffff]")  # no characters, and programs read their _xHHHH_ differently


class _Formats(NamedTuple):
    head: Format
    head_reviewer: Format
    text: Format
    plain: Format  # not wrapped
    reviewer: Format
    link: Format
    bold: Format
    bold_text: Format


class _Page(NamedTuple):
    """What a row is written with: ``columns`` as (name, width, whether it is the reviewer's)."""

    sheet: Worksheet
    columns: tuple[tuple[str, int, bool], ...]
    formats: _Formats


def write_workbook(
    file: BinaryIO, columns: Sequence[str], rows: Iterable[Row], choices: Mapping[str, Sequence[str]]
) -> int:
    """The number of rows written to ``file`` as XLSX: one sheet, its header still and filtered, all cells text.

    Cells are shielded as in the CSV, and those longer than 32,767 units of UTF-16 cut as there. ``read_sheet`` gives
    them back as they went in, but for noncharacters and halves of letters, which become U+FFFD. ``choices`` are the
    words that a column may hold. The evidence in "quote" is bold, unless the cell has control characters. Rows pass
    through a temporary file: memory hardly grows with them. Raises ReviewError when there are more than a sheet holds.
    """
    from xlsxwriter import Workbook

    # In memory nothing but a row is held; links and formulas are never made of what a text looks like.
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with Workbook(file, options) as workbook:
        workbook.use_zip64()  # written only where a sheet passes 4 GB
        page = _lay_out(workbook, columns, choices)
        count, links = 0, 0
        for count, row in enumerate(rows, 1):
            if count == ROW_LIMIT:
                what = f"a spreadsheet holds {ROW_LIMIT - 1:,} rows, and there are more"
                raise ReviewError(what, "", "narrow the selection, or export as CSV")
            links += _write_row(page, count, row, links < _MOST_LINKS)
        last = max(count, 1)
        page.sheet.autofilter(0, 0, last, len(columns) - 1)
        # Numbers are text here on purpose: no green corners.
        page.sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROW_LIMIT}"})
        _offer(workbook, page.sheet, columns, choices, last)
    return count


def _sheet_class() -> type[Worksheet]:
    from xlsxwriter.utility import xl_rowcol_to_cell_fast
    from xlsxwriter.worksheet import CellBlankTuple, CellStringTuple, Worksheet

    class Sheet(Worksheet):
        """A sheet that writes plain text and blanks itself: nearly all cells of a review are such.

        xlsxwriter takes text from "<r>" to "</r>" for elements of its own, and escapes "_x005F_x0041_" to another text.
        """

        def _write_cell(self, row: int, col: int, cell: Any) -> None:
            if type(cell) not in (CellStringTuple, CellBlankTuple):
                super()._write_cell(row, col, cell)
                return
            file: Any = self.fh
            start = f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{cell.format._get_xf_index()}"'
            if type(cell) is CellBlankTuple:
                file.write(start + "/>")
            else:
                file.write(f'{start} t="inlineStr"><is><t xml:space="preserve">{_escape(cell.string)}</t></is></c>')

    return Sheet


def _formats(workbook: Workbook) -> _Formats:
    # "@" is text: what is typed stays as typed ("007", "1-2").
    text = {"num_format": "@", "valign": "top"}
    wrapped = text | {"text_wrap": True}
    bordered = {"border": 1, "border_color": "#D9D9D9"}
    head = wrapped | {"bold": True, "bottom": 1}
    return _Formats(
        head=workbook.add_format(head | {"bg_color": "#E7E6E6"}),
        head_reviewer=workbook.add_format(head | {"bg_color": "#FFD966"}),
        text=workbook.add_format(wrapped),
        plain=workbook.add_format(text),
        reviewer=workbook.add_format(wrapped | bordered | {"bg_color": "#FFF8E1"}),
        link=workbook.add_format(text | {"font_color": "#0563C1", "underline": 1}),
        bold=workbook.add_format({"bold": True}),
        bold_text=workbook.add_format(wrapped | {"bold": True}),
    )


def _lay_out(workbook: Workbook, columns: Sequence[str], choices: Mapping[str, Sequence[str]]) -> _Page:
    """The sheet with its widths and its header, and what stands still while one scrolls."""
    sheet, formats = workbook.add_worksheet(SHEET, _sheet_class()), _formats(workbook)
    theirs = {*REVIEWER_COLUMNS, WHOLE, *choices}
    laid = tuple((name, _width(name), name in theirs) for name in columns)
    sheet.set_row(0, 2 * _LINE)
    for number, (name, width, is_theirs) in enumerate(laid):
        sheet.set_column(number, number, width, formats.plain if name in _UNWRAPPED else formats.text)
        sheet.write_string(0, number, name, formats.head_reviewer if is_theirs else formats.head)
    ends = [columns.index(name) + 1 for name in (REVIEWER_COLUMNS[-1], "quote") if name in columns]
    fitting = (end for end in ends if sum(width for _, width, _ in laid[:end]) <= _MOST_FROZEN)
    sheet.freeze_panes(1, max(fitting, default=0))
    return _Page(sheet, laid, formats)


def _width(name: str) -> int:
    return _WIDTHS.get(name, 12 if name in ID_COLUMNS else max(12, len(name) + 2))


def _write_row(page: _Page, number: int, row: Row, is_link_free: bool) -> int:
    """Write a row; the links in it, 0 or 1. An empty cell is written only where it is to be seen as the reviewer's."""
    sheet, columns, formats = page
    links, lines = 0, 1
    for column, (name, width, is_theirs) in enumerate(columns):
        value = row.cells.get(name, "")
        if not value:
            if is_theirs:
                sheet.write_blank(number, column, None, formats.reviewer)
            continue
        cell = _cell(value)
        if name == "url" and is_link_free and len(cell) <= _LINK_LIMIT and _LINK.fullmatch(cell):
            sheet.write_url(number, column, cell, formats.link, cell)
            links += 1
        # Of a path the end names the file, so all of it is shown.
        elif name in _UNWRAPPED or (name == "address" and is_web_address(cell)):
            sheet.write_string(number, column, cell, formats.plain)
        else:
            lines = max(lines, _lines(cell, width))
            if name == "quote" and row.evidence and not _ESCAPED.search(cell):
                _write_quote(page, number, column, cell, shown_evidence(value, cell, row.evidence))
            else:
                sheet.write_string(number, column, cell, formats.reviewer if is_theirs else formats.text)
    # Excel would find the height itself; LibreOffice does not.
    sheet.set_row(number, min(_HIGHEST, _LINE * lines))
    return links


def _lines(cell: str, width: int) -> int:
    """About how many lines a cell takes that is ``width`` characters wide."""
    if len(cell) <= width and "\n" not in cell:
        return 1
    room = width * 11 // 10  # a letter of a text is narrower than a digit, by which widths are counted
    # The letters of East Asia are twice as wide.
    letters = cell if cell.isascii() else _BROAD.sub("MM", cell)
    return sum(1 + len(line) // room for line in letters.split("\n"))


def _cell(value: str) -> str:
    """The value shielded, with characters that can be written, and no longer than Excel takes."""
    cell = shield(value)
    if cell.isascii():
        return cell
    cell = _UNWRITABLE.sub("\ufffd", cell)
    # Excel counts units of UTF-16, of which a letter has at most two.
    if len(cell) > CELL_LIMIT // 2 and len(units := cell.encode("utf-16-le")) > 2 * CELL_LIMIT:
        cell = units[: 2 * (CELL_LIMIT - len(CUT))].decode("utf-16-le", "ignore") + CUT
    return cell


def _escape(cell: str) -> str:
    """The cell as XML."""
    if _MAYBE_ESCAPED.search(cell):
        cell = cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", cell)
    return cell


def _write_quote(page: _Page, number: int, column: int, cell: str, evidence: Iterable[tuple[int, int]]) -> None:
    """Write the quote with its evidence in bold."""
    sheet, _, formats = page
    parts: list[Any] = []
    at = 0
    for start, end in evidence:
        parts += [cell[at:start]] if at < start else []
        parts += [formats.bold, cell[start:end]]
        at = end
    parts += [cell[at:]] if at < len(cell) else []
    if len(parts) > 2:
        sheet.write_rich_string(number, column, *parts, formats.text)
    else:  # all of it is evidence, or none: Excel takes no rich text of a single part
        sheet.write_string(number, column, cell, formats.bold_text if len(parts) == 2 else formats.text)


def shown_evidence(value: str, cell: str, evidence: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where the spans of ``value`` stand in the cell made of it, as far as the cell has them; in order, disjoint."""
    shift = len(cell) - len(unshield(cell))
    # A cell that is not the value, shielded, was cut; noncharacters in it are replaced one by one.
    bare = value.replace("\x00", "")
    kept = len(cell) if len(cell) == shift + len(bare) else len(cell) - len(CUT)
    at = 0
    for start, end in sorted(evidence):
        low = max(at, shift + start - value.count("\x00", 0, start))
        high = min(kept, shift + end - value.count("\x00", 0, end))
        if low < high:
            yield low, high
            at = high


def _offer(
    workbook: Workbook, sheet: Worksheet, columns: Sequence[str], choices: Mapping[str, Sequence[str]], last: int
) -> None:
    """Drop-down lists; long ones stand on a sheet of their own."""
    offered = {name: list(words) for name, words in choices.items() if name in columns and words}
    long = [name for name, words in offered.items() if len(",".join(words)) > _LIST_LIMIT or "," in "".join(words)]
    if long:
        hidden = workbook.add_worksheet(CHOICES)
        hidden.hide()
        for number, line in enumerate(zip_longest(*(offered[name] for name in long))):
            for column, word in enumerate(line):
                if word:
                    hidden.write_string(number, column, word)
    for name, words in offered.items():
        column = columns.index(name)
        says = f"Write one of: {', '.join(words)}"
        if len(says) > _MESSAGE_LIMIT:
            says = "Choose a word from the list: the arrow in the cell opens it."
        rule: dict[str, Any] = {
            "validate": "list",
            "source": _range(long.index(name), len(words)) if name in long else words,
            "error_title": name[:32],
            "error_message": says,
        }
        sheet.data_validation(1, column, last, column, rule)


def _range(column: int, count: int) -> str:
    from xlsxwriter.utility import xl_range_abs

    return f"={CHOICES}!{xl_range_abs(0, column, count - 1, column)}"
