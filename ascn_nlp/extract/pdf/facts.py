"""Numbers in large type with a few words beside or below them, as posters and fact boxes have them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ascn_nlp.extract.pdf.lines import Line
from ascn_nlp.extract.pdf.typography import HEADING_SIZE, Typography

_FIGURE = re.compile(r"^[\d.,]+[%+]?$")
# "150 buildings"; not "3.1 Findings", nor "22 August 2019".
_FACT = re.compile(r"^\d+(?:[.,]\d+)*(?<!\d\.\d)[%+]?\s[^\W\d_](?!.*\b(?:19|20)\d\d\b)")
_FIGURE_SIZE = 1.5  # times the words that stand beside it in one or more lines
_FIGURE_ABOVE = 1.15  # times the words that stand under it
_LABEL_WORDS = 6  # under a figure
_OFF_CENTRE = 0.3  # of the label's size


def opens_with_fact(line: Line) -> bool:
    """Whether the line begins as "150 buildings" does."""
    return bool(_FACT.match(line.text))


def stands_beside_figure(block: Sequence[Line], line: Line) -> bool:
    """Whether ``block`` opens with a lone number so large that ``line`` is one of the words right of it."""
    figure = block[0]
    middle, gap = (line.box[1] + line.box[3]) / 2, line.box[0] - figure.box[2]
    is_beside = figure.box[1] < middle < figure.box[3] and -0.3 * line.size < gap < 2 * figure.size
    return is_beside and is_figure(figure, line) and not line.text[0].isdigit()


def labels_figure(block: Sequence[Line], coming: Sequence[Line]) -> bool:
    """Whether the first of the ``coming`` lines is a short label close under a number, or a fact, in larger type."""
    figure, line = block[0], coming[0]
    is_number = bool(_FIGURE.match(figure.text)) and len(figure.text) > 1
    if len(block) > 1 or not (is_number or _FACT.match(figure.text)) or figure.size < _FIGURE_ABOVE * line.size:
        return False
    gap = line.box[1] - figure.box[3]
    is_under = -0.3 * line.size < gap < 0.5 * line.size
    middles = abs((line.box[0] + line.box[2]) - (figure.box[0] + figure.box[2])) / 2
    is_aligned = abs(line.box[0] - figure.box[0]) < 2 or middles < max(2, _OFF_CENTRE * line.size)
    is_alone = all(after.baseline - line.baseline > 1.5 * line.size or after.size > line.size for after in coming[1:])
    return is_under and is_aligned and (is_number or is_alone) and len(line.text.split()) <= _LABEL_WORDS


def is_fact(line: Line, usual: Typography) -> bool:
    """Whether the line stands out and begins with a number, as one of a column of facts does."""
    stands_out = line.font in usual.heavy_fonts or line.size >= HEADING_SIZE * usual.size
    return stands_out and bool(_FACT.match(line.text))


def is_figure(line: Line, words: Line) -> bool:
    """Whether the line is a lone number much larger than ``words``."""
    return line.size > _FIGURE_SIZE * words.size and bool(_FIGURE.match(line.text))
