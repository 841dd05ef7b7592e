"""How results and progress look: tables on stdout, progress on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from ascn_nlp import progress


def note(text: str) -> None:
    """A line for people, on stderr."""
    typer.echo(text, err=True)


def line(value: Any) -> None:
    """A line of data on stdout: JSON for anything but a string."""
    typer.echo(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout; columns that hold only numbers are set to the right."""
    from rich.console import Console
    from rich.table import Table

    cells = [["" if value is None else str(value) for value in row] for row in rows]
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="")
    for n, name in enumerate(columns):
        is_number = bool(cells) and all(row[n].replace(".", "").replace("-", "").isdigit() for row in cells if row[n])
        shown.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in cells:
        shown.add_row(*row)
    console = Console(highlight=False, markup=False)
    console.print(shown)


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
