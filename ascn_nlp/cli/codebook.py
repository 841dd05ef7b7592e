"""The codebook: out to a page or to programs for qualitative analysis, and what was changed there back in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ascn_nlp.cli.options import WorkspaceOption

if TYPE_CHECKING:
    from ascn_nlp.codebook.changes import Comparison

app = typer.Typer(
    help="The codebook: print it, or edit it in NVivo, MAXQDA, QualCoder.\n\n"
    "Example: ascn-nlp codebook export codebook.html",
    no_args_is_help=True,
)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file: .html, .md or .qdc.", show_default=False)],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Write themes, concerns and stances as a codebook.

    OUT.html is a page to print and OUT.md the same in Markdown, with how to fill in a review file. OUT.qdc is a
    REFI-QDA codebook for NVivo, MAXQDA, ATLAS.ti and QualCoder; another export has the same codes, so it updates them
    in programs that go by their GUIDs.

    A file that ascn-nlp did not make is never overwritten.

    Example: ascn-nlp codebook export codebook.html
    """
    from ascn_nlp.cli.console import line
    from ascn_nlp.codebook.files import export_codebook
    from ascn_nlp.workspace import open_workspace

    line(str(export_codebook(open_workspace(workspace), out)))


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.qdc", help="A REFI-QDA codebook.", show_default=False),
    ],
    workspace: WorkspaceOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and take nothing.")] = False,
) -> None:
    """Take changed names and definitions into the taxonomy.

    The workspace's own taxonomy.toml is written, a copy of the packaged one where there is none; the previous file is
    kept beside it. New codes are printed as TOML to fill in, missing ones are named and kept, and terms and examples
    are not read back. Exit status 3 when the file holds something that was not taken.

    Example: ascn-nlp codebook import codebook.qdc --dry-run
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.codebook.files import import_codebook
    from ascn_nlp.workspace import open_workspace

    done = import_codebook(open_workspace(workspace), file, dry_run)
    _show(done.found)
    changes = len(done.found.changes)
    if done.written:
        line(f"{changes} changes written: {done.target}, now version {done.version}")
        if done.kept:
            note(f"as it was before: {done.kept}")
        note("a model trained on other definitions leaves the changed concerns to the rules; retag names them")
    else:
        line(f"{changes} changes would be written: {done.target}" if changes else "nothing to change")
    raise typer.Exit(3 if done.found.new or done.found.missing or done.found.left else 0)


def _show(found: Comparison) -> None:
    """Changes on stdout, TOML for new codes as well; what is not taken on stderr."""
    from ascn_nlp.cli.console import line, note

    for change in found.changes:
        line(f"{'.'.join(change.key)}\n  - {' '.join(change.before.split())}\n  + {change.after}")
    for code in found.new:
        note(
            f"! new: {code.name!r}" + (f" in {code.place}" if code.place else "") + "; fill in and add to the taxonomy:"
        )
        line(code.block)
    for one in found.missing:
        note(f"! missing there: {one}; it is kept")
    for one in found.left:
        note(f"! {one}")
