"""The figure ``sources``: what kinds of documents are counted, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ascn_nlp.report.coverage_grid import ALL_YEARS
from ascn_nlp.report.drawing import (
    MARGIN,
    PAGE,
    Key,
    draw_legend,
    fitted,
    frame,
    house_style,
    legend_rows,
    paper,
    sheet,
    whole_ticks,
    year_ticks,
)
from ascn_nlp.report.frames import VOICES
from ascn_nlp.report.shown import Frames, years_shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

ALL_GENRES = "all genres"
GENRES = (*VOICES, "other")
_WORDS = {"ngo_or_think_tank": "NGO or think tank"}
# The palette of Okabe and Ito, "Color Universal Design" (2008), each colour with a hatch of its own.
_LOOKS = (
    ("#0072B2", ""), ("#56B4E9", "////"), ("#CC79A7", "xxxx"), ("#E69F00", ""), ("#F0E442", "||||"),
    ("#009E73", "\\\\\\\\"), ("#DDDDDD", "----"),
)  # fmt: skip
_LEFT, _PLOT, _BOTTOM = 32.0, 150.0, 30.0


@house_style()
def sources(frames: Frames) -> Figure | None:
    """What kinds of documents are counted, by year.

    Documents that speak of a place, by genre and by the year of the document; copies of the same story count each.
    The figures above the bars tell how many there are in the year.
    """
    table = sources_table(frames)
    if table.empty:
        return None
    years = years_shown(frames)
    body, totals = table.iloc[:-1], table.iloc[-1]
    looks = {genre: _LOOKS[n % len(_LOOKS)] for n, genre in enumerate(_genres(frames))}
    keys = [
        Key(
            str(row["name"]),
            {"facecolor": looks[row["genre"]][0], "hatch": looks[row["genre"]][1], "edgecolor": "#333333"},
        )
        for _, row in body.iterrows()
    ]
    top = 8 + 12 * len(legend_rows(keys, PAGE - 2 * MARGIN)) + 6
    figure = paper("sources", PAGE, top + _PLOT + _BOTTOM)
    draw_legend(sheet(figure), keys, MARGIN, 2, PAGE - 2 * MARGIN)
    axes = frame(figure, _LEFT, top, PAGE - _LEFT - MARGIN, _PLOT)
    year_ticks(axes, years, PAGE - _LEFT - MARGIN)
    floor = [0] * len(years)
    for _, row in body.iterrows():
        counts = [int(row[str(year)]) for year in years]
        face, hatch = looks[row["genre"]]
        axes.bar(
            years,
            counts,
            bottom=floor,
            width=min(0.66, 50 * len(years) / PAGE),
            facecolor=face,
            hatch=hatch,
            edgecolor="#333333",
            linewidth=0.5,
        )
        floor = [low + count for low, count in zip(floor, counts, strict=True)]
    for year, height in zip(years, floor, strict=True):
        axes.text(year, height, f"{int(totals[str(year)]):,}", ha="center", va="bottom")
    axes.set_ylim(0, 1.1 * max(floor))
    whole_ticks(axes)
    axes.set(ylabel="documents", xlabel="year of the document")
    return figure


def sources_table(frames: Frames) -> DataFrame:
    """The numbers of ``sources``: a row for each genre and one for all of them, a column of documents a year."""
    import pandas as pd

    years = years_shown(frames)
    columns = ["genre", "name", *map(str, years), ALL_YEARS]
    shown = frames.spoken[frames.spoken["year"].isin(years)].drop_duplicates("document_id")
    if shown.empty:
        return pd.DataFrame(columns=columns)
    found = [(genre, genre_name(genre), shown[shown["genre"] == genre]) for genre in _genres(frames)]
    rows = [*(row for row in found if len(row[2])), ("", ALL_GENRES, shown)]
    counts = [[*((of["year"] == year).sum() for year in years), len(of)] for _, _, of in rows]
    return pd.DataFrame([[code, name, *of] for (code, name, _), of in zip(rows, counts, strict=True)], columns=columns)


def genre_name(genre: str) -> str:
    """What a genre is called in a figure."""
    return fitted(_WORDS.get(genre, genre.replace("_", " ")) or "no genre", 120)


def _genres(frames: Frames) -> list[str]:
    """All genres in an order of their own, so that each looks alike in every report."""
    return [*GENRES, *sorted(set(frames.spoken["genre"]) - set(GENRES))]
