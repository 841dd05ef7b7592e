"""Judged passages -> JSON lines as Prodigy's interface ``choice`` shows and keeps them.

Schema: https://prodi.gy/docs/api-interfaces (choice, spans) and the recipe textcat.correct of
https://github.com/explosion/prodigy-recipes: ``options`` are [{id, text, meta}], ``accept`` the ids chosen.

A passage has a line for the model and one for each person who decided. The model's has all concerns as options, those
it predicts chosen, its evidence as spans, and the answer "ignore": ``db-in`` takes a line without an answer for
accepted. A person's line has as options only what that person decided, so that a concern nobody was asked about is
not learnt as absent, and carries ``_annotator_id`` and ``_view_id`` as the recipe ``review`` needs them.
Spans count characters as Python and spaCy do (code points).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ascn_nlp.review.evidence import words_of
from ascn_nlp.review.json_text import line
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.voices import Said, origin, people, predictions


def write(items: Iterable[Judged], concerns: Sequence[str], is_blind: bool) -> Iterator[str]:
    """Lines of a file for Prodigy: the model's view of a passage first, then each person's."""
    for one in items:
        yield line(_machine(one, concerns, is_blind))
        if not is_blind:
            yield from (line(_person(one, said, concerns)) for said in people(one))


def _machine(one: Judged, concerns: Sequence[str], is_blind: bool) -> dict[str, Any]:
    tags = () if is_blind else predictions(one)
    score = {tag["concern"]: tag["score"] for tag in tags}
    options = [_option(concern) for concern in dict.fromkeys((*concerns, *score))]
    spans = [
        {"start": words.start, "end": words.end, "label": tag["concern"]} for tag in tags for words in words_of(tag)
    ]
    return {
        "text": one.passage["text"],
        "options": [
            option | {"meta": f"{score[option['id']]:.2f}"} if option["id"] in score else option for option in options
        ],
        "accept": list(score),
        "spans": sorted(spans, key=lambda span: (span["start"], span["end"])),
        "meta": origin(one, is_blind=is_blind) | ({} if is_blind else {"stances": _listed(tags)}),
        "_view_id": "choice",
        "answer": "ignore",
    }


def _person(one: Judged, said: Said, concerns: Sequence[str]) -> dict[str, Any]:
    decided = {*said.holds, *said.rejected}
    known = dict.fromkeys((*concerns, *said.holds, *said.rejected))
    options = [
        concern for concern in known if concern in decided or (said.is_complete and concern not in said.undecided)
    ]
    stances = "; ".join(f"{concern}: {stance}" for concern, stance in said.holds.items() if stance)
    return {
        "text": one.passage["text"],
        "options": [_option(concern) for concern in options],
        "accept": list(said.holds),
        "meta": origin(one, is_blind=False)
        | {"stances": stances, "undecided": "; ".join(said.undecided), "note": said.note},
        "_view_id": "choice",
        "_annotator_id": said.reviewer,
        "_session_id": said.reviewer,
        "answer": "accept" if options else "ignore",
    }


def _option(concern: str) -> dict[str, str]:
    return {"id": concern, "text": concern.replace("_", " ")}


def _listed(tags: Iterable[Any]) -> str:
    return "; ".join(f"{tag['concern']}: {tag['stance']}" for tag in tags)
