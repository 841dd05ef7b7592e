"""The two marks an overlay is made of, areas and words, and what is composed of them. Values only.

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
# Opacities of fills, of 255: printed words are read through the first; over the second others can be written.
_FAINT, _DENSE, _SOLID = 36, 225, 255
_THIN, _BOLD = 0.6, 1.0
_ARROW_HEAD = 3.5
_SHORTEST_ARROW = 1.0
# Widths of letters by their size: Helvetica's digits have 0.56, its small letters 0.5 in the mean.
_LETTER_WIDTH, _LINE_HEIGHT, _MARGIN = 0.54, 1.25, 0.2
_BASELINE = 0.95  # under the top of a line, in letter sizes


class Shape(NamedTuple):
    """A line through points, with the area within if ``fill``, its opacity of 255, is not 0."""

    points: tuple[Point, ...]
    colour: Colour
    width: float = 0.0
    fill: int = 0
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
        width = (_LETTER_WIDTH * len(self.text) + 2 * _MARGIN) * self.size
        return self.x, self.top, self.x + width, self.top + _LINE_HEIGHT * self.size

    @property
    def start(self) -> Point:
        """Where its first letter begins on the baseline."""
        return self.x + _MARGIN * self.size, self.top + _BASELINE * self.size


Mark = Shape | Words


def outline(box: Box, colour: Colour, is_dashed: bool = False) -> Shape:
    """The border of a box and a tint over it; dashed and without tint for what is left out of the text."""
    return Shape(_corners(box), colour, _THIN, 0 if is_dashed else _FAINT, is_dashed)


def ground(box: Box, colour: Colour = WHITE) -> Shape:
    """An area on which words are read over anything."""
    return Shape(_corners(box), colour, 0, _DENSE)


def tag(words: Words, colour: Colour) -> tuple[Mark, ...]:
    """``words`` on a ground of ``colour``, lightened."""
    red, green, blue = ((part + 2 * 255) // 3 for part in colour)
    return ground(words.box, (red, green, blue)), words


def bracket(box: Box) -> Shape:
    """The right half of the border of ``box``."""
    x0, top, x1, bottom = box
    return Shape(((x0, top), (x1, top), (x1, bottom), (x0, bottom)), INK, _THIN)


def arrow(before: Box, after: Box) -> Iterator[Shape]:
    """From the end of one box to the beginning of the next; nothing where they touch."""
    x = max(before[0], after[0])
    is_under = after[1] >= before[3] - _SHORTEST_ARROW and x < min(before[2], after[2])
    start, end = ((x, before[3]), (x, after[1])) if is_under else ((before[2], before[3]), (after[0], after[1]))
    length = math.dist(start, end)
    if length < _SHORTEST_ARROW:
        return
    head = min(_ARROW_HEAD, length)
    right, down = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    neck = (end[0] - head * right, end[1] - head * down)
    yield Shape((start, neck), INK, _BOLD)
    across, along = head / 3 * down, head / 3 * right
    yield Shape((end, (neck[0] + across, neck[1] - along), (neck[0] - across, neck[1] + along)), INK, 0, _SOLID)


def _corners(box: Box) -> tuple[Point, ...]:
    x0, top, x1, bottom = box
    return (x0, top), (x1, top), (x1, bottom), (x0, bottom), (x0, top)
