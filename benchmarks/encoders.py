"""How the encoder learns with more passages, and by other recipes: python -m benchmarks.encoders --sizes 250 1000.

Needs the extra `train`, and a GPU for anything but a try: a fit to 4,000 passages takes a minute there, else an hour.
With --unfitted, in ten minutes without one: heads on the pretrained encoder as it is, and on static vectors made of it.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    import torch
    from numpy.typing import NDArray

    from ascn_nlp.labelled import Labelled
    from ascn_nlp.training.encoder import Recipe, _Lines

# Values over this are tags: a score of 0.4.
_LEAST = -0.405


def main() -> None:
    """Print micro and macro F1 and stance accuracy of the encoder alone on authors left out, by size and recipe."""
    from pathlib import Path

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
    parser.add_argument("--unfitted", action="store_true", help="heads on vectors that were not fine-tuned")
    parser.add_argument(
        "--gold", type=Path, metavar="FILE", help="with --unfitted: labelled passages to measure on too"
    )
    given = parser.parse_args()
    concerns = [concern.id for concern in load_taxonomy().concerns]
    paths = sorted(resource("corpus", "training").glob("*.jsonl"))
    labelled = [one for one in read_labelled(paths, concerns) if one.split == "train"]
    base = base_folder()
    if given.unfitted:
        _unfitted(labelled, read_labelled([given.gold], concerns) if given.gold else (), base, concerns)
        return
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


def _unfitted(labelled: Sequence[Labelled], gold: Sequence[Labelled], base: Path, concerns: Sequence[str]) -> None:
    """Heads by logistic regression on vectors of the pretrained encoder: everyday authors left out, then the gold."""
    import numpy as np

    from ascn_nlp.training.encoder import read_lines
    from ascn_nlp.training.folds import split_by_group
    from ascn_nlp.training.words import logistic

    lines, _ = read_lines([*labelled, *gold], concerns, base)
    count = len(labelled)
    groups, usual = np.array([one.group for one in labelled]), np.array([one.style == "everyday" for one in labelled])

    def values(
        vectors: NDArray[np.float32], learned: NDArray[np.int64], asked: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        fitted = [logistic(vectors[learned], lines.labels[learned, k] > 0, (False, True), C=10.0, max_iter=500)
                  for k in range(len(concerns))]  # fmt: skip
        return np.stack([vectors[asked] @ (c[1] - c[0]) + (b[1] - b[0]) for c, b in fitted], -1)

    print("| vectors | everyday, authors left out: micro F1 | macro F1 | gold: micro F1 | macro F1 |")
    print("|---|---:|---:|---:|---:|", flush=True)
    for name, make in (("frozen", _frozen), ("static", _static)):
        vectors = make(lines, base)
        vectors = (vectors - vectors[:count].mean(0)) / vectors[:count].std(0).clip(1e-6)  # one is always 0
        found = np.zeros((count, len(concerns)))
        for left_out, rest in split_by_group(groups):
            found[left_out] = values(vectors, rest, left_out)
        told = [_f1(found[usual] >= _LEAST, lines.labels[:count][usual] > 0)]
        if gold:
            asked = np.arange(count, count + len(gold))
            told.append(_f1(values(vectors, np.arange(count), asked) >= _LEAST, lines.labels[asked] > 0))
        print(f"| {name} | " + " | ".join(f"{one:.3f}" for pair in told for one in pair) + " |", flush=True)


def _frozen(lines: _Lines, base: Path) -> NDArray[np.float32]:
    """The mean of the pretrained encoder's vectors, (n_passages, 384)."""
    return _by_network(lines.ids, base, lambda vectors, mask: (vectors * mask).sum(1) / mask.sum(1))


def _static(lines: _Lines, base: Path, width: int = 256) -> NDArray[np.float32]:
    """Vectors as model2vec makes them: each word piece alone through the encoder, 256 components, rare ones heavier."""
    import numpy as np
    from sklearn.decomposition import PCA

    start, end, size = lines.ids[0][0], lines.ids[0][-1], 1 + max(max(ids) for ids in lines.ids)
    alone = _by_network([[start, piece, end] for piece in range(size)], base, lambda vectors, _: vectors[:, 1])
    table = PCA(width, random_state=0).fit_transform(alone)
    table *= np.log(1 + np.arange(size))[:, None]  # pieces stand in the vocabulary by frequency, more or less
    return np.array([table[ids].mean(0) for ids in lines.ids], np.float32)


def _by_network(
    ids: Sequence[Sequence[int]], base: Path, read: Callable[..., torch.Tensor], batch: int = 128
) -> NDArray[np.float32]:
    import numpy as np
    import torch

    from ascn_nlp.training.encoder import pretrained_network

    body = pretrained_network(base, 1, 0.0).body.eval()
    order = np.argsort([len(one) for one in ids], kind="stable")
    out = np.zeros((len(ids), body.config.hidden_size), np.float32)
    with torch.no_grad():
        for part in np.array_split(order, max(1, len(ids) // batch)):
            lengths = [len(ids[row]) for row in part]
            padded = torch.zeros((len(part), max(lengths)), dtype=torch.long)
            for n, row in enumerate(part):
                padded[n, : lengths[n]] = torch.tensor(ids[row])
            mask = (torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]).long()
            out[part] = read(body(padded, attention_mask=mask).last_hidden_state, mask[..., None]).numpy()
    return out


def _f1(found: NDArray[np.bool_], labels: NDArray[np.bool_]) -> tuple[float, float]:
    right, all_ = (found & labels).sum(0), found.sum(0) + labels.sum(0)
    return 2 * right.sum() / all_.sum(), float((2 * right / all_.clip(1)).mean())


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
