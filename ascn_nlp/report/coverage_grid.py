"""The figure ``coverage``: how many documents speak of each country, year by year."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

from ascn_nlp.report.drawing import (
    COLUMN,
    INK,
    LINE,
    MARGIN,
    PAGE,
    PALE,
    fitted,
    house_style,
    paper,
    sheet,
    width_of,
)
from ascn_nlp.report.shown import Frames, years_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

ALL_YEARS = "all"
ANY_COUNTRY = "any country"
_ROW = 12.0
_TOP = 16.0
_NAMES, _WIDEST = 80.0, 60.0
_SPACE = 4.0
_LIGHT, _DARK = (222, 235, 247), (8, 48, 107)
# From this depth of the shade on letters are white: a contrast of 4.5 and more on either side (WCAG 2.2, 1.4.3).
_WHITE_FROM = 0.62


@house_style()
def coverage(frames: Frames) -> Figure | None:
    """How many documents speak of each country, by year.

    Documents with a passage that speaks of the country or of a city in it, by the year of the document; the darker, the
    more. A document that speaks of several countries counts in each, and once under "any country". Copies of the same
    story count here each. Hatched where there are none.
    """
    table = coverage_table(frames)
    if table.empty:
        return None
    heads = [str(column) for column in table.columns[2:]]
    counts = table.iloc[:, 2:].to_numpy(int)
    names = [fitted(name, _NAMES) for name in table["name"]]
    left = MARGIN + max(width_of(name, True) for name in names) + 6
    last = max(width_of(f"{count:,}") for count in counts[:, -1]) + 8
    need = max(width_of(word) for word in [*heads[:-1], *(f"{count:,}" for count in counts[:, :-1].ravel())]) + 4
    wanted = left + need * (len(heads) - 1) + _SPACE + last + MARGIN
    width = COLUMN if wanted <= COLUMN else max(PAGE, wanted)
    cell = min(_WIDEST, (width - left - last - _SPACE - MARGIN) / (len(heads) - 1))
    figure = paper("coverage", width, _TOP + _ROW * len(table) + _SPACE + LINE + MARGIN)
    axes = sheet(figure)
    spots = [(left + n * cell, cell) for n in range(len(heads) - 1)] + [(left + cell * (len(heads) - 1) + _SPACE, last)]
    for (x, wide), head in zip(spots, heads, strict=True):
        axes.text(x + wide / 2, _TOP - 4, head, ha="center", va="baseline")
    most = max(1, int(counts[:-1, :-1].max(initial=0)))
    for row, name in enumerate(names):
        is_sum = row == len(names) - 1
        y = _TOP + row * _ROW + (_SPACE if is_sum else 0)
        axes.text(MARGIN, y + _ROW / 2, name, va="center_baseline", weight="bold" if is_sum else "normal")
        for (x, wide), count in zip(spots[:-1], counts[row], strict=False):
            _draw_count(axes, int(count), (x, y, wide), None if is_sum else most)
        _draw_count(axes, int(counts[row, -1]), (*spots[-1][:1], y, last), None)
    axes.text(MARGIN, _TOP + _ROW * len(table) + _SPACE + LINE, "Number of documents; hatched: none", va="baseline")
    return figure


def coverage_table(frames: Frames) -> DataFrame:
    """The numbers of ``coverage``: a row for each country and one for any of them, a column of documents a year."""
    import pandas as pd

    years = years_shown(frames)
    columns = ["code", "name", *map(str, years), ALL_YEARS]
    shown = frames.spoken[frames.spoken["year"].isin(years)]
    if shown.empty:
        return pd.DataFrame(columns=columns)
    codes = [*frames.countries, *sorted(set(shown["country"]) - set(frames.countries))]
    rows = [(code, frames.countries.get(code, code) or "elsewhere", shown[shown["country"] == code]) for code in codes]
    rows.append(("", ANY_COUNTRY, shown))
    return pd.DataFrame([[code, name, *_by_year(found, years)] for code, name, found in rows], columns=columns)


def _by_year(found: DataFrame, years: tuple[int, ...]) -> list[int]:
    """How many documents there are in each year, and in all of them."""
    counts = found.groupby("year")["document_id"].nunique()
    return [*(int(counts.get(year, 0)) for year in years), int(found["document_id"].nunique())]


def _draw_count(axes: Axes, count: int, place: tuple[float, float, float], most: int | None) -> None:
    """A cell with its count: shaded by ``most``, the largest count of all, plain without it."""
    from matplotlib.patches import Rectangle

    x, y, width = place
    ink = INK if count else PALE
    if most is not None:
        depth = sqrt(count / most)
        shade = tuple((a + (b - a) * depth) / 255 for a, b in zip(_LIGHT, _DARK, strict=True))
        ink = "white" if depth > _WHITE_FROM else "black"
        look: dict[str, Any] = {"facecolor": shade, "edgecolor": "white"}
        if not count:
            look = {"facecolor": "white", "edgecolor": "#CCCCCC", "hatch": "////"}
        axes.add_patch(Rectangle((x, y), width, _ROW, linewidth=0.6, **look))
    if count or most is None:
        axes.text(x + width / 2, y + _ROW / 2, f"{count:,}", ha="center", va="center_baseline", color=ink)
