import json

import pytest

from ascn_nlp.errors import TableError
from ascn_nlp.labelled import SPLITS, STYLES, read_json_lines, read_labelled
from ascn_nlp.training.card import data_digest

CONCERNS = ("surveillance", "exclusion")
GOOD = {
    "id": "anh-1",
    "text": "Cameras watch the market.",
    "heading": ["Safety", "Cameras"],
    "tags": [{"concern": "surveillance", "stance": "raised"}],
    "author": "anh",
    "register": "news",
    "split": "heldout",
    "style": "hard",
}


@pytest.fixture
def read(tmp_path):
    """``read(line, ...)``: the passages of a file with these lines, given as bytes or as objects."""

    def make(*lines, name="passages.jsonl"):
        path = tmp_path / name
        path.write_bytes(b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines))
        return read_labelled([path], CONCERNS)

    return make


def without(*keys, **changes):
    return {**{key: value for key, value in GOOD.items() if key not in keys}, **changes}


def test_a_line_is_read_as_it_says(read):
    (one,) = read(GOOD)
    assert (one.passage.id, one.passage.text, one.passage.heading) == ("anh-1", GOOD["text"], ("Safety", "Cameras"))
    assert one.tags == (("surveillance", "raised"),)
    assert (one.split, one.style, one.group, one.genre) == ("heldout", "hard", "anh", "news")


def test_what_is_not_said_is_the_usual(read):
    (one,) = read({"id": 7, "text": "A bridge."})
    assert (one.passage.id, one.passage.heading, one.tags) == ("7", (), ())
    assert (one.split, one.style, one.group) == ("train", "everyday", "7")


def test_a_heading_may_be_one_text(read):
    assert read(without(heading="Safety"))[0].passage.heading == ("Safety",)
    assert read(without(heading=None))[0].passage.heading == ()


def test_passages_of_one_document_are_kept_together(read):
    lines = [
        {"id": "a", "text": "x", "source": "s", "path": "one.pdf"},
        {"id": "b", "text": "x", "source": "s", "path": "one.pdf"},
        {"id": "c", "text": "x", "source": "t", "path": "one.pdf"},
    ]
    first, second, other = (one.group for one in read(*lines))
    assert first == second != other


def test_blank_lines_windows_line_ends_and_a_byte_order_mark_do_no_harm(read):
    line = json.dumps(GOOD).encode()
    for content in (b"\xef\xbb\xbf" + line, line + b"\r", b"\xef\xbb\xbf\r\n\n" + line, b"  \n\n" + line + b"\n\n"):
        assert [one.passage.id for one in read(content)] == ["anh-1"]
    assert read(b"") == read(b"\n\n") == read(b"\xef\xbb\xbf") == ()


def test_blank_lines_are_counted(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'\n{"a": 1}\n\n{"b": 2}')
    assert list(read_json_lines(path)) == [(2, {"a": 1}), (4, {"b": 2})]


# (what is wrong, the line, what the message must say)
FAULTS = [
    ("no JSON", b"{nonsense", "is not JSON"),
    ("nested too deeply", b"[" * 100_000, "is not JSON"),
    ("a figure too long", b'{"id": ' + b"9" * 5000 + b"}", "is not JSON"),
    ("no object", b'["a"]', "is not a JSON object"),
    ("not UTF-8", b'{"id": "a", "text": "caf\xe9"}', "is not UTF-8"),
    ("no id", without("id"), "needs a text and an id"),
    ("an id that is none", without(id=True), "needs a text and an id"),
    ("no text", without("text"), "needs a text and an id"),
    ("a text that is none", without(text=["x"]), "needs a text and an id"),
    ("a heading that is none", without(heading={"a": 1}), "the heading must be"),
    ("half a character", without(text="Cameras \ud83d watch"), "the text holds half a character"),
    ("half a character above", without(heading=["\udc00"]), "the heading holds half a character"),
    ("no list of tags", without(tags={"concern": "exclusion"}), "tags must be a list of objects"),
    ("tags that are texts", without(tags=["exclusion"]), "tags must be a list of objects"),
    ("another concern", without(tags=[{"concern": "weather", "stance": "raised"}]), "'weather' is no concern"),
    ("no concern", without(tags=[{"stance": "raised"}]), "None is no concern"),
    ("another stance", without(tags=[{"concern": "exclusion", "stance": "sung"}]), "'sung' is no stance"),
    ("a list as stance", without(tags=[{"concern": "exclusion", "stance": []}]), "is no stance"),
    (
        "two stances",
        without(tags=[{"concern": "exclusion", "stance": stance} for stance in ("raised", "described")]),
        "'exclusion' has two stances",
    ),
    ("another split", without(split="test"), "'test' is no split"),
    ("another style", without(style="easy"), "'easy' is no style"),
]


