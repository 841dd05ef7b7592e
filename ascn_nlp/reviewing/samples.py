"""What people are given to review: all that is tagged, or a draw that is kept, so that it can be counted on later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from ascn_nlp.classify.rules import THRESHOLD
from ascn_nlp.errors import OptionError
from ascn_nlp.filters import BY_TAG, Filters, given
from ascn_nlp.pipeline import store_of
from ascn_nlp.review.judgements import ABSENT
from ascn_nlp.reviewing.gathered import Gathered, definitions_of, gather
from ascn_nlp.reviewing.standing import current_reviews
from ascn_nlp.store.passages import Scored, leading_ids, scored_passages, selected_ids, texts_of
from ascn_nlp.store.samples import Drawn, codebook_digest, save_codebook, save_sample
from ascn_nlp.versions import latest_suspects
from ascn_nlp.workspace import Workspace

SAMPLES = ("all", "random", "active", "leads", "rest", "suspects")
# Strata of a random sample: nothing in sight, a concern nearly tagged or a theme in doubt, tagged.
REST, NEAR, TAGGED = 0, 1, 2
STRATA = 3
# Of the others there are as many as there are.
SIZED = ("random", "active", "rest")
# The score from which on an untagged passage is near to being tagged. Not tuned: a third of what tagging takes.
_NEAR_SCORE = 0.15


@dataclass(frozen=True, slots=True)
class Choice:
    """Which passages, of those that filters select.

    ``all`` that are tagged, or, where the tags are not to be seen, all; or ``size`` of them: ``random``, from each
    stratum a share, so that what is true of all can be estimated; ``active``, those whose review teaches and finds
    most; ``rest``, at random from what people have not settled on every concern, to tell whether to stop. Or the
    ``leads``, of which a theme is likely and no single concern; or the ``suspects``, decisions that the model
    contradicts with confidence: however many there are.
    """

    kind: str = "all"
    size: int = 100
    seed: int = 0
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """A sample that the store keeps: its id, and its passages in the order in which they are given out."""

    sample: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Passages, and what is to be known of those that they were drawn from."""

    drawn: Sequence[Drawn]
    population: dict[str, Any]


def draw(workspace: Workspace, filters: Filters, choice: Choice) -> Draw | None:
    """The passages drawn, and kept as a sample; None where it is all that are tagged, in sight of the tags.

    The filters know what counts as reviewed, as those of ``make_filters`` do. OptionError for filters with which a
    sample could not tell what it is drawn for.
    """
    if choice.kind == "all" and not choice.is_blind:
        return None
    _check(filters, choice.kind)
    store = store_of(workspace)
    with store.reading() as connection:
        chosen = _WAYS[choice.kind](connection, workspace, filters, choice)
    with store.writing() as connection:
        save_codebook(connection, definitions_of(workspace))
        sample = save_sample(
            connection, choice.kind, chosen.drawn, filters, choice.seed, chosen.population, choice.is_blind
        )
    return Draw(sample, tuple(one.passage_id for one in chosen.drawn))


def _check(filters: Filters, kind: str) -> None:
    """Raise OptionError for filters that leave out what the sample is to count."""
    if kind not in ("random", "rest"):
        return
    conditions = given(asdict(filters))
    if by_tag := [name for name in BY_TAG if name in conditions]:
        what = f"selects by tag, so what is missed cannot be estimated from --sample {kind}"
        raise OptionError(what, f"--{by_tag[0]}", "leave it out, or draw with --sample active")
    if kind == "rest" and filters.is_unreviewed:
        what = "leaves out what was reviewed in part, and --sample rest is to tell what was missed there too"
        raise OptionError(what, "--unreviewed", "leave it out")


def _all(connection: Connection, _workspace: Workspace, filters: Filters, _choice: Choice) -> _Chosen:
    return _Chosen([Drawn(id_, 0, []) for id_ in selected_ids(connection, filters)], {})


def _leads(connection: Connection, _workspace: Workspace, filters: Filters, _choice: Choice) -> _Chosen:
    return _Chosen([Drawn(id_, 0, []) for id_ in leading_ids(connection, filters)], {})


