"""A folder of files: new, changed and gone."""

from __future__ import annotations

import os
import sys
from datetime import date

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import fetch_file
from ascn_nlp.records import Source
from ascn_nlp.sources.folder import CLUTTER, list_folder
from ascn_nlp.sources.listing import Asking


def fill(folder, *names: str) -> None:
    for name in names:
        path = folder / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def listed(folder, pattern: str = "**/*"):
    source = Source("reports", "folder", "A ministry", "official_report", "why", path="reports", pattern=pattern)
    listing = list_folder(source, Asking(folder, None, date(2024, 5, 1)))
    assert listing.is_complete and not listing.problems
    return listing.found


def test_a_folder_lists_its_documents_in_a_stable_order_with_addresses_of_its_own(tmp_path):
    fill(tmp_path, "b.pdf", "a.html", "sub/c.pdf", "sub/deep/d.txt", "Ö x.pdf")
    found = listed(tmp_path)
    assert [one.address for one in found] == sorted(["a.html", "b.pdf", "sub/c.pdf", "sub/deep/d.txt", "Ö x.pdf"])
    assert found == listed(tmp_path)
    assert {one.source_id for one in found} == {"reports"}
    assert found[0].location == str(tmp_path / "reports" / "a.html")


def test_hidden_files_and_clutter_are_not_documents(tmp_path):
    fill(tmp_path, "a.pdf", ".hidden.pdf", ".git/x.pdf", "sub/.DS_Store", "~$a.docx", "sub/.cache/y.pdf", *CLUTTER)
    assert [one.address for one in listed(tmp_path)] == ["a.pdf"]


def test_a_hidden_folder_above_the_source_hides_nothing(tmp_path):
    folder = tmp_path / ".config" / "corpus"
    folder.mkdir(parents=True)
    fill(folder, "a.pdf")
    assert [one.address for one in listed(folder)] == ["a.pdf"]


@pytest.mark.parametrize(
    ("pattern", "wanted"), [("**/*.pdf", ["a.pdf", "sub/c.pdf"]), ("*", ["a.pdf", "b.txt"]), ("sub/*", ["sub/c.pdf"])]
)
def test_a_pattern_chooses_files(tmp_path, pattern, wanted):
    fill(tmp_path, "a.pdf", "b.txt", "sub/c.pdf")
    assert [one.address for one in listed(tmp_path, pattern)] == wanted


def test_a_changed_file_changes_its_fingerprint_and_nothing_else_does(tmp_path):
    fill(tmp_path, "a.pdf", "b.pdf")
    before = {one.address: one.fingerprint for one in listed(tmp_path)}
    assert before == {one.address: one.fingerprint for one in listed(tmp_path)}
    path = tmp_path / "reports" / "a.pdf"
    stat = path.stat()
    path.write_text("other", encoding="utf-8")  # as long as before
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    after = {one.address: one.fingerprint for one in listed(tmp_path)}
    assert after["a.pdf"] != before["a.pdf"]
    assert after["b.pdf"] == before["b.pdf"]


def test_a_longer_file_with_its_old_time_has_another_fingerprint(tmp_path):
    fill(tmp_path, "a.pdf")
    [before] = listed(tmp_path)
    path = tmp_path / "reports" / "a.pdf"
    stat = path.stat()
    path.write_text("longer than before", encoding="utf-8")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert listed(tmp_path)[0].fingerprint != before.fingerprint


def test_a_folder_that_is_gone_is_an_error_of_its_source_alone(tmp_path):
    with pytest.raises(FetchError, match="no such folder") as caught:
        listed(tmp_path)
    assert "source reports" in caught.value.remedy


def test_an_empty_folder_lists_nothing(tmp_path):
    (tmp_path / "reports").mkdir()
    assert listed(tmp_path) == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_file_name_that_is_no_text_can_be_stored_printed_and_fetched(tmp_path):
    fill(tmp_path, "a.pdf")
    with open(os.path.join(os.fsencode(tmp_path), b"reports", b"r\xe9sum\xe9 %20.pdf"), "wb") as file:  # noqa: PTH118, PTH123
        file.write(b"its bytes")
    usual, strange = listed(tmp_path)
    assert (usual.address, strange.address) == ("a.pdf", "r\\xe9sum\\xe9 %20.pdf")
    strange.location.encode()
    assert fetch_file(strange.location, strange.address, 100).path.read_bytes() == b"its bytes"


def test_a_folder_in_it_that_may_not_be_read_is_said_and_nothing_counts_as_gone(tmp_path, monkeypatch):
    fill(tmp_path, "a.pdf", "sub/b.pdf")
    usual = os.scandir

    def scandir(path=".", *rest):
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return usual(path, *rest)

    monkeypatch.setattr(os, "scandir", scandir)
    source = Source("reports", "folder", "A ministry", "official_report", "why", path="reports")
    listing = list_folder(source, Asking(tmp_path, None, date(2024, 5, 1)))
    assert not listing.is_complete
    assert "sub" in listing.problems[0]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_nothing_and_pipes_are_not_documents(tmp_path):
    fill(tmp_path, "a.pdf")
    (tmp_path / "reports" / "dangling.pdf").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "reports" / "pipe.pdf")
    assert [one.address for one in listed(tmp_path)] == ["a.pdf"]
