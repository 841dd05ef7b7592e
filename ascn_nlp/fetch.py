"""Gets the bytes of one document, from a folder or over HTTP."""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import httpx

from ascn_nlp.errors import FetchError
from ascn_nlp.records import Fetched, Source

AGENT = "ascn-nlp/0.1 (research on public documents; {contact})"
MAX_REDIRECTS = 5
# IPv6 addresses that a gateway turns into the IPv4 address they hold (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Answers that may be different in a moment; others are final until the next refresh.
PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504)


class PassingFetchError(FetchError):
    """A fetch that failed in a way that may pass by itself: worth another try in this run."""


def is_web_address(location: str) -> bool:
    """Whether a location is fetched over the network rather than read from a folder."""
    return location.startswith(("http://", "https://"))


def fetch_file(location: str, address: str, max_bytes: int) -> Fetched:
    """The bytes of a file; FetchError when it cannot be read or is larger than ``max_bytes``."""
    path = Path(os.fsdecode(unquote_to_bytes(urlsplit(location).path)) if location.startswith("file:") else location)
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise _too_large(address, size, max_bytes)
        return Fetched(address, path.read_bytes(), "")
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror}", address, "check that the file is there") from error


def fetch_url(client: httpx.Client, source: Source, url: str, max_bytes: int) -> Fetched:
    """The bytes at a web address, redirects followed.

    Raises PassingFetchError for what another try may mend, FetchError for what it will not.
    """
    try:
        return _follow(client, source, url, max_bytes)
    except httpx.UnsupportedProtocol as error:
        raise FetchError(f"leads to no web address: {error}", url, "open the address in a browser") from error
    except httpx.TransportError as error:
        raise PassingFetchError(
            f"the connection failed: {error or type(error).__name__}",
            url,
            "check the network; the next refresh tries again",
        ) from error
    except (httpx.InvalidURL, httpx.DecodingError, ValueError) as error:
        raise FetchError(f"cannot be fetched: {error}", url, "check the address") from error


def http_client(contact: str, seconds: int) -> httpx.Client:
    """A client that names itself and follows no redirect unasked."""
    agent = AGENT.format(contact=contact or "set fetching.contact in ascn.toml")
    return httpx.Client(headers={"User-Agent": agent}, timeout=seconds, follow_redirects=False)


def _follow(client: httpx.Client, source: Source, url: str, max_bytes: int) -> Fetched:
    at = url
    seconds = client.timeout.read or float("inf")
    for _ in range(MAX_REDIRECTS + 1):
        if not source.is_internal:
            refuse_private(at)
        began = time.monotonic()
        with client.stream("GET", at) as response:
            if response.next_request is not None:
                at = str(response.next_request.url)
                continue
            if response.status_code != httpx.codes.OK:
                kind = PassingFetchError if response.status_code in PASSING_STATUS else FetchError
                raise kind(f"the server answered {response.status_code} {response.reason_phrase}", url,
                           "open the address in a browser; mend or remove it if it is gone")  # fmt: skip
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > max_bytes:
                    raise _too_large(url, len(content), max_bytes)
                # The client's own limit is for each piece: a server that drips could hold it for ever.
                if time.monotonic() - began > seconds:
                    remedy = "raise fetching.seconds in ascn.toml if it is a document you want"
                    raise PassingFetchError(f"took more than {seconds:.0f} s", url, remedy)
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Fetched(url, bytes(content), media_type, at, tuple(response.headers.multi_items()))
    raise FetchError(f"more than {MAX_REDIRECTS} redirects", url, "open the address in a browser and use its last one")


def refuse_private(url: str) -> None:
    """Raise FetchError unless every address the host has is a public one.

    A public page must not be able to make us ask the machines beside us (OWASP: server-side request forgery).
    """
    host = urlsplit(url).hostname or ""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError as error:
        raise PassingFetchError(f"the host {host!r} is not known", url, "check the address and the network") from error
    if not all(_is_public(str(address).partition("%")[0]) for address in found):
        raise FetchError(
            f"the host {host!r} is not on the public internet",
            url,
            "set internal = true on the source if that is meant",
        )


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        behind_gateway = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.sixtofour
        ip = behind_gateway or ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast


def _too_large(address: str, size: int, max_bytes: int) -> FetchError:
    return FetchError(
        f"is larger than {max_bytes // 2**20} MB ({size / 2**20:.0f} MB or more)",
        address,
        "raise fetching.megabytes in ascn.toml if it is a document you want",
    )
