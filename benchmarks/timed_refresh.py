"""A refresh in this process that notes the seconds spent in its stages: what is left of its flow is Prefect's."""

from __future__ import annotations

import functools
import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ascn_nlp import pipeline, prefect_runtime, refreshing
from ascn_nlp.cli import main

FLOW, BEFORE = "flow", "before the first stage"
# What the flow calls of ours; it binds these names when it is loaded, which is later.
STAGES = (
    *("plan_fetch", "fetch_batch", "plan_read", "read_batch", "plan_tag", "tag_batch"),
    *("plan_sketch", "sketch_batch", "is_grouping_due", "group_stories", "end_refresh"),
)


def timed(function: Callable[..., Any], seconds: defaultdict[str, float], name: str) -> Callable[..., Any]:
    """The function, which adds the seconds it takes to ``seconds[name]``."""

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[name] += time.perf_counter() - start

    return run


def refresh(times: str, workspace: str) -> int:
    """The exit status of a refresh, whose seconds by stage are in ``times``; FLOW is the whole flow."""
    seconds: defaultdict[str, float] = defaultdict(float)
    run_flow = prefect_runtime.run_flow

    def flow(*arguments: Any, **named: Any) -> Any:
        # has_work() has planned before: those plans are no part of the flow.
        seconds.clear()
        start = time.perf_counter()
        plan = pipeline.plan_fetch

        def first_plan(*given: Any, **more: Any) -> Any:
            seconds[BEFORE] = time.perf_counter() - start
            return plan(*given, **more)

        pipeline.plan_fetch = first_plan
        return timed(run_flow, seconds, FLOW)(*arguments, **named)

    for name in STAGES:
        module = refreshing if name == "end_refresh" else pipeline
        setattr(module, name, timed(getattr(module, name), seconds, name))
    prefect_runtime.run_flow = flow
    status = main(["refresh", "--offline", "--workspace", workspace])
    Path(times).write_text(json.dumps(seconds), "utf-8")
    return status
