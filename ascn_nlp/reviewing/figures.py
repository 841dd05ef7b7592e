"""How far a review has come, how far its coders agree, and what it tells of the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, RowMapping

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import BY_TAG, given
from ascn_nlp.pipeline import store_of
from ascn_nlp.review.agreement import Agreement, agreement, disagreements
from ascn_nlp.review.estimates import Audit, Estimates, estimate
from ascn_nlp.review.judgements import ABSENT, HOLDS, UNNAMED, Judgement, Judgements
from ascn_nlp.review.stopping import Missed, still_missed
from ascn_nlp.reviewing.gathered import Gathered, Label, definitions_of, gather
from ascn_nlp.reviewing.standing import standing_reviews
from ascn_nlp.store.reviews import (
    all_reviews,
    anchors,
    count_reviews,
    current_tags_by_id,
    reviewed_passages,
)
from ascn_nlp.store.samples import Drawn, all_codebooks, all_samples, drawn_passages
from ascn_nlp.workspace import Workspace

PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far coders agree: on each concern, on all together, and on stances where both say that it holds."""

    concerns: dict[str, Agreement]
    every: Agreement
    stance: Agreement
    passages: tuple[str, ...]  # ids of passages on which any two disagree, in the order first met
    remarks: dict[str, str]  # {passage id: who holds what where they disagree}


def agreement_of(
    workspace: Workspace, coders: Sequence[str] = (), with_model: bool = False, is_blind_only: bool = False
) -> Agreed:
    """How far coders agree; of some of them, if they are named, and the model too, if wanted.

    OptionError for a coder who has decided on nothing.
    """
    with store_of(workspace).reading() as connection:
        gathered = gather(connection, workspace, is_blind_only)
        found = dict(gathered.by_coder)
        ids = list(dict.fromkeys(id_ for passages in found.values() for id_ in passages))
        about = {row["id"]: row for row in reviewed_passages(connection, ids)}
        if with_model:
            found |= _model_as_coder(connection, about, gathered.concerns)
    if unknown := [name for name in coders if name not in found]:
        raise OptionError(
            f"{unknown[0]!r} has decided on nothing", "--coder", f"one of: {', '.join(found) or 'nobody'}"
        )
    found = {name: found[name] for name in found if not coders or name in coders}
    documents = {id_: row["document_id"] for id_, row in about.items()}
    groups = {(id_, concern): documents.get(id_, id_) for id_ in ids for concern in gathered.concerns}
    holds = {coder: _presence(passages) for coder, passages in found.items()}
    stances = {coder: _stances(passages) for coder, passages in found.items()}
    return Agreed(
        concerns={name: agreement(_of_concern(holds, name), groups) for name in gathered.concerns},
        every=agreement(holds, groups),
        stance=agreement(stances, groups),
        passages=tuple(dict.fromkeys(unit[0] for unit in [*disagreements(holds), *disagreements(stances)])),
        remarks=_remarks(holds, stances),
    )


Unit = tuple[str, str]
Codings = dict[str, dict[Unit, str]]


def _model_as_coder(connection: Connection, about: dict[str, RowMapping], concerns: Sequence[str]) -> Judgements:
    """What the tagger says now of these passages, under its own name; of the concerns it does not tag, "absent"."""
    found: Judgements = {}
    for id_, tagged in current_tags_by_id(connection, list(about)).items():
        coder = model_name(about[id_]["tagger_id"])
        found.setdefault(coder, {})[id_] = {name: tagged.get(name, ABSENT) for name in concerns}
    return found


def model_name(tagger_id: str) -> str:
    """The name of a tagger as a coder: its kind and as much of its digest as tells it apart."""
    kind, _, digests = tagger_id.partition("-")
    return f"{kind}-{digests[:8]}" if digests else kind


def _presence(passages: dict[str, Judgement]) -> dict[Unit, str]:
    return {
        (id_, concern): ABSENT if value == ABSENT else PRESENT
        for id_, judgement in passages.items()
        for concern, value in judgement.items()
    }


def _stances(passages: dict[str, Judgement]) -> dict[Unit, str]:
    return {
        (id_, concern): value
        for id_, judgement in passages.items()
        for concern, value in judgement.items()
        if value not in (ABSENT, HOLDS)
    }


def _of_concern(holds: Codings, name: str) -> Codings:
    return {coder: {unit: v for unit, v in units.items() if unit[1] == name} for coder, units in holds.items()}


def _remarks(*codings: Codings) -> dict[str, str]:
    """{passage id: "privacy: ann: present, bo: absent; ..."} of what coders see differently."""
    found: dict[str, list[str]] = {}
    for coding in codings:
        for unit in disagreements(coding):
            said = ", ".join(f"{coder}: {units[unit]}" for coder, units in coding.items() if unit in units)
            found.setdefault(unit[0], []).append(f"{unit[1]}: {said}")
    return {passage: "; ".join(lines) for passage, lines in found.items()}


