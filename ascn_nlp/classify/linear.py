"""The linear model: TF-IDF features -> scores per concern, stance, and the words that weighed most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.annotate import mentions
from ascn_nlp.classify.features import Featurizer, Vector
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
# Below an even chance a tag is shown, since finding more is worth a look, and marked as unsure.
SURE = 0.5


class LinearTagger:
    """Tags by a trained model: by itself (``model``) or with the rules' evidence weighed in (``both``).

    A concern the model does not know, or whose definition has changed since training, is tagged by the rules alone.
    """

    def __init__(self, weights: Weights, taxonomy: Taxonomy, is_with_rules: bool) -> None:
        kind = "both" if is_with_rules else "model"
        self._weights, self._rules = weights, RulesTagger(taxonomy)
        self.id = f"{kind}-{weights.digest}-{taxonomy.digest}"
        self._is_with_rules = is_with_rules
        self._features = Featurizer(weights.vocabulary, weights.idf)
        self._calibration = weights.blend if is_with_rules else weights.alone
        self._threshold = weights.thresholds[kind]
        known = {name: n for n, name in enumerate(weights.concerns)}
        self._columns = tuple(
            known[c.id] if weights.definitions.get(c.id) == c.digest else -1 for c in taxonomy.concerns
        )
        self.stale = tuple(c.id for c, n in zip(taxonomy.concerns, self._columns, strict=True) if n < 0)

    def tag(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """Each passage's tags, with every concern's score, in the order of ``docs``."""
        for doc in docs:
            readings = self._rules.read(doc)
            vector = self._features.vector(doc)
            scores = self._scores(vector, readings)
            yield TaggedPassage(
                passage_id=doc._.passage_id,
                tags=tuple(
                    tag
                    for reading, column, score in zip(readings, self._columns, scores, strict=True)
                    if (tag := self._tag(doc, vector, reading, column, score))
                ),
                mentions=mentions(doc),
                cities=doc._.cities,
                scores=tuple((reading.concern, round(s, 4)) for reading, s in zip(readings, scores, strict=True)),
            )

    def _scores(self, vector: Vector, readings: tuple[Reading, ...]) -> list[float]:
        values = vector.values @ self._weights.coef[vector.ids] + self._weights.intercept
        scores = []
        for reading, column in zip(readings, self._columns, strict=True):
            if column < 0:
                scores.append(reading.score)
                continue
            seen = (values[column], reading.score, float(reading.score >= THRESHOLD), 1.0)
            scores.append(float(1 / (1 + np.exp(-(self._calibration[column] @ seen)))))
        return scores

    def _tag(self, doc: Doc, vector: Vector, reading: Reading, column: int, score: float) -> Tag | None:
        if column < 0:
            return reading.tag() if reading.score >= THRESHOLD else None
        if score < self._threshold:
            return None
        by_rules = reading.tag().evidence if self._is_with_rules else ()
        evidence = (*by_rules, *self._weighty_words(doc, vector, column))
        return Tag(reading.concern, self._stance(vector, reading.cues, column), round(score, 4), evidence, score < SURE)

    def _stance(self, vector: Vector, cues: CueCounts, column: int) -> Stance:
        weights = self._weights
        values = vector.values @ weights.stance_coef[vector.ids] + weights.stance_intercept
        values = values + cue_values(cues) @ weights.stance_extra[:4] + weights.stance_extra[4 + column]
        return weights.stances[int(values.argmax())]  # type: ignore[return-value]

    def _weighty_words(self, doc: Doc, vector: Vector, column: int) -> Iterator[Evidence]:
        """The words whose features add most to the concern's value."""
        gain = dict(zip(vector.ids.tolist(), vector.values * self._weights.coef[vector.ids, column], strict=True))
        weighed = [(sum(gain.get(n, 0.0) for n in ids.tolist()), at) for at, ids in self._features.token_ids(doc)]
        weighed.sort(key=lambda pair: (-pair[0], pair[1]))
        for weight, at in weighed[:_MOST_WORDS]:
            if weight > 0 and weight >= _LEAST_SHARE * weighed[0][0]:
                token = doc[at]
                yield Evidence(token.idx, token.idx + len(token), token.text, f"model: word adds {weight:.2f}")


def cue_values(cues: CueCounts) -> NDArray[np.float32]:
    """The cues as the stance model takes them, shape (4,): damped, since a tenth cue says little more than a third."""
    return np.log1p(np.array([cues.raised, cues.addressed, cues.raised_far, cues.addressed_far], np.float32))
