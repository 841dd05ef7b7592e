from __future__ import annotations

import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import (
    MAX_REDIRECTS,
    PASSING_STATUS,
    PassingFetchError,
    fetch_file,
    fetch_url,
    http_client,
    is_web_address,
    refuse_private,
)
from ascn_nlp.records import Source

INTERNAL = Source("s", "urls", "p", "news", "why", is_internal=True)
PUBLIC = Source("s", "urls", "p", "news", "why")
MEGABYTE = 2**20


class Pages(BaseHTTPRequestHandler):
    """Each path is a way a server may behave."""

    seen: list[dict[str, str]]

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        name, _, rest = self.path.strip("/").partition("/")
        getattr(self, f"answer_{name}")(rest)

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def answer_ok(self, rest: str) -> None:
        self.send(200, b"<p>words", Content_Type="Text/HTML; charset=utf-8", ETag='"1"')

    def answer_bare(self, rest: str) -> None:
        self.send(200, b"words")

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

    def answer_bomb(self, rest: str) -> None:
        self.send(200, gzip.compress(b"x" * 20 * MEGABYTE), Content_Encoding="gzip")

    def answer_damaged(self, rest: str) -> None:
        self.send(200, b"this is not gzip", Content_Encoding="gzip")

    def answer_short(self, rest: str) -> None:
        self.send(200, b"half", Content_Length="100")
        self.close_connection = True

    def answer_drip(self, rest: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.1)
        except OSError:
            pass  # the reader has gone, as it should

    def answer_silence(self, rest: str) -> None:
        time.sleep(1.5)
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as running:
        running.seen = []
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def get(server):
    def get(path: str, source: Source = INTERNAL, seconds: int = 10):
        with http_client("me@example.org", seconds) as client:
            return fetch_url(client, source, f"http://127.0.0.1:{server.server_address[1]}/{path}", MEGABYTE)

    return get


def test_bytes_come_with_type_headers_and_final_address(get, server):
    fetched = get("ok")
    address = f"http://127.0.0.1:{server.server_address[1]}/ok"
    assert (fetched.content, fetched.media_type) == (b"<p>words", "text/html")
    assert (fetched.address, fetched.final_url) == (address, address)
    assert ("etag", '"1"') in fetched.headers
    assert "me@example.org" in server.seen[-1]["User-Agent"]


def test_a_server_that_says_no_type_has_none(get):
    assert get("bare").media_type == ""


@pytest.mark.parametrize("hops", [0, MAX_REDIRECTS - 1])
def test_redirects_are_followed_and_the_address_asked_for_is_kept(get, hops):
    fetched = get(f"chain/{hops}")
    assert fetched.address.endswith(f"/chain/{hops}")
    assert fetched.final_url.endswith("/ok")


@pytest.mark.parametrize("path", [f"chain/{MAX_REDIRECTS}", "loop"])
def test_too_many_redirects_are_final(get, path):
    with pytest.raises(FetchError, match="redirects") as caught:
        get(path)
    assert not isinstance(caught.value, PassingFetchError)


@pytest.mark.parametrize("status", [201, 204, 206, 304, 400, 401, 403, 404, 410, 451, *PASSING_STATUS, 501])
def test_an_answer_that_is_not_ok_fails_and_only_some_may_pass(get, status):
    with pytest.raises(FetchError, match=str(status)) as caught:
        get(f"status/{status}")
    assert isinstance(caught.value, PassingFetchError) == (status in PASSING_STATUS)
    assert caught.value.where.endswith(f"/status/{status}")
    assert caught.value.remedy


@pytest.mark.parametrize("path", ["large", "bomb"])
def test_a_response_that_is_too_large_is_refused(get, path):
    with pytest.raises(FetchError, match="larger than 1 MB") as caught:
        get(path)
    assert "fetching.megabytes" in caught.value.remedy
    assert not isinstance(caught.value, PassingFetchError)


@pytest.mark.parametrize("location", ["ftp://example.org/x", "file:///etc/passwd", "javascript:alert(1)", "data:,x"])
def test_a_redirect_to_what_is_no_web_address_is_final(get, location):
    with pytest.raises(FetchError) as caught:
        get(f"away/{location}")
    assert not isinstance(caught.value, PassingFetchError)


def test_damaged_contents_are_final(get):
    with pytest.raises(FetchError, match="cannot be fetched"):
        get("damaged")


@pytest.mark.parametrize(("path", "what"), [("short", "connection failed"), ("silence", "connection failed")])
def test_a_connection_that_breaks_may_pass(get, path, what):
    with pytest.raises(PassingFetchError, match=what):
        get(path, seconds=1)


def test_a_server_that_drips_does_not_hold_us_longer_than_allowed(get):
    began = time.monotonic()
    with pytest.raises(PassingFetchError, match="took more than 1 s"):
        get("drip", seconds=1)
    assert time.monotonic() - began < 4


