from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import UTC, datetime

import openpyxl
import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from ascn_nlp.errors import OptionError, ReviewError, TableError
from ascn_nlp.filters import Filters
from ascn_nlp.review.columns import COLUMNS, DECISIONS, REVIEWER_COLUMNS
from ascn_nlp.reviewing.files import export_disagreements, export_review, import_review, review_rows
from ascn_nlp.reviewing.formats import FORMAT_NAMES


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def save_csv(path, rows):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def accept(row):
    return {"decision": "accept", "reviewer": "Ana"} if row["concern"] else None


def concerns_in(path):
    return [row["concern"] for row in rows_of(path)]


# Filters: what they leave of the two tags, "displacement" (Hanoi, VN) and "surveillance" (Jakarta, ID), both of 2021.

FILTERS = [
    ({}, {"displacement", "surveillance"}),
    ({"concern": ("surveillance",)}, {"surveillance"}),
    ({"stance": ("raised",)}, {"displacement", "surveillance"}),
    ({"stance": ("addressed",)}, set()),
    ({"city": ("Hanoi",)}, {"displacement"}),
    ({"country": ("ID",)}, {"surveillance"}),
    ({"source": ("papers",)}, {"displacement", "surveillance"}),
    ({"source": ("elsewhere",)}, set()),
    ({"genre": ("official_report",)}, {"displacement", "surveillance"}),
    ({"genre": ("news",)}, set()),
    ({"since": "2021-03", "until": "2021-04"}, {"displacement", "surveillance"}),
    ({"since": "2022"}, set()),
    ({"until": "2020"}, set()),
    ({"min_score": 0.8}, {"displacement"}),
    ({"max_score": 0.8}, {"surveillance"}),
    ({"min_score": 0.4, "max_score": 0.6}, {"surveillance"}),
    ({"is_unreviewed": True}, {"displacement", "surveillance"}),
    ({"is_disputed": True}, {"surveillance"}),
]


def told(value) -> str:
    """A set in one order: workers of a parallel run must name a test alike."""
    return ",".join(sorted(value)) if isinstance(value, set) else str(value)


@pytest.mark.parametrize(("filters", "left"), FILTERS, ids=told)
def test_an_export_has_the_tags_that_its_filters_leave(desk, filters, left):
    with desk.store().writing() as connection:
        connection.exec_driver_sql("UPDATE tags SET score = 0.9 WHERE concern = 'displacement'")
        connection.exec_driver_sql("UPDATE tags SET score = 0.5 WHERE concern = 'surveillance'")
        disputed = "UPDATE taggings SET is_disputed = 1, disputed = '[\"surveillance\"]' WHERE passage_seq IN "
        connection.exec_driver_sql(disputed + "(SELECT passage_seq FROM tags WHERE concern = 'surveillance')")
    found = concerns_in(desk.export(**filters))
    assert (len(found), set(found)) == (len(left), left)


def test_of_a_passage_with_a_disputed_tag_the_others_are_left_out(desk):
    with desk.store().writing() as connection:
        connection.exec_driver_sql("UPDATE taggings SET is_disputed = 1, disputed = '[\"debt\"]'")
    assert concerns_in(desk.export(is_disputed=True)) == []


def test_unreviewed_leaves_out_passages_that_anybody_has_decided_on(desk):
    path = desk.export()
    desk.decide(path, lambda row: accept(row) if row["concern"] == "displacement" else None)
    assert concerns_in(desk.export("left.csv", is_unreviewed=True)) == ["surveillance"]


def test_an_ending_tells_the_format_and_both_hold_the_same(desk):
    long, sheet = desk.export("a.csv"), desk.export("a.xlsx")
    workbook = openpyxl.load_workbook(sheet)
    header, *rows = workbook["review"].iter_rows(values_only=True)
    assert header == COLUMNS == tuple(rows_of(long)[0])
    assert [[cell or "" for cell in row] for row in rows] == [list(row.values()) for row in rows_of(long)]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_wide_export_has_a_row_a_passage_and_comes_back(desk, name):
    path = desk.export(name, wide=True)
    if name.endswith("xlsx"):
        workbook = openpyxl.load_workbook(path)
        sheet = workbook["review"]
        place = {cell.value: cell.column for cell in sheet[1]}
        assert sheet.max_row == 3
        for row in (2, 3):
            sheet.cell(row, place["surveillance"]).value = "addressed"
            sheet.cell(row, place["reviewer"]).value = "Ana"
        workbook.save(path)
    else:
        assert len(desk.fill(path, lambda _: {"surveillance": "addressed", "reviewer": "Ana"})) == 2
    assert (desk.take(path).added, desk.take(path).added) == (2, 0)
    stances = desk.rows("SELECT concern, concern_reviewed, stance_reviewed FROM reviews ORDER BY concern")
    assert stances == [("", "surveillance", "addressed"), ("surveillance", "", "addressed")]


