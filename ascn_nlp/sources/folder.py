"""A folder of files, looked at anew each time: new, changed and gone."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from ascn_nlp.errors import FetchError
from ascn_nlp.records import Found, Source
from ascn_nlp.sources.listing import Asking, Kind, Listing

# Files that programs leave in folders and nobody means as documents; skipped, as are hidden files.
CLUTTER = ("Thumbs.db", "desktop.ini")


def list_folder(source: Source, asking: Asking) -> Listing:
    """The files that the source's pattern chooses, in the order of their names; FetchError without the folder.

    Links to files are followed. Those to folders and to nothing are problems, and leave the listing complete: what the
    folder no longer holds is gone all the same.
    """
    folder = (asking.base / source.path).resolve()
    if not folder.is_dir():
        raise FetchError("there is no such folder", str(folder), f"make it, or mend `path` of source {source.id}")
    found, lost, reached = [], list[PurePath](), set[PurePath]()
    for path in _chosen(folder, source.pattern):
        relative = path.relative_to(folder)
        fingerprint = _fingerprint(path)
        if fingerprint is not None:
            found.append(Found(source.id, *_names(relative, path), fingerprint))
            reached.update(relative.parents)
        elif path.is_symlink() and not path.exists():
            lost.append(relative)
    unread, links = _walk(folder)
    passed_over = [link for link in links if link not in reached and _is_passed_over(link, folder, source.pattern)]
    problems = (
        *unread,
        *_told("links to folders are not followed", passed_over, "move it here, or make it a source of its own"),
        *_told("links lead to no file", lost, "mend or remove them"),
    )
    return Listing(tuple(found), is_complete=not unread, problems=problems)


def listed_twice(sources: Sequence[Source], base: Path) -> dict[str, str]:
    """{source: a line that names another one and a file} for each folder source that shares files with another.

    ``base`` is the folder of their table. Sources of one folder with different patterns are well as long as no file is
    chosen by both: it would be two documents.
    """
    files = {
        source.id: {path for path in _chosen(folder, source.pattern) if _fingerprint(path) is not None}
        for source in sources
        if source.kind == "folder" and (folder := (base / source.path).resolve()).is_dir()
    }
    lines = {}
    for source_id, own in files.items():
        for other, theirs in files.items():
            if other != source_id and (both := own & theirs):
                shared = f"files that source {other} lists too ({len(both)}, such as {min(both).name!r})"
                lines[source_id] = f"{shared} are two documents each: narrow `pattern`, or remove one of the sources"
    return lines


def _chosen(folder: Path, pattern: str) -> Iterator[Path]:
    """What the pattern chooses, in the order of the names, without clutter; not all of it is files."""
    for path in sorted(folder.glob(pattern)):
        if not _is_clutter(path.relative_to(folder)):
            yield path


def _is_clutter(relative: PurePath) -> bool:
    return any(part.startswith((".", "~$")) for part in relative.parts) or relative.name in CLUTTER


def _walk(folder: Path) -> tuple[list[str], list[PurePath]]:
    """(a line for each folder in it that may not be read, links to folders): globbing says nothing of either."""
    unread, links = list[str](), list[PurePath]()
    for at, names, _ in os.walk(folder, onerror=lambda error: unread.append(f"cannot be listed: {error}")):
        links += [Path(at, name).relative_to(folder) for name in names if Path(at, name).is_symlink()]
    return unread, [link for link in sorted(links) if not _is_clutter(link)]


def _is_passed_over(link: PurePath, folder: Path, pattern: str) -> bool:
    """Whether the pattern's ``**``, which follows no links, would reach files through this one, and only through it."""
    head, stars, _ = pattern.partition("**")
    if not stars or not _is_below(link.parent, PurePath(head)):
        return False
    target = (folder / link).resolve()
    if not target.is_relative_to(folder):
        return True
    inside = target.relative_to(folder)
    return _is_clutter(inside) or not _is_below(inside, PurePath(head))


def _is_below(relative: PurePath, head: PurePath) -> bool:
    """Whether a folder is one that the pattern ``head`` chooses, or lies in one; "" chooses the source's own."""
    depth = len(head.parts)
    return depth == 0 or (len(relative.parts) >= depth and PurePath(*relative.parts[:depth]).match(str(head)))


def _told(what: str, paths: Sequence[PurePath], remedy: str) -> tuple[str, ...]:
    """One line for all of them: a folder may hold thousands. Names that are no text stand with their escapes."""
    return (f"{what} ({len(paths)}, such as {paths[0].as_posix()!r}): {remedy}",) if paths else ()


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
