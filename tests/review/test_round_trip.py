"""Review files go out, are filled in, suffer what people and programs do to them, and come back.

What is claimed: a decision comes back as it was written, or its row is refused with the reason. None is lost, and none
goes to another passage than the one that its row was exported with.
"""

import io
import re
from contextlib import suppress
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from ascn_nlp.errors import ReviewError
from ascn_nlp.records import STANCES
from ascn_nlp.review.cells import shield
from ascn_nlp.review.columns import COLUMNS, ID_COLUMNS, REVIEWER_COLUMNS, SHOWN, WHOLE, wide_columns
from ascn_nlp.review.decisions import parse
from ascn_nlp.review.delimited import read_csv, to_csv
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.judgements import claims
from ascn_nlp.review.rows import Form, Row, long_rows, wide_rows
from ascn_nlp.review.sheets import read_sheet
from ascn_nlp.review.workbook import write_workbook

CONCERNS = tuple(f"concern_{letter}" for letter in "abcdefghijkl")
FORM = Form(lambda _: "yes", CONCERNS, "k0123456789abcdef", "s1", asks_for_missed=True)
EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)

# A decision as (passage, concern, decision, concern_reviewed, stance_reviewed, note, reviewer).
Said = tuple[str, ...]
_letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffd\ufffe\uffff")
_text = st.one_of(
    st.sampled_from(
        ["", "", "see page 3", "Ms “Đ”, of\nHanoi", '"', 'says "no"', ",", ";\t;", "=1+1", "'-", "two\r\nlines"]
    ),
    st.text(st.sampled_from("\"',;\t\r\n=-|aé "), max_size=12),
    st.text(_letters, max_size=12),
).map(str.strip)
_plain = st.text("abcdefgh éüñ", max_size=12).map(str.strip)


class File(NamedTuple):
    """A filled-in file: its header, its rows, and beside each row what a person said in it."""

    header: list[str]
    rows: list[list[str]]
    said: list[frozenset[Said]]


def judged(number: int, tags: list[str], text: str) -> Judged:
    passage = {
        **{"id": f"p{number:016x}", "document_id": f"d{number // 2:016x}", "text": text, "heading": ["A", text]},
        **{"context": "", "places": [[4, "2", None, 0]], "page": 4, "language": "en", "doubts": [], "title": text},
        **{"genre": "news", "document_country": "VN", "published": "2024-05-01", "date_basis": "meta", "publisher": ""},
        **{"url": "https://city.example/a.pdf", "address": "a.pdf", "appearances": 1},
        **{"story": None, "document_seq": 7, "kind": "paragraph"},
    }
    tagging = {"tagger_id": "m1", "taxonomy_version": "t1", "run_id": "r1", "scores": {}, "leads": []}
    made = [{"concern": name, "stance": "raised", "score": 0.8, "is_unsure": False, "evidence": []} for name in tags]
    return Judged(passage, (), text, text, tagging, tuple((tag, None) for tag in made))


def long_words(concern: str):
    """(decision, concern_reviewed, stance_reviewed) that a person may write in a row."""
    stance, other = st.sampled_from(("", *STANCES)), st.sampled_from(CONCERNS).filter(lambda name: name != concern)
    named = st.tuples(st.sampled_from(("accept", "unsure", "withdraw")), other, stance)
    if not concern:
        return named | st.just(("reject", "", ""))
    alone = st.tuples(st.sampled_from(("reject", "unsure", "withdraw")), st.just(""), st.just(""))
    return named | alone | st.tuples(st.just("accept"), st.just(""), stance)


@st.composite
def long_files(draw, text=_text) -> File:
    rows, said = [], []
    for number in range(draw(st.integers(1, 4))):
        tags = draw(st.lists(st.sampled_from(CONCERNS), max_size=3, unique=True))
        for row in long_rows(judged(number, tags, draw(text)), FORM):
            cells, found = dict(row.cells), frozenset()
            if draw(st.integers(0, 3)):
                words = draw(long_words(cells["concern"]))
                filled = (*words, draw(text), draw(text))
                cells |= dict(zip(REVIEWER_COLUMNS, filled, strict=True))
                found = frozenset({(cells["passage_id"], cells["concern"], *filled)})
            rows.append(Row(cells))
            said.append(found)
    return as_file(COLUMNS, rows, said)


