"""The codebook of a workspace as a file, and a file's changes into the workspace's taxonomy. Reads and writes files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ascn_nlp import __version__
from ascn_nlp.codebook.changes import Comparison, compare, edit
from ascn_nlp.codebook.entries import entries
from ascn_nlp.codebook.page import html_page, markdown_page
from ascn_nlp.codebook.qdc import MAX_BYTES, Code, read_qdc, write_qdc
from ascn_nlp.errors import OptionError, TableError
from ascn_nlp.replacing import replacing
from ascn_nlp.resources import packaged
from ascn_nlp.taxonomy import Taxonomy, load_taxonomy
from ascn_nlp.workspace import Workspace

_MAKER = f"ascn-nlp {__version__}"


class _Format(NamedTuple):
    made: Callable[[Taxonomy], bytes]
    mark: bytes  # what a file that we made has in its first lines, so that no other is overwritten


def _qdc(taxonomy: Taxonomy) -> bytes:
    origin = f"{_MAKER}, taxonomy version {taxonomy.version}, digest {taxonomy.digest}"
    return write_qdc(entries(taxonomy), origin)


FORMATS = {
    ".qdc": _Format(_qdc, b'origin="ascn-nlp '),
    ".html": _Format(lambda taxonomy: html_page(taxonomy, _MAKER).encode(), b'name="generator" content="ascn-nlp '),
    ".md": _Format(lambda taxonomy: markdown_page(taxonomy, _MAKER).encode(), b"Made by ascn-nlp "),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file said otherwise, and what was written: ``kept`` is the previous taxonomy, None where there was none.

    ``written`` is None when nothing was to be written, or nothing should be.
    """

    found: Comparison
    target: Path
    version: int
    written: Path | None
    kept: Path | None


def export_codebook(workspace: Workspace, out: Path) -> Path:
    """The file that holds the workspace's codebook now, in the format that its ending names.

    OptionError for another ending, and for a file that is there and was not made by us: it may hold a person's work.
    """
    chosen = FORMATS.get(out.suffix.lower())
    if chosen is None:
        raise OptionError(f"{out.name!r} names no format", "OUT", f"end it in one of: {', '.join(FORMATS)}")
    if out.exists():
        if not out.is_file():
            raise OptionError(f"{out} is no file", "OUT", "name a file in it")
        with out.open("rb") as file:
            is_ours = chosen.mark in file.read(4096)
        if not is_ours:
            raise OptionError(f"{out} is there and was not made by ascn-nlp", "OUT", "name another file, or move it")
    content = chosen.made(load_taxonomy(workspace.taxonomy))
    with replacing(out) as unfinished:
        unfinished.write_bytes(content)
    return out


def import_codebook(workspace: Workspace, path: Path, is_dry_run: bool = False) -> Imported:
    """What a .qdc file says otherwise, taken into the workspace's own taxonomy unless ``is_dry_run``.

    The previous table stays beside it. TableError, and nothing is changed, when the file is no codebook or the table
    with its changes could not be loaded; OptionError when there is no such file.
    """
    if not path.is_file():
        raise OptionError(f"there is no file {path}", "FILE", "check the path")
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    taxonomy = load_taxonomy(workspace.taxonomy)
    codes = read_qdc(content, str(path))
    found = compare(taxonomy, codes)
    target = workspace.taxonomy.resolve()
    if target == packaged("taxonomy.toml").resolve():
        target = workspace.root / "taxonomy.toml"
    if is_dry_run or not found.changes:
        return Imported(found, target, taxonomy.version, None, None)
    source = workspace.taxonomy.read_bytes().decode("utf-8-sig")
    kept = _write(target, edit(source, found.changes).encode(), codes)
    return Imported(found, target, taxonomy.version + 1, target, kept)


def _write(target: Path, content: bytes, codes: Sequence[Code]) -> Path | None:
    """Put a taxonomy in the place of the one there, once it loads and says what the codes say; where that one is kept.

    TableError, and nothing is changed, when it does not.
    """
    with replacing(target) as unfinished:
        try:
            unfinished.write_bytes(content)
            if left := compare(load_taxonomy(unfinished), codes).changes:
                raise TableError("still says what it said", f"{target}: {'.'.join(left[0].key)}", "edit it by hand")
        except TableError as error:
            what = f"could not be changed, so it was left as it is: {error.what}"
            raise TableError(what, error.where.replace(str(unfinished), str(target)), error.remedy) from None
        return _keep(target) if target.exists() else None


def _keep(path: Path) -> Path:
    """A copy of a file beside it, under a name that no file had."""
    n = 1
    while True:
        copy = path.with_name(f"{path.name}.before-{n}")
        try:
            with copy.open("xb") as file:
                file.write(path.read_bytes())
        except FileExistsError:
            n += 1
        else:
            return copy
