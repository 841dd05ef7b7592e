"""Ranges of documents: what one call of a stage is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Batch(NamedTuple):
    """The documents with first <= seq <= last; ``documents`` of them had work to do when this was planned."""

    first: int
    last: int
    documents: int


ALL = Batch(0, 2**31 - 1, 0)


def batches(seqs: Sequence[int], most: int, size: Callable[[int], int] = lambda _: 1) -> list[Batch]:
    """Consecutive documents in batches that hold about ``most`` units of work."""
    found: list[Batch] = []
    filled = most
    for seq in seqs:
        if filled >= most:
            found.append(Batch(seq, seq, 0))
            filled = 0
        found[-1] = Batch(found[-1].first, seq, found[-1].documents + 1)
        filled += size(seq)
    return found
