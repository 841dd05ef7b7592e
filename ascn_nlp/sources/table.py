"""sources.toml -> Source. Reads the table; what its sources list is asked of ``KINDS``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ascn_nlp.addresses import is_web_address
from ascn_nlp.dates import first_and_last_day
from ascn_nlp.errors import AscnNlpError, FetchError
from ascn_nlp.filters import is_iso_date
from ascn_nlp.records import Source
from ascn_nlp.sources import KINDS
from ascn_nlp.sources.gdelt import SINCE, UNTIL
from ascn_nlp.sources.listing import Asking, Listing
from ascn_nlp.tables import Table, read_table

GENRES = ("official_report", "press_release", "news", "ngo_or_think_tank", "academic", "legal", "other")
# Languages of the region for which ISO 639-1 has no two letters. For others three are refused: "eng" beside "en", or
# "fil" beside "tl", would be another language in every export.
_OF_THREE_LETTERS = "ace|ban|bik|bjn|bug|ceb|hil|hmn|ilo|mad|min|shn|tet|war"
# Key -> (what it may be, how it is written).
_CODES = {
    "country": (re.compile("[A-Z]{2}"), 'two capitals, as ISO 3166 has them: country = "VN"'),
    "language": (
        re.compile(f"[a-z]{{2}}|{_OF_THREE_LETTERS}"),
        'two small letters, as ISO 639-1 has them: language = "vi"',
    ),
}
# Flag -> what it is where the table does not say.
_FLAGS = {"enabled": True, "internal": False, "archive": False, "verified": False}
_KEYS = (
    *("kind", "publisher", "genre", "why", "licence", "country", "language", "revisit_days"),
    *_FLAGS,
    *dict.fromkeys(key for kind in KINDS.values() for key in kind.keys),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """All sources of a table; paths in it are relative to the table's own folder."""

    table: Table
    sources: tuple[Source, ...]

    @property
    def path(self) -> Path:
        """The table's file."""
        return self.table.path

    def choose(self, only: Iterable[str] = ()) -> tuple[Source, ...]:
        """The sources named, or all that are enabled; AscnNlpError for a name that is not in the table."""
        wanted = tuple(only)
        known = {source.id: source for source in self.sources}
        for name in wanted:
            if name not in known:
                raise AscnNlpError(f"there is no source {name!r}", str(self.path), f"it has: {', '.join(known)}")
        return tuple(known[name] for name in wanted) or tuple(s for s in self.sources if s.is_enabled)


def list_documents(source: Source, asking: Asking) -> Listing:
    """The documents a source lists now, in a stable order; FetchError when it cannot be asked or understood."""
    try:
        return KINDS[source.kind].list(source, asking)
    except AscnNlpError:
        raise
    except Exception as error:  # the border of a kind: parsers raise anything at what a server may write
        what = f"what it lists is not understood: {type(error).__name__}: {error}"
        raise FetchError(what, "", "report it with the source") from error


def load_sources(path: Path) -> Sources:
    """The sources of a table; TableError, naming file, line and key, for anything that is not understood."""
    table = read_table(path)
    sources = tuple(_source(table, source_id, values) for source_id, values in table.values.items())
    if not sources:
        raise table.error("names no source", remedy='add a table such as [my-reports] with kind = "folder"')
    return Sources(table, sources)


def _source(table: Table, source_id: str, values: Any) -> Source:
    if not isinstance(values, dict):
        raise table.error("must be a table", source_id, remedy=f"write [{source_id}] and its keys below it")
    table.refuse_unknown(values, _KEYS, source_id)
    kind = table.text(values, "kind", source_id)
    if kind not in KINDS:
        raise table.error(f"{kind!r} is no kind of source", source_id, "kind", remedy=f"one of: {', '.join(KINDS)}")
    genre = table.text(values, "genre", source_id)
    if genre not in GENRES:
        raise table.error(f"{genre!r} is no genre", source_id, "genre", remedy=f"one of: {', '.join(GENRES)}")
    _refuse_useless(table, values, source_id, kind)
    since, until = _window(table, values, source_id)
    flags = {name: _flag(table, values, source_id, name) for name in _FLAGS}

    def text(name: str, default: str | None = "") -> str:
        return table.text(values, name, source_id, default=default)

    return Source(
        id=source_id,
        kind=kind,
        publisher=text("publisher", None),
        genre=genre,
        why=text("why", None),
        licence=text("licence"),
        country=_code(table, values, source_id, "country"),
        language=_code(table, values, source_id, "language"),
        path=text("path"),
        pattern=_pattern(table, values, source_id),
        urls=_addresses(table, values, source_id),
        include=table.texts(values, "include", source_id),
        exclude=table.texts(values, "exclude", source_id),
        query=text("query"),
        countries=table.texts(values, "countries", source_id),
        languages=table.texts(values, "languages", source_id),
        since=since,
        until=until,
        api=_address(table, text("api"), source_id, "api"),
        most=_number(table, values, source_id, "most", 1) or 0,
        archive_years=_years(table, values, source_id),
        has_archive=flags["archive"],
        revisit_days=_number(table, values, source_id, "revisit_days", 0),
        is_enabled=flags["enabled"],
        is_internal=flags["internal"],
        is_verified=flags["verified"],
    )