@pytest.mark.parametrize("format_", FORMAT_NAMES)
def test_every_format_is_written_under_any_name(desk, format_):
    path = desk.export("out.txt", format_=format_)
    assert path.stat().st_size > 100
    beside = ["out.labels.xml"] if format_ == "label-studio" else []
    assert sorted(one.name for one in desk.folder.glob("out*")) == [*beside, "out.txt"]


@pytest.mark.parametrize(
    ("name", "options", "named"),
    [
        ("a.txt", {}, "a.txt"),
        ("a.csv", {"format_": "pdf"}, "web-annotation"),
        ("a.bib", {"wide": True}, "CSV or XLSX"),
        ("a", {"format_": "prodigy", "wide": True}, "CSV or XLSX"),
    ],
)
def test_a_format_that_cannot_be_is_told_before_anything_is_drawn_or_written(desk, name, options, named):
    with pytest.raises(OptionError) as caught:
        desk.export(name, "random", **options)
    assert named in str(caught.value)
    assert desk.rows("SELECT * FROM samples") == []
    assert not (desk.folder / name).exists()


def test_a_folder_is_no_file_to_write(desk):
    with pytest.raises(ReviewError, match="is a folder"):
        desk.export("documents", format_="csv")


def test_an_export_that_fails_leaves_the_file_there_was_and_nothing_beside_it(desk, monkeypatch):
    path = desk.export()
    before = path.read_bytes()

    def fail(*_):
        raise OSError("the disk is full")
        yield

    monkeypatch.setattr("ascn_nlp.reviewing.formats.to_csv", fail)
    with pytest.raises(OSError, match="disk"):
        desk.export()
    assert path.read_bytes() == before
    assert [one.name for one in desk.folder.glob("review*")] == ["review.csv"]


# An edited file is never overwritten.


def with_decision(row):
    return accept(row)


def with_note(row):
    return {"note": "ask"} if row["concern"] else None


def with_own_column(row):
    return {"shelf": "Box 7"}


def refused(row):
    return {"decision": "perhaps"}


EDITS = [with_decision, with_note, with_own_column, refused]


@pytest.mark.parametrize("name", ["hanoi.csv", "hanoi.xlsx"])
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_an_edited_file_is_kept_and_the_new_one_put_beside_it(desk, name, edit):
    path = desk.export(name)
    if name.endswith("csv"):
        rows = [row | (edit(row) or {}) for row in rows_of(path)]
        save_csv(path, rows)
    else:
        workbook = openpyxl.load_workbook(path)
        sheet = workbook["review"]
        header = [cell.value for cell in sheet[1]]
        for cells in sheet.iter_rows(min_row=2):
            row = {name: cell.value or "" for name, cell in zip(header, cells, strict=False)}
            for column, value in (edit(row) or {}).items():
                if column not in header:
                    header.append(column)
                    sheet.cell(1, len(header)).value = column
                sheet.cell(cells[0].row, header.index(column) + 1).value = value
        workbook.save(path)
    edited = path.read_bytes()
    beside = path.with_name(path.stem + "-2" + path.suffix)
    for _ in range(2):
        done = export_review(desk.workspace, path, Filters())
        assert (done.path, done.kept, done.rows) == (beside, path, 2)
    assert path.read_bytes() == edited
    assert sorted(one.name for one in desk.folder.glob("hanoi*")) == sorted([path.name, beside.name])
    assert desk.decisions() == []


def test_a_file_whose_decisions_are_imported_is_written_anew_with_them(desk):
    path = desk.export()
    desk.decide(path, accept)
    desk.export()
    assert [row["decision"] for row in rows_of(path)] == ["accept", "accept"]
    assert desk.take(path).added == 0


@pytest.mark.parametrize("what", ["sheet", "comment"])
def test_a_sheet_or_a_comment_of_the_persons_own_is_not_overwritten(desk, what):
    path = desk.export("hanoi.xlsx")
    workbook = openpyxl.load_workbook(path)
    if what == "sheet":
        workbook.create_sheet("memos")["A1"] = "the mayor said otherwise"
    else:
        workbook["review"]["A2"].comment = openpyxl.comments.Comment("is this Hanoi?", "Ana")
    workbook.save(path)
    assert export_review(desk.workspace, path, Filters()).kept == path


def test_a_workbook_that_was_only_opened_and_saved_is_overwritten(desk):
    path = desk.export("hanoi.xlsx")
    openpyxl.load_workbook(path).save(path)
    desk.export("hanoi.xlsx")


