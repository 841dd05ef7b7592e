import numpy as np
import pytest

from ascn_nlp.compare import Difference, compare

A, B = "alpha", "beta"


def tags(*names):
    return dict.fromkeys(names, "raised")


def compared(gold, old, new, unknown=None, groups=None, concerns=(A,), **choices):
    groups = groups or [str(n) for n in range(len(gold))]
    return compare(gold, unknown or [set() for _ in gold], old, new, groups, concerns, **choices)


def repeated(count, *passages):
    """Gold, old and new of passages that occur so often each, as three lists."""
    return tuple(list(some) for some in zip(*(one for one in passages for _ in range(count)), strict=True))


HIT, MISS = (tags(A), tags(A), tags(A)), (tags(A), tags(), tags())
LOST, GAINED = (tags(A), tags(A), tags()), (tags(A), tags(), tags(A))
NOTHING, ALARM = (tags(), tags(), tags()), (tags(), tags(), tags(A))


def test_f1_of_both_is_what_is_counted_by_hand():
    gold = [tags(A), tags(A, B), tags(), tags(B)]
    old = [tags(A), tags(B), tags(A), tags()]
    new = [tags(A), tags(A), tags(), tags(A, B)]
    found = compared(gold, old, new, concerns=(A, B))
    # alpha: old finds 1 of 2 and one that is none; new finds both and one that is none
    assert (found[A].old, found[A].new, found[A].support) == (pytest.approx(2 / 4), pytest.approx(4 / 5), 2)
    # beta: old finds 1 of 2; new the other one
    assert (found[B].old, found[B].new, found[B].support) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 2)
    assert (found[""].old, found[""].new, found[""].support) == (pytest.approx(4 / 7), pytest.approx(6 / 8), 4)
    assert list(found) == [A, B, ""]


def test_the_interval_is_that_of_the_two_draws_there_are_by_hand():
    """Of two passages, one lost: draws have it never, once or twice, with chances 1/4, 1/2, 1/4."""
    found = compared(*repeated(1, HIT, LOST))[A]
    assert (found.old, found.new) == (1.0, pytest.approx(2 / 3))
    assert found.interval == (-1.0, 0.0)


def test_stances_do_not_count():
    found = compared([{A: "raised"}], [{A: "addressed"}], [{A: "described"}])[A]
    assert (found.old, found.new) == (1.0, 1.0)


def test_the_same_predictions_differ_by_nothing_and_are_not_worse():
    drawn = np.random.default_rng(0)
    gold, said = ([tags(*(c for c in (A, B) if drawn.random() < 0.4)) for _ in range(60)] for _ in range(2))
    for one in compared(gold, said, said, concerns=(A, B)).values():
        assert one.interval == (0.0, 0.0)
        assert not one.is_worse


def test_a_clear_loss_is_worse_and_a_clear_gain_is_not():
    lost = compared(*repeated(20, HIT, LOST, NOTHING))
    assert lost[A].is_worse and lost[""].is_worse
    assert lost[A].interval[1] < 0
    gained = compared(*repeated(20, HIT, GAINED, NOTHING))
    assert not gained[A].is_worse and gained[A].interval[0] > 0


def test_false_alarms_are_worse_too():
    assert compared(*repeated(20, HIT, ALARM))[A].is_worse


def test_as_many_lost_as_gained_is_noise():
    found = compared(*repeated(15, HIT, LOST, GAINED))[A]
    assert found.interval[0] < 0 < found.interval[1]
    assert not found.is_worse


def test_one_passage_alone_tells_nothing_for_certain():
    """Draws without it have no tag at all: they count as no difference, not as if they had not been drawn."""
    found = compared(*repeated(1, LOST, *[NOTHING] * 30))[A]
    assert (found.old, found.new, found.support) == (1.0, 0.0, 1)
    assert found.interval == (-1.0, 0.0)
    assert not found.is_worse


