"""The description of a code: lines that begin with a label, as a person reads and edits them in another program.

Concern: surveillance
Include: watching, tracking or identifying people
Exclude: monitoring of air, floods or traffic volume
Examples:
- (raised) Nobody was told that the cameras recognise faces.
"""

from __future__ import annotations

import re

from ascn_nlp.codebook.entries import Entry

# What XML 1.0 (section 2.2) cannot hold, however it is written, or discourages, as terminals do.
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LABEL = r"(Theme|Concern|Stance|Definition|Include|Exclude|Examples|Counterexamples)[ \t]*:"
_LABEL_OF_LINE = re.compile(rf"^[ \t]*{_LABEL}", re.IGNORECASE | re.MULTILINE)
_LABEL_ANYWHERE = re.compile(rf"(?:^|(?<=\s)){_LABEL}")


def plain(text: str) -> str:
    """The text on one line, blanks collapsed, without what XML cannot hold; two texts that differ in no more agree."""
    return " ".join(_NOT_XML.sub(" ", text).split())


def describe(entry: Entry) -> str:
    """The description of a code. Definitions come first: some programs cut what is long."""
    lines = [] if entry.kind == "group" else [f"{entry.kind.capitalize()}: {plain(entry.id)}"]
    lines += [f"{label}: {plain(field.text)}" for label, field in entry.fields.items()]
    for label, texts in entry.shown.items():
        lines += [f"{label}:", *(f"- {plain(text)}" for text in texts)]
    return "\n".join(lines)


def parts(description: str) -> dict[str, str]:
    """{label in small letters: what follows it, on one line}, in the order of the text; "" is what precedes the first.

    A label that was met before is an ordinary word. Where a program joined the lines, labels count anywhere.
    """
    text = "\n".join(description.splitlines()).strip()
    spans = {"": (0, 0)}
    for label in (_LABEL_OF_LINE if "\n" in text else _LABEL_ANYWHERE).finditer(text):
        spans.setdefault(label[1].lower(), label.span())
    ends = [start for start, _ in [*spans.values()][1:]] + [len(text)]
    return {name: plain(text[begin:end]) for (name, (_, begin)), end in zip(spans.items(), ends, strict=True)}
