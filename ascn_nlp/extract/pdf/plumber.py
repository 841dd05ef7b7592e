"""Tables whose ruling lines are drawn inside form XObjects: their lines are read with pdfplumber.

PDFium's list of a page's objects does not look into forms; pdfplumber does, at a twentieth of the speed. It is
imported and asked only for pages where a form that holds drawings covers a good part of the paper.
"""

from __future__ import annotations

import ctypes
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf.rules import MOST_OBJECTS, THIN, Ruling, ruling_of
from ascn_nlp.extract.pdf.words import Mapping
from ascn_nlp.records import Box, Issue

if TYPE_CHECKING:
    import pdfplumber.page
    import pdfplumber.pdf

# Of the page. Logos and stamps, which are forms too, cover less (to 0.02 in the reports tried); a table of two rows
# over the width of the text covers 0.04.
_NOTABLE = 0.03
_FEWEST_PATHS = 4  # that draw a grid of two rows and two columns, if each path is a line
_FEW_OBJECTS = 1000  # of a page or a form, before they are taken for a drawing
_DEEPEST = 3  # forms within forms
_COMPARE = "compare the page's tables with the file as it is shown"

# From pdfplumber's space (as the page is shown, before cropping; y upwards) to the page's own, by /Rotate. The
# inverse of what pdfminer.six does in PDFPageInterpreter.process_page; (x0, y0, x1, y1) is the media box.
_UNTURNED: dict[int, Callable[[float, float, Box], tuple[float, float]]] = {
    0: lambda x, y, box: (x + box[0], y + box[1]),
    90: lambda x, y, box: (box[2] - y, x + box[1]),
    180: lambda x, y, box: (box[2] - x, box[3] - y),
    270: lambda x, y, box: (y + box[0], box[3] - x),
}


def has_drawn_form(page: Any, width: float, height: float) -> bool:
    """Whether a form that draws lines covers a notable part of an open PDFium page: a cheap look."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for i in range(min(_FEW_OBJECTS, pdfium.FPDFPage_CountObjects(page))):
        each = pdfium.FPDFPage_GetObject(page, i)
        if pdfium.FPDFPageObj_GetType(each) != pdfium.FPDF_PAGEOBJ_FORM:
            continue
        pdfium.FPDFPageObj_GetBounds(each, left, bottom, right, top)
        area = (right.value - left.value) * (top.value - bottom.value)
        if area > _NOTABLE * width * height and _count_paths(each, _DEEPEST) >= _FEWEST_PATHS:
            return True
    return False


def _count_paths(form: Any, depth: int) -> int:
    """How many paths a form draws, each rectangle counted as its four sides."""
    found = 0
    for i in range(min(_FEW_OBJECTS, pdfium.FPDFFormObj_CountObjects(form))):
        each = pdfium.FPDFFormObj_GetObject(form, i)
        kind = pdfium.FPDFPageObj_GetType(each)
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            found += max(1, pdfium.FPDFPath_CountSegments(each) - 1)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth > 1:
            found += _count_paths(each, depth - 1)
    return found


@dataclass(slots=True)
class Plumber:
    """One file as pdfplumber sees it, opened when a page is first asked for; to be closed."""

    content: bytes
    most_pages: int
    asked: int = 0
    failed: dict[int, str] = field(default_factory=dict)  # why, by page
    _opened: pdfplumber.pdf.PDF | None = None

    def ruling(self, number: int, place: Mapping) -> Ruling:
        """The ruling of page ``number`` (from 1), that inside its forms included; nothing beyond the limit."""
        from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

        self.asked += 1
        if self.asked > self.most_pages:
            return Ruling([], [])
        # pdfplumber wraps what pdfminer.six raises while it reads; what a broken object raises later, it does not.
        broken = (AssertionError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
        try:
            return _ruling(self._page(number), place)
        except (MalformedPDFException, PdfminerException, *broken) as error:
            self.failed[number] = f"{type(error).__name__}: {error}".rstrip(": ")
        return Ruling([], [])

    def issues(self) -> Iterator[Issue]:
        """What was not looked at, and where pdfplumber gave up."""
        if self.asked > self.most_pages:
            what = f"tables inside forms were looked for on {self.most_pages} of {self.asked} pages that may have them"
            yield Issue("extract", what, "split the file")
        for number, why in self.failed.items():
            yield Issue("extract", f"page {number}: no tables inside forms could be looked for: {why}", _COMPARE)

    def close(self) -> None:
        """Let go of the file, if it was opened."""
        if self._opened:
            self._opened.close()

    def _page(self, number: int) -> pdfplumber.page.Page:
        if self._opened is None:
            import pdfplumber

            logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of each odd colour
            self._opened = pdfplumber.open(io.BytesIO(self.content))
        return self._opened.pages[number - 1]


def _ruling(page: pdfplumber.page.Page, place: Mapping) -> Ruling:
    drawn: list[Box] = []
    shaded: list[Box] = []
    with closing(page):  # pdfplumber keeps all it has read of a page until then
        objects = page.lines + page.rects + page.curves
        if len(objects) > MOST_OBJECTS:
            return Ruling([], [])
        for each in objects:
            if each.get("stroke") or each.get("fill"):
                (drawn if each.get("stroke") or _is_thin(each) else shaded).extend(_sides(page, each))
    return ruling_of(drawn, shaded, place)


def _is_thin(thing: dict[str, Any]) -> bool:
    return bool(min(thing["x1"] - thing["x0"], thing["bottom"] - thing["top"]) <= THIN)


def _sides(page: pdfplumber.page.Page, thing: dict[str, Any]) -> Iterator[Box]:
    """The straight pieces of a line, rectangle or curve, in page space."""
    from pdfplumber.utils.geometry import obj_to_edges

    unturned, box = _UNTURNED[page.rotation], page.page_obj.mediabox
    left, top = page.mediabox[:2]
    for edge in obj_to_edges(thing):
        (ax, ay), (bx, by) = (
            unturned(edge[x] - left, page.height + top - edge[y], box) for x, y in (("x0", "top"), ("x1", "bottom"))
        )
        yield ax, ay, bx, by
