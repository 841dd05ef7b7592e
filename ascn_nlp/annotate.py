"""Passages -> spaCy Docs that hold what was found in them, for the taggers to weigh.

``doc.spans["entities"]``   label: kind, kb_id: the gazetteer's name
``doc.spans["concerns"]``   label: concern, kb_id: why ("term: ...", "weak term: ...", "pair: ... + ...")
``doc.spans["cues"]``       label: raised, addressed, negation, hedging, answering or reported; kb_id: the only
                            concern it counts for, if any; id: "strong" or "weak"
``doc._.cities``            the cities it speaks of, and how that is known
``doc._.passage_id``        the passage it was made from

Offsets always lie in the passage's own text. What was found in its heading is an empty span at 0 whose why begins
with "heading: ".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import spacy
from spacy.attrs import NORM, SENT_START  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from ascn_nlp.gazetteer import City, Gazetteer
from ascn_nlp.places import PlaceRules
from ascn_nlp.records import CityBasis, CityRef, Mention, Passage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.terms import parse_term, stemmer

# A component is built before it is taught its phrases, as spaCy's own rulers are: a pipeline's config holds plain
# values only.
_COMPONENTS = ("ascn_entities", "ascn_concerns", "ascn_cues")
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


@dataclass(frozen=True, slots=True)
class Context:
    """What was found in a heading or column header, which passages inherit."""

    cities: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, str], ...]


def build_pipeline(taxonomy: Taxonomy, gazetteer: Gazetteer) -> Language:
    """A spaCy pipeline that tokenises, splits sentences and finds entities, concern evidence and cues."""
    _set_extensions()
    nlp = spacy.blank("en")
    # The matchers compare lexemes by NORM: here it is the stem. spaCy's stubs know neither attribute.
    vocab, tokenizer = cast(Any, nlp.vocab), cast(Any, nlp.tokenizer)
    vocab.lex_attr_getters[NORM] = stemmer()
    tokenizer.rules = _plain_exceptions(tokenizer.rules)
    nlp.add_pipe("sentencizer")
    entities, concerns, cues = (cast(Any, nlp.add_pipe(name)) for name in _COMPONENTS)
    entities.learn(gazetteer)
    concerns.learn(taxonomy)
    cues.learn(taxonomy)
    return nlp


def annotate(nlp: Language, passages: Iterable[Passage], titles: Mapping[str, str] | None = None) -> Iterator[Doc]:
    """A Doc for each passage, in order; passages of one document must follow each other.

    ``titles`` are the documents' titles by document id. The passages of one document are held in memory together,
    since a passage may get its city from the only one that its document names.
    """
    contexts: dict[str, Context] = {}
    for document_id, group in groupby(passages, key=lambda passage: passage.document_id):
        pairs = nlp.pipe(((passage.text, passage) for passage in group), as_tuples=True)
        docs = [_inherit(nlp, doc, passage, contexts) for doc, passage in pairs]
        only = resolve_cities(docs, nlp((titles or {}).get(document_id, "")))
        for doc in docs:
            if not doc._.cities and _may_be_about(doc, only):
                doc._.cities = only
            yield doc
        contexts.clear()


def resolve_cities(docs: Iterable[Doc], title: Doc) -> tuple[CityRef, ...]:
    """The only city of a document, with basis ``document``; empty when its title and passages name none or several.

    A document that also names places outside the network is about its one member only if the title says so.
    """
    in_title = _cities_in(title)
    found = {*in_title}
    is_elsewhere = bool(title.spans.get("elsewhere"))
    for doc in docs:
        found.update((ref.city, ref.country) for ref in doc._.cities)
        is_elsewhere = is_elsewhere or bool(doc.spans["elsewhere"])
    if len(found) != 1 or (is_elsewhere and not in_title):
        return ()
    ((city, country),) = found
    return (CityRef(city, country, "document"),)


def mentions(doc: Doc) -> tuple[Mention, ...]:
    """The entities of ``doc`` as records, in the order of the text."""
    return tuple(
        Mention(span.label_, span.kb_id_, span.start_char, span.end_char) for span in doc.spans["entities"]
    )


def sentence_starts(doc: Doc) -> list[int]:
    """The index of the first token of each sentence."""
    starts: list[int] = (doc.to_array([SENT_START]) == 1).nonzero()[0].tolist()
    return starts


def _set_extensions() -> None:
    for name, default in (("cities", ()), ("passage_id", "")):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=default)


def _plain_exceptions(rules: Mapping[str, list[dict[int, str]]]) -> dict[str, list[dict[int, str]]]:
    """The tokeniser's exceptions with an apostrophe or full stop, without norms of their own.

    The others split words such as "id" in two, and a token's own norm would hide the stem from the matchers.
    """
    return {
        text: [{attr: value for attr, value in token.items() if attr != NORM} for token in tokens]
        for text, tokens in rules.items()
        if "'" in text or "’" in text or "." in text
    }


def _inherit(nlp: Language, doc: Doc, passage: Passage, contexts: dict[str, Context]) -> Doc:
    """``doc`` with what its passage inherits: cities by heading, and terms of the heading as weak evidence."""
    doc._.passage_id = passage.id
    doc._.cities = _refs(_cities_in(doc), "passage")
    above = [text for text in (passage.context, *reversed(passage.heading)) if text]
    for text in above:
        if text not in contexts:
            contexts[text] = _read_context(nlp(text))
        context = contexts[text]
        if context.terms:
            spans = [Span(doc, 0, 0, label=concern, kb_id=f"heading: {term}") for concern, term in context.terms]
            doc.spans["concerns"].extend(spans)
        if not doc._.cities and context.cities:
            doc._.cities = _refs(context.cities, "heading")
    return doc


def _read_context(doc: Doc) -> Context:
    terms = [(span.label_, span.kb_id_.partition(": ")[2]) for span in doc.spans["concerns"]]
    return Context(_cities_in(doc), tuple(dict.fromkeys(terms)))


def _cities_in(doc: Doc) -> tuple[tuple[str, str], ...]:
    """The cities named in ``doc`` and their countries, without repeats, in the order of the text."""
    cities = ((span.kb_id_, span.id_) for span in doc.spans["entities"] if span.label_ == "city")
    return tuple(dict.fromkeys(cities))


def _refs(cities: Iterable[tuple[str, str]], basis: CityBasis) -> tuple[CityRef, ...]:
    return tuple(CityRef(city, country, basis) for city, country in cities)


def _may_be_about(doc: Doc, only: tuple[CityRef, ...]) -> bool:
    """Whether a passage that names no city can be about ``only``: not when it names other places alone."""
    codes = {span.id_ for span in doc.spans["entities"] if span.label_ == "country"}
    return not doc.spans["elsewhere"] and (not codes or any(ref.country in codes for ref in only))


@Language.factory("ascn_entities")
class EntityFinder:
    """Finds the gazetteer's names, as written or in capitals, and tells cities from what else their names mean."""

    def __init__(self, nlp: Language, name: str) -> None:  # noqa: ARG002 -- spaCy passes it by name
        self._nlp = nlp
        self._names = PhraseMatcher(nlp.vocab)
        self._entries: dict[int, tuple[str, str, str, City | None]] = {}

    def learn(self, gazetteer: Gazetteer) -> None:
        """Takes over the names of ``gazetteer``."""
        self._rules = PlaceRules(gazetteer)
        for city in gazetteer.cities:
            self._add("city", city.name, city.country, (city.name, *city.names), city)
        cities = {city.name for city in gazetteer.cities}
        for named in gazetteer.others:
            # A city-state's name is taken for the city; its demonyms still mean the country.
            names = {named.name, *named.names, *named.demonyms} - cities
            self._add(named.kind, named.name, named.code, names)
        for name in gazetteer.places.not_cities:
            self._add("other", name, "", (name,))
        for name in gazetteer.places.elsewhere:
            self._add("elsewhere", name, "", (name,))

    def _add(self, kind: str, name: str, code: str, names: Iterable[str], city: City | None = None) -> None:
        key = f"{kind}:{name}"
        variants = sorted({form for text in names for form in (text, text.upper())})
        if variants:
            self._names.add(key, [self._nlp.make_doc(text) for text in variants])
            self._entries[self._nlp.vocab.strings[key]] = (kind, name, code, city)

    def __call__(self, doc: Doc) -> Doc:
        """``doc`` with its entities."""
        entities, elsewhere = [], []
        taken, holder = -1, ""
        for key, start, end in sorted(self._names(doc), key=lambda match: (match[1], -match[2])):
            kind, name, code, city = self._entries[key]
            # An institution's name may hold the city it works for ("Yangon City Development Committee").
            if start < taken and not (city and holder == "institution"):
                continue
            if end > taken:
                taken, holder = end, kind
            if kind == "elsewhere":
                elsewhere.append(Span(doc, start, end, label=kind, kb_id=name))
            elif kind != "other" and not (city and not self._rules.is_city(doc, start, end, city)):
                entities.append(Span(doc, start, end, label=kind, kb_id=name, span_id=code))
        doc.spans["entities"] = entities
        doc.spans["elsewhere"] = elsewhere
        return doc


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


@Language.factory("ascn_concerns")
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
        return any(
            token.text in self._name_words for side in (left, right) for token in _capitalised(side)
        )


def _capitalised(tokens: Iterable[Any]) -> Iterator[Any]:
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


@Language.factory("ascn_cues")
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