@pytest.mark.parametrize(("line", "said"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_is_told_with_file_line_and_remedy(read, line, said):
    with pytest.raises(TableError) as caught:
        read({"id": "first", "text": "x"}, b"", line)
    assert caught.value.where.endswith("passages.jsonl:3")
    assert said in caught.value.what
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("line", "choices"),
    [
        (without(tags=[{"concern": "weather", "stance": "raised"}]), CONCERNS),
        (without(tags=[{"concern": "exclusion", "stance": "sung"}]), ("raised", "addressed", "described")),
        (without(split="test"), SPLITS),
        (without(style="easy"), STYLES),
    ],
)
def test_the_remedy_names_the_choices(read, line, choices):
    with pytest.raises(TableError) as caught:
        read(line)
    assert all(choice in caught.value.remedy for choice in choices)


def test_the_same_tag_twice_is_one(read):
    assert read(without(tags=GOOD["tags"] * 2))[0].tags == (("surveillance", "raised"),)


@pytest.mark.parametrize(("first", "second"), [("a", "a"), ("1", 1)])
def test_an_id_given_twice_is_told_where_it_stands_again(read, first, second):
    with pytest.raises(TableError, match="stands there twice") as caught:
        read(without(id=first), without(id=second))
    assert caught.value.where.endswith(":2")


def test_an_id_given_twice_in_two_files_is_told_too(tmp_path):
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path in paths:
        path.write_text(json.dumps(GOOD), encoding="utf-8")
    with pytest.raises(TableError, match="twice") as caught:
        read_labelled(paths, CONCERNS)
    assert caught.value.where == f"{paths[1]}:1"


def test_a_file_that_is_not_there_is_an_error_with_its_path(tmp_path):
    with pytest.raises(TableError) as caught:
        read_labelled([tmp_path / "none.jsonl"], CONCERNS)
    assert caught.value.where == str(tmp_path / "none.jsonl")
    assert caught.value.remedy


def test_the_datas_digest_does_not_depend_on_files_and_their_order(tmp_path):
    lines = [without(id=f"anh-{n}", text=f"Passage {n}.") for n in range(6)]

    def digest_of(*files):
        paths = []
        for number, some in enumerate(files):
            paths.append(tmp_path / f"{number}.jsonl")
            paths[-1].write_text("\n".join(map(json.dumps, some)), encoding="utf-8")
        return data_digest(read_labelled(paths, CONCERNS))

    whole = digest_of(lines)
    assert digest_of(lines[::-1]) == digest_of(lines[:2], lines[2:]) == digest_of(lines[4:], lines[:4]) == whole
    assert digest_of(lines[:5]) != whole


@pytest.mark.parametrize(
    "change",
    [{"text": "Other."}, {"heading": []}, {"tags": []}, {"style": "everyday"}, {"author": "bima"},
     {"tags": [{"concern": "surveillance", "stance": "described"}]}],
    ids=str,
)  # fmt: skip
def test_the_datas_digest_changes_with_all_that_training_takes(read, change):
    assert data_digest(read(without(**change))) != data_digest(read(GOOD))
