"""The review loop: export tags as CSV, import what a person decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ascn_nlp.cli.options import (
    AnyDateOption,
    CityOption,
    ConcernOption,
    CountryOption,
    GenreOption,
    MinScoreOption,
    SinceOption,
    SourceOption,
    StanceOption,
    UntilOption,
    WorkspaceOption,
)

app = typer.Typer(
    help="Export tags for a person to review; import the verdicts.\n\n"
    "Example: ascn-nlp review export hanoi.csv --city Hanoi",
    no_args_is_help=True,
)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", help="The CSV file to write.", show_default=False)],
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
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Only passages nobody has decided on.")] = False,
    sample: Annotated[
        str, typer.Option(metavar="KIND", help="all (tagged passages), random (of all, tagged or not), or leads.")
    ] = "all",
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Passages in a random sample.")] = 100,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed draws the same sample.")] = 0,
    blind: Annotated[bool, typer.Option("--blind", help="Hide predictions: one row a passage.")] = False,
) -> None:
    """Write a review CSV: a row per passage and concern.

    The reviewer's columns come first. Fill in decision (accept, reject, unsure; withdraw takes one back),
    and where needed concern_reviewed, stance_reviewed, note and reviewer.

    A file that holds decisions not yet imported is never overwritten.

    Example: ascn-nlp review export hanoi.csv --city Hanoi
    """
    from ascn_nlp.choices import make_filters
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.errors import OptionError
    from ascn_nlp.review_files import SAMPLES, export_review, window_filters
    from ascn_nlp.workspace import open_workspace

    if sample not in SAMPLES:
        raise OptionError(f"{sample!r} is no sample", "--sample", f"one of: {', '.join(SAMPLES)}")
    place = open_workspace(workspace)
    filters = make_filters(
        place, concern=concern, stance=stance, city=city, country=country, source=source, genre=genre,
        since=since, until=until, min_score=min_score, is_unreviewed=unreviewed,
    )  # fmt: skip
    done = export_review(place, out, window_filters(place, filters, any_date), sample, n, seed, blind)
    if done.kept:
        note(f"! {done.kept} holds entries that are not in the store and was left as it is")
    line(f"{done.rows} rows: {done.path}")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="IN.csv", help="A review CSV as a spreadsheet program saved it.", show_default=False),
    ],
    workspace: WorkspaceOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and take nothing.")] = False,
) -> None:
    """Take the decisions of a review CSV into the store.

    The same file twice changes nothing. Rows that cannot be taken are listed with the reason, and nothing is guessed
    (exit status 3).

    Example: ascn-nlp review import data/exports/review.csv --dry-run
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.review_files import import_review
    from ascn_nlp.workspace import open_workspace

    done = import_review(open_workspace(workspace), file, dry_run)
    for refused in done.refused:
        note(f"! row {refused.row}: {refused.reason}")
    if done.added_columns:
        note(f"! columns of your own are not taken: {', '.join(done.added_columns)}; no export overwrites this file")
    for passage in done.lost:
        note(f"! passage {passage} is not in this store; import into the workspace it was exported from")
    would = "would be " if dry_run else ""
    line(
        f"{done.added} decisions {would}added, {done.known} known before, {done.undecided} rows without a decision, "
        f"{len(done.refused) + len(done.lost)} refused"
    )
    raise typer.Exit(3 if done.refused or done.lost else 0)
