"""The report of what the store holds."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.gazetteer import Gazetteer, load_gazetteer
from ascn_nlp.pipeline import store_of
from ascn_nlp.report.frames import Facts, Said, rejected, spoken_frame, tagged_frame, uncounted_frame
from ascn_nlp.report.matrix import matrix
from ascn_nlp.report.sensitivity import sensitivity
from ascn_nlp.report.whole import PLACES, Report
from ascn_nlp.reporting.wording import (
    command_of,
    in_words,
    left_out,
    on_places,
    on_tags,
    on_variants,
    passages_alone,
    window_left,
)
from ascn_nlp.review.estimates import Rates
from ascn_nlp.reviewing.figures import model_name, status_of
from ascn_nlp.reviewing.gathered import gather
from ascn_nlp.store.facts import given_tags, spoken_rows, tagger_of, uncounted_rows
from ascn_nlp.tagging import LANGUAGES, UNTAGGED_KINDS
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace

if TYPE_CHECKING:
    from pandas import DataFrame


def make_report(workspace: Workspace, filters: Filters, by: str = "city") -> Report:
    """The report of the passages that the filters select; concern and score select tags, a stance selects columns.

    OptionError where ``by`` is no kind of place.
    """
    if by not in PLACES:
        raise OptionError(f"{by!r} is no kind of place", "--by", f"one of: {', '.join(PLACES)}")
    taxonomy, gazetteer = load_taxonomy(workspace.taxonomy), load_gazetteer(workspace.gazetteer)
    with store_of(workspace).reading() as connection:
        tagger = model_name(tagger_of(connection))
    rates, rated, sample = audited_rates(workspace, tagger)
    with store_of(workspace).reading() as connection:
        limits = (passages_alone(filters), LANGUAGES, UNTAGGED_KINDS)
        spoken = spoken_frame(spoken_rows(connection, *limits, by_country=by == "country"))
        places = _places(gazetteer, spoken, filters, by)
        facts = _facts(connection, workspace, filters, spoken[spoken["place"].isin(places)], rates)
        every = uncounted_frame(uncounted_rows(connection, *limits, by_country=by == "country"))
        uncounted = every[every["place"].isin(places)].reset_index(drop=True)
        names = {one.code: one.name for one in gazetteer.others if one.kind == "country"}
        told = [*left_out(connection, filters, facts, by), *on_tags(facts, filters)]
        told += on_places(places, facts, uncounted, names)
    concerns = [c.id for c in taxonomy.concerns if not filters.concern or c.id in filters.concern]
    years = _years(spoken, filters)
    variants, robustness = sensitivity(facts, concerns, list(places))
    told += on_variants(variants)
    return Report(
        facts=facts,
        matrix=matrix(facts, concerns, list(places), years, rates=rates),
        overall=matrix(facts, concerns, list(places), years, by_year=False, rates=rates),
        variants=variants,
        robustness=robustness,
        concerns={name: taxonomy.concern(name).name for name in concerns},
        themes={name: taxonomy.concern(name).theme for name in concerns},
        places=places,
        years=years,
        by=by,
        window=(filters.since, filters.until),
        filters=in_words(filters),
        command=command_of(filters, by),
        notes=(*told, *filter(None, [window_left((workspace.since, workspace.until), filters)]), rated),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        tagger=workspace.tagger,
        uncounted=uncounted,
        rates=rates,
        sample=sample,
        stances=filters.stance,
    )


def _facts(
    connection: Connection, workspace: Workspace, filters: Filters, spoken: DataFrame, rated: Container[str]
) -> Facts:
    """What is counted. A score that is asked for is asked of tags that nobody has decided on.

    A passage is read whole where every concern is settled; one that was defined otherwise then need not be, unless it
    is ``rated``: of others nothing is corrected.
    """
    gathered = gather(connection, workspace)
    settled, pending = gathered.settled, gathered.pending
    known = {id_: {*held, *(c for c in pending.get(id_, ()) if c not in rated)} for id_, held in settled.items()}
    ids = set(spoken["passage_id"])
    tags = [
        Said(*one)
        for one in given_tags(connection, passages_alone(filters), LANGUAGES, UNTAGGED_KINDS)
        if one.passage_id in ids
        and (filters.min_score <= one.score <= filters.max_score or one.concern in settled.get(one.passage_id, ()))
    ]
    tagged = tagged_frame(tags, settled, spoken["passage_id"].unique())
    return Facts(
        spoken,
        tagged[tagged["concern"].isin(filters.concern)] if filters.concern else tagged,
        read=frozenset(id_ for id_ in ids & known.keys() if known[id_] >= set(gathered.concerns)),
        rejected=rejected(tags, settled),
    )


def _places(gazetteer: Gazetteer, spoken: DataFrame, filters: Filters, by: str) -> dict[str, str]:
    """{place: country}: all cities of the network (or their countries) that the filters leave, by country and name.

    OptionError where they leave none: a report of nowhere would look like silence.
    """
    cities = [c for c in gazetteer.cities if not filters.country or c.country in filters.country]
    cities = [c for c in cities if not filters.city or c.name in filters.city]
    if by == "country":
        found = {c.country: c.country for c in cities}
        if not filters.city:
            more = filters.country or spoken["country"].unique()
            found |= dict(zip(more, more, strict=True))
    else:
        found = {c.name: c.country for c in cities}
    if not found:
        asked = " and ".join(filter(None, (" or ".join(filters.city), " or ".join(filters.country))))
        remedy = "--by country, or another country" if not filters.city else "leave out one of the two"
        raise OptionError(f"no city of the network is in {asked}", "--country", remedy)
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _years(spoken: DataFrame, filters: Filters) -> tuple[int, ...]:
    """The years of the window; without one, from the first to the last in which anything was published."""
    found = spoken["year"]
    first = int(filters.since[:4]) if filters.since else int(found.min()) if len(found) else 0
    last = int(filters.until[:4]) if filters.until else int(found.max()) if len(found) else -1
    return tuple(range(first, last + 1))


class Audited(NamedTuple):
    """{concern: what the latest random audit tells of precision and recall}, a sentence on it, the sample's name."""

    rates: dict[str, Rates]
    told: str
    sample: str = ""


