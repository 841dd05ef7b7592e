"""Cells that no spreadsheet program runs, cuts or changes without a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Cells that begin so are run as formulas by spreadsheet programs (OWASP, "CSV Injection"); the full-width forms are
# taken for the same signs by some of them, and blanks and signs without width may be dropped first.
_DROPPED = r"\s\u200b-\u200d\u2060\ufeff"
_SIGNS = r"=+\-@＝＋－＠\t\r\n"
_FORMULA = re.compile(rf"[{_DROPPED}]*[{_SIGNS}]")
# Stands between cells that are looked at together. A cell itself has none: it is dropped.
NUL = "\x00"
# A cell that begins with none of these is no formula, and does not look shielded.
_SUSPECT = re.compile(rf"{NUL}[{_DROPPED}{_SIGNS}']")
# Excel's limit for one cell; it cuts longer ones without a word.
CELL_LIMIT = 32_767
CUT = " [... cut here: the cell is full; the whole text is in the document]"


def shield_all(values: Sequence[str]) -> str:
    """The values shielded, each after a NUL."""
    joined = NUL + NUL.join(values)
    # Most rows are so, and an export of many spends its time here.
    if len(joined) <= CELL_LIMIT and joined.count(NUL) == len(values) and not _SUSPECT.search(joined):
        return joined
    return NUL + NUL.join(map(shield, values))


def shield(value: str) -> str:
    """The value as a cell that no spreadsheet runs as a formula or cuts in silence; ``unshield`` undoes the first."""
    # Most cells are so.
    if not value or (value[0].isalnum() and len(value) <= CELL_LIMIT and NUL not in value):
        return value
    cell = value.replace(NUL, "")
    if _FORMULA.match(cell) or _looks_shielded(cell):
        cell = "'" + cell
    return cell if len(cell) <= CELL_LIMIT else cell[: CELL_LIMIT - len(CUT)] + CUT


def unshield(cell: str) -> str:
    """The value behind a cell made by ``shield``."""
    return cell[1:] if cell.startswith("'") and _looks_shielded(cell) else cell


def _looks_shielded(cell: str) -> bool:
    inner = cell.lstrip("'")
    return inner != cell and bool(_FORMULA.match(inner))
