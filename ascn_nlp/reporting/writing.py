"""The report's tables as CSV, Markdown and XLSX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ascn_nlp.report.states import states_table
from ascn_nlp.report.tables import coverage_table, finding_table, matrix_table, tagger_table
from ascn_nlp.report.whole import Report
from ascn_nlp.reporting.wording import notes_of
from ascn_nlp.review.cells import shield

if TYPE_CHECKING:
    from pandas import DataFrame

_DECIMALS = 3
_WIDEST = 40  # characters of a column of a sheet
_LINE_OR_BAR = re.compile(r"[|\r\n]+")
# The same content is the same bytes: else a workbook says when it was made.
_MADE = datetime(1980, 1, 1)


def tables_of(report: Report, with_years: bool = True, stances: tuple[str, ...] = ()) -> dict[str, DataFrame]:
    """{name: table} of all that the report counts."""
    import pandas as pd

    return {
        "matrix": matrix_table(report, with_years, stances),
        "finding": finding_table(report),
        "coverage": coverage_table(report),
        "sensitivity": report.variants,
        "robustness": report.robustness,
        "tagger": tagger_table(report),
        "states": states_table(),
        "notes": pd.DataFrame({"note": list(notes_of(report))}),
    }


def csv_text(table: DataFrame) -> str:
    """The table as RFC 4180 text, numbers rounded; texts that a spreadsheet would run are shielded."""
    text: str = _plain(table).to_csv(index=False, lineterminator="\r\n")
    return text


def markdown_text(table: DataFrame, notes: Iterable[str] = ()) -> str:
    """The table in Markdown, and below it the notes as a list."""
    rows = [list(table.columns), ["---"] * len(table.columns), *_plain(table).astype(str).to_numpy().tolist()]
    lines = "".join("| " + " | ".join(_LINE_OR_BAR.sub("/", str(cell)) for cell in row) + " |\n" for row in rows)
    # A table ends at an empty line.
    told = "".join(f"- {' '.join(note.split())}\n" for note in notes)
    return f"{lines}\n{told}" if told else lines


def write_workbook_of(path: Path, tables: Mapping[str, DataFrame]) -> None:
    """Write the tables as sheets of a workbook, each with a header that stands still and a filter."""
    import xlsxwriter

    # Nothing that a table holds may be taken for a formula or an address.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": _MADE})
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E7E6E6"})
        for name, table in tables.items():
            sheet = workbook.add_worksheet(name)
            plain = _plain(table)
            sheet.write_row(0, 0, list(plain.columns), bold)
            for number, row in enumerate(plain.to_numpy().tolist(), 1):
                for column, value in enumerate(row):
                    _write(sheet, number, column, value)
            for column, heading in enumerate(plain.columns):
                longest = max([len(str(heading)), *(len(str(value)) for value in plain[heading].head(200))])
                sheet.set_column(column, column, min(longest + 2, _WIDEST))
            sheet.freeze_panes(1, 0)
            if len(plain):
                sheet.autofilter(0, 0, len(plain), len(plain.columns) - 1)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, str):
        if value:
            sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _plain(table: DataFrame) -> DataFrame:
    """The table with numbers rounded, what is not known empty, and texts shielded."""
    import pandas as pd

    plain = table.copy().astype(object)
    for name in table.columns:
        column = table[name]
        if column.dtype.kind == "f":
            plain[name] = ["" if value != value else round(float(value), _DECIMALS) for value in column]
        elif column.dtype.kind in "iub":
            plain[name] = ["" if value is pd.NA else value for value in column]
        else:
            plain[name] = [shield(str(value)) for value in column]
    return plain
