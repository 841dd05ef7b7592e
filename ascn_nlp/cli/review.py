"""The review loop: export tags, import what people decided, tell agreement and progress."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    from ascn_nlp.review.agreement import Agreement
    from ascn_nlp.review.estimates import Range
    from ascn_nlp.reviewing.figures import Audited, Progress, Stopping
    from ascn_nlp.reviewing.files import Imported

app = typer.Typer(
    help="Export tags for review, import and count what people decide.\n\n"
    "Example: ascn-nlp review export hanoi.csv --city Hanoi",
    no_args_is_help=True,
)


ReviewerOption = Annotated[str, typer.Option("--reviewer", metavar="NAME", help="Whose decisions these are.")]


@app.command()
def export(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="The file to write: .csv, .xlsx, .bib; others with --format.", show_default=False
        ),
    ],
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
    unreviewed: Annotated[bool, typer.Option("--unreviewed", help="Only passages that no decision stands on.")] = False,
    disputed: Annotated[bool, typer.Option("--disputed", help="Only tags on which rules and model disagree.")] = False,
    sample: Annotated[
        str, typer.Option(metavar="KIND", help="all (that is tagged; with --blind all there is), or as above.")
    ] = "all",
    n: Annotated[
        int | None,
        typer.Option("-n", metavar="N", min=1, help="Passages of random, active and rest; by default 100."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The same seed draws the same sample.")] = 0,
    blind: Annotated[bool, typer.Option("--blind", help="Hide predictions, for honest agreement.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="A row a passage, a column a concern.")] = False,
    reviewer: ReviewerOption = "",
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Another format than the ending tells: see above.")
    ] = "",
) -> None:
    """Write tagged passages for a person to review.

    The reviewer's columns come first. Fill in decision (accept, reject, unsure; withdraw takes one back),
    and where needed concern_reviewed, stance_reviewed, note and reviewer. A tag that was missed has a row of its own:
    copy one of the same passage, empty its concern, write accept and concern_reviewed.

    Samples: random draws from all passages, tagged or not, so that "review status" can tell how many tags are wrong
    and how many are missed. active takes those whose review teaches and finds most, rest draws from what is not
    settled on every concern, to tell whether to stop. leads, too doubtful to tag, and suspects, decisions that look
    wrong, are given out however many there are.

    Formats: csv, xlsx; prodigy, doccano, label-studio, web-annotation; bibtex and csl-json of the documents cited.

    A file that holds decisions not yet imported is never overwritten.

    Example: ascn-nlp review export hanoi.xlsx --city Hanoi --unreviewed
    """
    from ascn_nlp.choices import make_filters, reviewer_name
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.errors import OptionError
    from ascn_nlp.reviewing.files import export_review, window_filters
    from ascn_nlp.reviewing.samples import SAMPLES, SIZED, Choice
    from ascn_nlp.workspace import open_workspace

    if sample not in SAMPLES:
        raise OptionError(f"{sample!r} is no sample", "--sample", f"one of: {', '.join(SAMPLES)}")
    if n is not None and sample not in SIZED:
        what = f"is for samples of a size, and --sample {sample} has as many passages as there are"
        raise OptionError(what, "-n", f"leave it out, or draw with --sample {' or '.join(SIZED)}")
    name = reviewer_name(reviewer)
    place = open_workspace(workspace)
    filters = make_filters(
        place, concern=concern, stance=stance, city=city, country=country, source=source, genre=genre, since=since,
        until=until, min_score=min_score, is_unreviewed=unreviewed, is_disputed=disputed,
    )  # fmt: skip
    filters = replace(window_filters(place, filters, any_date), max_score=max_score)
    choice = Choice(sample, seed=seed, is_blind=blind) if n is None else Choice(sample, n, seed, blind)
    done = export_review(place, out, filters, choice, wide, name, format_)
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

    It may be CSV, XLSX or ODS. The same file twice changes nothing. Rows that cannot be taken are listed with the
    reason, and nothing is guessed (exit status 3). Rows that name no reviewer are NAME's.

    Example: ascn-nlp review import data/exports/review.csv --dry-run
    """
    from ascn_nlp.choices import reviewer_name
    from ascn_nlp.cli.console import line
    from ascn_nlp.reviewing.files import import_review
    from ascn_nlp.workspace import open_workspace

    done = import_review(open_workspace(workspace), file, dry_run, reviewer_name(reviewer))
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

    rows: dict[str, list[int]] = {}
    for refused in done.refused:
        rows.setdefault(refused.reason, []).append(refused.row)
    # A program's habit, such as NA for empty cells, refuses all rows alike: nobody reads that a thousand times.
    for reason, numbers in rows.items():
        note(f"! {_rows(numbers)}: {reason}")
    for passage in done.lost:
        note(f"! passage {passage} is not in this store; import into the workspace it was exported from")


