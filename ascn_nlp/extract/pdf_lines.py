"""Lines of one PDF page in stream order, with their boxes and fonts, as PDFium reads them.

PDFium's own line breaks are not used: it runs short lines of different heights together and breaks lines at
superscripts. Words are read with the boxes of their first and last letters, and lines are built from those.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf_text import HYPHEN_AT_BREAK, repair
from ascn_nlp.records import Box

_WORD = re.compile(rf"[^\s{HYPHEN_AT_BREAK}]+{HYPHEN_AT_BREAK}?")
_BOLD = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)
_INVISIBLE = 3  # text render mode "neither fill nor stroke", PDF 32000-1 table 106
# Smaller letters are not meant to be read: footnotes go down to 6 points, labels in drawings to 3.
_SMALLEST_SIZE = 1.5
# A blank this wide (in font sizes) may part two cells of a row. Justified lines of narrow columns have such blanks
# too, so that only repetition at the same place makes them cells.
_CELL_GAP = 1.3


class Word(NamedTuple):
    """A run of letters without blanks; ``index`` is its first letter's in PDFium's text page."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    index: int


class Cell(NamedTuple):
    """A piece of a line between wide blanks."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side. ``size`` and ``is_bold`` are those of most of its letters."""

    page: int
    text: str
    box: Box
    size: float
    is_bold: bool
    cells: tuple[Cell, ...]
    first_width: float  # of its first word: would it have fitted on the line before?
    indent: float  # where the text after the first word begins: a list item's hanging indent


@dataclass(frozen=True, slots=True)
class PageText:
    """All words of a page, and its size in points as it is shown (turned, cropped)."""

    width: float
    height: float
    words: list[Word]
    style: Callable[[Word], tuple[float, bool, bool]]  # font size, is bold, is invisible


def page_text(page: Any, text_page: Any) -> PageText:  # noqa: ANN401 - ctypes handles have no useful type
    """The words of an open page in stream order; ``style`` may be called until the page is closed."""
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    words = list(_words(text_page, _to_top_left(page, width, height)))
    return PageText(width, height, words, _style_reader(text_page))


def _to_top_left(page: Any, width: float, height: float) -> Callable[[float, float], tuple[float, float]]:  # noqa: ANN401
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


def _words(text_page: Any, place: Callable[[float, float], tuple[float, float]]) -> Iterator[Word]:  # noqa: ANN401
    count = pdfium.FPDFText_CountChars(text_page)
    if count <= 0:
        return
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    units = pdfium.FPDFText_GetText(text_page, 0, count, buffer) - 1
    text = bytes(buffer)[: 2 * units].decode("utf-16-le", "replace")
    rect = pdfium.FS_RECTF()
    is_one_to_one = units == count == len(text)
    for match in _WORD.finditer(text):
        first, last = match.start(), match.end() - 1
        if not is_one_to_one:
            first = pdfium.FPDFText_GetCharIndexFromTextIndex(text_page, len(text[:first].encode("utf-16-le")) // 2)
            last = first + len(match[0]) - 1
        pdfium.FPDFText_GetLooseCharBox(text_page, first, rect)
        x0, y0, x1, y1 = rect.left, rect.top, rect.right, rect.bottom
        if last > first and pdfium.FPDFText_GetLooseCharBox(text_page, last, rect):
            x0, y0 = min(x0, rect.left), max(y0, rect.top)
            x1, y1 = max(x1, rect.right), min(y1, rect.bottom)
        (xa, ya), (xb, yb) = place(x0, y0), place(x1, y1)
        yield Word(match[0], min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb), first)


