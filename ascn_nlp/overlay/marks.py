"""What was read of a page -> the marks that show it: outlines, labels, arrows, brackets, a legend. Values only."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ascn_nlp.overlay.shapes import INK, Colour, Mark, Words, arrow, bracket, ground, outline, tag
from ascn_nlp.records import Box, Document, Page, Passage

FURNITURE = "furniture"
# Okabe and Ito's colours, which people with any kind of colour blindness tell apart (M. Okabe, K. Ito, "Color
# Universal Design", 2008). Their yellow is too faint for lines; their black is left to the printed words.
COLOURS: dict[str, Colour] = {
    "heading": (213, 94, 0),
    "paragraph": (0, 114, 178),
    "list_item": (0, 158, 115),
    "table_row": (230, 159, 0),
    "caption": (204, 121, 167),
    "footnote": (86, 180, 233),
    FURNITURE: (128, 128, 128),
}
_A4_AREA = 595 * 842
# Sizes of letters. Labels are read in a picture of 150 dots an inch, and fit beside the rows of close tables.
_SMALL, _MIDDLE, _LARGE = 5.5, 7.0, 14.0
_GAP = 1.5
_BRACKET = 2.5
_LEGEND = 12.0


class Part(NamedTuple):
    """What stands of a block on one page in one column; ``number`` counts over the page on which the block begins."""

    number: str
    kind: str
    level: int
    box: Box

    @property
    def label(self) -> str:
        """Number, kind and, where there are several, level: "12 list item 2"."""
        return f"{self.number} {_name(self.kind)}" + (f" {self.level}" if self.level else "")


class Spot(NamedTuple):
    """What stands of a passage on one page in one column."""

    ordinal: int
    box: Box


def page_parts(document: Document) -> dict[int, list[Part]]:
    """Of each page what it shows of blocks, in reading order; where a block goes on elsewhere, "12…" and "…12"."""
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    counts: Counter[int] = Counter()
    for block in document.blocks:
        boxes = [(place.page, place.bbox) for place in block.places if place.bbox]
        counts.update(page for page, _ in boxes[:1])
        for i, (page, box) in enumerate(boxes):
            number = "…" * (i > 0) + str(counts[boxes[0][0]]) + "…" * (i + 1 < len(boxes))
            parts[page].append(Part(number, block.kind, block.level, box))
    return parts


def page_spots(passages: Iterable[Passage]) -> dict[int, list[Spot]]:
    """Of each page what it shows of passages, in reading order."""
    spots: defaultdict[int, list[Spot]] = defaultdict(list)
    for passage in passages:
        for place in passage.places:
            if place.bbox:
                spots[place.page].append(Spot(passage.ordinal, place.bbox))
    return spots


def sheet_scale(page: Page) -> float:
    """How many points of the page are one of the sheet that marks are placed on."""
    return math.sqrt(page.width * page.height / _A4_AREA)


def mark_page(page: Page, parts: Sequence[Part], spots: Sequence[Spot]) -> Iterator[Mark]:
    """All that is drawn over a page, the lowest first."""
    scale = sheet_scale(page)
    width, height = page.width / scale, page.height / scale
    parts = [part._replace(box=_scaled(part.box, scale)) for part in parts]
    furniture = [_scaled(each.bbox, scale) for each in page.furniture]
    yield from (outline(box, COLOURS[FURNITURE], is_dashed=True) for box in furniture)
    yield from (outline(part.box, COLOURS[part.kind]) for part in parts)
    for before, after in pairwise(parts):
        yield from arrow(before.box, after.box)
    taken = [(0.0, 0.0, width, _LEGEND), *furniture, *(part.box for part in parts)]
    for spot in spots:
        yield from _bracket(spot.ordinal, _scaled(spot.box, scale), width, taken)
    for part in parts:
        yield from _label(part, width, taken)
    yield from _legend(page, width)
    yield from _notes(page, width, height)


def _scaled(box: Box, scale: float) -> Box:
    x0, top, x1, bottom = box
    return x0 / scale, top / scale, x1 / scale, bottom / scale


def _bracket(ordinal: int, box: Box, width: float, taken: list[Box]) -> Iterator[Mark]:
    """At the right of a passage, on the page, a bracket with its ordinal; ``taken`` grows by them."""
    _, top, x1, bottom = box
    words = Words(f"P{ordinal}", 0, top, _SMALL)
    end = min(x1 + _GAP + _BRACKET, width - words.box[2])
    words = words._replace(x=end)
    yield from bracket((end - _BRACKET, top, end, bottom))
    yield from tag(words, INK)
    taken += [(end - _BRACKET, top, end, bottom), words.box]


def _label(part: Part, width: float, taken: list[Box]) -> Iterator[Mark]:
    """The label of a part where it covers nothing, if there is such a place; ``taken`` grows by it."""
    spots = list(_label_spots(part))
    words = next((each for each in spots if _is_free(each.box, width, taken)), spots[-1])
    yield from tag(words, COLOURS[part.kind])
    taken.append(words.box)


def _label_spots(part: Part) -> Iterator[Words]:
    """Label or bare number left of the part, above it, right of it; at last the number over its upper right corner."""
    x0, top, x1, _ = part.box
    for text in (part.label, part.number):
        _, _, wide, high = Words(text, 0, 0, _SMALL).box
        for x, y in ((x0 - wide - _GAP, top), (x0, top - high), (x1 + _GAP, top), (x1 - wide, top - high / 2)):
            yield Words(text, x, y, _SMALL)


def _is_free(box: Box, width: float, taken: Iterable[Box]) -> bool:
    x0, top, x1, bottom = box
    return x0 >= 0 and x1 <= width and not any(x0 < b[2] and b[0] < x1 and top < b[3] and b[1] < bottom for b in taken)


def _legend(page: Page, width: float) -> Iterator[Mark]:
    """Along the upper edge: the page's number, also as printed, and what the marks mean."""
    words = Words(f"page {page.number}" + (f" ({page.label})" if page.label else ""), _GAP, _GAP, _MIDDLE)
    yield ground((0, 0, width, _LEGEND))
    yield words
    for kind, colour in COLOURS.items():
        x = words.box[2] + 3 * _GAP
        yield outline((x, 2 * _GAP, x + _MIDDLE, words.box[3] - _GAP), colour, is_dashed=kind == FURNITURE)
        words = Words(_name(kind), x + _MIDDLE, _GAP, _MIDDLE)
        yield words
    yield Words("] P0 passage", words.box[2] + 3 * _GAP, _GAP, _MIDDLE)


def _notes(page: Page, width: float, height: float) -> Iterator[Mark]:
    """Across the page why its words were not read; along the lower edge by what they were recognised."""
    if page.problem:
        text = f"not read: {page.problem}"
        size = min(_LARGE, width / Words(text, 0, 0, 1).box[2])
        _, _, wide, high = Words(text, 0, 0, size).box
        words = Words(text, (width - wide) / 2, (height - high) / 2, size)
        yield ground((0, words.top - _LARGE, width, words.box[3] + _LARGE))
        yield words
    if page.recognised:
        words = Words(f"words recognised by {page.recognised}", _GAP, height - 2 * _MIDDLE, _MIDDLE)
        yield ground((0, words.top - _GAP, width, height))
        yield words


def _name(kind: str) -> str:
    return kind.replace("_", " ")
