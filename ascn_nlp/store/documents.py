"""Documents and their way through the stages: found, fetched, read, tagged.

Each stage leaves a key that names its input and the code it ran on. A stage has work to do where the key is not the one
expected, so a run that was killed goes on where it stopped, and one with nothing new does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from ascn_nlp.dates import first_and_last_day, is_in_window
from ascn_nlp.errors import DocumentError, FetchError
from ascn_nlp.records import Document, Fetched, Issue
from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.ledger import Entry, record
from ascn_nlp.store.schema import contents, documents, issues, sketches, versions


@dataclass(frozen=True, slots=True)
class Pending:
    """A document as the stages need to know it."""

    seq: int
    id: str
    source_id: str
    address: str
    is_gone: bool
    location: str
    found_fingerprint: str
    fingerprint: str
    sha256: str
    declared_type: str
    final_url: str
    last_modified: str
    read_key: str
    tagged_key: str
    outcome: str
    title: str
    etag: str
    archived_url: str
    listed_date: str
    listed_evidence: str
    listed_basis: str
    fetched_at: datetime | None
    checked_at: datetime | None


def pending(
    connection: Connection, first: int = 0, last: int | None = None, source_ids: Iterable[str] | None = None
) -> list[Pending]:
    """The documents with first <= seq <= last, of these sources, gone ones included, in the order of seq."""
    query = select(documents).where(documents.c.seq >= first).order_by(documents.c.seq)
    if last is not None:
        query = query.where(documents.c.seq <= last)
    if source_ids is not None:
        query = query.where(documents.c.source_id.in_(list(source_ids)))
    return [_pending(row) for row in connection.execute(query).mappings()]


def save_fetch(
    connection: Connection, document: Pending, fetched: Fetched, sha256: str, size: int, run_id: str
) -> bool:
    """Whether the bytes are new for this document; records the fetch either way."""
    now = datetime.now(UTC)
    values = {
        "sha256": sha256,
        "size": size,
        "fingerprint": document.found_fingerprint,
        "declared_type": fetched.media_type,
        "final_url": fetched.final_url,
        "last_modified": fetched.header("last-modified"),
        "etag": fetched.header("etag"),
        "archived_url": fetched.archived_url,
        "fetched_at": now,
        "checked_at": now,
    }
    connection.execute(update(documents).where(documents.c.seq == document.seq).values(**values))
    settle(connection, document.seq, "fetch")
    is_new = sha256 != document.sha256
    reason = f"from the web archive: {fetched.archived_url}" if fetched.archived_url else ""
    entry = Entry(document.id, "fetched" if is_new else "unchanged", reason, tries=fetched.tries)
    record(connection, run_id, "fetch", [entry])
    known = (versions.c.document_seq == document.seq) & (versions.c.sha256 == sha256)
    if connection.execute(select(versions.c.sha256).where(known)).first():
        return is_new
    version = {"document_seq": document.seq, "sha256": sha256, "fetched_at": now, "final_url": fetched.final_url}
    connection.execute(insert(versions).values(headers=[list(pair) for pair in fetched.headers], **version))
    return True


def save_unchanged(connection: Connection, document: Pending, run_id: str) -> None:
    """Record that the server says a document is as it was."""
    values = {"checked_at": datetime.now(UTC), "fingerprint": document.found_fingerprint}
    connection.execute(update(documents).where(documents.c.seq == document.seq).values(**values))
    settle(connection, document.seq, "fetch")
    record(connection, run_id, "fetch", [Entry(document.id, "unchanged")])


def save_reading(connection: Connection, seq: int, document: Document, read_key: str, run_id: str) -> None:
    """Record what was read of a document, in place of what was read of it before. Its passages go elsewhere."""
    date = document.published
    first_day, last_day = first_and_last_day(date.clue.value) if date else (None, None)
    values = {
        "read_key": read_key,
        "tagged_key": None,  # what was tagged were other passages, even where this very key was here before
        "outcome": document.outcome,
        "media_type": document.media_type,
        "url": document.url,
        "title": document.title,
        "publisher": document.publisher,
        "genre": document.genre,
        "country": document.country,
        "language": document.language,
        "pages": len(document.pages),
        "published": date.clue.value if date else None,
        "published_from": first_day,
        "published_to": last_day,
        "date_basis": date.clue.basis if date else None,
        "date_evidence": date.clue.evidence if date else None,
        "date_confidence": date.clue.confidence if date else None,
        "date_conflicts": [[c.value, c.basis, c.evidence, c.confidence] for c in date.conflicts] if date else [],
        "period": document.period,
    }
    connection.execute(update(documents).where(documents.c.seq == seq).values(**values))
    pages = [asdict(page) for page in document.pages]
    connection.execute(contents.delete().where(contents.c.document_seq == seq))
    content = {"document_seq": seq, "sha256": document.sha256, "text": document.text, "pages": pages}
    connection.execute(insert(contents).values(**content))
    connection.execute(update(sketches).where(sketches.c.document_seq == seq).values(key=""))
    _settle(connection, seq, issues.c.stage != "fetch")  # readers sign with stages of their own
    for issue in document.issues:
        _add_issue(connection, seq, issue, run_id, is_failure=False)
    reason, remedy = (document.issues[0].message, document.issues[0].remedy) if document.issues else ("", "")
    record(connection, run_id, "read", [Entry(document.id, document.outcome, reason, remedy)])


def save_failure(
    connection: Connection,
    document: Pending,
    error: DocumentError,
    run_id: str,
    read_key: str | None = None,
    is_final: bool = False,
) -> None:
    """Record that a stage failed on a document. What an earlier reading of it gave stays as it is.

    With a ``read_key`` the failure stands until bytes, reader or limits change. A failed fetch is tried again in the
    next run, one that ``is_final`` when the page would be looked at again anyway.
    """
    settle(connection, document.seq, error.stage)
    stage = "read" if read_key is not None else error.stage
    tries = error.tries if isinstance(error, FetchError) else 1
    record(connection, run_id, stage, [Entry(document.id, "failed", error.what, error.remedy, tries)])
    issue = Issue(error.stage, error.what, error.remedy)
    _add_issue(connection, document.seq, issue, run_id, is_failure=True)
    values: dict[str, Any] = {}
    if is_final:
        values = {"checked_at": datetime.now(UTC), "fingerprint": document.found_fingerprint}
    is_read_failure = read_key is not None
    if document.outcome in ("", "failed") or (is_read_failure and document.outcome == "unread"):
        values["outcome"] = "failed"
    if read_key is not None:
        values["read_key"] = read_key
    if values:
        connection.execute(update(documents).where(documents.c.seq == document.seq).values(**values))


def save_issues(connection: Connection, seq: int, stage: str, found: Iterable[Issue], run_id: str) -> None:
    """Record what a stage remarks on a document, in place of what it said before."""
    settle(connection, seq, stage)
    for issue in found:
        _add_issue(connection, seq, issue, run_id, is_failure=False)


def settle(connection: Connection, seq: int, stage: str) -> None:
    """Mark what this stage said of the document before as no longer current: it is about to speak again."""
    _settle(connection, seq, issues.c.stage == stage)


def _settle(connection: Connection, seq: int, condition: ColumnElement[bool]) -> None:
    old = (issues.c.document_seq == seq) & condition & issues.c.is_current
    connection.execute(update(issues).where(old).values(is_current=False))


def forget_keys(connection: Connection, seqs: Iterable[int], key: str) -> None:
    """Make the stage that leaves this key (read_key or tagged_key) run again on these documents, whatever it says."""
    for chunk in in_chunks(list(seqs)):
        connection.execute(update(documents).where(documents.c.seq.in_(chunk)).values({key: None}))


def failing(connection: Connection, stage: str) -> set[int]:
    """The row numbers of the documents on which a stage failed, and has not succeeded since."""
    current = issues.c.is_current & issues.c.is_failure & (issues.c.stage == stage)
    return set(connection.scalars(select(issues.c.document_seq).where(current)))


def failing_to_read(connection: Connection) -> set[int]:
    """The row numbers of the documents whose last reading failed, whatever name the reader signed with."""
    current = issues.c.is_current & issues.c.is_failure & issues.c.stage.not_in(("fetch", "tag"))
    return set(connection.scalars(select(issues.c.document_seq).where(current)))


def standing_failures(connection: Connection, source_ids: Iterable[str] | None = None) -> list[RowMapping]:
    """Failures not mended since, newest first: source_id, address, outcome, stage, message, remedy, at."""
    return _current_issues(connection, source_ids, issues.c.is_failure)


def standing_issues(connection: Connection, source_ids: Iterable[str] | None = None) -> list[RowMapping]:
    """Failures and remarks not mended since, newest first."""
    return _current_issues(connection, source_ids)


def digests(connection: Connection) -> list[tuple[str, str]]:
    """(id, SHA-256) of all documents that were fetched, in the order of their ids."""
    query = select(documents.c.id, documents.c.sha256).where(documents.c.sha256.is_not(None)).order_by(documents.c.id)
    return [(row.id, row.sha256) for row in connection.execute(query)]


def counts_by_outcome(connection: Connection) -> list[RowMapping]:
    """Rows of source_id, outcome (None before the first reading) and documents."""
    columns = (documents.c.source_id, documents.c.outcome)
    query = select(*columns, func.count().label("documents")).group_by(*columns).order_by(*columns)
    return list(connection.execute(query).mappings())


def counts_by_date(
    connection: Connection, since: str, until: str, source_ids: Iterable[str] | None = None
) -> dict[str, int]:
    """Documents with text, of these sources: ``in_window``, ``out_of_window`` and ``undated``."""
    first, last = first_and_last_day(since)[0], first_and_last_day(until)[1]
    is_in = (documents.c.published_from >= first) & (documents.c.published_to <= last)
    chosen = [documents.c.outcome.in_(("read", "partly_read"))]
    if source_ids is not None:
        chosen.append(documents.c.source_id.in_(list(source_ids)))

    def count(condition: ColumnElement[bool]) -> int:
        return connection.execute(select(func.count()).select_from(documents).where(*chosen, condition)).scalar_one()

    dated = documents.c.published.is_not(None)
    return {
        "in_window": count(dated & is_in),
        "out_of_window": count(dated & ~is_in),
        "undated": count(~dated),
    }


def is_within(row: Mapping[Any, Any], since: str, until: str) -> str:
    """ "yes", "no", or "undated": whether all days a document's date may mean lie in the window."""
    inside = is_in_window(row["published"], first_and_last_day(since)[0], first_and_last_day(until)[1])
    return "undated" if inside is None else "yes" if inside else "no"


