"""The refresh as one function, for a run that finds nothing to do: the flow in ``flows/refresh.py`` does the rest.

Starting Prefect costs several seconds. A refresh that only has to see that nothing is new should not pay them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ascn_nlp import pipeline
from ascn_nlp.filters import Filters
from ascn_nlp.review_files import export_review, window_filters
from ascn_nlp.workspace import Workspace


def refresh_if_idle(workspace: Workspace, only: Sequence[str] = (), is_offline: bool = False) -> dict[str, Any] | None:
    """The summary of a refresh that found nothing to fetch, read or tag; None when there is work for the flow."""
    run_id = pipeline.begin_run(workspace, "refresh")
    state = "failed"
    counts: dict[str, int] = {}
    try:
        found, problems = pipeline.find_documents(workspace, only)
        if pipeline.has_work(workspace, only, is_offline):
            state = "handed on"
            return None
        counts, state = dict(found), "done"
        return summary(workspace, run_id, counts, problems)
    finally:
        pipeline.end_run(workspace, run_id, state, counts)


def summary(workspace: Workspace, run_id: str, counts: dict[str, int], problems: Sequence[str]) -> dict[str, Any]:
    """What a refresh tells: run_id, counts, problems, review (the CSV written), kept (the edited one left alone)."""
    exported = export_review(workspace, workspace.review_csv, window_filters(workspace, Filters()))
    kept = str(exported.kept) if exported.kept else ""
    return {
        "run_id": run_id,
        "counts": counts,
        "problems": list(problems),
        "review": str(exported.path),
        "kept": kept,
    }
