"""Counts of tagged passages, corrected for what the tagger gets wrong and what it misses."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.report.intervals import Interval
from ascn_nlp.review.estimates import Range

DRAWS = 4000
_TAILS = (2.5, 97.5)
_Z = 1.959963984540054
# As if half a right tag more had been found: between nothing, which says that nothing found is nothing missed, and one.
_UNSEEN = 0.5


class Unread(NamedTuple):
    """Of the passages of a cell that the tagger did not give the concern: those that nobody read whole, and all."""

    left: int
    of: int


@lru_cache(maxsize=16384)  # of thousands of cells most have one of a few counts
def corrected(
    count: int,
    precision: Range | None,
    recall: Range | None,
    known: int = 0,
    added: int = 0,
    found: int = 0,
    unread: Unread | None = None,
) -> Interval | None:
    """How many passages of the cell really have the concern, told from the ``count`` that the tagger gave it.

    People may have judged some: ``count`` are the tags that nobody judged, ``known`` those found right (those found
    wrong are no tags any more). Passages that the tagger had missed are ``found`` where people read passages whole,
    and ``added`` elsewhere. What is known is not corrected again, and nothing more is missed in what was read whole:
    where all was, the count is what people found, without an interval.

    right = known + count x precision, found, and what is missed in the rest: right x (1 / recall - 1) are missed in
    all passages without the tag, of which ``unread`` tells how many are left (all of them, unless given). It is no
    less than what was added, and no more than are left. So what is wrong is taken away and what was missed is added,
    as Rogan and Gladen (1978, American Journal of Epidemiology 107:71) correct the positives of an imperfect test,
    here by the share of tags that are right. It assumes that the tagger errs in the cell as in the audited corpus:
    where the concern is rarer than elsewhere fewer of its tags are right, and the figure is too high, and where it is
    more frequent too low.

    The interval is of 4000 draws (Monte Carlo, as Lang and Reiczigel 2014, Preventive Veterinary Medicine 113:13, weigh
    against others). Precision and recall are drawn so that each has its own interval (normal on both sides of the
    estimate, recall on the log scale) and that they go together as far as they rest on the same right tags. Of such a
    precision and recall the right tags of the cell are binomial; what was missed, before so many were found, is
    negative binomial, so that none found may be some missed. The same arguments give the same interval.

    None where either is unknown, recall is 0 or may be. Raises ``ValueError`` for a negative count.
    """
    if min(count, known, added, found, *(unread or ())) < 0:
        raise ValueError("a count is negative")
    if precision is None or recall is None or recall.low <= 0:
        return None
    left = unread.left / unread.of if unread and unread.of else float(unread is None)
    most = max(unread.left, added) if unread else math.inf
    expected = known + count * precision.value
    missed = min(max(expected * (1 / recall.value - 1) * left, added), most)
    precisions, recalls = _drawn(precision, recall)
    rng = np.random.default_rng(count)
    right = known + rng.binomial(count, precisions)
    hidden = rng.negative_binomial(right + _UNSEEN, recalls)
    if left < 1:
        hidden = rng.binomial(hidden, left)
    low, high = np.percentile(right + np.clip(hidden, added, most), _TAILS) + found
    value = expected + found + missed
    return Interval(value, min(float(low), value), max(float(high), value))


@lru_cache(maxsize=64)
def _drawn(precision: Range, recall: Range) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What precision and recall may be, each (n_draws,); the same draws for all cells of a concern."""
    ours, other = np.random.default_rng(0).standard_normal((2, DRAWS)) / _Z
    together = _together(precision, recall)
    theirs = together * ours + np.sqrt(1 - together**2) * other
    side = np.where(ours < 0, precision.value - precision.low, precision.high - precision.value)
    below, above = np.log(recall.value / recall.low), np.log(recall.high / recall.value)
    drawn = recall.value * np.exp(theirs * np.where(theirs < 0, below, above))
    return np.clip(precision.value + ours * side, 0, 1), np.minimum(drawn, 1)


def _together(precision: Range, recall: Range) -> float:
    """Correlation of precision and recall of one audit, from 0 to 1.

    The log of the right tags is in both: in the log of precision alone, in the logit of recall less that of the missed.
    """
    if precision.low <= 0 or recall.value >= 1:
        return 0.0
    right = np.log(precision.value / precision.low)
    odds = np.log(recall.value / (1 - recall.value)) - np.log(recall.low / (1 - recall.low))
    return float(min(right / odds, 1.0)) if odds > 0 else 0.0
