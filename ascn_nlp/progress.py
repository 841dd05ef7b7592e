"""Tells whoever listens how far a stage is. Stages report; only the command line listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# (stage, units done since the last call, units in all when a stage begins, else None)
Listener = Callable[[str, int, int | None], None]

_listener: ContextVar[Listener | None] = ContextVar("ascn_nlp_progress", default=None)
_hearer: ContextVar[Callable[[str], None] | None] = ContextVar("ascn_nlp_steps", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Within it, every report of this thread goes to the listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def begin(stage: str, total: int) -> None:
    """A stage begins that has ``total`` documents or passages to go through."""
    if listener := _listener.get():
        listener(stage, 0, total)


def advance(stage: str, done: int = 1) -> None:
    """``done`` more of them are finished."""
    if listener := _listener.get():
        listener(stage, done, None)


@contextmanager
def hearing(hearer: Callable[[str], None]) -> Iterator[None]:
    """Within it, every step that this thread begins is told to the hearer, in words."""
    token = _hearer.set(hearer)
    try:
        yield
    finally:
        _hearer.reset(token)


def tell(step: str) -> None:
    """A step begins that nobody can say the length of."""
    if hearer := _hearer.get():
        hearer(step)
