"""What a site lets programs fetch: robots.txt (RFC 9309), closed where it cannot be had."""

from __future__ import annotations

import codecs
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import protego

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.errors import GoneError, HeldError, PassingFetchError, StoppedError

# The name that a site's keeper would write rules for.
PRODUCT = "ascn-nlp"
# RFC 9309, 2.5: so much is read, and what comes after it is not; and 2.4: no longer than a day is it believed. A run is
# shorter.
MAX_BYTES = 512 * 1024
LIFE = 3600.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one site. ``closed`` is why nothing may be fetched from it, "" where something may."""

    parsed: protego.Protego | None = None
    closed: str = ""
    may_pass: bool = False

    @property
    def gap(self) -> float:
        """Seconds that the site wants between two requests."""
        return float((self.parsed and self.parsed.crawl_delay(PRODUCT)) or 0.0)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the site names, in its order."""
        return tuple(self.parsed.sitemaps) if self.parsed else ()

    def require(self, url: str) -> None:
        """Raise FetchError, HeldError where another day may be better, unless the page may be fetched."""
        if self.closed:
            kind = HeldError if self.may_pass else FetchError  # asking again at once would bring nothing else
            remedy = "the next refresh asks again; or ask the site's keeper" if self.may_pass else _ASK
            raise kind(f"nothing is fetched from this site: {self.closed}", url, remedy)
        if self.parsed is not None and not self.parsed.can_fetch(url, PRODUCT):
            raise FetchError("the site's robots.txt forbids programs to fetch it", url, _ASK)


_ASK = "save the page by hand into a folder that is a source, or ask the site's keeper"


class Robots:
    """The rules of sites, each asked for once an hour. ``read`` gives (status, text) of an address."""

    def __init__(self, read: Callable[[str], tuple[int, bytes]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._known: dict[str, tuple[float, Rules]] = {}
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def rules_for(self, url: str) -> Rules:
        """The rules of the site that an address belongs to."""
        site = site_of(url)
        with self._lock:
            asking = self._asking.setdefault(site, threading.Lock())
        with asking:  # of many threads one asks, and the others wait for what it is told
            at, rules = self._known.get(site, (0.0, None))
            if rules is None or self._clock() - at > LIFE:
                rules = self._ask(site)
                self._known[site] = (self._clock(), rules)
            return rules

    def _ask(self, site: str) -> Rules:
        try:
            status, text = self._read(f"{site}/robots.txt")
        except (PassingFetchError, GoneError) as error:
            if isinstance(error, GoneError | HeldError | StoppedError):
                raise  # there is no such site, or it asks to be left alone: that is what is to be told, not this
            return Rules(closed=f"its robots.txt cannot be had ({error.what})", may_pass=True)
        except FetchError as error:
            if error.where == urlsplit(site).hostname:
                raise  # the host itself may not be asked
            return Rules(closed=f"its robots.txt cannot be had ({error.what})")
        if status == 200:
            # RFC 9309 wants UTF-8; read as that, another encoding would look like a file without rules.
            is_wide = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            if b"\0" in text and not is_wide:
                return Rules(closed="its robots.txt is no text", may_pass=True)
            encoding = "utf-16" if is_wide else "utf-8-sig"
            return Rules(protego.Protego.parse(text[:MAX_BYTES].decode(encoding, "replace")))
        if status in (401, 403):
            # RFC 9309 would let us in. A site that forbids even this file hardly means it so.
            return Rules(closed=f"it forbids programs its robots.txt ({status})")
        if status == 429 or status >= 500 or status < 400:
            return Rules(closed=f"its robots.txt cannot be had ({status})", may_pass=True)
        return Rules()  # it has none: everything may be fetched


def site_of(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
