"""A folder of files: new, changed and gone."""

from __future__ import annotations

import os
import sys
from datetime import date

import pytest

from ascn_nlp.errors import FetchError
from ascn_nlp.fetch import fetch_file
from ascn_nlp.records import Source
from ascn_nlp.sources.folder import CLUTTER, list_folder, listed_twice
from ascn_nlp.sources.listing import Asking


def fill(folder, *names: str) -> None:
    for name in names:
        path = folder / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


def source_of(source_id: str = "reports", path: str = "reports", pattern: str = "**/*") -> Source:
    return Source(source_id, "folder", "A ministry", "official_report", "why", path=path, pattern=pattern)


def listing_of(folder, pattern: str = "**/*"):
    return list_folder(source_of(pattern=pattern), Asking(folder, None, date(2024, 5, 1)))


def listed(folder, pattern: str = "**/*"):
    listing = listing_of(folder, pattern)
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
    listing = listing_of(tmp_path)
    assert not listing.is_complete
    assert "sub" in listing.problems[0]


needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@needs_links
def test_pipes_are_not_documents(tmp_path):
    fill(tmp_path, "a.pdf")
    os.mkfifo(tmp_path / "reports" / "pipe.pdf")
    assert [one.address for one in listed(tmp_path)] == ["a.pdf"]


@needs_links
def test_links_to_nothing_are_told_in_one_line_and_what_is_gone_is_gone_all_the_same(tmp_path):
    fill(tmp_path, "a.pdf")
    for name in ("b.pdf", "c.pdf", ".hidden.pdf"):
        (tmp_path / "reports" / name).symlink_to(tmp_path / "nowhere")
    (tmp_path / "reports" / "round.pdf").symlink_to("round.pdf")
    listing = listing_of(tmp_path)
    assert [one.address for one in listing.found] == ["a.pdf"] and listing.is_complete
    [problem] = listing.problems
    assert "(3, such as 'b.pdf')" in problem and "mend or remove" in problem
    assert not listing_of(tmp_path, "a*").problems


@needs_links
def test_a_link_to_a_file_is_that_file(tmp_path):
    fill(tmp_path, "a.pdf")
    (tmp_path / "reports" / "b.pdf").symlink_to("a.pdf")
    first, second = listed(tmp_path)
    assert first.fingerprint == second.fingerprint


@needs_links
@pytest.mark.parametrize("pattern", ["**/*", "**/*.pdf"])
def test_a_link_to_a_folder_that_is_not_followed_is_told_and_what_is_gone_is_gone_all_the_same(tmp_path, pattern):
    fill(tmp_path, "a.pdf", "sub/b.pdf")
    fill(tmp_path / "elsewhere", "c.pdf")
    (tmp_path / "reports" / "sub" / "archive").symlink_to(tmp_path / "elsewhere" / "reports")
    (tmp_path / "reports" / ".hidden").symlink_to(tmp_path / "elsewhere" / "reports")
    listing = listing_of(tmp_path, pattern)
    assert [one.address for one in listing.found] == ["a.pdf", "sub/b.pdf"] and listing.is_complete
    [problem] = listing.problems
    assert "(1, such as 'sub/archive')" in problem and "source of its own" in problem


@needs_links
@pytest.mark.parametrize(
    ("pattern", "link", "target"),
    [
        ("*/*.pdf", "archive", "../elsewhere/reports"),  # a star follows links
        ("archive/**/*.pdf", "archive", "../elsewhere/reports"),
        ("*.pdf", "archive", "../elsewhere/reports"),  # no folder is asked for
        ("sub/**/*", "archive", "../elsewhere/reports"),
        ("**/*", "latest", "sub"),  # its files are listed in their own place
        ("**/*", "sub/up", ".."),
        ("sub/**/*", "sub/again", "../sub"),
    ],
)
def test_a_link_to_a_folder_through_which_nothing_is_missed_is_no_problem(tmp_path, pattern, link, target):
    fill(tmp_path, "a.pdf", "sub/b.pdf")
    fill(tmp_path / "elsewhere", "c.pdf")
    (tmp_path / "reports" / link).symlink_to(target)
    found = [one.address for one in listed(tmp_path, pattern)]
    assert ("archive/c.pdf" in found) == (pattern in ("*/*.pdf", "archive/**/*.pdf"))


@needs_links
@pytest.mark.parametrize(("pattern", "target"), [("sub/**/*", "../old"), ("**/*", ".kept")])
def test_a_link_to_a_part_of_the_folder_that_is_not_listed_is_told(tmp_path, pattern, target):
    fill(tmp_path, "sub/b.pdf", "old/c.pdf", "sub/.kept/d.pdf")
    (tmp_path / "reports" / "sub" / "link").symlink_to(target)
    assert "sub/link" in listing_of(tmp_path, pattern).problems[0]


def test_files_that_two_sources_choose_are_told_of_both(tmp_path):
    fill(tmp_path, "a.pdf", "b.txt", "sub/c.pdf")
    nested = source_of("nested", "reports/sub")
    lines = listed_twice([source_of(), nested, source_of("gone", "nowhere")], tmp_path)
    assert set(lines) == {"reports", "nested"}
    assert "source nested lists too (1, such as 'c.pdf')" in lines["reports"] and "source reports" in lines["nested"]


def test_two_sources_of_one_folder_are_well_where_no_file_is_chosen_by_both(tmp_path):
    fill(tmp_path, "a.pdf", "b.txt")
    (tmp_path / "reports" / "sub").mkdir()
    own = [source_of("pdf", pattern="*.pdf"), source_of("text", "./reports", "*.txt"), source_of("none", pattern="s*")]
    assert listed_twice([*own, source_of("folders", pattern="s*")], tmp_path) == {}
