"""When a web page was published: every clue on it, for ``dates.choose_date`` to weigh."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

from ascn_nlp.dates import CONFIDENCE, find_dates, first_and_last_day
from ascn_nlp.extract.html_about import About
from ascn_nlp.extract.origin import Origin
from ascn_nlp.extract.printed_dates import clues_of_address, is_labelled
from ascn_nlp.records import DateClue, Issue

# Names of <meta> elements that hold the first publication. Those for changes ("article:modified_time") are no clues.
_META_NAMES = (
    "article:published_time", "article:published", "og:article:published_time", "datepublished", "dc.date.issued",
    "dcterms.issued", "citation_publication_date", "citation_date", "parsely-pub-date", "sailthru.date", "pubdate",
    "publishdate", "publish-date", "publish_date", "published-date", "published_date", "publication_date",
    "article:post_date", "article_date_original", "originalpublicationdate", "rnews:datepublished", "rbpubdate",
    "cxenseparse:recs:publishtime", "shareaholic:article_published_time", "bt:pubdate", "og:pubdate", "date",
    "dc.date", "dc.date.created", "dcterms.date", "dcterms.created", "dc.created", "displaydate", "article.published",
    "article.created",
)  # fmt: skip
_META_CHANGES = ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified")
_LONG_AFTER = 365  # days: small corrections follow soon
_ISO_START = re.compile(r"\s*((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_BROKEN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_DATE_CLASS = re.compile(r"date|time|publish|posted|byline|meta|tanggal|tarikh|ngay", re.IGNORECASE)
_LATER = re.compile(
    r"updat|modif|related|sidebar|comment|footer|copyright|widget|event|countdown|current", re.IGNORECASE
)
_DATE_TAGS = ("time", "span", "div", "p", "small", "li", "em", "i", "abbr", "td", "h5", "h6", "br")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MOST_CHILDREN = 12
_FAR = 6  # ancestors looked at
_MOST_WORDS = 30  # of an element that shows when an article appeared


# A date in a place for dates but without a label is right less often; what a library finds by pattern alone, hardly
# more often than not.
_SHOWN = 0.7
_GUESSED = 0.35


def find_clues(tree: Any, about: About, origin: Origin) -> Iterator[DateClue]:
    """Every statement of the page on its publication, most trusted basis first."""
    clues = [*_in_json(about), *_in_meta(about, tree), *_printed(tree)]
    yield from clues
    if not any(len(clue.value) == 10 for clue in [*clues, *clues_of_address(about.url or origin.url)]):
        yield from _searched(tree, about, origin)


def as_day(text: str) -> str:
    """The ISO date at the start of a machine's statement ("2023-06-21T10:05Z", "20230621"), or the only one in it."""
    if match := _ISO_START.match(text):
        found = find_dates("-".join(match.groups()))
        return found[0].value if found else ""
    values = {found.value for found in find_dates(text)}
    return values.pop() if len(values) == 1 else ""


def late_changes(about: About, clues: Sequence[DateClue]) -> tuple[Issue, ...]:
    """A remark where the page says that it was changed more than a year after it was first published, or none."""
    published = max(clues, key=lambda clue: clue.confidence, default=None)
    stated = [str(each.get("dateModified") or "") for each in about.articles]
    stated += [about.meta.get(name, "") for name in _META_CHANGES]
    changed = max((day for day in map(as_day, stated) if len(day) == len("2021-03-14")), default="")
    if not published or not changed or _days(first_and_last_day(published.value)[1], changed) <= _LONG_AFTER:
        return ()
    message = f"the page was changed on {changed}, long after its date {published.value}: its words may be newer"
    return (Issue("extract", message, "read it before you cite it as of that date"),)


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _in_json(about: About) -> Iterator[DateClue]:
    stated = [str(each.get("datePublished") or "") for each in about.articles]
    if not any(map(as_day, stated)):
        stated = [each for text in about.broken for each in _BROKEN_JSON.findall(text)]
    for each in stated:
        if value := as_day(each):
            yield DateClue(value, "json-ld", f"datePublished {each}", CONFIDENCE["json-ld"])
            return


def _in_meta(about: About, tree: Any) -> Iterator[DateClue]:
    for name in _META_NAMES:
        if (stated := about.meta.get(name)) and (value := as_day(stated)):
            yield DateClue(value, "meta", f"{name} {stated}", CONFIDENCE["meta"])
            return
    for element in tree.xpath("//*[@itemprop='datePublished'][not(self::meta)]")[:1]:
        stated = element.get("datetime") or element.get("content") or element.text_content()
        if value := as_day(" ".join(stated.split())):
            yield DateClue(value, "meta", f"datePublished {' '.join(stated.split())[:60]}", CONFIDENCE["meta"])


def _printed(tree: Any) -> Iterator[DateClue]:
    """The first date shown where pages show when they appeared: labelled, in a <time>, or in an element called so."""
    trust = CONFIDENCE["text"]
    for element, is_named in _candidates(tree):
        text = " ".join((_first_words(element) if element.tag == "br" else element.text_content()).split())
        stated = as_day(element.get("datetime") or "") if element.tag == "time" else ""
        dates = find_dates(text) if len(text.split()) <= _MOST_WORDS else []
        if not (stated or dates) or _is_later(element):
            continue
        value = stated or dates[0].value
        if dates and is_labelled(text, dates[0]):
            yield DateClue(value, "text", text, trust)
            return
        if is_named:
            yield DateClue(value, "text", text or stated, _SHOWN)
            return


def _candidates(tree: Any) -> Iterator[tuple[Any, bool]]:
    """Small elements that may show a date, and whether their name says that they do."""
    for element in tree.iter(*_DATE_TAGS):
        is_named = element.tag == "time" or any(
            _DATE_CLASS.search(name) for key in ("class", "id") if (name := element.get(key))
        )
        if (is_named and len(element) <= _MOST_CHILDREN) or _YEAR.search(_first_words(element)):
            yield element, is_named


def _first_words(element: Any) -> str:
    return (element.tail if element.tag == "br" else element.text) or ""


def _is_later(element: Any) -> bool:
    """Whether the element, or one around it, is for changes, other articles, comments or the site."""
    for each in (element, *islice(element.iterancestors(), _FAR)):
        if each.tag in ("footer", "nav", "aside"):
            return True
        if each.tag not in ("body", "html") and _LATER.search(f"{each.get('class') or ''} {each.get('id') or ''}"):
            return True
    return False


def _searched(tree: Any, about: About, origin: Origin) -> Iterator[DateClue]:
    """The guess of a library that knows the habits of many sites, where the page's own statements give no day."""
    from htmldate import find_date

    latest = origin.fetched_at or None
    value = find_date(tree, original_date=True, url=about.url or origin.url or None, max_date=latest)
    if value:
        yield DateClue(value, "text", "somewhere in the page, found by its pattern", _GUESSED)
