"""Intervals are what their definitions say, and hold the truth about as often as they promise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, multinomial

from ascn_nlp.report.intervals import Interval, clustered_share, clustered_shares, gap, gaps, share, shares
from benchmarks.coverage import SETTINGS, coverages

_COUNTS = st.integers(0, 60)


@pytest.mark.parametrize(("hits", "units"), [(1, 1), (1, 5), (3, 14), (7, 14), (13, 14), (20, 200)])
def test_a_share_holds_what_would_not_be_among_the_rarest(hits, units):
    value, low, high = share(hits, units)
    assert value == hits / units
    more = binom.sf(hits, units, low) + binom.pmf(hits, units, low) / 2
    assert more == pytest.approx(0.025, abs=1e-6)
    if hits < units:
        assert binom.cdf(hits, units, high) - binom.pmf(hits, units, high) / 2 == pytest.approx(0.025, abs=1e-6)
    else:
        assert high == 1


def test_silence_can_be_told_from_fourteen_stories():
    assert share(0, 13).high > 0.2 > share(0, 14).high
    assert share(0, 14)[:2] == (0, 0)


@given(_COUNTS, _COUNTS)
def test_the_share_that_have_it_not_mirrors_the_share_that_have_it(hits, others):
    one, other = share(hits, hits + others), share(others, hits + others)
    if not hits + others:
        assert one is None and other is None
        return
    assert 0 <= one.low <= one.value <= one.high <= 1
    assert (1 - other.value, 1 - other.high, 1 - other.low) == pytest.approx(one, abs=1e-8)


@given(st.lists(st.tuples(_COUNTS, _COUNTS), max_size=12))
def test_many_cells_get_what_each_gets_alone(cells):
    found = shares([hits for hits, _ in cells], [hits + others for hits, others in cells])
    assert all(len(column) == len(cells) for column in found)
    for (hits, others), one in zip(cells, zip(*found, strict=True), strict=True):
        assert one == pytest.approx(share(hits, hits + others) or [np.nan] * 3, nan_ok=True)


@pytest.mark.parametrize("units", [3, 5, 15, 60, 200])
def test_shares_hold_the_truth_in_95_of_100(units):
    hits, true = np.arange(units + 1), np.linspace(0.003, 0.997, 200)
    _, low, high = shares(hits, np.full(units + 1, units))
    held = (binom.pmf(hits[:, None], units, true) * ((low[:, None] <= true) & (true <= high[:, None]))).sum(0)
    assert held.min() > 0.92
    assert 0.945 < held.mean() < (0.99 if units < 10 else 0.965)  # few counts are possible: no method is exact


@pytest.mark.parametrize(
    ("hits", "units"), [([2], [1]), ([-1], [1]), ([0], [-1]), ([np.nan], [1]), ([1, 2], [3]), ([[1]], [[1]])]
)
@pytest.mark.parametrize("of", [shares, clustered_share])
def test_counts_that_cannot_be_are_refused(of, hits, units):
    with pytest.raises(ValueError):
        of(hits, units)


def test_documents_of_one_passage_are_like_stories():
    hits = [1] * 30 + [0] * 70
    assert clustered_share(hits, [1] * 100) == pytest.approx(share(30, 100), abs=1e-6)


def test_passages_that_are_alike_tell_no_more_than_their_documents():
    of_documents, found = share(60, 200), clustered_share([20, 0, 0, 20, 0, 0, 20, 0, 0, 0] * 20, [20] * 200)
    assert found.value == pytest.approx(0.3)
    assert found.high - found.low == pytest.approx(of_documents.high - of_documents.low, rel=0.03)


def test_passages_that_are_independent_tell_as_much_as_so_many():
    rng = np.random.default_rng(4)
    found = clustered_share(rng.binomial(20, 0.3, 2000), np.full(2000, 20))
    of_passages = share(12_000, 40_000)
    assert found.high - found.low == pytest.approx(of_passages.high - of_passages.low, rel=0.1)


def test_a_document_weighs_as_much_as_it_has_passages():
    found = clustered_share([30, 0, 0], [60, 1, 1])
    assert found.value == 30 / 62
    assert found.high - found.low > 0.5, "nearly all passages are of one document"


def test_of_few_positives_likeness_is_not_told_by_them():
    """All of one document, or each of another: with two positives that may be chance."""
    together, apart = clustered_share([2, 0, 0, 0, 0], [12] * 5), clustered_share([1, 1, 0, 0, 0], [12] * 5)
    alone = share(2, 60)
    for found in (together, apart):
        assert found.high > alone.high * 1.3
    assert together.high < apart.high * 2


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 2)), max_size=15), st.randoms())
def test_cells_of_documents_are_told_apart(documents, random):
    hits, others, cells = (np.array([one[n] for one in documents], int) for n in range(3))
    found = clustered_shares(hits, hits + others, cells, 3)
    for cell, one in enumerate(zip(*found, strict=True)):
        of = [n for n in range(len(documents)) if cells[n] == cell]
        random.shuffle(of)
        alone = clustered_share(hits[of], (hits + others)[of])
        assert one == pytest.approx(alone or [np.nan] * 3, nan_ok=True, abs=1e-7)
        assert alone is None or 0 <= alone.low <= alone.value <= alone.high <= 1


@pytest.mark.parametrize(
    ("raised", "addressed", "value"),
    [([1, 1, 1], [0, 0, 1], 0.5), ([0], [1], -1), ([1], [0], 1), ([1], [1], 0), ([1, 1, 0, 0], [1, 0, 0, 1], 0)],
)
def test_a_gap_counts_stories_that_raise_less_those_that_address(raised, addressed, value):
    assert gap(raised, addressed).value == pytest.approx(value)


def test_where_nobody_speaks_of_it_there_is_no_gap():
    assert gap([0, 0], [0, 0]) is None
    assert gap([], []) is None
    assert np.isnan(gaps([0, 1], [0, 1], [0, 1], [9, 9])).tolist() == [[True, False]] * 3


def test_one_story_leaves_the_gap_open():
    only = gap([True], [False])
    assert only.value == only.high == 1
    assert only.low < -0.5


@pytest.mark.parametrize(("raised", "addressed"), [([1, 0], [1]), ([[1]], [[0]])])
def test_a_gap_is_of_one_list_of_stories(raised, addressed):
    with pytest.raises(ValueError, match="same stories"):
        gap(raised, addressed)


@given(_COUNTS, _COUNTS, _COUNTS, _COUNTS)
def test_a_gap_turns_with_its_sides_and_knows_nothing_of_other_stories(both, raised, addressed, neither):
    one = gaps([both], [raised], [addressed], [neither]).first()
    other = gaps([both], [addressed], [raised], [0]).first()
    if not both + raised + addressed:
        assert one is None and other is None
        return
    assert -1 <= one.low <= one.value <= one.high <= 1
    assert (-other.value, -other.high, -other.low) == pytest.approx(one, abs=1e-6)


@pytest.mark.parametrize(("raised", "addressed"), [(1, 0), (3, 1), (10, 30), (0, 7)])
def test_where_no_story_does_both_the_gap_is_wilsons(raised, addressed):
    n, z = raised + addressed, 1.959964
    middle = (raised + z**2 / 2) / (n + z**2)
    half = z * math.sqrt(raised * addressed / n + z**2 / 4) / (n + z**2)
    found = gaps([0], [raised], [addressed], [4]).first()
    assert found == pytest.approx(
        Interval((raised - addressed) / n, 2 * (middle - half) - 1, 2 * (middle + half) - 1), abs=1e-5
    )


@pytest.mark.parametrize("counts", [(3, 5, 2), (1, 12, 0), (20, 4, 9), (0, 2, 6)])
def test_limits_of_a_gap_lie_at_two_standard_deviations(counts):
    def shares_at(gap, t):
        return t, (1 - t + gap * (1 + t)) / 2, (1 - t - gap * (1 + t)) / 2

    def loss(t, gap):
        return -sum(n * math.log(max(q, 1e-300)) for n, q in zip(counts, shares_at(gap, t), strict=True) if n)

    found = gaps(*([n] for n in counts), [0]).first()
    for limit in found[1:]:
        if abs(limit) == 1:
            continue
        most = (1 - abs(limit)) / (1 + abs(limit))
        t = minimize_scalar(loss, args=(limit,), bounds=(0, most), method="bounded", options={"xatol": 1e-10}).x
        values = (-2 * limit, 1 - limit, -1 - limit)
        spread = math.sqrt(sum(counts) * sum(q * v**2 for q, v in zip(shares_at(limit, t), values, strict=True)))
        off = sum(n * v for n, v in zip(counts, values, strict=True))
        assert abs(off) / spread == pytest.approx(1.96, abs=0.002)


def test_gaps_hold_the_truth_in_95_of_100():
    """Counted out over all that twelve stories can be, of which each does one or the other."""
    kinds = np.array([(b, r, 12 - b - r) for b in range(13) for r in range(13 - b)])
    _, low, high = gaps(*kinds.T, np.zeros(len(kinds)))
    held = []
    for both in (0.0, 0.05, 0.2, 0.5):
        for raised in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
            chances = [both, (1 - both) * raised, (1 - both) * (1 - raised)]
            true = (chances[1] - chances[2]) / (1 + both)
            held.append(multinomial.pmf(kinds, 12, chances)[(low <= true) & (true <= high)].sum())
    assert min(held) > 0.88
    assert 0.945 < np.mean(held) < 0.975


def test_twenty_thousand_cells_are_no_matter():
    counts = np.random.default_rng(1).integers(0, 40, (4, 20_000))
    found = gaps(*counts)
    assert len(found.low) == 20_000
    for n in (0, 777, 19_999):
        assert tuple(column[n] for column in found) == pytest.approx(gaps(*([c[n]] for c in counts)).first())


_METHODS = ("`shares`", "`gaps`", "`clustered_shares`")


def test_intervals_hold_the_truth_of_made_corpora_and_a_bootstrap_does_not():
    """Stories of some copies and 1 to 60 passages that are alike; ``benchmarks/coverage.py`` tries many more."""
    corpora = 150
    some = [one for one in SETTINGS if one.stories in (15, 50) and one.rate > 0.01 and one.raising > 0.9]
    found = [coverages(one, corpora, 7) for one in some]
    error = math.sqrt(0.95 * 0.05 / (corpora * len(found)))
    for name in _METHODS:
        assert 0.93 - 3 * error < np.mean([of[name].held for of in found]) < 0.97 + 3 * error, name
    assert np.mean([of["gap, bootstrap"].held for of in found]) < 0.93 - 3 * error
    assert np.mean([of["the same, copies as documents"].held for of in found]) < 0.95 - 3 * error
