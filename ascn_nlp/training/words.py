"""What the words alone tell: a one-vs-rest logistic regression over TF-IDF, and one for stances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.records import STANCES
from ascn_nlp.training.data import Data

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]

# Inverse strength of regularisation, for concerns and for stances. Tried once on corpus/training: for concerns 1, 3, 10
# and 30, fitted to the hard passages and measured on the everyday ones (mean average precision 0.816 to 0.831, still
# rising slowly); for stances 3, 5 and 10, one author left out at a time.
STRENGTH = 30.0
STANCE_STRENGTH = 5.0
# Our own labels take less than 100; labels of people, who contradict each other and us, and weigh more, take longer.
_MOST_ROUNDS = 2000


@dataclass(frozen=True, slots=True)
class WordsFit:
    """What was learned from some of the passages; shapes as in Weights."""

    coef: Floats
    intercept: Floats
    stance_coef: Floats
    stance_extra: Floats
    stance_intercept: Floats


def fit_words(data: Data, rows: NDArray[np.int64]) -> WordsFit:
    """What some of the passages teach."""
    concern = {"C": STRENGTH, "class_weight": "balanced", "solver": "liblinear", "dual": True, "random_state": 0}
    models = [
        logistic(data.features[rows], labels, (False, True), weights, **concern, max_iter=_MOST_ROUNDS)
        for labels, weights in zip(data.labels[rows].T, data.weights[rows].T, strict=True)
    ]
    stance_coef, stance_intercept = _fit_stances(data, data.pairs[np.isin(data.pairs[:, 0], rows)])
    size = len(data.vocabulary)
    return WordsFit(
        coef=np.vstack([coef[1] - coef[0] for coef, _ in models]).T.astype(np.float32),
        intercept=np.array([intercept[1] - intercept[0] for _, intercept in models], np.float32),
        stance_coef=stance_coef[:, :size].T.astype(np.float32),
        stance_extra=stance_coef[:, size:].T.astype(np.float32),
        stance_intercept=stance_intercept.astype(np.float32),
    )


def _fit_stances(data: Data, pairs: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coefficients (n_stances, n_features + n_cues + n_concerns) and intercepts, from tagged passages."""
    from scipy.sparse import csr_matrix, hstack

    extra = csr_matrix(np.array([data.extra(n, k) for n, k, _ in pairs]).reshape(len(pairs), 4 + len(data.columns)))
    words_and_cues = hstack([data.features[pairs[:, 0]], extra]).tocsr()
    weights = data.weights[pairs[:, 0], pairs[:, 1]]
    return logistic(words_and_cues, pairs[:, 2], range(len(STANCES)), weights, C=STANCE_STRENGTH, max_iter=1000)


# The intercept of a class that the passages never show: a chance below 1 in 20,000.
_NEVER = -10.0


def logistic(
    features: csr_matrix | Floats,
    labels: NDArray[Any],
    classes: Sequence[Any],
    weights: Floats | None = None,
    **choices: Any,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coefficients (n_classes, n_features) and intercepts (n_classes,), even where not all classes occur.

    ``weights`` (n,) say how much each label counts; one that weighs nothing is unknown, and not looked at. Authors left
    out can take a class with them, and a reader's own passages may not show it at all.
    """
    from sklearn.linear_model import LogisticRegression

    if weights is not None and (weights == 0).any():
        features, labels, weights = features[weights > 0], labels[weights > 0], weights[weights > 0]
    present = [n for n, one in enumerate(classes) if (labels == one).any()]
    coef = np.zeros((len(classes), features.shape[1]))
    intercept = np.array([0.0 if n in present else _NEVER for n in range(len(classes))])
    if len(present) > 1:
        model = LogisticRegression(**choices).fit(features, labels, sample_weight=weights)
        told = present[-len(model.coef_) :]  # of two classes only the second's values are given
        coef[told], intercept[told] = model.coef_, model.intercept_
    return coef, intercept