@pytest.mark.parametrize("content", [b"my,own,table\r\n1,2,3\r\n", b"", b"%PDF-1.7", b"PK\x03\x04 cut short"])
def test_a_file_that_is_no_export_at_all_is_never_overwritten(desk, content):
    path = desk.folder / "mine.csv"
    path.write_bytes(content)
    assert export_review(desk.workspace, path, Filters()).path == desk.folder / "mine-2.csv"
    assert path.read_bytes() == content


@pytest.mark.parametrize("format_", FORMAT_NAMES[2:])
def test_another_formats_file_is_overwritten_only_by_the_same_content(desk, format_):
    path = desk.export("out.txt", format_=format_)
    once = path.read_bytes()
    desk.export("out.txt", format_=format_)
    path.write_bytes(once + b" and mine")
    done = export_review(desk.workspace, path, Filters(), format_=format_)
    assert (done.path, done.kept) == (desk.folder / "out-2.txt", path)
    assert (path.read_bytes(), done.path.read_bytes()) == (once + b" and mine", once)


def test_another_format_does_not_overwrite_a_review_file(desk):
    path = desk.export()
    desk.fill(path, accept)
    written = path.read_bytes()
    assert export_review(desk.workspace, path, Filters(), format_="prodigy").kept == path
    assert path.read_bytes() == written


# Whose verdicts an export shows.


def decide_as(desk, reviewer, decision, name="review.csv", **more):
    path = desk.export(name)
    return desk.decide(path, lambda row: {"decision": decision, "reviewer": reviewer, **more})


def test_a_reviewers_export_shows_their_own_verdicts_and_fills_in_their_name(desk):
    decide_as(desk, "Ana", "accept", "ana.csv")
    desk.decide(desk.export("bo.csv", concern=("displacement",)), lambda _: {"decision": "reject", "reviewer": "Bo"})
    told = {name: desk.export(f"of-{name}.csv", reviewer=name) for name in ("Ana", "Bo", "Cy")}
    found = {name: [(row["reviewer"], row["decision"]) for row in rows_of(path)] for name, path in told.items()}
    assert found == {
        "Ana": [("Ana", "accept"), ("Ana", "accept")],
        "Bo": [("Bo", "reject"), ("Bo", "")],
        "Cy": [("Cy", ""), ("Cy", "")],
    }
    assert {desk.take(path).added for path in told.values()} == {0}


SECRETS = ("surveillance", "displacement", "raised", "accept", "Ana", "secret note", "facial recognition: ", "0.95")


@pytest.mark.parametrize("format_", [name for name in FORMAT_NAMES if name not in ("bibtex", "csl-json", "xlsx")])
@pytest.mark.parametrize("wide", [False, True])
def test_a_blind_export_shows_neither_predictions_nor_anyones_verdicts(desk, format_, wide):
    if wide and format_ != "csv":
        pytest.skip("has no wide form")
    open_ = desk.export("open.txt", wide=wide, format_=format_).read_text(encoding="utf-8-sig")
    decide_as(desk, "Ana", "accept", note="secret note")
    path = desk.export("blind.txt", "all", blind=True, wide=wide, reviewer="Bo", format_=format_)
    if format_ == "csv":
        shown = " ".join(" ".join(row.values()) for row in rows_of(path))
        assert "Forty families" in shown and "Bo" in shown
    else:
        # The concerns that may be chosen are named, the same ones in every export.
        shown = path.read_text(encoding="utf-8")
        before = desk.export("before.txt", "all", blind=True, reviewer="Bo", format_=format_)
        assert before.read_text(encoding="utf-8") == shown
        shown = shown.replace('"surveillance"', "").replace('"displacement"', "").replace('"raised"', "")
        shown = shown.replace('"accept"', "")
    tagger = desk.rows("SELECT DISTINCT tagger_id FROM taggings")[0][0]
    assert tagger in open_ or format_ == "doccano"
    assert [secret for secret in (*SECRETS, tagger) if secret in shown] == []


def test_a_blind_workbook_shows_nothing_either(desk):
    decide_as(desk, "Ana", "accept", note="secret note")
    sheet = openpyxl.load_workbook(desk.export("blind.xlsx", blind=True), rich_text=True)["review"]
    cells = [cell.value for row in sheet.iter_rows(min_row=2) for cell in row if cell.value]
    assert any("Forty families" in str(cell) for cell in cells)
    assert [cell for cell in cells if not isinstance(cell, str)] == [], "evidence in bold tells what was found"
    assert [secret for secret in SECRETS if any(secret in cell for cell in cells)] == []


