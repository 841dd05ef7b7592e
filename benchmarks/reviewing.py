"""A reviewer simulated: what is found and learned by reading passages in one order or another, and when to stop.

``python -m benchmarks.reviewing_plot docs/reviewing.svg`` draws the curves as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Sizes, Table

_START = 400  # passages of other authors that the tagger begins from
_SHORT = 150  # an author with more passages than that is never one of these
# Of our passages three in five have tags; of passages of real reports far fewer. So many of those with tags are kept.
_KEPT = 1 / 8
_TEST = 1 / 4  # of the documents: what is learned is measured on them
BATCH = 100
LEARNING = 1000  # passages read until which the model is measured
_READ = (100, 200, 400, 800)
FOUND = 0.95
_THRESHOLD = 0.5
_LOOK = 50  # passages of the random sample between two looks at the stopping rule
_ORDERS = 100  # random samples on which it is tried, for each seed
RANDOM, OURS = "random", "`choose_active`"


class _World(NamedTuple):
    """All passages: features for the model and for likeness, labels (n_passages, n_concerns), and where they are of."""

    words: Any
    hashed: Any
    labels: NDArray[np.bool_]
    documents: NDArray[Any]
    countries: NDArray[Any]
    authors: NDArray[Any]


class _Task(NamedTuple):
    """Rows of the world: to begin from, to review, to measure on with weights."""

    start: NDArray[np.int64]
    pool: NDArray[np.int64]
    test: NDArray[np.int64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """A simulated review: passages read, tags found by concern (n_batches, n_concerns) and macro F1 (nan: not taken).

    ``order`` are the places in the pool as they were read.
    """

    read: NDArray[np.int64]
    found: NDArray[np.float64]
    f1: NDArray[np.float64]
    order: NDArray[np.int64]


# Scores (n_pool, n_concerns), read (n_pool,), how many, the world, rows of the pool -> places in the pool.
_Order = Callable[[NDArray[np.float64], NDArray[np.bool_], int, _World, NDArray[np.int64]], NDArray[np.int64]]


def run(sizes: Sizes) -> Table:
    """What each order finds and teaches, as means over seeds with their spread; the stopping rule for ours."""
    return table_of(*simulate(sizes))


def simulate(sizes: Sizes) -> tuple[dict[str, list[Curve]], list[tuple[float, float]], list[_Task]]:
    """The curves of each order, one for each seed; passages read and recall reached when told to stop; the tasks."""
    world = _world(sizes.labelled)
    tasks = [_task(world, sizes.seed + number) for number in range(sizes.rounds)]
    curves = {name: [_review(world, task, order) for task in tasks] for name, order in _ORDER.items()}
    stops = [
        stop
        for number, (task, curve) in enumerate(zip(tasks, curves[OURS], strict=True))
        for stop in _stops(world.labels[task.pool].any(1), curve.order, sizes.seed + number)
    ]
    return curves, stops, tasks


def _world(most: int) -> _World:
    from sklearn.feature_extraction.text import TfidfVectorizer

    from ascn_nlp.labelled import read_json_lines, read_labelled
    from ascn_nlp.resources import resource
    from ascn_nlp.review.choosing import hashed_features
    from ascn_nlp.taxonomy import load_taxonomy

    concerns = [concern.id for concern in load_taxonomy().concerns]
    paths = sorted(resource("corpus", "training").glob("*.jsonl"))
    about = {str(values["id"]): values for path in paths for _, values in read_json_lines(path)}
    every = [one for one in read_labelled(paths, concerns) if one.style == "everyday"]
    every = every[:: max(1, len(every) // max(most, 1))]
    texts = [one.passage.text for one in every]
    values = [about[one.passage.id] for one in every]
    return _World(
        words=TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(texts).tocsr(),
        hashed=hashed_features(texts),
        labels=np.array([[concern in dict(one.tags) for concern in concerns] for one in every]),
        documents=np.array([str(of.get("document") or of["author"]) for of in values]),
        countries=np.array([str(of.get("country", "")) for of in values]),
        authors=np.array([one.group for one in every]),
    )


def _task(world: _World, seed: int) -> _Task:
    """Some authors to begin from; of the others some documents to measure on, and a pool in which tags are rare."""
    rng = np.random.default_rng(seed)
    names, counts = np.unique(world.authors, return_counts=True)
    order = [n for n in rng.permutation(len(names)) if counts[n] <= _SHORT]
    begun = names[order[: 1 + int(np.searchsorted(np.cumsum(counts[order]), min(_START, counts.sum() // 8)))]]
    is_start = np.isin(world.authors, begun)
    documents = rng.permutation(np.unique(world.documents[~is_start]))
    is_test = ~is_start & np.isin(world.documents, documents[: int(len(documents) * _TEST)])
    has_tags = world.labels.any(1)
    is_pool = ~is_start & ~is_test & (~has_tags | (rng.random(len(has_tags)) < _KEPT))
    # All that have tags are measured on, each for the share that would have been kept: the same mixture, less chance.
    return _Task(
        np.flatnonzero(is_start),
        rng.permutation(np.flatnonzero(is_pool)),
        np.flatnonzero(is_test),
        np.where(has_tags[is_test], _KEPT, 1.0),
    )


def _review(world: _World, task: _Task, choose: _Order) -> Curve:
    """All passages of the pool read in batches, the model fitted anew after each on what has been read."""
    pool, labels = task.pool, world.labels[task.pool]
    is_read = np.zeros(len(pool), np.bool_)
    model = _fit(world, task.start)
    counts, found, order = [0], [np.zeros(labels.shape[1])], [np.empty(0, np.int64)]
    f1 = [_macro_f1(model(world.words[task.test]), world.labels[task.test], task.weights)]
    while not is_read.all():
        batch = choose(model(world.words[pool]), is_read, min(BATCH, int((~is_read).sum())), world, pool)
        is_read[batch] = True
        order.append(batch)
        counts.append(int(is_read.sum()))
        found.append(labels[is_read].sum(0).astype(float))
        is_learning = counts[-1] <= LEARNING + BATCH
        if is_learning or choose is not _in_order:
            model = _fit(world, np.concatenate([task.start, pool[is_read]]))
        scores = model(world.words[task.test]) if is_learning else None
        f1.append(np.nan if scores is None else _macro_f1(scores, world.labels[task.test], task.weights))
    return Curve(np.array(counts), np.array(found), np.array(f1), np.concatenate(order))


def _fit(world: _World, rows: NDArray[np.int64]) -> Callable[[Any], NDArray[np.float64]]:
    """A model of a moment's work that stands for the tagger: features -> scores."""
    from sklearn.linear_model import LogisticRegression

    models = [
        LogisticRegression(C=3, solver="liblinear", class_weight="balanced").fit(world.words[rows], of)
        if 0 < of.sum() < len(of)
        else None
        for of in world.labels[rows].T
    ]
    return lambda words: np.stack(
        [np.zeros(words.shape[0]) if model is None else model.predict_proba(words)[:, 1] for model in models], 1
    )


