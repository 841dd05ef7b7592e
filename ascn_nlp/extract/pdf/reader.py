"""PDF bytes -> Draft: words in stream order, made into blocks with the statistics of the whole document."""

from __future__ import annotations

import ctypes
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from ascn_nlp.dates import CONFIDENCE
from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Draft, DraftBlock, Limits
from ascn_nlp.extract.ocr.doubts import mark_doubts
from ascn_nlp.extract.ocr.layout import Doubt
from ascn_nlp.extract.page_issues import page_issue
from ascn_nlp.extract.pdf.booktabs import open_grids
from ascn_nlp.extract.pdf.furniture import find_furniture, printed_labels
from ascn_nlp.extract.pdf.join import join_pages
from ascn_nlp.extract.pdf.lines import Line, build_lines
from ascn_nlp.extract.pdf.pictures import is_printed
from ascn_nlp.extract.pdf.plumber import Plumber, has_drawn_form
from ascn_nlp.extract.pdf.rules import Grid, Ruling, read_ruling
from ascn_nlp.extract.pdf.scans import recognise_pages
from ascn_nlp.extract.pdf.tables import Row, take_tables
from ascn_nlp.extract.pdf.text import is_garbled, read_vocabulary, repair, unmark
from ascn_nlp.extract.pdf.visible import part_visible
from ascn_nlp.extract.pdf.words import PageText, page_text
from ascn_nlp.records import DateClue, Furniture, Issue, Page

PDFIUM = threading.Lock()  # PDFium is not safe to call from two threads, not even for two documents
_SCANNED = "no text layer: a scanned image"
_GARBLED = "its text layer is garbled: the fonts do not say which letters they show"
_DAMAGED = "the page is damaged"
_FEW_WORDS = 15  # a stamp or a page number on a scan
_CAPTIONS = 60  # words of a page that is mostly pictures
_COVERED = 0.5  # of the page by images
_LARGE = 0.3  # the same for a picture that may be a page of print set among text
_PICTURED = 0.02  # the same for a page without any word
_FEW_OBJECTS = 1000
_TITLE_WORDS = 25
_COVER_WORDS = 30  # a page with fewer is a cover, and all its headings are the title
_WORDS_OF = {pdfium.FPDF_ANNOT_WIDGET: b"V", pdfium.FPDF_ANNOT_FREETEXT: b"Contents"}
_DATE = re.compile(r"D?:?((?:19|20)\d\d)(0[1-9]|1[0-2])?(0[1-9]|[12]\d|3[01])?")
_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|powerpoint presentation|presentation\d*|document\d*"
    r"|slide \d+|book\d*|scan\w*\W*\d*|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|pages|rtf|odt|html?|aspx?)|\S*[_\d]\S*)$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Reading:
    """What is gathered page by page before the document is looked at as a whole."""

    plumber: Plumber
    pages: list[Page] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    characters: int = 0
    hidden: int = 0
    covered: set[int] = field(default_factory=set)  # pages that are one image with next to no words
    stamped: set[int] = field(default_factory=set)  # pages that are mostly an image, with a few words
    pictured: set[int] = field(default_factory=set)  # pages with pictures that are large
    doubts: list[Doubt] = field(default_factory=list)
    remedies: dict[str, str] = field(default_factory=lambda: {_DAMAGED: "download it again"})  # by a page's problem
    answered: int = 0  # form fields and notes with words in them
    issues: list[Issue] = field(default_factory=list)


def read_pdf(content: bytes, limits: Limits | None = None, language: str = "") -> Draft:
    """The blocks, pages, title and dates of a PDF; pages that cannot be read say why.

    ``language`` is the one that scanned pages are taken to be in.
    Raises ExtractError for what is empty, encrypted, damaged beyond opening, or no PDF.
    """
    limits = limits or Limits()
    with PDFIUM, opened(content) as document, closing(Plumber(content, limits.max_table_pages)) as plumber:
        reading = _read_pages(document, plumber, limits)
        if unread := _unread(document, reading):
            _recognise(document, unread, reading, limits, language)
        metadata = document.get_metadata_dict(skip_empty=True)
    return _draft(reading, metadata)


