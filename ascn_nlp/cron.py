"""Cron lines: whether one can be understood, and whether its time ever comes."""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_Kind = tuple[int, int, dict[str, int]]  # least number, greatest, {a word that may stand for one: the number}
# Minute, hour, day of the month, month, day of the week.
_FIELDS: tuple[_Kind, ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {"l": 28}),  # the last of the month: each has a 28th
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 7, {name: number for number, name in enumerate(_WEEKDAYS)} | {f"l{number}": number for number in range(8)}),
)
_DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # at most
# "l", the last, begins no range.
_PART = re.compile(r"(?:\*|(?P<first>(?!l)\w+)(?:-(?P<last>l|(?!l)\w+))?)(?:/(?P<step>[1-9][0-9]*))?")


def is_cron(line: str) -> bool:
    """Whether it is five fields, with what may stand in each."""
    fields = line.split()
    return len(fields) == len(_FIELDS) and all(map(_numbers, fields, _FIELDS))


def comes(line: str) -> bool:
    """Whether a cron line names a day that some year has: "0 2 30 2 *" does not.

    Days of the week do not help: Prefect looks for the day of the month all the same, and fails.
    """
    _, _, days, months, _ = line.split()
    longest = max(_DAYS_OF_MONTH[month - 1] for month in _numbers(months, _FIELDS[3]))
    return min(_numbers(days, _FIELDS[2])) <= longest


def _numbers(field: str, kind: _Kind) -> set[int]:
    """The numbers that a field stands for; none when a part of it cannot be understood."""
    least, most, words = kind
    found: set[int] = set()
    for part in field.lower().split(","):
        if part in words:
            found.add(words[part])
            continue
        if not (parts := _PART.fullmatch(part)):
            return set()
        first = _number(parts["first"] or str(least), words)
        is_one = parts["first"] and not (parts["last"] or parts["step"])
        last = first if is_one else _number(parts["last"] or str(most), words)
        if not (least <= first <= most and least <= last <= most):
            return set()
        # Prefect takes a range that does not end after it begins for one that goes round.
        goes_round = last <= first and not is_one
        found.update(range(least, most + 1) if goes_round else range(first, last + 1, int(parts["step"] or 1)))
    return found


def _number(word: str, words: dict[str, int]) -> int:
    """The number that a word of a field stands for, -1 when it stands for none."""
    return int(word) if word.isascii() and word.isdecimal() else words.get(word, -1)
