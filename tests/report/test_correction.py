"""Corrected counts follow from precision and recall, and carry what is not known of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, nbinom

from ascn_nlp.report.correction import Unread, corrected
from ascn_nlp.review.estimates import Audit, Range, estimate
from benchmarks.coverage import WORLDS, audited


def _known(value):
    return Range(value, value, value)


_PRECISION, _RECALL = Range(0.8, 0.7, 0.88), Range(0.6, 0.45, 0.74)


@pytest.mark.parametrize(("count", "value"), [(0, 0), (3, 4), (30, 40), (3000, 4000)])
def test_wrong_tags_are_taken_away_and_missed_ones_added(count, value):
    assert corrected(count, _PRECISION, _RECALL).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("precision", "recall"),
    [
        (None, _RECALL),
        (_PRECISION, None),
        (None, None),
        (_PRECISION, Range(0.0, 0.0, 0.3)),
        (_PRECISION, Range(0.2, 0.0, 0.5)),
    ],
)
def test_nothing_is_said_where_nothing_is_known(precision, recall):
    assert corrected(10, precision, recall) is None


def test_a_negative_count_is_refused():
    with pytest.raises(ValueError, match="negative"):
        corrected(-1, _PRECISION, _RECALL)


def _ranges(least):
    return st.lists(st.floats(least, 1), min_size=3, max_size=3).map(sorted).map(lambda of: Range(of[1], of[0], of[2]))


@given(st.integers(0, 500), _ranges(0.0), _ranges(0.01))
def test_the_interval_holds_the_estimate_and_no_negative_counts(count, precision, recall):
    value, low, high = corrected(count, precision, recall)
    assert 0 <= low <= value <= high < math.inf


def test_a_tagger_that_never_errs_needs_no_correction():
    assert corrected(17, _known(1.0), _known(1.0)) == (17, 17, 17)


def test_none_found_may_be_some_missed():
    _, low, high = corrected(0, _known(0.9), _known(0.5))
    assert low == 0
    assert 1 <= high <= 4
    assert corrected(0, _known(0.9), _known(1.0)) == (0, 0, 0)


@pytest.mark.parametrize("count", [10, 100])
def test_of_known_precision_the_right_tags_are_binomial(count):
    _, low, high = corrected(count, _known(0.6), _known(1.0))
    assert (low, high) == pytest.approx(binom.ppf((0.025, 0.975), count, 0.6), abs=1)


@pytest.mark.parametrize("count", [10, 100])
def test_of_known_recall_the_missed_are_those_before_so_many_found(count):
    _, low, high = corrected(count, _known(1.0), _known(0.5))
    assert (low, high) == pytest.approx(count + nbinom.ppf((0.025, 0.975), count + 0.5, 0.5), abs=2 + count / 50)


def test_of_many_tags_what_is_unknown_of_the_rates_is_all_there_is():
    many = 1_000_000
    _, low, high = corrected(many, _known(1.0), _RECALL)
    assert (low / many, high / many) == pytest.approx((1 / _RECALL.high, 1 / _RECALL.low), rel=0.02)
    _, low, high = corrected(many, _PRECISION, _known(1.0))
    assert (low / many, high / many) == pytest.approx((_PRECISION.low, _PRECISION.high), rel=0.02)
    _, low, high = corrected(many, Range(0.0, 0.0, 0.3), _known(1.0))
    assert (low, high / many) == pytest.approx((0, 0.3), rel=0.05)


def _audit():
    """Of 3000 tagged passages 100 were reviewed, of 57,000 others 400."""
    gold = np.repeat([True, False, True, False], [80, 20, 6, 394])[:, None]
    said = np.repeat([True, False], [100, 400])
    return Audit(np.array([57_000, 3000]), np.array([[0], [3000]]), said.astype(int), gold, said[:, None])


def test_the_whole_corpus_gets_what_its_audit_tells_of_it():
    """Precision and recall rest on the same right tags: as if they did not, the interval would be wider."""
    rates = estimate([_audit()]).micro
    found = corrected(3000, rates.precision, rates.recall)
    assert found.value == pytest.approx(rates.positives.value)
    assert found.low == pytest.approx(rates.positives.low, rel=0.08)
    assert found.high == pytest.approx(rates.positives.high, rel=0.08)


def test_precision_and_recall_go_together():
    """Few right tags make both low, which leaves their quotient as it is."""
    many = 1_000_000
    _, low, high = corrected(many, Range(0.5, 0.25, 0.75), Range(0.5, 0.25, 0.75))
    apart = math.hypot(math.log(2), math.log(2))
    assert math.log(high / many) < 0.9 * apart
    assert math.log(many / low) < 0.9 * apart


def test_the_same_count_gets_the_same_interval():
    first = corrected(12, _PRECISION, _RECALL)
    corrected.cache_clear()
    np.random.default_rng(3).random()
    assert corrected(12, _PRECISION, _RECALL) == first


def test_corrected_counts_hold_the_truth_where_the_tagger_errs_as_in_the_audit():
    """Cells of a corpus share what is not known of the tagger, so the corpus is the unit of the error."""
    rng = np.random.default_rng(11)
    held = []
    for _ in range(30):
        low, high, true = audited(*WORLDS["equally frequent"], 0.15, 100, 0.7, 0.8, rng)
        held.append(((low <= true) & (true <= high)).mean())
    error = np.std(held) / math.sqrt(len(held))
    assert np.mean(held) > 0.95 - 3 * error
    assert error < 0.02


def test_what_people_have_judged_is_not_corrected_again():
    sure = corrected(0, Range(0.5, 0.4, 0.6), Range(0.8, 0.7, 0.9), known=8)
    assert sure is not None and sure.value == pytest.approx(10)
    assert sure.low >= 8
    both = corrected(4, Range(0.5, 0.4, 0.6), Range(0.8, 0.7, 0.9), known=6)
    assert both is not None and both.value == pytest.approx((6 + 4 * 0.5) / 0.8)


def test_what_people_found_missing_is_there_at_least():
    found = corrected(0, Range(0.9, 0.8, 1.0), Range(0.9, 0.8, 1.0), known=2, added=5)
    assert found is not None and (found.value, found.low) == (7, 7)


def test_where_all_was_read_whole_the_count_is_what_people_found():
    assert corrected(0, _PRECISION, _RECALL, known=3, found=2, unread=Unread(0, 9)) == (5, 5, 5)
    assert corrected(0, _PRECISION, _RECALL, known=8, unread=Unread(0, 0)) == (8, 8, 8)


def test_what_is_missed_is_missed_only_in_what_nobody_read():
    all_left, half, none = (corrected(10, _PRECISION, _RECALL, unread=Unread(left, 400)) for left in (400, 200, 0))
    assert all_left == corrected(10, _PRECISION, _RECALL)
    assert [one.value for one in (all_left, half, none)] == pytest.approx([8 / 0.6, 8 + 8 * (1 / 0.6 - 1) / 2, 8])
    assert all_left.high > half.high > none.high and none.high <= 10


def test_no_more_is_missed_than_there_are_passages():
    value, low, high = corrected(10, _known(1.0), _known(0.1), unread=Unread(5, 5))
    assert (value, low, high) == (15, 15, 15)


def _read_in_part(rng, rate, precision, recall, reviewed):
    """Low, value, high and truth of cells of which a sample, half of it drawn from what is tagged, was read whole."""
    cell = np.repeat(np.arange(40), np.clip(np.rint(np.exp(rng.normal(3, 1, 40))), 3, 300).astype(int))
    gold = rng.random(len(cell)) < rate
    wrong = rate * recall * (1 / precision - 1) / (1 - rate)
    said = rng.random(len(cell)) < np.where(gold, recall, wrong)
    groups = np.flatnonzero(said), np.flatnonzero(~said)
    drawn = np.concatenate([rng.choice(of, min(reviewed // 2, len(of)), replace=False) for of in groups])
    population = np.array([len(of) for of in groups])
    audit = Audit(population, population[:, None] * [[1], [0]], 1 - said[drawn].astype(int), gold[drawn][:, None],
                  said[drawn][:, None])  # fmt: skip
    rates = estimate([audit], draws=1000).micro
    read = np.isin(np.arange(len(cell)), drawn)
    for number in range(40):
        is_of = cell == number
        open_, known, found = (
            int((is_of & of).sum()) for of in (said & ~read, said & read & gold, ~said & read & gold)
        )
        left = Unread(int((is_of & ~said & ~read).sum()), int((is_of & ~said).sum()))
        one = corrected(open_, rates.precision, rates.recall, known, 0, found, left)
        if one:
            yield one.low, one.value, one.high, int((is_of & gold).sum())


@pytest.mark.parametrize(("precision", "recall"), [(0.9, 0.6), (0.4, 0.6)])
def test_where_a_sample_was_read_whole_the_counts_are_true_on_the_whole_and_hold_the_truth(precision, recall):
    """To take away the sample's tags and to correct the rest by recall alone would count one to two too few a cell."""
    rng = np.random.default_rng(5)
    low, value, high, true = np.array(
        [one for _ in range(10) for one in _read_in_part(rng, 0.15, precision, recall, 400)]
    ).T
    assert ((low <= true) & (true <= high)).mean() > 0.94
    assert abs((value - true).mean()) < 0.35
