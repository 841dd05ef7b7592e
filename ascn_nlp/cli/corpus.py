"""Commands over the whole corpus: refresh, status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ascn_nlp.cli.options import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from ascn_nlp.refreshing import Summary
    from ascn_nlp.workspace import Workspace


def refresh(
    workspace: WorkspaceOption = Path(),
    sources: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another table of sources than the workspace's.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="ID", help="Only this source; repeat for more.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Fetch nothing over the network.")] = False,
    failed_only: Annotated[
        bool, typer.Option("--failed-only", help="Only try again what failed or stayed unread.")
    ] = False,
) -> None:
    """Bring the corpus up to date and write data/exports/review.csv.

    Finds, fetches, reads and tags what is new. A run that was stopped goes on where it was.

    Example: ascn-nlp refresh --only my-reports
    """
    from ascn_nlp import pipeline
    from ascn_nlp.choices import check_sources
    from ascn_nlp.cli.console import note, progress_shown
    from ascn_nlp.prefect_runtime import prepare, run_flow
    from ascn_nlp.refreshing import begin_refresh, closing_on_error, end_refresh
    from ascn_nlp.sources import KINDS
    from ascn_nlp.workspace import open_workspace

    place, names = open_workspace(workspace, sources=sources), only or []
    check_sources(place, names, "--only")
    if not place.contact and not offline and any(one.kind != "folder" for one in pipeline.sources_of(place, names)):
        note("no fetching.contact in ascn.toml: the keepers of the sites cannot reach you")
    asked = [one.id for one in pipeline.sources_of(place, names) if KINDS[one.kind].asks_network]
    if asked and not offline and not failed_only:
        note(f"asking {len(asked)} sources; a news search takes minutes the first time ...")
    begun = begin_refresh(place, names, offline, failed_only)
    with closing_on_error(place, begun):
        if pipeline.has_work(place, names, offline, failed_only):
            note("starting Prefect ...")
            where = {"workspace": str(place.root), "sources": str(place.sources)}
            what = {"only": names, "offline": offline, "failed_only": failed_only, "begun": begun}
            with progress_shown():
                result = run_flow("refresh", **where, **what)
        else:
            prepare()  # a run that was killed when its work was all but done may have left its server behind
            result = end_refresh(place, begun, begun["counts"])
    raise typer.Exit(_show_refresh(place, result, names, offline))


def _show_refresh(place: Workspace, result: Summary, only: list[str], offline: bool) -> int:
    """Print the summary; the exit status."""
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import line, table
    from ascn_nlp.pipeline.health import silent_sources, unasked_sources
    from ascn_nlp.store.documents import counts_by_date, counts_by_outcome, standing_failures, standing_issues

    unasked = {} if only else unasked_sources(place)
    names = [*dict.fromkeys([*(source.id for source in pipeline.sources_of(place, only)), *unasked])]
    with pipeline.store_of(place).reading() as connection:
        outcomes = [row for row in counts_by_outcome(connection) if row["source_id"] in names]
        dates = counts_by_date(connection, place.since, place.until, names)
        failures = standing_failures(connection, names)
        remarks = [row for row in standing_issues(connection, names) if not row["is_failure"]]
    columns = ("read", "partly_read", "unread", "failed")
    by_source: dict[str, dict[str, int]] = {name: dict.fromkeys((*columns, "waiting"), 0) for name in names}
    for row in outcomes:
        by_source[row["source_id"]][row["outcome"] or "waiting"] += row["documents"]
    rows = [(name, *counts.values(), sum(counts.values())) for name, counts in by_source.items()]
    table("Documents", ("source", "read", "partly read", "unread", "failed", "waiting", "all"), rows)
    counts = result["counts"]
    shown = [(label, counts.get(key, 0)) for key, label in _SHOWN.items()]
    table("This run", ("what", "count"), shown + [(_RARE[key], counts[key]) for key in _RARE if counts.get(key)])
    window = f"{place.since} to {place.until}"
    line(
        f"\n{dates['in_window']} documents of {window}, {dates['out_of_window']} of other times, {dates['undated']} "
        "undated.\nOnly the first are in the review CSV; review export --any-date takes all."
    )
    _show_unasked(unasked)
    _show_silent(silent_sources(place, only))
    _show_issues("Failed", failures, _ISSUES_SHOWN)
    _show_issues("Not wholly read, or worth knowing", remarks, _ISSUES_SHOWN)
    if result["problems"]:
        line("\nSources that could not be asked, wholly or in part:")
    for problem in result["problems"]:
        line(f"  {problem}")
    if offline and any(row["outcome"] is None for row in outcomes):
        line("Documents waiting have not been fetched: run without --offline.")
    if result["kept"]:
        line(
            f"{result['kept']} holds entries that are not in the store (not imported yet, or refused) and was left as "
            f"it is; to see which: ascn-nlp review import {result['kept']}"
        )
    line(f"\nReview CSV: {result['review']}")
    return 3 if failures or result["problems"] else 0


_SHOWN = {
    "new": "documents new in their source",
    "gone": "documents gone from their source",
    "fetch.fetched": "documents fetched, new or changed",
    "read.passages": "passages added",
    "read.passages_dropped": "passages no longer there",
    "tag.passages": "passages looked at by the tagger",
    "tag.tags": "tags",
}
_RARE = {
    "moved": "documents come over from another source",
    "elsewhere": "pages listed that are another source's",
    "forgotten": "documents listed that were forgotten",
}
# Column of `status` -> the steps in the ledger that it counts.
_STAGES_SHOWN = {
    "not fetched": (("fetch", "failed"),),
    "read": (("read", "read"), ("read", "partly_read")),
    "unread": (("read", "unread"),),
    "failed": (("read", "failed"),),
    "tagged": (("tag", "tagged"),),
    "untagged": (("tag", "failed"),),
    "gone": (("find", "gone"),),
}
# More than these are told by `status`.
_ISSUES_SHOWN = 12


def _show_issues(title: str, rows: Sequence[Any], most: int | None = None) -> None:
    from ascn_nlp.cli.console import line

    if not rows:
        return
    line(f"\n{title}:")
    for row in rows[:most]:
        line(_issue(row))
    if most is not None and len(rows) > most:
        line(f"  and {len(rows) - most} more: ascn-nlp status")


def _issue(row: Any) -> str:
    """What is to be known of a document, over as many lines as it needs: each part where the eye looks for it."""
    parts = (f"  {row['source_id']}/{row['address']}", f"{row['stage']}: {row['message']}", row["remedy"])
    return "\n      ".join(part for part in parts if part)


def status(
    document: Annotated[
        str, typer.Argument(metavar="DOCUMENT", help="The way of this document, by its id or address.")
    ] = "",
    workspace: WorkspaceOption = Path(),
    failed: Annotated[bool, typer.Option("--failed", help="Only failures.")] = False,
    json: JsonOption = False,
) -> None:
    """Count documents by source and stage; say what failed.

    With the reasons and what to do about them, and sources that went silent.

    Example: ascn-nlp status --failed
    """
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import dated, line, note, table
    from ascn_nlp.forgetting import find_document
    from ascn_nlp.pipeline.health import status_of, way_of
    from ascn_nlp.store import shown_url
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    if document:
        document_id = find_document(place, document)
        _show_path(document_id, way_of(place, document_id), json)
        return
    found = status_of(place, failed)
    if not found.documents:
        note(f"nothing is in the store {shown_url(place.store_url)} yet; run: ascn-nlp refresh")
    if json:
        line({
            "documents": [dict(row) for row in found.documents],
            "stages": [dict(row) for row in found.stages],
            "silent": found.silent,
            "problems": found.problems,
            "dates": found.dates,
            "decisions": found.decisions,
            "issues": [dated(row) for row in found.issues],
            "runs": [dated(run) for run in found.runs],
        })  # fmt: skip
        return
    if not found.documents:
        _show_problems(found.problems)
        return
    names, dates = [source.id for source in pipeline.sources_of(place)], found.dates
    table(
        "Documents, by how they left each stage last",
        ("source", "all", "waiting", *_STAGES_SHOWN),
        _by_stage(found.documents, found.stages, names),
    )
    shown = [(run["id"], run["flow"], run["state"], f"{run['started_at']:%Y-%m-%d %H:%M} UTC") for run in found.runs]
    table("Runs", ("run", "flow", "state", "started"), shown)
    line(
        f"\nDates: {dates['in_window']} documents of {place.since} to {place.until}, {dates['out_of_window']} of other "
        f"times, {dates['undated']} undated.\nDecisions imported: {found.decisions}."
    )
    _show_problems(found.problems)
    _show_unasked(found.unasked)
    _show_silent(found.silent)
    _show_issues("Failed", [row for row in found.issues if row["is_failure"]])
    _show_issues("Not wholly read, or worth knowing", [row for row in found.issues if not row["is_failure"]])


def _by_stage(outcomes: Sequence[Any], stages: Sequence[Any], names: Sequence[str]) -> list[tuple[object, ...]]:
    """A row a source: all its documents, those not fetched yet, and how many each column of _STAGES_SHOWN counts."""
    totals: Counter[str] = Counter(dict.fromkeys(names, 0))
    waiting: Counter[str] = Counter()
    for row in outcomes:
        totals[row["source_id"]] += row["documents"]
        waiting[row["source_id"]] += row["documents"] if row["outcome"] is None else 0
    steps: Counter[tuple[str, str, str]] = Counter()
    for row in stages:
        steps[row["source_id"], row["stage"], row["outcome"]] += row["documents"]
    return [
        (
            source,
            total,
            waiting[source],
            *(sum(steps[source, *step] for step in counted) for counted in _STAGES_SHOWN.values()),
        )
        for source, total in sorted(totals.items())
    ]


def _show_problems(problems: Mapping[str, Sequence[str]]) -> None:
    from ascn_nlp.cli.console import line

    if problems:
        line("\nSources that could not be asked the last time, wholly or in part:")
    for source, told in problems.items():
        for problem in told:
            line(f"  {source}: {problem}")


def _show_unasked(unasked: Mapping[str, tuple[int, str]]) -> None:
    """Name the sources that are asked no more, while their documents are counted as before."""
    from ascn_nlp.cli.console import line

    if unasked:
        line("\nSources asked no more; their documents are kept and counted (--source chooses without them):")
    for source, (count, why) in unasked.items():
        line(f"  {source}: {count} documents, {why}")


def _show_silent(silent: Mapping[str, Sequence[str]]) -> None:
    """Name the sources that went quiet: what they do not say is no silence of the cities they speak of."""
    from ascn_nlp.cli.console import line

    if silent:
        line("\nSilent sources:")
    for source, reasons in silent.items():
        for reason in reasons:
            line(f"  {source}: {reason}")


def _show_path(document_id: str, rows: Sequence[Mapping[Any, Any]], json: bool) -> None:
    from ascn_nlp.cli.console import dated, line, table

    if json:
        for row in rows:
            line(dated(row))
        return
    shown = [
        (
            f"{row['first_at']:%Y-%m-%d %H:%M}",
            f"{row['last_at']:%Y-%m-%d %H:%M}" if row["times"] > 1 else "",
            *(row["stage"], row["outcome"], row["times"], row["tries"], row["reason"] or "-", row["run_id"]),
        )
        for row in rows
    ]
    columns = ("first (UTC)", "last", "stage", "outcome", "times", "tries", "reason", "run")
    table(f"The way of {document_id}", columns, shown)
    for remedy in dict.fromkeys(row["remedy"] for row in rows[-1:] if row["remedy"]):
        line(f"\nTo mend it: {remedy}")
