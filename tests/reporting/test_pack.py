"""The referee pack: what is in it, what must not be, and that it opens whatever the store holds."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections import defaultdict
from dataclasses import replace

import bibtexparser
import openpyxl
import pytest

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import store_of
from ascn_nlp.report import figures
from ascn_nlp.reporting import showing
from ascn_nlp.reporting.gathering import make_report
from ascn_nlp.reporting.manifest import without_folders
from ascn_nlp.reporting.pack import QUOTE_LIMIT, write_pack
from ascn_nlp.reporting.readme import readme
from ascn_nlp.resources import resource
from ascn_nlp.reviewing.files import window_filters

TEXTS = (".md", ".csv", ".html", ".json", ".bib", ".svg", ".qdc", ".toml", "SUMS")


def packed(workspace, path, made_at="", **filters):
    """({name: bytes}, report)"""
    report = make_report(workspace, window_filters(workspace, Filters(**filters)))
    report = replace(report, made=made_at or report.made)
    count = write_pack(workspace, report, path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert len(files) == count
    return files, report


@pytest.fixture(scope="module")
def pack(_made, tmp_path_factory, elsewhere):
    from ascn_nlp.workspace import open_workspace

    workspace = open_workspace(_made)
    with elsewhere():
        found = packed(workspace, tmp_path_factory.mktemp("packs") / "new" / "p.zip")
    store_of(workspace).close()
    return found


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def named_in(text):
    return re.findall(r"`([^`]+)`", text.partition("|---|")[2].partition("\n## ")[0])


def test_the_readme_lists_exactly_what_is_in_the_archive(pack):
    files, _ = pack
    listed = [name for name in named_in(files["README.md"].decode()) if name != "annote"]
    assert sorted([*listed, "README.md"]) == sorted(files)
    assert next(iter(files)) == "README.md"


def test_a_file_that_the_readme_cannot_explain_is_no_part_of_it(pack):
    with pytest.raises(ValueError, match=r"secret\.txt"):
        readme(pack[1], QUOTE_LIMIT, ("quotes.csv", "secret.txt"))


def test_the_readme_says_how_to_repeat_it_and_what_was_counted(pack):
    files, report = pack
    text = files["README.md"].decode()
    assert f"    {report.command} --pack again.zip\n" in text
    assert all(note in text for note in report.notes)


def test_digests_are_those_of_the_files(pack):
    files, _ = pack
    lines = files["SHA256SUMS"].decode().splitlines()
    told = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert told == {name: hashlib.sha256(files[name]).hexdigest() for name in files if name != "SHA256SUMS"}


def test_quotes_are_cut_around_the_evidence(pack):
    files, _ = pack
    quotes = {row["document_id"]: row for row in rows_of(files["quotes.csv"])}
    long = [row["quote"] for row in quotes.values() if row["title"] == "The wall"]
    assert [len(quote) for quote in long] == [QUOTE_LIMIT + 2 * len("[…] ")]
    assert "Facial recognition cameras" in long[0] and long[0].startswith("[…] ") and long[0].endswith(" […]")
    assert all(len(row["quote"]) <= QUOTE_LIMIT + 8 for row in quotes.values())


def test_no_passage_stands_whole_anywhere_if_it_is_longer_than_a_quote(pack, made):
    files, _ = pack
    with store_of(made).reading() as connection:
        texts = [row.text for row in connection.exec_driver_sql("SELECT text FROM passages")]
    long = [text for text in texts if len(text) > QUOTE_LIMIT]
    assert len(long) > 3
    # Any stretch of more than a quote holds one of these, wherever it begins.
    stretches = [text[at : at + 300] for text in long for at in range(0, len(text) - 300, 50)]
    for name, content in files.items():
        if name.endswith(TEXTS):
            text = content.decode("utf-8-sig")
            found = [one for one in stretches if one in text]
            assert all(text.count(whole) == 0 for whole in long), name
            assert not found or name in ("report.html", "quotes.csv")


def test_no_folder_machine_or_person_is_told(pack, made, elsewhere):
    files, _ = pack
    with elsewhere() as machine, store_of(made).reading() as connection:
        assert connection.exec_driver_sql("SELECT host FROM runs").scalars().all() == [machine]
    # A folder right below the root has a name that may be a part of any address.
    folders = [str(one) for one in (made.root, made.root.parent, resource()) if len(one.parts) > 2]
    for name, content in files.items():
        if name.endswith(TEXTS):
            assert not [one for one in (*folders, machine) if one in content.decode()], name
    [run] = json.loads(files["manifest.json"])["runs"]
    assert not {"pid", "host"} & set(run) and run["manifest"]["settings"]["store_url"] == "sqlite"
    assert run["manifest"]["settings"]["sources"] == "sources.toml"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{root}/sources.toml", "sources.toml"),
        ("cannot read {root}/data/x.pdf: no such file", "cannot read data/x.pdf: no such file"),
        ("/srv/of ours/x.toml and/or C:\\Users\\ana\\y.toml", "of ours/x.toml and/or y.toml"),
        ("https://example.org/a/b.pdf at 1/2 of */5 * * * *", "https://example.org/a/b.pdf at 1/2 of */5 * * * *"),
    ],
)
def test_paths_are_cut_and_addresses_are_not(made, text, shown):
    assert without_folders(text.format(root=made.root), made) == shown


def test_every_document_that_is_quoted_is_cited_and_no_other(pack):
    files, _ = pack
    quoted = {row["document_id"] for row in rows_of(files["quotes.csv"])}
    entries = bibtexparser.parse_string(files["cited.bib"].decode()).entries
    cited = {re.search(r"document (\w+)", entry["annote"])[1] for entry in entries}
    assert cited == quoted and len(quoted) == 8
    assert len(json.loads(files["cited.json"])) == len(quoted)


def test_quotes_are_those_of_the_tags_that_count(pack):
    files, report = pack
    told = sorted((row["passage_id"], row["concern"], row["stance"]) for row in rows_of(files["quotes.csv"]))
    tagged = report.facts.tagged[["passage_id", "concern", "stance"]]
    assert told == sorted(tagged.itertuples(index=False, name=None))
    assert {row["publisher"] for row in rows_of(files["quotes.csv"])} >= {"'=HYPERLINK(the Daily)"}


def test_the_matrix_can_be_counted_again_from_the_documents_and_quotes_of_the_pack(pack):
    """Denominators from documents.csv, numerators from quotes.csv, nothing else."""
    files, _ = pack
    stories, passages, said = defaultdict(set), defaultdict(int), defaultdict(set)
    for row in rows_of(files["documents.csv"]):
        for place, count in re.findall(r"([^;]+) \((\d+)\)(?:; )?", row["places"]):
            stories[place, row["published"][:4]].add(row["story_id"])
            passages[place, row["published"][:4]] += int(count)
    for row in rows_of(files["quotes.csv"]):
        for place in row["places"].split("; "):
            where = row["concern"], place, row["year"], row["stance"]
            said[where].add(row["story_id"])
            said[*where, row["voice"]].add(row["story_id"])
    raised = 0
    for row in rows_of(files["tables/matrix.csv"]):
        where = row["city"], row["year"]
        assert (int(row["stories"]), int(row["passages"])) == (len(stories[where]), passages[where])
        for stance in ("raised", "addressed", "described"):
            assert int(row[f"{stance}_stories"]) == len(said[row["concern"], *where, stance])
        assert int(row["raised_official"]) == len(said[row["concern"], *where, "raised", "official"])
        raised += int(row["raised_stories"])
    assert raised == 4


def test_documents_are_named_with_their_digest_and_without_their_text(pack):
    files, report = pack
    rows = rows_of(files["documents.csv"])
    assert [row["document_id"] for row in rows] == list(dict.fromkeys(report.facts.spoken["document_id"]))
    assert all(re.fullmatch("[0-9a-f]{64}", row["sha256"]) for row in rows)
    assert sum(int(row["passages"]) for row in rows) == report.facts.spoken["passage_id"].nunique()
    [gates] = [row for row in rows if row["title"] == "The gates"]
    told = ("places", "genre", "voice", "source", "published")
    assert [gates[name] for name in told] == ["Chiang Mai (1)", "official_report", "official", "ministry", "2021-03-14"]
    assert "number" not in files["documents.csv"].decode().lower()
    assert {row["unsure"] for row in rows_of(files["quotes.csv"])} <= {"yes", "no"}


def test_quotes_are_whole_where_the_page_is_not(own, monkeypatch):
    monkeypatch.setattr(figures, "FIGURES", {})
    monkeypatch.setattr(showing, "MOST_PASSAGES", 2)
    files, report = packed(own, own.root / "p.zip")
    quoted = {row["passage_id"] for row in rows_of(files["quotes.csv"])}
    assert quoted == set(report.facts.tagged["passage_id"]) and len(quoted) > 2
    assert "This page holds 2 of 50 passages" in files["report.html"].decode()


def test_a_stance_holds_in_tables_quotes_and_page(own, monkeypatch):
    monkeypatch.setattr(figures, "FIGURES", {})
    files, _ = packed(own, own.root / "p.zip", stance=("raised",))
    assert not [name for name in rows_of(files["tables/matrix.csv"])[0] if "addressed" in name or "described" in name]
    assert {row["stance"] for row in rows_of(files["quotes.csv"])} == {"raised"}
    book = openpyxl.load_workbook(io.BytesIO(files["tables/tables.xlsx"]))
    assert not [cell.value for cell in book["matrix"][1] if "addressed" in cell.value]
    assert '"stances":["raised"]' in files["report.html"].decode()


def test_the_readme_tells_how_intervals_were_made_and_that_nobody_has_reviewed_yet(pack):
    text = " ".join(pack[0]["README.md"].decode().split())
    assert "of shares mid-P, of the gap index score intervals (as Tango 1998" in text
    assert "of corrected counts of simulation (4000 draws; Rogan and Gladen 1978" in text
    assert "`agreement.csv` | how far reviewers and the tagger agree: empty, nobody has reviewed anything yet |" in text
    assert "nobody has reviewed anything" not in readme(pack[1], QUOTE_LIMIT, ("agreement.csv",))


def test_readme_and_tables_tell_what_was_not_tried_and_why_years_add_up_to_more(pack):
    text = " ".join(pack[0]["README.md"].decode().split())
    assert "; only tags that people accepted or added (nobody has reviewed any of these passages)." in text
    assert "are no separate checks" in text
    assert "A story whose documents are of two years counts in each of them" in text
    row = rows_of(pack[0]["tables/sensitivity.csv"])[-1]
    assert (row["counted"], row["tags"], row["unanswered"], row["not tried"]) == (
        "only tags that people accepted or added", "", "", "nobody has reviewed any of these passages",
    )  # fmt: skip
    assert all(row["robust"].endswith(" of 1") for row in rows_of(pack[0]["tables/finding.csv"]))


def test_what_tables_are_of_and_what_states_are_called_is_in_the_pack(pack):
    files, report = pack
    notes = [row["note"] for row in rows_of(files["tables/notes.csv"])]
    assert notes[:2] == ["Dates of documents: 2018 to 2024.", f"Made by: {report.command}"]
    names = {row["state"]: row["name"] for row in rows_of(files["tables/states.csv"])}
    assert {row["state"] for row in rows_of(files["tables/matrix.csv"])} <= set(names)
    assert rows_of(files["tables/tagger.csv"]) == []
    assert "`tables/tagger.csv` | precision and recall that counts are corrected by" in files["README.md"].decode()
    assert "of which random sample: empty, no count is corrected |" in files["README.md"].decode()


def test_sources_come_with_reasons_counts_and_health(pack):
    rows = {row["source"]: row for row in rows_of(pack[0]["sources.csv"])}
    assert (rows["ministry"]["why"], rows["ministry"]["read"], rows["diary"]["read"]) == ("it plans", "4", "2")
    healths = {row["health"] for row in rows.values()}
    assert "well" in healths and any("has no document later than" in health for health in healths)


def test_a_source_that_is_no_longer_asked_is_told(own, monkeypatch):
    monkeypatch.setattr(figures, "FIGURES", {})  # they take most of the time
    table = own.sources.read_text(encoding="utf-8")
    own.sources.write_text(table.partition("[diary]")[0], encoding="utf-8")
    files, _ = packed(own, own.root / "p.zip")
    rows = {row["source"]: row for row in rows_of(files["sources.csv"])}
    assert (rows["diary"]["health"], rows["diary"]["read"]) == ("no longer asked", "2")


def test_the_same_store_gives_the_same_bytes_but_for_the_time(pack, made, tmp_path):
    files, report = pack
    again, _ = packed(made, tmp_path / "p.zip", made_at=report.made)
    assert again == files
    later, _ = packed(made, tmp_path / "p.zip", made_at="2031-05-06T07:08:09+00:00")
    told = {name for name in files if later[name] != files[name]}
    assert told == {"README.md", "manifest.json", "report.html", "SHA256SUMS"}


def test_an_empty_store_can_be_packed(empty):
    files, _ = packed(empty, empty.root / "p.zip")
    assert not [name for name in files if name.endswith((".png", ".svg"))]
    assert "Not drawn" in files["figures/captions.md"].decode()
    assert rows_of(files["quotes.csv"]) == [] and files["cited.bib"] == b""
    assert {row["state"] for row in rows_of(files["tables/matrix.csv"])} == {"no data"}
    listed = [name for name in named_in(files["README.md"].decode()) if name != "annote"]
    assert sorted([*listed, "README.md"]) == sorted(files)


def test_an_archive_ends_in_zip_and_the_old_one_stays_if_the_new_one_fails(made, tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "FIGURES", {})
    report = make_report(made, Filters(since="2021", until="2021"))
    with pytest.raises(OptionError, match=r"--pack.*\.zip"):
        write_pack(made, report, tmp_path / "p.tar")
    path = tmp_path / "p.zip"
    path.write_bytes(b"the old one")

    def breaks(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", breaks)
    with pytest.raises(OSError, match="full"):
        write_pack(made, report, path)
    assert path.read_bytes() == b"the old one" and [one.name for one in tmp_path.iterdir()] == ["p.zip"]
