"""The command line: one module per group of commands. Only this folder prints.

stdout is data, stderr is progress. Exit status: 0 done, 1 error, 2 wrong usage, 3 done but some documents failed, 130
stopped by Ctrl-C.
Modules here import the rest of the package inside their commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import typer

from ascn_nlp.cli import (
    codebook,
    corpus,
    forgetting,
    health,
    history,
    models,
    report,
    review,
    schedule,
    sources,
    stored,
    stories,
    texts,
)
from ascn_nlp.errors import AscnNlpError, OptionError

DONE, ERROR, USAGE, SOME_FAILED = 0, 1, 2, 3
STOPPED = 130  # by Ctrl-C, as shells count it

app = typer.Typer(
    name="ascn-nlp",
    help="Tags passages of documents on the ASEAN Smart Cities Network with civic and social concerns.\n\n"
    "First run: ascn-nlp refresh reads the sample corpus and writes data/exports/review.csv.\n\n"
    "Example: ascn-nlp extract report.pdf --json",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    corpus.refresh,
    texts.extract,
    texts.tag,
    stored.retag,
    stored.search,
    corpus.status,
    schedule.serve,
    history.runs,
    history.diff,
    stories.stories,
    forgetting.forget,
    models.train,
    models.models,
    models.evaluate,
    report.report,
    health.doctor,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(review.app, name="review")
app.add_typer(sources.app, name="sources")
app.add_typer(codebook.app, name="codebook")


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        from ascn_nlp import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", help="Print the version and leave.", is_eager=True, callback=_show_version
    ),
) -> None:
    pass


def main(argv: Sequence[str]) -> int:
    """The exit status of running the command line with these arguments."""
    try:
        status = app(args=list(argv), prog_name="ascn-nlp", standalone_mode=False)
    except typer.TyperException as error:
        return _refused(error)
    except AscnNlpError as error:
        return _failed(str(error), USAGE if isinstance(error, OptionError) else ERROR)
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if status == STOPPED:
        typer.echo("ascn-nlp: stopped; what was done is kept", err=True)
    return status if isinstance(status, int) else DONE


def _failed(message: str, status: int = ERROR) -> int:
    typer.echo(f"ascn-nlp: {message}", err=True)
    return status


def _refused(error: typer.TyperException) -> int:
    """Say what is wrong with the arguments, and where to read which are right."""
    context = getattr(error, "ctx", None)  # not of every kind of error
    if message := error.format_message():  # without one, the help itself was shown
        _failed(f"{message}\nTry: {context.command_path if context else 'ascn-nlp'} --help")
    return USAGE
