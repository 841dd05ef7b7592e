"""A tagged passage for a person to read: its text with the evidence marked, and why each tag was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

    from ascn_nlp.records import Evidence, Passage, Tag, TaggedPassage

_STYLE_BY_STANCE = {"raised": "bold red", "addressed": "bold green", "described": "bold blue"}
_MARKED, _SENTENCE = "reverse", "underline"
_WIDTH = 100  # of lines where stdout is no terminal


def show_explained(id_: str | int, passage: Passage, tagged: TaggedPassage) -> None:
    """Print the passage and the reasons for its tags on stdout; in colours where that is a terminal."""
    import sys

    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    console.print(Text(str(id_), style="bold"), Text(passage.heading_line, style="dim"))
    if not tagged.tags and not tagged.leads:
        console.print(Text(passage.text))
        console.print(Text("  no concern\n", style="dim"))
        return
    console.print(_marked(passage.text, [one for tag in tagged.tags for one in tag.evidence]))
    for tag in tagged.tags:
        console.print(_heading(tag))
        for one in tag.evidence:
            console.print(_reason(one))
    for lead in tagged.leads:
        told = f"  lead: {lead.theme} {lead.score:.2f}, no single concern of it is likely enough: read it"
        console.print(Text(told, style="yellow"))
    console.print()


def _marked(text: str, evidence: list[Evidence]) -> Text:
    """The text with words of the evidence reversed and sentences underlined."""
    from rich.text import Text

    shown = Text(text)
    for one in evidence:
        is_sentence = "without this sentence" in one.why
        shown.stylize(_SENTENCE if is_sentence else _MARKED, one.start, one.end)
    return shown


def _heading(tag: Tag) -> Text:
    from rich.text import Text

    unsure = "  unsure: needs a person" if tag.is_unsure else ""
    told = Text(f"  {tag.concern} ", style="bold")
    return told.append(f"{tag.stance} ", style=_STYLE_BY_STANCE[tag.stance]).append(f"{tag.score:.2f}{unsure}")


def _reason(one: Evidence) -> Text:
    from rich.text import Text

    quote = one.text if len(one.text) <= 60 else f"{one.text[:40].rstrip()} ... {one.text[-15:].lstrip()}"
    return Text(f"    {one.start}-{one.end} \u201c{quote}\u201d  {one.why}", style="dim")