@contextmanager
def opened(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """The file, open within it; raises ExtractError as ``read_pdf`` does."""
    if not content.strip():
        raise ExtractError("is empty", remedy="download it again")
    if b"%PDF" not in content[:1024]:
        raise ExtractError("is not a PDF", remedy="check what was downloaded: often it is an error page")
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            remedy = "open it with its password and save a copy without one"
            raise ExtractError("is encrypted", remedy=remedy) from None
        raise ExtractError("is damaged or cut off", remedy="download it again") from None
    try:
        yield document
    finally:
        document.close()


def _read_pages(document: pypdfium2.PdfDocument, plumber: Plumber, limits: Limits) -> _Reading:
    reading = _Reading(plumber)
    count = len(document)
    for number in range(1, min(count, limits.max_pages) + 1):
        _read_page(document, number, reading)
        if reading.characters > limits.max_characters:
            break
    if len(reading.pages) < count:
        what = f"only the first {len(reading.pages)} of {count} pages were read"
        reading.issues.append(Issue("extract", what, "split the file"))
    reading.issues += plumber.issues()
    return reading


def _read_page(document: pypdfium2.PdfDocument, number: int, reading: _Reading) -> None:
    label = document.get_page_label(number - 1)
    page = pdfium.FPDF_LoadPage(document, number - 1)
    text_page = pdfium.FPDFText_LoadPage(page) if page else None
    if not page or not text_page:
        reading.pages.append(Page(number, label, problem=_DAMAGED))
        return
    try:
        text = page_text(page, text_page)
        seen, unseen = part_visible(page, text_page, text.words, text.place)
        reading.hidden += len(build_lines(number, text, unseen)[0])
        text = replace(text, words=seen)
        share = _image_share(page, text)
        if len(text.words) < _FEW_WORDS and share > (_COVERED if text.words else _PICTURED):
            reading.covered.add(number)
        elif len(text.words) < _CAPTIONS and share > _COVERED:
            reading.stamped.add(number)
        elif share > _LARGE:
            reading.pictured.add(number)
        reading.answered += _count_answers(page)
        is_unreadable = is_garbled(" ".join(word.text for word in text.words))
        if not is_unreadable:
            _keep(number, page, text, reading)
    finally:
        pdfium.FPDFText_ClosePage(text_page)
        pdfium.FPDF_ClosePage(page)
    problem = _GARBLED if is_unreadable else ""
    reading.pages.append(Page(number, label, text.width, text.height, problem=problem))


def _keep(number: int, page: Any, text: PageText, reading: _Reading) -> None:
    """Add what is readable of an open page to ``reading``."""
    rows, words = take_tables(number, text, _grids(read_ruling(page, text.place), text))
    if not rows and words and has_drawn_form(page, text.width, text.height):
        rows, words = take_tables(number, text, _grids(reading.plumber.ruling(number, text.place), text))
    lines, hidden = build_lines(number, text, words)
    reading.rows += rows
    reading.lines += lines
    reading.hidden += hidden
    reading.characters += sum(len(word.text) for word in text.words)


def _grids(ruling: Ruling, text: PageText) -> list[Grid]:
    return ruling.grids + open_grids(ruling, text.words)


def _count_answers(page: Any) -> int:
    """How many form fields and typed notes on an open page have words in them."""
    count = 0
    for i in range(min(_FEW_OBJECTS, pdfium.FPDFPage_GetAnnotCount(page))):
        note = pdfium.FPDFPage_GetAnnot(page, i)
        key = _WORDS_OF.get(pdfium.FPDFAnnot_GetSubtype(note))
        # Two bytes are the zero at the end of nothing.
        count += bool(key) and pdfium.FPDFAnnot_GetStringValue(note, key, None, 0) > 2
        pdfium.FPDFPage_CloseAnnot(note)
    return count


def _image_share(page: Any, text: PageText) -> float:
    """The share of the page that images (and forms, which may hold them) cover, overlaps counted twice."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    area = 0.0
    for i in range(min(_FEW_OBJECTS, pdfium.FPDFPage_CountObjects(page))):
        each = pdfium.FPDFPage_GetObject(page, i)
        if pdfium.FPDFPageObj_GetType(each) in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            pdfium.FPDFPageObj_GetBounds(each, left, bottom, right, top)
            area += (right.value - left.value) * (top.value - bottom.value)
    return area / (text.width * text.height or 1)


def _unread(document: pypdfium2.PdfDocument, reading: _Reading) -> dict[int, str]:
    """The pages whose own words are of no use, and why. Pictures in a document with words are no such pages."""
    furniture = find_furniture(reading.lines, reading.pages) if reading.covered else set()
    filled = {line.page for i, line in enumerate(reading.lines) if i not in furniture}
    filled |= {row.page for row in reading.rows}
    scanned = {n for n in reading.covered if not filled or is_printed(document[n - 1])}
    scanned |= {n for n in reading.stamped if is_printed(document[n - 1])}
    reading.pictured |= (reading.covered | reading.stamped) - scanned
    garbled = {page.number for page in reading.pages if page.problem == _GARBLED}
    return {number: _GARBLED if number in garbled else _SCANNED for number in sorted(scanned | garbled)}


def _recognise(
    document: pypdfium2.PdfDocument, unread: dict[int, str], reading: _Reading, limits: Limits, language: str
) -> None:
    """Put what is recognised in pictures of the unread pages in place of the words they have."""
    found = recognise_pages(document, unread, language, limits)
    kept = [line for line in reading.lines if line.page not in found.done]
    reading.lines = sorted(kept + found.lines, key=lambda line: line.page)
    reading.doubts = found.doubts
    for i, page in enumerate(reading.pages):
        if page.number in found.done:
            scan, by = found.done[page.number]
            page = replace(page, width=scan.width, height=scan.height, problem="", recognised=by)
        elif page.number in found.unread:
            page = replace(page, problem=found.unread[page.number].problem)
        reading.pages[i] = page
    reading.remedies |= dict(found.unread.values())
    reading.issues += found.issues


def _draft(reading: _Reading, metadata: dict[str, str]) -> Draft:
    furniture = find_furniture(reading.lines, reading.pages)
    kept = [line for i, line in enumerate(reading.lines) if i not in furniture]
    pages = _finished(reading, furniture)
    known = read_vocabulary([line.text for line in kept] + _cell_texts(reading.rows))
    blocks = mark_doubts(join_pages(pages, kept, reading.rows, known), reading.doubts)
    return Draft(
        blocks=blocks,
        pages=pages,
        title=_title(metadata.get("Title", ""), blocks),
        clues=tuple(_clues(metadata)),
        issues=(*reading.issues, *_issues(pages, reading)),
    )


def _cell_texts(rows: Sequence[Row]) -> list[str]:
    return [text for row in rows for cell in row.cells for text in cell]


def _finished(reading: _Reading, furniture: set[int]) -> tuple[Page, ...]:
    """The pages with furniture and printed label."""
    left_out: defaultdict[int, list[Furniture]] = defaultdict(list)
    for i in sorted(furniture):
        line = reading.lines[i]
        left_out[line.page].append(Furniture(unmark(line.text), line.box))
    labels = printed_labels(reading.lines, furniture)
    return tuple(
        replace(
            page,
            label=page.label or labels.get(page.number, ""),
            furniture=tuple(left_out[page.number]),
        )
        for page in reading.pages
    )


def _issues(pages: Sequence[Page], reading: _Reading) -> Iterator[Issue]:
    for problem, remedy in reading.remedies.items():
        numbers = [page.number for page in pages if page.problem == problem]
        if numbers:
            yield page_issue(numbers, len(pages), problem, remedy)
    covers = {1, len(pages)} & (reading.covered | reading.stamped)  # nobody looks for text there
    if inner := reading.pictured - covers:
        yield page_issue(inner, len(pages), "large pictures: words in them, if any, were not read", "look at them")
    if reading.answered:
        what = f"{reading.answered} filled-in form fields and notes were not read"
        yield Issue("extract", what, "print the file to a new PDF, in which they are text, and read that")
    if reading.hidden:
        what = f"{reading.hidden} hidden or doubled lines were left out"
        yield Issue("extract", what, "compare with the file as it is shown")


def _title(given: str, blocks: Sequence[DraftBlock]) -> str:
    """The title the file states if it is one, else the headings it opens with, else its first page's largest."""
    given = repair(given)
    if len(given) > 3 and not _NO_TITLE.match(given):
        return given
    first = [block for block in blocks if block.places[0].page == blocks[0].places[0].page]
    opening = list(takewhile(lambda block: block.kind == "heading", first))
    if sum(len(block.text.split()) for block in first) > _COVER_WORDS:
        opening = [block for block in opening if block.level == min(each.level for each in opening)]
    if opening and sum(len(block.text.split()) for block in opening) <= _TITLE_WORDS:
        return ": ".join(block.text for block in sorted(opening, key=_top))
    headings = [block for block in first if block.kind == "heading"]
    return min(headings, key=lambda block: block.level).text if headings else ""


def _top(block: DraftBlock) -> tuple[int, float]:
    place = block.places[0]
    return place.page, place.bbox[1] if place.bbox else 0.0


def _clues(metadata: dict[str, str]) -> Iterator[DateClue]:
    """When the file says it was made and changed: weak, as files are converted and saved again later."""
    for name, share in (("CreationDate", 1.0), ("ModDate", 0.5)):
        if match := _DATE.match(metadata.get(name, "")):
            value = "-".join(part for part in match.groups() if part)
            yield DateClue(value, "metadata", f"{name} {metadata[name]}", share * CONFIDENCE["metadata"])
