"""The cards of a model: what it was made of and how well it does, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ascn_nlp.evaluate import Scores
from ascn_nlp.labelled import Labelled
from ascn_nlp.records import digest
from ascn_nlp.training import Trained


def data_digest(labelled: Sequence[Labelled]) -> str:
    """A digest of all that training takes from the passages, whatever files they stand in and in whatever order."""
    return digest(*sorted(digest(*_parts(one)) for one in labelled))


def _parts(one: Labelled) -> tuple[object, ...]:
    plain = (one.passage.text, one.passage.heading, sorted(one.tags), one.style, one.group)
    # Passages of ours, of which all is known, keep the digest that they had before there were others.
    return (*plain, sorted(one.unknown), one.is_reviewed) if one.unknown or one.is_reviewed else plain


def card(trained: Trained, used: Sequence[Labelled]) -> dict[str, Any]:
    """The card for programs: what was learned from, under which definitions, and the scores on authors left out."""
    facts: dict[str, Any] = {
        "trained": datetime.now(UTC).date().isoformat(),
        "passages": len(used),
        "data": data_digest(used),
        "authors": sorted({one.group for one in used if not one.is_reviewed})[:50],
        "reviewed": sum(one.is_reviewed for one in used),
        "definitions": dict(trained.weights.definitions),
        "thresholds": dict(trained.weights.thresholds),
    }
    for kind, scores in trained.left_out.items():
        facts[f"everyday_{kind}"] = {
            "micro_f1": round(scores.micro.f1, 4),
            "macro_f1": round(scores.macro_f1, 4),
            "stance_accuracy": round(scores.stance_accuracy, 4),
            **{concern: round(score.f1, 4) for concern, score in scores.concerns.items()},
        }
    return facts


def card_text(trained: Trained, used: Sequence[Labelled], worse: Sequence[str] = ()) -> str:
    """The card for people, in Markdown; every number in it comes from this training.

    ``worse`` names the concerns on which the model does worse than the one before it.
    """
    counts = Counter(concern for one in used for concern, _ in one.tags)
    none = sum(not one.tags for one in used if not one.is_reviewed)
    ours = [one for one in used if not one.is_reviewed]
    authors = len({one.group for one in ours})
    kinds = "\n".join(
        f"| {kind}, {style} | {s.micro.precision:.3f} | {s.micro.recall:.3f} | {_ranged(s.micro.f1, s.micro_interval)} "
        f"| {_ranged(s.macro_f1, s.macro_interval)} | {s.stance_accuracy:.3f} |"
        for style, scores in (("everyday", trained.left_out), ("hard", trained.left_out_hard))
        for kind, s in scores.items()
        if s.passages
    )
    return _CARD.format(
        passages=len(ours),
        authors=authors,
        reviewed=_REVIEWED.format(count=len(used) - len(ours)) if len(used) > len(ours) else "",
        sure=trained.weights.thresholds["sure"],
        none=f"{none / max(len(ours), 1):.0%}",
        kinds=kinds,
        concerns=_concern_rows(trained.by_concern, counts),
        genres=_genre_rows(trained.by_genre),
        worse=_WORSE.format(names=", ".join(worse)) if worse else "",
        confusions="\n".join(f"| {tagged} | {meant} | {n} |" for (tagged, meant), n in trained.confusions),
    )


def _concern_rows(scores: Mapping[str, Scores], counts: Mapping[str, int]) -> str:
    return "\n".join(
        f"| {concern} | {counts[concern]} | {s.micro.precision:.3f} | {s.micro.recall:.3f} "
        f"| {_ranged(s.micro.f1, s.micro_interval)} | {s.stance_accuracy:.3f} |"
        for concern, s in scores.items()
    )


def _genre_rows(scores: Mapping[str, Scores]) -> str:
    return "\n".join(
        f"| {genre} | {s.passages} | {_ranged(s.micro.f1, s.micro_interval)} | {s.stance_accuracy:.3f} |"
        for genre, s in scores.items()
    )


def _ranged(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})"


_REVIEWED = """

{count} passages of real documents beside them, labelled by people who reviewed tags: where both label the same words,
the person's label counts. They stand among the everyday passages below, each document as an author of its own. People
are given what is tagged, or in doubt, sooner than the rest: scores of a model without reviews are of other passages."""
_WORSE = """ On passages held out it does worse, beyond noise, than the model before it on:
{names} (`card.toml` tells by how much)."""
_CARD = """\
# Model card

Tags English passages of official reports, think-tank and NGO documents and news on cities in Southeast Asia with
civic and social concerns and their stance. It finds leads for a human reader: its tags are no findings about persons,
firms or governments and must not be used as such. Passages in other languages are not tagged.

**How it works.** Two models read a passage. Words: TF-IDF over stems, pairs of stems and pieces of words, one logistic
regression per concern. Encoder: all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0; `NOTICE`), fine-tuned on the
passages below, in 8 bits. Both are mixed to a probability by a logistic regression over what they say of authors they
had not read (`model`); `light` does without the encoder. With the rules (`both`) the score is
1 - (1 - model)(1 - 0.65 rules). Stance: a regression over the words, the cues near the evidence and the concern, mixed
with the encoder's stance of that concern. A tag that scores under {sure:.2f} is marked as unsure: it needs a person.

**Data.** {passages} passages written for this purpose by {authors} authors, large language models all ({none} of the
passages without a concern), and labelled by them with the codebook. A second reader has labelled a fifth of the older
ones and 550 of the newer ones (docs/codebook-notes.md). No real document's sentences are among them.{reviewed}

**Scores on passages of authors left out of training**, with 95 % intervals that resample authors. They show how the
recipe does on unread authors of the same kind of text; on documents of another kind expect less. Everyday passages are
written as ordinary documents are; hard ones tell concerns without their usual words, or use the words without the
concern. Calibration and thresholds come from the everyday ones. The stances of `rules` are the cues' own.

| tagger | P | R | micro F1 | macro F1 | stance |
|---|---|---|---|---|---|
{kinds}

| concern (both, everyday) | passages | P | R | F1 | stance |
|---|---|---|---|---|---|
{concerns}

**Where it is wrong.**{worse} On authors left out, everyday passages: pairs of (concern told, concern meant) where one
was tagged and the other missed in the same passage.

| tagged | meant | passages |
|---|---|---|
{confusions}

| genre (both, everyday) | passages | micro F1 | stance |
|---|---|---|---|
{genres}

**Not to be used** to judge persons, firms or governments, to rank cities without reading what stands behind the counts,
or to decide about anybody: tags are leads for a human reader.

**Limits.** On real reports expect less than here, least of all where a concern is touched in passing
(docs/dev-runs.md). Irony, long argument over several passages, and concerns told without their usual words are missed;
slogans and organisations' names are sometimes taken for concerns. Reproduce with `ascn-nlp train` (on the shipped
encoder; two runs give the same numbers) or `ascn-nlp train --encoder` (all of it; another processor or GPU moves F1 by
about 0.01). The shipped encoder was fine-tuned on the older passages and taken further, twice, to those that came after
(`train --further`).
"""
