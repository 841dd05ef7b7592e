"""HTML that nests deeper than the parser goes: noticed, and made flat enough to be read."""

from __future__ import annotations

import re
from typing import Any

# libxml2 stops at 256 elements in one another, and drops all that follows.
_STOPPED = 250
# Elements that only stand around others, for style or place; <p> parts text as they do, and does not nest.
_PLACING = re.compile(
    r"<(/?)(?:div|section|center|blockquote|fieldset|form|table|tbody|thead|tr|td|th|ul|ol|li|dl|dd)\b[^<>]*>",
    re.IGNORECASE,
)
_STYLING = re.compile(r"</?(?:span|font|b|i|u|s|em|strong|small|big|tt|sub|sup|a|q|ins|mark)\b[^<>]*>", re.IGNORECASE)


def is_cut_off(tree: Any) -> bool:
    """Whether the parser stopped at its limit: what it read last then lies that deep."""
    depth = 0
    while len(tree):
        tree = tree[-1]
        depth += 1
    return depth >= _STOPPED


def flatten(page: str) -> str:
    """``page`` without the elements that nest, paragraphs in the place of those that part text."""
    return _PLACING.sub(r"<\1p>", _STYLING.sub("", page))
