"""Two taggers on the same labelled passages -> by which concerns the new one is better or worse, beyond noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# {concern: stance} of one passage.
Tags = Mapping[str, str]
RESAMPLES = 2000
# How often, at most, two that are equally good are told apart.
_BY_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of both on ``support`` gold tags, and the 95 % interval of new minus old; None where there is no gold tag.

    ``is_worse`` says that the new one is worse beyond noise. Of a dozen concerns one or another loses by chance: the
    interval that must lie below 0 for it is wider than that of 95 %, by as much as there are concerns (Bonferroni).
    """

    old: float
    new: float
    interval: tuple[float, float] | None
    support: int
    is_worse: bool = False


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
    are percentiles of a paired bootstrap that draws whole groups, so that what both get right or wrong is no noise. A
    draw without any tag of a concern tells no difference: without such draws a single passage would tell for certain.
    """
    shape = (len(gold), len(concerns))
    known = np.array([[c not in one for c in concerns] for one in unknown], bool).reshape(shape)
    want, before, after = (
        np.array([[c in one for c in concerns] for one in tags], bool).reshape(shape) & known
        for tags in (gold, old, new)
    )
    names, which = np.unique(np.array(groups, dtype=str), return_inverse=True)
    size = len(names)
    chances = np.full(size or 1, 1 / (size or 1))  # where there is no group nothing is drawn of
    drawn = np.random.default_rng(seed).multinomial(size, chances, RESAMPLES)
    counts = [_by_group(want, have, which, size) for have in (before, after)]
    every = list(range(len(concerns)))
    parts = {**{name: [k] for k, name in enumerate(concerns)}, "": every}
    asked = sum(bool(want[:, columns].any()) for columns in parts.values())
    return {name: _difference([of[:, :, columns].sum(-1) for of in counts], drawn, asked)
            for name, columns in parts.items()}  # fmt: skip


def _difference(by_group: Sequence[NDArray[np.int64]], drawn: NDArray[np.int64], asked: int) -> Difference:
    """The difference of two, each given as counts (3, n_groups); one of ``asked`` differences that are looked at."""
    before, after = by_group
    old, new = (float(_f1(of.sum(-1))) for of in by_group)
    support = int(before[0].sum() + before[2].sum())
    if not support:
        return Difference(old, new, None, 0)
    changes = _f1(after @ drawn.T) - _f1(before @ drawn.T)
    low, high, least = np.quantile(changes, (_BY_CHANCE / 2, 1 - _BY_CHANCE / 2, 1 - _BY_CHANCE / 2 / asked))
    return Difference(old, new, (float(low), float(high)), support, bool(least < 0))


def _by_group(
    want: NDArray[np.bool_], have: NDArray[np.bool_], which: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Tags found, wrong and missed, (3, n_groups, n_concerns)."""
    counts = np.zeros((3, size, want.shape[1]), np.int64)
    for kind, cells in enumerate((want & have, ~want & have, want & ~have)):
        np.add.at(counts[kind], which, cells)
    return counts


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of tags found, wrong and missed, (3, ...); 0 where there is nothing to be right or wrong about."""
    tp, fp, fn = counts
    return np.asarray(2 * tp / np.maximum(2 * tp + fp + fn, 1), float)
