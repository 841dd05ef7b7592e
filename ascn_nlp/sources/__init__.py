"""Where documents come from: the table of sources, and what each kind of source lists.

One module a kind: its ``KIND`` names the keys it takes and the function that lists. A new kind is a module and a line
in ``KINDS``; ``tests/sources/test_kinds.py`` holds all of them to the same contract.
"""

from __future__ import annotations

from ascn_nlp.sources import feed, folder, gdelt, sitemap, urls
from ascn_nlp.sources.listing import Asking, Kind, Listing, Web

KINDS: dict[str, Kind] = {
    "folder": folder.KIND,
    "urls": urls.KIND,
    "feed": feed.KIND,
    "sitemap": sitemap.KIND,
    "gdelt": gdelt.KIND,
}

__all__ = ["KINDS", "Asking", "Kind", "Listing", "Web"]
