"""No request to a host beside us, however it is written, and whatever a public page or its DNS says."""

from __future__ import annotations

import socket

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import GoneError, PassingFetchError
from ascn_nlp.fetch.guard import is_public, public_addresses

PRIVATE = (
    *("127.0.0.1", "127.1", "127.255.255.254", "localhost", "LOCALHOST", "::1", "::", "0.0.0.0", "0"),
    *("10.0.0.1", "10.255.1.2", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "3232235777", "255.255.255.255"),
    *("fe80::1", "fe80::1%lo", "fc00::1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe"),
    *("192.0.2.1", "198.18.0.1", "240.0.0.1", "2001:db8::1", "224.0.0.1", "ff02::1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "64:ff9b:1::7f00:1", "fec0::1", "::7f00:1"),
)


@pytest.mark.parametrize("host", PRIVATE)
def test_a_host_beside_us_is_refused_however_it_is_written(host):
    with pytest.raises(FetchError) as caught:
        public_addresses(host)
    # Some systems do not know every way to write a number as an address: they then cannot reach it either.
    if isinstance(caught.value, GoneError | PassingFetchError):
        assert "not known" in caught.value.what or "looked up" in caught.value.what
    else:
        assert "not on the public internet" in caught.value.what
        assert "internal = true" in caught.value.remedy


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "[::1]", "[::ffff:127.0.0.1]"])
def test_the_fetcher_asks_none_of_them(server, fetcher, host):
    port = server.server_address[1]
    with pytest.raises(FetchError) as caught:
        fetcher().get(f"http://user:word@{host}:{port}/ok")
    assert caught.value.where.endswith("/ok")
    assert server.seen == []


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "1.1.1.1", "::ffff:8.8.8.8"])
def test_a_public_address_is_not_refused(address):
    assert is_public(address)
    assert public_addresses(address)


@pytest.fixture
def names(monkeypatch):
    """Names -> the addresses that DNS gives for them, one answer after the other."""
    known: dict[str, list[list[str]]] = {}
    usual = socket.getaddrinfo

    def look_up(host, *rest, **named):
        host = host.decode() if isinstance(host, bytes) else host
        if host not in known:
            return usual(host, *rest, **named)  # an address, as httpcore looks up what it is to connect to
        answers = known[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in answer]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.fixture
def public_here(monkeypatch):
    """One address of this machine, at which the server listens too, counts as public; 127.0.0.1 does not."""
    monkeypatch.setattr("ascn_nlp.fetch.guard.is_public", lambda address: address == "127.0.0.1" or is_public(address))


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["93.184.216.34", "10.0.0.7"], ["127.0.0.1"]])
def test_a_name_with_any_private_address_is_refused(server, fetcher, names, addresses):
    names["inside.example"] = [addresses]
    with pytest.raises(FetchError, match="not on the public internet"):
        fetcher().get(f"http://inside.example:{server.server_address[1]}/ok")
    assert server.seen == []


def test_a_name_that_nobody_has_is_gone(fetcher, names):
    names["nowhere.example"] = [[]]
    with pytest.raises(GoneError, match="is not known"):
        fetcher().get("http://nowhere.example/")


def test_a_name_that_cannot_be_looked_up_now_may_pass(fetcher, monkeypatch):
    def fail(*_arguments, **_named):
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(PassingFetchError, match="looked up"):
        fetcher(tries=1).get("http://somewhere.example/")


def test_a_page_is_fetched_from_a_name_that_is_public(server, fetcher, names, public_here):
    names["public.example"] = [["127.0.0.1"]]
    fetched = fetcher().get(f"http://public.example:{server.server_address[1]}/ok")
    assert fetched.path.read_bytes() == b"<p>words"
    assert server.seen[-1][1]["Host"].startswith("public.example")


@pytest.mark.parametrize("location", ["http://inside.example/secret", "//inside.example/", "http://10.0.0.7/"])
def test_a_public_page_cannot_send_us_to_a_host_beside_us(server, fetcher, names, public_here, location):
    names["public.example"] = [["127.0.0.1"]]
    names["inside.example"] = [["10.0.0.7"]]
    with pytest.raises(FetchError, match="not on the public internet") as caught:
        fetcher().get(f"http://public.example:{server.server_address[1]}/away/{location}")
    assert not isinstance(caught.value, PassingFetchError)


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_name_that_means_another_host_a_moment_later_gains_nothing(server, fetcher, names, monkeypatch, asked_before):
    # DNS rebinding: public when it is judged, private when it is connected to. There is but one look-up a connection,
    # and the address that was judged is the one connected to.
    port = server.server_address[1]
    connected = []

    def connect(_self, host, *_rest, **_named):
        connected.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr("httpcore.SyncBackend.connect_tcp", connect)
    names["rebinding.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    if asked_before:
        names["rebinding.example"].insert(0, ["93.184.216.34"])
    one = fetcher(tries=1)
    for _ in range(2 + asked_before):
        with pytest.raises((FetchError, ConnectionRefusedError)):
            one.get(f"http://rebinding.example:{port}/ok", heeds_robots=False)
    assert set(connected) == {"93.184.216.34"}
    assert server.seen == []


def test_a_robots_txt_cannot_send_us_inside_either(server, fetcher, names, public_here):
    names["public.example"] = [["127.0.0.1"]]
    server.robots = (302, b"http://10.0.0.7/robots.txt")
    with pytest.raises(FetchError):
        fetcher().get(f"http://public.example:{server.server_address[1]}/ok")
    assert "/ok" not in [path for path, _, _ in server.seen]


@pytest.fixture
def proxy(monkeypatch, server):
    """The server as a proxy: it is sent whole addresses, and answers by their paths."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", server.base)
    return server


@pytest.mark.parametrize("host", ["169.254.169.254", "127.0.0.1:8080", "localhost", "[::1]"])
def test_a_proxy_is_not_asked_for_a_host_beside_us_either(proxy, fetcher, host):
    with pytest.raises(FetchError, match="not on the public internet"):
        fetcher().get(f"http://{host}/ok", heeds_robots=False)
    assert proxy.seen == []


def test_what_only_the_proxy_knows_is_asked_of_the_proxy(proxy, fetcher, names):
    names["known-to-the-proxy.example"] = [[]]
    with pytest.raises(FetchError, match=r"connection failed|answered"):
        fetcher(tries=1).get("http://known-to-the-proxy.example/ok", heeds_robots=False)
    assert proxy.seen[0][0] == "http://known-to-the-proxy.example/ok"


def test_hosts_that_go_without_the_proxy_do(proxy, fetcher, names, public_here, monkeypatch):
    monkeypatch.setenv("no_proxy", "direct.example")
    names["direct.example"] = [["127.0.0.1"]]
    url = f"http://direct.example:{proxy.server_address[1]}/ok"
    assert fetcher().get(url, heeds_robots=False).path.read_bytes() == b"<p>words"
    assert proxy.seen[0][0] == "/ok"


def test_an_internal_source_may_be_sent_anywhere(server, fetcher):
    fetched = fetcher().get(f"{server.base}/away/{server.base}/ok", is_internal=True)
    assert fetched.path.read_bytes() == b"<p>words"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "data:text/html,x", "gopher://x/", "unix:///run/x.sock"])
def test_what_is_no_web_address_is_refused(fetcher, url):
    for is_internal in (False, True):
        with pytest.raises(FetchError, match="no web address"):
            fetcher().get(url, is_internal=is_internal)
