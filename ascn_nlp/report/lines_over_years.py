"""The figure ``over_years``: how each theme is met, year by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ascn_nlp.report.drawing import (
    LOOKS,
    MARGIN,
    PAGE,
    Key,
    draw_legend,
    fitted,
    frame,
    heading,
    house_style,
    paper,
    sheet,
    whole_ticks,
    year_ticks,
)
from ascn_nlp.report.shown import Frames, counted, themes, years_shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame

_ACROSS = 3
_LEFT, _RIGHT, _GAP, _TOP = 30.0, 9.0, 24.0, 34.0
_PANEL, _STEP, _BOTTOM = 84.0, 116.0, 0.0
# How far beside its year a point stands, as a share of the panel.
_ASIDE = 0.011


@house_style()
def over_years(frames: Frames) -> Figure | None:
    """How much of each theme is raised and addressed, year by year.

    Share of the stories of a year that raise, and that address, any of the concerns of the theme that were asked for
    (documents that tell the same story count once), of all stories of the year that speak of a place. Bands, and bars
    where a year stands alone, are 95 % intervals (mid-P). The last panel tells how many stories there are in each year.
    """
    table = over_years_table(frames)
    if table.empty:
        return None
    years = years_shown(frames)
    names = list(table["theme"].drop_duplicates())
    rows = -(-(len(names) + 1) // _ACROSS)
    width = (PAGE - _LEFT - _RIGHT - _GAP * (_ACROSS - 1)) / _ACROSS
    figure = paper("over_years", PAGE, _TOP + _STEP * rows + _BOTTOM)
    keys = [Key(f"{stance} (share of stories, with 95 % interval)", look) for stance, look in LOOKS.items()]
    draw_legend(sheet(figure), keys, MARGIN, 2, PAGE - 2 * MARGIN)
    most = max(0.05, *(float(table[f"{stance}_high"].max()) for stance in LOOKS))
    for n, name in enumerate([*names, None]):
        row, column = divmod(n, _ACROSS)
        axes = frame(figure, _LEFT + column * (width + _GAP), _TOP + row * _STEP, width, _PANEL)
        year_ticks(axes, years, width)
        if row == rows - 1:
            axes.set_xlabel("year")
        if name is None:
            _draw_stories(axes, table[table["theme"] == names[0]], width)
            continue
        axes.set_title(fitted(heading(name), width, 1, True))
        for stance in LOOKS:
            _draw_lines(axes, table[table["theme"] == name], stance)
        axes.set_ylim(0, 1.04 * 100 * min(most, 1))
        whole_ticks(axes)
        axes.set_ylabel("% of stories" if not column else "")
    return figure


def over_years_table(frames: Frames) -> DataFrame:
    """The numbers of ``over_years``, a row for each theme and year: stories, and shares of them with 95 % intervals."""
    import pandas as pd

    shares = {f"share_{stance}{end}": f"{stance}_share{end}" for stance in LOOKS for end in ("", "_low", "_high")}
    shares = {old: new.replace("_share_", "_") for old, new in shares.items()}
    counts = {f"{stance}_stories": stance for stance in LOOKS}
    columns = ["theme", "year", "stories", *counts.values(), *shares.values()]
    groups = {concern: theme for theme, found in themes(frames).items() for concern in found}
    if frames.spoken.empty or not groups:
        return pd.DataFrame(columns=columns)
    table = counted(frames, groups, by_year=True)
    return table.rename(columns={"concern": "theme", **counts, **shares})[columns]


def _draw_lines(axes: Axes, table: DataFrame, stance: str) -> None:
    """The share of one stance, its band, and a bar for each year whose neighbours are empty.

    Both stances stand a little beside the year, so that one does not hide the other where they are equal.
    """
    look = LOOKS[stance]
    years = table["year"].to_numpy()
    shift = _ASIDE * len(years) * (-1 if stance == "raised" else 1)
    share, low, high = (100 * table[f"{stance}_{end}"].to_numpy(float) for end in ("share", "low", "high"))
    axes.fill_between(years + shift, low, high, color=look["color"], alpha=0.16, linewidth=0)
    axes.plot(years + shift, share, clip_on=False, zorder=3, **look)
    known = dict.fromkeys(years[share == share])
    for n, year in enumerate(years):
        if year in known and year - 1 not in known and year + 1 not in known:
            axes.plot([year + shift] * 2, [low[n], high[n]], color=look["color"], linestyle=look["linestyle"])


def _draw_stories(axes: Axes, table: DataFrame, width: float) -> None:
    axes.set_title("All stories (number)")
    bars = axes.bar(
        table["year"],
        table["stories"],
        width=min(0.7, 30 * len(table) / width),
        facecolor="#D0D0D0",
        edgecolor="#555555",
        linewidth=0.5,
    )
    if width / len(table) >= 17:
        axes.bar_label(bars, [f"{count:,}" for count in table["stories"]], padding=1)
    axes.set_ylim(0, 1.18 * table["stories"].max())
    whole_ticks(axes)
