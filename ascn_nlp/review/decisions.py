"""Review CSV: tags out to a person, verdicts back in. Values in, values out; the caller reads and writes files.

One row per passage and concern. The reviewer's columns come first; everything else is there to judge by. On the way
back only the reviewer's columns and the ids are read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from ascn_nlp.errors import ReviewError
from ascn_nlp.records import STANCES, Decision, digest

DECISIONS = ("accept", "reject", "unsure", "withdraw")
# Cells that hold one word of a known list; read without regard to case, blanks and quotation marks around it.
_WORDS = ("decision", "concern_reviewed", "stance_reviewed")
_QUOTES = " \"'`´‘’‚“”„«»"
REVIEWER_COLUMNS = ("decision", "concern_reviewed", "stance_reviewed", "note", "reviewer")
COLUMNS = (
    *REVIEWER_COLUMNS,
    *("concern", "stance", "score", "why", "quote", "before", "after", "heading"),
    *(
        "doc_title",
        "publisher",
        "genre",
        "published",
        "date_basis",
        "in_window",
        "city",
        "country",
        "lang",
        "page",
        "doubtful",  # words recognised in a picture that may be others
        "url",
        "appearances",  # documents that tell the same story, this one included
    ),
    *("passage_id", "document_id", "taxonomy_version", "model_id", "run_id", "sample", "row_check"),
)
# Cells that begin so are run as formulas by spreadsheet programs (OWASP, "CSV Injection"); the full-width forms are
# taken for the same signs by some of them, and blanks and signs without width may be dropped first.
_FORMULA = re.compile(r"[\s\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠\t\r\n]")
# Excel's limit for one cell; it cuts longer ones without a word.
CELL_LIMIT = 32_767
_CUT = " [... cut here: the cell is full; the whole text is in the document]"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken, and why. Rows count from 1, the header being row 1, as a spreadsheet shows them."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a review file says: its decisions, rows without one, and rows refused."""

    decisions: tuple[Decision, ...]
    undecided: int
    refused: tuple[Refused, ...]
    added_columns: tuple[str, ...] = ()  # columns of the person's own, with something in them: kept by nobody else


def row_check(passage_id: str, document_id: str, concern: str) -> str:
    """A check that a row's ids and concern are still those that were exported together."""
    return "c" + digest(passage_id, document_id, concern)[:8]


def doubtful_words(text: str, doubts: Iterable[Sequence[int]]) -> str:
    """The words of ``text`` that may be others, each once: "2562; ๓๑"."""
    return "; ".join(dict.fromkeys(" ".join(text[start:end].split()) for start, end in doubts))


