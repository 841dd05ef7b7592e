"""Sitemaps (sitemaps.org), with their indexes, and Google's dates of news in them."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]

from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import FetchError
from ascn_nlp.records import Found, Source, digest
from ascn_nlp.sources.listing import (
    MOST,
    Asking,
    Kind,
    Listing,
    canonical,
    is_chosen,
    iso_day,
    with_small_scheme,
    without_doubles,
)

# The protocol's own limits are 50,000 addresses and 50 MB a file; an index of indexes is not allowed, and occurs.
_MOST_FILES = 500
_MOST_BYTES = 50 * 2**20
_USUAL = "/sitemap.xml"
# A & that begins none of the entities of XML, as in addresses that were not escaped; in CDATA it stands for itself.
_AMPERSAND = re.compile(rb"(<!\[CDATA\[.*?(?:\]\]>|\Z))|&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)", re.DOTALL)
_END = re.compile(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>")
# How UTF-16 begins: by its mark, or with < where it has none.
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


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
    yesterday = (asking.today - timedelta(days=1)).isoformat()
    waiting = deque(_Entry(url) for url in _start(source, asking, problems))
    is_complete, read = not problems, 0
    known, listed = {entry.address for entry in waiting}, set[str]()
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
            entries, fault = _entries(content, entry.address, final_url)
        except FetchError as error:
            problems.append(str(error))
            is_complete = False
            continue
        if fault:
            problems.append(f"{entry.address} {fault}")
            is_complete = False
        elif entry.changed and iso_day(entry.changed) < yesterday:  # a day's sitemap may still grow
            changed[entry.address] = entry.changed
        for one in entries:
            if one.is_sitemap and one.address not in known:
                known.add(one.address)
                waiting.append(one)
        found += _chosen(source, entries, listed)
        if len(listed) > (source.most or MOST):
            break  # it is said below
    if problems and not found and not any(address in before for address in changed):
        raise FetchError("; ".join(problems), "", f"mend `urls` of source {source.id}")
    once, more = without_doubles(found, source)
    memory = {} if more else {"chosen_by": chosen_by, "changed": changed}
    return Listing(once, is_complete and not more, (*problems, *more), memory)


def _chosen(source: Source, entries: Iterable[_Entry], listed: set[str]) -> Iterator[Found]:
    """The pages of a sitemap that are chosen and not yet ``listed``; their addresses are added to these."""
    for entry in entries:
        if not entry.is_sitemap and is_chosen(entry.address, source):
            item = _found(source, entry)
            if item.address not in listed:
                yield item
            if item.address:
                listed.add(item.address)


def _start(source: Source, asking: Asking, problems: list[str]) -> Iterator[str]:
    for url in source.urls:
        if urlsplit(url).path not in ("", "/"):
            yield url
            continue
        try:
            named = asking.web.sitemaps(url, is_internal=source.is_internal) or (_USUAL,)
        except FetchError as error:
            problems.append(str(error))
            continue
        for one in named:
            try:
                yield urljoin(url, one)
            except ValueError:  # brackets that hold no IPv6 address
                problems.append(f"robots.txt of {url} names a sitemap by what is no address: {one[:200]!r}")


def _entries(content: bytes, url: str, final_url: str) -> tuple[list[_Entry], str]:
    """What a sitemap names, and what of it could not be read ("": nothing). FetchError where it is none."""
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content, url)
    content = _in_utf8(content)
    if not content.startswith(b"<"):
        return list(_lines(content, url)), ""
    entries, is_sitemap = [], False
    kinds = ("{*}urlset", "{*}sitemapindex", "{*}url", "{*}sitemap", "{*}html", "{*}rss", "{*}feed")
    stream = io.BytesIO(_AMPERSAND.sub(lambda found: found[1] or b"&amp;", content))
    events = etree.iterparse(
        stream, ("end",), tag=kinds, resolve_entities=False, no_network=True, load_dtd=False, recover=True
    )
    try:
        for _, element in events:
            name = _name(element)
            is_sitemap = is_sitemap or name in ("urlset", "sitemapindex", "url", "sitemap")
            if name in ("url", "sitemap") and (entry := _entry(element, final_url)):
                entries.append(entry)
            element.clear()
            while element.getprevious() is not None:  # what was read is let go, so that memory stays flat
                del element.getparent()[0]
    except etree.LxmlError as error:
        raise FetchError(f"is damaged: {error}", url, "the next refresh tries again") from error
    if not is_sitemap:
        raise FetchError("is no sitemap", url, "open it in a browser; mend or remove its address")
    if not _END.search(content[-4096:]):
        return entries, "broke off; what came of it is taken"
    fatal = [one.line for one in events.error_log if one.level == etree.ErrorLevels.FATAL]
    return entries, f"is not well formed (line {fatal[0]}); what could be read is taken" if fatal else ""


def _in_utf8(content: bytes) -> bytes:
    """A sitemap in UTF-8, from its first sign on; what was in UTF-16 loses the line that says so."""
    for start, encoding in _WIDE.items():
        if content.startswith(start):
            text = content.decode(encoding, "replace")
            content = re.sub(r"^\s*<\?xml[^>]*>", "", text.lstrip("\ufeff")).encode("utf-8", "replace")
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")


def _name(element: etree._Element) -> str:
    """The name of an element without its prefix, declared or not."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _entry(element: etree._Element, base: str) -> _Entry | None:
    values: dict[str, str] = {}
    for child in sorted(element.iter(), key=lambda one: one.getparent() is not element):
        is_own = child.getparent() is element
        if isinstance(child.tag, str) and child.text and child.text.strip() and (is_own or _name(child) != "loc"):
            values.setdefault(_name(child), child.text.strip())
    if "loc" not in values:  # or only its pictures have one
        return None
    address = _absolute(values["loc"], base)
    return _Entry(address, values.get("lastmod", ""), values.get("publication_date", ""), _name(element) == "sitemap")


def _absolute(address: str, base: str) -> str:
    site = urlsplit(base)
    if address.split("/")[0].lower() == site.netloc.lower() or address.lower().startswith("www."):
        return f"{site.scheme}://{address}"
    try:
        return with_small_scheme(urljoin(base, address))
    except ValueError:  # brackets that hold no IPv6 address
        return address


def _lines(content: bytes, url: str) -> Iterator[_Entry]:
    """Entries of a sitemap in plain text: an address a line; what begins with # is a remark."""
    lines = [line.strip() for line in content.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
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
