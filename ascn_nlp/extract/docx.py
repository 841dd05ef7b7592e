"""DOCX bytes -> Draft: paragraphs, headings, lists, tables, text boxes and footnotes in the order of the text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from ascn_nlp.dates import CONFIDENCE
from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Draft, DraftBlock, Limits
from ascn_nlp.records import DateClue, Issue

# The largest real report tried unpacks to 30 MB of XML. Pictures do not count: they are not parsed.
_MOST_XML = 200 * 2**20
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_HEADING = re.compile(r"heading (\d)$|(title)$", re.IGNORECASE)
_LIST = re.compile(r"list\b(?! heading)", re.IGNORECASE)
# What programs write for a title when nobody gave one.
_NO_TITLE = re.compile(
    r"^(?:untitled.*|document\d*|microsoft word\b.*|word document|.*\.docx?|normal|template)$", re.IGNORECASE
)


def read_docx(content: bytes, limits: Limits) -> Draft:
    """The blocks of a Word document, with its own title, publisher and dates. It has no pages until it is printed.

    Text that was deleted under change tracking is left out, inserted text kept. Raises ExtractError for archives that
    unpack to more than any report.
    """
    _refuse_bomb(content)
    from docx import Document

    document = Document(io.BytesIO(content))
    reader = _Body(document, limits.max_characters)
    blocks = tuple(reader.blocks(document.element.body))
    properties = document.core_properties
    stated = " ".join((properties.title or "").split())
    return Draft(
        blocks=blocks,
        title=stated if stated and not _NO_TITLE.match(stated) else reader.title,
        language=properties.language or "",
        clues=tuple(_clues(properties)),
        issues=reader.issues,
    )


def _refuse_bomb(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = [info for info in archive.infolist() if info.filename.endswith((".xml", ".rels"))]
    if sum(info.file_size for info in xml) > _MOST_XML:
        what = f"unpacks to more than {_MOST_XML // 2**20} MB of XML, as no report does"
        raise ExtractError(what, remedy="open it in its program and save it as PDF, or remove it")


def _clues(properties: Any) -> Iterator[DateClue]:
    # A document is changed and saved anew for years after it was published, so the later date is trusted less.
    for name, trust in (("created", CONFIDENCE["metadata"]), ("modified", CONFIDENCE["metadata"] / 2)):
        if (when := getattr(properties, name)) is not None:
            yield DateClue(when.date().isoformat(), "metadata", f"{name} {when.isoformat()}", trust)


class _Body:
    """Walks the body's XML: the library's own paragraphs lack tracked insertions, content controls and text boxes."""

    def __init__(self, document: Any, most: int) -> None:
        self.title = ""
        self.issues: tuple[Issue, ...] = ()
        self._left = most
        self._styles = _style_names(document)
        self._numbered = _numbered_styles(document)
        self._footnotes = dict(_footnotes(document))

    def blocks(self, element: Any) -> Iterator[DraftBlock]:
        for child in element:
            if self._left < 0:
                self.issues = (
                    Issue("extract", "only its beginning was read: it is longer than any report", "split it"),
                )
                return
            if child.tag == _W + "p":
                yield from self._paragraph(child)
            elif child.tag == _W + "tbl":
                yield from self._table(child)
            elif child.tag == _W + "sdt":
                for inner in child.iterchildren(_W + "sdtContent"):
                    yield from self.blocks(inner)

    def _paragraph(self, element: Any) -> Iterator[DraftBlock]:
        text = _text(element).strip()
        self._left -= len(text)
        style, level = self._style(element), _list_level(element)
        if not text:
            pass
        elif match := _HEADING.match(style):
            self.title = self.title or (text if match[2] else "")
            yield DraftBlock("heading", text, level=int(match[1] or 1))
        elif level or style in self._numbered or _LIST.match(style):
            yield DraftBlock("list_item", text, level=level or 1)
        else:
            yield DraftBlock("caption" if style.lower() == "caption" else "paragraph", text)
        for box in element.iter(_W + "txbxContent"):
            if not any(each.tag == _FALLBACK for each in box.iterancestors()):
                yield from self.blocks(box)
        for mark in element.iter(_W + "footnoteReference"):
            if note := self._footnotes.pop(mark.get(_W + "id"), ""):
                yield DraftBlock("footnote", note)

    def _table(self, element: Any) -> Iterator[DraftBlock]:
        rows = list(element.iterchildren(_W + "tr"))
        header = ""
        for number, row in enumerate(rows):
            cells = list(_cells(row))
            if len(cells) == 1:  # a frame around text
                yield from self.blocks(cells[0])
                continue
            text = " | ".join(" ".join(" ".join(map(_text, cell.iter(_W + "p"))).split()) for cell in cells).strip(" |")
            self._left -= len(text)
            if text:
                yield DraftBlock("table_row", text, context=header)
            if number == 0 and len(rows) > 1 and _has_header(element, row):
                header = text

    def _style(self, element: Any) -> str:
        found = element.find(f"{_W}pPr/{_W}pStyle")
        return self._styles.get(found.get(_W + "val"), "") if found is not None else ""


def _style_names(document: Any) -> Mapping[str, str]:
    return {style.style_id: style.name or "" for style in document.styles}


def _numbered_styles(document: Any) -> frozenset[str]:
    return frozenset(style.name for style in document.styles if style.element.find(f"{_W}pPr/{_W}numPr") is not None)


def _footnotes(document: Any) -> Iterator[tuple[str, str]]:
    from docx.oxml import parse_xml

    for relation in document.part.rels.values():
        if relation.reltype == _FOOTNOTES and not relation.is_external:
            for note in parse_xml(relation.target_part.blob).iter(_W + "footnote"):
                if text := " ".join(" ".join(map(_text, note.iter(_W + "p"))).split()):
                    yield note.get(_W + "id"), text


def _text(paragraph: Any) -> str:
    """The words of a paragraph as they would be printed, without those of text boxes anchored in it."""
    parts: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        if element.tag == _W + "t":
            parts.append(element.text or "")
        elif element.tag in (_W + "tab", _W + "ptab") and element.getparent().tag == _W + "r":
            parts.append(" ")
        elif element.tag in (_W + "br", _W + "cr"):
            parts.append("\n")
        elif element.tag == _W + "noBreakHyphen":
            parts.append("-")
        elif element.tag not in (_W + "txbxContent", _W + "del", _W + "moveFrom", _FALLBACK):
            stack.extend(reversed(element))
    return "".join(parts)


def _list_level(element: Any) -> int:
    """From 1; 0 for what is no list item. Number 0 takes a paragraph out of the list of its style."""
    number = element.find(f"{_W}pPr/{_W}numPr/{_W}numId")
    if number is None or number.get(_W + "val") == "0":
        return 0
    depth = element.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
    return 1 + int(depth.get(_W + "val") or 0) if depth is not None else 1


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == _W + "tc":
            yield child
        elif child.tag == _W + "sdt":
            yield from child.iterfind(f"{_W}sdtContent/{_W}tc")


def _has_header(table: Any, row: Any) -> bool:
    if row.find(f"{_W}trPr/{_W}tblHeader") is not None:
        return True
    look = table.find(f"{_W}tblPr/{_W}tblLook")
    return look is not None and look.get(_W + "firstRow") == "1"
