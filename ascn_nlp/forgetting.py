"""Takes a document out of a workspace for good: a takedown, or personal data. Opens the database and the raw store."""

from __future__ import annotations

from dataclasses import dataclass

from ascn_nlp import pipeline
from ascn_nlp.errors import OptionError
from ascn_nlp.raw import drop_raw
from ascn_nlp.sources.listing import canonical
from ascn_nlp.store import tombstones
from ascn_nlp.workspace import Workspace

# Files of this workspace in which a document may still be named: exports are the user's own.
_TEXTS = (".csv", ".jsonl", ".json", ".md", ".html", ".txt")


@dataclass(frozen=True, slots=True)
class Gone:
    """What went, and the files of the workspace in which something of it is left for a person to remove."""

    document_id: str
    passages: int
    files: int
    decisions: int
    left: tuple[str, ...]  # files, and schemas of a PostgreSQL database
    shared_with: tuple[str, ...]  # documents that have the same bytes, and stay


def find_document(workspace: Workspace, name: str) -> str:
    """The id of the document with this id or address; OptionError where there is none, or more than one.

    The address may be the one it was found or read at: what tells who sent a visitor is left out of its own.
    """
    with pipeline.store_of(workspace).reading() as connection:
        known = canonical(name)
        names = [name] if known in ("", name) else [name, known]
        found = next(filter(None, (tombstones.find_documents(connection, one) for one in names)), [])
        stones = () if found else (tombstones.find_stone(connection, one) for one in names)
        stone = next(filter(None, stones), None)
        if not found and not stone:
            found = tombstones.find_documents_at(connection, name)
    if stone:
        what = f"{name!r} was taken out for good on {stone['at']:%Y-%m-%d}: {stone['reason']}"
        raise OptionError(what, "DOCUMENT", f"its id, {stone['document_id']}, is all that is kept")
    if not found:
        raise OptionError(
            f"there is no document {name!r}", "DOCUMENT", "give its id, or its address as status shows it"
        )
    if len(found) > 1:
        ids = ", ".join(f"{row['id']} ({row['source_id']})" for row in found)
        raise OptionError(f"{name!r} is the address of several documents", "DOCUMENT", f"give an id: {ids}")
    return str(found[0]["id"])


def forget_document(workspace: Workspace, document_id: str, reason: str, person: str) -> Gone:
    """Remove bytes, text, passages and tags of a document; its id and the reason stay, and it does not come back.

    BusyError while another run is at work.
    """
    store = pipeline.store_of(workspace)
    run_id, state, counts = pipeline.begin_run(workspace, "forget"), "failed", {}
    try:
        with store.writing() as connection:
            forgotten = tombstones.forget(connection, document_id, reason, person, run_id)
        files = _drop_orphans(workspace)
        for path in workspace.incoming.glob(f"{document_id}.*"):
            path.unlink(missing_ok=True)
        counts = {"documents": 1, "passages": forgotten.passages, "files": files}
        state = "done"
    finally:
        pipeline.end_run(workspace, run_id, state, counts)
    store.wipe()
    left = tuple(_left(workspace, document_id))
    counted = (forgotten.passages, files, forgotten.reviews)
    return Gone(document_id, *counted, left, forgotten.shared_with)


def wipe_store(workspace: Workspace) -> None:
    """Overwrite what deleted rows have left in the database's file; StoreError while another program reads it."""
    pipeline.store_of(workspace).wipe()


def _drop_orphans(workspace: Workspace) -> int:
    """How many stored files no document has any more, and were removed: those forgotten, and a killed run's."""
    with pipeline.store_of(workspace).reading() as connection:
        had = tombstones.digests_had(connection)
    orphans = [path.name for path in workspace.raw.glob("??/*") if path.name not in had]
    for sha256 in orphans:
        drop_raw(workspace.raw, sha256)
    return len(orphans)


def _left(workspace: Workspace, document_id: str) -> list[str]:
    """Exports that name the document, and copies of the whole store from before."""
    needle = document_id.encode()
    exports = [path for path in sorted(workspace.data.rglob("*")) if path.suffix in _TEXTS and path.is_file()]
    named = [str(path) for path in exports if needle in path.read_bytes()]
    return [*named, *pipeline.store_of(workspace).copies()]
