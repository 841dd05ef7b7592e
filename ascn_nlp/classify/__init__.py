"""Docs -> tags. One module per method; ``TAGGERS`` names those that can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ascn_nlp.classify.encoder import Encoder
from ascn_nlp.classify.model import ModelTagger
from ascn_nlp.classify.rules import RulesTagger
from ascn_nlp.records import TaggedPassage
from ascn_nlp.taxonomy import Taxonomy
from ascn_nlp.weights import load_encoder, load_weights

if TYPE_CHECKING:
    from spacy.tokens import Doc


class Tagger(Protocol):
    """Tags Docs made by ``annotate``; ``id`` changes with anything that may change a tag."""

    id: str

    def tag(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """Each passage's tags and scores, in the order of ``docs``."""
        ...

    def explain(self, docs: Iterable[Doc]) -> Iterator[TaggedPassage]:
        """As ``tag``, with every reason tried: slower."""
        ...


def load_model(taxonomy: Taxonomy, folder: Path, kind: str) -> ModelTagger:
    """The tagger of a folder of weights; the encoder is loaded where it is asked."""
    weights = load_weights(folder)
    is_asked = weights.encoder and kind != "light"
    encoder = Encoder(*load_encoder(folder, weights.encoder)) if is_asked else None
    return ModelTagger(weights, taxonomy, kind, encoder)


# (taxonomy, folder of the weights) -> tagger
TAGGERS: dict[str, Callable[[Taxonomy, Path], Tagger]] = {
    "both": lambda taxonomy, model: load_model(taxonomy, model, "both"),
    "light": lambda taxonomy, model: load_model(taxonomy, model, "light"),
    "model": lambda taxonomy, model: load_model(taxonomy, model, "model"),
    "rules": lambda taxonomy, _model: RulesTagger(taxonomy),
}
