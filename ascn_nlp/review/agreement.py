"""What several coders hold of the same units -> how far they agree, with intervals over documents.

Referees usually ask that alpha be at least .800, and take .667 as the least from which tentative conclusions may be
drawn (``RELIABLE`` and ``TENTATIVE``; Krippendorff, "Content Analysis", 2nd edition, 2004, page 241). The lower end of
the interval should reach them, not the figure alone. Neither is meant for percent agreement or for kappa.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.review.kappa import Floats, Interval, drawn, interval, kappas, shares

Unit = TypeVar("Unit", bound=Hashable)  # such as a passage's id, or a passage's id and a concern
Codings = Mapping[str, Mapping[Unit, str]]  # coder -> unit -> value; any unit may be missing for any coder
Ints = NDArray[np.int64]

RELIABLE = 0.8
TENTATIVE = 0.667


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """How far two coders agree on the ``units`` that both coded; None is what cannot be told."""

    coder: str
    other: str
    units: int
    percent: float | None  # a share, 0-1
    kappa: float | None
    kappa_interval: Interval | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far all coders agree on the ``units`` that at least two of them coded; None is what cannot be told."""

    units: int
    coders: tuple[str, ...]
    percent: float | None  # a share, 0-1
    percent_interval: Interval | None
    alpha: float | None
    alpha_interval: Interval | None
    pairs: tuple[PairAgreement, ...]  # every two coders, in the order of ``coders``


@dataclass(frozen=True, slots=True)
class _Table:
    """Units that at least two coders coded: what each coder said (-1: nothing), how many said what, and the group."""

    codes: Ints  # (coders, units)
    counts: Ints  # (units, values)
    group: Ints  # (units,)
    groups: int


def agreement(codings: Codings[Unit], groups: Mapping[Unit, str], seed: int = 0, resamples: int = 1000) -> Agreement:
    """Percent agreement, Krippendorff's alpha and Cohen's kappa of nominal values, each with a 95 % interval.

    Percent: on each unit the share of pairs of its coders that agree, then the plain mean over units, as Fleiss'
    observed agreement ("Measuring Nominal Scale Agreement among Many Raters", Psychological Bulletin 76:5, 1971). There
    all units have equally many coders; here a unit that two coded counts as much as one that five did, and one that
    fewer than two coded not at all. Alpha weighs a unit by the number of values given to it, so its observed
    disagreement is not 1 - percent unless all units have equally many coders. Kappa: of each two coders, over the units
    that both coded.

    Intervals are percentiles of a bootstrap that draws whole groups (``groups``: unit -> its document) among those with
    units coded twice, the same draws for all figures and for any order of units; a draw that leaves a figure undefined
    is left out. None where the units of a figure lie in one group, or fewer than half of the draws give a figure, or
    ``resamples`` is 0. A figure is None where nothing was coded twice, or, alpha and kappa, where all values are the
    same. Raises KeyError for a unit coded twice that has no group.
    """
    table = _table(codings, groups)
    draws = drawn(table.groups, resamples if table.groups > 1 else 0, seed)
    units = len(table.group)
    agreeing = _agreeing(table.counts)
    by_group = _by_group(np.stack([agreeing, np.ones(units)], 1), table)
    percents = shares(*(draws @ by_group).T)
    return Agreement(
        units=units,
        coders=tuple(codings),
        percent=float(agreeing.mean()) if units else None,
        percent_interval=interval(percents),
        alpha=_alpha(table.counts),
        alpha_interval=interval(_alphas(table, draws)),
        pairs=tuple(
            _pair(coder, other, table, table.codes[[i, j]], draws)
            for (i, coder), (j, other) in combinations(enumerate(codings), 2)
        ),
    )


def disagreements(codings: Codings[Unit]) -> tuple[Unit, ...]:
    """The units to which two coders gave different values, in the order first met."""
    given: dict[Unit, set[str]] = {}
    for coding in codings.values():
        for unit, value in coding.items():
            given.setdefault(unit, set()).add(value)
    return tuple(unit for unit, values in given.items() if len(values) > 1)


