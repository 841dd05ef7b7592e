"""A site of 2,000 pages, of which half misbehave in ten ways: what can be had is had, the rest is in the ledger."""

import gzip
import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from ascn_nlp import pipeline

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere this machine has but one address on loopback"),
]

PAGES = 2000
HOSTS = [f"127.0.0.{number}" for number in range(1, 5)]
ARCHIVE = "127.0.0.9"
PER_HOST, PER_MINUTE = 2, 3000
MEGABYTE = 2**20
BOMB = gzip.compress(b"x" * 64 * MEGABYTE)
# What the page with number n does: WAYS[n % 20], or what a good page does. So each way is 5 % of the pages.
WAYS = ("patience", "hiccup", "broken", "drip", "short", "loop", "wrong_type", "bomb", "archived", "gone")
HAD = ("patience", "hiccup", "archived", "good")
REASONS = {
    "broken": "the server answered 500",
    "drip": "took more than 3 s",
    "short": "the connection failed",
    "loop": "redirects",
    "wrong_type": "a web page came instead of the PDF",
    "bomb": "is larger than",
    "gone": "the web archive has no copy",
}
SETTINGS = f"""\
[tagger]
kind = "rules"
[fetching]
seconds = 3
megabytes = 2
per_host = {PER_HOST}
per_minute = {PER_MINUTE}
archive = "http://{ARCHIVE}:{{port}}"
"""
SOURCE = """\
[site]
kind = "sitemap"
urls = [{urls}]
publisher = "A newspaper"
genre = "news"
why = "to be crawled"
internal = true
archive = true
"""


def way_of(number):
    return WAYS[number % 20] if number % 20 < len(WAYS) else "good"


def path_of(number):
    return f"/{number}/{way_of(number)}" + (".pdf" if way_of(number) == "wrong_type" else "")


