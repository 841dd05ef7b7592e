"""What to review next: passages that teach the tagger and find tags.

What is picked so says nothing about the corpus as a whole; for that see ``drawing``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Reason = Literal["likely", "unsure"]
# Row numbers of passages -> their features (n_rows, any), sparse: only directions are compared.
Features = Callable[[NDArray[np.int64]], Any]

# Chosen by simulated reviews, as in ``python -m benchmarks reviewing``. Likely ones alone teach less early on; unsure
# ones alone find as much while few passages have tags, and leave many for the end where most have.
_TURNS: tuple[Reason, ...] = ("likely", "unsure")
# A person who reads a passage for one concern finds its other tags too: a tag likely for another concern counts as
# much. At 0 a tenth more passages is read until 95 % of the tags are found.
_OTHERS = 1.0
# Turns of a concern grow with this power of the tags that may be left in it: between equal turns and equal effort.
_SHARE = 0.5
# What a pick beyond the fair share of its document and of its city takes from the value of the next, and what likeness
# to an earlier pick does (maximal marginal relevance, Carbonell and Goldstein 1998). Small, because variety costs: a
# discount of a fifth for each pick of a document needs a tenth more passages and teaches less.
_DOCUMENT = 0.1
_CITY = 0.1
_LIKENESS = 0.1
# Cosine from which on two passages are copies: one of them tells what the other would.
COPIES = 0.8
# Candidates for each concern and reason: so many times its equal share of the picks, and never fewer than the second.
_CANDIDATES = 6
_FEWEST = 60
_WIDENINGS = 2  # where copies and decisions leave too few, four times as many candidates each


@dataclass(frozen=True, slots=True)
class Pick:
    """A passage to review, by its row; the concern it was picked for, by its column; and why."""

    index: int
    concern: int
    reason: Reason


def choose_active(
    scores: NDArray[Any],
    thresholds: float | Sequence[float] | NDArray[Any],
    documents: Sequence[Hashable] | NDArray[Any],
    cities: Sequence[str | Sequence[str]] | NDArray[Any],
    decided: NDArray[np.bool_],
    size: int,
    seed: int = 0,
    features: Features | None = None,
) -> tuple[Pick, ...]:
    """At most ``size`` passages to review, each once, the most useful first; the same for the same arguments.

    ``scores`` and ``decided`` are (n_passages, n_concerns), scores in 0-1; ``thresholds`` is one or (n_concerns,).
    ``documents`` and ``cities`` (a city, or several, or none) are (n_passages,). ``features`` makes the features of
    the candidates, some hundred for each concern, so that those of all passages need not be kept; without it copies
    are not told apart. A pair of passage and concern that is decided is never picked, nor are two copies.

    Concerns take turns, and each takes by turns the passage that most likely has a tag and the one that the tagger is
    least sure of. Raises ValueError when the arrays are not of the same passages, or scores are not in 0-1.
    """
    scores = np.asarray(scores)
    limits = np.broadcast_to(np.asarray(thresholds, np.float32), scores.shape[1:])
    if scores.shape != np.shape(decided) or not len(scores) == len(documents) == len(cities):
        raise ValueError("scores, decided, documents and cities are not of the same passages")
    if not scores.size:
        return ()
    if not (scores.min() >= 0 and scores.max() <= 1):
        raise ValueError("scores are not all in 0-1")
    noise = np.random.default_rng(seed).random(len(scores), np.float32) * np.float32(1e-4)  # breaks ties
    few = max(_FEWEST, _CANDIDATES * -(-size // max(1, scores.shape[1])))
    picks: tuple[Pick, ...] = ()
    for _ in range(1 + _WIDENINGS):
        offers = _offers(scores, limits, decided, noise, few)
        picks = _take(offers, documents, cities, size, features)
        if len(picks) >= size or few >= len(scores):
            break
        few *= 4
    return picks


class _Offer(NamedTuple):
    """Candidates of one concern: rows, their values for each reason, and how many tags may be among them."""

    rows: NDArray[np.int64]
    values: dict[Reason, NDArray[np.float32]]
    expected: float


def _offers(
    scores: NDArray[Any], thresholds: NDArray[Any], decided: NDArray[np.bool_], noise: NDArray[np.float32], few: int
) -> list[_Offer]:
    offers = []
    every = [_centred(scores[:, concern], threshold) for concern, threshold in enumerate(thresholds.tolist())]
    tags = np.zeros(len(scores), np.float32)  # how many may be found in each passage
    for concern, said in enumerate(every):
        tags += np.where(decided[:, concern], 0, said)
    for concern, whole in enumerate(every):
        rows = np.flatnonzero(~decided[:, concern])
        said = whole[rows]
        others = 1 + _OTHERS * (tags[rows] - said)
        values: dict[Reason, NDArray[np.float32]] = {
            "likely": said * others + noise[rows],
            "unsure": (1 - 2 * np.abs(said - 0.5)) * others + noise[rows],
        }
        kept = np.unique(np.concatenate([_largest(value, few) for value in values.values()]))
        offers.append(_Offer(rows[kept], {why: value[kept] for why, value in values.items()}, float(said.sum())))
    return offers


def _centred(scores: NDArray[Any], threshold: float) -> NDArray[np.float32]:
    """Scores on a scale on which the threshold is a half, so that concerns can be compared."""
    known = np.asarray(scores, np.float32)
    below = known / np.float32(2 * max(threshold, 1e-6))
    above = 1 - (1 - known) / np.float32(2 * max(1 - threshold, 1e-6))
    return np.where(known < threshold, below, above)


def _largest(values: NDArray[np.float32], few: int) -> NDArray[np.int64]:
    return np.argpartition(values, -few)[-few:] if few < len(values) else np.arange(len(values))


class _Candidates:
    """The candidates of all concerns, and what the picks so far take from their values."""

    def __init__(
        self,
        offers: Sequence[_Offer],
        documents: Sequence[Hashable] | NDArray[Any],
        cities: Sequence[str | Sequence[str]] | NDArray[Any],
        features: Features | None,
    ) -> None:
        self.rows = np.unique(np.concatenate([offer.rows for offer in offers]))
        self.places = [np.searchsorted(self.rows, offer.rows) for offer in offers]
        self.document = _codes([(documents[row],) for row in self.rows])
        self.city = _codes([_named(cities[row]) for row in self.rows])
        self.in_document = np.zeros(int(self.document.max(initial=0)) + 1)  # picks
        self.in_city = np.zeros(int(self.city.max(initial=0)) + 1)
        self.is_free = np.ones(len(self.rows), np.bool_)
        self.nearest = np.zeros(len(self.rows), np.float32)  # cosine to the likest pick
        self.picked = 0
        self.vectors = _directions(features(self.rows)) if features and len(self.rows) else None

    def best(self, concern: int, values: NDArray[np.float32]) -> int | None:
        """The place of the candidate of a concern that is worth most now; None where none is left."""
        places = self.places[concern]
        places_free = self.is_free[places]
        if not places_free.any():
            return None
        worth = values * (1 - _LIKENESS * self.nearest[places])
        for counts, of, weight in ((self.in_document, self.document, _DOCUMENT), (self.in_city, self.city, _CITY)):
            beyond = counts[of[places]].min(1) / (1 + self.picked / len(counts)) - 1
            worth = worth / (1 + weight * np.maximum(beyond, 0))
        return int(places[np.where(places_free, worth, -np.inf).argmax()])

    def pick(self, place: int) -> int:
        """The row of a candidate, which and whose copies are free no longer."""
        self.picked += 1
        self.in_document[self.document[place, 0]] += 1
        self.in_city[np.unique(self.city[place])] += 1
        self.is_free[place] = False
        if self.vectors is not None:
            likeness = (self.vectors @ self.vectors[place].T).toarray().ravel()
            np.maximum(self.nearest, likeness, out=self.nearest)
            self.is_free &= self.nearest < COPIES
        return int(self.rows[place])


def _take(
    offers: Sequence[_Offer],
    documents: Sequence[Hashable] | NDArray[Any],
    cities: Sequence[str | Sequence[str]] | NDArray[Any],
    size: int,
    features: Features | None,
) -> tuple[Pick, ...]:
    candidates = _Candidates(offers, documents, cities, features)
    shares = np.array([max(offer.expected, 1) for offer in offers]) ** _SHARE
    turns = np.zeros(len(offers))
    picks: list[Pick] = []
    while len(picks) < size and np.isfinite(turns).any():
        concern = int(np.argmin((turns + 1) / shares))
        reason = _TURNS[int(turns[concern]) % len(_TURNS)]
        place = candidates.best(concern, offers[concern].values[reason])
        if place is None:
            turns[concern] = np.inf
            continue
        turns[concern] += 1
        picks.append(Pick(candidates.pick(place), concern, reason))
    return tuple(picks)


def _named(cities: str | Sequence[str]) -> tuple[str, ...]:
    return (cities,) if isinstance(cities, str) else tuple(cities) or ("",)


def _codes(names: Sequence[tuple[Hashable, ...]]) -> NDArray[np.int64]:
    """Numbers for names, a row each; rows are as long as the longest, the first name being said again."""
    code: dict[Hashable, int] = {}
    rows = [[code.setdefault(name, len(code)) for name in row] for row in names]
    width = max(map(len, rows), default=1)
    return np.array([row + row[:1] * (width - len(row)) for row in rows], np.int64).reshape(len(rows), width)


def _directions(features: Any) -> Any:
    from sklearn.preprocessing import normalize

    return normalize(features).tocsr()


def hashed_features(texts: Sequence[str]) -> Any:
    """Sparse TF-IDF of hashed words and pairs, (n_texts, 2**18): for ``choose_active``, of its candidates alone."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    hashed = HashingVectorizer(ngram_range=(1, 2), alternate_sign=False, norm=None, n_features=2**18)
    return TfidfTransformer(sublinear_tf=True).fit_transform(hashed.transform(texts))
