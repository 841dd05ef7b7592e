"""Two taggers on the same labelled passages -> by which concerns the new one is better or worse, beyond noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# {concern: stance} of one passage.
Tags = Mapping[str, str]
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of both on ``support`` gold tags, and the 95 % interval of new minus old; None where nothing tells."""

    old: float
    new: float
    interval: tuple[float, float] | None
    support: int

    @property
    def is_worse(self) -> bool:
        """Whether the new one is worse beyond noise: the whole interval lies below 0."""
        return self.interval is not None and self.interval[1] < 0


def compare(
    gold: Sequence[Tags],
    unknown: Sequence[Set[str]],
    old: Sequence[Tags],
    new: Sequence[Tags],
    groups: Sequence[str],
    concerns: Sequence[str],
    seed: int = 0,
) -> dict[str, Difference]:
    """The difference in F1 for each concern, and for all together under "" (micro); stances do not count.

    ``unknown`` are, of each passage, the concerns on which nothing is known: nobody is right or wrong there. Intervals
    are percentiles of a paired bootstrap that draws whole groups, so that what both get right or wrong is no noise.
    """
    shape = (len(gold), len(concerns))
    known = np.array([[c not in one for c in concerns] for one in unknown], bool).reshape(shape)
    want, before, after = (
        np.array([[c in one for c in concerns] for one in tags], bool).reshape(shape) & known
        for tags in (gold, old, new)
    )
    names, which = np.unique(np.array(groups, dtype=str), return_inverse=True)
    size = len(names)
    drawn = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / max(size, 1)), RESAMPLES if size else 0)
    counts = [_by_group(want, have, which, size) for have in (before, after)]
    found = {}
    for name, columns in [*((name, [k]) for k, name in enumerate(concerns)), ("", list(range(len(concerns))))]:
        by_group = [of[:, :, columns].sum(-1) for of in counts]  # (3, n_groups)
        old_f1, new_f1 = (float(np.nan_to_num(_f1(of.sum(-1)))) for of in by_group)
        before_f1, after_f1 = (_f1(of @ drawn.T) for of in by_group)
        found[name] = Difference(old_f1, new_f1, _interval(after_f1 - before_f1), int(want[:, columns].sum()))
    return found


def _interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    told = values[~np.isnan(values)]
    if not len(told):
        return None
    low, high = np.percentile(told, (2.5, 97.5))
    return float(low), float(high)


def _by_group(
    want: NDArray[np.bool_], have: NDArray[np.bool_], which: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Tags found, wrong and missed, (3, n_groups, n_concerns)."""
    counts = np.zeros((3, size, want.shape[1]), np.int64)
    for kind, cells in enumerate((want & have, ~want & have, want & ~have)):
        np.add.at(counts[kind], which, cells)
    return counts


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of tags found, wrong and missed, (3, ...); nan where there is nothing to be right about."""
    tp, fp, fn = counts
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2 * tp / (2 * tp + fp + fn), float)
