"""The text of a Word document: paragraphs, headings, lists, tables, text boxes and notes in reading order.

Names of elements are those of ECMA-376, part 1, section 17.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ascn_nlp.extract.draft import MOST_COLUMNS, DraftBlock, joined_headers, row_text
from ascn_nlp.extract.office.docx_styles import BODY_LEVEL, Style, W, list_level, number, value
from ascn_nlp.records import Issue

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Elements that stand around others and say something of them.
_WRAPPERS = frozenset(
    (
        *(W + name for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")),
        _MC + "AlternateContent",
        _MC + "Choice",
    )
)
# What is not printed, and what says how the rest is: properties have tabs of their own.
_SILENT = frozenset(
    (*(W + name for name in ("del", "moveFrom", "pPr", "rPr", "tcPr", "sdtPr", "rt", "instrText")), _MC + "Fallback")
)
_PRINTED = {W + "tab": " ", W + "ptab": " ", W + "cr": "\n", W + "noBreakHyphen": "-"}
_NOTES = {W + "footnoteReference": "footnote", W + "endnoteReference": "endnote"}
_OFF = ("0", "false", "off")
_FIRST_ROW = 0x20  # of a table's look, as older programs write it


@dataclass(slots=True)
class _Line:
    """What is in a paragraph: its words, the text boxes anchored in it, the notes it refers to."""

    text: str = ""
    boxes: list[Any] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


class Body:
    """Reads the body's XML. ``title`` and ``issues`` are known once all blocks have been taken.

    Tables and boxes in one another are read by recursion, which cannot go deeper than the parser lets XML nest.
    """

    def __init__(self, styles: Mapping[str, Style], notes: Mapping[tuple[str, str], str], most: int) -> None:
        self.title = ""
        self.issues: tuple[Issue, ...] = ()
        self._styles = styles
        self._notes = dict(notes)
        self._left = most

    def blocks(self, element: Any) -> Iterator[DraftBlock]:
        """The blocks in ``element``, in reading order."""
        for child in _children(element):
            if self._left < 0:
                what = "only its beginning was read: it is longer than any report"
                self.issues = (Issue("extract", what, "split it"),)
                return
            if child.tag == W + "p":
                yield from self._paragraph(child)
            elif child.tag == W + "tbl":
                yield from self._table(child)
            elif child.tag == W + "altChunk":
                what = "a file embedded in it was not read"
                self.issues = (Issue("extract", what, "open it in its program and save it anew"),)

    def _paragraph(self, element: Any) -> Iterator[DraftBlock]:
        line, style = _read_line(element), self._style(element)
        self._left -= len(line.text)
        if style.kind != "contents":
            for text in filter(None, map(str.strip, line.text.split("\f"))):
                if style.kind == "title":
                    self.title = self.title or text
                yield DraftBlock("heading" if style.kind == "title" else style.kind, text, level=style.level)
        yield from self._beside(line)

    def _beside(self, line: _Line) -> Iterator[DraftBlock]:
        """The text boxes and notes of a line, each note once."""
        for box in line.boxes:
            yield from self.blocks(box)
        for note in line.notes:
            if text := self._notes.pop(note, ""):
                self._left -= len(text)
                yield DraftBlock("footnote", text)

    def _table(self, element: Any) -> Iterator[DraftBlock]:
        rows = [row for row in _children(element) if row.tag == W + "tr" and not _is_on(row, "trPr", "del")]
        count = _count_headers(element, rows)
        context = ""
        beside: list[_Line] = []
        for at, row in enumerate(rows):
            cells = [cell for cell in _children(row) if cell.tag == W + "tc" and not _is_on(cell, "tcPr", "cellDel")]
            if len(cells) == 1 or any(map(_has_table, cells)):
                for cell in cells:  # a frame around text
                    yield from self.blocks(cell)
                continue
            lines = [_cell_lines(cell) for cell in cells]
            texts = [" ".join(" ".join(line.text for line in each).split()) for each in lines]
            text = row_text(each for cell, words in zip(cells, texts, strict=True) for each in _spread(cell, words))
            self._left -= len(text)
            if text:
                yield DraftBlock("table_row", text, context="" if at < count else context)
                context = joined_headers(context, text) if at < count else context
            beside += [line for cell in lines for line in cell]
        for line in beside:  # after the table, whose rows belong together
            yield from self._beside(line)

    def _style(self, element: Any) -> Style:
        if element.find(W + "pPr") is None:
            return Style()
        style = self._styles.get(value(element, f"{W}pPr/{W}pStyle") or "", Style())
        outline = number(value(element, f"{W}pPr/{W}outlineLvl"))
        if style.kind in ("paragraph", "list_item") and outline is not None and outline < BODY_LEVEL:
            return Style("heading", outline + 1)
        level = list_level(element)
        if level is None or style.kind not in ("paragraph", "list_item"):
            return style
        return Style("list_item", level) if level else Style()


def note_texts(root: Any, kind: str) -> Iterator[tuple[str, str]]:
    """The number and words of each footnote or endnote of its part; none for None."""
    for note in root.iterchildren(W + kind) if root is not None else ():
        if text := " ".join(" ".join(line.text for line in _cell_lines(note)).split()):
            yield note.get(W + "id") or "", text


def _children(element: Any) -> Iterator[Any]:
    """The children of an element, those of wrappers in the wrappers' place."""
    stack = list(reversed(element))
    while stack:
        child = stack.pop()
        if child.tag not in _WRAPPERS:
            yield child
        elif _is_shown(child):
            stack.extend(reversed(child))