def test_a_blind_export_has_all_passages_tagged_or_not_and_shows_a_reviewer_their_own_blind_verdicts(desk):
    path = desk.export(blind=True)
    assert [row["concern"] for row in rows_of(path)] == [""] * 4
    said = {"decision": "accept", "concern_reviewed": "surveillance", "stance_reviewed": "raised", "reviewer": "Ana"}
    assert desk.decide(path, lambda row: said if "cameras" in row["quote"] else None).added == 1
    again = rows_of(desk.export("again.csv", blind=True, reviewer="Ana"))
    assert [row["concern_reviewed"] for row in again if row["decision"]] == ["surveillance"]
    assert [row["decision"] for row in rows_of(desk.export("bo.csv", blind=True, reviewer="Bo"))] == [""] * 4


def test_what_was_said_in_sight_of_predictions_is_asked_anew_where_they_are_hidden_and_both_are_kept(desk):
    desk.decide(desk.export("open.csv", "random"), lambda row: said("reject"))
    path = desk.export("blind.csv", "random", blind=True, reviewer="Ana")
    assert [row["decision"] for row in rows_of(path)] == [""] * 4
    assert desk.decide(path, lambda row: said("reject")).added == 4
    assert (desk.take(path).added, desk.take(path).known) == (0, 4)
    assert [row["decision"] for row in rows_of(desk.export("b.csv", "random", blind=True, reviewer="Ana"))] == [
        "reject"
    ] * 4
    assert desk.take(desk.export("next.csv", "random")).added == 0


# What is exported comes back as it was said, and as nobody else's.


def said(decision, concern="", stance="", note="", reviewer="Ana"):
    return dict(zip(REVIEWER_COLUMNS, (decision, concern, stance, note, reviewer), strict=True))


VERDICTS = [
    said("accept"),
    said("accept", "", "addressed", "a note"),
    said("accept", "exclusion", "raised"),
    said("reject", "exclusion"),
    said("reject", note="no", reviewer=""),
    said("unsure", reviewer="Bo"),
]


@pytest.mark.parametrize("wide", [False, True], ids=["long", "wide"])
@pytest.mark.parametrize("reviewer", ["", "Ana", "Bo"])
@pytest.mark.parametrize("blind", [False, True], ids=["open", "blind"])
@pytest.mark.parametrize("sample", ["all", "random"])
def test_an_unedited_export_holds_nothing_new_whoever_has_decided_what(desk, wide, reviewer, blind, sample):
    for number, one in enumerate(VERDICTS):
        desk.decide(desk.export(f"{number}.csv"), lambda row, one=one: one if row["concern"] else None)
    whole = desk.export("whole.csv", "random")
    for other in ("Bo", ""):
        desk.decide(whole, lambda row, other=other: None if row["concern"] else said("reject", reviewer=other))
    added = desk.rows("SELECT count(*) FROM reviews")[0][0]
    assert added == 2 * len(VERDICTS) + 8
    path = desk.export("next.csv", sample, wide=wide, reviewer=reviewer, blind=blind)
    found = desk.take(path)
    assert (found.added, found.refused, found.lost) == (0, (), ())
    if not blind and not (wide and reviewer == "Ana"):  # her last one names another concern: no column can say it
        assert found.known


def test_a_wide_row_never_gives_one_persons_verdict_to_another(desk):
    with desk.store().writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tags SELECT passage_seq, 'exclusion', stance, score, is_unsure, evidence, since_run "
            "FROM tags WHERE concern = 'surveillance'"
        )
    path = desk.export()
    who = {"surveillance": "Ana", "exclusion": "Bo"}
    desk.decide(path, lambda row: row["concern"] in who and said("accept", reviewer=who[row["concern"]]))
    found = desk.take(desk.export("wide.csv", wide=True))
    assert (found.added, found.known) == (0, 1)
    of_each = {name: desk.take(desk.export(f"{name}.csv", wide=True, reviewer=name)) for name in ("Ana", "Bo")}
    assert {name: (one.added, one.known) for name, one in of_each.items()} == {"Ana": (0, 1), "Bo": (0, 1)}


# Writing and waiting.


def hold(desk):
    return desk.store().writing()


@pytest.fixture
def impatient(monkeypatch):
    """Who waits for a lock fails at once."""
    monkeypatch.setattr("ascn_nlp.store.database.BUSY_SECONDS", 0)


def test_a_plain_export_over_an_earlier_one_works_while_another_holds_the_write_lock(impatient, desk):
    for name in ("a.csv", "a.xlsx"):
        desk.export(name)
    desk.decide(desk.export("decided.csv"), accept)
    with hold(desk):
        for name in ("a.csv", "a.xlsx", "decided.csv", "new.csv"):
            desk.export(name)
        assert desk.take(desk.folder / "a.csv", is_dry_run=True).known == 2


