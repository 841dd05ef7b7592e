"""Lines of one PDF page in stream order, made of its words.

PDFium's own line breaks are not used: it runs short lines of different heights together and breaks lines at
superscripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from ascn_nlp.extract.pdf.text import repair
from ascn_nlp.extract.pdf.words import TALL, PageText, Word
from ascn_nlp.records import Box

# Smaller letters are not meant to be read: footnotes go down to 6 points, labels in drawings to 3.
_SMALLEST_SIZE = 1.5
# A blank this wide (in font sizes) may part two cells of a row. Justified lines of narrow columns have such blanks
# too, so that only repetition at the same place makes them cells.
_CELL_GAP = 1.3
_NARROW = 0.2  # of the font size: two lines that overlap by more share a letter
_FIGURE = re.compile(r"^[\d.,]+[%+]?$")


class Cell(NamedTuple):
    """A piece of a line between wide blanks."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side; ``size`` is that of its longest word."""

    page: int
    index: int  # of its first word on the page: orders it among table rows
    text: str
    box: Box
    baseline: float
    size: float
    font: str  # the name of its only font; "" when its words differ
    cells: tuple[Cell, ...]
    first_width: float  # of its first word: would it have fitted on the line before?
    indent: float  # where the text after the first word begins: a list item's hanging indent


def build_lines(number: int, text: PageText, words: list[Word]) -> tuple[list[Line], int]:
    """The lines of page ``number`` made of ``words``, and how many hidden or doubled ones were left out."""
    lines: list[Line] = []
    invisible: list[Line] = []
    seen: dict[str, list[Box]] = {}
    dropped = 0
    for run in _runs(words):
        line, is_invisible = _line(number, run, text)
        if _is_doubled(line, seen) or not _is_on_paper(line, text) or line.size < _SMALLEST_SIZE:
            dropped += 1
        elif is_invisible:
            invisible.append(line)
        elif lines and (whole := _overprinted(lines[-1], line)):
            lines[-1] = whole
            dropped += 1
        elif line.text:
            lines.append(line)
    if len(invisible) > len(lines):  # a scan with the recognised text laid invisibly over it
        return invisible, dropped + len(lines)
    return lines, dropped + len(invisible)


def _overprinted(line: Line, again: Line) -> Line | None:
    """``line`` with what ``again`` adds to it, if that begins with its last letters, printed over them; else None.

    Some programs make letters bold by drawing a title twice, in pieces that begin anywhere in a word.
    """
    is_over = line.box[0] < again.box[0] < line.box[2] - _NARROW * line.size
    if not is_over or (line.size, line.font) != (again.size, again.font) or abs(line.baseline - again.baseline) > 0.5:
        return None
    shared = next((n for n in range(len(again.text), 1, -1) if line.text.endswith(again.text[:n])), 0)
    if not shared:
        return None
    text, right = line.text + again.text[shared:], max(line.box[2], again.box[2])
    box = (line.box[0], min(line.box[1], again.box[1]), right, max(line.box[3], again.box[3]))
    return replace(line, text=text, box=box, cells=(Cell(text, line.box[0], right),))


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
    if _is_figure_before(last, word):
        return False
    # A superscript overlaps its line by less than a word of the same size does: compare with the tallest word.
    tall = max(run[-3:], key=lambda each: each.bottom - each.top)
    shared = min(tall.bottom, word.bottom) - max(tall.top, word.top)
    return shared >= 0.5 * min(tall.bottom - tall.top, word.bottom - word.top)


def _is_figure_before(a: Word, b: Word) -> bool:
    """Whether one of two neighbours is a number much taller than the other."""
    low, high = sorted((a, b), key=lambda word: word.bottom - word.top)
    is_tall = high.bottom - high.top > TALL * (low.bottom - low.top)
    return is_tall and bool(_FIGURE.match(high.text))


def _line(number: int, run: list[Word], page: PageText) -> tuple[Line, bool]:
    style = page.style(max(run, key=lambda word: len(word.text)))
    # A bold word within a line is often its longest: look at the outer words too, except for marks and stops.
    outer = [word for word in (run[-1], run[0] if len(run[0].text) > 2 else run[len(run) > 1]) if len(word.text) > 2]
    is_mixed = any(page.font(word) != style.font for word in outer)
    return Line(
        page=number,
        index=run[0].at,
        text=repair(" ".join(word.text for word in run)),
        box=(run[0].x0, min(w.top for w in run), run[-1].x1, max(w.bottom for w in run)),
        baseline=style.baseline,
        size=round(style.size, 1),
        font="" if is_mixed else style.font,
        cells=tuple(_cells(run, _CELL_GAP * style.size)),
        first_width=run[0].x1 - run[0].x0,
        indent=run[1].x0 if len(run) > 1 else run[0].x0,
    ), style.is_invisible


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
