"""From the lines and rows of all pages to blocks: paragraphs joined over page breaks, tables given their headers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import TypeVar

from ascn_nlp.extract.draft import DraftBlock
from ascn_nlp.extract.pdf.blocks import (
    Group,
    changes_weight,
    ends_sentence,
    group_lines,
    is_marked,
    is_marked_note,
    is_numbered,
    starts_inside,
)
from ascn_nlp.extract.pdf.floats import Piece, find_floats
from ascn_nlp.extract.pdf.lines import Line
from ascn_nlp.extract.pdf.order import in_reading_order
from ascn_nlp.extract.pdf.tables import Row, aligned_rows
from ascn_nlp.extract.pdf.text import Vocabulary, join, join_lines
from ascn_nlp.extract.pdf.typography import Typography, measure
from ascn_nlp.records import BlockKind, Box, Page, Place

_LEVELS = 6
_LONG_ITEM = 25  # words on average: longer ones are numbered paragraphs
_LIKE_BODY = 0.06  # sizes nearer to the usual one are that of the body
_SAME_INDENT = 4.0  # points
_LOOSE = -1  # the number of every table without rules
_HEADER_WORDS = 3  # in a cell of a column header that is not set in bold
_EMPTY = re.compile(r"\|\s+(?=\|)")
_DIGIT = re.compile(r"\d")
_CONTENTS = re.compile(r"(?:table of )?contents?$|daftar isi$|(?:isi )?kandungan$|mục lục$|สารบัญ$", re.IGNORECASE)


_Item = TypeVar("_Item", Line, Row)


@dataclass(slots=True)
class _Piece:
    """A block in the making; ``groups`` are its parts on pages or columns."""

    kind: BlockKind
    parts: list[tuple[int, Box, str]]
    groups: list[Group] = field(default_factory=list)
    context: str = ""


def join_pages(
    pages: Sequence[Page], lines: Sequence[Line], rows: Sequence[Row], known: Vocabulary
) -> tuple[DraftBlock, ...]:
    """The blocks of a document in reading order."""
    usual = measure(lines)
    pieces: list[_Piece] = []
    open_text: _Piece | None = None
    open_note: _Piece | None = None
    headers = _headers(rows, usual, known)
    lines_of, rows_of = _by_page(lines), _by_page(rows)
    for page in pages:
        for part in _parts(lines_of[page.number], rows_of[page.number], usual, page.height):
            if isinstance(part, Row):
                pieces.append(_row_piece(part, headers, known))
                continue
            is_note = part.kind == "footnote"
            piece = open_note if is_note else open_text
            if piece and _goes_on(piece, part, pieces[-1] is piece, usual):
                piece.groups.append(part)
                piece.parts.append(_part(part, known))
                continue
            pieces.append(_Piece(part.kind, [_part(part, known)], [part]))
            if is_note:
                open_note = pieces[-1]
            elif part.kind in ("paragraph", "list_item") and part.lines[0].size >= 0.95 * usual.size:
                open_text = pieces[-1]
    _tell_paragraphs(pieces)
    floats = _floats(pieces, usual)
    levels = _levels(piece.groups[0] for piece in pieces if piece.kind == "heading")
    labels = {page.number: page.label for page in pages}
    blocks = [_block(piece, labels, levels, depth, known) for piece, depth in zip(pieces, _depths(pieces), strict=True)]
    return tuple(replace(block, beside=floats.get(i)) for i, block in enumerate(blocks))


def _by_page(items: Iterable[_Item]) -> defaultdict[int, list[_Item]]:
    found: defaultdict[int, list[_Item]] = defaultdict(list)
    for item in items:
        found[item.page].append(item)
    return found


def _parts(lines: list[Line], rows: list[Row], usual: Typography, height: float) -> Iterator[Group | Row]:
    """The groups of lines and the table rows of one page, in reading order."""
    aligned = aligned_rows(lines)
    loose = [_loose_row(lines[i]) for i in sorted(aligned)]
    rest: list[Line | Row] = [line for i, line in enumerate(lines) if i not in aligned]
    for is_row, items in groupby(in_reading_order([*rest, *rows, *loose]), key=lambda item: isinstance(item, Row)):
        if is_row:
            yield from (item for item in items if isinstance(item, Row))
        else:
            yield from group_lines([item for item in items if isinstance(item, Line)], usual, height)


def _loose_row(line: Line) -> Row:
    """A row of a table without rules."""
    cells = tuple((cell.text,) for cell in line.cells)
    return Row(line.page, line.index, line.box, cells, (), line.font, _LOOSE)


def _part(group: Group, known: Vocabulary) -> tuple[int, Box, str]:
    boxes = [line.box for line in group.lines]
    x0, tops, x1, bottoms = zip(*boxes, strict=True)
    texts = [line.text for line in group.lines]
    if group.kind == "heading":  # a text box too small for its words may have the last ones twice, once clipped
        texts = texts[:1] + [b for a, b in pairwise(texts) if not a.endswith(f" {b}")]
    text = join_lines(texts, known)
    return group.lines[0].page, (min(x0), min(tops), max(x1), max(bottoms)), text


def _goes_on(piece: _Piece, group: Group, is_next: bool, usual: Typography) -> bool:
    """Whether ``group`` is the rest of an open paragraph after a break: of page, of column, or by a box."""
    last, first = piece.groups[-1].lines[-1], group.lines[0]
    if group.kind == "footnote":
        return not is_marked_note(group) and not ends_sentence(last.text) and first.page - last.page <= 1
    is_body = group.kind in ("paragraph", "list_item") and not is_marked(first)
    if not is_body or ends_sentence(last.text) or first.page - last.page > 1:
        return False
    is_broken = first.page > last.page or not is_next or first.baseline < last.baseline
    if not is_broken or abs(first.size - last.size) > 0.3:
        return False
    if starts_inside(first.text):
        return True
    if changes_weight(last, first, usual):
        return False
    lines = piece.groups[-1].lines
    is_full = len(lines) > 1 and last.box[2] > max(line.box[2] for line in lines) - 2 * last.size
    return is_next and is_full and len(group.lines) > 1 and abs(first.size - usual.size) < 0.5


def _tell_paragraphs(pieces: Sequence[_Piece]) -> None:
    """Make paragraphs of the items numbered "1." at one indent where they are long, as in laws and reports."""
    alike: defaultdict[int, list[_Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.kind == "list_item" and is_numbered(piece.groups[0].lines[0]):
            alike[round(piece.groups[0].lines[0].box[0] / _SAME_INDENT)].append(piece)
    for some in alike.values():
        words = sum(len(text.split()) for piece in some for _, _, text in piece.parts)
        if words > _LONG_ITEM * len(some):
            for piece in some:
                piece.kind = "paragraph"


def _floats(pieces: Sequence[_Piece], usual: Typography) -> dict[int, int]:
    """The positions of boxes, each with that of what it stands beside; titles of boxes are no headings of the text."""
    floats = find_floats(
        [
            Piece([(page, box) for page, box, _ in piece.parts], _is_body(piece, usual), piece.kind == "heading")
            for piece in pieces
        ]
    )
    for i in floats:
        if pieces[i].kind == "heading":
            pieces[i].kind = "paragraph"
    return floats


def _is_body(piece: _Piece, usual: Typography) -> bool:
    """Whether a piece is set as running text is; table rows, notes and what goes over pages are never boxes."""
    is_float = piece.kind in ("paragraph", "list_item", "caption", "heading") and len(piece.parts) == 1
    return not is_float or abs(piece.groups[0].lines[0].size - usual.size) < _LIKE_BODY * usual.size


def _headers(rows: Sequence[Row], usual: Typography, known: Vocabulary) -> dict[tuple[int, int], str]:
    """The column headers of each ruled table by (page, table), handed on where a table goes on on the next page."""
    headers: dict[tuple[int, int], str] = {}
    above: tuple[Row, str] | None = None
    for key, group in groupby(rows, key=lambda row: (row.page, row.table)):
        table = list(group)
        first = table[0]
        goes_on = above is not None and first.page == above[0].page + 1 and _has_columns_of(first, above[0])
        if _is_header(table, usual):
            headers[key] = _text(first, known)
        else:
            headers[key] = above[1] if above and goes_on else ""
        above = first, headers[key]
    return headers


def _has_columns_of(a: Row, b: Row) -> bool:
    return len(a.columns) == len(b.columns) and all(abs(x - y) < 4 for x, y in zip(a.columns, b.columns, strict=True))


def _is_header(table: Sequence[Row], usual: Typography) -> bool:
    """Whether the first row names the columns: bold, or a few words without numbers above cells with more words."""
    cells = [" ".join(cell) for cell in table[0].cells]
    if len(table) < 2 or sum(map(bool, cells)) < 2:
        return False
    if table[0].font in usual.heavy_fonts and any(row.font != table[0].font for row in table[1:]):
        return True
    is_short = all(cell and len(cell.split()) <= _HEADER_WORDS and not _DIGIT.search(cell) for cell in cells)
    below = sum(len(" ".join(cell).split()) for row in table[1:] for cell in row.cells) / (len(table) - 1)
    return is_short and below > 2 * sum(len(cell.split()) for cell in cells)


def _text(row: Row, known: Vocabulary) -> str:
    return _EMPTY.sub("| ", " | ".join(join_lines(cell, known) for cell in row.cells)).strip().rstrip(" |")


def _row_piece(row: Row, headers: dict[tuple[int, int], str], known: Vocabulary) -> _Piece:
    text, header = _text(row, known), headers.get((row.page, row.table), "")
    return _Piece("table_row", [(row.page, row.box, text)], context="" if text == header else header)


def _levels(groups: Iterable[Group]) -> dict[float, int]:
    """Heading levels by weight, the heaviest 1."""
    weights = sorted({group.weight for group in groups if group.weight}, reverse=True)
    return {weight: min(rank, _LEVELS) for rank, weight in enumerate(weights, 1)}


def _depths(pieces: Iterable[_Piece]) -> Iterator[int]:
    """How deep each list item stands in its list, 1 the outermost, by its indent; 0 for what is none."""
    indents: list[float] = []
    for piece in pieces:
        if piece.kind != "list_item":
            indents.clear()
            yield 0
            continue
        x0 = piece.groups[0].lines[0].box[0]
        while indents and x0 < indents[-1] - _SAME_INDENT:
            indents.pop()
        if not indents or x0 > indents[-1] + _SAME_INDENT:
            indents.append(x0)
        yield len(indents)


def _block(
    piece: _Piece, labels: dict[int, str], levels: dict[float, int], depth: int, known: Vocabulary
) -> DraftBlock:
    text, places = "", []
    for page, box, part in piece.parts:
        text = join(text, part, known) if text else part
        rounded = tuple(round(value, 1) for value in box)
        places.append(Place(page, labels[page], rounded, len(text) - len(part)))  # type: ignore[arg-type]
    level = levels[piece.groups[0].weight] if piece.kind == "heading" else 0
    if level and _CONTENTS.match(text):
        level = _LEVELS  # nothing stands under it but its entries, however large it is set
    return DraftBlock(piece.kind, text, tuple(places), level or depth, piece.context)