def test_a_plain_export_writes_nothing_to_the_store_but_a_codebook_it_does_not_know(desk):
    statements = []
    event.listen(desk.store().engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    desk.export()
    assert "INSERT" not in " ".join(statements), "the refresh has exported with these definitions before"
    assert statements and not [one for one in statements if not one.startswith(("SELECT", "BEGIN", "WITH", "PRAGMA"))]
    assert "BEGIN IMMEDIATE" not in statements
    assert desk.rows("SELECT count(*) FROM codebooks") == [(1,)]
    desk.redefine()
    desk.export()
    desk.export()
    assert desk.rows("SELECT count(*) FROM codebooks") == [(2,)]


# Imports.


def test_a_decision_is_stored_with_its_reviewer_the_time_and_the_files_digest(desk):
    path = desk.export()
    before = datetime.now(UTC)
    desk.decide(path, lambda row: {"decision": "accept", "note": "seen"} if row["concern"] else None, reviewer="Cy")
    [*rows] = desk.rows("SELECT reviewer, note, file_sha256, at, sample, codebook FROM reviews")
    assert len(rows) == 2
    codebook = desk.rows("SELECT digest FROM codebooks")[0][0]
    for reviewer, note, sha256, at, sample, of in rows:
        assert (reviewer, note, sample, of) == ("Cy", "seen", "all", codebook)
        assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert before <= datetime.fromisoformat(at).replace(tzinfo=UTC) <= datetime.now(UTC)


def test_a_reviewer_named_in_a_row_goes_before_the_one_named_for_the_file(desk):
    path = desk.export()
    desk.decide(path, lambda row: said("accept", reviewer="Bo" if row["concern"] == "displacement" else ""),
                reviewer="Cy")  # fmt: skip
    assert sorted(row[0] for row in desk.decisions()) == ["Bo", "Cy"]


def test_a_file_twice_changes_nothing_and_a_dry_run_never_does(desk):
    path = desk.export()
    desk.fill(path, accept)
    dry = desk.take(path, is_dry_run=True)
    assert (dry.added, dry.known, desk.decisions()) == (2, 0, [])
    assert desk.take(path).added == 2
    before = desk.rows("SELECT * FROM reviews")
    again = desk.take(path)
    assert (again.added, again.known) == (0, 2)
    assert desk.rows("SELECT * FROM reviews") == before


def test_an_import_that_fails_in_the_middle_leaves_nothing(desk):
    path = desk.export()
    desk.fill(path, accept)
    with desk.store().writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER fail BEFORE INSERT ON reviews WHEN (SELECT count(*) FROM reviews) = 1 "
            "BEGIN SELECT RAISE(ABORT, 'in the middle'); END"
        )
    with pytest.raises(IntegrityError, match="in the middle"):
        desk.take(path)
    assert desk.decisions() == []
    with desk.store().writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER fail")
    assert desk.take(path).added == 2


def test_a_file_of_another_workspace_is_told(desk, workplaces, tmp_path_factory):
    other = workplaces(tmp_path_factory.mktemp("other"))
    path = desk.export()
    desk.fill(path, accept)
    found = import_review(other.workspace, path)
    assert (found.added, len(found.lost)) == (0, 2)
    assert set(found.lost) == {row["passage_id"] for row in rows_of(path)}


def test_what_a_spreadsheet_program_saves_comes_back_as_xlsx(desk):
    path = desk.export("a.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook["review"]["A2"] = " Accept "
    workbook["review"]["E2"] = "Ana"
    workbook.save(path)
    assert desk.take(path).added == 1
    assert desk.decisions()[0][3] == "accept"


def test_a_file_in_a_western_encoding_is_told(desk):
    path = desk.export()
    rows = [row | {"decision": "accept", "note": "café"} for row in rows_of(path)]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("cp1252", "replace"))
    found = desk.take(path)
    assert found.is_western and found.added == 2
    assert desk.rows("SELECT DISTINCT note FROM reviews") == [("café",)]


def test_an_error_names_the_file(desk):
    path = desk.folder / "strange.csv"
    path.write_text("a,b\r\n1,2\r\n", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"strange\.csv"):
        desk.take(path)
    with pytest.raises(ReviewError, match=r"nowhere\.csv.*"):
        desk.take(desk.folder / "nowhere.csv")


def test_two_who_do_not_agree_are_both_kept_and_told(desk):
    decide_as(desk, "Ana", "accept")
    found = decide_as(desk, "Bo", "reject", "bo.csv")
    assert [(one.reviewer, one.says, one.other, one.other_says) for one in found.conflicts] == [
        ("Bo", "no", "Ana", "raised")
    ] * 2
    assert sorted((row[0], row[3]) for row in desk.decisions()) == [("Ana", "accept")] * 2 + [("Bo", "reject")] * 2


