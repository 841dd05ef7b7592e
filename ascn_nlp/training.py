"""Labelled passages -> weights: a one-vs-rest logistic regression, calibrated on what it had not seen.

Every choice that is left to data (calibration, thresholds) is made on predictions for authors the fitted model had
not read: passages by one author share turns of phrase that would flatter it. And it is made on everyday passages: those
that are hard on purpose teach the model, and would mislead whoever asks how far the rules can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.annotate import annotate
from ascn_nlp.classify.features import Featurizer, Vector, choose_vocabulary, inverse_document_frequency
from ascn_nlp.classify.linear import cue_values, together
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

Floats = NDArray[np.float32]

# Inverse strength of regularisation, for concerns and for stances. Tried once on corpus/training: for concerns 1, 3, 10
# and 30, fitted to the hard passages and measured on the everyday ones (mean average precision 0.816 to 0.831, still
# rising slowly); for stances 3, 5 and 10, one author left out at a time.
STRENGTH = 30.0
STANCE_STRENGTH = 5.0
# The passages a feature must occur in: fewer would double the size of the weights. Not tuned.
LEAST_WORDS = 2
LEAST_PIECES = 4
# A concern in fewer passages cannot be learned and is left to the rules.
LEAST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights fitted to all passages, and the scores of the same recipe on authors left out."""

    weights: Weights
    left_out: dict[str, Scores]  # on everyday passages, by kind of tagger: rules, model, both
    left_out_hard: dict[str, Scores]
    left_to_rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Data:
    """The passages as numbers. The vocabulary and its idf come from all of them: they know nothing of the labels."""

    vocabulary: tuple[str, ...]
    idf: Floats
    features: csr_matrix  # (n_passages, n_features)
    readings: tuple[tuple[Reading, ...], ...]
    labels: NDArray[np.bool_]  # (n_passages, n_concerns)
    pairs: NDArray[np.int64]  # (n_tags, 3): passage, concern, stance
    groups: NDArray[np.str_]
    is_everyday: NDArray[np.bool_]
    columns: tuple[int, ...]  # of each learned concern, its place in the taxonomy

    def extra(self, passage: int, concern: int) -> Floats:
        """The cues near the concern's evidence, then which concern it is; shape (4 + n_concerns,)."""
        which = np.zeros(len(self.columns), np.float32)
        which[concern] = 1.0
        return np.concatenate([cue_values(self.readings[passage][self.columns[concern]].cues), which])


@dataclass(frozen=True, slots=True)
class _Fit:
    """What was learned from some of the passages; shapes as in Weights."""

    coef: Floats
    intercept: Floats
    stance_coef: Floats
    stance_extra: Floats
    stance_intercept: Floats


def train(labelled: Sequence[Labelled], taxonomy: Taxonomy, nlp: Language) -> Trained:
    """Weights for the concerns with enough passages; ModelError when there is nothing to learn from."""
    data = _prepare([one for one in labelled if one.split == "train"], taxonomy, nlp)
    values, stances = _left_out_values(data)
    rules = np.array([[row[k].score for k in data.columns] for row in data.readings], np.float32)
    calibration, by_itself = _calibrate(data, values)
    both = together(by_itself, rules)
    usual = data.is_everyday
    # Together, one strong term is enough, as for the rules alone: a higher threshold does better on our own passages,
    # where the model is at home, and loses what only the rules see where it is not.
    thresholds = {"both": THRESHOLD, "model": _best_threshold(by_itself[usual], data.labels[usual])}
    names = [taxonomy.concerns[k].id for k in data.columns]
    gold = _gold(data, names)
    ruled = [{n: row[k].cues.stance() for n, k in zip(names, data.columns, strict=True)} for row in data.readings]
    learned = [{n: STANCES[k] for n, k in zip(names, row, strict=True)} for row in stances]
    found = {
        "rules": (rules >= THRESHOLD, ruled),
        "model": (by_itself >= thresholds["model"], learned),
        "both": (both >= thresholds["both"], learned),
    }

    def scores(rows: NDArray[np.int64]) -> dict[str, Scores]:
        some_gold, groups = [gold[n] for n in rows], data.groups[rows].tolist()
        return {
            kind: evaluate(some_gold, _chosen(chosen[rows], [stance[n] for n in rows], names), groups, names)
            for kind, (chosen, stance) in found.items()
        }

    fitted = _fit(data, np.arange(len(data.labels)))
    weights = Weights(
        concerns=tuple(names),
        stances=STANCES,
        vocabulary=data.vocabulary,
        idf=data.idf,
        coef=fitted.coef,
        intercept=fitted.intercept,
        calibration=calibration,
        stance_coef=fitted.stance_coef,
        stance_extra=fitted.stance_extra,
        stance_intercept=fitted.stance_intercept,
        thresholds=thresholds,
        definitions={taxonomy.concerns[k].id: taxonomy.concerns[k].digest for k in data.columns},
    )
    rest = tuple(concern.id for concern in taxonomy.concerns if concern.id not in names)
    return Trained(weights, scores(np.flatnonzero(usual)), scores(np.flatnonzero(~usual)), rest)


