"""Options that several commands share: the same words everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", help="Folder with ascn.toml and data/.", show_default="current folder")
]
ConcernOption = Annotated[list[str] | None, typer.Option("--concern", help="Only this concern; repeat for more.")]
StanceOption = Annotated[list[str] | None, typer.Option("--stance", help="raised, addressed or described.")]
CityOption = Annotated[list[str] | None, typer.Option("--city", help='Only passages on this city, e.g. "Da Nang".')]
CountryOption = Annotated[list[str] | None, typer.Option("--country", help="Only this country, as KH, SG, ...")]
SourceOption = Annotated[list[str] | None, typer.Option("--source", help="Only this source of sources.toml.")]
GenreOption = Annotated[list[str] | None, typer.Option("--genre", help="Only this genre, e.g. news.")]
SinceOption = Annotated[str, typer.Option("--since", help="Published on or after: 2021, 2021-03 or 2021-03-14.")]
UntilOption = Annotated[str, typer.Option("--until", help="Published on or before.")]
AnyDateOption = Annotated[
    bool, typer.Option("--any-date", help="Also what is undated or outside the window of the study.")
]
MinScoreOption = Annotated[float, typer.Option("--min-score", min=0, max=1, help="Only tags at least this sure.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines on stdout.")]


def here(workspace: Path) -> Path:
    """The folder meant by ``--workspace``."""
    return workspace.expanduser()
