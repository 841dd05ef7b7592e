from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest


def test_the_finding_is_a_table_and_sentences_that_fit_eighty_columns(run, workspace):
    shown = run("report", "-w", workspace)
    assert (shown.status, shown.err) == (0, "")
    assert max(map(len, shown.out.splitlines())) <= 80
    head, _, rest = shown.out.partition("\n\n")
    assert head.startswith("\nRaised, and by nobody addressed\nconcern")
    [displaced] = [line.split() for line in head.splitlines() if line.startswith("displacement")]
    assert displaced == ["displacement", "Ho", "Chi", "Minh", "City", "1", "0", "1", *displaced[8:]]
    told = " ".join(rest.split())
    assert "Dates: 2018 to 2024." in told and "1 document of other dates" in told
    assert "Counts are not corrected for the tagger's errors" in told


@pytest.mark.parametrize(
    ("arguments", "told", "kept"),
    [(("--since", "2022"), "Dates: 2022 and later.", "--until 2024"), (("--until", "2022"), "Dates: up to 2022.",
                                                                     "--since 2018")],
    ids=str,
)  # fmt: skip
def test_one_date_alone_is_told_with_the_end_that_it_opens(run, workspace, arguments, told, kept):
    shown = run("report", "-w", workspace, *arguments)
    words = " ".join(shown.out.split())
    assert told in words and words.count("replace the study's window, 2018 to 2024") == 1 and kept in words
    written = run("report", "-w", workspace, *arguments, "--concern", "surveillance", "--format", "csv")
    assert written.err.count("replace the study's window") == 1 and "window" not in written.out
    whole = run("report", "-w", workspace, "--concern", "surveillance", "--format", "csv")
    assert "replace the study's window" not in whole.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--city", "Dili"), "No data: nothing that was selected can be counted."),
        (("--since", "2030"), "No data: nothing that was selected can be counted."),
        (("--genre", "legal"), "No data: nothing that was selected can be counted."),
        (("--min-score", "1"), "No concern is raised in what was counted."),
    ],
    ids=str,
)
def test_where_nothing_is_found_it_is_told_whether_there_was_anything_to_find(run, workspace, arguments, told):
    shown = run("report", "-w", workspace, *arguments)
    assert shown.status == 0 and f"\n{told}\n" in shown.out
    assert "Nothing is raised that nobody addresses" not in shown.out
    if "--city" in arguments:
        assert "No data " in shown.out and "Only: city Dili." in shown.out


def test_what_other_filters_leave_out_is_counted(run, workspace):
    words = " ".join(run("report", "-w", workspace, "--genre", "legal").out.split())
    assert "Not selected: 0 documents of other dates than those asked for, 0 without a date, and " in words
    assert int(re.search(r"and (\d+) that other filters leave out \(genre legal\)\.", words)[1]) > 0


def test_the_states_are_called_as_on_the_page_and_the_help_says_what_tables_call_them(run, workspace):
    words = " ".join(run("report", "-w", workspace).out.split())
    told = re.search(r"Cells \(a concern in a city, all years together\): (\d+)\. (Raised, not addressed .*?)\.", words)
    assert sum(map(int, re.findall(r" (\d+)", told[2]))) == int(told[1])
    assert "unanswered" not in words and "pairs" not in words
    help_ = " ".join(re.sub("[│╭╰╮╯─]", " ", run("report", "--help").out).split())
    assert "unanswered (raised, not addressed), answered (raised and addressed)" in help_
    assert "undated: listed, not counted" in help_


def test_a_table_goes_to_stdout_for_other_programs(run, workspace):
    arguments = ("--by", "country,year", "--concern", "surveillance", "--stance", "raised", "--format", "csv")
    shown = run("report", "-w", workspace, *arguments)
    assert (shown.status, "\r" in shown.out) == (0, False)
    dates, command, *_ = shown.err.splitlines()
    assert dates == "Dates of documents: 2018 to 2024. Only: concern surveillance; stance raised."
    assert command.startswith("Made by: ascn-nlp report --by country,year --concern surveillance")
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    assert len(rows) == 11 * 7 and {row["concern"] for row in rows} == {"surveillance"}
    [one] = [row for row in rows if (row["country"], row["year"]) == ("VN", "2021")]
    assert (one["state"], one["raised_documents"]) == ("unanswered", "1")
    assert not [name for name in rows[0] if "addressed" in name]
    markdown = run("report", "-w", workspace, *arguments[:-1], "md")
    table, _, notes = markdown.out.partition("\n\n")
    assert table.count("\n") + 1 == 11 * 7 + 2 and all(line.startswith("| ") for line in table.splitlines())
    assert notes.startswith("- Dates of documents: ") and all(line.startswith("- ") for line in notes.splitlines())
    assert markdown.err == ""


@pytest.mark.parametrize(("name", "start"), [("r.csv", b"\xef\xbb\xbfconcern"), ("r.md", b"| concern"),
                                             ("r.xlsx", b"PK"), ("r.html", b"<!doctype html>")])  # fmt: skip
def test_a_file_is_written_in_the_format_of_its_ending(run, workspace, name, start):
    shown = run("report", "-w", workspace, "--out", workspace / name)
    assert (shown.status, shown.out) == (0, "")
    assert shown.err.endswith(f"written: {workspace / name}\n")
    assert ("Dates of documents: " in shown.err) == (name == "r.csv"), "the others hold their notes"
    assert (workspace / name).read_bytes().lower().startswith(start.lower())


def test_a_pack_is_written(run, workspace):
    shown = run("report", "-w", workspace, "--pack", workspace / "p.zip")
    names = zipfile.ZipFile(workspace / "p.zip").namelist()
    assert (shown.status, shown.out) == (0, "")
    assert shown.err == f"written: {workspace / 'p.zip'}, {len(names)} files\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--by", "planet"), "city or country"),
        (("--by", "year"), "city or country"),
        (("--format", "html"), "--out FILE"),
        (("--format", "pdf"), "one of: csv, md, xlsx, html"),
        (("--out", "r.pdf"), "end it in .csv"),
        (("--pack", "p.tar"), "ends in .zip"),
        (("--concern", "boredom"), "one of: "),
        (("--city", "Hanoi", "--country", "SG"), "no city of the network"),
    ],
    ids=str,
)
def test_wrong_words_are_refused_with_the_right_ones(run, workspace, arguments, told):
    shown = run("report", "-w", workspace, *arguments)
    assert (shown.status, shown.out) == (2, "")
    assert shown.err.startswith("ascn-nlp: --") and told in shown.err
    assert not list(workspace.glob("[rp].*"))
