"""Commands on stored passages: retag, search."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ascn_nlp.cli.options import (
    AnyDateOption,
    CityOption,
    ConcernOption,
    CountryOption,
    GenreOption,
    JsonOption,
    MinScoreOption,
    ModelOption,
    SinceOption,
    SourceOption,
    StanceOption,
    TaggerOption,
    UntilOption,
    WorkspaceOption,
)

if TYPE_CHECKING:
    from ascn_nlp.retagging import Retagged
    from ascn_nlp.workspace import Workspace


def retag(
    workspace: WorkspaceOption = Path(),
    concern: ConcernOption = None,
    city: CityOption = None,
    country: CountryOption = None,
    source: SourceOption = None,
    genre: GenreOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    model: ModelOption = "",
    tagger: TaggerOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Tag stored passages again and print what changed.

    After a change of taxonomy, gazetteer or model: counts of tags gained, lost and changed. Reviews are never
    touched. Dates are not limited to the window unless --since or --until is given. Exit status 3 when the tagger
    failed on a document: that keeps its tags.

    Example: ascn-nlp retag --concern surveillance --dry-run
    """
    from ascn_nlp import retagging
    from ascn_nlp.choices import make_filters
    from ascn_nlp.cli.console import line, note, progress_shown
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, tagger=tagger, model=model)
    where = {"city": city, "country": country, "source": source, "genre": genre}
    filters = make_filters(place, **where, since=since, until=until)
    concerns = make_filters(place, concern=concern).concern
    with progress_shown():
        result = retagging.retag(place, filters, concerns, is_dry_run=dry_run)
    for warning in result.warnings:
        note(f"! {warning}")
    if json:
        for change in result.changes:
            line(change.as_json())
    else:
        _show_changes(result, dry_run)
    for error in result.failed:
        note(f"! {error}")
    if not dry_run:
        _tell_how_to_stay(place, open_workspace(workspace).model, not (filters.is_by_passage or concerns))
    raise typer.Exit(3 if result.failed else 0)


def _show_changes(result: Retagged, is_dry_run: bool) -> None:
    from ascn_nlp.cli.console import line, table

    rows = [(name, *counts) for name, counts in sorted(result.by_concern.items())]
    table("Tags", ("concern", "gained", "lost", "changed", "same"), rows)
    done = "would be tagged again; nothing was changed" if is_dry_run else "tagged again"
    line(f"\n{result.passages} passages {done}.")


def _tell_how_to_stay(place: Workspace, usual: Path, is_whole: bool) -> None:
    """What becomes of tags by another model than the workspace's, and what keeps them."""
    from ascn_nlp.cli.console import note

    if place.model.resolve() == usual.resolve():
        return
    path = place.model.relative_to(place.root) if place.model.is_relative_to(place.root) else place.model
    what = "The next refresh or scheduled retag goes back to" if is_whole else "The rest, and what a refresh adds, has"
    note(
        f"{what} {usual}. To stay with this model write in {place.root / 'ascn.toml'}, under [paths]: "
        f"model = {dumps(path.as_posix())}"
    )


def search(
    words: Annotated[
        list[str],
        typer.Argument(metavar="WORD", help='Words that must all occur; a phrase in quotation marks, "smart city".'),
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
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", min=1, help="At most so many passages.")] = 20,
    json: JsonOption = False,
) -> None:
    """Find passages by their words.

    Example: ascn-nlp search "facial recognition" police --country SG
    """
    from shutil import get_terminal_size
    from textwrap import fill, indent

    from ascn_nlp import pipeline
    from ascn_nlp.choices import make_filters
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.reviewing.files import window_filters
    from ascn_nlp.store.passages import search as search_passages
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    filters = make_filters(
        place, concern=concern, stance=stance, city=city, country=country, source=source, genre=genre,
        since=since, until=until, min_score=min_score,
    )  # fmt: skip
    with pipeline.store_of(place).reading() as connection:
        found = search_passages(
            connection, " ".join(map(_phrase, words)), window_filters(place, filters, any_date), limit
        )
    for row in found:
        where = f"{row['title'] or row['address']} ({row['published'] or 'undated'}), page {row['page'] or '-'}"
        if json:
            keys = ("id", "document_id", "title", "published", "page", "text", "url")
            line({key: row[key] for key in keys})
        else:
            text = fill(" ".join(row["text"].split()), get_terminal_size().columns - 2)
            line(f"{where}\n{indent(text, '  ')}\n")
    if not found:
        note("no passage holds all these words; fewer words or --any-date may help")


def _phrase(argument: str) -> str:
    """What a shell hands over as one argument, "smart city", was meant as one: a phrase in quotation marks."""
    return f'"{argument}"' if " " in argument and '"' not in argument else argument
