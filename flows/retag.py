"""Tag stored passages again where taxonomy, gazetteer or model have changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed

from ascn_nlp import pipeline
from ascn_nlp.errors import BusyError
from ascn_nlp.prefect_runtime import load_flow
from ascn_nlp.workspace import open_workspace

tag_batch = task(pipeline.tag_batch, name="tag", cache_policy=NO_CACHE, persist_result=False)


@flow(name="retag", validate_parameters=False)
def retag(workspace: str = ".") -> dict[str, int] | State[Any]:
    """Bring the tags of every document up to date with the tagger; returns the counts of the run.

    Where nothing has changed there is no run. One that finds another at work steps aside: it ends as cancelled. Where
    the tagger failed on documents it ends as completed, by the name of SomeFailed.
    """
    place = open_workspace(Path(workspace))
    counts: dict[str, int] = {}
    if not pipeline.plan_tag(place):
        return counts
    try:
        run_id, state = pipeline.begin_run(place, "retag"), "failed"
    except BusyError as error:
        return Cancelled(message=f"stepped aside: {error}")
    try:
        for batch in pipeline.plan_tag(place):
            for name, count in tag_batch(place, batch, run_id).items():
                counts[name] = counts.get(name, 0) + count
        state = "done"
    finally:
        pipeline.end_run(place, run_id, state, counts)
    if failed := counts.get("failed"):
        what = load_flow("reporting").what_failed(failed, 0)
        return Completed(name="SomeFailed", message=f"{what}; see ascn-nlp status --failed", data=counts)
    return counts


if __name__ == "__main__":
    retag()
