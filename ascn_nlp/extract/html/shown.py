"""The date that a web page shows its readers, near the headline, as the day on which the article appeared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from ascn_nlp.dates import CONFIDENCE, EARLIEST_YEAR, FoundDate, find_dates, may_be_one_day
from ascn_nlp.extract.html.about import About, likeness
from ascn_nlp.extract.printed_dates import is_changed, is_labelled
from ascn_nlp.extract.stated_days import as_day
from ascn_nlp.records import DateClue

_TAGS = frozenset(
    ("a", "abbr", "b", "br", "dd", "div", "dt", "em", "font", "footer", "h2", "h3", "h4", "h5", "h6", "header", "i",
     "li", "p", "section", "small", "span", "strong", "td", "time")
)  # fmt: skip
# Names that pages give to elements which show when an article appeared, and the attributes that hold them.
_NAMED = re.compile(
    r"date|time|publish|posted|byline|meta|author|created|dateline|datum|fecha|zeit|tanggal|tarikh|ngay", re.IGNORECASE
)
_NAMES = frozenset({"class", "id", "itemprop", "property"})
# Names of what belongs to other articles, to readers or to the site.
_ELSEWHERE = re.compile(
    r"related|sidebar|comment|copyright|widget|event|countdown|current|teaser|popular|trending|latest|recent|recommend"
    r"|archive|calendar|ticker|newsletter|topbar|clock|today|weather|read-?more",
    re.IGNORECASE,
)
_ELSEWHERE_TAGS = frozenset({"footer", "nav", "aside"})  # unless they stand in the <article> of the headline
_CHANGED = re.compile(r"updat|modif", re.IGNORECASE)
# Blogs call an element "entry-date published updated" whose article never changed, and put it in a footer of the entry.
_OWN = re.compile(r"publish|entry|article|post", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_OTHER_WORDS = re.compile(r"[^\W\d_]{2,}")
_MOST_CHILDREN = 12
_LONGEST = 100  # characters of evidence
_MOST_CHARACTERS = 400
_MOST_WORDS = 30  # of an element that shows when an article appeared
_FEW_WORDS = 6  # beside a date that stands alone: a weekday, a place, a name
_NEAR = 60  # elements between the headline and such a date
# A date in a place for dates but without a label is right less often, one that only stands alone still less.
_NAMED_TRUST = 0.7
_ALONE_TRUST = 0.6
_PUBLISHED_AFTER = re.compile(r"\b(?:veröffentlicht|gepostet|publié|publicado|pubblicato)\b", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"(?<![\d./])(\d{1,2})([./])(\d{1,2})\2(\d\d)(?![\d./])")
# In all other languages 03/04/2021 is the third of April, or is not written.
_EITHER_FIRST = ("", "en")


_Rank = tuple[bool, float, int]  # whether it is a day, how far it is trusted, how near the headline


@dataclass(frozen=True, slots=True)
class _Page:
    """A page's elements in their order, seen from its headline."""

    elements: tuple[Any, ...]
    start: int  # where the headline is among them
    frame: frozenset[Any]  # the headline and what it stands in; empty when the page has none
    is_day_first: bool  # how 03/04/2021 is meant
    fetched_at: str


