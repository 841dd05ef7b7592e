"""Long lists of row numbers or names, in pieces that one SQL statement can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement

T = TypeVar("T")
# SQLite takes a limited number of parameters in one statement: 999 in its older builds.
SIZE = 500


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The same values in the same order, at most SIZE at a time."""
    return (values[n : n + SIZE] for n in range(0, len(values), SIZE))


def near(column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a row number is one of these, of which there is at least one; or, where they lie close, among them.

    To ask for a range costs far less than to name hundreds, and what it brings besides is little: who asks drops that.
    """
    low, high = min(numbers), max(numbers)
    return column.between(low, high) if high - low < 2 * len(numbers) else column.in_(numbers)
