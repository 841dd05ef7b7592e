"""Review files: written from the store, and read back into it."""

from __future__ import annotations

import gc
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from ascn_nlp.errors import ReviewError, TableError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import store_of
from ascn_nlp.records import Decision
from ascn_nlp.review.columns import same_columns
from ascn_nlp.review.conflicts import Conflict
from ascn_nlp.review.decisions import Refused, parse
from ascn_nlp.review.delimited import is_western, read_csv
from ascn_nlp.review.rows import Form, long_rows
from ascn_nlp.review.workbook import CHOICES, SHEET
from ascn_nlp.reviewing.formats import REVIEW_FORMATS, companion, format_of, write
from ascn_nlp.reviewing.gathered import definitions_of
from ascn_nlp.reviewing.samples import Choice, Draw, draw
from ascn_nlp.store import Store
from ascn_nlp.store.documents import is_within
from ascn_nlp.store.reviews import judged_passages, save_decisions
from ascn_nlp.store.samples import (
    Drawn,
    all_codebooks,
    blind_samples,
    codebook_digest,
    is_redefined,
    save_codebook,
    save_sample,
)
from ascn_nlp.workspace import Workspace

# What a workbook begins with: ZIP (XLSX, ODS) or OLE (XLS, and files under a password).
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# What flat ODS, "XML Spreadsheet 2003" and tables of web pages begin with, after a byte order mark and blanks.
_MARKUP = (b"<?xml", b"<html", b"<!doctype", b"<table")
_BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"


