"""The stages over a workspace: find, fetch, read, tag, export.

Each takes a range of documents, does what is left to do there, writes it in one transaction, and returns a small count.
What is left to do is told by keys in the store (see ``store.documents``), so a stage may be killed, repeated, or run on
another machine over another range.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ascn_nlp import __version__, progress
from ascn_nlp.errors import DocumentError, FetchError, StoreError, TagError
from ascn_nlp.extract import READER_VERSION
from ascn_nlp.extract.ocr.engine import has_engine
from ascn_nlp.fetch import PassingFetchError, fetch_file, fetch_url, http_client, is_web_address
from ascn_nlp.raw import drop_unfinished, put_raw, raw_path
from ascn_nlp.records import Fetched, Source, TaggedPassage, digest
from ascn_nlp.sources import load_sources
from ascn_nlp.store import Store, open_store
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store import runs as run_rows
from ascn_nlp.store.documents import Pending
from ascn_nlp.tagging import Tagging, language_issues, load_tagging
from ascn_nlp.workers import Reading, ReadJob, read_all
from ascn_nlp.workspace import Workspace

# Documents in one batch of fetching or reading: some seconds of work, so that a batch's own cost (a task of the
# scheduler, a transaction, starting the reading processes) stays small, and little is lost when a run is killed.
FETCH_BATCH = 200
READ_BATCH = 100
# Passages in one batch of tagging; documents are never split, because a city may be known from the whole document.
TAG_BATCH = 4000
# Tries of a fetch that failed in a way that may pass, and the seconds before the second one; each wait doubles.
FETCH_TRIES = 3
FETCH_WAIT = 1.0


class Batch(NamedTuple):
    """The documents with first <= seq <= last; ``documents`` of them had work to do when this was planned."""

    first: int
    last: int
    documents: int


ALL = Batch(0, 2**31 - 1, 0)
_RETRIED = ("failed", "unread", "partly_read")
# Readings held in memory before they are written: few, because one of them may be a report of a thousand pages.
_DOCUMENTS_A_TRANSACTION = 20


def store_of(workspace: Workspace) -> Store:
    """The workspace's store, opened once a process."""
    return _store(workspace.store_url)


@lru_cache(maxsize=8)
def _store(url: str) -> Store:
    return open_store(url)


def begin_run(workspace: Workspace, flow: str) -> str:
    """The id of a new run; StoreError when another one is at work on this store."""
    with store_of(workspace).writing() as connection:
        run_rows.lock_runs(connection)
        run_rows.bury_dead_runs(connection)
        if run := run_rows.running(connection):
            raise StoreError(
                f"another {run['flow']} is at work ({run['id']}, process {run['pid']} on {run['host']})",
                workspace.store_url,
                "wait until it has ended",
            )
        drop_unfinished(workspace.raw)
        return run_rows.start_run(connection, flow, _manifest(workspace))


def sources_of(workspace: Workspace, only: Sequence[str] = ()) -> tuple[Source, ...]:
    """The sources of the workspace's table that are named, or enabled."""
    return load_sources(workspace.sources).choose(only)


def end_run(workspace: Workspace, run_id: str, state: str, counts: dict[str, int]) -> None:
    """Record how a run ended."""
    with store_of(workspace).writing() as connection:
        run_rows.finish_run(connection, run_id, state, counts)


def find_documents(workspace: Workspace, only: Sequence[str] = ()) -> tuple[Counter[str], list[str]]:
    """Counts of listed, new and gone documents, and a line for each source that could not be asked."""
    table = load_sources(workspace.sources)
    counts, problems = Counter(listed=0, new=0, gone=0), []
    for source in table.choose(only):
        try:
            found = table.list(source)
        except FetchError as error:
            problems.append(f"source {source.id}: {error}")
            continue
        with store_of(workspace).writing() as connection:
            new, gone = document_rows.register(connection, source.id, found)
        counts.update(listed=len(found), new=new, gone=gone)
    return counts, problems


def retry_failed(workspace: Workspace, only: Sequence[str] = ()) -> int:
    """How many documents that failed at some stage or stayed unread will be tried again, whatever their keys say."""
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).writing() as connection:
        known = document_rows.pending(connection, source_ids=sources)
        unread = {document.seq for document in known if document.outcome in _RETRIED}
        untagged = document_rows.failing(connection, "tag") & {document.seq for document in known}
        document_rows.forget_keys(connection, unread, "read_key")
        document_rows.forget_keys(connection, untagged, "tagged_key")
    return len(unread | untagged)


