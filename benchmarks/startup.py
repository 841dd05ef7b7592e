"""How long the command line takes to start, beside Python itself and spaCy."""

from __future__ import annotations

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
        taken = interleaved(work, sizes.rounds)
    least = min(taken["python -c pass"])
    rows = tuple(
        (name, f"{min(times):.2f}", f"{median(times):.2f}", f"{min(times) / least:.0f}", _COMMANDS[name][2])
        for name, times in taken.items()
    )
    return Table(
        title="Start-up",
        columns=("command", "best, s", "median, s", "times `python -c pass`", "budget, s"),
        rows=rows,
        notes=(f"Seconds of wall clock for a new process, {sizes.rounds} rounds of each in turn; files in the cache.",),
    )
