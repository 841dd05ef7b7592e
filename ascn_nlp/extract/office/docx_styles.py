"""The styles of a Word document: what a paragraph is by the one it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

# Word keeps the English names of its own styles, whatever language it shows them in; only the ids are translated.
_HEADING = re.compile(r"heading (\d)\b", re.IGNORECASE)
_LIST = re.compile(r"list(?: bullet| number)?(?: (\d))?$", re.IGNORECASE)
_CONTENTS = re.compile(
    r"(?:toc (?:\d|heading)|contents heading|table of (?:figures|authorities)|index \d)$", re.IGNORECASE
)
_CAPTION = re.compile(r"(?:caption|figure|illustration|table|drawing)$", re.IGNORECASE)  # Word has the first alone
BODY_LEVEL = 9  # of the outline: none
_DEEPEST = 20  # styles based on one another; more is a circle


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph of this style is. ``level`` is that of a heading or list item, from 1."""

    kind: Literal["paragraph", "heading", "title", "caption", "list_item", "contents"] = "paragraph"
    level: int = 0


def read_styles(root: Any) -> Mapping[str, Style]:
    """Each paragraph style by its id, with what it inherits from those it is based on."""
    if root is None:
        return {}
    styles = {each.get(f"{W}styleId"): each for each in root.iterchildren(f"{W}style")}
    return {name: _resolve(list(_bases(name, styles))) for name in styles}


def value(element: Any, path: str) -> str | None:
    """The w:val of the element at ``path``, "" when it has none; None when there is no such element."""
    found = element.find(path)
    return None if found is None else found.get(f"{W}val") or ""


def number(text: str | None) -> int | None:
    """The number that an attribute states; None when it states none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < _DEEPEST else None


def _bases(name: str, styles: Mapping[str, Any]) -> Iterator[Any]:
    for _ in range(_DEEPEST):
        if (style := styles.get(name)) is None:
            return
        yield style
        name = value(style, f"{W}basedOn") or ""


def _resolve(chain: list[Any]) -> Style:
    names = [value(style, f"{W}name") or "" for style in chain]
    if any(_CONTENTS.match(name) for name in names):
        return Style("contents")
    if level := _heading_level(chain, names):
        return Style("heading", level)
    if any(name.lower() == "title" for name in names):
        return Style("title", 1)
    if any(_CAPTION.match(name) for name in names):
        return Style("caption")
    listed = next((match for name in names if (match := _LIST.match(name))), None)
    depth = next((found for style in chain if (found := list_level(style)) is not None), None)
    if depth == 0 or (depth is None and not listed):
        return Style()
    return Style("list_item", max(depth or 1, int(listed[1] or 1) if listed else 1))


def _heading_level(chain: list[Any], names: list[str]) -> int:
    for style, name in zip(chain, names, strict=True):
        if (outline := number(value(style, f"{W}pPr/{W}outlineLvl"))) is not None:
            return outline + 1 if outline < BODY_LEVEL else 0
        if match := _HEADING.match(name):
            return int(match[1])
    return 0


def list_level(element: Any) -> int | None:
    """How deep in a list a paragraph or style puts itself, from 1; 0 for out of any; None when it does not say."""
    if (listed := element.find(f"{W}pPr/{W}numPr")) is None:
        return None
    if number(value(listed, f"{W}numId")) == 0:
        return 0
    return 1 + (number(value(listed, f"{W}ilvl")) or 0)
