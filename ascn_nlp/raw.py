"""The raw store: what was fetched, untouched, by SHA-256. Files are added, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import BinaryIO

from ascn_nlp.errors import FetchError, StoreError

_UNFINISHED = ".part"
_PIECE = 2**20
# Seconds for which a transfer that broke off waits to be gone on with.
RESUMABLE_LIFE = 30 * 86400


def raw_path(root: Path, sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    return root / sha256[:2] / sha256


def keep_raw(root: Path, path: Path, is_spare: bool = False) -> tuple[str, int]:
    """(SHA-256, size) of the file's bytes, which are in the store, whole, when this returns.

    A spare file is gone afterwards. Raises StoreError when the bytes cannot be written, FetchError when they cannot be
    read.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        unfinished = root / f"{secrets.token_hex(8)}{_UNFINISHED}"
    except OSError as error:
        raise _cannot_keep(root, error) from error
    try:
        source = path.open("rb")
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror}", str(path), "check that the file is there") from error
    try:
        with source:
            if is_spare:
                sha256 = hashlib.file_digest(source, "sha256").hexdigest()
                size = source.tell()
                _sync(source)
            else:
                sha256, size = _copy(source, unfinished)
        whole = raw_path(root, sha256)
        if not (whole.is_file() and whole.stat().st_size == size):
            whole.parent.mkdir(exist_ok=True)
            # Moved there when it is whole, so that a kill leaves no half file under a digest.
            (path if is_spare else unfinished).replace(whole)
    except OSError as error:
        raise _cannot_keep(root, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
        if is_spare:
            path.unlink(missing_ok=True)
    return sha256, size


def _copy(source: BinaryIO, to: Path) -> tuple[str, int]:
    """(SHA-256, size) of what was copied, which is on disk: a file that changes meanwhile is kept as it was copied."""
    summed = hashlib.sha256()
    with to.open("wb") as file:
        while piece := source.read(_PIECE):
            summed.update(piece)
            file.write(piece)
        file.flush()
        _sync(file)
        return summed.hexdigest(), file.tell()


def _sync(file: BinaryIO) -> None:
    os.fsync(file.fileno())


def _cannot_keep(root: Path, error: OSError) -> StoreError:
    return StoreError(
        f"a fetched file cannot be kept: {error.strerror}",
        str(root),
        "free disk space or mend the folder's permissions, then run the same command again",
    )


def drop_unfinished(root: Path, incoming: Path) -> None:
    """Remove what runs that were killed while they wrote left behind; no run may be at work.

    Transfers that can be gone on with stay for a month.
    """
    for path in [*root.glob(f"*{_UNFINISHED}"), *root.glob(f"*/*{_UNFINISHED}")]:
        path.unlink(missing_ok=True)
    for path in incoming.glob("*"):
        is_resumable = path.with_suffix(".json").exists() and path.with_suffix(_UNFINISHED).exists()
        if not is_resumable or time.time() - path.stat().st_mtime > RESUMABLE_LIFE:
            path.unlink(missing_ok=True)


def drop_raw(root: Path, sha256: str) -> None:
    """Remove the bytes with this digest; StoreError when that fails."""
    try:
        raw_path(root, sha256).unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"cannot be removed: {error.strerror}", str(raw_path(root, sha256)), "remove it") from error


def read_raw(path: Path) -> bytes:
    """The bytes of a stored copy; FetchError when they are gone."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FetchError(
            f"its stored copy cannot be read: {error.strerror}",
            path.name,
            "the next refresh fetches it again, if its source still has it; or put the folder back from a copy",
        ) from error
