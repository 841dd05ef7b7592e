"""Dates: found in text, weighed against each other, and what an ISO date at some precision may mean."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from ascn_nlp.records import DateClue, PublicationDate

# How far each basis is trusted.
CONFIDENCE: dict[str, float] = {
    "json-ld": 0.95,  # what the publisher tells search engines, about this article
    "meta": 0.9,  # the same, with less care: templates copy tags
    "listing": 0.88,  # what the publisher's own feed or sitemap says of the article
    "url": 0.85,  # the day the address was made, which is the day of publication on news sites
    "text": 0.8,  # printed beside a word such as "published"; could be another article's
    "first-page": 0.7,  # printed on the cover or title page by the authors
    "source": 0.6,  # a list of links made by somebody else, such as a news search
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

# English, Indonesian, Malay, Filipino, Thai; German, French, Spanish, Italian, Portuguese, Dutch. Short forms that are
# English words ("ago", "gen", "out", "set") are left out.
_MONTH_NAMES = (
    "january jan januari มกราคม enero januar jänner janvier ene gennaio janeiro",
    "february feb februari pebruari กุมภาพันธ์ pebrero februar feber février fevrier févr febrero febbraio fevereiro fev",
    "march mar maret mac มีนาคม marso märz maerz mrz mars marzo março maart",
    "april apr เมษายน abril avril avr abr aprile",
    "may mei พฤษภาคม mayo mai maggio maio",
    "june jun juni มิถุนายน hunyo juin junio giugno junho",
    "july jul juli julai กรกฎาคม hulyo juillet juil julio luglio julho",
    "august aug agustus agu ogos สิงหาคม agosto août aout augustus",
    "september sept sep กันยายน setyembre septembre septiembre settembre setembro",
    "october oct oktober okt ตุลาคม oktubre octobre octubre ottobre outubro",
    "november nov nopember พฤศจิกายน nobyembre novembre noviembre novembro",
    "december dec desember des disember dis ธันวาคม disyembre dezember dez décembre diciembre dicembre dezembro déc",
)
_MONTH_BY_NAME = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
# Thai years: 2562 is 2019.
_BUDDHIST_ERA = 543

# Any of the names, in a regular expression.
MONTH = "|".join(sorted(_MONTH_BY_NAME, key=len, reverse=True))
_A_YEAR = re.compile(r"\d{4}")
_D = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?"
_Y = r"(?P<year>\d{4})(?![\d%])"
# Most certain first: what an earlier pattern took is not looked at again.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<by>[-/.])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})(?!\d)",
        rf"\bngày\s+{_D}(?:\s+tháng\s+|\s?[-/]\s?)(?P<month>\d{{1,2}})(?:\s+năm\s+|\s?[-/]\s?){_Y}",
        rf"(?<!\d){_D}(?:\s+(?:of|de|ng))?[\s.-]*(?P<name>{MONTH})\.?,?(?:\s+del?\b)?[\s-]*(?:พ\.ศ\.\s*)?{_Y}",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})(?!\d)",
        rf"\b(?P<name>{MONTH})\.?[\s-]+{_D},?[\s-]+{_Y}",
        rf"(?<!\w)(?P<name>{MONTH})\.?,?(?:\s+del?\b)?[\s-]*(?:พ\.ศ\.\s*)?{_Y}",
        rf"(?<![\d/.-])(?P<first>\d{{1,2}})(?P<by>[-/.])\s?(?P<second>\d{{1,2}})(?P=by)\s?{_Y}",
        r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?![\d-])",
    )
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: its ISO value as far as it is certain, and the words, which begin at ``start``."""

    value: str
    evidence: str
    start: int


def find_dates(text: str, is_day_first: bool = False) -> list[FoundDate]:
    """The dates of a day or a month that ``text`` states, in its order; bare years are left out.

    Names of months are read in the languages of the region and the larger ones of Europe. "03.04.2021" is written
    where the day comes first; of "03/04/2021" only the year is certain, unless the text's language puts days first.
    """
    if _A_YEAR.search(text) is None:
        return []
    found: list[FoundDate] = []
    taken: list[tuple[int, int]] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())  # even "31 February 2021", lest its month be taken alone
            if value := _iso(match.groupdict(), is_day_first):
                found.append(FoundDate(value, match[0], match.start()))
    return sorted(found, key=lambda each: each.start)


def _iso(parts: dict[str, str | None], is_day_first: bool) -> str:
    year = int(parts["year"] or 0)
    name = (parts.get("name") or "").lower()
    if name and not name.isascii() and year > 2400:
        year -= _BUDDHIST_ERA
    if parts.get("first"):
        first, second = int(parts["first"] or 0), int(parts["second"] or 0)
        day = _day(year, second, first)
        return day if day and (is_day_first or parts["by"] == ".") else _of_numbers(year, first, second)
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


