"""The formats that an export can have, and what writes each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from ascn_nlp.errors import OptionError
from ascn_nlp.records import STANCES
from ascn_nlp.review import citations
from ascn_nlp.review.columns import COLUMNS, DECISIONS, WHOLE, wide_columns
from ascn_nlp.review.delimited import to_csv
from ascn_nlp.review.exchange import FORMATS
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.label_studio import label_studio_config
from ascn_nlp.review.rows import Form, Row, long_rows, wide_rows

T = TypeVar("T")

# Those that a person fills in and that come back.
REVIEW_FORMATS = ("csv", "xlsx")
CITATIONS: dict[str, Callable[[Iterable[Any]], Iterator[str]]] = {
    "bibtex": citations.bibtex,
    "csl-json": citations.csl_json,
}
FORMAT_NAMES = (*REVIEW_FORMATS, *FORMATS, *CITATIONS)
_ENDINGS = {".csv": "csv", ".xlsx": "xlsx", ".bib": "bibtex", ".jsonld": "web-annotation"}


def format_of(path: Path, name: str, is_wide: bool) -> str:
    """The format of this name, or the one that the file's ending tells; OptionError where there is none."""
    found = name or _ENDINGS.get(path.suffix.lower(), "")
    if name and name not in FORMAT_NAMES:
        raise OptionError(f"{name!r} is no format", "--format", f"one of: {', '.join(FORMAT_NAMES)}")
    if not found:
        remedy = f"end it in .csv or .xlsx, or give --format, one of: {', '.join(FORMAT_NAMES)}"
        raise OptionError(f"the ending of {path.name} tells no format", "OUT", remedy)
    if is_wide and found not in REVIEW_FORMATS:
        raise OptionError(f"{found} has no wide form", "--wide", "write CSV or XLSX")
    return found


def write(path: Path, found: Iterable[Judged], form: Form, is_wide: bool, format_: str) -> int:
    """How many rows (of citations documents, of other formats passages) were written."""
    if format_ in REVIEW_FORMATS:
        return _write_review(path, found, form, is_wide, format_)
    counted: _Counted[Any]
    if format_ in CITATIONS:
        counted = _Counted(citations.cited(found))
        lines = CITATIONS[format_](counted)
    else:
        counted = _Counted(found)
        lines = FORMATS[format_](counted, form.concerns, form.is_blind)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    return counted.count


def companion(path: Path, form: Form, format_: str) -> tuple[Path, str] | None:
    """A file that a program needs beside the export, and its content: Label Studio's labelling configuration."""
    if format_ != "label-studio":
        return None
    return path.with_name(path.stem + ".labels.xml"), label_studio_config(form.concerns)


def _write_review(path: Path, found: Iterable[Judged], form: Form, is_wide: bool, format_: str) -> int:
    columns = wide_columns(form.concerns, form.is_blind) if is_wide else COLUMNS
    make = wide_rows if is_wide else long_rows
    rows: _Counted[Row] = _Counted(row for one in found for row in make(one, form))
    if format_ == "csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(to_csv(columns, rows))
    else:
        from ascn_nlp.review.workbook import write_workbook

        with path.open("wb") as binary:
            write_workbook(binary, columns, rows, _choices(form.concerns, is_wide))
    return rows.count


class _Counted(Iterable[T]):
    """The same things, counted as they go."""

    def __init__(self, things: Iterable[T]) -> None:
        self._things, self.count = things, 0

    def __iter__(self) -> Iterator[T]:
        for one in self._things:
            self.count += 1
            yield one


def _choices(concerns: tuple[str, ...], is_wide: bool) -> dict[str, tuple[str, ...]]:
    """The words that a column of a workbook offers."""
    if is_wide:
        return {WHOLE: ("yes", "no"), **dict.fromkeys(concerns, (*STANCES, "yes", "no", "unsure"))}
    return {"decision": DECISIONS, "concern_reviewed": concerns, "stance_reviewed": STANCES}
