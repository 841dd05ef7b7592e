r"""Read the editable originals: TOML front matter between ``+++`` lines, then a small Markdown.

Known to the body: ``#`` to ``###`` headings, paragraphs, ``-`` lists, ``>`` quotes, ``|`` tables, ``~`` small
print, ``[^1]`` footnotes, ``::: box`` and ``::: beside`` (text, ``---``, shaded box) up to ``:::``,
``\newpage`` and ``\columns``. ``<!-- concern stance, ... -->`` on the line above a paragraph, or behind a
table row, labels it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Tags = tuple[tuple[str, str], ...]

LABEL = re.compile(r"\s*<!--(.*?)-->\s*")
NOTE_MARK = re.compile(r"\[\^(\w+)\]")
HEADING_KINDS = {"#": "title", "##": "h1", "###": "h2"}


class OriginalError(ValueError):
    """An original that cannot be read as the small Markdown above."""


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list, table, box or break of an original."""

    kind: str
    text: str = ""
    items: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    children: tuple[Block, ...] = ()
    tags: Tags | None = None
    row_tags: tuple[Tags | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Original:
    """One editable original: where it is, its front matter, its blocks and footnotes."""

    path: Path
    meta: dict[str, Any]
    blocks: tuple[Block, ...]
    notes: dict[str, str]


def parse_tags(text: str) -> Tags:
    """Tags written as ``concern stance, concern stance``; ``none`` is the empty tuple."""
    if text.strip() == "none":
        return ()
    pairs = [tuple(part.split()) for part in text.split(",")]
    if any(len(pair) != 2 for pair in pairs):
        raise OriginalError(f"not 'concern stance, ...': {text!r}")
    return tuple((pair[0], pair[1]) for pair in pairs)


def plain(text: str) -> str:
    """The words of inline Markdown, without emphasis marks and footnote marks."""
    return NOTE_MARK.sub("", text).replace("*", "")


def read_original(path: Path) -> Original:
    """The original at ``path``; raises OriginalError, naming the file, if it is malformed."""
    try:
        _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        notes: dict[str, str] = {}
        blocks = tuple(_blocks(body, notes))
        return Original(path, tomllib.loads(front), blocks, notes)
    except ValueError as error:
        raise OriginalError(f"{path.name}: {error}") from error


def _blocks(body: str, notes: dict[str, str]) -> Iterator[Block]:
    chunks = [chunk.strip("\n") for chunk in re.split(r"\n\s*\n", body) if chunk.strip()]
    position = 0
    while position < len(chunks):
        chunk = chunks[position]
        position += 1
        if chunk.startswith("::: "):
            end = next((i for i in range(position, len(chunks)) if chunks[i] == ":::"), None)
            if end is None:
                raise OriginalError(f"no closing ':::' for {chunk!r}")
            inner = "\n\n".join(chunks[position:end])
            yield Block(chunk[4:].strip(), children=tuple(_blocks(inner, notes)))
            position = end + 1
        elif chunk.startswith("[^"):
            for line in _joined(chunk, "[^"):
                name, text = line[2:].split("]:", 1)
                notes[name] = text.strip()
        else:
            yield _block(chunk)


def _block(chunk: str) -> Block:
    tags: Tags | None = None
    if match := LABEL.match(chunk):
        tags, chunk = parse_tags(match[1]), chunk[match.end() :]
    first = chunk.split(maxsplit=1)[0]
    if first in HEADING_KINDS:
        return Block(HEADING_KINDS[first], _flat(chunk[len(first) :]))
    if first in {"\\newpage", "\\columns", "---"}:
        return Block(first.strip("\\"))
    if first == "-":
        return Block("list", items=tuple(line[2:] for line in _joined(chunk, "- ")), tags=tags)
    if first == "|":
        return _table(chunk)
    if first in {">", "~"}:
        lines = (line.removeprefix(first) for line in chunk.splitlines())
        return Block({">": "quote", "~": "small"}[first], _flat(" ".join(lines)), tags=tags)
    return Block("p", _flat(chunk), tags=tags)


def _table(chunk: str) -> Block:
    rows: list[tuple[str, ...]] = []
    labels: list[Tags | None] = []
    for line in chunk.splitlines():
        label = LABEL.search(line)
        rows.append(tuple(cell.strip() for cell in LABEL.sub("", line).strip().strip("|").split("|")))
        labels.append(parse_tags(label[1]) if label else None)
    if len({len(row) for row in rows}) != 1:
        raise OriginalError(f"table rows differ in length under {rows[0]}")
    return Block("table", rows=tuple(rows), row_tags=tuple(labels))


def _joined(chunk: str, start: str) -> list[str]:
    """Lines that begin with ``start``, each with its continuation lines joined to it."""
    lines: list[str] = []
    for line in chunk.splitlines():
        if line.startswith(start) or not lines:
            lines.append(line)
        else:
            lines[-1] += " " + line.strip()
    return lines


def _flat(text: str) -> str:
    return " ".join(text.split())
