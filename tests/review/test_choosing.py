"""What is picked to review next, and what is drawn for an audit."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.errors import OptionError
from ascn_nlp.review import choosing
from ascn_nlp.review.choosing import Pick, choose_active, hashed_features
from ascn_nlp.review.drawing import draw_random


def pick(scores, size, *, thresholds=0.5, documents=None, cities=None, decided=None, seed=0, features=None):
    scores = np.array(scores, np.float32)
    return choose_active(
        scores,
        thresholds,
        range(len(scores)) if documents is None else documents,
        [""] * len(scores) if cities is None else cities,
        np.zeros(scores.shape, bool) if decided is None else decided,
        size,
        seed,
        features,
    )


def made_scores(passages=400, concerns=4, seed=3):
    return np.random.default_rng(seed).beta(0.5, 4, (passages, concerns))


def test_the_likeliest_comes_first_and_then_the_one_nearest_to_the_threshold():
    picks = pick([[0.1], [0.95], [0.52], [0.8]], 2)
    assert picks == (Pick(1, 0, "likely"), Pick(2, 0, "unsure"))


def test_unsure_is_told_by_each_concern_s_own_threshold():
    scores = [[0.3, 0.02], [0.02, 0.3], [0.02, 0.02], [0.95, 0.01], [0.01, 0.95], [0.6, 0.01], [0.01, 0.6]]
    picks = pick(scores, 4, thresholds=[0.3, 0.6])
    assert {(one.index, one.concern) for one in picks if one.reason == "unsure"} == {(0, 0), (6, 1)}


def test_of_equally_likely_passages_the_one_with_more_tags_comes_first():
    scores = [[0.9, 0.0, 0.0], [0.9, 0.8, 0.8], [0.9, 0.0, 0.1]]
    assert pick(scores, 1)[0].index == 1


def test_no_passage_is_picked_for_a_concern_that_it_hardly_has():
    scores = np.full((40, 2), 0.01)
    scores[:10, 0] = 0.99  # sure of one concern, and nothing of the other
    scores[10:20, 1] = 0.7
    of_other = [one.index for one in pick(scores, 10) if one.concern == 1]
    assert of_other and set(of_other) <= set(range(10, 20))


def test_a_decided_pair_is_never_picked_and_an_open_one_of_the_same_passage_may_be():
    decided = np.zeros((3, 2), bool)
    decided[0, 0] = decided[1] = True
    picks = pick([[0.9, 0.4], [0.9, 0.9], [0.1, 0.1]], 10, decided=decided)
    assert {one.index for one in picks} == {0, 2}
    assert next(one.concern for one in picks if one.index == 0) == 1


def test_nothing_is_picked_when_all_is_decided_or_nothing_is_asked_for_or_there_is_nothing():
    scores = made_scores(20)
    assert pick(scores, 5, decided=np.ones(scores.shape, bool)) == ()
    assert pick(scores, 0) == ()
    assert pick(np.zeros((0, 3)), 5) == ()


def test_all_passages_are_picked_once_when_more_are_asked_for():
    picks = pick(made_scores(300), 1000)
    assert sorted(one.index for one in picks) == list(range(300))


def test_a_rare_concern_gets_its_turns_beside_common_ones():
    scores = made_scores(500, 3)
    scores[:, 2] = 0.001
    scores[[7, 8], 2] = 0.9, 0.6
    first = [one for one in pick(scores, 40) if one.concern == 2]
    assert len(first) >= 3
    assert {7, 8} <= {one.index for one in first}


def test_a_common_concern_gets_more_turns_but_less_than_in_proportion():
    scores = np.full((600, 2), 0.02)
    scores[:400, 0] = 0.6
    scores[400:425, 1] = 0.6
    turns = Counter(one.concern for one in pick(scores, 60))
    assert 1.5 < turns[0] / turns[1] < 8


def test_documents_and_cities_share_picks_that_are_about_as_likely():
    scores = np.random.default_rng(1).uniform(0.85, 0.9, (120, 1))
    scores[:60] += 0.02  # one document, one city: all of them a little likelier
    documents = np.array(["long"] * 60 + [f"d{n}" for n in range(60)])
    cities = ["Hanoi"] * 60 + [("Cebu", "Hanoi"), "Cebu", (), "Yangon"] * 15

    def of_long(**about):
        return sum(one.index < 60 for one in pick(scores, 20, **about) if one.reason == "likely")

    assert of_long() >= 9
    assert of_long(documents=documents) <= 6
    assert of_long(cities=cities) <= 6


def test_copies_are_picked_once_and_other_passages_instead():
    texts = ["The council cut the fares of the night ferry and told nobody why it did so"]
    texts += [texts[0] + end for end in (".", "!", " .")]
    texts += ["Cameras watch the market", "A levy on water meters", "Tenants wait for keys", "Ferries stop at noon"]
    scores = [[0.95]] * 4 + [[0.6]] * 4

    def features(rows):
        return hashed_features([texts[row] for row in rows])

    picks = [one.index for one in pick(scores, 4, features=features)]
    assert len(picks) == 4
    assert sum(index < 4 for index in picks) == 1
    assert sum(one.index < 4 for one in pick(scores, 4)) > 1


def test_many_copies_do_not_keep_other_passages_from_being_picked():
    texts = ["The same notice on each of the doors"] * 1000 + [f"word{n} number{n}" for n in range(2000)]
    picks = pick([[0.8]] * 1000 + [[0.1]] * 2000, 30, features=lambda rows: hashed_features([texts[n] for n in rows]))
    assert len(picks) == 30
    assert sum(one.index < 1000 for one in picks) == 1


def test_features_are_asked_for_candidates_only():
    asked = []

    def features(rows):
        asked.append(len(rows))
        return hashed_features([f"word{row} and word{row + 1}" for row in rows])

    assert len(pick(made_scores(20_000, 3), 30, features=features)) == 30
    assert asked and max(asked) < 1000


def test_the_same_arguments_give_the_same_picks_and_the_seed_decides_among_equals():
    scores = np.full((500, 1), 0.5)
    assert pick(scores, 20) == pick(scores, 20)
    assert pick(scores, 20) != pick(scores, 20, seed=1)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1])
def test_scores_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="0-1"):
        pick([[0.2], [bad]], 1)


def test_arrays_of_other_passages_are_refused():
    with pytest.raises(ValueError, match="same passages"):
        pick([[0.2], [0.3]], 1, documents=["one"])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 60), st.integers(1, 5), st.integers(0, 80), st.integers(0, 1000))
def test_picks_are_open_each_once_and_as_many_as_there_are(passages, concerns, size, seed):
    rng = np.random.default_rng(seed)
    scores, decided = rng.random((passages, concerns)), rng.random((passages, concerns)) < 0.5
    picks = pick(scores, size, decided=decided, documents=rng.integers(0, 5, passages), seed=seed)
    assert len({one.index for one in picks}) == len(picks) == min(size, int((~decided).any(1).sum()))
    assert not any(decided[one.index, one.concern] for one in picks)


def test_a_million_passages_take_some_seconds_and_ask_for_few_features():
    rng = np.random.default_rng(0)
    scores = rng.random((1_000_000, 2), np.float32) ** 8
    asked = []
    picks = choose_active(
        scores, 0.5, np.arange(len(scores)), [""] * len(scores), np.zeros(scores.shape, bool), 50,
        features=lambda rows: asked.append(len(rows)) or hashed_features([f"word{row}" for row in rows]),
    )  # fmt: skip
    assert len(picks) == 50
    assert sum(asked) <= 2 * 2 * choosing._CANDIDATES * 25 + 4 * choosing._FEWEST


def strata_of(*sizes):
    return np.random.default_rng(5).permutation(np.repeat(np.arange(len(sizes)), sizes))


@pytest.mark.parametrize(
    ("sizes", "size", "shares", "drawn"),
    [
        ((5000, 300, 200), 90, None, (30, 30, 30)),
        ((5000, 300, 200), 100, {0: 2, 1: 1, 2: 1}, (50, 25, 25)),
        ((5000, 10, 200), 90, None, (40, 10, 40)),
        ((50, 3, 2), 100, None, (50, 3, 2)),
        ((5000, 300, 200), 2, None, (1, 1, 0)),
        ((5000, 300, 200), 30, {2: 1}, (1, 1, 28)),
        ((5000, 300, 5), 30, {2: 1}, (13, 12, 5)),
        ((10, 0, 10), 4, None, (2, 2)),
        ((), 4, None, ()),
    ],
)
def test_a_draw_fills_its_shares_and_gives_each_stratum_something(sizes, size, shares, drawn):
    strata = strata_of(*sizes)
    draw = draw_random(strata, size, 1, shares)
    assert tuple(draw.drawn.values()) == drawn
    assert draw.population == dict(Counter(strata.tolist()))
    assert Counter(draw.strata) == Counter({name: count for name, count in draw.drawn.items() if count})
    assert len(set(draw.indices)) == len(draw.indices)
    assert draw.strata == tuple(strata[list(draw.indices)])


@pytest.mark.parametrize("shares", [{0: -1, 1: 2}, {7: 1}, {}, {0: float("nan")}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(OptionError, match="strata"):
        draw_random(strata_of(5, 5), 2, 0, shares)


def test_any_beginning_of_a_draw_holds_its_strata_evenly_and_no_pattern():
    draw = draw_random(strata_of(1000, 1000, 1000), 300, 2)
    for end in (30, 90, 150):
        assert all(abs(count - end / 3) <= 4 for count in Counter(draw.strata[:end]).values())
    assert len({draw.strata[n : n + 3] for n in range(0, 300, 3)}) > 12


def test_each_passage_of_a_stratum_is_as_likely_to_come_first():
    strata = np.array([0] * 4 + [1] * 8)
    firsts = Counter(draw_random(strata, 6, seed).indices[0] for seed in range(4000))
    by_stratum = [[firsts[n] for n in range(4)], [firsts[n] for n in range(4, 12)]]
    for counts in by_stratum:
        expected = sum(counts) / len(counts)
        assert all(abs(count - expected) < 4 * expected**0.5 for count in counts)


def test_a_seed_makes_one_draw_and_another_seed_another():
    strata = strata_of(100, 100)
    assert draw_random(strata, 20, 4) == draw_random(strata, 20, 4)
    assert draw_random(strata, 20, 4).indices != draw_random(strata, 20, 5).indices


def test_rows_are_not_drawn_in_order():
    indices = draw_random(np.zeros(1000, int), 100).indices
    assert 30 < sum(a < b for a, b in pairwise(indices)) < 70
