"""Taking a document out for good: forget."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ascn_nlp.cli.options import WorkspaceOption


def forget(
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, or its address.")] = "",
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept, so name no person in it.")
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wipe: Annotated[
        bool,
        typer.Option("--wipe", help="Only overwrite what is left in the database, where that failed."),
    ] = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Take a document out for good, with its text and tags.

    For a takedown or personal data. Its id and the reason stay, and no refresh brings it back.

    Example: ascn-nlp forget news/page.html --reason "takedown of 5 May 2024"
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.errors import OptionError
    from ascn_nlp.forgetting import find_document, forget_document, wipe_store
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    if wipe:
        wipe_store(place)
        line("Nothing that was deleted is left in the database's file.")
        return
    if not document:
        raise OptionError("which document?", "DOCUMENT", "give its id, or its address as status shows it")
    if not reason.strip():
        raise OptionError("may not be empty", "--reason", "say why: somebody will ask")
    document_id = find_document(place, document)
    if not yes and not _is_meant(document, document_id):
        note("nothing was done; add --yes where nobody can answer")
        raise typer.Exit(1)
    gone = forget_document(place, document_id, reason.strip(), by)
    line(
        f"{gone.document_id} is out: {gone.passages} passages, {gone.files} stored files. "
        f"{gone.decisions} decisions stay, without notes."
    )
    if gone.shared_with:
        line(f"The same bytes are those of other documents, which stay: {', '.join(gone.shared_with)}")
    if gone.left:
        line("Something of it is left here; remove it, or what it says of the document:")
    for where in gone.left:
        line(f"  {where}")


def _is_meant(document: str, document_id: str) -> bool:
    try:
        return typer.confirm(f"Take {document} ({document_id}) out for good?", err=True)
    except typer.Abort:  # nobody is there to answer
        typer.echo(err=True)  # ends the line of the question
        return False
