"""Passages a second of the rules, as a ratio to spaCy's bare tokeniser and sentencizer in the same run.

python benchmarks/tag_speed.py [corpus/training/*.jsonl]
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import spacy

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.classify.rules import RulesTagger
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage
from ascn_nlp.resources import resource
from ascn_nlp.taxonomy import load_taxonomy

_PER_DOCUMENT = 50
_WORDS = 80
_ROUNDS = 3


def passages(files: list[Path]) -> list[Passage]:
    """Our training passages, joined and cut to 80 words each, as documents of fifty passages."""
    rows = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines() if line.strip()]
    words = " ".join(row["text"] for row in rows).split(" ")
    texts = [" ".join(words[n : n + _WORDS]) for n in range(0, len(words), _WORDS)]
    return [
        Passage(f"p{n}", f"d{n // _PER_DOCUMENT}", n, "paragraph", 0, len(text), text, ("Findings",))
        for n, text in enumerate(texts)
    ]


def rate(count: int, work: Callable[[], Iterable[object]]) -> float:
    """Items a second, the best of a few rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for _item in work():
            pass
        best = min(best, time.perf_counter() - start)
    return count / best


def main() -> None:
    """Prints the three rates."""
    read = passages([Path(name) for name in sys.argv[1:]] or sorted(resource("corpus", "training").glob("*.jsonl")))
    bare = spacy.blank("en")
    bare.add_pipe("sentencizer")
    start = time.perf_counter()
    taxonomy = load_taxonomy()
    nlp = build_pipeline(taxonomy, load_gazetteer())
    built = time.perf_counter() - start
    tagger = RulesTagger(taxonomy)
    floor = rate(len(read), lambda: bare.pipe(passage.text for passage in read))
    annotated = rate(len(read), lambda: annotate(nlp, read))
    tagged = rate(len(read), lambda: tagger.tag(annotate(nlp, read)))
    print(f"{len(read)} passages of {_WORDS} words; pipeline built in {built:.2f} s")
    print(f"tokenizer + sentencizer  {floor:8,.0f} passages/s")
    print(f"annotate                 {annotated:8,.0f} passages/s  {annotated / floor:.2f} of it")
    print(f"annotate + rules         {tagged:8,.0f} passages/s  {tagged / floor:.2f} of it")


if __name__ == "__main__":
    main()
