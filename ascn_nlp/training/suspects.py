"""Labels that are likely wrong: for a second look, never to be changed by a machine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ascn_nlp.training.data import Data
from ascn_nlp.training.mixing import Mixed


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that a model which has not read its author contradicts with confidence."""

    passage_id: str
    concern: str
    label: bool
    score: float
    is_reviewed: bool


def find_suspects(data: Data, mixed: Mixed) -> tuple[Suspect, ...]:
    """Labels whose contrary scores at least as much as labels of that kind do on average.

    Confident learning (Northcutt, Jiang and Chuang 2021, Journal of Artificial Intelligence Research 70): what is
    confident is told by each concern's own scores, so that there is no threshold to choose.
    """
    found: list[tuple[float, Suspect]] = []
    for k, concern in enumerate(data.names):
        scores, labels, is_known = mixed.scores[:, k].astype(float), data.labels[:, k], data.is_known[:, k]
        there, not_there = scores[labels & is_known], 1 - scores[~labels & is_known]
        if not len(there) or not len(not_there):
            continue
        is_suspect = np.where(labels, 1 - scores >= not_there.mean(), scores >= there.mean()) & is_known
        for n in np.flatnonzero(is_suspect):
            margin = 1 - 2 * scores[n] if labels[n] else 2 * scores[n] - 1
            told = (round(float(scores[n]), 4), bool(data.is_reviewed[n]))
            found.append((-margin, Suspect(data.passages[n].id, concern, bool(labels[n]), *told)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].passage_id)))
