"""How often a host is asked: so many requests at a time, so long between them, and not while it asks for peace."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ascn_nlp.fetch.errors import HeldError

# A host that asks for a longer pause than this is left alone for the rest of the run.
LONGEST_WAIT = 120.0


@dataclass(slots=True)
class _Host:
    slots: threading.BoundedSemaphore
    next_at: float = 0.0
    held_until: float = 0.0
    why: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Pace:
    """Turns at each host. Times are seconds of a clock that never goes back."""

    def __init__(
        self,
        per_host: int,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._per_host = per_host
        self._gap = 60 / per_minute
        self._clock, self._sleep = clock, sleep
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str, gap: float = 0.0) -> Iterator[None]:
        """Within it the host may be asked once; entering it waits for a free slot and for the time.

        ``gap`` is the least number of seconds between two requests where the host wants more than we do. Raises
        HeldError when the host wants to be left alone for longer than a run waits.
        """
        state = self._of(host)
        with state.slots:
            self._wait(host, state, max(gap, self._gap))
            yield

    def hold(self, host: str, seconds: float, why: str = "the host asks to be left alone") -> None:
        """Ask nothing of this host for so long."""
        state, until = self._of(host), self._clock() + seconds
        with state.lock:
            if until > state.held_until:
                state.held_until, state.why = until, why

    def _wait(self, host: str, state: _Host, gap: float) -> None:
        while True:
            with state.lock:
                now = self._clock()
                start = max(state.next_at, state.held_until)
                if start <= now:
                    state.next_at = now + gap
                    return
                if start - now > LONGEST_WAIT:
                    why = state.why if state.held_until >= state.next_at else "it wants long pauses between requests"
                    raise HeldError(f"{why}; not asked for {start - now:.0f} s", host, "the next refresh tries again")
            self._sleep(start - now)

    def _of(self, host: str) -> _Host:
        with self._lock:
            if host not in self._hosts:
                self._hosts[host] = _Host(threading.BoundedSemaphore(self._per_host))
            return self._hosts[host]
