"""Paragraph borders: from lines in stream order to headings, paragraphs, list items, captions and footnotes.

The order of lines is the stream's. What is decided here is only where one block ends and what kind it is, from
leading, indent, bullets, font size and how far lines are filled. Typical sizes and leadings come from the whole
document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from ascn_nlp.extract.pdf.facts import is_fact, is_figure, labels_figure, opens_with_fact, stands_beside_figure
from ascn_nlp.extract.pdf.lines import Line
from ascn_nlp.extract.pdf.text import LEADERS
from ascn_nlp.extract.pdf.typography import HEADING_SIZE, Typography
from ascn_nlp.records import BlockKind

_BULLET = re.compile(r"^(?:[•▪●◦‣∙·○■□➢➤►✓✔❖→]\s*|[*–—o-]\s+)(?=\S)")
_NUMBERED = re.compile(
    r"^(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,5})[.)](?:\d{1,2}\.?)*|\d{1,2}(?:\.\d{1,2})+\.?|§+\s?\d+)\s+\S|^\d{1,2}\.(?=[A-Z])"
)
_PARAGRAPH_NUMBER = re.compile(r"^\[?\d{1,3}\]?\s+[^\W\d_]")
_ENDS_SENTENCE = re.compile(r"[.!?:;…။។][\"'”’)\]]*\d{0,3}$")
_STARTS_INSIDE = re.compile(r"^[\"'“‘(]?[a-zà-ÿ,;)]")
_CAPTION = re.compile(
    r"^(?:(?:figure|fig\.|table|exhibit|box|chart|map|photo|image)\s*[\dIVX]+(?:[.-]\d+)*\s*(?:[:.|–—-]|$)|sources?:)",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"^(?:\d{1,3}(?!\d)|[*†‡∗])\s*\S")
_COUNTED = re.compile(r"^\((\d{1,2})\)")
_NEXT_NOTE = re.compile(r"^\d{1,3}\s?[^\W\d_]")
_SECTION = re.compile(r"^\d{1,2}(?:\.\d{1,2})+\.?\s+[A-Z][^.;:]*$")
_LABEL = re.compile(r"^[A-Z][\w’'/ -]{1,30}:\s+\S")  # "Email: ...", in a list of facts
_DANGLING = re.compile(r"(?:\b(?:and|or|of|the|in|on|for|to|by|with|a|an|&|at|from)|[,–-])$", re.IGNORECASE)
_ITEM_NUMBER = re.compile(r"^\(?(\d{1,2})[.)]\s*[^\d\s]")
_LETTER = re.compile(r"[^\W\d_]")

# Chosen by reading what came out of six reports: a space between paragraphs adds half a line or more, while
# superscripts and mixed fonts make leading uneven by less than this.
_WIDER_LEADING = 1.22
_TALLEST = 1.3  # times the line above it, in the middle of a sentence
_SAME_SIZE = 0.06  # sizes that differ by less are the same in justified or scaled text
_HEADING_WORDS = 25
_FOOTNOTE_SIZE = 0.93  # of the body's size
_FEWEST_ITEMS = 3
_FEWEST_FACTS = 2


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that make one block on one page."""

    kind: BlockKind
    lines: tuple[Line, ...]
    weight: float = 0.0  # of a heading: headings of one weight are of one level, the heaviest the highest


def group_lines(lines: Sequence[Line], usual: Typography, height: float) -> list[Group]:
    """The blocks of one page, in the order of its lines."""
    groups: list[list[Line]] = []
    for i, line in enumerate(lines):
        if groups and not _starts_block(groups[-1], lines[i : i + 2], usual):
            groups[-1].append(line)
        else:
            groups.append([line])
    found: list[Group] = []
    for group in groups:
        follows_note = bool(found) and found[-1].kind == "footnote"
        found.append(_classified(group, usual, height, follows_note))
    return _listed(found)


def _listed(groups: list[Group]) -> list[Group]:
    """``groups`` with numbered headings, and facts, that follow each other without any text, as items of a list."""
    found = list(groups)
    for start in range(len(groups)):
        numbered, facts = _count_numbered(groups[start:]), len(list(takewhile(_is_fact_group, groups[start:])))
        count = numbered if numbered >= _FEWEST_ITEMS else facts if facts >= _FEWEST_FACTS else 0
        found[start : start + count] = [Group("list_item", each.lines) for each in groups[start : start + count]]
    return found


def _count_numbered(groups: list[Group]) -> int:
    """How many of the first ``groups`` are headings that count on from each other."""
    numbers = list(map(_number, groups))
    return next((i for i, number in enumerate(numbers) if not number or number != numbers[0] + i), len(groups))