@dataclass(frozen=True, slots=True)
class Exported:
    """Where an export went, and its rows. ``kept`` is the edited file that was not overwritten, if there was one."""

    path: Path
    rows: int
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took and what it did not."""

    added: int
    known: int
    superseded: int  # brought by this very file before, and decided otherwise since: not taken again
    undecided: int
    refused: tuple[Refused, ...]
    lost: tuple[str, ...]  # ids of passages that are not in this store
    added_columns: tuple[str, ...] = ()  # columns of the person's own: not taken, and never overwritten
    moved: tuple[tuple[str, str], ...] = ()  # (id as decided on, id under which the same words stand now)
    orphaned: tuple[str, ...] = ()  # ids of passages whose words are no longer in their document
    conflicts: tuple[Conflict, ...] = ()
    stale: Mapping[str, int] | None = None  # decisions made under another definition than today's, by concern
    is_western: bool = False  # no Unicode: letters outside Windows-1252 were lost when the file was saved


def export_review(
    workspace: Workspace,
    path: Path,
    filters: Filters,
    choice: Choice = Choice(),  # noqa: B008  # frozen
    is_wide: bool = False,
    reviewer: str = "",
    format_: str = "",
) -> Exported:
    """Write the selected passages for review; an edited file in its place is kept and the new one put beside it.

    The filters know what counts as reviewed, as those of ``make_filters`` do. ``format_`` is one of FORMAT_NAMES, by
    default the one that the file's ending tells. OptionError for another; TableError where a concern of the wide form
    would have the name of another column.
    """
    format_ = _checked(path, format_, is_wide)
    if is_wide:
        _check_columns(workspace)
    store_of(workspace).require()  # what is exported is kept with its codebook, which would make one
    drawn = draw(workspace, filters, choice)
    form = replace(_form(workspace, drawn), reviewer=reviewer, is_blind=choice.is_blind)
    return _export(workspace, path, filters, drawn, form, is_wide, format_)


def export_disagreements(
    workspace: Workspace, path: Path, passages: Sequence[str], remarks: Mapping[str, str]
) -> Exported:
    """Write these passages for review, with who holds what of them; as ``export_review`` does."""
    format_ = _checked(path, "", is_wide=False)
    with store_of(workspace).writing() as connection:
        sample = save_sample(connection, "disagreed", [Drawn(id_, 0, []) for id_ in passages], Filters())
    drawn = Draw(sample, tuple(passages))
    form = replace(_form(workspace, drawn), remarks=remarks)
    return _export(workspace, path, Filters(), drawn, form, is_wide=False, format_=format_)


def _checked(path: Path, format_: str, is_wide: bool) -> str:
    """The format to write, told before anything is drawn; ReviewError or OptionError where it cannot be."""
    if path.is_dir():
        raise ReviewError("is a folder", str(path), "name a file in it")
    return format_of(path, format_, is_wide)


def _check_columns(workspace: Workspace) -> None:
    """Raise TableError for a concern whose columns of the wide form would be told from others by nothing."""
    if taken := same_columns(tuple(definitions_of(workspace))):
        what = f"a concern and another column of the wide form would both be called {taken[0]!r}"
        raise TableError(what, str(workspace.taxonomy), "rename the concern, or export without --wide")


def _form(workspace: Workspace, drawn: Draw | None) -> Form:
    definitions = definitions_of(workspace)
    return Form(
        in_window=lambda passage: is_within(passage, workspace.since, workspace.until),
        concerns=tuple(definitions),
        codebook=keep_codebook(store_of(workspace), definitions),
        sample=drawn.sample if drawn else "all",
        asks_for_missed=drawn is not None,
    )


def _export(
    workspace: Workspace, path: Path, filters: Filters, drawn: Draw | None, form: Form, is_wide: bool, format_: str
) -> Exported:
    target = path
    if format_ in REVIEW_FORMATS and path.exists() and has_unsaved_decisions(workspace, path):
        target = _free_name(path, lambda one: has_unsaved_decisions(workspace, one))
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    only = drawn.ids if drawn else None
    # Of what was drawn all tags are shown: with some of them hidden nobody could say that nothing else holds.
    shown = Filters() if drawn else filters
    try:
        with store_of(workspace).reading() as connection:
            told = definitions_of(workspace)
            # What was said in sight of predictions, filled in here, would come back as said without.
            of = blind_samples(connection) if form.is_blind else None
            found = judged_passages(connection, shown, drawn is not None, only, form.reviewer, told, of)
            with _no_collection():
                rows = write(unfinished, found, form, is_wide, format_)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    # Another format never comes back: who has written in it must not lose that, whoever has not needs no second one.
    is_other = format_ not in REVIEW_FORMATS and target.exists()
    if is_other and target.read_bytes() != unfinished.read_bytes():
        target = _free_name(path, Path.exists)
    unfinished.replace(target)
    if beside := companion(target, form, format_):
        _write_beside(*beside)
    return Exported(target, rows, path if target != path else None)


def _write_beside(path: Path, text: str) -> None:
    """Write a file that goes with an export; a person may have changed the one that is there."""
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
        path = _free_name(path, Path.exists)
    path.write_text(text, encoding="utf-8")


def review_rows(workspace: Workspace, filters: Filters) -> Iterator[dict[str, str]]:
    """The selected tags with the columns of a review CSV, as far as they have a value."""
    form = Form(lambda passage: is_within(passage, workspace.since, workspace.until), (), "")
    with store_of(workspace).reading() as connection:
        for one in judged_passages(connection, filters, definitions=definitions_of(workspace)):
            for row in long_rows(one, form):
                yield row.cells


def import_review(workspace: Workspace, path: Path, is_dry_run: bool = False, reviewer: str = "") -> Imported:
    """Take the decisions of a review file into the store, all in one transaction; a file twice changes nothing.

    ``reviewer`` is whose the rows are that name none. Raises ReviewError when the file cannot be read as a review file.
    """
    with _no_collection():
        return _import(workspace, path, is_dry_run, reviewer)


def _import(workspace: Workspace, path: Path, is_dry_run: bool, reviewer: str) -> Imported:
    content = _read(path)
    definitions = definitions_of(workspace)
    try:
        parsed = parse(sheet_of(content), definitions, reviewer)
    except ReviewError as error:
        raise ReviewError(error.what, ", ".join(filter(None, (str(path), error.where))), error.remedy) from error
    store, sha256 = store_of(workspace), hashlib.sha256(content).hexdigest()
    # A dry run must not wait for a refresh that is writing.
    with store.reading() if is_dry_run else store.writing() as connection:
        is_lossy = not content.startswith(_WORKBOOKS) and is_western(content)
        saved = save_decisions(connection, parsed.decisions, sha256, definitions, is_dry_run, is_lossy)
        lost = set(saved.lost)
        taken = [one for one in parsed.decisions if one.passage_id not in lost]
        stale = _stale(connection, taken, definitions)
    return Imported(
        added=saved.added,
        known=saved.known,
        superseded=saved.superseded,
        undecided=parsed.undecided,
        refused=parsed.refused,
        lost=saved.lost,
        added_columns=parsed.added_columns,
        moved=saved.moved,
        orphaned=saved.orphaned,
        conflicts=saved.conflicts,
        stale=stale,
        is_western=is_lossy,
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles: rows make none, and to look through a hundred thousand takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def keep_codebook(store: Store, definitions: Mapping[str, str]) -> str:
    """The name of these definitions, which the store has afterwards; it is written to only where it had them not yet.

    So an export does not wait for a refresh that is writing.
    """
    name = codebook_digest(definitions)
    with store.reading() as connection:
        is_known = name in all_codebooks(connection)
    if not is_known:
        with store.writing() as connection:
            save_codebook(connection, definitions)
    return name


def sheet_of(content: bytes) -> Iterator[list[str]]:
    """The rows of a review file, CSV or workbook, header first; ReviewError where it is neither."""
    # In UTF-16 every other byte of this is zero.
    if content[:1000].replace(b"\0", b"").lstrip(_BEFORE).lower().startswith(_MARKUP):
        what = "is XML or HTML, and no sheet that can be read"
        raise ReviewError(what, "", "save it as XLSX, ODS or CSV, and import that")
    if not content.startswith(_WORKBOOKS):
        return read_csv(content)
    from ascn_nlp.review.sheets import read_sheet

    return iter(read_sheet(content))


def _stale(connection: Connection, decisions: Sequence[Decision], definitions: Mapping[str, str]) -> dict[str, int]:
    """{concern: decisions on it made under another definition than today's}.

    That nothing else holds in a passage is a decision on each concern that the same person does not name there.
    """
    codebooks = all_codebooks(connection)
    changed = {  # {codebook: concerns that it has not as they are today}
        codebook: [c for c in definitions if is_redefined(c, codebook, codebooks, definitions)]
        for codebook in {one.codebook for one in decisions}
    }
    named, implied = Counter[str](), dict[tuple[str, str, str], None]()
    for one in decisions:
        redefined = changed[one.codebook]
        if one.concern or one.concern_reviewed:
            for concern in () if one.decision == "withdraw" else sorted({one.concern, one.concern_reviewed} - {""}):
                if concern in redefined or concern not in definitions:
                    named[concern] += 1
        elif one.decision == "reject":
            implied |= {(one.reviewer, one.passage_id, concern): None for concern in redefined}
    if not implied:
        return named
    spoken = {(one.reviewer, one.passage_id, c) for one in decisions for c in (one.concern, one.concern_reviewed)}
    return named + Counter(label[2] for label in implied if label not in spoken)


def has_unsaved_decisions(workspace: Workspace, path: Path) -> bool:
    """Whether a review file holds anything of a person's that the store does not: it must not be overwritten."""
    try:
        found = import_review(workspace, path, is_dry_run=True)
        return bool(found.added or found.refused or found.lost or found.added_columns) or _has_more(_read(path))
    except ReviewError:
        return True


def _has_more(content: bytes) -> bool:
    """Whether a workbook has sheets, pictures or comments of a person's: nobody reads them, and an export has none."""
    if not content.startswith(b"PK"):
        return content.startswith(_WORKBOOKS)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = packed.namelist()
        is_ods = "content.xml" in names
        text = packed.read("content.xml" if is_ods else "xl/workbook.xml").decode("utf-8", "replace")
    sheets = re.findall(r'<table:table [^>]*?table:name="([^"]*)"' if is_ods else r'<sheet [^>]*?name="([^"]*)"', text)
    is_annotated = "<office:annotation" in text or any(re.search(r"(?i)comment|drawing|media", name) for name in names)
    return is_annotated or not {*sheets} <= {SHEET, CHOICES}


def window_filters(workspace: Workspace, filters: Filters, is_any_date: bool = False) -> Filters:
    """The filters within the workspace's window, unless they name dates of their own or any date is wanted."""
    if is_any_date or filters.since or filters.until:
        return filters
    return replace(filters, since=workspace.since, until=workspace.until)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReviewError(f"cannot be read: {error.strerror}", str(path), "check the path") from error


def _free_name(path: Path, is_taken: Callable[[Path], bool]) -> Path:
    """The first of name-2, name-3 ... that is not there, or not taken."""
    numbered = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 10_000))
    return next(one for one in numbered if not one.exists() or not is_taken(one))
