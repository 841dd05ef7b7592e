"""What a kind of source is given to ask a site with."""

import time
from datetime import date

import pytest

from ascn_nlp.fetch import Limits
from ascn_nlp.fetch.web import Fetcher
from ascn_nlp.records import Source
from ascn_nlp.sources import Asking
from ascn_nlp.sources.table import list_documents

TODAY = date(2024, 6, 15)


@pytest.fixture
def web(tmp_path):
    """A fetcher that waits for nothing; ``web.slept`` are the seconds that it would have waited."""
    slept = []

    def clock():
        return time.monotonic() + sum(slept)

    one = Fetcher(tmp_path / "incoming", "", Limits(per_minute=600_000, tries=2), slept.append, clock)
    one.slept = slept
    yield one
    one.close()


@pytest.fixture
def listed(site, web, tmp_path):
    """``listed(kind="feed", urls=[...], memory={...})`` is the listing of such a source; "/x" is a page of the site."""

    def listed(memory=None, today=TODAY, **values):
        values["urls"] = tuple(site.base + url if url.startswith("/") else url for url in values.get("urls", ()))
        about = {"id": "s", "publisher": "p", "genre": "news", "why": "w", "is_internal": True}
        return list_documents(Source(**{**about, **values}), Asking(tmp_path, web, today, memory or {}))

    return listed
