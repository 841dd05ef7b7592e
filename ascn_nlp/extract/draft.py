"""What a format's reader returns: a document's blocks and pages before they have an id and character offsets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ascn_nlp.records import BlockKind, DateClue, Issue, Page, Place, Span

# Of the widest table anybody prints: a cell may say of itself that it is a million columns wide.
MOST_COLUMNS = 64
# Longer rows head no columns, and would stand beside each of a hundred thousand others.
_LONGEST_CONTEXT = 1000
_EMPTY = re.compile(r"\|\s+(?=\|)")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one file a reader takes before it stops and says so in an issue.

    The longest report met while these were chosen had 274 pages and 0.8 million characters; the limits stand far
    above any report, and below what would fill the memory of a worker.
    """

    max_pages: int = 2000
    max_characters: int = 20_000_000
    max_table_pages: int = 400  # of a PDF that pdfplumber is asked about: a tenth of a second each
    max_ocr_seconds: int = 600  # for recognising pages in pictures, about one a page; 0 for not at all


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """A block without offsets: its place in ``Document.text`` is not known before all blocks are."""

    kind: BlockKind
    text: str
    places: tuple[Place, ...] = ()
    level: int = 0  # of a heading, 1 the highest; of a list item, 1 the outermost; else 0
    context: str = ""  # a table row's column headers, "City | Project | Status"
    doubts: tuple[Span, ...] = ()  # characters recognised in a picture that may be others, of ``text``
    beside: int | None = None  # of a box: the position of the block it stands beside, whose headings are its own


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything a format's reader knows of a document. ``blocks`` are in reading order, furniture left out."""

    blocks: tuple[DraftBlock, ...]
    pages: tuple[Page, ...] = ()
    title: str = ""
    publisher: str = ""
    language: str = ""
    clues: tuple[DateClue, ...] = ()
    canonical_url: str = ""
    issues: tuple[Issue, ...] = ()


def row_text(cells: Iterable[str]) -> str:
    """The cells of a table's row in one line, "East bank | fish | 40"; empty ones keep their place, but at its end."""
    return _EMPTY.sub("| ", " | ".join(cells)).strip().rstrip(" |")


def joined_headers(above: str, header: str) -> str:
    """The context of rows under two rows of headers, "2021 | 2022 / plan | spent"; cut where no header goes on."""
    return (f"{above} / {header}" if above else header)[:_LONGEST_CONTEXT]
