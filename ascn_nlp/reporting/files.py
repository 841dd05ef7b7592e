"""The report as a file or as text, in the format asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ascn_nlp.errors import OptionError
from ascn_nlp.replacing import replacing
from ascn_nlp.report.tables import matrix_table
from ascn_nlp.report.whole import PLACES, Report
from ascn_nlp.reporting.wording import notes_of
from ascn_nlp.reporting.writing import csv_text, markdown_text, tables_of, write_workbook_of
from ascn_nlp.workspace import Workspace

if TYPE_CHECKING:
    from pandas import DataFrame

FORMATS = ("csv", "md", "xlsx", "html")
_TEXTS: dict[str, Callable[[DataFrame, Sequence[str]], str]] = {
    "csv": lambda table, _: csv_text(table),
    "md": markdown_text,
}


def keys_of(by: str) -> tuple[str, bool]:
    """(kind of place, whether years are apart) of "city,year" and the like; OptionError for other keys."""
    keys = [key.strip().lower() for key in by.split(",") if key.strip()]
    places = list(dict.fromkeys(key for key in keys if key in PLACES))
    remedy = "city or country, with year or without: city,year"
    for key in keys:
        if key not in (*PLACES, "year"):
            raise OptionError(f"{key!r} is no key", "--by", remedy)
    if len(places) > 1:
        raise OptionError(f"{by!r} names two kinds of place", "--by", "city or country, not both: city,year")
    if not places:
        raise OptionError(f"{by!r} names no kind of place", "--by", remedy)
    return places[0], "year" in keys


def printable(format_: str) -> str:
    """The format, which can be printed; OptionError for one that cannot."""
    if format_ not in _TEXTS:
        remedy = "csv or md; xlsx and html need --out FILE" if format_ in FORMATS else f"one of: {', '.join(FORMATS)}"
        raise OptionError(f"{format_!r} cannot be printed", "--format", remedy)
    return format_


def format_of(path: Path, format_: str = "") -> str:
    """The format that is named, or that the file's ending tells; OptionError where it is none, or a folder's name."""
    if path.is_dir():
        raise OptionError(f"{path} is a folder", "--out", "name a file in it")
    if format_ and format_ not in FORMATS:
        raise OptionError(f"{format_!r} is no format", "--format", f"one of: {', '.join(FORMATS)}")
    found = format_ or path.suffix.lower().removeprefix(".")
    if found not in FORMATS:
        remedy = f"end it in {', '.join('.' + name for name in FORMATS)}, or give --format"
        raise OptionError(f"{path.name} tells no format", "--out", remedy)
    return found


def text_of(report: Report, format_: str, with_years: bool, stances: Sequence[str]) -> str:
    """The matrix as text, in Markdown with the notes; OptionError for a format that is none."""
    return _TEXTS[printable(format_)](matrix_table(report, with_years, stances), notes_of(report))


def write_report(
    workspace: Workspace, report: Report, path: Path, format_: str, with_years: bool, stances: Sequence[str]
) -> None:
    """Write the report; a file that is there is replaced once the new one is whole.

    OptionError where neither ``format_`` nor the file's ending names a format.
    """
    format_ = format_of(path, format_)
    with replacing(path) as unfinished:
        if format_ == "html":
            from ascn_nlp.reporting.showing import page_of

            with unfinished.open("w", encoding="utf-8", newline="") as file:
                file.writelines(page_of(workspace, report))
        elif format_ == "xlsx":
            write_workbook_of(unfinished, tables_of(report, with_years, tuple(stances)))
        else:
            encoding = "utf-8-sig" if format_ == "csv" else "utf-8"
            unfinished.write_text(text_of(report, format_, with_years, stances), encoding=encoding, newline="")
