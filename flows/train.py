"""Fit the tagger's model to labelled passages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE

from ascn_nlp import progress
from ascn_nlp.modelling import train_model
from ascn_nlp.workspace import open_workspace

fit = task(train_model, name="fit", cache_policy=NO_CACHE, persist_result=False)


@flow(name="train", validate_parameters=False)
def train(
    workspace: str = ".",
    data: list[str] | None = None,
    out: str = "models/default",
    encoder: str = "kept",
    reviews: bool = True,
    force: bool = False,
) -> dict[str, Any]:
    """Train on these files (by default the packaged passages) and write the model to ``out``; returns its scores.

    ``out`` is a path from the workspace.
    What people decided on the workspace's passages is learned from too, unless not ``reviews``. A model that does worse
    on what was held out is not taken, unless ``force``. The sentence encoder of the workspace's model is ``kept``,
    taken ``further``, or fitted ``anew``.
    """
    place = open_workspace(Path(workspace))
    paths = [Path(path) for path in data or []]
    log = get_run_logger()

    def tell(step: str) -> None:
        log.info(step)
        progress.tell(step)

    return fit(place, paths, place.root / out, encoder, tell, reviews, force)


if __name__ == "__main__":
    train()
