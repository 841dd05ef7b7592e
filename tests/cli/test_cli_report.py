from __future__ import annotations

import csv
import io
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
    assert whole.err == ""


def test_where_nothing_is_found_that_is_said(run, workspace):
    shown = run("report", "-w", workspace, "--city", "Dili")
    assert shown.status == 0 and "Nothing is raised that nobody addresses." in shown.out
    assert "no data" in shown.out and "Only city Dili." in shown.out


def test_a_table_goes_to_stdout_for_other_programs(run, workspace):
    arguments = ("--by", "country,year", "--concern", "surveillance", "--stance", "raised", "--format", "csv")
    shown = run("report", "-w", workspace, *arguments)
    assert (shown.status, shown.err, "\r" in shown.out) == (0, "", False)
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    assert len(rows) == 11 * 7 and {row["concern"] for row in rows} == {"surveillance"}
    [one] = [row for row in rows if (row["country"], row["year"]) == ("VN", "2021")]
    assert (one["state"], one["raised_documents"]) == ("unanswered", "1")
    assert not [name for name in rows[0] if "addressed" in name]
    markdown = run("report", "-w", workspace, *arguments[:-1], "md")
    assert markdown.out.count("\n") == 11 * 7 + 2


@pytest.mark.parametrize(("name", "start"), [("r.csv", b"\xef\xbb\xbfconcern"), ("r.md", b"| concern"),
                                             ("r.xlsx", b"PK"), ("r.html", b"<!doctype html>")])  # fmt: skip
def test_a_file_is_written_in_the_format_of_its_ending(run, workspace, name, start):
    shown = run("report", "-w", workspace, "--out", workspace / name)
    assert (shown.status, shown.out, shown.err) == (0, "", f"written: {workspace / name}\n")
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
