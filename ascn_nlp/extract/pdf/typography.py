"""What is usual in a PDF: the sizes, leadings and fonts of its text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from ascn_nlp.extract.pdf.lines import Line

_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_NAMELESS = re.compile(r"^(?:CIDFont|F\d|T\d|Font|$)")
HEADING_SIZE = 1.08  # times the body's


@dataclass(frozen=True, slots=True)
class Typography:
    """What is usual in a document."""

    size: float  # of the body
    font: str  # of the body
    leadings: dict[float, float]  # baseline to baseline, by font size
    heavy_fonts: frozenset[str]


def measure(lines: Iterable[Line]) -> Typography:
    """The usual sizes, leadings and fonts, counted in letters."""
    sizes: Counter[float] = Counter()
    fonts: Counter[str] = Counter()
    leadings: defaultdict[float, list[float]] = defaultdict(list)
    last: Line | None = None
    for line in lines:
        sizes[line.size] += len(line.text)
        fonts[line.font] += len(line.text)
        if last and last.page == line.page and last.size == line.size:
            step = line.baseline - last.baseline
            if 0.8 * line.size < step < 2.2 * line.size and abs(line.box[0] - last.box[0]) < 2 * line.size:
                leadings[line.size].append(step)
        last = line
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    fonts.pop("", None)
    font = fonts.most_common(1)[0][0] if fonts else ""
    heavy = {name for name in fonts if _BOLD.search(name) or (_NAMELESS.match(name) and name != font)}
    usual = {each: median(steps) for each, steps in leadings.items() if len(steps) > 2}
    return Typography(size, font, usual, frozenset(heavy - {font}))
