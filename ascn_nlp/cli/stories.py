"""Documents that tell the same story, and a person's verdict on a pair of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ascn_nlp.cli.options import JsonOption, WorkspaceOption

_PairOption = tuple[str, str] | None


def stories(
    workspace: WorkspaceOption = Path(),
    same: Annotated[
        _PairOption, typer.Option("--same", metavar="ID ID", help="Say that these two documents tell one story.")
    ] = None,
    different: Annotated[
        _PairOption, typer.Option("--different", metavar="ID ID", help="Say that they tell two.")
    ] = None,
    withdraw: Annotated[
        _PairOption, typer.Option("--withdraw", metavar="ID ID", help="Take back what was said of them.")
    ] = None,
    reviewer: Annotated[str, typer.Option("--reviewer", metavar="NAME", help="Who says so.")] = "",
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why.")] = "",
    json: JsonOption = False,
) -> None:
    """List stories that several documents tell, as wire copy is.

    The same report saved anew is one too.

    What a person says of two documents stands above what is alike, and is kept.

    Example: ascn-nlp stories --different d1f0... d2a9... --reviewer ann
    """
    from ascn_nlp import pipeline
    from ascn_nlp.cli.console import dated, line, table
    from ascn_nlp.errors import OptionError
    from ascn_nlp.forgetting import find_document
    from ascn_nlp.store.stories import count_stories, list_stories, save_verdict
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace)
    store = pipeline.store_of(place)
    said = {name: pair for name, pair in (("same", same), ("different", different), ("withdraw", withdraw)) if pair}
    if said and not reviewer:
        raise OptionError("a verdict needs the name of who gives it", "--reviewer", "add --reviewer NAME")
    for verdict, pair in said.items():
        one, other = (find_document(place, name) for name in pair)
        if one == other:
            raise OptionError("these are one document", f"--{verdict}", "give the ids of two")
        with store.writing() as connection:
            save_verdict(connection, (one, other), verdict, reviewer, note)
    if said:
        pipeline.group_stories(place)
    with store.reading() as connection:
        found, counts = list_stories(connection), count_stories(connection)
    if json:
        for rows in found:
            line({"story": rows[0]["id"], "documents": [dated(row) for row in rows]})
        return
    line(
        f"{counts['appearances']} documents tell {counts['stories']} stories; {counts['stories_by_publisher']} where "
        "each publisher counts once a story." + (" Told by several:" if found else "")
    )
    for rows in found:
        shown = [
            (row["id"], f"{row['source_id']}/{row['address']}", row["published"], row["publisher"]) for row in rows
        ]
        table(rows[0]["title"] or rows[0]["address"], ("document", "where", "published", "publisher"), shown)
