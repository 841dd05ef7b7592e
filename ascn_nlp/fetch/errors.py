"""How a fetch may fail, beside for good."""

from __future__ import annotations

from ascn_nlp.errors import FetchError


class PassingFetchError(FetchError):
    """A fetch that failed in a way that may pass by itself: worth another try, in this run or in the next."""


class GoneError(FetchError):
    """A page that is no longer there, nor its host: a web archive may have a copy."""


class StoppedError(PassingFetchError):
    """The run was stopped."""


class HeldError(PassingFetchError):
    """A host asked to be left alone for longer than a run waits."""
