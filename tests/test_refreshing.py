"""The main job as a whole: what a second run does, what changes do, and what a person wrote survives."""

import csv
import re
import shutil

import pytest

from ascn_nlp import pipeline
from ascn_nlp.cli import main
from ascn_nlp.errors import StoreError, TableError
from ascn_nlp.filters import Filters
from ascn_nlp.refreshing import begin_refresh, closing_on_error
from ascn_nlp.resources import packaged
from ascn_nlp.retagging import retag
from ascn_nlp.reviewing.files import export_review, import_review, window_filters
from ascn_nlp.workspace import open_workspace

# Everything but times, run ids and who wrote what when.
CONTENT = {
    "documents": "id, is_gone, sha256, read_key, outcome, title, published, tagged_key",
    "versions": "document_seq, sha256",
    "contents": "document_seq, sha256, text, pages",
    "passages": "id, ordinal, text, is_current",
    "taggings": "passage_seq, tagger_id, scores, mentions",
    "tags": "passage_seq, concern, stance, score",
    "passage_cities": "passage_seq, city",
    "issues": "document_seq, stage, message, is_current",
    "reviews": "passage_id, concern, decision, reviewer",
}
FIRST = (
    "Published on 4 May 2022. Families in Jakarta were evicted from the riverbank to make way for smart city sensors, "
)
SECOND = (
    "Surveillance cameras with facial recognition now watch every street of Jakarta, and residents have protested, "
)
END = "as the council was told at its meeting by the neighbourhood associations of the eastern district."


def two_paragraphs(first=FIRST, second=SECOND):
    return f"{first}{END}\n\n{second}{END}\n"


def content_of(workplace):
    return {table: sorted(workplace.rows(f"SELECT {what} FROM {table}")) for table, what in CONTENT.items()}


