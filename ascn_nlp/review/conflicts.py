"""Where people do not say the same of one passage: told when a file comes in, and both are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ascn_nlp.review.judgements import ABSENT, HOLDS, UNNAMED, Judgements


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people who do not say the same of one passage and concern: "no", a stance, or "yes" where none was named."""

    passage_id: str
    concern: str
    reviewer: str
    says: str
    other: str
    other_says: str


def conflicts(held: Judgements, decided: Iterable[tuple[str, str]]) -> Iterator[Conflict]:
    """What others hold against these decisions, given as (reviewer, passage id); of two people each concern once.

    ``held`` is what everybody holds, these decisions among it. What follows from "nothing else holds" counts as said.
    """
    told: set[tuple[str, ...]] = set()
    for name, passage in dict.fromkeys(decided) if held else ():
        reviewer = name or UNNAMED
        own = held.get(reviewer, {}).get(passage, {})
        for other, passages in held.items():
            pair = (passage, *sorted((reviewer, other)))
            if other == reviewer or pair in told:
                continue
            told.add(pair)
            for concern, theirs in passages.get(passage, {}).items():
                if _contradict(own.get(concern, theirs), theirs):
                    yield Conflict(passage, concern, reviewer, _word(own[concern]), other, _word(theirs))


def _contradict(one: str, other: str) -> bool:
    """Whether both cannot be right: a concern that holds without a stance is contradicted by its absence alone."""
    return one != other and (ABSENT in (one, other) or HOLDS not in (one, other))


def _word(value: str) -> str:
    return {ABSENT: "no", HOLDS: "yes"}.get(value, value)
