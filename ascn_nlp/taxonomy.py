"""The taxonomy: what is looked for, in which words. Reads ``taxonomy.toml``, which people edit (I/O: that file)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ascn_nlp.records import STANCES, Stance, digest
from ascn_nlp.resources import packaged
from ascn_nlp.tables import Table, read_table
from ascn_nlp.terms import parse_term

_TOP = ("version", "name_words", "themes", "stances", "cues", "concerns")
_STANCE = ("definition", "cues", "weak_cues")
_CUES = ("negation", "hedging", "answering", "reported")
_PAIR = ("any", "with")
_EXAMPLE = ("text", "stance")
_CONCERN_TEXTS = ("name", "theme", "include", "exclude")
_CONCERN_TERMS = ("terms", "weak_terms", "negative_terms", "raised_cues", "addressed_cues")
_CONCERN = (*_CONCERN_TEXTS, "usual_stance", *_CONCERN_TERMS, "examples", "counterexamples", "pairs")

# Fewer cannot show what belongs to a concern and what does not.
_MIN_EXAMPLES = 3
_MIN_COUNTEREXAMPLES = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """Words that speak for a concern only together: one of each side in a sentence."""

    any: tuple[str, ...]
    with_: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that holds the concern, and the stance it is met with."""

    text: str
    stance: Stance


