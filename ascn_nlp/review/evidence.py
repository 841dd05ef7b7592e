"""The evidence of a tag, as far as it stands in the passage's words."""

from __future__ import annotations

from typing import NamedTuple

from ascn_nlp.review.judged import Values


class Words(NamedTuple):
    """Words of a passage that speak for a tag: offsets of characters into its text, 0-based, half-open."""

    start: int
    end: int
    text: str
    why: str


def words_of(tag: Values) -> tuple[Words, ...]:
    """The evidence that has words, in its order.

    What was found in the heading has none (``annotate``): it can be told as a reason, and not be marked in the text.
    """
    return tuple([Words(*found) for found in tag["evidence"] if found[2]])
