"""Filters from what a person wrote: every value must be one the workspace knows. Reads its tables and the store.

A filter that nothing can match would select nothing without a word, and a misspelt city would look like a quiet one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import STANCES
from ascn_nlp.sources.table import GENRES, load_sources
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace

_MONTH = (
    "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(t|tember)?|oct(ober)?|nov(ember)?|"
    "dec(ember)?)"
)
# What a spreadsheet takes for a number, a date, a time or a truth, and shows and saves in its own way.
_REWRITTEN = re.compile(
    rf"[\s.,$€£+'(-]*\d[\d\s.,:;/%$€£+'()-]*(e[+-]?\d+)?|{_MONTH}[\s.,/-]*\d[\d\s.,/-]*|\d[\d\s.,/-]*{_MONTH}[\d\s.,/-]*|"
    r"\d[\d:.]*\s*[ap]\.?m\.?|true|false",
    re.IGNORECASE,
)
# Longer ones lose their last figures.
_PLAIN_INTEGER = re.compile(r"0|[1-9][0-9]{0,14}")


def reviewer_name(given: str) -> str:
    """The name without blanks around it, in Unicode NFC, so that however it is typed it is one name.

    OptionError for one that a spreadsheet program would save otherwise, such as "01": it would come back as two people.
    """
    name = unicodedata.normalize("NFC", given).strip()
    if _REWRITTEN.fullmatch(name) and not _PLAIN_INTEGER.fullmatch(name):
        what = f"a spreadsheet program takes {name!r} for a number or a date and saves it in another way"
        raise OptionError(what, "--reviewer", "add a letter to it, as in R01")
    return name


def make_filters(workspace: Workspace, **given: Any) -> Filters:
    """The filters of these fields, each value under its own name: "saigon" is Ho Chi Minh City.

    Raises OptionError, naming the valid choices, for a value that neither the workspace's tables nor its store know.
    """
    values = {name: value for name, value in given.items() if value}
    for name, choices in CHOICES.items():
        if name in values:
            wanted = (values[name],) if isinstance(values[name], str) else values[name]
            values[name] = choose(wanted, choices(workspace), name, f"--{name}")
    filters = Filters(**values)
    if not filters.is_unreviewed:
        return filters
    from ascn_nlp.reviewing.standing import with_reviewed

    return with_reviewed(workspace, filters)


def check_sources(workspace: Workspace, names: Iterable[str], option: str) -> None:
    """Raise OptionError for the first name that is no source of the workspace's table."""
    choose(names, {source.id: () for source in load_sources(workspace.sources).sources}, "source", option)


def choose(given: Iterable[str], choices: Mapping[str, Sequence[str]], what: str, option: str) -> tuple[str, ...]:
    """Each value, a ``what``, by the name it has in ``{name: other names}``, written in whatever case."""
    by_word = {_word(other): name for name, others in choices.items() for other in others}
    by_word |= {_word(name): name for name in choices}
    for value in given:
        if _word(value) not in by_word:
            raise OptionError(f"there is no {what} {value!r}", option, f"one of: {', '.join(choices)}")
    return tuple(dict.fromkeys(by_word[_word(value)] for value in given))


def _word(name: str) -> str:
    return " ".join(name.split()).casefold()


def _concerns(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    return {concern.id: (concern.name,) for concern in load_taxonomy(workspace.taxonomy).concerns}


def _cities(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    return {city.name: city.names for city in load_gazetteer(workspace.gazetteer).cities}


def _countries(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    others = load_gazetteer(workspace.gazetteer).others
    of_sources = {source.country: () for source in load_sources(workspace.sources).sources if source.country}
    return of_sources | {one.code: (one.name, *one.names) for one in others if one.kind == "country"}


def _sources(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """Those of the table, and those that were in it once: their documents are still in the store."""
    from ascn_nlp.pipeline import store_of
    from ascn_nlp.store.documents import counts_by_outcome

    names = [source.id for source in load_sources(workspace.sources).sources]
    store = store_of(workspace)
    if not store.exists():
        return dict.fromkeys(names, ())
    with store.reading() as connection:
        names += [row["source_id"] for row in counts_by_outcome(connection)]
    return dict.fromkeys(names, ())


# Filter -> the values it takes in a workspace, each with its other names.
CHOICES: dict[str, Callable[[Workspace], dict[str, tuple[str, ...]]]] = {
    "concern": _concerns,
    "stance": lambda _: dict.fromkeys(STANCES, ()),
    "city": _cities,
    "country": _countries,
    "source": _sources,
    "genre": lambda _: dict.fromkeys(GENRES, ()),
}
