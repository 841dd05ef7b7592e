"""Parts of the passages for models that have not read them: whole authors together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# More parts cost more time; with many small groups (documents of accepted reviews) they are dealt into so many.
FOLDS = 5


def split_by_group(
    groups: NDArray[np.str_], dealt: NDArray[np.bool_] | None = None
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows left out, rows to learn from), whole groups together; rows that are ``dealt`` go round the parts."""
    from sklearn.model_selection import GroupKFold

    count = min(FOLDS, len(np.unique(groups)))
    part = np.zeros(len(groups), np.int64)
    for number, (_, rows) in enumerate(GroupKFold(count).split(groups, groups=groups)):
        part[rows] = number
    if dealt is not None:
        part[dealt] = np.arange(dealt.sum()) % count
    return [(np.flatnonzero(part == number), np.flatnonzero(part != number)) for number in range(count)]
