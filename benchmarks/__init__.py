"""What measures speed, memory and quality: ``python -m benchmarks``.

Each benchmark is a module with one function ``run(sizes) -> Table``. The processor is shared and noisy: compare what
stands in one table, which was measured in one run, and take single numbers with a pinch of salt.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import (
    ablation,
    coverage,
    fuzzing,
    growth,
    long_run,
    passages,
    quality,
    reading,
    refreshing,
    reviewing,
    round_trip,
    startup,
    stories,
    tagging,
    two_processes,
)
from benchmarks.table import Sizes, Table

BENCHMARKS: dict[str, Callable[[Sizes], Table]] = {
    "startup": startup.run,
    "reading": reading.run,
    "processes": two_processes.run,
    "tagging": tagging.run,
    "long_run": long_run.run,
    "refreshing": refreshing.run,
    "growth": growth.run,
    "stories": stories.run,
    "round_trip": round_trip.run,
    "reviewing": reviewing.run,
    "passages": passages.run,
    "quality": quality.run,
    "ablation": ablation.run,
    "coverage": coverage.run,
    "fuzzing": fuzzing.run,
}
