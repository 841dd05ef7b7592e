"""Labelled passages -> weights: what words, encoder and rules say is learned apart, and how far to trust each after.

Every choice that is left to data (the mix, thresholds) is made on predictions for authors the fitted models had not
read: passages by one author share turns of phrase that would flatter them. And it is made on everyday passages: those
that are hard on purpose teach the models, and would mislead whoever asks how far a witness can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.evaluate import Scores, evaluate
from ascn_nlp.labelled import Labelled
from ascn_nlp.records import STANCES
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.training.data import Data, prepare
from ascn_nlp.training.mixing import Mixed, mix
from ascn_nlp.training.values import fit_encoder_heads, left_out_values
from ascn_nlp.training.words import fit_words
from ascn_nlp.weights import EncoderFiles, Weights

if TYPE_CHECKING:
    from spacy.language import Language


@dataclass(frozen=True, slots=True)
class Trained:
    """Weights fitted to all passages, and the scores of the same recipe on authors left out."""

    weights: Weights
    left_out: dict[str, Scores]  # on everyday passages, by kind of tagger: rules, light, model, both
    left_out_hard: dict[str, Scores]
    left_to_rules: tuple[str, ...]


def train(
    labelled: Sequence[Labelled], taxonomy: Taxonomy, nlp: Language, encoder: EncoderFiles | None = None
) -> Trained:
    """Weights for the concerns with enough passages; ModelError when there is nothing to learn from."""
    data = prepare([one for one in labelled if one.split == "train"], taxonomy, nlp)
    values = left_out_values(data, encoder)
    mixed = mix(data, values)
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
    everyday = np.flatnonzero(data.is_everyday)
    hard = np.flatnonzero(~data.is_everyday)
    rest = tuple(concern.id for concern in taxonomy.concerns if concern.id not in data.names)
    return Trained(weights, _scores(data, mixed, everyday), _scores(data, mixed, hard), rest)


def _scores(data: Data, mixed: Mixed, rows: NDArray[np.int64]) -> dict[str, Scores]:
    """The scores of each kind of tagger on some of the passages."""
    gold, groups = [data.gold(n) for n in rows], data.groups[rows].tolist()
    return {
        kind: evaluate(gold, [_chosen(found, stances, n, data.names) for n in rows], groups, data.names)
        for kind, (found, stances) in mixed.found.items()
    }


def _chosen(found: NDArray[np.bool_], stances: NDArray[np.int64], row: int, names: Sequence[str]) -> Mapping[str, str]:
    return {names[k]: STANCES[stances[row, k]] for k in np.flatnonzero(found[row]).tolist()}
