"""How results and progress look: tables on stdout, progress on stderr."""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

import typer
from rich.cells import cell_len

from ascn_nlp import progress


def note(text: str) -> None:
    """A line for people, on stderr."""
    typer.echo(text, err=True)


def line(value: Any) -> None:
    """A line of data on stdout: JSON for anything but a string."""
    try:
        typer.echo(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    except BrokenPipeError:
        # Whoever read our output has seen enough, as in `ascn-nlp tag ... | head`; what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def dated(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The row with its times as ISO 8601 in UTC; SQLite gives them without their zone."""

    def shown(value: Any) -> Any:
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat() if isinstance(value, datetime) else value

    return {str(key): shown(value) for key, value in row.items()}


def json_ready(value: Any) -> Any:
    """Records as plain values: tuples with names as mappings, times as ISO 8601 in UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: json_ready(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return json_ready(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): json_ready(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [json_ready(one) for one in value]
    return value.replace(tzinfo=value.tzinfo or UTC).isoformat() if isinstance(value, datetime) else value


# A column is not made narrower than this, even if a table of many columns then grows wider than the terminal.
_NARROWEST = 16


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout in plain text, to be pasted anywhere; columns that hold only numbers are set to the right.

    Where it would be wider than the terminal, the cells of the widest columns go on in the next line; a word, such as a
    path, is never cut, and pushes nothing out of its column.
    """
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    lines = [list(columns), *cells]
    widths = _widths(lines, shutil.get_terminal_size().columns)
    is_right = [bool(cells) and all(_is_number(row[n]) for row in cells) for n in range(len(columns))]
    line(f"\n{title}")
    for row in (lines[0], ["-" * width for width in widths], *cells):
        parts = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for shown in zip_longest(*parts, fillvalue=""):
            line("  ".join(map(_padded, shown, widths, is_right)).rstrip())


def _widths(lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column is: the widest are narrowed in turn until all fit, but none below its longest word.

    The last one may be: what sticks out of it moves nothing.
    """
    columns = list(zip(*lines, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    for n in sorted(range(len(widths)), key=lambda n: -widths[n]):
        too_wide = sum(widths) + 2 * (len(widths) - 1) - room
        if too_wide <= 0:
            break
        words = [] if n == len(widths) - 1 else [word for cell in columns[n] for word in _wrapped(cell, 1)]
        least = max([_NARROWEST, *map(cell_len, words)])
        widths[n] = min(widths[n], max(widths[n] - too_wide, least))
    return widths


def _wrapped(cell: str, width: int) -> list[str]:
    if cell_len(cell) <= width:
        return [cell]
    return textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False) or [""]


def _is_number(cell: str) -> bool:
    return cell == "" or cell.replace(".", "", 1).isdigit()


def _padded(cell: str, width: int, is_right: bool) -> str:
    blanks = " " * (width - cell_len(cell))
    return blanks + cell if is_right else cell + blanks


@contextmanager
def steps_shown() -> Iterator[None]:
    """Within it, each step that begins has a line, with the time since the first: minutes and seconds."""
    begun = time.monotonic()

    def show(step: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - begun), 60)
        note(f"{minutes}:{seconds:02} {step} ...")

    with progress.hearing(show):
        yield


@contextmanager
def progress_shown() -> Iterator[None]:
    """Within it, stages show how far they are: a bar on a terminal, else a line at the end of each stage."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<6}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if total is not None:
                tasks[stage] = bars.add_task(stage, total=total)
                if total and not console.is_terminal:
                    note(f"{stage}: {total} documents")
            elif stage in tasks:
                bars.advance(tasks[stage], done)

        with progress.listening(show):
            yield
