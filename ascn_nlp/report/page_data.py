"""What the report's page shows: concerns, places, cells of the matrix, figures, documents and passages."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from ascn_nlp.report.matrix import STANCES
from ascn_nlp.report.states import STATES

if TYPE_CHECKING:
    import pandas as pd


class ShownConcern(NamedTuple):
    """A concern as the page tells it: what it is called, and what belongs to it or not."""

    id: str
    name: str
    theme: str
    include: str
    exclude: str


class ShownPlace(NamedTuple):
    """A city, or a country, whose ``id`` is then its ``country``'s code."""

    id: str
    name: str
    country: str
    country_name: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the matrix. ``year`` None: all years together; ``place`` None: all places together.

    Counts of stories (or passages, documents, where so named); shares and bounds 0-1; the gap -1 to 1; None where
    nothing can be said.
    """

    concern: str
    place: str | None
    year: int | None
    state: str
    passages: int = 0
    documents: int = 0
    stories: int = 0
    raised_passages: int = 0
    raised_documents: int = 0
    raised_stories: int = 0
    addressed_passages: int = 0
    addressed_documents: int = 0
    addressed_stories: int = 0
    described_passages: int = 0
    described_documents: int = 0
    described_stories: int = 0
    share_raised: float | None = None
    share_raised_low: float | None = None
    share_raised_high: float | None = None
    share_addressed: float | None = None
    share_addressed_low: float | None = None
    share_addressed_high: float | None = None
    gap: float | None = None
    gap_low: float | None = None
    gap_high: float | None = None
    raised_corrected: float | None = None
    raised_corrected_low: float | None = None
    raised_corrected_high: float | None = None
    addressed_corrected: float | None = None
    addressed_corrected_low: float | None = None
    addressed_corrected_high: float | None = None
    raised_official: int = 0
    raised_independent: int = 0
    addressed_official: int = 0
    addressed_independent: int = 0
    stays_in: int | None = None  # variants of the sensitivity analysis in which the state is the same
    of_variants: int | None = None


class ShownFigure(NamedTuple):
    """A picture (SVG) and the numbers behind it, as a table; ``name`` is unique on the page.

    Where nothing could be drawn ``svg`` is "" and the caption tells why.
    """

    name: str
    title: str
    caption: str
    svg: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | float | None, ...], ...] = ()


class ShownDocument(NamedTuple):
    """What is cited; ``published`` is ISO at its precision, ``source`` an id, ``voice`` official or independent."""

    id: str
    title: str
    publisher: str
    genre: str
    voice: str
    published: str
    date_basis: str
    url: str
    source: str


class ShownSpan(NamedTuple):
    """Evidence: characters of a passage's text, 0-based, half-open, and the reason."""

    start: int
    end: int
    why: str


class ShownTag(NamedTuple):
    """A concern in a passage; ``review`` is accepted, added or none."""

    concern: str
    stance: str
    score: float
    is_unsure: bool
    review: str


class ShownPassage(NamedTuple):
    """A passage of a document; ``page`` is the label to cite, ``places`` are ids."""

    id: str
    document: str
    page: str
    text: str
    evidence: tuple[ShownSpan, ...]
    heading: str
    places: tuple[str, ...]
    year: int | None
    tags: tuple[ShownTag, ...]
    language: str = ""


class Sampled(NamedTuple):
    """So many passages are on the page, of so many that there are, and which."""

    shown: int
    of: int
    which: str = "those with a tag come first"


class ShownVariant(NamedTuple):
    """Another way to count; ``not_tried`` is why it could not be tried, "" where it was."""

    counted: str
    not_tried: str = ""


class ShownUncounted(NamedTuple):
    """Passages that speak of a place and are not counted, and why in words; ``year`` None where it is not known."""

    place: str
    year: int | None
    why: str
    passages: int


@dataclass(frozen=True, slots=True)
class PageData:
    """All that the page shows. ``passages`` come in the order in which they are listed; ``years`` ascend.

    ``stances`` are those that the details of cells and the passages' tags are told of; states need all.

    Raises ValueError where a cell, tag or passage names a concern, place, state or document that is not there.
    """

    title: str
    made: str
    maker: str
    window: str
    filters: tuple[str, ...]
    notes: tuple[str, ...]
    concerns: tuple[ShownConcern, ...]
    places: tuple[ShownPlace, ...]
    years: tuple[int, ...]
    cells: tuple[Cell, ...]
    figures: tuple[ShownFigure, ...]
    documents: tuple[ShownDocument, ...]
    passages: tuple[ShownPassage, ...]
    sampled: Sampled | None = None
    uncounted: tuple[ShownUncounted, ...] = ()
    variants: tuple[ShownVariant, ...] = ()
    stances: tuple[str, ...] = STANCES

    def __post_init__(self) -> None:
        concerns = {one.id for one in self.concerns}
        named = {
            "concern": ({cell.concern for cell in self.cells} | _tagged(self.passages), concerns),
            "place": (_named_places(self), {place.id for place in self.places}),
            "state": ({cell.state for cell in self.cells}, set(STATES)),
            "document": ({one.document for one in self.passages}, {one.id for one in self.documents}),
        }
        for kind, (used, known) in named.items():
            if used - known:
                raise ValueError(f"no {kind} on the page is called {', '.join(sorted(map(repr, used - known)))}")


def cells_of(matrix: pd.DataFrame) -> tuple[Cell, ...]:
    """The rows of a matrix as cells. A year of 0, or a year or place that is missing, stands for all together.

    Columns that a cell does not have are left out. Raises KeyError where a needed column is missing.
    """
    kinds = {field.name: str(field.type) for field in fields(Cell)}
    needed = ["concern", "place", "year", "state"]
    frame = matrix.rename(columns=lambda name: name.replace(" ", "_"))
    names = [*needed, *(name for name in kinds if name in frame.columns and name not in needed)]
    columns = [[_plain(value, "int" in kinds[name]) for value in frame[name]] for name in names]
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    return tuple(Cell(**row | {"year": row["year"] or None}) for row in rows)


def _plain(value: Any, is_whole: bool) -> Any:
    """A number or word without the types of pandas; None where it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return int(value) if is_whole else value


def _tagged(passages: tuple[ShownPassage, ...]) -> set[str]:
    return {tag.concern for passage in passages for tag in passage.tags}


def _named_places(data: PageData) -> set[str]:
    of_cells = {cell.place for cell in data.cells if cell.place is not None}
    of_cells |= {one.place for one in data.uncounted}
    return of_cells | {place for passage in data.passages for place in passage.places}
