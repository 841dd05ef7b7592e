"""Cues near the evidence -> stance: whether a concern is raised, addressed or merely described."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ascn_nlp.records import Stance

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

# Weights of cues; those of the concern itself say more than those of any concern. Set by hand on the training passages
# in steps of 0.1; the accuracy is flat around them.
_CUE_WEIGHT = {"strong": 1.0, "weak": 0.4}
_OWN_WEIGHT = 1.5
# Cues in other sentences than the evidence's count this part.
_FAR = 0.7
# A hedged remedy ("could reduce") is this part of one.
_HEDGED = 0.5
# A negation reaches this many tokens to its right.
_REACH = 3
# A problem this many tokens after "prevent" or "against" is what the sentence answers.
_ANSWER_REACH = 5
# What plain description scores: less than this is no more than a chance word.
_LEAST = 0.8
# What a concern's usual stance has in advance.
_USUAL = 0.5
# What others are reported to complain of is raised; so, more weakly, is what is said not to be there.
_RAISED_WEIGHTS = {"reported": 1.0, "negation": 0.3}


@dataclass(frozen=True, slots=True)
class CueCounts:
    """Weighted cues for one concern, in the sentences of its evidence and in the whole passage."""

    raised: float
    addressed: float
    raised_far: float
    addressed_far: float

    def stance(self, usual: Stance | None = None) -> Stance:
        """The stance these cues speak for; on a tie it is raised, as the codebook says."""
        scores: dict[Stance, float] = {
            "raised": self.raised + _FAR * self.raised_far,
            "addressed": self.addressed + _FAR * self.addressed_far,
            "described": _LEAST,
        }
        if usual:
            scores[usual] += _USUAL
        return max(scores, key=scores.__getitem__)


class StanceCues:
    """The cues of one passage, read once and asked for each concern."""

    def __init__(self, doc: Doc, starts: Sequence[int]) -> None:
        self._starts = starts
        cues = [(span.start, span.end, span.label_, span.kb_id_, span.id_) for span in doc.spans["cues"]]
        self._negations = [end for _, end, label, _, _ in cues if label == "negation"]
        self._hedged = {self._sentence(start) for start, _, label, _, _ in cues if label == "hedging"}
        self._answers = [end for _, end, label, _, _ in cues if label == "answering"]
        self._cues = [self._weigh(*cue) for cue in cues if cue[2] not in ("hedging", "answering")]

    def _sentence(self, token: int) -> int:
        return bisect_right(self._starts, token)

    def is_negated(self, start: int) -> bool:
        """Whether a negation stands shortly before token ``start``, in the same sentence."""
        return self._follows(self._negations, start, _REACH)

    def _follows(self, ends: Iterable[int], start: int, reach: int) -> bool:
        return any(end <= start <= end + reach and self._sentence(end - 1) == self._sentence(start) for end in ends)

    def _weigh(
        self, start: int, end: int, label: str, concern: str, strength: str
    ) -> tuple[int, int, int, str, float, str]:
        """Start, end and sentence of a cue, the concern it is for, its weight, and the stance after negation."""
        sentence = self._sentence(start)
        weight = _OWN_WEIGHT if concern else _CUE_WEIGHT[strength]
        if label in _RAISED_WEIGHTS:
            return start, end, sentence, "", _RAISED_WEIGHTS[label], "raised"
        if self.is_negated(start):
            label = "addressed" if label == "raised" else "raised"
        elif label == "raised" and self._follows(self._answers, start, _ANSWER_REACH):
            weight = 0.0
        elif label == "addressed" and sentence in self._hedged:
            weight *= _HEDGED
        return start, end, sentence, concern, weight, label

    def count(self, concern: str, evidence: Iterable[Span]) -> CueCounts:
        """The cues that concern the ``evidence`` of ``concern``."""
        spans = [(span.start, span.end) for span in evidence if span.end > span.start]
        near = {self._sentence(start) for start, _ in spans}
        sums = {("raised", True): 0.0, ("addressed", True): 0.0, ("raised", False): 0.0, ("addressed", False): 0.0}
        own: set[int] = set()
        for start, _, sentence, only, weight, stance in self._cues:
            if only in ("", concern):
                sums[stance, sentence in near or not near] += weight
                if only:
                    own.add(start)
        # What the concern asks for is said to be missing: "no consultation", "without consent".
        sums["raised", True] += sum(start not in own and self.is_negated(start) for start, _ in set(spans))
        return CueCounts(sums["raised", True], sums["addressed", True], sums["raised", False], sums["addressed", False])
