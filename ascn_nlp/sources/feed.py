"""RSS and Atom feeds, and the older pages of those that name them (RFC 5005, paged and archived feeds)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.sax import SAXException

from ascn_nlp.dates import find_dates
from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.errors import GoneError
from ascn_nlp.records import Found, Source, digest
from ascn_nlp.sources.listing import (
    Asking,
    Kind,
    Listing,
    canonical,
    is_chosen,
    is_cut,
    iso_day,
    with_small_scheme,
    without_doubles,
)

# Pages of one feed that are read in one refresh: the newest until one is known, and of older ones what is still unread.
_MOST_PAGES = 100
# Enclosures that are documents, by type or by ending: many servers send all files as application/octet-stream.
_TYPES = (
    "application/pdf",
    "application/x-pdf",
    "application/msword",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
_ENDINGS = (".pdf", ".doc", ".docx", ".odt")
# Thai calendars count from 543 years earlier: 2564 is 2021.
_BUDDHIST_YEAR = re.compile(r"(?<![\d:+-])2[45]\d\d(?![\d:])")
_BUDDHIST_ERA = 543
_BEGIN = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|RDF)\s*>")
_CHANGE = re.compile(rb"<(?:\w+:)?(?:updated|modified)[\s>]")


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a feed: what is chosen of it, a mark for each entry, and the address of the next older page."""

    found: tuple[Found, ...]
    marks: tuple[str, ...]
    older: str
    problem: str = ""
    is_whole: bool = True

    def is_known(self, known: set[str]) -> bool:
        """Whether older pages were read before: an old entry at the top may be pinned, or edited, and tells nothing."""
        return bool(self.marks) and (self.marks[-1] in known or known.issuperset(self.marks))


def list_feed(source: Source, asking: Asking) -> Listing:
    """What the source's feeds hold: the newest documents only, so that none is gone for not being in it.

    Raises FetchError when no feed of the source could be read.
    """
    found: list[Found] = []
    problems: list[str] = []
    failures = 0
    chosen_by = digest(*source.include, "", *source.exclude)
    before = asking.memory if asking.memory.get("chosen_by") == chosen_by else {}
    newest, unread = dict(before.get("newest", {})), dict(before.get("unread", {}))
    for url in source.urls:
        known = set(newest.get(url, ()))
        try:
            first, older = _read(source, asking, url, known, found, problems)
        except FetchError as error:
            problems.append(str(error))
            failures += 1
            continue
        newest[url] = list(first)
        begin, unread[url] = unread.get(url, ""), older
        if begin and not older:
            unread[url] = _read_on(source, asking, begin, found, problems)
        if unread[url]:
            problems.append(f"{url} has more than {_MOST_PAGES} pages: the next refresh goes on with the older ones")
    if failures == len(source.urls) and not found:
        raise FetchError("; ".join(problems), "", "open the feed in a browser; mend or remove its address")
    once, more = without_doubles(found, source)
    noted = {
        "chosen_by": chosen_by,
        "newest": {url: newest[url] for url in source.urls if url in newest},
        "unread": {url: unread[url] for url in source.urls if unread.get(url)},
    }
    # What was cut off has to be read again when more may be listed.
    memory = {} if is_cut(found, source) else noted
    return Listing(once, is_complete=False, problems=(*problems, *more), memory=memory)


def _read(
    source: Source, asking: Asking, url: str, known: set[str], found: list[Found], problems: list[str]
) -> tuple[tuple[str, ...], str]:
    """(The marks of the first page, the older page to go on with next time); what is listed is added to ``found``.

    Pages are read until one was known before. FetchError where one cannot be read, or broke off.
    """
    first, seen = tuple[str, ...](), set[str]()
    while url and url not in seen:
        if len(seen) == _MOST_PAGES:
            return first, url
        page = _page(source, asking, url)
        found += page.found
        if not page.is_whole:
            raise FetchError(page.problem, url, "the next refresh tries again")
        problems += [f"{url} {page.problem}"] if page.problem else []
        first = first if seen else page.marks
        if page.is_known(known):
            break
        seen.add(url)
        url = page.older
    return first, ""


def _read_on(source: Source, asking: Asking, url: str, found: list[Found], problems: list[str]) -> str:
    """The older page to go on with next time, after those from ``url`` on; "" when all are read, or none is there."""
    try:
        return _read(source, asking, url, set(), found, problems)[1]
    except FetchError as error:
        problems.append(str(error))
        return "" if isinstance(error, GoneError) else url


