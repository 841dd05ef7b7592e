"""A function called in processes of its own, which are stopped when a call takes too long or too much memory.

Each process has a pipe to itself. Pools whose processes share one pipe share its locks too, and a process that is
killed while it holds one stops all the others.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, Generic, Literal, TypeVar

from ascn_nlp.errors import AscnNlpError, InstallationError

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# A process starts in a tenth of a second; the first one loads its libraries, on slow disks for half a minute.
_START_SECONDS = 120
_END_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why a call has no result: it went over its limits, or its process ended."""

    reason: Literal["time", "memory", "death"]
    detail: str = ""


class Processes(Generic[Argument, Result]):
    """Calls ``function``, one that can be imported by name, in processes within limits; used by several threads.

    Processes are kept for later calls as long as nothing goes wrong in them.
    """

    def __init__(self, function: Callable[[Argument], Result], seconds: float, megabytes: int, *preload: str) -> None:
        # A fork of this process would inherit its threads' locks; the fork server has none.
        self._context: Any = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
        if hasattr(self._context, "set_forkserver_preload"):
            self._context.set_forkserver_preload(list(preload))
        self._function, self._seconds, self._megabytes = function, seconds, megabytes
        self._lock = threading.Lock()  # also because processes must be started and reaped by one thread at a time
        self._all: set[_Process] = set()
        self._idle: list[_Process] = []
        self._is_closed = False

    def call(self, argument: Argument) -> Result | AscnNlpError | Stopped:
        """The function's result, the error of ours that it raised, or why it has none.

        A process that ends or runs out of memory may do so for what an earlier call left behind in it; then the call is
        made once more by a new one. Raises InstallationError when processes do not start.
        """
        process = self._take()
        is_new = process.calls == 0
        answer = self._ask(process, argument)
        if isinstance(answer, Stopped) and answer.reason != "time" and not is_new and not self._is_closed:
            answer = self._ask(self._started(), argument)
        return answer

    def close(self) -> None:
        """End all processes, also those in the middle of a call."""
        with self._lock:
            self._is_closed = True
            for process in self._all:
                process.end()

    def _take(self) -> _Process:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return self._started()

    def _started(self) -> _Process:
        with self._lock:
            if self._is_closed:
                raise InstallationError("reading was stopped")
            process = _Process(self._context, self._function, self._megabytes)
            self._all.add(process)
        process.wait_until_ready()
        return process

    def _ask(self, process: _Process, argument: Argument) -> Result | AscnNlpError | Stopped:
        answer: Result | AscnNlpError | Stopped | None = process.ask(argument, self._seconds)
        if answer is not None and not isinstance(answer, Stopped):
            with self._lock:
                self._idle.append(process)
            return answer
        with self._lock:
            how = process.end()
            self._all.discard(process)
        return answer or Stopped("death", how)


class _Process:
    """One process, and our end of the pipe to it."""

    def __init__(self, context: Any, function: Callable[[Any], Any], megabytes: int) -> None:
        self.calls = 0
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, function, megabytes), daemon=True)
        self._process.start()
        theirs.close()

    def wait_until_ready(self) -> None:
        """Return when the process has loaded what it needs; InstallationError when it ends before."""
        try:
            is_ready = self._pipe.poll(_START_SECONDS) and self._pipe.recv()
        except (EOFError, OSError):
            is_ready = False
        if not is_ready:
            remedy = 'run ascn-nlp doctor; a script of your own must start its work under if __name__ == "__main__":'
            raise InstallationError("processes that read documents do not start", remedy=remedy)

    def ask(self, argument: Any, seconds: float) -> Any:
        """What the function gives for the argument; Stopped when it takes longer, None when the process ends."""
        self.calls += 1
        try:
            self._pipe.send(argument)
            return self._pipe.recv() if self._pipe.poll(seconds) else Stopped("time")
        except (EOFError, OSError):
            return None

    def end(self) -> str:
        """How the process ended, by itself or now by us."""
        self._process.kill()
        self._process.join(_END_SECONDS)
        code = self._process.exitcode
        return signal.Signals(-code).name if code and code < 0 else f"exit status {code}"


def _serve(pipe: Connection, function: Callable[[Any], Any], megabytes: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who leads us decides
    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    _limit_memory(megabytes)
    pipe.send(True)
    while True:
        try:
            argument = pipe.recv()
        except EOFError:
            return
        pipe.send_bytes(_answer(function, argument))


def _answer(function: Callable[[Any], Any], argument: Any) -> Any:
    try:
        return ForkingPickler.dumps(function(argument))
    except AscnNlpError as error:
        return ForkingPickler.dumps(error)
    except MemoryError:
        return ForkingPickler.dumps(Stopped("memory"))
    except BaseException as error:  # the worker's border: a library may even call sys.exit
        return ForkingPickler.dumps(Stopped("death", f"{type(error).__name__}: {error}"))


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; time is limited all the same
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = _address_space() + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most), most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no copy of the document


def _address_space() -> int:
    import psutil

    return int(psutil.Process().memory_info().vms)


def _end_with(parent: int) -> None:
    # A process whose run was killed would work on for nobody.
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
