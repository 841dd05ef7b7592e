"""Labelled passages -> weights: a one-vs-rest logistic regression, calibrated on what it had not seen.

Every choice that is left to data (calibration, thresholds) is made on predictions for authors the fitted model had
not read: passages by one author share turns of phrase that would flatter it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.annotate import annotate
from ascn_nlp.classify.features import Featurizer, Vector, choose_vocabulary, inverse_document_frequency
from ascn_nlp.classify.linear import cue_values
from ascn_nlp.classify.rules import THRESHOLD, Reading, RulesTagger
from ascn_nlp.errors import ModelError
from ascn_nlp.evaluate import Scores, evaluate
from ascn_nlp.labelled import Labelled
from ascn_nlp.records import STANCES
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.weights import Weights

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from spacy.language import Language
    from spacy.tokens import Doc

Floats = NDArray[np.float32]

# Inverse strength of regularisation, for concerns and for stances; and the passages a feature must occur in. Chosen by
# leaving out one author at a time on corpus/training (benchmarks/train_choices.py); F1 is flat around them.
STRENGTH = 10.0
STANCE_STRENGTH = 5.0
LEAST_WORDS = 2
LEAST_PIECES = 4
# A concern in fewer passages cannot be learned and is left to the rules.
LEAST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights fitted to all passages, and the scores of the same recipe on authors left out."""

    weights: Weights
    left_out: dict[str, Scores]  # by kind of tagger: rules, model, both
    left_to_rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Data:
    docs: tuple[Doc, ...]
    readings: tuple[tuple[Reading, ...], ...]
    labels: NDArray[np.bool_]  # (n_passages, n_concerns)
    pairs: tuple[tuple[int, int, int], ...]  # passage, concern, stance
    groups: NDArray[np.str_]
    columns: tuple[int, ...]  # of each learned concern, its place in the taxonomy


def train(labelled: Sequence[Labelled], taxonomy: Taxonomy, nlp: Language) -> Trained:
    """Weights for the concerns with enough passages; ModelError when there is nothing to learn from."""
    data = _prepare(labelled, taxonomy, nlp)
    values, stances = _left_out_values(data, taxonomy)
    weights = _fit(data, np.arange(len(data.docs)), taxonomy)
    rules = np.array([[row[k].score for k in data.columns] for row in data.readings], np.float32)
    blend, together = _calibrate(data, values, rules)
    alone, by_itself = _calibrate(data, values, np.zeros_like(rules))
    thresholds = {"both": _best_threshold(together, data.labels), "model": _best_threshold(by_itself, data.labels)}
    weights = replace(weights, blend=blend, alone=alone, thresholds=thresholds)
    found = {
        "rules": rules >= THRESHOLD,
        "model": by_itself >= thresholds["model"],
        "both": together >= thresholds["both"],
    }
    names = [taxonomy.concerns[k].id for k in data.columns]
    gold = [{names[k]: STANCES[s] for i, k, s in data.pairs if i == n} for n in range(len(data.docs))]
    left_out = {
        kind: evaluate(gold, _as_tags(chosen, data, names, stances if kind != "rules" else None), data.groups, names)
        for kind, chosen in found.items()
    }
    rest = tuple(c.id for k, c in enumerate(taxonomy.concerns) if k not in data.columns)
    return Trained(weights, left_out, rest)


def _prepare(labelled: Sequence[Labelled], taxonomy: Taxonomy, nlp: Language) -> _Data:
    used = [one for one in labelled if one.split == "train"]
    counts = [sum(any(c == concern.id for c, _ in one.tags) for one in used) for concern in taxonomy.concerns]
    columns = tuple(k for k, count in enumerate(counts) if count >= LEAST_EXAMPLES)
    if not columns or len({one.group for one in used}) < 2:
        raise ModelError(
            f"cannot be trained: no concern has {LEAST_EXAMPLES} passages, or all are by one author",
            "the training passages",
            "label more passages, and name their authors",
        )
    rules = RulesTagger(taxonomy)
    docs = tuple(annotate(nlp, [one.passage for one in used]))
    place = {taxonomy.concerns[k].id: n for n, k in enumerate(columns)}
    labels = np.zeros((len(used), len(columns)), bool)
    pairs = []
    for n, one in enumerate(used):
        for concern, stance in one.tags:
            if concern in place:
                labels[n, place[concern]] = True
                pairs.append((n, place[concern], STANCES.index(stance)))
    groups = np.array([one.group for one in used])
    return _Data(docs, tuple(rules.read(doc) for doc in docs), labels, tuple(pairs), groups, columns)


