"""The trained model: what words, encoder and rules say of a passage -> scores, stances, and the reasons for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.annotate import mentions
from ascn_nlp.classify.encoder import Encoded, Encoder
from ascn_nlp.classify.features import Featurizer, Vector, Words
from ascn_nlp.classify.reasons import Gains, reasons
from ascn_nlp.classify.rules import THRESHOLD, Reading, RulesTagger
from ascn_nlp.classify.stance import CueCounts
from ascn_nlp.records import Lead, Stance, Tag, TaggedPassage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.weights import KINDS, Weights

if TYPE_CHECKING:
    from spacy.tokens import Doc

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the witnesses say of one passage; arrays are by concern of the weights."""

    words: Words
    vector: Vector
    encoded: Encoded | None  # None where the encoder was not asked
    readings: tuple[Reading, ...]  # by concern of the taxonomy
    word_values: Floats
    encoder_values: Floats
    scores: Floats


# How far the rules are believed when all are asked. A strong term (0.75) alone stays just below the threshold: it
# counts unless the model is certain of the contrary (a probability under 0.025). On our own passages less would be
# better still, on the development set more and less are worse (docs/dev-runs.md).
RULES_SHARE = 0.65


class ModelTagger:
    """Tags by a trained model, of one of three kinds.

    ``both`` asks words, encoder and rules; ``light`` leaves out the encoder, ``model`` the rules. ``both`` also leaves
    the encoder out where words and rules are sure that a passage holds no concern.

    Model and rules are two witnesses, each with a chance of being right: score = 1 - (1 - model)(1 - 0.65 rules). So
    the model adds what no term tells, and on unfamiliar text, where it is unsure of everything, cannot silence the
    rules; it can where it is certain.

    A concern the model does not know, or whose definition has changed since training, is tagged by the rules alone.
    """

    def __init__(self, weights: Weights, taxonomy: Taxonomy, kind: str, encoder: Encoder | None = None) -> None:
        self._weights, self._kind, self._rules = weights, kind, RulesTagger(taxonomy)
        self._encoder = None if kind == "light" else encoder
        self.id = f"{kind}-{weights.digest}-{taxonomy.digest}"
        self._features = Featurizer(weights.vocabulary, weights.idf)
        self._mix = weights.mix[KINDS.index(kind)]
        self._light = weights.mix[KINDS.index("light")]
        self._threshold, self._decide = weights.thresholds[kind], weights.thresholds
        known = {name: n for n, name in enumerate(weights.concerns)}
        self._columns = tuple(
            known[c.id] if weights.definitions.get(c.id) == c.digest else -1 for c in taxonomy.concerns
        )
        # Of each concern of the weights, its place among the readings of the rules; any place where it has none.
        places = {concern.id: n for n, concern in enumerate(taxonomy.concerns)}
        self._places = [places.get(name, 0) for name in weights.concerns]
        self._themes = _themes(taxonomy)
        self.stale = tuple(c.id for c, n in zip(taxonomy.concerns, self._columns, strict=True) if n < 0)

    def tag(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """Each passage's tags, with every concern's score, in the order of ``docs``."""
        for doc in docs:
            yield self._tag(doc, is_explained=False)

    def explain(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """As ``tag``, with the sentence and words of every tag whose removal lowers its score most."""
        for doc in docs:
            yield self._tag(doc, is_explained=True)

    def see(self, doc: Doc) -> Seen:
        """What the witnesses say of a passage."""
        return self._see(doc, None)

    def _tag(self, doc: Doc, is_explained: bool) -> TaggedPassage:
        seen = self._see(doc, None)
        tags, scores = [], []
        for reading, column in zip(seen.readings, self._columns, strict=True):
            score = reading.score if column < 0 else float(seen.scores[column])
            scores.append((reading.concern, round(score, 4)))
            if column < 0 and score >= THRESHOLD:
                tags.append(reading.tag())
            elif column >= 0 and score >= self._threshold:
                tags.append(self._tag_of(doc, seen, reading, column, is_explained))
        tagged = {tag.concern for tag in tags}
        leads = tuple(self._leads(dict(scores), tagged))
        said = (doc._.passage_id, tuple(tags), mentions(doc), doc._.cities, tuple(scores), leads)
        return TaggedPassage(*said, self._disputed(seen))

    def _see(self, doc: Doc, without: range | None) -> Seen:
        """What the witnesses say of a passage, or of what is left of it ``without`` the tokens of a range."""
        weights = self._weights
        readings = self._rules.read(doc, without=without)
        words = self._features.read(doc).without(without) if without else self._features.read(doc)
        vector = self._features.weigh(words)
        word_values = vector.values @ weights.coef[vector.ids] + weights.intercept
        by_rules = np.array([readings[place].score for place in self._places], np.float32)
        nothing = np.zeros_like(word_values)
        if not len(vector.ids):  # no word that it knows: its intercept alone would be a guess
            known = together(nothing, by_rules) if self._kind != "model" else nothing
            return Seen(words, vector, None, readings, nothing, nothing, known)
        if self._kind == "model":
            by_rules = nothing
        scores = together(_mixed(self._light, word_values, nothing), by_rules)
        encoded, encoder_values = None, nothing
        is_asked = self._kind == "model" or without or scores.max(initial=0.0) >= self._decide["skip"]
        if self._encoder and is_asked:
            encoded = self._encoder.encode(_text(doc, without), doc._.heading)
            encoder_values = encoded.vectors.mean(0) @ weights.encoder_coef + weights.encoder_intercept
            scores = together(_mixed(self._mix, word_values, encoder_values), by_rules)
        return Seen(words, vector, encoded, readings, word_values, encoder_values, scores)

    def _tag_of(self, doc: Doc, seen: Seen, reading: Reading, column: int, is_explained: bool) -> Tag:
        score = float(seen.scores[column])
        by_rules = reading.tag().evidence if self._kind != "model" else ()

        def score_without(tokens: range) -> float:
            return float(self._see(doc, tokens).scores[column])

        gains = self._gains(doc, seen, column)
        why = reasons(doc, gains, score, score_without, is_needed=is_explained or not by_rules, is_exact=is_explained)
        stance = self._stance(seen, reading.cues, column)
        is_unsure = score < self._decide["sure"]
        return Tag(reading.concern, stance, round(score, 4), (*by_rules, *why), is_unsure)

    def _gains(self, doc: Doc, seen: Seen, column: int) -> Gains:
        """What each token adds to the value of a concern, by token index."""
        weights = self._weights
        by_words, by_encoder, *_ = self._mix[column] if seen.encoded else self._light[column]
        gains = np.zeros(len(doc))
        own = self._features.gains(seen.words, seen.vector, weights.coef[seen.vector.ids, column])
        gains[: len(own)] += by_words * own
        if seen.encoded:
            vectors, spans = seen.encoded.vectors, seen.encoded.spans
            values = (vectors @ weights.encoder_coef[:, column] + weights.encoder_intercept[column]) / len(vectors)
            starts = np.array([token.idx for token in doc])
            of_text = spans[:, 1] > spans[:, 0]
            owners = np.searchsorted(starts, spans[of_text, 0], side="right") - 1
            np.add.at(gains, owners, by_encoder * values[of_text])
        return gains

    def _stance(self, seen: Seen, cues: CueCounts, column: int) -> Stance:
        weights, vector = self._weights, seen.vector
        values = vector.values @ weights.stance_coef[vector.ids] + weights.stance_intercept
        values = values + cue_values(cues) @ weights.stance_extra[:4] + weights.stance_extra[4 + column]
        if seen.encoded:
            mean = seen.encoded.vectors.mean(0)
            by_encoder = mean @ weights.encoder_stance_coef[:, column] + weights.encoder_stance_intercept[column]
            values = mixed_stances(weights.stance_mix, values, by_encoder)
        return weights.stances[int(values.argmax())]  # type: ignore[return-value]

    def _disputed(self, seen: Seen) -> tuple[str, ...]:
        """Concerns that the rules find and the model does not, or the other way round; none where one is not asked."""
        if self._kind == "model":
            return ()
        found = []
        for reading, column in zip(seen.readings, self._columns, strict=True):
            if column >= 0:
                by_model = 1 - (1 - float(seen.scores[column])) / (1 - RULES_SHARE * reading.score)  # as `together`
                if (by_model >= self._decide["model"]) != (reading.score >= THRESHOLD):
                    found.append(reading.concern)
        return tuple(found)

    def _leads(self, scores: Mapping[str, float], tagged: set[str]) -> Iterator[Lead]:
        """Themes of several concerns of which none is tagged, and one or another is likely."""
        for theme, concerns in self._themes.items():
            if len(concerns) > 1 and not tagged & set(concerns):
                score = 1 - float(np.prod([1 - scores[concern] for concern in concerns]))
                if score >= self._decide["theme"]:
                    yield Lead(theme, round(score, 4))


def _themes(taxonomy: Taxonomy) -> dict[str, list[str]]:
    return {theme: [c.id for c in taxonomy.concerns if c.theme == theme] for theme in taxonomy.themes}


def _text(doc: Doc, without: range | None) -> str:
    """The text of a passage, or of what is left of it."""
    if without is None:
        return doc.text
    return doc[: without.start].text_with_ws + doc[without.stop :].text


def _mixed(mix: Floats, words: Floats, encoder: Floats) -> Floats:
    """Probabilities (..., n_concerns) of the values of words and encoder."""
    a, b, c = mix.T
    scores: Floats = 1 / (1 + np.exp(-(a * words + b * encoder + c)))
    return scores


def together(by_model: NDArray[Any], by_rules: NDArray[Any]) -> NDArray[Any]:
    """The scores of the model's probabilities and the rules' scores as two witnesses (noisy-or), element by element."""
    return 1 - (1 - by_model) * (1 - RULES_SHARE * by_rules)


def mixed_stances(mix: NDArray[Any], by_words: NDArray[Any], by_encoder: NDArray[Any]) -> NDArray[Any]:
    """Values of stances (..., n_stances) of those by words and by encoder, each first made log-probabilities."""
    values: NDArray[Any] = np.concatenate([_log_softmax(by_words), _log_softmax(by_encoder)], -1) @ mix
    return values


def _log_softmax(values: NDArray[Any]) -> NDArray[Any]:
    shifted = values - values.max(-1, keepdims=True)
    logs: NDArray[Any] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return logs


def cue_values(cues: CueCounts) -> NDArray[np.float32]:
    """The cues as the stance model takes them, shape (4,): damped, since a tenth cue says little more than a third."""
    return np.log1p(np.array([cues.raised, cues.addressed, cues.raised_far, cues.addressed_far], np.float32))