def _is_shown(element: Any) -> bool:
    """Whether its words are the document's: not hidden or deleted, no prompt of an empty control, no contents."""
    if element.tag == W + "r":
        return not _is_on(element, "rPr", "vanish")
    if element.tag == W + "sdt":
        gallery = value(element, f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
        return gallery != "Table of Contents" and not _is_on(element, "sdtPr", "showingPlcHdr")
    return element.tag not in _SILENT


def _is_on(element: Any, *path: str) -> bool:
    stated = value(element, "/".join(W + name for name in path))
    return stated is not None and stated not in _OFF


def _read_line(paragraph: Any) -> _Line:
    """The words of a paragraph as they would be printed, "\\f" for a new page; a loop, as runs may nest deep."""
    line = _Line()
    parts: list[str] = []
    stack = [paragraph]
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag in (W + "t", _MATH + "t"):
            parts.append(element.text or "")
        elif tag in _PRINTED:
            parts.append(_PRINTED[tag])
        elif tag == W + "br":
            parts.append("\f" if element.get(W + "type") in ("page", "column") else "\n")
        elif tag == W + "txbxContent":
            line.boxes.append(element)
        elif tag in _NOTES:
            line.notes.append((_NOTES[tag], element.get(W + "id") or ""))
        elif _is_shown(element):
            stack.extend(reversed(element))
    line.text = "".join(parts)
    return line


def _cell_lines(cell: Any) -> list[_Line]:
    """The paragraphs of a table's cell or a note, also those of tables in it; none for a cell merged with one above."""
    if value(cell, f"{W}tcPr/{W}vMerge") in ("", "continue"):
        return []
    lines = []
    stack = [cell]
    while stack:
        element = stack.pop()
        if element.tag == W + "p":
            lines.append(_read_line(element))
        elif _is_shown(element):
            stack.extend(reversed(list(_children(element))))
    return lines


def _spread(cell: Any, text: str) -> list[str]:
    """The text of a cell, and nothing for each further column it lies over."""
    columns = number(value(cell, f"{W}tcPr/{W}gridSpan")) or 1
    return [text, *[""] * (min(columns, MOST_COLUMNS) - 1)]


def _has_table(cell: Any) -> bool:
    return any(child.tag == W + "tbl" for child in _children(cell))


def _count_headers(table: Any, rows: list[Any]) -> int:
    """How many of the first rows are column headers: those that say so; else the first, if the table's look does."""
    marked = next((at for at, row in enumerate(rows) if not _is_on(row, "trPr", "tblHeader")), 0)
    if marked or len(rows) < 2:
        return marked
    look = table.find(f"{W}tblPr/{W}tblLook")
    if look is None:
        return 0
    if (first := look.get(W + "firstRow")) is not None:
        return int(first not in _OFF)
    try:
        return int(bool(int(look.get(W + "val") or "0", 16) & _FIRST_ROW))
    except ValueError:
        return 0
