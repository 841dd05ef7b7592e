"""What the figures are drawn from: the frames of the report, and the names to write beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ascn_nlp.report.frames import Facts
from ascn_nlp.report.matrix import matrix

if TYPE_CHECKING:
    from pandas import DataFrame

# The place that stands for all of them, and the years that figures by year show at most: more would need letters
# smaller than can be read in print.
EVERYWHERE = "everywhere"
MOST_YEARS = 18


class ConcernName(NamedTuple):
    """What a concern is called, and the theme it belongs to."""

    name: str
    theme: str


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """What the figures are drawn from.

    ``spoken`` and ``tagged`` are those of ``frames.Facts``, ``matrix`` the one of ``matrix.matrix`` by year: its places
    and years are those that are shown, whether anything speaks of them or not. ``concerns`` is {id: name and theme} in
    the order in which they are drawn, ``countries`` {code: name} likewise, ``places`` {place: country's code}.
    ``uncounted`` is {place: why passages on it are not counted}, ``window`` the dates that were asked for, in words,
    and ``filters`` what else was, "" for nothing.
    """

    spoken: DataFrame
    tagged: DataFrame
    matrix: DataFrame
    concerns: Mapping[str, ConcernName]
    countries: Mapping[str, str]
    places: Mapping[str, str]
    uncounted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    window: str = ""
    filters: str = ""


class Size(NamedTuple):
    """How much was counted."""

    first: int  # year
    last: int
    documents: int
    passages: int
    stories: int


def size(frames: Frames) -> Size | None:
    """How much was counted, and the first and last year shown; None where no passage speaks of a place."""
    if frames.spoken.empty:
        return None
    years = [*frames.spoken["year"], *frames.matrix["year"]]
    counts = (int(frames.spoken[f"{unit}_id"].nunique()) for unit in ("document", "passage", "story"))
    return Size(int(min(years)), int(max(years)), *counts)


def years_shown(frames: Frames) -> tuple[int, ...]:
    """The years of figures by year without a gap, the last MOST_YEARS of them; none where nothing was counted."""
    found = size(frames)
    return tuple(range(max(found.first, found.last - MOST_YEARS + 1), found.last + 1)) if found else ()


def years_left_out(frames: Frames) -> str:
    """A sentence on documents that are older than the years shown, "" where there are none."""
    years = years_shown(frames)
    older = frames.spoken[frames.spoken["year"] < years[0]] if years else frames.spoken
    count = older["document_id"].nunique()
    return f"Not shown: {count:,} document{'s' if count > 1 else ''} from before {years[0]}." if count else ""


def themes(frames: Frames) -> dict[str, tuple[str, ...]]:
    """{theme: ids of its concerns} in the order of ``concerns``; a theme's concerns stand together."""
    grouped: dict[str, list[str]] = {}
    for concern, (_, theme) in frames.concerns.items():
        grouped.setdefault(theme, []).append(concern)
    return {theme: tuple(found) for theme, found in grouped.items()}


def places_shown(frames: Frames) -> tuple[str, ...]:
    """All places of the matrix, country by country in the order of ``countries``, by name within one."""
    order = {code: rank for rank, code in enumerate(frames.countries)}

    def rank(place: str) -> tuple[int, str, str]:
        country = country_of(place, frames)
        return order.get(country, len(order)), country, place

    return tuple(sorted({str(place) for place in frames.matrix["place"]}, key=rank))


def country_of(place: str, frames: Frames) -> str:
    """The code of a place's country; a country is its own, and one that is not known has ""."""
    return place if place in frames.countries else frames.places.get(place, "")


def place_name(place: str, frames: Frames) -> str:
    """What a place is called: a country by its name, a city as it is."""
    return frames.countries.get(place, place)


def counted(frames: Frames, of: Mapping[str, str], places: tuple[str, ...] = (), by_year: bool = False) -> DataFrame:
    """The matrix over groups of concerns, ``of`` = {concern: group}: a story counts once for each group and stance.

    Of all places together unless ``places`` are given, and of all years together unless ``by_year``.
    """
    spoken = frames.spoken
    if not places:
        spoken = spoken.assign(place=EVERYWHERE).drop_duplicates("passage_id")
    tagged = frames.tagged.assign(concern=frames.tagged["concern"].map(dict(of))).dropna(subset=["concern"])
    tagged = tagged.drop_duplicates(["passage_id", "concern", "stance"])
    groups = tuple(dict.fromkeys(of.values()))
    return matrix(Facts(spoken, tagged), groups, places or (EVERYWHERE,), years_shown(frames), by_year=by_year)
