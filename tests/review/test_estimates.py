"""What samples tell of the corpus, held against made corpora of which all is known."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.errors import OptionError
from ascn_nlp.review.estimates import Audit, estimate
from ascn_nlp.review.stopping import still_missed


def audit(population, tagged, passages):
    """An audit of passages (stratum, gold, predicted), the last two as strings of 0 and 1, a figure a concern."""
    width = len(tagged[0])
    flags = [[[mark == "1" for mark in one[n]] for one in passages] for n in (1, 2)]
    gold, predicted = (np.array(of, bool).reshape(-1, width) for of in flags)
    strata = np.array([one[0] for one in passages], int)
    return Audit(np.array(population), np.array(tagged), strata, gold, predicted)


def test_each_passage_stands_for_its_share_of_its_cell():
    passages = [(0, "1", "0")] + [(0, "0", "0")] * 9 + [(1, "1", "1")] * 8 + [(1, "0", "1")] * 2
    one = estimate([audit([1000, 200], [[0], [200]], passages)]).concerns[0]
    # 160 of the 200 tags are right; a tenth of 1000 passages lacks one.
    assert one.precision.value == pytest.approx(0.8)
    assert one.recall.value == pytest.approx(160 / 260)
    assert one.f1.value == pytest.approx(2 * 160 / (200 + 260))
    assert one.positives.value == pytest.approx(260)
    assert (one.found, one.wrong, one.missed) == (8, 2, 1)


def test_known_numbers_of_tags_weigh_more_than_those_that_happened_to_be_drawn():
    # Of the stratum 10 in 100 are tagged with the concern, but 5 of the 10 drawn.
    passages = [(0, "1", "1")] * 5 + [(0, "1", "0")] + [(0, "0", "0")] * 4
    one = estimate([audit([100], [[10]], passages)]).concerns[0]
    assert one.positives.value == pytest.approx(10 + 90 / 5)


def test_a_corpus_that_was_read_whole_is_known_without_doubt():
    passages = [(0, "10", "00"), (0, "00", "00"), (1, "11", "11"), (1, "01", "11")]
    found = estimate([audit([2, 2], [[0, 0], [2, 2]], passages)])
    for rates in (*found.concerns, found.micro):
        for one in (rates.precision, rates.recall, rates.f1, rates.positives):
            assert one.low == one.value == one.high
    assert found.micro.recall.value == pytest.approx(3 / 4)
    assert found.reviewed == 4


def test_recall_is_not_certain_because_no_miss_was_seen_in_twenty_passages():
    passages = [(0, "0", "0")] * 20 + [(1, "1", "1")] * 20
    one = estimate([audit([10_000, 100], [[0], [100]], passages)]).concerns[0]
    assert one.recall.value == one.recall.high == 1
    # Up to about 3/n of 10,000 passages may lack a tag: 1,500 beside the 100 that are known.
    assert one.recall.low < 100 / 1500
    assert one.positives.high > 1400
    assert one.precision.high == 1 and 0.8 < one.precision.low < 0.9


def test_nothing_is_said_where_nothing_can_be():
    never_tagged = estimate([audit([100, 10], [[0], [0]], [(0, "0", "0"), (1, "0", "0")])]).concerns[0]
    assert never_tagged.precision is never_tagged.recall is never_tagged.f1 is None
    assert never_tagged.positives.value == never_tagged.positives.low == 0 < never_tagged.positives.high
    untagged_unread = estimate([audit([100, 10], [[0], [10]], [(1, "1", "1")])]).concerns[0]
    assert untagged_unread.precision.value == 1
    assert untagged_unread.recall is untagged_unread.f1 is untagged_unread.positives is None
    tagged_unread = estimate([audit([100, 10], [[0], [10]], [(0, "0", "0")])]).concerns[0]
    assert tagged_unread.precision is tagged_unread.recall is tagged_unread.positives is None
    only_misses = estimate([audit([100], [[0]], [(0, "1", "0"), (0, "0", "0")])]).concerns[0]
    assert only_misses.precision is None
    assert only_misses.recall.value == only_misses.f1.value == 0


def test_draws_of_one_population_are_one_and_of_different_ones_their_mean():
    first = [(0, "1", "1")] * 3 + [(0, "0", "1")]
    second = [(0, "0", "1")] * 4
    together = estimate([audit([50], [[50]], first), audit([50], [[50]], second)])
    assert together == estimate([audit([50], [[50]], first + second)])
    grown = estimate([audit([50], [[50]], first), audit([100], [[100]], second)]).concerns[0]
    assert grown.precision.value == pytest.approx((50 * 0.75 / 2) / 75)
    assert grown.positives.value == pytest.approx(50 * 0.75 / 2)


def test_a_draw_of_which_nothing_was_reviewed_counts_for_nothing_and_none_at_all_is_refused():
    one, none = audit([50], [[50]], [(0, "1", "1")] * 3), audit([500], [[50]], [])
    assert estimate([none, one]) == estimate([one])
    with pytest.raises(ValueError, match="no audit"):
        estimate([none])


def test_estimates_are_the_same_each_time_and_more_reviewing_narrows_them():
    few = [(0, "0", "0")] * 18 + [(0, "1", "0")] * 2 + [(1, "1", "1")] * 8 + [(1, "0", "1")] * 2
    wide = estimate([audit([9000, 900], [[0], [900]], few)])
    narrow = estimate([audit([9000, 900], [[0], [900]], few * 8)])
    assert wide == estimate([audit([9000, 900], [[0], [900]], few)])
    assert wide != estimate([audit([9000, 900], [[0], [900]], few)], seed=1)
    for name in ("precision", "recall", "f1", "positives"):
        before, after = getattr(wide.concerns[0], name), getattr(narrow.concerns[0], name)
        assert after.high - after.low < 0.6 * (before.high - before.low)


@pytest.mark.parametrize(
    ("population", "tagged", "passages"),
    [([1], [[0]], [(0, "0", "0")] * 2), ([5], [[0]], [(1, "0", "0")]), ([5, 5], [[0]], [(0, "0", "0")])],
)
def test_audits_that_cannot_be_are_refused(population, tagged, passages):
    with pytest.raises(ValueError, match=r"stratum|strata"):
        audit(population, tagged, passages)


def made_corpus(rng):
    """Strata of 20,000, 2,000 and 2,000 passages and four concerns, common and rare; untagged ones hide few tags."""
    strata = np.repeat([0, 1, 2], [20_000, 2_000, 2_000])
    predicted = (strata == 2)[:, None] & (rng.random((len(strata), 4)) < [0.4, 0.2, 0.1, 0.05])
    chance = np.array([[0.0006, 0.0004, 0.0002, 0.0001], [0.05, 0.03, 0.02, 0.01], [0.02] * 4])[strata]
    gold = np.where(predicted, rng.random(predicted.shape) < [0.9, 0.8, 0.7, 0.6], rng.random(predicted.shape) < chance)
    return strata, gold, predicted


@pytest.mark.parametrize("size", [40, 150])
def test_intervals_hold_the_truth_about_as_often_as_they_say(size):
    rng = np.random.default_rng(11)
    strata, gold, predicted = made_corpus(rng)
    right, wanted, tags = (gold & predicted).sum(0), gold.sum(0), predicted.sum(0)
    each = [
        [*of, total]
        for of, total in (
            (right / tags, right.sum() / tags.sum()),
            (right / wanted, right.sum() / wanted.sum()),
            (2 * right / (tags + wanted), 2 * right.sum() / (tags.sum() + wanted.sum())),
            (wanted, wanted.sum()),
        )
    ]
    truth = dict(zip(("precision", "recall", "f1", "positives"), each, strict=True))
    population, tagged = np.bincount(strata), np.array([predicted[strata == n].sum(0) for n in range(3)])
    rows = [np.flatnonzero(strata == n) for n in range(3)]
    held = {name: [] for name in truth}
    for number in range(120):
        drawn = np.concatenate([rng.choice(of, size, replace=False) for of in rows])
        found = estimate([Audit(population, tagged, strata[drawn], gold[drawn], predicted[drawn])], number, draws=400)
        for name, values in truth.items():
            for rates, value in zip((*found.concerns, found.micro), values, strict=True):
                if (one := getattr(rates, name)) is not None:
                    held[name].append(one.low <= value <= one.high)
    # 95 % are promised; 540 or more intervals of one corpus, which depend on each other, may fall a little short.
    assert all(len(outcomes) > 540 and np.mean(outcomes) > 0.93 for outcomes in held.values())


def chance(positive, unreviewed, positives, sampled):
    """Of so few positives in a sample drawn without putting back."""
    ways = (comb(positives, n) * comb(unreviewed - positives, sampled - n) for n in range(positive + 1))
    return sum(ways) / comb(unreviewed, sampled)


def test_the_stopping_rule_is_the_hypergeometric_test_of_the_paper():
    # 100 found; fewer than 95 % of all means that 6 or more were among the 1,000 left; none of 400 sampled was one.
    missed = still_missed(100, 1000, 400, 0)
    assert missed.p == pytest.approx(chance(0, 1000, 6, 400))
    assert missed.is_reached and missed.recall == 1 and missed.left == 0
    # With 2 of 400, 102 of at most 107 are known: 8 or more of 1,000 would be too many.
    assert still_missed(100, 1000, 400, 2).p == pytest.approx(chance(2, 1000, 8, 400))


@pytest.mark.parametrize(
    ("found", "unreviewed", "sampled", "positive", "left", "most", "recall", "is_reached"),
    [
        (95, 0, 0, 0, 0, 0, 1, True),
        (0, 0, 0, 0, 0, 0, None, True),
        (95, 50, 50, 5, 0, 0, 1, True),
        (95, 50, 0, 0, None, 50, None, False),
        (0, 50, 10, 0, 0, 11, None, False),
        (1000, 40, 0, 0, None, 40, None, True),  # even if all that are left were positive
        (19, 1000, 500, 1, 1, 6, 20 / 21, False),
    ],
)
def test_what_is_left_is_told_also_at_the_ends(found, unreviewed, sampled, positive, left, most, recall, is_reached):
    missed = still_missed(found, unreviewed, sampled, positive)
    assert (missed.left, missed.left_at_most, missed.is_reached) == (left, most, is_reached)
    assert missed.recall == (None if recall is None else pytest.approx(recall))


def test_the_target_is_taken_as_it_is_written():
    # 57 of 60 are 0.95 exactly, and 0.95 of 60 is not below the target: only 4 missed ones would be.
    assert still_missed(57, 3, 0, 0).is_reached
    assert not still_missed(57, 4, 0, 0).is_reached
    assert still_missed(9, 1, 0, 0, 0.9).is_reached


@pytest.mark.parametrize(
    "counts", [(-1, 5, 1, 0), (1, 5, 6, 0), (1, 5, 2, 3), (1, 5, 2, -1), (1, 5, 2, 1, 0), (1, 5, 2, 1, 1.1)]
)
def test_counts_that_cannot_be_are_refused(counts):
    with pytest.raises(OptionError, match="sampled"):
        still_missed(*counts)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 300), st.integers(0, 400), st.data())
def test_the_bounds_agree_with_the_test(found, unreviewed, data):
    sampled = data.draw(st.integers(0, unreviewed))
    positive = data.draw(st.integers(0, sampled))
    target = data.draw(st.sampled_from([0.5, 0.8, 0.95, 1.0]))
    missed = still_missed(found, unreviewed, sampled, positive, target)
    assert 0 <= missed.left_at_most <= unreviewed - sampled
    assert missed.left is None or missed.left <= missed.left_at_most + 1
    if missed.recall_at_least is not None:
        assert missed.is_reached == (missed.recall_at_least >= target - 1e-12)


@pytest.mark.parametrize("positives", [0, 3, 8, 30])
def test_the_bound_on_what_is_left_fails_in_one_case_of_twenty_at_most(positives):
    rng = np.random.default_rng(positives)
    seen = rng.hypergeometric(positives, 600 - positives, 150, 2000)
    bounds = {int(k): still_missed(100, 600, 150, int(k)) for k in np.unique(seen)}
    wrong = np.mean([positives - k > bounds[int(k)].left_at_most for k in seen])
    is_missed = 0.95 * (100 + positives) > 100
    too_early = np.mean([bounds[int(k)].is_reached and 100 + k < 0.95 * (100 + positives) for k in seen])
    assert wrong <= 0.06
    assert too_early <= (0.06 if is_missed else 0)
