"""Marks -> one annotation of a PDF page, by PDFium: what the page itself holds stays untouched."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf_lines import Mapping, page_text
from ascn_nlp.overlay.shapes import Mark, Point, Shape, Words

_FONT = b"Helvetica"
_LETTERS = "cp1252"  # those of the standard fonts, PDF 32000-1 annex D
_DASHES = (ctypes.c_float * 2)(2.0, 1.5)
_FLAGS = pdfium.FPDF_ANNOT_FLAG_PRINT | pdfium.FPDF_ANNOT_FLAG_READONLY | pdfium.FPDF_ANNOT_FLAG_LOCKED


class Placing(NamedTuple):
    """From the sheet that marks are placed on to page space: where its top left corner and its edges lead."""

    corner: Point
    right: Point  # by one point along the upper edge
    down: Point


def paint_page(document: Any, index: int, marks: Iterable[Mark], width: float, height: float, scale: float) -> None:
    """Lay ``marks`` over a page of an open document, as the page is shown; nothing where PDFium cannot load it."""
    page = pdfium.FPDF_LoadPage(document, index)
    if not page:
        return
    try:
        with _form(document, marks, width / scale, height / scale) as form:
            ...
    finally:
        pdfium.FPDF_ClosePage(page)
