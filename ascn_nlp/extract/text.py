"""Plain text and Markdown bytes -> Draft."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ascn_nlp.dates import CONFIDENCE, find_dates
from ascn_nlp.extract.decode import decode
from ascn_nlp.extract.draft import Draft, DraftBlock, Limits
from ascn_nlp.extract.origin import Origin
from ascn_nlp.records import DateClue, Issue

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+|\f")
_BULLET = re.compile(r"[^\S\n]*(?:[-*•▪‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])[^\S\n]+\S")
_MARKUP = re.compile(r"<!--.*?-->|<[^>]+>", re.DOTALL)
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,4}\.|[A-Z]\.)\s+\S")
_UNDERLINE = re.compile(r"\n[=~-]{3,}\s*$")
_MOST_HEADING_WORDS = 10
# A file without empty lines has one paragraph a line if its lines are longer than anyone wraps them.
_LONGEST_WRAP = 130
_MOST_TITLE_WORDS = 15
_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[^\S\n]*\n(.*?)\n\1[^\S\n]*(?:\n|$)", re.DOTALL)


def read_text(content: bytes, origin: Origin, limits: Limits) -> Draft:
    """Paragraphs of a plain text, parted by empty lines, with their own line breaks as they are."""
    text, issues = _text(content, origin, limits)
    parts = [part.strip() for part in _PARAGRAPH_END.split(text)]
    parts = [part for part in parts if part]
    if len(parts) == 1 and max(map(len, parts[0].split("\n"))) > _LONGEST_WRAP:
        parts = [line.strip() for line in parts[0].split("\n")]
    blocks = tuple(block for part in parts for block in _paragraph(part))
    first = parts[0].partition("\n")[0].strip() if parts else ""
    is_title = len(first.split()) <= _MOST_TITLE_WORDS and not first.endswith((".", ",", ";", ":"))
    return Draft(blocks, title=first if is_title else "", issues=issues)


def read_markdown(content: bytes, origin: Origin, limits: Limits) -> Draft:
    """The blocks of a Markdown text without its marks; title, date, publisher and language from its front matter."""
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    text, issues = _text(content, origin, limits)
    stated, body = _front_matter(text)
    tree = SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(body))
    blocks = tuple(block for block in _markdown_blocks(tree, 0) if block.text.strip())
    found = find_dates(stated.get("date", ""))[:1]
    clues = tuple(
        DateClue(each.value, "metadata", f"date: {stated['date']}", CONFIDENCE["first-page"]) for each in found
    )
    return Draft(
        blocks,
        title=stated.get("title", ""),
        publisher=stated.get("publisher", ""),
        language=stated.get("lang", stated.get("language", "")),
        clues=clues,
        canonical_url=stated.get("url", ""),
        issues=issues,
    )


def _text(content: bytes, origin: Origin, limits: Limits) -> tuple[str, tuple[Issue, ...]]:
    text = decode(content, origin.declared_type).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) <= limits.max_characters:
        return text, ()
    what = f"only its first {limits.max_characters} characters were read"
    return text[: limits.max_characters], (Issue("extract", what, "split it"),)


def _paragraph(part: str) -> Iterator[DraftBlock]:
    """A heading, a paragraph, or the items of a list, in which a line without a bullet goes on with the item above."""
    if heading := _heading(part):
        yield DraftBlock("heading", heading, level=1)
        return
    lines = part.split("\n")
    starts = [number for number, line in enumerate(lines) if _BULLET.match(line)]
    if len(starts) < 2 and not (starts == [0] and len(part) < _LONGEST_WRAP):
        yield DraftBlock("paragraph", part)
        return
    if starts[0] > 0:
        yield DraftBlock("paragraph", "\n".join(lines[: starts[0]]))
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield DraftBlock("list_item", "\n".join(line.strip() for line in lines[start:end]), level=1)


def _heading(part: str) -> str:
    """A short line that is underlined, in capitals or numbered, without its underline; "" for anything else."""
    text = _UNDERLINE.sub("", part).strip()
    if "\n" in text or len(text.split()) > _MOST_HEADING_WORDS or text.endswith((".", ",", ";", ":", "!", "?")):
        return ""
    is_marked = text != part.strip() or text.isupper() or _NUMBERED.match(text) is not None
    return text if is_marked and any(map(str.isalpha, text)) else ""


def _front_matter(text: str) -> tuple[Mapping[str, str], str]:
    """What the top of the text states, keys in lower case, and the rest: "key: value" lines in ---, or TOML in +++."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    if match[1] == "+++":
        try:
            return {key.lower(): str(value) for key, value in tomllib.loads(match[2]).items()}, text[match.end() :]
        except tomllib.TOMLDecodeError:
            return {}, text
    pairs = (line.partition(":") for line in match[2].split("\n") if not line.startswith((" ", "\t", "#")))
    return {key.strip().lower(): value.strip().strip("\"'") for key, mark, value in pairs if mark}, text[match.end() :]


def _markdown_blocks(node: SyntaxTreeNode, depth: int) -> Iterator[DraftBlock]:
    """The blocks below ``node``; ``depth`` counts the lists around it."""
    for child in node.children:
        if child.type == "heading":
            yield DraftBlock("heading", _inline(child), level=int(child.tag[1:]))
        elif child.type == "paragraph":
            yield DraftBlock("list_item" if depth else "paragraph", _inline(child), level=depth)
        elif child.type == "table":
            yield from _markdown_rows(child)
        elif child.type in ("fence", "code_block"):
            yield DraftBlock("paragraph", child.content)
        elif child.type == "html_block":
            yield DraftBlock("paragraph", _MARKUP.sub(" ", child.content))
        else:
            yield from _markdown_blocks(child, depth + child.type.endswith("_list"))


def _markdown_rows(table: SyntaxTreeNode) -> Iterator[DraftBlock]:
    header = ""
    for row in (each for each in table.walk() if each.type == "tr"):
        text = " | ".join(_inline(cell) for cell in row.children).strip(" |")
        yield DraftBlock("table_row", text, context=header)
        if row.children[0].type == "th":
            header = text


def _inline(node: SyntaxTreeNode) -> str:
    """The words of a line as they would be shown: no marks, no pictures, no markup."""
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type in ("image", "html_inline"):
        return ""
    if node.type in ("softbreak", "hardbreak"):
        return " " if node.type == "softbreak" else "\n"
    return "".join(map(_inline, node.children))
