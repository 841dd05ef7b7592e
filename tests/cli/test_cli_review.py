from __future__ import annotations

import csv
import json
import re
import unicodedata

import openpyxl
import pytest

from ascn_nlp.choices import reviewer_name
from ascn_nlp.cli.review import _rows
from ascn_nlp.errors import OptionError
from ascn_nlp.resources import packaged

HELPED = ("export", "import", "agreement", "status", "history")


def strict(text):
    """The JSON in a text, which must be JSON as its standard has it: without NaN and Infinity."""

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(text, parse_constant=refuse)


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, decide):
    rows = read(path)
    for row in rows:
        row.update(decide(row) or {})
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return rows


def whole(reviewer, rejected=""):
    """Accept what was tagged but one concern, and find nothing else."""
    return lambda row: {
        "decision": "accept" if row["concern"] not in ("", rejected) else "reject", "reviewer": reviewer,
    }  # fmt: skip


@pytest.fixture
def ask(run, workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run("review", *arguments, "-w", workspace)


@pytest.fixture
def reviewed(ask, tmp_path):
    """Two have read a random sample of all passages, and do not agree on surveillance."""
    for name, rejected in (("Ana", ""), ("Bo", "surveillance")):
        assert ask("export", f"{name}.csv", "--sample", "random", "--any-date", "--reviewer", name).status == 0
        fill(tmp_path / f"{name}.csv", whole(name, rejected))
        assert ask("import", f"{name}.csv").status == 0
    return ask


@pytest.mark.parametrize("command", HELPED)
def test_the_example_of_each_help_runs(run, reviewed, workspace, tmp_path, monkeypatch, command):
    shown = run("review", command, "--help").out
    example = " ".join(re.search(r"Example: ascn-nlp (.*?)(\n\n|$)", shown, re.DOTALL)[1].split())
    (workspace / "data" / "exports").mkdir(parents=True, exist_ok=True)
    assert run("review", "export", workspace / "data" / "exports" / "review.csv", "-w", workspace).status == 0
    monkeypatch.chdir(workspace)
    # The example of history names a passage as it might be.
    passage = read(workspace / "data" / "exports" / "review.csv")[0]["passage_id"]
    done = run(*example.replace("p0123456789abcdef", passage).split())
    assert done.status == 0, done.err
    assert max(map(len, shown.splitlines())) <= 80


def test_an_export_says_how_many_rows_went_where(ask, tmp_path):
    done = ask("export", "a.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "a.xlsx")["review"].max_row - 1
    assert (done.status, done.out, done.err) == (0, f"{rows} rows: a.xlsx\n", "")
    assert rows > 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("a.txt",), "--format"),
        (("a.csv", "--format", "word"), "prodigy"),
        (("a.csv", "--sample", "some"), "suspects"),
        (("a.bib", "--wide"), "CSV or XLSX"),
        (("a.csv", "--seed", "-1"), "--seed"),
        (("a.csv", "--max-score", "2"), "--max-score"),
        (("a.csv", "-n", "0"), "-n"),
        (("a.csv", "-n", "5"), "random or active or rest"),
        (("a.csv", "--sample", "leads", "-n", "5"), "random or active or rest"),
        (("a.csv", "--min-score", "0.9", "--max-score", "0.8"), "swap them"),
        (("a.csv", "--sample", "random", "--concern", "surveillance"), "selects by tag, so what is missed cannot be"),
        (("a.csv", "--sample", "rest", "--max-score", "0.5"), "selects by tag, so what is missed cannot be"),
        (("a.csv", "--sample", "rest", "--unreviewed"), "--unreviewed"),
        (("a.csv", "--reviewer", "01"), "--reviewer"),
    ],
    ids=str,
)
def test_wrong_options_are_refused_with_those_there_are_and_nothing_is_written(ask, tmp_path, arguments, named):
    done = ask("export", *arguments)
    assert (done.status, done.out) == (2, "")
    assert named in done.err and "Traceback" not in done.err
    assert not (tmp_path / arguments[0]).exists()


def test_an_edited_file_is_kept_and_named(ask, tmp_path):
    ask("export", "a.csv")
    fill(tmp_path / "a.csv", whole("Ana"))
    done = ask("export", "a.csv")
    assert (done.status, done.out.endswith("rows: a-2.csv\n")) == (0, True)
    assert done.err.startswith("! a.csv holds entries that are not in the store")


def test_an_import_tells_its_counts_and_a_dry_run_what_it_would(ask, tmp_path):
    ask("export", "a.csv")
    many = len(fill(tmp_path / "a.csv", whole("Ana")))
    counts = f"{many} decisions {{}}added, 0 known before, 0 rows without a decision, 0 refused\n"
    for _ in range(2):
        assert ask("import", "a.csv", "--dry-run") == (0, counts.format("would be "), "")
    assert ask("import", "a.csv") == (0, counts.format(""), "")
    assert ask("import", "a.csv").out.startswith(f"0 decisions added, {many} known before")


