"""The linear model: TF-IDF features -> scores per concern, stance, and the words that weighed most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.annotate import mentions
from ascn_nlp.classify.features import Featurizer, Vector, Words
from ascn_nlp.classify.rules import THRESHOLD, Reading, RulesTagger
from ascn_nlp.classify.stance import CueCounts
from ascn_nlp.records import Evidence, Stance, Tag, TaggedPassage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.weights import Weights

if TYPE_CHECKING:
    from spacy.tokens import Doc

# How many of the words that weighed most are named as evidence, and the least part of the strongest one's weight.
_MOST_WORDS = 3
_LEAST_SHARE = 0.3
# How far the rules are believed when both are asked: chosen between 0.8 and 1 by fitting the model to the hard passages
# of corpus/training and measuring on the everyday ones, as an unread kind of text.
RULES_SHARE = 0.8
# A tag scored this little above the threshold is marked as unsure.
DOUBT = 0.1


class LinearTagger:
    """Tags by a trained model: by itself (``model``) or together with the rules (``both``).

    Together they are two witnesses, each with a chance of being right: score = 1 - (1 - model)(1 - 0.8 rules). So the
    model adds what no term tells, and on unfamiliar text, where it is unsure of everything, cannot silence the rules.

    A concern the model does not know, or whose definition has changed since training, is tagged by the rules alone.
    """

    def __init__(self, weights: Weights, taxonomy: Taxonomy, is_with_rules: bool) -> None:
        kind = "both" if is_with_rules else "model"
        self._weights, self._rules = weights, RulesTagger(taxonomy)
        self.id = f"{kind}-{weights.digest}-{taxonomy.digest}"
        self._is_with_rules = is_with_rules
        self._features = Featurizer(weights.vocabulary, weights.idf)
        self._threshold = weights.thresholds[kind]
        known = {name: n for n, name in enumerate(weights.concerns)}
        self._columns = tuple(
            known[c.id] if weights.definitions.get(c.id) == c.digest else -1 for c in taxonomy.concerns
        )
        self._is_stale = np.array([n < 0 for n in self._columns])
        self._known = np.maximum(self._columns, 0)  # of a stale one any column will do: its score is not used
        self._slopes, self._shifts = weights.calibration[self._known].T
        self.stale = tuple(c.id for c, n in zip(taxonomy.concerns, self._columns, strict=True) if n < 0)

    def tag(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """Each passage's tags, with every concern's score, in the order of ``docs``."""
        for doc in docs:
            readings = self._rules.read(doc)
            words = self._features.read(doc)
            vector = self._features.weigh(words)
            scores = self._scores(vector, readings)
            yield TaggedPassage(
                passage_id=doc._.passage_id,
                tags=tuple(
                    tag
                    for reading, column, score in zip(readings, self._columns, scores, strict=True)
                    if (tag := self._tag(doc, words, vector, reading, column, score))
                ),
                mentions=mentions(doc),
                cities=doc._.cities,
                scores=tuple((reading.concern, round(s, 4)) for reading, s in zip(readings, scores, strict=True)),
            )

    def _scores(self, vector: Vector, readings: tuple[Reading, ...]) -> list[float]:
        """The calibrated score of each concern; the rules' own where the model does not know it."""
        values = vector.values @ self._weights.coef[vector.ids] + self._weights.intercept
        by_rules = np.array([reading.score for reading in readings])
        scores = 1 / (1 + np.exp(-(self._slopes * values[self._known] + self._shifts)))
        if not len(vector.ids):  # no word that it knows: its intercept alone would be a guess
            scores = np.zeros_like(scores)
        if self._is_with_rules:
            scores = together(scores, by_rules)
        return [float(score) for score in np.where(self._is_stale, by_rules, scores)]

    def _tag(self, doc: Doc, words: Words, vector: Vector, reading: Reading, column: int, score: float) -> Tag | None:
        if column < 0:
            return reading.tag() if reading.score >= THRESHOLD else None
        if score < self._threshold:
            return None
        by_rules = reading.tag().evidence if self._is_with_rules else ()
        evidence = (*by_rules, *self._weighty_words(doc, words, vector, column))
        stance, is_unsure = self._stance(vector, reading.cues, column), score < self._threshold + DOUBT
        return Tag(reading.concern, stance, round(score, 4), evidence, is_unsure)

    def _stance(self, vector: Vector, cues: CueCounts, column: int) -> Stance:
        weights = self._weights
        values = vector.values @ weights.stance_coef[vector.ids] + weights.stance_intercept
        values = values + cue_values(cues) @ weights.stance_extra[:4] + weights.stance_extra[4 + column]
        return weights.stances[int(values.argmax())]  # type: ignore[return-value]

    def _weighty_words(self, doc: Doc, words: Words, vector: Vector, column: int) -> Iterator[Evidence]:
        """The words whose features add most to the concern's value."""
        gains = self._features.gains(words, vector, self._weights.coef[vector.ids, column])
        heaviest = np.argsort(-gains, kind="stable")[:_MOST_WORDS].tolist()
        for at in heaviest:
            if gains[at] > 0 and gains[at] >= _LEAST_SHARE * gains[heaviest[0]]:
                token = doc[at]
                yield Evidence(token.idx, token.idx + len(token), token.text, f"model: word adds {gains[at]:.2f}")


def together(by_model: NDArray[Any], by_rules: NDArray[Any]) -> NDArray[Any]:
    """The scores of the model's probabilities and the rules' scores as two witnesses (noisy-or), element by element."""
    return 1 - (1 - by_model) * (1 - RULES_SHARE * by_rules)


def cue_values(cues: CueCounts) -> NDArray[np.float32]:
    """The cues as the stance model takes them, shape (4,): damped, since a tenth cue says little more than a third."""
    return np.log1p(np.array([cues.raised, cues.addressed, cues.raised_far, cues.addressed_far], np.float32))