def _page(source: Source, asking: Asking, url: str) -> _Page:
    import feedparser  # takes a fifth of a second to load

    content, final_url = asking.web.read(url, is_internal=source.is_internal)
    # A stream: of a string the parser would think that it may be an address, and fetch it.
    feed = feedparser.parse(io.BytesIO(content), response_headers={"content-location": final_url})
    is_broken = isinstance(feed.get("bozo_exception"), SAXException)
    if not feed.entries and (is_broken or not feed.version):
        raise FetchError("is no RSS or Atom feed", url, "open it in a browser; mend or remove its address")
    entries = [entry for entry in feed.entries if entry]
    # Dublin Core's date of an RSS item is its publication; the parser takes it for a change.
    is_dublin_core = feed.version.startswith("rss") and not _CHANGE.search(content)
    found = tuple(one for entry in entries for one in _found(source, entry, is_dublin_core))
    links = {str(link.get("rel")): str(link.get("href", "")) for link in reversed(feed.feed.get("links", ()))}
    older = links.get("next") or links.get("prev-archive") or ""
    is_whole = not is_broken or _END.search(content[-4096:]) is not None
    problem = _problem(content, len(entries), is_whole) if is_broken else ""
    return _Page(found, tuple(digest(_mark(entry)) for entry in entries), older, problem, is_whole)


def _problem(content: bytes, entries: int, is_whole: bool) -> str:
    """What a feed lost that is not well formed; "" where it lost nothing: a bare & does no harm."""
    begun = len(_BEGIN.findall(content))
    if not is_whole:
        return "broke off; what came of it is taken"
    return f"is not well formed: of {begun} entries {entries} could be read" if entries < begun else ""


def _link(entry: Any) -> str:
    return with_small_scheme(str(entry.get("link") or "") or str(entry.get("id") or ""))


def _mark(entry: Any) -> str:
    """By what an entry is known again; it is noted as a digest, for an address may name a person."""
    return canonical(_link(entry)) or _link(entry) or str(entry.get("title") or "")


def _found(source: Source, entry: Any, is_dublin_core: bool) -> Iterator[Found]:
    enclosed = [
        with_small_scheme(str(one.get("href") or "")) for one in entry.get("enclosures", ()) if _is_document(one)
    ]
    # Of the dictionary itself: the parser would let the day of publication stand in, which says nothing of changes.
    changed, stated = (str(dict.get(entry, name) or "") for name in ("updated", "published"))
    if is_dublin_core:
        changed, stated = "", stated or changed
    day = _day(stated)
    fingerprint, evidence = f"feed {changed}" if changed else "", f"feed: {stated}" if day else ""
    locations = [one for one in (_link(entry), *enclosed) if canonical(one)]
    for location in locations or [_mark(entry)]:  # one without address is listed, so that it is said
        if not locations or is_chosen(location, source):
            yield Found(source.id, canonical(location), location, fingerprint, day, evidence)


def _is_document(enclosure: Any) -> bool:
    try:
        path = urlsplit(str(enclosure.get("href") or "")).path
    except ValueError:  # brackets that hold no IPv6 address
        return False
    return enclosure.get("type") in _TYPES or path.lower().endswith(_ENDINGS)


def _day(stated: str) -> str:
    """The ISO day on the publisher's own clock, or the month or year, that the words state; "" where they state none.

    The parser of feeds tells all days in UTC, and reads days into numbers that are none.
    """
    stated = stated.strip()
    if stated.isdecimal() and len(stated) not in (4, 8):  # seconds since 1970, of which the parsers make other days
        return iso_day(stated[:8]) if len(stated) == 14 else ""
    words = _BUDDHIST_YEAR.sub(lambda found: str(int(found[0]) - _BUDDHIST_ERA), stated)
    if day := iso_day(words):
        return day
    try:
        return parsedate_to_datetime(words).date().isoformat()
    except (ValueError, OverflowError):
        days = {found.value for found in find_dates(words)}
        return days.pop() if len(days) == 1 else ""


KIND = Kind(
    ("urls", "include", "exclude", "most"), list_feed, is_growing=True, asks_network=True, revisit_days=30
)  # fmt: skip