def _rows(numbers: Sequence[int]) -> str:
    """Row numbers in words, those that follow each other as one: "row 8", "rows 2 to 4, 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"{'row' if len(numbers) == 1 else 'rows'} {told}"


def _tell_remarks(done: Imported) -> None:
    """What was taken and should be known all the same."""
    from ascn_nlp.cli.console import note

    for before, now in done.moved:
        note(f"passage {before} was read anew; the same words are now passage {now}, and the decision counts there")
    for passage in done.orphaned:
        note(f"passage {passage} has changed since the export; the decision is kept with the words that were read")
    for one in done.conflicts:
        note(
            f"passage {one.passage_id}, {one.concern}: {_named(one.reviewer)} says {one.says}, "
            f"{_named(one.other)} {one.other_says}; both are kept"
        )
    if done.superseded:
        note(f"{done.superseded} rows say what this file said before, and was decided otherwise since; not taken again")
    for concern, count in (done.stale or {}).items():
        note(f"{count} decisions on {concern} were made under another definition than today's; they are kept as stale")
    if done.is_western:
        note(
            "the file is not in UTF-8: letters outside Western European ones were lost when it was saved; a note that "
            "lost nothing else is kept as it stands in the store"
        )
    if done.added_columns:
        note(f"! columns of your own are not taken: {', '.join(done.added_columns)}; no export overwrites this file")


def _named(reviewer: str) -> str:
    from ascn_nlp.review.judgements import UNNAMED

    return "a reviewer without a name" if reviewer in ("", UNNAMED) else reviewer


CoderOption = Annotated[
    list[str] | None, typer.Option("--coder", metavar="NAME", help="Only this reviewer or model; repeat for more.")
]


@app.command()
def agreement(
    workspace: WorkspaceOption = Path(),
    coder: CoderOption = None,
    model: Annotated[bool, typer.Option("--with-model", help="Count the tagger as a coder too.")] = False,
    blind: Annotated[bool, typer.Option("--blind", help="Only decisions made without sight of predictions.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT", help="Write what they disagree on, for review: .csv, .xlsx.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Tell how far reviewers agree, on each concern and on stances.

    Percent agreement, Krippendorff's alpha (from 0.8 on reliable, from 0.667 on tentative) and, of each two coders,
    Cohen's kappa; 95 % intervals resample documents. Decisions made in sight of a prediction lean towards it: for
    figures a referee accepts export with --blind.

    Example: ascn-nlp review agreement --blind --with-model
    """
    from ascn_nlp.cli.console import json_ready, line, note
    from ascn_nlp.reviewing.figures import agreement_of
    from ascn_nlp.reviewing.files import export_disagreements
    from ascn_nlp.workspace import open_workspace

    if out:
        _check_ending(out)
    place = open_workspace(workspace)
    found = agreement_of(place, coder or (), model, blind)
    done = export_disagreements(place, out, found.passages, found.remarks) if out else None
    named = {**found.concerns, "all concerns": found.every, "stance": found.stance}
    if json:
        line({"agreement": json_ready(named), "disagree_on": found.passages})
    else:
        _show_agreement(named)
    if found.every.units and not json:
        line(f"\n{len(found.passages)} passages on which two of them disagree.")
    if done:
        note(f"{done.rows} rows: {done.path}")


def _check_ending(out: Path) -> None:
    """Raise OptionError for a file that reviewers could not fill in."""
    from ascn_nlp.errors import OptionError

    if out.suffix.lower() not in (".csv", ".xlsx"):
        raise OptionError(f"{out.name} is no review file", "--out", "end it in .csv or .xlsx")


