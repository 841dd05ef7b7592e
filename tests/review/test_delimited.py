"""Review files as CSV: whatever program saved them, and whatever happened to them on the way."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import shield
from ascn_nlp.review.delimited import DAMAGED, Torn, is_western, opened, read_csv, to_csv
from ascn_nlp.review.rows import Row

HEADER = ["decision", "note", "passage_id"]


def read(text, encoding="utf-8"):
    return list(read_csv(text.encode(encoding)))


def torn(rows):
    return [n for n, row in enumerate(rows) if isinstance(row, Torn)]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        ["a, b, c, d, e, f", *HEADER],
        ["a;b|c\td,e", *HEADER],
        ["of\ntwo lines", *HEADER],
        ['a "name", of mine', *HEADER],
    ],
)
def test_the_separator_is_told_by_the_header_whatever_its_names_hold(sign, header):
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows([header, ["1"] * len(header)])
    assert read(text.getvalue()) == [header, ["1"] * len(header)]


@pytest.mark.parametrize("before", ["", "\n", "\r\n\r\n", ";;\r\n", "  \n", '"";""\n'])
@pytest.mark.parametrize("hint", ["", "sep=;\r\n", "SEP=;\n", '"sep=;"\n', "sep=;\n"])
def test_a_hint_is_no_row_and_blank_lines_are(hint, before):
    rows = read(hint + before + "decision;note\naccept;a, b, c, d\n")
    assert rows[-2:] == [["decision", "note"], ["accept", "a, b, c, d"]]
    assert len(rows) == 2 + len(before.splitlines())


TITLES = {
    "a line": "Review of Hanoi\n",
    "a line with signs": "Review, of; Hanoi | spring\n",
    "a line filled up": "Review of Hanoi;;\n",
    "several": "Review\n\nby Ana and Bo\n",
    "more cells than columns": "a;b;c;d;e\n",
    "a mark within": 'The "first" round\n',
    "nine": "x\n" * 9,
    "a hint before": "sep=;\nReview\n",
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_what_stands_above_the_header_comes_empty_so_that_rows_count_as_a_spreadsheet_shows_them(title):
    above = len(title.removeprefix("sep=;\n").splitlines())
    rows = read(title + 'decision;note;passage_id\naccept;"a, b, c";p1\nreject;x y";p2\n')
    assert rows == [*[[]] * above, HEADER, ["accept", "a, b, c", "p1"], ["reject", 'x y"', "p2"]]
    assert torn(rows) == [above + 2]


def test_a_row_cut_short_is_torn_under_a_title_too():
    assert torn(read('Review\ndecision,note,passage_id\naccept,two\nlines",p1\n')) == [2, 3]


def test_a_header_far_down_is_none_and_blank_lines_may_be_many():
    assert read("x\n" * 10 + "decision;note;passage_id\n")[0] == ["x"]
    assert read("\n" * 30 + "decision;note\n") == [*[[]] * 30, ["decision", "note"]]


@pytest.mark.parametrize("sign", [",", ";"])
def test_rows_of_the_review_above_its_header_are_told_and_not_left_out(sign):
    text = "Title\naccept,p1,c0123abcd\ndecision,passage_id,row_check\n".replace(",", sign)
    with pytest.raises(ReviewError, match="above the header, which stands in row 3") as caught:
        read(text)
    assert caught.value.where == "row 2"


def test_a_pdf_is_told_to_be_one():
    with pytest.raises(ReviewError, match="is a PDF") as caught:
        list(read_csv(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"))
    assert caught.value.remedy


@pytest.mark.parametrize("taken_for", ["cp1252", "cp1258", "cp874", "mac_roman"])
@pytest.mark.parametrize("saved_as", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("is_split", [True, False])
def test_a_file_opened_in_another_encoding_and_saved_is_told(taken_for, saved_as, is_split):
    opened_as = "".join(to_csv(HEADER, [Row({"note": "so"})])).encode().decode(taken_for)
    text = io.StringIO()
    # As a text editor leaves the first cell, or as a program does that splits at another sign.
    cells = csv.reader(io.StringIO(opened_as), delimiter="," if is_split else ";")
    csv.writer(text).writerows(cells)
    for garbled in (opened_as, text.getvalue()):
        with pytest.raises(ReviewError, match="another encoding than UTF-8") as caught:
            read(garbled, saved_as)
        assert caught.value.remedy


MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("has_mark", [True, False])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
@settings(max_examples=40, deadline=None)
def test_unicode_is_read_with_a_mark_and_without(encoding, has_mark, text):
    content = (MARKS[encoding] if has_mark else b"") + ("decision," + text).encode(encoding)
    assert opened(content).read().removeprefix("\ufeff") == "decision," + text
    assert not is_western(content)


@pytest.mark.parametrize(
    ("content", "wanted", "is_latin"),
    [
        ("note,café".encode("cp1252"), "note,café", True),
        ("“été” – d’hier".encode("cp1252"), "“été” – d’hier", True),
        (b"plain", "plain", False),
        (b"", "", False),
        ("Đường".encode()[:-1], "Đườn", False),
        ("note,Đườ".encode()[:-1], "note,Đư" + DAMAGED, False),
        ("Hà Nội, Đà Nẵng".encode() + b"\xff and more", "Hà Nội, Đà Nẵng" + DAMAGED + " and more", False),
        (("é" + DAMAGED).encode(), "é" + DAMAGED, False),
        (b"caf\xe9 \x81", "café " + DAMAGED, True),
        (b"\xef\xbb\xbfcaf\xe9", "caf" + DAMAGED, False),
        (b"\xff\xfed\x00e", "d" + DAMAGED, False),
    ],
)
def test_a_damaged_letter_does_not_make_another_encoding_of_the_file(content, wanted, is_latin):
    assert opened(content).read().removeprefix("\ufeff") == wanted
    assert is_western(content) is is_latin


TORN = {
    "whole": ('a,b\n"x, ""y""\nz",2\n', []),
    "whole, without a last line end": ("a,b\n1,2", []),
    "short": ("a,b,c\n1\n1,2\n1,2,3\n", []),
    "a mark within": ('a,b\nx "y" z,2\n', [1]),
    "the first lost": ('a,b\nx y",2\n3,4\n', [1]),
    "the last lost": ('a,b\n"x y,2\n"3",4\n5,6\n', [1]),
    "the last lost, no other after it": ('a,b\n1,2\n"x y,2\n3,4\n', [2]),
    "one too many": ('a,b\n"x " y",2\n3,4\n', [1]),
    "blanks before": ('a,b\n "x",2\n', [1]),
    "the first lost before a line break": ('a,b,c\n1,2,3\n1,two\nlines",3\n1,2,3\n', [2, 3]),
    "the first lost before two": ('a,b,c\n1,two\nand\nmore",3\n', [1, 2, 3]),
    "short rows before one that is whole": ('a,b,c\n1\n1,2,3\nx",2,3\n', [3]),
    "cut off within marks": ('a,b\n1,"x', [1]),
    "cut off within a row": ("a,b,c\n1,2,3\n1,x", [2]),
    "cut off after a short row": ("a,b,c\n1,x\n1,2", [1, 2]),
    "in the header": ('a",b\n1,2\n', [0]),
}


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("text", "wanted"), TORN.values(), ids=TORN)
def test_rows_are_torn_where_a_quotation_mark_is_missing(text, wanted, sign, ends):
    text = text.replace("x, ", "x; ").replace(",", sign).replace("\n", ends)
    assert torn(read(text)) == wanted


@given(
    st.lists(st.lists(st.text(st.sampled_from('",;\t\r\n x')), min_size=3, max_size=3), max_size=4),
    st.sampled_from(",;\t|"),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_what_is_written_whole_is_read_whole(rows, sign, is_all):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sign, quoting=csv.QUOTE_ALL if is_all else csv.QUOTE_MINIMAL)
    writer.writerows([HEADER, *rows])
    found = read(text.getvalue())
    assert found == [HEADER, *rows]
    assert torn(found) == []


@given(st.lists(st.text(st.sampled_from('",;\n x')), min_size=3, max_size=3), st.data())
@settings(max_examples=300, deadline=None)
def test_a_lost_mark_never_passes_unseen(cells, data):
    text = "".join(to_csv(HEADER, [Row(dict(zip(HEADER, cells, strict=True)))]))
    place = data.draw(st.sampled_from([n for n, letter in enumerate(text) if letter == '"']))
    assert torn(read(text[:place] + text[place + 1 :]))


def test_a_cell_without_end_is_an_error_with_a_remedy():
    with pytest.raises(ReviewError, match="no CSV") as caught:
        read('a,b\n"' + "x" * 200_000)
    assert caught.value.remedy


def test_parts_are_written_as_rows_come():
    taken = []

    def rows():
        for n in range(3):
            taken.append(n)
            yield Row({"note": str(n)})

    parts = to_csv(HEADER, rows())
    assert (next(parts), taken) == ('\ufeff"decision","note","passage_id"\r\n', [])
    assert (next(parts), taken) == ('"","0",""\r\n', [0])
    assert "".join(parts) == '"","1",""\r\n"","2",""\r\n'


_CELL = st.one_of(
    st.just(""), st.text(max_size=6), st.text(st.sampled_from("='\"\t \u200b\ufeff＝a\0\r\n"), max_size=5)
)


@given(st.lists(st.lists(_CELL, min_size=1, max_size=5), max_size=4))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_what_the_library_writes_of_shielded_cells(rows):
    columns = ["a", "b", "c", "d", "e"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    filled = [row + [""] * (len(columns) - len(row)) for row in rows]
    writer.writerows([columns, *([shield(cell) for cell in row] for row in filled)])
    made = [Row({name: cell for name, cell in zip(columns, row, strict=False) if cell}) for row in rows]
    assert "".join(to_csv(columns, made)) == "\ufeff" + text.getvalue()


def test_a_cell_over_the_limit_is_cut_whatever_else_its_row_holds():
    [_, row] = "".join(to_csv(["a", "b"], [Row({"a": "x" * 40_000, "b": "y"})])).splitlines()
    cells = next(csv.reader([row]))
    assert cells == [shield("x" * 40_000), "y"]
    assert len(cells[0]) == 32_767
