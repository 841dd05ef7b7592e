"""The documents that everything is counted from, named one by one: what a share is a share of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ascn_nlp.pipeline import store_of
from ascn_nlp.report.frames import VOICES
from ascn_nlp.report.whole import Report
from ascn_nlp.store.facts import cited_documents
from ascn_nlp.workspace import Workspace

COLUMNS = (
    *("document_id", "story_id", "title", "publisher", "genre", "voice", "source", "published", "date_basis", "url"),
    *("places", "passages", "sha256"),
)


def documents_of(workspace: Workspace, report: Report) -> Iterator[tuple[object, ...]]:
    """A header and a row for each document that has a passage that is counted, in reading order; no text of it.

    ``places`` are those that its passages speak of, each with the number of these passages: "Hanoi (3); Phuket (1)".
    """
    yield COLUMNS
    spoken = report.facts.spoken
    stories = dict(zip(spoken["document_id"], spoken["story_id"], strict=True))
    passages = spoken.groupby("document_id")["passage_id"].nunique()
    counts: dict[str, list[str]] = {}
    by_place: Any = spoken.groupby(["document_id", "place"], as_index=False)["passage_id"].nunique()
    for document, place, count in by_place.itertuples(index=False, name=None):
        counts.setdefault(document, []).append(f"{place} ({count})")
    with store_of(workspace).reading() as connection:
        for row in cited_documents(connection, list(stories)):
            id_, genre = row["id"], row["genre"] or "other"
            about = (row["title"] or "", row["publisher"] or "", genre, VOICES.get(genre, "other"), row["source_id"])
            dated = (row["published"] or "", row["date_basis"] or "", row["url"] or "")
            told = ("; ".join(counts[id_]), int(passages[id_]), row["sha256"] or "")
            yield (id_, story_id(stories[id_]), *about, *dated, *told)


def story_id(story: int) -> str:
    """The story as review files name it; of a document that shares none (below 0) its own number."""
    return f"t{abs(story)}"
