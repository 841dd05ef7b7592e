"""Long lists of row numbers, in pieces that one SQL statement can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# SQLite takes a limited number of parameters in one statement: 999 in its older builds.
SIZE = 500


def in_chunks(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    """The same numbers in the same order, at most SIZE at a time."""
    return (seqs[n : n + SIZE] for n in range(0, len(seqs), SIZE))
