"""A list of web addresses; with ``archive_years``, of the state they had in these years too."""

from __future__ import annotations

from urllib.parse import urldefrag

from ascn_nlp.fetch.archive import in_year
from ascn_nlp.records import Found, Source
from ascn_nlp.sources.listing import Asking, Kind, Listing


def list_urls(source: Source, _asking: Asking) -> Listing:
    """The addresses, each once, and for each the copies that are asked of the web archive."""
    found = []
    for address in dict.fromkeys(urldefrag(url).url for url in source.urls):
        found.append(Found(source.id, address, address))
        for year in source.archive_years:
            archived = in_year(address, year)
            found.append(Found(source.id, archived, archived, fingerprint=f"archived {year}"))
    return Listing(tuple(found), is_complete=True)


KIND = Kind(("urls", "archive_years"), list_urls, is_growing=False, asks_network=False, revisit_days=0)
