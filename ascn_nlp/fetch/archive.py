"""Copies of pages in a web archive, found by the CDX protocol that the Wayback Machine and pywb speak.

https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server: ``/cdx/search/cdx`` lists captures, and
``/web/<timestamp>id_/<address>`` gives one as it was stored, without the archive's own frame around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.errors import PassingFetchError

# The archive asks for no more than that; seconds between two requests.
GAP = 4.0
# The newest of these that can be had is taken.
COPIES = 3
# "-" stands for a copy that was as the one before it, kept as a mention of that (warc/revisit). It is asked for on its
# own: the Wayback Machine takes a filter for a regular expression, pywb for a part of the value.
_STATUS = ("200", "-")
_SERVED = re.compile(r"/web/(\d{14})(?:id_)?/(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Copy:
    """One capture: when (14 digits, UTC), and of which address."""

    timestamp: str
    original: str

    def address(self, base: str, is_bare: bool = False) -> str:
        """Where a person finds it; ``is_bare``: where its bytes are, as they were."""
        return f"{base.rstrip('/')}/web/{self.timestamp}{'id_' if is_bare else ''}/{self.original}"

    def is_within(self, since: str, until: str) -> bool:
        """Whether it was made in these years, months or days; "" sets no limit."""
        first, last = since.replace("-", ""), until.replace("-", "")
        return first <= self.timestamp[: len(first)] and self.timestamp[: len(last)] <= last


def find_copies(read: Callable[[str], bytes], base: str, url: str, since: str = "", until: str = "") -> list[Copy]:
    """Captures of an address that hold the page, newest first, of the years or days since and until.

    Where all that the archive has of them are mentions of an earlier, equal capture, these are given.
    ``read`` fetches an address of the archive. Raises FetchError when the archive does not answer as it should.
    """
    for status in _STATUS:
        if copies := _listed(read, base, url, since, until, status):
            return copies
    return []


def _listed(read: Callable[[str], bytes], base: str, url: str, since: str, until: str, status: str) -> list[Copy]:
    filtered = {"filter": f"statuscode:{status}", "limit": -COPIES}
    asked = {"url": url, "output": "json", "fl": "timestamp,original", **filtered}
    times = {name: day.replace("-", "") for name, day in (("from", since), ("to", until)) if day}
    query = f"{base.rstrip('/')}/cdx/search/cdx?{urlencode({**asked, **times})}"
    answer = read(query)
    try:
        rows = json.loads(answer or b"[]")
        copies = [Copy(str(timestamp), str(original)) for timestamp, original in rows[1:]]
    except (ValueError, TypeError) as error:
        what = "the web archive's list of copies is not understood"
        raise PassingFetchError(what, query, "the next refresh tries again") from error
    whole = [copy for copy in copies if copy.timestamp.isdecimal() and len(copy.timestamp) == 14]
    return sorted(whole, key=lambda copy: copy.timestamp, reverse=True)


def served_copy(final_url: str, asked: Copy) -> Copy:
    """The capture that an archive really gave, told by its last address: it leads to another where it lacks one."""
    found = _SERVED.search(final_url)
    return Copy(found[1], found[2]) if found else asked


# How the address of a page's state in some year is written: a fragment, which no page's own address keeps.
_YEAR = "#archived-"


def in_year(url: str, year: int) -> str:
    """The address of the state that a page had in a year."""
    return f"{url}{_YEAR}{year}"


def asked_year(location: str) -> tuple[str, str]:
    """(the page's address, the year that its state is asked of); the year is "" for the page as it is."""
    url, _, year = location.partition(_YEAR)
    return url, year


def captured_day(archived_url: str) -> str:
    """The ISO day on which a copy was made, told by its address; "" for what is no copy."""
    found = re.search(r"/web/(\d{4})(\d\d)(\d\d)\d{6}(?:id_)?/", archived_url)
    return "-".join(found.groups()) if found else ""


def no_copy(url: str, year: str) -> FetchError:
    """The error about a page that the archive has no copy of, in that year if there is one, else in any."""
    return FetchError(f"the web archive has no copy of {year or 'it'}", url, "mend or remove the address")
