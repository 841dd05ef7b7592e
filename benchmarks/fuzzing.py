"""Thousands of broken files through the reading processes: what becomes of each, and whether anything gives way.

``python -m benchmarks.fuzz_case 17`` writes one of the files again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from ascn_nlp.errors import DocumentError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.reading import LOOSE
from ascn_nlp.workers import Reading, ReadJob, read_all
from benchmarks.measure import ROOT
from benchmarks.mutations import make_case, sample_files
from benchmarks.promises import broken_promises
from benchmarks.table import Sizes, Table

# For one file. The samples take a tenth of a second and some megabytes: what needs this is out of hand.
SECONDS = 10
MEGABYTES = 400
LIMITS = Limits(max_pages=200, max_characters=2_000_000, max_table_pages=20)
# Files of one batch, each batch in a process of its own: one that dies takes no more with it, and can be told.
_BATCH = 500
_START_SECONDS = 60
_DAY = "2024-06-30"

# What the start of an error says became of the file; any other error is a plain refusal.
_VERDICTS = {
    "took more than": "over time",
    "needs more than": "over memory",
    "ended its reader": "reader died",
    "the reader failed": "no clear error",
}
# Columns of the table, in order. The last four count faults of ours.
VERDICTS = ("read", "partly_read", "unread", "refused", "over time", "over memory", "reader died")
FAULTS = ("no clear error", "no remedy", "broken promise", "parent died")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case."""

    number: int
    name: str
    verdict: str
    detail: str = ""


def run(sizes: Sizes) -> Table:
    """A row for each format, with how many of its files ended in which way, and one for all."""
    batches = (range(start, min(start + _BATCH, sizes.cases)) for start in range(0, sizes.cases, _BATCH))
    results = list(chain.from_iterable(read_batch(sizes.seed, batch) for batch in batches))
    formats = sorted({_ending(result) for result in results})
    rows = [_row(ending, [result for result in results if _ending(result) == ending]) for ending in formats]
    faults = [result for result in results if result.verdict in FAULTS]
    return Table(
        title="Broken files",
        columns=("format", "files", *(verdict.replace("_", " ") for verdict in (*VERDICTS, *FAULTS))),
        rows=(*rows, _row("all", results)),
        notes=(
            f"Our samples after one to three kinds of damage each, drawn with seed {sizes.seed} (`--seed`, `--cases`): "
            "flipped bytes, cuts, splices, repetitions, absurd numbers, bottomless nesting; also inside unpacked PDF "
            "streams and the XML of archives.",
            f"Each is read in a process that may take {SECONDS} s and {MEGABYTES} MB.",
            "refused: recorded with a message and a remedy. reader died: a library crashed; recorded too, and the next "
            "file was read by a new process.",
            "Faults, all to be 0: an error that only quotes a library's exception; one without a remedy; a reading "
            "whose offsets, boxes, ids or characters are not sound; a death of the process that leads the others.",
            f"`python -m benchmarks.fuzz_case NUMBER --seed {sizes.seed} --out FOLDER` gives one file again.",
            *(f"Case {result.number}: {result.verdict}: {result.detail}" for result in faults[:20]),
        ),
    )


def read_batch(seed: int, numbers: range) -> list[Result]:
    """What became of these consecutive cases, read by a process of their own; whatever that does, this one goes on."""
    code = "import sys; from benchmarks.fuzzing import print_results; print_results(*map(int, sys.argv[1:]))"
    arguments = [sys.executable, "-c", code, str(seed), str(numbers.start), str(numbers.stop)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seconds = _START_SECONDS + SECONDS * len(numbers)
    try:
        done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=seconds)
        output, complaint = done.stdout, f"status {done.returncode}: {done.stderr[-300:]}" if done.returncode else ""
    except subprocess.TimeoutExpired as error:
        output, complaint = (error.stdout or b"").decode("utf-8", "replace"), f"hung for {seconds} s"
    results = [Result(**json.loads(line)) for line in output.splitlines() if line.endswith("}")]
    if complaint:
        number = numbers[min(len(results), len(numbers) - 1)]
        results.append(Result(number, make_case(seed, number, sample_files()).name, "parent died", complaint))
    return results


def print_results(seed: int, start: int, end: int) -> None:
    """Print what becomes of these cases, a line of JSON each, as soon as it is known."""
    for result in read_cases(seed, range(start, end)):
        print(json.dumps(asdict(result)), flush=True)


def read_cases(seed: int, numbers: Iterable[int]) -> Iterator[Result]:
    """What becomes of these cases, in their order."""
    files = sample_files()
    with TemporaryDirectory(prefix="ascn-fuzz-") as folder:
        jobs = []
        for case in (make_case(seed, number, files) for number in numbers):
            path = Path(folder, case.name)
            path.write_bytes(case.content)
            jobs.append(ReadJob(case.number, path, LOOSE, case.name, "", "", "", _DAY, LIMITS))
        for job, outcome in read_all(jobs, 0, SECONDS, MEGABYTES):
            yield Result(job.seq, job.address, *_verdict(outcome))


def _verdict(outcome: Reading | DocumentError) -> tuple[str, str]:
    if isinstance(outcome, Reading):
        faults = broken_promises(outcome)
        return ("broken promise", "; ".join(faults)) if faults else (outcome.document.outcome, "")
    if not (outcome.what and outcome.where and outcome.remedy):
        return "no remedy", str(outcome)
    found = (verdict for start, verdict in _VERDICTS.items() if outcome.what.startswith(start))
    return next(found, "refused"), outcome.what


def _ending(result: Result) -> str:
    return result.name.rpartition(".")[2]


def _row(name: str, results: Sequence[Result]) -> tuple[str, ...]:
    count = Counter(result.verdict for result in results)
    return (name, f"{len(results):,}", *(f"{count[verdict]:,}" for verdict in (*VERDICTS, *FAULTS)))
