"""Tags what was read, whichever source it came by: one that is asked no more has documents that still count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from ascn_nlp import progress
from ascn_nlp.errors import TagError
from ascn_nlp.pipeline.batches import Batch, batches
from ascn_nlp.pipeline.runs import require_own, store_of
from ascn_nlp.records import TaggedPassage, digest
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store.documents import Pending
from ascn_nlp.store.ledger import Entry, record
from ascn_nlp.store.passages import StoredPassage
from ascn_nlp.tagging import Tagging, language_issues, load_tagging
from ascn_nlp.workspace import Workspace

# Passages in one batch; documents are never split, because a city may be known from the whole document.
TAG_BATCH = 4000


def plan_tag(workspace: Workspace, only: Sequence[str] = ()) -> list[Batch]:
    """Batches of documents whose words, or whose tagger, are newer than their tags; about TAG_BATCH passages each.

    ``only`` are the ids of the sources whose documents are wanted, if not all are.
    """
    tagger_id = tagging_of(workspace).id
    with store_of(workspace).reading() as connection:
        sizes = passage_rows.passage_counts(connection)
        stale = [d for d in document_rows.pending(connection, source_ids=only or None) if _needs_tags(d, tagger_id)]
    return batches([d.seq for d in stale], TAG_BATCH, lambda seq: sizes.get(seq, 0))


def tag_batch(workspace: Workspace, batch: Batch, run_id: str, only: Sequence[str] = ()) -> Counter[str]:
    """Counts of passages tagged, and of tags; documents whose tags are up to date are passed over."""
    tagging, counts = tagging_of(workspace), Counter[str]()
    with store_of(workspace).reading() as connection:
        waiting = document_rows.pending(connection, batch.first, batch.last, only or None)
        stale = {document.seq: document for document in waiting if _needs_tags(document, tagging.id)}
        groups = [
            g for g in passage_rows.load_passages(connection, batch.first, batch.last) if g[0].document_seq in stale
        ]
    tagged, failed = tag_documents(tagging, groups)
    keys = [(document.seq, tagged_key(document.read_key, tagging.id)) for document in stale.values()]
    with store_of(workspace).writing() as connection:
        require_own(connection, workspace, run_id)
        for group in groups:
            seq = group[0].document_seq
            if seq in failed:
                document_rows.save_failure(connection, stale[seq], failed[seq], run_id)
            else:
                issues = language_issues([one.passage for one in group])
                document_rows.save_issues(connection, seq, "tag", issues, run_id)
        record(connection, run_id, "tag", [Entry(d.id, "tagged") for d in stale.values() if d.seq not in failed])
        passage_rows.save_tags(connection, tagged, tagging.id, str(tagging.taxonomy.version), run_id)
        passage_rows.mark_tagged(connection, keys)
    counts.update(passages=len(tagged), tags=sum(len(one.tags) for _, one in tagged))
    counts.update(documents=len(stale) - len(failed), failed=len(failed))
    return counts


def tag_documents(
    tagging: Tagging, groups: Iterable[Sequence[StoredPassage]]
) -> tuple[list[tuple[int, TaggedPassage]], dict[int, TagError]]:
    """([row number of a passage, it tagged], {row number of a document: why the tagger failed on it}).

    Each group are the passages of one document.
    """
    tagged: list[tuple[int, TaggedPassage]] = []
    failed: dict[int, TagError] = {}
    for group in groups:
        try:
            results = tagging.tag_document([one.passage for one in group], group[0].document_title)
            tagged.extend((one.seq, result) for one, result in zip(group, results, strict=True))
        except Exception as error:  # the tagger's border: a fault met in one document must not stop the others
            failed[group[0].document_seq] = _tag_error(group[0].passage.document_id, error)
        progress.advance("tag")
    return tagged, failed


def tagging_of(workspace: Workspace) -> Tagging:
    """The tagger the workspace asks for, loaded anew when one of its files has changed."""
    files = (workspace.taxonomy, workspace.gazetteer, workspace.model)
    tables = [workspace.taxonomy, workspace.gazetteer, *sorted(workspace.model.glob("*"))]
    stamp = tuple((str(path), path.stat().st_mtime_ns) for path in tables if path.exists())
    return _tagging(*files, workspace.tagger, stamp)


@lru_cache(maxsize=2)
def _tagging(taxonomy: Path, gazetteer: Path, model: Path, kind: str, _stamp: tuple[tuple[str, int], ...]) -> Tagging:
    return load_tagging(taxonomy, gazetteer, model, kind)


def tagged_key(read_key: str, tagger_id: str) -> str:
    """The key of tags made from this reading by this tagger."""
    return digest(read_key, tagger_id)


def _needs_tags(document: Pending, tagger_id: str) -> bool:
    return document.outcome in ("read", "partly_read") and document.tagged_key != tagged_key(
        document.read_key, tagger_id
    )


def _tag_error(where: str, error: Exception) -> TagError:
    what = f"the tagger failed: {type(error).__name__}: {error}"
    return TagError(what, where, "its earlier tags stay; report this with the document, then run refresh --failed-only")
