"""Whether a city's name stands for the city, or for a government, a province, a newspaper, a firm's home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ascn_nlp.gazetteer import City, Gazetteer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spacy.tokens import Doc

_JOINS = frozenset({"and", "or", "&", "-", "–", "—", "/"})
_LIST_JOINS = frozenset({",", "and", "or", "&"})
_DASHES = frozenset({"-", "–", "—", "‑"})
_GENITIVE = frozenset({"'s", "’s", "'", "’"})
# After one of these a name is a place where something is, not an actor.
_PREPOSITIONS = frozenset(
    {"in", "of", "from", "to", "near", "around", "across", "within", "at", "for", "into", "as", "like", "through"}
    | {"outside", "beyond", "cities"}
)
_SKIPPED = frozenset({"has", "had", "have", "also", "now", "then", "itself", "would", "later", "since", "long", "once"})
# A word of government counts this many tokens around "between Hanoi and Manila".
_REACH = 8


class PlaceRules:
    """Tells a city from what else its name stands for, by the words around it."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        places = gazetteer.places
        self._capitals = frozenset(places.foreign_capitals)
        self._member_capitals = frozenset(
            name for city in gazetteer.cities if city.is_capital for name in (city.name, *city.names)
        )
        countries = [named for named in gazetteer.others if named.kind == "country"]
        self._states = frozenset(named.name for named in countries)
        self._countries = frozenset(places.foreign_countries) | self._states
        self._verbs = frozenset(places.government_verbs)
        self._nouns = frozenset(places.government_nouns)
        self._tails = frozenset(places.name_tails)
        self._heads = frozenset(tuple(head.split()) for head in places.name_heads)
        self._areas = frozenset(places.area_nouns)
        self._origins = frozenset(places.origin_nouns)

    def is_city(self, doc: Doc, start: int, end: int, city: City) -> bool:
        """Whether the name at tokens ``start:end`` of ``doc`` means the city; a doubtful one does not."""
        before = [token.text for token in doc[max(0, start - 2) : start]]
        after = [token.text for token in doc[end : end + 4]]
        return not (
            self._is_in_name(before, after)
            or _is_dateline(doc, start, after)
            or (len(after) > 1 and after[0] in _DASHES and after[1] == "based")
            or (not city.is_area and self._is_area(doc, end, before))
            or (city.is_capital and self._is_government(doc, start, end, before, after))
            or (city.name in self._states and self._is_country(doc, start, end, after))
        )

    def is_dateline(self, doc: Doc, start: int, end: int) -> bool:
        """Whether the name at tokens ``start:end`` only says where the report was filed."""
        return _is_dateline(doc, start, [token.text for token in doc[end : end + 4]])

    def _is_in_name(self, before: list[str], after: list[str]) -> bool:
        is_head = any(tuple(before[-len(head) :]) == head for head in self._heads)
        return is_head or (after[:1] != [] and after[0] in self._tails)

    def _is_area(self, doc: Doc, end: int, before: list[str]) -> bool:
        """In "Chonburi province", "Chonburi and Rayong provinces", "the province of Chonburi"."""
        if before[-1:] == ["of"] and before[0] in self._areas:
            return True
        for token in doc[end : end + _REACH]:
            if token.text in self._areas:
                return token.i == end or token.text.endswith("s")
            if not (token.is_title or token.text in _LIST_JOINS):
                return False
        return False

    def _is_government(self, doc: Doc, start: int, end: int, before: list[str], after: list[str]) -> bool:
        """In "Jakarta said", "Hanoi's foreign ministry", "Manila and Beijing", "ties between Hanoi and Manila"."""
        if self._is_pair_of_governments(doc, start, end):
            return True
        if after[:1] and after[0] in _GENITIVE:
            return any(word in self._nouns for word in after[1:])
        if before[-1:] and before[-1] in _PREPOSITIONS:
            return False
        words = [word for word in after if word not in _SKIPPED and not word.endswith("ly")]
        return words[:1] != [] and words[0] in self._verbs

    def _is_pair_of_governments(self, doc: Doc, start: int, end: int) -> bool:
        first = start
        others = []
        if end + 1 < len(doc) and doc[end].text in _JOINS:
            others.append(_name_at(doc, end + 1))
        if start > 1 and doc[start - 1].text in _JOINS:
            others.append(_name_before(doc, start - 1))
            first = start - 1 - len(others[-1].split())
        lead = doc[first - 1].text if first else ""
        if any(other in self._capitals for other in others):
            return lead not in _PREPOSITIONS
        if any(other in self._member_capitals for other in others) and lead == "between":
            return any(token.text in self._nouns for token in doc[max(0, first - _REACH) : end + _REACH])
        return False

    def _is_country(self, doc: Doc, start: int, end: int, after: list[str]) -> bool:
        """A city-state among countries ("Singapore, Malaysia and Japan") or as an origin ("a Singapore firm")."""
        if after[:1] and after[0] in self._origins:
            return True
        right = end
        while right < len(doc) and doc[right].text in _LIST_JOINS:
            right += 1
        left = start
        while left and doc[left - 1].text in _LIST_JOINS:
            left -= 1
        right += right < len(doc) and right > end and doc[right].text == "the"
        return (right > end and _name_at(doc, right) in self._countries) or (
            left < start and any(name in self._countries for name in _names_before(doc, left))
        )


def _is_dateline(doc: Doc, start: int, after: list[str]) -> bool:
    """In "JAKARTA, 5 May" or "Jakarta (Wire) -" at the beginning: where the report was filed."""
    if start or not after:
        return False
    if after[0] in {"—", "–", "--"}:
        return doc[0].is_upper
    if after[0] == "(":
        return any(token.text in {"—", "–", "--", "-"} for token in doc[2:8])
    return doc[0].is_upper and after[0] == "," and any(t.text in {"—", "–", "--", "-", "("} for t in doc[2:10])


def _name_at(doc: Doc, start: int) -> str:
    """The longest run of capitalised words from ``start`` on, at most four."""
    words = []
    for token in doc[start : start + 4]:
        if not (token.is_title or token.is_upper) or token.is_punct:
            break
        words.append(token.text)
    return " ".join(words)


def _name_before(doc: Doc, end: int) -> str:
    """The longest run of capitalised words up to ``end``, at most four."""
    return max(_names_before(doc, end), key=len, default="")


def _names_before(doc: Doc, end: int) -> Iterable[str]:
    """The runs of one to four capitalised words that end at ``end``, shortest first."""
    names = []
    for start in range(end - 1, max(-1, end - 5), -1):
        if not (doc[start].is_title or doc[start].is_upper) or doc[start].is_punct:
            break
        names.append(doc[start:end].text)
    return names
