"""The tags of a passage as they were on show in an export, whatever the tagger has said since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.schema import lost_tags, passages, runs, taggings, tags

# {concern: stance, score, model_id, taxonomy_version}
Shown = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Predictions:
    """All tags that a passage was ever given, each with the runs from which and until which it had them."""

    is_current: bool
    tags: list[Row[Any]] = field(default_factory=list)
    lost: list[Row[Any]] = field(default_factory=list)

    def on_show(self, run_id: str = "") -> Shown:
        """The tags as this run left them; without a run as they are now, or, of a passage that is gone, were last."""
        if run_id:
            there = [row for row in self.tags if row.since_run <= run_id]
            there += [row for row in self.lost if row.since_run <= run_id < row.until_run]
        elif self.is_current or not self.lost:
            there = self.tags
        else:
            there = [row for row in self.lost if row.until_run == self.lost[-1].until_run]
        return {row.concern: _prediction(row) for row in there}


def known_runs(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these names that are runs of this store: a person may have written in the column."""
    return set(connection.scalars(select(runs.c.id).where(runs.c.id.in_(sorted(set(ids))))))


def predictions(connection: Connection, ids: Iterable[str]) -> dict[str, Predictions]:
    """{passage id: its predictions} of these passages, those that the store does not have left out."""
    found: dict[str, Predictions] = {}
    by = (taggings.c.tagger_id, taggings.c.taxonomy_version)
    columns = (passages.c.id, passages.c.is_current, tags.c.concern, tags.c.stance, tags.c.score, tags.c.since_run, *by)
    now = passages.outerjoin(tags).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    before = lost_tags.join(passages).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    lost = select(passages.c.id, lost_tags, *by).select_from(before).order_by(lost_tags.c.seq)
    for chunk in in_chunks(sorted(ids)):
        for row in connection.execute(select(*columns).select_from(now).where(passages.c.id.in_(chunk))):
            one = found.get(row.id)
            if one is None:
                one = found[row.id] = Predictions(row.is_current)
            if row.concern is not None:
                one.tags.append(row)
    # Most stores have none, or few.
    for chunk in in_chunks(sorted(found) if connection.execute(select(lost_tags.c.seq).limit(1)).first() else ()):
        for row in connection.execute(lost.where(passages.c.id.in_(chunk))):
            found[row.id].lost.append(row)
    return found


def _prediction(row: Row[Any]) -> dict[str, Any]:
    by = {"model_id": row.tagger_id, "taxonomy_version": row.taxonomy_version}
    return {"stance": row.stance, "score": row.score, **by}
