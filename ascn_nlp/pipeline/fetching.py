"""Fetches what is new: many hosts at the same time, each at its own pace."""

from __future__ import annotations

import queue
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ascn_nlp import progress
from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import AscnNlpError, DocumentError, FetchError
from ascn_nlp.fetch import GoneError, PassingFetchError, Validators, fetch_file
from ascn_nlp.fetch.archive import GAP, asked_year, find_copies, no_copy, served_copy
from ascn_nlp.pipeline.batches import ALL, Batch, batches
from ascn_nlp.pipeline.finding import fetcher_of
from ascn_nlp.pipeline.runs import require_own, sources_of, store_of
from ascn_nlp.raw import drop_raw, keep_raw, raw_path
from ascn_nlp.records import Fetched, Source
from ascn_nlp.sources import KINDS
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import tombstones
from ascn_nlp.store.documents import Pending
from ascn_nlp.store.runs import in_utc
from ascn_nlp.workspace import Workspace

if TYPE_CHECKING:
    from ascn_nlp.fetch.web import Fetcher

# Documents in one batch: large, since hosts are fetched from side by side within one only. What is fetched is written
# down soon, so a run that is killed loses little.
FETCH_BATCH = 10_000
# Results in one transaction, and the seconds that one waits for more of them.
_TOGETHER, _PATIENCE = 50, 0.5
# A page that only a web archive still has is not asked for again sooner.
_ARCHIVED_DAYS = 30


class _Kept(NamedTuple):
    """What was fetched, and under which digest it lies in the raw store."""

    fetched: Fetched
    sha256: str
    size: int


_Result = _Kept | DocumentError | None  # None: as it was


def plan_fetch(
    workspace: Workspace, only: Sequence[str] = (), is_offline: bool = False, is_retry: bool = False
) -> list[Batch]:
    """Batches of documents whose bytes may have changed; ``is_retry``: of those alone whose last fetch failed."""
    return batches([d.seq for d in _pending_fetch(workspace, only, is_offline, is_retry)], FETCH_BATCH)


def fetch_batch(
    workspace: Workspace,
    batch: Batch,
    run_id: str,
    only: Sequence[str] = (),
    is_offline: bool = False,
    is_retry: bool = False,
) -> Counter[str]:
    """Counts of fetched, unchanged and failed documents."""
    counts: Counter[str] = Counter()
    waiting = _pending_fetch(workspace, only, is_offline, is_retry, batch)
    with store_of(workspace).reading() as connection:
        forgotten = tombstones.digests(connection)
    # Closed whatever happens: threads that wait for room in the queue would keep the process from ending.
    with closing(_fetch_all(workspace, waiting, only)) as results:
        for together in _together(results):
            unwanted = [_without(workspace, result, forgotten) for _, result in together]
            with store_of(workspace).writing() as connection:
                require_own(connection, workspace, run_id)
                for (document, _), result in zip(together, unwanted, strict=True):
                    if isinstance(result, DocumentError):
                        is_final = not isinstance(result, PassingFetchError)
                        document_rows.save_failure(connection, document, result, run_id, is_final=is_final)
                        counts["failed"] += 1
                    elif result is None:
                        document_rows.save_unchanged(connection, document, run_id)
                        counts["unchanged"] += 1
                    else:
                        is_new = document_rows.save_fetch(connection, document, *result, run_id)
                        counts["fetched" if is_new else "unchanged"] += 1
            progress.advance("fetch", len(together))
    return counts


def _pending_fetch(
    workspace: Workspace, only: Sequence[str], is_offline: bool, is_retry: bool, batch: Batch = ALL
) -> list[Pending]:
    sources = {source.id: source for source in sources_of(workspace, only)}
    with store_of(workspace).reading() as connection:
        known = document_rows.pending(connection, batch.first, batch.last, sources)
        failing = document_rows.failing(connection, "fetch") if is_retry else set()
    there = [d for d in known if not d.is_gone and not (is_offline and is_web_address(d.location))]
    if is_retry:
        return [document for document in there if document.seq in failing]
    return [document for document in there if _needs_fetch(workspace, sources[document.source_id], document)]


