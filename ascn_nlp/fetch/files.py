"""Documents in folders."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from ascn_nlp.errors import FetchError
from ascn_nlp.records import Fetched


def fetch_file(location: str, address: str, max_bytes: int) -> Fetched:
    """The file at a location; FetchError when it cannot be read or is larger than ``max_bytes``."""
    path = Path(os.fsdecode(unquote_to_bytes(urlsplit(location).path)) if location.startswith("file:") else location)
    try:
        size = path.stat().st_size
        with path.open("rb"):  # a folder, or a file that may not be read, is told here
            pass
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror}", address, "check that the file is there") from error
    if size > max_bytes:
        raise too_large(address, size, max_bytes)
    return Fetched(address, path, "")


def too_large(address: str, size: int, max_bytes: int) -> FetchError:
    """The error about a document of ``size`` bytes or more."""
    return FetchError(
        f"is larger than {max_bytes // 2**20} MB ({size / 2**20:.0f} MB or more)",
        address,
        "raise fetching.megabytes in ascn.toml if it is a document you want",
    )
