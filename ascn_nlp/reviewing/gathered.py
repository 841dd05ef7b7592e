"""What all decisions in the store tell, as they stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ascn_nlp.review.judgements import Judgement, Judgements, judgements, settled
from ascn_nlp.store.reviews import all_reviews, anchors
from ascn_nlp.store.samples import all_codebooks, all_samples, blind_samples, is_redefined
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace

# (reviewer, passage id, concern)
Label = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Who holds what of which passage, under today's definitions, and what the labels are that were made under others.

    ``by_coder``: {coder: {passage id: judgement}}; passages that have moved have the id under which they stand now.
    ``stale``: (reviewer, passage id, concern) of labels made when the concern was defined otherwise, and not given anew
    by the same reviewer. ``implied``: the same of labels that name no concern, since their passage was read whole; the
    concern may not have been there at all then. ``pending``: {passage id: concerns on which such labels are all there
    is}, as nobody has decided on them anew.
    """

    concerns: tuple[str, ...]
    by_coder: Judgements
    stale: tuple[Label, ...]
    implied: tuple[Label, ...]
    pending: dict[str, frozenset[str]]

    @property
    def settled(self) -> dict[str, Judgement]:
        """{passage id: what most coders hold}."""
        return settled(self.by_coder)[0]

    @property
    def split(self) -> dict[str, tuple[str, ...]]:
        """{passage id: concerns on which coders are split evenly}."""
        return settled(self.by_coder)[1]


def definitions_of(workspace: Workspace) -> dict[str, str]:
    """{concern: digest of its definition} of the workspace's taxonomy."""
    return {concern.id: concern.digest for concern in load_taxonomy(workspace.taxonomy).concerns}


def gather(connection: Connection, workspace: Workspace, is_blind_only: bool = False) -> Gathered:
    """What the decisions in the store tell; only those made without sight of predictions, if wanted."""
    definitions = definitions_of(workspace)
    samples = all_samples(connection)
    blind = blind_samples(connection)
    codebooks = all_codebooks(connection)
    stale: dict[Label, bool] = {}  # whether the concern is named
    fresh: set[Label] = set()

    def is_stale(one: Mapping[Any, Any], concern: str) -> bool:
        label = (one["reviewer"], one["passage_id"], concern)
        if not is_redefined(concern, one["codebook"], codebooks, definitions):
            fresh.add(label)
            return False
        stale[label] = stale.get(label, False) or concern in (one["concern"], one["concern_reviewed"])
        return True

    decided = (row for row in anchored_reviews(connection) if not is_blind_only or row["sample"] in blind)
    asked = {row["id"] for row in samples}
    found = judgements(decided, tuple(definitions), blind, asked, is_stale)
    left = {label: is_named for label, is_named in stale.items() if label not in fresh}
    return Gathered(
        concerns=tuple(definitions),
        by_coder=found,
        stale=tuple(label for label, is_named in left.items() if is_named),
        implied=tuple(label for label, is_named in left.items() if not is_named),
        pending=_pending(left, fresh),
    )


def _pending(stale: Iterable[Label], fresh: Iterable[Label]) -> dict[str, frozenset[str]]:
    """{passage id: concerns of its stale labels, without those that anybody has a fresh one of}."""
    decided = {(passage, concern) for _, passage, concern in fresh}
    found: dict[str, set[str]] = defaultdict(set)
    for _, passage, concern in stale:
        if (passage, concern) not in decided:
            found[passage].add(concern)
    return {passage: frozenset(concerns) for passage, concerns in found.items()}


def anchored_reviews(connection: Connection) -> Iterator[Mapping[Any, Any]]:
    """All decisions, oldest first, each with the id under which its words stand now."""
    now = anchors(connection)
    for row in all_reviews(connection):
        id_ = row["passage_id"]
        yield {**row, "passage_id": now[id_]} if id_ in now else row