def _show_agreement(named: Mapping[str, Agreement]) -> None:
    from ascn_nlp.cli.console import note, table

    if not any(one.units for one in named.values()):
        coders = ", ".join(dict.fromkeys(name for one in named.values() for name in one.coders)) or "nobody"
        note(f"No passage was decided on by two coders (there are: {coders}), so there is no agreement to tell.")
        return
    rows = [(name, one.units, *_figures(one)) for name, one in named.items() if one.units]
    table("Agreement", ("on", "units", "percent", "alpha", "95 % of alpha"), rows)
    pairs = [
        (name, f"{pair.coder} and {pair.other}", pair.units, _figure(pair.kappa), _range(pair.kappa_interval))
        for name, one in named.items()
        for pair in one.pairs
        if pair.units
    ]
    table("Two by two", ("on", "coders", "units", "kappa", "95 % of kappa"), pairs)


def _figures(one: Agreement) -> tuple[str, str, str]:
    percent = "" if one.percent is None else f"{one.percent:.1%}"
    return percent, _figure(one.alpha), _range(one.alpha_interval)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _range(interval: tuple[float, float] | None) -> str:
    return "-" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


@app.command()
def status(workspace: WorkspaceOption = Path(), json: JsonOption = False) -> None:
    """Tell how far the review is, and what it says of the corpus.

    Of each random sample that was reviewed: how many tags are right and how many are missed in all passages it was
    drawn from. Of each sample of the rest: how much is likely still missed, and whether to stop.

    Example: ascn-nlp review status
    """
    from ascn_nlp.cli.console import json_ready, line, table
    from ascn_nlp.reviewing.figures import status_of
    from ascn_nlp.workspace import open_workspace

    found = status_of(open_workspace(workspace))
    if json:
        line(json_ready(found))
        return
    table("Reviewers", ("reviewer", "passages"), list(found.coders.items()))
    _show_decided(found.concerns)
    for audited in found.audits:
        _show_audit(audited)
    for stopping in found.stopping:
        _show_stopping(stopping)
    line(f"\n{found.decisions} decisions imported; {found.unsure} unsure; {found.moved} passages have moved since.")
    if found.orphaned:
        line("Their words are no longer in their documents; what was decided is kept with the words that were read:")
    for passage in found.orphaned:
        line(f"  {passage}")
    if found.stale:
        line("Decided under another definition than today's, and not counted until decided anew:")
    for reviewer, passage, concern in found.stale:
        line(f"  {_named(reviewer)}: {concern} of {passage}")
    if found.implied:
        line("Read whole under another definition, and not counted for it until decided anew:")
        for reviewer, counts in found.implied.items():
            told = ", ".join(f"{concern} of {count} passages" for concern, count in counts.items())
            line(f"  {_named(reviewer)}: {told}")


# Of samples that were drawn before such filters were refused.
_BY_TAG = "It was selected by tag, so what is missed cannot be estimated."


def _show_decided(concerns: Mapping[str, Progress]) -> None:
    from ascn_nlp.cli.console import line, table

    counts = {name: (one.accepted, one.rejected, one.split, one.stale) for name, one in concerns.items()}
    rows = [(name, *of_concern) for name, of_concern in counts.items() if any(of_concern)]
    table("Decided", ("concern", "holds", "does not", "split", "stale"), rows)
    if left := len(counts) - len(rows):
        line(f"Nothing is decided on {'the other ' if rows else 'any of '}{left} concerns.")


def _drawn_from(filters: Mapping[str, Any]) -> str:
    """What a sample was drawn from: "of all passages of 2018 to 2024", "of passages of all dates with city Hanoi"."""
    from ascn_nlp.reporting.wording import dates_in_words

    named = [
        name if value is True else f"{name} {', '.join(value) if isinstance(value, list) else value}"
        for name, value in filters.items()
        if name not in ("since", "until")
    ]
    dates = dates_in_words((filters.get("since", ""), filters.get("until", "")))
    return f"of passages of {dates} with {'; '.join(named)}" if named else f"of all passages of {dates}"


def _titled(*parts: str) -> str:
    """The parts of a title, with as many in a line as the terminal has room for."""
    return textwrap.fill(", ".join(parts), shutil.get_terminal_size().columns, break_on_hyphens=False)


