"""Grids of table cells, from the ruling lines drawn on a PDF page."""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf.words import Mapping, Word
from ascn_nlp.records import Box

THIN = 3.0  # points: a filled rectangle this thin is a line
_SNAP = 3.0  # lines this near are one: Word draws a cell's borders one by one
_SHORTEST = 8.0
_NARROWEST, _LOWEST = 9.0, 5.0  # column and row: Word draws some borders as two lines 5 to 8 points apart
# A page with more drawn objects, or so many lines, is a map or a drawing. The fullest table page tried had 700 objects.
MOST_OBJECTS = 6000
_MOST_CROSSINGS = 300_000
_MOST_SEGMENTS = 400
_MOST_CELLS = 4000


class Rule(NamedTuple):
    """A horizontal or vertical line: ``at`` a height or x, from ``start`` to ``end``."""

    at: float
    start: float
    end: float


class Ruling(NamedTuple):
    """What lines on a page make: grids of cells, and all horizontal rules."""

    grids: list[Grid]
    across: list[Rule]


def read_ruling(page: Any, place: Mapping) -> Ruling:
    """The ruling of an open page, except what is drawn inside form objects: PDFium does not list these."""
    count = pdfium.FPDFPage_CountObjects(page)
    if count > MOST_OBJECTS:
        return Ruling([], [])
    drawn: list[Box] = []
    shaded: list[Box] = []
    for each in (pdfium.FPDFPage_GetObject(page, i) for i in range(count)):
        if pdfium.FPDFPageObj_GetType(each) == pdfium.FPDF_PAGEOBJ_PATH:
            _add_sides(each, drawn, shaded)
    return ruling_of(drawn, shaded, place)


def ruling_of(drawn: list[Box], shaded: list[Box], place: Mapping) -> Ruling:
    """The ruling of straight pieces in page space: drawn as lines, or else the borders of shaded areas.

    Shading counts only beside the grids that lines make, as single lines of a cell may be shaded too.
    """
    across, down = _rules(drawn, place)
    grids = find_grids(across, down)
    others = find_grids(*_rules(drawn + shaded, place)) if shaded else []
    grids += [other for other in others if not any(other.overlaps(grid) for grid in grids)]
    return Ruling(grids, _merged(across))


def _rules(sides: Iterable[Box], place: Mapping) -> tuple[list[Rule], list[Rule]]:
    across: list[Rule] = []
    down: list[Rule] = []
    for x0, y0, x1, y1 in sides:
        (xa, ya), (xb, yb) = place(x0, y0), place(x1, y1)
        width, height = abs(xa - xb), abs(ya - yb)
        if height <= THIN and width >= _SHORTEST:
            across.append(Rule((ya + yb) / 2, min(xa, xb), max(xa, xb)))
        elif width <= THIN and height >= _SHORTEST:
            down.append(Rule((xa + xb) / 2, min(ya, yb), max(ya, yb)))
    return across, down


def _add_sides(path: Any, drawn: list[Box], shaded: list[Box]) -> None:
    """Add the straight pieces of a path, in page space, to what is drawn as lines or only shaded."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not (fill.value or stroke.value) or not pdfium.FPDFPageObj_GetBounds(path, left, bottom, right, top):
        return
    if min(right.value - left.value, top.value - bottom.value) <= THIN:
        drawn.append((left.value, bottom.value, right.value, top.value))
    elif pdfium.FPDFPath_CountSegments(path) <= _MOST_SEGMENTS:
        (drawn if stroke.value else shaded).extend(_sides(path))


def _sides(path: Any) -> Iterator[Box]:
    x, y, matrix = ctypes.c_float(), ctypes.c_float(), pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, matrix)
    start = last = (0.0, 0.0)
    for i in range(pdfium.FPDFPath_CountSegments(path)):
        segment = pdfium.FPDFPath_GetPathSegment(path, i)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        here = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            start = here
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            yield (*last, *here)
        if pdfium.FPDFPathSegment_GetClose(segment):
            yield (*here, *start)
        last = here


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells between ruling lines that touch; ``cell_at`` maps each field of the grid to its (merged) cell."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cell_at: dict[tuple[int, int], tuple[int, int]]

    def cell_of(self, word: Word) -> tuple[int, int] | None:
        """The (row, column) of the cell the word's middle stands in."""
        return self.cell_at.get((self.row_of(word), bisect_right(self.xs, (word.x0 + word.x1) / 2) - 1))

    def row_of(self, word: Word) -> int:
        """The row of fields the word's middle stands in, from 0; -1 above the grid."""
        return bisect_right(self.ys, (word.top + word.bottom) / 2) - 1

    def overlaps(self, other: Grid) -> bool:
        """Whether the two share some of the page."""
        is_beside = self.xs[0] >= other.xs[-1] or other.xs[0] >= self.xs[-1]
        return not is_beside and self.ys[0] < other.ys[-1] and other.ys[0] < self.ys[-1]


