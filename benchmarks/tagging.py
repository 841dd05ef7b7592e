"""Passages a second of the taggers, as ratios to spaCy's bare tokeniser and sentencizer in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.made_documents import training_texts
from benchmarks.measure import interleaved, ratios
from benchmarks.table import Sizes, Table

if TYPE_CHECKING:
    from ascn_nlp.records import Passage
    from ascn_nlp.tagging import Tagging

_WORDS = 80
_PER_DOCUMENT = 50
_BUDGETS = {"rules": "≥ 2,000", "light": "≥ 1,000", "model": "", "both": "≥ 80"}
_FLOOR = "spaCy tokeniser + sentencizer"


def run(sizes: Sizes) -> Table:
    """Passages a second of one process, from text to tags."""
    import spacy

    passages = cut_passages(sizes.passages)
    bare = spacy.blank("en")
    bare.add_pipe("sentencizer")
    texts = [passage.text for passage in passages]
    work: dict[str, Callable[[], object]] = {_FLOOR: lambda: list(bare.pipe(texts))}
    for kind in _BUDGETS:
        work[f"annotate + {kind}"] = _tagger(kind, passages)
    interleaved(work, 1)  # caches of words fill
    taken = interleaved(work, sizes.rounds)
    rows = tuple(
        (
            name,
            f"{len(passages) / median(times):,.0f}",
            f"{len(passages) / min(times):,.0f}",
            f"{ratios(times, taken[_FLOOR]):.2f}",
            _BUDGETS.get(name.rpartition(" ")[2], ""),
        )
        for name, times in taken.items()
    )
    return Table(
        title="Tagging",
        columns=("what", "passages/s, median", "best", "of the bare tokeniser", "budget"),
        rows=rows,
        notes=(
            f"One process, one thread, warm; {len(passages):,} passages of {_WORDS} words from our training texts in "
            f"documents of {_PER_DOCUMENT}; {sizes.rounds} rounds of each in turn; per processor second.",
            "`annotate` finds entities, concern evidence, cues and cities; `both` is the default tagger.",
        ),
    )


def cut_passages(most: int) -> list[Passage]:
    """Our training texts, joined and cut to passages of the same number of words."""
    from ascn_nlp.records import Passage

    words = " ".join(training_texts()).split(" ")
    cut = [" ".join(words[n : n + _WORDS]) for n in range(0, len(words), _WORDS)][:most]
    empty = Passage("", "", 0, "paragraph", 0, 0, "", ("Findings",), language="en")
    return [
        replace(empty, id=f"p{n}", document_id=f"d{n // _PER_DOCUMENT}", ordinal=n, end=len(text), text=text)
        for n, text in enumerate(cut)
    ]


def _tagger(kind: str, passages: list[Passage]) -> Callable[[], object]:
    from ascn_nlp.tagging import load_tagging
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(tagger=kind)
    tagging: Tagging = load_tagging(place.taxonomy, place.gazetteer, place.model, kind)
    documents = [list(group) for _, group in groupby(passages, key=lambda passage: passage.document_id)]
    return lambda: [tagging.tag_document(document) for document in documents]
