"""The pipeline component that finds cities, countries, funders, vendors and institutions in a Doc."""

from __future__ import annotations

from collections.abc import Iterable

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from ascn_nlp.gazetteer import City, Gazetteer
from ascn_nlp.places import PlaceRules

NAME = "ascn_entities"


@Language.factory(NAME)
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
            elif city and not self._rules.is_city(doc, start, end, city):
                # Filed there, and perhaps about it: no reason to take another city for the document's only one.
                if self._rules.is_dateline(doc, start, end):
                    elsewhere.append(Span(doc, start, end, label="elsewhere", kb_id=name))
            elif kind != "other":
                entities.append(Span(doc, start, end, label=kind, kb_id=name, span_id=code))
        doc.spans["entities"] = entities
        doc.spans["elsewhere"] = elsewhere
        return doc
