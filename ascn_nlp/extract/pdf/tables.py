"""Table rows: from the cells of ruled grids, or from lines whose pieces stand under each other.

Every word of a page goes into one cell or stays in the text, so that a table neither loses nor doubles words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ascn_nlp.extract.pdf.lines import Line, build_lines
from ascn_nlp.extract.pdf.rules import Grid
from ascn_nlp.extract.pdf.words import PageText, Word
from ascn_nlp.records import Box

_NEAR = 3.0  # points: cells begin under each other within this
_LEAST_FILLED = 0.3  # of the cells; in the grids behind charts next to none is
# Cells longer than this (in words, on average) are columns of a page laid out in a grid, and read as such.
_LONGEST_CELL = 90
_APART = 0.3  # of a line's height to the next: lines of one cell are set closer


@dataclass(frozen=True, slots=True)
class Row:
    """A table row of one page; each cell holds its lines' texts."""

    page: int
    index: int  # of the table's first word on the page
    box: Box
    cells: tuple[tuple[str, ...], ...]
    columns: tuple[float, ...]  # where its table's columns begin: a table goes on if the next page has the same
    font: str  # the name of its only font; "" when its words differ
    table: int


def take_tables(number: int, text: PageText, grids: Sequence[Grid]) -> tuple[list[Row], list[Word]]:
    """The rows of the page's ruled tables, and the words that stand in none."""
    rows: list[Row] = []
    words = text.words
    for table, grid in enumerate(grids):
        cells: dict[tuple[int, int], list[Word]] = {}
        rest: list[Word] = []
        for word in words:
            cell = grid.cell_of(word)
            cells.setdefault(cell, []).append(word) if cell else rest.append(word)
        if len(cells) > _LEAST_FILLED * len(set(grid.cell_at.values())) and _is_table(cells):
            _part_rows(cells, grid)
            rows += _rows(number, table, text, grid, cells)
            words = rest
    return rows, words


def _part_rows(cells: dict[tuple[int, int], list[Word]], grid: Grid) -> None:
    """Part the words of a cell that only lacks the lines between its rows: each of these has one line of its own.

    A cell that is meant to be one has its lines together, not one at the height of each row.
    """
    filled = {row for row, _ in cells}
    for cell, words in list(cells.items()):
        rows = [row for row in range(cell[0], len(grid.ys) - 1) if grid.cell_at[row, cell[1]] == cell]
        by_row: dict[int, list[Word]] = {}
        for word in words:
            by_row.setdefault(grid.row_of(word), []).append(word)
        lines = [(min(w.top for w in some), max(w.bottom for w in some)) for _, some in sorted(by_row.items())]
        is_apart = all(below[0] - above[1] > _APART * (above[1] - above[0]) for above, below in pairwise(lines))
        if len(rows) > 1 and sorted(by_row) == rows and is_apart and filled.issuperset(rows):
            del cells[cell]
            cells |= {(row, cell[1]): some for row, some in by_row.items()}


def _is_table(cells: dict[tuple[int, int], list[Word]]) -> bool:
    """Whether two rows and half of all have at least two cells with words in them, and none is a page's column."""
    counts: dict[int, int] = {}
    for row, _ in cells:
        counts[row] = counts.get(row, 0) + 1
    full = sum(count > 1 for count in counts.values())
    return full >= max(2, len(counts) / 2) and sum(map(len, cells.values())) < _LONGEST_CELL * len(cells)


def _rows(
    number: int, table: int, text: PageText, grid: Grid, cells: dict[tuple[int, int], list[Word]]
) -> Iterator[Row]:
    """The rows with words; a cell over several rows or columns has its words in the first, the others are empty."""
    index = min(words[0].at for words in cells.values())
    columns = sorted({column for _, column in cells})
    for row in sorted({row for row, _ in cells}):
        lines = [build_lines(number, text, cells.get((row, column), []))[0] for column in columns]
        if not any(lines):  # all its words are hidden
            continue
        fonts = {line.font for some in lines for line in some}
        yield Row(
            page=number,
            index=index,
            box=_around([word for column in columns for word in cells.get((row, column), ())]),
            cells=tuple(tuple(line.text for line in some) for some in lines),
            columns=tuple(grid.xs[column] for column in columns),
            font=fonts.pop() if len(fonts) == 1 else "",
            table=table,
        )


def _around(words: Sequence[Word]) -> Box:
    return (
        min(word.x0 for word in words),
        min(word.top for word in words),
        max(word.x1 for word in words),
        max(word.bottom for word in words),
    )


def aligned_rows(lines: Sequence[Line]) -> set[int]:
    """Positions of lines that are rows of a table without rules: their cells begin or end under each other."""
    found: set[int] = set()
    run: list[int] = []
    for i, line in enumerate(lines):
        if run and not _aligned(lines[run[-1]], line):
            if _is_tabular([lines[j] for j in run]):
                found.update(run)
            run = []
        if len(line.cells) > 1:
            run.append(i)
    if _is_tabular([lines[j] for j in run]):
        found.update(run)
    return found


def _aligned(above: Line, below: Line) -> bool:
    if len(below.cells) < 2 or below.page != above.page or not 0 < below.baseline - above.baseline < 3.5 * below.size:
        return False
    pairs = zip(above.cells[1:], below.cells[1:], strict=False)
    return any(abs(a.x0 - b.x0) < _NEAR or abs(a.x1 - b.x1) < _NEAR for a, b in pairs)


def _is_tabular(run: Sequence[Line]) -> bool:
    """Whether aligned lines are rows: marks before list items and stretched blanks of justified text are not."""
    if len(run) < 2:
        return False
    if all(len(line.cells[0].text) <= 4 and len(line.cells) == 2 for line in run):
        return False
    widest = min(max(b.x0 - a.x1 for a, b in zip(line.cells, line.cells[1:], strict=False)) for line in run)
    return widest > (4 if len(run) == 2 else 2) * run[0].size