def _style_reader(text_page: Any) -> Callable[[Word], tuple[float, bool, bool]]:  # noqa: ANN401
    matrix, name = pdfium.FS_MATRIX(), ctypes.create_string_buffer(128)
    bold_fonts: dict[int, bool] = {}

    def style(word: Word) -> tuple[float, bool, bool]:
        size = pdfium.FPDFText_GetFontSize(text_page, word.index)
        if pdfium.FPDFText_GetMatrix(text_page, word.index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        item = pdfium.FPDFText_GetTextObject(text_page, word.index)
        if not item:
            return size, False, False
        font = pdfium.FPDFTextObj_GetFont(item)
        key = ctypes.cast(font, ctypes.c_void_p).value or 0
        if key not in bold_fonts:
            pdfium.FPDFFont_GetBaseFontName(font, name, 128)
            is_heavy = pdfium.FPDFFont_GetWeight(font) >= 600
            bold_fonts[key] = is_heavy or bool(_BOLD.search(name.value.decode("latin-1")))
        return size, bold_fonts[key], pdfium.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE

    return style


def build_lines(number: int, text: PageText, words: list[Word]) -> tuple[list[Line], int]:
    """The lines of page ``number`` made of ``words``, and how many hidden or doubled ones were left out."""
    lines: list[Line] = []
    invisible: list[Line] = []
    seen: dict[str, list[Box]] = {}
    dropped = 0
    for run in _runs(words):
        line, is_invisible = _line(number, run, text.style)
        if _is_doubled(line, seen) or not _is_on_paper(line, text) or line.size < _SMALLEST_SIZE:
            dropped += 1
        elif is_invisible:
            invisible.append(line)
        elif line.text:
            lines.append(line)
    if len(invisible) > len(lines):  # a scan with the recognised text laid invisibly over it
        return invisible, dropped + len(lines)
    return lines, dropped + len(invisible)


def _runs(words: list[Word]) -> Iterator[list[Word]]:
    """Consecutive words that stand on one line, left to right."""
    run: list[Word] = []
    for word in words:
        if run and not _follows(run, word):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _follows(run: list[Word], word: Word) -> bool:
    last = run[-1]
    if word.x0 < last.x1 - 0.3 * (last.bottom - last.top):
        return False
    # A superscript overlaps its line by less than a word of the same size does: compare with the tallest word.
    tall = max(run[-3:], key=lambda each: each.bottom - each.top)
    shared = min(tall.bottom, word.bottom) - max(tall.top, word.top)
    return shared >= 0.5 * min(tall.bottom - tall.top, word.bottom - word.top)


def _line(number: int, run: list[Word], style: Callable[[Word], tuple[float, bool, bool]]) -> tuple[Line, bool]:
    size, is_bold, is_invisible = style(max(run, key=lambda word: len(word.text)))
    if is_bold and len(run) > 1:  # bold words at the start of a paragraph do not make its first line a heading
        is_bold = style(run[-1])[1] or len(run[-1].text) < 3
    box = (run[0].x0, min(w.top for w in run), run[-1].x1, max(w.bottom for w in run))
    return Line(
        page=number,
        text=repair(" ".join(word.text for word in run)),
        box=box,
        size=round(size, 1),
        is_bold=is_bold,
        cells=tuple(_cells(run, _CELL_GAP * size)),
        first_width=run[0].x1 - run[0].x0,
        indent=run[1].x0 if len(run) > 1 else run[0].x0,
    ), is_invisible


def _cells(run: list[Word], gap: float) -> Iterator[Cell]:
    start = 0
    for end in range(1, len(run) + 1):
        if end == len(run) or run[end].x0 - run[end - 1].x1 > gap:
            text = repair(" ".join(word.text for word in run[start:end]))
            yield Cell(text, run[start].x0, run[end - 1].x1)
            start = end


def _is_doubled(line: Line, seen: dict[str, list[Box]]) -> bool:
    """Whether the same words stand (almost) at the same place already, as shadows and fake bold do."""
    near = 0.25 * line.size
    for box in seen.get(line.text, ()):
        if abs(box[0] - line.box[0]) < near and abs(box[1] - line.box[1]) < near:
            return True
    seen.setdefault(line.text, []).append(line.box)
    return False


def _is_on_paper(line: Line, text: PageText) -> bool:
    x, y = (line.box[0] + line.box[2]) / 2, (line.box[1] + line.box[3]) / 2
    return 0 <= x <= text.width and 0 <= y <= text.height
