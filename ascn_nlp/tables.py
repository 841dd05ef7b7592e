"""TOML tables that people edit, read so that every complaint names file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ascn_nlp.errors import TableError

_NAME = r"""(?:"[^"]+"|'[^']+'|[A-Za-z0-9_-]+)"""
_DOTTED = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_HEADER = re.compile(rf"^\s*\[\[?\s*({_DOTTED})\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=")


@dataclass(frozen=True, slots=True)
class Table:
    """A parsed TOML file that still knows on which line each key stands."""

    path: Path
    values: dict[str, Any]
    lines: Mapping[tuple[str, ...], int]

    def error(self, what: str, *key: str, remedy: str = "") -> TableError:
        """An error about ``key`` (outermost table first), to be raised by the caller."""
        line = next((self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines), 1)
        name = ".".join(key)
        return TableError(what, f"{self.path}:{line}" + (f": {name}" if name else ""), remedy)

    def refuse_unknown(self, given: Iterable[str], known: Iterable[str], *key: str) -> None:
        """Raise TableError for the first key that is not known, naming those that are."""
        names = tuple(known)
        for name in given:
            if name not in names:
                raise self.error("unknown key", *key, name, remedy=f"known keys: {', '.join(names)}")

    def text(self, values: Mapping[str, Any], name: str, *key: str, default: str | None = None) -> str:
        """The string under ``name``; TableError when it is missing without a default, empty, or no string."""
        value = values.get(name, default)
        if value is None:
            raise self.error(f"{name!r} is missing", *key, remedy=f'add {name} = "..."')
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error("must be a text that is not empty", *key, name, remedy=f'{name} = "..."')
        return value

    def texts(self, values: Mapping[str, Any], name: str, *key: str) -> tuple[str, ...]:
        """The list of strings under ``name``, empty when it is not given."""
        value = values.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error("must be a list of texts", *key, name, remedy=f'{name} = ["...", "..."]')
        return tuple(value)


def read_table(path: Path) -> Table:
    """The TOML file at ``path``; TableError when it is missing, not UTF-8 or not TOML."""
    try:
        source = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TableError("there is no such file", str(path), "check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"cannot be read: {error}", str(path), "save it as UTF-8 text") from None
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{path}:{line[1] if line else len(source.splitlines())}"
        raise TableError(f"is not valid TOML: {error}", where, "mend that line") from None
    return Table(path, values, _key_lines(source))


def _key_lines(source: str) -> dict[tuple[str, ...], int]:
    """Line numbers (from 1) by key path; of repeated tables the path is that of the first.

    tomllib keeps no positions. A key inside a multi-line string could be taken for a real one, which would at worst
    misplace a line number in an error message.
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(source.split("\n"), 1):
        if header := _HEADER.match(line):
            path = table = _parts(header[1])
        elif key := _KEY.match(line):
            path = table + _parts(key[1])
        else:
            continue
        for depth in range(1, len(path) + 1):
            lines.setdefault(path[:depth], number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))