def _needs_fetch(workspace: Workspace, source: Source, document: Pending) -> bool:
    """Whether the document's bytes may be others than those we have."""
    is_had = document.sha256 != "" and raw_path(workspace.raw, document.sha256).is_file()
    is_web = is_web_address(document.location)
    is_unchanged = bool(document.found_fingerprint) and document.found_fingerprint == document.fingerprint
    # What the source says is believed, unless a person asks to look all the same.
    if is_had and is_unchanged and (source.revisit_days is None or not is_web):
        return False
    if not is_web:
        return True
    days = KINDS[source.kind].revisit_days if source.revisit_days is None else source.revisit_days
    if document.archived_url or asked_year(document.location)[1]:
        days = max(days, _ARCHIVED_DAYS)
    looked = document.checked_at or document.fetched_at
    if looked is None or (document.sha256 and not is_had):
        return True
    has_changed = document.found_fingerprint != document.fingerprint
    return has_changed or datetime.now(UTC) - in_utc(looked) >= timedelta(days=days)


def _fetch_all(
    workspace: Workspace, waiting: Sequence[Pending], only: Sequence[str]
) -> Generator[tuple[Pending, _Result], None, None]:
    """Each document with what came of it, as they come. Errors that are no document's fault are raised."""
    sources = {source.id: source for source in sources_of(workspace, only)}
    fetcher = fetcher_of(workspace)
    done: queue.Queue[tuple[Pending, _Result] | BaseException | None] = queue.Queue(4 * _TOGETHER)

    def work(lane: deque[Pending]) -> None:
        try:
            while not fetcher.is_stopped.is_set():
                try:
                    document = lane.popleft()
                except IndexError:
                    break
                done.put((document, _fetch_one(workspace, fetcher, sources[document.source_id], document)))
        except BaseException as error:  # a full disk, say: for whoever takes the results
            done.put(error)
        finally:
            done.put(None)

    lanes = _lanes(waiting, workspace.fetching_per_host)
    with ThreadPoolExecutor(workspace.fetching_parallel) as threads:
        working = [threads.submit(work, lane) for lane in lanes]
        try:
            for _ in lanes:
                while (one := done.get()) is not None:
                    if isinstance(one, BaseException):
                        raise one
                    yield one
        finally:
            fetcher.is_stopped.set()
            threads.shutdown(wait=False, cancel_futures=True)
            while not all(one.done() for one in working):
                with suppress(queue.Empty):  # nobody may wait for room in the queue
                    done.get(timeout=0.1)
            fetcher.is_stopped.clear()
            fetcher.close()


def _lanes(waiting: Sequence[Pending], per_host: int) -> list[deque[Pending]]:
    """The documents by host. Each host's deque stands there as often as the host may be asked at a time."""
    by_host: dict[str, deque[Pending]] = {}
    # Of a host that lets one page through in a run, those that never came go first: others may come each night.
    for document in sorted(waiting, key=lambda document: (document.checked_at or document.fetched_at) is not None):
        host = urlsplit(document.location).netloc if is_web_address(document.location) else ""
        by_host.setdefault(host, deque()).append(document)
    return [lane for _ in range(per_host) for lane in by_host.values()]


def _together(results: Iterator[tuple[Pending, _Result]]) -> Iterator[list[tuple[Pending, _Result]]]:
    """The results in small groups, each to be written in one transaction."""
    group: list[tuple[Pending, _Result]] = []
    began = datetime.now(UTC)
    for result in results:
        group.append(result)
        if len(group) >= _TOGETHER or (datetime.now(UTC) - began).total_seconds() > _PATIENCE:
            yield group
            group, began = [], datetime.now(UTC)
    if group:
        yield group


