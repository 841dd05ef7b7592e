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
    """Labels whose contrary scores at least as much as labels of that kind do on average, and not the label itself.

    Where both do, the likelier of the two is meant, as in the paper.
    Confident learning (Northcutt, Jiang and Chuang 2021, Journal of Artificial Intelligence Research 70): what is
    confident is told by each concern's own scores, so that there is no threshold to choose.
    """
    found: list[tuple[float, Suspect]] = []
    for k, concern in enumerate(data.names):
        scores, labels, is_known = mixed.scores[:, k].astype(float), data.labels[:, k], data.is_known[:, k]
        there, not_there = scores[labels & is_known], 1 - scores[~labels & is_known]
        if not len(there) or not len(not_there):
            continue
        is_there, is_not_there = scores >= there.mean(), 1 - scores >= not_there.mean()
        is_likelier = np.where(labels, scores < 0.5, scores >= 0.5)  # the contrary, than the label
        contrary, own = np.where(labels, is_not_there, is_there), np.where(labels, is_there, is_not_there)
        is_suspect = contrary & (is_likelier | ~own) & is_known
        for n in np.flatnonzero(is_suspect):
            margin = 1 - 2 * scores[n] if labels[n] else 2 * scores[n] - 1
            told = (round(float(scores[n]), 4), bool(data.is_reviewed[n]))
            found.append((-margin, Suspect(data.passages[n].id, concern, bool(labels[n]), *told)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].passage_id)))
