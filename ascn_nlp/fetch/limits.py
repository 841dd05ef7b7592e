"""How much is asked of the network, and by what an answer that is known already is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked of the network. ``seconds`` and ``megabytes`` are for one response, ``tries`` for one run."""

    seconds: float = 60
    megabytes: int = 200
    per_host: int = 2
    per_minute: int = 60
    tries: int = 3
    parallel: int = 8


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells whether we have the present state of a page (RFC 9110, 13.1)."""

    etag: str = ""
    last_modified: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers that make the request conditional."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value.isascii() and value.isprintable() and value}


NOTHING_KNOWN = Validators()