def decide(path, decision="accept", note="seen", count=1):
    """Fill in the first rows of a review CSV, as a spreadsheet would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows[:count]:
        row.update(decision=decision, note=note, reviewer="Ana")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return rows[:count]


@pytest.fixture(scope="module")
def filled_once(workplaces, tmp_path_factory):
    one = workplaces(tmp_path_factory.mktemp("filled"))
    one.put("river.txt", two_paragraphs())
    one.put("deep/er/market.md")
    one.refresh()
    one.close()
    return one


@pytest.fixture
def filled(filled_once, workplaces, tmp_path):
    """A workplace after its first refresh, with three passages of two documents."""
    shutil.copytree(filled_once.root, tmp_path, dirs_exist_ok=True)
    return workplaces(tmp_path)


def test_a_refresh_reads_tags_and_exports_what_its_sources_list(filled):
    assert filled.outcomes() == {"river.txt": "read", "deep/er/market.md": "read"}
    tagged = {concern for (concern,) in filled.rows("SELECT concern FROM tags")}
    assert {"surveillance", "eviction"} & tagged or tagged
    assert filled.workspace.review_csv.read_bytes().startswith(b"\xef\xbb\xbf")
    assert filled.rows("SELECT state FROM runs") == [("done",)]


def test_a_second_refresh_adds_nothing(filled):
    before, reviewed = content_of(filled), filled.workspace.review_csv.read_bytes()
    (filled.documents / "river.txt").touch()  # a new time is no new content
    summary = filled.refresh()
    assert content_of(filled) == before
    assert filled.workspace.review_csv.read_bytes() == reviewed
    added = ("new", "gone", "fetch.fetched", "read.passages", "tag.passages", "tag.tags")
    assert {name: summary["counts"].get(name, 0) for name in added} == dict.fromkeys(added, 0)
    assert not pipeline.has_work(filled.workspace)


def test_a_changed_file_is_a_new_version_and_its_unchanged_passages_keep_ids_and_reviews(filled):
    (row,) = [row for row in decide(filled.workspace.review_csv, count=99) if row["quote"].startswith("Surveillance")][
        :1
    ]
    import_review(filled.workspace, filled.workspace.review_csv)
    filled.put("river.txt", two_paragraphs(first="Published on 4 May 2022. Nobody has to leave the riverbank, "))
    summary = filled.refresh()
    assert (summary["counts"]["read.passages"], summary["counts"]["read.passages_dropped"]) == (1, 1)
    assert filled.rows("SELECT count(*) FROM versions v JOIN documents d ON d.seq = v.document_seq "
                       "WHERE address = 'river.txt'") == [(2,)]  # fmt: skip
    assert filled.rows("SELECT is_current FROM passages WHERE id = ?", row["passage_id"]) == [(1,)]
    exported = [one for one in read(filled.workspace.review_csv) if one["passage_id"] == row["passage_id"]]
    assert [(one["decision"], one["note"]) for one in exported] == [("accept", "seen")] * len(exported) != []
    old = filled.rows("SELECT text, is_current FROM passages WHERE NOT is_current")
    assert [text.startswith(FIRST) for text, _ in old] == [True]  # kept, since a review may point to it


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_removed_file_is_marked_gone_and_all_that_was_read_of_it_stays(filled):
    passages = filled.rows("SELECT id, is_current FROM passages ORDER BY id")
    (filled.documents / "river.txt").unlink()
    assert filled.refresh()["counts"]["gone"] == 1
    assert filled.rows("SELECT address FROM documents WHERE is_gone") == [("river.txt",)]
    assert filled.rows("SELECT id, is_current FROM passages ORDER BY id") == passages
    filled.put("river.txt", two_paragraphs())
    summary = filled.refresh()
    assert (summary["counts"]["new"], summary["counts"].get("read.passages", 0)) == (0, 0)
    assert filled.rows("SELECT count(*) FROM documents WHERE is_gone") == [(0,)]


def test_decisions_not_imported_are_never_overwritten_and_later_exports_share_one_file_beside_them(filled):
    path = filled.workspace.review_csv
    decide(path)
    written = path.read_bytes()
    for _ in range(3):  # a nightly run must not leave a file for every night
        summary = filled.refresh()
        assert (summary["kept"], summary["review"]) == (str(path), str(path.with_name("review-2.csv")))
    retag(filled.workspace, Filters())
    assert path.read_bytes() == written
    assert sorted(one.name for one in path.parent.iterdir()) == ["review-2.csv", "review.csv"]


def test_decisions_in_both_files_are_kept(filled):
    path = filled.workspace.review_csv
    decide(path)
    filled.refresh()
    decide(path.with_name("review-2.csv"), "reject", "another night")
    kept = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    assert filled.refresh()["review"] == str(path.with_name("review-3.csv"))
    assert {name: path.with_name(name).read_bytes() for name in kept} == kept


def test_imported_decisions_stand_in_the_next_export_and_survive_tagging_again(filled):
    path = filled.workspace.review_csv
    (decided,) = decide(path, "reject")
    import_review(filled.workspace, path)
    retag(filled.workspace, Filters())
    summary = filled.refresh()
    assert (summary["kept"], summary["review"]) == ("", str(path))
    exported = [row for row in read(path) if row["row_check"] == decided["row_check"]]
    assert [(row["decision"], row["note"], row["reviewer"]) for row in exported] == [("reject", "seen", "Ana")]
    assert filled.rows("SELECT decision, concern FROM reviews") == [("reject", decided["concern"])]


def test_a_note_without_a_decision_is_not_overwritten_either(filled):
    path = filled.workspace.review_csv
    decide(path, decision="", note="ask the author")
    assert filled.refresh()["kept"] == str(path)
    assert "ask the author" in path.read_text(encoding="utf-8-sig")


def test_a_column_of_the_persons_own_is_not_overwritten_even_when_all_decisions_are_imported(filled):
    path = filled.workspace.review_csv
    decide(path)
    header, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([f"{header},shelf", *(f'{line},"Box 7"' for line in lines)]), encoding="utf-8-sig")
    found = import_review(filled.workspace, path)
    assert (found.added, found.added_columns) == (1, ("shelf",))
    assert filled.refresh()["kept"] == str(path)
    assert "Box 7" in path.read_text(encoding="utf-8-sig")


LOST_BOATS = """
[concerns.lost_boats]
name = "Lost boats"
theme = "services"
include = "ferries, barges and ships that sink or are mislaid"
exclude = "boats that arrive"
usual_stance = "raised"
terms = ["lost boat", "neighbourhood association"]
weak_terms = []
examples = [
  { text = "The lost boat was never found.", stance = "raised" },
  { text = "A levy will pay for every lost boat.", stance = "addressed" },
  { text = "The register holds nine lost boats.", stance = "described" },
]
counterexamples = ["The boat arrived.", "The ferry left."]
"""


def add_a_concern(workplace):
    taxonomy = packaged("taxonomy.toml").read_text(encoding="utf-8")
    (workplace.root / "taxonomy.toml").write_text(taxonomy + LOST_BOATS, encoding="utf-8")


def test_a_thirteenth_concern_is_tagged_by_rules_at_the_next_retag_which_names_the_command_to_train(filled):
    filled.settings("[reading]\nworkers = 1\n")  # with the model
    add_a_concern(filled)
    done = retag(filled.workspace, Filters())
    assert done.by_concern["lost_boats"] == (2, 0, 0, 0)
    assert filled.rows("SELECT count(*) FROM tags WHERE concern = 'lost_boats'") == [(2,)]
    (warning,) = done.warnings
    assert "lost_boats" in warning and "ascn-nlp train" in warning and "surveillance" not in warning


def test_a_changed_taxonomy_is_work_for_a_refresh_too_and_for_one_only(filled):
    add_a_concern(filled)
    assert filled.refresh()["counts"]["tag.passages"] == 3
    assert filled.rows("SELECT count(*) FROM tags WHERE concern = 'lost_boats'") == [(2,)]
    assert not pipeline.has_work(filled.workspace)


def test_a_dry_run_says_what_would_change_and_changes_nothing(filled):
    before, runs = content_of(filled), filled.rows("SELECT id, state FROM runs")
    add_a_concern(filled)
    done = retag(filled.workspace, Filters(), is_dry_run=True)
    assert done.by_concern["lost_boats"] == (2, 0, 0, 0)
    assert content_of(filled) == before
    assert filled.rows("SELECT id, state FROM runs") == runs


def test_tagging_one_concern_again_leaves_the_others_alone(filled):
    before = content_of(filled)
    taxonomy = packaged("taxonomy.toml").read_text(encoding="utf-8")
    changed = re.sub(r'"facial recognition"', '"zebra recognition"', taxonomy).replace('"evict', '"zebra evict')
    assert changed != taxonomy
    (filled.root / "taxonomy.toml").write_text(changed + LOST_BOATS, encoding="utf-8")
    retag(filled.workspace, Filters(), ["lost_boats"])
    after = content_of(filled)
    assert [row for row in after["tags"] if row[1] != "lost_boats"] == before["tags"]
    assert {**after, "tags": ()} == {**before, "tags": ()}
    assert len(after["tags"]) == len(before["tags"]) + 2


def test_the_documents_tagged_for_one_concern_are_still_due_for_the_others(filled):
    add_a_concern(filled)
    retag(filled.workspace, Filters(), ["lost_boats"])
    assert pipeline.has_work(filled.workspace)


def test_a_second_run_is_told_that_another_is_at_work_and_the_first_goes_on(filled):
    begun = begin_refresh(filled.workspace)
    for job in (lambda: begin_refresh(filled.workspace), lambda: retag(filled.workspace, Filters())):
        with pytest.raises(StoreError, match=f"another refresh is at work.*{begun['run_id']}") as caught:
            job()
        assert "wait" in caught.value.remedy
    filled.refresh(begun=begun)
    assert dict(filled.rows("SELECT state, count(*) FROM runs GROUP BY state")) == {"done": 2}


def test_an_export_and_a_search_work_while_a_refresh_is_writing(filled, tmp_path):
    filled.put("later.txt")
    begun = begin_refresh(filled.workspace)
    out = tmp_path / "out.csv"
    with pipeline.store_of(filled.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE documents SET title = 'half written'")
        filters = window_filters(filled.workspace, Filters())
        assert export_review(filled.workspace, out, filters).rows == len(read(filled.workspace.review_csv))
        connection.rollback()
    assert "half written" not in out.read_text(encoding="utf-8-sig")
    filled.refresh(begun=begun)


def test_a_missing_folder_is_named_in_the_summary_and_the_other_sources_go_on(workplace):
    workplace.put("river.txt", two_paragraphs())
    missing = (workplace.root / "sources.toml").read_text(encoding="utf-8").replace("papers", "lost")
    with (workplace.root / "sources.toml").open("a", encoding="utf-8") as file:
        file.write(missing.replace('"documents"', '"nowhere"'))
    (problem,) = workplace.refresh()["problems"]
    assert problem.startswith("source lost: ") and "nowhere" in problem and "no such folder" in problem
    assert workplace.outcomes() == {"river.txt": "read"}


def test_a_folder_that_is_missing_for_once_does_not_make_its_documents_gone(filled):
    filled.documents.rename(filled.root / "unmounted")
    assert len(filled.refresh()["problems"]) == 1
    assert filled.rows("SELECT count(*) FROM documents WHERE is_gone") == [(0,)]
    (filled.root / "unmounted").rename(filled.documents)
    assert not filled.refresh()["problems"]


@pytest.mark.parametrize("table", ["taxonomy.toml", "gazetteer.toml", "sources.toml"])
def test_a_broken_table_stops_the_run_names_its_line_and_leaves_no_run_at_work(filled, table):
    good = (filled.root / "sources.toml").read_text(encoding="utf-8")
    (filled.root / table).write_text("[themes\n", encoding="utf-8")
    with pytest.raises(TableError, match=rf"{table}:1"):
        filled.refresh()
    assert ("running",) not in filled.rows("SELECT state FROM runs")
    (filled.root / table).write_text(good, encoding="utf-8")


def test_a_run_that_fails_before_its_flow_begins_is_closed_as_failed(filled):
    begun = begin_refresh(filled.workspace)
    with pytest.raises(KeyboardInterrupt), closing_on_error(filled.workspace, begun):
        raise KeyboardInterrupt
    assert filled.rows("SELECT state FROM runs WHERE id = ?", begun["run_id"]) == [("failed",)]


def test_a_run_that_its_flow_has_closed_is_not_closed_again(filled):
    begun = begin_refresh(filled.workspace)
    with pytest.raises(KeyboardInterrupt), closing_on_error(filled.workspace, begun):
        filled.refresh(begun=begun)
        raise KeyboardInterrupt
    assert filled.rows("SELECT state FROM runs WHERE id = ?", begun["run_id"]) == [("done",)]


def test_a_run_whose_process_is_gone_is_marked_died_by_the_next_one(filled):
    begun = begin_refresh(filled.workspace)
    with pipeline.store_of(filled.workspace).writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET pid = 2147483646 WHERE state = 'running'")
    filled.refresh()
    assert filled.rows("SELECT state FROM runs WHERE id = ?", begun["run_id"]) == [("died",)]


def test_retrying_what_failed_reads_it_again_and_tags_nothing_anew(workplace):
    workplace.put("river.txt", two_paragraphs())
    workplace.put("noise.txt", bytes(range(256)) * 40)
    workplace.refresh()
    assert "read.failed" not in workplace.refresh()["counts"]
    counts = workplace.refresh(failed_only=True)["counts"]
    assert counts["read.failed"] == 1
    assert "tag.passages" not in counts


def test_a_wrong_setting_is_named_with_file_line_and_key(workplace):
    workplace.settings("[reading]\nworkers = 1\nsecond = 9\n")
    with pytest.raises(TableError, match=r"ascn\.toml:3: reading\.second: unknown key.*seconds"):
        open_workspace(workplace.root)


def status_of(workplace, *options):
    """The exit status of the command where nothing is new, so that it needs no Prefect."""
    return main(["refresh", "--workspace", str(workplace.root), *options])


def test_the_command_leaves_with_0_when_all_is_well(filled, capsys):
    assert status_of(filled) == 0
    assert "data/exports/review.csv" in capsys.readouterr().out


def test_the_command_leaves_with_3_as_long_as_a_document_fails_and_says_why(workplace, capsys):
    workplace.put("river.txt", two_paragraphs())
    broken = workplace.put("empty.pdf", b"")
    workplace.refresh()
    for _ in range(2):
        assert status_of(workplace) == 3
        shown = " ".join(capsys.readouterr().out.split())
        assert [words for words in ("empty.pdf", "is empty", "download it again") if words not in shown] == []
    broken.unlink()
    assert status_of(workplace) == 0


def test_the_command_leaves_with_3_when_a_source_cannot_be_asked(filled, capsys):
    filled.documents.rename(filled.root / "unmounted")
    assert status_of(filled) == 3
    shown = capsys.readouterr().out
    assert "source papers" in shown[shown.index("Sources that could not be asked") :]


def test_the_command_leaves_with_1_and_the_place_of_a_wrong_setting(filled, capsys):
    filled.settings("[reading]\nminutes = 1\n")
    assert status_of(filled) == 1
    assert "ascn.toml:2: reading.minutes: unknown key" in capsys.readouterr().err


def test_the_command_leaves_with_1_while_another_run_is_at_work(filled, capsys):
    filled.begin()
    assert status_of(filled) == 1
    assert "another refresh is at work" in capsys.readouterr().err
