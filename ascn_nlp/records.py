"""The records that walk through the pipeline: Source -> Fetched -> Document(Page, Block) -> Passage -> Tag.

All are frozen and hold plain values, so that they compare, hash, pickle and print as what they are. Pages count
from 1; character offsets are 0-based and half-open; boxes are (x0, top, x1, bottom) in points from the page's top
left corner; scores lie in [0, 1]; dates are ISO 8601 at the precision that is known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, get_args

Box = tuple[float, float, float, float]
Span = tuple[int, int]  # characters of a text, 0-based, half-open
BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "caption", "footnote"]
PassageKind = Literal["paragraph", "list", "table", "footnote", "heading", "stub", "contents"]
Stance = Literal["raised", "addressed", "described"]
Outcome = Literal["read", "partly_read", "unread", "failed"]
Precision = Literal["day", "month", "year"]
CityBasis = Literal["passage", "heading", "document"]

BLOCK_KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
STANCES: tuple[Stance, ...] = get_args(Stance)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def digest(*parts: object) -> str:
    """16 hex digits that differ for ("ab", "c") and ("a", "bc"): each part is hashed with its length."""
    data = "".join([f"{len(part)}:{part}" for part in map(str, parts)])
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def document_id(source_id: str, address: str) -> str:
    """The id of the document at a canonical address of a source, whatever its content becomes."""
    return "d" + digest(source_id, address)


def passage_id(document_id: str, text: str, occurrence: int) -> str:
    """The id of the ``occurrence``-th (from 0) passage of a document with these words."""
    return "p" + digest(document_id, text, occurrence)


@dataclass(frozen=True, slots=True)
class Source:
    """Where documents come from, and why they are in the corpus."""

    id: str
    kind: str
    publisher: str
    genre: str
    why: str
    licence: str = ""
    country: str = ""
    language: str = ""
    path: str = ""
    pattern: str = "**/*"
    urls: tuple[str, ...] = ()
    include: tuple[str, ...] = ()  # shell patterns of addresses
    exclude: tuple[str, ...] = ()
    query: str = ""
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    api: str = ""
    most: int = 0  # documents it may list; 0 for the usual number
    archive_years: tuple[int, ...] = ()
    has_archive: bool = False  # a web archive is asked for pages that are gone
    revisit_days: int | None = None  # None for what is usual for its kind
    is_enabled: bool = True
    is_internal: bool = False
    is_verified: bool = False  # somebody has seen from a machine with internet that it is what it says


@dataclass(frozen=True, slots=True)
class Found:
    """One document a source knows of: its canonical address, and where its bytes are now."""

    source_id: str
    address: str
    location: str
    fingerprint: str = ""  # what tells that it has changed, such as a file's size and time; "" when only a fetch can
    published: str = ""  # ISO, as its source states it
    evidence: str = ""  # the words that state it
    basis: str = "listing"  # how far they are trusted (see dates.CONFIDENCE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file with the bytes of one document as they came, and how they came."""

    address: str
    path: Path
    media_type: str  # as declared by the server; "" when nobody said
    final_url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    is_spare: bool = False  # the file was made for us: it may be moved away
    tries: int = 1
    archived_url: str = ""  # of the copy in a web archive, where the page itself is gone

    def header(self, name: str) -> str:
        """The first header of this name, "" where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where on paper something stands. ``label`` is the page number as printed, e.g. "iv"."""

    page: int
    label: str = ""
    bbox: Box | None = None
    start: int = 0  # where the words that stand here begin in the text of the block or passage; 0 in its first place


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that a person should know about a document."""

    stage: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Furniture:
    """A running header, footer or page number that was left out of the text, and where it stands."""

    text: str
    bbox: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document; what is printed on it is in the blocks that stand there."""

    number: int
    label: str = ""
    width: float = 0.0
    height: float = 0.0
    furniture: tuple[Furniture, ...] = ()
    problem: str = ""  # why its words could not be read; "" when they were
    recognised: str = ""  # by what its words were recognised in a picture of it; "" for words the file itself holds


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item, table row, caption or footnote; ``text`` is Document.text[start:end]."""

    kind: BlockKind
    text: str
    start: int
    end: int
    places: tuple[Place, ...] = ()
    level: int = 0  # of a heading, 1 the highest; of a list item, 1 the outermost; else 0
    context: str = ""  # a table row's column headers, "City | Project | Status"
    doubts: tuple[Span, ...] = ()  # characters recognised in a picture that may be others, of ``text``
    beside: int | None = None  # of a box: the position of the block it stands beside, whose headings are its own


@dataclass(frozen=True, slots=True)
class DateClue:
    """One statement about when a document was published, before they are weighed against each other."""

    value: str  # ISO: 2021, 2021-03 or 2021-03-14
    basis: str  # json-ld, meta, url, text, header, metadata, first-page, file-name, source
    evidence: str  # the words, as found
    confidence: float

    @property
    def precision(self) -> Precision:
        """How much of the date is known."""
        return {4: "year", 7: "month"}.get(len(self.value), "day")  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class PublicationDate:
    """The best clue, with the clues that contradict it."""

    clue: DateClue
    conflicts: tuple[DateClue, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of one version of one document. ``text`` is all block texts in reading order."""

    id: str
    source_id: str
    address: str
    sha256: str
    media_type: str
    title: str
    publisher: str
    genre: str
    country: str
    language: str
    published: PublicationDate | None
    period: str  # the time it reports on, as stated ("2022-2023"); "" when it says none
    outcome: Outcome
    text: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...]
    issues: tuple[Issue, ...] = ()
    url: str = ""  # where a reader can open it: the web address it came from, or names as its own


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is tagged: about 25-200 words of one document, a slice of its text as printed."""

    id: str
    document_id: str
    ordinal: int  # from 0, in reading order
    kind: PassageKind
    start: int
    end: int
    text: str
    heading: tuple[str, ...] = ()  # the headings it stands under, outermost first
    context: str = ""  # what it inherits beside them: a table row's column headers
    places: tuple[Place, ...] = ()
    language: str = ""
    doubts: tuple[Span, ...] = ()  # characters recognised in a picture that may be others, of ``text``

    def __post_init__(self) -> None:
        if self.end - self.start != len(self.text):
            raise ValueError(f"passage {self.id}: offsets {self.start}-{self.end} do not span its text")

    @property
    def heading_line(self) -> str:
        """What it stands under, headings and column headers, in one line."""
        return " > ".join(part for part in (*self.heading, self.context) if part)


@dataclass(frozen=True, slots=True)
class Mention:
    """A city, country, funder, vendor or institution named in a passage; ``name`` is the gazetteer's."""

    kind: str
    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CityRef:
    """A city a passage speaks of, and how that is known."""

    city: str
    country: str
    basis: CityBasis


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of a passage that speak for a tag, and why."""

    start: int
    end: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A concern found in a passage, and the stance it is met with."""

    concern: str
    stance: Stance
    score: float
    evidence: tuple[Evidence, ...] = ()
    is_unsure: bool = False  # needs a person: too doubtful to be counted unread

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"tag {self.concern}: score {self.score} is not in [0, 1]")


