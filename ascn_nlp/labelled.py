"""Labelled passages: our training data and gold files, JSON lines with ``id, text, tags`` and whatever else."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ascn_nlp.errors import TableError
from ascn_nlp.records import STANCES, Passage, Stance, digest

SPLITS = ("train", "heldout")
# Written as ordinary documents are, or hard on purpose: concerns without their usual words, and the words without them.
STYLES = ("everyday", "hard")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A passage with the tags a reader gave it. ``group`` keeps together what must not be split: author or document.

    ``unknown`` are concerns that the reader did not speak of: the passage is neither with nor without them.
    """

    passage: Passage
    tags: tuple[tuple[str, Stance], ...]
    split: str
    style: str
    group: str
    genre: str
    unknown: frozenset[str] = frozenset()
    is_reviewed: bool = False  # labelled by a person who reviewed tags


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
        lines = path.read_bytes().removeprefix(BOM_UTF8).split(b"\n")
    except OSError as error:
        raise TableError(f"cannot be read: {error.strerror}", str(path), "check the path") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            yield number, parse_json_line(line, where)


def parse_json_line(line: bytes, where: str) -> dict[str, Any]:
    """The object on one line; TableError when it is none."""
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise TableError(f"is not UTF-8: {error}", where, "save it as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise TableError(f"is not JSON: {error}", where, "one object a line") from error
    if not isinstance(value, dict):
        raise TableError("is not a JSON object", where, 'write {"id": ..., "text": ...}')
    return value


def text_passage(values: dict[str, Any], where: str) -> Passage:
    """A passage that comes as ``{"id", "text", "heading"?}``; TableError when it lacks id or text."""
    id_, text, heading = values.get("id"), values.get("text"), values.get("heading") or []
    if not isinstance(id_, str | int) or isinstance(id_, bool) or not isinstance(text, str):
        raise TableError("needs a text and an id", where, '{"id": "p1", "text": "..."}')
    if not isinstance(heading, str | list):
        raise TableError("the heading must be a text, or a list of texts", where, '"heading": ["Chapter", "Section"]')
    path = (heading,) if isinstance(heading, str) else tuple(map(str, heading))
    for name, given in (("text", text), ("heading", "".join(path))):
        if not given.isascii() and any("\ud800" <= character <= "\udfff" for character in given):
            what = f"the {name} holds half a character (a lone surrogate)"
            raise TableError(what, where, "write it anew from its source")
    return Passage(str(id_), str(id_), 0, "paragraph", 0, len(text), text, path, language=str(values.get("lang") or ""))


def passage_key(passage: Passage) -> int:
    """A 64-bit name of a passage's words and headings, whatever its id."""
    return int(digest(passage.text, passage.heading_line), 16)


def join_reviews(ours: Sequence[Labelled], reviewed: Sequence[Labelled], concerns: Sequence[str]) -> list[Labelled]:
    """Our passages and those that people judged; of the same words a person's label counts, and ours where nobody did.

    Words that are held out in one document are not learned from in another.
    """
    judged: dict[int, set[str]] = defaultdict(set)
    for one in reviewed:
        judged[passage_key(one.passage)] |= set(concerns) - one.unknown
    unread = {passage_key(one.passage) for one in reviewed if one.split == "heldout"}
    kept = []
    for one in ours:
        key = passage_key(one.passage)
        if key not in judged:
            kept.append(one)
        elif key not in unread and one.split == "train":
            tags = tuple(tag for tag in one.tags if tag[0] not in judged[key])
            kept.append(replace(one, tags=tags, unknown=one.unknown | judged[key]))
    kept += [one for one in reviewed if one.split == "heldout" or passage_key(one.passage) not in unread]
    return [one for one in kept if says_anything(one, concerns)]


def says_anything(one: Labelled, concerns: Iterable[str]) -> bool:
    """Whether any of these concerns is known to be there or not to be there."""
    return not one.unknown.issuperset(concerns)


def _labelled(values: dict[str, Any], concerns: tuple[str, ...], where: str) -> Labelled:
    passage = text_passage(values, where)
    tags: dict[str, Stance] = {}
    given = values.get("tags", [])
    if not isinstance(given, list) or not all(isinstance(tag, dict) for tag in given):
        raise TableError("tags must be a list of objects", where, '"tags": [{"concern": "...", "stance": "..."}]')
    for tag in given:
        concern, stance = tag.get("concern"), tag.get("stance")
        if concern not in concerns:
            raise TableError(f"{concern!r} is no concern of the taxonomy", where, f"one of: {', '.join(concerns)}")
        if stance not in STANCES:
            raise TableError(f"{stance!r} is no stance", where, f"one of: {', '.join(STANCES)}")
        if tags.setdefault(concern, stance) != stance:
            raise TableError(f"{concern!r} has two stances", where, "keep the one that counts")
    split, style = values.get("split", "train"), values.get("style", "everyday")
    for name, value, choices in (("split", split, SPLITS), ("style", style, STYLES)):
        if value not in choices:
            raise TableError(f"{value!r} is no {name}", where, f"one of: {', '.join(choices)}")
    document = f"{values.get('source', '')} {values['path']}" if "path" in values else passage.id
    genre = str(values.get("genre") or values.get("register") or "")
    return Labelled(passage, tuple(tags.items()), split, style, str(values.get("author") or document), genre)
