"""Shares and gaps with 95 % intervals; how often they hold the truth is measured by ``benchmarks/coverage.py``.

What is told is told of the texts of a kind, of which those that were read are some: the next story of that place and
year might as well have been among them. So the units are what was written once: stories, whose copies count once, or
documents. Nothing here is drawn: the same counts give the same interval.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_TAIL = 0.025
_Z = 1.959963984540054
_HALVINGS = 30  # of an interval of length 1 or 2: beyond what is ever printed
# How alike the passages of a document are is hardly told by few positives or documents. It is taken for a mean of what
# they tell and of 0.2, which weighs as much as two positives, or one document. Tried with 0.1 to 0.3, two to six, and
# other weights: means over settings differ by one in a hundred, and this one's worst setting is the best.
_LIKENESS = 0.2
_WEIGHT = 2.0


class Interval(NamedTuple):
    """An estimate and its 95 % interval, which holds it."""

    value: float
    low: float
    high: float


class Intervals(NamedTuple):
    """Estimates and 95 % intervals of many cells, each (n_cells,); NaN where there is nothing to estimate from."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def first(self) -> Interval | None:
        """The interval of the first cell; None where it is NaN."""
        one = Interval(float(self.value[0]), float(self.low[0]), float(self.high[0]))
        return None if np.isnan(one.value) else one


def share(hits: int, units: int) -> Interval | None:
    """Share of stories of this kind that have the concern, told from ``units`` of them of which ``hits`` have it.

    None where ``units`` is 0. See ``shares``.
    """
    return shares([hits], [units]).first()


def shares(hits: ArrayLike, units: ArrayLike) -> Intervals:
    """The ``share`` of each cell (n_cells,); NaN where ``units`` is 0.

    Mid-P intervals (Lancaster 1961, JASA 56:223; Berry and Armitage 1995, The Statistician 44:417): the shares for
    which what was seen is not among the rarest 2.5 % on either side, half of what was seen itself counted. Where none
    of n has the concern, the upper limit falls under one in five with the 14th story. Raises ``ValueError`` for hits
    that are negative or more than the units.
    """
    found, whole = _counts(hits, units)
    if (found > whole).any():
        raise ValueError("more stories have the concern than there are")
    return _by_kind(np.stack([found, whole]), lambda kinds: _mid_p(*kinds))


def clustered_share(hits: ArrayLike, units: ArrayLike) -> Interval | None:
    """Share of passages of this kind of document that have the concern, told from documents of any size.

    ``units`` (n_documents,) are the passages of each document and ``hits`` (n_documents,) those among them that have
    the concern; a document weighs as much as it has passages. None where there is no passage. See ``clustered_shares``.
    """
    return clustered_shares(hits, units, np.zeros(len(np.asarray(units)), np.int64), 1).first()


def clustered_shares(hits: ArrayLike, units: ArrayLike, cells: ArrayLike, n_cells: int) -> Intervals:
    """The ``clustered_share`` of each of ``n_cells`` cells; NaN where a cell has no passage.

    ``cells`` (n_documents,) says which cell, from 0, each document belongs to. Copies of one story are one document:
    add them up before.

    Passages of one document are alike, so that n of them tell as much as fewer drawn one by one (Kish 1965, Survey
    Sampling, 5.4). How many is told by the correlation within documents (a moment estimate from squared residuals, each
    corrected for the weight of its document in the mean), which is drawn towards 0.2 where few positives or documents
    were seen. The interval is the mid-P one of so many (Korn and Graubard 1998, Survey Methodology 24:193, take the
    exact one). With the variance that residuals alone tell, intervals are too short where documents are few or the
    concern is rare.
    """
    found, whole = _counts(hits, units)
    if (found > whole).any():
        raise ValueError("more passages of a document have the concern than it has")
    some = whole > 0
    found, whole, of = found[some], whole[some], np.asarray(cells, np.int64)[some]

    def total(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(of, values, n_cells), np.float64)

    passages = total(whole)
    value = total(found) / np.where(passages > 0, passages, np.nan)
    spread = value * (1 - value)
    pairs = spread * total(whole - 1)
    alone = whole >= passages[of]  # the only document of its cell tells nothing of how documents differ
    residual = (found - value[of] * whole) ** 2 / np.where(alone, 1.0, whole * (1 - whole / passages[of]))
    seen = total(residual - spread[of]) / np.where(pairs > 0, pairs, 1.0)
    documents = passages**2 / np.where(passages > 0, total(whole**2), 1.0)
    positives = passages * np.minimum(value, 1 - value)
    weight = np.where(pairs > 0, np.minimum(positives, 2 * np.maximum(documents - 1, 0)), 0.0)
    likeness = (weight * np.clip(seen, 0, 1) + _WEIGHT * _LIKENESS) / (weight + _WEIGHT)
    effective = passages**2 / np.where(passages > 0, total(whole * (1 + (whole - 1) * likeness[of])), 1.0)
    return Intervals(*_mid_p(np.nan_to_num(value) * effective, effective))


