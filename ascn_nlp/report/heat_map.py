"""The figure ``heat_map``: each concern in each place, all years together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ascn_nlp.report import uncounted
from ascn_nlp.report.drawing import (
    ADDRESSED,
    COLUMN,
    INK,
    LINE,
    MARGIN,
    PAGE,
    PALE,
    RAISED,
    Key,
    clean,
    draw_legend,
    fitted,
    heading,
    house_style,
    legend_rows,
    paper,
    sheet,
    width_of,
)
from ascn_nlp.report.matrix import ENOUGH_STORIES
from ascn_nlp.report.shown import Frames, counted, country_of, place_name, places_shown, themes
from ascn_nlp.report.states import STATES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame, Series


class Look(NamedTuple):
    """How a state is drawn: colour, sign, the colour of its letters, and what the legend adds to its name."""

    facecolor: str
    ink: str
    sign: dict[str, Any]
    words: str
    hatch: str = ""


# From dark to light also in grey; each state has a sign of its own beside its colour.
LOOKS = {
    "unanswered": Look(RAISED["color"], "white", {"marker": "^"}, " (stories raising it)"),
    "answered": Look("#CF92B8", INK, {"marker": "D"}, " (stories raising + addressing it)"),
    "addressed": Look("#A9D5F0", INK, {"marker": "s"}, " (stories addressing it)"),
    "described": Look("#F4EEC4", INK, {"marker": "o"}, " (stories)"),
    "silent": Look("white", INK, {"marker": "o", "fillstyle": "none"}, f": no tag in {ENOUGH_STORIES} or more stories"),
    "too little": Look("#F0F0F0", PALE, {"marker": "x"}, f": no tag, fewer than {ENOUGH_STORIES} stories"),
    "no data": Look("white", PALE, {}, ": nothing that can be counted speaks of it", "////"),
}
# Of cells in so few stories that the 95 % interval of the gap index reaches 0: an edge in place of a ground.
WEAK_EDGES = {"unanswered": RAISED["color"], "addressed": ADDRESSED["color"]}
_EDGE = 1.1
# With more rows than this, places that nothing counted speaks of are named below the map.
MOST_ROWS = 24
_ROW = 11.0
_HEAD = 92.0
_SIGN = 5.5
_NAMES = 110.0
_NARROWEST, _WIDEST = 24.0, 44.0


@house_style()
def heat_map(frames: Frames) -> Figure | None:
    """What is raised, what is addressed and what is met with silence, by concern and place.

    Each cell is one concern in one place, all years of the window together. Colour and sign tell its state, the figures
    count stories (documents that tell the same story count once); the column "stories that speak of it" tells how many
    speak of the place at all. The gap index is the number of stories that raise a concern less those that address it,
    divided by their sum; cells are outlined where only one of the two is done and the 95 % interval reaches 0.
    """
    table = heat_map_table(frames)
    if table.empty:
        return None
    places = _rows(frames, table)
    table = table[table["place"].isin(places)]
    concerns = [concern for found in themes(frames).values() for concern in found]
    texts = {(str(row.concern), str(row.place)): _text(row) for row in table.itertuples()}
    is_by_country = all(place in frames.countries for place in places)
    names = {place: fitted(place_name(place, frames), _NAMES) for place in places}
    labels = {place: _country_name(place, frames) for place in places}
    countries = 0.0 if is_by_country else max(width_of(label, True) for label in labels.values()) + 5
    counts = dict(zip(table["place"], table["stories"], strict=True))
    stories = countries + MARGIN + max(map(width_of, names.values())) + 7
    stories += max(width_of(f"{count:,}") for count in counts.values())
    left = stories + 4
    need = max(_NARROWEST, *(width_of(text) + _SIGN + 3.5 for text in texts.values()))
    # Many concerns or counts of three digits make it wider than a page: it is then for one laid on its side.
    cell = max(need, min(_WIDEST, (PAGE - left - MARGIN) / len(concerns)))
    width = max(left + cell * len(concerns) + MARGIN, 1.6 * COLUMN)
    keys = [_key(state) for state in LOOKS if state in set(table["state"])] + _weak_keys(table)
    missing = without_data(frames)
    note = fitted(missing, width - 2 * MARGIN, 6) if len(places) < len(places_shown(frames)) else ""
    below = _HEAD + _ROW * len(places)
    foot = (LINE + 3) * len(legend_rows(keys, width - 2 * MARGIN)) + LINE * (note.count("\n") + 1 if note else 0)
    figure = paper("heat_map", width, below + 8 + foot + MARGIN)
    axes = sheet(figure)
    _draw_heads(axes, frames, left, cell)
    _draw_names(axes, names, counts, countries, stories)
    _draw_cells(axes, table, concerns, places, texts, left, cell)
    _draw_groups(axes, frames, {} if is_by_country else labels, len(places), left, cell)
    done = draw_legend(axes, keys, MARGIN, below + 7, width - 2 * MARGIN)
    axes.text(MARGIN, below + 8 + done, note, va="top", linespacing=1.15)
    return figure


def heat_map_table(frames: Frames) -> DataFrame:
    """The numbers of ``heat_map``, a row for each concern and place, those without data too.

    Stories are counted; ``gap_low`` and ``gap_high`` are the ends of the 95 % interval of the gap index.
    """
    import pandas as pd

    places = places_shown(frames)
    names = {"raised_stories": "raised", "addressed_stories": "addressed", "described_stories": "described"}
    ends = ("gap_low", "gap_high")
    columns = ["theme", "concern", "name", "country", "place", "state", "stories", *names.values(), *ends]
    if frames.spoken.empty or not frames.concerns or not places:
        return pd.DataFrame(columns=columns)
    table = counted(frames, dict(zip(frames.concerns, frames.concerns, strict=True)), places).rename(columns=names)
    table["name"] = [frames.concerns[concern].name for concern in table["concern"]]
    table["theme"] = [frames.concerns[concern].theme for concern in table["concern"]]
    table["country"] = [country_of(place, frames) for place in table["place"]]
    return table[columns]


def remark(frames: Frames) -> str:
    """Sentences on how many unanswered cells are sure, and on the places of which nothing counted speaks."""
    table = heat_map_table(frames)
    found = table[table["state"] == "unanswered"]
    sure = int((found["gap_low"] > 0).sum())
    told = f"The interval lies above 0 for {sure:,} of {len(found):,} cells that are raised and by nobody addressed."
    return " ".join(filter(None, [told if len(found) else "", without_data(frames)]))


def is_weak(table: DataFrame) -> Series:
    """Whether chance may have made each cell: only raised or only addressed, and the gap's interval reaches 0."""
    is_raised, is_addressed = (table["state"] == state for state in WEAK_EDGES)
    return (is_raised & ~(table["gap_low"] > 0)) | (is_addressed & ~(table["gap_high"] < 0))


