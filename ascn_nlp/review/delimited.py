"""Review files as CSV: written so that every spreadsheet program opens them well, read as those programs save them."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Sequence

from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import shield
from ascn_nlp.review.rows import Row

# What stands for a byte that no letter could be made of.
DAMAGED = "\ufffd"
_SEPARATORS = (",", ";", "\t", "|")


def to_csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Parts of an RFC 4180 file that begins with a byte order mark, so that Excel takes it for UTF-8."""
    buffer = io.StringIO()
    # Every cell in quotes: a program set to split at ";" or tab must not begin a new cell within one.
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([shield(row.cells.get(name, "")) for name in columns])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def read_csv(content: bytes) -> Iterator[list[str]]:
    """The rows of a file, its header first; ReviewError where it is no table at all.

    UTF-8 and UTF-16, with or without a byte order mark, else Windows-1252; commas, semicolons, tabs or bars; any line
    ends; Excel's own first line "sep=;". A byte that is no letter comes as DAMAGED.
    """
    text = decoded(content)
    text = re.sub(r'\A"?sep=.?"?[\r\n]+', "", text, count=1)
    head = re.match(r"[^\r\n]*", text.lstrip("\r\n"))[0]  # type: ignore[index]  # it matches anything
    separator = max(_SEPARATORS, key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise ReviewError(f"is no CSV file: {error}", "", "save it as CSV, or export again") from error


def is_western(content: bytes) -> bool:
    """Whether a file is in no Unicode encoding, so that it is read as Windows-1252 and other letters may be lost."""
    if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) or content.startswith(BOM_UTF8):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def decoded(content: bytes) -> str:
    """The text of a file; never fails, DAMAGED for what cannot be a letter."""
    if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        return content.decode("utf-16", "replace")
    # What Excel writes when it is asked for plain "CSV" in most of Europe and the Americas.
    return content.decode("cp1252" if is_western(content) else "utf-8-sig", "replace")
