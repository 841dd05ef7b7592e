"""Servers that a killed run left behind are ended, and no others."""

import os
import subprocess
import sys
import time
from urllib.request import getproxies_environment

import httpx
import psutil
import pytest

from ascn_nlp import prefect_runtime
from ascn_nlp.prefect_runtime import cache_folder, end_orphans

SERVER = [sys.executable, "-c", "import time; time.sleep(600)", "prefect.server.api.server:create_app"]
GONE = "2147483646@1.00"


@pytest.fixture
def server(tmp_path):
    """A function that starts what looks like a server of Prefect's, with this in its environment."""
    started = []

    def start(command=SERVER, **environment):
        started.append(subprocess.Popen(command, env={**os.environ, "PREFECT_HOME": str(tmp_path), **environment}))
        until = time.monotonic() + 30  # until then it is a copy of this process
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
    run = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    name = f"{run.pid}@{psutil.Process(run.pid).create_time():.2f}"
    orphan = server(ASCN_NLP_STARTED_BY=name)
    assert end_orphans(tmp_path) == 0
    run.kill()
    until = time.monotonic() + 30
    while psutil.Process(run.pid).status() != psutil.STATUS_ZOMBIE and time.monotonic() < until:
        time.sleep(0.01)
    assert end_orphans(tmp_path) == 1
    assert not psutil.pid_exists(orphan.pid)
    run.wait(30)


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


OF_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def proxied(monkeypatch, tmp_path):
    """Prepares a run where these are the only settings of proxies, and puts back what there was."""

    def prepare(**settings):
        for name in (*OF_PROXIES, *map(str.upper, OF_PROXIES)):
            monkeypatch.setenv(name, "")  # so that it is put back
            monkeypatch.delenv(name)
        for name, value in {"PREFECT_API_URL": "", "PREFECT_HOME": str(tmp_path), **settings}.items():
            monkeypatch.setenv(name, value)
        for name in (*prefect_runtime.SETTINGS, "ASCN_NLP_STARTED_BY"):
            monkeypatch.setenv(name, os.environ.get(name, ""))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setattr(prefect_runtime, "end_orphans", lambda home: 0)
        prefect_runtime.prepare()

    return prepare


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("HTTP_PROXY", "http"),
        ("http_proxy", "http"),
        ("ALL_PROXY", "http"),
        ("ALL_PROXY", "socks5"),
        ("ALL_PROXY", "socks"),
        ("all_proxy", "socks5"),
    ],
)
def test_a_server_of_our_own_is_asked_straight_where_there_are_proxies(proxied, site, name, scheme):
    site.pages["/health"] = "true"
    proxied(**{name: f"{scheme}://127.0.0.1:9"})
    assert httpx.get(f"{site.base}/health").text == "true"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"no_proxy": "intern.example, 10.0.0.1"}, "intern.example,10.0.0.1,127.0.0.1,localhost"),
        ({"NO_PROXY": "localhost"}, "localhost,127.0.0.1"),
        ({"no_proxy": "*"}, "*"),
        ({"no_proxy": "a.example", "PREFECT_API_URL": "https://prefect.example/api"}, "a.example"),
        ({"PREFECT_API_URL": "http://localhost:4200/api"}, "127.0.0.1,localhost"),
    ],
    ids=["lower", "upper", "all", "another-host", "this-host"],
)
def test_hosts_that_go_without_a_proxy_stand(proxied, given, expected):
    proxied(**{"https_proxy": "http://proxy.example:3128", **given})
    assert getproxies_environment()["no"] == expected


def test_no_host_is_excepted_where_the_environment_names_no_proxy(proxied):
    proxied()
    assert getproxies_environment() == {}  # else those of the system would not be looked for
