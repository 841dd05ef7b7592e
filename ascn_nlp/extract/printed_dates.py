"""What addresses, file names and the words of first pages say of the day of publication."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ascn_nlp.dates import CONFIDENCE, MONTH, FoundDate, find_dates
from ascn_nlp.records import DateClue, Span

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
    r"|embargo(?:ed)?\s+until|diterbitkan|terbit|dipublikasikan|tarikh|tanggal|diposting|đăng|เผยแพร่|วันที่|inilathala"
    r"|veröffentlicht|erstellt|erschienen|datum|publié|paru|mis\s+en\s+ligne|publicado|fecha|pubblicato|gepubliceerd)"
    r"\s*(?:on|in|at|pada|oleh|ngày|noong|am|le|el|il|em|op)?\W{0,4}(?:\w{3,10}\W{1,2})?$",
    re.IGNORECASE,
)
# After these a date is that of a later version, or of a visit.
_NO_CUE = re.compile(
    r"\b(?:updated?|modified|revised|diperbarui|dikemas\s?kini|cập\s+nhật|aktualisiert|geändert|mis\s+à\s+jour|actualizado"
    r"|atualizado|aggiornato|bijgewerkt|accessed|retrieved|reviewed|downloaded|printed|viewed|diunduh|diakses"
    r"|effective|(?:enters?|entered|entry|comes?|came|coming)\s+into\s+(?:force|effect|operation)|in\s+force|valid"
    r"|expir(?:es|y)|deadline|due|closing\s+date|mulai\s+berlaku)\b",
    re.IGNORECASE,
)
_FAR = 40  # characters before a date that a label may stand away
_DATELINE = re.compile(r"^[^\W\d_][\w .'’/-]{1,40}[,(–—-]\s*(?:\w{3,9},\s+)?$")
_AFTER_DATELINE = re.compile(r"\s*[)–—:-]")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s©]*(?:\(c\)\s*)?(?:(?:19|20)\d\d\s*[-–]\s*)?((?:19|20)\d\d)", re.IGNORECASE
)
# A line with more words around its date is prose, in which a date is when something happened.
_FEW_WORDS = 10
# What happens on a day, or several, that a cover names: its report follows by weeks or months.
_EVENT = re.compile(
    r"\b(?:held|took\s+place|convened|adopted|endorsed|approved|agreed|signed|ratified|launched|venue|agenda|minutes"
    r"|meetings?|workshop|conference|session|summit|seminar|symposium|webinar|retreat|consultation|training|ceremony"
    r"|round\s?table\s+(?:on|discussion)|post-event"
    r"|(?:\d{1,2}(?:st|nd|rd|th)|annual)(?:\s+[\w-]+){0,6}\s+(?:forum|dialogue|assembly|congress)"
    r"|mesyuarat|persidangan|rapat|pertemuan|lokakarya|konferensi|hội\s+(?:nghị|thảo))\b|การประชุม|สัมมนา",
    re.IGNORECASE,
)
# These are dated by the day that they record.
_MINUTES = re.compile(
    r"\b(?:minutes|notes?|record)\s+of\b|\bnotul|\brisalah|\bminit\s+mesyuarat|\bbiên\s+bản", re.IGNORECASE
)
_DAYS_BEFORE = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)?(?:\s+(?:{MONTH}))?\s*(?:[-–—&,]|to|and|until)\s*$", re.IGNORECASE
)
_DAYS_AFTER = re.compile(r"\s*(?:[-–—]|to|until)\s*\d{1,2}\b", re.IGNORECASE)
# Of these the date is that of issue, whatever event their headline is on.
_ISSUED = re.compile(
    r"\b(?:press|media|news)\s+(?:release|statement)|\bnewsletter|\bbulletin|\bsiaran\s+(?:pers|media)"
    r"|\bthông\s+cáo\s+báo\s+chí",
    re.IGNORECASE,
)
_MERE_DATE = re.compile(r"\b(?:dated?|tarikh|tanggal|datum|fecha|ngày)\W*$|วันที่\W*$", re.IGNORECASE)
_TITLE_WORDS = 25  # of a text that may name the event, near its date
# The word before a date that stands for itself ends with a comma or the like, or is a name: not "adopted on".
_STANDS_ALONE = re.compile(r"(?:^|[\W\d]|\b(?:edition|version|issue) of|\b[A-Z][\w’'-]*)\s*$")
_PROSE = re.compile(r"\b(?:as\s+(?:of|at)|born|since|until|between|was|were|is|are|has|have)\b", re.IGNORECASE)
_LINE_END = re.compile(r"\n|(?<=[.;|])\s+")
_BLOT = "\ufffd"
_HEAD = 400  # characters of a paragraph in which its own date would stand
# A date beside a label or in a dateline is surely the document's own; a copyright year may be that of the template.
_LABELLED = round(CONFIDENCE["first-page"] + 0.1, 2)
_COPYRIGHTED = CONFIDENCE["file-name"] - 0.05
_OF_EVENT = round(CONFIDENCE["metadata"] - 0.1, 2)


def clues_of_first_pages(texts: Iterable[str]) -> list[DateClue]:
    """The dates that paragraphs of the first pages give as the document's own, with the words around them.

    Those are labelled, in a dateline, or alone on a line; in running text a date is when something happened. The date
    of a meeting and the like is trusted little, and only its year is taken, unless it is the meeting's own minutes.
    """
    texts = list(texts)
    is_issued = any(_ISSUED.search(text) for text in texts)
    clues: list[DateClue] = []
    for place, text in enumerate(texts):
        near = (each for each in texts[max(0, place - 2) : place + 2] if len(each.split()) <= _TITLE_WORDS)
        clues += _own_dates(text, "" if is_issued else "\n".join(near))
    return clues


def without_doubtful_dates(text: str, doubts: Iterable[Span]) -> str:
    """``text``, as long as it is, with what is doubtful and every date that holds some of it blotted out."""
    doubts = tuple(doubts)
    dates = ((each.start, each.start + len(each.evidence)) for each in (find_dates(text) if doubts else ()))
    blots = [*doubts, *(span for span in dates if any(start < span[1] and span[0] < end for start, end in doubts))]
    for start, end in blots:
        text = text[:start] + _BLOT * (end - start) + text[end:]
    return text


def is_labelled(text: str, found: FoundDate) -> bool:
    """Whether the words before a date in ``text`` say that something was published then."""
    return _CUE.search(_before(text, found)) is not None and not is_changed(text, found)


def is_changed(text: str, found: FoundDate) -> bool:
    """Whether the words before a date in ``text`` say that something was changed, or looked at, then."""
    return _NO_CUE.search(_before(text, found)) is not None


def _before(text: str, found: FoundDate) -> str:
    return text[max(0, found.start - _FAR) : found.start]


def _own_dates(text: str, titles: str) -> Iterator[DateClue]:
    for line in _LINE_END.split(text[:_HEAD]):
        for found in find_dates(line):
            value, trust = _weighed(line, found, titles)
            if trust:
                yield DateClue(value, "first-page", _words(line, found), trust)
    if match := _COPYRIGHT.search(text):
        yield DateClue(match[1], "first-page", match[0], _COPYRIGHTED)


def _weighed(line: str, found: FoundDate, titles: str) -> tuple[str, float]:
    """As much of a date in ``line`` as may be that of publication, and how far it is trusted: 0 for not at all.

    ``titles`` are the words that stand near it, which may say what happened then.
    """
    is_of_event = _EVENT.search(titles) is not None
    before, after = line[: found.start], line[found.start + len(found.evidence) :]
    if _DATELINE.match(before) and _AFTER_DATELINE.match(after) and not _DAYS_AFTER.match(after):
        return found.value, _LABELLED
    if is_labelled(line, found) and not (is_of_event and _MERE_DATE.search(before)):
        return found.value, _LABELLED
    if len(line.split()) > _FEW_WORDS or _PROSE.search(line) or _NO_CUE.search(line):
        return found.value, 0
    if is_of_event or _DAYS_BEFORE.search(before) or _DAYS_AFTER.match(after):
        return found.value if _MINUTES.search(titles) else found.value[:4], _OF_EVENT
    return found.value, CONFIDENCE["first-page"] if _STANDS_ALONE.search(before) else 0


def _words(line: str, found: FoundDate) -> str:
    """The date with the words before it that say what it is."""
    return " ".join(line[: found.start + len(found.evidence)].split())[-100:]
