"""The command line: one module per group of commands. Only this folder prints.

stdout is data, stderr is progress. Exit status: 0 done, 1 error, 2 wrong usage, 3 done but some documents failed.
Modules here import the rest of the package inside their commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from ascn_nlp.cli import corpus, health, models, review, texts
from ascn_nlp.errors import AscnNlpError

DONE, ERROR, USAGE, SOME_FAILED = 0, 1, 2, 3

app = typer.Typer(
    name="ascn-nlp",
    help="Tags passages of documents on the ASEAN Smart Cities Network with civic and social concerns.\n\n"
    "First run: [bold]ascn-nlp refresh[/bold] reads the sample corpus and writes data/exports/review.csv.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
COMMANDS = (
    corpus.refresh,
    texts.extract,
    texts.tag,
    corpus.retag,
    corpus.search,
    corpus.status,
    models.train,
    models.evaluate,
    health.doctor,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(review.app, name="review")


@app.callback()
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and leave.", is_eager=True),
) -> None:
    if version:
        from ascn_nlp import __version__

        typer.echo(__version__)
        raise typer.Exit


def main(argv: Sequence[str]) -> int:
    """The exit status of running the command line with these arguments."""
    try:
        status = app(args=list(argv), prog_name="ascn-nlp", standalone_mode=False)
        return status if isinstance(status, int) else DONE
    except AscnNlpError as error:
        typer.echo(f"ascn-nlp: {error}", err=True)
        return ERROR
    except typer.Abort:
        typer.echo("ascn-nlp: stopped; what was done is kept", err=True)
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough, as in `ascn-nlp tag ... | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except typer.TyperException as error:
        from typer.rich_utils import rich_format_error

        rich_format_error(error)  # type: ignore[arg-type]
        return USAGE
