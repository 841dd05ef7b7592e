"""The stages over a workspace: find, fetch, read, tag, group. One module each; ``runs`` begins and ends a run.

Each stage takes a range of documents, does what is left to do there, writes it in one transaction, and returns a small
count. What is left to do is told by keys in the store (see ``store.documents``), so a stage may be killed, repeated, or
run on another machine over another range.
"""

from __future__ import annotations

from collections.abc import Sequence

from ascn_nlp.pipeline.batches import ALL, Batch, batches
from ascn_nlp.pipeline.fetching import fetch_batch, plan_fetch
from ascn_nlp.pipeline.finding import fetcher_of, find_documents
from ascn_nlp.pipeline.grouping import group_stories, is_grouping_due, plan_sketch, sketch_batch
from ascn_nlp.pipeline.reading import plan_read, read_batch, retry_failed
from ascn_nlp.pipeline.runs import begin_run, end_run, sources_of, store_of
from ascn_nlp.pipeline.tagging import TAG_BATCH, plan_tag, tag_batch, tag_documents, tagged_key, tagging_of
from ascn_nlp.workspace import Workspace

__all__ = [
    "ALL",
    "TAG_BATCH",
    "Batch",
    "batches",
    "begin_run",
    "end_run",
    "fetch_batch",
    "fetcher_of",
    "find_documents",
    "group_stories",
    "has_work",
    "is_grouping_due",
    "plan_fetch",
    "plan_read",
    "plan_sketch",
    "plan_tag",
    "read_batch",
    "retry_failed",
    "sketch_batch",
    "sources_of",
    "store_of",
    "tag_batch",
    "tag_documents",
    "tagged_key",
    "tagging_of",
]


def has_work(workspace: Workspace, only: Sequence[str] = (), is_offline: bool = False, is_retry: bool = False) -> bool:
    """Whether any stage has something to do for the documents that are known now."""
    return bool(
        plan_fetch(workspace, only, is_offline, is_retry)
        or plan_read(workspace, only)
        or plan_tag(workspace, only)
        or plan_sketch(workspace)
        or is_grouping_due(workspace)
    )
