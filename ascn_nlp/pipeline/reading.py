"""Reads what was fetched, in processes of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ascn_nlp import progress
from ascn_nlp.errors import DocumentError, FetchError
from ascn_nlp.extract import READER_VERSION
from ascn_nlp.extract.ocr.engine import has_engine
from ascn_nlp.fetch.archive import captured_day
from ascn_nlp.pipeline.batches import ALL, Batch, batches
from ascn_nlp.pipeline.runs import require_own, sources_of, store_of
from ascn_nlp.raw import raw_path
from ascn_nlp.records import Source, digest
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store.documents import Pending
from ascn_nlp.workers import Reading, ReadJob, read_all
from ascn_nlp.workspace import Workspace

# Documents in one batch: some seconds of work, so that a batch's own cost (a task of the scheduler, a transaction,
# starting the reading processes) stays small, and little is lost when a run is killed.
READ_BATCH = 100
# Readings held in memory before they are written: few, because one of them may be a report of a thousand pages.
_DOCUMENTS_A_TRANSACTION = 20
_RETRIED = ("failed", "unread", "partly_read")


def retry_failed(workspace: Workspace, only: Sequence[str] = ()) -> int:
    """How many documents that failed at some stage or stayed unread will be tried again, whatever their keys say."""
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).writing() as connection:
        known = document_rows.pending(connection, source_ids=sources)
        unfetched = document_rows.failing(connection, "fetch") & {document.seq for document in known}
        failed = document_rows.failing_to_read(connection)
        unread = {document.seq for document in known if document.outcome in _RETRIED or document.seq in failed}
        untagged = document_rows.failing(connection, "tag") & {document.seq for document in known}
        document_rows.forget_keys(connection, unread, "read_key")
        document_rows.forget_keys(connection, untagged, "tagged_key")
    return len(unfetched | unread | untagged)


def plan_read(workspace: Workspace, only: Sequence[str] = ()) -> list[Batch]:
    """Batches of documents whose bytes, or whose reader, are newer than what was read of them."""
    return batches([d.seq for d in _pending_read(workspace, only)], READ_BATCH)


def read_batch(workspace: Workspace, batch: Batch, run_id: str, only: Sequence[str] = ()) -> Counter[str]:
    """Counts of documents by outcome, and of passages added and dropped."""
    counts: Counter[str] = Counter()
    sources = {source.id: source for source in sources_of(workspace, only)}
    waiting = {document.seq: document for document in _pending_read(workspace, only, batch)}
    jobs = [_read_job(workspace, sources[document.source_id], document) for document in waiting.values()]
    done: list[tuple[Pending, Reading | DocumentError]] = []
    seconds = workspace.reading_seconds + workspace.reading_ocr_seconds * has_engine()
    limits = (workspace.workers, seconds, workspace.reading_megabytes)
    for job, result in read_all(jobs, *limits):
        done.append((waiting[job.seq], result))
        progress.advance("read")
        if len(done) >= _DOCUMENTS_A_TRANSACTION:
            counts += _save_readings(workspace, sources, done, run_id)
            done = []
    return counts + _save_readings(workspace, sources, done, run_id)


def _pending_read(workspace: Workspace, only: Sequence[str], batch: Batch = ALL) -> list[Pending]:
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).reading() as connection:
        known = document_rows.pending(connection, batch.first, batch.last, sources)
    return [d for d in known if d.sha256 and d.read_key != _read_key(workspace, sources[d.source_id], d)]


def _read_key(workspace: Workspace, source: Source, document: Pending) -> str:
    about = (source.publisher, source.genre, source.country, source.language)
    limits = (workspace.reading_seconds, workspace.reading_megabytes, *astuple(workspace.limits))
    told = [value for value in (document.listed_date, document.archived_url) if value]
    return digest(document.sha256, document.final_url, READER_VERSION, *about, *limits, *told)


def _read_job(workspace: Workspace, source: Source, document: Pending) -> ReadJob:
    fetched_at = (document.fetched_at or datetime.now(UTC)).date().isoformat()
    return ReadJob(
        seq=document.seq,
        path=raw_path(workspace.raw, document.sha256),
        source=source,
        address=document.address,
        declared_type=document.declared_type,
        final_url=document.final_url,
        last_modified=_iso_day(document.last_modified),
        # Of a copy in a web archive, "today" on the page is the day on which it was copied.
        fetched_at=captured_day(document.archived_url) or fetched_at,
        limits=workspace.limits,
        listed=(document.listed_date, document.listed_basis, document.listed_evidence),
    )


def _iso_day(stated: str) -> str:
    """The day of an HTTP date; "" for what is none."""
    try:
        return parsedate_to_datetime(stated).date().isoformat()
    except (TypeError, ValueError):
        return ""


def _save_readings(
    workspace: Workspace,
    sources: dict[str, Source],
    done: Sequence[tuple[Pending, Reading | DocumentError]],
    run_id: str,
) -> Counter[str]:
    counts: Counter[str] = Counter()
    if not done:
        return counts
    with store_of(workspace).writing() as connection:
        require_own(connection, workspace, run_id)
        for document, result in done:
            key = _read_key(workspace, sources[document.source_id], document)
            if isinstance(result, DocumentError):
                # Bytes that are not there were not read: they are to be, when they are back.
                is_there = not isinstance(result, FetchError)
                document_rows.save_failure(connection, document, result, run_id, key if is_there else None)
                counts["failed"] += 1
                continue
            read = replace(result.document, url=document.archived_url or result.document.url)
            document_rows.save_reading(connection, document.seq, read, key, run_id)
            added, dropped = passage_rows.save_passages(connection, document.seq, result.passages, run_id)
            counts.update({read.outcome: 1, "passages": added, "passages_dropped": dropped})
    return counts
