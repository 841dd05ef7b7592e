"""Words of one PDF page in stream order, with their boxes and styles, as PDFium reads them."""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf.text import HYPHEN_AT_BREAK
from ascn_nlp.records import Box

_WORD = re.compile(rf"[^\s{HYPHEN_AT_BREAK}]+{HYPHEN_AT_BREAK}?")
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_INVISIBLE = 3  # text render mode "neither fill nor stroke", PDF 32000-1 table 106
# A number this much taller than the words beside it stands before them all: "26" before two short lines. Marks of
# footnotes make a word's height differ by up to 1.7.
TALL = 1.8
_LOOKED_AT = 40  # words of a page, to tell which way all run
_GLUED = re.compile(r"^(\d[\d.,]*[%+]?)(?=[^\W\d_]{3})")

Mapping = Callable[[float, float], tuple[float, float]]


class Word(NamedTuple):
    """A run of letters without blanks; ``at`` is its first letter's index in PDFium's text page."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    at: int

    @property
    def middle(self) -> int:
        """The index of a letter that superscripts at either end do not reach."""
        return self.at + len(self.text) // 2


class Style(NamedTuple):
    """How a word is set."""

    size: float
    font: str
    baseline: float
    is_invisible: bool


@dataclass(frozen=True, slots=True)
class PageText:
    """All words of a page. Its width, height and places are as the page is read: turned, cropped, origin top left."""

    width: float
    height: float
    words: list[Word]
    place: Mapping
    style: Callable[[Word], Style]
    font: Callable[[Word], str]


def page_text(page: Any, text_page: Any) -> PageText:
    """The words of an open page in stream order; ``style`` and ``font`` may be called until the page is closed."""
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    place = to_top_left(page, width, height)
    words = list(_words(text_page, place))
    if turn := _turn(text_page, words, place, width, height):
        upright = place
        place = lambda px, py: turn(*upright(px, py))  # noqa: E731 - a mapping like the one it replaces
        words = list(_words(text_page, place))
        width, height = (abs(a - b) for a, b in zip(turn(0, 0), turn(width, height), strict=True))
    font = _font_reader(text_page)
    return PageText(width, height, words, place, _style_reader(text_page, place, font), font)


def to_top_left(page: Any, width: float, height: float) -> Mapping:
    """Maps PDF page space to points from the top left corner of the page as shown: rotation and crop box included."""
    scale = 100  # PDFium answers in whole device pixels
    x, y = ctypes.c_int(), ctypes.c_int()

    def device(px: float, py: float) -> tuple[float, float]:
        size = int(width * scale), int(height * scale)
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, px, py, ctypes.byref(x), ctypes.byref(y))
        return x.value / scale, y.value / scale

    (e, f), (ax, bx), (cy, dy) = device(0, 0), device(1000, 0), device(0, 1000)
    a, b, c, d = ((n - m) / 1000 for n, m in ((ax, e), (bx, f), (cy, e), (dy, f)))
    return lambda px, py: (a * px + c * py + e, b * px + d * py + f)


def _turn(text_page: Any, words: list[Word], place: Mapping, width: float, height: float) -> Mapping | None:
    """How to turn a page so that its words run to the right: wide tables stand sideways on tall pages; None if they do.

    Words mostly run as more than half of the long ones do.
    """
    long = [word for word in words if len(word.text) > 3]
    looked_at = long[:: max(1, len(long) // _LOOKED_AT)]
    read_box = _box_reader(text_page)
    ways = Counter(_way(word, read_box, place) for word in looked_at)
    way, count = max(ways.items(), key=lambda item: item[1], default=("right", 0))
    if 2 * count <= len(looked_at):
        return None
    turns: dict[str, Mapping] = {
        "up": lambda x, y: (height - y, x),
        "down": lambda x, y: (y, width - x),
        "left": lambda x, y: (width - x, height - y),
    }
    return turns.get(way)


def _way(word: Word, read_box: Callable[[int], Box], place: Mapping) -> str:
    """Where a word runs on the page as shown, told by its first and last letter."""
    first, last = read_box(word.at), read_box(word.at + len(word.text) - 1)
    (xa, ya), (xb, yb) = (place((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in (first, last))
    if abs(yb - ya) > 2 * abs(xb - xa):
        return "up" if yb < ya else "down"
    return "left" if xb < xa else "right"


def _words(text_page: Any, place: Mapping) -> Iterator[Word]:
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    units = pdfium.FPDFText_GetText(text_page, 0, count, buffer) - 1
    text = bytes(buffer)[: 2 * units].decode("utf-16-le", "replace")
    read_box = _box_reader(text_page)
    is_one_to_one = units == count == len(text)
    for match in _WORD.finditer(text):
        first, last = match.start(), match.end() - 1
        if not is_one_to_one:
            first = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, len(text[:first].encode("utf-16-le")) // 2)
            last = first + len(match[0]) - 1
        glued = _GLUED.match(match[0])
        if glued and _height(read_box(first)) > TALL * _height(read_box(last)):
            yield _word(glued[0], first, read_box, place)
            yield _word(match[0][glued.end() :], first + glued.end(), read_box, place)
        else:
            yield _word(match[0], first, read_box, place)


def _word(text: str, first: int, read_box: Callable[[int], Box], place: Mapping) -> Word:
    """``text``, whose letters begin at ``first``."""
    a, b = read_box(first), read_box(first + len(text) - 1)
    (xa, ya), (xb, yb) = place(min(a[0], b[0]), min(a[1], b[1])), place(max(a[2], b[2]), max(a[3], b[3]))
    return Word(text, min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb), first)


def _height(box: Box) -> float:
    return box[3] - box[1]


def _box_reader(text_page: Any) -> Callable[[int], Box]:
    """Reads letters' boxes of the full height of their font, so that those of one line are of one height."""
    rect = pdfium.FS_RECTF()

    def read(index: int) -> Box:
        pdfium.FPDFText_GetLooseCharBox(text_page, index, rect)
        return rect.left, rect.bottom, rect.right, rect.top

    return read


def _font_reader(text_page: Any) -> Callable[[Word], str]:
    name = ctypes.create_string_buffer(128)
    fonts: dict[int, str] = {}

    def font(word: Word) -> str:
        item = pdfium.FPDFText_GetTextObject(text_page, word.middle)
        if not item:
            return ""
        handle = pdfium.FPDFTextObj_GetFont(item)
        key = ctypes.cast(handle, ctypes.c_void_p).value or 0
        if key not in fonts:
            pdfium.FPDFFont_GetBaseFontName(handle, name, 128)
            fonts[key] = _SUBSET.sub("", name.value.decode("latin-1"))
        return fonts[key]

    return font


def _style_reader(text_page: Any, place: Mapping, font: Callable[[Word], str]) -> Callable[[Word], Style]:
    matrix = pdfium.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()

    def style(word: Word) -> Style:
        size = pdfium.FPDFText_GetFontSize(text_page, word.middle)
        if pdfium.FPDFText_GetMatrix(text_page, word.middle, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        pdfium.FPDFText_GetCharOrigin(text_page, word.middle, x, y)
        item = pdfium.FPDFText_GetTextObject(text_page, word.middle)
        is_invisible = bool(item) and pdfium.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE
        return Style(size, font(word), place(x.value, y.value)[1], is_invisible)

    return style
