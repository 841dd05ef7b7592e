"""The figure ``raised_against_addressed``: each concern, all places and years together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ascn_nlp.report.drawing import (
    CM,
    INK,
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
    width_of,
)
from ascn_nlp.report.shown import Frames, counted, themes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame, Series

_ROW = 16.0
_TOP, _BOTTOM = 36.0, 30.0
_NAMES = 5.4 * CM
_COUNT, _INDENT = 54.0, 8.0
# Where the counts of stories end, by stance.
_COUNTS = {"raised": PAGE - MARGIN - _COUNT, "addressed": PAGE - MARGIN}


@house_style()
def raised_against_addressed(frames: Frames) -> Figure | None:
    """How often each concern is raised, and how often it is addressed.

    Share of the stories that raise, and that address, the concern (documents that tell the same story count once), of
    all stories that speak of a place, all places and years of the window together. Lines are 95 % intervals (mid-P);
    the columns at the right count the stories. A story may raise a concern and address it.
    """
    table = raised_against_addressed_table(frames)
    if table.empty:
        return None
    height = _ROW * (len(table) + len(themes(frames)))
    figure = paper("raised_against_addressed", PAGE, _TOP + height + _BOTTOM)
    page = sheet(figure)
    words = f"share of {table['stories'].max():,} stories, with 95 % interval"
    keys = [Key(f"{stance} ({words})", {**look, "linestyle": "-"}) for stance, look in LOOKS.items()]
    draw_legend(page, keys, MARGIN, 2, PAGE - 2 * MARGIN)
    left = MARGIN + _INDENT + max(width_of(fitted(name, _NAMES)) for name in table["name"]) + 6
    axes = frame(figure, left, _TOP, PAGE - left - 2 * _COUNT - MARGIN - 8, height)
    _draw_scale(axes, table, round(height / _ROW))
    for stance, right in _COUNTS.items():
        words = {"raised": "stories\nraising it", "addressed": "stories\naddressing it"}[stance]
        page.text(right, _TOP - 4, words, ha="right", va="bottom", linespacing=1.1)
    line = 0
    for theme, group in table.groupby("theme", sort=False):
        y = _TOP + line * _ROW
        name = fitted(heading(str(theme)), left - MARGIN - 6, 1, True)
        page.text(MARGIN, y + _ROW / 2, name, weight="bold", va="center_baseline")
        page.plot([MARGIN, PAGE - MARGIN], [y, y], color="#BBBBBB", linewidth=0.5)
        for row, (_, concern) in enumerate(group.iterrows(), line + 1):
            _draw_concern(page, axes, concern, row)
        line += 1 + len(group)
    return figure


def raised_against_addressed_table(frames: Frames) -> DataFrame:
    """The numbers of ``raised_against_addressed``, a row for each concern: stories, and shares with 95 % intervals."""
    import pandas as pd

    shares = {f"share_{stance}": f"{stance}_share" for stance in LOOKS}
    shares |= {f"share_{stance}_{end}": f"{stance}_{end}" for stance in LOOKS for end in ("low", "high")}
    counts = {f"{stance}_stories": stance for stance in LOOKS}
    columns = ["theme", "concern", "name", "stories", *counts.values(), *shares.values()]
    if frames.spoken.empty or not frames.concerns:
        return pd.DataFrame(columns=columns)
    order = {concern: concern for found in themes(frames).values() for concern in found}
    table = counted(frames, order).rename(columns={**counts, **shares})
    table["name"] = [frames.concerns[concern].name for concern in table["concern"]]
    table["theme"] = [frames.concerns[concern].theme for concern in table["concern"]]
    return table[columns]


def _draw_scale(axes: Axes, table: DataFrame, lines: int) -> None:
    most = max(0.05, *(float(table[f"{stance}_high"].max()) for stance in LOOKS))
    axes.set(ylim=(lines - 0.5, -0.5), xlim=(0, 100 * min(1.0, 1.03 * most)), yticks=[])
    axes.set_xlabel("% of stories that speak of a place")
    axes.grid(axis="x", color="#E4E4E4", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.patch.set_visible(False)
    axes.spines["left"].set_color(INK)


def _draw_concern(page: Axes, axes: Axes, concern: Series, row: int) -> None:
    """The line of one concern: its name, shares with intervals, and counts."""
    y = _TOP + (row + 0.5) * _ROW
    page.text(MARGIN + _INDENT, y, fitted(concern["name"] or concern["concern"], _NAMES), va="center_baseline")
    for stance, look in LOOKS.items():
        share, low, high = (100 * float(concern[f"{stance}_{end}"]) for end in ("share", "low", "high"))
        at = row + (-0.17 if stance == "raised" else 0.17)
        axes.plot([low, high], [at, at], color=look["color"], solid_capstyle="butt")
        axes.plot([share], [at], **{**look, "linestyle": "none"}, clip_on=False, zorder=3)
        page.text(_COUNTS[stance], y, f"{concern[stance]:,}", ha="right", va="center_baseline")
