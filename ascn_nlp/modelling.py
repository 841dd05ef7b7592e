"""Models as files: trained from labelled files into a folder with its card, and measured on gold files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ascn_nlp.annotate import build_pipeline
from ascn_nlp.compare import Difference, compare
from ascn_nlp.errors import ModelError
from ascn_nlp.evaluate import Scores, evaluate
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.labelled import SPLITS, Labelled, join_reviews, read_labelled
from ascn_nlp.resources import resource
from ascn_nlp.reviewing.labels import reviewed_labels
from ascn_nlp.tagging import LANGUAGES, Tagging, load_tagging
from ascn_nlp.taxonomy import Taxonomy, load_taxonomy
from ascn_nlp.training import train
from ascn_nlp.training.card import card, card_text
from ascn_nlp.training.data import LEAST_EXAMPLES
from ascn_nlp.versions import UNFINISHED, is_model, refuse, replace_model, save_suspects, version_of
from ascn_nlp.weights import EncoderFiles, load_encoder_files, save_encoder, save_weights
from ascn_nlp.workspace import Workspace


def train_model(
    workspace: Workspace,
    data: Sequence[Path],
    out: Path,
    encoder_fit: str = "kept",
    tell: Callable[[str], None] = lambda _: None,
    with_reviews: bool = False,
    is_forced: bool = False,
) -> dict[str, Any]:
    """Train on labelled files, by default the packaged ones, and write the model to ``out``; returns its scores.

    ``with_reviews`` learns from what people decided too: where they labelled the same words, theirs counts. What
    documents and authors were held out tells whether any concern does worse than with the model that there was. If one
    does, beyond noise, and this model would be used in its place, that one stays and the new one lies beside it, unless
    ``is_forced``. The model replaced is kept under ``versions``.

    The encoder of the workspace's model is "kept", taken "further" to passages it has not read, or fitted "anew": the
    last two need the extra ``train``, and half an hour for a thousand new passages, or hours, without a GPU. ``tell``
    is told of the progress.
    """
    if out.exists() and not out.is_dir():
        raise ModelError("is no folder", str(out), "name another one: --out")
    taxonomy = load_taxonomy(workspace.taxonomy)
    tell("reading labelled passages" + (" and reviews" if with_reviews else ""))
    every = _labelled(workspace, data, [concern.id for concern in taxonomy.concerns], with_reviews)
    used, held_out = ([one for one in every if one.split == split] for split in SPLITS)
    nlp = build_pipeline(taxonomy, load_gazetteer(workspace.gazetteer))
    encoder = _encoder(workspace, used, taxonomy, encoder_fit, tell)
    trained = train(used, taxonomy, nlp, encoder, tell)
    unfinished = out.with_name(out.name + UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    if encoder:
        save_encoder(unfinished, encoder)
    facts = card(trained, used)
    save_weights(unfinished, trained.weights, facts, card_text(trained, used))
    before = out if is_model(out) else workspace.model
    if held_out:
        tell(f"comparing with {before}, on {len(held_out)} passages held out")
    compared, uncompared = _compared(workspace, before, unfinished, held_out)
    worse = [name for name, one in compared.items() if one.is_worse]
    facts |= {"replaces": version_of(out), "compared_with": version_of(before) if compared else ""}
    facts |= {"worse": [name or "micro" for name in worse], "forced": bool(worse and is_forced)}
    facts |= {"compared": {name or "micro": _told(one) for name, one in compared.items()}}
    save_weights(unfinished, trained.weights, facts, card_text(trained, used, facts["worse"]))
    save_suspects(unfinished, trained.suspects)
    refused = bool(worse and not is_forced and _is_at_stake(workspace, out))
    target = refuse(unfinished, out) if refused else replace_model(unfinished, out)
    return {
        "passages": len(used),
        "reviewed": facts["reviewed"],
        "held_out": sum(one.is_reviewed for one in held_out),
        "scores": {k: (s.micro.f1, s.macro_f1, s.stance_accuracy) for k, s in trained.left_out.items()},
        "left_to_rules": list(trained.left_to_rules),
        "compared": {name: (one.old, one.new, one.interval, one.support) for name, one in compared.items()},
        "uncompared": uncompared,
        "worse": worse,
        "refused": refused,
        "suspects": sum(one.is_reviewed for one in trained.suspects),
        "model": str(target),
    }


def _labelled(workspace: Workspace, data: Sequence[Path], concerns: Sequence[str], has_reviews: bool) -> list[Labelled]:
    """All there is to learn from and to measure on."""
    ours = read_labelled(list(data) or packaged_passages(), concerns)
    found = reviewed_labels(workspace) if has_reviews else ()
    # What is in another language is never tagged, whatever people say of it.
    return join_reviews(ours, [one for one in found if one.passage.language in LANGUAGES], concerns)


def _is_at_stake(workspace: Workspace, out: Path) -> bool:
    """Whether a model at ``out`` takes the place of one that is used, or could be."""
    usual = workspace.root / "models" / "default"
    return is_model(out) or out.resolve() in (usual.resolve(), workspace.model.resolve())


def _compared(
    workspace: Workspace, before: Path, after: Path, held_out: Sequence[Labelled]
) -> tuple[dict[str, Difference], str]:
    """How both models do on what neither has learned from, or why that cannot be told; neither where there is none."""
    if not held_out or not is_model(before):
        return {}, ""
    kind = "both" if workspace.tagger == "rules" else workspace.tagger
    passages = [one.passage for one in held_out]

    def said(folder: Path) -> list[dict[str, str]]:
        tagging = load_tagging(workspace.taxonomy, workspace.gazetteer, folder, kind)
        return [{tag.concern: tag.stance for tag in one.tags} for one in tagging.tag_loose(passages)]

    try:
        old = said(before)
    except ModelError as error:  # training anew is what mends a damaged model
        return {}, f"{error.where}: {error.what}"
    return compare(
        [dict(one.tags) for one in held_out],
        [one.unknown for one in held_out],
        old,
        said(after),
        # Decisions on one document stand or fall together; passages of ours that are held out are by few authors.
        [one.group if one.is_reviewed else one.passage.id for one in held_out],
        [concern.id for concern in load_taxonomy(workspace.taxonomy).concerns],
    ), ""


def _told(one: Difference) -> list[float]:
    """Old F1, new F1 and the interval of the difference, for the card."""
    return [round(value, 4) for value in (one.old, one.new, *(one.interval or ()))]


def _encoder(
    workspace: Workspace, used: Sequence[Labelled], taxonomy: Taxonomy, fit: str, tell: Callable[[str], None]
) -> EncoderFiles | None:
    if fit == "kept":
        return load_encoder_files(workspace.model)
    from ascn_nlp.training.encoder import base_folder, continue_encoder, fit_encoder

    whole = [one for one in used if not one.unknown]  # fine-tuning knows no label that is neither yes nor no
    if fit == "anew":
        known = [c.id for c in taxonomy.concerns if sum(c.id in dict(one.tags) for one in whole) >= LEAST_EXAMPLES]
        return fit_encoder(whole, known, base_folder(), tell=tell)
    base, files = base_folder(), load_encoder_files(workspace.model)
    if files is None:
        raise ModelError("has no encoder that could be taken further", str(workspace.model), "fit one: --encoder")
    return continue_encoder(files, whole, base, tell=tell)


def packaged_passages() -> list[Path]:
    """The files of our own labelled passages."""
    return sorted(resource("corpus", "training").glob("*.jsonl"))


def measure(workspace: Workspace, gold: Path) -> Scores:
    """The scores of the workspace's tagger on a gold file; intervals resample its documents."""
    tagging = load_tagging(workspace.taxonomy, workspace.gazetteer, workspace.model, workspace.tagger)
    concerns = [concern.id for concern in tagging.taxonomy.concerns]
    return measure_labelled(tagging, read_labelled([gold], concerns))


def measure_labelled(tagging: Tagging, labelled: Sequence[Labelled]) -> Scores:
    """The scores of a tagger on labelled passages."""
    tagged = tagging.tag_loose([one.passage for one in labelled])
    predicted = [{tag.concern: tag.stance for tag in one.tags} for one in tagged]
    concerns = [concern.id for concern in tagging.taxonomy.concerns]
    return evaluate([dict(one.tags) for one in labelled], predicted, [one.group for one in labelled], concerns)
