"""Where the bytes of a document came from: what its reader may take into account besides the bytes."""

from __future__ import annotations

from dataclasses import dataclass

from ascn_nlp.addresses import is_web_address
from ascn_nlp.records import Source


@dataclass(frozen=True, slots=True)
class Origin:
    """A document's source and address, and how its bytes were had."""

    source: Source
    address: str
    declared_type: str = ""  # as the server said, with its charset
    final_url: str = ""
    fetched_at: str = ""  # ISO day
    last_modified: str = ""  # ISO day, as the server said
    listed: tuple[str, str, str] = ("", "", "")  # date, basis and evidence, as its source states them

    @property
    def url(self) -> str:
        """The web address it came from; "" for a file."""
        return next((each for each in (self.final_url, self.address) if is_web_address(each)), "")
