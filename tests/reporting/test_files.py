from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest

import ascn_nlp
from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.report.states import STATES
from ascn_nlp.reporting import files
from ascn_nlp.reporting.files import FORMATS, format_of, keys_of, text_of, write_report
from ascn_nlp.reporting.gathering import make_report

ONE_CONCERN = Filters(concern=("displacement",), since="2018", until="2024")


@pytest.fixture
def report(made):
    return make_report(made, ONE_CONCERN)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("by", "keys"),
    [("city,year", ("city", True)), ("country", ("country", False)), (" Year , Country ", ("country", True))],
)
def test_keys_are_a_place_and_perhaps_the_year(by, keys):
    assert keys_of(by) == keys


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("", "'' names no kind of place (city or country, with year or without"),
        (",", "names no kind of place (city or country, with year or without"),
        ("year", "'year' names no kind of place (city or country, with year or without"),
        ("planet", "'planet' is no key (city or country, with year or without"),
        ("city,month", "'month' is no key (city or country, with year or without"),
        ("city,country", "'city,country' names two kinds of place (city or country, not both"),
    ],
)
def test_other_keys_are_refused_with_what_is_wrong_and_those_there_are(by, told):
    with pytest.raises(OptionError, match=f"--by: .*{re.escape(told)}"):
        keys_of(by)


def test_a_csv_has_a_row_for_each_place_and_year(made, report, tmp_path):
    path = tmp_path / "new" / "r.csv"
    write_report(made, report, path, "", True, ())
    assert path.read_bytes().startswith("\ufeffconcern,concern_name,theme,city,country,year,state,passages".encode())
    rows = rows_of(path.read_text(encoding="utf-8-sig"))
    assert len(rows) == len(report.places) * 7
    [one] = [row for row in rows if (row["city"], row["year"]) == ("Hanoi", "2021")]
    assert (one["state"], one["raised_stories"], one["raised_documents"], one["stories"]) == (
        "unanswered", "1", "3", "13",
    )  # fmt: skip
    assert (one["gap"], one["raised_corrected"]) == ("1.0", ""), "what is not known is empty"
    assert not list(path.parent.glob("*.part"))


def test_without_years_there_is_a_row_for_each_place(report):
    rows = rows_of(text_of(report, "csv", False, ()))
    assert len(rows) == len(report.places) and "year" not in rows[0]


def test_a_stance_leaves_out_the_columns_of_others_and_keeps_state_and_gap(report):
    columns = rows_of(text_of(report, "csv", True, ("raised",)))[0].keys()
    assert {"state", "gap", "gap_low", "raised_stories", "share_raised", "raised_official", "stories"} <= set(columns)
    assert not [name for name in columns if "addressed" in name or "described" in name]


def test_markdown_is_one_table_and_below_it_a_list_of_notes(report):
    table, _, notes = text_of(report, "md", False, ("raised",)).partition("\n\n")
    lines = table.splitlines()
    assert notes.splitlines()[1] == f"- Made by: {report.command}"
    assert len(notes.splitlines()) == len(report.notes) + 2
    assert len(lines) == len(report.places) + 2 and lines[1].startswith("| --- |")
    assert {line.count("|") for line in lines} == {lines[0].count("|")}
    assert any(line.startswith("| displacement |") and "| Hanoi | VN | unanswered |" in line for line in lines)


def test_a_workbook_has_all_tables_with_numbers_as_numbers(made, report, tmp_path):
    write_report(made, report, tmp_path / "r.xlsx", "", True, ())
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    counted = ["matrix", "finding", "coverage", "sensitivity", "robustness"]
    assert book.sheetnames == [*counted, "tagger", "states", "notes"]
    header, *rows = book["matrix"].values
    [one] = [row for row in rows if (row[header.index("city")], row[header.index("year")]) == ("Hanoi", 2021)]
    assert one[header.index("raised_documents")] == 3 and one[header.index("raised_corrected")] is None
    assert [row[0] for row in book["notes"].values][1:] == [
        "Dates of documents: 2018 to 2024. Only: concern displacement.", f"Made by: {report.command}", *report.notes,
    ]  # fmt: skip
    names = {row[0]: row[2] for row in book["states"].values}
    assert names["unanswered"] == "raised, not addressed" and set(names) == {"state", *STATES}
    nowhere = [row for row in book["coverage"].values if row[0] == "Dili"]
    assert nowhere == [("Dili", None, None, 0, 0, 0, 0, None)]
    assert book["matrix"].freeze_panes == "A2"


def test_no_cell_of_any_format_is_run_by_a_spreadsheet(made, tmp_path):
    report = make_report(made, ONE_CONCERN)
    hostile = report.variants.assign(counted="=HYPERLINK(1)")
    table = files.csv_text(hostile)
    assert "\n'=HYPERLINK(1)" in table and "\n=HYPERLINK" not in table
    files.write_workbook_of(tmp_path / "r.xlsx", {"x": hostile})
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "r.xlsx")["x"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}


def test_a_page_is_whole_and_has_the_quotes(made, report, tmp_path):
    write_report(made, report, tmp_path / "r.html", "", True, ())
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>") and "Forty families in Hanoi were evicted" in text


@pytest.mark.parametrize("format_", FORMATS)
def test_the_format_stands_above_the_ending(tmp_path, format_):
    assert format_of(tmp_path / "r.data", format_) == format_
    assert format_of(tmp_path / f"r.{format_.upper()}") == format_


@pytest.mark.parametrize(("name", "format_"), [("r.pdf", ""), ("r", ""), ("r.csv", "pdf"), ("", "")])
def test_a_file_of_no_format_and_a_folder_are_refused(tmp_path, name, format_):
    with pytest.raises(OptionError, match=r"--out|--format"):
        format_of(tmp_path / name, format_)


@pytest.mark.parametrize(
    ("format_", "remedy"), [("html", "need --out FILE"), ("xlsx", "need --out"), ("pdf", "one of")]
)
def test_only_csv_and_markdown_can_be_printed(report, format_, remedy):
    with pytest.raises(OptionError, match=remedy):
        text_of(report, format_, True, ())


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_that_is_there_stays_until_the_new_one_is_whole(made, report, tmp_path, monkeypatch, format_):
    path = tmp_path / f"r.{format_}"
    path.write_text("the old one", encoding="utf-8")

    def breaks(*_, **__):
        raise RuntimeError("the disk is full")

    for name in ("text_of", "write_workbook_of"):
        monkeypatch.setattr(files, name, breaks)
    monkeypatch.setattr("ascn_nlp.reporting.showing.page_of", lambda *_: iter(["<!doctype html>", breaks()]))
    with pytest.raises(RuntimeError):
        write_report(made, report, path, "", True, ())
    assert path.read_text(encoding="utf-8") == "the old one"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_frame_for_python_has_the_columns_of_the_csv(made, report):
    frame = ascn_nlp.report_frame(made.root, concern="displacement")
    rows = rows_of(text_of(report, "csv", True, ()))
    assert list(frame.columns) == list(rows[0]) and len(frame) == len(rows)
    assert frame.attrs["notes"] == report.notes
    hanoi = frame[(frame["city"] == "Hanoi") & (frame["state"] == "unanswered")]
    assert hanoi["year"].tolist() == [2021, 2022] and hanoi["raised_stories"].tolist() == [1, 1]
    short = ascn_nlp.report_frame(made.root, by="country", any_date=True, country="VN", stance="raised")
    assert set(short["country"]) == {"VN"} and "year" not in short and "addressed_stories" not in short
    with pytest.raises(OptionError, match="--by"):
        ascn_nlp.report_frame(made.root, by="planet")
