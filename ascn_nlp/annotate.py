"""Passages -> spaCy Docs that hold what was found in them, for the taggers to weigh.

``doc.spans["entities"]``   label: kind, kb_id: the gazetteer's name
``doc.spans["elsewhere"]``  places outside the network
``doc.spans["concerns"]``   label: concern, kb_id: why ("term: ...", "weak term: ...", "pair: ... + ...")
``doc.spans["cues"]``       label: raised, addressed, negation, hedging, answering or reported; kb_id: the only
                            concern it counts for, if any; id: "strong" or "weak"
``doc._.cities``            the cities it speaks of, and how that is known
``doc._.passage_id``        the passage it was made from

Offsets always lie in the passage's own text. What was found in its heading is an empty span at 0 whose why begins
with "heading: ".
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, cast

import spacy
from spacy.attrs import NORM  # type: ignore[import-not-found]
from spacy.language import Language
from spacy.tokens import Doc, Span

from ascn_nlp import entities, evidence
from ascn_nlp.gazetteer import Gazetteer
from ascn_nlp.records import CityBasis, CityRef, Mention, Passage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.terms import stemmer

# A component is built before it is taught its phrases, as spaCy's own rulers are: a pipeline's config holds plain
# values only.
_COMPONENTS = (entities.NAME, evidence.CONCERNS, evidence.CUES)


@dataclass(frozen=True, slots=True)
class Context:
    """What was found in a heading or column header, which passages inherit."""

    cities: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, str], ...]


def build_pipeline(taxonomy: Taxonomy, gazetteer: Gazetteer) -> Language:
    """A spaCy pipeline that tokenises, splits sentences and finds entities, concern evidence and cues."""
    _set_extensions()
    nlp = spacy.blank("en")
    nlp.max_length = sys.maxsize  # the usual limit is for parsers, which need a gigabyte for a long text
    # The matchers compare lexemes by NORM: here it is the stem. spaCy's stubs know neither attribute.
    vocab, tokenizer = cast(Any, nlp.vocab), cast(Any, nlp.tokenizer)
    vocab.lex_attr_getters[NORM] = stemmer()
    tokenizer.rules = _plain_exceptions(tokenizer.rules)
    nlp.add_pipe("sentencizer")
    for name, table in zip(_COMPONENTS, (gazetteer, taxonomy, taxonomy), strict=True):
        cast(Any, nlp.add_pipe(name)).learn(table)
    return nlp


def annotate(nlp: Language, passages: Iterable[Passage], titles: Mapping[str, str] | None = None) -> Iterator[Doc]:
    """A Doc for each passage, in order; passages of one document must follow each other.

    ``titles`` are the documents' titles by document id. The passages of one document are held in memory together,
    since a passage may get its city from the only one that its document names.
    """
    contexts: dict[str, Context] = {}
    for document_id, group in groupby(passages, key=lambda passage: passage.document_id):
        pairs = nlp.pipe(((_without_rows(passage.text), passage) for passage in group), as_tuples=True)
        docs = [_inherit(nlp, doc, passage, contexts) for doc, passage in pairs]
        only = resolve_cities(docs, nlp((titles or {}).get(document_id, "")))
        for doc in docs:
            if not doc._.cities and _may_be_about(doc, only):
                doc._.cities = only
            yield doc
        contexts.clear()


# spaCy's tokenizer looks at each sign of such a row as often as there are signs: ten thousand take twenty seconds.
_ROW_OF_SIGNS = re.compile(r"(?:[^\w\s]|_){50,}")


def _without_rows(text: str) -> str:
    """``text``, as long as it is, with blanks for long rows of signs that are no letters, as rules drawn with "_"."""
    return _ROW_OF_SIGNS.sub(lambda match: " " * len(match[0]), text)


# A document in which fewer passages name its only city mentions it in passing. A city's own report or news item names
# it in every second or third passage.
_LEAST_SHARE = 1 / 8


def resolve_cities(docs: Sequence[Doc], title: Doc) -> tuple[CityRef, ...]:
    """The only city of a document, with basis ``document``; empty when its title and passages name none or several.

    Where the title does not name it, at least one passage in eight must, and the document must not name places outside
    the network: else it is mentioned in passing.
    """
    in_title = _cities_in(title)
    named = [{(ref.city, ref.country) for ref in doc._.cities} for doc in docs]
    found = set().union(in_title, *named)
    if len(found) != 1:
        return ()
    ((city, country),) = found
    is_elsewhere = any(_is_elsewhere(doc, city) for doc in (title, *docs))
    if not in_title and (is_elsewhere or sum(map(bool, named)) < _LEAST_SHARE * len(docs)):
        return ()
    return (CityRef(city, country, "document"),)


def mentions(doc: Doc) -> tuple[Mention, ...]:
    """The entities of ``doc`` as records, in the order of the text."""
    return tuple(Mention(span.label_, span.kb_id_, span.start_char, span.end_char) for span in doc.spans["entities"])


def _set_extensions() -> None:
    for name, default in (("cities", ()), ("passage_id", ""), ("heading", "")):
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
    doc._.heading = passage.heading_line
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
    return any(not _is_elsewhere(doc, ref.city) and (not codes or ref.country in codes) for ref in only)


def _is_elsewhere(doc: Doc, city: str) -> bool:
    """Whether ``doc`` names a place outside the network, or was filed from another city."""
    return any(span.kb_id_ != city for span in doc.spans.get("elsewhere", ()))
