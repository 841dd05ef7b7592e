"""Asks sources what they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import Limits
from ascn_nlp.pipeline.runs import require_own, store_of
from ascn_nlp.records import Source
from ascn_nlp.sources import KINDS, Asking, Listing
from ascn_nlp.sources.table import Sources, list_documents, load_sources
from ascn_nlp.store import sources as source_rows
from ascn_nlp.store.registering import Registered, register
from ascn_nlp.workspace import Workspace

if TYPE_CHECKING:
    from ascn_nlp.fetch.web import Fetcher


def fetcher_of(workspace: Workspace) -> Fetcher:
    """The workspace's way to the web, one a process: the pace at a host is kept over all batches."""
    limits = Limits(
        seconds=workspace.fetching_seconds,
        megabytes=workspace.fetching_megabytes,
        per_host=workspace.fetching_per_host,
        per_minute=workspace.fetching_per_minute,
        parallel=workspace.fetching_parallel,
    )
    return _fetcher(workspace.incoming, workspace.contact, limits)


@lru_cache(maxsize=8)
def _fetcher(folder: Path, contact: str, limits: Limits) -> Fetcher:
    from ascn_nlp.fetch.web import Fetcher

    return Fetcher(folder, contact, limits)


class _Lazily:
    """The workspace's way to the web, made when a source asks for it: folders do not."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def read(
        self, url: str, *, is_internal: bool = False, gap: float = 0.0, heeds_robots: bool = True
    ) -> tuple[bytes, str]:
        return fetcher_of(self._workspace).read(url, is_internal=is_internal, gap=gap, heeds_robots=heeds_robots)

    def sitemaps(self, url: str, *, is_internal: bool = False) -> tuple[str, ...]:
        return fetcher_of(self._workspace).sitemaps(url, is_internal=is_internal)


def find_documents(
    workspace: Workspace, run_id: str, only: Sequence[str] = (), is_offline: bool = False
) -> tuple[Counter[str], list[str]]:
    """Counts of listed, new and gone documents, and a line for each source, or part of one, that could not be asked."""
    table = load_sources(workspace.sources)
    in_use = {source.id for source in table.choose()} | set(only)
    counts, problems = Counter(listed=0, new=0, gone=0, elsewhere=0), []
    for source, listing in _listings(workspace, table, table.choose(only), is_offline):
        with store_of(workspace).writing() as connection:
            require_own(connection, workspace, run_id)
            if isinstance(listing, FetchError):
                problems.append(f"source {source.id}: {listing}")
                source_rows.save_listing(connection, source.id, run_id, 0, Registered(), [str(listing)], False)
                continue
            registered = register(connection, source.id, listing.found, run_id, listing.is_complete, in_use)
            source_rows.save_memory(connection, source.id, listing.memory)
            told = (len(listing.found), registered, listing.problems, listing.is_complete)
            source_rows.save_listing(connection, source.id, run_id, *told)
        problems += [f"source {source.id}: {problem}" for problem in listing.problems]
        counts.update({"listed": len(listing.found), **registered._asdict()})
    return counts, problems


def _listings(
    workspace: Workspace, table: Sources, sources: Sequence[Source], is_offline: bool
) -> Iterator[tuple[Source, Listing | FetchError]]:
    """Each source with what it lists, in their order: those that ask the network at the same time."""
    today = datetime.now(UTC).date()
    with store_of(workspace).reading() as connection:
        memories = {source.id: source_rows.memory_of(connection, source.id) for source in sources}

    def ask(source: Source) -> Listing | FetchError:
        try:
            return list_documents(source, Asking(table.path.parent, _Lazily(workspace), today, memories[source.id]))
        except FetchError as error:
            return error

    with ThreadPoolExecutor(workspace.fetching_parallel) as threads:
        asked: dict[str, Future[Listing | FetchError]] = {
            source.id: threads.submit(ask, source)
            for source in sources
            if KINDS[source.kind].asks_network and not is_offline
        }
        try:
            for source in sources:
                if source.id in asked:
                    yield source, asked[source.id].result()
                elif not KINDS[source.kind].asks_network:
                    yield source, ask(source)
        except BaseException:
            if asked:
                fetcher_of(workspace).is_stopped.set()
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            threads.shutdown()
            if asked:
                fetcher_of(workspace).is_stopped.clear()
                fetcher_of(workspace).close()
