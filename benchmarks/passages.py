"""How varied the training passages are, and whether any shares words with a gold file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

from benchmarks.table import Sizes, Table

# So many words in a row are no chance, names of institutions and laws aside.
RUN = 8
# Cosine of TF-IDF: from here on two passages are about the same matter in the same words.
_ALIKE = 0.5


def run(sizes: Sizes) -> Table:
    """Per author: passages, distinct pairs of words, shared openings, likeness of the nearest neighbour, overlaps."""
    from ascn_nlp.labelled import Labelled, read_labelled
    from ascn_nlp.resources import resource
    from ascn_nlp.taxonomy import load_taxonomy

    concerns = [concern.id for concern in load_taxonomy().concerns]
    labelled = read_labelled(sorted(resource("corpus", "training").glob("*.jsonl")), concerns)
    by_author: dict[str, list[Labelled]] = defaultdict(list)
    for one in labelled:
        by_author[one.group].append(one)
    nearest = dict(zip((one.passage.id for one in labelled), _nearest([o.passage.text for o in labelled]), strict=True))
    gold = _runs_of_file(sizes.gold) if sizes.gold else set()
    groups = {**dict(sorted(by_author.items())), "all": list(labelled)}
    rows = []
    for author, passages in groups.items():
        texts = [one.passage.text for one in passages]
        pairs = Counter(pair for text in texts for pair in _runs(_words(text), 2))
        likeness = [nearest[one.passage.id] for one in passages]
        rows.append((
            author,
            f"{len(passages):,}",
            f"{median(len(text.split()) for text in texts):.0f}",
            f"{len(pairs) / pairs.total():.2f}",
            f"{_shared_openings(texts):.0%}",
            f"{median(likeness):.2f}",
            f"{sum(one > _ALIKE for one in likeness) / len(likeness):.1%}",
            str(sum(bool(gold.intersection(_runs(_words(text), RUN))) for text in texts)) if gold else "",
        ))  # fmt: skip
    return Table(
        title="Training passages",
        columns=(
            "author", "passages", "words, median", "distinct pairs of words", "opening shared", "nearest, median",
            f"nearest over {_ALIKE}", f"{RUN} words shared with gold",
        ),
        rows=tuple(rows),
        notes=(
            "Distinct pairs of words: how many different ones there are, divided by all; fewer passages repeat less.",
            "Opening shared: passages whose first three words begin another of the same rows too.",
            "Nearest: cosine of TF-IDF vectors (words and pairs) to the likest other passage of all.",
            "`--gold FILE` counts passages that share a run of words with one of that file.",
        ),
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[n : n + size]) for n in range(len(words) - size + 1))


def _runs_of_file(path: Path) -> set[tuple[str, ...]]:
    from ascn_nlp.labelled import read_json_lines

    return {run for _, one in read_json_lines(path) for run in _runs(_words(str(one["text"])), RUN)}


def _shared_openings(texts: Iterable[str]) -> float:
    openings = Counter(tuple(_words(text)[:3]) for text in texts)
    return sum(count for count in openings.values() if count > 1) / openings.total()


def _nearest(texts: list[str]) -> list[float]:
    """Of each text the cosine to the likest other."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(texts)
    likeness = vectors @ vectors.T
    likeness.setdiag(0)
    return [float(row.max()) for row in likeness.tocsr()]
