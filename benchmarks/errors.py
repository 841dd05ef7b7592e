"""The worst errors of the shipped tagger on the held-out passages, to be read: `python -m benchmarks.errors`.

Worst is where it was surest and wrong: a tag that should not be there with a high score, or one that is missing with a
low one.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from textwrap import fill

from ascn_nlp.labelled import read_labelled
from ascn_nlp.resources import packaged, resource
from ascn_nlp.tagging import load_tagging
from ascn_nlp.taxonomy import load_taxonomy


@dataclass(frozen=True, slots=True)
class Error:
    """A tag too many or too few."""

    surprise: float  # how sure the tagger was of the contrary, 0 to 1
    kind: str  # "wrong" or "missed"
    concern: str
    passage_id: str
    why: tuple[str, ...]
    text: str


def worst(count: int) -> list[Error]:
    """The errors on held-out passages, the worst first."""
    concerns = [concern.id for concern in load_taxonomy().concerns]
    files = sorted(resource("corpus", "training").glob("*.jsonl"))
    held_out = [one for one in read_labelled(files, concerns) if one.split == "heldout"]
    tagging = load_tagging(packaged("taxonomy.toml"), packaged("gazetteer.toml"), resource("models", "default"), "both")
    errors = []
    for one, tagged in zip(held_out, tagging.tag_loose([one.passage for one in held_out]), strict=True):
        meant, text = dict(one.tags), f"{one.passage.heading_line} | {one.passage.text}"
        found = {tag.concern: tag for tag in tagged.tags}
        scores = dict(tagged.scores)
        for concern in concerns:
            if (concern in meant) == (concern in found):
                continue
            is_wrong = concern in found
            surprise = scores[concern] if is_wrong else 1 - scores[concern]
            why = tuple(dict.fromkeys(e.why for e in found[concern].evidence)) if is_wrong else (meant[concern],)
            kind = "wrong" if is_wrong else "missed"
            errors.append(Error(surprise, kind, concern, one.passage.id, why[:3], text))
    return sorted(errors, key=lambda error: -error.surprise)[:count]


def main() -> None:
    """Print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50)
    for number, error in enumerate(worst(parser.parse_args().count), 1):
        print(f"{number}. {error.kind} {error.concern} {error.surprise:.2f} {error.passage_id} {'; '.join(error.why)}")
        print(fill(error.text, 118, initial_indent="   ", subsequent_indent="   "))


if __name__ == "__main__":
    main()
