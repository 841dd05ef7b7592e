"""The gazetteer: which names are cities, countries, funders... Reads ``gazetteer.toml`` (I/O: that file)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ascn_nlp.records import digest
from ascn_nlp.resources import packaged
from ascn_nlp.tables import Table, read_table

KINDS = {"countries": "country", "funders": "funder", "vendors": "vendor", "institutions": "institution"}
_PLACES = (
    "not_cities", "elsewhere", "foreign_capitals", "foreign_countries", "government_verbs", "government_nouns",
    "name_tails", "name_heads", "area_nouns", "origin_nouns",
)  # fmt: skip
_TOP = ("version", "cities", *KINDS, "places")
_CITY = ("country", "joined", "is_area", "is_capital", "names")
_COUNTRY = ("code", "names", "demonyms")

_CODE = re.compile(r"[A-Z]{2}")
_FIRST_YEAR = 2018  # ASEAN founded the network in 2018


@dataclass(frozen=True, slots=True)
class City:
    """A city of the network, and since which year."""

    name: str
    country: str
    joined: int
    is_area: bool
    is_capital: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Anything else with names; ``code`` and ``demonyms`` are a country's."""

    kind: str
    name: str
    names: tuple[str, ...]
    demonyms: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Word lists that tell a city from what else its name may stand for."""

    not_cities: tuple[str, ...]
    elsewhere: tuple[str, ...]
    foreign_capitals: tuple[str, ...]
    foreign_countries: tuple[str, ...]
    government_verbs: tuple[str, ...]
    government_nouns: tuple[str, ...]
    name_tails: tuple[str, ...]
    name_heads: tuple[str, ...]
    area_nouns: tuple[str, ...]
    origin_nouns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names that are recognised; ``digest`` changes with any of them."""

    version: int
    cities: tuple[City, ...]
    others: tuple[Named, ...]
    places: Places
    digest: str

    def members(self, year: int) -> tuple[str, ...]:
        """The network's cities in ``year``, in the gazetteer's order."""
        return tuple(city.name for city in self.cities if city.joined <= year)


def load_gazetteer(path: Path | None = None) -> Gazetteer:
    """The gazetteer in ``path``, by default the packaged one; TableError names file, line and key of any fault."""
    table = read_table(path or packaged("gazetteer.toml"))
    values = table.values
    table.refuse_unknown(values, _TOP)
    version = values.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise table.error("must be a whole number", "version", remedy="version = 1")
    cities = tuple(_read_city(table, name) for name in _subtable(table, "cities"))
    countries = tuple(_read_country(table, name) for name in _subtable(table, "countries"))
    others = tuple(_read_named(table, section, name) for section in KINDS if section != "countries"
                   for name in _subtable(table, section))  # fmt: skip
    gazetteer = Gazetteer(
        version=version,
        cities=cities,
        others=countries + others,
        places=_read_places(table),
        digest=digest(*(f"{key}={values[key]!r}" for key in _TOP if key in values)),
    )
    _refuse_unknown_countries(table, gazetteer)
    _refuse_shared_names(table, gazetteer)
    return gazetteer


def _subtable(table: Table, section: str) -> dict[str, Any]:
    found = table.values.get(section)
    if not isinstance(found, dict) or not found:
        raise table.error("must be a table that is not empty", section, remedy=f"add [{section}]")
    return found


def _entry(table: Table, section: str, name: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    values = table.values[section][name]
    if not isinstance(values, dict):
        raise table.error("must be a table", section, name, remedy=f'"{name}" = {{ names = ["..."] }}')
    table.refuse_unknown(values, known, section, name)
    return values


def _read_city(table: Table, name: str) -> City:
    values = _entry(table, "cities", name, _CITY)
    key = ("cities", name)
    joined = values.get("joined")
    if not isinstance(joined, int) or joined < _FIRST_YEAR:
        raise table.error(f"must be a year from {_FIRST_YEAR} on", *key, "joined", remedy="joined = 2018")
    for flag in ("is_area", "is_capital"):
        if not isinstance(values.get(flag, False), bool):
            raise table.error("must be true or false", *key, flag, remedy=f"{flag} = true")
    return City(
        name=name,
        country=_code(table, values, "country", *key),
        joined=joined,
        is_area=values.get("is_area", False),
        is_capital=values.get("is_capital", False),
        names=table.texts(values, "names", *key),
    )


def _read_country(table: Table, name: str) -> Named:
    values = _entry(table, "countries", name, _COUNTRY)
    key = ("countries", name)
    names, demonyms = (table.texts(values, field, *key) for field in ("names", "demonyms"))
    return Named("country", name, names, demonyms, _code(table, values, "code", *key))


def _read_named(table: Table, section: str, name: str) -> Named:
    return Named(KINDS[section], name, table.texts(table.values[section], name, section))


def _code(table: Table, values: Mapping[str, Any], field: str, *key: str) -> str:
    code = table.text(values, field, *key)
    if not _CODE.fullmatch(code):
        raise table.error(f"{code!r} is not a country code", *key, field, remedy='two capitals, as in "ID"')
    return code


def _read_places(table: Table) -> Places:
    values = _subtable(table, "places")
    table.refuse_unknown(values, _PLACES, "places")
    return Places(*(table.texts(values, field, "places") for field in _PLACES))


def _refuse_unknown_countries(table: Table, gazetteer: Gazetteer) -> None:
    """Raise TableError when a city's country has no entry: it could not be told from other countries' cities."""
    codes = {named.code for named in gazetteer.others if named.code}
    for city in gazetteer.cities:
        if city.country not in codes:
            remedy = f"countries: {', '.join(sorted(codes))}"
            raise table.error(f"there is no country {city.country!r}", "cities", city.name, "country", remedy=remedy)


def _refuse_shared_names(table: Table, gazetteer: Gazetteer) -> None:
    """Raise TableError when a name stands for two things, save a city-state's for city and country."""
    states = {named.name for named in gazetteer.others if named.kind == "country"}
    owners: dict[str, str] = {}
    entries = [("cities", city.name, (city.name, *city.names)) for city in gazetteer.cities]
    sections = {kind: section for section, kind in KINDS.items()}
    entries += [(sections[n.kind], n.name, (n.name, *n.names, *n.demonyms)) for n in gazetteer.others]
    for section, name, names in entries:
        for alias in names:
            first = owners.setdefault(alias, f"{section}.{name}")
            if (first != f"{section}.{name}" and alias not in states) or names.count(alias) > 1:
                raise table.error(f"{alias!r} also stands for {first}", section, name, remedy="keep one of them")
