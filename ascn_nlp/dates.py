"""Dates: found in text, weighed against each other, and what an ISO date at some precision may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ascn_nlp.records import DateClue, PublicationDate

# How far each basis is trusted.
CONFIDENCE: dict[str, float] = {
    "json-ld": 0.95,  # what the publisher tells search engines, about this article
    "meta": 0.9,  # the same, with less care: templates copy tags
    "url": 0.85,  # the day the address was made, which is the day of publication on news sites
    "text": 0.8,  # printed beside a word such as "published"; could be another article's
    "first-page": 0.7,  # printed on the cover or title page by the authors
    "source": 0.6,  # a list of links, made by somebody else
    "file-name": 0.5,  # given by whoever saved the file; often the year it reports on
    "metadata": 0.4,  # when the file was made: documents are saved anew years later
    "header": 0.2,  # when the server last wrote the file: after every move of the site
}
# Nothing on the network's cities is older; 1970 and 1900 are what programs write for "unknown".
EARLIEST_YEAR = 1995
# A server's clock or another time zone may be a day ahead.
_AHEAD = timedelta(days=1)
# These may show the time of fetching instead: a page with today's date, a file made for the download.
_MAY_BE_NOW = ("text", "metadata", "header")
# These say when a file was made or named; that day does not make a printed month more precise.
_OF_THE_FILE = ("file-name", "metadata", "header")

_MONTH_NAMES = (
    "january jan januari",
    "february feb februari pebruari",
    "march mar maret mac",
    "april apr",
    "may mei",
    "june jun juni",
    "july jul juli julai",
    "august aug agustus agu ogos",
    "september sept sep",
    "october oct oktober okt",
    "november nov nopember",
    "december dec desember des disember dis",
)
_MONTH_BY_NAME = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_THAI_MONTHS = (
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม".split()
)
_MONTH_BY_NAME |= {name: number for number, name in enumerate(_THAI_MONTHS, 1)}
_BUDDHIST_ERA = 543

_M = "|".join(sorted(_MONTH_BY_NAME, key=len, reverse=True))
_D = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_Y = r"(?P<year>\d{4})(?![\d%])"
# Most certain first: what an earlier pattern took is not looked at again.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<by>[-/.])(?P<month>\d{{1,2}})(?P=by)(?P<day>\d{{1,2}})(?!\d)",
        rf"\bngày\s+{_D}(?:\s+tháng\s+|\s?[-/]\s?)(?P<month>\d{{1,2}})(?:\s+năm\s+|\s?[-/]\s?){_Y}",
        rf"(?<!\d){_D}(?:\s+of)?[\s.-]*(?P<name>{_M})\.?,?[\s-]*(?:พ\.ศ\.\s*)?{_Y}",
        rf"\b(?P<name>{_M})\.?[\s-]+{_D},?[\s-]+{_Y}",
        rf"(?<!\w)(?P<name>{_M})\.?,?[\s-]*(?:พ\.ศ\.\s*)?{_Y}",
        rf"(?<![\d/.-])(?P<first>\d{{1,2}})(?P<by>[-/.])(?P<second>\d{{1,2}})(?P=by){_Y}",
        r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?![\d-])",
    )
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: its ISO value as far as it is certain, and the words, which begin at ``start``."""

    value: str
    evidence: str
    start: int


def find_dates(text: str) -> list[FoundDate]:
    """The dates of a day or a month that ``text`` states, in its order; bare years are left out.

    Names of months are read in English, Indonesian, Malay and Thai. Of "03/04/2021", where day and month cannot be
    told apart, only the year is certain.
    """
    found: list[FoundDate] = []
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            if value := _iso(match.groupdict()):
                taken.append(match.span())
                found.append(FoundDate(value, match[0], match.start()))
    return sorted(found, key=lambda each: each.start)


def _iso(parts: dict[str, str | None]) -> str:
    year = int(parts["year"] or 0)
    if (name := (parts.get("name") or "").lower()) in _THAI_MONTHS and year > 2400:
        year -= _BUDDHIST_ERA
    if parts.get("first"):
        return _of_numbers(year, int(parts["first"] or 0), int(parts["second"] or 0))
    month = _MONTH_BY_NAME[name] if name else int(parts["month"] or 0)
    if not parts.get("day"):
        return f"{year:04d}-{month:02d}" if 1900 <= year <= 2100 else ""
    return _day(year, month, int(parts["day"] or 0))


def _of_numbers(year: int, first: int, second: int) -> str:
    days = {value for value in (_day(year, second, first), _day(year, first, second)) if value}
    return days.pop() if len(days) == 1 else f"{year:04d}" if days else ""