def _fetch_one(workspace: Workspace, fetcher: Fetcher, source: Source, document: Pending) -> _Result:
    try:
        fetched = _get(workspace, fetcher, source, document)
        if fetched is None:
            return None
        return _Kept(fetched, *keep_raw(workspace.raw, fetched.path, fetched.is_spare))
    except DocumentError as error:
        return error
    except AscnNlpError:
        raise
    except Exception as error:  # the fetcher's border: one server's strange answer must not stop the others
        what = f"the fetcher failed: {type(error).__name__}: {error}"
        return FetchError(what, document.address, "report it with the address")


def _get(workspace: Workspace, fetcher: Fetcher, source: Source, document: Pending) -> Fetched | None:
    if not is_web_address(document.location):
        return fetch_file(document.location, document.address, workspace.fetching_megabytes * 2**20)
    url, year = asked_year(document.location)
    if year:
        return _get_copy(workspace, fetcher, source, document, url, year, year)
    is_had = document.sha256 and not document.archived_url and raw_path(workspace.raw, document.sha256).is_file()
    known = Validators(document.etag, document.last_modified) if is_had else Validators()
    try:
        return fetcher.get(url, name=document.id, is_internal=source.is_internal, known=known)
    except GoneError as gone:
        if not source.has_archive:
            hint = GoneError(gone.what, url, f"{gone.remedy}; archive = true on the source would look for a copy")
            hint.tries = gone.tries
            raise hint from gone
        if document.sha256 and raw_path(workspace.raw, document.sha256).is_file():
            if document.archived_url:
                return None  # the copy that we have does not change
            raise  # we have the page itself, as it was
        try:
            return _get_copy(workspace, fetcher, source, document, url, workspace.since, workspace.until)
        except FetchError as error:
            kind = PassingFetchError if isinstance(error, PassingFetchError) else FetchError
            found = kind(f"{gone.what}; {error.what}", url, gone.remedy)
            found.tries = gone.tries
            raise found from error


def _get_copy(
    workspace: Workspace, fetcher: Fetcher, source: Source, document: Pending, url: str, since: str, until: str
) -> Fetched:
    """The newest copy of these years that the web archive has; where there is none of the study's window, of any.

    An archive may lead from the copy that was asked for to one of another time, which is then not of these years.
    """

    def read(address: str) -> bytes:
        # An interface made for programs: robots.txt is about pages, and its own terms about this.
        return fetcher.read(address, is_internal=source.is_internal, gap=GAP, heeds_robots=False)[0]

    base = workspace.archive
    failure: FetchError | None = None
    for first, last in [(since, until)] if since == until else [(since, until), ("", "")]:
        for copy in find_copies(read, base, url, first, last):
            bare = copy.address(base, is_bare=True)
            try:
                name = f"{document.id}-{copy.timestamp}"
                fetched = fetcher.get(bare, name=name, is_internal=source.is_internal, gap=GAP, heeds_robots=False)
            except FetchError as error:
                failure = error
                continue
            if fetched is None:
                continue
            served = served_copy(fetched.final_url, copy)
            if served.is_within(first, last):
                return _as_original(fetched, served.original, served.address(base))
            fetched.path.unlink(missing_ok=True)
        if failure:
            break
    raise failure or no_copy(url, since if since == until else "")


def _as_original(fetched: Fetched, original: str, archived_url: str) -> Fetched:
    """The copy as the page that it is a copy of: with the headers that page came with, where the archive tells them."""
    prefix = "x-archive-orig-"
    headers = tuple((name[len(prefix) :], value) for name, value in fetched.headers if name.lower().startswith(prefix))
    return replace(fetched, final_url=original, headers=headers, archived_url=archived_url)


def _without(workspace: Workspace, result: _Result, forgotten: dict[str, str]) -> _Result:
    """The result, or an error in its place where these very bytes were forgotten for good."""
    if not isinstance(result, _Kept) or result.sha256 not in forgotten:
        return result
    drop_raw(workspace.raw, result.sha256)
    what = f"was taken out of the corpus for good: {forgotten[result.sha256]}"
    return FetchError(what, result.fetched.address, "remove it from its source, too")
