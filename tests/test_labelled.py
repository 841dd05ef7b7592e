from __future__ import annotations

import json

import pytest

from ascn_nlp.errors import TableError
from ascn_nlp.labelled import read_labelled, text_passage

CONCERNS = ("exclusion", "surveillance")
GOOD = {"id": "a", "text": "Words.", "tags": [{"concern": "exclusion", "stance": "raised"}]}


def write(path, *values):
    path.write_bytes(b"\n".join(v if isinstance(v, bytes) else json.dumps(v).encode() for v in values))
    return path


def test_passages_come_with_their_tags_and_heading(tmp_path):
    path = write(
        tmp_path / "a.jsonl", {**GOOD, "heading": "Chapter"}, b"", {"id": 2, "text": "More.", "heading": ["A", "B"]}
    )
    first, second = read_labelled([path], CONCERNS)
    assert (first.passage.text, first.tags, first.passage.heading) == (
        "Words.",
        (("exclusion", "raised"),),
        ("Chapter",),
    )
    assert (second.passage.id, second.tags, second.passage.heading) == ("2", (), ("A", "B"))


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path):
    text = "one\u2028two\u0085three"
    path = write(tmp_path / "a.jsonl", json.dumps({"id": 1, "text": text}, ensure_ascii=False).encode())
    assert [one.passage.text for one in read_labelled([path], CONCERNS)] == [text]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'"text"', "is not a JSON object"),
        (b'{"id": "b", "text": "caf\xe9"}', "is not UTF-8"),
        ({"id": "b"}, "needs a text and an id"),
        ({"id": None, "text": "x"}, "needs a text and an id"),
        ({"id": "b", "text": "x", "heading": {"a": 1}}, "heading must be"),
        (b'{"id": "b", "text": "\\udc80"}', "half a character"),
        ({**GOOD, "id": "b", "tags": {"exclusion": "raised"}}, "tags must be a list"),
        ({**GOOD, "id": "b", "tags": ["exclusion"]}, "tags must be a list"),
        ({**GOOD, "id": "b", "tags": None}, "tags must be a list"),
        ({**GOOD, "id": "b", "tags": [{"concern": "poverty", "stance": "raised"}]}, "no concern of the taxonomy"),
        ({**GOOD, "id": "b", "tags": [{"concern": ["exclusion"], "stance": "raised"}]}, "no concern of the taxonomy"),
        ({**GOOD, "id": "b", "tags": [{"concern": "exclusion"}]}, "None is no stance"),
        ({**GOOD, "id": "b", "tags": [*GOOD["tags"], {"concern": "exclusion", "stance": "addressed"}]}, "two stances"),
        ({**GOOD, "id": "b", "split": "dev"}, "'dev' is no split"),
        (GOOD, "stands there twice"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_understood_is_named_by_file_and_line(tmp_path, line, said):
    path = write(tmp_path / "a.jsonl", GOOD, b"", line)
    with pytest.raises(TableError, match=said) as caught:
        read_labelled([path], CONCERNS)
    assert caught.value.where == f"{path}:3"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TableError, match="No such file"):
        read_labelled([tmp_path / "none.jsonl"], CONCERNS)


def test_a_text_of_all_planes_is_taken_as_it_is():
    text = "𝒞ity — Đà Nẵng, ประเทศไทย 🏙"
    assert text_passage({"id": 1, "text": text}, "here").text == text