def _prepare(labelled: Sequence[Labelled], taxonomy: Taxonomy, nlp: Language) -> _Data:
    columns = _learnable(labelled, taxonomy)
    docs = tuple(annotate(nlp, [one.passage for one in labelled]))
    rules = RulesTagger(taxonomy)
    place = {taxonomy.concerns[k].id: n for n, k in enumerate(columns)}
    labels = np.zeros((len(labelled), len(columns)), bool)
    pairs = []
    for n, one in enumerate(labelled):
        for concern, stance in one.tags:
            if concern in place:
                labels[n, place[concern]] = True
                pairs.append((n, place[concern], STANCES.index(stance)))
    vocabulary = choose_vocabulary(docs, LEAST_WORDS, LEAST_PIECES)
    plain = Featurizer(vocabulary)
    counted = [plain.vector(doc) for doc in docs]
    idf = inverse_document_frequency(counted, len(vocabulary))
    weighing = Featurizer(vocabulary, idf)
    return _Data(
        vocabulary=vocabulary,
        idf=idf,
        features=_matrix([weighing.vector(doc) for doc in docs], len(vocabulary)),
        readings=tuple(rules.read(doc) for doc in docs),
        labels=labels,
        pairs=np.array(pairs),
        groups=np.array([one.group for one in labelled]),
        is_everyday=_everyday(labelled),
        columns=columns,
    )


def _learnable(labelled: Sequence[Labelled], taxonomy: Taxonomy) -> tuple[int, ...]:
    """The places in the taxonomy of the concerns with enough passages, and enough others to tell them from."""
    counts = [sum(any(c == concern.id for c, _ in one.tags) for one in labelled) for concern in taxonomy.concerns]
    most = len(labelled) - LEAST_EXAMPLES
    columns = tuple(k for k, count in enumerate(counts) if LEAST_EXAMPLES <= count <= most)
    if not columns or len({one.group for one in labelled}) < 2:
        raise ModelError(
            f"cannot be trained: no concern has {LEAST_EXAMPLES} passages and {LEAST_EXAMPLES} others, "
            "or all are by one author",
            "the training passages",
            "label more passages, and name their authors",
        )
    return columns


def _everyday(labelled: Sequence[Labelled]) -> NDArray[np.bool_]:
    """Which passages to calibrate on: the everyday ones, or all where those are by fewer than two authors."""
    found = np.array([one.style == "everyday" for one in labelled])
    groups = {one.group for one in labelled if one.style == "everyday"}
    return found if len(groups) > 1 else np.ones(len(labelled), bool)


def _fit(data: _Data, rows: NDArray[np.int64]) -> _Fit:
    concern = {"C": STRENGTH, "class_weight": "balanced", "solver": "liblinear", "dual": True, "random_state": 0}
    models = [_logistic(data.features[rows], labels, (False, True), **concern) for labels in data.labels[rows].T]
    stance_coef, stance_intercept = _fit_stances(data, data.pairs[np.isin(data.pairs[:, 0], rows)])
    size = len(data.vocabulary)
    return _Fit(
        coef=np.vstack([coef[1] - coef[0] for coef, _ in models]).T.astype(np.float32),
        intercept=np.array([intercept[1] - intercept[0] for _, intercept in models], np.float32),
        stance_coef=stance_coef[:, :size].T.astype(np.float32),
        stance_extra=stance_coef[:, size:].T.astype(np.float32),
        stance_intercept=stance_intercept.astype(np.float32),
    )


