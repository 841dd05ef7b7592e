"""What a reviewer gets to see of a passage: its words, where they stand, its tags and what was decided on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ascn_nlp.records import CityRef

Values = Mapping[Any, Any]
Pair = tuple[Values | None, Values | None]


class Judged(NamedTuple):
    """A passage with its tags and the latest verdict on each; the mappings are rows of the store.

    ``passage``: id, document_id, text, heading (list of str), context, places (list of [page, label, bbox, start]),
    page, language, kind, start, end, doubts, and of its document: title, publisher, genre, document_country, published
    (ISO, at its precision), date_basis, url, address, source_id, story (the first document that tells it, or None),
    document_seq, appearances, fetched_at, sha256.
    ``tagging``: tagger_id, taxonomy_version, run_id, scores ({concern: score}), leads (list of [theme, score]); None
    for a passage not tagged yet.
    ``pairs``: (tag, verdict), the tag None for a verdict that stands alone (a missed tag that a person added, or one
    that is no longer predicted), the verdict None where nobody decided. A tag has concern, stance, score, is_unsure,
    evidence (list of [start, end, words, why]; offsets into the text, 0-based, half-open); a verdict has concern,
    decision, concern_reviewed, stance_reviewed, note, reviewer, at.
    ``others``: the same for what other people said of the same before, which stands beside it; a review file has one
    row for each of ``pairs``, and no room for these.
    """

    passage: Values
    cities: tuple[CityRef, ...]
    before: str
    after: str
    tagging: Values | None
    pairs: tuple[Pair, ...]
    others: tuple[Pair, ...] = ()
