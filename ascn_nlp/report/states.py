"""What the states of a cell are called and mean, wherever they are told: page, figures, tables, terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pandas import DataFrame


class State(NamedTuple):
    """How a state is told: the letters it is written with, its name, what it says."""

    letter: str
    name: str
    meaning: str


# Each state of a cell (``matrix.STATES``), from the finding to the lack of data.
STATES = {
    "unanswered": State("R", "raised, not addressed", "raised, and by nobody addressed"),
    "answered": State("RA", "raised and addressed", "addressed too: stories that raise it + that address it"),
    "addressed": State("A", "addressed only", "addressed, and by nobody raised"),
    "described": State("D", "described only", "described without being raised or addressed"),
    "silent": State("S", "silent", "in none of the stories (0/28: of 28), and enough of them to say so"),
    "too little": State("?", "too little", "in none of the stories (0/5: of 5), and too few of them to tell"),
    "no data": State("–", "no data", "nothing that can be counted speaks of the place in that time"),
}


def states_table() -> DataFrame:
    """A row for each state as tables name it: its letters on the page, its name there and in figures, its meaning."""
    import pandas as pd

    rows = [(state, *told) for state, told in STATES.items()]
    return pd.DataFrame(rows, columns=["state", "letter", "name", "meaning"])


def no_finding(states: Iterable[str]) -> str:
    """A sentence for cells of these states, none of which is unanswered: what is counted may hold nothing to find."""
    known = set(states) - {"no data"}
    if not known:
        return "No data: nothing that was selected can be counted."
    if "answered" not in known:
        return "No concern is raised in what was counted."
    return "Nothing is raised that nobody addresses, as far as the documents tell."