def _random(connection: Connection, workspace: Workspace, filters: Filters, choice: Choice) -> _Chosen:
    """A share of each stratum; with it, how many passages of each the tagger gave which concern."""
    from ascn_nlp.review.drawing import draw_random

    passages = list(scored_passages(connection, filters))
    strata = np.array([_stratum(one) for one in passages], np.int64)
    rows = draw_random(strata, choice.size, choice.seed).indices
    tagged: list[Counter[str]] = [Counter() for _ in range(STRATA)]
    for one, stratum in zip(passages, strata, strict=True):
        tagged[stratum].update(one.concerns)
    population = {
        "passages": np.bincount(strata, minlength=STRATA).tolist(),
        "tagged": [dict(sorted(counts.items())) for counts in tagged],
        "tagger": Counter(one.tagger_id for one in passages).most_common(1)[0][0] if passages else "",
        "codebook": codebook_digest(definitions_of(workspace)),
    }
    drawn = [Drawn(passages[n].id, int(strata[n]), sorted(passages[n].concerns)) for n in rows]
    return _Chosen(drawn, population)


def _stratum(one: Scored) -> int:
    if one.concerns:
        return TAGGED
    return NEAR if one.is_lead or max(one.scores.values(), default=0) >= _NEAR_SCORE else REST


def _rest(connection: Connection, workspace: Workspace, filters: Filters, choice: Choice) -> _Chosen:
    """A plain draw from what people have not settled on every concern; with it, what they had settled by then.

    Each concern of a passage is either settled, and among what was found if it holds, or of the rest. Of a drawn
    passage the concerns that were settled stand in ``predicted``.
    """
    from ascn_nlp.review.drawing import draw_random

    gathered = gather(connection, workspace)
    judged, names = gathered.settled, frozenset(gathered.concerns)
    settled = {one.id: judged.get(one.id, {}) for one in scored_passages(connection, filters)}
    found: Counter[str] = Counter()
    unsettled = Counter(dict.fromkeys(gathered.concerns, 0))
    for judgement in settled.values():
        found.update(concern for concern, value in judgement.items() if value != ABSENT)
        unsettled.update(names - judgement.keys())
    rest = sorted(id_ for id_, judgement in settled.items() if names - judgement.keys())
    rows = draw_random(np.zeros(len(rest), np.int64), choice.size, choice.seed).indices
    population = {
        "passages": len(rest),
        "unsettled": dict(sorted(unsettled.items())),
        "found": dict(sorted(found.items())),
        "codebook": codebook_digest(definitions_of(workspace)),
    }
    return _Chosen([Drawn(rest[n], 0, sorted(settled[rest[n]])) for n in rows], population)


def _suspects(connection: Connection, workspace: Workspace, filters: Filters, _choice: Choice) -> _Chosen:
    """Passages with decisions that the model contradicts with confidence, as it found when it was trained."""
    every = set(selected_ids(connection, filters))
    found = dict.fromkeys(one.passage_id for one in latest_suspects(workspace) if one.is_reviewed)
    return _Chosen([Drawn(id_, 0, []) for id_ in found if id_ in every], {})


def _active(connection: Connection, workspace: Workspace, filters: Filters, choice: Choice) -> _Chosen:
    from ascn_nlp.review.choosing import choose_active, hashed_features

    gathered = gather(connection, workspace)
    passages = list(scored_passages(connection, filters))
    scores = np.array([[one.scores.get(c, 0.0) for c in gathered.concerns] for one in passages], np.float32)
    scores = scores.reshape(len(passages), len(gathered.concerns))
    picks = choose_active(
        scores,
        THRESHOLD,
        [one.document_seq for one in passages],
        [one.cities for one in passages],
        _decided(current_reviews(connection, workspace), gathered, [one.id for one in passages]),
        choice.size,
        choice.seed,
        lambda rows: hashed_features(texts_of(connection, [passages[n].seq for n in rows])),
    )
    return _Chosen([Drawn(passages[pick.index].id, pick.concern, []) for pick in picks], {})


def _decided(reviews: Iterable[Mapping[Any, Any]], gathered: Gathered, ids: Sequence[str]) -> NDArray[np.bool_]:
    """Which concerns of which passages somebody has looked at, (n_passages, n_concerns)."""
    place, column = {id_: n for n, id_ in enumerate(ids)}, {name: k for k, name in enumerate(gathered.concerns)}
    decided = np.zeros((len(ids), len(column)), bool)
    for passages in gathered.by_coder.values():
        for id_, judgement in passages.items():
            if id_ in place:
                decided[place[id_], [column[concern] for concern in judgement]] = True
    for row in reviews:
        for concern in {row["concern"], row["concern_reviewed"]} & set(column):
            if row["passage_id"] in place:
                decided[place[row["passage_id"]], column[concern]] = True
    return decided


_WAYS: dict[str, Callable[[Connection, Workspace, Filters, Choice], _Chosen]] = {
    "all": _all,
    "random": _random,
    "active": _active,
    "leads": _leads,
    "rest": _rest,
    "suspects": _suspects,
}