def audited_rates(workspace: Workspace, tagger: str) -> Audited:
    """What the latest random audit tells of this tagger; no rates, and the reason, where there is none."""
    audits = [one for one in status_of(workspace).audits if one.estimates]
    fitting = [one for one in audits if one.tagger == tagger]
    # How the tagger errs in one city or in one genre tells little of how it errs in the others.
    of_all = [one for one in fitting if one.filters.keys() <= {"since", "until"}]
    if not of_all:
        why = "no random sample has been reviewed (ascn-nlp review export audit.xlsx --sample random -n 200)"
        if fitting:
            chosen = ", ".join(sorted(fitting[-1].filters.keys() - {"since", "until"}))
            why = f"the random sample {fitting[-1].sample} that was reviewed is of chosen passages alone ({chosen})"
        elif audits:
            why = f"the random sample that was reviewed is of another tagger, {audits[-1].tagger}"
        return Audited({}, f"Counts are not corrected for the tagger's errors: {why}.")
    latest = of_all[-1]
    assert latest.estimates is not None
    rates = dict(zip(latest.concerns, latest.estimates.concerns, strict=True))
    names = ", ".join(latest.redefined)
    left = f" Not corrected, since it was defined otherwise then: {names}." if names else ""
    told = (
        "Corrected counts take tags that people judged as judged and others times precision, and add what is missed in "
        "passages that nobody read whole, by recall. Precision and recall are from "
        f"{latest.estimates.reviewed} passages of the random sample {latest.sample} that people read whole. It is "
        f"assumed that the tagger errs in a cell as it does in all that the sample was drawn from.{left}"
    )
    return Audited(rates, told, latest.sample)
