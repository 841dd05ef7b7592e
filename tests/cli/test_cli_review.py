from __future__ import annotations

import csv
import json
import re

import openpyxl
import pytest

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
    done = run(*example.split())
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
    fill(tmp_path / "a.csv", lambda _: {"decision": "perhaps"})
    done = ask("import", "a.csv")
    assert done.status == 3
    assert done.err.startswith("! row 2: decision is 'perhaps'; write one of: accept, reject, unsure, withdraw\n")


def test_an_import_tells_what_two_people_say(ask, tmp_path):
    ask("export", "a.csv", "--any-date")
    fill(tmp_path / "a.csv", whole("Ana"))
    ask("import", "a.csv")
    ask("export", "b.csv", "--any-date", "--reviewer", "Bo")
    fill(tmp_path / "b.csv", whole("", rejected="surveillance"))
    done = ask("import", "b.csv")
    assert done.status == 0
    assert "surveillance: a reviewer without a name says reject, Ana accept (raised); both are kept" in done.err


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


def test_status_of_a_review_not_begun_is_no_error(ask):
    assert "0 decisions imported" in ask("status").out
    assert strict(ask("status", "--json").out)["decisions"] == 0


def test_history_tells_who_decided_what_when_and_in_which_file(reviewed, tmp_path):
    passage = read(tmp_path / "Ana.csv")[0]["passage_id"]
    shown = reviewed("history", passage)
    assert (shown.status, shown.err) == (0, "")
    assert "Ana" in shown.out and "Bo" in shown.out
    rows = reviewed("history", passage, "--json").rows
    assert {row["reviewer"] for row in rows} == {"Ana", "Bo"}
    assert {row["passage_id"] for row in rows} == {passage}
    none = reviewed("history", "p0")
    assert (none.status, none.err) == (0, "nobody has decided anything on p0\n")
