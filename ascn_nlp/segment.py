"""Document -> Passages: the units that are tagged, as slices of the document's text as printed.

A passage is a paragraph, or a run of list items, table rows or short paragraphs under one heading, of about 25 to
200 words. Headings are never passages: they are the path that the passages below them stand under.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from ascn_nlp.languages import detect_language
from ascn_nlp.records import Block, Box, Document, Passage, PassageKind, Place, Span, passage_id

# The unit the codebook speaks of is 25 to 200 words long: shorter text rarely says enough to be judged by itself,
# longer text rarely speaks of one thing.
FEW_WORDS = 25
MANY_WORDS = 200
# A list of short items reads as one thing up to here; half of MANY_WORDS keeps a quote from it readable.
LIST_WORDS = 100
# Below this, text that can join nothing is a stub: kept and found by search, too little to be judged.
LEAST_WORDS = 5

# Thai, Lao, Burmese and Khmer put no blanks between words, which have about five signs; Chinese ones have two.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_SIGNS_PER_WORD = 5
_IDEOGRAPHS_PER_WORD = 2
# Signs of the longest word; where the average is above it, it is data (a key, an image as text) and counts by length,
# so that no passage grows to megabytes.
_LONG_WORD = 60

# A cut needs places that are surely ends of sentences, not all of them. So a rule that refuses what is doubtful (a
# small letter next, an initial, "No. 5") cuts better than a sentencizer made to find every sentence; it also knows the
# marks of Khmer, Burmese and Chinese, and needs no tokenizer.
_SENTENCE_END = re.compile(r"""[.!?…]["'”’)\]»]*\s+(?=["'“‘(\[«]*[^\W_])|[។။]\s*|[。！？][”」』）]?|\n+""")
_NO_END = re.compile(
    r"(?:^|[\s(“\"'])(?:[A-Z]|[A-Z]\.[A-Z]|Dr|Mr|Mrs|Ms|Prof|Gov|Gen|Sen|Rep|Lt|Col|Sgt|St|Tn|Bpk|H|Hj|No|Nos|Fig|Vol"
    r"|Art|Sec|Ch|pp|p|cf|vs|ca|approx|incl|e\.g|i\.e)\.\s*$"
)
_CLAUSE_END = re.compile(r"[;:|,၊]\s+")
_BLANK = re.compile(r"\s+")
# Dots that lead to a page number: an entry of a table of contents, which says nothing of its own.
_CONTENTS_ENTRY = re.compile(r"(?:\.\s?){3,}[\divxl]{1,5}$", re.IGNORECASE)
_LEADERS_END = 40  # characters from the end, in which such dots begin
# Any sign that is not one that hangs on the sign before it.
_SIGN = re.compile(r"(?=[\w])")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block, or part of a long one, before neighbours are joined: text[start:end] of the document."""

    kind: PassageKind
    start: int
    end: int
    words: int
    context: str = ""
    is_caption: bool = False
    is_lead_in: bool = False  # ends with a colon: what follows belongs to it


def segment(document: Document) -> tuple[Passage, ...]:
    """The passages of ``document`` in reading order, disjoint, each a slice of its text.

    Every block lies in passages whole, but headings that others stand under.
    """
    occurrences: Counter[str] = Counter()
    passages: list[Passage] = []
    for heading, blocks in _sections(document.blocks):
        starts, ends = [block.start for block in blocks], [block.end for block in blocks]
        for piece in _join([piece for block in blocks for piece in _pieces(block, document.text)], document.text):
            text = document.text[piece.start : piece.end]
            under = blocks[bisect_right(ends, piece.start) : bisect_left(starts, piece.end)]
            passages.append(
                Passage(
                    id=passage_id(document.id, text, occurrences[text]),
                    document_id=document.id,
                    ordinal=len(passages),
                    kind=piece.kind,
                    start=piece.start,
                    end=piece.end,
                    text=text,
                    heading=heading,
                    context=piece.context,
                    places=_places(piece, under),
                    language=detect_language(text, document.language),
                    doubts=_doubts(piece, under),
                )
            )
            occurrences[text] += 1
    return tuple(passages)


def count_words(text: str) -> int:
    """The number of words, estimated from the number of signs in scripts that put no blanks between them."""
    if text.isascii():
        return _count_spaced(text)
    unspaced, ideographs = len(_UNSPACED.findall(text)), len(_IDEOGRAPH.findall(text))
    if not unspaced and not ideographs:
        return _count_spaced(text)
    rest = _count_spaced(_IDEOGRAPH.sub(" ", _UNSPACED.sub(" ", text)))
    return rest + ceil(unspaced / _SIGNS_PER_WORD) + ceil(ideographs / _IDEOGRAPHS_PER_WORD)


def _count_spaced(text: str) -> int:
    words = text.split()
    if len(text) <= _LONG_WORD * len(words):
        return len(words)
    return sum(ceil(len(word) / _LONG_WORD) for word in words)


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Runs of blocks with no heading between them, each with the path of headings it stands under.

    Headings that nothing stands under, as on slides, are runs of their own: no path would hold their words. A box has
    the path of what it stands beside, not of what was read before it.
    """
    path: list[Block] = []
    paths: list[list[Block]] = []  # of every block so far
    bare: list[Block] = []  # headings so far without text under them; all in the path are in it or have some
    run: list[Block] = []
    for block in blocks:
        own = path if block.beside is None else paths[block.beside]
        if run and (block.kind == "heading" or own is not paths[-1]):
            yield _words(paths[-1]), run
            run = []
        if block.kind == "heading":
            path = own = [above for above in path if (above.level or 1) < (block.level or 1)] + [block]
            bare.append(block)
        else:
            bare = [heading for heading in bare if heading not in own]
            if bare:
                yield (), bare
                bare = []
            run.append(block)
        paths.append(own)
    if run:
        yield _words(paths[-1]), run
    if bare:
        yield (), bare


def _words(path: Sequence[Block]) -> tuple[str, ...]:
    return tuple(" ".join(heading.text.split()) for heading in path)


def _pieces(block: Block, text: str) -> Iterator[_Piece]:
    kinds: dict[str, PassageKind] = {
        "list_item": "list", "table_row": "table", "footnote": "footnote", "heading": "heading",
    }  # fmt: skip
    kind = "contents" if _CONTENTS_ENTRY.search(block.text[-_LEADERS_END:]) else kinds.get(block.kind, "paragraph")
    is_caption = block.kind == "caption"
    is_lead_in = kind == "paragraph" and block.text.rstrip().endswith((":", "："))
    for start, end in _cut(text, block.start, block.end):
        words = count_words(text[start:end])
        yield _Piece(kind, start, end, words, block.context, is_caption, is_lead_in and end == block.end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Spans of about equal length and at most MANY_WORDS that share text[start:end], cut at ends of sentences."""
    words = count_words(text[start:end])
    if words <= MANY_WORDS:
        yield start, end
        return
    target = words / ceil(words / MANY_WORDS)
    piece_start, piece_end, so_far = start, start, 0
    for unit_start, unit_end in _units(text, start, end):
        count = count_words(text[unit_start:unit_end])
        if so_far and (so_far + count > MANY_WORDS or so_far >= target):
            yield piece_start, piece_end
            piece_start, so_far = unit_start, 0
        piece_end, so_far = unit_end, so_far + count
    yield piece_start, piece_end


def _units(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences; of a sentence longer than MANY_WORDS its clauses, then its words, then its signs."""
    yield from _split(text, start, end, (_SENTENCE_END, _CLAUSE_END, _BLANK, _SIGN))


def _split(text: str, start: int, end: int, patterns: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    cuts = [start]
    for match in patterns[0].finditer(text, start, end):
        if patterns[0] is _SENTENCE_END and not _is_end(text, match, cuts[-1]):
            continue
        if cuts[-1] < match.end() < end:
            cuts.append(match.end())
    for unit_start, unit_end in pairwise([*cuts, end]):
        trimmed = unit_start + len(text[unit_start:unit_end].rstrip())
        if len(patterns) > 1 and count_words(text[unit_start:trimmed]) > MANY_WORDS:
            yield from _split(text, unit_start, trimmed, patterns[1:])
        elif trimmed > unit_start:
            yield unit_start, trimmed


def _is_end(text: str, match: re.Match[str], since: int) -> bool:
    if not match[0].startswith("."):
        return True
    if text[match.end() : match.end() + 4].lstrip("\"'“‘([«")[:1].islower():
        return False
    return _NO_END.search(text, max(since, match.start() - 12), match.start() + 1) is None


def _join(pieces: Sequence[_Piece], text: str) -> list[_Piece]:
    """The pieces of one section, short ones joined with what they belong to."""
    groups: list[_Piece] = []
    lead_in = ""
    for piece in pieces:
        if groups and _belongs(groups[-1], piece, text):
            groups[-1] = _joined(groups[-1], piece)
            continue
        if piece.kind == "list" and groups and groups[-1].kind == "list":
            groups.append(replace(piece, context=lead_in))
            continue
        lead_in = text[piece.start : piece.end] if piece.is_lead_in and piece.words <= 2 * FEW_WORDS else ""
        groups.append(piece)
    gathered = _gather_short(groups)
    return [replace(group, kind="stub") if _is_stub(group) else group for group in gathered]


def _is_stub(group: _Piece) -> bool:
    return group.words < LEAST_WORDS and group.kind not in ("heading", "contents")


def _belongs(group: _Piece, piece: _Piece, text: str) -> bool:
    """Whether ``piece`` goes into the group before it, which is open as long as it is short."""
    if group.words + piece.words > MANY_WORDS:
        return False
    if "contents" in (group.kind, piece.kind):
        return group.kind == piece.kind
    is_short = group.words < FEW_WORDS
    if "footnote" in (group.kind, piece.kind):
        return is_short and group.kind == piece.kind
    if piece.kind == "table":
        is_header = text[group.start : group.end] == piece.context
        is_same_table = group.kind == "table" and (is_header or group.context == piece.context)
        return is_short and (is_same_table or group.is_caption or group.is_lead_in)
    if group.kind == "table" or group.is_caption or piece.is_caption:
        return False
    if group.kind == piece.kind == "list":
        return piece.words < FEW_WORDS and group.words + piece.words <= LIST_WORDS
    return group.is_lead_in or (is_short and group.kind != "list")


# What two pieces are together: the first of these that either is. Headings join only with headings.
_JOINED_KINDS: tuple[PassageKind, ...] = ("heading", "contents", "footnote", "table", "list")


def _joined(first: _Piece, second: _Piece) -> _Piece:
    return _Piece(
        kind=next((kind for kind in _JOINED_KINDS if kind in (first.kind, second.kind)), "paragraph"),
        start=first.start,
        end=second.end,
        words=first.words + second.words,
        context=first.context or second.context,
        is_caption=first.is_caption and second.is_caption,
        is_lead_in=second.is_lead_in,
    )


def _gather_short(groups: Sequence[_Piece]) -> list[_Piece]:
    """Groups that are still short join the one before them, else the one after, where the two are of a kind."""
    gathered: list[_Piece] = []
    for group in groups:
        if gathered and (_may_gather(gathered[-1], group) or _may_gather(group, gathered[-1])):
            gathered[-1] = _joined(gathered[-1], group)
        else:
            gathered.append(group)
    return gathered


def _may_gather(short: _Piece, other: _Piece) -> bool:
    if "contents" in (short.kind, other.kind):
        return False
    if short.words < LEAST_WORDS:
        return True
    if short.words >= FEW_WORDS or short.words + other.words > MANY_WORDS or short.is_caption or other.is_caption:
        return False
    if "footnote" in (short.kind, other.kind) or "table" in (short.kind, other.kind):
        return short.kind == other.kind and short.context == other.context
    return True


def _places(piece: _Piece, blocks: Sequence[Block]) -> tuple[Place, ...]:
    """Where the words of ``piece`` stand: one place for each page and column, boxes of neighbours united."""
    places: list[Place] = []
    for block in blocks:
        starts = [block.start + place.start for place in block.places]
        for place, start, end in zip(block.places, starts, [*starts, block.end][1:], strict=True):
            if max(start, piece.start) >= min(end, piece.end):
                continue
            here = replace(place, start=max(0, start - piece.start))
            if places and _is_same_column(places[-1], here):
                places[-1] = replace(places[-1], bbox=_united(places[-1].bbox, here.bbox))
            else:
                places.append(here)
    return tuple(places)


def _doubts(piece: _Piece, blocks: Sequence[Block]) -> tuple[Span, ...]:
    """The doubtful characters of ``blocks`` that lie in ``piece``, as spans of its text."""
    spans = [
        (block.start + start - piece.start, block.start + end - piece.start)
        for block in blocks
        for start, end in block.doubts
    ]
    length = piece.end - piece.start
    return tuple((max(0, start), min(length, end)) for start, end in spans if start < length and end > 0)


def _is_same_column(above: Place, below: Place) -> bool:
    if above.page != below.page:
        return False
    if above.bbox is None or below.bbox is None:
        return True
    return above.bbox[0] < below.bbox[2] and below.bbox[0] < above.bbox[2]


def _united(first: Box | None, second: Box | None) -> Box | None:
    if first is None or second is None:
        return first or second
    return (min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3]))
