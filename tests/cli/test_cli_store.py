from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from contextlib import closing

import pytest

import ascn_nlp
from ascn_nlp.cli import corpus
from ascn_nlp.cli.console import table
from ascn_nlp.cli.health import CHECKS
from ascn_nlp.errors import OptionError

SELECTING = {
    "search": ("search", "residents"),
    "retag": ("retag", "--dry-run"),
    "review export": ("review", "export", "out.csv"),
}
# Option -> a value there is none of, and one that the error has to name.
WRONG = {
    "--concern": ("survellance", "surveillance"),
    "--stance": ("angry", "raised, addressed, described"),
    "--city": ("Atlantis", "Ho Chi Minh City"),
    "--country": ("XX", "VN"),
    "--source": ("nowhere", "notes, web"),
    "--genre": ("poem", "official_report"),
    "--since": ("yesterday", "2021-03"),
}


@pytest.fixture
def ask(run, refreshed, tmp_path, monkeypatch):
    """Run a command on the refreshed workspace, which it must not change, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **more: run(*arguments, "-w", refreshed, **more)


PAIRS = [(command, option) for command in SELECTING for option in WRONG if (command, option) != ("retag", "--stance")]


@pytest.mark.parametrize(("command", "option"), PAIRS)
def test_a_filter_value_that_nothing_has_is_refused_with_those_there_are(ask, command, option):
    value, named = WRONG[option]
    done = ask(*SELECTING[command], option, value)
    assert (done.status, done.out) == (2, "")
    assert option in done.err and value in done.err and named in done.err


def test_dates_the_wrong_way_round_are_refused(ask):
    done = ask("search", "residents", "--since", "2022", "--until", "2021-12")
    assert (done.status, done.out) == (2, "") and "swap them" in done.err


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ((), ["a.md"]),
        (("--any-date",), ["a.md", "old.md"]),
        (("--until", "2017"), ["old.md"]),
        (("--city", "Saigon"), ["a.md"]),
        (("--city", "ho chi minh city"), ["a.md"]),
        (("--city", "Hanoi"), []),
        (("--city", "Hanoi", "--city", "HCMC"), ["a.md"]),
        (("--country", "vn"), ["a.md"]),
        (("--country", "Viet Nam"), ["a.md"]),
        (("--country", "SG"), []),
        (("--concern", "displacement"), ["a.md"]),
        (("--concern", "surveillance"), []),
        (("--stance", "raised"), ["a.md"]),
        (("--stance", "addressed"), []),
        (("--source", "notes", "--genre", "official_report"), ["a.md"]),
        (("--source", "web"), []),
        (("--genre", "news"), []),
        (("--min-score", "1"), []),
        (("-n", "1", "--any-date"), ["a.md"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_search_finds_what_the_filters_leave(ask, filters, found):
    done = ask("search", "evicted", "--json", *filters)
    assert done.status == 0
    published = {"a.md": "2021-03-14", "old.md": "2016-03-14"}
    got = [row["published"] for row in done.rows]
    assert got == [published[name] for name in found] if "-n" not in filters else len(got) == 1
    assert bool(done.err) == (not found)


def test_search_takes_one_argument_as_a_phrase_and_two_as_words(ask):
    assert len(ask("search", "Facial recognition", "--json").rows) == 1
    assert ask("search", "recognition facial", "--json").rows == []
    assert len(ask("search", "recognition", "facial", "--json").rows) == 1
    assert len(ask("search", '"facial recognition" market', "--json").rows) == 1


def test_search_for_people_says_title_date_and_page_and_fits(ask):
    done = ask("search", "evicted")
    assert done.out.startswith("Towers on the river (2021-03-14), page")
    assert max(map(len, done.out.splitlines())) <= 80
    none = ask("search", "zeppelin")
    assert (none.status, none.out) == (0, "") and "no passage" in none.err


def test_status_counts_documents_and_names_what_failed(ask):
    done = ask("status")
    assert done.status == 0
    rows = [line.split() for line in done.out.splitlines()]
    # All, waiting, not fetched, read, unread and failed, tagged and not, gone.
    assert ["notes", "4", "0", "0", "3", "0", "1", "3", "0", "0"] in rows
    assert ["web", "1", "1", *["0"] * 7] in rows
    assert "Failed:\n  notes/broken.pdf" in done.out
    assert max(map(len, done.out.splitlines())) <= 120
    assert "Not wholly" not in ask("status", "--failed").out


def test_status_as_json_is_one_object_with_times_in_utc(ask):
    [row] = ask("status", "--json").rows
    assert {"documents", "dates", "decisions", "issues", "problems", "runs", "silent", "stages"} == set(row)
    assert all(run["ended_at"].endswith("+00:00") for run in row["runs"])
    assert [one["address"] for one in row["issues"] if one["is_failure"]] == ["broken.pdf"]


def test_a_run_that_has_not_ended_has_no_end_in_json(run, workspace):
    from ascn_nlp.pipeline import begin_run
    from ascn_nlp.workspace import open_workspace

    begin_run(open_workspace(workspace), "refresh")
    [row] = run("status", "--json", "-w", workspace).rows
    assert row["runs"][0]["ended_at"] is None


@pytest.mark.parametrize("command", [("status",), ("retag",)])
def test_before_any_refresh_what_may_be_scheduled_does_not_fail(run, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ascn.toml").write_text('[tagger]\nkind = "rules"\n', encoding="utf-8")
    done = run(*command)
    assert done.status == 0
    assert command != ("status",) or (done.out == "" and "ascn-nlp refresh" in done.err)
    assert run("status", "--json").rows[0]["documents"] == []


def test_retag_prints_what_changed_and_a_dry_run_changes_nothing(run, workspace):
    def retag(*arguments):
        return run("retag", *arguments, "-w", workspace)

    assert retag("--json")[:2] == (0, "")
    with closing(sqlite3.connect(workspace / "data" / "ascn.db")) as database, database:
        database.execute("UPDATE tags SET stance = 'described' WHERE concern = 'displacement'")
        lost = database.execute("DELETE FROM tags WHERE concern = 'surveillance'").rowcount
    assert lost
    for _ in range(2):  # the first changed nothing
        kinds = {(row["concern"], row["kind"], row["after"]) for row in retag("--dry-run", "--json").rows}
        assert ("displacement", "changed", "raised") in kinds
        assert {concern for concern, kind, _ in kinds if kind == "gained"} == {"surveillance"}
    shown = retag("--dry-run", "--city", "Saigon", "--since", "2020", "--concern", "Displacement")
    assert ["displacement", "0", "0", "1", "0"] in [line.split() for line in shown.out.splitlines()]
    assert shown.out.endswith("would be tagged again; nothing was changed.\n")
    assert {row["concern"] for row in retag("--json", "--concern", "displacement").rows} == {"displacement"}
    assert {row["concern"] for row in retag("--json").rows} == {"surveillance"}
    assert retag("--json").out == ""


def test_the_review_loop_goes_round(run, workspace):
    out = workspace / "review.csv"
    done = run("review", "export", out, "--concern", "displacement", "-w", workspace)
    assert (done.status, done.err) == (0, "") and done.out.endswith(f"rows: {out}\n")
    text = out.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["concern"] for row in rows] == ["displacement"]
    rows[0] |= {"decision": "accept", "reviewer": "an"}
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows([*rows, {**rows[0], "decision": "maybe"}])
    dry = run("review", "import", out, "--dry-run", "-w", workspace)
    assert dry.status == 3 and "would be added" in dry.out and "row 3" in dry.err
    assert run("review", "import", out, "-w", workspace).out.startswith("1 decisions added, 0 known before")
    assert run("review", "import", out, "-w", workspace).out.startswith("0 decisions added, 1 known before")
    assert "Decisions imported: 1." in run("status", "-w", workspace).out
    assert run("search", "evicted", "-w", workspace).status == 0


@pytest.mark.parametrize("content", [None, b"no,review,file\n"])
def test_what_is_no_review_file_is_refused_whole(ask, tmp_path, content):
    if content:
        (tmp_path / "in.csv").write_bytes(content)
    done = ask("review", "import", "in.csv")
    assert (done.status, done.out) == (1, "") and done.err.count("\n") == 1


@pytest.mark.parametrize("out", ["folder", "file/out.csv"])
def test_an_export_that_cannot_be_written_is_an_error_in_one_line(ask, tmp_path, out):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = ask("review", "export", out)
    assert (done.status, done.out) == (1, "") and done.err.count("\n") == 1


def test_a_sample_of_no_known_kind_is_refused(ask):
    done = ask("review", "export", "out.csv", "--sample", "best")
    assert done.status == 2 and "all, random" in done.err


def test_refresh_refuses_a_source_that_is_not_in_the_table(ask):
    done = ask("refresh", "--only", "nowhere")
    assert (done.status, done.out) == (2, "") and "notes, web" in done.err


def test_refresh_with_nothing_new_prints_its_tables_and_three_for_the_failure(run, workspace):
    done = run("refresh", "--offline", "-w", workspace)
    assert done.status == 3
    rows = [line.split() for line in done.out.splitlines()]
    assert ["notes", "3", "0", "0", "1", "0", "4"] in rows
    assert "notes/broken.pdf" in done.out and "have not been fetched" in done.out
    assert done.out.rstrip().endswith("review.csv")
    assert "Prefect" not in done.err
    assert run("refresh", "--offline", "--only", "web", "-w", workspace).status == 0


def test_stored_tags_become_a_frame(refreshed):
    made = ascn_nlp.frame(refreshed)
    assert set(made["concern"]) >= {"displacement", "surveillance"} and set(made["in_window"]) == {"yes"}
    assert len(ascn_nlp.frame(refreshed, any_date=True)) > len(made)
    only = ascn_nlp.frame(refreshed, city=["Saigon"], concern=["displacement"], since="2020")
    assert list(only["passage_id"]) == list(made.loc[made["concern"] == "displacement", "passage_id"])
    assert only["score"].between(0, 1).all()
    with pytest.raises(OptionError, match="Ho Chi Minh City"):
        ascn_nlp.frame(refreshed, city=["Atlantis"])


GOLD = (
    {"id": 1, "text": "Residents were evicted without compensation.",
     "tags": [{"concern": "displacement", "stance": "raised"}]},
    {"id": 2, "text": "A list of bus stops.", "tags": []},
)  # fmt: skip


def test_evaluate_scores_a_gold_file(ask, tmp_path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text("\n".join(map(json.dumps, GOLD)), encoding="utf-8")
    [scores] = ask("evaluate", gold, "--json").rows
    assert (scores["passages"], scores["micro"]["f1"], scores["exact"]) == (2, 1.0, 1.0)
    shown = ask("evaluate", gold)
    assert shown.status == 0 and "gold.jsonl: 2 passages" in shown.out
    assert ["displacement", "1.000", "1.000", "1.000", "1"] in [line.split() for line in shown.out.splitlines()]
    assert max(map(len, shown.out.splitlines())) <= 80


def test_evaluate_has_nothing_to_say_of_an_empty_file(ask, tmp_path):
    (tmp_path / "gold.jsonl").write_text("\n", encoding="utf-8")
    done = ask("evaluate", "gold.jsonl")
    assert (done.status, done.out) == (1, "") and "gold.jsonl: holds no passage" in done.err


def test_train_looks_for_its_files_before_anything_starts(ask):
    done = ask("train", "--data", "absent.jsonl")
    assert done.status == 2 and "absent.jsonl" in done.err and "Prefect" not in done.err


def test_the_encoder_is_fitted_anew_or_further_and_not_both(ask):
    done = ask("train", "--encoder", "--further")
    assert done.status == 2 and "--further" in done.err and "either anew or further" in done.err
    assert "Prefect" not in done.err


def test_evaluate_names_the_line_of_a_wrong_label(ask, tmp_path):
    gold = tmp_path / "gold.jsonl"
    wrong = {**GOLD[0], "id": 3, "tags": [{"concern": "displacment", "stance": "raised"}]}
    gold.write_text("\n".join(map(json.dumps, (*GOLD, wrong))), encoding="utf-8")
    done = ask("evaluate", gold)
    assert done.status == 1 and f"{gold}:3: 'displacment'" in done.err and "displacement" in done.err


def test_doctor_finds_nothing_broken(ask):
    done = ask("doctor")
    assert done.status == 0 and "BROKEN" not in done.out
    assert {line.split()[1] for line in done.out.splitlines() if line.startswith(("ok", "note"))} >= set(CHECKS)
    assert done.err == ""


def test_doctor_names_file_and_line_of_a_broken_taxonomy(run, workspace):
    (workspace / "taxonomy.toml").write_text("version = 1\n[concerns\n", encoding="utf-8")
    done = run("doctor", "-w", workspace)
    assert done.status == 1 and f"{workspace / 'taxonomy.toml'}:2" in done.out and "BROKEN" in done.out
    (workspace / "ascn.toml").write_text("[windows]\n", encoding="utf-8")
    done = run("doctor", "-w", workspace)
    assert done.status == 1 and f"{workspace / 'ascn.toml'}:1" in done.out


def test_doctor_names_the_engine_its_models_and_what_lacks(ask, monkeypatch):
    from ascn_nlp.extract.ocr import engine as ocr

    class Engine:
        name = "tesseract 9"
        models = frozenset(["eng", "tha"])

        def close(self):
            pass

    monkeypatch.setattr(ocr, "find_engine", Engine)
    found = " ".join(ask("doctor").out.split("ocr", 1)[1].split())
    assert "tesseract 9: eng, tha; no model for id," in found and "en," not in found


def test_doctor_says_what_to_install_for_scanned_pages(ask):
    found = " ".join(ask("doctor").out.split("ocr", 1)[1].split())
    assert "scanned pages stay unread" in found and ("eng" in found or "brew" in found)


def test_doctor_says_which_package_is_missing(ask, monkeypatch):
    from ascn_nlp.cli import health

    monkeypatch.setattr(health, "_TREE", {"no-such-package": "1"})
    done = ask("doctor")
    assert done.status == 1 and "no-such-package is not installed" in done.out


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_workspace_that_cannot_be_written_is_an_error_in_one_line(run, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)
    done = run("status", "-w", folder)
    assert (done.status, done.out) == (1, "") and str(folder) in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize("command", [("status",), ("doctor",), ("search", "evicted"), ("refresh", "--help")])
def test_nothing_is_coloured_when_it_is_piped(ask, monkeypatch, command):
    monkeypatch.delenv("NO_COLOR")
    done = ask(*command)
    assert "\x1b" not in done.out + done.err


def test_a_table_sets_numbers_right_wraps_its_widest_column_and_never_cuts_a_word(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    table("Things", ("name", "n", "what"), [("é", 5, "a b " * 10), ("Ω", 12, "/" + "x" * 50), ("", None, "")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == ["", "Things", "name   n  what", "----  --  " + "-" * 30]
    assert lines[4].startswith("é      5  a b a b") and lines[5].startswith(" " * 10 + "b a b")
    assert "/" + "x" * 50 in lines[-2]
    assert max(len(line) for line in lines[:-2]) <= 40
    assert lines[-1] == "" and not any(line.endswith(" ") for line in lines)


def test_a_long_word_moves_the_columns_beside_it_for_all_rows_alike(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    source = "a-source-of-many-letters"
    table("Sources", ("source", "state", "n"), [(source, "broken", 5), ("two words and some more", "ok", 12)])
    head, rule, first, *rest = capsys.readouterr().out.splitlines()[2:]
    assert rule == f"{'-' * len(source)}  ------  --"
    assert first == f"{source}  broken   5"
    assert [line[head.index("state") :] for line in rest] == ["ok      12"]


def test_where_the_widest_column_is_one_long_word_the_next_gives_way(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    address, publisher = "https://example.org/" + "a" * 30, "A publisher of rather many names and offices"
    table("Stories", ("where", "publisher", "n"), [(address, publisher, 7), ("b", "B", 8)])
    head, _, *lines = capsys.readouterr().out.splitlines()[2:]
    assert max(map(len, lines)) <= 80 and len(lines) > 2
    assert all(line[head.index("n", head.index("publisher") + 9) :] in ("7", "8", "") for line in lines)


def test_a_table_without_rows_shows_its_columns(capsys):
    table("Things", ("name", "n"), [])
    assert capsys.readouterr().out == "\nThings\nname  n\n----  -\n"


def test_issues_beyond_those_shown_are_counted(capsys):
    rows = [{"source_id": "s", "address": str(n), "stage": "read", "message": "m", "remedy": ""} for n in range(5)]
    corpus._show_issues("Failed", rows, most=2)
    assert (
        capsys.readouterr().out
        == "\nFailed:\n  s/0\n      read: m\n  s/1\n      read: m\n  and 3 more: ascn-nlp status\n"
    )


READING = {
    "search": ("search", "residents"),
    "retag --dry-run": ("retag", "--dry-run"),
    "stories": ("stories",),
    "diff": ("diff", "a", "b"),
    "status DOCUMENT": ("status", "a.md"),
    "forget": ("forget", "a.md", "--reason", "asked"),
    "report": ("report",),
    "review export": ("review", "export", "out.csv"),
    "review export, drawn": ("review", "export", "out.csv", "--sample", "random"),
    "review status": ("review", "status"),
    "review agreement": ("review", "agreement"),
    "review history": ("review", "history", "p1"),
}


@pytest.mark.parametrize("name", READING)
def test_where_there_is_no_store_a_command_that_reads_makes_none_and_says_so(run, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    done = run(*READING[name])
    assert (done.status, done.out) == (1, "")
    assert "there is no store yet" in done.err
    assert "ascn-nlp refresh" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json"), ("runs",), ("doctor",), ("forget", "--wipe")])
def test_of_a_fresh_folder_the_overviews_tell_that_nothing_was_done_and_make_nothing(run, tmp_path, arguments):
    done = run(*arguments, "-w", tmp_path)
    assert done.status == 0
    assert arguments[0] == "forget" or "refresh" in done.out + done.err
    assert list(tmp_path.iterdir()) == []


def test_the_status_of_a_fresh_folder_has_the_keys_of_any(run, refreshed, tmp_path):
    fresh, full = (run("status", "--json", "-w", folder).rows for folder in (tmp_path, refreshed))
    assert [list(row) for row in fresh] == [list(row) for row in full]
    assert fresh[0]["dates"].keys() == full[0]["dates"].keys()
