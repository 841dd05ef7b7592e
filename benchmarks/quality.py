"""How well the taggers do on the training passages that are held out of training."""

from __future__ import annotations

from benchmarks.table import Sizes, Table

_KINDS = ("rules", "light", "model", "both")


def run(sizes: Sizes) -> Table:  # noqa: ARG001 -- the passages are given
    """Micro and macro F1 and stance accuracy of each tagger."""
    from ascn_nlp.labelled import STYLES, read_labelled
    from ascn_nlp.modelling import measure_labelled
    from ascn_nlp.resources import resource
    from ascn_nlp.tagging import load_tagging
    from ascn_nlp.taxonomy import load_taxonomy
    from ascn_nlp.workspace import open_workspace

    place = open_workspace()
    concerns = [concern.id for concern in load_taxonomy(place.taxonomy).concerns]
    labelled = read_labelled(sorted(resource("corpus", "training").glob("*.jsonl")), concerns)
    held_out = [one for one in labelled if one.split == "heldout"]
    rows = []
    for kind in _KINDS:
        tagging = load_tagging(place.taxonomy, place.gazetteer, place.model, kind)
        for style in STYLES:
            scores = measure_labelled(tagging, [one for one in held_out if one.style == style])
            rows.append((
                f"{kind}, {style}",
                str(scores.passages),
                f"{scores.micro.precision:.3f}",
                f"{scores.micro.recall:.3f}",
                _ranged(scores.micro.f1, scores.micro_interval),
                _ranged(scores.macro_f1, scores.macro_interval),
                f"{scores.stance_accuracy:.3f}",
            ))  # fmt: skip
    return Table(
        title="Quality of tags",
        columns=("tagger, passages", "number", "precision", "recall", "micro F1", "macro F1", "stance"),
        rows=tuple(rows),
        notes=(
            f"The {len(held_out)} passages of corpus/training that training left out; 95 % intervals resample authors.",
            "Stance: of the tags found rightly, the share whose stance is right too.",
            "These passages are by the hands that wrote the training passages; on documents of another kind expect "
            "less, and see the model card for what authors left out of training show.",
        ),
    )


def _ranged(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} ({interval[0]:.3f}-{interval[1]:.3f})"
