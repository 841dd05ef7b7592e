from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from ascn_nlp.store.runs import beat, bury_dead_runs, finish_run, get_run, last_done, last_runs, lock_runs, start_run
from ascn_nlp.store.schema import runs


def start(store, **changes) -> str:
    with store.writing() as connection:
        run_id = start_run(connection, "refresh", {"version": "1", "sources": ["a", "b"]})
        if changes:
            connection.execute(update(runs).where(runs.c.id == run_id).values(**changes))
    return run_id


def bury(store) -> int:
    with store.writing() as connection:
        return bury_dead_runs(connection)


def states(store) -> dict[str, str]:
    with store.reading() as connection:
        return {run["id"]: run["state"] for run in last_runs(connection)}


def test_a_run_is_recorded_with_its_manifest_process_and_end(store):
    run_id = start(store)
    assert states(store) == {run_id: "running"}
    with store.writing() as connection:
        finish_run(connection, run_id, "done", {"read": 3})
    with store.reading() as connection:
        [run] = last_runs(connection)
    assert (run["state"], run["counts"], run["manifest"]) == (
        "done",
        {"read": 3},
        {"version": "1", "sources": ["a", "b"]},
    )
    assert (run["pid"], run["host"]) == (os.getpid(), socket.gethostname())
    assert run["ended_at"] >= run["started_at"]


def test_ids_sort_by_time_and_the_newest_run_comes_first(store):
    now = datetime.now(UTC)
    old = start(store, started_at=now - timedelta(hours=1))
    new = start(store, started_at=now)
    assert list(states(store)) == [new, old]
    with store.reading() as connection:
        assert [run["id"] for run in last_runs(connection, limit=1)] == [new]


def test_a_run_of_a_living_process_is_left_alone(store):
    run_id = start(store)
    assert bury(store) == 0
    assert states(store) == {run_id: "running"}


def test_a_run_whose_process_is_gone_is_buried_once(store):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run_id = start(store, pid=ended.pid)
    assert bury(store) == 1
    assert states(store) == {run_id: "died"}
    assert bury(store) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_a_run_whose_process_is_a_zombie_is_buried(store):
    child = subprocess.Popen([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"], stdout=-1)
    child.stdout.read(1)
    run_id = start(store, pid=child.pid)
    assert bury(store) == 0
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert bury(store) == 1
    assert states(store) == {run_id: "died"}
    child.communicate()


def test_a_process_that_took_over_the_number_does_not_keep_a_run_alive(store):
    start(store, started_at=datetime.now(UTC) - timedelta(days=3650))
    assert bury(store) == 1


@pytest.mark.parametrize(("silent", "buried"), [(timedelta(minutes=5), 0), (timedelta(minutes=20), 1)])
def test_a_run_on_another_machine_counts_as_alive_while_it_gives_signs_of_life(store, silent, buried):
    now = datetime.now(UTC)
    start(store, host="elsewhere", pid=1, started_at=now - timedelta(days=2), heartbeat_at=now - silent)
    assert bury(store) == buried


def test_a_run_that_nobody_has_buried_yet_is_shown_as_died(store):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    run_id = start(store, pid=ended.pid)
    assert states(store) == {run_id: "died"}
    with store.reading() as connection:
        assert get_run(connection, run_id)["state"] == "died"
    alive = start(store)
    assert states(store)[alive] == "running"


def test_a_sign_of_life_is_recorded_until_another_run_has_taken_over(store):
    run_id = start(store, host="elsewhere", heartbeat_at=datetime.now(UTC) - timedelta(hours=1))
    with store.writing() as connection:
        assert beat(connection, run_id)
    assert bury(store) == 0
    with store.writing() as connection:
        connection.execute(update(runs).values(heartbeat_at=datetime.now(UTC) - timedelta(hours=1)))
    assert bury(store) == 1
    with store.writing() as connection:
        assert not beat(connection, run_id)


def test_a_run_is_found_by_the_beginning_of_its_id_if_no_other_begins_so(store):
    one, two = start(store, id="r1-a"), start(store, id="r1-b")
    assert one != two
    with store.reading() as connection:
        assert get_run(connection, "r1-a")["id"] == "r1-a"
        assert get_run(connection, "r1") is None
        assert get_run(connection, "r%") is None
        assert last_done(connection, "refresh", "s.toml") is None
    whole = {"is_whole": True, "settings": {"sources": "s.toml"}}
    start(store, id="r2", state="done", manifest=whole)
    start(store, id="r3", state="done", manifest={**whole, "is_whole": False})
    start(store, id="r4", state="died", manifest=whole)
    with store.reading() as connection:
        assert last_done(connection, "refresh", "s.toml")["id"] == "r2"
        assert last_done(connection, "refresh", "other.toml") is None
        assert get_run(connection, "r2")["state"] == "done"


def test_a_finished_run_is_never_buried(store):
    start(store, state="done", pid=2**22 + 1)
    assert bury(store) == 0


def test_no_second_run_can_begin_while_one_is_beginning(store):
    let_in = threading.Event()

    def begin():
        with store.writing() as connection:
            lock_runs(connection)
            let_in.set()

    other = threading.Thread(target=begin)
    with store.writing() as connection:
        lock_runs(connection)
        other.start()
        assert not let_in.wait(0.5)
    other.join(10)
    assert let_in.is_set()
