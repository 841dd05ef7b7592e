"""The report's choices in words: what was asked for, what is counted, and what is not."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from ascn_nlp.filters import Filters
from ascn_nlp.report.frames import Facts
from ascn_nlp.store.facts import counted, documents_selected
from ascn_nlp.tagging import LANGUAGES, UNTAGGED_KINDS

# Why a passage that is selected is not counted (``store.facts.counted``), in words.
_REASONS = {
    "undated": "without a date",
    "language": "in another language than English",
    "kind": "headings, contents and the like",
    "untagged": "not tagged yet",
}
_THOUSANDS = "{:,}".format


def passages_alone(filters: Filters) -> Filters:
    """The filters without those that select tags: what is silent must stay in."""
    return replace(filters, concern=(), stance=(), min_score=0.0, max_score=1.0)


def left_out(connection: Connection, filters: Filters, facts: Facts, by: str) -> Iterator[str]:
    """Sentences on what is counted and what is not."""
    every = passages_alone(filters)
    selected, undated = documents_selected(connection, every)
    counts = counted(connection, every, LANGUAGES, UNTAGGED_KINDS)
    reasons = "; ".join(f"{_THOUSANDS(counts[name])} {why}" for name, why in _REASONS.items() if counts[name])
    yield (
        f"{_number(selected, 'document')} with {_number(sum(counts.values()), 'passage')} are selected, of which "
        f"{_number(counts['counted'], 'passage')} can be counted" + (f" (not: {reasons})." if reasons else ".")
    )
    placed = facts.spoken["passage_id"].nunique()
    apart = counts["counted"] - placed
    asked = " that was asked for" if filters.city or filters.country else ""
    yield (
        f"{_THOUSANDS(placed)} of these speak of a {by}{asked}, and are what everything is counted from; "
        f"{_THOUSANDS(apart)} {'does' if apart == 1 else 'do'} not."
    )
    if filters.since or filters.until:
        whenever, undated = documents_selected(connection, replace(every, since="", until=""))
        yield (
            f"Not selected: {_number(whenever - selected - undated, 'document')} of other dates than those asked for, "
            f"and {undated} without a date."
        )
    elif undated:
        yield f"{_number(undated, 'document')} without a date {'is' if undated == 1 else 'are'} in no year."


def on_tags(facts: Facts, filters: Filters) -> Iterator[str]:
    """Sentences on the tags that count."""
    decided = int((facts.tagged["review"] != "none").sum())
    every = len(facts.tagged)
    yield f"Tags that count in them: {_THOUSANDS(every)}, of which people accepted or added {_THOUSANDS(decided)}."
    if filters.min_score > 0 or filters.max_score < 1:
        yield "Tags of other scores than those asked for count only where people accepted them."


def _number(count: int, unit: str) -> str:
    return f"{_THOUSANDS(count)} {unit}{'' if count == 1 else 's'}"


def in_words(filters: Filters) -> str:
    """The filters as a person would say them; "" for none."""
    said: Mapping[str, Iterable[str]] = {
        "concern": filters.concern, "stance": filters.stance, "city": filters.city, "country": filters.country,
        "source": filters.source, "genre": filters.genre, "language": filters.language,
    }  # fmt: skip
    parts = [f"{name} {' or '.join(values)}" for name, values in said.items() if values]
    if filters.min_score > 0 or filters.max_score < 1:
        parts.append(f"score {filters.min_score:g} to {filters.max_score:g}")
    return "; ".join(parts)


def command_of(filters: Filters, by: str) -> str:
    """The command that makes the report of these filters again."""
    parts = ["ascn-nlp", "report", "--by", f"{by},year"]
    for name in ("concern", "stance", "city", "country", "source", "genre"):
        for value in getattr(filters, name):
            parts += [f"--{name}", value]
    for name in ("since", "until"):
        parts += [f"--{name}", getattr(filters, name)] if getattr(filters, name) else []
    parts += [] if filters.since or filters.until else ["--any-date"]
    parts += ["--min-score", f"{filters.min_score:g}"] if filters.min_score else []
    return shlex.join(parts)
