"""Schedules refresh and retag with a Prefect server, and runs them when their time has come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow
from prefect import serve as serve_deployments
from prefect.client.orchestration import get_client
from prefect.schedules import Cron

from ascn_nlp.errors import AscnNlpError
from ascn_nlp.workspace import open_workspace

_REMEDY = "in another terminal: prefect server start; then: export PREFECT_API_URL=http://127.0.0.1:4200/api"


def serve(workspace: str = ".", sources: str = "", name: str = "") -> None:
    """Register the workspace's schedules and run them, one at a time, until it is stopped.

    Raises AscnNlpError when no Prefect server answers.
    """
    place = open_workspace(Path(workspace), sources=Path(sources) if sources else None)
    with get_client(sync_client=True) as client:
        if problem := client.api_healthcheck():
            raise AscnNlpError(f"the Prefect server does not answer: {problem}", str(client.api_url), _REMEDY)
    name = name or place.root.name or "workspace"
    parameters = {"workspace": str(place.root), **({"sources": str(place.sources)} if sources else {})}
    deployments = [
        _deployment("refresh", name, place.refresh_cron, place.timezone, parameters),
        _deployment("retag", name, place.retag_cron, place.timezone, {"workspace": str(place.root)}),
    ]
    # One at a time: what waits meanwhile is collapsed by the flow itself (see refresh.py).
    serve_deployments(*deployments, limit=1, print_starting_message=False)


def _deployment(name: str, of: str, cron: str, timezone: str, parameters: dict[str, str]) -> Any:
    # From its file: Prefect hands a flow over to the process that runs it by its module's name, and ours have no name
    # that another process could import.
    loaded: Any = flow.from_source(source=str(Path(__file__).parent), entrypoint=f"{name}.py:{name}")
    return loaded.to_deployment(name=of, schedule=Cron(cron, timezone=timezone), parameters=parameters)
