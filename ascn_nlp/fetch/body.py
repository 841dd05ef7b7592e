"""Receives the body of a response into a file: capped in size, unpacked size and time; resumable where it can be."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from ascn_nlp.errors import FetchError, StoreError
from ascn_nlp.fetch.errors import PassingFetchError, StoppedError
from ascn_nlp.fetch.files import too_large

# What is smaller is fetched anew rather than resumed.
WORTH_RESUMING = 64 * 1024
_PIECE = 64 * 1024
# gzip and zlib alone: each piece can be unpacked under a limit with what Python has.
ACCEPTED = "gzip, deflate"
# A gzip file may be several, one after the other (RFC 1952, 2.2).
_GZIP = b"\x1f"


class SlowError(PassingFetchError):
    """A response that came too slowly; worth another try in this run only where it can go on from here."""


@dataclass(frozen=True, slots=True)
class Part:
    """What has come of a page so far: a file, and beside it which state of the page it is a part of."""

    path: Path

    @property
    def _about(self) -> Path:
        return self.path.with_suffix(".json")

    @property
    def headers(self) -> dict[str, str]:
        """Headers that ask for the rest (RFC 9110, 14.2 and 13.1.5); none where there is nothing to go on from."""
        try:
            validator = json.loads(self._about.read_text("utf-8"))["validator"]
            size = self.path.stat().st_size
        except (OSError, ValueError, KeyError):
            return {}
        if size < WORTH_RESUMING:
            return {}
        return {"Range": f"bytes={size}-", "If-Range": str(validator), "Accept-Encoding": "identity"}

    def keep_if_resumable(self, response: httpx.Response) -> bool:
        """Whether what came can be gone on from; if not, it is dropped."""
        etag = response.headers.get("etag", "")
        # A weak tag promises the same meaning, not the same bytes.
        validator = etag if etag.startswith('"') else response.headers.get("last-modified", "")
        is_packed = response.headers.get("content-encoding", "identity") != "identity"
        takes_ranges = response.status_code == httpx.codes.PARTIAL_CONTENT or (
            response.headers.get("accept-ranges", "").lower() == "bytes"
        )
        if validator and takes_ranges and not is_packed and self.size >= WORTH_RESUMING:
            self._about.write_text(json.dumps({"validator": validator}), "utf-8")
            return True
        self.drop()
        return False

    @property
    def size(self) -> int:
        """Bytes so far."""
        with suppress(OSError):
            return self.path.stat().st_size
        return 0

    def finish(self) -> Path:
        """The file, whole now."""
        self._about.unlink(missing_ok=True)
        return self.path

    def drop(self) -> None:
        """Forget what came."""
        self.path.unlink(missing_ok=True)
        self._about.unlink(missing_ok=True)


def receive(
    response: httpx.Response,
    part: Part,
    url: str,
    max_bytes: int,
    seconds: float,
    is_stopped: threading.Event,
    is_cut: bool = False,
) -> None:
    """Write the body to the part's file: after what is there for a partial answer, else from the beginning.

    Where it ``is_cut``, no more than ``max_bytes`` of it are written, and what comes after them is no error.
    Raises FetchError for a body that is too large, and for one in an encoding we did not ask for; PassingFetchError
    for one that breaks off or takes longer than ``seconds``. What came until then stays, if it can be gone on from.
    """
    size = part.size if response.status_code == httpx.codes.PARTIAL_CONTENT else 0
    announced = response.headers.get("content-length", "")
    if not is_cut and announced.isdecimal() and size + int(announced) > max_bytes:
        part.drop()
        raise too_large(url, size + int(announced), max_bytes)
    try:
        with part.path.open("ab" if size else "wb") as file:
            for piece in _unpacked(_in_time(response, url, seconds, is_stopped), response, url):
                size += len(piece)
                if is_cut and size >= max_bytes:
                    file.write(piece[: len(piece) - (size - max_bytes)])
                    return
                if size > max_bytes:
                    raise too_large(url, size, max_bytes)
                file.write(piece)
    except SlowError as error:
        if part.keep_if_resumable(response):
            raise PassingFetchError(error.what, url, error.remedy) from error
        raise
    except (PassingFetchError, httpx.TransportError):
        part.keep_if_resumable(response)
        raise
    except OSError as error:
        part.drop()
        remedy = "free disk space or mend the folder's permissions, then run the same command again"
        raise StoreError(f"a page cannot be kept: {error.strerror}", str(part.path.parent), remedy) from error
    except BaseException:
        part.drop()
        raise


def _in_time(response: httpx.Response, url: str, seconds: float, is_stopped: threading.Event) -> Iterator[bytes]:
    # The client's own limit is for each piece: a server that drips could hold it for ever.
    until = time.monotonic() + seconds
    for piece in response.iter_raw():
        yield piece
        if is_stopped.is_set():
            raise StoppedError("the run was stopped", url, "the next refresh goes on")
        if time.monotonic() > until:
            remedy = "raise fetching.seconds in ascn.toml if it is a document you want"
            raise SlowError(f"took more than {seconds:.0f} s", url, remedy)


def _unpacked(pieces: Iterator[bytes], response: httpx.Response, url: str) -> Iterator[bytes]:
    """The bytes that were packed for the way, in pieces that stay small however well they were packed."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing in ("", "identity", "none"):
        yield from pieces
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise FetchError(f"came packed as {packing!r}, which nobody asked for", url, "open the address in a browser")
    unpacker = None
    try:
        for packed in pieces:
            waiting = packed
            while waiting:
                if unpacker is None or unpacker.eof:
                    if unpacker is not None and not (packing != "deflate" and waiting.startswith(_GZIP)):
                        return  # padding after the end
                    unpacker = zlib.decompressobj(_window(packing, waiting))
                yield unpacker.decompress(waiting, _PIECE)
                waiting = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error as error:
        what = f"is damaged: it cannot be unpacked ({error})"
        raise FetchError(what, url, "open the address in a browser") from error
    if unpacker is not None and not unpacker.eof:
        yield unpacker.flush()
        if not unpacker.eof:
            raise PassingFetchError("broke off", url, "the next refresh tries again")


def _window(packing: str, beginning: bytes) -> int:
    """zlib's word for how the bytes are packed: "deflate" means zlib's format, and some servers leave its head out."""
    is_bare = packing == "deflate" and beginning[:1] not in (b"\x78", b"\x58", b"\x18", b"\x08")
    return -zlib.MAX_WBITS if is_bare else zlib.MAX_WBITS | 32
