"""Where the bytes of a document came from: what its reader may take into account besides the bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ascn_nlp.addresses import is_web_address
from ascn_nlp.records import Source

# A front page in the address: /, /en/, /home, /th/index.html.
_FRONT = re.compile(r"/(?:[a-z]{2}(?:[-_][a-z]{2})?(?:/|$))?(?:(?:home|index|default)(?:\.\w{3,5})?/?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """A document's source and address, and how its bytes were had."""

    source: Source
    address: str
    declared_type: str = ""  # as the server said, with its charset
    final_url: str = ""
    fetched_at: str = ""  # ISO day
    last_modified: str = ""  # ISO day, as the server said
    listed: tuple[str, str, str] = ("", "", "")  # date, basis and evidence, as its source states them

    @property
    def url(self) -> str:
        """The web address it came from; "" for a file."""
        return next((each for each in (self.final_url, self.address) if is_web_address(each)), "")

    @property
    def is_front_page(self) -> bool:
        """Whether a page that is no site's front page led to one: so sites answer for what they no longer have."""
        asked, came = _path(self.address), _path(self.final_url)
        return bool(asked and came) and not _FRONT.fullmatch(asked) and _FRONT.fullmatch(came) is not None


def _path(url: str) -> str:
    """Path and query of a web address; "" for a file."""
    if not is_web_address(url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
