"""Audit samples, drawn at random within strata: what figures for the whole corpus rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.errors import OptionError

# Strata are mixed so evenly that any beginning of a draw has its shares but for so many passages, and so loosely that a
# reviewer cannot tell which one comes next.
_LOOSE = 4


@dataclass(frozen=True, slots=True)
class Draw:
    """Passages drawn at random: their rows in the order in which to review them, and the stratum of each.

    ``population`` and ``drawn`` say for each stratum how many passages there are and were drawn.
    """

    indices: tuple[int, ...]
    strata: tuple[int, ...]
    population: Mapping[int, int]
    drawn: Mapping[int, int]


def draw_random(strata: NDArray[Any], size: int, seed: int = 0, shares: Mapping[int, float] | None = None) -> Draw:
    """``size`` passages drawn at random within strata (n,), all there are when they are fewer; one seed, one draw.

    ``shares`` says how much of the draw each stratum gets, equal parts when it is not given: with what the tagger said
    as strata (0 nothing near, 1 near a threshold, 2 tagged) that shows precision and misses alike, where a plain random
    draw would see hardly any tag. What a small stratum cannot fill goes to the others, and each gets one at least.
    The order is random within strata and mixes them evenly: any beginning of it is such a draw too, so that a reviewer
    may stop anywhere. Raises OptionError for a share that is negative, or of no stratum.
    """
    rng = np.random.default_rng(seed)
    names, sizes = np.unique(np.asarray(strata, np.int64), return_counts=True)
    drawn = _allocate(sizes, min(size, len(strata)), _weights(names, shares))
    rows, places = [np.empty(0, np.int64)], [np.empty(0)]
    for name, count in zip(names, drawn, strict=True):
        rows.append(rng.permutation(np.flatnonzero(strata == name))[:count])
        places.append((np.arange(count) + _LOOSE * rng.random(count)) / max(count, 1))
    order = np.concatenate(rows)[np.argsort(np.concatenate(places), kind="stable")]
    return Draw(
        indices=tuple(order.tolist()),
        strata=tuple(np.asarray(strata, np.int64)[order].tolist()),
        population=dict(zip(names.tolist(), sizes.tolist(), strict=True)),
        drawn=dict(zip(names.tolist(), drawn.tolist(), strict=True)),
    )


def _weights(names: NDArray[np.int64], shares: Mapping[int, float] | None) -> NDArray[np.float64]:
    if shares is None:
        return np.ones(len(names))
    weights = np.array([shares.get(int(name), 0.0) for name in names], float)
    if not all(0 <= share < np.inf for share in shares.values()) or (len(names) and not weights.any()):
        raise OptionError(
            f"are no shares of these strata: {dict(shares)}", "", f"strata: {names.tolist()}; shares >= 0"
        )
    return weights


def _allocate(sizes: NDArray[np.int64], size: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of each stratum: one of each first, then always of the one that lags most behind its weight."""
    drawn = np.zeros(len(sizes), np.int64)
    for turn in range(max(size, 0)):
        is_left = drawn < sizes
        wanting = is_left & (drawn == 0) if turn < len(sizes) else is_left & (weights > 0)
        candidates = np.flatnonzero(wanting if wanting.any() else is_left)
        lag = (drawn[candidates] + 1) / np.maximum(weights[candidates], 1e-12)
        drawn[candidates[lag.argmin()]] += 1
    return drawn