@dataclass(frozen=True, slots=True)
class Progress:
    """How many decisions stand on a concern, and what they say."""

    accepted: int  # passages in which people hold that it is there
    rejected: int  # passages in which they hold that it is not
    split: int  # passages on which they are split evenly
    stale: int  # labels made under another definition than today's, named and implied


@dataclass(frozen=True, slots=True)
class Audited:
    """What one random sample tells of all passages that it was drawn from, as they were tagged then.

    ``filters`` are the conditions on those, {option: value}. ``estimates``, with a column for each of ``concerns``, is
    None where nothing of it has been reviewed whole, and where it was selected by tag: then what is missed was never in
    sight. ``redefined`` are the other concerns, whose definitions have changed since, and in how many of its passages
    each is to be decided anew before it counts again.
    """

    sample: str
    at: datetime
    tagger: str
    passages: int
    concerns: tuple[str, ...]
    estimates: Estimates | None
    redefined: dict[str, int]
    filters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stopping:
    """What a plain sample of passages not settled on every concern tells of what is still missed, by concern.

    ``filters`` are the conditions on the passages it was drawn from, {option: value}; with one on tags it tells of no
    concern. Nor does it of those ``redefined`` since it was drawn.
    """

    sample: str
    at: datetime
    sampled: int
    drawn: int
    missed: dict[str, Missed]
    redefined: tuple[str, ...]
    filters: dict[str, Any]


def is_by_tag(sample: Audited | Stopping) -> bool:
    """Whether its passages were selected by their tags; no sample is drawn like that any more."""
    return not sample.filters.keys().isdisjoint(BY_TAG)


@dataclass(frozen=True, slots=True)
class Status:
    """How far a review has come."""

    decisions: int  # ever imported
    coders: dict[str, int]  # passages that each has decided on
    concerns: dict[str, Progress]
    unsure: int
    moved: int
    orphaned: tuple[str, ...]
    stale: tuple[Label, ...]  # those that name their concern
    implied: dict[str, dict[str, int]]  # {reviewer: {concern: those of passages read whole, which name none}}
    audits: tuple[Audited, ...]
    stopping: tuple[Stopping, ...]


def status_of(workspace: Workspace) -> Status:
    """How far the review in a workspace has come."""
    with store_of(workspace).reading() as connection:
        gathered = gather(connection, workspace)
        settled, verdicts = gathered.settled, standing_reviews(connection)
        codebooks, definitions = all_codebooks(connection), definitions_of(workspace)

        def redefined(sample: RowMapping, drawn: Sequence[Drawn]) -> dict[str, int]:
            then = codebooks.get(sample["population"].get("codebook", ""))
            return _redefined(gathered, settled, drawn, sample["kind"], then, definitions)

        samples = [(row, drawn_passages(connection, row["id"])) for row in all_samples(connection)]
        now_at = anchors(connection, [one.passage_id for _, drawn in samples for one in drawn])
        draws = [
            (row, [one._replace(passage_id=now_at.get(one.passage_id, one.passage_id)) for one in drawn])
            for row, drawn in samples
        ]
        read = list(dict.fromkeys(row["passage_id"] for row in verdicts))
        by_coder = {(row["reviewer"] or UNNAMED, row["passage_id"]) for row in verdicts}
        return Status(
            decisions=count_reviews(connection),
            coders=dict(sorted(Counter(coder for coder, _ in by_coder).items())),
            concerns=_progress(gathered, settled),
            unsure=sum(row["decision"] == "unsure" for row in verdicts),
            moved=len(anchors(connection)),
            orphaned=tuple(row["id"] for row in reviewed_passages(connection, read) if not row["is_current"]),
            stale=gathered.stale,
            implied=_implied(gathered),
            audits=tuple(
                _audited(gathered, settled, *one, redefined(*one)) for one in draws if one[0]["kind"] == "random"
            ),
            stopping=tuple(
                _stopping(gathered, settled, *one, redefined(*one)) for one in draws if one[0]["kind"] == "rest"
            ),
        )


def _progress(gathered: Gathered, settled: Mapping[str, Judgement]) -> dict[str, Progress]:
    accepted, rejected, split = Counter[str](), Counter[str](), Counter[str]()
    for judgement in settled.values():
        accepted.update(concern for concern, value in judgement.items() if value != ABSENT)
        rejected.update(concern for concern, value in judgement.items() if value == ABSENT)
    for concerns in gathered.split.values():
        split.update(concerns)
    stale = Counter(concern for _, _, concern in (*gathered.stale, *gathered.implied))
    return {name: Progress(accepted[name], rejected[name], split[name], stale[name]) for name in gathered.concerns}


