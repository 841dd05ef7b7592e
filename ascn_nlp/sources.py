"""The table of sources, and what each source lists. Reads the table and the folders it names."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from ascn_nlp.errors import AscnNlpError, FetchError
from ascn_nlp.records import Found, Source
from ascn_nlp.tables import Table, read_table

GENRES = ("official_report", "press_release", "news", "ngo_or_think_tank", "academic", "legal", "other")
# Files that programs leave in folders and nobody means as documents; skipped, as are hidden files.
CLUTTER = ("Thumbs.db", "desktop.ini")
# What only one kind of source has a use for; the first is needed.
_KEYS_OF_KIND = {"folder": ("path", "pattern"), "urls": ("urls",)}
_TEXTS = ("publisher", "genre", "why", "kind", "licence", "country", "language", "path", "pattern")
_KEYS = (*_TEXTS, "urls", "enabled", "internal")


@dataclass(frozen=True, slots=True)
class Sources:
    """All sources of a table; paths in it are relative to the table's own folder."""

    path: Path
    sources: tuple[Source, ...]

    def choose(self, only: Iterable[str] = ()) -> tuple[Source, ...]:
        """The sources named, or all that are enabled; AscnNlpError for a name that is not in the table."""
        wanted = tuple(only)
        known = {source.id: source for source in self.sources}
        for name in wanted:
            if name not in known:
                raise AscnNlpError(f"there is no source {name!r}", str(self.path), f"it has: {', '.join(known)}")
        return tuple(known[name] for name in wanted) or tuple(s for s in self.sources if s.is_enabled)

    def list(self, source: Source) -> tuple[Found, ...]:
        """The documents a source lists now, in a stable order; FetchError when it cannot be asked."""
        return KINDS[source.kind](self.path.parent, source)


def load_sources(path: Path) -> Sources:
    """The sources of a table; TableError, naming file, line and key, for anything that is not understood."""
    table = read_table(path)
    sources = tuple(_source(table, source_id, values) for source_id, values in table.values.items())
    if not sources:
        raise table.error("names no source", remedy='add a table such as [my-reports] with kind = "folder"')
    return Sources(path, sources)


def _source(table: Table, source_id: str, values: Any) -> Source:
    if not isinstance(values, dict):
        raise table.error("must be a table", source_id, remedy=f"write [{source_id}] and its keys below it")
    table.refuse_unknown(values, _KEYS, source_id)
    kind = table.text(values, "kind", source_id)
    if kind not in KINDS:
        raise table.error(f"{kind!r} is no kind of source", source_id, "kind", remedy=f"one of: {', '.join(KINDS)}")
    genre = table.text(values, "genre", source_id)
    if genre not in GENRES:
        raise table.error(f"{genre!r} is no genre", source_id, "genre", remedy=f"one of: {', '.join(GENRES)}")
    needed = _KEYS_OF_KIND[kind][0]
    if not values.get(needed):
        remedy = f"a source of kind {kind} needs it: {needed} = ..."
        raise table.error(f"{needed!r} is missing or empty", source_id, remedy=remedy)
    for name in (name for other, names in _KEYS_OF_KIND.items() if other != kind for name in names):
        if name in values:
            raise table.error(f"a source of kind {kind} has no use for it", source_id, name, remedy="remove it")
    for flag in ("enabled", "internal"):
        if not isinstance(values.get(flag, True), bool):
            raise table.error("must be true or false", source_id, flag, remedy=f"{flag} = true, or = false")
    urls = table.texts(values, "urls", source_id)
    for url in urls:
        if not _is_web_address(url):
            remedy = "write https://, the host and the path"
            raise table.error(f"{url!r} is not a web address", source_id, "urls", remedy=remedy)
    pattern = table.text(values, "pattern", source_id, default="**/*")
    if not _is_pattern(pattern):
        remedy = 'write a pattern within the folder, such as "**/*.pdf" or "2023/*"'
        raise table.error(f"{pattern!r} is no pattern", source_id, "pattern", remedy=remedy)
    return Source(
        id=source_id,
        kind=kind,
        publisher=table.text(values, "publisher", source_id),
        genre=genre,
        why=table.text(values, "why", source_id),
        licence=table.text(values, "licence", source_id, default=""),
        country=table.text(values, "country", source_id, default=""),
        language=table.text(values, "language", source_id, default=""),
        path=table.text(values, "path", source_id, default=""),
        pattern=pattern,
        urls=urls,
        is_enabled=values.get("enabled", True),
        is_internal=values.get("internal", False),
    )


def _is_web_address(url: str) -> bool:
    try:
        return url.startswith(("http://", "https://")) and bool(urlsplit(url).hostname)
    except ValueError:  # brackets that hold no IPv6 address
        return False


def _is_pattern(pattern: str) -> bool:
    """Whether ``Path.glob`` takes it on every Python, and finds nothing outside the folder."""
    parts = pattern.split("/")
    return all(part not in ("", "..") and ("**" not in part or part == "**") for part in parts)


def _list_folder(base: Path, source: Source) -> tuple[Found, ...]:
    folder = (base / source.path).resolve()
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
    return tuple(found)


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


def _list_urls(_base: Path, source: Source) -> tuple[Found, ...]:
    addresses = dict.fromkeys(urldefrag(url).url for url in source.urls)
    return tuple(Found(source.id, address, address) for address in addresses)


# What a kind of source lists: (folder of the table, source) -> documents.
KINDS: dict[str, Callable[[Path, Source], tuple[Found, ...]]] = {
    "folder": _list_folder,
    "urls": _list_urls,
}