@st.composite
def wide_files(draw, text=_text) -> File:
    rows, said = [], []
    for number in range(draw(st.integers(1, 4))):
        shown = draw(st.lists(st.sampled_from(CONCERNS), max_size=3, unique=True))
        [row] = wide_rows(judged(number, shown, draw(text)), FORM)
        about = (draw(text), draw(text))
        answered = draw(st.lists(st.sampled_from(CONCERNS), max_size=3, unique=True))
        is_whole = bool(answered) and draw(st.booleans())
        found = {}
        for concern in dict.fromkeys([*answered, *(shown if is_whole else ())]):
            words = {**dict.fromkeys(STANCES, "accept"), "no": "reject", "unsure": "unsure", "withdraw": "withdraw"}
            words |= {"yes": "accept"} if concern in shown else {}
            word = draw(st.sampled_from(sorted(words)))
            stance = word if word in STANCES else ""
            on = (concern, words[word], "") if concern in shown else ("", words[word], concern)
            found[concern] = (word, (row.cells["passage_id"], *on, stance, *about))
        cells = row.cells | {concern: word for concern, (word, _) in found.items()}
        decisions = {decision for _, decision in found.values()}
        if decisions:
            cells |= {"note": about[0], "reviewer": about[1], WHOLE: "yes" if is_whole else ""}
        if is_whole:
            decisions.add((row.cells["passage_id"], "", "reject", "", "", *about))
        rows.append(Row(cells))
        said.append(frozenset(decisions))
    return as_file(wide_columns(CONCERNS), rows, said)


def as_file(columns, rows, said) -> File:
    [header, *cells] = read_csv("".join(to_csv(columns, rows)).encode())
    return File(header, cells, said)


def files(text=_text):
    return long_files(text) | wide_files(text)


# What programs and people do to rows. A damage gets a file and a source of choices, and gives the file back.


def _at(file: File, *names: str) -> list[int]:
    return [n for n, name in enumerate(file.header) if name.strip().lower() in names]


def move_columns(file, draw):
    return in_order(file, draw(st.permutations(range(len(file.header)))))


def in_order(file: File, order) -> File:
    width = len(file.header)
    rows = [[*row, *[""] * (width - len(row))] for row in file.rows]
    return File([file.header[n] for n in order], [[row[n] for n in order] for row in rows], file.said)


def add_columns(file, draw):
    name = draw(st.sampled_from(["", "my own", 'my;own, "note"\nof two lines', "Decision?"]))
    return File([name, *file.header], [[draw(_text), *row] for row in file.rows], file.said)


def rename_columns_in_case(file, draw):
    change = draw(st.sampled_from([str.upper, str.title, " {} ".format, "{}\u00a0".format]))
    return file._replace(header=[change(name) for name in file.header])


def remove_columns(file, draw):
    read = _at(file, *REVIEWER_COLUMNS, *ID_COLUMNS, *CONCERNS, WHOLE, SHOWN, "concern")
    gone = {*draw(st.lists(st.integers(0, len(file.header) - 1)))} - {*read}
    return in_order(file, [n for n in range(len(file.header)) if n not in gone])


def sort_rows(file, draw):
    order = draw(st.permutations(range(len(file.rows))))
    return file._replace(rows=[file.rows[n] for n in order], said=[file.said[n] for n in order])


def remove_rows(file, draw):
    kept = [n for n in range(len(file.rows)) if draw(st.booleans())]
    return file._replace(rows=[file.rows[n] for n in kept], said=[file.said[n] for n in kept])


def repeat_rows(file, draw):
    n = draw(st.integers(0, len(file.rows) - 1)) if file.rows else 0
    return file._replace(rows=file.rows + file.rows[n : n + 1], said=file.said + file.said[n : n + 1])


def put_blank_rows_between(file, draw):
    blank = draw(st.sampled_from([[], [""] * len(file.header), [" "] * len(file.header), [""] * 3]))
    rows = [row for one in file.rows for row in (blank, one)]
    return file._replace(rows=rows, said=[said for one in file.said for said in (frozenset(), one)])


def rewrite_what_is_not_read(file, draw):
    change = {"published": "01/05/2024", "score": "0,8", "page": "4.0", "appearances": "1,00E+00", "in_window": "TRUE"}
    rows = [[change.get(name, cell) for name, cell in zip(file.header, row, strict=False)] for row in file.rows]
    return file._replace(rows=rows)


