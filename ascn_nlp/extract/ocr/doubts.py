"""Where in the texts of blocks the words stand that were recognised with doubt."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ascn_nlp.extract.draft import DraftBlock
from ascn_nlp.extract.ocr.layout import Doubt
from ascn_nlp.extract.pdf.text import UNSPACED, repair
from ascn_nlp.records import Box, Span

_NEAR = 1.0  # points: boxes are rounded


def mark_doubts(blocks: Sequence[DraftBlock], doubts: Sequence[Doubt]) -> tuple[DraftBlock, ...]:
    """``blocks`` with the doubts that stand in them; a word that a block has twice is doubted in both places."""
    by_page: defaultdict[int, list[Doubt]] = defaultdict(list)
    for doubt in doubts:
        by_page[doubt.page].append(doubt)
    return tuple(replace(block, doubts=_united(_spans(block, by_page))) for block in blocks)


def _spans(block: DraftBlock, by_page: dict[int, list[Doubt]]) -> Iterator[Span]:
    for place in block.places:
        for doubt in by_page.get(place.page, ()):
            if place.bbox and _holds(place.bbox, doubt):
                yield from _found(block.text, doubt)


def _holds(box: Box, doubt: Doubt) -> bool:
    x0, top, x1, bottom = box
    return x0 - _NEAR <= doubt.x <= x1 + _NEAR and top - _NEAR <= doubt.y <= bottom + _NEAR


def _found(text: str, doubt: Doubt) -> Iterator[Span]:
    """Where the doubtful part of the word stands in ``text``, as often as the word does."""
    word, start = repair(doubt.word), len(repair(doubt.word[: doubt.start]))
    end = max(start, len(repair(doubt.word[: doubt.end])))
    pattern = re.escape(word.rstrip("-"))
    if not UNSPACED.search(word):
        pattern = rf"(?<!\S){pattern}" + r"(?!\S)" * (not word.endswith("-"))
    for match in re.finditer(pattern, text) if word else ():
        yield match.start() + start, min(len(text), match.start() + end)


def _united(spans: Iterator[Span]) -> tuple[Span, ...]:
    """``spans`` in order, those that touch as one."""
    united: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((start, end))
    return tuple(united)
