"""Boxes that a page draws after its text, and beside which of its text they stand.

A box, a picture's caption or a pull quote is often the last thing in a page's stream, and is read there. It would come
under the last heading of the page, and speak of that heading's city instead of the one it stands beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ascn_nlp.records import Box

_SHARED = 0.3  # of the narrower one's width, for two pieces to stand in one column
_NEAR = 1.5  # times a piece's own height: what stands nearer below or beside it is of the same box
_NEAREST = 15.0  # points: the same for a single line


class Piece(NamedTuple):
    """A block and the places of its parts; only what is not set as the body text is can be a box."""

    places: Sequence[tuple[int, Box]]  # pages and boxes
    is_body: bool
    is_heading: bool


def find_floats(pieces: Sequence[Piece]) -> dict[int, int]:
    """The positions of boxes in ``pieces``, each with that of the text or heading it stands beside.

    A box is not set as body text is and stands, in one column, above something that was read before it. It belongs to
    the last text that begins above it, which may run round it, and so does what stands close to it.
    """
    floats: dict[int, int] = {}
    texts: defaultdict[int, list[tuple[int, Box]]] = defaultdict(list)  # by page: positions and boxes of what is none
    for i, piece in enumerate(pieces):
        beside = None if piece.is_body else _beside(piece, i, pieces, floats, texts)
        if beside is not None:
            floats[i] = beside
            continue
        for page, box in piece.places:
            texts[page].append((i, box))
    for i in range(len(pieces) - 2, -1, -1):
        is_open = i not in floats and i + 1 in floats and floats[i + 1] < i and not pieces[i].is_body
        if is_open and _is_near(pieces[i].places[0], pieces[i + 1].places[0]):
            floats[i] = floats[i + 1]
    return floats


def _beside(
    piece: Piece,
    i: int,
    pieces: Sequence[Piece],
    floats: Mapping[int, int],
    texts: Mapping[int, Sequence[tuple[int, Box]]],
) -> int | None:
    """The position of what a piece stands beside; None if it is no box."""
    ((page, box),) = piece.places
    if i - 1 in floats and _is_near(pieces[i - 1].places[0], (page, box)):
        return floats[i - 1]
    same = [(j, other) for j, other in texts[page] if _shares_column(box, other)]
    if all(other[1] < box[3] for _, other in same):
        return None
    middle = (box[1] + box[3]) / 2
    above = [(other[1], j) for j, other in same if other[1] < middle and (pieces[j].is_body or pieces[j].is_heading)]
    return max(above)[1] if above else None


def _is_near(before: tuple[int, Box], after: tuple[int, Box]) -> bool:
    """Whether two pieces that follow each other stand side by side or close together in one column."""
    (page, a), (other_page, b) = before, after
    if page != other_page:
        return False
    is_beside = min(a[3], b[3]) - max(a[1], b[1]) >= 0.5 * (b[3] - b[1])
    is_below = 0 <= b[1] - a[3] < max(_NEAREST, _NEAR * (a[3] - a[1])) and _shares_column(a, b)
    return is_beside or is_below


def _shares_column(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) >= _SHARED * min(a[2] - a[0], b[2] - b[0])