@dataclass(frozen=True, slots=True)
class Lead:
    """A theme that a passage speaks of while no single concern of it is likely enough: for a person to read."""

    theme: str
    score: float


@dataclass(frozen=True, slots=True)
class TaggedPassage:
    """Everything the tagging stages say of one passage."""

    passage_id: str
    tags: tuple[Tag, ...]
    mentions: tuple[Mention, ...] = ()
    cities: tuple[CityRef, ...] = ()
    scores: tuple[tuple[str, float], ...] = ()  # every concern's score, in the taxonomy's order
    leads: tuple[Lead, ...] = ()
    disputed: tuple[str, ...] = ()  # concerns that the rules find and the model does not, or the other way round


class Decision(NamedTuple):
    """A person's verdict on one tag; ``concern`` is "" for what was not predicted.

    ``accept``: the tag holds, or the one that concern_reviewed and stance_reviewed name instead. ``reject``: it does
    not hold; without any concern it says that nothing else does in this passage. ``sample`` names the draw that the
    passage came by, ``codebook`` the definitions that were in force when the file was exported, ``run_id`` the run
    whose tags were on show in it ("" where that is not known).
    """

    passage_id: str
    document_id: str
    concern: str
    decision: str
    concern_reviewed: str
    stance_reviewed: str
    note: str
    reviewer: str
    sample: str = ""
    codebook: str = ""
    run_id: str = ""
