"""What an office file's own properties are worth: a title that somebody gave, and the days it was made and changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ascn_nlp.dates import CONFIDENCE
from ascn_nlp.records import DateClue

# What programs write for a title when nobody gave one.
_NO_TITLE = re.compile(
    r"^(?:untitled.*|document\d*|microsoft word\b.*|word document|.*\.(?:docx?|od[tm])|normal|template)$", re.IGNORECASE
)


def given_title(stated: str) -> str:
    """``stated`` on one line; "" when a program made it up."""
    title = " ".join(stated.split())
    return "" if _NO_TITLE.match(title) else title


def saving_clues(created: str, modified: str) -> Iterator[DateClue]:
    """Clues of the ISO times at which a file was made and last changed; "" and what is no time give none."""
    # A document is changed and saved anew for years after it was published, so the later date is trusted less.
    trusts = (("created", created, CONFIDENCE["metadata"]), ("modified", modified, CONFIDENCE["metadata"] / 2))
    for name, when, trust in trusts:
        try:
            day = date.fromisoformat(when[:10]).isoformat()
        except ValueError:
            continue
        yield DateClue(day, "metadata", f"{name} {when}", trust)
