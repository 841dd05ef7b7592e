"""A refresh of many small documents: its time, Prefect's share of it, a second one with nothing new, and memory."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median

from benchmarks.made_documents import PARAGRAPHS_A_DOCUMENT, write_documents
from benchmarks.measure import Usage, surroundings, watch
from benchmarks.table import Sizes, Table
from benchmarks.timed_refresh import BEFORE, FLOW, STAGES

_REPEATS = 3
# Not a module of its own: reading processes import the main module of the one that starts them.
_RUN = "import sys; from benchmarks.timed_refresh import refresh; sys.exit(refresh(*sys.argv[1:]))"


def run(sizes: Sizes) -> Table:
    """One row for each number."""
    with surroundings() as (folder, environment):
        few, many = folder / "few", folder / "many"
        write_documents(few, 3)
        write_documents(many, sizes.documents)
        ever, _ = refresh(few, environment)  # Prefect makes its database
        first, seconds = refresh(many, environment)
        again = [refresh(many, environment)[0] for _ in range(min(_REPEATS, sizes.rounds))]
    stages = sum(seconds[name] for name in STAGES)
    prefect = seconds[FLOW] - stages
    peak = max(first.peak, first.peak_children)
    rows = (
        ("first refresh ever of 3 documents, s", f"{ever.seconds:.1f}", ""),
        (f"first refresh of {sizes.documents:,} documents, s", f"{first.seconds:.1f}", ""),
        ("of that in our stages, s", f"{stages:.1f}", ""),
        ("of that in Prefect, s", f"{prefect:.1f}", ""),
        ("of that until its first task may run, s", f"{seconds[BEFORE]:.1f}", ""),
        ("Prefect's share of the refresh", f"{prefect / first.seconds:.0%}", "≤ 10 %"),
        ("CPU of Prefect's server, s", f"{first.server_cpu:.1f}", ""),
        ("refresh with nothing new, s, median", f"{median(one.seconds for one in again):.1f}", "< 10"),
        ("peak memory of the main process, MB", f"{first.peak / 2**20:,.0f}", ""),
        ("peak memory of the reading processes together, MB", f"{first.peak_children / 2**20:,.0f}", ""),
        ("the larger of the two, MB", f"{peak / 2**20:,.0f}", "≤ 1,024"),
        ("peak memory of Prefect's server, MB", f"{first.peak_server / 2**20:,.0f}", ""),
    )
    return Table(
        title="Refresh",
        columns=("what", "measured", "budget"),
        rows=rows,
        notes=(
            f"HTML, text and PDF in turn, {PARAGRAPHS_A_DOCUMENT} passages each, in a new workspace; `ascn-nlp "
            "refresh --offline`, the time from start to end of the process.",
            "In Prefect: the time of the flow that is spent outside our stage functions, start of its server included; "
            "a first refresh ever also makes Prefect's database, which is left out of the share.",
            "Memory is resident, looked at ten times a second; pages that processes share count in each.",
        ),
    )


def refresh(workspace: Path, environment: dict[str, str]) -> tuple[Usage, dict[str, float]]:
    """What one refresh used, and its seconds by stage."""
    times = workspace.with_suffix(".json")
    usage = watch(["-c", _RUN, str(times), str(workspace)], environment)
    return usage, json.loads(times.read_text("utf-8"))
