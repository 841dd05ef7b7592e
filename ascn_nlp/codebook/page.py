"""The codebook as a page to print and hand to a person who codes: HTML that needs nothing else, or Markdown."""

from __future__ import annotations

import re
from typing import Any

from ascn_nlp.codebook.descriptions import plain
from ascn_nlp.codebook.entries import colours, theme_name
from ascn_nlp.resources import packaged
from ascn_nlp.review.columns import DECISIONS, REVIEWER_COLUMNS
from ascn_nlp.taxonomy import Concern, Taxonomy

RULES = (
    "The unit is one passage: a paragraph, or some rows of a table. Judge only what it says itself, with its heading; "
    "what stands before and after it is there to understand it.",
    "A passage gets every concern that at least one of its clauses is about. Most passages of an official report get "
    "none: “none” is a frequent and right answer.",
    "A word in a name or a bare item of a list is not enough, nor is a slogan with no group, measure or consequence "
    "behind it.",
    "Each concern that is there gets one stance. Where there are two, take the one that the passage is mostly about; "
    "on a tie, the first in the list below.",
    "When in doubt, read what belongs to the concern and what does not, then the examples. If that does not settle it, "
    "write unsure and say why in the note: doubts are how definitions get better.",
)
DECISION_MEANINGS = {
    "accept": "The concern is there with this stance, or with what you write in the columns ending in _reviewed.",
    "reject": "The concern is not there. In a row without a concern: nothing on this page is in the passage.",
    "unsure": "You have read the definition and cannot tell. Say in the note what is missing.",
    "withdraw": "Take back what you decided in an earlier file.",
}
COLUMN_MEANINGS = {
    "decision": "One of the words below. Empty: not judged yet.",
    "concern_reviewed": "The concern it should be, by its short name, if it is another. In a row without a concern: "
    "the one that was missed; repeat the row for a second one.",
    "stance_reviewed": "The stance it should be, if it is another.",
    "note": "Why, in your own words. Free text.",
    "reviewer": "Your name or initials, the same in every row and every file.",
}
_SPECIAL = re.compile(r"[\\`*\[\]<>~|$]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_BLOCK_START = re.compile(r"^([#>+=-]|\d+(?=[.)]))")


def html_page(taxonomy: Taxonomy, maker: str) -> str:
    """One HTML document with its style inside: no script, no address is asked for, every text escaped."""
    return _render("page.html.jinja", taxonomy, maker, is_html=True)


def markdown_page(taxonomy: Taxonomy, maker: str) -> str:
    """The same in Markdown (CommonMark with tables); signs of the taxonomy's texts that would mean something are not
    taken for markup.
    """
    return _render("page.md.jinja", taxonomy, maker, is_html=False)


def _render(name: str, taxonomy: Taxonomy, maker: str, is_html: bool) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=is_html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters |= {"md": _as_markdown, "plain": plain}
    template = environment.from_string((packaged("codebook") / name).read_text(encoding="utf-8"))
    return template.render(
        taxonomy=taxonomy,
        maker=maker,
        themes=_themes(taxonomy),
        rules=RULES,
        columns=[(column, COLUMN_MEANINGS[column]) for column in REVIEWER_COLUMNS],
        decisions=[(word, DECISION_MEANINGS[word]) for word in DECISIONS],
    )


def _themes(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """Themes that have concerns, in the order of the file."""
    return [
        {
            "name": theme_name(theme),
            "text": taxonomy.themes[theme],
            "colour": colour,
            "concerns": [
                {"is": concern, "examples": _by_stance(taxonomy, concern)}
                for concern in taxonomy.concerns
                if concern.theme == theme
            ],
        }
        for theme, colour in colours(taxonomy).items()
        if any(concern.theme == theme for concern in taxonomy.concerns)
    ]


def _by_stance(taxonomy: Taxonomy, concern: Concern) -> list[tuple[str, str]]:
    """(stance, sentence), in the order of the stances."""
    return [
        (stance.id, example.text)
        for stance in taxonomy.stances
        for example in concern.examples
        if example.stance == stance.id
    ]


def _as_markdown(text: str) -> str:
    """The text on one line, so that CommonMark shows it as it is, wherever a line or a cell of a table begins."""
    escaped = _SPECIAL.sub(r"\\\g<0>", plain(text))
    return _BLOCK_START.sub(lambda sign: f"{sign[0]}\\" if sign[0].isdigit() else f"\\{sign[0]}", escaped)
