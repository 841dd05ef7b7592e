"""The finding: what is raised and by nobody addressed, as tables, a page, and a pack for referees."""

from __future__ import annotations

import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ascn_nlp.cli.options import (
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
    from ascn_nlp.report.whole import Report

_AnyDateOption = Annotated[
    bool,
    typer.Option("--any-date", help="Also outside the window of the study; undated: listed, not counted."),
]


def report(
    workspace: WorkspaceOption = Path(),
    concern: ConcernOption = None,
    stance: StanceOption = None,
    city: CityOption = None,
    country: CountryOption = None,
    source: SourceOption = None,
    genre: GenreOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    any_date: _AnyDateOption = False,
    min_score: MinScoreOption = 0.0,
    by: Annotated[
        str, typer.Option("--by", metavar="KEYS", help="city or country, with year or without: country,year.")
    ] = "city,year",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write to it: .html, .csv, .md or .xlsx.")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="csv, md, xlsx or html; default: the ending's.")
    ] = "",
    pack: Annotated[
        Path | None, typer.Option("--pack", metavar="OUT.zip", help="Write all that a referee asks for.")
    ] = None,
) -> None:
    """Tell what is raised and by nobody addressed.

    Counts passages, documents and stories (wire copy counts once), beside what speaks of the place at all; "no data",
    too little to tell and silence are told apart. The gap index is the number of stories that raise a concern less
    those that address it, divided by their sum.

    A cell is one concern in one place. Its state in tables: unanswered (raised, not addressed), answered (raised and
    addressed), addressed or described (only that), silent (no tag in many stories), too little, no data.

    Without --out and --format the finding is printed; .html is a page with charts and the passages behind each number,
    .xlsx has all tables, .csv and .md the matrix; the notes to .csv go to stderr. A stance leaves out the columns and
    quotes of others; all else selects passages.

    Example: ascn-nlp report --by country,year --out report.html
    """
    from ascn_nlp.choices import make_filters
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.reporting.files import format_of, keys_of, printable, text_of, write_report
    from ascn_nlp.reporting.gathering import make_report
    from ascn_nlp.reporting.pack import checked, write_pack
    from ascn_nlp.reporting.wording import notes_of, window_left
    from ascn_nlp.reviewing.files import window_filters
    from ascn_nlp.workspace import open_workspace

    place_by, with_years = keys_of(by)
    # Told before anything is counted, which takes its time.
    if pack:
        checked(pack)
    format_ = format_of(out, format_) if out else printable(format_) if format_ else ""
    place = open_workspace(workspace)
    filters = make_filters(
        place, concern=concern, stance=stance, city=city, country=country, source=source, genre=genre, since=since,
        until=until, min_score=min_score,
    )  # fmt: skip
    made = make_report(place, window_filters(place, filters, any_date), place_by)
    left = window_left((place.since, place.until), filters)
    # Where the finding is printed, or the notes are, it stands among them.
    if left and (pack or out or format_) and format_ != "csv":
        note(left)
    if format_ == "csv":
        # In the table they would be rows.
        for sentence in notes_of(made):
            note(sentence)
    if pack:
        note(f"written: {pack}, {write_pack(place, made, pack)} files")
    if out:
        write_report(place, made, out, format_, with_years, filters.stance)
        note(f"written: {out}")
    elif format_:
        # A terminal's lines end in \n alone.
        line(text_of(made, format_, with_years, filters.stance).replace("\r\n", "\n").rstrip("\n"))
    elif not pack:
        _show_finding(made)


def _show_finding(made: Report) -> None:
    from ascn_nlp.cli.console import line, table
    from ascn_nlp.report.sensitivity import NESTED
    from ascn_nlp.report.states import STATES, no_finding
    from ascn_nlp.report.tables import finding_table
    from ascn_nlp.reporting.wording import dates_in_words

    found = finding_table(made)
    rows = [
        (one.concern, one.place, one.raised_stories, one.raised_independent, one.stories, one.robust)
        for one in found.itertuples()
    ]
    if rows:
        columns = ("concern", made.by, "stories", "independent", "of", "stays in")
        table("Raised, and by nobody addressed", columns, rows)
        line("")
        _say(
            "Stories that raise it, those among them in independent voices (news, NGOs and think tanks, academic "
            f"works), of all that speak of the {made.by}. Stays in: so many of the other ways to count leave it so "
            f"(sheet robustness of --out report.xlsx). {NESTED}"
        )
        sure = int(((made.overall["state"] == "unanswered") & (made.overall["gap_low"] > 0)).sum())
        _say(f"For {sure} of these {len(rows)} there are stories enough to say that it is more raised than addressed.")
    else:
        line("")
        _say(no_finding(made.overall["state"]))
    states = made.overall["state"].value_counts()
    told = "; ".join(f"{STATES[state].name} {states[state]}" for state in STATES if state in states)
    _say(f"Cells (a concern in a {made.by}, all years together): {len(made.overall)}. {told[:1].upper()}{told[1:]}.")
    _say(f"Dates: {dates_in_words(made.window)}." + (f" Only: {made.filters}." if made.filters else ""))
    for sentence in made.notes:
        _say(sentence)
    _say("As a page with charts and passages: ascn-nlp report --out report.html")


def _say(sentence: str) -> None:
    """A sentence on stdout, in lines as wide as the terminal."""
    from ascn_nlp.cli.console import line

    width = shutil.get_terminal_size().columns
    line(textwrap.fill(sentence, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