def find_grids(across: Sequence[Rule], down: Sequence[Rule]) -> list[Grid]:
    """The ruled grids of a page that have at least two rows and two columns."""
    if len(across) < 2 or not down:
        return []
    grids = []
    for some_across, some_down in _touching(_merged(across), _merged(down)):
        xs = _positions([r.at for r in some_down] + [x for r in some_across for x in (r.start, r.end)], _NARROWEST)
        ys = _positions([r.at for r in some_across] + [y for r in some_down for y in (r.start, r.end)], _LOWEST)
        if len(xs) > 2 and len(ys) > 2 and len(xs) * len(ys) <= _MOST_CELLS:
            grids.append(Grid(xs, ys, _merge_cells(xs, ys, some_across, some_down)))
    return grids


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Rules on one line that touch, as one."""
    merged: list[Rule] = []
    by_line: list[list[Rule]] = []
    for rule in sorted(rules):
        if by_line and rule.at - by_line[-1][-1].at <= _SNAP and rule.at - by_line[-1][0].at <= 2 * _SNAP:
            by_line[-1].append(rule)
        else:
            by_line.append([rule])
    for line in by_line:
        at = sum(rule.at for rule in line) / len(line)
        start, end = None, 0.0
        for rule in sorted(line, key=lambda each: each.start):
            if start is None:
                start, end = rule.start, rule.end
            elif rule.start <= end + _SNAP:
                end = max(end, rule.end)
            else:
                merged.append(Rule(at, start, end))
                start, end = rule.start, rule.end
        if start is not None:
            merged.append(Rule(at, start, end))
    return merged


def _touching(across: list[Rule], down: list[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Rules in sets that cross or touch each other, each with at least one of both kinds."""
    if len(across) * len(down) > _MOST_CROSSINGS:
        return []
    set_of = list(range(len(across)))  # by position in across; sets are named by one of their members
    crossings = []
    for v in down:
        crossed = [i for i, h in enumerate(across) if _crosses(h, v)]
        crossings.append(crossed)
        merged = {set_of[i] for i in crossed}
        if len(merged) > 1:
            name = min(merged)
            set_of = [name if each in merged else each for each in set_of]
    sets: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for v, crossed in zip(down, crossings, strict=True):
        if crossed:
            sets.setdefault(set_of[crossed[0]], ([], []))[1].append(v)
    for h, name in zip(across, set_of, strict=True):
        if name in sets:
            sets[name][0].append(h)
    return list(sets.values())


def _crosses(h: Rule, v: Rule) -> bool:
    return h.start - _SNAP <= v.at <= h.end + _SNAP and v.start - _SNAP <= h.at <= v.end + _SNAP


def _positions(values: Iterable[float], least: float) -> tuple[float, ...]:
    """Sorted values, those nearer to each other than ``least`` counted once."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > least:
            kept.append(value)
    return tuple(kept)


def _merge_cells(
    xs: Sequence[float], ys: Sequence[float], across: Sequence[Rule], down: Sequence[Rule]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Each field of the grid with the topmost, leftmost field of its cell: fields without a line between are one."""
    first: dict[tuple[int, int], tuple[int, int]] = {}

    def find(field: tuple[int, int]) -> tuple[int, int]:
        while first[field] != field:
            field = first[field]
        return field

    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            field = (row, column)
            first[field] = field
            y, x = (ys[row] + ys[row + 1]) / 2, (xs[column] + xs[column + 1]) / 2
            for other, rules, at, along, near in (
                ((row, column - 1), down, xs[column], y, _NARROWEST),
                ((row - 1, column), across, ys[row], x, _LOWEST),
            ):
                if other in first and not _is_parted(rules, at, along, near):
                    a, b = sorted((find(other), find(field)))
                    first[b] = a
    return {field: find(field) for field in first}


def _is_parted(rules: Sequence[Rule], at: float, along: float, near: float) -> bool:
    return any(abs(rule.at - at) <= near and rule.start <= along <= rule.end for rule in rules)
