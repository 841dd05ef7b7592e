"""What the shipped model scores on the held-out passages, and the floors it must not fall below.

python tests/quality_gate.py                    the scores beside their floors
python tests/quality_gate.py --write            new floors, 0.03 below what is measured
python tests/quality_gate.py --write --lower    the same, where a floor would fall: say why in the changelog
"""

# ruff: noqa: T201 -- a script that a person runs

from __future__ import annotations

import argparse
import sys
import tomllib
from math import floor
from pathlib import Path

from ascn_nlp.evaluate import Scores
from ascn_nlp.labelled import Labelled, read_labelled
from ascn_nlp.modelling import measure_labelled
from ascn_nlp.records import digest
from ascn_nlp.resources import packaged, resource
from ascn_nlp.tagging import load_tagging
from ascn_nlp.taxonomy import Taxonomy, load_taxonomy
from ascn_nlp.training.card import data_digest

FLOORS = Path(__file__).with_name("quality_floors.toml")
MODEL = resource("models", "default")
KINDS = ("rules", "both")
# What other versions of the libraries, and a few passages more or less, may move a score by.
SLACK = 0.03
HEADER = """\
# Floors of the quality gate: the shipped model on the held-out passages of corpus/training, less 0.03.
# Written by: python tests/quality_gate.py --write
"""
Numbers = dict[str, float]
Gate = dict[str, str | Numbers]


def passages(split: str) -> list[Labelled]:
    """The passages of one split of corpus/training."""
    concerns = [concern.id for concern in load_taxonomy().concerns]
    return [one for one in read_labelled(sorted(resource("corpus", "training").glob("*.jsonl")), concerns)
            if one.split == split]  # fmt: skip


def definitions_digest(taxonomy: Taxonomy) -> str:
    """A digest of the concerns' definitions, which terms do not change."""
    return digest(*(concern.digest for concern in taxonomy.concerns))


def measured() -> Gate:
    """The digests of data and definitions, and the scores of each kind of tagger."""
    held_out = passages("heldout")
    scores = {}
    for kind in KINDS:
        tagging = load_tagging(packaged("taxonomy.toml"), packaged("gazetteer.toml"), MODEL, kind)
        scores[kind] = as_numbers(measure_labelled(tagging, held_out))
    return {"data": data_digest(held_out), "definitions": definitions_digest(load_taxonomy()), **scores}


def as_numbers(scores: Scores) -> Numbers:
    """The scores that have a floor, by name."""
    return {
        "micro_f1": scores.micro.f1,
        "macro_f1": scores.macro_f1,
        "stance_accuracy": scores.stance_accuracy,
        **{concern: score.f1 for concern, score in scores.concerns.items()},
    }


def read_floors() -> Gate:
    """The floors as they were written; empty when they never were."""
    return tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.is_file() else {}


def floors_of(gate: Gate) -> Gate:
    """The floors for what was measured, rounded down."""
    return {
        key: {name: max(0.0, floor(round((score - SLACK) * 1000, 6)) / 1000) for name, score in value.items()}
        if isinstance(value, dict) else value
        for key, value in gate.items()
    }  # fmt: skip


def lowered(old: Gate, new: Gate) -> list[str]:
    """A line for each floor that is lower in ``new``, or no longer there."""
    return [
        f"{kind}.{name}: {least:.3f} -> {new.get(kind, {}).get(name, 0.0):.3f}"
        for kind in KINDS
        for name, least in old.get(kind, {}).items()
        if new.get(kind, {}).get(name, 0.0) < least
    ]


def write(floors: Gate) -> None:
    """Write the floors as TOML."""
    lines = [HEADER, *(f'{key} = "{value}"' for key, value in floors.items() if isinstance(value, str))]
    for kind, numbers in floors.items():
        if isinstance(numbers, dict):
            lines += [f"\n[{kind}]", *(f"{name} = {least:.3f}" for name, least in numbers.items())]
    FLOORS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Show or write; 1 when a floor would fall and --lower is not given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the floors anew")
    parser.add_argument("--lower", action="store_true", help="even where that lowers one")
    options = parser.parse_args(argv)
    old, now = read_floors(), measured()
    new = floors_of(now)
    for kind in KINDS:
        print(f"{kind:24}measured  floor")
        for name, score in now[kind].items():
            print(f"  {name:22}{score:8.3f}  {old.get(kind, {}).get(name, 0.0):5.3f}")
    if not options.write:
        return 0
    if (falling := lowered(old, new)) and not options.lower:
        print("not written, these floors would fall (--lower to allow it):", *falling, sep="\n  ", file=sys.stderr)
        return 1
    write(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