def _number(group: Group) -> int:
    """The number that opens a heading; 0 when none does."""
    match = _ITEM_NUMBER.match(group.lines[0].text)
    return int(match[1]) if match and group.kind == "heading" else 0


def _is_fact_group(group: Group) -> bool:
    is_set_off = group.kind == "heading" or (len(group.lines) > 1 and labels_figure(group.lines[:1], group.lines[1:2]))
    return is_set_off and opens_with_fact(group.lines[0])


def _right_edge(block: Sequence[Line], coming: Sequence[Line]) -> float:
    """Where the column ends that ``block`` stands in, from its last lines: a box may have made it narrower before.

    A block of one or two lines says too little; then the ``coming`` lines count as far as they follow evenly.
    """
    near = list(block[-4:])
    if len(block) < 3:
        step = coming[0].baseline - block[-1].baseline
        near += [line for line in coming if line.baseline - coming[0].baseline < 1.1 * step]
    here = coming[0]
    return max((line.box[2] for line in near if line.box[0] < here.box[2] and _same_size(line, here)), default=0.0)


def _starts_block(block: Sequence[Line], coming: Sequence[Line], usual: Typography) -> bool:
    """Whether the first of the ``coming`` lines begins a new block after ``block``."""
    last, line = block[-1], coming[0]
    if stands_beside_figure(block, line) or labels_figure(block, coming):
        return False
    if _stands_apart(block, line, usual):
        return True
    right = _right_edge(block, coming)
    is_filled = right - last.box[2] < line.first_width + 0.5 * line.size
    is_open = not ends_sentence(last.text)
    if changes_weight(last, line, usual) and not (is_filled and (not is_open or starts_inside(line.text))):
        return True  # bold words that open a paragraph may fill its first line; a heading seldom does
    if is_marked(line) and not _is_inside(block, line, right):
        return True
    if not is_open and line.size < _FOOTNOTE_SIZE * usual.size and _NEXT_NOTE.match(line.text):
        return True
    if _LABEL.match(line.text) and _LABEL.match(block[0].text):
        return True
    if is_fact(line, usual) and is_fact(block[0], usual):
        return True
    if is_open and (is_filled or starts_inside(line.text) or _DANGLING.search(last.text)):
        return False
    is_heavy, is_centred = line.font in usual.heavy_fonts, _is_centred(last, line)
    is_title = _is_open_title(last.text) and (is_heavy or is_centred)
    if is_title and is_heavy and is_centred:
        return False
    return _is_outdented(block, line) or _is_indented(block, line, coming[1:]) or not (is_filled or is_title)


def _stands_apart(block: Sequence[Line], line: Line, usual: Typography) -> bool:
    """Whether size, place or distance alone part the line from the block before it."""
    last = block[-1]
    step = line.baseline - last.baseline
    is_beside = step < 0.5 * line.size or line.box[0] > last.box[2] or line.box[2] < last.box[0]
    if is_beside or not _same_size(last, line) or LEADERS.search(last.text):
        return True
    wider = _WIDER_LEADING
    if not ends_sentence(last.text):  # a line that holds a word in larger type stands further down
        taller = (line.box[3] - line.box[1]) / (last.box[3] - last.box[1])
        wider *= min(max(1.0, taller), _TALLEST)
    return step > wider * _leading(block, usual)


def changes_weight(last: Line, line: Line, usual: Typography) -> bool:
    """Whether one of two lines is bold and the other is not, as far as their fonts tell."""
    is_known = bool(last.font and line.font)
    return is_known and (last.font in usual.heavy_fonts) != (line.font in usual.heavy_fonts)


def _same_size(a: Line, b: Line) -> bool:
    return abs(a.size - b.size) <= _SAME_SIZE * max(a.size, b.size)


def _leading(block: Sequence[Line], usual: Typography) -> float:
    if len(block) > 1:
        return block[-1].baseline - block[-2].baseline
    return usual.leadings.get(block[-1].size, 1.3 * block[-1].size)


def is_marked(line: Line) -> bool:
    """Whether a bullet, a letter or a number opens the line."""
    return bool(_BULLET.match(line.text) or _NUMBERED.match(line.text) or _has_paragraph_number(line))


def is_numbered(line: Line) -> bool:
    """Whether a number with a full stop opens the line, as paragraphs of laws and reports begin."""
    return bool(_ITEM_NUMBER.match(line.text)) and not line.text.startswith("(")


def ends_sentence(text: str) -> bool:
    """Whether ``text`` ends as sentences and list items do, a footnote's mark after it or not."""
    return bool(_ENDS_SENTENCE.search(text))


