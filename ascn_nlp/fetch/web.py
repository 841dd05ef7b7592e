"""Asks the web for one document: politely, within limits, and again where that may help."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ascn_nlp import __version__
from ascn_nlp.errors import FetchError
from ascn_nlp.fetch.answers import (
    Answering,
    host_of,
    is_other_part,
    require_document,
    require_web,
    require_whole,
    retry_after,
)
from ascn_nlp.fetch.body import ACCEPTED, Part, SlowError, receive
from ascn_nlp.fetch.errors import GoneError, HeldError, PassingFetchError, StoppedError
from ascn_nlp.fetch.guard import DEADLINE, transport
from ascn_nlp.fetch.limits import NOTHING_KNOWN, Limits, Validators
from ascn_nlp.fetch.pace import Pace
from ascn_nlp.fetch.robots import MAX_BYTES as ROBOTS_BYTES
from ascn_nlp.fetch.robots import PRODUCT, Robots, Rules
from ascn_nlp.records import Fetched

MAX_REDIRECTS = 5
# Answers that may be different in a moment; others are final until the next refresh.
PASSING_STATUS = (408, 425, 429, 500, 502, 503, 504)
# Seconds before the second try, unless the server says how long; each further wait is twice as long. Up to half of it
# is left to chance, so that documents that failed together are not asked for together again.
WAIT = 1.0
# A host that could not be reached so many times in a row is left alone for so many seconds.
STRIKES, STRUCK_OUT = 5, 3600.0
# What lists documents is smaller: the protocol of sitemaps allows 50 MB.
LISTING_BYTES = 50 * 2**20
# Seconds that a body may take longer than its limit until reading from the network is cut: the limit's own message
# says more.
_GRACE = 5.0


class Fetcher:
    """Fetches pages into files in ``folder``, many threads at a time; one is shared by a whole run.

    All requests of this package go through one of these: it keeps the pace at each host, heeds robots.txt, and
    refuses hosts that are not public unless a request is ``is_internal``.
    """

    def __init__(
        self,
        folder: Path,
        contact: str = "",
        limits: Limits | None = None,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self.is_stopped = threading.Event()  # set it, and nothing more is asked for until it is cleared
        self._sleep = sleep or self._wait
        self.limits = limits or Limits()
        self._agent = f"{PRODUCT}/{__version__} (research on public documents; {contact or 'no contact given'})"
        self._pace = Pace(self.limits.per_host, self.limits.per_minute, clock, self._sleep)
        self._strikes: dict[str, int] = {}
        self._clients: dict[bool, httpx.Client] = {}
        self._lock = threading.Lock()
        self._robots = {inside: Robots(self._reading_robots(inside), clock) for inside in (False, True)}

    def get(
        self,
        url: str,
        *,
        name: str = "",
        is_internal: bool = False,
        known: Validators = NOTHING_KNOWN,
        gap: float = 0.0,
        max_bytes: int = 0,
        heeds_robots: bool = True,
    ) -> Fetched | None:
        """The page at a web address, redirects followed; None where it is as the ``known`` one.

        ``name`` is the name of the file that is written; with the same one a broken-off transfer is gone on with, in
        this run or a later one. ``gap`` is the least number of seconds between two requests to the host.

        Raises GoneError for a page that is no longer there, PassingFetchError for what may be different another time,
        FetchError for what will not; ``tries`` of it says how often it was tried.
        """
        part = Part(self._folder / f"{name or secrets.token_hex(8)}.part")
        request = _Request(url, part, is_internal, known, gap, max_bytes or self.limits.megabytes * 2**20, heeds_robots)
        tries = 0
        while True:
            tries += 1
            try:
                fetched = self._try(request)
            except FetchError as error:
                is_last = tries >= self.limits.tries or not isinstance(error, PassingFetchError)
                if is_last or isinstance(error, HeldError | SlowError | StoppedError):
                    if not name:
                        part.drop()  # nobody would find it to go on with
                    raise _about(error, url, tries) from error
                self._sleep(WAIT * 2 ** (tries - 1) * random.uniform(1, 1.5))
            else:
                return fetched and Fetched(
                    fetched.address, fetched.path, fetched.media_type, fetched.final_url, fetched.headers, True, tries
                )

    def read(
        self, url: str, *, is_internal: bool = False, gap: float = 0.0, heeds_robots: bool = True
    ) -> tuple[bytes, str]:
        """(content, its final address) of something that is small; raises as ``get`` does."""
        most = min(LISTING_BYTES, self.limits.megabytes * 2**20)
        fetched = self.get(url, is_internal=is_internal, gap=gap, max_bytes=most, heeds_robots=heeds_robots)
        if fetched is None:  # cannot be: nothing was known
            raise FetchError("came without content", url, "open the address in a browser")
        try:
            return fetched.path.read_bytes(), fetched.final_url
        finally:
            fetched.path.unlink(missing_ok=True)

    def sitemaps(self, url: str, *, is_internal: bool = False) -> tuple[str, ...]:
        """The sitemaps that a site's robots.txt names; raises FetchError when there is no such site."""
        rules = self.rules_for(url, is_internal)
        rules.require(url)
        return rules.sitemaps

    def rules_for(self, url: str, is_internal: bool = False) -> Rules:
        """What the site's robots.txt says; raises FetchError when there is no such site."""
        return self._robots[is_internal].rules_for(url)

    def close(self) -> None:
        """Close all connections; the pace at each host and what its robots.txt said is kept, should more be asked."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _wait(self, seconds: float) -> None:
        if self.is_stopped.wait(seconds):
            raise StoppedError("the run was stopped", "", "the next refresh goes on")

    def _try(self, request: _Request) -> Fetched | None:
        at = request.url
        for _ in range(MAX_REDIRECTS + 1):
            require_web(at)
            if self.is_stopped.is_set():
                raise StoppedError("the run was stopped", at, "the next refresh goes on")
            gap = request.gap
            if request.heeds_robots:
                rules = self.rules_for(at, request.is_internal)
                rules.require(at)
                gap = max(gap, rules.gap)
            headers = {**request.known.headers, **request.part.headers}
            with (
                self._answering(at),
                self._pace.turn(host_of(at), gap),
                self._stream(request.is_internal, at, headers) as response,
            ):
                if response.next_request is not None:
                    at = str(response.next_request.url)
                    continue
                return self._take(request, at, response, is_conditional=bool(request.known.headers))
        what, remedy = f"more than {MAX_REDIRECTS} redirects", "open the address in a browser and use its last one"
        raise FetchError(what, request.url, remedy)

    def _take(self, request: _Request, at: str, response: httpx.Response, is_conditional: bool) -> Fetched | None:
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED and is_conditional:
            return None
        if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            request.part.drop()
            raise PassingFetchError("what was begun cannot be gone on with", at, "the next refresh begins anew")
        if status == httpx.codes.PARTIAL_CONTENT and request.part.headers and is_other_part(request.part, response):
            request.part.drop()
            raise PassingFetchError("another part came than was asked for", at, "the next refresh begins anew")
        is_asked = status == httpx.codes.OK or (status == httpx.codes.PARTIAL_CONTENT and request.part.headers)
        if not is_asked:
            raise self._refusal(at, response)
        DEADLINE.at = time.monotonic() + self.limits.seconds + _GRACE  # receive() tells more exactly
        receive(response, request.part, request.url, request.max_bytes, self.limits.seconds, self.is_stopped)
        require_whole(request.part, response, at)
        path = request.part.finish()
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            require_document(path, request.url, media_type)
        except FetchError:
            path.unlink(missing_ok=True)
            raise
        return Fetched(request.url, path, media_type, at, tuple(response.headers.multi_items()))

    def _refusal(self, at: str, response: httpx.Response) -> FetchError:
        """The error that an answer without the page is."""
        status = response.status_code
        what = f"the server answered {status} {response.reason_phrase}".rstrip()
        if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            return GoneError(what, at, "open the address in a browser; mend or remove it")
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            return FetchError(
                what, at, "the site refuses programs: save the page by hand into a folder that is a source"
            )
        if status not in PASSING_STATUS:
            return FetchError(what, at, "open the address in a browser; mend or remove it if it is gone")
        if wait := retry_after(response.headers.get("retry-after", "")):
            self._pace.hold(host_of(at), wait)
        elif status == httpx.codes.TOO_MANY_REQUESTS:
            self._pace.hold(host_of(at), 4 * WAIT)
        return PassingFetchError(what, at, "the next refresh tries again")

    def _stream(self, is_internal: bool, url: str, headers: dict[str, str]) -> AbstractContextManager[httpx.Response]:
        DEADLINE.at = time.monotonic() + 2 * self.limits.seconds  # to connect, and to have all headers
        DEADLINE.is_stopped = self.is_stopped
        return self._client(is_internal).stream("GET", url, headers=headers)

    def _answering(self, url: str) -> Answering:
        return Answering(url, self._strike)

    def _strike(self, url: str, is_hit: bool) -> None:
        """Count the times in a row that a host could not be reached."""
        host = host_of(url)
        with self._lock:
            self._strikes[host] = self._strikes.get(host, 0) + 1 if is_hit else 0
            if self._strikes[host] >= STRIKES:
                self._pace.hold(host, STRUCK_OUT, f"the host could not be reached {STRIKES} times in a row")

    def _client(self, is_internal: bool) -> httpx.Client:
        with self._lock:
            if is_internal not in self._clients:
                # Made where it is first needed: reading the certificates takes a tenth of a second.
                self._folder.mkdir(parents=True, exist_ok=True)
                pool = httpx.Limits(max_connections=4 * self.limits.parallel, keepalive_expiry=30)
                self._clients[is_internal] = httpx.Client(
                    headers={"User-Agent": self._agent, "Accept-Encoding": ACCEPTED},
                    timeout=httpx.Timeout(self.limits.seconds, connect=min(10, self.limits.seconds)),
                    follow_redirects=False,
                    transport=transport(is_internal, pool),
                )
            return self._clients[is_internal]

    def _reading_robots(self, is_internal: bool) -> Callable[[str], tuple[int, bytes]]:
        def read(url: str) -> tuple[int, bytes]:
            for tries in range(1, self.limits.tries + 1):
                is_last = tries == self.limits.tries
                try:
                    status, text = read_once(url)
                    if is_last or status not in PASSING_STATUS:
                        return status, text
                except PassingFetchError as error:
                    if is_last or isinstance(error, HeldError | SlowError | StoppedError):
                        raise
                self._sleep(WAIT * 2 ** (tries - 1))
            raise FetchError("was never asked for", url)  # no tries were allowed

        def read_once(url: str) -> tuple[int, bytes]:
            at = url
            for _ in range(MAX_REDIRECTS + 1):
                require_web(at)
                with (
                    self._answering(at),
                    self._pace.turn(host_of(at)),
                    self._stream(is_internal, at, {}) as response,
                ):
                    if response.next_request is not None:
                        at = str(response.next_request.url)
                        continue
                    if response.status_code in PASSING_STATUS:
                        self._refusal(at, response)  # leaves the host alone for as long as it asks
                    if response.status_code != httpx.codes.OK:
                        return response.status_code, b""
                    part = Part(self._folder / f"{secrets.token_hex(8)}.part")
                    try:
                        limits = (ROBOTS_BYTES, self.limits.seconds)
                        receive(response, part, at, *limits, self.is_stopped, is_cut=True)
                        return response.status_code, part.path.read_bytes()
                    finally:
                        part.drop()
            raise FetchError(f"more than {MAX_REDIRECTS} redirects", url)

        return read


@dataclass(frozen=True, slots=True)
class _Request:
    url: str
    part: Part
    is_internal: bool
    known: Validators
    gap: float
    max_bytes: int
    heeds_robots: bool


def _about(error: FetchError, url: str, tries: int) -> FetchError:
    """The error, told of the address that was asked for."""
    found = type(error)(error.what, url, error.remedy)
    found.tries = tries
    return found