def test_a_refused_connection_may_pass():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # taken, and nobody listens
        with http_client("", 5) as client, pytest.raises(PassingFetchError, match="connection failed") as caught:
            fetch_url(client, INTERNAL, f"http://127.0.0.1:{unused.getsockname()[1]}/", MEGABYTE)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://exa mple/", "http://a" + "b" * 70 + ".org/", "http://x:99999/"]
)
@pytest.mark.parametrize("source", [INTERNAL, PUBLIC])
def test_an_address_that_is_none_is_an_error_of_its_document(url, source, monkeypatch):
    def unknown(*_arguments: object) -> None:
        raise socket.gaierror(-2, "not known")

    if len(url) < 70:  # else the real one refuses it, unasked
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with http_client("", 1) as client, pytest.raises(FetchError) as caught:
        fetch_url(client, source, url, MEGABYTE)
    assert caught.value.where == url
    assert caught.value.remedy


PRIVATE = (
    *("127.0.0.1", "127.1", "127.255.255.254", "localhost", "LOCALHOST", "[::1]", "[::]", "0.0.0.0", "0"),
    *("10.0.0.1", "10.255.1.2", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "3232235777", "255.255.255.255"),
    *("[fe80::1]", "[fc00::1]", "[fd12::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]"),
    *(
        "192.0.2.1",
        "198.18.0.1",
        "240.0.0.1",
        "[2001:db8::1]",
        "224.0.0.1",
        "[ff02::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ),
)


@pytest.mark.parametrize("host", PRIVATE)
def test_a_host_beside_us_is_refused_however_it_is_written(host):
    with pytest.raises(FetchError) as caught:
        refuse_private(f"http://user:word@{host}:8080/latest/meta-data")
    # Some systems do not know every way to write a number as an address: they then cannot reach it either.
    if not isinstance(caught.value, PassingFetchError):
        assert "not on the public internet" in caught.value.what
        assert "internal = true" in caught.value.remedy
    else:
        assert "is not known" in caught.value.what


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700:4700::1111]", "1.1.1.1"])
def test_a_public_host_is_not_refused(host):
    refuse_private(f"https://{host}/")


@pytest.fixture
def names(monkeypatch):
    """Names -> the addresses that DNS gives for them."""
    known = {
        "public.example": ["93.184.216.34"],
        "mixed.example": ["93.184.216.34", "10.0.0.7"],
        "inside.example": ["10.0.0.7"],
    }

    def look_up(host: str, *_rest: object) -> list[tuple]:
        if host not in known:
            raise socket.gaierror(-2, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def mocked(answers: dict[str, httpx.Response]) -> tuple[httpx.Client, list[str]]:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return answers[str(request.url)]

    return httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=False), asked


@pytest.mark.parametrize("host", ["inside.example", "mixed.example"])
def test_a_name_with_any_private_address_is_refused_before_it_is_asked(names, host):
    client, asked = mocked({})
    with client, pytest.raises(FetchError, match="not on the public internet"):
        fetch_url(client, PUBLIC, f"http://{host}/", MEGABYTE)
    assert asked == []


def test_an_unknown_name_may_pass(names):
    client, _ = mocked({})
    with client, pytest.raises(PassingFetchError, match="is not known"):
        fetch_url(client, PUBLIC, "http://nowhere.example/", MEGABYTE)


@pytest.mark.parametrize("location", ["http://inside.example/secret", "//inside.example/", "http://mixed.example/"])
def test_a_public_page_cannot_send_us_to_a_host_beside_us(names, location):
    client, asked = mocked({"http://public.example/": httpx.Response(302, headers={"Location": location})})
    with client, pytest.raises(FetchError, match="not on the public internet"):
        fetch_url(client, PUBLIC, "http://public.example/", MEGABYTE)
    assert asked == ["http://public.example/"]


def test_an_internal_source_may_be_sent_anywhere(names):
    answers = {
        "http://public.example/": httpx.Response(302, headers={"Location": "http://inside.example/"}),
        "http://inside.example/": httpx.Response(200, content=b"words"),
    }
    client, _ = mocked(answers)
    with client:
        assert fetch_url(client, INTERNAL, "http://public.example/", MEGABYTE).content == b"words"


def test_a_public_page_is_fetched(names):
    client, _ = mocked({"http://public.example/": httpx.Response(200, content=b"words")})
    with client:
        assert fetch_url(client, PUBLIC, "http://public.example/", MEGABYTE).content == b"words"


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"\x00words")
    fetched = fetch_file(str(tmp_path / "a.pdf"), "a.pdf", 6)
    assert (fetched.address, fetched.content, fetched.media_type) == ("a.pdf", b"\x00words", "")


def test_a_file_that_is_too_large_gone_or_a_folder_is_an_error_of_its_document(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"words")
    with pytest.raises(FetchError, match="larger than"):
        fetch_file(str(tmp_path / "a.pdf"), "a.pdf", 4)
    for location in ("absent.pdf", ""):
        with pytest.raises(FetchError, match="cannot be read") as caught:
            fetch_file(str(tmp_path / location), "a.pdf", MEGABYTE)
        assert caught.value.where == "a.pdf"


@pytest.mark.parametrize(
    ("location", "is_web"), [("https://x", True), ("http://x", True), ("/x/https://", False), ("httpx.pdf", False)]
)
def test_a_web_address_is_told_from_a_file(location, is_web):
    assert is_web_address(location) is is_web