def _fit_stances(data: _Data, pairs: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coefficients (n_stances, n_features + n_cues + n_concerns) and intercepts, from tagged passages."""
    from scipy.sparse import csr_matrix, hstack

    extra = csr_matrix(np.array([data.extra(n, k) for n, k, _ in pairs]).reshape(len(pairs), 4 + len(data.columns)))
    words_and_cues = hstack([data.features[pairs[:, 0]], extra]).tocsr()
    return _logistic(words_and_cues, pairs[:, 2], range(len(STANCES)), C=STANCE_STRENGTH, max_iter=1000)


# The intercept of a class that the passages never show: a chance below 1 in 20,000.
_NEVER = -10.0


def _logistic(
    features: csr_matrix | Floats, labels: NDArray[Any], classes: Sequence[Any], **choices: Any
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Coefficients (n_classes, n_features) and intercepts (n_classes,), even where not all classes occur.

    Authors left out can take a class with them, and a reader's own passages may not show it at all.
    """
    from sklearn.linear_model import LogisticRegression

    present = [n for n, one in enumerate(classes) if (labels == one).any()]
    coef = np.zeros((len(classes), features.shape[1]))
    intercept = np.array([0.0 if n in present else _NEVER for n in range(len(classes))])
    if len(present) > 1:
        model = LogisticRegression(**choices).fit(features, labels)
        told = present[-len(model.coef_) :]  # of two classes only the second's values are given
        coef[told], intercept[told] = model.coef_, model.intercept_
    return coef, intercept


def _left_out_values(data: _Data) -> tuple[Floats, NDArray[np.int64]]:
    """Values and stances, both (n_passages, n_concerns), each by a model that had not read the passage's author."""
    values = np.zeros(data.labels.shape, np.float32)
    stances = np.zeros(data.labels.shape, np.int64)
    for rows, rest in _folds(data.groups):
        fit = _fit(data, rest)
        values[rows] = data.features[rows] @ fit.coef + fit.intercept
        by_words = data.features[rows] @ fit.stance_coef + fit.stance_intercept
        for k in range(len(data.columns)):
            extra = np.array([data.extra(n, k) for n in rows])
            stances[rows, k] = (by_words + extra @ fit.stance_extra).argmax(1)
    return values, stances


# More parts cost more time; with many small groups (documents of accepted reviews) they are dealt into so many.
_FOLDS = 8


def _folds(groups: NDArray[np.str_]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(rows left out, rows to learn from), whole groups together."""
    from sklearn.model_selection import GroupKFold

    parts = GroupKFold(min(_FOLDS, len(np.unique(groups)))).split(groups, groups=groups)
    return [(rows, rest) for rest, rows in parts]


def _calibrate(data: _Data, values: Floats) -> tuple[Floats, Floats]:
    """Slopes and shifts (n_concerns, 2), and probabilities (n_passages, n_concerns) made without their own author."""
    weights = np.zeros((values.shape[1], 2), np.float32)
    scores = np.zeros(values.shape, np.float32)
    for k in range(values.shape[1]):
        seen, labels = values[:, [k]], data.labels[:, k]
        # A concern of which no everyday passage speaks is calibrated on those there are.
        usual = data.is_everyday if labels[data.is_everyday].any() else np.ones_like(data.is_everyday)
        for rows, rest in _folds(data.groups):
            slope, shift = _calibration(seen, labels, rest[usual[rest]])
            scores[rows, k] = 1 / (1 + np.exp(-(slope * seen[rows, 0] + shift)))
        weights[k] = _calibration(seen, labels, np.flatnonzero(usual))
    return weights, scores


def _calibration(seen: Floats, labels: NDArray[np.bool_], rows: NDArray[np.int64]) -> tuple[float, float]:
    """The slope and shift that turn values into probabilities, from these rows."""
    coef, intercept = _logistic(seen[rows], labels[rows], (False, True))
    return coef[1, 0] - coef[0, 0], intercept[1] - intercept[0]


def _best_threshold(scores: Floats, labels: NDArray[np.bool_]) -> float:
    """The one threshold, for calibrated scores of all concerns, with the best micro F1 on authors left out."""

    def f1(threshold: float) -> float:
        found = scores >= threshold
        return float(2 * (found & labels).sum() / (found.sum() + labels.sum()))

    return float(max(np.arange(0.2, 0.81, 0.02).round(2), key=f1))


def _gold(data: _Data, names: Sequence[str]) -> list[dict[str, str]]:
    gold: list[dict[str, str]] = [{} for _ in data.readings]
    for passage, concern, stance in data.pairs:
        gold[passage][names[concern]] = STANCES[stance]
    return gold


def _chosen(
    chosen: NDArray[np.bool_], stances: Sequence[Mapping[str, str]], names: Sequence[str]
) -> list[dict[str, str]]:
    return [
        {names[k]: row[names[k]] for k in np.flatnonzero(of).tolist()} for of, row in zip(chosen, stances, strict=True)
    ]


def _matrix(vectors: Sequence[Vector], size: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    values = np.concatenate([vector.values for vector in vectors])
    return csr_matrix((values, np.concatenate([vector.ids for vector in vectors]), ends), shape=(len(vectors), size))
