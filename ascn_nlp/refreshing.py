"""How a refresh begins and ends; what lies between is the flow in ``flows/refresh.py``.

Starting Prefect costs several seconds. A refresh that only has to see that nothing is new begins and ends here without
paying them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from typing_extensions import TypedDict  # on Python 3.11 Prefect can read the types of no other

from ascn_nlp import pipeline
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline.runs import add_to_manifest, input_digest
from ascn_nlp.reviewing.files import export_review, window_filters
from ascn_nlp.store.ledger import counts_of_run
from ascn_nlp.store.runs import in_utc, last_done
from ascn_nlp.workspace import Workspace


class Begun(TypedDict):
    """A run that has asked its sources what there is: plain values, as a flow's parameters have to be."""

    run_id: str
    counts: dict[str, int]
    problems: list[str]


class Summary(Begun):
    """What a refresh did: ``review`` is the CSV written, ``kept`` an edited one that was left alone, or ""."""

    review: str
    kept: str


def begin_refresh(
    workspace: Workspace, only: Sequence[str] = (), is_offline: bool = False, is_retry: bool = False
) -> Begun:
    """A new run that knows which documents its sources list.

    ``is_retry`` is a run that asks no source, and tries again what failed or stayed unread.
    """
    run_id = pipeline.begin_run(workspace, "refresh")
    try:
        add_to_manifest(workspace, run_id, {"is_whole": not (only or is_offline or is_retry)})
        if is_retry:
            return {"run_id": run_id, "counts": {"retried": pipeline.retry_failed(workspace, only)}, "problems": []}
        counts, problems = pipeline.find_documents(workspace, run_id, only, is_offline)
    except BaseException:
        pipeline.end_run(workspace, run_id, "failed", {})
        raise
    return {"run_id": run_id, "counts": dict(counts), "problems": problems}


def covering_run(workspace: Workspace, scheduled: datetime) -> str:
    """What a run that was to start at this time has to say when a later one has done its work; else "".

    So runs that were missed, while the machine was off, collapse into one.
    """
    store = pipeline.store_of(workspace)
    if not store.exists():
        return ""
    with store.reading() as connection:
        last = last_done(connection, "refresh", str(workspace.sources))
    if last is None or in_utc(last["started_at"]) < scheduled:
        return ""
    return f"{last['id']} has started since {scheduled:%Y-%m-%d %H:%M} and done what this run was to do"


@contextmanager
def closing_on_error(workspace: Workspace, begun: Begun) -> Iterator[None]:
    """Within it, an error that nobody else has closed the run for closes it as failed."""
    try:
        yield
    except BaseException:
        pipeline.end_run(workspace, begun["run_id"], "failed", begun["counts"])
        raise


def end_refresh(workspace: Workspace, begun: Begun, counts: Mapping[str, int]) -> Summary:
    """Write the review CSV and close the run. What each stage did is counted from the ledger, retries and all."""
    state = "failed"
    try:
        counts = {**counts, **_counts_of(workspace, begun["run_id"])}
        add_to_manifest(workspace, begun["run_id"], input_digest(workspace))
        exported = export_review(workspace, workspace.review_csv, window_filters(workspace, Filters()))
        add_to_manifest(workspace, begun["run_id"], {"problems": begun["problems"]})
        state = "done"
    finally:
        pipeline.end_run(workspace, begun["run_id"], state, dict(counts))
    return {
        "run_id": begun["run_id"],
        "counts": dict(counts),
        "problems": begun["problems"],
        "review": str(exported.path),
        "kept": str(exported.kept or ""),
    }


def _counts_of(workspace: Workspace, run_id: str) -> dict[str, int]:
    """{stage.outcome: documents} of fetching, reading and tagging in this run."""
    with pipeline.store_of(workspace).reading() as connection:
        counted = counts_of_run(connection, run_id)
    shown = {"tag.tagged": "tag.documents"}
    found = {f"{stage}.{outcome}": count for (stage, outcome), count in counted.items() if stage != "find"}
    return {shown.get(name, name): count for name, count in found.items()}
