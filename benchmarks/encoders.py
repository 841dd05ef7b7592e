"""How the encoder learns with more passages, and by other recipes: python -m benchmarks.encoders --sizes 250 1000.

Needs the extra `train`, and a GPU for anything but a try: a fit to 4,000 passages takes a minute there, else an hour.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ascn_nlp.training.encoder import Recipe

# Values over this are tags: a score of 0.4.
_LEAST = -0.405


def main() -> None:
    """Print micro and macro F1 and stance accuracy of the encoder alone on authors left out, by size and recipe."""
    import numpy as np

    from ascn_nlp.labelled import read_labelled
    from ascn_nlp.resources import resource
    from ascn_nlp.taxonomy import load_taxonomy
    from ascn_nlp.training.encoder import Recipe, base_folder, fit_network, predict, read_lines
    from ascn_nlp.training.folds import split_by_group

    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoders", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[], metavar="N", help="passages to learn from")
    parser.add_argument("--recipes", nargs="*", default=[], metavar="EPOCHS:RATE", help="others than the shipped one")
    parser.add_argument("--parts", type=int, default=5, help="parts of the authors to try it on, of five")
    given = parser.parse_args()
    concerns = [concern.id for concern in load_taxonomy().concerns]
    paths = sorted(resource("corpus", "training").glob("*.jsonl"))
    labelled = [one for one in read_labelled(paths, concerns) if one.split == "train"]
    base = base_folder()
    lines, _ = read_lines(labelled, concerns, base)
    parts = split_by_group(np.array([one.group for one in labelled]))[: given.parts]
    drawn = np.random.default_rng(0)
    print("| recipe | passages | micro F1 | macro F1 | stance |\n|---|---:|---:|---:|---:|", flush=True)
    for recipe in [Recipe(), *(_recipe(Recipe(), told) for told in given.recipes)]:
        for size in [*given.sizes, sys.maxsize]:
            found = []
            for left_out, rest in parts:
                rows = drawn.permutation(rest)[:size]
                values, stances = predict(fit_network(lines, rows, base, recipe), lines, left_out)
                found.append(_scores(values, stances, lines.labels[left_out] > 0, lines.stances[left_out]))
            shown = " | ".join(f"{score:.3f}" for score in np.mean(found, 0))
            print(f"| {recipe.epochs}:{recipe.rate:g} | {len(rows):,} | {shown} |", flush=True)


def _recipe(usual: Recipe, told: str) -> Recipe:
    epochs, rate = told.split(":")
    return replace(usual, epochs=int(epochs), rate=float(rate))


def _scores(values, stances, labels, wanted):  # noqa: ANN001, ANN202 -- arrays (n_passages, n_concerns[, n_stances])
    found = values >= _LEAST
    right = found & labels
    all_ = found.sum(0) + labels.sum(0)
    each = 2 * right.sum(0) / all_.clip(1)
    return 2 * right.sum() / all_.sum(), each.mean(), (stances.argmax(-1) == wanted)[right].mean()


if __name__ == "__main__":
    main()