def _fit(data: _Data, rows: NDArray[np.int64], taxonomy: Taxonomy) -> Weights:
    """Weights learned from some of the passages, not calibrated yet."""
    from sklearn.linear_model import LogisticRegression

    docs = [data.docs[n] for n in rows]
    vocabulary = choose_vocabulary(docs, LEAST_WORDS, LEAST_PIECES)
    counted = [Featurizer(vocabulary).vector(doc) for doc in docs]
    idf = inverse_document_frequency(counted, len(vocabulary))
    featurizer = Featurizer(vocabulary, idf)
    vectors = {int(n): featurizer.vector(data.docs[n]) for n in rows}
    features = _matrix([vectors[int(n)] for n in rows], len(vocabulary))
    models = [
        LogisticRegression(C=STRENGTH, class_weight="balanced", solver="liblinear").fit(features, labels)
        for labels in data.labels[rows].T
    ]
    kept = [pair for pair in data.pairs if pair[0] in vectors]
    stance = _fit_stance(data, kept, vectors, len(vocabulary))
    concerns = tuple(taxonomy.concerns[k] for k in data.columns)
    return Weights(
        concerns=tuple(concern.id for concern in concerns),
        stances=STANCES,
        vocabulary=vocabulary,
        idf=idf,
        coef=np.vstack([model.coef_ for model in models]).T.astype(np.float32),
        intercept=np.concatenate([model.intercept_ for model in models]).astype(np.float32),
        blend=np.zeros((len(concerns), 4), np.float32),
        alone=np.zeros((len(concerns), 4), np.float32),
        stance_coef=stance.coef_[:, : len(vocabulary)].T.astype(np.float32),
        stance_extra=stance.coef_[:, len(vocabulary) :].T.astype(np.float32),
        stance_intercept=stance.intercept_.astype(np.float32),
        thresholds={},
        definitions={concern.id: concern.digest for concern in concerns},
    )


def _fit_stance(data: _Data, pairs: Sequence[tuple[int, int, int]], vectors: dict[int, Vector], size: int) -> Any:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    words = _matrix([vectors[n] for n, _, _ in pairs], size)
    extra = np.array([_extra(data, n, k) for n, k, _ in pairs])
    model = LogisticRegression(C=STANCE_STRENGTH, max_iter=1000)
    return model.fit(hstack([words, csr_matrix(extra)]).tocsr(), [stance for _, _, stance in pairs])


def _extra(data: _Data, passage: int, concern: int) -> Floats:
    """The cues near the concern's evidence, then which concern it is; shape (4 + n_concerns,)."""
    which = np.zeros(len(data.columns), np.float32)
    which[concern] = 1.0
    return np.concatenate([cue_values(data.readings[passage][data.columns[concern]].cues), which])


def _left_out_values(data: _Data, taxonomy: Taxonomy) -> tuple[Floats, NDArray[np.int64]]:
    """Values and stances, both (n_passages, n_concerns), each by a model that had not read the passage's author."""
    values = np.zeros(data.labels.shape, np.float32)
    stances = np.zeros(data.labels.shape, np.int64)
    for rows, rest in _folds(data.groups):
        weights = _fit(data, rest, taxonomy)
        featurizer = Featurizer(weights.vocabulary, weights.idf)
        for n in rows:
            vector = featurizer.vector(data.docs[n])
            values[n] = vector.values @ weights.coef[vector.ids] + weights.intercept
            base = vector.values @ weights.stance_coef[vector.ids] + weights.stance_intercept
            for k in range(len(data.columns)):
                stances[n, k] = int((base + _extra(data, n, k) @ weights.stance_extra).argmax())
    return values, stances


# More parts cost more time; with many small groups (documents of accepted reviews) they are dealt into so many.
_FOLDS = 8


def _folds(groups: NDArray[np.str_]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows left out, rows to learn from), whole groups together."""
    from sklearn.model_selection import GroupKFold

    parts = GroupKFold(min(_FOLDS, len(np.unique(groups)))).split(groups, groups=groups)
    return [(rows, rest) for rest, rows in parts]


def _calibrate(data: _Data, values: Floats, rules: Floats) -> tuple[Floats, Floats]:
    """Weights of shape (n_concerns, 4), and scores of shape (n_passages, n_concerns) made without their own author."""
    from sklearn.linear_model import LogisticRegression

    weights = np.zeros((values.shape[1], 4), np.float32)
    scores = np.zeros(values.shape, np.float32)
    for k in range(values.shape[1]):
        seen = np.column_stack([values[:, k], rules[:, k], rules[:, k] >= THRESHOLD])
        for rows, rest in _folds(data.groups):
            fitted = LogisticRegression().fit(seen[rest], data.labels[rest, k])
            scores[rows, k] = fitted.predict_proba(seen[rows])[:, 1]
        fitted = LogisticRegression().fit(seen, data.labels[:, k])
        weights[k] = [*fitted.coef_[0], fitted.intercept_[0]]
    return weights, scores


def _best_threshold(scores: Floats, labels: NDArray[np.bool_]) -> float:
    """The one threshold, for calibrated scores of all concerns, with the best micro F1 on authors left out."""

    def f1(threshold: float) -> float:
        found = scores >= threshold
        return float(2 * (found & labels).sum() / (found.sum() + labels.sum()))

    return float(max(np.arange(0.2, 0.61, 0.02).round(2), key=f1))


def _as_tags(
    chosen: NDArray[np.bool_], data: _Data, names: Sequence[str], stances: NDArray[np.int64] | None
) -> list[dict[str, str]]:
    return [
        {
            names[k]: STANCES[stances[n, k]] if stances is not None else data.readings[n][data.columns[k]].cues.stance
            for k in np.flatnonzero(row)
        }
        for n, row in enumerate(chosen)
    ]


def _matrix(vectors: Sequence[Vector], size: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    values = np.concatenate([vector.values for vector in vectors])
    return csr_matrix((values, np.concatenate([vector.ids for vector in vectors]), ends), shape=(len(vectors), size))