@dataclass(frozen=True, slots=True)
class Concern:
    """One concern: its definition, and the words that speak for and against it.

    ``digest`` covers the definition alone. Weights trained on it stay valid when a term is added, and only then.
    """

    id: str
    name: str
    theme: str
    include: str
    exclude: str
    terms: tuple[str, ...]
    weak_terms: tuple[str, ...]
    negative_terms: tuple[str, ...]
    raised_cues: tuple[str, ...]
    addressed_cues: tuple[str, ...]
    usual_stance: Stance | None
    pairs: tuple[Pair, ...]
    examples: tuple[Example, ...]
    counterexamples: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class StanceWords:
    """What a stance means, and the words that show it whatever the concern."""

    id: Stance
    definition: str
    cues: tuple[str, ...]
    weak_cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """Words that turn a cue round, soften it, answer it, or put it into another's mouth."""

    negation: tuple[str, ...]
    hedging: tuple[str, ...]
    answering: tuple[str, ...]
    reported: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Themes, concerns and stances in the order of the file; ``digest`` changes with anything that is matched."""

    version: int
    themes: Mapping[str, str]
    concerns: tuple[Concern, ...]
    stances: tuple[StanceWords, ...]
    cues: Cues
    name_words: tuple[str, ...]
    digest: str

    def concern(self, concern_id: str) -> Concern:
        """The concern with this id; KeyError names the valid ones."""
        for concern in self.concerns:
            if concern.id == concern_id:
                return concern
        raise KeyError(f"no concern {concern_id!r}; there are: {', '.join(c.id for c in self.concerns)}")


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """The taxonomy in ``path``, by default the packaged one; TableError names file, line and key of any fault."""
    table = read_table(path or packaged("taxonomy.toml"))
    values = table.values
    table.refuse_unknown(values, _TOP)
    version = values.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise table.error("must be a whole number", "version", remedy="version = 1")
    themes = _subtable(table, values, "themes")
    for theme in themes:
        table.text(themes, theme, "themes")
    concerns = _subtable(table, values, "concerns")
    return Taxonomy(
        version=version,
        themes=themes,
        concerns=tuple(_read_concern(table, name, themes) for name in concerns),
        stances=_read_stances(table),
        cues=_read_cues(table),
        name_words=table.texts(values, "name_words"),
        digest=digest(*(f"{key}={values[key]!r}" for key in _TOP if key in values)),
    )


def _subtable(table: Table, values: Mapping[str, Any], *key: str) -> dict[str, Any]:
    """The table under the last part of ``key``; TableError when it is missing, empty or none."""
    found = values.get(key[-1])
    if not isinstance(found, dict) or not found:
        raise table.error("must be a table that is not empty", *key, remedy=f"add [{'.'.join(key)}]")
    return found


def _read_concern(table: Table, name: str, themes: Mapping[str, str]) -> Concern:
    values = _subtable(table, table.values["concerns"], "concerns", name)
    key = ("concerns", name)
    if not name.isidentifier() or name != name.lower():
        raise table.error("an id has small letters, figures and _ only", *key, remedy="rename the table")
    table.refuse_unknown(values, _CONCERN, *key)
    texts = {field: table.text(values, field, *key) for field in _CONCERN_TEXTS}
    if texts["theme"] not in themes:
        remedy = f"themes: {', '.join(themes)}"
        raise table.error(f"there is no theme {texts['theme']!r}", *key, "theme", remedy=remedy)
    words = {field: _read_terms(table, values, field, *key) for field in _CONCERN_TERMS}
    _refuse_duplicates(table, words, ("terms", "weak_terms", "negative_terms"), *key)
    if not words["terms"]:
        raise table.error("has no terms", *key, remedy='add terms = ["..."]')
    pairs = _read_pairs(table, values, *key)
    _refuse_idle(table, words, pairs, *key)
    return Concern(
        id=name,
        name=texts["name"],
        theme=texts["theme"],
        include=texts["include"],
        exclude=texts["exclude"],
        terms=words["terms"],
        weak_terms=words["weak_terms"],
        negative_terms=words["negative_terms"],
        raised_cues=words["raised_cues"],
        addressed_cues=words["addressed_cues"],
        usual_stance=_read_stance(table, values, "usual_stance", *key) if "usual_stance" in values else None,
        pairs=pairs,
        examples=_read_examples(table, values, *key),
        counterexamples=_read_counterexamples(table, values, *key),
        digest=digest(name, *texts.values()),
    )


def _read_terms(table: Table, values: Mapping[str, Any], field: str, *key: str) -> tuple[str, ...]:
    """The terms under ``field``; TableError for one that cannot match, or one written twice."""
    terms = table.texts(values, field, *key)
    for term in terms:
        try:
            parse_term(term)
        except ValueError as error:
            raise table.error(str(error), *key, field, remedy="mend or remove it") from None
    _refuse_duplicates(table, {field: terms}, (field,), *key)
    return terms


def _refuse_duplicates(table: Table, words: Mapping[str, tuple[str, ...]], fields: tuple[str, ...], *key: str) -> None:
    """Raise TableError when two terms of these lists match the same words: they would count double."""
    seen: dict[tuple[str, ...], str] = {}
    for field in fields:
        for term in words[field]:
            first = seen.setdefault(parse_term(term).key, term)
            if first is not term:
                raise table.error(f"{term!r} and {first!r} match the same words", *key, field, remedy="keep one")


def _refuse_idle(table: Table, words: Mapping[str, tuple[str, ...]], pairs: tuple[Pair, ...], *key: str) -> None:
    """Raise TableError for a negative term that shares no word with any term: it could cancel nothing."""
    sides = (side for pair in pairs for side in (pair.any, pair.with_))
    lists = (words["terms"], words["weak_terms"], *sides)
    used = {stem for terms in lists for term in terms for stem in parse_term(term).stems}
    for term in words["negative_terms"]:
        if used.isdisjoint(parse_term(term).stems):
            raise table.error(f"{term!r} cancels none of the terms", *key, "negative_terms", remedy="remove it")


def _read_pairs(table: Table, values: Mapping[str, Any], *key: str) -> tuple[Pair, ...]:
    pairs = []
    for pair in _tables(table, values, "pairs", *key):
        table.refuse_unknown(pair, _PAIR, *key, "pairs")
        sides = [_read_terms(table, pair, side, *key, "pairs") for side in _PAIR]
        if not all(sides):
            raise table.error("a pair needs both sides", *key, "pairs", remedy='any = ["..."], with = ["..."]')
        pairs.append(Pair(*sides))
    return tuple(pairs)


def _read_examples(table: Table, values: Mapping[str, Any], *key: str) -> tuple[Example, ...]:
    examples = []
    for example in _tables(table, values, "examples", *key):
        table.refuse_unknown(example, _EXAMPLE, *key, "examples")
        text = table.text(example, "text", *key, "examples")
        examples.append(Example(text, _read_stance(table, example, "stance", *key, "examples")))
    if len(examples) < _MIN_EXAMPLES:
        raise table.error(f"needs {_MIN_EXAMPLES} examples", *key, "examples", remedy="add sentences that hold it")
    return tuple(examples)


def _read_stance(table: Table, values: Mapping[str, Any], field: str, *key: str) -> Stance:
    stance = table.text(values, field, *key)
    if stance not in STANCES:
        raise table.error(f"there is no stance {stance!r}", *key, field, remedy=f"stances: {', '.join(STANCES)}")
    return stance


def _read_counterexamples(table: Table, values: Mapping[str, Any], *key: str) -> tuple[str, ...]:
    texts = table.texts(values, "counterexamples", *key)
    if len(texts) < _MIN_COUNTEREXAMPLES:
        what = f"needs {_MIN_COUNTEREXAMPLES} counterexamples"
        raise table.error(what, *key, "counterexamples", remedy="add sentences that look like it but are not")
    return texts


def _tables(table: Table, values: Mapping[str, Any], field: str, *key: str) -> list[dict[str, Any]]:
    found = values.get(field, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise table.error("must be a list of tables", *key, field, remedy="see the packaged taxonomy.toml")
    return found


def _read_stances(table: Table) -> tuple[StanceWords, ...]:
    values = _subtable(table, table.values, "stances")
    table.refuse_unknown(values, STANCES, "stances")
    stances = []
    for stance in STANCES:
        words = _subtable(table, values, "stances", stance)
        key = ("stances", stance)
        table.refuse_unknown(words, _STANCE, *key)
        definition = table.text(words, "definition", *key)
        strong, weak = (_read_terms(table, words, field, *key) for field in _STANCE[1:])
        _refuse_duplicates(table, {"cues": strong, "weak_cues": weak}, ("cues", "weak_cues"), *key)
        stances.append(StanceWords(stance, definition, strong, weak))
    return tuple(stances)


def _read_cues(table: Table) -> Cues:
    values = _subtable(table, table.values, "cues")
    table.refuse_unknown(values, _CUES, "cues")
    return Cues(*(_read_terms(table, values, field, "cues") for field in _CUES))