def body_of(number):
    return f"<html><body><p>Page {number} of the site. ".encode() + b"Residents said so. " * (number % 50)


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers["Host"].partition(":")[0]
        with self.server.lock:
            self.server.arrivals.setdefault(host, []).append(time.monotonic())
            self.server.now[host] += 1
            self.server.most[host] = max(self.server.most[host], self.server.now[host])
            self.server.times[self.path] += 1
        self.host, self.is_inside = host, True
        try:
            self.answer(host, urlsplit(self.path))
        except OSError:
            pass
        finally:
            self.leave()

    def leave(self):
        """Count this request as ended: its asker may ask the next thing before we know that it has all."""
        if self.is_inside:
            self.is_inside = False
            with self.server.lock:
                self.server.now[self.host] -= 1

    def answer(self, host, url):
        if host == ARCHIVE:
            return self.answer_archive(url)
        if url.path == "/robots.txt":
            return self.send(404)
        if url.path == "/sitemap.xml":
            mine = [n for n in range(PAGES) if HOSTS[n % len(HOSTS)] == host]
            locations = "".join(f"<url><loc>http://{self.headers['Host']}{path_of(n)}</loc></url>" for n in mine)
            return self.send(200, f"<urlset>{locations}</urlset>".encode())
        number = int(url.path.split("/")[1])
        return getattr(self, f"answer_{way_of(number)}")(number)

    def send(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body)), "Content-Type": "text/html"} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.leave()
        self.wfile.write(body)

    def answer_good(self, number):
        self.send(200, body_of(number))

    def answer_patience(self, number):
        if self.server.times[self.path] == 1:
            return self.send(429, Retry_After="1")
        return self.answer_good(number)

    def answer_hiccup(self, number):
        return self.send(500) if self.server.times[self.path] == 1 else self.answer_good(number)

    def answer_broken(self, number):
        self.send(500)

    def answer_drip(self, number):
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.leave()  # nobody knows when its asker loses patience
        for _ in range(200):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)
        self.close_connection = True

    def answer_short(self, number):
        self.send(200, b"half", Content_Length="5000")
        self.close_connection = True

    def answer_loop(self, number):
        self.send(302, Location=self.path)

    def answer_wrong_type(self, number):
        self.send(200, b"<!doctype html><title>Log in", Content_Type="application/pdf")

    def answer_bomb(self, number):
        self.send(200, BOMB, Content_Encoding="gzip")

    def answer_archived(self, number):
        self.send(404)

    answer_gone = answer_archived

    def answer_archive(self, url):
        if url.path == "/cdx/search/cdx":
            asked = parse_qs(url.query)["url"][0]
            rows = [["timestamp", "original"], ["20200304050607", asked]] if "/archived" in asked else []
            return self.send(200, json.dumps(rows).encode())
        return self.answer_good(int(url.path.split("/")[-2]))

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    ThreadingHTTPServer.request_queue_size = 64
    with ThreadingHTTPServer(("", 0), Site) as one:
        one.lock, one.daemon_threads, one.handle_error = threading.Lock(), True, lambda *_: None
        one.arrivals, one.now, one.most, one.times = {}, Counter(), Counter(), Counter()
        thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def test_what_can_be_had_is_had_and_the_rest_has_its_reason(server, workplace, monkeypatch):
    monkeypatch.setattr("ascn_nlp.pipeline.fetching.GAP", 0.0)  # the archive here wants no pauses
    monkeypatch.setattr("ascn_nlp.fetch.web.WAIT", 0.05)
    port = server.server_address[1]
    workplace.settings(SETTINGS.replace("{port}", str(port)))
    urls = ", ".join(f'"http://{host}:{port}/sitemap.xml"' for host in HOSTS)
    (workplace.root / "sources.toml").write_text(SOURCE.format(urls=urls), encoding="utf-8")
    begun = workplace.begin()
    assert begun["counts"]["new"] == PAGES and not begun["problems"]
    place, memory = workplace.workspace, []
    watched = threading.Event()

    def watch():
        while not watched.wait(0.5):
            memory.append(psutil.Process().memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    [batch] = pipeline.plan_fetch(place)
    counts = pipeline.fetch_batch(place, batch, begun["run_id"])
    watched.set()
    watcher.join()

    wanted = Counter("fetched" if way_of(n) in HAD else "failed" for n in range(PAGES))
    assert counts == wanted
    rows = workplace.rows(
        "SELECT address, ledger.outcome, reason, remedy FROM ledger JOIN documents ON documents.id = document_id "
        "WHERE stage = 'fetch'"
    )
    assert len(rows) == PAGES
    for address, outcome, reason, remedy in rows:
        way = way_of(int(urlsplit(address).path.split("/")[1]))
        if way in HAD:
            assert outcome == "fetched" and ("web archive" in reason) == (way == "archived"), (address, reason)
        else:
            assert outcome == "failed" and REASONS[way] in reason and remedy, (address, reason)
    # Bytes are what was sent, whole.
    for number in (10, 11, 1019, 8, 0, 1):
        [(sha256,)] = workplace.rows("SELECT sha256 FROM documents WHERE address LIKE ?", f"%{path_of(number)}")
        assert (place.raw / sha256[:2] / sha256).read_bytes() == body_of(number)
    assert not list(place.incoming.glob("*"))
    # The server has counted: never more at a time, never more in a second, than was allowed.
    for host in HOSTS:
        assert server.most[host] <= PER_HOST
        times = sorted(server.arrivals[host])
        a_second = PER_MINUTE // 60
        # One more may begin within the second, and be a little late on its way.
        crowded = [b - a for a, b in zip(times, times[a_second + 2 :], strict=False) if b - a < 1]
        assert not crowded, crowded[:5]
    # Memory is flat: with two thirds of the work still to do it has reached its height.
    assert max(memory) - max(memory[: len(memory) // 3]) < 40 * MEGABYTE
    pipeline.end_run(place, begun["run_id"], "done", counts)


def test_the_next_refresh_asks_only_for_what_may_be_different(server, workplace, monkeypatch):
    monkeypatch.setattr("ascn_nlp.pipeline.fetching.GAP", 0.0)
    monkeypatch.setattr("ascn_nlp.fetch.web.WAIT", 0.05)
    port = server.server_address[1]
    workplace.settings(SETTINGS.replace("{port}", str(port)))
    table = SOURCE.format(urls=f'"http://{HOSTS[0]}:{port}/sitemap.xml"') + 'exclude = ["*drip*", "*patience*"]\n'
    (workplace.root / "sources.toml").write_text(table, encoding="utf-8")
    workplace.refresh()
    before = Counter(server.times)
    workplace.refresh()
    again = {path for path, times in server.times.items() if times > before[path] and path[1].isdigit()}
    ways = {way_of(int(path.split("/")[1])) for path in again}
    assert ways == {"broken", "short"} & {way_of(n) for n in range(0, PAGES, len(HOSTS))}
