"""Records -> JSON, a line each: for files that are written, and read, a record at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

# JSON allows these within strings, but some programs take them for the end of a line.
_LINE_ENDS = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"})


def line(record: Any, *, is_ascii: bool = False) -> str:
    """One line of JSON with its line feed; other letters than ASCII as they are, unless ``is_ascii``."""
    return json.dumps(record, ensure_ascii=is_ascii, allow_nan=False).translate(_LINE_ENDS) + "\n"


def array(records: Iterable[Any]) -> Iterator[str]:
    """Lines of one JSON array, a record a line; ``[`` and ``]`` stand on lines of their own."""
    yield "[\n"
    yield from elements(records)
    yield "]\n"


def elements(records: Iterable[Any]) -> Iterator[str]:
    """Lines of what stands within an array, a record a line."""
    for number, record in enumerate(records):
        # The comma comes before a record: whether another follows is not known while one is written.
        yield ("," if number else "") + line(record)
