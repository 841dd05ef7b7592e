"""What addresses, file names and the words of first pages say of the day of publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ascn_nlp.dates import CONFIDENCE, FoundDate, find_dates
from ascn_nlp.records import DateClue

_DAY_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/_.]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_MONTH_IN_PATH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_.]?(0[1-9]|1[0-2])(?!\d)")
# In web addresses a bare year is a folder; anywhere else it belongs to the title.
_YEAR_IN_URL = re.compile(r"(?:^|/)((?:19|20)\d\d)/")
_YEAR_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


def clues_of_address(address: str) -> list[DateClue]:
    """The most precise date in a web address or a file's name; nothing when it has none."""
    is_url = "://" in address
    basis = "url" if is_url else "file-name"
    path = address.partition("://")[2].partition("/")[2].partition("?")[0] if is_url else address
    value, evidence = _in_path(path, _YEAR_IN_URL if is_url else _YEAR_IN_NAME)
    return [DateClue(value, basis, evidence, CONFIDENCE[basis])] if value else []


def _in_path(path: str, year: re.Pattern[str]) -> tuple[str, str]:
    for day in _DAY_IN_PATH.finditer(path):
        if found := find_dates(f"{day[1]}-{day[3]}-{day[4]}"):
            return found[0].value, day[0]
    if found := find_dates(re.sub(r"[-_+/.]|%20", " ", path)):
        return found[0].value, found[0].evidence
    month, only_year = _MONTH_IN_PATH.search(path), year.search(path)
    if month:
        return f"{month[1]}-{month[2]}", month[0]
    return (only_year[1], only_year[1]) if only_year else ("", "")


_CUE = re.compile(
    r"\b(?:published|publication(?:\s+date)?|date\s+of\s+publication|issued|released?|release\s+date|posted|dated?"
    r"|diterbitkan|terbit|dipublikasikan|tarikh|tanggal|diposting|đăng|เผยแพร่|วันที่)"
    r"\s*(?:on|in|at|pada|oleh|ngày)?\W{0,4}(?:\w{3,9},?\s+)?$",
    re.IGNORECASE,
)
# After these a date is that of a later version, or of a visit.
_NO_CUE = re.compile(r"\b(?:updated?|modified|revised|diperbarui|accessed|retrieved|reviewed)\b", re.IGNORECASE)
_FAR = 40  # characters before a date that a label may stand away
_DATELINE = re.compile(r"^[^\W\d_][\w .'’/-]{1,40}[,(–—-]\s*(?:\w{3,9},\s+)?$")
_AFTER_DATELINE = re.compile(r"\s*[)–—:-]")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s©]*(?:\(c\)\s*)?(?:(?:19|20)\d\d\s*[-–]\s*)?((?:19|20)\d\d)", re.IGNORECASE
)
# A line with more words around its date is prose, in which a date is when something happened.
_FEW_WORDS = 10
# The word before a date that stands for itself ends with a comma or the like, or is a name: not "adopted on".
_STANDS_ALONE = re.compile(r"(?:^|[\W\d]|\b(?:edition|version|issue) of|\b[A-Z][\w’'-]*)\s*$")
_PROSE = re.compile(r"\b(?:held|born|since|until|between|was|were|is|are|has|have)\b", re.IGNORECASE)
_LINE_END = re.compile(r"\n|(?<=[.;|])\s+")
_HEAD = 400  # characters of a paragraph in which its own date would stand
# A date beside a label or in a dateline is surely the document's own; a copyright year may be that of the template.
_LABELLED = CONFIDENCE["first-page"] + 0.1
_COPYRIGHTED = CONFIDENCE["file-name"] - 0.05


def clues_of_first_pages(texts: Iterable[str]) -> list[DateClue]:
    """The dates that paragraphs of the first pages give as the document's own, with the words around them.

    Those are labelled, in a dateline, or alone on a line; in running text a date is when something happened.
    """
    return [clue for text in texts for clue in _own_dates(text)]


def is_labelled(text: str, found: FoundDate) -> bool:
    """Whether the words before a date in ``text`` say that something was published then."""
    before = text[max(0, found.start - _FAR) : found.start]
    return _CUE.search(before) is not None and _NO_CUE.search(before) is None


def _own_dates(text: str) -> Iterator[DateClue]:
    for line in _LINE_END.split(text[:_HEAD]):
        for found in find_dates(line):
            before, after = line[: found.start], line[found.start + len(found.evidence) :]
            is_dateline = _DATELINE.match(before) is not None and _AFTER_DATELINE.match(after) is not None
            if is_dateline or is_labelled(line, found):
                yield DateClue(found.value, "first-page", _words(line, found), round(_LABELLED, 2))
            elif _is_alone(line, before):
                yield DateClue(found.value, "first-page", _words(line, found), CONFIDENCE["first-page"])
    if match := _COPYRIGHT.search(text):
        yield DateClue(match[1], "first-page", match[0], _COPYRIGHTED)


def _is_alone(line: str, before: str) -> bool:
    if len(line.split()) > _FEW_WORDS or _PROSE.search(line) or _NO_CUE.search(line):
        return False
    return _STANDS_ALONE.search(before) is not None


def _words(line: str, found: FoundDate) -> str:
    """The date with the words before it that say what it is."""
    return " ".join(line[: found.start + len(found.evidence)].split())[-100:]
