"""When a web page was published: every clue on it, for ``dates.choose_date`` to weigh."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ascn_nlp.dates import CONFIDENCE, find_dates, first_and_last_day
from ascn_nlp.extract.html.about import About
from ascn_nlp.extract.html.shown import shown_clues
from ascn_nlp.extract.origin import Origin
from ascn_nlp.extract.printed_dates import clues_of_address
from ascn_nlp.extract.stated_days import as_day, local_day
from ascn_nlp.records import DateClue, Issue

# Names of <meta> elements that hold the first publication. Those for changes ("article:modified_time") are no clues.
_META_NAMES = (
    "article:published_time", "article:published", "article:published_date", "article:publicationdate",
    "og:article:published_time", "og:article:published", "og:published_time", "og:publish_date", "og:pubdate",
    "og:datepublished", "og:regdate", "datepublished", "date_published", "dateposted", "dc.date.issued",
    "dc.date.publication", "dcterms.issued", "citation_publication_date", "citation_date", "parsely-pub-date",
    "sailthru.date", "pubdate", "pub_date", "bt:pubdate", "rbpubdate", "publishdate", "publish-date", "publish_date",
    "publish_time", "published-date", "published_date", "published_time", "publisheddate", "publication_date",
    "article:post_date", "article_date_original", "originalpublicationdate", "rnews:datepublished",
    "cxenseparse:recs:publishtime", "shareaholic:article_published_time", "dcsext.articlefirstpublished",
    "mediator_published_time", "vr:published_time", "twt-published-at", "video:release_date", "article.published",
    "displaydate",
)  # fmt: skip
# These hold whatever day a template's author thought of, often that of the last change.
_LOOSE_META_NAMES = (
    "date", "dc.date", "dc.date.created", "dcterms.date", "dcterms.created", "dc.created", "datecreated",
    "date_created", "article.created", "release_date", "doc_date", "gentime", "ptime", "pdate", "timestamp",
)  # fmt: skip
_META_CHANGES = ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified")
_LONG_AFTER = 365  # days: small corrections follow soon
_BROKEN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_LONGEST = 60  # characters of evidence
# Below a date shown beside the headline; a library's guess by pattern alone is for want of anything better.
_LOOSE = 0.65
_GUESSED = 0.35


def find_clues(tree: Any, about: About, origin: Origin) -> Iterator[DateClue]:
    """Every statement of the page on its publication, most trusted basis first."""
    stated = [*_in_json(about), *_in_meta(about, tree)]
    # Where the page states its day, dates far from the headline are those of other things.
    is_far_sought = not any(clue.precision == "day" for clue in stated)
    shown = list(shown_clues(tree, about, origin.fetched_at, is_far_sought=is_far_sought))
    addressed = clues_of_address(about.url or origin.url)
    seen = [clue.value for clue in (*shown, *addressed)]
    clues = [*(_by_own_clock(clue, seen, tree) for clue in stated), *shown]
    yield from clues
    if not any(clue.precision == "day" for clue in (*clues, *addressed)):
        yield from _searched(tree, about, origin)


def _by_own_clock(clue: DateClue, seen: Sequence[str], tree: Any) -> DateClue:
    """``clue`` with the day it was at the publisher's, where it is an instant in UTC and the page tells that day."""
    texts = (
        *(each.text or "" for each in tree.iter("script")),
        *(each.get("datetime") or "" for each in tree.iter("time")),
    )
    day = local_day(clue.evidence, seen, texts)
    if not day or day == clue.value:
        return clue
    return replace(clue, value=day, evidence=f"{clue.evidence}, which is {day} by the publisher's clock")


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


_SEARCHED = 500_000  # characters of a page


def _in_meta(about: About, tree: Any) -> Iterator[DateClue]:
    marked = [
        ("datePublished", " ".join((each.get("datetime") or each.get("content") or each.text_content()).split()))
        for each in tree.xpath("//*[@itemprop='datePublished'][not(self::meta)]")[:1]
    ]
    named = [(name, about.meta.get(name, "")) for name in _META_NAMES]
    loose = [(name, about.meta.get(name, "")) for name in _LOOSE_META_NAMES]
    for statements, trust in (([*named, *marked], CONFIDENCE["meta"]), (loose, _LOOSE)):
        for name, stated in statements:
            if value := as_day(stated):
                yield DateClue(value, "meta", f"{name} {stated[:_LONGEST]}", trust)
                return


def _searched(tree: Any, about: About, origin: Origin) -> Iterator[DateClue]:
    """The guess of a library that knows the habits of many sites, where the page's own statements give no day."""
    from htmldate import find_date

    latest = origin.fetched_at or None
    value = find_date(tree, original_date=True, url=about.url or origin.url or None, max_date=latest)
    if value:
        sure = value if _is_written(value, tree) else value[:4]
        yield DateClue(sure, "text", "somewhere in the page, found by its pattern", _GUESSED)


def _is_written(day: str, tree: Any) -> bool:
    """Whether the page states this very day: of "2019" the library makes its first day, of "2018-11" today's."""
    from lxml import etree  # type: ignore[import-untyped]

    page = etree.tostring(tree, encoding="unicode")[:_SEARCHED]
    if any(form in page for form in (day, day.replace("-", "/"), day.replace("-", "."), day.replace("-", ""))):
        return True
    words = tree.text_content()[:_SEARCHED]
    return any(found.value == day for is_day_first in (True, False) for found in find_dates(words, is_day_first))