def without_data(frames: Frames) -> str:
    """Sentences that name the places of which nothing counted speaks, "" where there are none."""
    spoken = set(frames.spoken["place"])
    missing = {place: clean(place_name(place, frames)) for place in places_shown(frames) if place not in spoken}
    return uncounted.without_data(missing, frames.uncounted)


def _rows(frames: Frames, table: DataFrame) -> list[str]:
    """The places that get a row."""
    places = places_shown(frames)
    if len(places) <= MOST_ROWS:
        return list(places)
    known = set(table.loc[table["stories"] > 0, "place"])
    return [place for place in places if place in known]


def _key(state: str) -> Key:
    look = LOOKS[state]
    sign = {**look.sign, "color": look.ink, "linestyle": "none"} if look.sign else {}
    return Key(STATES[state].name + look.words, {"facecolor": look.facecolor, "hatch": look.hatch, **sign})


def _weak_keys(table: DataFrame) -> list[Key]:
    """The entry for outlined cells, where there are any; it looks as those do of which there are more."""
    states = table.loc[is_weak(table), "state"]
    if states.empty:
        return []
    state = str(states.value_counts().sort_index(ascending=False).idxmax())
    sign = {**LOOKS[state].sign, "color": INK, "linestyle": "none"}
    box = {"facecolor": "white", "edgecolor": WEAK_EDGES[state], "linewidth": _EDGE}
    return [Key("outlined: in so few stories that the 95 % interval of the gap index reaches 0", {**box, **sign})]


def _text(row: Any) -> str:
    """What is written in a cell: how many stories have the stance that its state speaks of."""
    if row.state == "answered":
        return f"{row.raised} + {row.addressed}"
    return {"unanswered": f"{row.raised}", "addressed": f"{row.addressed}", "described": f"{row.described}"}.get(
        row.state, ""
    )


