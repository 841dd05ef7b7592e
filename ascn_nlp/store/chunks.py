"""Long lists of row numbers or names, in pieces that one SQL statement can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
# SQLite takes a limited number of parameters in one statement: 999 in its older builds.
SIZE = 500


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The same values in the same order, at most SIZE at a time."""
    return (values[n : n + SIZE] for n in range(0, len(values), SIZE))
