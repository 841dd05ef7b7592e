"""A PDF and what was read of it -> the PDF with that drawn over its pages, for a person to see whether it is right."""

from __future__ import annotations

import io
from collections.abc import Container, Iterable
from contextlib import closing

import pypdfium2

from ascn_nlp.extract.pdf.reader import PDFIUM, opened
from ascn_nlp.overlay.marks import mark_page, page_parts, page_spots, sheet_scale
from ascn_nlp.overlay.paint import paint_page
from ascn_nlp.records import Document, Passage

_DOTS = 150 / 72  # of pictures, per point
_LONGEST_SIDE = 4000  # in dots: a poster's picture is still opened by any viewer, and takes 50 MB of memory


def draw_overlay(
    content: bytes, document: Document, passages: Iterable[Passage] = (), pages: Container[int] | None = None
) -> bytes:
    """The PDF ``content`` with blocks, their kinds and order, furniture and passages drawn over its pages.

    ``document`` and ``passages`` are what was read of these bytes. With ``pages``, only those, by their numbers from
    1. The marks of a page are one annotation: its text and pictures stay as they are.
    """
    parts, spots = page_parts(document), page_spots(passages)
    chosen = [page for page in document.pages if pages is None or page.number in pages]
    with PDFIUM, opened(content) as file:
        for page in chosen:
            if scale := sheet_scale(page):  # a damaged page has no size
                marks = mark_page(page, parts.get(page.number, ()), spots.get(page.number, ()))
                paint_page(file, page, marks, scale)
        return _saved(file, None if pages is None else [page.number - 1 for page in chosen])


def draw_picture(content: bytes, index: int) -> bytes:
    """The page of a PDF at ``index``, from 0, as PNG."""
    with PDFIUM, opened(content) as file:
        page = file[index]
        image = page.render(scale=min(_DOTS, _LONGEST_SIDE / max(page.get_size()))).to_pil()
    picture = io.BytesIO()
    image.save(picture, "PNG")
    return picture.getvalue()


def _saved(file: pypdfium2.PdfDocument, indices: list[int] | None) -> bytes:
    """The bytes of ``file``, or of a new one with some of its pages."""
    content = io.BytesIO()
    with closing(pypdfium2.PdfDocument.new()) as chosen:
        if indices is not None:
            chosen.import_pages(file, indices)
        (file if indices is None else chosen).save(content)
    return content.getvalue()
