"""News found by GDELT's search (DOC 2.0 API): articles by words, language, country and time.

https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/: at most 250 articles an answer and no pages, so a long time is
asked for in pieces, and a piece that fills an answer in halves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from ascn_nlp.addresses import is_web_address
from ascn_nlp.dates import first_and_last_day
from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.errors import PassingFetchError
from ascn_nlp.records import Found, Source, digest
from ascn_nlp.sources.listing import MOST, Asking, Kind, Listing, canonical, is_chosen, without_doubles

API = "https://api.gdeltproject.org/api/v2/doc/doc"
# The time that is asked for where a source does not say.
SINCE, UNTIL = "2018", "2024"
# "Please limit requests to one every 5 seconds."
GAP = 5.0
MOST_AN_ANSWER = 250
# What is asked for at first, and the shortest piece that is still halved.
_PIECE = timedelta(days=30)
_SHORTEST = timedelta(hours=1)
# Articles come in late: so much of what was listed is asked for again next time.
_OVERLAP = timedelta(days=7)
_STAMP = "%Y%m%d%H%M%S"
# What servers write that are down or busy for a while, in place of a word on the search.
_PASSING = re.compile(r"<|internal error|server error|try again|timed? ?out|unavailable|overload", re.IGNORECASE)
# In its JSON backslashes of titles stand bare.
_BACKSLASH = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4}))?')


@dataclass(frozen=True, slots=True)
class _Span:
    start: datetime
    end: datetime


def list_gdelt(source: Source, asking: Asking) -> Listing:
    """The articles found that were not listed before; they are never gone for not being found again.

    Time that was listed is not asked for again. Where the search fails on the way, what was found until then is listed,
    and the next refresh goes on from there; FetchError when it fails at once.
    """
    since = datetime.fromisoformat(first_and_last_day(source.since or SINCE)[0]).replace(tzinfo=UTC)
    last = datetime.fromisoformat(first_and_last_day(source.until or UNTIL)[1]).replace(tzinfo=UTC)
    until = min(last + timedelta(days=1), datetime.combine(asking.today, time.min, UTC))
    query, problems, found = _query(source), list[str](), list[Found]()
    asked = digest(query, source.since, source.until, *source.include, "", *source.exclude, "", source.most)
    begin = since
    if asking.memory.get("asked") == asked:
        begin = datetime.fromisoformat(asking.memory["listed_to"])
    at = begin
    while at < until and len(found) <= (source.most or MOST):
        span = _Span(at, min(at + _PIECE, until))
        try:
            for items in _search(source, asking, query, span, problems):
                found += items
        except FetchError as error:
            if at == begin:
                raise
            problems.append(f"listed to {at:%Y-%m-%d} only: {error}")
            break
        at = span.end
    once, more = without_doubles(found, source)
    listed_to = max(begin, min(at, datetime.combine(asking.today, time.min, UTC) - _OVERLAP))
    # What was cut off has to be asked for again when more may be listed.
    memory = {} if len(once) == (source.most or MOST) else {"asked": asked, "listed_to": listed_to.isoformat()}
    return Listing(once, is_complete=False, problems=(*problems, *more), memory=memory)


def _query(source: Source) -> str:
    words = f"({source.query})" if " OR " in source.query and not source.query.startswith("(") else source.query
    parts = [words, _any("sourcecountry", source.countries), _any("sourcelang", source.languages)]
    return " ".join(part for part in parts if part)


def _any(operator: str, values: tuple[str, ...]) -> str:
    each = [f"{operator}:{value.lower().replace(' ', '')}" for value in values]
    return f"({' OR '.join(each)})" if len(each) > 1 else "".join(each)


def _search(source: Source, asking: Asking, query: str, span: _Span, problems: list[str]) -> Iterator[list[Found]]:
    articles = _ask(source, asking, query, span)
    length = span.end - span.start
    if len(articles) < MOST_AN_ANSWER:
        yield [one for article in articles for one in _found(source, article)]
    elif length > _SHORTEST:
        middle = span.start + (length / 2 - timedelta(microseconds=(length / 2).microseconds))
        yield from _search(source, asking, query, _Span(span.start, middle), problems)
        yield from _search(source, asking, query, _Span(middle, span.end), problems)
    else:
        yield [one for article in articles for one in _found(source, article)]
        problems.append(
            f"more than {MOST_AN_ANSWER} articles in the hour of {span.start:%Y-%m-%d %H:%M}: narrow `query`"
        )


def _ask(source: Source, asking: Asking, query: str, span: _Span) -> list[dict[str, Any]]:
    start, end = span.start.strftime(_STAMP), (span.end - timedelta(seconds=1)).strftime(_STAMP)
    asked = {
        "query": query,
        "mode": "artlist",
        "format": "json",
        "maxrecords": MOST_AN_ANSWER,
        "sort": "dateasc",
        "startdatetime": start,
        "enddatetime": end,
    }
    url = f"{source.api or API}?{urlencode(asked)}"
    # An interface made for programs: robots.txt is about pages, and its own terms about this.
    content, _ = asking.web.read(url, is_internal=source.is_internal, gap=GAP, heeds_robots=False)
    text = content.decode("utf-8-sig", "replace").strip()
    if text and not text.startswith("{"):
        said = " ".join(text.split())[:200]
        if "limit requests" in said.lower():
            raise PassingFetchError(f"GDELT asks for patience: {said}", url, "the next refresh goes on from here")
        if _PASSING.search(said):
            raise PassingFetchError(f"GDELT has no answer: {said}", url, "the next refresh goes on from here")
        raise FetchError(f"GDELT refuses the search: {said}", url, f"mend `query` of source {source.id}")
    try:
        answer = json.loads(_BACKSLASH.sub(lambda found: found[0] if found[1] else "\\\\", text), strict=False)
    except ValueError as error:
        raise PassingFetchError(f"GDELT's answer is not understood: {error}", url, "try again later") from error
    articles = answer.get("articles") or []
    # Taken for none, these months would count as listed.
    if (answer and "articles" not in answer) or not isinstance(articles, list):
        raise PassingFetchError(f"GDELT's answer has no list of articles: {text[:200]}", url, "try again later")
    return [article for article in articles if isinstance(article, dict)]


def _found(source: Source, article: dict[str, Any]) -> Iterator[Found]:
    url, seen = str(article.get("url", "")), str(article.get("seendate", ""))
    if not is_web_address(url) or not is_chosen(url, source):
        return
    day = f"{seen[:4]}-{seen[4:6]}-{seen[6:8]}" if re.fullmatch(r"\d{8}T\d{6}Z", seen) else ""
    yield Found(source.id, canonical(url), url, "", day, f"first seen by GDELT: {seen}" if day else "", "source")


KIND = Kind(
    ("query", "countries", "languages", "since", "until", "include", "exclude", "most", "api"),
    list_gdelt,
    is_growing=True,
    asks_network=True,
    revisit_days=90,
)
