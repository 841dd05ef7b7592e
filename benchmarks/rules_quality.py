"""Scores the rules on the taxonomy's own examples and on our training passages.

python benchmarks/rules_quality.py [corpus/training/*.jsonl] [--errors CONCERN] [--terms CONCERN]
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.rules import RulesTagger
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage, TaggedPassage
from ascn_nlp.resources import resource
from ascn_nlp.taxonomy import Taxonomy, load_taxonomy


def read_rows(paths: list[Path]) -> list[dict[str, Any]]:
    """The labelled passages of JSON-lines files."""
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]


def example_rows(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """The examples of the taxonomy as labelled passages; counterexamples hold nothing of their concern."""
    return [
        {"id": f"{c.id}-{n}", "text": e.text, "tags": [{"concern": c.id, "stance": e.stance}]}
        for c in taxonomy.concerns
        for n, e in enumerate(c.examples)
    ]


def as_passage(row: dict[str, Any]) -> Passage:
    """A row as a passage of a document of its own."""
    heading = (row["heading"],) if row.get("heading") else ()
    return Passage(row["id"], row["id"], 0, "paragraph", 0, len(row["text"]), row["text"], heading)


def main() -> None:
    """Prints precision, recall and F1 per concern, micro and macro, and stance accuracy on matched tags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("--errors", metavar="CONCERN")
    parser.add_argument("--stance", metavar="CONCERN")
    parser.add_argument("--terms", metavar="CONCERN")
    given = parser.parse_args()
    taxonomy = load_taxonomy()
    files = given.files or sorted(resource("corpus", "training").glob("*.jsonl"))
    rows = example_rows(taxonomy) if given.examples else read_rows(files)
    nlp = build_pipeline(taxonomy, load_gazetteer())
    tagged = list(RulesTagger(taxonomy).tag(annotate(nlp, map(as_passage, rows))))
    report(taxonomy, rows, tagged)
    if given.errors:
        print_errors(given.errors, rows, tagged)
    if given.stance:
        print_stances(given.stance, rows, tagged)
    if given.terms:
        print_terms(given.terms, rows, tagged)


def report(taxonomy: Taxonomy, rows: list[dict[str, Any]], tagged: list[TaggedPassage]) -> None:
    """Prints the table of scores."""
    counts: Counter[tuple[str, str]] = Counter()
    confusion: Counter[tuple[str, str]] = Counter()
    for row, result in zip(rows, tagged, strict=True):
        gold = {tag["concern"]: tag["stance"] for tag in row["tags"]}
        found = {tag.concern: tag.stance for tag in result.tags}
        counts.update((c, "hit") for c in gold.keys() & found.keys())
        counts.update((c, "missed") for c in gold.keys() - found.keys())
        counts.update((c, "false") for c in found.keys() - gold.keys())
        confusion.update((gold[c], found[c]) for c in gold.keys() & found.keys())
        counts.update((c, "stance") for c in gold.keys() & found.keys() if gold[c] == found[c])
    scores = []
    for concern in (c.id for c in taxonomy.concerns):
        hit, missed, false, stance = (counts[concern, k] for k in ("hit", "missed", "false", "stance"))
        p, r, f = prf(hit, missed, false)
        scores.append(f)
        print(f"{concern:22} P {p:.2f}  R {r:.2f}  F1 {f:.2f}  n {hit + missed:3}  stance {stance / max(hit, 1):.2f}")
    totals = {k: sum(n for (_, kind), n in counts.items() if kind == k) for k in ("hit", "missed", "false", "stance")}
    p, r, f = prf(totals["hit"], totals["missed"], totals["false"])
    print(f"{'micro':22} P {p:.2f}  R {r:.2f}  F1 {f:.2f}  n {totals['hit'] + totals['missed']:3}")
    print(f"{'macro':22} F1 {sum(scores) / len(scores):.2f}")
    print(f"{'stance':22} {totals['stance'] / max(totals['hit'], 1):.2f}  (gold, predicted): {dict(confusion)}")


def prf(hit: int, missed: int, false: int) -> tuple[float, float, float]:
    """Precision, recall and F1; 0 where undefined."""
    return hit / max(hit + false, 1), hit / max(hit + missed, 1), 2 * hit / max(2 * hit + missed + false, 1)


def print_errors(concern: str, rows: list[dict[str, Any]], tagged: list[TaggedPassage]) -> None:
    """Prints the passages on which rules and labels disagree about ``concern``, with the evidence."""
    for row, result in zip(rows, tagged, strict=True):
        is_gold = any(tag["concern"] == concern for tag in row["tags"])
        found = next((tag for tag in result.tags if tag.concern == concern), None)
        if is_gold != (found is not None):
            why = "; ".join(dict.fromkeys(e.why for e in found.evidence)) if found else ""
            print(f"\n{'MISSED' if is_gold else 'FALSE'} {row['id']} {why}\n  [{row.get('heading')}] {row['text']}")


def print_stances(concern: str, rows: list[dict[str, Any]], tagged: list[TaggedPassage]) -> None:
    """Prints the passages with the right concern and the wrong stance."""
    for row, result in zip(rows, tagged, strict=True):
        gold = {tag["concern"]: tag["stance"] for tag in row["tags"]}
        for tag in result.tags:
            if concern in ("all", tag.concern) and gold.get(tag.concern, tag.stance) != tag.stance:
                print(f"\n{tag.concern}: {tag.stance}, not {gold[tag.concern]} {row['id']}\n  {row['text']}")


def print_terms(concern: str, rows: list[dict[str, Any]], tagged: list[TaggedPassage]) -> None:
    """Prints how often each reason stood for ``concern`` in a passage with a tag, rightly and wrongly."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for row, result in zip(rows, tagged, strict=True):
        gold = {tag["concern"] for tag in row["tags"]}
        for tag in result.tags:
            if concern in ("all", tag.concern):
                counter = right if tag.concern in gold else wrong
                counter.update({f"{tag.concern}: {e.why}" for e in tag.evidence})
    for why, n in wrong.most_common():
        print(f"{n:4} wrong {right[why]:4} right  {why}")


if __name__ == "__main__":
    main()
