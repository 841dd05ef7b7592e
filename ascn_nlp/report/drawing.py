"""What all figures share: paper and letters, colours that everybody can tell apart, names that fit their room.

Lengths are in points (1/72 inch), counted from the top left. matplotlib's global state is left as it was found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CM = 72 / 2.54
# The columns of most journals: a figure is one or both wide and printed as large as it is drawn.
COLUMN = 8.5 * CM
PAGE = 17.5 * CM
TEXT = 7.0
LINE = 1.22 * TEXT
MARGIN = 3.0

INK = "#222222"
PALE = "#8A8A8A"
# Vermilion and blue of Okabe and Ito, "Color Universal Design" (2008), the first darkened until white letters can be
# read on it. In grey they are alike, so each has a marker and a line of its own.
RAISED: dict[str, Any] = {"color": "#B84A00", "marker": "o", "markerfacecolor": "#B84A00", "linestyle": "-"}
ADDRESSED: dict[str, Any] = {"color": "#0072B2", "marker": "s", "markerfacecolor": "white", "linestyle": (0, (4, 2))}
LOOKS = {"raised": RAISED, "addressed": ADDRESSED}

_FONT = "DejaVu Sans"  # comes with matplotlib, so that a figure looks the same everywhere
_STYLE: dict[Any, Any] = {
    "font.family": [_FONT],
    "font.size": TEXT,
    **dict.fromkeys(("axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize"), TEXT),
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("axes.linewidth", "xtick.major.width", "ytick.major.width", "hatch.linewidth"), 0.6),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size"), 2.5),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right"), False),
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "lines.linewidth": 1.1,
    "lines.markersize": 4,
    "figure.dpi": 72,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "svg.fonttype": "path",  # a reader without the font would see other, wider letters
    "svg.hashsalt": "ascn-nlp",
}
# What has no place on paper: controls, halves of surrogates, and signs that have no width or turn the direction round.
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_UNDRAWABLE = "\N{REPLACEMENT CHARACTER}"


@contextmanager
def house_style() -> Iterator[None]:
    """Everything within, or a function decorated with it, is drawn alike, whatever a user's own settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def paper(name: str, width: float, height: float) -> Figure:
    """An empty white figure of this size; its label is ``name``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72, height / 72), facecolor="white")
    figure.set_label(name)
    return figure


def sheet(figure: Figure) -> Axes:
    """Axes over the whole figure, in points from its top left, with nothing drawn yet."""
    width, height = (72 * inches for inches in figure.get_size_inches())
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    return axes


def frame(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at this place of the figure."""
    across, down = (72 * inches for inches in figure.get_size_inches())
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def clean(text: str) -> str:
    """The text in one line, without what cannot be drawn: a letter that the font lacks becomes a mark that says so."""
    signs = (
        " " if sign.isspace() or unicodedata.category(sign) == "Cc" else sign
        for sign in unicodedata.normalize("NFC", text)
    )
    kept = "".join(sign for sign in signs if unicodedata.category(sign) not in _INVISIBLE)
    drawable = _drawable()
    return re.sub(" +", " ", "".join(sign if ord(sign) in drawable else _UNDRAWABLE for sign in kept)).strip()


@cache
def _drawable() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(_FONT)).get_charmap())


@cache
def width_of(text: str, is_bold: bool = False) -> float:
    """How wide a clean line of text is drawn."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(family=[_FONT], size=TEXT, weight="bold" if is_bold else "normal")
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0])


def fitted(text: str, width: float, lines: int = 1, is_bold: bool = False) -> str:
    """The text, cleaned, on so many lines of at most this width; what does not fit ends in "…"."""
    rest = clean(text)
    done: list[str] = []
    while rest and len(done) < max(lines, 1):
        is_last = len(done) == max(lines, 1) - 1
        line = _line(rest, width, is_bold, is_last)
        done.append(line)
        rest = "" if is_last else rest[len(line) :].lstrip()
    return "\n".join(done)


def _line(text: str, width: float, is_bold: bool, is_last: bool) -> str:
    """As much of the text as fits in a line, whole words where one does; the last line of all says if it was cut."""
    if width_of(text, is_bold) <= width:
        return text
    tail = "…" if is_last else ""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width_of(text[:middle] + tail, is_bold) <= width else (low, middle - 1)
    if not is_last and " " in text[1 : low + 1]:
        return text[: text.rindex(" ", 1, low + 1)]
    return text[:low].rstrip() + tail


def heading(theme: str) -> str:
    """What a theme is called: its id in words."""
    words = clean(theme.replace("_", " ")) or "no theme"
    return words[0].upper() + words[1:]


class Key(NamedTuple):
    """An entry of a legend: what it means, and how it looks: arguments of ``plot`` or, with ``facecolor``, of a box."""

    words: str
    look: dict[str, Any]


_SWATCH = 18.0
_BOX = ("facecolor", "edgecolor", "hatch", "linewidth")


def legend_rows(keys: Sequence[Key], width: float) -> list[list[Key]]:
    """The entries of a legend, row by row within this width."""
    rows: list[list[Key]] = []
    room = 0.0
    for key in keys:
        need = _SWATCH + 14 + width_of(clean(key.words))
        if need > room:
            rows.append([])
            room = width
        rows[-1].append(key)
        room -= need
    return rows


def draw_legend(axes: Axes, keys: Sequence[Key], left: float, top: float, width: float) -> float:
    """The height of a legend that was drawn here on a sheet."""
    rows = legend_rows(keys, width)
    step = LINE + 3
    for row, entries in enumerate(rows):
        x, y = left, top + (row + 0.5) * step
        for key in entries:
            _draw_look(axes, key.look, x, y)
            axes.text(x + _SWATCH + 4, y, clean(key.words), va="center_baseline")
            x += _SWATCH + 14 + width_of(clean(key.words))
    return len(rows) * step


def _draw_look(axes: Axes, look: dict[str, Any], x: float, y: float) -> None:
    from matplotlib.patches import Rectangle

    box = {name: value for name, value in look.items() if name in _BOX}
    line = {name: value for name, value in look.items() if name not in _BOX}
    if box:
        axes.add_patch(Rectangle((x, y - 4), _SWATCH, 8, **{"edgecolor": PALE, "linewidth": 0.4, **box}))
    if "marker" in line and not box:
        axes.plot([x, x + _SWATCH], [y, y], **{**line, "marker": ""})
    if "marker" in line:
        axes.plot([x + _SWATCH / 2], [y], **{**line, "linestyle": "none"})


def whole_ticks(axes: Axes) -> None:
    """Only whole numbers at the side of the axes, and few of them."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")


def year_ticks(axes: Axes, years: Sequence[int], width: float) -> None:
    """The years below the axes, as many of them as have room, the last one always."""
    step = max(1, -(-len(years) * 22 // int(width)))
    shown = years[::-1][::step][::-1]
    axes.set_xticks(list(shown), [str(year) for year in shown])
    axes.set_xticks(list(years), minor=True)
    axes.tick_params(axis="x", which="minor", length=1.5)
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
