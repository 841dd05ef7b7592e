"""The codes that a taxonomy has: themes, the concerns of each, and the stances."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Literal, NamedTuple

from ascn_nlp.taxonomy import Concern, Taxonomy

# Must never change: a program that imports a second export knows its codes by what is made of it.
_NAMESPACE = uuid.UUID("ae7318ac-dd7b-4f09-b179-48a0855c7427")
# One a theme, in the order of the file, told apart by colour-blind readers and dark enough for white letters.
_COLOURS = ("#1F5A99", "#A8432F", "#2F7A4D", "#7A4A8C", "#8A6100", "#00707A", "#8B2F5E", "#4A5A6A")
# Stances stand beside a concern on the same words, so they take no theme's colour.
_GREYS = ("#333333", "#6E6E6E", "#A3A3A3")
_GROUP = "stances"


class Field(NamedTuple):
    """A text of the taxonomy: where it stands in the table, outermost key first, and what it says."""

    key: tuple[str, ...]
    text: str


class Entry(NamedTuple):
    """What a code stands for. ``fields`` are read back from its description; ``shown`` are lists that are not."""

    kind: Literal["theme", "concern", "group", "stance"]
    id: str
    name: str
    colour: str
    parent: str  # the GUID of the code above, "" at the top
    fields: Mapping[str, Field]
    shown: Mapping[str, tuple[str, ...]] = {}  # never written to

    @property
    def guid(self) -> str:
        """The same for the same kind and id in whatever workspace and version (UUID version 5)."""
        return guid_of(self.kind, self.id)

    @property
    def is_codable(self) -> bool:
        """Whether passages are coded with it, or it only holds other codes."""
        return self.kind in ("concern", "stance")


def guid_of(kind: str, name: str) -> str:
    """The GUID of a code, in small letters without braces."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{name}"))


def colours(taxonomy: Taxonomy) -> dict[str, str]:
    """{theme: its colour, as #RRGGBB}."""
    return {theme: _COLOURS[n % len(_COLOURS)] for n, theme in enumerate(taxonomy.themes)}


def theme_name(theme: str) -> str:
    """What a theme is called where people read it; the taxonomy has but an id and a description."""
    return theme.replace("_", " ").capitalize()


def entries(taxonomy: Taxonomy) -> tuple[Entry, ...]:
    """All codes, each after the one it stands under: themes with their concerns, then the stances.

    Stances are codes of a group of their own and not sets: QualCoder reads no sets, and a stance has to be put on a
    passage beside the concern, which only a code can be.
    """
    found = []
    for theme, colour in colours(taxonomy).items():
        text = Field(("themes", theme), taxonomy.themes[theme])
        found.append(Entry("theme", theme, theme_name(theme), colour, "", {"Definition": text}))
        found += [_concern(concern, colour) for concern in taxonomy.concerns if concern.theme == theme]
    found.append(Entry("group", _GROUP, "Stances", _GREYS[0], "", {}))
    for n, stance in enumerate(taxonomy.stances):
        text = Field(("stances", stance.id, "definition"), stance.definition)
        colour, parent = _GREYS[n % len(_GREYS)], guid_of("group", _GROUP)
        found.append(Entry("stance", stance.id, stance.id.capitalize(), colour, parent, {"Definition": text}))
    return tuple(found)


def _concern(concern: Concern, colour: str) -> Entry:
    fields = {
        "Include": Field(("concerns", concern.id, "include"), concern.include),
        "Exclude": Field(("concerns", concern.id, "exclude"), concern.exclude),
    }
    shown = {
        "Examples": tuple(f"({example.stance}) {example.text}" for example in concern.examples),
        "Counterexamples": concern.counterexamples,
    }
    return Entry("concern", concern.id, concern.name, colour, guid_of("theme", concern.theme), fields, shown)
