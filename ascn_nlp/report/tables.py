"""The report's tables as frames: the matrix as asked for, the finding, the coverage."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import TYPE_CHECKING

from ascn_nlp.report.finding import rank
from ascn_nlp.report.matrix import STANCES, UNITS
from ascn_nlp.report.uncounted import why_not
from ascn_nlp.report.whole import Report
from ascn_nlp.review.estimates import Range

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
    """What is raised and by nobody addressed, all years together, in the order of ``finding.rank``.

    ``robust`` says in how many of the variants of the sensitivity analysis that were tried a cell stays so, if any was.
    """
    table = report.overall[report.overall["state"] == "unanswered"]
    robust = report.robustness.set_index(["concern", "place"])
    found = table.merge(robust, left_on=["concern", "place"], right_index=True, how="left")
    order = ["raised_independent", "raised_stories", "share_raised_low", "concern", "place"]
    ranks = [rank(*values) for values in found[order].itertuples(index=False, name=None)]
    found = found.iloc[sorted(range(len(found)), key=ranks.__getitem__)].copy()
    found["concern_name"] = found["concern"].map(dict(report.concerns))
    found["country"] = found["place"].map(dict(report.places))
    found["robust"] = [
        f"{a} of {b}" if b else "none tried" for a, b in zip(found["stays in"], found["of variants"], strict=True)
    ]
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


def tagger_table(report: Report) -> DataFrame:
    """What the corrected counts rest on, a row for each concern: precision and recall with 95 % intervals.

    ``found``, ``wrong`` and ``missed`` are tags in the reviewed passages of the random sample that is named: given by
    tagger and people, by the tagger alone, by people alone. No row where nothing is corrected.
    """
    import pandas as pd

    columns = ["concern", "concern_name"]
    columns += [f"{rate}{end}" for rate in ("precision", "recall") for end in ("", "_low", "_high")]
    rows = [
        (concern, name, *_range(rates.precision), *_range(rates.recall), rates.found, rates.wrong, rates.missed)
        for concern, name in report.concerns.items()
        if (rates := report.rates.get(concern))
    ]
    found = pd.DataFrame(rows, columns=[*columns, "found", "wrong", "missed"])
    return found.astype(dict.fromkeys(columns[2:], float)).assign(sample=report.sample)


def _range(rate: Range | None) -> tuple[float, float, float]:
    return (nan, nan, nan) if rate is None else (rate.value, rate.low, rate.high)


def coverage_table(report: Report) -> DataFrame:
    """What speaks of each place in each year, by genre, and what speaks of it and is not counted, and why.

    Undated passages have no year. Places of which nothing speaks stand at the end, with zeros.
    """
    import pandas as pd

    keys = ["place", "year", "genre"]
    grouped = report.facts.spoken.groupby(keys)
    counts = pd.DataFrame({unit: grouped[column].nunique() for unit, column in UNITS.items()})
    counted = {key: tuple(map(int, row)) for key, row in zip(counts.index, counts.to_numpy(), strict=True)}
    apart: dict[tuple[str, int, str], dict[str, int]] = {}
    for place, year, genre, reason, passages in report.uncounted.itertuples(index=False, name=None):
        apart.setdefault((place, year, genre), {})[reason] = passages
    known = sorted({*counted, *apart})
    nowhere = [(place, 0, "") for place in report.places if place not in {key[0] for key in known}]
    rows = []
    for place, year, genre in (*known, *nowhere):
        found, missed = counted.get((place, year, genre), (0,) * len(UNITS)), apart.get((place, year, genre), {})
        rows.append((place, year or None, genre, *found, sum(missed.values()), why_not(missed)))
    return pd.DataFrame(rows, columns=[*keys, *UNITS, "not_counted", "why_not"]).astype({"year": "Int64"})
