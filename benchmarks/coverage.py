"""How often the intervals of the report hold the truth, on made corpora whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Sizes, Table

STORIES = (5, 15, 50, 200)  # of a cell
_RATES = (0.005, 0.03, 0.2)  # of passages that have the concern
_LIKENESS = (0.0, 0.1, 0.3)  # correlation of passages within a story
_RAISING = (0.5, 0.95)  # of the passages that have the concern; of the others most address it
_COPIES = 4  # of a story, at most
_KEPT = 0.8  # of the passages of a story, by a copy
_TRUTH = 50_000  # stories that the truth is counted in, at most
_RESAMPLED = 400
_CELLS = 60  # of a corpus that is audited
_AUDITED = 10  # times fewer corpora are audited: each has many cells


class Setting(NamedTuple):
    """Stories of a cell, share of passages with the concern, their correlation in a story, and the share that raise."""

    stories: int
    rate: float
    likeness: float
    raising: float

    def __str__(self) -> str:
        return f"{self.stories}; {100 * self.rate:g} %; {self.likeness:g}; {100 * self.raising:g} %"


class Corpora(NamedTuple):
    """Passages that raise, that address, and all, by copy of a story; each (n_corpora, n_stories, n_copies)."""

    raised: NDArray[np.int64]
    addressed: NDArray[np.int64]
    passages: NDArray[np.int64]


class Coverage(NamedTuple):
    """The part of intervals of a setting that held the truth, and their mean width."""

    held: float
    width: float


_NOTHING = Coverage(np.nan, np.nan)
SETTINGS = tuple(Setting(*one) for one in product(STORIES, _RATES, _LIKENESS, _RAISING))
_Limits = tuple[NDArray[Any], NDArray[Any]]


def run(sizes: Sizes) -> Table:
    """Coverage of nominal 95 % by kind of interval and stories of a cell: the mean over settings, and the worst."""
    rows = []
    found = [coverages(one, sizes.corpora, sizes.seed) for one in SETTINGS]
    for name in METHODS:
        every = [(setting, of[name]) for setting, of in zip(SETTINGS, found, strict=True)]
        for stories in STORIES:
            some = [one for one in every if one[0].stories == stories]
            rows.append(_row(name, f"{stories} stories", some))
        rows.append(_row(name, "all", every))
    corpora = max(sizes.corpora // _AUDITED, 1)
    rows += [_row("`corrected`", world, list(_audited(world, corpora, sizes.seed))) for world in WORLDS]
    return Table(
        "Intervals that hold the truth",
        ("interval", "cells", "settings", "held the truth, mean", "worst setting", "which", "width, mean"),
        tuple(rows),
        (
            f"{sizes.corpora} made corpora for each setting; nominal are 95 %. A setting is a number of stories in the "
            f"cell; a share of passages with the concern ({_listed(_RATES, 100)} %); a correlation of passages within "
            f"a story ({_listed(_LIKENESS)}); a share of passages with the concern that raise it "
            f"({_listed(_RAISING, 100)} %). Stories have 1 to 60 passages and 1 to {_COPIES} copies of four in five.",
            "Counts of a few stories take a few values only, so that no interval holds in just 95 %: where hardly any "
            "story has the concern, nearly all do.",
            "Of gaps, those corpora count in which a story raises or addresses the concern.",
            "`corrected`: cells of corpora of which 100 or 400 passages, half of them tagged, were reviewed; precision "
            f"and recall as `review/estimates.py` tells them. {corpora} corpora of {_CELLS} "
            "cells for each setting. What it assumes holds where the concern is equally frequent everywhere.",
        ),
    )


def _listed(values: Sequence[float], times: int = 1) -> str:
    return ", ".join(f"{times * one:g}" for one in values)


def _row(name: str, cells: str, found: Sequence[tuple[object, Coverage]]) -> tuple[str, ...]:
    found = [one for one in found if not np.isnan(one[1].held)]
    of, worst = min(found, key=lambda one: one[1].held)
    held, width = np.mean([one for _, one in found], axis=0)
    return name, cells, str(len(found)), f"{100 * held:.1f} %", f"{100 * worst.held:.1f} %", str(of), f"{width:.2f}"


def coverages(setting: Setting, corpora: int, seed: int) -> dict[str, Coverage]:
    """How many intervals of each method hold what is true of a corpus so large that it is known."""
    rng = np.random.default_rng((seed, SETTINGS.index(setting)))
    large = make(setting._replace(stories=min(_TRUTH, 1000 * corpora)), 1, rng)
    made = make(setting, corpora, rng)
    return {name: _held(*limits(made), truth(large)) for name, (limits, truth) in METHODS.items()}


def _held(low: NDArray[Any], high: NDArray[Any], true: NDArray[Any] | float) -> Coverage:
    """Of the intervals that there are."""
    is_told = ~np.isnan(low)
    holds = (low <= true) & (true <= high)
    return Coverage(float(holds[is_told].mean()), float((high - low)[is_told].mean())) if any(is_told) else _NOTHING


def make(setting: Setting, corpora: int, rng: np.random.Generator) -> Corpora:
    """Corpora of stories, each with its own share of passages with the concern, and of these that raise it."""
    shape = (corpora, setting.stories)
    passages = np.clip(np.rint(np.exp(rng.normal(2.2, 1.1, shape))), 1, 60).astype(np.int64)
    rate = np.full(shape, setting.rate)
    if setting.likeness:
        spread = 1 / setting.likeness - 1
        rate = rng.beta(setting.rate * spread, (1 - setting.rate) * spread, shape)
    having = rng.binomial(passages, rate)
    raised = rng.binomial(having, rng.beta(2 * setting.raising, 2 - 2 * setting.raising, shape))
    addressed = rng.binomial(having - raised, 0.7)
    copied = rng.geometric(0.6, shape)[..., None] > np.arange(_COPIES)  # the first is always there
    kept = np.where(np.arange(_COPIES) > 0, _KEPT, 1.0) * copied
    parts = [rng.binomial(part[..., None], kept) for part in (raised, addressed, passages - raised - addressed)]
    return Corpora(parts[0], parts[1], sum(parts))  # type: ignore[arg-type]


def _is_raised(of: Corpora) -> NDArray[Any]:
    return of.raised.sum(2) > 0


def _is_addressed(of: Corpora) -> NDArray[Any]:
    return of.addressed.sum(2) > 0


def _shares(of: Corpora) -> _Limits:
    from ascn_nlp.report.intervals import shares

    stories = of.raised.shape[1]
    return shares(_is_raised(of).sum(1), np.full(len(of.raised), stories))[1:]


def _gaps(of: Corpora) -> _Limits:
    from ascn_nlp.report.intervals import gaps

    raised, addressed = _is_raised(of), _is_addressed(of)
    kinds = (raised & addressed, raised & ~addressed, addressed & ~raised, ~raised & ~addressed)
    return gaps(*(kind.sum(1) for kind in kinds))[1:]


def _passages(of: Corpora) -> _Limits:
    return _clustered(of.raised.sum(2), of.passages.sum(2))


def _copies(of: Corpora) -> _Limits:
    return _clustered(of.raised.reshape(len(of.raised), -1), of.passages.reshape(len(of.raised), -1))


def _clustered(hits: NDArray[Any], units: NDArray[Any]) -> _Limits:
    from ascn_nlp.report.intervals import clustered_shares

    cells = np.repeat(np.arange(len(hits)), hits.shape[1])
    return clustered_shares(hits.ravel(), units.ravel(), cells, len(hits))[1:]


def _bootstrapped(part: Callable[[Corpora], NDArray[Any]], whole: Callable[[Corpora], NDArray[Any]]) -> Any:
    """Percentile limits of the sum of ``part`` by that of ``whole`` (n_corpora, n_stories), stories resampled."""

    def limits(of: Corpora) -> _Limits:
        stories = of.raised.shape[1]
        times = np.random.default_rng(stories).multinomial(stories, np.full(stories, 1 / stories), _RESAMPLED)
        above, below = part(of) @ times.T.astype(float), whole(of) @ times.T.astype(float)
        ratio = above / np.where(below > 0, below, np.nan)
        is_told = whole(of).sum(1) > 0
        found = np.full((2, len(ratio)), np.nan)
        found[:, is_told] = np.nanpercentile(ratio[is_told], (2.5, 97.5), axis=1)
        return found[0], found[1]

    return limits


def _ratio(part: Callable[[Corpora], NDArray[Any]], whole: Callable[[Corpora], NDArray[Any]]) -> Any:
    return lambda of: float(part(of).sum() / whole(of).sum())


_SHARE = (lambda of: _is_raised(of) * 1.0, lambda of: np.ones(of.raised.shape[:2]))
_GAP = (lambda of: _is_raised(of) * 1.0 - _is_addressed(of), lambda of: _is_raised(of) * 1.0 + _is_addressed(of))
_PASSAGES = (lambda of: of.raised.sum(2) * 1.0, lambda of: of.passages.sum(2) * 1.0)
METHODS: dict[str, tuple[Callable[[Corpora], _Limits], Callable[[Corpora], float]]] = {
    "`shares`": (_shares, _ratio(*_SHARE)),
    "share, bootstrap": (_bootstrapped(*_SHARE), _ratio(*_SHARE)),
    "`gaps`": (_gaps, _ratio(*_GAP)),
    "gap, bootstrap": (_bootstrapped(*_GAP), _ratio(*_GAP)),
    "`clustered_shares`": (_passages, _ratio(*_PASSAGES)),
    "the same, copies as documents": (_copies, _ratio(*_PASSAGES)),
    "share of passages, bootstrap": (_bootstrapped(*_PASSAGES), _ratio(*_PASSAGES)),
}
# How much the logarithm of the share differs between cells, and how alike the tagger's errors are within a document.
WORLDS = {
    "equally frequent": (0.0, 0.0),
    "errors of a document alike": (0.0, 0.2),
    "differently frequent": (0.8, 0.0),
}


def _audited(world: str, corpora: int, seed: int) -> Iterator[tuple[str, Coverage]]:
    """The coverage of ``corrected`` for each share, size of audit, precision and recall."""
    kinds = product((0.03, 0.15), (100, 400), ((0.9, 0.6), (0.7, 0.8)))
    for number, (rate, reviewed, (precision, recall)) in enumerate(kinds):
        rng = np.random.default_rng((seed, number))
        found = [audited(*WORLDS[world], rate, reviewed, precision, recall, rng) for _ in range(corpora)]
        held = _held(*np.concatenate(found, axis=1))
        yield f"{100 * rate:g} %; {reviewed} reviewed; {precision:g}; {recall:g}", held


def audited(
    spread: float, alike: float, rate: float, reviewed: int, precision: float, recall: float, rng: np.random.Generator
) -> NDArray[Any]:
    """Low, high and truth (3, n_cells) of the passages that have the concern; of few cells where no audit tells."""
    from ascn_nlp.report.correction import corrected
    from ascn_nlp.review.estimates import estimate

    size = np.clip(np.rint(np.exp(rng.normal(4, 1, _CELLS))), 5, 500).astype(np.int64)
    having = rng.binomial(size, np.minimum(rate * np.exp(rng.normal(-(spread**2) / 2, spread, _CELLS)), 0.9))
    wrong_rate = rate * recall * (1 / precision - 1) / (1 - rate)
    right, wrong = _said(having, recall, alike, rng), _said(size - having, wrong_rate, alike, rng)
    counts = np.array([right, having - right, wrong, size - having - wrong]).sum(1)
    rates = estimate([_audit(counts, reviewed, rng)], draws=1000).micro
    found = [corrected(int(tags), rates.precision, rates.recall) for tags in right + wrong]
    told = [(one.low, one.high, true) for one, true in zip(found, having, strict=True) if one]
    return np.array(told, float).reshape(-1, 3).T


def _said(passages: NDArray[np.int64], rate: float, alike: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many of the passages of each cell the tagger gives the concern, ten of a cell being of one document."""
    if not alike:
        return rng.binomial(passages, rate)
    of = np.repeat(np.arange(len(passages)), passages // 10 + 1)
    size = np.full(len(of), 10)
    size[np.cumsum(passages // 10 + 1) - 1] = passages % 10
    rates = rng.beta(rate * (1 / alike - 1), (1 - rate) * (1 / alike - 1), len(of))
    return np.bincount(of, rng.binomial(size, rates), len(passages)).astype(np.int64)


def _audit(counts: NDArray[np.int64], reviewed: int, rng: np.random.Generator) -> Any:
    """Half of the ``reviewed`` drawn from what was tagged, half from the rest; counts of right, missed, wrong, rest."""
    from ascn_nlp.review.estimates import Audit

    tagged, rest = counts[[0, 2]], counts[[1, 3]]
    drawn = [rng.multivariate_hypergeometric(of, min(reviewed // 2, int(of.sum()))) for of in (tagged, rest)]
    gold = np.concatenate([np.repeat([True, False], of) for of in drawn])[:, None]
    said = np.concatenate([np.full(of.sum(), is_tagged) for of, is_tagged in zip(drawn, (True, False), strict=True)])
    population = np.array([tagged.sum(), rest.sum()])
    return Audit(population, population[:, None] * [[1], [0]], 1 - said.astype(int), gold, said[:, None])