def gap(raised: ArrayLike, addressed: ArrayLike) -> Interval | None:
    """Gap index: how much more often stories raise the concern than address it, of all times that they do either.

    1 where it is only raised, -1 where it is only addressed, 0 where one is as frequent as the other. ``raised`` and
    ``addressed`` (n_stories,) tell of each story whether it does; one may do both. None where none does
    either. See ``gaps``.
    """
    raises, addresses = np.asarray(raised, bool), np.asarray(addressed, bool)
    if raises.shape != addresses.shape or raises.ndim != 1:
        raise ValueError("raised and addressed are not of the same stories")
    kinds = (raises & addresses, raises & ~addresses, addresses & ~raises, ~raises & ~addresses)
    return gaps(*([kind.sum()] for kind in kinds)).first()


def gaps(both: ArrayLike, only_raised: ArrayLike, only_addressed: ArrayLike, neither: ArrayLike) -> Intervals:
    """The ``gap`` of each cell, from how many stories do both, only raise, only address or neither, each (n_cells,).

    (R - A) / (R + A), where R and A count the stories that raise and that address. Those that do neither have no part
    in index or interval. NaN where no story does either. Score intervals: the gaps g for which (R - A) - g (R + A) lies
    within 1.96 of the standard deviations that it has under g, as Tango (1998, Statistics in Medicine 17:891) does for
    the difference of paired shares; Wilson's interval where no story does both. Resampling stories gives intervals of
    no length where all stories seen are of one kind, which is where a gap matters most.
    """
    counts = _counts(both, only_raised, only_addressed, neither)
    return _by_kind(np.stack(counts[:3]), _score)


def _counts(*given: ArrayLike) -> list[NDArray[np.float64]]:
    arrays = [np.asarray(one, np.float64) for one in given]
    if len({one.shape for one in arrays}) > 1 or arrays[0].ndim != 1:
        raise ValueError("the counts are not of the same cells")
    if any((one < 0).any() or not np.isfinite(one).all() for one in arrays):
        raise ValueError("a count is negative or no number")
    return arrays


def _by_kind(counts: NDArray[np.float64], of: Any) -> Intervals:
    """What ``of`` says of each column of ``counts``; asked once for equal ones, which many cells have."""
    kinds, where = np.unique(counts, axis=1, return_inverse=True)
    where = where.reshape(-1)
    return Intervals(*(column[where] for column in of(kinds)))


def _mid_p(hits: NDArray[np.float64], units: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Shares with their mid-P limits; the counts need not be whole. NaN where there are no units."""
    from scipy.special import betaincc

    def at_most(rate: NDArray[np.float64]) -> NDArray[np.float64]:
        """How likely fewer hits are, with half of as many."""
        fewer = np.where(hits > 0, betaincc(np.maximum(hits, 1e-9), misses + 1, rate), 0.0)
        as_many = np.where(misses > 0, betaincc(hits + 1, np.maximum(misses, 1e-9), rate), 1.0)
        return (fewer + as_many) / 2

    misses = units - hits
    zero, one = np.zeros(len(units)), np.ones(len(units))
    low = np.where(hits > 0, _crossing(zero, one, lambda rate: at_most(rate) > 1 - _TAIL), 0.0)
    high = np.where(misses > 0, _crossing(zero, one, lambda rate: at_most(rate) > _TAIL), 1.0)
    return _bounded(hits / np.where(units > 0, units, np.nan), low, high)


def _score(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Gaps with their score limits, of columns that count both, only raised and only addressed."""
    both, raises, addresses = counts
    stories = counts.sum(0)
    tags = stories + both
    value = (raises - addresses) / np.where(tags > 0, tags, np.nan)

    def is_far(gap: NDArray[np.float64]) -> NDArray[np.bool_]:
        doing_both = _likeliest_both(counts, gap)
        raising, addressing = (
            (1 - doing_both + gap * (1 + doing_both)) / 2,
            (1 - doing_both - gap * (1 + doing_both)) / 2,
        )
        variance = doing_both * 4 * gap**2 + raising * (1 - gap) ** 2 + addressing * (1 + gap) ** 2
        return np.asarray((raises - addresses - gap * tags) ** 2 > _Z**2 * stories * variance + 1e-12)

    start = np.nan_to_num(value)
    low = _crossing(start, np.full(len(start), -1.0), lambda gap: ~is_far(gap))
    high = _crossing(start, np.full(len(start), 1.0), lambda gap: ~is_far(gap))
    return _bounded(value, low, high)


def _likeliest_both(counts: NDArray[np.float64], gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of stories doing both that makes the counts likeliest if the gap is as given: a root of a quadratic."""
    both, raises, addresses = counts
    more, less = 1 + gap, 1 - gap
    square = more * less * (both + raises + addresses)
    linear = both * (more**2 + less**2) + raises * less**2 + addresses * more**2
    root = np.sqrt(np.maximum(linear**2 - 4 * square * both * more * less, 0.0))
    share = 2 * both * more * less / np.maximum(linear + root, 1e-300)
    return np.asarray(np.minimum(share, (1 - abs(gap)) / (1 + abs(gap))))


def _crossing(inside: NDArray[np.float64], outside: NDArray[np.float64], is_inside: Any) -> NDArray[np.float64]:
    """The points between ``inside`` and ``outside`` up to which ``is_inside`` holds, by halving."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        holds = is_inside(middle)
        inside, outside = np.where(holds, middle, inside), np.where(holds, outside, middle)
    return (inside + outside) / 2


def _bounded(
    value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The limits, NaN where the value is, and never on the wrong side of it."""
    return value, np.minimum(low, value), np.maximum(high, value)
