"""Draft -> Document: blocks get their offsets, and what the document says of itself is weighed."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ascn_nlp.addresses import is_web_address
from ascn_nlp.dates import CONFIDENCE, choose_date, find_period
from ascn_nlp.extract.draft import Draft, DraftBlock
from ascn_nlp.extract.origin import Origin
from ascn_nlp.extract.printed_dates import clues_of_address, clues_of_first_pages, without_doubtful_dates
from ascn_nlp.extract.sniff import HTML, MHTML
from ascn_nlp.languages import detect_language
from ascn_nlp.records import Block, DateClue, Document, Issue, Outcome, Place, PublicationDate, Span, document_id

# Control characters, halves of surrogate pairs and non-characters: databases refuse some, and none is printed.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_WEB_PAGES = (HTML, MHTML)
_FIRST_PAGES = 2
_FIRST_BLOCKS = 12  # stand for the first pages where there are none
_LANGUAGE_SAMPLE = 600  # characters, some 100 words: more changes no answer
_LONGEST_TITLE = 300


def assemble_document(
    draft: Draft, content: bytes, media_type: str, origin: Origin, issues: Sequence[Issue] = ()
) -> Document:
    """The document of ``draft``: block texts in one text with exact offsets, and its title, dates and outcome."""
    text, blocks = _lay_out(draft.blocks)
    if not _is_readable(blocks) and not draft.issues:
        issues = (*issues, _nothing_to_read(media_type))
    if origin.is_front_page:
        what = f"led to another page, the front page of a site: {clean(origin.final_url)}"
        issues = (*issues, Issue("extract", what, "open the address in a browser; mend or remove it if it is gone"))
    return Document(
        id=document_id(origin.source.id, origin.address),
        source_id=origin.source.id,
        address=origin.address,
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=media_type,
        title=_title(draft, blocks, origin),
        publisher=_one_line(draft.publisher) or origin.source.publisher,
        genre=origin.source.genre,
        country=origin.source.country,
        language=_language(draft, blocks, origin),
        published=_published(draft, blocks, media_type, origin),
        period=_period(draft, blocks, media_type),
        outcome=_outcome(draft, blocks),
        text=text,
        blocks=blocks,
        pages=draft.pages,
        issues=(*issues, *draft.issues),
        url=origin.url or _web_address(clean(draft.canonical_url)),
    )


def clean(text: str) -> str:
    """``text`` in composed form (NFC), without what cannot be printed, with "\\n" for every kind of line break."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNPRINTABLE.sub("", _BREAKS.sub("\n", text)))


def _lay_out(drafts: Iterable[DraftBlock]) -> tuple[str, tuple[Block, ...]]:
    """All texts joined, list items and table rows by one line break and the rest by two, and the blocks in it."""
    parts: list[str] = []
    blocks: list[Block] = []
    length = 0
    positions: dict[int, int] = {}  # of drafts' blocks among those that have words
    for number, draft in enumerate(drafts):
        text = clean(draft.text).strip()
        if not text:
            continue
        positions[number] = len(blocks)
        if blocks:
            is_run = blocks[-1].kind == draft.kind and draft.kind in ("list_item", "table_row")
            parts.append("\n" if is_run else "\n\n")
            length += len(parts[-1])
        blocks.append(
            Block(
                kind=draft.kind,
                text=text,
                start=length,
                end=length + len(text),
                places=_moved(draft.places, draft.text, text),
                level=draft.level,
                context=clean(draft.context).strip(),
                doubts=tuple(_moved_spans(draft.doubts, draft.text, text)),
                beside=None if draft.beside is None else positions.get(draft.beside),
            )
        )
        parts.append(text)
        length += len(text)
    return "".join(parts), tuple(blocks)


def _moved(places: tuple[Place, ...], before: str, after: str) -> tuple[Place, ...]:
    """``places`` of a text that was cleaned: a later page begins where the cleaned words before it end."""
    if before == after or len(places) < 2:
        return places
    return (places[0], *(replace(p, start=_moved_offset(p.start, before, after)) for p in places[1:]))


