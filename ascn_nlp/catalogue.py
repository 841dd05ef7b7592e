"""The catalogue of real sources, what of it a workspace takes, and whether a source is what it says. Reads files.

Checking a source asks the network and writes nothing to the store.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import FetchError, OptionError, TableError
from ascn_nlp.fetch import GoneError, Limits, fetch_file
from ascn_nlp.fetch.web import Fetcher
from ascn_nlp.records import Found, Source
from ascn_nlp.resources import resource
from ascn_nlp.sources import Asking
from ascn_nlp.sources.table import Sources, list_documents, load_sources
from ascn_nlp.workspace import Workspace

_HEADER = re.compile(r"^\s*\[\s*[\"']?(?P<id>[^\]\"']+)[\"']?\s*\]")
_NEW_TABLE = (
    "# Where the documents of this workspace come from. README.md explains the keys, under\n"
    "# Use it on your own documents. More sources: ascn-nlp sources list --catalogue\n"
)


@dataclass(frozen=True, slots=True)
class Health:
    """How a source was when it was checked: ``state`` is ok, partly or broken; ``first`` a document that was got."""

    source_id: str
    state: str
    listed: int
    first: str
    findings: tuple[str, ...]


def catalogue_path() -> Path:
    """Where the catalogue lies, in a checkout or in a wheel."""
    return resource("corpus", "catalogue.toml")


def check_sources(workspace: Workspace, table: Sources, sources: Iterable[Source]) -> Iterator[Health]:
    """For each source what it lists now and whether a document of it can be had, as a refresh would ask."""
    limits = Limits(
        seconds=workspace.fetching_seconds,
        megabytes=workspace.fetching_megabytes,
        per_host=workspace.fetching_per_host,
        per_minute=workspace.fetching_per_minute,
        tries=2,
    )
    with tempfile.TemporaryDirectory(prefix="ascn-check-") as folder:
        fetcher = Fetcher(Path(folder), workspace.contact, limits)  # one for all: sources may share a host
        try:
            for source in sources:
                try:
                    listing = list_documents(source, Asking(table.path.parent, fetcher, datetime.now(UTC).date()))
                except FetchError as error:
                    yield Health(source.id, "broken", 0, "", (str(error),))
                else:
                    yield _health(fetcher, source, listing.found, listing.problems, limits.megabytes * 2**20)
        finally:
            fetcher.close()


def _health(
    fetcher: Fetcher, source: Source, found: Sequence[Found], problems: Sequence[str], max_bytes: int
) -> Health:
    if not found:
        return Health(source.id, "broken", 0, "", (*problems, "it lists no document"))
    findings = list(problems)
    got, is_left_to_archive = "", False
    # Of a list every address; of a feed or search the first that can be had: one may be a page that has just gone.
    for one in found if source.kind == "urls" else found[:3]:
        try:
            if is_web_address(one.location):
                fetcher.get(one.location.partition("#")[0], is_internal=source.is_internal)
            else:
                fetch_file(one.location, one.address, max_bytes)
        except FetchError as error:
            is_left = isinstance(error, GoneError) and source.has_archive
            remedy = "a refresh looks for a copy in the web archive" if is_left else error.remedy
            findings.append(str(FetchError(error.what, error.where, remedy)))
            is_left_to_archive |= is_left
            continue
        got = got or one.address
        if source.kind != "urls":
            break
    state = "broken" if not (got or is_left_to_archive) else "partly" if findings else "ok"
    return Health(source.id, state, len(found), got, tuple(findings))


def mark_verified(table: Sources, source_ids: Sequence[str]) -> int:
    """How many sources of the table now say ``verified = true``; all else in the file stays as it is.

    TableError when the file cannot be written.
    """
    lines = table.path.read_text(encoding="utf-8").splitlines(keepends=True)
    marked = 0
    for source_id in source_ids:
        at = table.table.lines.get((source_id, "verified"))
        if at is None:
            head = table.table.lines[source_id,]
            lines[head - 1] = lines[head - 1].rstrip("\r\n") + "\nverified = true\n"
            marked += 1
        elif re.search(r"=\s*false\b", lines[at - 1]):
            lines[at - 1] = re.sub(r"=\s*false\b", "= true", lines[at - 1], count=1)
            marked += 1
    try:
        table.path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise TableError(f"cannot be written: {error.strerror}", str(table.path), "copy it into a workspace") from error
    return marked


def add_sources(workspace: Workspace, source_ids: Sequence[str]) -> Path:
    """The workspace's table, with these sources of the catalogue at its end; it is made where there is none.

    OptionError for a source that the catalogue does not have, or that the workspace has already.
    """
    blocks = _blocks(catalogue_path())
    path = workspace.root / "sources.toml"
    present = {source.id for source in load_sources(path).sources} if path.is_file() else set()
    for source_id in source_ids:
        if source_id not in blocks:
            raise OptionError(
                f"the catalogue has no source {source_id!r}", "ID", "see: ascn-nlp sources list --catalogue"
            )
        if source_id in present:
            raise OptionError(f"{path} has a source {source_id!r} already", "ID", "remove it there first")
    before = path.read_text(encoding="utf-8") if path.is_file() else _NEW_TABLE
    added = "".join(f"\n{blocks[source_id]}" for source_id in dict.fromkeys(source_ids))
    path.write_text(before.rstrip("\n") + "\n" + added, encoding="utf-8")
    load_sources(path)
    return path


def _blocks(path: Path) -> dict[str, str]:
    """{source: its table as it is written}, comments between tables left out."""
    blocks: dict[str, list[str]] = {}
    current: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if header := _HEADER.match(line):
            current = blocks.setdefault(header["id"].strip(), [])
        if not line.startswith("#"):
            current.append(line)
    return {source_id: "\n".join(lines).strip("\n") + "\n" for source_id, lines in blocks.items()}
