"""Commands on what was done: runs, diff."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ascn_nlp.cli.options import JsonOption, WorkspaceOption

# More changes than these are told by --json.
_SHOWN = 20


def runs(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Only this run, with its manifest.")] = "",
    workspace: WorkspaceOption = Path(),
    number: Annotated[int, typer.Option("-n", metavar="N", min=1, help="The newest N.")] = 20,
    json: JsonOption = False,
) -> None:
    """List runs, or show what one was made with and what it did.

    Example: ascn-nlp runs -n 5
    """
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import dated, line, note, table
    from ascn_nlp.errors import OptionError
    from ascn_nlp.store.runs import get_run, last_runs
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    store, one, found = pipeline.store_of(place), None, []
    if run or store.exists():
        with store.reading() as connection:
            one = get_run(connection, run) if run else None
            found = [one] if one else [] if run else last_runs(connection, number)
    if run and not found:
        raise OptionError(f"{run!r} is the id of no run, or begins several", "RUN", "see: ascn-nlp runs")
    if json:
        for row in found:
            line(dated(row))
        return
    if not found:
        note(f"nothing was run on {place.root} yet; run: ascn-nlp refresh")
        return
    rows = [
        (row["id"], row["flow"], row["state"], f"{row['started_at']:%Y-%m-%d %H:%M}", _took(row), _gist(row["counts"]))
        for row in found
    ]
    table("Runs (times in UTC)", ("run", "flow", "state", "started", "took", "what"), rows)
    if one:
        told = [(key, value) for key, value in _flat(one["manifest"])]
        table("Made with", ("what", "value"), told)
        table("Counts", ("what", "count"), sorted(one["counts"].items()))


def diff(
    before: Annotated[str, typer.Argument(metavar="RUN", help="The beginning of a run's id is enough.")],
    after: Annotated[str, typer.Argument(metavar="RUN", help="The other run.")],
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
) -> None:
    """Show documents and tags gained and lost between two runs.

    Example: ascn-nlp diff r20240301 r20240308
    """
    from dataclasses import asdict

    from ascn_nlp.cli.console import line, table
    from ascn_nlp.history import compare_runs
    from ascn_nlp.workspace import open_workspace

    found = compare_runs(open_workspace(workspace), before, after)
    if json:
        for name in ("gained", "lost"):
            for document in getattr(found, f"documents_{name}"):
                line({"what": "document", "kind": name, "document_id": document, "name": found.names.get(document, "")})
        for change in found.tags:
            line({"what": "tag", "kind": change.kind, **asdict(change)})
        return
    line(f"From {found.before} to {found.after}")
    counts = (len(found.documents_gained), len(found.documents_lost))
    line(f"Documents: {counts[0]} gained, {counts[1]} lost (gone from their source, or forgotten).")
    for sign, documents in (("+", found.documents_gained), ("-", found.documents_lost)):
        for document in documents[:_SHOWN]:
            line(f"  {sign} {found.names.get(document, f'{document} (forgotten)')}")
    rows = [(concern, *kinds.values()) for concern, kinds in found.by_concern.items()]
    if rows:
        table("Tags", ("concern", "gained", "lost", "changed"), rows)
    else:
        line("No tags differ.")
    if found.made_with:
        table("Made with other", ("what", "before", "after"), found.made_with)
    if found.tags:
        line("\nTags, one by one:")
    for change in found.tags[:_SHOWN]:
        stances = f"{change.before or 'no tag'} -> {change.after or 'no tag'}"
        page = f", page {change.page}" if change.page else ""
        line(f"  {change.source_id}/{change.address}{page}: {change.concern}: {stances}")
    if len(found.tags) > _SHOWN:
        line(f"  and {len(found.tags) - _SHOWN} more: --json lists all")


def _took(row: dict[str, object]) -> str:
    started, ended = row["started_at"], row["ended_at"]
    return f"{(ended - started).total_seconds():.0f} s" if ended else ""  # type: ignore[operator]


def _gist(counts: dict[str, int]) -> str:
    shown = {
        "new": ("new",),
        "gone": ("gone",),
        "fetched": ("fetch.fetched",),
        "read": ("read.read", "read.partly_read"),
        "passages tagged": ("tag.passages",),
        "failed": tuple(key for key in counts if key.endswith("failed")),
    }
    told = {words: sum(counts.get(key, 0) for key in keys) for words, keys in shown.items()}
    parts = [f"{count} {words}" for words, count in told.items() if count]
    rest = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return ", ".join(parts) or rest or ("nothing new" if counts else "")


def _flat(manifest: dict[str, object], above: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for key, value in manifest.items():
        rows += _flat(value, f"{above}{key}.") if isinstance(value, dict) else [(f"{above}{key}", value)]
    return rows
