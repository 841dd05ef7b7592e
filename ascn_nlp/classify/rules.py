"""The rules: evidence found by the pipeline -> tags. Precise, explainable, and needing no training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from ascn_nlp.annotate import mentions
from ascn_nlp.classify.stance import CueCounts, StanceCues
from ascn_nlp.evidence import sentence_starts
from ascn_nlp.records import Evidence, Stance, Tag, TaggedPassage
from ascn_nlp.taxonomy import Taxonomy

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

# One strong term or pair is enough, one weak term is not, two are: the taxonomy's header says so to those who edit it.
THRESHOLD = 0.5
_WEIGHTS = {"term": 0.75, "pair": 0.75, "weak term": 0.35, "heading": 0.35}
_FEATURES = ("score", "raised", "addressed", "raised_far", "addressed_far")
_NO_CUES = CueCounts(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules see of one concern in one passage."""

    concern: str
    score: float
    cues: CueCounts
    stance: Stance
    spans: tuple[Span, ...]

    def tag(self) -> Tag:
        """The reading as a tag, whatever its score."""
        evidence = (Evidence(s.start_char, s.end_char, s.text, s.kb_id_) for s in self.spans)
        return Tag(self.concern, self.stance, self.score, tuple(dict.fromkeys(evidence)))


class RulesTagger:
    """Tags passages by the terms, pairs and cues of a taxonomy alone."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.id = f"rules-{taxonomy.digest}"
        self._nothing = tuple(Reading(c.id, 0.0, _NO_CUES, "described", ()) for c in taxonomy.concerns)
        self._usual = tuple(concern.usual_stance for concern in taxonomy.concerns)

    def explain(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """The same as ``tag``: the terms are the reasons."""
        return self.tag(docs)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The names of the values of ``features``, "surveillance.score" and so on."""
        return tuple(f"{reading.concern}.{feature}" for reading in self._nothing for feature in _FEATURES)

    def tag(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """Each passage's tags, with every concern's score, in the order of ``docs``."""
        for doc in docs:
            readings = self.read(doc, least=THRESHOLD)
            yield TaggedPassage(
                passage_id=doc._.passage_id,
                tags=tuple(reading.tag() for reading in readings if reading.score >= THRESHOLD),
                mentions=mentions(doc),
                cities=doc._.cities,
                scores=tuple((reading.concern, reading.score) for reading in readings),
            )

    def read(self, doc: Doc, least: float = 0.0, without: range | None = None) -> tuple[Reading, ...]:
        """One reading for each concern, in the taxonomy's order; cues are read for those that score ``least``.

        What lies in the tokens of ``without`` is not seen.
        """
        found: dict[str, list[Span]] = {}
        for span in doc.spans["concerns"]:
            if not without or span.start == span.end or span.end <= without.start or span.start >= without.stop:
                found.setdefault(span.label_, []).append(span)
        if not found:
            return self._nothing
        cues = StanceCues(doc, sentence_starts(doc))
        readings = []
        for nothing, usual in zip(self._nothing, self._usual, strict=True):
            spans = found.get(nothing.concern, [])
            score = _score(spans)
            counts = cues.count(nothing.concern, spans) if spans and score >= least else _NO_CUES
            readings.append(Reading(nothing.concern, score, counts, counts.stance(usual), tuple(spans)))
        return tuple(readings)

    def features(self, doc: Doc) -> tuple[float, ...]:
        """The readings as numbers, in the order of ``feature_names``: score, then cues near and far by stance."""
        return tuple(
            value
            for reading in self.read(doc)
            for value in (
                reading.score,
                reading.cues.raised,
                reading.cues.addressed,
                reading.cues.raised_far,
                reading.cues.addressed_far,
            )
        )


def _score(spans: Iterable[Span]) -> float:
    """1 - the product of (1 - weight) over the different reasons: each is one chance to be right (noisy-or).

    A term that stands in the heading and in the text is one reason.
    """
    weights: dict[str, float] = {}
    for span in spans:
        kind, _, words = span.kb_id_.partition(": ")
        weights[words] = max(weights.get(words, 0.0), _WEIGHTS[kind])
    return 1.0 - prod(1.0 - weight for weight in weights.values())
