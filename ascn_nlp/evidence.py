"""The pipeline components that find the taxonomy's terms, pairs and cues in a Doc."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy.attrs import SENT_START  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span, Token

from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.terms import parse_term

CONCERNS = "ascn_concerns"
CUES = "ascn_cues"

# How far from its ends a capitalised name is followed to see whether it is an organisation's.
_NAME_REACH = 6
_NAME_LINKS = frozenset({"of", "and", "for", "the", "on", "&", "in", "de", "-"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one key of a phrase matcher stands for."""

    role: str  # term, weak term, negative, any, with; or a cue's label
    concern: str
    text: str
    form: str = ""  # lower case; the words must be exactly these
    pair: int = -1


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found at tokens ``start:end``."""

    phrase: Phrase
    start: int
    end: int


def sentence_starts(doc: Doc) -> list[int]:
    """The index of the first token of each sentence."""
    starts: list[int] = (doc.to_array([SENT_START]) == 1).nonzero()[0].tolist()
    return starts


class _PhraseFinder:
    """Finds phrases by stem, by exact form, or as acronyms."""

    def __init__(self, nlp: Language, name: str) -> None:  # noqa: ARG002 -- spaCy passes it by name
        self._nlp = nlp
        self._stems = PhraseMatcher(nlp.vocab, attr="NORM")
        self._acronyms = PhraseMatcher(nlp.vocab, attr="ORTH")
        self._phrases: dict[int, Phrase] = {}

    def _add(self, role: str, concern: str, terms: Iterable[str], pair: int = -1) -> None:
        for source in terms:
            term = parse_term(source)
            key = f"{role}|{concern}|{pair}|{source}"
            matcher = self._acronyms if term.mode == "acronym" else self._stems
            matcher.add(key, [self._nlp.make_doc(variant) for variant in term.variants])
            form = term.variants[0] if term.mode == "form" else ""
            phrase = Phrase(role, concern, source.removeprefix("="), form, pair)
            self._phrases[self._nlp.vocab.strings[key]] = phrase

    def _find(self, doc: Doc) -> list[Hit]:
        """The phrases in ``doc``, in the order of the text."""
        hits = []
        for matcher in (self._stems, self._acronyms):
            for key, start, end in matcher(doc):
                phrase = self._phrases[key]
                if not phrase.form or doc[start:end].text.lower() == phrase.form:
                    hits.append(Hit(phrase, start, end))
        return hits


@Language.factory(CONCERNS)
class ConcernFinder(_PhraseFinder):
    """Finds the words that speak for each concern."""

    def learn(self, taxonomy: Taxonomy) -> None:
        """Takes over the terms and pairs of ``taxonomy``."""
        self._name_words = frozenset(taxonomy.name_words)
        for concern in taxonomy.concerns:
            self._add("term", concern.id, concern.terms)
            self._add("weak term", concern.id, concern.weak_terms)
            self._add("negative", concern.id, concern.negative_terms)
            for number, pair in enumerate(concern.pairs):
                self._add("any", concern.id, pair.any, number)
                self._add("with", concern.id, pair.with_, number)

    def __call__(self, doc: Doc) -> Doc:
        """``doc`` with its concern evidence, in the order of the text."""
        found: dict[str, list[Hit]] = {}
        for hit in self._find(doc):
            found.setdefault(hit.phrase.concern, []).append(hit)
        starts = sentence_starts(doc)
        spans: list[tuple[int, int, str, str]] = []
        for concern, hits in found.items():
            kept = self._keep(doc, hits)
            spans += ((h.start, h.end, concern, f"{h.phrase.role}: {h.phrase.text}") for h in _longest(kept))
            for any_, with_ in _pairs(kept, starts):
                why = f"pair: {any_.phrase.text} + {with_.phrase.text}"
                spans += ((hit.start, hit.end, concern, why) for hit in (any_, with_))
        spans.sort()
        doc.spans["concerns"] = [Span(doc, start, end, label, kb_id=why) for start, end, label, why in spans]
        return doc

    def _keep(self, doc: Doc, hits: list[Hit]) -> list[Hit]:
        """``hits`` without those cancelled by a negative term or by standing in an organisation's name."""
        negatives = [hit for hit in hits if hit.phrase.role == "negative"]
        return [
            hit
            for hit in hits
            if hit.phrase.role != "negative"
            and not any(hit.start < other.end and other.start < hit.end for other in negatives)
            and (hit.phrase.role == "any" or not self._is_in_name(doc, hit))
        ]

    def _is_in_name(self, doc: Doc, hit: Hit) -> bool:
        """Whether the hit is part of a capitalised name with one of the name words in it."""
        if not all(token.is_title or token.lower_ in _NAME_LINKS for token in doc[hit.start : hit.end]):
            return False
        left = reversed(doc[max(0, hit.start - _NAME_REACH) : hit.start])
        right = iter(doc[hit.end : hit.end + _NAME_REACH])
        return any(token.text in self._name_words for side in (left, right) for token in _capitalised(side))


def _capitalised(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens up to the first that cannot belong to a name."""
    for token in tokens:
        if not (token.is_title or token.is_upper or token.text in _NAME_LINKS):
            return
        yield token


def _longest(hits: Iterable[Hit]) -> list[Hit]:
    """Terms that do not overlap: strong ones first, then the longer."""
    terms = [hit for hit in hits if hit.phrase.role in ("term", "weak term")]
    terms.sort(key=lambda hit: (hit.phrase.role, hit.start - hit.end, hit.start))
    kept: list[Hit] = []
    for hit in terms:
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return kept


def _pairs(hits: Iterable[Hit], starts: list[int]) -> Iterator[tuple[Hit, Hit]]:
    """For each pair and sentence with both sides, the two hits that stand closest together."""
    sides: dict[tuple[int, int], tuple[list[Hit], list[Hit]]] = {}
    for hit in hits:
        if hit.phrase.pair >= 0:
            key = (hit.phrase.pair, bisect_right(starts, hit.start))
            sides.setdefault(key, ([], []))[hit.phrase.role == "with"].append(hit)
    for any_hits, with_hits in sides.values():
        apart = [
            (max(b.start - a.end, a.start - b.end), a.start, a, b)
            for a in any_hits
            for b in with_hits
            if a.end <= b.start or b.end <= a.start
        ]
        if apart:
            yield min(apart, key=lambda item: item[:2])[2:]


@Language.factory(CUES)
class CueFinder(_PhraseFinder):
    """Finds the words that show a stance."""

    def learn(self, taxonomy: Taxonomy) -> None:
        """Takes over the cues of ``taxonomy``."""
        for stance in taxonomy.stances:
            self._add(f"{stance.id}|strong", "", stance.cues)
            self._add(f"{stance.id}|weak", "", stance.weak_cues)
        for concern in taxonomy.concerns:
            self._add("raised|strong", concern.id, concern.raised_cues)
            self._add("addressed|strong", concern.id, concern.addressed_cues)
        for label in ("negation", "hedging", "answering", "reported"):
            self._add(f"{label}|strong", "", getattr(taxonomy.cues, label))

    def __call__(self, doc: Doc) -> Doc:
        """``doc`` with its cues, in the order of the text."""
        spans = []
        for hit in sorted(self._find(doc), key=lambda hit: (hit.start, hit.end)):
            label, _, strength = hit.phrase.role.partition("|")
            spans.append(Span(doc, hit.start, hit.end, label, kb_id=hit.phrase.concern, span_id=strength))
        doc.spans["cues"] = spans
        return doc
