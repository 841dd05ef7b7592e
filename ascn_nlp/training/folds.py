"""Parts of the passages for models that have not read them: whole authors together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# More parts cost more time; with many small groups (documents of accepted reviews) they are dealt into so many.
FOLDS = 5


def split_by_group(groups: NDArray[np.str_]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows left out, rows to learn from), whole groups together."""
    from sklearn.model_selection import GroupKFold

    parts = GroupKFold(min(FOLDS, len(np.unique(groups)))).split(groups, groups=groups)
    return [(rows, rest) for rest, rows in parts]
