"""Unattended refreshes: serve."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ascn_nlp.cli.options import WorkspaceOption


def serve(
    workspace: WorkspaceOption = Path(),
    sources: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Another table of sources than the workspace's.")
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Of the deployments.", show_default="the folder's")
    ] = "",
) -> None:
    """Refresh on the schedule in ascn.toml, until it is stopped.

    A Prefect server has to run. Every night at two, unless schedule.refresh says otherwise; and tags anew at half past
    five where taxonomy or model have changed.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api ascn-nlp serve
    """
    from ascn_nlp.cli.console import note
    from ascn_nlp.errors import AscnNlpError
    from ascn_nlp.prefect_runtime import load_flow, prepare
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, sources=sources)
    if not os.environ.get("PREFECT_API_URL"):
        raise AscnNlpError(
            "no Prefect server is named",
            "PREFECT_API_URL",
            "in another terminal: prefect server start; then: export PREFECT_API_URL=http://127.0.0.1:4200/api",
        )
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO")
    prepare()
    note(f"refresh at '{place.refresh_cron}', retag at '{place.retag_cron}' ({place.timezone}); stop with Ctrl-C")
    load_flow("serve").serve(str(place.root), str(sources.resolve()) if sources else "", name)
