"""The order in which the finding is told, wherever it is: page, tables, terminal."""

from __future__ import annotations


def rank(independent: int, stories: int, share_low: float | None, concern: str, place: str) -> tuple[object, ...]:
    """What sorts cells: most stories in independent voices raising it first, then most, the surest share, by name."""
    return -independent, -stories, -(share_low or 0.0), concern, place
