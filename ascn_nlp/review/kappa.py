"""Counts by document -> kappa, and intervals by drawing whole documents anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]


def kappas(confusions: Floats) -> Floats:
    """Cohen's kappa of each confusion matrix; nan where chance alone would give full agreement, or nothing is counted.

    Counts of shape (..., values, values), rows one coder's and columns the other's -> shape (...). Source: Cohen, "A
    Coefficient of Agreement for Nominal Scales" (Educational and Psychological Measurement 20:1, 1960), multiplied out
    by the squared number of units so that it is a whole number that is compared with zero.
    """
    total: Floats = confusions.sum((-2, -1))
    agreed: Floats = np.trace(confusions, axis1=-2, axis2=-1)
    by_chance: Floats = (confusions.sum(-1) * confusions.sum(-2)).sum(-1)
    return shares(total * agreed - by_chance, total**2 - by_chance)


def shares(part: Floats, whole: Floats) -> Floats:
    """Part through whole, nan where the whole is nothing."""
    quotients = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=quotients, where=np.not_equal(whole, 0))
    return quotients


def drawn(groups: int, resamples: int, seed: int) -> Floats:
    """How often each group is drawn in each resample: shape (resamples, groups), every row summing to ``groups``.

    Source: Davison and Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8: with few units a group
    and unlike groups, draw groups with replacement and keep the units of each as they are.
    """
    if not groups:
        return np.zeros((resamples, 0))
    picks = np.random.default_rng(seed).integers(groups, size=(resamples, groups))
    picks += groups * np.arange(resamples)[:, np.newaxis]
    times = np.bincount(picks.ravel(), minlength=resamples * groups)
    return times.reshape(resamples, groups).astype(np.float64)


def interval(figures: Floats) -> Interval | None:
    """The middle 95 % of the figures of resamples, those that are nan left out; None if fewer than half are left."""
    known = figures[~np.isnan(figures)]
    if not len(known) or 2 * len(known) < len(figures):
        return None
    low, high = np.percentile(known, (2.5, 97.5))
    return float(low), float(high)
