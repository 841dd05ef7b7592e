"""What decisions tell of who holds what."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.records import STANCES
from ascn_nlp.review.judgements import ABSENT, HOLDS, UNNAMED, judgements, settled

CONCERNS = ("privacy", "debt", "exclusion")
BLIND, ASKED = "blind draw", "asked draw"


def said(decision, concern="", named="", stance="", predicted=None, reviewer="ann", passage="p1", sample="all", day=1):
    """A row of the store; ``predicted`` is {concern: stance} that was on show, by default the concern alone."""
    tags = {name: {"stance": value} for name, value in (predicted or {}).items()}
    return {
        **{"passage_id": passage, "concern": concern, "decision": decision, "concern_reviewed": named},
        **{"stance_reviewed": stance, "note": "", "reviewer": reviewer, "sample": sample, "codebook": "k1"},
        "at": datetime(2026, 1, day, tzinfo=UTC),
        "predicted": (tags.get(concern) or {"stance": "raised"}) if concern else tags,
    }


def held(*decisions, **options):
    """What ann holds of p1."""
    found = judgements(decisions, CONCERNS, {BLIND}, {BLIND, ASKED}, **options)
    return found.get("ann", {}).get("p1", {})


ALL_ABSENT = dict.fromkeys(CONCERNS, ABSENT)
TABLE = {
    # what was predicted
    "accept takes the stance that was shown": ([said("accept", "privacy")], {"privacy": "raised"}),
    "accept with a stance": ([said("accept", "privacy", stance="described")], {"privacy": "described"}),
    "reject": ([said("reject", "privacy")], {"privacy": ABSENT}),
    "unsure": ([said("unsure", "privacy")], {}),
    "unsure of both": ([said("accept", "debt"), said("unsure", "privacy", "debt")], {"debt": "raised"}),
    "withdraw": ([said("accept", "privacy"), said("withdraw", "privacy")], {}),
    "decided anew after that": ([said("withdraw", "privacy"), said("reject", "privacy")], {"privacy": ABSENT}),
    "the latest": ([said("accept", "privacy"), said("reject", "privacy")], {"privacy": ABSENT}),
    "another instead": ([said("accept", "privacy", "debt")], {"privacy": ABSENT, "debt": HOLDS}),
    "another with its stance": (
        [said("accept", "privacy", "debt", "addressed")],
        {"privacy": ABSENT, "debt": "addressed"},
    ),
    "rejected for another": ([said("reject", "privacy", "debt", "raised")], {"privacy": ABSENT, "debt": "raised"}),
    "itself named": ([said("accept", "privacy", "privacy")], {"privacy": "raised"}),
    "no longer another": ([said("accept", "privacy", "debt"), said("accept", "privacy")], {"privacy": "raised"}),
    # what was added
    "a missed one": ([said("accept", "", "debt", "raised")], {"debt": "raised"}),
    "a missed one without a stance": ([said("accept", "", "debt")], {"debt": HOLDS}),
    "two missed ones": ([said("accept", "", "debt"), said("accept", "", "privacy")], {"debt": HOLDS, "privacy": HOLDS}),
    "a missed one taken back": ([said("accept", "", "debt"), said("withdraw", "", "debt")], {}),
    "one of two taken back": (
        [said("accept", "", "debt"), said("accept", "", "privacy"), said("withdraw", "", "debt")],
        {"privacy": HOLDS},
    ),
    "one that is not there": ([said("reject", "", "debt")], {"debt": ABSENT}),
    "a missed one and its stance elsewhere": (
        [said("accept", "", "debt", "raised"), said("accept", "privacy", "debt", "described")],
        {"privacy": ABSENT, "debt": "raised"},
    ),
    "its own row counts more than another's": (
        [said("reject", "debt"), said("accept", "privacy", "debt")],
        {"privacy": ABSENT, "debt": ABSENT},
    ),
    "rejected later than added": (
        [said("accept", "", "debt", "raised"), said("reject", "debt", day=2)],
        {"debt": ABSENT},
    ),
    "added later than rejected": (
        [said("reject", "debt"), said("accept", "", "debt", "raised", day=2)],
        {"debt": "raised"},
    ),
    # read whole
    "nothing else": ([said("reject")], ALL_ABSENT),
    "nothing else than what was on show": (
        [said("reject", predicted={"privacy": "raised"})],
        {"debt": ABSENT, "exclusion": ABSENT},
    ),
    "nothing else, and what was on show decided": (
        [said("reject", predicted={"privacy": "raised"}), said("accept", "privacy")],
        {"privacy": "raised", "debt": ABSENT, "exclusion": ABSENT},
    ),
    "nothing else than a missed one": (
        [said("accept", "", "debt", "raised"), said("reject")],
        {"privacy": ABSENT, "debt": "raised", "exclusion": ABSENT},
    ),
    "nothing else, but unsure of one": ([said("reject"), said("unsure", "", "debt")], ALL_ABSENT | {"debt": None}),
    "nothing else taken back": ([said("reject"), said("withdraw")], {}),
    "unsure whether anything": ([said("unsure")], {}),
    "a missed one where they were asked for": (
        [said("accept", "", "debt", "raised", {"privacy": "raised"}, sample=ASKED)],
        {"debt": "raised", "exclusion": ABSENT},
    ),
    "unsure of a missed one where they were asked for": ([said("unsure", "", "debt", sample=ASKED)], {}),
    "a prediction decided where missed ones were asked for": (
        [said("reject", "privacy", sample=ASKED)],
        {"privacy": ABSENT},
    ),
    "blind, nothing": ([said("reject", predicted={"privacy": "raised"}, sample=BLIND)], ALL_ABSENT),
    "blind, one": (
        [said("accept", "", "debt", "raised", {"privacy": "raised", "debt": "described"}, sample=BLIND)],
        ALL_ABSENT | {"debt": "raised"},
    ),
    "blind, one without a stance does not get the predicted one": (
        [said("accept", "", "debt", predicted={"debt": "described"}, sample=BLIND)],
        ALL_ABSENT | {"debt": HOLDS},
    ),
    # what the taxonomy no longer has
    "a concern that is none any more": ([said("accept", "noise")], {}),
    "another instead of one that is none any more": ([said("accept", "noise", "debt")], {"debt": HOLDS}),
}


@pytest.mark.parametrize(("decisions", "wanted"), TABLE.values(), ids=TABLE)
def test_decisions_tell(decisions, wanted):
    assert held(*decisions) == {concern: value for concern, value in wanted.items() if value}


def test_a_decision_under_another_definition_says_nothing_of_that_concern_and_all_of_others():
    asked = []

    def is_stale(one, concern):
        asked.append((one["decision"], concern))
        return concern == "privacy"

    assert held(said("accept", "privacy"), is_stale=is_stale) == {}
    assert held(said("accept", "privacy", "debt"), is_stale=is_stale) == {"debt": HOLDS}
    assert held(said("reject"), is_stale=is_stale) == {"debt": ABSENT, "exclusion": ABSENT}
    assert {concern for _, concern in asked} <= set(CONCERNS)
    fresh = said("accept", "privacy")
    assert held(said("reject"), fresh, is_stale=lambda one, _: one is not fresh) == {"privacy": "raised"}


def test_coders_and_passages_are_kept_apart_and_who_says_nothing_is_not_there():
    found = judgements(
        [
            said("accept", "privacy"),
            said("reject", "privacy", reviewer="bo"),
            said("reject", "privacy", passage="p2"),
            said("accept", "privacy", reviewer=""),
            said("unsure", "privacy", reviewer="cy"),
        ],
        CONCERNS,
    )
    assert found == {
        "ann": {"p1": {"privacy": "raised"}, "p2": {"privacy": ABSENT}},
        "bo": {"p1": {"privacy": ABSENT}},
        UNNAMED: {"p1": {"privacy": "raised"}},
    }


def by_coders(*values):
    """Coders who hold these of one passage and concern; None: says nothing."""
    return {f"coder {n}": {"p1": {"debt": value}} for n, value in enumerate(values) if value}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["raised"], "raised"),
        ([ABSENT], ABSENT),
        (["raised", "raised", ABSENT], "raised"),
        (["raised", ABSENT, ABSENT], ABSENT),
        (["raised", ABSENT], ""),
        (["raised", "described", ABSENT, ABSENT], ""),
        (["raised", "described"], HOLDS),
        (["raised", "described", "raised"], "raised"),
        (["raised", HOLDS], "raised"),
        (["raised", HOLDS, HOLDS], "raised"),
        (["raised", "described", "addressed"], HOLDS),
        (["raised", "described", ABSENT], HOLDS),
        ([HOLDS], HOLDS),
        ([HOLDS, ABSENT, ABSENT], ABSENT),
        (["raised", None, ABSENT, "raised"], "raised"),
    ],
)
def test_most_coders_settle_whether_a_concern_holds_and_then_its_stance(values, wanted):
    for order in (values, values[::-1]):
        agreed, split = settled(by_coders(*order))
        assert agreed == {"p1": {"debt": wanted} if wanted else {}}
        assert split == ({} if wanted else {"p1": ("debt",)})


_samples = st.sampled_from(["all", ASKED, BLIND])
_names = st.sampled_from(["", *CONCERNS])
_decisions = st.builds(
    said,
    decision=st.sampled_from(["accept", "reject", "unsure", "withdraw"]),
    concern=_names,
    named=_names,
    stance=st.sampled_from(["", *STANCES]),
    predicted=st.dictionaries(st.sampled_from(CONCERNS), st.sampled_from(STANCES)),
    reviewer=st.sampled_from(["ann", "bo"]),
    passage=st.sampled_from(["p1", "p2"]),
    sample=_samples,
)


def key(one):
    return one["reviewer"], one["passage_id"], one["concern"], "" if one["concern"] else one["concern_reviewed"]


def told(decisions):
    return judgements(decisions, CONCERNS, {BLIND}, {BLIND, ASKED})


@given(st.lists(_decisions, max_size=8, unique_by=key), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_in_which_order_decisions_on_different_things_came_is_no_matter(decisions, random):
    shuffled = list(decisions)
    random.shuffle(shuffled)
    assert told(decisions) == told(shuffled)


@given(st.lists(_decisions, max_size=8))
@settings(max_examples=200, deadline=None)
def test_only_the_latest_on_each_thing_counts(decisions):
    assert told(decisions) == told(list({key(one): one for one in decisions}.values()))


@given(st.lists(_decisions, max_size=8))
@settings(max_examples=300, deadline=None)
def test_what_nobody_said_is_never_no(decisions):
    latest = {key(one): one for one in decisions}
    for coder, passages in told(decisions).items():
        for passage, judgement in passages.items():
            own = [one for one in decisions if (one["reviewer"], one["passage_id"]) == (coder, passage)]
            standing = [one for one in own if latest[key(one)] is one and one["decision"] != "withdraw"]
            for concern in (name for name, value in judgement.items() if value == ABSENT):
                assert any(
                    is_denied(one, concern) or (is_read_whole(one) and not is_on_show(one, concern)) for one in standing
                )


def is_denied(one, concern):
    name = one["concern"] or one["concern_reviewed"]
    return name == concern and (one["decision"] == "reject" or one["concern_reviewed"] not in ("", concern))


def is_read_whole(one):
    if one["concern"] or one["decision"] not in ("accept", "reject"):
        return False
    return one["sample"] in (ASKED, BLIND) or (one["decision"] == "reject" and not one["concern_reviewed"])


def is_on_show(one, concern):
    return one["sample"] != BLIND and concern in one["predicted"]
