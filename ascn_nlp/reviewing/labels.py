"""Verdicts as labelled passages: what a model learns from, and what it is measured on."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ascn_nlp.labelled import Labelled
from ascn_nlp.pipeline import store_of
from ascn_nlp.records import Passage, digest
from ascn_nlp.review.judgements import ABSENT, HOLDS
from ascn_nlp.reviewing.gathered import gather
from ascn_nlp.store.reviews import reviewed_passages
from ascn_nlp.workspace import Workspace

# One document in so many is never learned from, so that models can be compared on decisions that none has seen.
_HELD_OUT = 5


def reviewed_labels(workspace: Workspace) -> tuple[Labelled, ...]:
    """The passages that people have decided on, with what most of them hold; none where nobody has decided anything.

    What they are split on, unsure of or did not speak of is unknown, and so is what was decided under another
    definition. Whole documents are held out, chosen by their ids: the same ones for ever.
    """
    store = store_of(workspace)
    if not store.exists():
        return ()
    with store.reading() as connection:
        return tuple(_labels(connection, workspace))


def _labels(connection: Connection, workspace: Workspace) -> Iterator[Labelled]:
    gathered = gather(connection, workspace)
    settled = gathered.settled
    for row in reviewed_passages(connection, list(settled)):
        judgement = settled[row["id"]]
        tags = tuple((name, stance) for name, stance in judgement.items() if stance not in (ABSENT, HOLDS))
        held = {name for name, stance in judgement.items() if stance == HOLDS}
        yield Labelled(
            passage=Passage(
                id=row["id"],
                document_id=row["document_id"],
                ordinal=0,
                kind="paragraph",
                start=0,
                end=len(row["text"]),
                text=row["text"],
                heading=tuple(row["heading"]),
                context=row["context"],
                language=row["language"],
            ),
            tags=tags,  # type: ignore[arg-type]
            split="heldout" if is_held_out(row["document_id"]) else "train",
            style="everyday",
            group=row["document_id"],
            genre=row["genre"] or "",
            # A tag without a stance cannot teach stances, and the passage must not count as one without the tag.
            unknown=frozenset(set(gathered.concerns) - set(judgement) | held),
            is_reviewed=True,
        )


def is_held_out(document_id: str) -> bool:
    """Whether decisions on this document are for measuring alone."""
    return int(digest("held out", document_id), 16) % _HELD_OUT == 0
