"""Which words of a PDF page can be seen: white ones on bare paper cannot, nor transparent ones."""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf.rules import MOST_OBJECTS
from ascn_nlp.extract.pdf.words import Mapping, Word
from ascn_nlp.records import Box

_WHITE = 250  # of 255, in each of red, green and blue
_SOLID = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING, pdfium.FPDF_PAGEOBJ_FORM)


def part_visible(page: Any, text_page: Any, words: list[Word], place: Mapping) -> tuple[list[Word], list[Word]]:
    """The words that can be seen on an open page, and those that cannot."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    pale: set[int] = set()
    for word in words:
        is_known = pdfium.FPDFText_GetFillColor(text_page, word.middle, red, green, blue, alpha)
        if is_known and (not alpha.value or min(red.value, green.value, blue.value) >= _WHITE):
            pale.add(word.at)
    painted = _painted(page, place) if pale else []
    if not pale or painted is None:
        return words, []
    hidden = {word.at for word in words if word.at in pale and not _lies_on(word, painted)}
    return [word for word in words if word.at not in hidden], [word for word in words if word.at in hidden]


def _painted(page: Any, place: Mapping) -> list[Box] | None:
    """The boxes of all that is painted in other colours than white; None where that is too much to look at."""
    count = pdfium.FPDFPage_CountObjects(page)
    if count > MOST_OBJECTS:
        return None
    boxes: list[Box] = []
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for each in (pdfium.FPDFPage_GetObject(page, i) for i in range(count)):
        if _is_painted(each) and pdfium.FPDFPageObj_GetBounds(each, left, bottom, right, top):
            (xa, ya), (xb, yb) = place(left.value, bottom.value), place(right.value, top.value)
            boxes.append((min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)))
    return boxes


def _is_painted(each: Any) -> bool:
    kind = pdfium.FPDFPageObj_GetType(each)
    if kind != pdfium.FPDF_PAGEOBJ_PATH:
        return kind in _SOLID
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(each, fill, stroke)
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not fill.value:
        return False
    if not pdfium.FPDFPageObj_GetFillColor(each, red, green, blue, alpha):
        return True  # a pattern
    return min(red.value, green.value, blue.value) < _WHITE


def _lies_on(word: Word, painted: list[Box]) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return any(x0 <= x <= x1 and top <= y <= bottom for x0, top, x1, bottom in painted)