def _day(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat() if 1900 <= year <= 2100 else ""
    except ValueError:
        return ""


def first_and_last_day(value: str) -> tuple[str, str]:
    """The first and last ISO day that an ISO year, month or day may mean: "2021-02" -> ("2021-02-01", "2021-02-28")."""
    year, _, rest = value.partition("-")
    if not rest:
        return f"{year}-01-01", f"{year}-12-31"
    month, _, day = rest.partition("-")
    if day:
        return value, value
    return f"{year}-{month}-01", f"{year}-{month}-{monthrange(int(year), int(month))[1]}"


def is_in_window(published: str | None, since: str, until: str) -> bool | None:
    """Whether all that ``published`` may mean lies between the two days; None for an undated document."""
    if not published:
        return None
    first, last = first_and_last_day(published)
    return since <= first and last <= until


def choose_date(clues: Iterable[DateClue], today: str, fetched_at: str = "") -> PublicationDate | None:
    """The clue to believe, with those that contradict it; None when no clue is possible.

    ``today`` bounds the future. A printed day that is the very day of fetching is taken for a clock, unless it is what
    the publisher states in the page's own data.
    """
    possible = [clue for clue in dict.fromkeys(clues) if _is_possible(clue, today, fetched_at)]
    if not possible:
        return None
    best = max(possible, key=lambda clue: clue.confidence)
    # A more precise statement that agrees with the best one is the same statement, better told.
    finer = [clue for clue in possible if clue.basis not in _OF_THE_FILE and _is_finer(clue, best)]
    chosen = max(finer, key=lambda clue: (len(clue.value), clue.confidence), default=best)
    return PublicationDate(chosen, tuple(clue for clue in possible if _contradict(clue, chosen)))


def _is_possible(clue: DateClue, today: str, fetched_at: str) -> bool:
    first, _ = first_and_last_day(clue.value)
    if int(clue.value[:4]) < EARLIEST_YEAR:
        return False
    if today and first > (date.fromisoformat(today) + _AHEAD).isoformat():
        return False
    return not (clue.basis in _MAY_BE_NOW and fetched_at and clue.value == fetched_at)


def _is_finer(clue: DateClue, than: DateClue) -> bool:
    return len(clue.value) > len(than.value) and clue.value.startswith(than.value)


def _contradict(one: DateClue, other: DateClue) -> bool:
    """Whether no day fits both; neighbouring days do, as time zones make two of one."""
    (a, b), (c, d) = (
        (date.fromisoformat(first), date.fromisoformat(last))
        for first, last in (first_and_last_day(one.value), first_and_last_day(other.value))
    )
    return b + _AHEAD < c or d + _AHEAD < a


_URL_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-/_.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_URL_PACKED = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_URL_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/_.]?(0[1-9]|1[0-2])(?!\d)")
_URL_YEAR = re.compile(r"(?:^|/)((?:19|20)\d\d)/")
_NAME_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?![\d])")


def clues_of_address(address: str) -> list[DateClue]:
    """What a web address or a file's name says of the date: its most precise date, if it has one."""
    is_url = "://" in address
    basis = "url" if is_url else "file-name"
    path = address.partition("?")[0] if is_url else address
    path = path.partition("://")[2].partition("/")[2] if is_url else path
    for pattern in (_URL_DAY, _URL_PACKED):
        for match in pattern.finditer(path):
            numbers = [int(part) for part in match.groups() if part.isdigit()]
            if value := _day(*numbers):
                return [DateClue(value, basis, match[0], CONFIDENCE[basis])]
    if found := find_dates(re.sub(r"[-_+/.]|%20", " ", path)):
        return [DateClue(found[0].value, basis, found[0].evidence, CONFIDENCE[basis])]
    if match := _URL_MONTH.search(path):
        return [DateClue(f"{match[1]}-{match[2]}", basis, match[0], CONFIDENCE[basis])]
    if match := (_URL_YEAR if is_url else _NAME_YEAR).search(path):
        return [DateClue(match[1], basis, match[0].strip("/"), CONFIDENCE[basis])]
    return []


_CUE = re.compile(
    r"\b(?:published|publication(?:\s+date)?|date\s+of\s+publication|issued|released?|release\s+date|posted|dated?|diterbitkan|terbit"
    r"|dipublikasikan|tarikh|tanggal|diposting|đăng|ngày\s+đăng|เผยแพร่|วันที่)\s*(?:on|in|at|pada|oleh)?\W{0,4}(?:\w{3,9},?\s+)?$",
    re.IGNORECASE,
)
_NO_CUE = re.compile(r"\b(?:updated?|modified|revised|diperbarui|accessed|retrieved|reviewed)\b", re.IGNORECASE)
_DATELINE = re.compile(r"^[^\W\d_][\w .'’/-]{1,40}[,(–—-]\s*(?:\w{3,9},\s+)?$")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s*(?:\(c\)|©)?\s*(?:(?:19|20)\d\d\s*[-–]\s*)?((?:19|20)\d\d)", re.IGNORECASE)
# More words than these around a date are prose, in which a date is when something happened.
_FEW_WORDS = 9
_EVENT = re.compile(r"\b(?:summit|conference|workshop|meeting|forum|held|seminar|webinar|born|since|until|between)\b", re.IGNORECASE)


