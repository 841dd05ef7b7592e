"""What people are given to review: all that is tagged, or a draw that is kept, so that it can be counted on later."""

from __future__ import annotations

from dataclasses import dataclass

from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import store_of
from ascn_nlp.store.passages import leading_ids, selected_ids
from ascn_nlp.store.samples import Drawn, save_sample
from ascn_nlp.workspace import Workspace

SAMPLES = ("all", "random", "active", "leads")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which passages, of those that filters select: all tagged ones, or so many drawn at random or by need."""

    kind: str = "all"
    size: int = 100
    seed: int = 0
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample that the store keeps: its id, and its passages in the order in which they are given out."""

    sample: str
    ids: tuple[str, ...]


def draw(workspace: Workspace, filters: Filters, choice: Choice) -> Draw | None:
    """The passages drawn, and kept as a sample; None where it is all that are tagged, in sight of the tags."""
    store = store_of(workspace)
    population: dict[int, int] = {}
    with store.reading() as connection:
        if choice.kind == "leads":
            drawn = [Drawn(id_, 0) for id_ in leading_ids(connection, filters)]
        elif choice.kind == "all" and choice.is_blind:
            drawn = [Drawn(id_, 0) for id_ in selected_ids(connection, filters)]
        else:
            return None
    with store.writing() as connection:
        sample = save_sample(connection, choice.kind, drawn, filters, choice.seed, population, is_blind=choice.is_blind)
    return Draw(sample, tuple(one.passage_id for one in drawn))
