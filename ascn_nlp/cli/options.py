"""Options that several commands share: the same words everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace", "-w", metavar="FOLDER", help="Folder with ascn.toml and data/.", show_default="current folder"
    ),
]
TaggerOption = Annotated[
    str,
    typer.Option(
        "--tagger", metavar="KIND", help="rules, light (no encoder), model or both; default: the workspace's."
    ),
]
ModelOption = Annotated[
    str,
    typer.Option("--model", metavar="NAME", help="Folder or version of the weights to use, not the workspace's."),
]
ConcernOption = Annotated[
    list[str] | None, typer.Option("--concern", metavar="NAME", help="Only this concern; repeat for more.")
]
StanceOption = Annotated[
    list[str] | None,
    typer.Option("--stance", metavar="NAME", help="raised, addressed or described; repeat for more."),
]
CityOption = Annotated[
    list[str] | None, typer.Option("--city", metavar="NAME", help='Only this city, e.g. "Da Nang"; repeat for more.')
]
CountryOption = Annotated[
    list[str] | None, typer.Option("--country", metavar="CODE", help="Only this country, e.g. KH; repeat for more.")
]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", metavar="ID", help="Only this source of sources.toml; repeat for more.")
]
GenreOption = Annotated[
    list[str] | None, typer.Option("--genre", metavar="NAME", help="Only this genre, e.g. news; repeat for more.")
]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="DATE", help="Published on or after: 2021, 2021-03 or 2021-03-14.")
]
UntilOption = Annotated[str, typer.Option("--until", metavar="DATE", help="Published on or before.")]
AnyDateOption = Annotated[
    bool, typer.Option("--any-date", help="Also what is undated or outside the window of the study.")
]
MinScoreOption = Annotated[
    float, typer.Option("--min-score", metavar="SCORE", min=0, max=1, help="Only tags scored at least so high.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON lines on stdout.")]
