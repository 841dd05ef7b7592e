"""The text of an OpenDocument text: paragraphs, headings, lists, tables, text boxes and notes in reading order.

Names of elements are those of OpenDocument 1.3, part 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ascn_nlp.extract.draft import MOST_COLUMNS, DraftBlock, joined_headers, row_text
from ascn_nlp.extract.office.odt_styles import TEXT, Style
from ascn_nlp.records import Issue

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_PARAGRAPHS = (TEXT + "p", TEXT + "h")
# Elements that stand around rows and say something of them.
_ROW_GROUPS = tuple(_TABLE + name for name in ("table-header-rows", "table-rows", "table-row-group"))
_LISTS = (TEXT + "list", TEXT + "numbered-paragraph")
_CELLS = (_TABLE + "table-cell", _TABLE + "covered-table-cell")
# What is not printed where it stands, or is made from the rest: "tracked-changes" holds what was deleted.
_SILENT = frozenset(
    (
        *(TEXT + f"{name}-index" for name in ("illustration", "table", "object", "user", "alphabetical")),
        *(TEXT + name for name in ("tracked-changes", "table-of-content", "hidden-text", "ruby-text", "script")),
        *(TEXT + name for name in ("sequence-decls", "variable-decls", "user-field-decls", "dde-connection-decls")),
        *(OFFICE + name for name in ("annotation", "forms")),
        *(_SVG + name for name in ("title", "desc")),
    )
)
_PRINTED = {TEXT + "s": " ", TEXT + "tab": " ", TEXT + "line-break": "\n"}
_BLANKS = re.compile("[ \t\r\n]+")  # one blank, however many: those that count are elements


@dataclass(slots=True)
class _Line:
    """What is in a paragraph: its words, the boxes anchored in it, the notes it refers to."""

    text: str = ""
    boxes: list[Any] = field(default_factory=list)
    notes: list[Any] = field(default_factory=list)


class Body:
    """Reads the body's XML. ``title`` and ``issues`` are known once all blocks have been taken.

    What stands in one another is read by recursion, which cannot go deeper than the parser lets XML nest.
    """

    def __init__(self, styles: Mapping[tuple[str, str], Style], most: int) -> None:
        self.title = ""
        self.issues: tuple[Issue, ...] = ()
        self._styles = styles
        self._left = most

    def blocks(self, element: Any, depth: int = 0) -> Iterator[DraftBlock]:
        """The blocks in ``element``, in reading order; ``depth`` counts the lists around it."""
        for child in element:
            if self._left < 0:
                what = "only its beginning was read: it is longer than any report"
                self.issues = (Issue("extract", what, "split it"),)
                return
            if child.tag in _PARAGRAPHS:
                yield from self._paragraph(child, depth)
            elif child.tag == _TABLE + "table":
                yield from self._table(child)
            elif _is_shown(child):  # sections, lists and their items, frames and shapes, bibliographies
                yield from self.blocks(child, depth + (child.tag in _LISTS))

    def _paragraph(self, element: Any, depth: int) -> Iterator[DraftBlock]:
        line = self._read_line(element)
        text, kind = line.text.strip(), self._style(element).kind
        self._left -= len(text)
        if not text:
            pass
        elif element.tag == TEXT + "h":
            yield DraftBlock("heading", text, level=_number(element, TEXT + "outline-level"))
        elif kind == "title":
            self.title = self.title or text
            yield DraftBlock("heading", text, level=1)
        elif depth:
            yield DraftBlock("list_item", text, level=depth)
        else:
            yield DraftBlock(kind, text)
        yield from self._beside(line)

    def _beside(self, line: _Line) -> Iterator[DraftBlock]:
        """The text boxes and notes of a line."""
        for box in line.boxes:
            yield from self.blocks(box)
        for note in line.notes:
            bodies = note.iterchildren(TEXT + "note-body")
            texts = [self._read_line(each).text for body in bodies for each in _paragraphs(body)]
            if text := " ".join(" ".join(texts).split()):
                self._left -= len(text)
                yield DraftBlock("footnote", text)

    def _table(self, element: Any) -> Iterator[DraftBlock]:
        context = ""
        beside: list[_Line] = []
        for row, is_header in _rows(element):
            cells = list(_cells(row))
            shown = [cell for cell in cells if cell is not None]
            is_alone = len(shown) == 1 and cells[0] is not None
            if is_alone or any(map(_has_table, shown)):
                for cell in shown:  # a frame around text
                    yield from self.blocks(cell)
                continue
            lines = [
                [self._read_line(each) for each in _paragraphs(cell)] if cell is not None else [] for cell in cells
            ]
            text = row_text(" ".join(" ".join(line.text for line in cell).split()) for cell in lines)
            self._left -= len(text)
            if text:
                yield DraftBlock("table_row", text, context="" if is_header else context)
                context = joined_headers(context, text) if is_header else context
            beside += [line for cell in lines for line in cell]
        for line in beside:  # after the table, whose rows belong together
            yield from self._beside(line)

    def _read_line(self, paragraph: Any) -> _Line:
        """The words of a paragraph as they would be printed; a loop, as spans may nest deep."""
        line = _Line()
        parts: list[str] = []
        stack: list[Any] = [paragraph]  # elements, and the texts behind them
        while stack:
            element = stack.pop()
            if isinstance(element, str):
                parts.append(_BLANKS.sub(" ", element))
                continue
            if element.tail and element is not paragraph:
                stack.append(element.tail)
            if element.tag in _PRINTED:
                parts.append(_PRINTED[element.tag])
            elif element.tag == TEXT + "note":
                line.notes.append(element)
            elif element.tag.startswith(_DRAW) and element.tag != _DRAW + "a":
                line.boxes.append(element)
            elif _is_shown(element) and not self._style(element).is_hidden:
                stack.extend((*reversed(element), element.text or ""))
        line.text = "".join(parts)
        return line

    def _style(self, element: Any) -> Style:
        family = "text" if element.tag == TEXT + "span" else "paragraph"
        return self._styles.get((family, element.get(TEXT + "style-name") or ""), Style())


def _is_shown(element: Any) -> bool:
    return element.tag not in _SILENT and element.get(TEXT + "display") != "none"


def _paragraphs(element: Any) -> Iterator[Any]:
    """The paragraphs in an element, without those of boxes and notes in them."""
    stack = list(reversed(element))
    while stack:
        child = stack.pop()
        if child.tag in _PARAGRAPHS:
            yield child
        elif _is_shown(child):
            stack.extend(reversed(child))


def _rows(table: Any, is_header: bool = False) -> Iterator[tuple[Any, bool]]:
    """The rows and whether they are column headers; one that says it is repeated a million times comes once."""
    for child in table:
        if child.tag == _TABLE + "table-row":
            yield child, is_header
        elif child.tag in _ROW_GROUPS:
            yield from _rows(child, is_header or child.tag == _ROW_GROUPS[0])


def _cells(row: Any) -> Iterator[Any]:
    """The cells of a row, None for those that others cover, as they part the columns.

    A cell that says it is repeated a million times comes once, as its words do.
    """
    for cell in row.iterchildren(*_CELLS):
        if cell.tag == _CELLS[0]:
            yield cell
        else:
            yield from [None] * min(_number(cell, _TABLE + "number-columns-repeated"), MOST_COLUMNS)


def _has_table(cell: Any) -> bool:
    return cell.find(_TABLE + "table") is not None


def _number(element: Any, name: str) -> int:
    """The number an attribute states; 1 when it states none."""
    text = element.get(name) or ""
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 1
