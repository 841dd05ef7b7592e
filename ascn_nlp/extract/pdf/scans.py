"""Pages of a PDF without words -> lines of words, recognised in pictures of the pages."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw as pdfium

from ascn_nlp.errors import InstallationError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.ocr import engine as ocr
from ascn_nlp.extract.ocr.engine import how_to_install
from ascn_nlp.extract.ocr.layout import Doubt, lay_out
from ascn_nlp.extract.ocr.recognise import OUT_OF_TIME, Recognised, Recogniser, Unread
from ascn_nlp.extract.ocr.words import mean_confidence
from ascn_nlp.extract.page_issues import page_issue
from ascn_nlp.extract.pdf.lines import Line
from ascn_nlp.records import Issue

if TYPE_CHECKING:
    from ascn_nlp.extract.ocr.engine import Picture

# Dots an inch. Pages are looked at in the resolution of their images, within bounds. Of the words of eight pages, drawn
# as scanners see them, 95 % were right at 100, 98.2 at 150, 98.6 at 200, 98.9 at 250, 300 and 400; the time doubles
# from 150 to 400.
_COARSEST, _FINEST = 150, 250
_MOST_PIXELS = 25_000_000  # an A3 sheet at 300 dots an inch has 17 million; a pixel is a byte
_LEAST_SHARE = 0.1  # of the page: smaller images are logos and signatures
_FEW_OBJECTS = 1000
_INSTALL = "install optical character recognition (ascn-nlp doctor says how), then run refresh --failed-only"
_TURN_ON = "raise reading.ocr_seconds in ascn.toml"


@dataclass(frozen=True, slots=True)
class Recognition:
    """What became of the pages that were to be recognised."""

    lines: list[Line] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    done: dict[int, Recognised] = field(default_factory=dict)  # by page
    unread: dict[int, Unread] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def recognise_pages(
    document: pypdfium2.PdfDocument, problems: dict[int, str], language: str, limits: Limits
) -> Recognition:
    """The words of the pages named in ``problems`` (page -> why the words it has itself are of no use).

    Without an engine, or time for it, they stay unread, and their remedy says what to do.
    """
    if not limits.max_ocr_seconds:
        return Recognition(unread={number: Unread(problem, _TURN_ON) for number, problem in problems.items()})
    try:
        engine = ocr.find_engine()
    except InstallationError:
        return Recognition(unread={number: Unread(problem, _INSTALL) for number, problem in problems.items()})
    done: dict[int, Recognised] = {}
    unread: dict[int, Unread] = {}
    with closing(engine):
        recogniser = Recogniser(engine, language, limits.max_ocr_seconds)
        for number, problem in problems.items():
            found = (
                recogniser.recognise(number, *_picture(document, number))
                if recogniser.seconds_left > 0
                else OUT_OF_TIME
            )
            if isinstance(found, Recognised):
                done[number] = found
            else:
                unread[number] = Unread(f"{problem}; {found.problem}", found.remedy)
    lines, doubts = lay_out([each.scan for each in done.values()])
    issues = [*_issues(done, len(document)), *_warnings(recogniser)]
    return Recognition(lines, doubts, done, unread, issues)


def _picture(document: pypdfium2.PdfDocument, number: int) -> tuple[Picture, int]:
    """The page as it is shown, in grey, and its dots an inch."""
    import numpy as np

    page = document[number - 1]
    try:
        dpi = _resolution(page, *page.get_size())
        drawn = page.render(scale=dpi / 72, grayscale=True).to_numpy()
        return np.ascontiguousarray(drawn.reshape(drawn.shape[:2])), dpi
    finally:
        page.close()


def _resolution(page: Any, width: float, height: float) -> int:
    """That of the finest image that covers a good part of the page, within bounds."""
    found = [dpi for dpi, area in _images(page) if area > _LEAST_SHARE * width * height]
    finest = min(_FINEST, max(_COARSEST, round(max(found, default=_FINEST))))
    return max(1, min(finest, int(math.sqrt(_MOST_PIXELS / max(1.0, width * height)) * 72)))


def _images(page: Any) -> Iterator[tuple[float, float]]:
    """Dots an inch and area, in square points, of each image on the page."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    across, down = ctypes.c_uint(), ctypes.c_uint()
    for i in range(min(_FEW_OBJECTS, pdfium.FPDFPage_CountObjects(page))):
        each = pdfium.FPDFPage_GetObject(page, i)
        if pdfium.FPDFPageObj_GetType(each) == pdfium.FPDF_PAGEOBJ_IMAGE:
            pdfium.FPDFPageObj_GetBounds(each, left, bottom, right, top)
            pdfium.FPDFImageObj_GetImagePixelSize(each, across, down)
            area = (right.value - left.value) * (top.value - bottom.value)
            yield 72 * math.sqrt(across.value * down.value / max(area, 1e-3)), area


def _issues(done: dict[int, Recognised], count: int) -> Iterator[Issue]:
    filled = {number for number, each in done.items() if each.scan.lines}
    if filled:
        sure = mean_confidence(line for each in done.values() for line in each.scan.lines)
        by = ", ".join(dict.fromkeys(done[number].by.partition(",")[0] for number in filled))
        what = f"recognised in pictures by {by}, with a mean confidence of {sure:.0%}"
        yield page_issue(filled, count, what, "compare quotes with the file")
    if empty := set(done) - filled:
        yield page_issue(empty, count, "no words were found in pictures of them", "look whether they are blank")


def _warnings(recogniser: Recogniser) -> Iterator[Issue]:
    for model, digits in recogniser.unknown_digits.items():
        what = f"numbers may be wrong: the model {model} takes the digits {' '.join(digits)} for others"
        yield Issue("extract", what, "compare numbers with the file; all are marked as doubtful")
    for language in sorted(recogniser.lacking):
        what = f"words in the language {language!r} were recognised with the model of another"
        yield Issue("extract", what, f"{how_to_install(language)}, then run refresh --failed-only")
    if recogniser.left_out:
        what = f"{recogniser.left_out} lines that hold no word (stamps, rules, pictures read as letters) were left out"
        yield Issue("extract", what, "compare with the file as it is shown")