def test_refused_rows_are_told_with_their_number_and_give_3(ask, tmp_path):
    ask("export", "a.csv")
    last = len(fill(tmp_path / "a.csv", lambda _: {"decision": "perhaps"})) + 1
    done = ask("import", "a.csv")
    assert done.status == 3
    choices = "write one of: accept, reject, unsure, withdraw"
    assert done.err == f"! rows 2 to {last}: decision is 'perhaps'; {choices}\n"
    assert f"{last - 1} refused" in done.out


@pytest.mark.parametrize(
    ("numbers", "told"), [([8], "row 8"), ([2, 4, 5, 6, 9], "rows 2, 4 to 6, 9"), ([2, 3], "rows 2 to 3")]
)
def test_rows_refused_for_one_reason_are_told_together(numbers, told):
    assert _rows(numbers) == told


def test_an_import_tells_what_two_people_say(ask, tmp_path):
    ask("export", "a.csv", "--any-date")
    fill(tmp_path / "a.csv", whole("Ana"))
    ask("import", "a.csv")
    ask("export", "b.csv", "--any-date", "--reviewer", "Bo")
    fill(tmp_path / "b.csv", whole("", rejected="surveillance"))
    done = ask("import", "b.csv")
    assert done.status == 0
    assert "surveillance: a reviewer without a name says no, Ana raised; both are kept" in done.err


