"""Runs: who wrote what, with which code, taxonomy and model."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psutil
from sqlalchemy import Connection, Row, RowMapping, insert, select, text, update

from ascn_nlp.store.schema import runs


def start_run(connection: Connection, flow: str, manifest: dict[str, Any]) -> str:
    """The id of a new run, recorded as running. Ids sort by time of start."""
    now = datetime.now(UTC)
    run_id = f"r{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}-{secrets.token_hex(3)}"
    values = {"id": run_id, "flow": flow, "state": "running", "pid": os.getpid(), "host": socket.gethostname()}
    connection.execute(insert(runs).values(started_at=now, heartbeat_at=now, manifest=manifest, counts={}, **values))
    return run_id


def beat(connection: Connection, run_id: str) -> bool:
    """Whether the run is still its own; records that it lives. False once another run has taken it for dead."""
    at_work = (runs.c.id == run_id) & (runs.c.state == "running")
    return connection.execute(update(runs).where(at_work).values(heartbeat_at=datetime.now(UTC))).rowcount > 0


def add_to_manifest(connection: Connection, run_id: str, more: dict[str, Any]) -> None:
    """Record what became known of a run only on its way."""
    manifest = connection.execute(select(runs.c.manifest).where(runs.c.id == run_id)).scalar_one()
    connection.execute(update(runs).where(runs.c.id == run_id).values(manifest={**manifest, **more}))


def lock_runs(connection: Connection) -> None:
    """Keep others from starting a run until this transaction ends. SQLite's writers wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE runs IN SHARE ROW EXCLUSIVE MODE"))


def running(connection: Connection) -> RowMapping | None:
    """The run that is at work, if there is one."""
    return connection.execute(select(runs).where(runs.c.state == "running")).mappings().first()


def finish_run(connection: Connection, run_id: str, state: str, counts: dict[str, Any]) -> None:
    """Record how a run ended: ``done`` or ``failed``. The first word on a run stands."""
    ended = {"state": state, "counts": counts, "ended_at": datetime.now(UTC)}
    at_work = (runs.c.id == run_id) & (runs.c.state == "running")
    connection.execute(update(runs).where(at_work).values(**ended))


# Seconds between two signs of life of a run, and how long after the last one a run on another machine, whose process
# cannot be looked at from here, is taken for dead. Clocks of two machines differ by less.
HEARTBEAT = 20.0
FOREIGN_RUN_LIFE = timedelta(minutes=10)


def bury_dead_runs(connection: Connection) -> int:
    """How many runs were still marked running though their process is gone; now marked died."""
    running = connection.execute(select(runs).where(runs.c.state == "running"))
    dead = [run.id for run in running if not _is_alive(run)]
    if dead:
        connection.execute(update(runs).where(runs.c.id.in_(dead)).values(state="died"))
    return len(dead)


def in_utc(when: datetime) -> datetime:
    """The time with its zone, which SQLite does not keep."""
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when


def _is_alive(run: Row[Any] | SimpleNamespace) -> bool:
    started = in_utc(run.started_at)
    if run.host != socket.gethostname():
        return datetime.now(UTC) - in_utc(run.heartbeat_at or started) < FOREIGN_RUN_LIFE
    try:
        process = psutil.Process(run.pid)
        # A process younger than the run only took over its number; a zombie was killed and waits to be buried.
        return process.create_time() <= started.timestamp() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def last_runs(connection: Connection, limit: int = 5) -> list[dict[str, Any]]:
    """The newest runs, newest first."""
    newest = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    return [_shown(row) for row in connection.execute(newest).mappings()]


def _shown(row: RowMapping) -> dict[str, Any]:
    """The run, as died where nobody has buried it yet: only the next run does."""
    shown = dict(row)
    if shown["state"] == "running" and not _is_alive(SimpleNamespace(**shown)):
        shown["state"] = "died"
    return shown


def get_run(connection: Connection, run_id: str) -> dict[str, Any] | None:
    """The run with this id, or with the only id that begins so; None when there is none, or more than one."""
    found = list(
        connection.execute(select(runs).where(runs.c.id.startswith(run_id, autoescape=True)).limit(2)).mappings()
    )
    exact = [row for row in found if row["id"] == run_id]
    return _shown((exact or found)[0]) if exact or len(found) == 1 else None


def last_done(connection: Connection, flow: str, sources: str) -> RowMapping | None:
    """The newest run of this flow that was done, over the whole of this table of sources."""
    query = select(runs).where(runs.c.flow == flow, runs.c.state == "done").order_by(runs.c.started_at.desc())
    for row in connection.execute(query).mappings():
        manifest = row["manifest"]
        if manifest.get("is_whole") and manifest.get("settings", {}).get("sources") == sources:
            return row
    return None
