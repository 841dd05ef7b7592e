"""Commands over the whole corpus: refresh, retag, search, status."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ascn_nlp.cli.options import (
    AnyDateOption,
    CityOption,
    ConcernOption,
    CountryOption,
    GenreOption,
    JsonOption,
    MinScoreOption,
    SinceOption,
    SourceOption,
    StanceOption,
    UntilOption,
    WorkspaceOption,
)

if TYPE_CHECKING:
    from ascn_nlp.refreshing import Summary
    from ascn_nlp.workspace import Workspace


def refresh(
    workspace: WorkspaceOption = Path(),
    sources: Annotated[Path | None, typer.Option(help="Another table of sources than the workspace's.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this source; repeat for more.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing over the network.")] = False,
    failed_only: Annotated[
        bool, typer.Option("--failed-only", help="Also try again what failed or stayed unread.")
    ] = False,
) -> None:
    """Bring the corpus up to date: find, fetch, read, tag, and write data/exports/review.csv.

    A second run does only what is new. A run that was stopped goes on where it was.

    Example: ascn-nlp refresh --only my-reports
    """
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import note, progress_shown
    from ascn_nlp.refreshing import begin_refresh, closing_on_error, end_refresh
    from ascn_nlp.workspace import open_workspace

    place, names = open_workspace(workspace, sources=sources), only or []
    begun = begin_refresh(place, names)
    with closing_on_error(place, begun):
        if failed_only or pipeline.has_work(place, names, offline):
            from ascn_nlp.prefect_runtime import run_flow

            note("starting Prefect ...")
            where = {"workspace": str(place.root), "sources": str(place.sources)}
            what = {"only": names, "offline": offline, "failed_only": failed_only, "begun": begun}
            with progress_shown():
                result = run_flow("refresh", **where, **what)
        else:
            result = end_refresh(place, begun, begun["counts"])
    raise typer.Exit(_show_refresh(place, result, names, offline))


def _show_refresh(place: Workspace, result: Summary, only: list[str], offline: bool) -> int:
    """Print the summary; the exit status."""
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import line, note, table
    from ascn_nlp.store.documents import counts_by_date, counts_by_outcome, standing_failures, standing_issues

    names = [source.id for source in pipeline.sources_of(place, only)]
    with pipeline.store_of(place).reading() as connection:
        outcomes = [row for row in counts_by_outcome(connection) if row["source_id"] in names]
        dates = counts_by_date(connection, place.since, place.until)
        failures = standing_failures(connection, names)
        remarks = [row for row in standing_issues(connection, names) if not row["is_failure"]]
    columns = ("read", "partly_read", "unread", "failed")
    by_source: dict[str, dict[str, int]] = {name: dict.fromkeys((*columns, "waiting"), 0) for name in names}
    for row in outcomes:
        by_source[row["source_id"]][row["outcome"] or "waiting"] += row["documents"]
    rows = [(name, *counts.values(), sum(counts.values())) for name, counts in by_source.items()]
    table("Documents", ("source", "read", "partly read", "unread", "failed", "waiting", "all"), rows)
    counts = result["counts"]
    table("This run", ("what", "count"), [(label, counts.get(key, 0)) for key, label in _SHOWN.items()])
    window = f"{place.since} to {place.until}"
    line(
        f"Dates: {dates['in_window']} documents within {window}, {dates['out_of_window']} outside it, "
        f"{dates['undated']} undated; only the first are exported (see --any-date)."
    )
    _show_issues("Failed", failures)
    _show_issues("Not wholly read, or worth knowing", remarks)
    for problem in result["problems"]:
        note(f"! {problem}")
    if offline and any(row["outcome"] is None for row in outcomes):
        line("Documents waiting have not been fetched: run without --offline.")
    if result["kept"]:
        line(f"{result['kept']} holds decisions that are not imported yet and was left as it is; run: "
             f"ascn-nlp review import {result['kept']}")  # fmt: skip
    line(f"Review CSV: {result['review']}")
    return 3 if failures or result["problems"] else 0


_SHOWN = {
    "new": "documents new in their source",
    "gone": "documents gone from their source",
    "fetch.fetched": "documents fetched, new or changed",
    "read.passages": "passages added",
    "read.passages_dropped": "passages no longer there",
    "tag.passages": "passages tagged",
    "tag.tags": "tags",
}
# More than these are told by `status`.
_ISSUES_SHOWN = 12


def _show_issues(title: str, rows: list[Any]) -> None:
    from ascn_nlp.cli.console import line

    if not rows:
        return
    line(f"\n{title}:")
    for row in rows[:_ISSUES_SHOWN]:
        remedy = f"\n      {row['remedy']}" if row["remedy"] else ""
        line(f"  {row['source_id']}/{row['address']} [{row['stage']}] {row['message']}{remedy}")
    if len(rows) > _ISSUES_SHOWN:
        line(f"  and {len(rows) - _ISSUES_SHOWN} more: ascn-nlp status")


def retag(
    workspace: WorkspaceOption = Path(),
    concern: ConcernOption = None,
    city: CityOption = None,
    country: CountryOption = None,
    source: SourceOption = None,
    genre: GenreOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    model: Annotated[Path | None, typer.Option(help="Folder of the weights to use instead of the workspace's.")] = None,
    tagger: Annotated[str, typer.Option(help="rules, model or both; default: the workspace's.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Tag stored passages again, after a change of taxonomy or model; print tags gained, lost and changed.

    Reviews are never touched. Dates are not limited to the window unless --since or --until is given.

    Example: ascn-nlp retag --concern surveillance --since 2020 --dry-run
    """
    from ascn_nlp import retagging
    from ascn_nlp.cli.console import line, note, progress_shown, table
    from ascn_nlp.filters import Filters
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, tagger=tagger, model=model)
    filters = Filters(
        city=tuple(city or ()), country=tuple(country or ()), source=tuple(source or ()), genre=tuple(genre or ()),
        since=since, until=until,
    )  # fmt: skip
    with progress_shown():
        result = retagging.retag(place, filters, tuple(concern or ()), is_dry_run=dry_run)
    for warning in result.warnings:
        note(f"! {warning}")
    if json:
        for change in result.changes:
            line(change.as_json())
        return
    rows = [(name, *counts) for name, counts in sorted(result.by_concern.items())]
    table("Tags", ("concern", "gained", "lost", "changed", "same"), rows)
    done = "would be tagged again; nothing was changed" if dry_run else "tagged again"
    line(f"{result.passages} passages {done}.")


