"""Labelled passages: our training data and gold files, JSON lines with ``id, text, tags`` and whatever else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ascn_nlp.errors import TableError
from ascn_nlp.records import STANCES, Passage, Stance

SPLITS = ("train", "heldout")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A passage with the tags a reader gave it. ``group`` keeps together what must not be split: author or document."""

    passage: Passage
    tags: tuple[tuple[str, Stance], ...]
    split: str
    group: str
    genre: str


def read_labelled(paths: Iterable[Path], concerns: Iterable[str]) -> tuple[Labelled, ...]:
    """The passages of JSON-lines files; TableError names file and line of anything that is not understood."""
    known = tuple(concerns)
    found: dict[str, Labelled] = {}
    for path in paths:
        for number, values in read_json_lines(path):
            where = f"{path}:{number}"
            one = _labelled(values, known, where)
            if one.passage.id in found:
                raise TableError(f"the id {one.passage.id!r} stands there twice", where, "give each passage its own id")
            found[one.passage.id] = one
    return tuple(found.values())


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) for each line that is not blank; TableError for one that is no JSON object."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"cannot be read: {error}", str(path), "check the path; save it as UTF-8") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        yield number, parse_json_line(line, f"{path}:{number}")


def parse_json_line(line: str, where: str) -> dict[str, Any]:
    """The object on one line; TableError when it is none."""
    try:
        value = json.loads(line)
    except ValueError as error:
        raise TableError(f"is not JSON: {error}", where, "one object a line") from error
    if not isinstance(value, dict):
        raise TableError("is not a JSON object", where, 'write {"id": ..., "text": ...}')
    return value


def text_passage(values: dict[str, Any], where: str) -> Passage:
    """A passage that comes as ``{"id", "text", "heading"?}``; TableError when it lacks id or text."""
    id_, text, heading = values.get("id"), values.get("text"), values.get("heading") or ()
    if not isinstance(id_, str | int) or not isinstance(text, str):
        raise TableError("needs a text and an id", where, '{"id": "p1", "text": "..."}')
    path = (heading,) if isinstance(heading, str) else tuple(map(str, heading))
    return Passage(str(id_), str(id_), 0, "paragraph", 0, len(text), text, path, language=str(values.get("lang") or ""))


def _labelled(values: dict[str, Any], concerns: tuple[str, ...], where: str) -> Labelled:
    passage = text_passage(values, where)
    tags: dict[str, Stance] = {}
    for tag in values.get("tags", ()):
        concern, stance = tag.get("concern"), tag.get("stance")
        if concern not in concerns:
            raise TableError(f"{concern!r} is no concern of the taxonomy", where, f"one of: {', '.join(concerns)}")
        if stance not in STANCES:
            raise TableError(f"{stance!r} is no stance", where, f"one of: {', '.join(STANCES)}")
        tags[concern] = stance
    split = values.get("split", "train")
    if split not in SPLITS:
        raise TableError(f"{split!r} is no split", where, f"one of: {', '.join(SPLITS)}")
    document = f"{values.get('source', '')} {values['path']}" if "path" in values else passage.id
    genre = str(values.get("genre") or values.get("register") or "")
    return Labelled(passage, tuple(tags.items()), split, str(values.get("author") or document), genre)
