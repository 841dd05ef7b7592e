import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from ascn_nlp.dates import is_in_window
from ascn_nlp.reading import read_passages
from ascn_nlp.taxonomy import load_taxonomy

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample"


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


DOCUMENTS = {each["file"]: each for each in lines("documents.jsonl")}
LABELS = lines("labels.jsonl")
UNREAD = {name for name, each in DOCUMENTS.items() if each["outcome"] == "unread"}


@cache
def read(name: str):
    return read_passages(SAMPLE / name)


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_file_of_the_corpus_is_described():
    folders = ("reports", "news", "notes")
    assert set(DOCUMENTS) == {f"{folder}/{path.name}" for folder in folders for path in (SAMPLE / folder).iterdir()}


def test_only_the_scan_cannot_be_read():
    assert sorted(UNREAD) == ["reports/press-release-scan.pdf"]


@pytest.mark.parametrize("label", LABELS, ids=lambda label: f"{label['file']}: {label['quote']}")
def test_a_labelled_quote_is_in_one_passage(label):
    _, passages = read(label["file"])
    assert sum(words(label["quote"]) in words(passage.text) for passage in passages) == 1


def test_labelled_quotes_are_in_passages_of_their_own():
    """Two quotes in one passage must have the same tags, or the passage's tags would be a matter of taste."""
    tags_of: dict[tuple[str, str], list[dict]] = {}
    for label in LABELS:
        _, passages = read(label["file"])
        (at,) = [p.id for p in passages if words(label["quote"]) in words(p.text)]
        tags_of.setdefault((label["file"], at), []).append(label)
    mixed = [same for same in tags_of.values() if any(each["tags"] != same[0]["tags"] for each in same)]
    assert mixed == []


def test_every_concern_is_labelled_in_every_stance_and_most_passages_with_none():
    labelled = {(tag["concern"], tag["stance"]) for label in LABELS for tag in label["tags"]}
    assert labelled == {(c.id, s) for c in load_taxonomy().concerns for s in ("raised", "addressed", "described")}
    assert sum(not label["tags"] for label in LABELS) > len(LABELS) / 2


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_document_has_the_date_it_should_from_where_it_should(name):
    document, _ = read(name)
    expected = DOCUMENTS[name]
    if document.published is None:
        found = {"published": None, "precision": None, "date_from": "none"}
    else:
        clue = document.published.clue
        found = {"published": clue.value, "precision": clue.precision, "date_from": clue.basis}
    assert found == {key: expected[key] for key in found}
    assert is_in_window(found["published"], "2018-01-01", "2024-12-31") is expected["in_window"]


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - UNREAD))
def test_a_document_is_read_with_its_title_and_language(name):
    document, passages = read(name)
    expected = DOCUMENTS[name]
    assert (document.outcome, document.title) == ("read", expected["title"])
    assert document.language == expected["language"]
    assert {passage.language for passage in passages} == {expected["language"]}


@pytest.mark.parametrize("name", sorted(UNREAD))
def test_an_unread_document_has_no_passages_and_says_why(name):
    document, passages = read(name)
    assert document.outcome == "unread" and not passages
    assert document.issues and all(issue.remedy for issue in document.issues)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_publisher_is_the_right_one_or_left_to_the_source(name):
    document, _ = read(name)
    assert document.publisher in ("", DOCUMENTS[name]["publisher"])


def test_news_pages_that_name_their_publisher_to_machines_are_believed():
    pages = [path for path in (SAMPLE / "news").iterdir() if "og:site_name" in path.read_text(encoding="utf-8")]
    assert pages
    assert all(read(f"news/{path.name}")[0].publisher for path in pages)


def test_the_labels_and_records_are_what_the_originals_give():
    pytest.importorskip("reportlab")
    command = [sys.executable, "-B", SAMPLE / "build.py", "--check"]
    check = subprocess.run(command, capture_output=True, text=True, check=False)
    wrong = [line for line in check.stderr.splitlines() if line.startswith(("labels.jsonl", "documents.jsonl"))]
    assert "87 tagged" in check.stderr and not wrong  # PDFs may differ in bytes by the version of a library
