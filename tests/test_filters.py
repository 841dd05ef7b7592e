from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import BY_TAG, Filters, given

GIVEN = [
    (Filters(), {}),
    (Filters(city=("Hanoi", "Da Nang"), since="2018"), {"city": ["Hanoi", "Da Nang"], "since": "2018"}),
    (Filters(max_score=0.0), {"max-score": 0.0}),
    (Filters(min_score=0.5, is_disputed=True), {"min-score": 0.5, "disputed": True}),
    (Filters(is_unreviewed=True), {"unreviewed": True}),
]


@pytest.mark.parametrize(("filters", "conditions"), GIVEN, ids=str)
def test_the_conditions_given_are_told_by_their_options_from_what_a_sample_keeps(filters, conditions):
    assert given(json.loads(json.dumps(asdict(filters)))) == conditions
    assert all(name in given(asdict(filters)) for name in conditions)


def test_what_was_reviewed_is_no_condition_of_its_own():
    assert given(asdict(Filters(is_unreviewed=True, reviewed=frozenset({"p1"})))) == {"unreviewed": True}


def test_every_condition_on_tags_is_one_there_is():
    every = Filters(("debt",), ("raised",), min_score=0.1, max_score=0.9, is_disputed=True)
    assert set(given(asdict(every))) == set(BY_TAG)


def test_scores_the_wrong_way_round_are_refused():
    with pytest.raises(OptionError, match=r"--max-score: 0.8 is below --min-score 0.9 \(swap them\)"):
        Filters(min_score=0.9, max_score=0.8)
    assert Filters(min_score=0.8, max_score=0.8).min_score == 0.8
