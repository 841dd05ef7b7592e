"""Cells that no spreadsheet program runs, cuts or changes without a word."""

from __future__ import annotations

import re

# Cells that begin so are run as formulas by spreadsheet programs (OWASP, "CSV Injection"); the full-width forms are
# taken for the same signs by some of them, and blanks and signs without width may be dropped first.
_FORMULA = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠\t\r\n]")
# Excel's limit for one cell; it cuts longer ones without a word.
CELL_LIMIT = 32_767
CUT = " [... cut here: the cell is full; the whole text is in the document]"


def shield(value: str) -> str:
    """The value as a cell that no spreadsheet runs as a formula or cuts in silence; ``unshield`` undoes the first."""
    # Most cells are so, and an export of many rows spends its time here.
    if not value or (value[0].isalnum() and len(value) <= CELL_LIMIT and "\x00" not in value):
        return value
    cell = value.replace("\x00", "")
    if _FORMULA.match(cell) or _looks_shielded(cell):
        cell = "'" + cell
    return cell if len(cell) <= CELL_LIMIT else cell[: CELL_LIMIT - len(CUT)] + CUT


def unshield(cell: str) -> str:
    """The value behind a cell made by ``shield``."""
    return cell[1:] if cell.startswith("'") and _looks_shielded(cell) else cell


def _looks_shielded(cell: str) -> bool:
    inner = cell.lstrip("'")
    return inner != cell and bool(_FORMULA.match(inner))
