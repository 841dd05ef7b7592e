"""How much faster two reading processes are than one."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ascn_nlp.extract.draft import Limits
from ascn_nlp.reading import LOOSE
from ascn_nlp.workers import Reading, ReadJob, read_all, read_one
from benchmarks.made_documents import write_pdf
from benchmarks.measure import surroundings
from benchmarks.table import Sizes, Table

# Enough that starting the processes, a fifth of a second, does not count.
_COPIES = 24
_SECONDS, _MEGABYTES = 600, 1500
_MOST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class _Timed:
    """A reading, which process made it, and its processor seconds."""

    reading: Reading
    process: int
    seconds: float


def run(sizes: Sizes) -> Table:
    """A row for each set of files."""
    rounds = min(sizes.rounds, _MOST_ROUNDS)
    with surroundings() as (folder, _):
        made = folder / "made.pdf"
        write_pdf(made, sizes.pages)
        sets = {f"{_COPIES} PDFs of {sizes.pages} pages": [made] * _COPIES}
        if sizes.pdfs:
            sets[f"PDFs in {sizes.pdfs.name}"] = sorted(sizes.pdfs.glob("*.pdf"))
        _read([made], 1)  # the fork server loads its libraries once
        rows = [_compare(name, files, rounds) for name, files in sets.items()]
    return Table(
        title="Two reading processes",
        columns=("files", "documents", "one, s", "two, s", "times as fast", "by processor seconds", "budget"),
        rows=tuple(rows),
        notes=(
            f"From paths to passages, back in the process that leads; {os.cpu_count()} processors; medians of {rounds} "
            "rounds in turn; seconds of the clock, which other work on the machine lengthens, most of all for two.",
            "By processor seconds: those of one process over those of the busier of two, with what the leading process "
            "itself takes added to both; what an idle machine comes to.",
        ),
    )


def read_timed(job: ReadJob) -> _Timed:
    """A reading with its cost; worker processes import this by name."""
    start = time.process_time()
    reading = read_one(job)
    return _Timed(reading, os.getpid(), time.process_time() - start)


def _compare(name: str, files: Sequence[Path], rounds: int) -> tuple[str, ...]:
    taken = [(_read(files, 1), _read(files, 2)) for _ in range(rounds)]
    one, two = (median(pair[n][0] for pair in taken) for n in (0, 1))
    clock = median(single[0] / double[0] for single, double in taken)
    work = median(single[1] / double[1] for single, double in taken)
    return (name, f"{len(files)}", f"{one:.1f}", f"{two:.1f}", f"{clock:.2f}", f"{work:.2f}", "≥ 1.7 times")


def _read(files: Sequence[Path], workers: int) -> tuple[float, float]:
    """Seconds of the clock, and processor seconds of the leading process and the busiest of the others."""
    jobs = [ReadJob(n, path, LOOSE, path.name, "", "", "", "2024-06-30", Limits()) for n, path in enumerate(files)]
    start, own = time.perf_counter(), time.process_time()
    spent: defaultdict[int, float] = defaultdict(float)
    for _, result in read_all(jobs, workers, _SECONDS, _MEGABYTES, read_timed):  # type: ignore[arg-type]
        if isinstance(result, _Timed):
            spent[result.process] += result.seconds
    return time.perf_counter() - start, time.process_time() - own + max(spent.values(), default=0)
