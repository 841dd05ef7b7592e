"""What a format's reader returns: a document's blocks and pages before they have an id and character offsets."""

from __future__ import annotations

from dataclasses import dataclass

from ascn_nlp.records import BlockKind, DateClue, Issue, Page, Place, Span


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one file a reader takes before it stops and says so in an issue.

    The longest report met while these were chosen had 274 pages and 0.8 million characters; the limits stand far
    above any report, and below what would fill the memory of a worker.
    """

    max_pages: int = 2000
    max_characters: int = 20_000_000
    max_table_pages: int = 400  # of a PDF that pdfplumber is asked about: a tenth of a second each


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """A block without offsets: its place in ``Document.text`` is not known before all blocks are."""

    kind: BlockKind
    text: str
    places: tuple[Place, ...] = ()
    level: int = 0  # of a heading, 1 the highest; of a list item, 1 the outermost; else 0
    context: str = ""  # a table row's column headers, "City | Project | Status"
    doubts: tuple[Span, ...] = ()  # characters recognised in a picture that may be others, of ``text``


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