def _table(codings: Codings[Unit], groups: Mapping[Unit, str]) -> _Table:
    coders = list(codings.values())
    value_ids = {value: k for k, value in enumerate(sorted({value for coding in coders for value in coding.values()}))}
    met = dict.fromkeys(unit for coding in coders for unit in coding)
    codes = np.array([[value_ids[c[u]] if u in c else -1 for u in met] for c in coders], np.int64)
    codes = codes.reshape(len(coders), len(met))
    is_kept = (codes >= 0).sum(0) >= 2
    codes = codes[:, is_kept]
    named = [groups[unit] for unit, kept in zip(met, is_kept, strict=True) if kept]
    group_ids = {name: k for k, name in enumerate(sorted(set(named)))}
    counts = np.stack([(codes == k).sum(0) for k in range(len(value_ids))], 1) if value_ids else codes.T[:, :0]
    return _Table(codes, counts, np.array([group_ids[name] for name in named], np.int64), len(group_ids))


def _by_group(of_units: NDArray[np.generic], table: _Table) -> Floats:
    """Figures of units, shape (units, figures) -> their sums by group, shape (groups, figures)."""
    sums = np.zeros((table.groups, of_units.shape[1]))
    np.add.at(sums, table.group, of_units)
    return sums


def _agreeing(counts: Ints) -> Floats:
    """Of each unit, the share of pairs of coders that agree."""
    coders = counts.sum(1)
    return shares((counts * (counts - 1.0)).sum(1), coders * (coders - 1.0))


def _alpha(counts: Ints) -> float | None:
    """Krippendorff's alpha of counts of shape (units, values), all units coded by two or more."""
    import krippendorff

    if np.count_nonzero(counts.sum(0)) < 2:  # nothing varies: the library would divide by zero
        return None
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def _alphas(table: _Table, draws: Floats) -> Floats:
    """Alpha of each draw, nan where undefined.

    Units on which all agree go to the library as one row a value: n like values match n(n-1)/(n-1) = n times, whether
    they stand in one unit or in many. Fewer rows take less time, and most units are of this kind.
    """
    is_split = np.count_nonzero(table.counts, axis=1) > 1
    like = _by_group(np.where(is_split[:, np.newaxis], 0, table.counts), table)
    kinds, kind = np.unique(table.counts[is_split], axis=0, return_inverse=True)
    is_of_kind = np.zeros((len(is_split), len(kinds)))
    is_of_kind[np.flatnonzero(is_split), kind.ravel()] = 1
    likes = (draws @ like).astype(np.int64)
    times = (draws @ _by_group(is_of_kind, table)).astype(np.int64)
    alphas = [_alpha(np.vstack([np.diag(n), np.repeat(kinds, k, axis=0)])) for n, k in zip(likes, times, strict=True)]
    return np.array([np.nan if alpha is None else alpha for alpha in alphas])


def _pair(coder: str, other: str, table: _Table, codes: Ints, draws: Floats) -> PairAgreement:
    """The agreement of two coders, whose codes have shape (2, units)."""
    is_common = (codes >= 0).all(0)
    values = table.counts.shape[1]
    cells = np.zeros((table.groups, values, values))
    np.add.at(cells, (table.group[is_common], *codes[:, is_common]), 1)
    confusion = cells.sum(0)
    units = int(is_common.sum())
    kappa = float(kappas(confusion))
    is_spread = len(np.unique(table.group[is_common])) > 1
    return PairAgreement(
        coder=coder,
        other=other,
        units=units,
        percent=float(np.trace(confusion)) / units if units else None,
        kappa=None if np.isnan(kappa) else kappa,
        kappa_interval=interval(kappas(np.tensordot(draws, cells, 1))) if is_spread else None,
    )
