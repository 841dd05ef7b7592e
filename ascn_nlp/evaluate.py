"""Gold and predicted tags -> scores: precision, recall and F1 per concern, micro and macro, stance accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Concern -> stance, for one passage.
Tags = Mapping[str, str]
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall, F1 and the number of gold tags."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Scores:
    """How well predicted tags agree with gold ones. Intervals are 95 % percentile bootstrap over groups."""

    passages: int
    concerns: Mapping[str, Score]
    micro: Score
    micro_interval: tuple[float, float]
    macro_f1: float
    macro_interval: tuple[float, float]
    stance_accuracy: float  # of the tags found rightly, the share whose stance is right too
    matched: int
    exact: float  # share of passages whose set of concerns is exactly right


def evaluate(
    gold: Sequence[Tags], predicted: Sequence[Tags], groups: Sequence[str], concerns: Sequence[str], seed: int = 0
) -> Scores:
    """The scores of predictions on gold passages.

    Macro F1 is the mean over the concerns that occur in gold or predictions. Resampling draws whole groups (documents,
    authors), because passages of one document resemble each other.
    """
    want = np.array([[concern in one for concern in concerns] for one in gold], bool).reshape(-1, len(concerns))
    have = np.array([[concern in one for concern in concerns] for one in predicted], bool).reshape(want.shape)
    counts = np.array([want & have, ~want & have, want & ~have], float)  # (3, passages, concerns): tp, fp, fn
    tp, fp, fn = counts.sum(1)
    macro = _micro_macro(counts.sum(1))[1]
    intervals = _intervals(counts, groups, seed)
    matched = [(g[c], p[c]) for g, p in zip(gold, predicted, strict=True) for c in g if c in p]
    return Scores(
        passages=len(gold),
        concerns={c: _score(tp[k], fp[k], fn[k]) for k, c in enumerate(concerns)},
        micro=_score(tp.sum(), fp.sum(), fn.sum()),
        micro_interval=intervals[0],
        macro_f1=float(macro),
        macro_interval=intervals[1],
        stance_accuracy=_ratio(sum(a == b for a, b in matched), len(matched)),
        matched=len(matched),
        exact=float((want == have).all(1).mean()) if len(gold) else 0.0,
    )


def _score(tp: float, fp: float, fn: float) -> Score:
    return Score(_ratio(tp, tp + fp), _ratio(tp, tp + fn), _ratio(2 * tp, 2 * tp + fp + fn), int(tp + fn))


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0


def _micro_macro(counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts of shape (3, ..., concerns) -> micro and macro F1 of shape (...)."""
    tp, fp, fn = counts
    whole = 2 * tp + fp + fn
    with np.errstate(invalid="ignore", divide="ignore"):
        each = np.where(whole > 0, 2 * tp / whole, np.nan)
        present = (whole > 0).sum(-1)
        macro = np.where(present > 0, np.nansum(each, -1) / present, 0.0)
        micro = np.where(whole.sum(-1) > 0, 2 * tp.sum(-1) / whole.sum(-1), 0.0)
    return micro, macro


def _intervals(
    counts: NDArray[np.float64], groups: Sequence[str], seed: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    names, which = np.unique(np.array(groups, dtype=str), return_inverse=True)
    if not len(names):
        return (0.0, 0.0), (0.0, 0.0)
    of_group = np.zeros((3, len(names), counts.shape[2]))
    for kind, sums in zip(counts, of_group, strict=True):
        np.add.at(sums, which, kind)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    micro, macro = _micro_macro(np.array([drawn @ sums for sums in of_group]))
    low_high = [np.percentile(values, (2.5, 97.5)) for values in (micro, macro)]
    return tuple((float(low), float(high)) for low, high in low_high)  # type: ignore[return-value]
