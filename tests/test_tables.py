from __future__ import annotations

import pytest

from ascn_nlp.errors import TableError
from ascn_nlp.tables import read_table

TOML = """\
# a comment
top = 1
"quoted key" = 2

[first]
one = "x"
  'two' = "y"
list = [
  "a",
  ["b"],
]

[first.inner] # a remark
deep = 1

["with.dot"]
key = 1

[[many]]
name = "a"

[[many]]
name = "b"

[dotted]
a.b.c = 1
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.toml"
    path.write_text(TOML, encoding="utf-8")
    return read_table(path)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("first",), 5),
        (("first", "one"), 6),
        (("first", "two"), 7),
        (("first", "list"), 8),
        (("first", "inner"), 13),
        (("first", "inner", "deep"), 14),
        (("with.dot",), 16),
        (("with.dot", "key"), 17),
        (("many", "name"), 20),
        (("dotted", "a"), 26),
        (("dotted", "a", "b", "c"), 26),
        (("first", "absent"), 5),
        (("absent",), 1),
        ((), 1),
    ],
)
def test_an_error_names_file_line_and_key(table, key, line):
    where = table.error("is wrong", *key, remedy="mend it").where
    assert where == f"{table.path}:{line}" + (f": {'.'.join(key)}" if key else "")


@pytest.mark.parametrize(
    ("source", "line"),
    [("a = 1\nb = \nc = 2", 2), ("a = 1\na = 2", 2), ('a = "open', 1), ("a = 1\n[t\n", 2), ("a = [1,\n2", 2), ("x", 1)],
)
def test_what_is_no_toml_is_refused_with_its_line(tmp_path, source, line):
    path = tmp_path / "bad.toml"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(TableError, match="is not valid TOML") as caught:
        read_table(path)
    assert caught.value.where == f"{path}:{line}"
    assert caught.value.remedy


@pytest.mark.parametrize("content", [b"a = '\xe9'", "a = 'x'".encode("utf-16")])
def test_what_is_not_utf8_is_refused(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(TableError, match="cannot be read") as caught:
        read_table(path)
    assert "UTF-8" in caught.value.remedy


def test_a_byte_order_mark_and_windows_line_ends_are_taken(tmp_path):
    path = tmp_path / "table.toml"
    path.write_bytes("\ufeffa = 'x'\r\n[t]\r\nb = 'y'\r\n".encode())
    table = read_table(path)
    assert table.values == {"a": "x", "t": {"b": "y"}}
    assert table.error("", "t", "b").where.endswith(":3: t.b")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "absent.toml")
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path)


def test_an_unknown_key_names_the_known_ones(table):
    with pytest.raises(TableError, match="unknown key") as caught:
        table.refuse_unknown(["one", "two"], ["one", "three"], "first")
    assert caught.value.where.endswith(":7: first.two")
    assert caught.value.remedy == "known keys: one, three"


@pytest.mark.parametrize("value", ["", "  ", 3, True, ["x"], {"a": 1}])
def test_a_text_that_is_none_or_empty_is_refused(table, value):
    with pytest.raises(TableError, match="not empty"):
        table.text({"one": value}, "one", "first")


def test_a_missing_text_is_refused_unless_there_is_a_default(table):
    with pytest.raises(TableError, match="'one' is missing") as caught:
        table.text({}, "one", "first")
    assert caught.value.where.endswith(":5: first")
    assert table.text({}, "one", "first", default="x") == "x"
    assert table.text({"one": ""}, "one", "first", default="x") == ""


@pytest.mark.parametrize("value", ["x", [1], [""], [" "], ["x", None], {"a": "b"}, 1])
def test_a_list_of_texts_that_is_none_is_refused(table, value):
    with pytest.raises(TableError, match="list of texts"):
        table.texts({"list": value}, "list", "first")


def test_a_list_of_texts_is_a_tuple_and_may_be_missing(table):
    assert table.texts({"list": ["b", "a"]}, "list") == ("b", "a")
    assert table.texts({}, "list") == ()
