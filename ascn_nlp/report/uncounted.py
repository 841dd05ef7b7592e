"""Passages that speak of a place and cannot be counted, in words: no data is not the same as nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

# Why a passage is not counted (``store.facts``), in words.
REASONS = {
    "undated": "without a date",
    "outside": "of other dates than those asked for",
    "language": "in another language than English",
    "kind": "headings, contents and the like",
    "untagged": "not tagged yet",
}


def why_not(counts: Mapping[str, int]) -> str:
    """{reason: passages} in words: "3 in another language than English; 1 without a date"."""
    return "; ".join(f"{counts[reason]:,} {words}" for reason, words in REASONS.items() if counts.get(reason))


def reasons_of(uncounted: DataFrame) -> dict[str, tuple[str, ...]]:
    """{place: why passages on it are not counted}, in the order of REASONS."""
    found = {str(place): set(reasons) for place, reasons in uncounted.groupby("place")["reason"]}
    return {place: tuple(one for one in REASONS if one in reasons) for place, reasons in found.items()}


def without_data(places: Mapping[str, str], reasons: Mapping[str, tuple[str, ...]]) -> str:
    """Sentences on ``places`` ({place: its name}) that nothing counted speaks of: why, where anything does at all.

    "Nothing that can be counted speaks of: Alpha, Beta (only in another language than English)." "" for no place.
    """
    nothing = [name for place, name in places.items() if not reasons.get(place)]
    grouped: dict[tuple[str, ...], list[str]] = {}
    for place, name in places.items():
        if reasons.get(place):
            grouped.setdefault(reasons[place], []).append(name)
    return " ".join(_sentences(nothing, grouped))


def _sentences(nothing: Iterable[str], grouped: Mapping[tuple[str, ...], Iterable[str]]) -> Iterator[str]:
    if grouped:
        parts = (f"{', '.join(names)} (only {_listed(reasons)})" for reasons, names in grouped.items())
        yield f"Nothing that can be counted speaks of: {'; '.join(parts)}."
    if names := ", ".join(nothing):
        yield f"Nothing at all speaks of: {names}." if grouped else f"Nothing speaks of: {names}."


def _listed(reasons: Iterable[str]) -> str:
    return " or ".join(REASONS[reason] for reason in reasons)
