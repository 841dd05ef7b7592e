"""The styles of an OpenDocument text: what a paragraph is by the one it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"

# Captions of figures, tables and drawings have styles of these names, based on the first.
_CAPTION = re.compile(r"(?:caption|illustration|table|figure|drawing)$", re.IGNORECASE)
_DEEPEST = 20  # styles based on one another; more is a circle


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph or a run of words of this style is."""

    kind: Literal["paragraph", "title", "caption"] = "paragraph"
    is_hidden: bool = False


def read_styles(*roots: Any) -> Mapping[tuple[str, str], Style]:
    """Each style by its family ("paragraph", "text") and name, with what it inherits; a root may be None."""
    elements = {
        (each.get(f"{STYLE}family") or "", each.get(f"{STYLE}name") or ""): each
        for root in roots
        if root is not None
        for each in root.iter(f"{STYLE}style")
    }
    return {(family, name): _resolve(family, name, elements) for family, name in elements}


def _resolve(family: str, name: str, elements: Mapping[tuple[str, str], Any]) -> Style:
    names: list[str] = []
    displays: list[str] = []
    for _ in range(_DEEPEST):
        if (element := elements.get((family, name))) is None:
            break
        names.append(name)
        displays += [text.get(f"{TEXT}display") for text in element.iterchildren(f"{STYLE}text-properties")]
        name = element.get(f"{STYLE}parent-style-name") or ""
    stated = next((display for display in displays if display), "")
    kind: Literal["paragraph", "title", "caption"] = "paragraph"
    if "Title" in names:
        kind = "title"
    elif any(_CAPTION.match(each) for each in names):
        kind = "caption"
    return Style(kind, stated == "none")
