"""Which lines are furniture: running headers and footers, page numbers, watermarks.

Nothing on a single page tells furniture from text; repetition over the pages at the same place does.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from ascn_nlp.extract.pdf.lines import Line
from ascn_nlp.records import Page

_WORD = re.compile(r"\w")
_FIRST_NUMBER = re.compile(r"^\d{1,4}\b")
_LAST_NUMBER = re.compile(r"\b\d{1,4}\b(?=\D*$)")
_NO_NUMBER = re.compile(r"(?!)")
_PAGE_NUMBER = re.compile(
    r"^\W*(?:page|p\.|halaman|trang|หน้า)?\s*(\d{1,4}|(?-i:[ivxl]{1,7}|[IVXL]{2,7}))\W*"
    r"(?:(?:of|/|dari|\|)\s*\d{1,4})?\W*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\b\d{1,4}\b")
# Headers and footers stand in this share of the page's height at its top and bottom: those of the reports and
# papers tried reach to 0.11 from above and to 0.10 from below.
_MARGIN = 0.14
# Places differ by rounding and by odd and even pages; lines of text that follow each other differ by 9 or more.
_SAME_HEIGHT = 4.0
_LEAST_PAGES = 3
_SHORT = 8  # pages: up to here two are enough, left and right pages have their own headers
_LARGEST = 1.2  # of the body's size: what is larger is a title, which slides may repeat
_SMALL = 0.93  # of the body's size
_SHARE_ANYWHERE = 0.6
_SLANTED = 1.8  # times its size is the height of a line that is not level; of level ones it is 1.2 at most


def find_furniture(lines: Sequence[Line], pages: Sequence[Page]) -> set[int]:
    """The positions in ``lines`` (of the whole document) of those that are furniture."""
    heights = {page.number: page.height for page in pages}
    largest = _LARGEST * _usual_size(lines)
    outer = [i for i, line in enumerate(lines) if _is_in_margin(line, heights[line.page])]
    margin = [i for i in outer if lines[i].size <= largest]
    edges = [_from_edge(line, heights[line.page]) for line in lines]
    found = set(_repeated(lines, edges, margin, _LEAST_PAGES if len(pages) > _SHORT else 2))
    small = [i for i, line in enumerate(lines) if line.size <= largest or _is_slanted(line)]
    found |= set(_repeated(lines, edges, small, max(4, round(_SHARE_ANYWHERE * len(pages))), is_margin=False))
    found |= set(_in_slots(lines, edges, margin, found))
    if len(pages) < _LEAST_PAGES:
        found |= set(_small_repeats(lines, margin, largest / _LARGEST))
    found |= {i for i, line in enumerate(lines) if not _WORD.search(line.text)}
    return found | set(_page_numbers(lines, outer))


def _usual_size(lines: Iterable[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _is_slanted(line: Line) -> bool:
    """Whether the line runs across the page at an angle, as watermarks do."""
    return line.box[3] - line.box[1] > _SLANTED * line.size


def _is_in_margin(line: Line, height: float) -> bool:
    return line.box[3] < _MARGIN * height or line.box[1] > (1 - _MARGIN) * height


def _from_edge(line: Line, height: float) -> float:
    """How far the line stands from the upper edge of its page, or, as a negative number, from the lower one.

    Pages of a document may lie or stand: what is furniture keeps its distance from the nearer edge.
    """
    return line.baseline if line.baseline < height / 2 else line.baseline - height


def _repeated(
    lines: Sequence[Line], edges: Sequence[float], among: Iterable[int], least: int, is_margin: bool = True
) -> Iterable[int]:
    """Lines that say the same at the same height on ``least`` pages; beyond the margin also at the same ``x``.

    In the margin their first or last number may count with the pages.
    """
    places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for i in among:
        words, x = lines[i].text.lower(), round(lines[i].box[0] / _SAME_HEIGHT)
        if len(words) > 1:
            for wording in _wordings(words, lines[i].page) if is_margin else (words,):
                places[wording, 0 if is_margin else x].append(i)
    for same in places.values():
        for i in same:
            pages = {lines[j].page for j in same if abs(edges[j] - edges[i]) < _SAME_HEIGHT}
            if len(pages) >= least:
                yield i


def _wordings(words: str, page: int) -> set[str]:
    """``words`` as they are, and with their first or last number as far ahead of the page's: on every page the same."""
    return {
        pattern.sub(lambda match: f"#{int(match[0]) - page}", words, count=1)
        for pattern in (_FIRST_NUMBER, _LAST_NUMBER, _NO_NUMBER)
    }


def _in_slots(lines: Sequence[Line], edges: Sequence[float], margin: Iterable[int], found: set[int]) -> Iterable[int]:
    """Margin lines at a height and in a size where most lines are furniture: running heads that change."""
    slots: defaultdict[tuple[int, float], list[int]] = defaultdict(list)
    for i in margin:
        slots[round(edges[i]), lines[i].size].append(i)
    for same in slots.values():
        if 2 * len(found.intersection(same)) > len(same):
            yield from same


def _small_repeats(lines: Sequence[Line], margin: Iterable[int], usual: float) -> Iterable[int]:
    """Small margin lines that say the title again or end with their page's number: for files too short to repeat."""
    title = " ".join(line.text.lower() for line in lines if line.size > _LARGEST * usual)
    for i in margin:
        words = lines[i].text.lower()
        if lines[i].size < _SMALL * usual and (words in title or words.endswith(f" {lines[i].page}")):
            yield i


def _page_numbers(lines: Sequence[Line], margin: Iterable[int]) -> Iterable[int]:
    """Lone numbers in the margin that count with the pages, and lone Roman numerals there."""
    shifts: Counter[int] = Counter()
    numbers: dict[int, int | None] = {}
    for i in margin:
        if match := _PAGE_NUMBER.match(lines[i].text):
            numbers[i] = int(match[1]) - lines[i].page if match[1].isdigit() else None
    shifts.update(shift for shift in numbers.values() if shift is not None)
    for i, shift in numbers.items():
        if shift is None or shifts[shift] > 1 or shift == 0:
            yield i


def printed_labels(lines: Sequence[Line], furniture: Iterable[int]) -> dict[int, str]:
    """The page number printed on each page that has one: the number in the furniture that counts with the pages."""
    texts: defaultdict[int, list[str]] = defaultdict(list)
    for i in furniture:
        texts[lines[i].page].append(lines[i].text)
    numbers = {page: {int(n) for text in said for n in _NUMBER.findall(text)} for page, said in texts.items()}
    shifts = Counter(number - page for page, found in numbers.items() for number in found)
    shift, count = max(shifts.items(), key=lambda item: (item[1], -abs(item[0])), default=(0, 0))
    labels = {page: str(page + shift) for page, found in numbers.items() if count > 1 and page + shift in found}
    for page, said in texts.items():
        roman = next((match[1] for text in said if (match := _PAGE_NUMBER.match(text))), "")
        if roman and page not in labels:
            labels[page] = roman
    return labels
