"""Groups documents that tell the same story: wire copy, the same report saved anew."""

from __future__ import annotations

from collections import Counter

from ascn_nlp import progress
from ascn_nlp.likeness import METHOD, alike, sketch, stories
from ascn_nlp.pipeline.batches import Batch, batches
from ascn_nlp.pipeline.runs import require_own, store_of
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store import stories as story_rows
from ascn_nlp.workspace import Workspace

# Passages in one batch.
_SKETCH_BATCH = 20_000


def plan_sketch(workspace: Workspace) -> list[Batch]:
    """Batches of documents whose words are newer than their sketch."""
    with store_of(workspace).reading() as connection:
        stale = story_rows.unsketched(connection, METHOD)
        sizes = passage_rows.passage_counts(connection) if stale else {}
    return batches([seq for seq, _ in stale], _SKETCH_BATCH, lambda seq: sizes.get(seq, 0))


def sketch_batch(workspace: Workspace, batch: Batch, run_id: str) -> Counter[str]:
    """The count of documents sketched."""
    with store_of(workspace).reading() as connection:
        stale = dict(story_rows.unsketched(connection, METHOD, batch.first, batch.last))
        texts = story_rows.texts_of(connection, stale)
    made = {}
    for seq, key in stale.items():
        made[seq] = (key, sketch(texts[seq]))
        progress.advance("group")
    with store_of(workspace).writing() as connection:
        require_own(connection, workspace, run_id)
        story_rows.save_sketches(connection, made)
    return Counter(documents=len(made))


def is_grouping_due(workspace: Workspace) -> bool:
    """Whether a document was sketched and not yet compared with the others."""
    with store_of(workspace).reading() as connection:
        return bool(story_rows.uncompared(connection))


def group_stories(workspace: Workspace, run_id: str = "") -> Counter[str]:
    """Counts of stories, and of documents whose story is another now. Compares only what is new with all that is there.

    A person's verdicts come before what is alike. Without a run it is a person who asks for it.
    """
    while True:
        with store_of(workspace).reading() as connection:
            changed = story_rows.uncompared(connection)
            sketches = story_rows.load_sketches(connection)
        pairs = alike(sketches, changed) if changed else []
        with store_of(workspace).writing() as connection:
            if run_id:
                require_own(connection, workspace, run_id)
            if story_rows.uncompared(connection) != changed:
                continue  # somebody else has sketched or compared meanwhile
            story_rows.save_pairs(connection, changed, pairs)
            verdicts = story_rows.load_verdicts(connection)
            found = [*story_rows.exact_pairs(connection), *story_rows.load_pairs(connection)]
            told = stories(sketches, found, verdicts["same"], verdicts["different"])
            moved = story_rows.save_stories(connection, told)
        return Counter(stories=len(set(told.values())), moved=moved)
