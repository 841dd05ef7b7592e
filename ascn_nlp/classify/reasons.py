"""Why the model gives a score: the sentence and the words without which it would be lower.

What each word adds is known from the weights; whether the score really falls without it is then tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.evidence import sentence_starts
from ascn_nlp.records import Evidence

if TYPE_CHECKING:
    from spacy.tokens import Doc

# By token index, what it adds to the value of a concern.
Gains = NDArray[np.float64]

# How many of the words that weighed most are named, and the least part of the strongest one's weight.
_MOST_WORDS = 3
_LEAST_SHARE = 0.3
# An exact explanation tries each of at most so many words and sentences: more would cost seconds.
_MOST_TRIED = 12


def reasons(
    doc: Doc, gains: Gains, score: float, score_without: Callable[[range], float], is_needed: bool, is_exact: bool
) -> Iterator[Evidence]:
    """The words that weigh most; where ``is_needed``, after the sentence without which the score falls.

    ``is_exact`` tries the sentences and words themselves and names those whose removal lowers the score most;
    otherwise what they add by the weights decides, and a sentence is named only when the score falls without it.
    """
    if is_needed and (sentence := _sentence(doc, gains, score, score_without, is_exact)):
        span, left = sentence
        yield _evidence(doc, span, f"model: without this sentence the score falls from {score:.2f} to {left:.2f}")
        if is_exact:
            for word, left_by_word in _words_by_removal(doc, span, gains, score, score_without):
                why = f"model: without this word the score falls from {score:.2f} to {left_by_word:.2f}"
                yield _evidence(doc, range(word, word + 1), why)
            return
    heaviest = list(_heaviest(doc, gains))
    for word in heaviest:
        yield _evidence(doc, range(word, word + 1), f"model: word adds {gains[word]:.2f}")
    if not heaviest:
        yield _evidence(doc, range(len(doc)), "model: no word by itself, the text as a whole")


def _sentence(
    doc: Doc, gains: Gains, score: float, score_without: Callable[[range], float], is_exact: bool
) -> tuple[range, float] | None:
    """The sentence whose removal lowers the score most, and the score without it; None where none does."""
    starts = [*sentence_starts(doc), len(doc)]
    spans = [range(a, b) for a, b in pairwise(starts)]
    if len(spans) < 2:
        return None
    spans.sort(key=lambda span: -float(gains[span.start : span.stop].sum()))
    tried = [(score_without(span), span) for span in spans[: _MOST_TRIED if is_exact else 1]]
    left, span = min(tried, key=lambda one: one[0])
    return (span, left) if left < score else None


def _words_by_removal(
    doc: Doc, span: range, gains: Gains, score: float, score_without: Callable[[range], float]
) -> list[tuple[int, float]]:
    """Up to three words of a sentence whose removal lowers the score, the one that lowers it most first."""
    words = [at for at in span if any(map(str.isalpha, doc[at].text))]
    words.sort(key=lambda at: -gains[at])
    tried = sorted((score_without(range(at, at + 1)), at) for at in words[:_MOST_TRIED])
    return [(at, left) for left, at in tried if left < score][:_MOST_WORDS]


def _heaviest(doc: Doc, gains: Gains) -> Iterator[int]:
    heaviest = [at for at in np.argsort(-gains, kind="stable").tolist() if any(map(str.isalpha, doc[at].text))]
    for at in heaviest[:_MOST_WORDS]:
        if gains[at] > 0 and gains[at] >= _LEAST_SHARE * gains[heaviest[0]]:
            yield at


def _evidence(doc: Doc, span: range, why: str) -> Evidence:
    words = doc[span.start : span.stop]
    text = words.text.strip()
    start = words.start_char + words.text.find(text)
    return Evidence(start, start + len(text), text, why)