# A document that is read anew.


def decided_on_watched(desk, **more):
    path = desk.export()
    desk.decide(path, lambda row: said("accept", **more) if row["concern"] == "surveillance" else None)
    return path


def verdicts(desk, name="next.csv", **options):
    return [(row["concern"], row["decision"]) for row in rows_of(desk.export(name, **options)) if row["decision"]]


def test_a_passage_with_the_same_words_keeps_its_verdict(desk):
    path = decided_on_watched(desk)
    desk.rewrite("river.md", "Forty families", "Fifty families")
    assert verdicts(desk) == [("surveillance", "accept")]
    found = desk.take(path)
    assert (found.known, found.moved, found.orphaned) == (1, (), ())


@pytest.mark.parametrize(
    ("old", "new"), [("market stall", "market-stall"), ("every market", "EVERY MARKET"), ("morning on,", "morning on;")]
)
def test_a_verdict_goes_with_words_of_which_only_marks_blanks_or_capitals_have_changed(desk, old, new):
    path = decided_on_watched(desk)
    was = desk.id_of("Facial recognition")
    desk.rewrite("river.md", old, new)
    now = desk.id_of("Facial recognition")
    assert now != was
    assert verdicts(desk) == [("surveillance", "accept")]
    again = desk.take(path)
    assert (again.added, again.known, again.moved, again.orphaned) == (0, 1, ((was, now),), ())
    after = desk.take(desk.folder / "next.csv")
    assert (after.added, after.known) == (0, 1), "what an export fills in is known under its new id too"


def test_a_decision_that_comes_in_after_the_move_counts_where_the_words_are_now(desk):
    path = desk.export()
    desk.fill(path, accept)
    desk.rewrite("river.md", "market stall", "market-stall")
    found = desk.take(path)
    assert (found.added, len(found.moved), found.orphaned) == (2, 1, ())
    assert sorted(verdicts(desk)) == [("displacement", "accept"), ("surveillance", "accept")]
    stored = {row[0]: json.loads(row[1]) for row in desk.rows("SELECT concern, predicted FROM reviews")}
    assert stored["surveillance"]["stance"] == "raised", "what the reviewer was shown, though the tag is gone"


def test_a_verdict_whose_words_have_changed_is_an_orphan_and_is_told_and_not_guessed(desk):
    path = decided_on_watched(desk)
    was = desk.id_of("Facial recognition")
    desk.rewrite("river.md", "every market stall", "many market stalls")
    found = desk.take(path)
    assert (found.known, found.moved, found.orphaned) == (1, (), (was,))
    assert verdicts(desk) == []


def test_a_verdict_with_two_candidates_goes_to_neither(desk):
    path = decided_on_watched(desk)
    was = desk.id_of("Facial recognition")
    (words,) = desk.rows("SELECT text FROM passages WHERE id = ?", was)[0]
    document = desk.place.documents / "river.md"
    text = document.read_text(encoding="utf-8")
    twice = words.replace("market stall", "market-stall") + "\n\n" + words.replace("market stall", "market, stall")
    desk.place.put("river.md", text.replace(words, twice))
    desk.place.refresh()
    found = desk.take(path)
    assert (found.moved, found.orphaned) == ((), (was,))
    assert verdicts(desk) == []


def test_a_verdict_moves_on_as_often_as_its_document_is_read_anew(desk):
    path = decided_on_watched(desk)
    desk.rewrite("river.md", "market stall", "market-stall")
    desk.decide(desk.export("two.csv"), lambda row: row["concern"] == "surveillance" and said("accept", reviewer="Bo"))
    desk.rewrite("river.md", "market-stall", "market / stall")
    found = rows_of(desk.export("three.csv"))
    assert [row["reviewer"] for row in found if row["decision"]] == ["Bo"]
    assert verdicts(desk, "ana.csv", reviewer="Ana") == [("surveillance", "accept")]
    assert len(desk.take(path).moved) == 1


def test_a_verdict_that_has_moved_can_be_taken_back(desk):
    decided_on_watched(desk)
    desk.rewrite("river.md", "market stall", "market-stall")
    path = desk.export("moved.csv")
    desk.decide(path, lambda row: {"decision": "withdraw"} if row["decision"] else None)
    assert verdicts(desk) == []


def test_a_refresh_after_a_move_writes_over_its_own_export(desk):
    decided_on_watched(desk)
    desk.rewrite("river.md", "market stall", "market-stall")
    desk.rewrite("bench.md", "A second list", "A third list")
    assert [one.name for one in desk.workspace.review_csv.parent.iterdir()] == ["review.csv"]


