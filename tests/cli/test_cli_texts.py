from __future__ import annotations

import json
import re
import shutil

import pytest

from ascn_nlp.cli.texts import CHUNK, _block_rows
from ascn_nlp.records import Block, Place
from ascn_nlp.resources import resource

EVICTED = "Residents were evicted without compensation to make way for the smart city towers."
REPORTS = resource("corpus", "sample", "reports")


def lines(*values) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


@pytest.fixture
def tag(run, tmp_path):
    return lambda *arguments, stdin=b"": run("tag", "--tagger", "rules", "-w", tmp_path, *arguments, stdin=stdin)


def test_lines_are_tagged_in_order_and_keep_their_ids(tag):
    given = lines({"id": "b", "text": EVICTED}, {"id": 7, "text": "A list of bus stops."}, {"id": "07", "text": ""})
    done = tag("--json", stdin=given)
    assert done.status == 0
    assert [row["id"] for row in done.rows] == ["b", 7, "07"]
    assert [[one["concern"] for one in row["tags"]] for row in done.rows] == [["displacement"], [], []]


def test_evidence_and_entities_are_slices_of_the_text(tag):
    text = f"In Hanoi, {EVICTED} Huawei supplied the cameras."
    [row] = tag("--json", stdin=lines({"id": 1, "text": text})).rows
    evidence = [one for found in row["tags"] for one in found["evidence"]]
    assert evidence and all(text[one["start"] : one["end"]] == one["text"] and one["why"] for one in evidence)
    assert {"kind": "city", "name": "Hanoi", "start": 3, "end": 8} in row["entities"]


def test_more_lines_than_a_chunk_keep_their_order(tag):
    count = CHUNK + 3
    done = tag("--json", stdin=lines(*({"id": n, "text": "Bus stops."} for n in range(count))))
    assert [row["id"] for row in done.rows] == list(range(count))


def test_blank_lines_a_byte_order_mark_and_carriage_returns_are_passed_over(tag):
    given = b"\xef\xbb\xbf" + lines({"id": 1, "text": "x"}) + b"\r\n  \n\n" + lines({"id": 2, "text": "y"})
    assert [row["id"] for row in tag("--json", stdin=given.replace(b"\n", b"\r\n")).rows] == [1, 2]


def test_no_line_gives_no_line(tag):
    assert tag("--json") == (0, "", "")


@pytest.mark.parametrize(
    "bad",
    [b"{", b"[]", b"7", b'{"id": 1}', b'{"text": "x"}', b'{"id": true, "text": "x"}', b'{"id": 1, "text": 2}',
     b'{"id": 1, "text": "\xff"}', b'{"id": 1, "text": "x", "heading": 5}', b'{"id": 1, "text": "\\ud800"}',
     b"[" * 100_000],
    ids=lambda bad: repr(bad[:40]),
)  # fmt: skip
def test_a_bad_line_is_named_by_its_number(tag, bad):
    done = tag("--json", stdin=lines({"id": 1, "text": "x"}) + b"\n" + bad + b"\n")
    assert done.status == 1
    assert done.err.startswith("ascn-nlp: stdin:3: ")


def test_scores_of_every_concern_come_when_asked_for(tag, tmp_path):
    from ascn_nlp.taxonomy import load_taxonomy

    [row] = tag("--json", "--scores", stdin=lines({"id": 1, "text": EVICTED})).rows
    assert list(row["scores"]) == [concern.id for concern in load_taxonomy().concerns]
    assert row["scores"]["displacement"] == max(row["scores"].values())
    assert "displacement" in tag("--scores", stdin=lines({"id": 1, "text": "Bus stops."})).out


def test_tags_for_people_fit_eighty_columns(tag):
    done = tag(stdin=lines({"id": 1, "text": EVICTED * 3}, {"id": 2, "text": "Bus stops."}))
    assert "displacement raised" in done.out and "no concern" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_document_is_tagged_passage_by_passage(tag, run):
    file = REPORTS / "borrowed-screens-brief.pdf"
    tagged, passages = tag(file, "--json").rows, run("extract", file, "--json").rows
    assert [row["id"] for row in tagged] == [row["passage_id"] for row in passages]


