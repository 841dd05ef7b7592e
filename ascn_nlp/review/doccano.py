"""Judged passages -> JSON lines for doccano's import of a text classification project (several labels allowed).

Schema: https://doccano.github.io/doccano/tutorial/#import-a-dataset, format JSONL, columns ``text`` and ``label`` (a
list); every other key becomes metadata (https://github.com/doccano/doccano/issues/2041). It takes metadata as they are,
so evidence keeps offsets of characters (code points).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ascn_nlp.review.evidence import words_of
from ascn_nlp.review.json_text import line
from ascn_nlp.review.judged import Judged, Values
from ascn_nlp.review.voices import everybody, origin, predictions

_OF_VERDICT = ("concern", "decision", "concern_reviewed", "stance_reviewed", "note", "reviewer")


def write(items: Iterable[Judged], concerns: Sequence[str], is_blind: bool) -> Iterator[str]:  # noqa: ARG001
    """Lines of a file for doccano, one a passage.

    ``label`` has people's labels alone where somebody decided anything, the model's alone elsewhere; ``label_by`` says
    which ("people", "model", or "" where there is neither). Both are in full in ``predicted`` and ``verdicts``.
    """
    # It guesses the encoding of a file unless told, so these are of ASCII, which no guess takes for something else.
    return (line(_example(one, is_blind), is_ascii=True) for one in items)


def _example(one: Judged, is_blind: bool) -> dict[str, Any]:
    start = {"text": one.passage["text"], "label": []} | origin(one, is_blind=is_blind)
    if is_blind:
        return start
    said, tags = everybody(one), predictions(one)
    if said is not None:
        labels, by = list(said.holds), "people"
    else:
        labels, by = [tag["concern"] for tag in tags], "model" if tags else ""
    return start | {
        "label": labels,
        "label_by": by,
        "predicted": [_tag(tag) for tag in tags],
        "verdicts": [{key: verdict[key] for key in _OF_VERDICT} for verdict in said.verdicts] if said else [],
    }


def _tag(tag: Values) -> dict[str, Any]:
    evidence = [{"start": start, "end": end, "words": words} for start, end, words, _ in words_of(tag)]
    return {"concern": tag["concern"], "stance": tag["stance"], "score": tag["score"], "evidence": evidence}
