"""The passages as numbers, for all that learns from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ascn_nlp.annotate import annotate
from ascn_nlp.classify.features import Featurizer, Vector, choose_vocabulary, inverse_document_frequency
from ascn_nlp.classify.model import cue_values
from ascn_nlp.classify.rules import Reading, RulesTagger
from ascn_nlp.errors import ModelError
from ascn_nlp.labelled import Labelled
from ascn_nlp.records import STANCES, Passage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.training.folds import split_by_group

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from spacy.language import Language

Floats = NDArray[np.float32]

# The passages a feature must occur in: fewer would double the size of the weights. Not tuned.
LEAST_WORDS = 2
LEAST_PIECES = 4
# A concern in fewer passages cannot be learned and is left to the rules.
LEAST_EXAMPLES = 20
# How many of our own labels a person's verdict weighs. Not tuned: there are no reviews to tune it on.
PERSON_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Data:
    """The passages as numbers. The vocabulary and its idf come from all of them: they know nothing of the labels."""

    passages: tuple[Passage, ...]
    names: tuple[str, ...]  # of the concerns that can be learned, in the taxonomy's order
    vocabulary: tuple[str, ...]
    idf: Floats
    features: csr_matrix  # (n_passages, n_features)
    readings: tuple[tuple[Reading, ...], ...]
    labels: NDArray[np.bool_]  # (n_passages, n_concerns)
    weights: Floats  # (n_passages, n_concerns): what each label weighs, 0 where it is unknown
    pairs: NDArray[np.int64]  # (n_tags, 3): passage, concern, stance
    groups: NDArray[np.str_]
    genres: NDArray[np.str_]
    is_everyday: NDArray[np.bool_]
    is_reviewed: NDArray[np.bool_]  # labelled by people who reviewed tags
    columns: tuple[int, ...]  # of each learned concern, its place in the taxonomy
    parts: tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]  # rows left out, rows to learn from

    @property
    def is_known(self) -> NDArray[np.bool_]:
        """Which labels are known, (n_passages, n_concerns)."""
        return self.weights > 0

    @property
    def rules(self) -> Floats:
        """The scores of the rules, (n_passages, n_concerns)."""
        return np.array([[row[k].score for k in self.columns] for row in self.readings], np.float32)

    def extra(self, passage: int, concern: int) -> Floats:
        """The cues near the concern's evidence, then which concern it is; shape (4 + n_concerns,)."""
        which = np.zeros(len(self.columns), np.float32)
        which[concern] = 1.0
        return np.concatenate([cue_values(self.readings[passage][self.columns[concern]].cues), which])

    def gold(self, passage: int) -> dict[str, str]:
        """The tags of a passage."""
        rows = self.pairs[self.pairs[:, 0] == passage]
        return {self.names[concern]: STANCES[stance] for _, concern, stance in rows}


def prepare(labelled: Sequence[Labelled], taxonomy: Taxonomy, nlp: Language) -> Data:
    """The passages as numbers; ModelError when there is nothing to learn from."""
    columns = _learnable(labelled, taxonomy)
    docs = tuple(annotate(nlp, [one.passage for one in labelled]))
    rules = RulesTagger(taxonomy)
    place = {taxonomy.concerns[k].id: n for n, k in enumerate(columns)}
    labels = np.zeros((len(labelled), len(columns)), bool)
    pairs = []
    for n, one in enumerate(labelled):
        for concern, stance in one.tags:
            if concern in place:
                labels[n, place[concern]] = True
                pairs.append((n, place[concern], STANCES.index(stance)))
    groups = np.array([one.group for one in labelled])
    vocabulary = choose_vocabulary(docs, LEAST_WORDS, LEAST_PIECES)
    plain = Featurizer(vocabulary)
    counted = [plain.vector(doc) for doc in docs]
    idf = inverse_document_frequency(counted, len(vocabulary))
    weighing = Featurizer(vocabulary, idf)
    return Data(
        passages=tuple(one.passage for one in labelled),
        names=tuple(place),
        vocabulary=vocabulary,
        idf=idf,
        features=_matrix([weighing.vector(doc) for doc in docs], len(vocabulary)),
        readings=tuple(rules.read(doc) for doc in docs),
        labels=labels,
        weights=_weights(labelled, tuple(place)),
        pairs=np.array(pairs),
        groups=groups,
        genres=np.array([one.genre for one in labelled]),
        is_everyday=_everyday(labelled),
        is_reviewed=np.array([one.is_reviewed for one in labelled], bool),
        columns=columns,
        parts=tuple(split_by_group(groups, _lonely(groups, labels))),
    )


def _weights(labelled: Sequence[Labelled], names: Sequence[str]) -> Floats:
    weights = np.ones((len(labelled), len(names)), np.float32)
    for row, one in zip(weights, labelled, strict=True):
        row[:] = PERSON_WEIGHT if one.is_reviewed else 1.0
        row[[name in one.unknown for name in names]] = 0.0
    return weights


# A concern that fewer authors wrote of is shown to the models by some of its passages, and tried on the others.
_LEAST_AUTHORS = 3


def _lonely(groups: NDArray[np.str_], labels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which passages are on a concern of one or two authors.

    Who leaves out the only author of a concern leaves out the concern, and learns that nothing tells it.
    """
    is_lonely = np.zeros(len(groups), bool)
    for of_concern in labels.T:
        if len(np.unique(groups[of_concern])) < _LEAST_AUTHORS:
            is_lonely |= of_concern
    return is_lonely


def _learnable(labelled: Sequence[Labelled], taxonomy: Taxonomy) -> tuple[int, ...]:
    """The places in the taxonomy of the concerns with enough passages, and enough others to tell them from."""
    names = [concern.id for concern in taxonomy.concerns]
    counts = [sum(any(c == name for c, _ in one.tags) for one in labelled) for name in names]
    known = [sum(name not in one.unknown for one in labelled) for name in names]
    columns = tuple(k for k, n in enumerate(counts) if LEAST_EXAMPLES <= n <= known[k] - LEAST_EXAMPLES)
    if not columns or len({one.group for one in labelled}) < 2:
        raise ModelError(
            f"cannot be trained: no concern has {LEAST_EXAMPLES} passages and {LEAST_EXAMPLES} others, "
            "or all are by one author",
            "the training passages",
            "label more passages, and name their authors",
        )
    return columns


def _everyday(labelled: Sequence[Labelled]) -> NDArray[np.bool_]:
    """Which passages to calibrate on: the everyday ones, or all where those are by fewer than two authors."""
    found = np.array([one.style == "everyday" for one in labelled])
    groups = {one.group for one in labelled if one.style == "everyday"}
    return found if len(groups) > 1 else np.ones(len(labelled), bool)


def _matrix(vectors: Sequence[Vector], size: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    values = np.concatenate([vector.values for vector in vectors])
    return csr_matrix((values, np.concatenate([vector.ids for vector in vectors]), ends), shape=(len(vectors), size))
