"""How far words and encoder are believed: one logistic regression a concern over both; the rules join after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.classify.model import mixed_stances, together
from ascn_nlp.classify.rules import THRESHOLD
from ascn_nlp.records import STANCES
from ascn_nlp.training.data import Data
from ascn_nlp.training.values import Values
from ascn_nlp.training.words import logistic
from ascn_nlp.weights import KINDS

Floats = NDArray[np.float32]

# Which of words and encoder each kind of tagger asks, and whether it asks the rules too.
_ASKED = {"both": (0, 1), "light": (0,), "model": (0, 1)}
_WITH_RULES = ("both", "light")
# Sure tags are right so often, on everyday passages by authors left out; the others need a person.
_SURE_PRECISION = 0.85
_MOST_SURE = 0.95
# A theme is named where one or another of its concerns is more likely than not.
_THEME = 0.5
# Of the tags that all three find, at most this part is lost where the encoder is not asked.
_LOST = 0.005


@dataclass(frozen=True, slots=True)
class Mixed:
    """The mix as in Weights, what is decided by numbers, and what each kind of tagger finds of authors left out."""

    mix: Floats
    stance_mix: Floats
    thresholds: Mapping[str, float]
    scores: Floats  # of both, (n_passages, n_concerns)
    # By kind, rules included: which concerns (n_passages, n_concerns), with which stances (n_passages, n_concerns).
    found: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.int64]]]


def mix(data: Data, values: Values) -> Mixed:
    """The mix for every kind of tagger, and its thresholds."""
    said = np.stack([values.words, values.encoder], -1)
    mixes, scores = zip(*(mix_of(data, said, _ASKED[kind]) for kind in KINDS), strict=True)
    by_kind = {
        kind: together(score, data.rules) if kind in _WITH_RULES else score
        for kind, score in zip(KINDS, scores, strict=True)
    }
    usual, labels = data.is_everyday, data.labels
    # Together, one strong term is enough, as for the rules alone: a higher threshold does better on our own passages,
    # where the model is at home, and loses what only the rules see where it is not.
    thresholds = dict.fromkeys(_WITH_RULES, THRESHOLD)
    is_known = data.is_known[usual]
    thresholds["model"] = best_threshold(by_kind["model"][usual][is_known], labels[usual][is_known])
    found = {kind: score >= thresholds[kind] for kind, score in by_kind.items()}
    thresholds["sure"] = _sure(by_kind["both"][usual][is_known], labels[usual][is_known], thresholds["both"])
    thresholds["theme"] = _THEME
    thresholds["skip"] = _skip(by_kind["light"][usual], found["both"][usual])
    stance_mix, stances = mix_stances(data, values)
    by_words = values.word_stances.argmax(-1)
    ruled = np.array([[STANCES.index(row[k].cues.stance()) for k in data.columns] for row in data.readings])
    chosen = {"both": stances, "light": by_words, "model": stances}
    every = {kind: (found[kind], chosen[kind]) for kind in KINDS}
    every["rules"] = (data.rules >= THRESHOLD, ruled)
    return Mixed(np.array(mixes, np.float32), stance_mix, thresholds, by_kind["both"], every)


def mix_of(data: Data, said: Floats, witnesses: Sequence[int]) -> tuple[Floats, Floats]:
    """The weights (n_concerns, 1 + n_said) of some witnesses, and scores (n_passages, n_concerns) for unread authors.

    ``said`` (n_passages, n_concerns, n_said) are the values of words and encoder.
    """
    asked = list(witnesses)
    weights = np.zeros((said.shape[1], said.shape[2] + 1), np.float32)
    scores = np.zeros(said.shape[:2], np.float32)
    for k in range(said.shape[1]):
        seen, labels, counts = said[:, k, asked], data.labels[:, k], data.weights[:, k]
        # A concern of which no everyday passage speaks is calibrated on those there are.
        usual = data.is_everyday if labels[data.is_everyday].any() else np.ones_like(data.is_everyday)
        for rows, rest in data.parts:
            coef, shift = _fit(seen, labels, counts, rest[usual[rest]])
            scores[rows, k] = 1 / (1 + np.exp(-(seen[rows] @ coef + shift)))
        weights[k, asked], weights[k, -1] = _fit(seen, labels, counts, np.flatnonzero(usual))
    return weights, scores


def _fit(seen: Floats, labels: NDArray[np.bool_], weights: Floats, rows: NDArray[np.int64]) -> tuple[Floats, float]:
    coef, intercept = logistic(seen[rows], labels[rows], (False, True), weights[rows], max_iter=1000)
    return (coef[1] - coef[0]).astype(np.float32), float(intercept[1] - intercept[0])


def mix_stances(data: Data, values: Values) -> tuple[Floats, NDArray[np.int64]]:
    """The weights (2 n_stances, n_stances), and stances (n_passages, n_concerns) by a mix without their own author."""
    if not values.has_encoder:
        by_words = np.concatenate([np.eye(len(STANCES)), np.zeros((len(STANCES), len(STANCES)))]).astype(np.float32)
        return by_words, values.word_stances.argmax(-1)
    stances = np.zeros(data.labels.shape, np.int64)
    for rows, rest in data.parts:
        weights = _fit_stances(data, values, np.isin(data.pairs[:, 0], rest))
        stances[rows] = mixed_stances(weights, values.word_stances[rows], values.encoder_stances[rows]).argmax(-1)
    return _fit_stances(data, values, np.ones(len(data.pairs), bool)), stances


def _fit_stances(data: Data, values: Values, which: NDArray[np.bool_]) -> Floats:
    passages, concerns, stances = data.pairs[which].T
    both = np.eye(2 * len(STANCES), dtype=np.float32)
    said = mixed_stances(both, values.word_stances[passages, concerns], values.encoder_stances[passages, concerns])
    weights = data.weights[passages, concerns]
    coef, _ = logistic(said, stances, range(len(STANCES)), weights, fit_intercept=False, max_iter=1000)
    return coef.T.astype(np.float32)


def best_threshold(scores: Floats, labels: NDArray[np.bool_]) -> float:
    """The one threshold, for calibrated scores in whatever shape, with the best micro F1 on authors left out."""

    def f1(threshold: float) -> float:
        found = scores >= threshold
        return float(2 * (found & labels).sum() / max(1, found.sum() + labels.sum()))

    return float(max(np.arange(0.2, 0.81, 0.02).round(2), key=f1))


def _sure(scores: Floats, labels: NDArray[np.bool_], threshold: float) -> float:
    """The least score from which on tags are right often enough."""
    for least in np.arange(threshold, _MOST_SURE, 0.01):
        above = scores >= least
        if above.any() and labels[above].mean() >= _SURE_PRECISION:
            return round(float(least), 2)
    return _MOST_SURE


def _skip(light: Floats, found: NDArray[np.bool_]) -> float:
    """The score by words and rules, of the likeliest concern, under which nearly no passage has a tag."""
    of_tagged = np.sort(light.max(1)[found.any(1)])
    return float(of_tagged[int(_LOST * len(of_tagged))]) if len(of_tagged) else 0.0
