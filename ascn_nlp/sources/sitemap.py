"""Sitemaps (sitemaps.org), with their indexes, and Google's dates of news in them."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import FetchError
from ascn_nlp.records import Found, Source, digest
from ascn_nlp.sources.listing import MOST, Asking, Kind, Listing, canonical, is_chosen, iso_day, without_doubles

# The protocol's own limits are 50,000 addresses and 50 MB a file; an index of indexes is not allowed, and occurs.
_MOST_FILES = 500
_MOST_BYTES = 50 * 2**20
_USUAL = "/sitemap.xml"


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a sitemap says of one page, or of one sitemap where it is an index."""

    address: str
    changed: str = ""
    published: str = ""
    is_sitemap: bool = False


def list_sitemap(source: Source, asking: Asking) -> Listing:
    """The pages that the source's sitemaps name and its patterns choose.

    A sitemap that an index says is as it was last time is not read again; then the listing is not complete. Of a site's
    front page the sitemaps are meant that its robots.txt names. Raises FetchError when none of them could be read.
    """
    found: list[Found] = []
    problems: list[str] = []
    chosen_by = digest(*source.include, "", *source.exclude)
    before = dict(asking.memory["changed"]) if asking.memory.get("chosen_by") == chosen_by else {}
    changed: dict[str, str] = {}
    is_complete, read = True, 0
    yesterday = (asking.today - timedelta(days=1)).isoformat()
    waiting = deque(_Entry(url) for url in _start(source, asking, problems))
    known = {entry.address for entry in waiting}
    while waiting:
        entry = waiting.popleft()
        if entry.changed and before.get(entry.address) == entry.changed:
            changed[entry.address] = entry.changed
            is_complete = False
            continue
        if read >= _MOST_FILES:
            problems.append(f"names more than {_MOST_FILES} sitemaps, of which the first are read")
            is_complete = False
            break
        read += 1
        try:
            content, final_url = asking.web.read(entry.address, is_internal=source.is_internal)
            entries = list(_entries(content, entry.address, final_url))
        except FetchError as error:
            problems.append(str(error))
            is_complete = False
            continue
        if not _is_whole(content):
            problems.append(f"{entry.address} broke off; what came of it is taken")
            is_complete = False
        elif entry.changed and iso_day(entry.changed) < yesterday:  # a day's sitemap may still grow
            changed[entry.address] = entry.changed
        for one in entries:
            if one.is_sitemap and one.address not in known:
                known.add(one.address)
                waiting.append(one)
        found += [_found(source, one) for one in entries if not one.is_sitemap and is_chosen(one.address, source)]
        if len(found) > 2 * (source.most or MOST):
            break  # more than may be listed, doubles aside; it is said below
    if problems and not found and not any(address in before for address in changed):
        raise FetchError("; ".join(problems), "", f"mend `urls` of source {source.id}")
    once, more = without_doubles(found, source)
    memory = {} if more else {"chosen_by": chosen_by, "changed": changed}
    return Listing(once, is_complete and not more, (*problems, *more), memory)


def _start(source: Source, asking: Asking, problems: list[str]) -> Iterator[str]:
    for url in source.urls:
        if urlsplit(url).path not in ("", "/"):
            yield url
            continue
        try:
            named = asking.web.sitemaps(url, is_internal=source.is_internal) or (_USUAL,)
            yield from (urljoin(url, one) for one in named)
        except FetchError as error:
            problems.append(str(error))


def _entries(content: bytes, url: str, final_url: str) -> Iterator[_Entry]:
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content, url)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        yield from _lines(content, url)
        return
    is_sitemap = False
    kinds = ("{*}urlset", "{*}sitemapindex", "{*}url", "{*}sitemap", "{*}html", "{*}rss", "{*}feed")
    events = etree.iterparse(
        io.BytesIO(content), ("end",), tag=kinds, resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    try:
        for _, element in events:
            name = etree.QName(element).localname
            is_sitemap = is_sitemap or name in ("urlset", "sitemapindex", "url", "sitemap")
            if name in ("url", "sitemap") and (entry := _entry(element, final_url)):
                yield entry
            element.clear()
            while element.getprevious() is not None:  # what was read is let go, so that memory stays flat
                del element.getparent()[0]
    except etree.LxmlError as error:
        raise FetchError(f"is damaged: {error}", url, "the next refresh tries again") from error
    if not is_sitemap:
        raise FetchError("is no sitemap", url, "open it in a browser; mend or remove its address")


def _entry(element: etree._Element, base: str) -> _Entry | None:
    values: dict[str, str] = {}
    for child in sorted(element.iter(), key=lambda one: one.getparent() is not element):  # pictures have a loc too
        if isinstance(child.tag, str) and child.text and child.text.strip():
            values.setdefault(etree.QName(child).localname, child.text.strip())
    if "loc" not in values:
        return None
    try:
        address = urljoin(base, values["loc"])
    except ValueError:  # brackets that hold no IPv6 address
        address = values["loc"]
    is_sitemap = etree.QName(element).localname == "sitemap"
    return _Entry(address, values.get("lastmod", ""), values.get("publication_date", ""), is_sitemap)


def _is_whole(content: bytes) -> bool:
    """Whether a sitemap in XML has its end; one in plain text or packed cannot be told by looking."""
    is_xml = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return not is_xml or re.search(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>", content[-4096:]) is not None


def _lines(content: bytes, url: str) -> Iterator[_Entry]:
    """Entries of a sitemap in plain text: an address a line."""
    lines = [line.strip() for line in content.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not lines or not all(is_web_address(line) for line in lines):
        raise FetchError("is no sitemap", url, "open it in a browser; mend or remove its address")
    yield from map(_Entry, lines)


def _unpacked(content: bytes, url: str) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            plain = file.read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FetchError(f"is damaged: it cannot be unpacked ({error})", url, "the next refresh tries again") from error
    if len(plain) > _MOST_BYTES:
        raise FetchError(f"is larger than {_MOST_BYTES >> 20} MB unpacked", url, "name smaller sitemaps in `urls`")
    return plain


def _found(source: Source, entry: _Entry) -> Found:
    day = iso_day(entry.published)
    evidence = f"sitemap: {entry.published}" if day else ""
    fingerprint = f"sitemap {entry.changed}" if entry.changed else ""
    return Found(source.id, canonical(entry.address), entry.address, fingerprint, day, evidence)


KIND = Kind(
    ("urls", "include", "exclude", "most"), list_sitemap, is_growing=True, asks_network=True, revisit_days=30
)  # fmt: skip
