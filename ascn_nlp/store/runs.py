"""Runs: who wrote what, with which code, taxonomy and model."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import UTC, datetime
from typing import Any

import psutil
from sqlalchemy import Connection, insert, select, update

from ascn_nlp.store.schema import runs


def start_run(connection: Connection, flow: str, manifest: dict[str, Any]) -> str:
    """The id of a new run, recorded as running. Ids sort by time of start."""
    now = datetime.now(UTC)
    run_id = f"r{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    values = {"id": run_id, "flow": flow, "state": "running", "pid": os.getpid(), "host": socket.gethostname()}
    connection.execute(insert(runs).values(started_at=now, manifest=manifest, counts={}, **values))
    return run_id


def finish_run(connection: Connection, run_id: str, state: str, counts: dict[str, Any]) -> None:
    """Record how a run ended: ``done`` or ``failed``."""
    ended = {"state": state, "counts": counts, "ended_at": datetime.now(UTC)}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**ended))


def bury_dead_runs(connection: Connection) -> int:
    """How many runs of this machine were still marked running though their process is gone; now marked died."""
    here = select(runs.c.id, runs.c.pid).where(runs.c.state == "running", runs.c.host == socket.gethostname())
    dead = [run.id for run in connection.execute(here) if not psutil.pid_exists(run.pid)]
    if dead:
        connection.execute(update(runs).where(runs.c.id.in_(dead)).values(state="died"))
    return len(dead)


def last_runs(connection: Connection, limit: int = 5) -> list[dict[str, Any]]:
    """The newest runs, newest first."""
    newest = select(runs).order_by(runs.c.started_at.desc()).limit(limit)
    return [dict(row) for row in connection.execute(newest).mappings()]
