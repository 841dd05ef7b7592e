"""Cells that no spreadsheet program runs, cuts or changes without a word, and signs of what one did to them."""

from __future__ import annotations

import re
from codecs import charmap_encode, utf_8_decode
from collections.abc import Sequence
from contextlib import suppress

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
# Stands for a formula of which the file has no result. No cell of a spreadsheet can hold a NUL.
UNSAVED = NUL + "formula"
# What programs take a file for without asking: the encodings of Windows (Western, Thai, Vietnamese, Central European,
# Cyrillic), of its command line, and of old Macintoshes.
TAKEN_FOR = ("cp1252", "cp874", "cp1258", "cp1250", "cp1251", "cp437", "cp850", "mac_roman")
# A byte that an encoding has no letter for becomes the control character of its number, in LibreOffice one of its own.
_BYTES_OF = {
    name: {n: n for n in range(0x80, 0xA0)}
    | {0xF100 + n: n for n in range(0x80, 0x100)}
    | {ord(letter): n for n in range(0x100) if (letter := bytes([n]).decode(name, "ignore"))}
    for name in TAKEN_FOR
}
# Letters and signs that reviewers write, which words of another encoding hardly make by chance. "Spaß…" in
# Windows-1252 would be a letter of N'Ko in UTF-8, "l’état" in that of Macintoshes one of Armenian. Of Chinese
# it takes two in a row, as an accent and two signs are one.
_WRITTEN = re.compile(
    "[\u00a0-\u017f\u01a0\u01a1\u01af\u01b0\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1ea0-\u1ef9"
    "\u2010-\u203a\u20ac\u2122\U0001f300-\U0001faff]|[\u3000-\u9fff]{2}"
)
_FIRST = re.compile(r"[^\x00-\x7f]{1,2}")
# Whole words of Thai are so by chance, such as those for car and district, and hardly three of them.
_LEAST_WRITTEN = {"cp874": 3}
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


def is_garbled(text: str) -> bool:
    """Whether a text is UTF-8 that was taken for another encoding, each letter above U+007F having become several."""
    if text.isascii():
        return False
    # Most letters above U+007F stand alone, or are none that a letter in UTF-8 begins with.
    first = _FIRST.search(text)
    if not first or len(first[0]) < 2:
        return False
    lead, follower = map(ord, first[0])
    for name, bytes_of in _BYTES_OF.items():
        if not (0xC2 <= bytes_of.get(lead, 0) <= 0xF4 and 0x80 <= bytes_of.get(follower, 0) <= 0xBF):
            continue
        with suppress(UnicodeError):
            encoded, _ = charmap_encode(text, "strict", bytes_of)
            # A last letter may be short of its last byte, where that became a blank and was stripped.
            decoded, _ = utf_8_decode(encoded, "strict", False)
            if len(_WRITTEN.findall(decoded)) >= _LEAST_WRITTEN.get(name, 1):
                return True
    return False
