"""Issues about some of a document's pages."""

from __future__ import annotations

from collections.abc import Collection

from ascn_nlp.records import Issue


def page_issue(numbers: Collection[int], count: int, what: str, remedy: str) -> Issue:
    """``what`` is to be said of some of ``count`` pages, with their numbers as people write them."""
    return Issue("extract", f"{len(numbers)} of {count} pages ({_spans(numbers)}): {what}", remedy)


def _spans(numbers: Collection[int]) -> str:
    """Numbers as people write them: 1-3, 7."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)
