"""Whether one process that tags passage after passage keeps its memory: the words of real corpora never end."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.measure import run_python, surroundings
from benchmarks.table import Sizes, Table

if TYPE_CHECKING:
    from ascn_nlp.records import Passage

_WORDS = 60
_PER_DOCUMENT = 50
# Of a hundred words so many are new to the process: names, numbers and slips, as in real documents.
_NEW = 2


def run(sizes: Sizes) -> Table:
    """Resident memory of a process after a tenth of the passages and after all."""
    rows = []
    with surroundings() as (_, environment):
        for kind, passages in (("light", sizes.long_run), ("both", sizes.long_run // 20)):
            told = run_python(["-m", "benchmarks.long_run", kind, str(passages)], environment)
            early, late, seconds = told.split()[-3:]
            rows.append((kind, f"{passages:,}", early, late, seconds))
    return Table(
        title="Memory of a long run",
        columns=("tagger", "passages", "MB after a tenth", "MB at the end", "s"),
        rows=tuple(rows),
        notes=(
            f"One process; passages of {_WORDS} words drawn from our training texts, {_NEW} of 100 new to the process.",
        ),
    )


def main(kind: str, count: int) -> None:
    """Tag ``count`` passages and print memory in MB after a tenth and at the end, and seconds."""
    import time

    import psutil

    from ascn_nlp.tagging import load_tagging
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(tagger=kind)
    tagging = load_tagging(place.taxonomy, place.gazetteer, place.model, kind)
    start, memory = time.process_time(), []
    for number, document in enumerate(_documents(count)):
        tagging.tag_document(document)
        if (number + 1) * _PER_DOCUMENT * 10 // count > len(memory):
            memory.append(psutil.Process().memory_info().rss >> 20)
    print(memory[0], memory[-1], f"{time.process_time() - start:.0f}")


def _documents(count: int) -> Iterator[list[Passage]]:
    from ascn_nlp.records import Passage
    from benchmarks.made_documents import training_texts

    drawn, words = random.Random(0), " ".join(training_texts()).split()
    for document in range(max(1, count // _PER_DOCUMENT)):
        passages = []
        for n in range(_PER_DOCUMENT):
            at = drawn.randrange(len(words) - _WORDS)
            known = words[at : at + _WORDS]
            text = " ".join(f"{w}{drawn.random():.6f}" if drawn.randrange(100) < _NEW else w for w in known)
            passages.append(Passage(f"p{n}", f"d{document}", n, "paragraph", 0, len(text), text, language="en"))
        yield passages


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
