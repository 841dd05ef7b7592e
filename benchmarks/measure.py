"""Seconds and memory of functions and of processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import psutil

ROOT = Path(__file__).parents[1]
# How often a process is looked at, in seconds: peaks shorter than this are missed, and looking costs time.
_LOOK = 0.1
_SERVER = "prefect.server.api.server:create_app"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and those it started used. Memory is resident, in bytes; shared pages count in each process."""

    seconds: float
    peak: int
    peak_children: int  # all at once, the scheduler's server left out
    peak_server: int
    server_cpu: float  # seconds


@contextmanager
def surroundings() -> Iterator[tuple[Path, dict[str, str]]]:
    """A temporary folder, and an environment whose caches and Prefect lie in it."""
    with TemporaryDirectory(prefix="ascn-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "ASCN_"))}
        caches = {"XDG_CACHE_HOME": str(folder / "cache"), "PREFECT_HOME": str(folder / "cache" / "prefect")}
        yield folder, {**kept, **caches, "PYTHONPATH": str(ROOT)}


def interleaved(
    work: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.process_time
) -> dict[str, list[float]]:
    """Seconds of each piece of work, ``rounds`` times, in turn: a slow moment of the machine meets all of them.

    By default they are processor seconds, which others at work on the machine change little.
    """
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, function in work.items():
            start = clock()
            function()
            taken[name].append(clock() - start)
    return taken


def ratios(one: Sequence[float], other: Sequence[float]) -> float:
    """The median over the rounds of how many times as long ``other`` took."""
    return median(b / a for a, b in zip(one, other, strict=True))


def run_python(arguments: Sequence[str], environment: Mapping[str, str], text: str = "") -> str:
    """What a Python process wrote to stdout; its failure is ours."""
    done = subprocess.run(
        [sys.executable, *arguments], env=dict(environment), input=text, text=True, check=True, capture_output=True
    )
    return done.stdout


def watch(arguments: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """What a Python process used from start to end; CalledProcessError when it fails."""
    start = time.perf_counter()
    command = [sys.executable, *arguments]
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        seen = _Seen(process.pid)
        looker = threading.Thread(target=seen.look_until_gone)
        looker.start()
        _, complaints = process.communicate()
        seconds = time.perf_counter() - start
        looker.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=complaints.decode("utf-8", "replace"))
    return Usage(seconds, seen.peak, seen.peak_children, seen.peak_server, seen.server_cpu)


class _Seen:
    """The highest values seen of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._is_server: dict[int, bool] = {}
        self.peak = self.peak_children = self.peak_server = 0
        self.server_cpu = 0.0

    def look_until_gone(self) -> None:
        while self._look():
            time.sleep(_LOOK)

    def _look(self) -> bool:
        try:
            if self._process.status() == psutil.STATUS_ZOMBIE:
                return False
            self.peak = max(self.peak, self._process.memory_info().rss)
            children = self._process.children(recursive=True)
        except psutil.Error:
            return False
        self._look_at(children)
        return True

    def _look_at(self, children: Sequence[psutil.Process]) -> None:
        workers = 0
        for child in children:
            try:
                if child.pid not in self._is_server:
                    self._is_server[child.pid] = _SERVER in child.cmdline()
                memory = child.memory_info().rss
                if not self._is_server[child.pid]:
                    workers += memory
                    continue
                self.peak_server = max(self.peak_server, memory)
                self.server_cpu = max(self.server_cpu, sum(child.cpu_times()[:2]))
            except psutil.Error:
                continue
        self.peak_children = max(self.peak_children, workers)