def shown_clues(tree: Any, about: About, fetched_at: str, *, is_far_sought: bool) -> Iterator[DateClue]:
    """The most likely of the dates that the page shows near its headline, or where ``is_far_sought`` anywhere."""
    page = _page(tree, about, fetched_at)
    near = range(max(0, page.start - _NEAR // 2), min(len(page.elements), page.start + _NEAR))
    best = max(_ranked(page, near), default=None, key=_rank)
    if is_far_sought and (best is None or best[1].precision != "day"):
        best = max(_ranked(page, range(len(page.elements))), default=None, key=_rank)
    if best is not None:
        yield best[1]


def _page(tree: Any, about: About, fetched_at: str) -> _Page:
    elements = tuple(tree.iter())
    headings = [each for each in elements if each.tag == "h1"] or [each for each in elements if each.tag == "h2"]
    headline = max(headings, key=lambda each: likeness(" ".join(each.itertext()), about.title), default=None)
    is_day_first = re.split("[-_]", about.language.lower())[0] not in _EITHER_FIRST
    if headline is None:
        return _Page(elements, 0, frozenset(), is_day_first, fetched_at)
    frame = frozenset([headline, *headline.iterancestors()])
    return _Page(elements, elements.index(headline), frame, is_day_first, fetched_at)


def _rank(ranked: tuple[_Rank, DateClue]) -> _Rank:
    return ranked[0]


def _ranked(page: _Page, places: range) -> Iterator[tuple[_Rank, DateClue]]:
    """The dates shown in the elements at ``places``; the higher the rank, the likelier one is the page's own."""
    for place in places:
        element = page.elements[place]
        if element.tag not in _TAGS or element in page.frame:
            continue
        # Above a headline stand menus, clocks and other headlines.
        distance = place - page.start if place >= page.start else 2 * (page.start - place)
        clue = _clue(page, element, distance <= _NEAR and bool(page.frame))
        if clue is not None and _is_past(clue.value, page.fetched_at) and not _is_elsewhere(element, page.frame):
            yield (clue.precision == "day", clue.confidence, -distance), clue


def _is_past(value: str, fetched_at: str) -> bool:
    """Whether an article of that date may have been fetched; the day of fetching itself is what clocks show."""
    return int(value[:4]) >= EARLIEST_YEAR and (not fetched_at or value < fetched_at)


def _clue(page: _Page, element: Any, is_near: bool) -> DateClue | None:
    own_words = (element.tail if element.tag == "br" else element.text) or ""
    is_named = element.tag == "time" or (len(element) <= _MOST_CHILDREN and _is_named(element))
    if not is_named and not _YEAR.search(own_words):
        return None
    text = _short_text([own_words] if element.tag == "br" else element.itertext())
    if is_named:
        text = _SHORT_YEAR.sub(r"\1\2\3\g<2>20\4", text)
    found = _first_date(text, page.is_day_first)
    stated = _stated(element) if is_named else ""
    if stated and not (found and may_be_one_day(found.value, stated)):
        return DateClue(stated, "text", text[:_LONGEST] or stated, _NAMED_TRUST)
    trust = _trust(text, found, is_named, is_near) if found else 0.0
    return DateClue(found.value, "text", text[:_LONGEST], trust) if found and trust else None


def _short_text(pieces: Iterable[str]) -> str:
    """The words in ``pieces``, or "" when they are more than would show a date: pages may be one long element."""
    words: list[str] = []
    for piece in pieces:
        words += piece[:_MOST_CHARACTERS].split()
        if len(words) > _MOST_WORDS:
            return ""
    return " ".join(words)


def _is_named(element: Any) -> bool:
    return any(key in _NAMES and _NAMED.search(name) for key, name in element.items())


def _trust(text: str, found: FoundDate, is_named: bool, is_near: bool) -> float:
    if is_labelled(text, found) or _PUBLISHED_AFTER.search(text, found.start):
        return CONFIDENCE["text"]
    if is_named:
        return _NAMED_TRUST
    is_alone = is_near and len(_OTHER_WORDS.findall(text.replace(found.evidence, ""))) <= _FEW_WORDS
    return _ALONE_TRUST if is_alone else 0.0


def _stated(element: Any) -> str:
    return next((day for name in ("datetime", "content", "title") if (day := as_day(element.get(name) or ""))), "")


def _first_date(text: str, is_day_first: bool) -> FoundDate | None:
    """The first date of a short ``text`` that is not called one of a change."""
    return next((each for each in find_dates(text, is_day_first) if not is_changed(text, each)), None)


def _is_elsewhere(element: Any, frame: frozenset[Any]) -> bool:
    """Whether the element, or one around it that does not hold the headline too, is for something else."""
    ancestors = list(element.iterancestors())
    is_in_article = any(each.tag == "article" and each in frame for each in ancestors)
    for each in takewhile(lambda each: each not in frame, (element, *ancestors)):
        if each.tag in ("body", "html"):
            return False
        names = f"{each.get('class') or ''} {each.get('id') or ''}"
        if each is not element and _ELSEWHERE.search(names):
            return True
        if not is_in_article and each.tag in _ELSEWHERE_TAGS and not _OWN.search(names):
            return True
        if _CHANGED.search(names) and not _OWN.search(names):
            return True
    return False
