"""The days that machines state: in data for search engines, in attributes, as instants of some clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from ascn_nlp.dates import find_dates

_ISO_START = re.compile(r"\s*((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-]00:?00)")
# Clocks on earth are up to 12 hours behind UTC and 14 ahead of it.
_MOST_BEHIND = 12
_MOST_AHEAD = 14


def as_day(text: str) -> str:
    """The ISO date at the start of a machine's statement ("2023-06-21T10:05Z", "20230621"), or the only one in it."""
    if match := _ISO_START.match(text):
        found = find_dates("-".join(match.groups()))
        return found[0].value if found else ""
    values = {found.value for found in find_dates(text)}
    return values.pop() if len(values) == 1 else ""


def local_day(statement: str, seen: Iterable[str], texts: Iterable[str]) -> str:
    """The day on the publisher's own clock, where ``statement`` holds an instant in UTC; "" where nothing tells it.

    It is told by the same instant written with another offset in one of ``texts``, or by a neighbouring day among those
    ``seen`` on the page, if it was that day somewhere on earth.
    """
    match = _UTC.search(statement)
    if match is None:
        return ""
    try:
        instant = datetime.fromisoformat(f"{match[1]}T{match[2]}:{match[3]}:{match[4]}+00:00")
    except ValueError:
        return ""
    for text in texts:
        if day := _same_instant(instant, text):
            return day
    possible = {(instant - timedelta(hours=_MOST_BEHIND)).date(), (instant + timedelta(hours=_MOST_AHEAD)).date()}
    return next((day for day in seen if day in {each.isoformat() for each in possible}), "")


def _same_instant(instant: datetime, text: str) -> str:
    # Offsets are whole hours or end with half an hour, so the seconds and nearly the minutes are those of UTC.
    for minute in (instant.minute, (instant.minute + 30) % 60):
        for match in re.finditer(rf":{minute:02d}:{instant.second:02d}(?:\.\d+)?([+-]\d\d):?(\d\d)", text):
            start = text[max(0, match.start() - len("2021-03-14T10")) : match.start()]
            try:
                local = datetime.fromisoformat(f"{start}:{minute:02d}:{instant.second:02d}{match[1]}:{match[2]}")
            except ValueError:
                continue
            if local == instant and local.utcoffset():
                return local.date().isoformat()
    return ""
