"""Tags stored passages again and says what changed. Opens the database; needs no scheduler."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from ascn_nlp import pipeline, progress
from ascn_nlp.errors import AscnNlpError, TagError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline.runs import require_own
from ascn_nlp.records import TaggedPassage
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store.ledger import Entry, record
from ascn_nlp.store.passages import StoredPassage
from ascn_nlp.tagging import Tagging, language_issues, warnings_of
from ascn_nlp.workspace import Workspace

KINDS = ("gained", "lost", "changed", "same")


@dataclass(frozen=True, slots=True)
class Change:
    """A tag that is not what it was: ``before`` and ``after`` are stances, "" for no tag."""

    passage_id: str
    concern: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """gained, lost or changed."""
        return "gained" if not self.before else "lost" if not self.after else "changed"

    def as_json(self) -> dict[str, str]:
        """The change as a line of data."""
        return {"passage_id": self.passage_id, "concern": self.concern, "kind": self.kind,
                "before": self.before, "after": self.after}  # fmt: skip


@dataclass(slots=True)
class Retagged:
    """What tagging again did, or would do."""

    passages: int = 0
    changes: list[Change] = field(default_factory=list)
    counts: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    warnings: tuple[str, ...] = ()
    failed: list[TagError] = field(default_factory=list)  # documents whose tags stay as they were

    @property
    def by_concern(self) -> dict[str, tuple[int, ...]]:
        """{concern: counts of gained, lost, changed and same}."""
        return {concern: tuple(counts[kind] for kind in KINDS) for concern, counts in self.counts.items()}


def retag(workspace: Workspace, filters: Filters, concerns: Sequence[str] = (), is_dry_run: bool = False) -> Retagged:
    """Tag the selected passages again, of these concerns only when any are named. Reviews are never touched.

    A document that the tagger fails on keeps its tags; the failure is recorded against it. Raises AscnNlpError for a
    concern the taxonomy does not have.
    """
    tagging = pipeline.tagging_of(workspace)
    known = {concern.id for concern in tagging.taxonomy.concerns}
    if unknown := [name for name in concerns if name not in known]:
        raise AscnNlpError(f"there is no concern {unknown[0]!r}", "--concern", f"one of: {', '.join(sorted(known))}")
    result = Retagged(warnings=warnings_of(tagging))
    run_id = "" if is_dry_run else pipeline.begin_run(workspace, "retag")
    state = "failed"
    try:
        for batch in _batches(workspace, filters):
            _retag_batch(workspace, tagging, filters, concerns, batch, run_id, result)
        state = "done"
    finally:
        if run_id:
            totals = {kind: sum(counts[kind] for counts in result.counts.values()) for kind in KINDS}
            pipeline.end_run(workspace, run_id, state, {"passages": result.passages, **totals, **_failures(result)})
    return result


def _batches(workspace: Workspace, filters: Filters) -> Iterator[pipeline.Batch]:
    with pipeline.store_of(workspace).reading() as connection:
        sizes = passage_rows.selected_counts(connection, filters)
    progress.begin("tag", len(sizes))
    yield from pipeline.batches(list(sizes), pipeline.TAG_BATCH, lambda seq: sizes[seq])


def _retag_batch(
    workspace: Workspace,
    tagging: Tagging,
    filters: Filters,
    concerns: Sequence[str],
    batch: pipeline.Batch,
    run_id: str,
    result: Retagged,
) -> None:
    store = pipeline.store_of(workspace)
    with store.reading() as connection:
        wanted = passage_rows.selected_seqs(connection, filters, batch.first, batch.last)
        # Whole documents: a passage may have its city from the others.
        groups = [g for g in passage_rows.load_passages(connection, batch.first, batch.last) if _meets(g, wanted)]
        before = passage_rows.current_tags(connection, sorted(wanted))
        known = {document.seq: document for document in document_rows.pending(connection, batch.first, batch.last)}
    every, failed = pipeline.tag_documents(tagging, groups)
    result.failed.extend(failed.values())
    tagged = [(seq, new) for seq, new in every if seq in wanted]
    for seq, new in tagged:
        _compare(before.get(seq, {}), new, concerns, result)
    if run_id:
        with store.writing() as connection:
            require_own(connection, workspace, run_id)
            version = str(tagging.taxonomy.version)
            passage_rows.save_tags(connection, tagged, tagging.id, version, run_id, concerns)
            for seq, error in failed.items():
                document_rows.save_failure(connection, known[seq], error, run_id)
            if not filters.is_by_passage and not concerns:
                _mark(connection, [g for g in groups if g[0].document_seq not in failed], tagging.id, run_id)


def _failures(result: Retagged) -> dict[str, int]:
    return {"failed": len(result.failed)} if result.failed else {}


def _mark(connection: Connection, groups: Sequence[Sequence[StoredPassage]], tagger_id: str, run_id: str) -> None:
    keys = [(group[0].document_seq, pipeline.tagged_key(group[0].read_key, tagger_id)) for group in groups]
    passage_rows.mark_tagged(connection, keys)
    for group in groups:  # what failed here before has succeeded now
        issues = language_issues([one.passage for one in group])
        document_rows.save_issues(connection, group[0].document_seq, "tag", issues, run_id)
    record(connection, run_id, "tag", [Entry(group[0].passage.document_id, "tagged") for group in groups])


def _meets(group: Sequence[StoredPassage], wanted: set[int]) -> bool:
    return any(one.seq in wanted for one in group)


def _compare(before: dict[str, Any], new: TaggedPassage, concerns: Sequence[str], result: Retagged) -> None:
    result.passages += 1
    after = {tag.concern: tag.stance for tag in new.tags}
    for concern in sorted({*before, *after}):
        if concerns and concern not in concerns:
            continue
        old, now = before[concern][0] if concern in before else "", after.get(concern, "")
        if old == now:
            result.counts[concern]["same"] += 1
        else:
            change = Change(new.passage_id, concern, old, now)
            result.changes.append(change)
            result.counts[concern][change.kind] += 1
