"""What every reading keeps to, whatever the file was: checked where files are too strange for expected results."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from ascn_nlp.records import BLOCK_KINDS, OUTCOMES, Document, Page, Passage, Place
from ascn_nlp.workers import Reading

# What no text that is stored or printed may hold; line breaks and tabs may stand in it.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_ROUNDING = 1.0  # points


def broken_promises(reading: Reading) -> tuple[str, ...]:
    """What is wrong with a reading, each fault once; empty when all is as promised."""
    document, passages = reading.document, reading.passages
    faults = (
        *_blocks(document),
        *_pages(document),
        *_passages(document, passages),
        *_texts(document, passages),
    )
    return tuple(dict.fromkeys(faults))


def _blocks(document: Document) -> Iterator[str]:
    end = 0
    for block in document.blocks:
        if document.text[block.start : block.end] != block.text or not block.text:
            yield "a block is not its slice of the text"
        if block.start < end:
            yield "blocks overlap"
        if block.kind not in BLOCK_KINDS:
            yield f"a block of kind {block.kind!r}"
        end = block.end
        yield from _places(document, block.places, len(block.text))
        yield from _spans(block.doubts, len(block.text))
    if document.outcome not in OUTCOMES:
        yield f"the outcome {document.outcome!r}"
    if document.outcome in ("unread", "partly_read") and not document.issues:
        yield f"{document.outcome} without a reason"


def _pages(document: Document) -> Iterator[str]:
    if [page.number for page in document.pages] != list(range(1, len(document.pages) + 1)):
        yield "pages are not numbered from 1"
    for page in document.pages:
        if not (math.isfinite(page.width) and math.isfinite(page.height) and min(page.width, page.height) >= 0):
            yield "a page without a finite size"
        for each in page.furniture:
            yield from _box(each.bbox, page)


def _passages(document: Document, passages: Sequence[Passage]) -> Iterator[str]:
    if len({passage.id for passage in passages}) != len(passages):
        yield "two passages with one id"
    end = 0
    for number, passage in enumerate(passages):
        if document.text[passage.start : passage.end] != passage.text or not passage.text.strip():
            yield "a passage is not its slice of the text"
        if passage.start < end:
            yield "passages overlap"
        if passage.ordinal != number or passage.document_id != document.id:
            yield "a passage is not where it says"
        end = passage.end
        yield from _places(document, passage.places, len(passage.text))
        yield from _spans(passage.doubts, len(passage.text))


def _places(document: Document, places: Sequence[Place], length: int) -> Iterator[str]:
    pages = {page.number: page for page in document.pages}
    for place in places:
        if place.page not in pages:
            yield "a place on a page that is not there"
        elif place.bbox:
            yield from _box(place.bbox, pages[place.page])
        if not 0 <= place.start <= length:
            yield "a place that begins outside of its text"


def _box(box: tuple[float, float, float, float], page: Page) -> Iterator[str]:
    x0, top, x1, bottom = box
    if not all(map(math.isfinite, box)):
        yield "a box that is not finite"
    elif x0 > x1 or top > bottom:
        yield "a box with negative sides"
    elif x1 < -_ROUNDING or bottom < -_ROUNDING or x0 > page.width + _ROUNDING or top > page.height + _ROUNDING:
        yield "a box outside of its page"  # a line that is too long and runs over the edge is none


def _spans(spans: Sequence[tuple[int, int]], length: int) -> Iterator[str]:
    if not all(0 <= start < end <= length for start, end in spans):
        yield "a doubt outside of its text"


def _texts(document: Document, passages: Sequence[Passage]) -> Iterator[str]:
    shown = [
        document.text,
        document.title,
        document.publisher,
        document.language,
        document.url,
        document.period,
        *(block.context for block in document.blocks),
        *(text for issue in document.issues for text in (issue.message, issue.remedy)),
        *(text for page in document.pages for text in (page.label, page.problem, page.recognised)),
        *(each.text for page in document.pages for each in page.furniture),
        *(text for passage in passages for text in (*passage.heading, passage.context)),
    ]
    if document.published:
        shown += [clue.evidence for clue in (document.published.clue, *document.published.conflicts)]
    if any(_CONTROL.search(text) for text in shown):
        yield "a control character"