@pytest.mark.parametrize("name", ["none.jsonl", "none.pdf", "."])
def test_a_file_that_is_not_there_is_an_error_in_one_line(tag, tmp_path, name):
    done = tag(tmp_path / name)
    assert (done.status, done.out) == (1, "")
    assert str(tmp_path) in done.err and done.err.count("\n") == 1


def test_passages_of_a_file_are_slices_with_their_place(run):
    done = run("extract", REPORTS / "borrowed-screens-brief.pdf", "--json")
    keys = {"passage_id", "document", "page", "bbox", "kind", "heading", "text", "start", "end", "lang"}
    assert done.status == 0 and done.rows
    for row in done.rows:
        assert keys <= set(row)
        assert row["end"] - row["start"] == len(row["text"])
        assert row["page"] == row["pages"][0] and len(set(row["pages"])) == len(row["pages"])
        left, top, right, bottom = row["bbox"]
        assert left < right and top < bottom


def test_of_several_files_one_that_is_broken_does_not_stop_the_rest(run, tmp_path):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    note = resource("corpus", "sample", "notes", "phuket-blog-post.md")
    done = run("extract", tmp_path / "broken.pdf", note, "--json")
    assert done.status == 3
    assert {row["document"] for row in done.rows} == {str(note)}
    assert "broken.pdf" in done.err
    assert run("extract", tmp_path / "broken.pdf").status == 1
    assert run("extract", note).status == 0


def test_blocks_come_in_reading_order_without_furniture(run):
    [file] = REPORTS.glob("progress-review-2022.pdf")
    blocks = run("extract", file, "--blocks", "--json").rows
    assert [row["page"] for row in blocks] == sorted(row["page"] for row in blocks)
    assert all({"page", "kind", "bbox", "text"} <= set(row) and row["text"] for row in blocks)
    from ascn_nlp.reading import read_file

    furniture = {line.text for page in read_file(file).pages for line in page.furniture}
    assert furniture and not furniture & {row["text"] for row in blocks}


def block(text: str, *places: Place) -> list[tuple]:
    rows = _block_rows(Block("paragraph", text, 0, len(text), places))
    return [(row["page"], row["text"], row["bbox"]) for row in rows]


def test_a_block_over_a_page_break_comes_once_a_page_with_the_words_that_stand_there():
    places = (Place(4, "", (0, 9, 5, 10)), Place(5, "", (0, 0, 5, 1), 10))
    assert block("first part second part", *places) == [
        (4, "first part", (0, 9, 5, 10)),
        (5, "second part", (0, 0, 5, 1)),
    ]


def test_a_block_over_two_columns_stays_one_within_its_page():
    columns = (Place(4, "", (0, 5, 5, 10)), Place(4, "", (6, 0, 11, 2), 4), Place(5, "", (0, 0, 5, 1), 8))
    assert block("one two three", *columns) == [(4, "one two", (0, 0, 11, 10)), (5, "three", (0, 0, 5, 1))]


def test_a_block_without_a_place_stands_on_the_only_page():
    assert block("words") == [(1, "words", None)]


@pytest.mark.parametrize("file", sorted(REPORTS.glob("*.pdf")), ids=lambda file: file.stem)
def test_the_blocks_of_a_pdf_hold_all_its_words(run, file):
    from ascn_nlp.reading import read_file

    blocks = run("extract", file, "--blocks", "--json").rows
    assert sorted(" ".join(row["text"] for row in blocks).split()) == sorted(read_file(file).text.split())


def test_the_record_of_a_document_says_title_and_date_with_evidence(run):
    note = resource("corpus", "sample", "notes", "phuket-blog-post.md")
    [row] = run("extract", note, "--document", "--json").rows
    assert (row["title"], row["language"], row["outcome"]) == ("What the wristband knows", "en", "read")
    published = row["published"]
    assert (published["value"], published["precision"]) == ("2023-12-01", "day")
    assert published["evidence"] and 0 < published["confidence"] <= 1
    plain = run("extract", note, "--document").out
    assert "title: What the wristband knows\n" in plain and "{" not in plain


