"""Dates: what an ISO date at some precision may mean."""

from __future__ import annotations

from calendar import monthrange


def first_and_last_day(value: str) -> tuple[str, str]:
    """The first and last ISO day that an ISO year, month or day may mean: "2021-02" -> ("2021-02-01", "2021-02-28")."""
    year, _, rest = value.partition("-")
    if not rest:
        return f"{year}-01-01", f"{year}-12-31"
    month, _, day = rest.partition("-")
    if day:
        return value, value
    return f"{year}-{month}-01", f"{year}-{month}-{monthrange(int(year), int(month))[1]}"