def test_of_many_concerns_one_that_loses_by_chance_is_no_worse():
    """Five losses and nothing else are just beyond the 95 % of one question; a dozen were asked."""
    many = [f"concern {n}" for n in range(12)]
    gold = [tags(A, *many) for _ in range(40)]
    new = [tags(*many) if n < 5 else one for n, one in enumerate(gold)]
    alone = compared(gold, gold, new)[A]
    among = compared(gold, gold, new, concerns=(A, *many))[A]
    assert alone.interval == among.interval and alone.interval[1] < 0
    assert alone.is_worse and not among.is_worse


def test_of_two_that_are_equally_good_few_are_called_worse():
    drawn = np.random.default_rng(5)
    names = [f"concern {n}" for n in range(12)]

    def said(gold):
        return [{name: "raised" for name in names if drawn.random() < (0.75 if name in one else 0.02)} for one in gold]

    refused = 0
    for _ in range(20):
        gold = [tags(*(name for name in names if drawn.random() < 0.1)) for _ in range(80)]
        refused += any(one.is_worse for one in compared(gold, said(gold), said(gold), concerns=names).values())
    assert refused <= 2


def test_what_is_unknown_counts_neither_as_right_nor_as_wrong():
    gold, old, new = repeated(10, HIT, LOST, ALARM)
    unknown = [{A} if row in (LOST, ALARM) else set() for row in zip(gold, old, new, strict=True)]
    found = compared(gold, old, new, unknown)
    assert found[A] == Difference(1.0, 1.0, (0.0, 0.0), 10)
    assert found[""].support == 10


def test_a_concern_is_unknown_by_itself():
    gold, old, new = [tags(A, B)] * 10, [tags(A, B)] * 10, [tags()] * 10
    found = compared(gold, old, new, [{A}] * 10, concerns=(A, B))
    assert found[A].support == 0 and found[A].interval is None
    assert found[B].support == 10 and found[B].is_worse


def test_where_all_is_unknown_nothing_is_told():
    found = compared([tags(A)] * 5, [tags(A)] * 5, [tags()] * 5, [{A}] * 5)
    assert found == {name: Difference(0.0, 0.0, None, 0) for name in (A, "")}


def test_a_concern_without_any_gold_tag_is_not_judged_and_its_false_alarms_count_among_all():
    gold, old, new = repeated(12, (tags(B), tags(B), tags(A, B)))
    found = compared(gold, old, new, concerns=(A, B))
    assert found[A].interval is None and not found[A].is_worse
    assert found[""].is_worse


def test_what_stands_and_falls_together_tells_less():
    passages = repeated(10, HIT, LOST)
    apart = compared(*passages)[A]
    groups = ["one"] * 10 + ["two"] * 10
    together = compared(*passages, groups=groups)[A]
    assert (together.old, together.new) == (apart.old, apart.new)
    assert apart.is_worse and not together.is_worse
    assert together.interval == (-1.0, 0.0)


def test_the_order_of_passages_changes_nothing():
    gold, old, new = repeated(6, HIT, LOST, GAINED, ALARM)
    groups = [f"g{n % 9}" for n in range(len(gold))]
    turned = [list(reversed(some)) for some in (gold, old, new)]
    assert compared(gold, old, new, groups=groups) == compared(*turned, groups=groups[::-1])


def test_the_same_seed_gives_the_same_interval_and_another_one_another():
    passages = repeated(7, HIT, LOST, GAINED, ALARM, MISS)
    first, again, other = (compared(*passages, seed=seed)[A] for seed in (0, 0, 1))
    assert first == again
    assert first.interval != other.interval
    assert (first.old, first.new) == (other.old, other.new)


def test_nothing_to_compare_on_gives_no_interval():
    nothing = Difference(0.0, 0.0, None, 0)
    assert compared([], [], []) == {A: nothing, "": nothing}
    assert compared([tags()], [tags()], [tags()], concerns=()) == {"": nothing}
