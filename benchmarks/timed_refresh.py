"""A refresh in this process that notes the seconds spent in its stages: what is left of its flow is Prefect's.

python -m benchmarks.timed_refresh TIMES.json WORKSPACE
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ascn_nlp import pipeline, prefect_runtime, refreshing
from ascn_nlp.cli import main

FLOW = "flow"
# What the flow calls of ours; it binds these names when it is loaded, which is later.
_STAGES = ("plan_fetch", "fetch_batch", "plan_read", "read_batch", "plan_tag", "tag_batch")


def timed(function: Callable[..., Any], seconds: Counter[str], name: str) -> Callable[..., Any]:
    """The function, which adds the seconds it takes to ``seconds[name]``."""

    @functools.wraps(function)
    def run(*arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            seconds[name] += time.perf_counter() - start

    return run


def refresh(times: Path, workspace: Path) -> int:
    """The exit status of a refresh, whose seconds by stage are in ``times``; FLOW is the whole flow."""
    seconds: Counter[str] = Counter()
    for name in _STAGES:
        setattr(pipeline, name, timed(getattr(pipeline, name), seconds, name))
    refreshing.end_refresh = timed(refreshing.end_refresh, seconds, "end_refresh")
    prefect_runtime.run_flow = timed(prefect_runtime.run_flow, seconds, FLOW)
    status = main(["refresh", "--offline", "--workspace", str(workspace)])
    # has_work() plans before the flow begins; those plans are no part of it.
    times.write_text(json.dumps(seconds), "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(refresh(Path(sys.argv[1]), Path(sys.argv[2])))