def _pending(row: RowMapping) -> Pending:
    values: dict[str, Any] = {
        name: "" if row[name] is None and not name.endswith("_at") else row[name]
        for name in Pending.__dataclass_fields__
    }
    return Pending(**values)


def _add_issue(connection: Connection, seq: int, issue: Issue, run_id: str, is_failure: bool) -> None:
    what = {"stage": issue.stage, "message": issue.message, "remedy": issue.remedy, "is_failure": is_failure}
    when = {"run_id": run_id, "at": datetime.now(UTC), "is_current": True}
    connection.execute(insert(issues).values(document_seq=seq, **what, **when))


def _current_issues(
    connection: Connection, source_ids: Iterable[str] | None, *conditions: ColumnElement[bool]
) -> list[RowMapping]:
    columns = (issues.c.stage, issues.c.message, issues.c.remedy, issues.c.at, issues.c.is_failure)
    query = select(documents.c.source_id, documents.c.address, documents.c.outcome, *columns).join_from(
        issues, documents
    )
    # What is wrong with a file that was taken away concerns nobody, until it comes back.
    query = query.where(issues.c.is_current, ~documents.c.is_gone, *conditions).order_by(issues.c.seq.desc())
    if source_ids is not None:
        query = query.where(documents.c.source_id.in_(list(source_ids)))
    return list(connection.execute(query).mappings())