def dress_words(file, draw):
    dress = draw(st.sampled_from(["“{}”", "{} ", "\u00a0{}\u00a0", "'{}'", "« {} »", "{}."]))
    case = draw(st.sampled_from([str, str.upper, str.title]))
    words = {*_at(file, *REVIEWER_COLUMNS[:3], WHOLE), *(_at(file, *CONCERNS) if WHOLE in file.header else ())}
    rows = [
        [dress.format(case(cell)) if cell.strip() and n in words else cell for n, cell in enumerate(row)]
        for row in file.rows
    ]
    return file._replace(rows=rows)


def edit_an_id(file, draw):
    columns = _at(file, "passage_id", "document_id", "row_check", "concern", SHOWN)
    return _change(file, draw, columns, draw(st.sampled_from(["", "p1", "1.2E+15", *CONCERNS[:2]])))


def move_an_id_to_the_next_row(file, draw):
    if len(file.rows) < 2 or not (columns := _at(file, "passage_id", "document_id", "row_check", "concern", SHOWN)):
        return file
    rows, n = [list(row) for row in file.rows], draw(st.integers(0, len(file.rows) - 2))
    column = draw(st.sampled_from(columns))
    if column < min(len(rows[n]), len(rows[n + 1])):
        rows[n + 1][column], rows[n][column] = rows[n][column], ""
    return file._replace(rows=rows)


def _change(file, draw, columns, value):
    rows = [list(row) for row in file.rows]
    if rows and columns and (row := draw(st.sampled_from(rows))):
        column = draw(st.sampled_from(columns))
        row[column : column + 1] = [value] if column < len(row) else []
    return file._replace(rows=rows)


HARMLESS = (move_columns, add_columns, rename_columns_in_case, remove_columns, sort_rows, remove_rows, repeat_rows)
HARMLESS += (put_blank_rows_between, rewrite_what_is_not_read, dress_words)
HARMFUL = (edit_an_id, move_an_id_to_the_next_row)


def said_in(parsed) -> set[Said]:
    return {
        (one.passage_id, one.concern, one.decision, one.concern_reviewed, one.stance_reviewed, one.note, one.reviewer)
        for one in parsed.decisions
    }


def check(parsed, file: File, first: int = 2) -> set[Said]:
    """Each decision is one that a person wrote, and each row is taken or refused; what was refused comes back."""
    found, refused = said_in(parsed), {one.row for one in parsed.refused}
    assert found <= frozenset().union(*file.said)
    for number, said in enumerate(file.said, first):
        assert number in refused or said <= found, (number, said - found)
    return frozenset().union(*file.said) - found


def is_contradicted(file: File) -> bool:
    """Whether one person says two things of one concern: rows of ours name the same missed one now and then."""
    said = frozenset().union(*file.said)
    claimed = {(one[0], one[6], *claim) for one in said for claim in claims(one[2], one[1], one[3]).items()}
    is_twofold = len(claimed) > len({claim[:-1] for claim in claimed})
    return is_twofold or len(said) > len({(one[0], one[1], "" if one[1] else one[3], one[6]) for one in said})


def quoted(cell: str, separator: str, is_all: bool) -> str:
    is_needed = is_all or any(sign in cell for sign in ('"', "\r", "\n", separator))
    return '"' + cell.replace('"', '""') + '"' if is_needed else cell


def lines_of(file: File, separator=",", ends="\r\n", is_all=False) -> list[str]:
    return [separator.join(quoted(cell, separator, is_all) for cell in row) + ends for row in (file.header, *file.rows)]


ENCODINGS = {
    "UTF-8 with a mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-8 without": str.encode,
    "UTF-16, little": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16, big": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
}
_looks = st.tuples(st.sampled_from(",;\t|"), st.sampled_from(["\r\n", "\n", "\r"]), st.booleans())


@given(files(), st.lists(st.sampled_from(HARMLESS), max_size=4), _looks, st.sampled_from(sorted(ENCODINGS)), st.data())
@settings(EXAMPLES, max_examples=150)
def test_what_was_written_comes_back_whatever_a_program_makes_of_the_file(file, damages, looks, encoding, data):
    assume(not is_contradicted(file))
    for damage in damages:
        file = damage(file, data.draw)
    parsed = parse(read_csv(ENCODINGS[encoding]("".join(lines_of(file, *looks)))), CONCERNS)
    assert not check(parsed, file)
    assert not parsed.refused