def _refuse_useless(table: Table, values: Mapping[str, Any], source_id: str, kind: str) -> None:
    """Raise TableError where the key that a kind needs is missing, or one stands there that it has no use for."""
    needed = KINDS[kind].keys[0]
    if not values.get(needed):
        remedy = f"a source of kind {kind} needs it: {needed} = ..."
        raise table.error(f"{needed!r} is missing or empty", source_id, remedy=remedy)
    of_kinds = {key for other in KINDS.values() for key in other.keys}
    for name in values:
        if name in of_kinds and name not in KINDS[kind].keys:
            raise table.error(f"a source of kind {kind} has no use for it", source_id, name, remedy="remove it")


def _flag(table: Table, values: Mapping[str, Any], source_id: str, name: str) -> bool:
    value = values.get(name, _FLAGS[name])
    if not isinstance(value, bool):
        raise table.error("must be true or false", source_id, name, remedy=f"{name} = true, or = false")
    return value


def _number(table: Table, values: Mapping[str, Any], source_id: str, name: str, least: int) -> int | None:
    value = values.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise table.error(f"must be a whole number from {least} on", source_id, name, remedy=f"{name} = {least}")
    return value


def _years(table: Table, values: Mapping[str, Any], source_id: str) -> tuple[int, ...]:
    years = values.get("archive_years", [])
    if not isinstance(years, list) or not all(type(year) is int and 1996 <= year <= 2100 for year in years):
        remedy = "archive_years = [2018, 2021]; no web archive is older than 1996"
        raise table.error("must be a list of years", source_id, "archive_years", remedy=remedy)
    return tuple(dict.fromkeys(years))


def _code(table: Table, values: Mapping[str, Any], source_id: str, name: str) -> str:
    value = table.text(values, name, source_id, default="")
    shape, remedy = _CODES[name]
    if value and not shape.fullmatch(value):
        raise table.error(f"{value!r} is no code of a {name}", source_id, name, remedy=remedy)
    return value


def _window(table: Table, values: Mapping[str, Any], source_id: str) -> tuple[str, str]:
    """(since, until) as they are given; TableError where no day lies between them."""
    since, until = (_date(table, values, source_id, name) for name in ("since", "until"))
    if (since or until) and first_and_last_day(since or SINCE)[0] > first_and_last_day(until or UNTIL)[1]:
        remedy = "swap them" if since and until else f"without them it asks for {SINCE} to {UNTIL}: give the other too"
        what = f"until {until or UNTIL} is before since {since or SINCE}"
        raise table.error(what, source_id, "until" if until else "since", remedy=remedy)
    return since, until


def _date(table: Table, values: Mapping[str, Any], source_id: str, name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise table.error("must be a text in quotes", source_id, name, remedy=f'{name} = "2018-07-08"')
    if value and not is_iso_date(value):
        raise table.error(f"{value!r} is not a date", source_id, name, remedy="write 2018, 2018-07 or 2018-07-08")
    return value


def _addresses(table: Table, values: Mapping[str, Any], source_id: str) -> tuple[str, ...]:
    urls = table.texts(values, "urls", source_id)
    return tuple(_address(table, url, source_id, "urls") for url in urls)


def _address(table: Table, url: str, source_id: str, name: str) -> str:
    if url and not _names_a_host(url):
        remedy = "write https://, the host and the path"
        raise table.error(f"{url!r} is not a web address", source_id, name, remedy=remedy)
    return url


def _names_a_host(url: str) -> bool:
    try:
        return is_web_address(url) and bool(urlsplit(url).hostname)
    except ValueError:  # brackets that hold no IPv6 address
        return False


def _pattern(table: Table, values: Mapping[str, Any], source_id: str) -> str:
    pattern = table.text(values, "pattern", source_id, default="**/*")
    parts = pattern.split("/")
    # What `Path.glob` takes on every Python, and finds nothing outside the folder with.
    if not all(part not in ("", "..") and ("**" not in part or part == "**") for part in parts):
        remedy = 'write a pattern within the folder, such as "**/*.pdf" or "2023/*"'
        raise table.error(f"{pattern!r} is no pattern", source_id, "pattern", remedy=remedy)
    return pattern
