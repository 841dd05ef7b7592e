"""Tells a source that went quiet from a subject that nobody speaks of.

A city without concerns and a source that gives nothing any more look alike in a table of counts. What is judged here
is only what a source listed and when; not what its documents say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from ascn_nlp.dates import first_and_last_day

# Failures in a row until a source counts as one that cannot be asked: one may be a bad night.
_FAILURES = 2
# "Nothing new" and "its dates stop" are said after so many times the usual gap, and no sooner than after so many days;
# fewer occasions than these show no usual gap.
_GAPS = 4
_LEAST_DAYS_NEW = 30
_LEAST_DAYS_DATED = 365
_OCCASIONS = 4
_DATED = 8


def find_silence(
    listings: Sequence[Mapping[str, Any]],
    documents: Sequence[Mapping[str, Any]],
    is_growing: bool,
    until: str,
    today: date,
) -> tuple[str, ...]:
    """Why a source counts as silent; empty for one that does not.

    ``listings`` (``at``, ``listed``, ``new``, ``is_complete``, ``problems``) and ``documents`` (``first_seen``,
    ``outcome``, ``is_gone``, ``published_to``) are in the order of time. ``until`` is the last day, month or year of
    the study: what a source says of the time after it is not missed.
    """
    last_day = min(date.fromisoformat(first_and_last_day(until)[1]), today)
    found = (
        _cannot_be_asked(listings),
        _lists_nothing(listings),
        _is_unread(documents),
        _brings_nothing_new(documents, today) if is_growing and last_day == today else "",
        _dates_stop(documents, last_day),
    )
    return tuple(line for line in found if line)


def _cannot_be_asked(listings: Sequence[Mapping[str, Any]]) -> str:
    failing = 0
    for listing in reversed(listings):
        if not _has_failed(listing):
            break
        failing += 1
    if failing < _FAILURES:
        return ""
    first = listings[-failing]
    return f"could not be asked since {first['at'].date()}, {failing} times in a row: {first['problems'][0]}"


def _lists_nothing(listings: Sequence[Mapping[str, Any]]) -> str:
    asked = [listing for listing in listings if not _has_failed(listing)]
    if not asked or asked[-1]["listed"] or not asked[-1]["is_complete"]:
        return "" if not asked or any(one["listed"] for one in asked) else "has not listed a single document so far"
    most = max(one["listed"] for one in asked)
    if not most:
        return "has not listed a single document so far"
    since = next(
        later["at"].date() for one, later in reversed(list(pairwise(asked))) if one["listed"] and not later["listed"]
    )
    return f"lists nothing since {since}; it has listed up to {most} documents"


def _has_failed(listing: Mapping[str, Any]) -> bool:
    return bool(listing["problems"]) and not listing["listed"]


def _is_unread(documents: Sequence[Mapping[str, Any]]) -> str:
    there = [one for one in documents if not one["is_gone"] and one["outcome"]]
    if len(there) < 2 or any(one["outcome"] in ("read", "partly_read") for one in there):
        return ""
    return f"none of its {len(there)} documents could be read"


def _brings_nothing_new(documents: Sequence[Mapping[str, Any]], today: date) -> str:
    days = sorted({one["first_seen"].date() for one in documents})
    usual = _overdue(days, _OCCASIONS, today, _LEAST_DAYS_NEW)
    return usual and f"has brought nothing new since {days[-1]}; before, something every {usual}"


def _dates_stop(documents: Sequence[Mapping[str, Any]], last_day: date) -> str:
    dated = sorted(
        date.fromisoformat(one["published_to"]) for one in documents if one["published_to"] and not one["is_gone"]
    )
    if not _overdue(dated, _DATED, last_day, _LEAST_DAYS_DATED):
        return ""
    return f"has no document later than {dated[-1]}, though the study goes on to {last_day}"


def _overdue(days: Sequence[date], least: int, until: date, least_days: int) -> str:
    """The usual gap between these days, in words, where the one since the last of them is unusual; else ""."""
    if len(days) < least:
        return ""
    usual = median((later - day).days for day, later in pairwise(days))
    is_unusual = until - days[-1] > timedelta(days=max(least_days, _GAPS * usual))
    return f"{usual:.0f} days" if is_unusual else ""
