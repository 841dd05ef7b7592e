"""The main job: find, fetch, read, tag, group, export."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed
from prefect.tasks import Task

from ascn_nlp import pipeline, progress
from ascn_nlp.errors import BusyError, StoreError
from ascn_nlp.prefect_runtime import load_flow
from ascn_nlp.refreshing import Begun, Summary, begin_refresh, covering_run, end_refresh
from ascn_nlp.workspace import Workspace, open_workspace


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """A database that was busy may be free in a moment; a wrong table or model will not mend itself."""
    return isinstance(state.result(raise_on_failure=False), StoreError | OSError)


# Our own keys in the store say what is done (see ascn_nlp.store.documents), so nothing is cached or kept here.
_BATCH: dict[str, Any] = {
    "cache_policy": NO_CACHE,
    "persist_result": False,
    "retries": 2,
    "retry_delay_seconds": 5,
    "retry_condition_fn": _may_pass,
}
fetch_batch = task(pipeline.fetch_batch, name="fetch", **_BATCH)
read_batch = task(pipeline.read_batch, name="read", **_BATCH)
tag_batch = task(pipeline.tag_batch, name="tag", **_BATCH)
sketch_batch = task(pipeline.sketch_batch, name="sketch", **_BATCH)
group_stories = task(pipeline.group_stories, name="group", **_BATCH)


def _begin(stage: str, batches: list[pipeline.Batch], counts: Counter[str]) -> list[pipeline.Batch]:
    planned = sum(batch.documents for batch in batches)
    counts[f"{stage}.planned"] = planned
    progress.begin(stage, planned)
    return batches


def _named(stage: str, counts: Counter[str]) -> dict[str, int]:
    return {f"{stage}.{name}": count for name, count in counts.items()}


def _step_aside(place: Workspace) -> str:
    """Why a scheduled run has nothing to do: one that started after its time has done it. "" for a run that has."""
    scheduled = flow_run.scheduled_start_time if "auto-scheduled" in (flow_run.tags or []) else None
    return covering_run(place, scheduled) if scheduled else ""


@flow(name="refresh", validate_parameters=False)
def refresh(
    workspace: str = ".",
    sources: str = "",
    only: list[str] | None = None,
    offline: bool = False,
    failed_only: bool = False,
    begun: Begun | None = None,
) -> Summary | State[Any]:
    """Bring the store and the review CSV of a workspace up to date; ``begun`` is a run to go on with.

    A run that finds another at work, or that one has done its work since its time, steps aside: it ends as cancelled.
    One whose documents failed in part ends as completed, by the name of SomeFailed.
    """
    place, names = open_workspace(Path(workspace), sources=Path(sources) if sources else None), only or []
    if begun is None:
        if reason := _step_aside(place):
            return Cancelled(message=reason)
        try:
            begun = begin_refresh(place, names, offline, failed_only)
        except BusyError as error:
            return Cancelled(message=f"stepped aside: {error}")
    run_id, counts = begun["run_id"], Counter(begun["counts"])
    try:
        for batch in _begin("fetch", pipeline.plan_fetch(place, names, offline, failed_only), counts):
            counts.update(_named("fetch", fetch_batch(place, batch, run_id, names, offline, failed_only)))
        for batch in _begin("read", pipeline.plan_read(place, names), counts):
            counts.update(_named("read", read_batch(place, batch, run_id, names)))
        for batch in _begin("tag", pipeline.plan_tag(place, names), counts):
            counts.update(_named("tag", tag_batch(place, batch, run_id, names)))
        for batch in _begin("group", pipeline.plan_sketch(place), counts):
            counts.update(_named("group", sketch_batch(place, batch, run_id)))
        if pipeline.is_grouping_due(place):
            counts.update(_named("group", group_stories(place, run_id)))
    except BaseException:
        pipeline.end_run(place, run_id, "failed", dict(counts))
        raise
    summary = end_refresh(place, begun, counts)
    if not flow_run.id:  # called as a function, without Prefect
        return summary
    reporting = load_flow("reporting")
    failed = reporting.report_failures(place, names, summary)
    if failed or summary["problems"]:
        what = reporting.what_failed(failed, len(summary["problems"]))
        return Completed(name="SomeFailed", message=what, data=summary)
    return summary


if __name__ == "__main__":
    ended: Any = refresh(return_state=True)
    sys.exit(0 if ended.is_completed() else f"{ended.name}: {ended.message}")
