"""What a codebook file says otherwise than the taxonomy, and the taxonomy's table with that taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ascn_nlp.codebook.descriptions import describe, parts, plain
from ascn_nlp.codebook.entries import Entry, entries
from ascn_nlp.codebook.matching import match
from ascn_nlp.codebook.qdc import Code
from ascn_nlp.taxonomy import Taxonomy

# Programs cut names (MAXQDA at 63 characters) and descriptions. What begins as ours does and is so long was cut rather
# than shortened by a person.
_CUT_NAME = 60
_CUT_DESCRIPTION = 250


@dataclass(frozen=True, slots=True)
class Change:
    """A value of the table that is another in the file; ``key`` from the outermost table on."""

    key: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that the taxonomy does not have, and TOML to fill in that would make it one."""

    name: str
    place: str  # the names of the codes above it, outermost first
    block: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What can be taken, what is new, which of ours are missing there, and what else was seen and left as it is."""

    changes: tuple[Change, ...]
    new: tuple[NewCode, ...]
    missing: tuple[str, ...]
    left: tuple[str, ...]


def compare(taxonomy: Taxonomy, codes: Sequence[Code]) -> Comparison:
    """What the codes of a file say otherwise; nothing at all when it is an export of this taxonomy, unedited."""
    known = entries(taxonomy)
    found = match(known, codes)
    changes: list[Change] = []
    left: list[str] = []
    outside = []
    for at, entry in found.items():
        _compare_name(entry, codes[at].name, changes, left)
        _compare_texts(entry, codes[at].description, changes, left)
        if entry.kind == "concern":
            before = taxonomy.concern(entry.id).theme
            after = _theme_above(codes, at, found)
            if not after:
                outside.append(entry.id)
            elif after != before:
                changes.append(Change(("concerns", entry.id, "theme"), before, after))
    if outside:
        left.append(f"outside of every theme: {', '.join(outside)}; their themes are kept")
    ids = {concern.id for concern in taxonomy.concerns} | set(taxonomy.themes)
    new = [_new_code(codes, at, found, taxonomy, ids) for at in range(len(codes)) if at not in found]
    present = {entry.guid for entry in found.values()}
    missing = tuple(f"{entry.kind} {entry.id}" for entry in known if entry.fields and entry.guid not in present)
    order = {entry.id: n for n, entry in enumerate(known)}
    changes.sort(key=lambda change: order[change.key[1]])
    return Comparison(tuple(changes), tuple(new), missing, tuple(left))


def edit(source: str, changes: Iterable[Change]) -> str:
    """The table with these values and its version one higher; all else stays as it is written, comments included."""
    import tomlkit

    document = tomlkit.parse(source)
    for change in changes:
        table: object = document
        for name in change.key[:-1]:
            table = table[name]  # type: ignore[index]  # a table: the change was made from one
        table[change.key[-1]] = change.after  # type: ignore[index]
    document["version"] = int(str(document["version"])) + 1
    return tomlkit.dumps(document)


def _compare_name(entry: Entry, name: str, changes: list[Change], left: list[str]) -> None:
    ours = plain(entry.name)
    if name == ours or (len(name) >= _CUT_NAME and ours.startswith(name)):
        return
    if entry.kind == "concern" and name and name.casefold() != entry.id:
        changes.append(Change(("concerns", entry.id, "name"), entry.name, name))
    elif entry.kind in ("theme", "stance") and name.casefold() != ours.casefold():
        left.append(f"{entry.kind} {entry.id}: is called {name!r} there; it goes by its id here, so nothing is renamed")


def _compare_texts(entry: Entry, description: str, changes: list[Change], left: list[str]) -> None:
    """Add what is otherwise in the definition of a code, and what is not understood."""
    there, ours = plain(description), plain(describe(entry))
    what = f"{entry.kind} {entry.id}"
    if there == ours or not entry.fields:
        return
    if not there:
        left.append(f"{what}: comes without a description; its definition is kept")
        return
    is_long = len(there) >= _CUT_DESCRIPTION
    if is_long and ours.startswith(there):
        if not there.startswith(plain(describe(entry._replace(shown={})))):
            left.append(f"{what}: was cut off by the other program; its definition is kept")
        return
    found = parts(description)
    *_, last = found
    for label, field in entry.fields.items():
        text, ours = found.get(label.lower(), ""), plain(field.text)
        is_cut = is_long and last in _up_to(entry, label)
        if text == ours or (is_cut and text.startswith(ours) and _begins_label(entry, text[len(ours) :])):
            continue
        if is_cut and ours.startswith(text):
            left.append(f"{what}: was cut off by the other program in or before {label!r}, which is kept")
        elif not text:
            left.append(f"{what}: has no line that begins with '{label}:'; what it said is kept")
        else:
            changes.append(Change(field.key, field.text, text))
    for label, texts in entry.shown.items():
        ours = plain(" ".join(f"- {text}" for text in texts))
        if not ours.startswith(found.get(label.lower(), "")):
            left.append(f"{what}: its {label.lower()} are others there; they are tested, so edit them in taxonomy.toml")


def _up_to(entry: Entry, label: str) -> list[str]:
    """The labels of a description as we write it, in small letters, to this one."""
    labels = list(entry.fields)
    return [entry.kind, *(one.lower() for one in labels[: labels.index(label) + 1])]


def _begins_label(entry: Entry, text: str) -> bool:
    """Whether a text is what a cut left of a label."""
    return any(f"{label}:".startswith(text.strip()) for label in (*entry.fields, *entry.shown))


def _theme_above(codes: Sequence[Code], at: int, found: Mapping[int, Entry]) -> str:
    """The id of the nearest theme that a code stands under, "" where there is none."""
    for above in _above(codes, at):
        if above in found and found[above].kind == "theme":
            return found[above].id
    return ""


def _above(codes: Sequence[Code], at: int) -> list[int]:
    """The places of the codes above one, the nearest first."""
    places = []
    while (at := codes[at].parent) >= 0:
        places.append(at)
    return places


def _new_code(codes: Sequence[Code], at: int, found: Mapping[int, Entry], taxonomy: Taxonomy, ids: set[str]) -> NewCode:
    """The block for a code that is nothing of ours; its id joins ``ids``."""
    code = codes[at]
    name = _free_id(code.name, ids)
    ids.add(name)
    place = " > ".join(codes[above].name for above in reversed(_above(codes, at)))
    described = parts(code.description)
    if not code.is_codable:
        text = described.get("definition") or plain(code.description)
        return NewCode(code.name, place, f"# a theme: a line in [themes]\n{name} = {_quoted(text)}\n")
    theme = _theme_above(codes, at, found)
    block = _BLOCK.format(
        id=name,
        name=_quoted(code.name),
        theme=_quoted(theme),
        themes=", ".join(taxonomy.themes),
        include=_quoted(described.get("include") or plain(code.description)),
        exclude=_quoted(described.get("exclude", "")),
    )
    return NewCode(code.name, place, block)


# Refused by the loader as long as anything in it is empty.
_BLOCK = """\
[concerns.{id}]
name = {name}
theme = {theme}  # one of: {themes}
include = {include}
exclude = {exclude}
terms = [""]
examples = [
  {{ text = "", stance = "raised" }},
  {{ text = "", stance = "addressed" }},
  {{ text = "", stance = "described" }},
]
counterexamples = ["", ""]
"""


def _quoted(text: str) -> str:
    import tomlkit

    return tomlkit.item(text).as_string()


def _free_id(name: str, ids: Collection[str]) -> str:
    """An id made of a name, which no concern has yet."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_") or "new"
    stem = stem if stem[0].isalpha() else f"c_{stem}"
    return next(one for one in (stem, *(f"{stem}_{n}" for n in range(2, len(ids) + 3))) if one not in ids)
