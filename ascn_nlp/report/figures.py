"""The figures of a report: a name, a function that draws it, a title and a caption, and the numbers in it.

To add one, write a function from Frames to a matplotlib Figure, with its title and caption as docstring, and one from
Frames to the table of its numbers, empty where there is nothing to draw, and list both here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ascn_nlp.errors import OptionError
from ascn_nlp.report.coverage_grid import coverage, coverage_table
from ascn_nlp.report.heat_map import heat_map, heat_map_table, remark
from ascn_nlp.report.lines_over_years import over_years, over_years_table
from ascn_nlp.report.rendering import png_bytes, svg_text
from ascn_nlp.report.shown import ConcernName, Frames, size, years_left_out
from ascn_nlp.report.source_bars import sources, sources_table
from ascn_nlp.report.stance_dots import raised_against_addressed, raised_against_addressed_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

__all__ = ("FIGURES", "TABLES", "ConcernName", "Frames", "caption", "png", "svg", "table_of", "title")

# A figure's name, which is its file's too -> what draws it; None where there is nothing to draw.
FIGURES: Mapping[str, Callable[[Frames], Figure | None]] = {
    "heat_map": heat_map,
    "over_years": over_years,
    "raised_against_addressed": raised_against_addressed,
    "coverage": coverage,
    "sources": sources,
}
TABLES: Mapping[str, Callable[[Frames], DataFrame]] = {
    "heat_map": heat_map_table,
    "over_years": over_years_table,
    "raised_against_addressed": raised_against_addressed_table,
    "coverage": coverage_table,
    "sources": sources_table,
}
# What is said below a figure of what it leaves out, and how sure it is.
_REMARKS: Mapping[str, Callable[[Frames], str]] = {
    "heat_map": remark,
    "over_years": years_left_out,
    "coverage": years_left_out,
    "sources": years_left_out,
}
NOTHING = "Not drawn: no passage of the window speaks of a place."


def title(name: str) -> str:
    """The title of a figure; OptionError names the figures there are."""
    return _docstring(name)[0].rstrip(".")


def caption(name: str, frames: Frames) -> str:
    """What a figure counts, in which unit, of how much, of which window and filters; plain text, or why not drawn."""
    found = size(frames)
    only = f"Only: {frames.filters}." if frames.filters else ""
    if found is None or table_of(name, frames).empty:
        return f"{NOTHING} {only}".strip()
    years = f"{found.first}–{found.last}" if found.first < found.last else f"{found.first}"
    units = zip(found[2:], ("document", "passage", "story"), ("documents", "passages", "stories"), strict=True)
    documents, passages, stories = (f"{count:,} {one if count == 1 else many}" for count, one, many in units)
    # The dates that were asked for; where they leave an end open, the years that were found too.
    asked = frames.window or years
    dates = asked if asked == years.replace("–", " to ") or asked == years else f"{asked} ({years})"
    window = f"Window: {dates}; {documents}, {passages} and {stories} that speak of a place."
    remarks = _REMARKS[name](frames) if name in _REMARKS else ""
    return " ".join(part for part in (_docstring(name)[1], window, only, remarks) if part)


def table_of(name: str, frames: Frames) -> DataFrame:
    """The numbers in a figure, for the table beside it; empty where nothing can be drawn."""
    _docstring(name)
    return TABLES[name](frames)


def svg(figure: Figure) -> str:
    """The figure as an ``svg`` element: no script, style sheet or outside address; ids begin with the figure's name."""
    return svg_text(figure, title(str(figure.get_label())))


def png(figure: Figure, dpi: int = 200) -> bytes:
    """The figure as PNG; the same figure gives the same bytes."""
    return png_bytes(figure, dpi)


def _docstring(name: str) -> tuple[str, str]:
    """Title and caption of a figure."""
    if name not in FIGURES:
        raise OptionError(f"{name!r} is no figure", "figure", f"figures: {', '.join(FIGURES)}")
    head, _, body = (inspect.getdoc(FIGURES[name]) or "").partition("\n\n")
    return head, " ".join(body.split())
