"""RSS and Atom feeds, and the older pages of those that name them (RFC 5005)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any
from xml.sax import SAXException

from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import FetchError
from ascn_nlp.records import Found, Source, digest
from ascn_nlp.sources.listing import Asking, Kind, Listing, canonical, is_chosen, without_doubles

# Pages of one feed that are read: all of them once, then the newest until one holds what is known.
_MOST_PAGES = 100
_DOCUMENTS = ("application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")


def list_feed(source: Source, asking: Asking) -> Listing:
    """What the source's feeds hold: the newest documents only, so that none is gone for not being in it.

    Raises FetchError when no feed of the source could be read.
    """
    found: list[Found] = []
    problems: list[str] = []
    newest = dict(asking.memory.get("newest", {}))
    for url in source.urls:
        known, first = set(newest.get(url, ())), None
        try:
            for items in _pages(source, asking, url, problems):
                found += items
                first = items if first is None else first
                if any(digest(one.address) in known for one in items):
                    break  # what is older was read the last time
        except FetchError as error:
            problems.append(str(error))
        else:
            newest[url] = [digest(one.address) for one in first or ()]  # an address may name a person
    if problems and len(problems) == len(source.urls) and not found:
        raise FetchError("; ".join(problems), "", "open the feed in a browser; mend or remove its address")
    once, more = without_doubles(found, source)
    memory = {"newest": {url: newest[url] for url in source.urls if url in newest}}
    return Listing(once, is_complete=False, problems=(*problems, *more), memory=memory)


def _pages(source: Source, asking: Asking, url: str, problems: list[str]) -> Iterator[list[Found]]:
    import feedparser  # takes a fifth of a second to load

    seen: set[str] = set()
    begin = url
    while url and url not in seen:
        if len(seen) == _MOST_PAGES:
            problems.append(f"{begin} has more than {_MOST_PAGES} pages, of which the newest are read")
            return
        seen.add(url)
        content, final_url = asking.web.read(url, is_internal=source.is_internal)
        # A stream: of a string the parser would think that it may be an address, and fetch it.
        feed = feedparser.parse(io.BytesIO(content), response_headers={"content-location": final_url})
        is_broken = isinstance(feed.get("bozo_exception"), SAXException)
        if not feed.entries and (is_broken or not feed.version):
            raise FetchError("is no RSS or Atom feed", url, "open it in a browser; mend or remove its address")
        yield [one for entry in feed.entries for one in _found(source, entry)]
        url = next((str(link.get("href", "")) for link in feed.feed.get("links", ()) if link.get("rel") == "next"), "")


def _found(source: Source, entry: Any) -> Iterator[Found]:
    link = str(entry.get("link") or "") or str(entry.get("id") or "")
    enclosed = [str(one.get("href") or "") for one in entry.get("enclosures", ()) if one.get("type") in _DOCUMENTS]
    day, stated = _day(entry, "published")
    # Of the dictionary itself: the parser would let the day of publication stand in, which says nothing of changes.
    changed = str(dict.get(entry, "updated") or "")
    for address in (link, *enclosed):
        if is_web_address(address) and is_chosen(address, source):
            fingerprint = f"feed {changed}" if changed else ""
            evidence = f"feed: {stated}" if day else ""
            yield Found(source.id, canonical(address), address, fingerprint, day, evidence)


def _day(entry: Any, name: str) -> tuple[str, str]:
    """(ISO day, the words that state it); ("", "") where the entry has none or one that is no date."""
    parsed = entry.get(f"{name}_parsed")
    if not isinstance(parsed, time.struct_time):
        return "", ""
    return "{:04}-{:02}-{:02}".format(*parsed[:3]), str(entry.get(name, ""))


KIND = Kind(
    ("urls", "include", "exclude", "most"), list_feed, is_growing=True, asks_network=True, revisit_days=30
)  # fmt: skip
