"""What the report counts: passages by the places they speak of, and the tags that count, as pandas frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ascn_nlp.review.judgements import ABSENT, HOLDS, Judgement

if TYPE_CHECKING:
    from pandas import DataFrame

# Who speaks: those who plan, fund and govern, and those who do not. Other genres are neither.
VOICES = {
    "official_report": "official",
    "press_release": "official",
    "legal": "official",
    "news": "independent",
    "ngo_or_think_tank": "independent",
    "academic": "independent",
}
SPOKEN = (
    *("passage_id", "document_id", "story_id", "source_id", "publisher", "genre", "voice"),
    *("year", "place", "country"),
)
UNCOUNTED = ("place", "year", "genre", "reason", "passages")
TAGGED = ("passage_id", "concern", "stance", "score", "is_unsure", "review")


class Said(NamedTuple):
    """One tag as the tagger gave it."""

    passage_id: str
    concern: str
    stance: str
    score: float
    is_unsure: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the report counts.

    ``spoken``: a row for each passage and place it speaks of (columns SPOKEN); ``tagged``: a row for each passage and
    concern that counts (columns TAGGED). A tag counts unless people have settled that it does not hold; one that they
    added counts, and so does the stance that they gave.
    ``read``: ids of the passages that people read whole; ``rejected``: (passage, concern) of tags that do not hold.
    """

    spoken: DataFrame
    tagged: DataFrame
    read: frozenset[str] = frozenset()
    rejected: frozenset[tuple[str, str]] = frozenset()


def spoken_frame(rows: Iterable[Mapping[Any, Any]]) -> DataFrame:
    """The frame ``spoken`` of rows with its columns, ``voice`` added; each passage and place once, none undated."""
    import pandas as pd

    frame = pd.DataFrame.from_records([dict(row) for row in rows], columns=[c for c in SPOKEN if c != "voice"])
    frame = frame[frame["year"].notna()].astype({"year": int})
    frame["voice"] = frame["genre"].map(VOICES).fillna("other")
    return frame[list(SPOKEN)].drop_duplicates(["passage_id", "place"], ignore_index=True)


def uncounted_frame(rows: Iterable[Mapping[Any, Any]]) -> DataFrame:
    """Passages that speak of a place and cannot be counted (columns UNCOUNTED); a year of 0 is not known."""
    import pandas as pd

    frame = pd.DataFrame.from_records([dict(row) for row in rows], columns=list(UNCOUNTED))
    return frame.assign(year=pd.to_numeric(frame["year"]).fillna(0)).astype({"year": int, "passages": int})


def rejected(tags: Iterable[Said], settled: Mapping[str, Judgement]) -> frozenset[tuple[str, str]]:
    """(passage, concern) of the tags that people settled not to hold."""
    pairs = ((tag.passage_id, tag.concern) for tag in tags)
    return frozenset(pair for pair in pairs if settled.get(pair[0], {}).get(pair[1]) == ABSENT)


def tagged_frame(tags: Iterable[Said], settled: Mapping[str, Judgement], passages: Iterable[str]) -> DataFrame:
    """The frame ``tagged``: tags as people settled them, and those that they added to any of ``passages``."""
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    given: set[tuple[str, str]] = set()
    for tag in tags:
        given.add((tag.passage_id, tag.concern))
        verdict = settled.get(tag.passage_id, {}).get(tag.concern, "")
        if verdict != ABSENT:
            stance = verdict if verdict not in ("", HOLDS) else tag.stance
            review = "accepted" if verdict else "none"
            rows.append((tag.passage_id, tag.concern, stance, tag.score, tag.is_unsure and not verdict, review))
    for passage in passages:
        for concern, stance in settled.get(passage, {}).items():
            # A concern that holds, and of which nobody named the stance, can be counted in no column.
            if (passage, concern) not in given and stance not in (ABSENT, HOLDS):
                rows.append((passage, concern, stance, 1.0, False, "added"))
    return pd.DataFrame.from_records(rows, columns=list(TAGGED))