def _macro_f1(scores: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64]) -> float:
    said = scores >= _THRESHOLD
    right, wanted, given = (weights @ of for of in (said & labels, labels, said))
    return float((2 * right / np.maximum(wanted + given, 1e-9)).mean())


def _in_order(
    _scores: NDArray[np.float64], is_read: NDArray[np.bool_], size: int, _: _World, __: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The pool lies in random order."""
    return np.flatnonzero(~is_read)[:size]


def _unsure(
    scores: NDArray[np.float64], is_read: NDArray[np.bool_], size: int, _: _World, __: NDArray[np.int64]
) -> NDArray[np.int64]:
    distance = np.abs(scores - _THRESHOLD).min(1)
    return np.argsort(np.where(is_read, np.inf, distance), kind="stable")[:size]


def _likely(
    scores: NDArray[np.float64], is_read: NDArray[np.bool_], size: int, _: _World, __: NDArray[np.int64]
) -> NDArray[np.int64]:
    return np.argsort(np.where(is_read, np.inf, -scores.max(1)), kind="stable")[:size]


def _active(
    scores: NDArray[np.float64], is_read: NDArray[np.bool_], size: int, world: _World, pool: NDArray[np.int64]
) -> NDArray[np.int64]:
    from ascn_nlp.review.choosing import choose_active

    decided = np.broadcast_to(is_read[:, None], scores.shape)
    documents, countries = world.documents[pool], world.countries[pool]
    picks = choose_active(
        scores, _THRESHOLD, documents, countries, decided, size, features=lambda rows: world.hashed[pool[rows]]
    )
    return np.array([pick.index for pick in picks], np.int64)


_ORDER: Mapping[str, _Order] = {RANDOM: _in_order, "unsure": _unsure, "likeliest": _likely, OURS: _active}


def _stops(has_tags: NDArray[np.bool_], order: NDArray[np.int64], seed: int) -> list[tuple[float, float]]:
    """(passages read, share of passages with tags found) when the rule says stop, for each of many random samples.

    The reviewer takes batches until one of them holds less than one passage in twenty with a tag, then reads on at
    random and asks the rule after each so many passages.
    """
    from ascn_nlp.review.stopping import still_missed

    in_order = has_tags[order]
    batches = range(BATCH, len(order) + 1, BATCH)
    read = next((end for end in batches if in_order[end - BATCH : end].mean() < 1 / 20), len(order))
    found, rest = int(in_order[:read].sum()), in_order[read:]
    stops = []
    for number in range(_ORDERS):
        sample = np.random.default_rng((seed, number)).permutation(rest)
        sampled = 0
        while True:
            more = int(sample[:sampled].sum())
            if sampled == len(rest) or still_missed(found, len(rest), sampled, more).is_reached:
                stops.append((float(read + sampled), (found + more) / max(int(has_tags.sum()), 1)))
                break
            sampled = min(sampled + _LOOK, len(rest))
    return stops


def table_of(curves: Mapping[str, list[Curve]], stops: list[tuple[float, float]], tasks: list[_Task]) -> Table:
    """The rows of each measure, a column an order."""
    each = curves.values()
    rows = [
        *((f"tags found after {n} passages", *(_spread([found_after(c, n) for c in of], "%") for of in each))
          for n in _READ),
        (f"passages until {FOUND:.0%} of tags", *(_spread([_until(_shares(c)[0], c) for c in of]) for of in each)),
        (f"passages until {FOUND:.0%} in each concern",
         *(_spread([_until(_shares(c)[1], c) for c in of]) for of in each)),
        *((f"macro F1 after {n} passages", *(_spread([f1_after(c, n) for c in of], "F1") for of in each))
          for n in (0, *_READ)),
        ("told to stop after", "", "", "", _spread([read for read, _ in stops])),
        ("recall then", "", "", "", _spread([recall for _, recall in stops], "%")),
        (f"recall then {FOUND:.0%} or more", "", "", "", f"{np.mean([recall >= FOUND for _, recall in stops]):.1%}"),
    ]  # fmt: skip
    pool, tags = [len(task.pool) for task in tasks], [int(of.found[-1].sum()) for of in curves[RANDOM]]
    return Table(
        title="Reviewing",
        columns=("what", *curves),
        rows=tuple(rows),
        notes=(
            f"Everyday training passages, those with tags thinned to one in {round(1 / _KEPT)}, as tags are rare in "
            f"reports: {_spread(pool)} passages with {_spread(tags)} tags. Mean of {len(tasks)} seeds (least-most).",
            f"The tagger is stood for by TF-IDF and logistic regression, begun from some {_START} passages of other "
            f"authors and fitted anew after each batch of {BATCH} passages read. A passage read shows all its tags.",
            "Macro F1 is on documents that are not in the pool, mixed alike. Unsure and likeliest are plain orders: "
            "nearest to a threshold, highest score.",
            f"Stop: batches until one holds fewer than 1 in 20 passages with tags, then a random sample of the rest, "
            f"`still_missed` asked after each {_LOOK}; {_ORDERS} samples for each seed. Recall of passages with tags.",
        ),
    )


def _shares(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the tags found after each batch: share of all, and least share of a concern."""
    whole = np.maximum(curve.found[-1], 1)
    missing = curve.found[-1] - curve.found
    return curve.found.sum(1) / max(curve.found[-1].sum(), 1), (1 - missing / whole).min(1)


def found_after(curve: Curve, read: int) -> float:
    """Share of all tags that are found once so many passages are read."""
    return float(np.interp(read, curve.read, _shares(curve)[0]))


def f1_after(curve: Curve, read: int) -> float:
    """Macro F1 of the model once so many passages are read."""
    known = ~np.isnan(curve.f1)
    return float(np.interp(read, curve.read[known], curve.f1[known]))


def _until(shares: NDArray[np.float64], curve: Curve) -> float:
    return float(curve.read[int(np.argmax(shares >= FOUND))])


def _spread(values: list[Any], kind: str = "") -> str:
    form = {"%": "{:.0%}", "F1": "{:.3f}"}.get(kind, "{:,.0f}")
    mean, low, high = (form.format(of(values)) for of in (np.mean, min, max))
    return mean if low == high else f"{mean} ({low}-{high})"
