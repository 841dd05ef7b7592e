"""Which hosts may be asked: only those on the public internet.

A public page must not be able to make us ask the machines beside us (OWASP: server-side request forgery). The check is
made where the connection is made: a name is looked up once, all its addresses are judged, and one of these very
addresses is connected to, so that a name that means another host a moment later (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import Iterable

import httpcore
import httpx

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.errors import GoneError, PassingFetchError

# IPv6 addresses that a gateway turns into the IPv4 address they hold (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
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
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error  # such as IPv6 on a machine that has none
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, path: str, *_options: object, **_named: object) -> httpcore.NetworkStream:
        """Refused: what is asked of a socket file is asked of this machine."""
        raise FetchError("a socket of this machine is no public host", path, "use a web address")

    def sleep(self, seconds: float) -> None:
        """Wait, as the pool asks between its tries."""
        self._plain.sleep(seconds)


class PublicTransport(httpx.HTTPTransport):
    """An HTTP transport that reaches public hosts only."""

    def __init__(self, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=verify, limits=limits)
        self._pool.close()
        # httpx has no argument for the backend of its pool; tests/fetch/test_guard.py sees to it that this one is used.
        self._pool = httpcore.ConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=PublicOnly(),
        )


def transports(is_internal: bool, limits: httpx.Limits) -> tuple[httpx.BaseTransport, dict[str, httpx.BaseTransport]]:
    """The transport for requests, and those for schemes that this machine reaches through a proxy only.

    Behind a proxy it is the proxy that looks names up and connects: what it refuses is its keeper's to say.
    """
    verify = httpx.create_ssl_context()
    plain = httpx.HTTPTransport(verify=verify, limits=limits)
    proxies = urllib.request.getproxies()
    mounts: dict[str, httpx.BaseTransport] = {
        f"{scheme}://": httpx.HTTPTransport(verify=verify, limits=limits, proxy=proxies[scheme])
        for scheme in ("http", "https")
        if scheme in proxies and not is_internal and not urllib.request.proxy_bypass("example.org")
    }
    return (plain if is_internal else PublicTransport(verify, limits)), mounts


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
        behind_gateway = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.sixtofour
        ip = behind_gateway or ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast
