"""Recognised lines -> the lines of a page as a text layer would give them: level, in few sizes, bold or not.

A scan is crooked, and no two of its lines are measured alike. What is a heading, and where a paragraph ends, is told
by sizes, leading and indents; so these are made even first, with the statistics of the whole document.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from statistics import median
from typing import NamedTuple

from ascn_nlp.extract.ocr.engine import ScanLine
from ascn_nlp.extract.ocr.words import tokens
from ascn_nlp.extract.pdf.lines import Line, build_lines
from ascn_nlp.extract.pdf.text import UNSPACED
from ascn_nlp.extract.pdf.words import PageText, Style
from ascn_nlp.extract.pdf.words import Word as PageWord

REGULAR, BOLD = "recognised", "recognised-bold"

# Lines of one font are measured up to 18 % from each other, single ones up to 25 %, as their letters differ: those
# within a block are made equal, and the sizes that are left are told apart in steps. Chosen on four scans.
_SMALLER, _LARGER = 0.82, 1.18
_SAME_IN_BLOCK = 0.3
_FEWEST_IN_BLOCK = 3
_FEWEST_LETTERS = 5
_SIZE_STEP = 1.25
# Bold letters are drawn 1.24 to 1.45 times as thick as others of their size (three scans), regular ones 0.95 to 1.06.
_BOLD = 1.18
_LEVEL = 100.0  # points: shorter lines do not tell how crooked a page is
_ABOVE, _BELOW = 0.8, 0.25  # of the letters' height, from the baseline
_UNSPACED_WORD = 3.0  # times the size: what goes on the next line where words are not parted by blanks


@dataclass(frozen=True, slots=True)
class Scan:
    """The lines that hold words on one page. ``scale`` is points a pixel; with ``numbers_fail`` digits are guesses."""

    page: int
    width: float  # in points, as it is read
    height: float
    scale: float
    lines: tuple[ScanLine, ...]
    numbers_fail: bool = False


class Doubt(NamedTuple):
    """Characters of a word that may be others, and where its middle stands on the page."""

    page: int
    x: float
    y: float
    word: str
    start: int
    end: int


class _Usual(NamedTuple):
    """Of the most letters of a document: their height in points, and how thick they are drawn for it."""

    height: float
    thickness: float


def lay_out(scans: Sequence[Scan]) -> tuple[list[Line], list[Doubt]]:
    """The lines of all pages in reading order, and the doubts about them."""
    lines: list[Line] = []
    doubts: list[Doubt] = []
    usual = _measure(scans)
    for scan in scans:
        found, doubted = _page(scan, usual)
        lines += found
        doubts += doubted
    return lines, doubts


def _measure(scans: Sequence[Scan]) -> _Usual:
    heights, strokes = [], []
    for scan in scans:
        for line in scan.lines:
            letters = sum(len(word.text) for word in line.words)
            heights += [line.height * scan.scale] * letters
            strokes += [line.stroke / (line.height or 1)] * letters
    return _Usual(median(heights), median(strokes)) if heights else _Usual(10.0, 0.1)


def _page(scan: Scan, usual: _Usual) -> tuple[list[Line], list[Doubt]]:
    slope = _slope(scan)
    styles: dict[int, Style] = {}
    words: list[PageWord] = []
    doubts: list[Doubt] = []
    at = count()
    for line, height in zip(scan.lines, _even_heights(scan.lines), strict=True):
        style = _style(scan, line, height * scan.scale, slope, usual)
        top, bottom = style.baseline - _ABOVE * style.size, style.baseline + _BELOW * style.size
        shift = slope * (style.baseline - scan.height / 2)
        for token in tokens(line, scan.numbers_fail):
            x0, x1 = token.x0 * scan.scale + shift, token.x1 * scan.scale + shift
            words.append(PageWord(token.text, x0, top, x1, bottom, next(at)))
            styles[words[-1].at] = style
            doubts += [Doubt(scan.page, (x0 + x1) / 2, style.baseline, token.text, *span) for span in token.doubts]
    page = PageText(
        scan.width, scan.height, words, lambda x, y: (x, y), lambda w: styles[w.at], lambda w: styles[w.at].font
    )
    return [_unspaced(line) for line in build_lines(scan.page, page, words)[0]], doubts


def _even_heights(lines: Sequence[ScanLine]) -> list[float]:
    """The height of each line, or that of most lines in its block where it hardly differs."""
    by_block: defaultdict[int, list[float]] = defaultdict(list)
    for line in lines:
        by_block[line.block].append(line.height)
    usual = {block: median(heights) for block, heights in by_block.items() if len(heights) >= _FEWEST_IN_BLOCK}
    found = []
    for line in lines:
        most = usual.get(line.block, line.height)
        found.append(most if abs(line.height - most) < _SAME_IN_BLOCK * most else line.height)
    return found


def _style(scan: Scan, line: ScanLine, height: float, slope: float, usual: _Usual) -> Style:
    """How the line is set, its baseline as if the page lay level."""
    letters = sum(each.isalpha() for word in line.words for each in word.text)
    size = _size(height / usual.height, letters) * usual.height
    is_bold = line.stroke * scan.scale > _BOLD * usual.thickness * size
    x0, y0, x1, y1 = (value * scan.scale for value in line.baseline)
    baseline = (y0 + y1) / 2 - slope * ((x0 + x1) / 2 - scan.width / 2)
    return Style(size, BOLD if is_bold else REGULAR, baseline, False)


def _size(share: float, letters: int) -> float:
    """The class of a line's size, as ``share`` of that of most lines; of few letters it is not known."""
    if letters < _FEWEST_LETTERS or _SMALLER < share < _LARGER:
        return 1.0
    step = round(math.log(max(share, 0.1), _SIZE_STEP)) or (1 if share > 1 else -1)
    return float(_SIZE_STEP**step)


def _slope(scan: Scan) -> float:
    """How far the lines of a page fall for each point to the right."""
    slopes = []
    for line in scan.lines:
        x0, y0, x1, y1 = (value * scan.scale for value in line.baseline)
        if x1 - x0 > _LEVEL and abs(y1 - y0) < 0.1 * (x1 - x0):
            slopes.append((y1 - y0) / (x1 - x0))
    return median(slopes) if slopes else 0.0


def _unspaced(line: Line) -> Line:
    """``line`` with the place its first word needs in a line above, where no blank says how long that is."""
    if not UNSPACED.search(line.text):
        return line
    return replace(line, first_width=min(line.first_width, _UNSPACED_WORD * line.size))
