"""All decisions -> who holds what of which passage: what agreement, estimates and training count on.

A decision says more than one thing: that another concern holds instead says that the predicted one does not; that
nothing else holds says so of every concern that was not on show. What nobody said is unknown, and never taken for "no".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any

# A concern that does not hold, beside the stances with which one may. HOLDS: it does, and no stance was named.
ABSENT = "absent"
HOLDS = "holds"
UNNAMED = "(unnamed)"

Decided = Mapping[Any, Any]
# {concern: stance, HOLDS or ABSENT}; a concern that is not there is unknown.
Judgement = dict[str, str]
# {coder: {passage id: judgement}}
Judgements = dict[str, dict[str, Judgement]]


def judgements(
    decided: Iterable[Decided],
    concerns: Sequence[str],
    blind_samples: Set[str] = frozenset(),
    asked_samples: Set[str] = frozenset(),
    is_stale: Callable[[Decided, str], bool] = lambda _decision, _concern: False,
) -> Judgements:
    """What each coder holds of each passage, from decisions in the order in which they came in.

    A decision is a mapping with the columns of the store's table ``reviews``. ``asked_samples`` are draws whose
    reviewers were asked for missed concerns too: there, a decision on what was not predicted shows that the passage was
    read whole. In ``blind_samples`` nothing was on show. ``is_stale`` says of a decision and a concern whether the
    definition has changed since: it then says nothing of that concern.
    """
    latest: dict[tuple[str, str], dict[tuple[str, str], Decided]] = defaultdict(dict)
    for one in decided:
        latest[one["reviewer"] or UNNAMED, one["passage_id"]][subject(one["concern"], one["concern_reviewed"])] = one
    found: Judgements = defaultdict(dict)
    for (coder, passage), decisions in latest.items():
        standing = [one for one in decisions.values() if one["decision"] != "withdraw"]
        judgement = _judgement(standing, concerns, blind_samples, asked_samples, is_stale)
        if judgement:
            found[coder][passage] = judgement
    return dict(found)


def _judgement(
    decisions: Sequence[Decided],
    concerns: Sequence[str],
    blind: Set[str],
    asked: Set[str],
    is_stale: Callable[[Decided, str], bool],
) -> Judgement:
    judgement: Judgement = {}
    for one in decisions:
        if not one["concern"] and _is_whole(one, asked | blind):
            on_show = set() if one["sample"] in blind else set(one["predicted"])
            judgement |= {name: ABSENT for name in concerns if name not in on_show and not is_stale(one, name)}
    said = [(one, concern, value) for one in decisions for concern, value in _said(one).items()]
    for one, concern, value in sorted(said, key=_weight):
        if concern in concerns and not is_stale(one, concern):
            if value:
                judgement[concern] = value
            else:
                judgement.pop(concern, None)
    return judgement


def _weight(said: tuple[Decided, str, str]) -> tuple[datetime, bool, bool, bool, str]:
    """What was imported later counts more. Within a file, in whatever order: a row on the concern, then what was added.

    That is for what a file says twice: rows of it that contradict each other never get so far.
    """
    one, concern, value = said
    at: datetime = one["at"]
    in_utc = at if at.tzinfo else at.replace(tzinfo=UTC)  # some databases give times without a zone
    return in_utc, not one["concern"], one["concern"] == concern, bool(value), one["concern"]


def _is_whole(one: Decided, asked: Set[str]) -> bool:
    """Whether a decision on what was not predicted shows that its passage was read whole."""
    says_nothing_else = one["decision"] == "reject" and not one["concern_reviewed"]
    return says_nothing_else or (one["decision"] in ("accept", "reject") and one["sample"] in asked)


def _said(one: Decided) -> Judgement:
    """What a decision says of the concerns it names; "" where it is unsure of one."""
    concern, reviewed, stance = one["concern"], one["concern_reviewed"], one["stance_reviewed"]
    if one["decision"] == "unsure":
        return {name: "" for name in (concern, reviewed) if name}
    if reviewed and concern and reviewed != concern:
        return {concern: ABSENT, reviewed: stance or HOLDS}
    name = concern or reviewed
    if not name:
        return {}
    if one["decision"] == "reject":
        return {name: ABSENT}
    shown = one["predicted"].get("stance", "") if concern else ""
    return {name: stance or shown or HOLDS}


def subject(concern: str, reviewed: str) -> tuple[str, str]:
    """What a decision on a passage is on: of one reviewer's with the same subject the newest counts.

    Of what was not predicted several concerns may be missed: there the one that is named tells one from another.
    """
    return concern, "" if concern else reviewed


def claims(decision: str, concern: str, reviewed: str) -> dict[str, bool]:
    """{concern that a decision names: whether it says that the concern holds}; of an unsure one, nothing."""
    if decision not in ("accept", "reject"):
        return {}
    if concern and reviewed and concern != reviewed:
        return {concern: False, reviewed: True}
    name = concern or reviewed
    return {name: decision == "accept"} if name else {}


def settled(found: Judgements) -> tuple[dict[str, Judgement], dict[str, tuple[str, ...]]]:
    """({passage id: what most coders hold}, {passage id: concerns on which they are split evenly}).

    Whether a concern holds is settled first, then its stance by those who hold that it does; an even split settles
    neither. Which stance is HOLDS when it is not settled, or nobody named one.
    """
    by_passage: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for passages in found.values():
        for passage, judgement in passages.items():
            for concern, value in judgement.items():
                by_passage[passage][concern].append(value)
    agreed: dict[str, Judgement] = {}
    split: dict[str, tuple[str, ...]] = {}
    for passage, said in by_passage.items():
        values = {concern: _most(votes) for concern, votes in said.items()}
        agreed[passage] = {concern: value for concern, value in values.items() if value}
        if open_ := tuple(concern for concern, value in values.items() if not value):
            split[passage] = open_
    return agreed, split


def _most(votes: Sequence[str]) -> str:
    """What most hold; "" where as many hold that the concern is there as that it is not."""
    absent = votes.count(ABSENT)
    if 2 * absent == len(votes):
        return ""
    if 2 * absent > len(votes):
        return ABSENT
    stances = Counter(vote for vote in votes if vote not in (ABSENT, HOLDS)).most_common(2)
    if not stances or (len(stances) == 2 and stances[0][1] == stances[1][1]):
        return HOLDS
    return stances[0][0]
