"""Rows of a review file as a spreadsheet program saved it -> decisions, and the rows that cannot be taken.

Only the reviewer's columns and the ids are read. A row is taken as it stands or refused with the reason. None is
guessed at, and a decision goes to no passage but the one its row was exported with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ascn_nlp.errors import ReviewError
from ascn_nlp.records import STANCES, Decision
from ascn_nlp.review.cells import unshield
from ascn_nlp.review.columns import (
    COLUMNS,
    DECISIONS,
    REVIEWER_COLUMNS,
    SHOWN,
    WHOLE,
    row_check,
    wide_columns,
)
from ascn_nlp.review.delimited import DAMAGED

_QUOTES = " \"'`´‘’‚“”„«»"
_IDS = ("passage_id", "document_id", "row_check")
_LONG = ("decision", "concern", *_IDS)
_WIDE = (WHOLE, SHOWN, *_IDS)
# Read where they are there.
_MORE = ("note", "reviewer", "sample", "codebook")
# What may stand in a concern's column of the wide form: a stance, or one of these.
_WIDE_WORDS = {"yes": "accept", "no": "reject", **{word: word for word in DECISIONS}}
# What makes two decisions by one reviewer on one thing the same; which export they stand in is no matter.
SAID = ("decision", "concern_reviewed", "stance_reviewed", "note")
_YES = ("yes", "y", "x", "true", "1")


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


def parse(rows: Iterable[Sequence[str]], concerns: Iterable[str], reviewer: str = "") -> Parsed:
    """The decisions in the rows of a review file, long or wide, header first; ``reviewer`` where a row names none.

    Raises ReviewError when it is no review file at all.
    """
    known, numbered = tuple(concerns), enumerate(rows, 1)
    header = next(([cell.strip().lower() for cell in cells] for _, cells in numbered if any(cells)), [])
    is_wide = WHOLE in header and "decision" not in header
    _check_header(header, _WIDE if is_wide else _LONG, known)
    ours = wide_columns(known) if is_wide else COLUMNS
    wanted = (*_WIDE, *_MORE, *known) if is_wide else (*_LONG, *_MORE, *REVIEWER_COLUMNS)
    places = {name: header.index(name) for name in wanted if name in header}
    collected = _Collected(own={n: name for n, name in enumerate(header) if name not in ours})
    for number, cells in numbered:
        if not any(cells):
            continue
        collected.look_at(cells)
        row = {name: unshield(cells[n]).strip() if n < len(cells) else "" for name, n in places.items()}
        if not any(row.values()):
            continue
        row["reviewer"] = row.get("reviewer") or reviewer
        reason = _damage(row, cells, header)
        found = [] if reason else list((_wide if is_wide else _long)(row, known))
        if reason or isinstance(found[0] if found else None, str):
            collected.refuse(number, reason or str(found[0]))
        else:
            collected.take(number, [one for one in found if isinstance(one, Decision)])
    return collected.parsed()


def _check_header(header: Sequence[str], needed: Sequence[str], concerns: Sequence[str]) -> None:
    if missing := [name for name in needed if name not in header]:
        raise ReviewError(
            f"lacks the columns {', '.join(missing)}",
            "row 1",
            "export again with `review export`, fill in that file and save it under its name",
        )
    read = (*needed, *_MORE, *REVIEWER_COLUMNS, *concerns)
    if twice := [name for name in read if header.count(name) > 1]:
        raise ReviewError(f"has the column {twice[0]} twice", "row 1", "keep the one that counts")


def _damage(row: dict[str, str], cells: Sequence[str], header: Sequence[str]) -> str:
    """Why a row cannot be read at all; "" when it can."""
    if damaged := [name for name, value in row.items() if DAMAGED in value]:
        return f"{damaged[0]} holds letters that the file's encoding has lost; save the file as UTF-8 and write it anew"
    if any(cell.strip() for cell in cells[len(header) :]):
        return (
            f"has more cells ({len(cells)}) than the header ({len(header)}): a quotation mark is missing, and rows "
            "after it may be hidden in it; mend it or export again"
        )
    return ""


def _long(row: dict[str, str], concerns: Sequence[str]) -> Iterator[Decision | str]:
    """The decision of a row, none where it says nothing, or why it cannot be taken."""
    decision, reviewed, stance = (_word(row.get(name, "")) for name in REVIEWER_COLUMNS[:3])
    if not (decision or reviewed or stance or row.get("note")):
        return
    if reason := (
        _not_in("decision", decision, DECISIONS)
        or _unbound(row, row["concern"], concerns)
        or (reviewed and _not_in("concern_reviewed", reviewed, concerns))
        or (stance and _not_in("stance_reviewed", stance, STANCES))
        or _unclear(row["concern"], decision, reviewed, stance)
    ):
        yield reason
        return
    yield _decision(row, row["concern"], decision, reviewed, stance)


def _unclear(concern: str, decision: str, reviewed: str, stance: str) -> str:
    """Why it is not clear what a row says, its words being right; "" when it is."""
    if decision == "accept" and not (concern or reviewed):
        return "accepts a passage without a tag: name the missed one in concern_reviewed"
    if decision == "reject" and not concern and reviewed:
        return "rejects a concern that was not predicted: write accept if it was missed, or empty concern_reviewed"
    if decision == "reject" and stance and reviewed in ("", concern):
        return "rejects the concern and gives it a stance: write accept if it holds, or empty stance_reviewed"
    return ""


def _wide(row: dict[str, str], concerns: Sequence[str]) -> Iterator[Decision | str]:
    """The decisions of a row, none where it says nothing; or, as the first, why it cannot be taken."""
    said = {concern: _word(row[concern]) for concern in concerns if row.get(concern)}
    whole, shown = _word(row[WHOLE]), row[SHOWN].split()
    if not (said or whole or row.get("note")):
        return
    if reason := _unbound(row, row[SHOWN], concerns) or _unclear_wide(whole, said, shown):
        yield reason
        return
    for concern, word in said.items():
        stance = word if word in STANCES else ""
        decision = "accept" if stance else _WIDE_WORDS[word]
        if concern in shown:
            yield _decision(row, concern, decision, "", stance)
        else:
            yield _decision(row, "", decision, concern, stance)
    if whole in _YES:
        yield _decision(row, "", "reject", "", "")


def _unclear_wide(whole: str, said: dict[str, str], shown: Sequence[str]) -> str:
    """Why it is not clear what a wide row says; "" when it is."""
    words = (*STANCES, *_WIDE_WORDS)
    if wrong := [concern for concern, word in said.items() if word not in words]:
        return _not_in(wrong[0], said[wrong[0]], words)
    if whole not in (*_YES, "", "no"):
        return _not_in(WHOLE, whole, ("yes", "no"))
    if bare := [
        concern for concern, word in said.items() if _WIDE_WORDS.get(word) == "accept" and concern not in shown
    ]:
        return f"{bare[0]} was not predicted, so {said[bare[0]]!r} names no stance; write one of: {', '.join(STANCES)}"
    if whole in _YES and (left := [concern for concern in shown if concern not in said]):
        return f"{WHOLE} is yes, and nothing is said of {left[0]}, which was predicted; write a stance, yes or no"
    if not said and whole not in _YES:
        return f"has a note and no decision; write yes in {WHOLE}, or a word in the column of a concern"
    return ""


def _decision(row: dict[str, str], concern: str, decision: str, reviewed: str, stance: str) -> Decision:
    ids = {name: row.get(name, "") for name in ("passage_id", "document_id", "note", "reviewer", "sample", "codebook")}
    return Decision(concern=concern, decision=decision, concern_reviewed=reviewed, stance_reviewed=stance, **ids)


def _word(cell: str) -> str:
    """One word of a known list, whatever case, blanks and quotation marks a program or a hand put around it."""
    return cell.strip(_QUOTES + "\u00a0\u200b.").lower()


def _not_in(name: str, word: str, words: Sequence[str]) -> str:
    """Why a word cannot stand there; "" when it can."""
    what = f"{name} is {word!r}" + ("" if word else ", though the row says something")
    return "" if word in words else f"{what}; write one of: {', '.join(words)}"


def _unbound(row: dict[str, str], shown: str, concerns: Sequence[str]) -> str:
    """Why the ids of a row cannot be believed; "" when they can."""
    passage, document, check = (row[name] for name in _IDS)
    if check and row_check(passage, document, shown) == check:
        return ""
    # A copied row whose concern was emptied, to add a missed tag: its ids still belong together.
    if check and not shown and any(row_check(passage, document, concern) == check for concern in concerns):
        return ""
    return (
        "passage_id, document_id, concern and row_check no longer belong together; export again (to correct a concern "
        "write in concern_reviewed; to add a missed one copy a row and empty its concern)"
    )


@dataclass(slots=True)
class _Collected:
    """Decisions by what they are on, so that rows that contradict each other are found and both refused."""

    own: dict[int, str]  # the person's own columns by their place
    undecided: int = 0
    decisions: dict[tuple[str, ...], Decision] = field(default_factory=dict)
    row_of: dict[tuple[str, ...], int] = field(default_factory=dict)
    contradicted: set[tuple[str, ...]] = field(default_factory=set)
    refused: list[Refused] = field(default_factory=list)
    added: dict[str, None] = field(default_factory=dict)

    def look_at(self, cells: Sequence[str]) -> None:
        """Note down the person's own columns that hold something."""
        for n, name in self.own.items():
            if n < len(cells) and cells[n].strip():
                self.added[name] = None

    def refuse(self, number: int, reason: str) -> None:
        self.refused.append(Refused(number, reason))

    def take(self, number: int, found: Sequence[Decision]) -> None:
        self.undecided += not found
        for one in found:
            key = (one.passage_id, one.concern, one.concern_reviewed if not one.concern else "", one.reviewer)
            first = self.decisions.setdefault(key, one)
            if any(getattr(first, name) != getattr(one, name) for name in SAID):
                self.contradicted.add(key)
                reason = f"contradicts row {self.row_of[key]} on the same passage and concern; keep one"
                self.refuse(number, reason)
            self.row_of.setdefault(key, number)

    def parsed(self) -> Parsed:
        for key in self.contradicted:
            reason = "is contradicted by a later row on the same passage and concern; keep one"
            self.refuse(self.row_of[key], reason)
            del self.decisions[key]
        in_order = tuple(sorted(self.refused, key=lambda one: one.row))
        return Parsed(tuple(self.decisions.values()), self.undecided, in_order, tuple(self.added))
