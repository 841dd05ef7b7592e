"""Which hosts may be asked: only those on the public internet.

A public page must not be able to make us ask the machines beside us (OWASP: server-side request forgery). The check is
made where the connection is made: a name is looked up once, all its addresses are judged, and one of these very
addresses is connected to, so that a name that means another host a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.errors import GoneError, PassingFetchError

# IPv6 addresses that a gateway turns into the IPv4 address they hold (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# The same inside a network (RFC 8215); and the oldest way to hold one (RFC 4291, 2.5.5.1).
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# What the resolver says of a name that nobody has; anything else may be the network's fault.
_UNKNOWN = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class PublicOnly(httpcore.NetworkBackend):
    """Connects to hosts on the public internet, and raises FetchError for any other."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the addresses that the host has now."""
        failure: Exception | None = None
        for address in public_addresses(host):
            try:
                return _Timed(self._plain.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error  # such as IPv6 on a machine that has none
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, path: str, *_options: object, **_named: object) -> httpcore.NetworkStream:
        """Refused: what is asked of a socket file is asked of this machine."""
        raise FetchError("a socket of this machine is no public host", path, "use a web address")

    def sleep(self, seconds: float) -> None:
        """Wait, as the pool asks between its tries."""
        self._plain.sleep(seconds)


class AnyHost(httpcore.NetworkBackend):
    """Connects to any host: for sources of one's own network."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(self, host: str, *rest: Any, **named: Any) -> httpcore.NetworkStream:
        """A connection to the host."""
        return _Timed(self._plain.connect_tcp(host, *rest, **named))

    def sleep(self, seconds: float) -> None:
        """Wait, as the pool asks between its tries."""
        self._plain.sleep(seconds)


class _Deadline(threading.local):
    """Until when this thread reads from the network, and what stops it."""

    at = float("inf")
    is_stopped: threading.Event | None = None


DEADLINE = _Deadline()


class _Timed(httpcore.NetworkStream):
    """A stream that gives nothing after the deadline: a server that drips its headers could hold a reader for ever."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = DEADLINE.at - time.monotonic()
        if left <= 0 or (DEADLINE.is_stopped is not None and DEADLINE.is_stopped.is_set()):
            raise httpcore.ReadTimeout("the answer came too slowly")
        return self._stream.read(max_bytes, left if timeout is None else min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedTransport(httpx.HTTPTransport):
    """An HTTP transport whose connections are made by a backend of ours."""

    def __init__(self, verify: ssl.SSLContext, limits: httpx.Limits, backend: httpcore.NetworkBackend) -> None:
        super().__init__(verify=verify, limits=limits)
        self._pool.close()
        # httpx has no argument for the backend of its pool; tests/fetch/test_guard.py sees to it that this one is used.
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=backend,
        )


class ByProxy(httpx.BaseTransport):
    """Sends requests through the proxies of this machine's environment, hosts excepted that go without.

    The proxy looks names up by itself and connects: what we can look up is judged before, the rest is its keeper's.
    """

    def __init__(self, direct: httpx.BaseTransport, proxies: dict[str, httpx.BaseTransport]) -> None:
        self._direct, self._proxies = direct, proxies

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, by way of the proxy for this scheme and host or straight from the host."""
        proxy = self._proxies.get(request.url.scheme)
        if proxy is None or urllib.request.proxy_bypass(request.url.host):
            return self._direct.handle_request(request)
        with suppress(GoneError, PassingFetchError):  # a name that only the proxy knows
            public_addresses(request.url.host)
        return proxy.handle_request(request)

    def close(self) -> None:
        """Close all connections."""
        for one in (self._direct, *self._proxies.values()):
            one.close()


def transport(is_internal: bool, limits: httpx.Limits) -> httpx.BaseTransport:
    """The transport for requests to public hosts, or to hosts inside one's own network."""
    verify = httpx.create_ssl_context()
    if is_internal:
        return GuardedTransport(verify, limits, AnyHost())
    direct = GuardedTransport(verify, limits, PublicOnly())
    found = urllib.request.getproxies()
    proxies: dict[str, httpx.BaseTransport] = {
        scheme: httpx.HTTPTransport(verify=verify, limits=limits, proxy=found[scheme])
        for scheme in ("http", "https")
        if found.get(scheme)
    }
    return ByProxy(direct, proxies) if proxies else direct


def public_addresses(host: str) -> list[str]:
    """The addresses of a host, in the order of preference.

    Raises FetchError unless all of them are public: a name with one public and one private address is a trap.
    GoneError for a name that nobody knows, PassingFetchError when names cannot be looked up now.
    """
    try:
        found = list(dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))
    except (UnicodeError, ValueError) as error:
        raise FetchError(f"{host!r} is no host name", host, "check the address") from error
    except OSError as error:
        if isinstance(error, socket.gaierror) and error.errno in _UNKNOWN:
            raise GoneError(f"the host {host!r} is not known", host, "check the address and the network") from error
        remedy = "check the network; the next refresh tries again"
        raise PassingFetchError(f"the host {host!r} cannot be looked up: {error}", host, remedy) from error
    if not all(is_public(address) for address in found):
        remedy = "set internal = true on the source if that is meant"
        raise FetchError(f"the host {host!r} is not on the public internet", host, remedy)
    return found


def is_public(address: str) -> bool:
    """Whether an IP address can be reached by everybody; what an IPv6 address wraps decides for it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.is_site_local or ip in _LOCAL_NAT64:
            return False
        is_wrapped = ip in _NAT64 or ip in _COMPATIBLE
        within = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if is_wrapped else ip.sixtofour
        ip = within or ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast
