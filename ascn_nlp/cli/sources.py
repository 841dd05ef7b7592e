"""Commands on sources: list, check, add."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ascn_nlp.cli.options import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from ascn_nlp.sources.table import Sources
    from ascn_nlp.workspace import Workspace

app = typer.Typer(
    help="The sources of the workspace, and a catalogue of real ones.\n\nExample: ascn-nlp sources list --catalogue",
    no_args_is_help=True,
)

_CatalogueOption = Annotated[
    bool, typer.Option("--catalogue", help="Of the catalogue of real sources, not of the workspace.")
]
_SourcesOption = Annotated[
    Path | None, typer.Option("--sources", metavar="FILE", help="Another table of sources than the workspace's.")
]


@app.command("list")
def list_(
    workspace: WorkspaceOption = Path(),
    catalogue: _CatalogueOption = False,
    sources: _SourcesOption = None,
    json: JsonOption = False,
) -> None:
    """Show sources: what they are and why they are there.

    Example: ascn-nlp sources list --catalogue
    """
    from dataclasses import asdict

    from ascn_nlp.cli.console import line, table

    _, chosen = _open(workspace, catalogue, sources)
    if json:
        for source in chosen.sources:
            line(asdict(source))
        return
    rows = [
        (source.id, source.kind, source.country, "yes" if source.is_enabled else "no",
         "yes" if source.is_verified else "no", source.publisher)
        for source in chosen.sources
    ]  # fmt: skip
    table(f"Sources in {chosen.path}", ("source", "kind", "country", "enabled", "verified", "publisher"), rows)


@app.command()
def check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Only these; default: all.")] = None,
    workspace: WorkspaceOption = Path(),
    catalogue: _CatalogueOption = False,
    sources: _SourcesOption = None,
    write: Annotated[bool, typer.Option("--write", help="Write verified = true for those that are well.")] = False,
    json: JsonOption = False,
) -> None:
    """Ask each source whether it is there and lets us in.

    Prints what it lists now and whether one document of it could be fetched. Nothing is stored. Exit status 3 when a
    source is broken.

    Example: ascn-nlp sources check my-reports
    """
    from dataclasses import asdict, replace

    from ascn_nlp.catalogue import check_sources, mark_verified
    from ascn_nlp.choices import check_sources as check_names
    from ascn_nlp.cli.console import line, note, table
    from ascn_nlp.sources.folder import listed_twice

    place, chosen = _open(workspace, catalogue, sources)
    check_names(place, ids or [], "ID")
    if not place.contact and any(source.kind != "folder" for source in chosen.sources):
        note("no fetching.contact in ascn.toml: the keepers of the sites cannot reach you")
    wanted = [source for source in chosen.sources if not ids or source.id in ids]
    found, twice = [], listed_twice(chosen.choose(), chosen.path.parent)
    for health in check_sources(place, chosen, wanted):
        if health.source_id in twice:
            state = "partly" if health.state == "ok" else health.state
            health = replace(health, state=state, findings=(*health.findings, twice[health.source_id]))
        found.append(health)
        note(f"{len(found)} of {len(wanted)}: {health.source_id}: {health.state}")
    if json:
        for health in found:
            line(asdict(health))
    else:
        table(
            "Health", ("source", "state", "listed", "got"), [(h.source_id, h.state, h.listed, h.first) for h in found]
        )
        for health in found:
            for finding in health.findings:
                line(f"  {health.source_id}: {finding}")
    if write:
        marked = mark_verified(chosen, [health.source_id for health in found if health.state == "ok"])
        note(f"{marked} marked as verified in {chosen.path}")
    raise typer.Exit(3 if any(health.state == "broken" for health in found) else 0)


@app.command()
def add(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Sources of the catalogue.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Take sources of the catalogue into your sources.toml.

    It lies in the workspace, and is made where there is none. You may change there what was taken.

    Example: ascn-nlp sources add asean-ascn
    """
    from ascn_nlp.catalogue import add_sources
    from ascn_nlp.cli.console import line
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    line(f"{add_sources(place, ids)}: {', '.join(ids)}. Next: ascn-nlp sources check {' '.join(ids)}")


def _open(workspace: Path, catalogue: bool, sources: Path | None) -> tuple[Workspace, Sources]:
    from ascn_nlp.catalogue import catalogue_path
    from ascn_nlp.sources.table import load_sources
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, sources=catalogue_path() if catalogue else sources)
    return place, load_sources(place.sources)
