"""Marks -> an annotation over a PDF page, by PDFium: so what the page itself holds stays as it is."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from ascn_nlp.extract.pdf.words import Mapping, page_text, to_top_left
from ascn_nlp.overlay.shapes import Mark, Shape, Words
from ascn_nlp.records import Page

_FONT = b"Helvetica"
_FONT_LETTERS = "cp1252"  # WinAnsiEncoding, PDF 32000-1 annex D
_DASHES = (ctypes.c_float * 2)(2.0, 1.5)
# Shown, printed, and not moved by mistake.
_FLAGS = pdfium.FPDF_ANNOT_FLAG_PRINT | pdfium.FPDF_ANNOT_FLAG_READONLY | pdfium.FPDF_ANNOT_FLAG_LOCKED


def paint_page(document: pypdfium2.PdfDocument, page: Page, marks: Iterable[Mark], scale: float) -> None:
    """Lay a sheet with ``marks``, ``scale`` times as large, over a page of ``document``."""
    width, height = page.width / scale, page.height / scale
    with closing(document[page.number - 1]) as pdf_page, _painted(document, marks, width, height) as form:
        matrix = _matrix(_place(pdf_page, page), height, scale)
        pdfium.FPDFPageObj_SetMatrix(form, matrix)
        _annotate(pdf_page, form, matrix, width, height)


def _place(pdf_page: pypdfium2.PdfPage, page: Page) -> Mapping:
    """From page space to the places in records: where words run up or down they are turned, pictures of them not."""
    if page.recognised:
        return to_top_left(pdf_page, page.width, page.height)
    with closing(pdf_page.get_textpage()) as text_page:
        return page_text(pdf_page, text_page).place


def _matrix(place: Mapping, height: float, scale: float) -> Any:
    """From the sheet, its origin now bottom left, to page space: the inverse of ``place``, which turns and crops."""
    (e, f), (ax, bx), (cy, dy) = place(0, 0), place(1, 0), place(0, 1)
    a, b, c, d = ax - e, bx - f, cy - e, dy - f
    area = a * d - b * c

    def page_space(x: float, top: float) -> tuple[float, float]:
        return (d * (x - e) - c * (top - f)) / area, (a * (top - f) - b * (x - e)) / area

    x, y = page_space(0, height * scale)
    (right_x, right_y), (up_x, up_y) = page_space(scale, height * scale), page_space(0, (height - 1) * scale)
    return pdfium.FS_MATRIX(right_x - x, right_y - y, up_x - x, up_y - y, x, y)


def _annotate(pdf_page: pypdfium2.PdfPage, form: Any, matrix: Any, width: float, height: float) -> None:
    corners = [(x, y) for x in (0, width) for y in (0, height)]
    xs = [matrix.a * x + matrix.c * y + matrix.e for x, y in corners]
    ys = [matrix.b * x + matrix.d * y + matrix.f for x, y in corners]
    annotation = pdfium.FPDFPage_CreateAnnot(pdf_page, pdfium.FPDF_ANNOT_STAMP)
    pdfium.FPDFAnnot_SetRect(annotation, pdfium.FS_RECTF(min(xs), max(ys), max(xs), min(ys)))
    pdfium.FPDFAnnot_SetFlags(annotation, _FLAGS)
    pdfium.FPDFAnnot_AppendObject(annotation, form)
    pdfium.FPDFPage_CloseAnnot(annotation)


@contextmanager
def _painted(document: pypdfium2.PdfDocument, marks: Iterable[Mark], width: float, height: float) -> Iterator[Any]:
    """A form object of ``document`` with ``marks``: painted as the only page of another file and taken over."""
    with closing(pypdfium2.PdfDocument.new()) as sheet:
        page = pdfium.FPDFPage_New(sheet, 0, width, height)
        font = pdfium.FPDFText_LoadStandardFont(sheet, _FONT)
        for mark in marks:
            item = _path(mark, height) if isinstance(mark, Shape) else _text(mark, height, sheet, font)
            pdfium.FPDFPage_InsertObject(page, item)
        pdfium.FPDFPage_GenerateContent(page)
        pdfium.FPDFFont_Close(font)
        pdfium.FPDF_ClosePage(page)
        copy = pdfium.FPDF_NewXObjectFromPage(document, sheet, 0)
    try:
        yield pdfium.FPDF_NewFormObjectFromXObject(copy)
    finally:
        pdfium.FPDF_CloseXObject(copy)


def _path(shape: Shape, height: float) -> Any:
    (x, top), *others = shape.points
    path = pdfium.FPDFPageObj_CreateNewPath(x, height - top)
    for x, top in others:
        pdfium.FPDFPath_LineTo(path, x, height - top)
    pdfium.FPDFPageObj_SetStrokeColor(path, *shape.colour, shape.line_opacity)
    pdfium.FPDFPageObj_SetStrokeWidth(path, shape.width)
    pdfium.FPDFPageObj_SetFillColor(path, *shape.colour, shape.area_opacity)
    if shape.is_dashed:
        pdfium.FPDFPageObj_SetDashArray(path, _DASHES, len(_DASHES), 0)
    pdfium.FPDFPath_SetDrawMode(path, pdfium.FPDF_FILLMODE_WINDING if shape.area_opacity else 0, shape.width > 0)
    return path


def _text(words: Words, height: float, sheet: pypdfium2.PdfDocument, font: Any) -> Any:
    x, top = words.start
    letters = words.text.encode(_FONT_LETTERS, "replace").decode(_FONT_LETTERS)
    text = pdfium.FPDFPageObj_CreateTextObj(sheet, font, words.size)
    units = ctypes.create_string_buffer((letters + "\0").encode("utf-16-le"))
    pdfium.FPDFText_SetText(text, ctypes.cast(units, ctypes.POINTER(ctypes.c_ushort)))
    pdfium.FPDFPageObj_Transform(text, 1, 0, 0, 1, x, height - top)
    return text