def clues_of_first_pages(texts: Iterable[str]) -> list[DateClue]:
    """Dates that paragraphs of the first pages give as the document's own: labelled, as a dateline, or standing alone."""
    return [clue for text in texts for clue in _own_dates(text)]


def _own_dates(text: str) -> Iterator[DateClue]:
    trust = CONFIDENCE["first-page"]
    for found in find_dates(text[:400]):
        before, after = text[: found.start], text[found.start + len(found.evidence) :]
        is_dateline = bool(_DATELINE.match(before)) and re.match(r"\s*[)–—:-]", after) is not None
        is_alone = len(text.split()) <= _FEW_WORDS and not _EVENT.search(text) and not _NO_CUE.search(text)
        if is_labelled(text, found) or is_dateline:
            yield DateClue(found.value, "first-page", _line(text, found), trust + 0.1)
        elif is_alone:
            yield DateClue(found.value, "first-page", _line(text, found), trust)
    if match := _COPYRIGHT.search(text):
        yield DateClue(match[1], "first-page", match[0], trust - 0.25)


def is_labelled(text: str, found: FoundDate) -> bool:
    """Whether the words before a date in ``text`` say that something was published then."""
    before = text[max(0, found.start - 60) : found.start]
    return _CUE.search(before) is not None and _NO_CUE.search(before[-40:]) is None


def _line(text: str, found: FoundDate) -> str:
    """The date with the few words before it that say what it is."""
    start = max(text.rfind("\n", 0, found.start) + 1, found.start - 40)
    if start and not text[start - 1].isspace():
        start += len(text[start : found.start].partition(" ")[0]) + 1 if " " in text[start : found.start] else 0
    return " ".join(text[start : found.start + len(found.evidence)].split())


_MY = rf"(?:\d{{1,2}}\s+)?(?:(?:{_M})\.?\s+)?(?:19|20)\d\d"
_STATED_PERIOD = re.compile(
    rf"\bas (?:of|at)\s+(?:end[- ](?:of\s+)?)?(?:the\s+end\s+of\s+)?{_MY}"
    rf"|\b(?:reporting|review) period\W{{1,3}}(?:is\s+|of\s+|from\s+)?(?P<a>(?:{_M})?\s?\S{{0,5}}\s?(?:19|20)\d\d\s*(?:-|–|to|until)\s*{_MY})"
    rf"|\b(?:for|covers?|covering|during|over) the (?:period|years?)\s+(?:of\s+|from\s+|between\s+)?(?P<b>(?:(?:{_M})\s+)?{_MY}\s*(?:-|–|to|and|until)\s*{_MY})"
    rf"|\bper (?:{_M}) (?:19|20)\d\d"
    r"|\bFY\s?'?(?:(?:19|20)\d\d|\d\d)(?:\s?[/–-]\s?\d{2,4})?\b"
    r"|\b(?:fiscal|financial) year (?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?",
    re.IGNORECASE,
)
_TITLE_PERIOD = re.compile(
    rf"\b(?:{_M})(?: (?:19|20)\d\d)?\s?(?:-|–|to)\s?(?:{_M}) (?:19|20)\d\d"
    r"|(?<![\d-])(?:19|20)\d\d\s?(?:-|–|/|to)\s?(?:(?:19|20)\d\d|\d\d)(?![\d-])"
    r"|\b(?:reports?|review|survey|yearbook|statistics|evaluation|laporan(?:\s+tahunan)?|tahun)\W{1,3}(?:for\s+)?(?P<a>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
# The years of these lie ahead: they are what a plan is for, not what a report is on.
_PLAN = re.compile(r"\b(?:plan|strategy|roadmap|vision|blueprint|agenda|master\s?plan|rencana|pelan)\W+(?:\w+\W+)?$", re.IGNORECASE)


def find_period(text: str, title: str = "") -> str:
    """The time a document says it reports on, as stated: "as of September 2023", "2022-2023", "FY2021"; else "".

    A bare range of years counts in a ``title`` only: in prose it may be anything.
    """
    for where, pattern in ((title, _STATED_PERIOD), (title, _TITLE_PERIOD), (text, _STATED_PERIOD)):
        for match in pattern.finditer(where):
            if not _PLAN.search(where[: match.start()]):
                named = next((value for value in match.groupdict().values() if value), match[0])
                return " ".join(named.split())
    return ""
