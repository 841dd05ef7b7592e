"""The raw store: what was fetched, untouched, by SHA-256. Files are added, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from ascn_nlp.errors import FetchError, StoreError

_UNFINISHED = ".part"


def raw_path(root: Path, sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    return root / sha256[:2] / sha256


def put_raw(root: Path, content: bytes) -> str:
    """The SHA-256 of the content, which is on disk, whole, when this returns; StoreError when it cannot be written."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = raw_path(root, sha256)
    if path.is_file() and path.stat().st_size == len(content):
        return sha256
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, content)
    except OSError as error:
        raise StoreError(
            f"a fetched file cannot be kept: {error.strerror}",
            str(root),
            "free disk space or mend the folder's permissions, then run the same command again",
        ) from error
    return sha256


def _write_whole(path: Path, content: bytes) -> None:
    # Written beside its place and moved there, so that a kill leaves no half file under a digest.
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_UNFINISHED}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def drop_unfinished(root: Path) -> None:
    """Remove what runs that were killed while they wrote left behind; no run may be at work."""
    for path in root.glob(f"*/*{_UNFINISHED}"):
        path.unlink(missing_ok=True)


def get_raw(root: Path, sha256: str) -> bytes:
    """The bytes with this digest; FetchError when they are gone."""
    try:
        return raw_path(root, sha256).read_bytes()
    except OSError as error:
        raise FetchError(
            f"its stored copy cannot be read: {error.strerror}",
            sha256,
            "fetch it again: ascn-nlp refresh --failed-only",
        ) from error