def _show_audit(audited: Audited) -> None:
    from ascn_nlp.cli.console import line, table
    from ascn_nlp.reviewing.figures import is_by_tag

    found = audited.estimates
    head = f"Random sample {audited.sample}, {audited.at:%Y-%m-%d}"
    title = _titled(head, f"as tagged by {audited.tagger}", _drawn_from(audited.filters))
    if is_by_tag(audited):
        line(f"\n{title}\n{_BY_TAG}")
        return
    if found is None:
        line(f"\n{title}")
        if audited.concerns:
            line(f"None of its {audited.passages} passages has been reviewed whole yet.")
        _show_redefined(audited.redefined)
        return
    rates = {**dict(zip(audited.concerns, found.concerns, strict=True)), "all": found.micro}
    rows = [
        (name, _estimate(rate.precision), _estimate(rate.recall), rate.found, rate.wrong, rate.missed)
        for name, rate in rates.items()
    ]
    table(title, ("concern", "precision (95 %)", "recall (95 %)", "found", "wrong", "missed"), rows)
    line(f"{found.reviewed} of {audited.passages} passages count: reviewed whole, no concern unsure or split.")
    _show_redefined(audited.redefined)


def _show_redefined(waiting: Mapping[str, int]) -> None:
    from ascn_nlp.cli.console import line

    if waiting:
        told = (f"{name} in {count} passages" for name, count in waiting.items())
        line(_titled(f"Defined otherwise since, and not told of until decided anew: {', '.join(told)}."))


def _estimate(one: Range | None) -> str:
    return "-" if one is None else f"{one.value:.2f} ({one.low:.2f}-{one.high:.2f})"


def _show_stopping(stopping: Stopping) -> None:
    from ascn_nlp.cli.console import line, table
    from ascn_nlp.reviewing.figures import is_by_tag

    head = f"Sample {stopping.sample} of the rest, {stopping.at:%Y-%m-%d}"
    title = _titled(head, _drawn_from(stopping.filters))
    if is_by_tag(stopping):
        line(f"\n{title}\n{_BY_TAG}")
        return
    if not stopping.drawn:
        line(f"\n{title}\nNothing was left to draw.")
        return
    if not stopping.sampled:
        line(f"\n{title}")
        if stopping.missed:
            line(f"None of its {stopping.drawn} passages has been reviewed whole yet.")
        _show_left_out(stopping.redefined)
        return
    rows = [
        (
            name,
            "-" if one.left is None else f"{one.left:.0f} (at most {one.left_at_most})",
            "-" if one.recall is None else f"{one.recall:.2f} (at least {one.recall_at_least or 0:.2f})",
            "stop" if one.is_reached else "go on",
        )
        for name, one in stopping.missed.items()
    ]
    table(title, ("concern", "likely still missed", "found by people", ""), rows)
    line(f"{stopping.sampled} of {stopping.drawn} passages reviewed whole. stop: 95 % are found, at 95 % confidence.")
    _show_left_out(stopping.redefined)


def _show_left_out(redefined: Sequence[str]) -> None:
    from ascn_nlp.cli.console import line

    if redefined:
        line(_titled(f"Defined otherwise since it was drawn, and not told of: {', '.join(redefined)}."))


@app.command()
def history(
    passage: Annotated[str, typer.Argument(metavar="PASSAGE", help="Id of a passage.", show_default=False)],
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Tell who decided what on a passage, when, and in which file.

    Example: ascn-nlp review history p0123456789abcdef
    """
    from ascn_nlp.cli.console import dated, line, note, table
    from ascn_nlp.reviewing.figures import history_of
    from ascn_nlp.workspace import open_workspace

    found = history_of(open_workspace(workspace), passage)
    if not found:
        note(f"nobody has decided anything on {passage}")
        return
    if json:
        for row in found:
            line(dated(row))
        return
    rows = [
        (
            f"{row['at']:%Y-%m-%d %H:%M}",
            _named(row["reviewer"]),
            row["decision"],
            row["concern"] or "-",
            "; ".join(filter(None, (row["concern_reviewed"], row["stance_reviewed"], row["note"]))),
            row["file_sha256"][:8],
        )
        for row in found
    ]
    table(f"Decisions on {passage}", ("at (UTC)", "reviewer", "decision", "concern", "said", "file"), rows)