def starts_inside(text: str) -> bool:
    """Whether ``text`` begins as the rest of a sentence does."""
    return bool(_STARTS_INSIDE.match(text))


def _is_open_title(text: str) -> bool:
    """Whether a heading may go on after ``text``: a subtitle follows a colon."""
    return not ends_sentence(text.removesuffix(":"))


def _has_paragraph_number(line: Line) -> bool:
    """Whether a bare number stands before a blank that is too wide for one between words."""
    gap = line.indent - line.box[0] - line.first_width
    return bool(_PARAGRAPH_NUMBER.match(line.text)) and gap > 0.6 * line.size


def _is_inside(block: Sequence[Line], line: Line, right: float) -> bool:
    """Whether what looks like a mark just came to stand at a line's start."""
    last = block[-1]
    counted = _COUNTED.match(line.text)
    if counted and f"({int(counted[1]) - 1})" in " ".join(each.text for each in block)[1:]:
        return True  # "(1) ...; (2) ..." within a sentence
    left = last.box[0] if len(block) > 1 else block[0].indent if is_marked(block[0]) else last.box[0]
    is_full = right - last.box[2] < line.first_width + line.size
    is_bullet = bool(_BULLET.match(line.text)) and not line.text.startswith(("-", "–", "—", "*"))
    return not is_bullet and is_full and abs(line.box[0] - left) < 2 and not _ENDS_SENTENCE.search(last.text)


def _is_outdented(block: Sequence[Line], line: Line) -> bool:
    if len(block) < 2:
        return is_marked(block[0]) and line.box[0] < block[0].box[0] - 0.8 * line.size
    return line.box[0] < block[-1].box[0] - 0.8 * line.size


def _is_indented(block: Sequence[Line], line: Line, coming: Sequence[Line]) -> bool:
    """Whether a first-line indent opens a paragraph (and no hanging indent goes on)."""
    last = block[-1]
    deeper = line.box[0] - last.box[0]
    if len(block) == 1 and is_marked(last):
        return deeper > 0.8 * line.size and line.box[0] > last.indent + line.size
    is_hanging = len(block) == 1 and any(abs(after.box[0] - line.box[0]) < 2 for after in coming)
    return deeper > 0.8 * line.size and not is_hanging and not _is_centred(last, line)


def _is_centred(a: Line, b: Line) -> bool:
    """Whether the lines share their middle and nothing else."""
    middles = abs((a.box[0] + a.box[2]) - (b.box[0] + b.box[2])) / 2
    return middles < 2 and abs(a.box[0] - b.box[0]) > 2


def is_marked_note(group: Group) -> bool:
    """Whether a number or sign opens a footnote; otherwise it goes on from the column or page before."""
    return bool(_FOOTNOTE.match(group.lines[0].text))


def _classified(lines: list[Line], usual: Typography, height: float, follows_note: bool) -> Group:
    first, text = lines[0], " ".join(line.text for line in lines)
    if _CAPTION.match(text):
        return Group("caption", tuple(lines))
    if LEADERS.search(text):  # an entry of a table of contents, not the heading itself
        return Group("list_item", tuple(lines))
    is_low = first.box[1] > 0.5 * height
    is_note = follows_note or (bool(_FOOTNOTE.match(text)) and text.count(" ") > 2)
    if first.size < _FOOTNOTE_SIZE * usual.size and is_low and is_note:
        return Group("footnote", tuple(lines))
    if len(lines) > 1 and (is_figure(first, lines[1]) or labels_figure(lines[:1], lines[1:2])):
        return Group("paragraph", tuple(lines))
    if weight := _heading_weight(lines, text, usual):
        return Group("heading", tuple(lines), weight)
    if is_marked(first) and not _has_paragraph_number(first):
        return Group("list_item", tuple(lines))
    return Group("paragraph", tuple(lines))


def _heading_weight(lines: Sequence[Line], text: str, usual: Typography) -> float:
    """The font size of a heading, plus a little when bold; 0 when it is none."""
    words = text.split()
    if len(words) > _HEADING_WORDS or len(_LETTER.findall(text)) < 3 or _BULLET.match(text):
        return 0.0
    size = max(line.size for line in lines)
    is_bold = all(line.font in usual.heavy_fonts for line in lines)
    ends = text.endswith((".", ",", ";")) and not text.endswith("etc.")
    if size >= HEADING_SIZE * usual.size and not ends:
        return size + 0.1 * is_bold
    if size >= 0.97 * usual.size and not ends and (is_bold or (text.isupper() and len(words) <= 12)):
        return size + 0.1 * is_bold
    return size if _SECTION.match(text) and size >= 0.97 * usual.size and len(words) <= 12 else 0.0