def test_nothing_is_held_absent_that_a_reviewer_was_shown_and_left_open(desk):
    path = desk.export("r.csv", "random")
    desk.fill(path, lambda row: None if row["concern"] else said("reject"))
    desk.rewrite("river.md", "market stall", "market-stall")
    desk.take(path)
    on_show = desk.rows("SELECT predicted FROM reviews JOIN passages p ON p.id = passage_id WHERE NOT is_current")
    assert [set(json.loads(predicted)) for (predicted,) in on_show] == [{"surveillance"}]


# Another definition.


def test_a_verdict_under_another_definition_is_asked_for_anew_and_counts_when_it_is_given_again(desk):
    path = desk.export()
    desk.decide(path, accept)
    desk.redefine("displacement")
    assert verdicts(desk) == [("surveillance", "accept")]
    old = desk.take(path)
    assert (old.added, dict(old.stale)) == (0, {"displacement": 1})
    new = desk.decide(desk.folder / "next.csv", lambda row: accept(row) if row["concern"] == "displacement" else None)
    assert (new.added, dict(new.stale)) == (1, {})
    assert sorted(verdicts(desk, "last.csv")) == [("displacement", "accept"), ("surveillance", "accept")]
    assert desk.take(path).added == 0, "the old file says what was said before, and changes nothing"
    assert sorted(verdicts(desk, "more.csv")) == [("displacement", "accept"), ("surveillance", "accept")]


def test_a_file_exported_before_a_change_and_imported_after_it_is_stale(desk):
    path = desk.export()
    desk.fill(path, accept)
    desk.redefine("displacement")
    desk.export("new.csv")
    found = desk.take(path)
    assert (found.added, dict(found.stale)) == (2, {"displacement": 1})
    assert verdicts(desk) == [("surveillance", "accept")]


def test_what_was_said_of_whole_passages_is_stale_by_concern_too(desk):
    path = desk.export("r.csv", "random")
    desk.fill(path, lambda row: said("accept" if row["concern"] else "reject"))
    desk.redefine("displacement")
    found = desk.take(path)
    assert (found.added, dict(found.stale)) == (6, {"displacement": 4}), "one is named, three are of passages without"


def test_a_concern_that_is_gone_from_the_taxonomy_does_not_make_files_that_cannot_be_taken_back(desk):
    desk.redefine("displacement")
    taxonomy = desk.folder / "taxonomy.toml"
    text = taxonomy.read_text(encoding="utf-8")
    block = text[text.index("[concerns.exclusion]") :]
    block = block[: block.index("\n[concerns.", 5)]
    desk.decide(desk.export(), lambda row: said("accept", "exclusion", "raised"))
    taxonomy.write_text(text.replace(block, ""), encoding="utf-8")
    found = desk.take(desk.export("next.csv"))
    assert (found.added, found.refused) == (0, ())


@pytest.mark.parametrize("name", ["note", "quote", "page", "shown", "passage_id", "surveillance_predicted"])
def test_a_concern_that_is_called_as_another_column_is_refused_in_the_wide_form_alone(desk, name):
    desk.redefine("displacement")
    taxonomy = desk.folder / "taxonomy.toml"
    text = taxonomy.read_text(encoding="utf-8")
    taxonomy.write_text(text.replace("[concerns.exclusion", f"[concerns.{name}"), encoding="utf-8")
    with pytest.raises(TableError, match=repr(name)) as caught:
        desk.export("wide.csv", "random", wide=True)
    assert caught.value.where == str(taxonomy)
    assert not desk.rows("SELECT id FROM samples"), "told before anything is drawn"
    assert desk.take(desk.export("long.csv")).refused == ()


def test_the_rows_for_a_frame_have_the_verdicts_that_stand(desk):
    desk.decide(desk.export(), accept)
    assert [row["decision"] for row in review_rows(desk.workspace, Filters())] == ["accept", "accept"]


@pytest.mark.parametrize("decision", DECISIONS[:3])
def test_a_withdrawn_decision_is_no_longer_shown_and_stays_in_the_history(desk, decision):
    decide_as(desk, "Ana", decision)
    path = desk.export()
    desk.decide(path, lambda row: {"decision": "withdraw"})
    assert verdicts(desk) == []
    assert [row[3] for row in desk.decisions()] == [decision] * 2 + ["withdraw"] * 2


# Files that a program has saved as something else.

