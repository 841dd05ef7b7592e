"""Judged passages -> files of other programs for annotation, a line at a time.

In every format what the model predicts and what people decide stand in different places, never in one list. Blind
files hold neither: a verdict tells what was predicted. So they are the same for passages with tags and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ascn_nlp.review import doccano, label_studio, prodigy, web_annotation
from ascn_nlp.review.judged import Judged

# (items, concerns in the taxonomy's order, is_blind) -> lines, each with its line feed.
Write = Callable[[Iterable[Judged], Sequence[str], bool], Iterator[str]]


class Format(NamedTuple):
    """A format of another program: what it is, how its files are called, and what writes it."""

    description: str
    extension: str
    write: Write


FORMATS: dict[str, Format] = {
    "prodigy": Format("JSON lines for Prodigy's choice interface", ".jsonl", prodigy.write),
    "doccano": Format("JSON lines for doccano's text classification", ".jsonl", doccano.write),
    "label-studio": Format("JSON tasks for Label Studio", ".json", label_studio.write),
    "web-annotation": Format("W3C Web Annotations (JSON-LD)", ".jsonld", web_annotation.write),
}
