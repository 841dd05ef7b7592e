"""Groups documents that tell the same story: wire copy, the same report saved anew."""

from __future__ import annotations

from collections import Counter

from ascn_nlp import progress
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.likeness import METHOD, PlaceNames, alike, sketch, stories
from ascn_nlp.pipeline.batches import Batch, batches
from ascn_nlp.pipeline.runs import require_own, store_of
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store import stories as story_rows
from ascn_nlp.workspace import Workspace

# Passages in one batch.
_SKETCH_BATCH = 20_000
# Up to so many documents all are compared whenever one is new, in a second or two: a box that several documents hold is
# seen only when the last of them comes, and must then no longer join the earlier ones.
_FEW_DOCUMENTS = 2_000


def plan_sketch(workspace: Workspace) -> list[Batch]:
    """Batches of documents whose words are newer than their sketch."""
    with store_of(workspace).reading() as connection:
        stale = story_rows.unsketched(connection, _code(_place_names(workspace)))
        sizes = passage_rows.passage_counts(connection) if stale else {}
    return batches([seq for seq, _ in stale], _SKETCH_BATCH, lambda seq: sizes.get(seq, 0))


def sketch_batch(workspace: Workspace, batch: Batch, run_id: str) -> Counter[str]:
    """The count of documents sketched."""
    places = _place_names(workspace)
    with store_of(workspace).reading() as connection:
        stale = dict(story_rows.unsketched(connection, _code(places), batch.first, batch.last))
        texts = story_rows.texts_of(connection, stale)
    made = {}
    for seq, key in stale.items():
        made[seq] = (key, sketch(texts[seq], places))
        progress.advance("group")
    with store_of(workspace).writing() as connection:
        require_own(connection, workspace, run_id)
        story_rows.save_sketches(connection, made)
    return Counter(documents=len(made))


def _place_names(workspace: Workspace) -> PlaceNames:
    gazetteer = load_gazetteer(workspace.gazetteer)
    countries = [one for one in gazetteer.others if one.kind == "country"]
    return PlaceNames(
        [(city.name, *city.names) for city in gazetteer.cities],
        [(country.name, *country.names, *country.demonyms) for country in countries],
    )


def _code(places: PlaceNames) -> str:
    """What a sketch's key begins with; those of another beginning must not be compared."""
    return f"{METHOD}-{places.key}"


def is_grouping_due(workspace: Workspace) -> bool:
    """Whether a document was sketched and not yet compared with the others."""
    with store_of(workspace).reading() as connection:
        return bool(story_rows.uncompared(connection))


def group_stories(workspace: Workspace, run_id: str = "") -> Counter[str]:
    """Counts of stories, and of documents whose story is another now. Compares only what is new with all that is there.

    Of a small corpus all are compared. A person's verdicts come before what is alike. Without a run it is a person who
    asks for it.
    """
    code = _code(_place_names(workspace))
    while True:
        with store_of(workspace).reading() as connection:
            changed = story_rows.uncompared(connection)
            sketches = story_rows.load_sketches(connection, code)
        compared = changed
        if changed and len(sketches) <= _FEW_DOCUMENTS:
            compared = changed | sketches.keys()
        pairs = alike(sketches, compared) if changed else []
        with store_of(workspace).writing() as connection:
            if run_id:
                require_own(connection, workspace, run_id)
            if story_rows.uncompared(connection) != changed:
                continue  # somebody else has sketched or compared meanwhile
            story_rows.save_pairs(connection, compared, pairs)
            verdicts = story_rows.load_verdicts(connection)
            found = [*story_rows.exact_pairs(connection), *story_rows.load_pairs(connection)]
            words = story_rows.sketched_words(connection)
            told = stories(words, found, verdicts["same"], verdicts["different"], words)
            moved = story_rows.save_stories(connection, told)
        return Counter(stories=len(set(told.values())), moved=moved)