def to_csv(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Lines of an RFC 4180 file that begins with a byte order mark, so that Excel takes it for UTF-8."""
    buffer = io.StringIO()
    # Every cell in quotes: a program set to split at ";" or tab must not begin a new cell within one.
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([shield(row.get(name, "")) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def shield(value: str) -> str:
    """The value as a cell that no spreadsheet runs as a formula or cuts in silence; ``unshield`` undoes the first."""
    cell = value.replace("\x00", "")
    if _FORMULA.match(cell) or _looks_shielded(cell):
        cell = "'" + cell
    return cell if len(cell) <= CELL_LIMIT else cell[: CELL_LIMIT - len(_CUT)] + _CUT


def unshield(cell: str) -> str:
    """The value behind a cell made by ``shield``."""
    return cell[1:] if _looks_shielded(cell) else cell


def parse_csv(content: bytes, concerns: Iterable[str]) -> Parsed:
    """The decisions in a review file as a spreadsheet program saved it.

    Raises ReviewError when it is no review file at all; rows that cannot be taken are listed, never guessed at.
    """
    if content[:4] == b"PK\x03\x04":
        remedy = "in the spreadsheet program, save it as CSV (UTF-8) and import that"
        raise ReviewError("is a spreadsheet (XLSX or ODS), not CSV", "", remedy)
    rows = _rows(content)
    header = [cell.strip().lower() for cell in next(rows, [])]
    needed = ("decision", "passage_id", "document_id", "concern", "row_check")
    if missing := [name for name in needed if name not in header]:
        raise ReviewError(
            f"lacks the columns {', '.join(missing)}",
            "row 1",
            "export again with `review export`, fill in that file and save it as CSV",
        )
    if twice := [name for name in (*needed, *REVIEWER_COLUMNS) if header.count(name) > 1]:
        raise ReviewError(f"has the column {twice[0]} twice", "row 1", "keep the one that counts")
    known = tuple(concerns)
    decisions: dict[tuple[str, str, str, str], Decision] = {}
    row_of: dict[tuple[str, str, str, str], int] = {}
    contradicted: set[tuple[str, str, str, str]] = set()
    undecided, refused = 0, []
    added: dict[str, None] = {}
    for number, cells in enumerate(rows, 2):
        row = {name: unshield(cell).strip() for name, cell in zip(header, cells, strict=False)}
        if not any(row.values()):
            continue
        added |= dict.fromkeys(name for name, value in row.items() if value and name not in COLUMNS)
        row |= {name: row.get(name, "").strip(_QUOTES).lower() for name in _WORDS}
        if not any(row.get(name) for name in (*_WORDS, "note")):
            undecided += 1
            continue
        reason = _refusal(row, known)
        if reason:
            refused.append(Refused(number, reason))
            continue
        one = Decision(**{field.name: row.get(field.name, "") for field in fields(Decision)})
        key = (one.passage_id, one.concern, one.concern_reviewed if not one.concern else "", one.reviewer)
        if decisions.setdefault(key, one) != one:
            contradicted.add(key)
            refused.append(Refused(number, f"contradicts row {row_of[key]} on the same passage and concern; keep one"))
        row_of.setdefault(key, number)
    for key in contradicted:
        refused.append(Refused(row_of[key], "is contradicted by a later row on the same passage and concern; keep one"))
        del decisions[key]
    in_order = tuple(sorted(refused, key=lambda one: one.row))
    return Parsed(tuple(decisions.values()), undecided, in_order, tuple(added))


def _refusal(row: Mapping[str, str], concerns: tuple[str, ...]) -> str:
    """Why a row cannot be taken; "" when it can."""
    decision, concern = row["decision"], row.get("concern", "")
    if not decision:
        return f"decision is '', though the row says something; write one of: {', '.join(DECISIONS)}"
    if decision not in DECISIONS:
        return f"decision is {decision!r}; write one of: {', '.join(DECISIONS)}"
    if row_check(row.get("passage_id", ""), row.get("document_id", ""), concern) != row.get("row_check"):
        return "passage_id, document_id, concern and row_check no longer belong together; export again"
    reviewed = row["concern_reviewed"]
    if reviewed and reviewed not in concerns:
        return f"concern_reviewed is {reviewed!r}; write one of: {', '.join(concerns)}"
    if not concern and not reviewed and decision == "accept":
        return "accepts a passage without a tag: name the missed one in concern_reviewed"
    stance = row["stance_reviewed"]
    if stance and stance not in STANCES:
        return f"stance_reviewed is {stance!r}; write one of: {', '.join(STANCES)}"
    return ""


def _looks_shielded(cell: str) -> bool:
    inner = cell.lstrip("'")
    return inner != cell and bool(_FORMULA.match(inner))


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    # What Excel writes when it is asked for plain "CSV" in most of Europe and the Americas. Never fails.
    return content.decode("cp1252", "replace")


def _rows(content: bytes) -> Iterator[list[str]]:
    """The rows of the file, its header first."""
    text = _decode(content)
    head = re.match(r"[^\r\n]*", text)[0]  # type: ignore[index]  # it matches anything
    separator = max((",", ";", "\t"), key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise ReviewError(f"is no CSV file: {error}", "", "save it as CSV, or export again") from error
