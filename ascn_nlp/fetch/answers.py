"""What an address and an answer are worth: errors of ours for all that is not the document that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.body import Part
from ascn_nlp.fetch.errors import PassingFetchError

_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")
_PORTS = {"http": ":80", "https": ":443"}
_BROWSER = "open the address in a browser"


class Answering:
    """Within it, what the HTTP library raises becomes an error of ours, and hosts that do not answer are counted."""

    def __init__(self, url: str, strike: Callable[[str, bool], None]) -> None:
        self._url, self._strike = url, strike

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            self._strike(self._url, True)
        elif not isinstance(error, FetchError | httpx.TransportError):
            self._strike(self._url, False)
        if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):  # of a redirect: its own was looked at
            raise FetchError(f"leads to no web address: {error}", self._url, _BROWSER) from error
        if isinstance(error, httpx.TransportError):
            what = f"the connection failed: {error or type(error).__name__}"
            raise PassingFetchError(what, self._url, "check the network; the next refresh tries again") from error
        if isinstance(error, httpx.DecodingError | UnicodeError):
            raise FetchError(f"cannot be fetched: {error}", self._url, "check the address") from error


def require_web(url: str) -> None:
    """Raise FetchError for what is no address on the web."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError as error:
        raise FetchError(f"cannot be fetched: {error}", url, "check the address") from error
    if not is_web:
        raise FetchError(f"leads to no web address: {url[:100]}", url, _BROWSER)


def host_of(url: str) -> str:
    """Host and port: what is asked at a pace of its own."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2].lower().removesuffix(_PORTS.get(parts.scheme, ""))


def is_other_part(part: Part, response: httpx.Response) -> bool:
    """Whether a partial answer is not the part that was asked for."""
    return not response.headers.get("content-range", "").startswith(f"bytes {part.size}-")


def require_whole(part: Part, response: httpx.Response, url: str) -> None:
    """Raise PassingFetchError where a partial answer was less than the rest, as it may be (RFC 9110, 15.3.7)."""
    total = response.headers.get("content-range", "").rpartition("/")[2]
    if response.status_code == httpx.codes.PARTIAL_CONTENT and total.isdecimal() and part.size < int(total):
        part.keep_if_resumable(response)
        raise PassingFetchError("only a part came", url, "the next refresh goes on with it")


def require_document(path: Path, url: str, media_type: str) -> None:
    """Raise FetchError for a body that cannot be the document, whatever the server calls it."""
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise FetchError("came without content", url, _BROWSER)
    is_pdf = media_type == "application/pdf" or urlsplit(url).path.lower().endswith(".pdf")
    if is_pdf and b"%PDF-" not in head and any(sign in head.lower() for sign in _HTML):
        # A log-in or a notice; read as the document, its words would stand for the report's.
        what = "a web page came instead of the PDF that its address or its server promises"
        raise FetchError(what, url, "open it in a browser: it may ask to log in, or have moved")


def retry_after(value: str) -> float:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3: seconds or a date); 0 where it says nothing."""
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return 0.0
