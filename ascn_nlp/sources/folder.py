"""A folder of files, looked at anew each time: new, changed and gone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ascn_nlp.errors import FetchError
from ascn_nlp.records import Found, Source
from ascn_nlp.sources.listing import Asking, Kind, Listing

# Files that programs leave in folders and nobody means as documents; skipped, as are hidden files.
CLUTTER = ("Thumbs.db", "desktop.ini")


def list_folder(source: Source, asking: Asking) -> Listing:
    """The files that the source's pattern chooses, in the order of their names; FetchError without the folder."""
    folder = (asking.base / source.path).resolve()
    if not folder.is_dir():
        raise FetchError("there is no such folder", str(folder), f"make it, or mend `path` of source {source.id}")
    found = []
    for path in sorted(folder.glob(source.pattern)):
        relative = path.relative_to(folder)
        if any(part.startswith((".", "~$")) for part in relative.parts) or path.name in CLUTTER:
            continue
        fingerprint = _fingerprint(path)
        if fingerprint is None:
            continue
        found.append(Found(source.id, *_names(relative, path), fingerprint))
    problems: list[str] = []
    for _ in os.walk(folder, onerror=lambda error: problems.append(f"cannot be listed: {error}")):
        pass  # globbing passes over folders that may not be read, and says nothing
    return Listing(tuple(found), is_complete=not problems, problems=tuple(problems))


def _names(relative: Path, path: Path) -> tuple[str, str]:
    """Address and location of a file: text that can be stored, whatever bytes its name is made of."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        # Bytes that are not UTF-8 stand as \xe9 in the address; the file: form keeps them.
        return os.fsencode(relative.as_posix()).decode(errors="backslashreplace"), path.as_uri()
    return relative.as_posix(), str(path)


def _fingerprint(path: Path) -> str | None:
    """Size and time of a file; "" when we may not look at it, None when it is no file."""
    try:
        found = path.stat()
    except PermissionError:
        return ""  # the fetch will fail and say so
    except OSError:  # deleted since the folder was listed, or a link that leads nowhere
        return None
    return f"{found.st_size}-{found.st_mtime_ns}" if stat.S_ISREG(found.st_mode) else None


KIND = Kind(("path", "pattern"), list_folder, is_growing=False, asks_network=False, revisit_days=0)
