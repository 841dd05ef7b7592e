"""The report's tables as frames: the matrix as asked for, the finding, the coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ascn_nlp.report.matrix import STANCES, UNITS
from ascn_nlp.report.whole import Report

if TYPE_CHECKING:
    from pandas import DataFrame


def matrix_table(report: Report, with_years: bool, stances: Sequence[str] = ()) -> DataFrame:
    """The matrix, a row for each concern, place and year (or all years together), with names for people.

    Of some stances only, if they are named: the state and the gap index, which need all, are left in.
    """
    table = (report.matrix if with_years else report.overall.drop(columns="year")).copy()
    table.insert(1, "concern_name", table["concern"].map(dict(report.concerns)))
    table.insert(2, "theme", table["concern"].map(dict(report.themes)))
    table.insert(4, "country", table["place"].map(dict(report.places)))
    left_out = [stance for stance in STANCES if stances and stance not in stances]
    named = [c for c in table.columns if any(c.startswith((stance, f"share_{stance}")) for stance in left_out)]
    table = table.drop(columns=named)
    return table.drop(columns="place") if report.by == "country" else table.rename(columns={"place": report.by})


def finding_table(report: Report) -> DataFrame:
    """What is raised and by nobody addressed, all years together; what most independent stories raise comes first.

    ``robust`` says in how many of the variants of the sensitivity analysis a cell stays so.
    """
    table = report.overall[report.overall["state"] == "unanswered"]
    robust = report.robustness.set_index(["concern", "place"])
    found = table.merge(robust, left_on=["concern", "place"], right_index=True, how="left")
    order = ["raised_independent", "raised_stories", "concern", "place"]
    found = found.sort_values(order, ascending=[False, False, True, True])
    found["concern_name"] = found["concern"].map(dict(report.concerns))
    found["country"] = found["place"].map(dict(report.places))
    found["robust"] = [f"{a} of {b}" for a, b in zip(found["stays in"], found["of variants"], strict=True)]
    columns = [
        "concern",
        "concern_name",
        "place",
        "country",
        "raised_stories",
        "raised_independent",
        "raised_documents",
    ]
    columns += ["raised_passages", "stories", "share_raised", "share_raised_low", "share_raised_high", "robust"]
    return found[columns].reset_index(drop=True)


def coverage_table(report: Report) -> DataFrame:
    """What speaks of each place in each year, by genre; places of which nothing does stand at the end, with zeros."""
    import pandas as pd

    spoken = report.facts.spoken
    grouped = spoken.groupby(["place", "year", "genre"])
    table = pd.DataFrame({unit: grouped[column].nunique() for unit, column in UNITS.items()}).reset_index()
    spoken_of = set(spoken["place"])
    silent = [place for place in report.places if place not in spoken_of]
    nothing = pd.DataFrame({"place": silent, "genre": "", **dict.fromkeys(UNITS, 0)})
    found = pd.concat([part for part in (table, nothing) if len(part)]) if len(table) or silent else table
    return found.reindex(columns=table.columns).astype({"year": "Int64"}).reset_index(drop=True)
