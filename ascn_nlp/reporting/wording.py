"""The report's choices in words: what was asked for, what is counted, and what is not."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ascn_nlp.filters import Filters
from ascn_nlp.report.frames import Facts
from ascn_nlp.report.uncounted import reasons_of, why_not, without_data
from ascn_nlp.report.whole import Report
from ascn_nlp.store.facts import counted, documents_selected
from ascn_nlp.tagging import LANGUAGES, UNTAGGED_KINDS

_THOUSANDS = "{:,}".format

if TYPE_CHECKING:
    from pandas import DataFrame


def dates_in_words(window: tuple[str, str]) -> str:
    """(since, until), "" where open, in words: "2018 to 2024", "2022", "2022 and later", "up to 2022", "all dates"."""
    since, until = window
    if since and since == until:
        return since
    if since and until:
        return f"{since} to {until}"
    if since or until:
        return f"{since} and later" if since else f"up to {until}"
    return "all dates"


def window_left(window: tuple[str, str], filters: Filters) -> str:
    """A sentence where one date alone was asked for, and so an end of the study's window is open; "" otherwise."""
    if bool(filters.since) == bool(filters.until):
        return ""
    name, kept = ("until", window[1]) if filters.since else ("since", window[0])
    if not kept:
        return ""
    return (
        f"Dates asked for replace the study's window, {dates_in_words(window)}: counted is "
        f"{dates_in_words((filters.since, filters.until))}. To keep its other end: --{name} {kept}."
    )


def notes_of(report: Report) -> tuple[str, ...]:
    """What is to be known beside any table: dates and filters, the command, then the report's notes."""
    only = f" Only: {report.filters}." if report.filters else ""
    dates = f"Dates of documents: {dates_in_words(report.window)}.{only}"
    return dates, f"Made by: {report.command}", *report.notes


def passages_alone(filters: Filters) -> Filters:
    """The filters without those that select tags: what is silent must stay in."""
    return replace(filters, concern=(), stance=(), min_score=0.0, max_score=1.0)


def left_out(connection: Connection, filters: Filters, facts: Facts, by: str) -> Iterator[str]:
    """Sentences on what is counted and what is not."""
    every = passages_alone(filters)
    selected, undated = documents_selected(connection, every)
    counts = counted(connection, every, LANGUAGES, UNTAGGED_KINDS)
    reasons = why_not(counts)
    yield (
        f"Selected: {_number(selected, 'document')} with {_number(sum(counts.values()), 'passage')}, of which "
        f"{_number(counts['counted'], 'passage')} can be counted" + (f" (not: {reasons})." if reasons else ".")
    )
    placed = facts.spoken["passage_id"].nunique()
    apart = counts["counted"] - placed
    asked = " that was asked for" if filters.city or filters.country else ""
    yield (
        f"{_THOUSANDS(placed)} of these speak of a {by}{asked}, and are what everything is counted from; "
        f"{_THOUSANDS(apart)} {'does' if apart == 1 else 'do'} not."
    )
    if others := _not_selected(connection, every, selected):
        yield f"Not selected: {_listed(others)}."
    if undated:
        yield (
            f"{_number(undated, 'document')} without a date {'is' if undated == 1 else 'are'} listed and not counted: "
            "in no year, and not in all years together."
        )


def _not_selected(connection: Connection, filters: Filters, selected: int) -> list[str]:
    """What documents are left out by dates, and what by other filters, in words; nothing where neither is given."""
    found = []
    whenever, undated = documents_selected(connection, replace(filters, since="", until=""))
    if filters.since or filters.until:
        others = _number(whenever - selected - undated, "document")
        found = [f"{others} of other dates than those asked for", f"{undated} without a date"]
    if asked := in_words(filters):
        every, _ = documents_selected(connection, Filters())
        count = str(every - whenever) if found else _number(every - whenever, "document")
        found.append(f"{count} that other filters leave out ({asked})")
    return found


def _listed(parts: Sequence[str]) -> str:
    """The parts as a sentence has them: "a, and b"."""
    return ", ".join([*parts[:-1], f"and {parts[-1]}"] if len(parts) > 1 else parts)


def on_tags(facts: Facts, filters: Filters) -> Iterator[str]:
    """Sentences on the tags that count."""
    decided = int((facts.tagged["review"] != "none").sum())
    every = len(facts.tagged)
    rejected = sum(not filters.concern or concern in filters.concern for _, concern in facts.rejected)
    apart = f" They rejected {_THOUSANDS(rejected)} more, which {'does' if rejected == 1 else 'do'} not count."
    yield (
        f"Tags that count in them: {_THOUSANDS(every)}, of which people accepted or added {_THOUSANDS(decided)}."
        + (apart if rejected else "")
    )
    if filters.min_score > 0 or filters.max_score < 1:
        yield "Tags of other scores than those asked for count only where people accepted them."
    if filters.stance:
        yield f"Columns and quotes are of {' and '.join(filters.stance)} alone; states and figures are of all stances."


def on_variants(variants: DataFrame) -> Iterator[str]:
    """A sentence on the ways to count that could not be tried, nothing where all were (``sensitivity.sensitivity``)."""
    apart = variants[variants["not tried"] != ""]
    if len(apart):
        every = len(variants) - 1
        tried = every - len(apart)
        told = "; ".join(f"{name} ({why})" for name, why in zip(apart["counted"], apart["not tried"], strict=True))
        yield f"Of {every} other ways to count {tried} {'was' if tried == 1 else 'were'} tried. Not tried: {told}."


def on_places(places: Iterable[str], facts: Facts, uncounted: DataFrame, names: Mapping[str, str]) -> Iterator[str]:
    """Sentences on places of which only passages speak that are not counted: that is not silence."""
    spoken, reasons = set(facts.spoken["place"]), reasons_of(uncounted)
    apart = {one: names.get(one, one) for one in places if one in reasons and one not in spoken}
    if apart:
        yield without_data(apart, reasons)


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