def test_agreement_is_told_in_tables_that_fit_and_as_json(reviewed, tmp_path):
    done = reviewed("agreement")
    assert (done.status, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    assert "passages on which two of them disagree." in done.out
    found = strict(reviewed("agreement", "--json", "--with-model").out)
    assert len(found["agreement"]["all concerns"]["coders"]) == 3
    assert found["agreement"]["surveillance"]["percent"] < 1
    assert found["disagree_on"]


def test_what_they_disagree_on_goes_into_a_file(reviewed, tmp_path):
    done = reviewed("agreement", "--out", "open.csv")
    rows = read(tmp_path / "open.csv")
    assert done.err == f"{len(rows)} rows: open.csv\n"
    assert any("surveillance: Ana: present, Bo: absent" in row["why"] for row in rows)
    assert reviewed("import", "open.csv").out.startswith("0 decisions added")


def test_an_unknown_coder_is_refused_with_those_there_are(reviewed):
    done = reviewed("agreement", "--coder", "Cy")
    assert (done.status, done.out) == (2, "")
    assert "'Cy' has decided on nothing" in done.err and "Ana, Bo" in done.err


@pytest.mark.parametrize("arguments", [(), ("--blind",), ("--json",), ("--with-model",)])
def test_without_two_coders_there_is_nothing_to_tell_and_no_error(ask, arguments):
    done = ask("agreement", *arguments)
    assert done.status == 0
    if "--json" in arguments:
        assert strict(done.out)["agreement"]["all concerns"]["units"] == 0
    else:
        assert "so there is no agreement to tell" in done.err


def test_status_fits_and_its_json_is_json(reviewed, tmp_path):
    reviewed("export", "rest.csv", "--sample", "rest", "--any-date")
    shown = reviewed("status")
    assert (shown.status, shown.err) == (0, "")
    assert max(map(len, shown.out.splitlines())) <= 80
    for words in ("Reviewers", "Ana", "precision", "of the rest", "decisions imported"):
        assert words in shown.out
    found = strict(reviewed("status", "--json").out)
    assert set(found["coders"]) == {"Ana", "Bo"}
    assert found["audits"][0]["estimates"]["micro"]["found"] >= 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", found["audits"][0]["at"])


def test_status_names_what_was_redefined_and_how_much_is_to_be_decided_anew(reviewed, workspace):
    text = packaged("taxonomy.toml").read_text(encoding="utf-8")
    head, block, rest = text.partition("[concerns.surveillance]\n")
    changed = head + block + rest.replace('include = "', 'include = "with a word more, ', 1)
    (workspace / "taxonomy.toml").write_text(changed, encoding="utf-8")
    shown = reviewed("status").out
    assert "has been reviewed whole yet" not in shown and "displacement" in shown
    told = " ".join(shown.split())
    assert re.search(r"since, and not told of until decided anew: surveillance in \d+ passages\.", told)
    assert re.search(r"Read whole .*: Ana: surveillance of \d+ passages Bo: surveillance of \d+ passages", told)
    assert strict(reviewed("status", "--json").out)["audits"][0]["redefined"].keys() == {"surveillance"}


def test_a_sample_whose_concerns_were_all_redefined_is_not_told_to_be_unread(reviewed, workspace):
    assert reviewed("export", "rest.csv", "--sample", "rest", "--any-date").status == 0
    text = packaged("taxonomy.toml").read_text(encoding="utf-8")
    (workspace / "taxonomy.toml").write_text(
        re.sub(r'(?m)^(include = "(?:"")?)', r"\1with a word more, ", text), encoding="utf-8"
    )
    shown = reviewed("status").out
    assert "has been reviewed whole yet" not in shown and "not told of until decided anew: accountability" in shown
    assert max(map(len, shown.split("Random sample")[1].split("decisions imported")[0].splitlines())) <= 80


def test_status_of_a_review_not_begun_is_no_error(ask):
    assert "0 decisions imported" in ask("status").out
    assert strict(ask("status", "--json").out)["decisions"] == 0


def test_history_tells_who_decided_what_when_and_in_which_file(reviewed, tmp_path):
    passage = read(tmp_path / "Ana.csv")[0]["passage_id"]
    shown = reviewed("history", passage)
    assert (shown.status, shown.err) == (0, "")
    assert "Ana" in shown.out and "Bo" in shown.out
    assert "at (UTC)" in shown.out
    rows = reviewed("history", passage, "--json").rows
    assert {row["reviewer"] for row in rows} == {"Ana", "Bo"}
    assert {row["passage_id"] for row in rows} == {passage}
    none = reviewed("history", "p0")
    assert (none.status, none.out) == (2, "")
    assert "there is no passage 'p0' in this store" in none.err


def test_of_a_passage_that_nobody_has_decided_on_history_says_so(ask, tmp_path):
    ask("export", "a.csv")
    passage = read(tmp_path / "a.csv")[0]["passage_id"]
    assert ask("history", passage) == (0, "", f"nobody has decided anything on {passage}\n")


@pytest.mark.parametrize("sample", ["random", "rest"])
def test_figures_of_a_sample_say_what_it_was_drawn_from(ask, tmp_path, sample):
    def shown():
        lines = ask("status").out
        assert max(map(len, lines.splitlines())) <= 80
        return " ".join(lines.split())

    ask("export", "a.csv", "--sample", sample, "--any-date")
    assert "of all passages of all dates" in shown()
    ask("export", "b.csv", "--sample", sample, "--any-date", "--city", "Hanoi", "--city", "Phuket")
    assert "with city Hanoi, Phuket" in shown()
    ask("export", "c.csv", "--sample", sample)
    assert "of all passages of 2018 to 2024" in shown()
    fill(tmp_path / "b.csv", whole("Ana"))
    ask("import", "b.csv")
    assert "with city Hanoi, Phuket" in shown()


def test_status_leaves_out_concerns_on_which_nothing_is_decided_and_says_how_many(ask, tmp_path):
    assert "Nothing is decided on any of 12 concerns." in ask("status").out
    ask("export", "a.csv")
    rows = fill(tmp_path / "a.csv", whole("Ana"))
    ask("import", "a.csv")
    decided = {row["concern"] for row in rows}
    lines = ask("status").out.split("\nDecided\n")[1].splitlines()
    assert {line.split()[0] for line in lines[2 : 2 + len(decided)]} == decided
    assert lines[2 + len(decided)] == f"Nothing is decided on the other {12 - len(decided)} concerns."


@pytest.mark.parametrize("name", ["open.docx", "open.bib", "open"])
def test_a_file_that_cannot_be_reviewed_is_refused_before_anything_is_told(reviewed, tmp_path, name):
    done = reviewed("agreement", "--out", name)
    assert (done.status, done.out) == (2, "")
    assert "--out" in done.err and ".csv or .xlsx" in done.err and "--format" not in done.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "name",
    ["01", "007", "+7", "-7", "1.50", "1e5", "1,000", "50%", "2021-03-14", "3/4", "3-4", "12:30", "5 Mar", "March 5",
     "Mar-21", "5 March 2021", "3 pm", "TRUE", "false", "1234567890123456"],
)  # fmt: skip
def test_a_name_that_a_spreadsheet_rewrites_is_refused_with_the_reason(name):
    with pytest.raises(OptionError, match="a spreadsheet program takes") as caught:
        reviewer_name(name)
    assert caught.value.where == "--reviewer"


@pytest.mark.parametrize(
    "name", ["", "7", "0", "10", "R01", "E1", "7e", "Ann", "Ana 2", "Mara 5", "May", "April", "Coder 1", "A-1", "Trúc"]
)
def test_other_names_are_taken_as_they_are(name):
    assert reviewer_name(f" {name} ") == name


def test_a_name_is_the_same_however_its_letters_are_put_together(ask, tmp_path):
    for n, name in enumerate((unicodedata.normalize("NFD", "Trúc"), unicodedata.normalize("NFC", "Trúc"))):
        ask("export", f"{n}.csv", "--reviewer", name)
        fill(tmp_path / f"{n}.csv", lambda row: {"decision": "accept"})
        assert ask("import", f"{n}.csv", "--reviewer", name).status == 0
    assert list(strict(ask("status", "--json").out)["coders"]) == ["Trúc"]