def _implied(gathered: Gathered) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for (reviewer, concern), count in sorted(Counter((who, name) for who, _, name in gathered.implied).items()):
        counts.setdefault(reviewer or UNNAMED, {})[concern] = count
    return counts


def _redefined(
    gathered: Gathered,
    settled: Mapping[str, Judgement],
    drawn: Sequence[Drawn],
    kind: str,
    then: Mapping[str, str] | None,
    definitions: Mapping[str, str],
) -> dict[str, int]:
    """{concern that a sample cannot tell of: passages of it on which to decide anew}.

    ``then`` are the definitions that it was drawn under, if they are known: of a concern defined so today it tells. Of
    another a random sample tells as soon as somebody has decided on it anew in each passage that was read whole; until
    then those decided anew may be the ones where the concern was thought of. A sample of the rest never does: what was
    found before it was drawn was found under another definition. Where ``then`` is not known, either sample tells of
    what nobody has to decide anew.
    """
    changed = {name for name in definitions if then is None or then.get(name) != definitions[name]}
    waiting = Counter[str]()
    for one in drawn:
        pending = gathered.pending.get(one.passage_id, frozenset())
        if pending | settled.get(one.passage_id, {}).keys() >= set(gathered.concerns):
            waiting.update(pending & changed)
    if kind == "rest" and then is not None:
        return {name: waiting[name] for name in sorted(changed)}
    return dict(sorted(waiting.items()))


def _whole(settled: Mapping[str, Judgement], drawn: Sequence[Drawn], concerns: Sequence[str]) -> list[Drawn]:
    """The passages of a sample on every one of these concerns of which people have settled."""
    return [one for one in drawn if concerns and set(settled.get(one.passage_id, ())) >= set(concerns)]


def _audited(
    gathered: Gathered,
    settled: Mapping[str, Judgement],
    sample: RowMapping,
    drawn: Sequence[Drawn],
    redefined: dict[str, int],
) -> Audited:
    names, population = tuple(name for name in gathered.concerns if name not in redefined), sample["population"]
    whole = _whole(settled, drawn, names)
    shape = (len(whole), len(names))
    audit = Audit(
        population=np.array(population["passages"]),
        tagged=np.array([[counts.get(name, 0) for name in names] for counts in population["tagged"]]),
        strata=np.array([one.stratum for one in whole], np.int64),
        gold=np.array([[settled[one.passage_id][c] != ABSENT for c in names] for one in whole], bool).reshape(shape),
        predicted=np.array([[c in one.predicted for c in names] for one in whole], bool).reshape(shape),
    )
    about = (sample["id"], sample["at"], model_name(population["tagger"]), len(drawn), names)
    found = Audited(*about, estimates=None, redefined=redefined, filters=given(sample["filters"]))
    return replace(found, estimates=estimate([audit])) if whole and not is_by_tag(found) else found


def _stopping(
    gathered: Gathered,
    settled: Mapping[str, Judgement],
    sample: RowMapping,
    drawn: Sequence[Drawn],
    redefined: Collection[str],
) -> Stopping:
    """What the passages of a sample that are reviewed whole now tell of each concern, where it was not settled then."""
    names, population = [name for name in gathered.concerns if name not in redefined], sample["population"]
    whole = _whole(settled, drawn, names)
    # Samples of older versions were drawn from what nobody had decided on at all.
    unsettled = population.get("unsettled") or dict.fromkeys(gathered.concerns, population.get("unreviewed", 0))
    missed: dict[str, Missed] = {}
    for name in names:
        values = [settled[one.passage_id][name] for one in whole if name not in one.predicted]
        positive = sum(value != ABSENT for value in values)
        missed[name] = still_missed(population["found"].get(name, 0), unsettled[name], len(values), positive)
    about = (sample["id"], sample["at"], len(whole), len(drawn))
    found = Stopping(*about, missed, tuple(sorted(redefined)), given(sample["filters"]))
    return replace(found, missed={}) if is_by_tag(found) else found


def history_of(workspace: Workspace, passage_id: str) -> list[RowMapping]:
    """Every decision on a passage, oldest first; those on what it was before it was read anew among them.

    OptionError for an id that the store has never had a passage or a decision under.
    """
    with store_of(workspace).reading() as connection:
        before = [id_ for id_, now in anchors(connection).items() if now == passage_id]
        rows = [row for id_ in (passage_id, *before) for row in all_reviews(connection, id_)]
        if not rows and not list(reviewed_passages(connection, [passage_id])):
            remedy = "give the passage_id of a row of a review file"
            raise OptionError(f"there is no passage {passage_id!r} in this store", "PASSAGE", remedy)
        return sorted(rows, key=lambda row: int(row["seq"]))
