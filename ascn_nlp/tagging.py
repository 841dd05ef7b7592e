"""Passages -> tagged passages: the pipeline that annotates and the tagger that decides, loaded together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from spacy.language import Language

from ascn_nlp.annotate import annotate
from ascn_nlp.classify import TAGGERS, Tagger
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.languages import detect_language
from ascn_nlp.records import Issue, Passage, TaggedPassage, digest
from ascn_nlp.taxonomy import Taxonomy, load_taxonomy

# Changes with anything in annotate/ or classify/ that may change a tag of the same tables and weights.
TAGGING_VERSION = "3"
# The languages whose words the rules and the model know; "" is one that could not be told, of a few words.
LANGUAGES = ("en", "")
# The words that a process remembers, about 1.5 KB each: names, numbers and slips of a large corpus never end.
_MOST_WORDS = 60_000
# Too few words to be judged, or words that only point to others.
UNTAGGED_KINDS = ("heading", "stub", "contents")


@dataclass(frozen=True, slots=True)
class Tagging:
    """Everything that turns passages into tags. ``id`` changes with anything that may change a tag."""

    id: str
    nlp: Language
    tagger: Tagger
    taxonomy: Taxonomy

    @property
    def stale(self) -> tuple[str, ...]:
        """Concerns that the model does not know as they are defined now: tagged by rules alone."""
        return getattr(self.tagger, "stale", ())

    def tag_document(
        self, passages: Sequence[Passage], title: str = "", is_explained: bool = False
    ) -> list[TaggedPassage]:
        """Each passage of one document, tagged, in order; those in a language not covered get no tags.

        ``is_explained`` tries which sentence and words each tag hangs on, which takes many times as long.
        """
        titles = {passage.document_id: title for passage in passages[:1]}
        return self._tag(passages, titles, is_explained)

    def tag_loose(self, passages: Sequence[Passage], is_explained: bool = False) -> list[TaggedPassage]:
        """Each passage tagged by itself, in order; a language that is not given is told from the words."""
        told = [
            passage if passage.language else replace(passage, language=detect_language(passage.text, "en"))
            for passage in passages
        ]
        return self._tag(told, {}, is_explained)

    def _tag(self, passages: Sequence[Passage], titles: Mapping[str, str], is_explained: bool) -> list[TaggedPassage]:
        decide = self.tagger.explain if is_explained else self.tagger.tag
        # Words met until then are remembered, which is what makes tagging fast; those met later are forgotten again.
        zone = self.nlp.memory_zone() if len(self.nlp.vocab) > _MOST_WORDS else nullcontext()
        with zone:
            tagged = decide(annotate(self.nlp, passages, titles))
            return [
                one if _is_tagged(passage) else TaggedPassage(passage.id, (), one.mentions, one.cities)
                for passage, one in zip(passages, tagged, strict=True)
            ]


def _is_tagged(passage: Passage) -> bool:
    """Whether tags of a passage mean anything: in a language we know, and enough of them."""
    return passage.language in LANGUAGES and passage.kind not in UNTAGGED_KINDS


def language_issues(passages: Sequence[Passage]) -> tuple[Issue, ...]:
    """One remark that names the languages of passages that are stored and searched, and not tagged; or none."""
    counts = Counter(passage.language for passage in passages if passage.language not in LANGUAGES)
    if not counts:
        return ()
    told = ", ".join(f"{count} in {language}" for language, count in counts.most_common())
    message = f"of {len(passages)} passages {told} are not tagged: the rules and the model know English"
    return (Issue("tag", message, "read them yourself: ascn-nlp search --any-date finds their words"),)


def warnings_of(tagging: Tagging) -> tuple[str, ...]:
    """A line for concerns that the weights do not know as the taxonomy defines them now."""
    if not tagging.stale:
        return ()
    names = ", ".join(tagging.stale)
    return (f"tagged by rules alone, since the model was trained on other definitions: {names}; run: ascn-nlp train",)


def load_tagging(taxonomy: Path, gazetteer: Path, model: Path, kind: str) -> Tagging:
    """The tagging stage from its files; TableError or ModelError says what is wrong with which."""
    from ascn_nlp.annotate import build_pipeline

    concerns, places = load_taxonomy(taxonomy), load_gazetteer(gazetteer)
    tagger = TAGGERS[kind](concerns, model)
    return Tagging(
        id=f"{tagger.id}-{digest(places.digest, TAGGING_VERSION)}",
        nlp=build_pipeline(concerns, places),
        tagger=tagger,
        taxonomy=concerns,
    )
