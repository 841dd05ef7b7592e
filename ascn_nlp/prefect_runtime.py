"""Runs a flow from ``flows/`` with a quiet Prefect of our own. Imports Prefect only when a flow is run.

Prefect's ephemeral server keeps its database in PREFECT_HOME. Ours lies in the user's cache folder and is shared by all
workspaces: a new one costs ten seconds of migrations.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import psutil

from ascn_nlp.resources import resource

# Only what the user has not set; a PREFECT_API_URL of theirs is used, and then no server is started.
SETTINGS = {
    "DO_NOT_TRACK": "1",  # on a network that swallows packets, telemetry costs seconds and an error at exit
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # failures reach people through our own messages
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # the first start migrates a database
    "PREFECT_CLI_COLORS": "false",
}
# Where a server of our own listens, and what a proxy cannot reach for us.
_HERE = ("127.0.0.1", "localhost")
_SERVER = "prefect.server.api.server:create_app"
# Servers inherit this variable: it tells whose they are.
_STARTER = "ASCN_NLP_STARTED_BY"


def run_flow(name: str, **parameters: Any) -> Any:
    """The result of the flow ``name`` in ``flows/<name>.py``; what it raises is raised."""
    prepare()
    flow: Callable[..., Any] = getattr(load_flow(name), name)
    return flow(**parameters)


def prepare() -> None:
    """Set up Prefect's surroundings and end servers that a killed run of ours left behind."""
    home = cache_folder() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    for key, value in {**SETTINGS, "PREFECT_HOME": str(home)}.items():
        os.environ.setdefault(key, value)
    os.environ[_STARTER] = _name_process()
    _pass_proxies_by()
    end_orphans(Path(os.environ["PREFECT_HOME"]))


def load_flow(name: str) -> ModuleType:
    """The module ``flows/<name>.py``, from the checkout or from inside the wheel, under a name of its own."""
    path = resource("flows", f"{name}.py")
    module_name = f"ascn_nlp_flows_{name}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # Prefect looks a flow's module up by name
    spec.loader.exec_module(module)
    return module


def end_orphans(home: Path) -> int:
    """How many ephemeral servers over this PREFECT_HOME had lost their run, and were ended."""
    orphans = [process for process in psutil.process_iter() if _is_orphan(process, home)]
    for process in orphans:
        process.terminate()
    psutil.wait_procs(orphans, timeout=5)
    return len(orphans)


def cache_folder() -> Path:
    """Where this user's programs keep what can be made again."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "ascn-nlp"


def _pass_proxies_by() -> None:
    """Have Prefect's clients ask a server on this machine straight, whatever proxies the environment names."""
    host = urlsplit(os.environ.get("PREFECT_API_URL", "")).hostname
    # Where the environment names none, those that the system may have set would be forgotten.
    is_any_named = any(value and name.lower().endswith("_proxy") for name, value in os.environ.items())
    if host not in (None, *_HERE) or not is_any_named:
        return
    listed = {name: os.environ.get(name, "") for name in ("no_proxy", "NO_PROXY")}
    for name, own in listed.items():
        hosts = [host.strip() for host in (own or "".join(listed.values())).split(",") if host.strip()]
        if "*" not in hosts:
            os.environ[name] = ",".join(dict.fromkeys([*hosts, *_HERE]))
    spoken = ("socks5://", "socks5h://") if importlib.util.find_spec("socksio") else ()
    for name in ("all_proxy", "ALL_PROXY"):
        proxy = os.environ.get(name, "")
        # httpx gives up at one that it cannot speak to, also where it is not to be asked.
        if proxy.startswith("socks") and not proxy.startswith(spoken):
            del os.environ[name]


def _is_orphan(process: psutil.Process, home: Path) -> bool:
    """Whether it is an ephemeral server that a run of ours started, and that run is gone."""
    try:
        if _SERVER not in process.cmdline():
            return False
        environment = process.environ()
        starter = environment.get(_STARTER, "")
        return environment.get("PREFECT_HOME") == str(home) and starter != "" and not _is_alive(starter)
    except psutil.Error:
        return False


def _name_process() -> str:
    """A name for this process that no later one with the same number has."""
    return f"{os.getpid()}@{psutil.Process().create_time():.2f}"


def _is_alive(name: str) -> bool:
    pid, _, created = name.partition("@")
    try:
        process = psutil.Process(int(pid))
        # A zombie was killed and waits to be buried.
        return f"{process.create_time():.2f}" == created and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return False
