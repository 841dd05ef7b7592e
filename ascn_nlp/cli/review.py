"""The review loop: export tags as CSV, import what a person decided."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from ascn_nlp.reviewing.files import Imported

app = typer.Typer(
    help="Export tags for a person to review; import the verdicts.\n\n"
    "Example: ascn-nlp review export hanoi.csv --city Hanoi",
    no_args_is_help=True,
)


ReviewerOption = Annotated[str, typer.Option("--reviewer", metavar="NAME", help="Whose decisions these are.")]


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write: .csv or .xlsx.", show_default=False)],
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
    max_score: Annotated[
        float, typer.Option("--max-score", metavar="SCORE", min=0, max=1, help="Only tags scored at most so high.")
    ] = 1.0,
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Only passages nobody has decided on.")] = False,
    disputed: Annotated[bool, typer.Option("--disputed", help="Only tags on which rules and model disagree.")] = False,
    sample: Annotated[
        str, typer.Option(metavar="KIND", help="all (that is tagged), random, active or leads: see below.")
    ] = "all",
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, help="Passages of a random or active sample.")] = 100,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed draws the same sample.")] = 0,
    blind: Annotated[bool, typer.Option("--blind", help="Hide predictions, for honest agreement.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="A row a passage, a column a concern.")] = False,
    reviewer: ReviewerOption = "",
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Another format than the ending tells: see below.")
    ] = "",
) -> None:
    """Write tagged passages for a person to review.

    The reviewer's columns come first. Fill in decision (accept, reject, unsure; withdraw takes one back),
    and where needed concern_reviewed, stance_reviewed, note and reviewer. A tag that was missed has a row of its own:
    copy one of the same passage, empty its concern, write accept and concern_reviewed.

    Samples: random draws from all passages, tagged or not, so that "review status" can tell how many tags are wrong
    and how many are missed; active takes those whose review teaches and finds most; leads those too doubtful to tag.

    A file that holds decisions not yet imported is never overwritten.

    Example: ascn-nlp review export hanoi.xlsx --city Hanoi --unreviewed
    """
    from ascn_nlp.choices import make_filters
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.errors import OptionError
    from ascn_nlp.reviewing.files import export_review, window_filters
    from ascn_nlp.reviewing.samples import SAMPLES, Choice
    from ascn_nlp.workspace import open_workspace

    if sample not in SAMPLES:
        raise OptionError(f"{sample!r} is no sample", "--sample", f"one of: {', '.join(SAMPLES)}")
    place = open_workspace(workspace)
    filters = make_filters(
        place, concern=concern, stance=stance, city=city, country=country, source=source, genre=genre, since=since,
        until=until, min_score=min_score, is_unreviewed=unreviewed, is_disputed=disputed,
    )  # fmt: skip
    filters = replace(window_filters(place, filters, any_date), max_score=max_score)
    done = export_review(place, out, filters, Choice(sample, n, seed, blind), wide, reviewer.strip(), format_)
    if done.kept:
        note(f"! {done.kept} holds entries that are not in the store and was left as it is")
    line(f"{done.rows} rows: {done.path}")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="IN", help="A review file as a spreadsheet program saved it.", show_default=False),
    ],
    workspace: WorkspaceOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and take nothing.")] = False,
    reviewer: ReviewerOption = "",
) -> None:
    """Take the decisions of a review file into the store.

    It may be CSV, XLSX or ODS. The same file twice changes nothing. Rows that cannot be taken are listed with the reason, and nothing is guessed
    (exit status 3). Rows that name no reviewer are NAME's.

    Example: ascn-nlp review import data/exports/review.csv --dry-run
    """
    from ascn_nlp.cli.console import line
    from ascn_nlp.reviewing.files import import_review
    from ascn_nlp.workspace import open_workspace

    done = import_review(open_workspace(workspace), file, dry_run, reviewer.strip())
    _tell_refused(done)
    _tell_remarks(done)
    would = "would be " if dry_run else ""
    line(
        f"{done.added} decisions {would}added, {done.known} known before, {done.undecided} rows without a decision, "
        f"{len(done.refused) + len(done.lost)} refused"
    )
    raise typer.Exit(3 if done.refused or done.lost else 0)


def _tell_refused(done: Imported) -> None:
    from ascn_nlp.cli.console import note

    for refused in done.refused:
        note(f"! row {refused.row}: {refused.reason}")
    for passage in done.lost:
        note(f"! passage {passage} is not in this store; import into the workspace it was exported from")


def _tell_remarks(done: Imported) -> None:
    """What was taken and should be known all the same."""
    from ascn_nlp.cli.console import note

    for before, now in done.moved:
        note(f"passage {before} was read anew; the same words are now passage {now}, and the decision counts there")
    for passage in done.orphaned:
        note(f"passage {passage} has changed since the export; the decision is kept with the words that were read")
    for one in done.conflicts:
        note(
            f"passage {one.passage_id}, {one.concern or 'nothing else'}: {_named(one.reviewer)} says {one.decision}, "
            f"{_named(one.other)} {one.others_decision}; both are kept"
        )
    for concern, count in (done.stale or {}).items():
        note(f"{count} decisions on {concern} were made under another definition than today's; they are kept as stale")
    if done.is_western:
        note("the file is not in UTF-8: letters outside Western European ones were lost when it was saved")
    if done.added_columns:
        note(f"! columns of your own are not taken: {', '.join(done.added_columns)}; no export overwrites this file")


def _named(reviewer: str) -> str:
    return reviewer or "a reviewer without a name"
