"""Which recognised lines hold words, what stands in them between blanks, and what of it is doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ascn_nlp.extract.ocr.engine import ScanLine, Word
from ascn_nlp.extract.pdf.text import UNSPACED
from ascn_nlp.records import Span

# Words recognised with less confidence are doubtful: on eight pages these were 1.4 % of the right words and 79 % of
# the wrong ones.
_SURE = 0.8
# Lines without a word above this are stamps, seals and pictures read as letters.
_PLAUSIBLE = 0.5
_MARKS_HEIGHT = 0.6  # of the height of the letters that they stand on
_LABEL = re.compile(r"[•▪●◦‣·*-]|\(?[^\W_]{1,4}[.)]")
_LABEL_GAP = 4.0  # times the height of the item's letters
_DIGITS = re.compile(r"\d[\d.,/:-]*\d|\d")
_FEW_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_LATIN = re.compile(r"[A-Za-z]+")
_SARA_AM = ("\u0e4d\u0e32", "\u0e33")  # one vowel, recognised as two signs


class Token(NamedTuple):
    """What stands between two blanks, in pixels, and which of its characters are doubtful."""

    text: str
    x0: float
    x1: float
    confidence: float
    doubts: tuple[Span, ...]


def worded(lines: Sequence[ScanLine]) -> tuple[tuple[ScanLine, ...], int]:
    """The lines that hold words, each with the bullet or number before it, and how many hold none."""
    whole = _with_labels(lines)
    kept = tuple(line for line in whole if _holds_word(line) and not _is_marks(line, whole))
    return kept, len(whole) - len(kept)


def mean_confidence(lines: Iterable[ScanLine]) -> float:
    """The mean confidence of the words of ``lines``, by their length; 0 where there are none."""
    words = [word for line in lines for word in line.words]
    letters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / letters if letters else 0.0


def tokens(line: ScanLine, numbers_fail: bool = False) -> Iterator[Token]:
    """The words of a line; with ``numbers_fail`` every number in them is doubtful, whatever its confidence."""
    groups: list[list[Word]] = []
    for word in line.words:
        if word.is_glued and groups:
            groups[-1].append(word)
        else:
            groups.append([word])
    texts = ["".join(word.text for word in group).replace(*_SARA_AM) for group in groups]
    for i, group in enumerate(groups):
        doubts = [*_unsure(group)]
        if numbers_fail:
            doubts += _numbers(texts[i], "".join(texts[max(0, i - 1) : i] + texts[i + 1 : i + 2]))
        yield Token(
            texts[i], group[0].x0, group[-1].x1, mean_confidence([replace(line, words=tuple(group))]), (*doubts,)
        )


def _unsure(group: Sequence[Word]) -> Iterator[Span]:
    """The parts of a token that were recognised with little confidence."""
    before = ""
    for word in group:
        start, before = len(before.replace(*_SARA_AM)), before + word.text
        if word.confidence < _SURE:
            yield start, len(before.replace(*_SARA_AM))


def _numbers(text: str, beside: str) -> Iterator[Span]:
    """The numbers in a word, and Latin letters that unknown digits may be taken for: few ones, or within a word."""
    yield from (match.span() for match in _DIGITS.finditer(text))
    if UNSPACED.search(text) or (_FEW_LETTERS.fullmatch(text) and not _LATIN.search(beside)):
        yield from (match.span() for match in _LATIN.finditer(text))


def _with_labels(lines: Sequence[ScanLine]) -> list[ScanLine]:
    """``lines`` with bullets and numbers that were taken for lines of their own before the items they belong to."""
    found = list(lines)
    for label in lines:
        if len(label.words) == 1 and _LABEL.fullmatch(label.words[0].text):
            items = sorted((line for line in found if _labels(label, line)), key=lambda line: line.baseline[0])
            if items:
                found[found.index(items[0])] = replace(items[0], words=(*label.words, *items[0].words))
                found.remove(label)
    return found


def _labels(label: ScanLine, line: ScanLine) -> bool:
    gap = line.baseline[0] - label.baseline[2]
    return 0 < gap < _LABEL_GAP * line.height and abs(line.baseline[1] - label.baseline[1]) < 0.3 * line.height


def _holds_word(line: ScanLine) -> bool:
    x0, y0, x1, y1 = line.baseline
    if abs(y1 - y0) > abs(x1 - x0):
        return False  # it runs up or down the page
    return any(token.confidence >= _PLAUSIBLE and _is_word(token.text) for token in tokens(line))


def _is_word(text: str) -> bool:
    letters = sum(each.isalnum() for each in text)
    return letters > 1 or any(each.isdigit() for each in text)


def _is_marks(line: ScanLine, lines: Sequence[ScanLine]) -> bool:
    """Whether it is the vowels and tone marks above another line, taken for a line of their own."""
    return any(
        line.height < _MARKS_HEIGHT * other.height
        and 0 < other.baseline[1] - line.baseline[1] < other.height
        and line.baseline[0] < other.baseline[2]
        and other.baseline[0] < line.baseline[2]
        and any(UNSPACED.search(word.text) for word in other.words)
        for other in lines
    )
