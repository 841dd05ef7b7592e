"""What the linear model sees of a passage: stems, pairs of stems, and pieces of words, weighed by TF-IDF.

The features are made from the tokens of the pipeline's Doc, by the same code in training and in use. What a word
contributes is remembered, so that a passage costs little more than a look-up for each of its tokens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

# Lengths of the pieces of a word, its borders included; as sklearn's char_wb analyser makes them.
PIECES = (3, 4, 5)
_NO_IDS = np.empty(0, np.int32)
# The words whose features are remembered: some 20 MB.
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Vector:
    """A sparse row: feature ``ids``, rising, and their TF-IDF ``values``; words and pieces each of length 1."""

    ids: NDArray[np.int32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Words:
    """The features of a passage in the order of its words: ``ids``, and the index of the token each belongs to.

    The first ``split`` are stems and pairs, the others pieces. A pair belongs to its second word.
    """

    ids: NDArray[np.int32]
    tokens: NDArray[np.int32]
    split: int

    def without(self, tokens: range) -> Words:
        """The features of the words outside a range of tokens."""
        is_kept = (self.tokens < tokens.start) | (self.tokens >= tokens.stop)
        return Words(self.ids[is_kept], self.tokens[is_kept], int(is_kept[: self.split].sum()))


def is_word(token: Token) -> bool:
    """Whether a token carries a feature: it holds a letter."""
    return any(map(str.isalpha, token.text))


def word_features(stems: Sequence[str]) -> Iterator[str]:
    """The names of the stems and of their neighbours' pairs."""
    yield from stems
    for first, second in pairwise(stems):
        yield f"{first} {second}"


@lru_cache(maxsize=5_000)
def piece_features(word: str) -> tuple[str, ...]:
    """The names of the pieces of one word: "#" marks them as pieces, blanks the borders of the word."""
    padded = f" {word.lower()} "
    return tuple(f"#{padded[n : n + size]}" for size in PIECES for n in range(len(padded) - size + 1))


def choose_vocabulary(docs: Iterable[Doc], least_words: int, least_pieces: int) -> tuple[str, ...]:
    """The features that occur in at least so many passages: words and pairs first, then pieces, each in order."""
    counts: Counter[str] = Counter()
    for doc in docs:
        words = [token for token in doc if is_word(token)]
        names = {*word_features([token.norm_ for token in words])}
        for token in words:
            names.update(piece_features(token.text))
        counts.update(names)
    words_kept = sorted(name for name, n in counts.items() if not name.startswith("#") and n >= least_words)
    pieces_kept = sorted(name for name, n in counts.items() if name.startswith("#") and n >= least_pieces)
    return (*words_kept, *pieces_kept)


class Featurizer:
    """Turns Docs into vectors over a vocabulary."""

    def __init__(self, vocabulary: Sequence[str], idf: NDArray[np.float32] | None = None) -> None:
        self.idf = idf if idf is not None else np.ones(len(vocabulary), np.float32)
        self._first_piece = sum(not name.startswith("#") for name in vocabulary)
        self._ids = {name: number for number, name in enumerate(vocabulary)}
        self._known: dict[int, tuple[str, int, NDArray[np.int32]]] = {}
        self._pairs: dict[tuple[str, str], int] = {}
        for name, number in self._ids.items():
            first, blank, second = name.partition(" ")
            if blank and not name.startswith("#"):
                self._pairs[first, second] = number

    def __len__(self) -> int:
        return len(self._ids)

    def vector(self, doc: Doc) -> Vector:
        """The features of one passage, weighed."""
        return self.weigh(self.read(doc))

    def read(self, doc: Doc) -> Words:
        """The features of the words of one passage, not yet counted."""
        words, of_words, pieces, of_pieces = [], [], [], []
        before = ""
        for at, orth in enumerate(doc.to_array("ORTH").tolist()):
            stem, own, parts = self._known.get(orth) or self._learn(doc[at])
            if not stem:
                continue
            if own >= 0:
                words.append(own)
                of_words.append(at)
            if (pair := self._pairs.get((before, stem), -1)) >= 0:
                words.append(pair)
                of_words.append(at)
            pieces.append(parts)
            of_pieces.append(at)
            before = stem
        if not pieces:
            return Words(_NO_IDS, _NO_IDS, 0)
        owners = np.repeat(np.array(of_pieces, np.int32), [len(part) for part in pieces])
        return Words(
            ids=np.concatenate([np.array(words, np.int32), *pieces]),
            tokens=np.concatenate([np.array(of_words, np.int32), owners]),
            split=len(words),
        )

    def weigh(self, words: Words) -> Vector:
        """(1 + log count) x idf of each feature, scaled to length 1 apart for words and for pieces."""
        weighed = [self._weigh(block) for block in (words.ids[: words.split], words.ids[words.split :])]
        ids, values = zip(*weighed, strict=True)
        return Vector(np.concatenate(ids), np.concatenate(values))

    def gains(self, words: Words, vector: Vector, weights: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each token adds to a sum of weighed features, by token index; ``weights`` has ``vector``'s shape."""
        gain = np.zeros(len(self._ids), np.float32)
        gain[vector.ids] = vector.values * weights
        return np.bincount(words.tokens, gain[words.ids]).astype(np.float64)

    def _learn(self, token: Token) -> tuple[str, int, NDArray[np.int32]]:
        """The stem of a word, its id, and the ids of its pieces; remembered, since words recur."""
        known = ("", -1, _NO_IDS)
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()  # those in use are soon back; names, numbers and slips never end
        if is_word(token):
            parts = [self._ids[name] for name in piece_features(token.text) if name in self._ids]
            known = (token.norm_, self._ids.get(token.norm_, -1), np.array(parts, np.int32))
        self._known[token.orth] = known
        return known

    def _weigh(self, ids: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        unique, counts = np.unique(ids, return_counts=True)
        values = (1 + np.log(counts, dtype=np.float32)) * self.idf[unique]
        length = np.linalg.norm(values)
        return unique.astype(np.int32), (values / length if length else values).astype(np.float32)


def inverse_document_frequency(vectors: Sequence[Vector], size: int) -> NDArray[np.float32]:
    """log((1 + n) / (1 + df)) + 1 for each feature: the smoothed idf of sklearn's TfidfTransformer."""
    df = np.zeros(size)
    for vector in vectors:
        df[vector.ids] += 1
    return (np.log((1 + len(vectors)) / (1 + df)) + 1).astype(np.float32)