def _draw_heads(axes: Axes, frames: Frames, left: float, cell: float) -> None:
    """Themes above concerns, whose names stand upright above their columns."""
    x = left
    for theme, room, width in _theme_rooms(frames, cell):
        axes.plot([x + 1.5, x + width - 1.5], [LINE + 5] * 2, color=INK, linewidth=0.8)
        axes.text(x + width / 2, LINE + 2, fitted(heading(theme), room, 1, True), weight="bold", ha="center")
        x += width
    concerns = [concern for found in themes(frames).values() for concern in found]
    for n, concern in enumerate(concerns):
        words = fitted(frames.concerns[concern].name or concern, _HEAD - LINE - 12, max(1, int(cell // (LINE + 0.5))))
        axes.text(left + (n + 0.5) * cell, _HEAD - 3, words, rotation=90, ha="center", va="bottom", linespacing=1.1)


def _theme_rooms(frames: Frames, cell: float) -> list[tuple[str, float, float]]:
    """(theme, how wide its name may be, how wide its columns are): a long name may reach over where both others end."""
    widths = {theme: len(found) * cell for theme, found in themes(frames).items()}
    free = [max(0.0, wide - width_of(heading(theme), True) - 6) / 2 for theme, wide in widths.items()]
    around = zip([0.0, *free[:-1]], [*free[1:], 0.0], strict=True)
    rooms = zip(widths.items(), around, strict=True)
    return [(theme, wide - 4 + 2 * min(sides), wide) for (theme, wide), sides in rooms]


def _draw_names(axes: Axes, names: dict[str, str], stories: dict[str, int], left: float, right: float) -> None:
    """Places, and how many stories speak of each."""
    axes.text(right, _HEAD - 3, "stories that\nspeak of it", rotation=90, ha="right", va="bottom", linespacing=1.1)
    for row, (place, name) in enumerate(names.items()):
        y = _HEAD + (row + 0.5) * _ROW
        ink = INK if stories[place] else PALE
        axes.text(left + MARGIN, y, name, va="center_baseline", color=ink)
        axes.text(right, y, f"{stories[place]:,}", ha="right", va="center_baseline", color=ink)


def _draw_cells(
    axes: Axes,
    table: DataFrame,
    concerns: list[str],
    places: list[str],
    texts: dict[tuple[str, str], str],
    left: float,
    cell: float,
) -> None:
    column = {concern: left + n * cell for n, concern in enumerate(concerns)}
    top = {place: _HEAD + n * _ROW for n, place in enumerate(places)}
    for (state, weak), group in table.groupby(["state", is_weak(table)], sort=False):
        look = LOOKS[str(state)]
        if weak:
            look = look._replace(facecolor="white", ink=INK)
        cells = zip(group["concern"], group["place"], strict=True)
        spots = [(column[concern], top[place], texts[concern, place]) for concern, place in cells]
        for x, y, text in spots:
            _draw_box(axes, x, y, cell, look, WEAK_EDGES[str(state)] if weak else "")
            axes.text(x + cell - 2.5, y + _ROW / 2, text, color=look.ink, ha="right", va="center_baseline")
        if look.sign:
            across = [x + (_SIGN / 2 + 1.5 if text else cell / 2) for x, _, text in spots]
            down = [y + _ROW / 2 for _, y, _ in spots]
            axes.plot(across, down, color=look.ink, linestyle="none", markersize=3.5, **look.sign)


def _draw_box(axes: Axes, x: float, y: float, width: float, look: Look, edge: str) -> None:
    """The ground of a cell, and within it the edge of one that is outlined."""
    from matplotlib.patches import Rectangle

    ground: dict[str, Any] = {"facecolor": look.facecolor, "hatch": look.hatch}
    axes.add_patch(Rectangle((x, y), width, _ROW, edgecolor="#BBBBBB", linewidth=0.4, **ground))
    if edge:
        within = (x + _EDGE / 2 + 0.4, y + _EDGE / 2 + 0.4), width - _EDGE - 0.8, _ROW - _EDGE - 0.8
        axes.add_patch(Rectangle(*within, fill=False, edgecolor=edge, linewidth=_EDGE, joinstyle="miter"))


def _draw_groups(axes: Axes, frames: Frames, countries: dict[str, str], rows: int, left: float, cell: float) -> None:
    """Lines between themes and between countries, whose names stand at the left of their first city."""
    bottom, right = _HEAD + _ROW * rows, left
    sides = [left]
    for concerns in themes(frames).values():
        right += len(concerns) * cell
        sides.append(right)
    tops = [_HEAD, bottom]
    before = None
    for row, (place, name) in enumerate(countries.items()):
        if row == 0 or country_of(place, frames) != before:
            axes.text(MARGIN, _HEAD + (row + 0.5) * _ROW, name, weight="bold", va="center_baseline")
            tops.append(_HEAD + row * _ROW)
        before = country_of(place, frames)
    axes.vlines(sides, _HEAD, bottom, color=INK, linewidth=0.8)
    axes.hlines(tops, MARGIN, right, color=INK, linewidth=0.8)


def _country_name(place: str, frames: Frames) -> str:
    code = country_of(place, frames)
    return fitted(frames.countries.get(code, code) or "elsewhere", 60, 1, True)
