"""A review file as XLSX or ODS, as a person saved it -> rows of text."""

from __future__ import annotations

import datetime
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator

from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import UNSAVED
from ascn_nlp.review.header import HEADER_WITHIN, MARK, check_first_rows, header_at

_ZIP, _OLE, _ENTRY = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x01\x02"
# What an XLSX with a password is put into, and an entry in an ODS.
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MANIFEST, _LOCKED_ODS = "META-INF/manifest.xml", b"encryption-data"
_SAVE = "open it in the spreadsheet program, save it as XLSX and import that"
_UNLOCK = "open it in the spreadsheet program, save a copy without a password and import that"
# A review of a million rows unpacks to some 2 GB, more than a person has; a workbook has a dozen parts, with pictures
# and charts some hundreds.
_MOST_BYTES, _MOST_PARTS = 2**30, 10_000
_MOST_CELLS = 50_000_000  # a rectangle of so many cells takes the library 1.5 GB, however few are filled
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, OverflowError, EOFError, OSError, RuntimeError)
# The parts with the words. They are unpacked here too, since the library stops reading before their checksums.
_WORDS_PART = re.compile(r"(?i)xl/worksheets/[^/]+\.(xml|bin)|xl/sharedStrings\.(xml|bin)|content\.xml")
_FILLED_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^<>]*(?<!/)>")
_WORKBOOK, _TARGETS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*?\w:id=[\"']([^\"']+)")
_TARGET = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
# Libraries that write formulas and cannot reckon them ask for it so; programs that can save their results instead.
_TO_RECKON = re.compile(rb"<(?:\w+:)?calcPr\s[^<>]*fullCalcOnLoad=[\"'](?:1|true)[\"']")
_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>\s*<(?:\w+:)?f[\s/>]((?:(?!</?(?:\w+:)?c[\s>]).)*+)</(?:\w+:)?c>", re.DOTALL
)
_FORMULA_SIGNS = (b"<f>", b"<f ", b"<f/", b":f>", b":f ", b":f/")
_RESULT = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)<")
_PLACE = re.compile(rb"(?:^|\s)r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_IS_TEXT = re.compile(rb"(?:^|\s)t=[\"']str[\"']")


def read_sheet(content: bytes) -> list[list[str]]:
    """The rows of the sheet that holds the review, all as text; those above its header are empty.

    Takes XLSX, XLSM, XLSB and ODS. The sheet is the one with a cell "passage_id" in its first rows, wherever in
    the workbook. Whole numbers have no ".0", dates are ISO, hidden rows are rows like others; empty ones at the end are
    none. A formula without a result in an XLSX comes as UNSAVED. Of an ODS the library drops tabs. Raises ReviewError
    for what is no spreadsheet, damaged, locked by a password, larger than a review, or without such a sheet or with two
    of them; and where rows of the review stand above its header.
    """
    if content.startswith(_OLE) and _LOCKED in content:
        raise ReviewError("is locked by a password", "", _UNLOCK)
    if content.startswith(_OLE):
        # It has no checksums: one damaged byte may name a cell far away, and the library makes room for all between.
        raise ReviewError("is an XLS file, of an Excel older than 2007", "", _SAVE)
    if not content.startswith(_ZIP):
        raise ReviewError("is no spreadsheet (XLSX or ODS)", "", _SAVE)
    _check_size(content)
    try:
        found = _review_sheets(content)
    except ReviewError:
        raise
    except BaseException as error:
        # Whatever the bytes, the importer hears of a file that cannot be read. A panic of the library, which is written
        # in Rust, comes as an exception that is no Exception and has no name to import.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if type(error).__name__ == "PasswordError":
            raise ReviewError("is locked by a password", "", _UNLOCK) from None
        raise ReviewError(f"cannot be read as a spreadsheet: {error}", "", _SAVE) from error
    if not found:
        what = f"has no sheet with a column {MARK} in its first {HEADER_WITHIN} rows"
        raise ReviewError(what, "", "export again with `review export`, and fill in that file")
    if len(found) > 1:
        raise ReviewError("has the review on several sheets", ", ".join(found), "keep the one that counts")
    [rows] = found.values()
    return rows


def _review_sheets(content: bytes) -> dict[str, list[list[str]]]:
    """The rows of each sheet that holds a review, from its header on."""
    import python_calamine as calamine

    found: dict[str, list[list[str]]] = {}
    with calamine.load_workbook(io.BytesIO(content)) as workbook:
        for place, sheet in enumerate(workbook.sheets_metadata):
            if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            rows = workbook.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            above = header_at(rows[:HEADER_WITHIN])
            if above is not None:
                check_first_rows(rows[: above + 1])
                for row, column in _unsaved(content, place):
                    if row < len(rows) and column < len(rows[row]):
                        rows[row][column] = UNSAVED
                # Rows above the header come empty, so that rows count as the program shows them.
                found[sheet.name] = [[]] * above + [[_text(cell) for cell in row] for row in rows[above:]]
    return found


def _unsaved(content: bytes, place: int) -> Iterator[tuple[int, int]]:
    """Row and column, from 0, of each formula without a result in the sheet at this place of an XLSX, from 0."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if not {_WORKBOOK, _TARGETS} <= set(packed.namelist()):
            return
        workbook = packed.read(_WORKBOOK)
        is_to_reckon = bool(_TO_RECKON.search(workbook))
        name = _part_of(_SHEET.findall(workbook)[place : place + 1], packed.read(_TARGETS))
        if name not in packed.namelist():
            return
        with packed.open(name) as part:
            rest = b""
            for chunk in iter(lambda: part.read(2**20), b""):
                cells = rest + chunk
                whole = max(cells.rfind(b"</c>"), cells.rfind(b":c>")) + len("</c>")
                if any(sign in cells for sign in _FORMULA_SIGNS):
                    yield from _without_result(cells[:whole], is_to_reckon)
                # A cell has 32,767 letters at most.
                rest = cells[whole:] if len(cells) - whole < 2**20 else b""


def _part_of(ids: list[bytes], targets: bytes) -> str:
    """The name of the part that these relations, of which only the first counts, lead to; "" where there is none."""
    for id_ in ids:
        for relation in _TARGET.findall(targets):
            given = dict(re.findall(rb"(\w+)=[\"']([^\"']*)[\"']", relation))
            if given.get(b"Id") == id_:
                target = given.get(b"Target", b"").decode("utf-8", "replace")
                return target[1:] if target.startswith("/") else f"xl/{target}"
    return ""


def _without_result(cells: bytes, is_to_reckon: bool) -> Iterator[tuple[int, int]]:
    for about, inside in _FORMULA_CELL.findall(cells):
        found, place = _RESULT.search(inside), _PLACE.search(about)
        result = found[1].strip() if found else b""
        # The result of a formula may be the empty text. XlsxWriter puts a 0 where it knows of none.
        is_empty = not (result or (found and _IS_TEXT.search(about)))
        if place and (is_empty or (is_to_reckon and result == b"0")):
            yield int(place[2]) - 1, _column_number(place[1]) - 1


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else str(cell)


def _check_size(content: bytes) -> None:
    """Raise ReviewError when the parts are damaged, locked or larger than any review: the library would take all."""
    if content.count(_ENTRY) > _MOST_PARTS:  # before the directory is loaded, as that fills the memory too
        raise _too_large(f"has more than {_MOST_PARTS:,} parts")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(info.file_size for info in packed.infolist()) > _MOST_BYTES:
                raise _too_large(f"unpacks to more than {_MOST_BYTES // 2**20:,} MB")
            for info in packed.infolist():
                if info.flag_bits & 1 or (info.filename == _MANIFEST and _LOCKED_ODS in packed.read(info)):
                    raise ReviewError("is locked by a password", "", _UNLOCK)
                if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ReviewError("is damaged, or packed as no spreadsheet is", info.filename, _SAVE)
                if _WORDS_PART.fullmatch(info.filename):
                    with packed.open(info) as part:
                        _check_extent(iter(lambda: part.read(2**20), b""))
    except _BROKEN as error:
        raise ReviewError(f"is damaged: {error}", "", _SAVE) from error


def _check_extent(chunks: Iterable[bytes]) -> None:
    """Raise ReviewError when a sheet's cells span more than any review: the library makes room for all between them."""
    column, row, rest = (0, b""), 0, b""
    for chunk in chunks:
        content = rest + chunk
        whole = content.rfind(b"<") if len(rest) < 2**20 else len(content)
        rest = content[max(whole, 0) :]
        filled = _FILLED_CELL.findall(content, 0, max(whole, 0))
        column = max([column, *((len(name), name) for name in {name for name, _ in filled})])
        row = max([row, *map(int, {number for _, number in filled})])
    if row * _column_number(column[1]) > _MOST_CELLS:
        place = f"cell {column[1].decode()}{row}"
        raise _too_large("has something written far outside the review", place)


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = 26 * number + letter - ord("A") + 1
    return number


def _too_large(what: str, where: str = "") -> ReviewError:
    return ReviewError(what, where, "copy the rows of the review into a new workbook, and import that")
