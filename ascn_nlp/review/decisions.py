"""Rows of a review file as a spreadsheet program saved it -> decisions, and the rows that cannot be taken.

Only the reviewer's columns and the ids are read. A row is taken as it stands or refused with the reason. None is
guessed at, and a decision goes to no passage but the one its row was exported with.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter

from ascn_nlp.errors import ReviewError
from ascn_nlp.records import STANCES, Decision
from ascn_nlp.review.cells import CUT, UNSAVED, is_garbled, unshield
from ascn_nlp.review.columns import (
    COLUMNS,
    DECISIONS,
    REVIEWER_COLUMNS,
    SHOWN,
    WHOLE,
    row_check,
    wide_columns,
)
from ascn_nlp.review.delimited import DAMAGED, Torn
from ascn_nlp.review.judgements import claims, subject

_BLANKS = " \u00a0\u200b\ufeff"
_QUOTES = "\"'`´‘’‚“”„«»"
# In a cell of several lines the sign of a row that a lost quotation mark has swallowed.
_CHECK = re.compile(r"\bc[0-9a-f]{8}\b")
_IDS = ("passage_id", "document_id", "row_check")
_LONG = ("decision", "concern", *_IDS)
_WIDE = (WHOLE, SHOWN, *_IDS)
# Read where they are there.
_MORE = ("note", "reviewer", "sample", "codebook", "run_id")
# What may stand in a concern's column of the wide form: a stance, or one of these.
_WIDE_WORDS = {"yes": "accept", "no": "reject", **{word: word for word in DECISIONS}}
# What R and pandas write for an empty cell.
_EMPTIES = ("NA", "NaN", "NULL", "<NA>")
_EMPTY_WORDS = tuple(word.lower() for word in _EMPTIES)
_SAVE_EMPTY = "a program wrote that for an empty cell; save with na='' (R) or na_rep='' (pandas)"
# What makes two decisions by one reviewer on one thing the same; which export they stand in is no matter.
SAID = ("decision", "concern_reviewed", "stance_reviewed", "note")
_YES = ("yes", "y", "x", "true", "1")
# In read_whole: takes back that the passage was read whole, if that was said.
_TAKEN_BACK = ("no", "withdraw")

# (passage, concern, the one that is named where none was predicted, reviewer)
_Key = tuple[str, str, str, str]


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
    first = next((cells for _, cells in numbered if any(cell.strip() for cell in cells)), [])
    header = [cell.strip().lower() for cell in first]
    is_wide = WHOLE in header and "decision" not in header
    _check_header(header, _WIDE if is_wide else _LONG, known)
    if isinstance(first, Torn):
        raise ReviewError("lacks a quotation mark", "row 1", "put it there, or export again")
    ours = wide_columns(known) if is_wide else COLUMNS
    wanted = (*_WIDE, *_MORE, *known) if is_wide else (*_LONG, *_MORE, *REVIEWER_COLUMNS)
    read = _Reader(wanted, header)
    own = {n: name or f"column {n + 1}, without a name" for n, name in enumerate(header) if name not in ours}
    collected = _Collected(own)
    # Without these a row says something else than it did with them.
    filled_in = (*known, "note", "reviewer") if is_wide else REVIEWER_COLUMNS
    missing = next((name for name in filled_in if name not in header), "")
    for number, cells in numbered:
        if not any(cells):
            continue
        collected.look_at(cells)
        row = read(cells)
        said = "".join(row.values())
        damage = _damage(row, said, cells, header) if said or any(map(str.strip, cells)) else ""
        # What a quotation mark has swallowed may be all that the row said.
        if not (damage or said):
            continue
        row["reviewer"] = row["reviewer"] or reviewer
        reason = damage or (missing and _renamed(cells, missing, own))
        found = [] if reason else list((_wide if is_wide else _long)(row, known))
        if not (is_wide or reason) and row["concern"]:
            collected.originals.add(_copied(row))
        decisions = [one for one in found if isinstance(one, Decision)]
        if reason or len(decisions) < len(found):
            collected.refuse(number, reason or str(found[0]))
        elif decisions and not is_wide and not row["concern"] and _unbound(row, ""):
            collected.copies.append((number, _copied(row), decisions))
        else:
            collected.take(number, decisions)
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


class _Reader:
    """The columns that are read, and what a row has in them: "" in those that it is too short for, or the file lacks.

    An import of many rows spends its time here.
    """

    def __init__(self, wanted: Sequence[str], header: Sequence[str]) -> None:
        places = {name: header.index(name) for name in wanted if name in header}
        self._names = (*places, *(name for name in wanted if name not in places))
        self._chosen = itemgetter(*places.values())
        self._width = max(places.values()) + 1
        self._lacking = [""] * (len(self._names) - len(places))

    def __call__(self, cells: Sequence[str]) -> dict[str, str]:
        if len(cells) < self._width:
            cells = [*cells, *[""] * (self._width - len(cells))]
        chosen = self._chosen(cells)
        # Few cells are shielded.
        is_any_shielded = "\n'" in "\n" + "\n".join(chosen)
        values = map(str.strip, map(unshield, chosen) if is_any_shielded else chosen)
        return dict(zip(self._names, (*values, *self._lacking), strict=True))


def _damage(row: Mapping[str, str], said: str, cells: Sequence[str], header: Sequence[str]) -> str:
    """Why a row that says this in all cannot be read at all; "" when it can."""
    if DAMAGED in said:
        damaged = [name for name, value in row.items() if DAMAGED in value]
        return f"{damaged[0]} holds letters that the file's encoding has lost; save the file as UTF-8 and write it anew"
    if row["note"].endswith(CUT):
        return "note was too long for a cell, and its end is lost; shorten it"
    if len(cells) > len(header):
        many = f"has more cells ({len(cells)}) than the header ({len(header)})"
    elif isinstance(cells, Torn):
        many = "does not end where it should"
    elif _holds_row(cells):
        many = "holds another row in a cell"
    else:
        return ""
    return f"{many}: a quotation mark is missing, and rows after it may be hidden in it; mend it or export again"


def _unread(row: Mapping[str, str]) -> str:
    """Why a row that says something does not say what the reviewer wrote; "" when it does."""
    if UNSAVED in row.values():
        [name, *_] = (name for name, value in row.items() if value == UNSAVED)
        what = f"{name} holds a formula whose result was not saved"
        return f"{what}; open the file in a spreadsheet program and save it, or write the words"
    if row["reviewer"] in _EMPTIES:
        return f"reviewer is {row['reviewer']!r}: {_SAVE_EMPTY}; if it is somebody's name, write it out"
    for name in ("note", "reviewer"):
        if is_garbled(row[name]):
            what = f"{name} is garbled: the file was opened in another encoding and saved"
            return f"{what}; open the export again as UTF-8, and fill in that"
    return ""


def _holds_row(cells: Sequence[str]) -> bool:
    """Whether a cell has a line break and what looks like the end of another row."""
    joined = "".join(cells)
    if "\n" not in joined and "\r" not in joined:
        return False
    return any(_CHECK.search(cell) for cell in cells if "\n" in cell or "\r" in cell)


def _renamed(cells: Sequence[str], missing: str, own: Mapping[int, str]) -> str:
    """Why a row cannot be read for lack of this column, which may go by another name; "" when it can."""
    unread = [name for n, name in own.items() if n < len(cells) and cells[n].strip()]
    if not unread:
        return ""
    what = f"there is no column {missing}, and the row has something in {unread[0]!r}, which is not read"
    return f"{what}; name that {missing} if it is the one, else add an empty {missing}"


def _long(row: dict[str, str], concerns: Sequence[str]) -> Iterator[Decision | str]:
    """The decision of a row, none where it says nothing, or why it cannot be taken."""
    decision, reviewed, stance = _word(row["decision"]), _word(row["concern_reviewed"]), _word(row["stance_reviewed"])
    if not (decision or reviewed or stance or row["note"]):
        return
    if reason := (
        _unread(row)
        or _not_in("decision", decision, DECISIONS)
        or _unbound(row, row["concern"], concerns)
        or (reviewed and _not_in("concern_reviewed", reviewed, concerns))
        or (stance and _not_in("stance_reviewed", stance, STANCES))
        or _unclear(row["concern"], decision, reviewed, stance)
        or _emptied(row, reviewed)
    ):
        yield reason
        return
    yield _decision(row, row["concern"], decision, reviewed, stance)


def _unclear(concern: str, decision: str, reviewed: str, stance: str) -> str:
    """Why it is not clear what a row says, its words being right; "" when it is."""
    if decision == "accept" and not (concern or reviewed):
        return "accepts a passage without a tag: name the missed one in concern_reviewed"
    if decision == "reject" and stance and (not concern or reviewed in ("", concern)):
        return "rejects the concern and gives it a stance: write accept if it holds, or empty stance_reviewed"
    return ""


def _wide(row: dict[str, str], concerns: Sequence[str]) -> Iterator[Decision | str]:
    """The decisions of a row, none where it says nothing; or, as the first, why it cannot be taken."""
    said = {concern: _word(row[concern]) for concern in concerns if row[concern]}
    # What was predicted of a concern that is none any more has no column to be answered in.
    whole, shown = _word(row[WHOLE]), [concern for concern in row[SHOWN].split() if concern in concerns]
    if not (said or whole or row["note"]):
        return
    if reason := _unread(row) or _unbound(row, row[SHOWN]) or _unclear_wide(whole, said, shown, row["note"]):
        yield reason
        return
    for concern, word in said.items():
        stance = word if word in STANCES else ""
        decision = "accept" if stance else _WIDE_WORDS[word]
        if concern in shown:
            yield _decision(row, concern, decision, "", stance)
        else:
            yield _decision(row, "", decision, concern, stance)
    if whole:
        yield _decision(row, "", "reject" if whole in _YES else "withdraw", "", "")


def _unclear_wide(whole: str, said: dict[str, str], shown: Sequence[str], note: str) -> str:
    """Why it is not clear what a wide row says; "" when it is."""
    words = (*STANCES, *_WIDE_WORDS)
    if wrong := [concern for concern, word in said.items() if word not in words]:
        return _not_in(wrong[0], said[wrong[0]], words)
    if whole not in (*_YES, "", *_TAKEN_BACK):
        return _not_in(WHOLE, whole, ("yes", *_TAKEN_BACK))
    if bare := [
        concern for concern, word in said.items() if _WIDE_WORDS.get(word) == "accept" and concern not in shown
    ]:
        return f"{bare[0]} was not predicted, so {said[bare[0]]!r} names no stance; write one of: {', '.join(STANCES)}"
    if whole in _YES and (left := [concern for concern in shown if concern not in said]):
        return f"{WHOLE} is yes, and nothing is said of {left[0]}, which was predicted; write a stance, yes or no"
    if note and not said and whole in ("", "no"):
        return f"has a note and no decision; write yes in {WHOLE}, or a word in the column of a concern"
    return ""


def _decision(row: dict[str, str], concern: str, decision: str, reviewed: str, stance: str) -> Decision:
    return Decision(
        passage_id=row["passage_id"],
        document_id=row["document_id"],
        concern=concern,
        decision=decision,
        concern_reviewed=reviewed,
        stance_reviewed=stance,
        note=row["note"],
        reviewer=row["reviewer"],
        sample=row["sample"],
        codebook=row["codebook"],
        run_id=row["run_id"],
    )


@lru_cache(maxsize=1000)
def _word(cell: str) -> str:
    """One word of a known list, whatever case, blanks and quotation marks a program or a hand put around it."""
    bare = cell.strip(_BLANKS)
    # Marks alone may be a person's "as above": not a word, and not nothing.
    return (bare.strip(_BLANKS + _QUOTES + ".") or bare).lower()


def _not_in(name: str, word: str, words: Sequence[str]) -> str:
    """Why a word cannot stand there; "" when it can."""
    if word in words:
        return ""
    if word in _EMPTY_WORDS:
        return f"{name} is {word!r}: {_SAVE_EMPTY}"
    # Who merges cells sees one word on several rows, of which the first has it.
    empty = ", though the row says something (of a merged cell only the first row counts)"
    what = f"{name} is {word!r}" + ("" if word else empty)
    return f"{what}; write one of: {', '.join(words)}"


def _unbound(row: Mapping[str, str], shown: str, emptied: Sequence[str] = ()) -> str:
    """Why the ids of a row cannot be believed; "" when they can. ``emptied``: concerns that may have stood there."""
    passage, document, check = row["passage_id"], row["document_id"], row["row_check"]
    if row_check(passage, document, shown) == check:
        return ""
    if not shown and any(row_check(passage, document, concern) == check for concern in emptied):
        return ""
    return (
        "passage_id, document_id, concern and row_check no longer belong together; export again (to correct a concern "
        "write in concern_reviewed; to add a missed one copy a row and empty its concern)"
    )


def _copied(row: Mapping[str, str]) -> tuple[str, str]:
    """What a row and a copy of it have in common, whatever was written in either."""
    return row["passage_id"], row["row_check"]


def _emptied(row: Mapping[str, str], reviewed: str) -> str:
    """Why a row whose concern was emptied says nothing; "" where it names a missed one, or had none from the start."""
    if reviewed or row["concern"] or not _unbound(row, ""):
        return ""
    return "its concern was emptied, which adds a missed one: name that in concern_reviewed, or put the concern back"


@dataclass(slots=True)
class _Collected:
    """Decisions by what they are on, so that rows that contradict each other are found and all refused."""

    own: Mapping[int, str]  # the person's own columns by their place
    undecided: int = 0
    taken: list[tuple[int, _Key, Decision]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    added: dict[str, None] = field(default_factory=dict)
    # Rows that have their concern, and rows in which it was emptied.
    originals: set[tuple[str, str]] = field(default_factory=set)
    copies: list[tuple[int, tuple[str, str], Sequence[Decision]]] = field(default_factory=list)

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
            key = (one.passage_id, *subject(one.concern, one.concern_reviewed), one.reviewer)
            self.taken.append((number, key, one))

    def parsed(self) -> Parsed:
        for number, original, decisions in self.copies:
            if original in self.originals:
                self.take(number, decisions)
            else:  # no copy, but a row that lost its concern: it said something else
                self.refuse(number, "its concern was emptied, and no row has it; put it back, or copy such a row first")
        by_key: dict[_Key, Decision] = {}
        for _, key, one in self.taken:
            by_key.setdefault(key, one)
        contradictions = self._contradictions(by_key)
        rows_of: dict[_Key, list[int]] = defaultdict(list)
        for number, key, _ in self.taken if contradictions else ():
            rows_of[key].append(number)
        refused: set[int] = set()
        for on, keys in contradictions:
            rows = sorted({number for key in keys for number in rows_of[key]})
            for number in (one for one in rows if one not in refused):
                others = ", ".join(str(other) for other in rows if other != number)
                self.refuse(number, f"contradicts row {others} on the same passage and {on}; keep one")
            refused.update(rows)
            for key in keys:
                by_key.pop(key, None)
        in_order = tuple(sorted(self.refused, key=lambda one: (one.row, one.reason)))
        return Parsed(tuple(by_key.values()), self.undecided, in_order, tuple(self.added))

    def _contradictions(self, decisions: Mapping[_Key, Decision]) -> list[tuple[str, set[_Key]]]:
        """(what of, decisions): one on the same thing that says two things, or several that cannot all be right."""
        found: dict[_Key, str] = {}
        for _, key, one in self.taken:
            first = decisions[key]
            if first is not one and any(getattr(first, name) != getattr(one, name) for name in SAID):
                found[key] = key[1] or key[2] or "what was not predicted"
        # Who decided once on a passage contradicts nobody.
        times = Counter((passage, reviewer) for passage, _, _, reviewer in decisions)
        # (passage, reviewer, concern) -> whether it holds -> the decisions that say so.
        said: dict[tuple[str, str, str], dict[bool, set[_Key]]] = defaultdict(lambda: defaultdict(set))
        for _, key, one in self.taken:
            if times[one.passage_id, one.reviewer] > 1:
                for concern, holds in claims(one.decision, one.concern, one.concern_reviewed).items():
                    said[one.passage_id, one.reviewer, concern][holds].add(key)
        both = [(concern, by[True] | by[False]) for (_, _, concern), by in said.items() if len(by) > 1]
        return [(on, {key}) for key, on in found.items()] + both
