"""The two marks an overlay is made of, shapes and words, and what is composed of them. Values only.

They lie on a sheet: the page as it was read, enlarged or shrunk to the area of A4, so that labels and lines are in
proportion to slides and posters too. Points count from its top left corner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from ascn_nlp.records import Box

Colour = tuple[int, int, int]
Point = tuple[float, float]

INK: Colour = (70, 70, 70)
WHITE: Colour = (255, 255, 255)
# Opacities, of 255: printed words are read through a tint and a line; on a ground others are written.
_TINT, _LINE, _GROUND = 36, 130, 225
_THIN, _BOLD = 0.6, 1.0
_HALO = 1.0  # of white at both sides of lines that lie on pictures
_ARROW_HEAD = 3.5
_SHORTEST_ARROW = 1.0
# Widths of Helvetica's letters by their size (Adobe's metrics), rounded up; digits and most others have 0.56.
_WIDTHS = dict.fromkeys(" ijltfI.,:;/|()[]-", 0.34) | dict.fromkeys("mwMW@%…", 1.0)
_WIDTH = 0.6
_LINE_HEIGHT, _MARGIN = 1.25, 0.2
_BASELINE = 0.95  # under the top of a line, in letter sizes


class Shape(NamedTuple):
    """A line through points, if it has a width, and the area within, if its opacity is not 0."""

    points: tuple[Point, ...]
    colour: Colour
    width: float = 0.0
    line_opacity: int = 255
    area_opacity: int = 0
    is_dashed: bool = False


class Words(NamedTuple):
    """One line of letters, and the top left corner of the room it takes."""

    text: str
    x: float
    top: float
    size: float

    @property
    def box(self) -> Box:
        """The room it takes, with a little margin."""
        width = sum(_WIDTHS.get(letter, _WIDTH) for letter in self.text) + 2 * _MARGIN
        return self.x, self.top, self.x + width * self.size, self.top + _LINE_HEIGHT * self.size

    @property
    def start(self) -> Point:
        """Where its first letter begins on the baseline."""
        return self.x + _MARGIN * self.size, self.top + _BASELINE * self.size


Mark = Shape | Words


def outline(box: Box, colour: Colour, is_dashed: bool = False) -> Shape:
    """The border of a box and a tint over it; dashed and without tint for what is left out of the text."""
    return Shape(_corners(box), colour, _THIN, area_opacity=0 if is_dashed else _TINT, is_dashed=is_dashed)


def ground(box: Box, colour: Colour = WHITE) -> Shape:
    """An area on which words are read over anything."""
    return Shape(_corners(box), colour, area_opacity=_GROUND)


def tag(words: Words, colour: Colour) -> tuple[Mark, ...]:
    """``words`` on a ground of ``colour``, lightened."""
    red, green, blue = ((part + 2 * 255) // 3 for part in colour)
    return ground(words.box, (red, green, blue)), words


def bracket(box: Box) -> tuple[Shape, ...]:
    """The right half of the border of ``box``."""
    x0, top, x1, bottom = box
    return _line(((x0, top), (x1, top), (x1, bottom), (x0, bottom)), _THIN)


def arrow(before: Box, after: Box) -> Iterator[Shape]:
    """From the end of one box to the beginning of the next; nothing where it is under it without a gap."""
    x = max(before[0], after[0])
    is_under = x < min(before[2], after[2]) and before[1] < after[1] and before[3] < after[3]
    if is_under:
        start, end = (x, before[3]), (x, max(before[3], after[1]))
    else:
        start, end = (before[2], before[3]), (after[0], after[1])
    length = math.dist(start, end)
    if length < _SHORTEST_ARROW:
        return
    head = min(_ARROW_HEAD, length)
    right, down = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    neck = (end[0] - head * right, end[1] - head * down)
    yield from _line((start, neck), _BOLD)
    across, along = head / 3 * down, head / 3 * right
    yield Shape((end, (neck[0] + across, neck[1] - along), (neck[0] - across, neck[1] + along)), INK, area_opacity=255)


def _line(points: tuple[Point, ...], width: float) -> tuple[Shape, ...]:
    return Shape(points, WHITE, width + 2 * _HALO, _LINE), Shape(points, INK, width, _LINE)


def _corners(box: Box) -> tuple[Point, ...]:
    x0, top, x1, bottom = box
    return (x0, top), (x1, top), (x1, bottom), (x0, bottom), (x0, top)
