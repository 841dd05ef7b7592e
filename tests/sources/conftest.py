"""A site on loopback whose pages a test writes, and what a kind of source is given to ask it with."""

import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ascn_nlp.fetch import Fetcher, Limits
from ascn_nlp.records import Source
from ascn_nlp.sources import Asking
from ascn_nlp.sources.table import list_documents

TODAY = date(2024, 6, 15)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path, self.server.pages.get(path, 404))
        page = page(query) if callable(page) else page
        status, body = (page, b"") if isinstance(page, int) else (200, page)
        body = body.encode() if isinstance(body, str) else body
        body = body.replace(b"{base}", self.server.base.encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def _server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def site(_server, monkeypatch):
    """``site.pages["/feed"] = "<rss>..."``: {base} in a page is the site's address; a number is a status."""
    monkeypatch.setenv("NO_PROXY", "*")
    _server.pages, _server.asked = {}, []
    _server.base = f"http://127.0.0.1:{_server.server_address[1]}"
    return _server


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
