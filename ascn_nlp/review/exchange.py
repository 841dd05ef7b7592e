"""Judged passages -> files of other programs for annotation, a line at a time.

In every format what the model predicts and what people decide stand in different places, never in one list. Blind
files hold neither: a verdict tells what was predicted. So they are the same for passages with tags and without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ascn_nlp.review import doccano, label_studio, prodigy, web_annotation
from ascn_nlp.review.judged import Judged

# (items, concerns in the taxonomy's order, is_blind) -> lines, each with its line feed.
Write = Callable[[Iterable[Judged], Sequence[str], bool], Iterator[str]]


FORMATS: dict[str, Write] = {
    "prodigy": prodigy.write,
    "doccano": doccano.write,
    "label-studio": label_studio.write,
    "web-annotation": web_annotation.write,
}