def _moved_spans(spans: tuple[Span, ...], before: str, after: str) -> Iterator[Span]:
    """``spans`` of a text that was cleaned, without those of which nothing is left."""
    for start, end in spans:
        start, end = _moved_offset(start, before, after), _moved_offset(end, before, after)
        if start < end:
            yield start, end


def _moved_offset(offset: int, before: str, after: str) -> int:
    return offset if before == after else min(len(after), len(clean(before[:offset]).lstrip()))


def _title(draft: Draft, blocks: Sequence[Block], origin: Origin) -> str:
    heading = next((block.text for block in blocks if block.kind == "heading"), "")
    title = _one_line(draft.title) or _one_line(heading)
    return title[:_LONGEST_TITLE] or origin.address.rstrip("/").rpartition("/")[2]


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _language(draft: Draft, blocks: Sequence[Block], origin: Origin) -> str:
    declared = (draft.language or origin.source.language).strip().lower().replace("_", "-").partition("-")[0]
    # From the middle of the text: the first pages are names, contents and forewords.
    texts = [block.text for block in blocks if block.kind in ("paragraph", "list_item")] or [b.text for b in blocks]
    sample = "\n".join(texts)
    middle = max(0, (len(sample) - _LANGUAGE_SAMPLE) // 2)
    return detect_language(sample[middle : middle + _LANGUAGE_SAMPLE], declared)


def _published(draft: Draft, blocks: Sequence[Block], media_type: str, origin: Origin) -> PublicationDate | None:
    clues = [*draft.clues, *clues_of_address(origin.url or origin.address)]
    if not origin.url and draft.canonical_url:
        clues += clues_of_address(draft.canonical_url)
    if media_type not in _WEB_PAGES:  # of a web page the reader knows better which printed dates are its own
        clues += clues_of_first_pages(_first_texts(draft, blocks))
    if origin.listed[0] and not origin.is_front_page:  # what the listing dates is not this page
        day, basis, stated = origin.listed
        clues.append(DateClue(day, basis, stated, CONFIDENCE[basis]))
    if origin.last_modified:
        evidence = f"Last-Modified: {origin.last_modified}"
        clues.append(DateClue(origin.last_modified, "header", evidence, CONFIDENCE["header"]))
    today = origin.fetched_at or datetime.now(UTC).date().isoformat()
    clues = [replace(clue, evidence=clean(clue.evidence)) for clue in clues]  # it quotes the file
    return choose_date(clues, today, origin.fetched_at)


def _period(draft: Draft, blocks: Sequence[Block], media_type: str) -> str:
    # "As of May" in an article dates one figure, in the front matter of a report all of them.
    text = "" if media_type in _WEB_PAGES else "\n".join(_first_texts(draft, blocks))
    return find_period(text, _one_line(draft.title))


def _first_texts(draft: Draft, blocks: Sequence[Block]) -> list[str]:
    """Texts of the first pages, running headers too; of a document without pages, of its first blocks."""
    if not draft.pages:
        return [block.text for block in blocks[:_FIRST_BLOCKS]]
    texts = [each.text for page in draft.pages[:_FIRST_PAGES] for each in page.furniture]
    first = (block for block in blocks if block.places and block.places[0].page <= _FIRST_PAGES)
    return texts + [without_doubtful_dates(block.text, block.doubts) for block in first]


def _is_readable(blocks: Sequence[Block]) -> bool:
    return any(block.kind != "heading" for block in blocks)


def _outcome(draft: Draft, blocks: Sequence[Block]) -> Outcome:
    if not _is_readable(blocks):
        return "unread"
    return "partly_read" if any(page.problem for page in draft.pages) else "read"


def _nothing_to_read(media_type: str) -> Issue:
    if media_type in _WEB_PAGES:
        return Issue(
            "extract",
            "no article text was found on the page",
            "open it in a browser: if it builds its text with scripts or asks for a login, save it as PDF",
        )
    return Issue("extract", "there is no text in it, or nothing but headings", "check the file")


def _web_address(address: str) -> str:
    return address if is_web_address(address) else ""