def plan_fetch(workspace: Workspace, only: Sequence[str] = (), is_offline: bool = False) -> list[Batch]:
    """Batches of documents whose bytes may have changed."""
    return batches([d.seq for d in _pending_fetch(workspace, only, is_offline)], FETCH_BATCH)


def fetch_batch(
    workspace: Workspace, batch: Batch, run_id: str, only: Sequence[str] = (), is_offline: bool = False
) -> Counter[str]:
    """Counts of fetched, unchanged and failed documents."""
    counts: Counter[str] = Counter()
    sources = {source.id: source for source in sources_of(workspace, only)}
    max_bytes = workspace.fetching_megabytes * 2**20
    with http_client(workspace.contact, workspace.fetching_seconds) as client:
        for document in _pending_fetch(workspace, only, is_offline, batch):

            def get(document: Pending = document) -> Fetched:
                if is_web_address(document.location):
                    return fetch_url(client, sources[document.source_id], document.location, max_bytes)
                return fetch_file(document.location, document.address, max_bytes)

            try:
                fetched = _persistently(get)
                sha256 = put_raw(workspace.raw, fetched.content)
            except DocumentError as error:
                with store_of(workspace).writing() as connection:
                    document_rows.save_failure(connection, document, error, run_id)
                counts["failed"] += 1
                progress.advance("fetch")
                continue
            with store_of(workspace).writing() as connection:
                is_new = document_rows.save_fetch(connection, document, fetched, sha256)
            counts["fetched" if is_new else "unchanged"] += 1
            progress.advance("fetch")
    return counts


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


def has_work(workspace: Workspace, only: Sequence[str] = (), is_offline: bool = False) -> bool:
    """Whether any stage has something to do for the documents that are known now."""
    return bool(plan_fetch(workspace, only, is_offline) or plan_read(workspace, only) or plan_tag(workspace, only))


def plan_tag(workspace: Workspace, only: Sequence[str] = ()) -> list[Batch]:
    """Batches of documents whose words, or whose tagger, are newer than their tags; about TAG_BATCH passages each."""
    tagger_id = tagging_of(workspace).id
    with store_of(workspace).reading() as connection:
        sizes = passage_rows.passage_counts(connection)
        sources = {source.id: source for source in sources_of(workspace, only)}
        stale = [d for d in document_rows.pending(connection, source_ids=sources) if _needs_tags(d, tagger_id)]
    return batches([d.seq for d in stale], TAG_BATCH, lambda seq: sizes.get(seq, 0))


def tag_batch(workspace: Workspace, batch: Batch, run_id: str, only: Sequence[str] = ()) -> Counter[str]:
    """Counts of passages tagged, and of tags; documents whose tags are up to date are passed over."""
    tagging, counts = tagging_of(workspace), Counter[str]()
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).reading() as connection:
        waiting = document_rows.pending(connection, batch.first, batch.last, sources)
        stale = {document.seq: document for document in waiting if _needs_tags(document, tagging.id)}
        groups = [
            g for g in passage_rows.load_passages(connection, batch.first, batch.last) if g[0].document_seq in stale
        ]
    tagged: list[tuple[int, TaggedPassage]] = []
    failed: dict[int, TagError] = {}
    for group in groups:
        try:
            results = tagging.tag_document([one.passage for one in group], group[0].document_title)
            tagged.extend((one.seq, result) for one, result in zip(group, results, strict=True))
        except Exception as error:  # the tagger's border: a fault met in one document must not stop the others
            failed[group[0].document_seq] = _tag_error(group[0].passage.document_id, error)
        progress.advance("tag")
    keys = [(document.seq, tagged_key(document.read_key, tagging.id)) for document in stale.values()]
    with store_of(workspace).writing() as connection:
        for group in groups:
            seq = group[0].document_seq
            if seq in failed:
                document_rows.save_failure(connection, stale[seq], failed[seq], run_id)
            else:
                issues = language_issues([one.passage for one in group])
                document_rows.save_issues(connection, seq, "tag", issues, run_id)
        passage_rows.save_tags(connection, tagged, tagging.id, str(tagging.taxonomy.version), run_id)
        passage_rows.mark_tagged(connection, keys)
    counts.update(passages=len(tagged), tags=sum(len(one.tags) for _, one in tagged), documents=len(stale))
    return counts + Counter(failed=len(failed))


def _tag_error(where: str, error: Exception) -> TagError:
    what = f"the tagger failed: {type(error).__name__}: {error}"
    return TagError(what, where, "its earlier tags stay; report this with the document, then run refresh --failed-only")


@lru_cache(maxsize=2)
def _tagging(taxonomy: Path, gazetteer: Path, model: Path, kind: str, _stamp: tuple[tuple[str, int], ...]) -> Tagging:
    return load_tagging(taxonomy, gazetteer, model, kind)


