"""The report as a page: the passages behind its numbers are read from the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ascn_nlp import __version__
from ascn_nlp.filters import Filters
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.pipeline import store_of
from ascn_nlp.report import figures
from ascn_nlp.report.frames import VOICES, Facts
from ascn_nlp.report.matrix import STANCES
from ascn_nlp.report.page import page
from ascn_nlp.report.page_data import (
    PageData,
    Sampled,
    ShownConcern,
    ShownDocument,
    ShownFigure,
    ShownPassage,
    ShownPlace,
    ShownSpan,
    ShownTag,
    ShownUncounted,
    ShownVariant,
    cells_of,
)
from ascn_nlp.report.shown import ConcernName, Frames
from ascn_nlp.report.uncounted import REASONS, reasons_of
from ascn_nlp.report.whole import Report
from ascn_nlp.reporting.wording import dates_in_words
from ascn_nlp.review.evidence import words_of
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.rows import link
from ascn_nlp.store.reviews import judged_passages
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace

if TYPE_CHECKING:
    from pandas import DataFrame

# Passages that a page shows at most: what a browser still opens in a moment.
MOST_PASSAGES = 20_000
_CUT = " […]"


def page_of(workspace: Workspace, report: Report, quote_limit: int = 0) -> Iterator[str]:
    """The parts of one HTML file; quotes of at most ``quote_limit`` characters, around the evidence, if it is not 0."""
    return page(page_data(workspace, report, quote_limit))


def page_data(workspace: Workspace, report: Report, quote_limit: int = 0) -> PageData:
    """What the page shows: every number of the report, and the passages that were counted.

    Those with a tag come first, and those that do not fit are the last. Where quotes are cut, passages without a tag
    are left out, or what is passed on would hold most of a document.
    """
    taxonomy, names = load_taxonomy(workspace.taxonomy), country_names(workspace)
    tagged = shown_ids(report.facts.tagged, report.stances)
    ids = tagged if quote_limit else [*tagged, *untagged_ids(report.facts)]
    passages, documents = passages_of(workspace, report, ids[:MOST_PASSAGES], quote_limit)
    of = int(report.facts.spoken["passage_id"].nunique())
    which = "only those with a tag, so that no document is passed on" if quote_limit else "those with a tag come first"
    concerns = [taxonomy.concern(name) for name in report.concerns]
    return PageData(
        title="What is raised, and by nobody addressed",
        made=report.made,
        maker=f"ascn-nlp {__version__}, tagger: {report.tagger}",
        window=dates_in_words(report.window),
        filters=_parts(report),
        notes=report.notes,
        concerns=tuple(ShownConcern(c.id, c.name, c.theme, c.include, c.exclude) for c in concerns),
        places=tuple(
            ShownPlace(place, names.get(place, place), country, names.get(country, ""))
            for place, country in report.places.items()
        ),
        years=report.years,
        cells=cells_of(_cells(report)),
        figures=tuple(figures_of(workspace, report)),
        documents=documents,
        passages=passages,
        sampled=Sampled(len(passages), of, which) if of > len(passages) else None,
        uncounted=tuple(_uncounted(report)),
        variants=tuple(_variants(report)),
        stances=tuple(one for one in STANCES if one in (report.stances or STANCES)),
    )


def _cells(report: Report) -> DataFrame:
    """The cells of the page: by year, of all years together, and of all places together."""
    import pandas as pd

    overall = report.overall.merge(report.robustness, on=["concern", "place"], how="left")
    return pd.concat([overall, report.matrix], ignore_index=True)


def _uncounted(report: Report) -> Iterator[ShownUncounted]:
    counts = report.uncounted.groupby(["place", "year", "reason"], as_index=False)["passages"].sum()
    for place, year, reason, passages in counts.itertuples(index=False, name=None):
        yield ShownUncounted(place, int(year) or None, REASONS[reason], int(passages))


def _variants(report: Report) -> Iterator[ShownVariant]:
    """The other ways to count, those that could not be tried too; the first row is what is counted otherwise."""
    for name, why in report.variants[["counted", "not tried"]].iloc[1:].itertuples(index=False, name=None):
        yield ShownVariant(name, why)


def untagged_ids(facts: Facts) -> list[str]:
    """The ids of the passages that were counted and have no tag, in reading order: what silence rests on."""
    tagged = set(facts.tagged["passage_id"])
    return [id_ for id_ in dict.fromkeys(facts.spoken["passage_id"]) if id_ not in tagged]


def shown_ids(tagged: DataFrame, stances: Sequence[str] = ()) -> list[str]:
    """The ids of the passages with a tag that counts, of these stances if any are named.

    Reviewed ones come first, then the highest score.
    """
    wanted = tagged[tagged["stance"].isin(stances)] if stances else tagged
    ranked = wanted.assign(is_open=tagged["review"] == "none").sort_values(
        ["is_open", "score", "passage_id"], ascending=[True, False, True]
    )
    return list(dict.fromkeys(ranked["passage_id"]))


def figures_of(workspace: Workspace, report: Report) -> Iterator[ShownFigure]:
    """The figures with their captions and numbers; of one that cannot be drawn the reason."""
    frames = frames_of(workspace, report)
    for name, draw in figures.FIGURES.items():
        drawn = draw(frames)
        if drawn is None:
            yield ShownFigure(name, figures.title(name), figures.caption(name, frames), "")
            continue
        table = figures.table_of(name, frames)
        rows = tuple(tuple(_cell(value) for value in row) for row in table.to_numpy().tolist())
        told = (name, figures.title(name), figures.caption(name, frames), figures.svg(drawn))
        yield ShownFigure(*told, tuple(map(str, table.columns)), rows)


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, int | float):
        return None if value != value else value  # NaN is no number, and none in JSON
    return str(value)


def frames_of(workspace: Workspace, report: Report) -> Frames:
    """What the figures are drawn from."""
    return Frames(
        spoken=report.facts.spoken,
        tagged=report.facts.tagged,
        matrix=report.matrix,
        concerns={c: ConcernName(name, report.themes[c]) for c, name in report.concerns.items()},
        countries=country_names(workspace),
        places=report.places,
        uncounted=reasons_of(report.uncounted),
        window=dates_in_words(report.window),
        filters="; ".join(_parts(report, is_of_figures=True)),
    )


def _parts(report: Report, is_of_figures: bool = False) -> tuple[str, ...]:
    """What was asked for, each in words; figures are of all stances, whichever are asked for."""
    parts = filter(None, report.filters.split("; "))
    return tuple(part for part in parts if not (is_of_figures and part.startswith("stance ")))


def country_names(workspace: Workspace) -> dict[str, str]:
    """{code of a country: its name}."""
    others = load_gazetteer(workspace.gazetteer).others
    return {one.code: one.name for one in others if one.kind == "country"}


def passages_of(
    workspace: Workspace, report: Report, ids: Sequence[str], quote_limit: int
) -> tuple[tuple[ShownPassage, ...], tuple[ShownDocument, ...]]:
    """(the passages with these ids that are counted, in their order, their documents)."""
    tags: dict[str, list[Any]] = {}
    for row in report.facts.tagged.itertuples(index=False):
        if not report.stances or row.stance in report.stances:
            tags.setdefault(str(row.passage_id), []).append(row)
    spoken = report.facts.spoken.groupby("passage_id", sort=False)
    places = spoken["place"].agg(tuple).to_dict()
    years = spoken["year"].first().to_dict()
    known = set(report.places)
    passages, documents = [], {}
    with store_of(workspace).reading() as connection:
        for one in judged_passages(connection, Filters(), True, [id_ for id_ in ids if id_ in places]):
            id_, document = one.passage["id"], _document(one)
            documents[document.id] = document
            given = tags.get(id_, [])
            text, spans = _quote(one, {tag.concern for tag in given}, quote_limit)
            shown = (ShownTag(t.concern, t.stance, float(t.score), bool(t.is_unsure), t.review) for t in given)
            passages.append(
                ShownPassage(
                    id=id_,
                    document=document.id,
                    page=_page(one.passage["places"]),
                    text=text,
                    evidence=spans,
                    heading=" > ".join(one.passage["heading"]),
                    places=tuple(place for place in places[id_] if place in known),
                    year=int(years[id_]),
                    tags=tuple(shown),
                    language=one.passage["language"],
                )
            )
    return tuple(passages), tuple(documents.values())


def _document(one: Judged) -> ShownDocument:
    passage = one.passage
    genre = passage["genre"] or "other"
    return ShownDocument(
        id=passage["document_id"],
        title=passage["title"] or "",
        publisher=passage["publisher"] or "",
        genre=genre,
        voice=VOICES.get(genre, "other"),
        published=passage["published"] or "",
        date_basis=passage["date_basis"] or "",
        url=link(passage["url"] or "", passage["page"]),
        source=passage["source_id"],
    )


def _page(places: Sequence[Sequence[Any]]) -> str:
    """The page to cite: the printed label, where there is one."""
    return ", ".join(dict.fromkeys(str(label or page) for page, label, *_ in places if page))


def _quote(one: Judged, concerns: set[str], limit: int) -> tuple[str, tuple[ShownSpan, ...]]:
    """The passage, or so much of it around its first evidence, and the evidence of these concerns in it."""
    text = one.passage["text"]
    found = [
        (words.start, words.end, f"{tag['concern']}: {words.why}")
        for tag, _ in one.pairs
        if tag and tag["concern"] in concerns
        for words in words_of(tag)
    ]
    first, last = 0, len(text)
    if limit and len(text) > limit:
        first = max(0, min(min((start for start, *_ in found), default=0) - limit // 4, len(text) - limit))
        last = first + limit
    head, tail = _CUT.strip() + " " if first else "", _CUT if last < len(text) else ""
    inside = [(max(a, first), min(b, last), why) for a, b, why in found if a < last and b > first]
    shown = tuple(ShownSpan(a - first + len(head), b - first + len(head), why) for a, b, why in sorted(inside))
    return head + text[first:last] + tail, shown
