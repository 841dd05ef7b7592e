"""Runs: who wrote what, with which code, taxonomy and model."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
from sqlalchemy import Connection, RowMapping, insert, select, text, update

from ascn_nlp.store.schema import runs


def start_run(connection: Connection, flow: str, manifest: dict[str, Any]) -> str:
    """The id of a new run, recorded as running. Ids sort by time of start."""
    now = datetime.now(UTC)
    run_id = f"r{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    values = {"id": run_id, "flow": flow, "state": "running", "pid": os.getpid(), "host": socket.gethostname()}
    connection.execute(insert(runs).values(started_at=now, manifest=manifest, counts={}, **values))
    return run_id


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


# A run on another machine cannot be looked at from here; after a day it is taken for dead.
FOREIGN_RUN_LIFE = timedelta(days=1)


def bury_dead_runs(connection: Connection) -> int:
    """How many runs were still marked running though their process is gone; now marked died."""
    running = connection.execute(select(runs).where(runs.c.state == "running"))
    dead = [run.id for run in running if not _is_alive(run.host, run.pid, run.started_at)]
    if dead:
        connection.execute(update(runs).where(runs.c.id.in_(dead)).values(state="died"))
    return len(dead)


def _is_alive(host: str, pid: int, started_at: datetime) -> bool:
    started = started_at.replace(tzinfo=UTC) if started_at.tzinfo is None else started_at  # SQLite keeps no zone
    if host != socket.gethostname():
        return datetime.now(UTC) - started < FOREIGN_RUN_LIFE
    try:
        process = psutil.Process(pid)
        # A process younger than the run only took over its number; a zombie was killed and waits to be buried.
        return process.create_time() <= started.timestamp() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def last_runs(connection: Connection, limit: int = 5) -> list[dict[str, Any]]:
    """The newest runs, newest first."""
    newest = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(newest).mappings()]
