"""The tags of a passage as they were on show in an export, whatever the tagger has said since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ascn_nlp.store.chunks import in_chunks
from ascn_nlp.store.schema import lost_tags, passages, runs, taggings, tags

# {concern: stance, score, model_id, taxonomy_version}
Shown = dict[str, dict[str, Any]]


class _Tag(NamedTuple):
    """A tag with the runs from which and until which its passage had it; "" where it has it still."""

    concern: str
    stance: str
    score: float
    model_id: str
    taxonomy_version: str
    since_run: str
    until_run: str = ""


@dataclass(slots=True)
class Predictions:
    """All tags that a passage was ever given."""

    is_current: bool
    tags: list[_Tag] = field(default_factory=list)
    lost: list[_Tag] = field(default_factory=list)

    def on_show(self, run_id: str = "") -> Shown:
        """The tags as this run left them; without a run as they are now, or, of a passage that is gone, were last."""
        if run_id:
            there = [tag for tag in self.tags if tag.since_run <= run_id]
            there += [tag for tag in self.lost if tag.since_run <= run_id < tag.until_run]
        elif self.is_current or not self.lost:
            there = self.tags
        else:
            there = [tag for tag in self.lost if tag.until_run == self.lost[-1].until_run]
        return {
            concern: {"stance": stance, "score": score, "model_id": model, "taxonomy_version": taxonomy}
            for concern, stance, score, model, taxonomy, *_ in there
        }


def known_runs(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of these names that are runs of this store: a person may have written in the column."""
    return set(connection.scalars(select(runs.c.id).where(runs.c.id.in_(sorted(set(ids))))))


def predictions(connection: Connection, ids: Sequence[str]) -> dict[str, Predictions]:
    """{passage id: its predictions} of these passages, those that the store does not have left out."""
    found: dict[str, Predictions] = {}
    by = (taggings.c.tagger_id, taggings.c.taxonomy_version)
    columns = (passages.c.id, passages.c.is_current, tags.c.concern, tags.c.stance, tags.c.score, *by, tags.c.since_run)
    joined = passages.outerjoin(tags).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    now = select(*columns).select_from(joined)
    for chunk in in_chunks(ids):
        for id_, is_current, *tag in connection.execute(now.where(passages.c.id.in_(chunk))).all():
            one = found.get(id_)
            if one is None:
                one = found[id_] = Predictions(is_current)
            if tag[0] is not None:
                one.tags.append(_Tag(*tag))
    # Most stores have none, or few.
    if connection.execute(select(lost_tags.c.seq).limit(1)).first() is None:
        return found
    when = (lost_tags.c.since_run, lost_tags.c.until_run)
    columns = (passages.c.id, lost_tags.c.concern, lost_tags.c.stance, lost_tags.c.score, *by, *when)
    joined = lost_tags.join(passages).outerjoin(taggings, taggings.c.passage_seq == passages.c.seq)
    lost = select(*columns).select_from(joined).order_by(lost_tags.c.seq)
    for chunk in in_chunks(list(found)):
        for id_, *tag in connection.execute(lost.where(passages.c.id.in_(chunk))):
            found[id_].lost.append(_Tag(*tag))
    return found