def search(
    words: Annotated[list[str], typer.Argument(help='Words that must all occur; a phrase as "\\"smart city\\"".')],
    workspace: WorkspaceOption = Path(),
    concern: ConcernOption = None,
    stance: StanceOption = None,
    city: CityOption = None,
    country: CountryOption = None,
    source: SourceOption = None,
    genre: GenreOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    any_date: AnyDateOption = False,
    min_score: MinScoreOption = 0.0,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="At most so many passages.")] = 20,
    json: JsonOption = False,
) -> None:
    """Find passages by their words.

    Example: ascn-nlp search facial recognition --country SG --since 2020
    """
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.filters import Filters
    from ascn_nlp.review_files import window_filters
    from ascn_nlp.store.passages import search as search_passages
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    filters = Filters(
        concern=tuple(concern or ()), stance=tuple(stance or ()), city=tuple(city or ()), country=tuple(country or ()),
        source=tuple(source or ()), genre=tuple(genre or ()), since=since, until=until, min_score=min_score,
    )  # fmt: skip
    with pipeline.store_of(place).reading() as connection:
        found = search_passages(connection, " ".join(words), window_filters(place, filters, any_date), limit)
    for row in found:
        where = f"{row['title'] or row['address']} ({row['published'] or 'undated'}), page {row['page'] or '-'}"
        if json:
            keys = ("id", "document_id", "title", "published", "page", "text", "url")
            line({key: row[key] for key in keys})
        else:
            line(f"{where}\n  {' '.join(row['text'].split())}\n")
    if not found:
        note("no passage holds all these words; fewer words or --any-date may help")


def status(
    workspace: WorkspaceOption = Path(),
    failed: Annotated[bool, typer.Option("--failed", help="Only failures.")] = False,
    json: JsonOption = False,
) -> None:
    """Counts by source and outcome, what failed and why, and the last runs.

    Example: ascn-nlp status --failed
    """
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import line, table
    from ascn_nlp.store.documents import counts_by_date, counts_by_outcome, standing_failures, standing_issues
    from ascn_nlp.store.reviews import count_reviews
    from ascn_nlp.store.runs import last_runs
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    with pipeline.store_of(place).reading() as connection:
        outcomes, runs = counts_by_outcome(connection), last_runs(connection)
        dates, reviews = counts_by_date(connection, place.since, place.until), count_reviews(connection)
        issues = standing_failures(connection) if failed else standing_issues(connection)
    if json:
        line({
            "documents": [dict(row) for row in outcomes],
            "dates": dates,
            "decisions": reviews,
            "issues": [{**row, "at": row["at"].isoformat()} for row in issues],
            "runs": [{**run, "started_at": str(run["started_at"]), "ended_at": str(run["ended_at"])} for run in runs],
        })  # fmt: skip
        return
    rows = [(row["source_id"], row["outcome"] or "waiting", row["documents"]) for row in outcomes]
    table("Documents", ("source", "outcome", "documents"), rows)
    shown = [(run["id"], run["flow"], run["state"], f"{run['started_at']:%Y-%m-%d %H:%M}") for run in runs]
    table("Runs", ("run", "flow", "state", "started"), shown)
    line(f"Dates: {dates['in_window']} in the window, {dates['out_of_window']} outside, {dates['undated']} undated.")
    line(f"Decisions imported: {reviews}.")
    for row in issues:
        kind = "FAILED" if row["is_failure"] else "note"
        remedy = f"\n      {row['remedy']}" if row["remedy"] else ""
        line(f"{kind} {row['source_id']}/{row['address']} [{row['stage']}] {row['message']}{remedy}")
