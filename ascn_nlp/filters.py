"""Which passages a command is about: the same words for every command that selects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from ascn_nlp.dates import first_and_last_day
from ascn_nlp.errors import OptionError

_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
# Conditions on a passage's tags: of what was never tagged they select nothing.
BY_TAG = ("concern", "stance", "min-score", "max-score", "disputed")


def is_iso_date(value: str) -> bool:
    """Whether the value is a day, month or year that the calendar has: "2021-02" is, "2021-02-30" is not."""
    if not _ISO_DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :])
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Filters:
    """Every condition given must hold; an empty one is no condition.

    ``since`` and ``until`` are inclusive ISO dates at any precision. A document counts when the whole time its date may
    mean lies within them ("2021" is within 2018 to 2024, and not within 2021-03 to 2024); an undated one only when
    neither is given. ``reviewed`` are ids of the passages that ``is_unreviewed`` leaves out; where nobody has told
    them, it leaves out what any decision was ever made on.
    """

    concern: tuple[str, ...] = ()
    stance: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    genre: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    min_score: float = 0.0
    max_score: float = 1.0
    is_unreviewed: bool = False
    is_disputed: bool = False
    reviewed: frozenset[str] | None = None

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            value = getattr(self, name)
            if value and not is_iso_date(value):
                raise OptionError(f"{value!r} is not a date", f"--{name}", "write 2021, 2021-03 or 2021-03-14")
        if self.since and self.until and first_and_last_day(self.since)[0] > first_and_last_day(self.until)[1]:
            raise OptionError(f"{self.until} is before --since {self.since}", "--until", "swap them")
        if self.min_score > self.max_score:
            what = f"{self.max_score:g} is below --min-score {self.min_score:g}"
            raise OptionError(what, "--max-score", "swap them")

    @property
    def is_by_passage(self) -> bool:
        """Whether some passages of a document may be selected and others not."""
        words = self.city or self.country or self.language or self.concern or self.stance
        return bool(words or self.min_score or self.max_score < 1 or self.is_unreviewed or self.is_disputed)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """{option, without its dashes: value} of the conditions there are in fields of Filters, as a sample keeps them."""
    usual = {field.name: field.default for field in fields(Filters) if field.name != "reviewed"}
    is_there = {name: value not in ([], usual[name]) for name, value in values.items() if name in usual}
    return {name.removeprefix("is_").replace("_", "-"): values[name] for name, kept in is_there.items() if kept}
