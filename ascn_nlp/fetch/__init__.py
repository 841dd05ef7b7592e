"""Gets the bytes of documents, from folders and over HTTP. Everything that this package asks of the network is here.

``web`` asks (retries, redirects, caps, resuming) by way of ``guard`` (which hosts may be asked), ``robots`` (which
pages) and ``pace`` (how often); ``archive`` finds copies of pages that are gone. The HTTP library takes half a second
to load: import ``fetch.web.Fetcher`` where there is something to ask.
"""

from __future__ import annotations

from ascn_nlp.fetch.errors import GoneError, PassingFetchError
from ascn_nlp.fetch.files import fetch_file
from ascn_nlp.fetch.limits import Limits, Validators

__all__ = ["GoneError", "Limits", "PassingFetchError", "Validators", "fetch_file"]