@given(files(), st.lists(st.sampled_from(HARMLESS + HARMFUL * 4), min_size=1, max_size=5), st.data())
@settings(EXAMPLES, max_examples=150)
def test_whatever_a_person_does_to_ids_no_decision_goes_astray(file, damages, data):
    # Moved twice, concern and check may both stand in another row: it is that row then.
    assume(damages.count(move_an_id_to_the_next_row) < 2)
    for damage in damages:
        file = damage(file, data.draw)
    assume(len({name.strip().lower() for name in file.header}) == len(file.header))
    check(parse(read_csv("".join(lines_of(file)).encode()), CONCERNS), file)


@given(files(), st.lists(st.sampled_from(HARMLESS + HARMFUL), max_size=3), st.data())
@settings(EXAMPLES, max_examples=40)
def test_workbooks_hold_to_the_same(file, damages, data):
    for damage in damages:
        file = damage(file, data.draw)
    columns = [f"own {n}" if name in ("", "Decision?") else name for n, name in enumerate(file.header)]
    assume(len(set(columns)) == len(columns))
    content = io.BytesIO()
    # Cells are shielded already; the writer must not do it twice.
    rows = (Row(dict(zip(columns, (unshielded(cell) for cell in row), strict=False))) for row in file.rows)
    write_workbook(content, columns, rows, {"decision": ("accept", "reject")})
    check(parse(read_sheet(content.getvalue()), CONCERNS), file)


def unshielded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and shield(cell[1:]) == cell else cell


@given(files(_plain), _looks)
@settings(EXAMPLES)
def test_windows_letters_come_back(file, looks):
    check(parse(read_csv("".join(lines_of(file, *looks)).encode("cp1252")), CONCERNS), file)


@given(files(), st.sampled_from(["sep=;\r\n", '"sep=;"\r\n', "SEP=;\n", "\r\n\r\n", ";;;\r\n", "  \r\n"]))
@settings(EXAMPLES)
def test_a_hint_or_blank_lines_may_come_first(file, before):
    assume(not is_contradicted(file))
    parsed = parse(read_csv((before + "".join(lines_of(file, ";"))).encode()), CONCERNS)
    assert not check(parsed, file)


@given(files(), st.sampled_from(["\n\n", ";;;\n;;\n"]))
@settings(EXAMPLES, max_examples=20)
def test_blank_lines_above_the_header_count_as_a_spreadsheet_counts_them(file, before):
    file = file._replace(rows=[[*row] for row in file.rows])
    at = file.header.index("row_check")
    for row in file.rows:
        row[at] = "c00000000"
    parsed = parse(read_csv((before + "".join(lines_of(file, ";"))).encode()), CONCERNS)
    assert {one.row for one in parsed.refused} == {n for n, said in enumerate(file.said, 4) if said}


@given(files(), _looks, st.sampled_from(sorted(ENCODINGS)), st.data())
@settings(EXAMPLES, max_examples=150)
def test_of_a_file_cut_off_the_whole_rows_come_back_and_no_half_one(file, looks, encoding, data):
    assume(not is_contradicted(file))
    lines = lines_of(file, *looks)
    content = ENCODINGS[encoding]("".join(lines))
    cut = data.draw(st.integers(0, len(content)))
    ends = [len(ENCODINGS[encoding]("".join(lines[: n + 1]))) for n in range(len(lines))]
    whole = sum(end <= cut for end in ends)
    try:
        found = said_in(parse(read_csv(content[:cut]), CONCERNS))
    except ReviewError:
        assert whole <= 1
        return
    assert found >= frozenset().union(*file.said[: max(whole - 1, 0)])
    assert found <= frozenset().union(*file.said[:whole])


ID_FIRST = ("passage_id", "document_id", "row_check", "concern", SHOWN)


def ids_first(file: File) -> File:
    return in_order(file, sorted(range(len(file.header)), key=lambda n: (file.header[n] not in ID_FIRST, n)))


