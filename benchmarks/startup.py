"""How long the command line takes to start, beside Python itself and spaCy."""

from __future__ import annotations

import os
import time
from functools import partial
from statistics import median

from benchmarks.measure import interleaved, run_python, surroundings
from benchmarks.table import Sizes, Table

_PASSAGE = '{"id": "1", "text": "Residents of the river bank were evicted for the smart harbour."}\n'
# name -> (arguments of python, stdin, budget in seconds)
_COMMANDS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "python -c pass": (("-c", "pass"), "", ""),
    "python -c 'import spacy'": (("-c", "import spacy"), "", ""),
    "ascn-nlp --help": (("-m", "ascn_nlp", "--help"), "", "< 0.4"),
    "ascn-nlp tag (one passage)": (("-m", "ascn_nlp", "tag", "--json"), _PASSAGE, "< 2"),
}


def run(sizes: Sizes) -> Table:
    """Seconds from start to end of a new process."""
    with surroundings() as (_, environment):
        work = {
            name: partial(run_python, arguments, environment, text) for name, (arguments, text, _) in _COMMANDS.items()
        }
        taken = interleaved(work, sizes.rounds, _processor_seconds)
        waited = interleaved(work, sizes.rounds, time.perf_counter)
    least = min(taken["python -c 'import spacy'"])  # Python alone takes less than the clock can tell
    rows = tuple(
        (
            name,
            *(f"{seconds:.2f}" for seconds in (min(waited[name]), median(waited[name]), min(times))),
            f"{min(times) / least:.2f}",
            _COMMANDS[name][2],
        )
        for name, times in taken.items()
    )
    return Table(
        title="Start-up",
        columns=("command", "best, s", "median, s", "processor, s", "of `import spacy`", "budget, s"),
        rows=rows,
        notes=(
            f"A new process from start to end, {sizes.rounds} rounds of each in turn; files in the cache.",
            "Processor: the best of as many rounds more, in processor seconds; the ratio is of these.",
        ),
    )


def _processor_seconds() -> float:
    """Of the processes that this one has started and that have ended."""
    times = os.times()
    return times.children_user + times.children_system
