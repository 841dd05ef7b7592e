"""Where the header of a review file stands, and what it tells of how the file was saved."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence

from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import TAKEN_FOR

# Every review file has this column, and no other table is likely to. A person may put titles above the header.
MARK, HEADER_WITHIN = "passage_id", 10
# What a byte order mark of UTF-8 looks like in other encodings.
_GARBLED = tuple(BOM_UTF8.decode(name) for name in TAKEN_FOR)
# The sign by which a row of the review is bound to its passage (``columns.row_check``).
_CHECK = re.compile(r"c[0-9a-f]{8}")


def header_at(rows: Iterable[Sequence[object]]) -> int | None:
    """How many of these rows stand above the header; None where no row has a cell "passage_id", in any case."""
    found = (n for n, row in enumerate(rows) if any(isinstance(c, str) and c.strip().lower() == MARK for c in row))
    return next(found, None)


def check_first_rows(rows: Sequence[Sequence[object]]) -> None:
    """Raise ReviewError where these rows, the header last, tell that the file was garbled, or are rows of the review.

    What stands above the header is not read.
    """
    for number, row in enumerate(rows, 1):
        for cell in filter(None, row):
            if isinstance(cell, str) and cell.lstrip(' "').startswith(_GARBLED):
                what = "was opened in another encoding than UTF-8 and saved: its letters are garbled"
                raise ReviewError(what, f"row {number}", "open the export again as UTF-8, and fill in that")
            if isinstance(cell, str) and number < len(rows) and _CHECK.fullmatch(cell.strip()):
                what = f"is a row of the review above the header, which stands in row {len(rows)}"
                raise ReviewError(what, f"row {number}", "put the header above all rows")