@given(files(), _looks, st.booleans(), st.booleans(), st.data())
@settings(EXAMPLES, max_examples=200)
def test_a_quotation_mark_lost_or_too_many_sends_no_decision_astray(file, looks, are_ids_first, is_lost, data):
    assume(not is_contradicted(file))
    file = ids_first(file) if are_ids_first else file
    lines = lines_of(file, *looks)
    text, head = "".join(lines), len(lines[0])
    assume(file.rows)
    places = [at.start() for at in re.finditer('"', text) if at.start() >= head] if is_lost else range(head, len(text))
    assume(places)
    place = data.draw(st.sampled_from(places))
    text = text[:place] + ("" if is_lost else '"') + text[place + is_lost :]
    parsed = parse(read_csv(text.encode()), CONCERNS)
    before = sum(place >= len("".join(lines[: n + 1])) for n in range(1, len(lines)))
    written = frozenset().union(*file.said)
    found, refused = said_in(parsed), {one.row for one in parsed.refused}
    assert found >= frozenset().union(*file.said[:before])
    assert found <= written
    assert found == written or max(refused) >= before + 2


def test_a_row_that_a_quotation_mark_has_swallowed_whole_is_refused():
    [row] = wide_rows(judged(0, [], ""), FORM)
    file = as_file(wide_columns(CONCERNS), [Row(row.cells | {CONCERNS[0]: "addressed"})], [frozenset()])
    header, line = lines_of(file)
    assert [one.row for one in parse(read_csv((header + '"' + line).encode()), CONCERNS).refused] == [2]


@given(long_files(), st.sampled_from(REVIEWER_COLUMNS), st.data())
@settings(EXAMPLES, max_examples=100)
def test_a_cell_of_the_reviewers_in_the_wrong_row_speaks_for_the_row_it_stands_in_or_is_refused(file, column, data):
    assume(len(file.rows) > 1)
    rows, n = [list(row) for row in file.rows], data.draw(st.integers(0, len(file.rows) - 2))
    at = file.header.index(column)
    rows[n + 1][at], rows[n][at] = rows[n][at], ""
    parsed = parse(read_csv("".join(lines_of(file._replace(rows=rows))).encode()), CONCERNS)
    places = [file.header.index(name) for name in ("passage_id", "concern", *REVIEWER_COLUMNS)]
    held = {number: tuple(unshielded(row[n]) for n in places) for number, row in enumerate(rows, 2) if any(row[:4])}
    assert said_in(parsed) <= set(held.values())
    assert set(held) - {one.row for one in parsed.refused} <= {n for n, row in held.items() if row in said_in(parsed)}


@given(long_files(), st.data())
@settings(EXAMPLES)
def test_a_missed_concern_is_added_by_copying_a_row_and_emptying_its_concern(file, data):
    assume(not is_contradicted(file))
    copy = list(data.draw(st.sampled_from(file.rows)))
    at = {name: n for n, name in enumerate(file.header)}
    filled = ("accept", data.draw(st.sampled_from(CONCERNS)), "raised", "added", "a reviewer of her own")
    for name, value in zip(("concern", *REVIEWER_COLUMNS), ("", *filled), strict=True):
        copy[at[name]] = value
    file = File(file.header, [*file.rows, copy], [*file.said, frozenset({(copy[at["passage_id"]], "", *filled)})])
    assert not check(parse(read_csv("".join(lines_of(file)).encode()), CONCERNS), file)


@given(files(), st.binary(min_size=1, max_size=4), st.data())
@settings(EXAMPLES)
def test_bytes_overwritten_anywhere_send_no_decision_to_another_passage(file, noise, data):
    content = "".join(lines_of(file)).encode()
    place = data.draw(st.integers(0, len(content) - 1))
    with suppress(ReviewError):
        parsed = parse(read_csv(content[:place] + noise + content[place + len(noise) :]), CONCERNS)
        known = {(one[0], one[1]) for said in file.said for one in said}
        assert {(one.passage_id, one.concern) for one in parsed.decisions} <= known


@pytest.mark.parametrize("make", [long_files, wide_files])
def test_the_files_of_these_tests_say_something(make):
    found = []

    @given(make())
    @settings(EXAMPLES, max_examples=20, database=None)
    def look(file):
        found.extend(len(said) for said in file.said)

    look()
    assert sum(map(bool, found)) > len(found) / 4
