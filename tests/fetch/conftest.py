"""A server on loopback whose every path is a way a server may behave, and a fetcher that asks it."""

import gzip
import random
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ascn_nlp.fetch import Limits
from ascn_nlp.fetch.web import Fetcher

MEGABYTE = 2**20
LONG = random.Random(3).randbytes(3 * MEGABYTE)


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.seen.append((self.path, dict(self.headers), time.monotonic()))
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            name, _, rest = self.path.strip("/").partition("/")
            getattr(self, f"answer_{name.replace('.', '_').partition('?')[0]}")(rest)
        except OSError:
            pass  # the reader has gone
        finally:
            with self.server.lock:
                self.server.now -= 1

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def times(self) -> int:
        """How often this path has been asked for, this time included."""
        return sum(path == self.path for path, _, _ in self.server.seen)

    def answer_robots_txt(self, rest: str) -> None:
        status, body = self.server.robots.pop(0) if isinstance(self.server.robots, list) else self.server.robots
        if self.server.robots == []:
            self.server.robots = (404, b"")
        self.send(status, body, **({"Location": body.decode()} if status == 302 else {}))

    def answer_ok(self, rest: str) -> None:
        self.send(200, b"<p>words", Content_Type="Text/HTML; charset=utf-8", ETag='"1"')

    def answer_bare(self, rest: str) -> None:
        self.send(200, b"words")

    def answer_none(self, rest: str) -> None:
        self.send(200, b"")

    def answer_status(self, rest: str) -> None:
        self.send(int(rest))

    def answer_chain(self, rest: str) -> None:
        self.send(302, Location=f"/chain/{int(rest) - 1}" if int(rest) else "/ok")

    def answer_loop(self, rest: str) -> None:
        self.send(301, Location="/loop")

    def answer_away(self, rest: str) -> None:
        self.send(302, Location=rest)

    def answer_large(self, rest: str) -> None:
        self.send(200, b"x" * (MEGABYTE + 1))

    def answer_endless(self, rest: str) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"x" * 65536)

    def answer_bomb(self, rest: str) -> None:
        self.send(200, gzip.compress(b"x" * 200 * MEGABYTE), Content_Encoding="gzip")

    def answer_packed(self, rest: str) -> None:
        raw = zlib.compressobj(wbits=-15)
        bodies = {
            "gzip": gzip.compress(b"words" * 1000),
            "deflate": zlib.compress(b"words" * 1000),
            "bare": raw.compress(b"words" * 1000) + raw.flush(),
            "br": b"\x8b\x02\x80words\x03",
            "several": gzip.compress(b"words" * 400) + gzip.compress(b"words" * 600),
            "padded": gzip.compress(b"words" * 1000) + b"\0" * 8192,
            "long": gzip.compress(b"a" * 100_000) + b"\0" * 8192,
            "cut": gzip.compress(random.Random(1).randbytes(1000))[:500],
        }
        names = {"bare": "deflate", "cut": "gzip", "several": "gzip", "padded": "gzip", "long": "gzip"}
        self.send(200, bodies[rest], Content_Encoding=names.get(rest, rest))

    def answer_damaged(self, rest: str) -> None:
        self.send(200, b"this is not gzip", Content_Encoding="gzip")

    def answer_short(self, rest: str) -> None:
        self.send(200, b"half", Content_Length="100")
        self.close_connection = True

    def answer_drip(self, rest: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def answer_slowhead(self, rest: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(100):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)

    def answer_part(self, rest: str) -> None:
        """Breaks off at first; then gives the rest in pieces, or something else altogether."""
        asked, headers = self.headers.get("Range", ""), {"ETag": '"strong"', "Accept_Ranges": "bytes"}
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if rest == "other" and start:
            self.send(206, LONG[:100], Content_Range=f"bytes 0-99/{len(LONG)}", **headers)
            return
        if not start:
            self.send(200, LONG[:MEGABYTE], **{**headers, "Content-Length": str(len(LONG))})
            self.close_connection = True
            return
        end = min(start + MEGABYTE, len(LONG))
        self.send(206, LONG[start:end], Content_Range=f"bytes {start}-{end - 1}/{len(LONG)}", **headers)

    def answer_silence(self, rest: str) -> None:
        time.sleep(1.5)
        self.close_connection = True

    def answer_soon(self, rest: str) -> None:
        """Says 503, once or as often as the path asks, and then what was asked for."""
        times, _, seconds = rest.partition("/")
        if self.times() <= int(times):
            self.send(503, **({"Retry_After": seconds} if seconds else {}))
        else:
            self.send(200, b"words")

    def answer_known(self, rest: str) -> None:
        if self.headers.get("If-None-Match") == '"v1"' or self.headers.get("If-Modified-Since") == rest:
            self.send(304)
        else:
            self.send(200, b"words", ETag='"v1"')

    def answer_long(self, rest: str) -> None:
        """Three megabytes that break off twice; ranges are honoured as the path says."""
        headers = {"ETag": 'W/"weak"' if rest == "weak" else '"strong"', "Accept_Ranges": "bytes"}
        if rest == "none":
            headers = {}
        asked = self.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and rest != "none" else 0
        if rest == "changed" and asked:
            start = 0  # If-Range names a state that is no more
        body = LONG[start:]
        if rest == "gone" and asked:
            self.send(416)
            return
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(LONG) - 1}/{len(LONG)}"
        self.send_response(206 if start else 200)
        for key, value in {**headers, "Content_Length": str(len(body))}.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        if self.times() <= 2:
            self.wfile.write(body[:MEGABYTE])
            self.close_connection = True
        else:
            self.wfile.write(body)

    def answer_report_pdf(self, rest: str) -> None:
        self.send(200, b"\n<!DOCTYPE html><title>Please log in", Content_Type="text/html")

    def answer_slow(self, rest: str) -> None:
        time.sleep(0.05)
        self.send(200, b"words")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="session")
def running():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.lock = threading.Lock()
        server.handle_error = lambda *_: None  # readers that go away are part of the tests
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def server(running):
    running.seen, running.now, running.most = [], 0, 0
    running.robots = (404, b"")
    running.base = f"http://127.0.0.1:{running.server_address[1]}"
    return running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def fetcher(tmp_path):
    """``fetcher(seconds=1)`` is one that waits for nothing between its tries and requests; ``.slept`` says how long."""
    made = []

    def make(contact="me@example.org", **limits) -> Fetcher:
        slept: list[float] = []
        usual = {"per_minute": 600_000, "megabytes": 1, "seconds": 10, "per_host": 8}

        def sleep(seconds):
            slept.append(seconds)

        def clock():  # sleeping takes no time, but the clock tells that it did
            return time.monotonic() + sum(slept)

        one = Fetcher(tmp_path / "incoming", contact, Limits(**{**usual, **limits}), sleep, clock)
        one.slept = slept
        made.append(one)
        return one

    yield make
    for one in made:
        one.close()


@pytest.fixture
def get(server, fetcher):
    """``get("ok")`` is what an internal source gets from a path of the server."""

    def get(path: str, **options):
        names = ("name", "known", "is_internal", "heeds_robots")
        asked = {name: options.pop(name) for name in names if name in options}
        return fetcher(**options).get(f"{server.base}/{path}", **{"is_internal": True, **asked})

    return get


@pytest.fixture
def long_body():
    return LONG
