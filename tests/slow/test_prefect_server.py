"""With a real Prefect server: a schedule really runs, and the deployments of prefect.yaml register and run.

Both once failed in silence with versions of Prefect's own requirements that pip was content with.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from ascn_nlp.resources import resource

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

CHECKOUT = resource()
# From its file: Prefect hands a flow over to the process that runs it by its module's name, and ours have no name that
# another process could import.
SERVE = """
import sys
from datetime import timedelta
from prefect import flow
refresh = flow.from_source(source=sys.argv[1], entrypoint="refresh.py:refresh")
refresh.serve(name="often", interval=timedelta(seconds=10), limit=1, parameters={"workspace": sys.argv[2]})
"""


@contextmanager
def running(command, environment, log, **options):
    """A process that is ended, with all that it started, when the test is done with it."""
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else []
        for one in family:
            one.terminate()
        psutil.wait_procs([one for one in family if isinstance(one, psutil.Process)], timeout=10)
        process.kill()
        process.wait(10)


def wait_for(check, seconds, log):
    until = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < until, log.read_text()[-3000:]
        time.sleep(0.5)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory, prefect_home):
    """The environment of clients of a server of our own, and what asks its API."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    api = f"http://127.0.0.1:{port}/api"
    environment = {
        **os.environ,
        "PREFECT_HOME": str(folder / "home"),
        "PREFECT_API_URL": api,
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",  # instead of a minute
        "ASCN_NLP_CHECKOUT": str(CHECKOUT),
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]

    def ask(path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(api + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def is_up():
        try:
            return ask("/health")
        except OSError:
            return False

    log = folder / "server.log"
    with running(command, environment, log, cwd=folder):
        wait_for(is_up, 400, log)
        yield environment, ask


def prefect(environment, *arguments, cwd):
    command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
    done = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def states(workplace):
    return [state for (state,) in workplace.rows("SELECT state FROM runs ORDER BY started_at")]


def test_a_scheduled_refresh_really_happens_and_happens_again(server, workplace, tmp_path):
    environment, _ = server
    workplace.put("a.txt")
    log = tmp_path / "serve.log"
    with running(
        [sys.executable, "-c", SERVE, str(resource("flows")), str(workplace.root)], environment, log, cwd=tmp_path
    ):
        wait_for(lambda: states(workplace).count("done") >= 2, 400, log)
    assert workplace.outcomes() == {"a.txt": "read"}
    assert workplace.rows("SELECT count(*) > 0 FROM tags") == [(1,)]
    assert workplace.workspace.review_csv.is_file()


def test_serve_schedules_a_refresh_whose_artifact_lists_what_failed(server, workplace, tmp_path):
    environment, ask = server
    workplace.put("a.txt")
    workplace.put("broken|name.pdf", b"%PDF-1.7 cut off")
    settings = (workplace.root / "ascn.toml").read_text(encoding="utf-8")
    workplace.settings(settings + '[schedule]\nrefresh = "* * * * *"\ntimezone = "Asia/Jakarta"\n')
    log = tmp_path / "serve.log"
    command = [sys.executable, "-m", "ascn_nlp", "serve", "--name", "ours"]
    with running(command, environment, log, cwd=workplace.root):
        wait_for(lambda: "done" in states(workplace), 400, log)
        named = {"deployments": {"name": {"any_": ["ours"]}}}
        deployments = wait_for(lambda: ask("/deployments/filter", named), 400, log)

        def ended():
            found = ask("/flow_runs/filter", {"flows": {"name": {"any_": ["refresh"]}}, **named})
            return [one for one in found if one["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]

        [run, *_] = wait_for(ended, 400, log)
        artifacts = ask("/artifacts/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    assert {one["entrypoint"] for one in deployments} == {"refresh.py:refresh", "retag.py:retag"}
    assert {one["schedules"][0]["schedule"]["timezone"] for one in deployments} == {"Asia/Jakarta"}
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "SomeFailed")
    [told] = [one for one in artifacts if one["key"] == "failed-documents"]
    assert "broken\\|name.pdf" in told["data"] and "is damaged or cut off" in told["data"]
    assert "a.txt" not in told["data"]
    assert workplace.outcomes() == {"a.txt": "read", "broken|name.pdf": "failed"}


def planned(ask, name):
    """(the deployment refresh/NAME, its runs that wait for their time or for somebody to run them)."""
    deployment = ask(f"/deployments/name/refresh/{name}")
    wanted = {"deployments": {"id": {"any_": [deployment["id"]]}}, "sort": "EXPECTED_START_TIME_ASC"}
    return deployment, ask("/flow_runs/filter", {**wanted, "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})


def test_the_schedule_goes_on_when_serve_is_stopped_and_the_next_makes_up_for_what_was_missed(
    server, workplace, tmp_path
):
    environment, ask = server
    workplace.put("a.txt")
    settings = (workplace.root / "ascn.toml").read_text(encoding="utf-8")
    # So late that serve has been stopped by then, on a busy machine too.
    at = datetime.now(UTC) + timedelta(minutes=3)
    workplace.settings(settings + f'[schedule]\nrefresh = "{at.minute} {at.hour} * * *"\ntimezone = "UTC"\n')
    log = tmp_path / "serve.log"
    command = [sys.executable, "-m", "ascn_nlp", "serve", "--name", "kept"]

    def first_run():
        try:
            return planned(ask, "kept")[1]
        except OSError:  # not registered yet
            return []

    with running(command, environment, log, cwd=workplace.root) as process:
        [missed, *_] = wait_for(first_run, 400, log)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert states(workplace) == []
    deployment, waiting = planned(ask, "kept")
    assert not deployment["paused"] and missed["id"] in [run["id"] for run in waiting]
    wait_for(lambda: datetime.fromisoformat(missed["expected_start_time"]) < datetime.now(UTC), 240, log)
    with running(command, environment, log, cwd=workplace.root):
        wait_for(lambda: ask(f"/flow_runs/{missed['id']}")["state_type"] in ("COMPLETED", "CANCELLED"), 400, log)
    assert states(workplace)[0] == "done" and workplace.outcomes() == {"a.txt": "read"}


def test_a_workspace_does_not_take_the_deployments_of_another_of_its_name(server, workplace, tmp_path):
    environment, ask = server
    log = tmp_path / "serve.log"
    other = tmp_path / "elsewhere" / workplace.root.name
    other.mkdir(parents=True)
    command = [sys.executable, "-m", "ascn_nlp", "serve"]

    def registered():
        try:
            return ask(f"/deployments/name/retag/{other.name}")
        except OSError:
            return None

    with running(command, environment, log, cwd=other):
        wait_for(registered, 400, log)
    done = subprocess.run(
        command, cwd=workplace.root, env=environment, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    assert "--name ANOTHER" in said and f"prefect deployment delete refresh/{other.name}" in said
    assert ask(f"/deployments/name/refresh/{other.name}")["parameters"] == {"workspace": str(other)}


def test_serve_without_a_server_that_answers_says_what_to_run(workplace, prefect_home):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/api"
        environment = {**os.environ, "PREFECT_API_URL": address}
        command = [sys.executable, "-m", "ascn_nlp", "serve"]
        done = subprocess.run(command, cwd=workplace.root, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 1
    assert "prefect server start" in done.stderr and "Traceback" not in done.stderr


def test_the_deployments_of_prefect_yaml_register_and_a_worker_runs_one(server, workplace, tmp_path):
    environment, ask = server
    workplace.put("a.txt")
    prefect(environment, "work-pool", "create", "ascn", "--type", "process", cwd=tmp_path)
    prefect(environment, "deploy", "--all", cwd=CHECKOUT)
    deployments = {one["name"]: one for one in ask("/deployments/filter", {}) if one["work_pool_name"] == "ascn"}
    entrypoints = {one["entrypoint"] for one in ask("/deployments/filter", {}) if one["work_pool_name"] == "ascn"}
    assert entrypoints == {f"flows/{name}.py:{name}" for name in ("refresh", "retag", "train")}
    assert deployments["nightly"]
    parameters = json.dumps({"workspace": str(workplace.root)})
    prefect(environment, "deployment", "run", "refresh/nightly", "--params", parameters, cwd=tmp_path)
    log = tmp_path / "worker.log"
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "ascn", "--run-once"]
    with running(command, environment, log, cwd=tmp_path):
        wait_for(lambda: states(workplace) == ["done"], 400, log)
    assert workplace.outcomes() == {"a.txt": "read"}


@pytest.mark.parametrize("name", ["refresh", "retag"])
def test_a_flow_runs_as_a_program_in_a_workspace_folder(name, workplace, prefect_home):
    workplace.put("a.txt")
    if name == "retag":
        workplace.refresh()
    command = [sys.executable, str(Path(CHECKOUT, "flows", f"{name}.py"))]
    done = subprocess.run(command, cwd=workplace.root, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert workplace.outcomes() == {"a.txt": "read"}
    assert set(states(workplace)) == {"done"}


@pytest.mark.parametrize("name", ["HTTP_PROXY", "all_proxy"])
def test_a_refresh_behind_a_proxy_asks_its_own_server_straight(name, workplace, prefect_home):
    workplace.put("a.txt")
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))  # nobody listens
        scheme = "socks5" if name == "all_proxy" else "http"
        environment = {**os.environ, name: f"{scheme}://127.0.0.1:{proxy.getsockname()[1]}"}
        command = [sys.executable, "-m", "ascn_nlp", "refresh"]
        done = subprocess.run(
            command, cwd=workplace.root, env=environment, capture_output=True, text=True, timeout=400, check=False
        )
    assert done.returncode == 0, done.stderr
    assert workplace.outcomes() == {"a.txt": "read"}
