"""Commands on the tagger itself: train, models, evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ascn_nlp.cli.options import JsonOption, ModelOption, TaggerOption, WorkspaceOption

if TYPE_CHECKING:
    from ascn_nlp.evaluate import Score


def train(
    workspace: WorkspaceOption = Path(),
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", metavar="FILE", help="JSON lines to learn from; default: the packaged passages."),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", metavar="FILE", help="JSON lines to learn from beside the packaged passages."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder for the weights; default: models/default of the workspace."),
    ] = None,
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Fine-tune the sentence encoder anew: hours without a GPU.")
    ] = False,
    further: Annotated[
        bool, typer.Option("--further", help="Fine-tune it further, to passages that it has not read.")
    ] = False,
    reviews: Annotated[
        bool, typer.Option("--reviews/--no-reviews", help="Learn from what people decided in this workspace too.")
    ] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Take the model even where it does worse; its card says so.")
    ] = False,
) -> None:
    """Fit the model to labelled passages and reviews.

    What people accepted and rejected counts above our own passages. A fifth of the reviewed documents is held out, and
    some of our passages; a model that does worse there on any concern, beyond noise, replaces none (exit status 1). One
    that was replaced is kept: "ascn-nlp models" lists all.

    Needed when a definition in the taxonomy has changed, or a concern is new and has passages of its own. The sentence
    encoder is that of the workspace's model; with pip install "ascn-nlp[train]", --encoder fits that anew, and
    --further lets it read what is new: half an hour for a thousand passages on two processor cores.

    Example: ascn-nlp train --add mine.jsonl --out models/mine
    """
    from ascn_nlp.cli.console import line, note, steps_shown, table
    from ascn_nlp.errors import ModelError, OptionError
    from ascn_nlp.modelling import packaged_passages
    from ascn_nlp.prefect_runtime import run_flow
    from ascn_nlp.workspace import open_workspace

    if encoder and further:
        raise OptionError(
            "the encoder is fitted either anew or further", "--further", "give one of --encoder, --further"
        )
    place = open_workspace(workspace)
    for option, given in (("--data", data), ("--add", add)):
        if absent := [path for path in given or [] if not path.is_file()]:
            raise OptionError(f"there is no file {absent[0]}", option, "check the path")
    if add:
        data = [*(data or packaged_passages()), *add]
    note("starting Prefect ...")
    fit = "anew" if encoder else "further" if further else "kept"
    target = (out or place.root / "models" / "default").resolve()
    paths = [str(path) for path in data or []]
    what = {"data": paths, "encoder": fit, "reviews": reviews, "force": force}
    with steps_shown():
        result = run_flow("train", workspace=str(place.root), out=str(target), **what)
    rows = [(kind, *(f"{value:.3f}" for value in values)) for kind, values in result["scores"].items()]
    table("On authors left out", ("tagger", "micro F1", "macro F1", "stance"), rows)
    _show_comparison(result)
    if result["uncompared"]:
        note(f"! not compared with the model that there was: {result['uncompared']}")
    if result["left_to_rules"]:
        line(f"Too few passages, left to the rules: {', '.join(result['left_to_rules'])}")
    if result["suspects"]:
        line(
            f"\n{result['suspects']} decisions are contradicted with confidence; to look at them again: "
            "ascn-nlp review export again.csv --sample suspects"
        )
    if result["refused"]:
        raise ModelError(
            f"does worse than the one there is, on {_named(result['worse'])}, and was not taken",
            result["model"],
            "see whether decisions are wrong, or take it all the same: --force",
        )
    line(f"\n{result['passages']} passages, {result['reviewed']} of them reviewed; model: {target}")


def _show_comparison(result: Mapping[str, Any]) -> None:
    """How the new model does against the old one on what was held out."""
    from ascn_nlp.cli.console import table

    rows = []
    for name, (old, new, interval, support) in result["compared"].items():
        if support:
            change = f"{interval[0]:+.3f} to {interval[1]:+.3f}" if interval else ""
            remark = "worse" if name in result["worse"] else ""
            rows.append((name or "all together", f"{old:.3f}", f"{new:.3f}", change, support, remark))
    columns = ("concern", "F1 before", "F1 now", "95 % of change", "tags", "")
    if rows:
        table(f"On passages held out, {result['held_out']} of them reviewed", columns, rows)


def _named(concerns: Iterable[str]) -> str:
    return ", ".join("all together" if name in ("", "micro") else name for name in concerns)


def models(workspace: WorkspaceOption = Path(), json: JsonOption = False) -> None:
    """List the models there are, and those that they replaced.

    To tag with one of them once: ascn-nlp retag --model NAME; it tells how to stay with it.

    Example: ascn-nlp models
    """
    from ascn_nlp.cli.console import line, table
    from ascn_nlp.versions import list_models
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    rows = []
    for one in list_models(place.root, place.model):
        facts = one.card
        is_used = one.folder.resolve() == place.model.resolve()
        if json:
            line({"name": one.name, "folder": str(one.folder), "is_used": is_used, "card": facts})
            continue
        f1 = facts.get("everyday_both", {}).get("micro_f1")
        remarks = ["in use"] if is_used else []
        if facts.get("forced"):
            remarks.append(f"forced: worse on {_named(facts.get('worse', ()))}")
        told = (facts.get("trained", ""), facts.get("passages", ""), facts.get("reviewed", ""))
        rows.append((one.name, *told, "" if f1 is None else f"{f1:.3f}", "; ".join(remarks)))
    if not json:
        table("Models", ("name", "trained", "passages", "reviewed", "F1 left out", ""), rows)


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD.jsonl", help="JSON lines {id, text, tags: [{concern, stance}]}.", show_default=False
        ),
    ],
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
    tagger: TaggerOption = "",
    model: ModelOption = "",
) -> None:
    """Score the tagger on labelled passages.

    Precision, recall and F1 of each concern and of all, with 95 % intervals; accuracy of stances.

    Example: ascn-nlp evaluate gold.jsonl --tagger rules
    """
    from dataclasses import asdict

    from ascn_nlp.cli.console import line, table
    from ascn_nlp.errors import TableError
    from ascn_nlp.modelling import measure
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, tagger=tagger, model=model)
    scores = measure(place, gold)
    if not scores.passages:
        raise TableError("holds no passage", str(gold), 'one object a line: {"id": ..., "text": ..., "tags": [...]}')
    if json:
        line(asdict(scores))
        return
    rows = [(name, *_row(score), "") for name, score in scores.concerns.items()]
    rows.append(("micro", *_row(scores.micro), _interval(scores.micro_interval)))
    rows.append(("macro", "", "", f"{scores.macro_f1:.3f}", "", _interval(scores.macro_interval)))
    columns = ("concern", "P", "R", "F1", "tags", "95 % of F1")
    table(f"{gold.name}: {scores.passages} passages, tagger: {place.tagger}", columns, rows)
    line(f"\nstance accuracy {scores.stance_accuracy:.3f} of {scores.matched} matched tags")
    line(f"exactly right set of concerns: {scores.exact:.3f} of passages")


def _row(score: Score) -> tuple[str, ...]:
    return (f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}", str(score.support))


def _interval(low_high: tuple[float, float]) -> str:
    return "{:.3f} to {:.3f}".format(*low_high)
