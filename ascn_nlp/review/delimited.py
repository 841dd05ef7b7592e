"""Review files as CSV: written so that every spreadsheet program opens them well, read as those programs save them."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, tee

from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import NUL, shield_all
from ascn_nlp.review.columns import COLUMNS
from ascn_nlp.review.header import HEADER_WITHIN, check_first_rows, header_at
from ascn_nlp.review.rows import Row

# What stands for a byte that no letter could be made of.
DAMAGED = "\ufffd"
_SEPARATORS = (",", ";", "\t", "|")
_HINT = re.compile(r'\A"?sep=.?"?(\r\n|\r|\n)', re.IGNORECASE)
# A row as RFC 4180 has it: a cell is in quotes with those inside doubled, or has none.
_ROW = r"(?:{cell})(?:{separator}(?:{cell}))*+(?:\r\n|\r|\n)?"
_CELL = r'"[^"]*+(?:""[^"]*+)*+"|[^"\r\n{separator}]*+'


class Torn(list[str]):
    """The cells of a row in or before which a quotation mark is missing, or the end: where a cell ends is a guess."""


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Parts of an RFC 4180 file that begins with a byte order mark, so that Excel takes it for UTF-8."""
    yield "\ufeff" + _line(columns)
    empty = [""] * len(columns)
    for row in rows:
        yield _line([*map(row.cells.get, columns, empty)])


def _line(cells: Sequence[str]) -> str:
    """A row with its line end, as the library writes it: an export of many rows spends much of its time here."""
    # Every cell in quotes: a program set to split at ";" or tab must not begin a new cell within one.
    return '"' + shield_all(cells)[1:].replace('"', '""').replace(NUL, '","') + '"\r\n'


def read_csv(content: bytes) -> Iterator[list[str]]:
    """The rows of a file, its header first; those above it are empty. ReviewError where it is no table at all.

    The header is the row with a cell "passage_id" among the first ones; where there is none, the first filled row.
    UTF-8 and UTF-16, with or without a byte order mark, else Windows-1252; commas, semicolons, tabs or bars; any line
    ends; Excel's own first line "sep=;", which is no row. A byte that is no letter comes as DAMAGED, a row whose
    quotation marks do not pair up, or that the file ends within, as Torn. ReviewError, too, where rows of the review
    stand above its header, and where a program has taken the file for another encoding and saved it so.
    """
    if content.startswith(b"%PDF-"):
        raise ReviewError("is a PDF, and no review file", "", "save the spreadsheet as XLSX or CSV, and import that")
    lines = opened(content)
    try:
        separator, first = _begin(lines)
        check_first_rows(first)
        yield from _whole_or_torn(_begun(lines), separator, max(len(first) - 1, 0))
    except csv.Error as error:
        raise ReviewError(f"is no CSV file: {error}", "", "save it as CSV, or export again") from error


def _begun(lines: io.TextIOWrapper) -> Iterator[str]:
    """The lines from the beginning, without a byte order mark and Excel's hint."""
    lines.seek(0)
    first = lines.readline().removeprefix("\ufeff")
    return chain(() if _HINT.fullmatch(first) else (first,), lines)


def _begin(lines: io.TextIOWrapper) -> tuple[str, list[list[str]]]:
    """The sign that cuts the header into the most columns of ours, or else into the most cells; the rows down to it."""
    found = {}
    for sign in _SEPARATORS:
        first = _first_rows(csv.reader(_begun(lines), delimiter=sign))
        header = first[-1] if first else []
        found[sign] = (sum(cell.strip().lower() in COLUMNS for cell in header), len(header), first)
    sign = max(found, key=lambda one: found[one][:2])
    return sign, found[sign][2]


def _first_rows(rows: Iterator[list[str]]) -> list[list[str]]:
    """The rows up to the header, or where there is none up to the first filled one."""
    first: list[list[str]] = []
    filled = 0
    try:
        for row in rows:
            first.append(row)
            if header_at([row]) is not None:
                return first
            if not filled and any(cell.strip() for cell in row):
                filled = len(first)
            if filled and len(first) >= HEADER_WITHIN:
                break
    except csv.Error:  # cut by a sign that is not the file's; of the one that is, it is told when the rows are read
        pass
    return first[:filled]


def _whole_or_torn(lines: Iterable[str], separator: str, above: int) -> Iterator[list[str]]:
    cell = _CELL.format(separator=re.escape(separator))
    whole = re.compile(_ROW.format(cell=cell, separator=re.escape(separator)))
    lines, sources = tee(lines)
    # A row that lost the quotation mark before a line break ends early, and only what follows shows that.
    short: list[list[str]] = []
    width = 0
    read = csv.reader(lines, delimiter=separator)
    line = 0
    for number, cells in enumerate(read):
        source = "".join(islice(sources, read.line_num - line))
        line = read.line_num
        if number < above:
            yield []
            continue
        width = width or (len(cells) if any(cells) else 0)
        is_cut = len(cells) < width and any(cells) and not source.endswith(("\r", "\n"))
        if is_cut or ('"' in source and not whole.fullmatch(source)):
            yield from map(Torn, short)
            yield Torn(cells)
        elif len(cells) < width:
            short.append(cells)
            continue
        else:
            yield from short
            yield cells
        short.clear()
    yield from short


def is_western(content: bytes) -> bool:
    """Whether a file is in no Unicode encoding, so that it is read as Windows-1252 and other letters may be lost."""
    return _encoding(content) == "cp1252"


def opened(content: bytes) -> io.TextIOWrapper:
    """The text of a file, decoded as it is read; DAMAGED for what cannot be a letter.

    As one text the file would take two or four times its size.
    """
    return io.TextIOWrapper(io.BytesIO(content), _encoding(content), errors="replace", newline="")


def _encoding(content: bytes) -> str:
    if content.startswith(BOM_UTF8):
        return "utf-8"
    # A header is ASCII: half of its bytes are zero in UTF-16, mark or none.
    if content.startswith(BOM_UTF16_LE) or (content[:1] != b"\0" and content[1:2] == b"\0"):
        return "utf-16-le"
    if content.startswith(BOM_UTF16_BE) or (content[:1] == b"\0" and content[1:2] != b"\0"):
        return "utf-16-be"
    if _is_utf8(content):
        return "utf-8"
    text = content.decode("utf-8", "replace")
    # One damaged letter, such as the last of a file cut short, must not garble all others: what Excel writes when it is
    # asked for plain "CSV" in most of Europe and the Americas hardly has a letter of UTF-8 by chance.
    damaged = text.count(DAMAGED)
    return "cp1252" if 2 * damaged >= sum(letter > "\x7f" for letter in text) else "utf-8"


def _is_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8, told a piece at a time."""
    decoder, size = getincrementaldecoder("utf-8")(), 1 << 20
    try:
        for start in range(0, len(content), size):
            decoder.decode(content[start : start + size])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