def test_a_document_that_needs_ocr_is_no_error_and_says_so(run):
    done = run("extract", REPORTS / "press-release-scan.pdf", "--json")
    assert (done.status, done.out) == (0, "")
    assert "no text layer" in done.err


def test_a_file_name_that_begins_with_a_dash_can_be_given(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(resource("corpus", "sample", "notes", "phuket-blog-post.md"), tmp_path / "-x.md")
    assert run("extract", "--json", "--", "-x.md").status == 0


PAPER = REPORTS / "progress-review-2022.pdf"


def test_what_was_read_is_drawn_into_a_pdf_and_nothing_printed(run, tmp_path):
    done = run("extract", PAPER, "--overlay", tmp_path / "seen.PDF")
    assert (done.status, done.out) == (0, "")
    assert done.err == f"wrote {tmp_path / 'seen.PDF'}\n"
    drawn = (tmp_path / "seen.PDF").read_bytes()
    assert drawn.startswith(b"%PDF") and b"/Stamp" in drawn
    assert run("extract", tmp_path / "seen.PDF", "--json").rows
    assert (
        run("extract", PAPER, "--overlay", tmp_path / "seen.PDF", "--json").rows == run("extract", PAPER, "--json").rows
    )


def test_pictures_are_numbered_as_the_pages(run, tmp_path):
    done = run("extract", PAPER, "--overlay", tmp_path / "seen.png", "--pages", "2, 1-1")
    assert done.status == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seen-1.png", "seen-2.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((PAPER, "--overlay", "seen.jpg"), "OUT.pdf"), ((PAPER, "--overlay", "seen"), "OUT.pdf"),
     ((PAPER, PAPER, "--overlay", "seen.pdf"), "one FILE"), ((PAPER, "--pages", "1"), "add --overlay"),
     ((PAPER, "--overlay", "seen.pdf", "--pages", "0"), "3,7-9"),
     ((PAPER, "--overlay", "seen.pdf", "--pages", "2-1"), "3,7-9"),
     ((PAPER, "--overlay", "seen.pdf", "--pages", "1,"), "3,7-9"),
     ((PAPER, "--overlay", "seen.pdf", "--pages", "1-99"), "the file has"),
     ((resource("corpus", "sample", "notes", "phuket-blog-post.md"), "--overlay", "seen.pdf"), "a PDF")],
    ids=lambda value: " ".join(str(part) for part in value[1:]) if isinstance(value, tuple) else value,
)  # fmt: skip
def test_what_cannot_be_drawn_is_wrong_usage_and_writes_nothing(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    done = run("extract", *arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err and done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["read.pdf", "link.pdf", "read.png"])
def test_the_file_that_is_read_is_never_drawn_into(run, tmp_path, out):
    file = tmp_path / ("read-2.png" if out == "read.png" else "read.pdf")  # a PDF whatever its name
    shutil.copy(PAPER, file)
    (tmp_path / "link.pdf").symlink_to(file)
    done = run("extract", file, "--overlay", tmp_path / out)
    assert done.status == 2 and "choose another name" in done.err
    assert file.read_bytes() == PAPER.read_bytes()


def test_pages_that_are_damaged_are_left_out_of_the_pictures(run, tmp_path):
    content = resource("tests", "extract", "samples", "pdf", "report.pdf").read_bytes()
    kids = re.search(rb"/Kids \[ (\d+ 0 R) (\d+ 0 R)", content)
    damaged = content[: kids.start(2)] + b"0 0 R" + content[kids.end(2) :]  # no object
    (tmp_path / "damaged.pdf").write_bytes(damaged)
    done = run("extract", tmp_path / "damaged.pdf", "--overlay", tmp_path / "seen.png")
    assert done.status == 0 and "page is damaged" in done.err
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["seen-1.png", "seen-3.png"]
    done = run("extract", tmp_path / "damaged.pdf", "--overlay", tmp_path / "seen.pdf", "--pages", "2")
    assert done.status == 1 and "no page of it can be drawn" in done.err
