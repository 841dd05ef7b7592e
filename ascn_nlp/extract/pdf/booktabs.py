"""Grids of tables that have horizontal rules only: above, below and under the column headers, as books set them.

The columns are parted by blanks that no word crosses, the rows by wider spaces or by words in the first column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ascn_nlp.extract.pdf.rules import Grid, Rule, Ruling
from ascn_nlp.extract.pdf.words import Word

_FEWEST_RULES = 3  # above, below and under the headers
_FEW_RULES = 4  # with more each row has its own, with fewer there are several rows between two
_MOST_RULES = 60  # on a page that is no drawing
_SAME_END = 3.0  # points between the ends of rules of one table
_SHORTEST = 100.0  # points
_TALLEST_HEADER = 60.0  # points, four lines: pages and boxes have their next rule further down
_COLUMN_GAP = 7.0  # points: justified words stand nearer, but on some line they are stretched to this
_LONGEST_CELL = 30  # words on average: columns of a page have more
_PROSE = 4  # words on a line: two columns of prose have 6 to 8
_WIDER = 1.2  # times the narrowest step from line to line: a space between rows
_FULL = 0.6  # of the rows have words in at least two columns


def open_grids(ruling: Ruling, words: Sequence[Word]) -> list[Grid]:
    """The grids that horizontal rules and words make beside the fully ruled ones."""
    long = [rule for rule in ruling.across if rule.end - rule.start >= _SHORTEST]
    rest = sorted(rule for rule in long if not any(_is_part(rule, grid) for grid in ruling.grids))
    found: list[Grid] = []
    while len(rest) >= _FEWEST_RULES:
        first = rest[0]
        same = [r for r in rest if abs(r.start - first.start) < _SAME_END and abs(r.end - first.end) < _SAME_END]
        rest = [rule for rule in rest if rule not in same]
        found += _tables(same[:_MOST_RULES], words)
    return found


def _is_part(rule: Rule, grid: Grid) -> bool:
    is_beside = rule.start > grid.xs[-1] or rule.end < grid.xs[0]
    return not is_beside and grid.ys[0] - _SAME_END <= rule.at <= grid.ys[-1] + _SAME_END


def _tables(rules: Sequence[Rule], words: Sequence[Word]) -> Iterator[Grid]:
    """The tables between rules of one width: all of these make one, or three each."""
    while len(rules) >= _FEWEST_RULES:
        grid = _grid(rules, words)
        used = len(rules) if grid else _FEWEST_RULES
        grid = grid or _grid(rules[:_FEWEST_RULES], words)
        if grid:
            yield grid
        rules = rules[used if grid else 1 :]


def _is_between(word: Word, top: Rule, bottom: Rule) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return top.at < y < bottom.at and top.start - _SAME_END <= x <= top.end + _SAME_END


def _grid(rules: Sequence[Rule], words: Sequence[Word]) -> Grid | None:
    """The grid of the words between the first and the last rule; None if these are no table."""
    if rules[1].at - rules[0].at > _TALLEST_HEADER:
        return None
    words = [word for word in words if _is_between(word, rules[0], rules[-1])]
    xs = _columns(rules[0], words)
    header = [word for word in words if _is_between(word, rules[0], rules[1])]
    if len(xs) < 3 or _filled(header, xs) < 2 or _is_prose(words, xs):
        return None
    ys = [rules[0].at, rules[1].at]
    for top, bottom in pairwise(rules[1:]):
        inside = [word for word in words if _is_between(word, top, bottom)] if len(rules) <= _FEW_RULES else []
        ys += [*_row_borders(inside, xs), bottom.at]
    rows = [[word for word in words if a < (word.top + word.bottom) / 2 < b] for a, b in pairwise(ys)]
    full = sum(_filled(row, xs) > 1 for row in rows)
    if full < max(2, _FULL * len(rows)) or len(words) > _LONGEST_CELL * len(rows) * (len(xs) - 1):
        return None
    fields = {(row, column): (row, column) for row in range(len(ys) - 1) for column in range(len(xs) - 1)}
    return Grid(tuple(xs), tuple(ys), fields)


def _columns(rule: Rule, words: Sequence[Word]) -> list[float]:
    """Where columns begin and end: in the middle of the blanks that no word crosses."""
    borders: list[float] = []
    end = None
    for word in sorted(words, key=lambda each: each.x0):
        if end is not None and word.x0 - end > _COLUMN_GAP:
            borders.append((word.x0 + end) / 2)
        end = max(end or word.x1, word.x1)
    return [min(rule.start, *(w.x0 for w in words)) - 1, *borders, max(rule.end, end or 0) + 1] if words else []


def _is_prose(words: Sequence[Word], xs: Sequence[float]) -> bool:
    """Whether even the emptiest column has as many words on a line as columns of a page have, not those of a table."""
    return all(
        len(inside) > _PROSE * len(_lines(inside))
        for inside in ([word for word in words if a <= word.x0 < b] for a, b in pairwise(xs))
    )


def _filled(words: Sequence[Word], xs: Sequence[float]) -> int:
    """In how many columns words begin."""
    return len({sum(x <= word.x0 for x in xs) for word in words})


def _row_borders(words: Sequence[Word], xs: Sequence[float]) -> Iterator[float]:
    """Heights between the rows: where lines stand wider apart, else above each line with words in the first column."""
    lines = _lines(words)
    steps = [below[0].bottom - above[0].bottom for above, below in pairwise(lines)]
    is_spaced = bool(steps) and max(steps) > _WIDER * min(steps)
    for (above, below), step in zip(pairwise(lines), steps, strict=True):
        begins = step > _WIDER * min(steps) if is_spaced else min(word.x0 for word in below) < xs[1]
        if begins:
            yield (max(word.bottom for word in above) + min(word.top for word in below)) / 2


def _lines(words: Sequence[Word]) -> list[list[Word]]:
    """Words in lines from top to bottom, whatever column they stand in."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda each: each.top + each.bottom):
        middle = (word.top + word.bottom) / 2
        if lines and middle < lines[-1][0].bottom - 0.2 * (word.bottom - word.top):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines
