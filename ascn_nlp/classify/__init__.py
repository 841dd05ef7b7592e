"""Docs -> tags. One module per method; ``TAGGERS`` names those that can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ascn_nlp.classify.linear import LinearTagger
from ascn_nlp.classify.rules import RulesTagger
from ascn_nlp.records import TaggedPassage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.weights import load_weights

if TYPE_CHECKING:
    from spacy.tokens import Doc


class Tagger(Protocol):
    """Tags Docs made by ``annotate``; ``id`` changes with anything that may change a tag."""

    id: str

    def tag(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """Each passage's tags and scores, in the order of ``docs``."""
        ...


# (taxonomy, folder of the weights) -> tagger
TAGGERS: dict[str, Callable[[Taxonomy, Path], Tagger]] = {
    "both": lambda taxonomy, model: LinearTagger(load_weights(model), taxonomy, is_with_rules=True),
    "model": lambda taxonomy, model: LinearTagger(load_weights(model), taxonomy, is_with_rules=False),
    "rules": lambda taxonomy, _model: RulesTagger(taxonomy),
}
