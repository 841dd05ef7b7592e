"""Servers that a killed run left behind are ended, and no others."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from ascn_nlp import prefect_runtime
from ascn_nlp.prefect_runtime import cache_folder, end_orphans

SERVER = [sys.executable, "-c", "import time; time.sleep(60)", "prefect.server.api.server:create_app"]
GONE = "2147483646@1.00"


@pytest.fixture
def server(tmp_path):
    """A function that starts what looks like a server of Prefect's, with this in its environment."""
    started = []

    def start(command=SERVER, **environment):
        started.append(subprocess.Popen(command, env={**os.environ, "PREFECT_HOME": str(tmp_path), **environment}))
        until = time.monotonic() + 5  # until then it is a copy of this process
        while psutil.Process(started[-1].pid).cmdline() != command and time.monotonic() < until:
            time.sleep(0.01)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_server_whose_run_is_gone_is_ended(server, tmp_path):
    orphan = server(ASCN_NLP_STARTED_BY=GONE)
    assert end_orphans(tmp_path) == 1
    assert not psutil.pid_exists(orphan.pid)


def test_a_server_whose_run_is_at_work_of_another_home_or_of_somebody_else_is_left_alone(server, tmp_path):
    ours = f"{os.getpid()}@{psutil.Process().create_time():.2f}"
    environments = (
        {"ASCN_NLP_STARTED_BY": ours},
        {"ASCN_NLP_STARTED_BY": GONE, "PREFECT_HOME": str(tmp_path / "other")},
        {"ASCN_NLP_STARTED_BY": ""},
    )
    left = [server(**environment) for environment in environments]
    left.append(server([*SERVER[:3], "something-else"], ASCN_NLP_STARTED_BY=GONE))
    assert end_orphans(tmp_path) == 0
    assert [process.poll() for process in left] == [None] * 4


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_a_run_that_was_killed_and_not_yet_buried_is_gone(server, tmp_path):
    run = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    name = f"{run.pid}@{psutil.Process(run.pid).create_time():.2f}"
    orphan = server(ASCN_NLP_STARTED_BY=name)
    assert end_orphans(tmp_path) == 0
    run.kill()
    until = time.monotonic() + 5
    while psutil.Process(run.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.01)
    assert end_orphans(tmp_path) == 1
    assert not psutil.pid_exists(orphan.pid)
    run.wait(5)


def test_a_users_own_settings_of_prefect_stand(monkeypatch, tmp_path):
    for name in (*prefect_runtime.SETTINGS, "PREFECT_HOME", "ASCN_NLP_STARTED_BY"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(prefect_runtime, "end_orphans", lambda home: 0)
    prefect_runtime.prepare()
    assert {os.environ[name] for name in (*prefect_runtime.SETTINGS, "PREFECT_HOME")} == {"theirs"}
    assert os.environ["ASCN_NLP_STARTED_BY"].startswith(f"{os.getpid()}@")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other systems have other places")
def test_the_cache_lies_where_the_user_keeps_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "ascn-nlp"