@lru_cache(maxsize=1000)
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
    finer = [clue for clue in possible if _is_finer(clue, best)]
    chosen = max(finer, key=lambda clue: (clue.confidence, len(clue.value)), default=best)
    if chosen is not best:
        chosen = _agreeing(chosen, best)
    return PublicationDate(chosen, tuple(each for each in possible if not may_be_one_day(each.value, chosen.value)))


def _is_possible(clue: DateClue, today: str, fetched_at: str) -> bool:
    first, _ = first_and_last_day(clue.value)
    if int(clue.value[:4]) < EARLIEST_YEAR:
        return False
    if today and first > (date.fromisoformat(today) + _AHEAD).isoformat():
        return False
    return not (clue.basis in _MAY_BE_NOW and fetched_at and clue.value == fetched_at)


def _is_finer(clue: DateClue, than: DateClue) -> bool:
    return len(clue.value) > len(than.value) and clue.value.startswith(than.value)


def _agreeing(finer: DateClue, best: DateClue) -> DateClue:
    """The finer of two clues that agree: less sure than the coarse one, surer than it is by itself."""
    confidence = round((finer.confidence + best.confidence) / 2, 2)
    return replace(finer, evidence=f"{finer.evidence}; agrees with: {best.evidence}", confidence=confidence)


def may_be_one_day(one: str, other: str) -> bool:
    """Whether some day fits both ISO dates, or a neighbouring day: time zones make two of one."""
    (a, b), (c, d) = ([date.fromisoformat(day) for day in first_and_last_day(each)] for each in (one, other))
    return c <= b + _AHEAD and a <= d + _AHEAD


_YEAR = r"(?:19|20)\d\d"
_WHEN = rf"(?:\d{{1,2}}\s+)?(?:(?:{MONTH})\.?\s+)?{_YEAR}"
_SPAN = rf"(?:(?:{MONTH})\s+)?(?:{_WHEN}\s*)?(?:-|–|to|and|until)\s*{_WHEN}"
# Phrases that name the time a report is on; the time itself is the group, or all of it.
_STATED_PERIODS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bas (?:of|at)\s+(?:(?:the\s+)?end[- ](?:of\s+)?)?{_WHEN}",
        rf"\b(?:reporting|review) period\W{{1,3}}(?:is\s+|of\s+|from\s+)?({_SPAN})",
        rf"\b(?:for|covers?|covering|during|over) the (?:period|years?)\s+(?:of\s+|from\s+|between\s+)?({_SPAN})",
        rf"\bper (?:{MONTH}) {_YEAR}",
        rf"\b(?:(?:financial|fiscal) )?year (?:ended|ending) {_WHEN}",
        rf"\btính đến (?:hết )?(?:ngày \d{{1,2}} )?tháng \d{{1,2}} năm {_YEAR}",
        rf"\bFY\s?'?(?:{_YEAR}|\d\d)(?:\s?[/–-]\s?\d{{2,4}})?\b",
        rf"\b(?:fiscal|financial) year {_YEAR}(?:\s?[/–-]\s?\d{{2,4}})?",
    )
)
# What counts in a title only: in prose a range of years may be anything.
_TITLE_PERIODS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:{MONTH})(?: {_YEAR})?\s?(?:-|–|to)\s?(?:{MONTH}) {_YEAR}",
        rf"(?<![\d-]){_YEAR}\s?(?:-|–|/|to)\s?(?:{_YEAR}|\d\d)(?![\d-])",
        rf"\b(?:reports?|review|survey|yearbook|statistics|evaluation|tahunan)\W{{1,3}}(?:for\s+)?({_YEAR})\b",
        rf"\bthường niên\s+({_YEAR})\b",
        rf"\bQ[1-4][ -]{_YEAR}\b",
        r"รายงานประจำปี\s*(?:พ\.ศ\.\s*)?(25\d\d)",
    )
)
# The years of these lie ahead: they are what a plan is for, not what a report is on.
_PLAN = re.compile(r"\b(?:plan|strategy|roadmap|vision|blueprint|agenda|rencana|pelan)\W+(?:\w+\W+)?$", re.IGNORECASE)


def find_period(text: str, title: str = "") -> str:
    """The time a document says it reports on, as stated: "as of September 2023", "2022-2023", "FY2021"; else ""."""
    for where, patterns in ((title, (*_STATED_PERIODS, *_TITLE_PERIODS)), (text, _STATED_PERIODS)):
        for match in (match for pattern in patterns for match in pattern.finditer(where)):
            if not _PLAN.search(where[max(0, match.start() - 60) : match.start()]):
                return " ".join((match[1] if match.lastindex else match[0]).split())
    return ""
