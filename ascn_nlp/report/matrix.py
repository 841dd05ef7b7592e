"""Frames -> the matrix: for each concern, place and year who raises it, who addresses it, and who says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ascn_nlp.report.correction import Unread, corrected
from ascn_nlp.report.frames import Facts
from ascn_nlp.report.intervals import gaps, shares
from ascn_nlp.review.estimates import Rates

if TYPE_CHECKING:
    from pandas import DataFrame

STANCES = ("raised", "addressed", "described")
STATES = ("no data", "too little", "silent", "described", "addressed", "answered", "unanswered")
UNITS = {"passages": "passage_id", "documents": "document_id", "stories": "story_id"}
KEYS = ["concern", "place", "year"]
# Stories without a tag from which on a place counts as silent: with one fewer, a share of one in five might well have
# shown none (0.8 ** 14 < 0.05 < 0.8 ** 13).
ENOUGH_STORIES = 14
ALL_YEARS = 0


def matrix(
    facts: Facts,
    concerns: Sequence[str],
    places: Sequence[str],
    years: Sequence[int],
    by_year: bool = True,
    rates: Mapping[str, Rates] | None = None,
) -> DataFrame:
    """A row for every concern, place and year (ALL_YEARS in place of years, unless ``by_year``).

    Counts are of passages, documents and stories; a document or story counts once for each stance that any
    of its passages has. Shares are of the stories that speak of the place in that year at all, gap is the number of
    stories that raise the concern less those that address it, divided by their sum; both with 95 % intervals. Corrected
    counts are of passages, by ``rates``: what an audit tells of each concern's precision and recall; passages that
    people read whole count as they found them.
    """
    import pandas as pd

    spoken, tagged = facts.spoken, facts.tagged
    if not by_year:
        spoken = spoken.assign(year=ALL_YEARS)
    said = tagged.merge(spoken, on="passage_id")
    levels: list[Sequence[Any]] = [concerns, places, years if by_year else [ALL_YEARS]]
    index: Any = pd.MultiIndex.from_product(levels, names=KEYS)
    table = pd.DataFrame(index=index)
    base = spoken.groupby(["place", "year"])
    for unit, column in UNITS.items():
        counts = base[column].nunique()
        table[unit] = _aligned(table, counts)
    for stance in STANCES:
        of_stance = said[said["stance"] == stance].groupby(KEYS)
        for unit, column in UNITS.items():
            table[f"{stance}_{unit}"] = of_stance[column].nunique().reindex(index, fill_value=0)
    for stance in STANCES[:2]:
        for voice in ("official", "independent"):
            heard = said[(said["stance"] == stance) & (said["voice"] == voice)]
            counts = heard.groupby(KEYS)["story_id"].nunique()
            table[f"{stance}_{voice}"] = counts.reindex(index, fill_value=0)
    table = table.astype(np.int64)
    _add_intervals(table, _both(said).reindex(index, fill_value=0).to_numpy(np.int64))
    _add_corrected(table, replace(facts, spoken=spoken), said, rates or {})
    table.insert(0, "state", _states(table))
    return table.reset_index()


def _aligned(table: DataFrame, counts: Any) -> Any:
    """Counts by place and year, for each row of the table."""
    index: Any = table.index
    return counts.reindex(index.droplevel("concern"), fill_value=0).to_numpy()


def _both(said: DataFrame) -> Any:
    """Stories that raise and address a concern alike, by concern, place and year."""
    raising = said[said["stance"] == "raised"][[*KEYS, "story_id"]].drop_duplicates()
    addressing = said[said["stance"] == "addressed"][[*KEYS, "story_id"]].drop_duplicates()
    return raising.merge(addressing).groupby(KEYS)["story_id"].size()


def _add_intervals(table: DataFrame, both: Any) -> None:
    stories = table["stories"].to_numpy()
    for stance in STANCES[:2]:
        found = shares(table[f"{stance}_stories"].to_numpy(), stories)
        for name, values in zip(("", "_low", "_high"), found, strict=True):
            table[f"share_{stance}{name}"] = values
    raised, addressed = (table[f"{stance}_stories"].to_numpy() for stance in STANCES[:2])
    neither = stories - raised - addressed + both
    for name, values in zip(("", "_low", "_high"), gaps(both, raised - both, addressed - both, neither), strict=True):
        table[f"gap{name}"] = values


def _add_corrected(table: DataFrame, facts: Facts, said: DataFrame, rates: Mapping[str, Rates]) -> None:
    """Passages as they likely are, beside those that were tagged: NaN where no audit tells."""
    unread = _unread(table, facts, said) if rates else []
    is_found = (said["review"] == "added") & said["passage_id"].isin(facts.read)
    kinds = {
        "count": said["review"] == "none",
        "known": said["review"] == "accepted",
        "added": (said["review"] == "added") & ~is_found,
        "found": is_found,
    }
    for stance in STANCES[:2]:
        values = np.full((len(table), 3), np.nan)
        is_of = said["stance"] == stance
        counts = [_passages(table, said[is_of & is_kind]) for is_kind in kinds.values()]
        for n, concern in enumerate(table.index.get_level_values(0) if rates else ()):
            count, known, added, found = (int(one[n]) for one in counts)
            rate = rates.get(concern)
            if rate and count + known + added + found:
                told = corrected(count, rate.precision, rate.recall, known, added, found, unread[n])
                values[n] = told or np.nan
        for k, name in enumerate(("", "_low", "_high")):
            table[f"{stance}_corrected{name}"] = values[:, k]


def _unread(table: DataFrame, facts: Facts, said: DataFrame) -> list[Unread]:
    """Of each row the passages that the tagger did not give the concern: how many nobody read whole, of how many."""
    import pandas as pd

    spoken = facts.spoken
    rejected = pd.DataFrame(sorted(facts.rejected), columns=["passage_id", "concern"]).astype(object)
    given = [said.loc[said["review"] != "added", [*KEYS, "passage_id"]], rejected.merge(spoken, on="passage_id")]
    tagged = pd.concat([one[[*KEYS, "passage_id"]] for one in given])
    parts = []
    for is_read in (False, True):
        of, tags = (one[one["passage_id"].isin(facts.read)] if is_read else one for one in (spoken, tagged))
        all_ = _aligned(table, of.groupby(["place", "year"])["passage_id"].nunique())
        parts.append(all_ - _passages(table, tags))
    return [Unread(int(of - read), int(of)) for of, read in zip(*parts, strict=True)]


def _passages(table: DataFrame, rows: DataFrame) -> Any:
    """How many passages each row of the table has among these."""
    return rows.groupby(KEYS)["passage_id"].nunique().reindex(table.index, fill_value=0).to_numpy()


def _states(table: DataFrame) -> Any:
    """The state of each cell, one of STATES."""
    raised, addressed, described = (table[f"{stance}_stories"] > 0 for stance in STANCES)
    return np.select(
        [
            table["stories"] == 0,
            raised & ~addressed,
            raised & addressed,
            addressed,
            described,
            table["stories"] >= ENOUGH_STORIES,
        ],
        ["no data", "unanswered", "answered", "addressed", "described", "silent"],
        "too little",
    )
