"""Decisions that stand, and the passages that they make reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import store_of
from ascn_nlp.review.judgements import subject
from ascn_nlp.reviewing.gathered import anchored_reviews, definitions_of
from ascn_nlp.store.samples import all_codebooks, is_outdated
from ascn_nlp.workspace import Workspace


def standing_reviews(connection: Connection) -> list[Mapping[Any, Any]]:
    """Each reviewer's newest decision on each passage, as it stands now, and concern, without those taken back."""
    latest: dict[tuple[str, ...], Mapping[Any, Any]] = {}
    for row in anchored_reviews(connection):
        latest[row["passage_id"], *subject(row["concern"], row["concern_reviewed"]), row["reviewer"]] = row
    return [row for row in latest.values() if row["decision"] != "withdraw"]


def current_reviews(connection: Connection, workspace: Workspace) -> list[Mapping[Any, Any]]:
    """The decisions that stand, without those of which today's definitions ask that they be made anew."""
    definitions, codebooks = definitions_of(workspace), all_codebooks(connection)
    return [row for row in standing_reviews(connection) if not is_outdated(row, codebooks, definitions)]


def with_reviewed(workspace: Workspace, filters: Filters) -> Filters:
    """The filters, which know afterwards what counts as reviewed: passages on which a decision stands today.

    One that is unsure is a decision. The ids are those under which the words stand now.
    """
    if not filters.is_unreviewed or filters.reviewed is not None:
        return filters
    with store_of(workspace).reading() as connection:
        rows = current_reviews(connection, workspace)
    return replace(filters, reviewed=frozenset(row["passage_id"] for row in rows))