def tagging_of(workspace: Workspace) -> Tagging:
    """The tagger the workspace asks for, loaded anew when one of its files has changed."""
    files = (workspace.taxonomy, workspace.gazetteer, workspace.model)
    tables = [workspace.taxonomy, workspace.gazetteer, *sorted(workspace.model.glob("*"))]
    stamp = tuple((str(path), path.stat().st_mtime_ns) for path in tables if path.exists())
    return _tagging(*files, workspace.tagger, stamp)


def _pending_fetch(workspace: Workspace, only: Sequence[str], is_offline: bool, batch: Batch = ALL) -> list[Pending]:
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).reading() as connection:
        known = document_rows.pending(connection, batch.first, batch.last, sources)
    return [d for d in known if not d.is_gone and _needs_fetch(workspace, d, is_offline)]


def _needs_fetch(workspace: Workspace, document: Pending, is_offline: bool) -> bool:
    if is_web_address(document.location) and is_offline:
        return False
    is_had = document.sha256 != "" and raw_path(workspace.raw, document.sha256).is_file()
    is_unchanged = document.found_fingerprint != "" and document.found_fingerprint == document.fingerprint
    return not (is_had and is_unchanged)


def _persistently(get: Callable[[], Fetched]) -> Fetched:
    for wait in (FETCH_WAIT * 2**n for n in range(FETCH_TRIES - 1)):
        try:
            return get()
        except PassingFetchError:
            time.sleep(wait)
    return get()


def _pending_read(workspace: Workspace, only: Sequence[str], batch: Batch = ALL) -> list[Pending]:
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).reading() as connection:
        known = document_rows.pending(connection, batch.first, batch.last, sources)
    return [d for d in known if d.sha256 and d.read_key != _read_key(workspace, sources[d.source_id], d)]


def _read_key(workspace: Workspace, source: Source, document: Pending) -> str:
    about = (source.publisher, source.genre, source.country, source.language)
    limits = (workspace.reading_seconds, workspace.reading_megabytes, *astuple(workspace.limits))
    return digest(document.sha256, document.final_url, READER_VERSION, *about, *limits)


def _read_job(workspace: Workspace, source: Source, document: Pending) -> ReadJob:
    return ReadJob(
        seq=document.seq,
        path=raw_path(workspace.raw, document.sha256),
        source=source,
        address=document.address,
        declared_type=document.declared_type,
        final_url=document.final_url,
        last_modified=document.last_modified,
        fetched_at=(document.fetched_at or datetime.now(UTC)).date().isoformat(),
        limits=workspace.limits,
    )


def _save_readings(
    workspace: Workspace,
    sources: dict[str, Source],
    done: Sequence[tuple[Pending, Reading | DocumentError]],
    run_id: str,
) -> Counter[str]:
    counts: Counter[str] = Counter()
    with store_of(workspace).writing() as connection:
        for document, result in done:
            key = _read_key(workspace, sources[document.source_id], document)
            if isinstance(result, DocumentError):
                document_rows.save_failure(connection, document, result, run_id, key)
                counts["failed"] += 1
                continue
            document_rows.save_reading(connection, document.seq, result.document, key, run_id)
            added, dropped = passage_rows.save_passages(connection, document.seq, result.passages)
            counts.update({result.document.outcome: 1, "passages": added, "passages_dropped": dropped})
    return counts


def _needs_tags(document: Pending, tagger_id: str) -> bool:
    return document.outcome in ("read", "partly_read") and document.tagged_key != tagged_key(
        document.read_key, tagger_id
    )


def tagged_key(read_key: str, tagger_id: str) -> str:
    """The key of tags made from this reading by this tagger."""
    return digest(read_key, tagger_id)


def batches(seqs: Sequence[int], most: int, size: Callable[[int], int] = lambda _: 1) -> list[Batch]:
    """Consecutive documents in batches that hold about ``most`` units of work."""
    found: list[Batch] = []
    filled = most
    for seq in seqs:
        if filled >= most:
            found.append(Batch(seq, seq, 0))
            filled = 0
        found[-1] = Batch(found[-1].first, seq, found[-1].documents + 1)
        filled += size(seq)
    return found


def _manifest(workspace: Workspace) -> dict[str, str]:
    return {
        "version": __version__,
        "reader": READER_VERSION,
        "tagger": workspace.tagger,
        "taxonomy": str(workspace.taxonomy),
        "model": str(workspace.model),
        "sources": str(workspace.sources),
        "window": f"{workspace.since}..{workspace.until}",
    }
