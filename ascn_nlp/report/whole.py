"""Everything that a report says, in one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ascn_nlp.report.frames import Facts
from ascn_nlp.review.estimates import Rates

if TYPE_CHECKING:
    from pandas import DataFrame

PLACES = ("city", "country")


@dataclass(frozen=True, slots=True)
class Report:
    """What is raised, what is addressed and what is met with silence, by place and year.

    ``matrix`` has a row for every concern, place and year, ``overall`` one for every concern and place with all years
    together (columns: ``matrix.matrix``). ``variants`` and ``robustness`` tell how the finding changes with what is
    counted (``sensitivity.sensitivity``). ``uncounted`` are passages that speak of the places and cannot be counted
    (``frames.uncounted_frame``).
    """

    facts: Facts
    matrix: DataFrame
    overall: DataFrame
    variants: DataFrame
    robustness: DataFrame
    concerns: Mapping[str, str]  # id -> name, in the taxonomy's order
    themes: Mapping[str, str]  # concern -> theme
    places: Mapping[str, str]  # place -> country
    years: tuple[int, ...]
    by: str  # one of PLACES
    window: tuple[str, str]
    filters: str  # in words, "" for none
    command: str  # what makes it again
    notes: tuple[str, ...]  # what was left out, what was corrected and how
    made: str  # ISO 8601
    tagger: str
    uncounted: DataFrame
    rates: Mapping[str, Rates] = field(default_factory=dict)  # concern -> what corrected counts are corrected by
    sample: str = ""  # the random sample that tells them
    stances: tuple[str, ...] = ()  # whose columns and quotes are wanted, all if none are named
