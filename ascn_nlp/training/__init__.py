"""Labelled passages -> weights: what words, encoder and rules say is learned apart, and how far to trust each after.

Every choice that is left to data (the mix, thresholds) is made on predictions for authors the fitted models had not
read: passages by one author share turns of phrase that would flatter them. And it is made on everyday passages: those
that are hard on purpose teach the models, and would mislead whoever asks how far a witness can be trusted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.evaluate import Scores, evaluate
from ascn_nlp.labelled import Labelled, says_anything
from ascn_nlp.records import STANCES
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.training.data import Data, prepare
from ascn_nlp.training.mixing import Mixed, mix
from ascn_nlp.training.suspects import Suspect, find_suspects
from ascn_nlp.training.values import fit_encoder_heads, left_out_values
from ascn_nlp.training.words import fit_words
from ascn_nlp.weights import KINDS, EncoderFiles, Weights

if TYPE_CHECKING:
    from spacy.language import Language


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights fitted to all passages, and the scores of the same recipe on authors left out."""

    weights: Weights
    left_out: dict[str, Scores]  # on everyday passages, by kind of tagger: rules, light, model, both
    left_out_hard: dict[str, Scores]
    left_to_rules: tuple[str, ...]
    # Of both, on everyday passages: each concern and each genre by itself, and (tagged, meant) with their passages.
    by_concern: dict[str, Scores]
    by_genre: dict[str, Scores]
    confusions: tuple[tuple[tuple[str, str], int], ...]
    suspects: tuple[Suspect, ...]  # labels that are likely wrong, the likeliest first


def train(
    labelled: Sequence[Labelled],
    taxonomy: Taxonomy,
    nlp: Language,
    encoder: EncoderFiles | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Weights for the concerns with enough passages; ModelError when there is nothing to learn from.

    A passage of which nothing is known is as good as not there. ``tell`` is told of each step that begins.
    """
    concerns = [concern.id for concern in taxonomy.concerns]
    chosen = [one for one in labelled if one.split == "train" and says_anything(one, concerns)]
    tell(f"annotating {len(chosen)} passages")
    data = prepare(chosen, taxonomy, nlp)
    tell(f"cross-validating: {len(data.parts)} fits to {len(data.names)} concerns, each without some of the authors")
    values = left_out_values(data, encoder)
    tell("fitting how far words, encoder and rules are believed")
    mixed = mix(data, values)
    tell(f"fitting to all {len(chosen)} passages")
    words = fit_words(data, np.arange(len(data.labels)))
    heads = fit_encoder_heads(data, encoder)
    weights = Weights(
        concerns=data.names,
        stances=STANCES,
        vocabulary=data.vocabulary,
        idf=data.idf,
        coef=words.coef,
        intercept=words.intercept,
        stance_coef=words.stance_coef,
        stance_extra=words.stance_extra,
        stance_intercept=words.stance_intercept,
        encoder_coef=heads.coef,
        encoder_intercept=heads.intercept,
        encoder_stance_coef=heads.stance_coef,
        encoder_stance_intercept=heads.stance_intercept,
        mix=mixed.mix,
        stance_mix=mixed.stance_mix,
        thresholds=mixed.thresholds,
        definitions={name: taxonomy.concern(name).digest for name in data.names},
        encoder=encoder.digest if encoder else "",
    )
    tell("scoring on the authors left out, with intervals")
    everyday = np.flatnonzero(data.is_everyday)
    hard = np.flatnonzero(~data.is_everyday)
    genres = sorted({genre for genre in data.genres[everyday].tolist() if genre})
    return Trained(
        weights=weights,
        left_out=_scores(data, mixed, everyday),
        left_out_hard=_scores(data, mixed, hard),
        left_to_rules=tuple(concern.id for concern in taxonomy.concerns if concern.id not in data.names),
        by_concern={name: _scores(data, mixed, everyday, ("both",), (name,))["both"] for name in data.names},
        by_genre={
            genre: _scores(data, mixed, everyday[data.genres[everyday] == genre], ("both",))["both"] for genre in genres
        },
        confusions=_confusions(data, mixed, everyday),
        suspects=find_suspects(data, mixed),
    )


def _scores(
    data: Data,
    mixed: Mixed,
    rows: NDArray[np.int64],
    kinds: Sequence[str] = ("rules", *KINDS),
    concerns: Sequence[str] = (),
) -> dict[str, Scores]:
    """The scores of each kind of tagger on some of the passages, for all concerns or some."""
    names = concerns or data.names
    gold = [{name: stance for name, stance in data.gold(n).items() if name in names} for n in rows]
    groups = data.groups[rows].tolist()
    is_known = data.is_known
    scores = {}
    for kind in kinds:
        found, stances = mixed.found[kind][0] & is_known, mixed.found[kind][1]
        chosen = [_chosen(found, stances, n, data.names) for n in rows]
        kept = [{name: stance for name, stance in one.items() if name in names} for one in chosen]
        scores[kind] = evaluate(gold, kept, groups, names)
    return scores


def _confusions(data: Data, mixed: Mixed, rows: NDArray[np.int64]) -> tuple[tuple[tuple[str, str], int], ...]:
    """The ten commonest pairs of a concern that was tagged wrongly and one that was missed in the same passage."""
    found, labels = mixed.found["both"][0] & data.is_known, data.labels
    counts: Counter[tuple[str, str]] = Counter()
    for n in rows:
        wrong = np.flatnonzero(found[n] & ~labels[n])
        missed = np.flatnonzero(labels[n] & ~found[n])
        counts.update((data.names[a], data.names[b]) for a in wrong for b in missed)
    return tuple(counts.most_common(10))


def _chosen(found: NDArray[np.bool_], stances: NDArray[np.int64], row: int, names: Sequence[str]) -> Mapping[str, str]:
    return {names[k]: STANCES[stances[row, k]] for k in np.flatnonzero(found[row]).tolist()}
