import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from ascn_nlp.evaluate import Score, evaluate

CONCERNS = ("a", "b", "c", "d")
STANCES = ("raised", "addressed", "described")
_TAGS = st.dictionaries(st.sampled_from(CONCERNS), st.sampled_from(STANCES))
_PAIRS = st.lists(st.tuples(_TAGS, _TAGS), min_size=1, max_size=30)


def scored(gold, predicted, groups=None, **options):
    names = groups or [str(number) for number in range(len(gold))]
    return evaluate(gold, predicted, names, CONCERNS, **options)


def matrix(tags):
    return np.array([[concern in one for concern in CONCERNS] for one in tags])


def made(count, seed=0):
    """Gold and predictions that are right four times in five, and the document each stands in."""
    drawn = random.Random(seed)
    gold = [{c: drawn.choice(STANCES) for c in CONCERNS if drawn.random() < 0.4} for _ in range(count)]
    predicted = [{c: drawn.choice(STANCES) for c in CONCERNS if (c in one) == (drawn.random() < 0.8)} for one in gold]
    return gold, predicted, [f"d{number // 5}" for number in range(count)]


def test_a_small_example_worked_by_hand():
    gold = [{"a": "raised", "b": "raised"}, {"a": "addressed"}, {}, {"b": "described"}]
    predicted = [{"a": "raised"}, {"a": "raised", "b": "raised"}, {}, {"b": "described"}]
    scores = scored(gold, predicted)
    assert scores.passages == 4
    assert scores.concerns["a"] == Score(1.0, 1.0, 1.0, 2)
    assert scores.concerns["b"] == Score(0.5, 0.5, 0.5, 2)
    assert scores.concerns["c"] == scores.concerns["d"] == Score(0.0, 0.0, 0.0, 0)
    assert scores.micro == Score(0.75, 0.75, 0.75, 4)  # 3 found rightly, 1 wrongly, 1 missed
    assert scores.macro_f1 == 0.75  # of a and b; c and d occur nowhere
    assert scores.matched == 3
    assert scores.stance_accuracy == pytest.approx(2 / 3)
    assert scores.exact == 0.5


def test_a_concern_found_only_wrongly_counts_in_macro_f1():
    scores = scored([{"a": "raised"}, {}], [{"a": "raised"}, {"b": "raised"}])
    assert scores.macro_f1 == 0.5


@settings(max_examples=50, deadline=None)
@given(pairs=_PAIRS)
def test_precision_recall_and_f1_are_those_of_scikit_learn(pairs):
    gold, predicted = zip(*pairs, strict=True)
    scores, want, have = scored(gold, predicted), matrix(gold), matrix(predicted)
    expected = precision_recall_fscore_support(want, have, average=None, zero_division=0)
    for k, concern in enumerate(CONCERNS):
        found = scores.concerns[concern]
        assert (found.precision, found.recall, found.f1, found.support) == pytest.approx([v[k] for v in expected])
    micro = precision_recall_fscore_support(want, have, average="micro", zero_division=0)[:3]
    assert (scores.micro.precision, scores.micro.recall, scores.micro.f1) == pytest.approx(micro)
    present = np.flatnonzero((want | have).any(0))
    macro = f1_score(want, have, labels=present, average="macro", zero_division=0) if len(present) else 0.0
    assert scores.macro_f1 == pytest.approx(macro)
    assert scores.exact == pytest.approx(accuracy_score(want, have))


@settings(max_examples=40, deadline=None)
@given(pairs=_PAIRS)
def test_stance_is_scored_on_the_tags_found_rightly(pairs):
    gold, predicted = zip(*pairs, strict=True)
    scores = scored(gold, predicted)
    both = [(g[c], p[c]) for g, p in pairs for c in CONCERNS if c in g and c in p]
    assert scores.matched == len(both)
    expected = accuracy_score(*zip(*both, strict=True)) if both else 0.0
    assert scores.stance_accuracy == pytest.approx(expected)


@settings(max_examples=40, deadline=None)
@given(pairs=_PAIRS, order=st.randoms(use_true_random=False))
def test_the_order_of_passages_changes_no_score(pairs, order):
    numbered = list(enumerate(pairs))
    shuffled = order.sample(numbered, len(numbered))
    first, second = (
        scored([g for _, (g, _) in some], [p for _, (_, p) in some], [str(n) for n, _ in some])
        for some in (numbered, shuffled)
    )
    assert first == second


@settings(max_examples=40, deadline=None)
@given(pairs=_PAIRS)
def test_intervals_lie_in_the_range_and_in_order(pairs):
    scores = scored(*zip(*pairs, strict=True))
    for low, high in (scores.micro_interval, scores.macro_interval):
        assert 0 <= low <= high <= 1


def test_perfect_predictions_are_certain():
    gold, _, groups = made(60)
    scores = scored(gold, gold, groups)
    assert scores.micro.f1 == scores.macro_f1 == scores.stance_accuracy == scores.exact == 1
    assert scores.micro_interval == scores.macro_interval == (1, 1)


@pytest.mark.parametrize("seed", range(3))
def test_intervals_hold_the_scores_of_a_large_sample_and_are_narrow(seed):
    gold, predicted, groups = made(1500, seed)
    scores = scored(gold, predicted, groups)
    for point, (low, high) in ((scores.micro.f1, scores.micro_interval), (scores.macro_f1, scores.macro_interval)):
        assert low < point < high
        assert high - low < 0.06


def test_intervals_are_wider_for_fewer_passages():
    widths = []
    for count in (50, 500):
        low, high = scored(*made(count)).micro_interval
        widths.append(high - low)
    assert widths[0] > 2 * widths[1]


def test_intervals_draw_whole_groups():
    """Ten passages of one document say no more than one of them."""
    gold, predicted, _ = made(40)
    by_passage = scored(gold * 10, predicted * 10, [str(number) for number in range(400)])
    by_group = scored(gold * 10, predicted * 10, [str(number % 40) for number in range(400)])
    alone = scored(gold, predicted, [str(number) for number in range(40)])
    assert by_group.micro_interval == pytest.approx(alone.micro_interval)
    widths = [high - low for low, high in (by_passage.micro_interval, by_group.micro_interval)]
    assert widths[0] < widths[1] / 2


def test_a_single_group_has_no_spread():
    gold, predicted, _ = made(20)
    scores = scored(gold, predicted, ["one"] * 20)
    assert scores.micro_interval == pytest.approx((scores.micro.f1, scores.micro.f1))


def test_the_same_seed_gives_the_same_intervals():
    gold, predicted, groups = made(100)
    first, again, other = (scored(gold, predicted, groups, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first.micro_interval != other.micro_interval
    assert first.micro == other.micro


def test_nothing_scores_nothing():
    scores = evaluate([], [], [], CONCERNS)
    assert scores.passages == scores.matched == 0
    assert scores.micro == Score(0.0, 0.0, 0.0, 0)
    assert scores.macro_f1 == scores.stance_accuracy == scores.exact == 0
    assert scores.micro_interval == scores.macro_interval == (0, 0)


def test_passages_without_any_tags_are_all_right_and_have_no_f1():
    scores = scored([{}, {}], [{}, {}])
    assert scores.exact == 1
    assert scores.micro.f1 == scores.macro_f1 == 0
    assert scores.micro_interval == (0, 0)


def test_predictions_for_other_passages_than_the_gold_are_refused():
    with pytest.raises(ValueError, match=r"reshape|shape|zip"):
        scored([{"a": "raised"}], [{"a": "raised"}, {}])