MARKUP = {
    "flat ODS": '<?xml version="1.0" encoding="UTF-8"?>\n<office:document>decision</office:document>',
    "XML of 2003": '\n<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook>decision</Workbook>',
    "web page": "<html><table><tr><td>decision</td><td>passage_id</td></tr></table></html>",
    "web page of its kind": " <!DOCTYPE html>\n<HTML><body>decision</body></HTML>",
    "table": "<TABLE><tr><td>decision</td></tr></TABLE>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("kind", MARKUP)
def test_a_sheet_saved_as_xml_or_html_is_refused_as_that(desk, kind, encoding):
    path = desk.folder / "saved.xls"
    path.write_bytes(MARKUP[kind].encode(encoding))
    with pytest.raises(ReviewError, match="is XML or HTML") as caught:
        desk.take(path)
    assert "XLSX, ODS or CSV" in caught.value.remedy


def test_a_note_that_lost_nothing_but_letters_of_other_encodings_is_kept_as_it_stands(desk):
    path = desk.export()
    desk.decide(path, lambda row: said("accept") | {"note": "Bà Nguyễn nói thế"})
    text = path.read_text(encoding="utf-8-sig")
    path.write_bytes(text.encode("cp1252", "replace"))
    assert b"Nguy?n" in path.read_bytes()
    found = desk.take(path)
    assert (found.added, found.known, found.is_western) == (0, 2, True)
    path.write_bytes(text.replace("accept,", "reject,").encode("cp1252", "replace"))
    assert desk.take(path).added == 2
    assert set(desk.rows("SELECT note, decision FROM reviews WHERE seq > 2")) == {("Bà Nguyễn nói thế", "reject")}
    path.write_bytes(text.replace("Nguyễn", "Trần").encode("cp1252", "replace"))
    assert desk.take(path).added == 2, "who wrote something else has written it"
    path.write_text(text.replace("Nguyễn", "Nguy?n"), encoding="utf-8-sig")
    assert desk.take(path).added == 2, "in UTF-8 nothing was lost"


# Disagreements.


def test_disagreements_are_exported_with_who_said_what_and_come_back(desk):
    passage = desk.id_of("Facial recognition")
    path = desk.folder / "open.csv"
    done = export_disagreements(desk.workspace, path, [passage], {passage: "surveillance: Ana: present, Bo: absent"})
    rows = rows_of(path)
    assert (done.rows, [row["concern"] for row in rows]) == (2, ["surveillance", ""])
    assert "Ana: present, Bo: absent" in rows[1]["why"]
    assert desk.decide(path, accept).added == 1
    again = export_disagreements(desk.workspace, path, [passage], {})
    assert (again.path, [row["sample"] for row in rows_of(path)]) == (path, [rows[0]["sample"]] * 2)


# No query a row.


@pytest.mark.parametrize("sample", ["all", "random", "active"])
def test_the_number_of_statements_does_not_grow_with_the_passages(desk, sample):
    counts = {}
    for many in (40, 360):
        text = "\n\n".join(f"In district number {n}, to name one: {WATCHED} {WATCHED}" for n in range(many))
        desk.place.put(f"many{many}.md", f"---\ndate: 2021-03-14\n---\n\n{text}\n")
        desk.place.refresh()
        statements = []
        listener = lambda *args, into=statements: into.append(args[2])  # noqa: E731
        event.listen(desk.store().engine, "before_cursor_execute", listener)
        path = desk.export(f"{many}.csv", sample, size=1000)
        if sample != "active":  # which leaves out copies
            assert len({row["passage_id"] for row in rows_of(path)}) >= many
        found = desk.decide(path, accept)
        desk.export("again.csv", sample, size=1000, reviewer="Ana")
        event.remove(desk.store().engine, "before_cursor_execute", listener)
        assert found.added
        counts[many] = len(statements)
    # The second time there is a file to be looked at first: a dry run more.
    assert counts[360] <= counts[40] + 16


WATCHED = (
    "Facial recognition cameras now watch every market stall in Jakarta from the morning on, as the council was told "
    "at its meeting in March by the association of the eastern district, which had walked from house to house."
)


def test_label_studio_is_given_its_labelling_configuration_beside_the_tasks(desk):
    done = export_review(desk.workspace, desk.folder / "tasks.json", Filters(), format_="label-studio")
    told = (desk.folder / "tasks.labels.xml").read_text(encoding="utf-8")
    assert done.rows and told.startswith("<View>") and "surveillance" in told


def test_of_a_workbook_that_a_library_wrote_formulas_without_results_are_refused_and_nothing_is_lost(desk):
    path = desk.export("a.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book["review"]
    place = {cell.value: cell.column for cell in sheet[1]}
    for row, note in ((2, '="seen by "&"Ana"'), (3, "seen")):
        sheet.cell(row, place["decision"]).value = "accept"
        sheet.cell(row, place["reviewer"]).value = "Ana"
        sheet.cell(row, place["note"]).value = note
    book.save(path)
    done = desk.take(path)
    [refused] = done.refused
    assert (done.added, refused.row) == (1, 2)
    assert "note holds a formula whose result was not saved" in refused.reason
    assert desk.rows("SELECT note FROM reviews") == [("seen",)]
