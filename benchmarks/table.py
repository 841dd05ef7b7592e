"""What a benchmark returns, and how it is written down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of one benchmark; ``notes`` say what each of them is."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much work a run of the benchmarks is. ``pdfs`` is a folder of PDFs to read beside our own.

    ``cases`` broken files are drawn with ``seed``. ``gold`` is a file of labelled passages to measure on.
    """

    rounds: int
    pages: int  # of the PDF that is read for speed
    most_pages: int  # of the PDF that is read for its memory
    passages: int
    documents: int
    growth: tuple[int, int]  # documents
    cases: int
    seed: int = 1
    long_run: int = 100_000  # passages tagged by one process
    articles: int = 20_000  # in which stories are looked for
    review_rows: tuple[int, int] = (100_000, 10_000)  # as CSV, as XLSX
    labelled: int = 100_000  # passages that models are compared on, at most
    corpora: int = 1_000  # made, for each setting in which intervals are tried
    pdfs: Path | None = None
    gold: Path | None = None


FULL = Sizes(rounds=5, pages=60, most_pages=1000, passages=1600, documents=1000, growth=(250, 2000), cases=10_000)
TINY = Sizes(
    rounds=1, pages=2, most_pages=3, passages=40, documents=6, growth=(2, 4), cases=20, labelled=400, long_run=2_000,
    articles=400, review_rows=(300, 60), corpora=10,
)  # fmt: skip


def markdown(name: str, table: Table) -> str:
    """The table in Markdown, under its title and with the command that makes it."""
    lines = [
        f"## {table.title}",
        "",
        f"`python -m benchmarks {name}`",
        "",
        _row(table.columns),
        _row(["---", *["---:"] * (len(table.columns) - 1)]),
        *map(_row, table.rows),
        "",
        *(f"- {note}" for note in table.notes),
    ]
    return "\n".join(lines) + "\n"


def replace_part(text: str, name: str, new: str) -> str:
    """``text`` with ``new`` between the markers of ``name``; markers that are missing are put at the end."""
    start, end = f"<!-- {name}: generated -->", f"<!-- {name}: end -->"
    part = f"{start}\n{new}{end}"
    if start not in text:
        return f"{text.rstrip()}\n\n{part}\n".lstrip()
    return re.sub(f"{re.escape(start)}.*?{re.escape(end)}", lambda _: part, text, count=1, flags=re.DOTALL)


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
