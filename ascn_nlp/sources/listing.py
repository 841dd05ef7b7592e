"""What every kind of source has in common: what it is given, and what it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from ascn_nlp.records import Found, Source

_SCHEME = re.compile(r"\Ahttps?(?=://)", re.IGNORECASE)
# A source that lists more new documents than this at once is more likely too wide than so rich; `most` raises it.
MOST = 10_000


class Web(Protocol):
    """What a kind of source may ask of the network; ``fetch.Fetcher`` does it."""

    def read(
        self, url: str, *, is_internal: bool = False, gap: float = 0.0, heeds_robots: bool = True
    ) -> tuple[bytes, str]:
        """(content, its final address); FetchError when it cannot be had."""
        ...

    def sitemaps(self, url: str, *, is_internal: bool = False) -> tuple[str, ...]:
        """The sitemaps that a site's robots.txt names; FetchError when the site cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What a kind of source is given: the folder of its table, the network, the day, and what it noted last time."""

    base: Path
    web: Web
    today: date
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source lists now. Where it ``is_complete``, what is not in it is gone from the source.

    ``problems`` say which parts could not be asked; ``memory`` is what the kind wants to know next time (plain values).
    """

    found: tuple[Found, ...]
    is_complete: bool
    problems: tuple[str, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: the keys that only it has a use for, the first of them needed, and how it lists."""

    keys: tuple[str, ...]
    list: Callable[[Source, Asking], Listing]
    is_growing: bool  # it lists what is new, so that nothing new for long is remarkable
    asks_network: bool  # to list; not whether its documents are fetched from there
    revisit_days: int  # a page is asked for again after so many, unless its source says that it has changed


# Parameters that tell who sent a visitor, and nothing of the page.
_TRACKER = re.compile(r"(?:utm_\w+|mtm_\w+|pk_\w+|fbclid|gclid|dclid|yclid|msclkid|mc_[ce]id|igshid)=", re.IGNORECASE)
_PORTS = {"http": ":80", "https": ":443"}


def canonical(url: str) -> str:
    """The address by which a page is known: without fragment, default port, and what tells who sent a visitor.

    "" for what is no address that could be asked for.
    """
    try:
        url.encode()
        parts = urlsplit(url.strip())
        host = parts.netloc.lower().removesuffix(_PORTS[parts.scheme])
        if not parts.hostname:
            return ""
    except (ValueError, KeyError):
        return ""
    query = "&".join(part for part in parts.query.split("&") if not _TRACKER.match(part))
    return urlunsplit((parts.scheme, host, parts.path or "/", query, ""))


def is_chosen(url: str, source: Source) -> bool:
    """Whether the source's patterns choose an address: any of ``include`` (none: all), and none of ``exclude``."""
    if source.include and not any(fnmatchcase(url, pattern) for pattern in source.include):
        return False
    return not any(fnmatchcase(url, pattern) for pattern in source.exclude)


def without_doubles(found: Sequence[Found], source: Source) -> tuple[tuple[Found, ...], tuple[str, ...]]:
    """(at most as many as the source may list, each address once; a line for each way in which some are left out)."""
    most, lines = source.most or MOST, []
    usable = [one for one in found if one.address]
    if len(usable) < len(found):
        example = next(one.location for one in found if not one.address)[:200]
        lines.append(f"{len(found) - len(usable)} entries have no address that can be asked for, such as {example!r}")
    first: dict[str, Found] = {}
    for one in usable:
        first.setdefault(one.address, one)
    once = list(first.values())
    if len(once) > most:
        lines.append(f"lists {len(once)} documents, of which {most} are taken: narrow it with include, or raise most")
    return tuple(once[:most]), tuple(lines)


def is_cut(found: Sequence[Found], source: Source) -> bool:
    """Whether these are more documents than the source may list."""
    return len({one.address for one in found if one.address}) > (source.most or MOST)


def with_small_scheme(url: str) -> str:
    """The address with http or https in small letters, by which addresses are told from files."""
    return _SCHEME.sub(lambda found: found[0].lower(), url.strip())


def iso_day(value: str) -> str:
    """The ISO day, on its own clock, of a time in W3C or ISO form; a month or year as it is; "" for what is none."""
    try:
        when = datetime.fromisoformat(value.strip())
        return when.date().isoformat() if when.year > 1 else ""  # programs write year 1 for none
    except ValueError:
        return value.strip() if _is_partial(value.strip()) else ""


def _is_partial(value: str) -> bool:
    """Whether it is a year or a month, as the W3C form allows: 2021, 2021-03."""
    return re.fullmatch(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?", value) is not None
