"""Schedules refresh and retag with a Prefect server, and runs them when their time has come."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from prefect import flow
from prefect import serve as serve_deployments
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Cron

from ascn_nlp.errors import AscnNlpError
from ascn_nlp.workspace import open_workspace

# Prefect keeps these signs for itself.
_NOT_IN_NAMES = "/%&<>"
_REMEDY = "in another terminal: prefect server start; then: export PREFECT_API_URL=http://127.0.0.1:4200/api"


def serve(workspace: str = ".", sources: str = "", name: str = "") -> None:
    """Register the workspace's schedules and run them, one at a time, until it is stopped.

    The schedules go on when it is stopped: what they plan meanwhile waits for the next one. Raises AscnNlpError when no
    Prefect server answers, and when the name is that of another workspace's deployments there.
    """
    place = open_workspace(Path(workspace), sources=Path(sources) if sources else None)
    name = name or place.root.name or "workspace"
    with get_client(sync_client=True) as client:
        if problem := client.api_healthcheck():
            raise AscnNlpError(f"the Prefect server does not answer: {problem}", str(client.api_url), _REMEDY)
        _refuse_name_of_another(client, name, str(place.root))
    parameters = {"workspace": str(place.root), **({"sources": str(place.sources)} if sources else {})}
    deployments = [
        _deployment("refresh", name, place.refresh_cron, place.timezone, parameters),
        _deployment("retag", name, place.retag_cron, place.timezone, {"workspace": str(place.root)}),
    ]
    # One at a time: what waits meanwhile is collapsed by the flow itself (see refresh.py).
    # Paused, its runs of the time until it is started again would be deleted, and those of another serve at work too.
    serve_deployments(*deployments, limit=1, pause_on_shutdown=False, print_starting_message=False)


def _refuse_name_of_another(client: SyncPrefectClient, name: str, workspace: str) -> None:
    """Raise AscnNlpError where to register under the name would take the deployments of another workspace."""
    if set(name) & set(_NOT_IN_NAMES):
        what = f"Prefect takes no name with any of {_NOT_IN_NAMES} in it: {name!r}"
        raise AscnNlpError(what, "--name", "ascn-nlp serve --name ANOTHER")
    try:
        other = client.read_deployment_by_name(f"refresh/{quote(name)}").parameters.get("workspace")
    except ObjectNotFound:
        return
    if other != workspace:
        remedy = "ascn-nlp serve --name ANOTHER"
        gone = f"or, where that workspace is no more: prefect deployment delete refresh/{name}"
        raise AscnNlpError(
            f"{name!r} names the schedules of another workspace, {other}", workspace, f"{remedy}; {gone}"
        )


def _deployment(name: str, of: str, cron: str, timezone: str, parameters: dict[str, str]) -> Any:
    # From its file: Prefect hands a flow over to the process that runs it by its module's name, and ours have no name
    # that another process could import.
    loaded: Any = flow.from_source(source=str(Path(__file__).parent), entrypoint=f"{name}.py:{name}")
    return loaded.to_deployment(name=of, schedule=Cron(cron, timezone=timezone), parameters=parameters)
