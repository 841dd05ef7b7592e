"""What a report was made with, as far as it is others' business: no folders of this machine, no names of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ascn_nlp import __version__
from ascn_nlp.pipeline import store_of
from ascn_nlp.report.whole import Report
from ascn_nlp.resources import resource
from ascn_nlp.store.runs import last_runs
from ascn_nlp.workspace import Workspace

_RUNS = 20
# Of a run: the machine it ran on. Of its settings: who keeps the workspace, and where.
_OURS = frozenset(("pid", "host", "heartbeat_at", "root", "contact", "notify"))
# Folders of a path from the root of a file system on; "https://example.org/a/b" and "and/or" have none.
_FOLDERS = re.compile(r"""(?<![\w/:.~\\-])(?:/|[A-Za-z]:[\\/])(?:[^\s/\\'"<>|,;]+[\\/])+""")


def manifest(workspace: Workspace, report: Report) -> dict[str, Any]:
    """Versions, choices, and the last runs over the store with what they were made with: values of JSON."""
    with store_of(workspace).reading() as connection:
        runs = last_runs(connection, _RUNS)
    told = {"version": __version__, "made": report.made, "command": report.command, "by": report.by}
    chosen = {"window": list(report.window), "filters": report.filters, "tagger": report.tagger}
    return {**told, **chosen, "runs": [_without(run, workspace) for run in runs]}


def without_folders(text: str, workspace: Workspace) -> str:
    """The text with paths cut to what is not of this machine: relative to the workspace, or the file's name alone."""
    for folder in (workspace.root, resource(), Path.home()):
        if folder != Path(folder.anchor):
            text = re.sub(re.escape(str(folder)) + r"(?:[/\\]|(?![\w.-]))", "", text)
    return _FOLDERS.sub("", text)


def _without(value: Any, workspace: Workspace) -> Any:
    """The value as JSON has it, without what is ours alone."""
    if isinstance(value, Mapping):
        kept = {key: one for key, one in value.items() if key not in _OURS}
        if "store_url" in kept:
            kept["store_url"] = str(kept["store_url"]).partition(":")[0]
        return {key: _without(one, workspace) for key, one in kept.items()}
    if isinstance(value, list | tuple):
        return [_without(one, workspace) for one in value]
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return without_folders(value, workspace) if isinstance(value, str) else value
