"""A run from its beginning to its end: one at a time on a store, with signs of life on the way."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ascn_nlp import __version__
from ascn_nlp.errors import BusyError, StoreError
from ascn_nlp.extract import READER_VERSION
from ascn_nlp.raw import drop_raw, drop_unfinished
from ascn_nlp.records import Source, digest
from ascn_nlp.sources.table import load_sources
from ascn_nlp.store import Store, find_store, shown_url, tombstones
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import runs as run_rows
from ascn_nlp.workspace import Workspace


def store_of(workspace: Workspace) -> Store:
    """The workspace's store, opened once a process, and made by the first that writes to it."""
    return _store(workspace.store_url)


@lru_cache(maxsize=8)
def _store(url: str) -> Store:
    return find_store(url)


def sources_of(workspace: Workspace, only: Sequence[str] = ()) -> tuple[Source, ...]:
    """The sources of the workspace's table that are named, or enabled."""
    return load_sources(workspace.sources).choose(only)


def begin_run(workspace: Workspace, flow: str) -> str:
    """The id of a new run, which gives signs of life until it ends; BusyError when another is at work on this store."""
    store = store_of(workspace)
    with store.writing() as connection:
        run_rows.lock_runs(connection)
        run_rows.bury_dead_runs(connection)
        if run := run_rows.running(connection):
            raise BusyError(
                f"another {run['flow']} is at work ({run['id']}, process {run['pid']} on {run['host']})",
                workspace.store_url,
                "wait until it has ended",
            )
        drop_unfinished(workspace.raw, workspace.incoming)
        for sha256 in tombstones.digests_left(connection):
            drop_raw(workspace.raw, sha256)  # a run that forgot them was killed before it had
        run_id = run_rows.start_run(connection, flow, _manifest(workspace))
    _HEARTS[run_id] = _Heart(store, run_id)
    _HEARTS[run_id].start()
    return run_id


def require_own(connection: Connection, workspace: Workspace, run_id: str) -> None:
    """Raise StoreError when this run has been taken for dead and another may be at work.

    The first thing in every transaction in which a run writes: until it ends, no other can take over.
    """
    if not run_rows.beat(connection, run_id):
        raise StoreError(
            f"run {run_id} gave no sign of life for long, and another run has taken over",
            workspace.store_url,
            "nothing is lost; see: ascn-nlp runs",
        )


def add_to_manifest(workspace: Workspace, run_id: str, more: Mapping[str, Any]) -> None:
    """Record what became known of a run only on its way."""
    with store_of(workspace).writing() as connection:
        require_own(connection, workspace, run_id)
        run_rows.add_to_manifest(connection, run_id, dict(more))


def input_digest(workspace: Workspace) -> dict[str, Any]:
    """What the store was made of when a run ended: documents by outcome, and a digest over all their bytes."""
    with store_of(workspace).reading() as connection:
        rows = document_rows.digests(connection)
        outcomes = document_rows.counts_by_outcome(connection)
    totals: Counter[str] = Counter()
    for row in outcomes:
        totals[row["outcome"] or "waiting"] += row["documents"]
    return {"input": digest(*(part for row in rows for part in row)), "documents": dict(totals)}


def end_run(workspace: Workspace, run_id: str, state: str, counts: Mapping[str, int]) -> None:
    """Record how a run ended."""
    if heart := _HEARTS.pop(run_id, None):
        heart.stop()
    with store_of(workspace).writing() as connection:
        run_rows.finish_run(connection, run_id, state, dict(counts))


class _Heart(threading.Thread):
    """Shows every now and then that the run lives, until it is stopped or told that the run is no longer its own."""

    def __init__(self, store: Store, run_id: str) -> None:
        super().__init__(name=f"heartbeat of {run_id}", daemon=True)
        self._store, self._run_id = store, run_id
        self._stopped = threading.Event()
        self.is_lost = False

    def run(self) -> None:
        while not self._stopped.wait(run_rows.HEARTBEAT) and not self.is_lost:
            try:
                with self._store.writing() as connection:
                    self.is_lost = not run_rows.beat(connection, self._run_id)
            except StoreError:
                continue  # the run itself will meet it, and say so

    def stop(self) -> None:
        """End it; returns when it writes no more."""
        self._stopped.set()
        self.join()


_HEARTS: dict[str, _Heart] = {}


def _manifest(workspace: Workspace) -> dict[str, Any]:
    """What a run is made with: enough to tell why another run gave something else."""
    settings = {name: str(value) if isinstance(value, Path) else value for name, value in asdict(workspace).items()}
    settings["store_url"] = shown_url(workspace.store_url)
    sources = load_sources(workspace.sources).sources
    return {
        "version": __version__,
        "reader": READER_VERSION,
        "settings": settings,
        "window": f"{workspace.since}..{workspace.until}",
        "taxonomy": _file_digest(workspace.taxonomy),
        "gazetteer": _file_digest(workspace.gazetteer),
        "model": _file_digest(workspace.model / "card.toml"),
        "sources": {source.id: digest(*asdict(source).values()) for source in sources if source.is_enabled},
    }


def _file_digest(path: Path) -> dict[str, str]:
    """Path and SHA-256 of a file; the digest is "" where it is not there."""
    content = path.read_bytes() if path.is_file() else b""
    return {"path": str(path), "sha256": hashlib.sha256(content).hexdigest() if content else ""}
