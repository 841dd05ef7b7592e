"""Failures reach people: an artifact of the flow run with what failed, and a notification where one is set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.artifacts import create_markdown_artifact
from prefect.blocks.core import Block

from ascn_nlp import pipeline
from ascn_nlp.refreshing import Summary
from ascn_nlp.store.documents import standing_failures
from ascn_nlp.workspace import Workspace

KEY = "failed-documents"
# Longer tables are for `ascn-nlp status`.
_MOST = 500


def report_failures(place: Workspace, only: Sequence[str], summary: Summary) -> int:
    """How many documents have failed and not been mended; with the sources that could not be asked they are told."""
    names = [source.id for source in pipeline.sources_of(place, only)]
    with pipeline.store_of(place).reading() as connection:
        failures = standing_failures(connection, names)
    if not failures and not summary["problems"]:
        return 0
    text = _markdown(place, failures, summary["problems"])
    subject = what_failed(len(failures), len(summary["problems"]))
    create_markdown_artifact(key=KEY, markdown=text, description=f"What failed in {summary['run_id']}")
    if place.notify:
        try:
            block: Any = Block.load(place.notify)
            block.notify(subject=f"ascn-nlp: {subject}", body=text[:20_000])
        except Exception as error:  # whatever the block's service says: the refresh is done, and this must be told
            summary["problems"].append(f"the notification {place.notify} could not be sent: {error}")
    return len(failures)


def what_failed(documents: int, sources: int) -> str:
    """What a person is told first: "2 documents failed, 1 problem with sources"; what is none is left out."""
    told = []
    if documents:
        told.append(f"{documents} document{'s' * (documents != 1)} failed")
    if sources:
        told.append(f"{sources} problem{'s' * (sources != 1)} with sources")
    return ", ".join(told)


def _markdown(place: Workspace, failures: Sequence[Mapping[Any, Any]], problems: Sequence[str]) -> str:
    lines = [f"# {place.root.name}: {what_failed(len(failures), len(problems))}", ""]
    if problems:
        lines += [
            "Sources that could not be asked, wholly or in part:",
            "",
            *(f"- {_cell(one)}" for one in problems),
            "",
        ]
    if failures:
        lines += ["| source | document | stage | reason | what to do |", "|---|---|---|---|---|"]
    columns = ("source_id", "address", "stage", "message", "remedy")
    lines += ["| " + " | ".join(_cell(row[name]) for name in columns) + " |" for row in failures[:_MOST]]
    if len(failures) > _MOST:
        lines += ["", f"and {len(failures) - _MOST} more: `ascn-nlp status --failed`"]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    """The value as text that no table and no Markdown takes for its own signs."""
    text = " ".join(str(value or "").split())
    return "".join(f"\\{sign}" if sign in "\\|`*_<>[]" else sign for sign in text)
