"""Render an original as PDF bytes: same original, same bytes (reportlab's invariant mode, fixed metadata)."""

from __future__ import annotations

import io
from typing import Any

from build_flowables import inline, story
from build_layout import FONTS, LAYOUTS, register_fonts, styles_of
from build_scan import draw_scan
from build_source import Original, OriginalError
from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

rl_config.useA85 = 0  # binary streams, as other producers write them; a fifth smaller

MAX_PAGES = 30
NOTE_PASSES = 6  # a footnote that moves to the next page takes its room along; two were the most needed
ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi")


class _Template(BaseDocTemplate):  # type: ignore[misc]
    """One page template per page, so that each column keeps room for its own footnotes.

    ``room`` is the height of the footnotes by (page, column); ``used`` is what this pass needed.
    """

    def __init__(self, out: io.BytesIO, original: Original, room: dict[tuple[int, int], float]) -> None:
        self.original, self.room = original, room
        self.layout = LAYOUTS[original.meta["layout"]]
        self.marks: list[str] = []
        self.used: dict[tuple[int, int], float] = {}
        super().__init__(out, pagesize=self.layout.size, pageTemplates=[], invariant=1, pageCompression=1)
        self.addPageTemplates([self._page_template(number) for number in range(1, MAX_PAGES + 1)])

    def _page_template(self, number: int) -> PageTemplate:
        layout, (width, height) = self.layout, self.layout.size
        margin, gap = layout.margin, 20.0
        lead = float(self.original.meta.get("lead_height", 0)) if number == 1 else 0.0
        inner = width - 2 * margin
        column = (inner - gap * (layout.columns - 1)) / layout.columns
        frames = [Frame(margin, height - margin - lead, inner, lead, 0, 0, 0, 0)] if lead else []
        for index in range(layout.columns):
            room = self.room.get((number, len(frames)), 0.0)
            left, tall = margin + index * (column + gap), height - 2 * margin - lead - room
            frames.append(Frame(left, margin + room, column, tall, 0, 0, 0, 0))
        return PageTemplate(str(number), frames, onPage=self._begin_page, onPageEnd=self._end_page)

    def _setPageTemplate(self) -> None:
        self.pageTemplate = self.pageTemplates[self.page]  # called when page self.page has ended

    def _begin_page(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        meta, layout = self.original.meta, self.layout
        if self.page == 1:
            _set_metadata(canvas, meta.get("metadata", {}))
            if roman := int(meta.get("roman_pages", 0)):
                canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
                canvas.addPageLabel(roman, style="ARABIC", start=1)
        canvas.setNamedCB("note_mark", lambda _canvas, _kind, label: self.marks.append(label))
        canvas.setFillColor(HexColor(layout.accent))
        if meta["layout"] == "slides":
            canvas.rect(0, layout.size[1] - 18, layout.size[0], 18, stroke=0, fill=1)
        if meta.get("cover") and self.page == 1:
            canvas.rect(0, 0, layout.size[0], layout.size[1] * 0.55, stroke=0, fill=1)
        if self.page > int(meta.get("bare_pages", 0)) and "header" in meta:
            top = layout.size[1] - layout.margin + 22
            self._furniture(canvas, top, meta["header"], "")
            canvas.line(layout.margin, top - 5, layout.size[0] - layout.margin, top - 5)

    def _end_page(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        meta = self.original.meta
        if self.page > int(meta.get("bare_pages", 0)) and "footer" in meta:
            roman = int(meta.get("roman_pages", 0))
            label = ROMAN[self.page] if self.page <= roman else str(self.page - roman)
            self._furniture(canvas, 34, meta["footer"], label)

    def _furniture(self, canvas: Canvas, y: float, left: str, right: str) -> None:
        canvas.setFillColor(Color(0.35, 0.35, 0.35))
        canvas.setStrokeColor(Color(0.6, 0.6, 0.6))
        canvas.setFont(FONTS[self.layout.font][0], 8)
        canvas.drawString(self.layout.margin, y, left)
        canvas.drawRightString(self.layout.size[0] - self.layout.margin, y, right)

    def _flush_notes(self) -> None:
        """Draw the footnotes of the column that ends, and remember the room they took."""
        if not self.marks:
            return
        key = (self.page, self.pageTemplate.frames.index(self.frame))
        width, left, base = self.frame._width, self.frame._x1, self.layout.margin
        style = styles_of(self.layout)["note"]
        texts = [f"<super>{mark}</super> {inline(self.original.notes[mark])}" for mark in self.marks]
        notes = [Paragraph(text, style) for text in texts]
        heights = [note.wrap(width, 400)[1] + 2 for note in notes]
        self.used[key] = sum(heights) + 12
        y = base + self.used[key] - 8
        self.canv.setStrokeColor(Color(0.3, 0.3, 0.3))
        self.canv.line(left, y + 2, left + 80, y + 2)
        for note, height in zip(notes, heights, strict=True):
            y -= height
            note.drawOn(self.canv, left, y)
        self.marks = []

    def handle_frameEnd(self, resume: int = 0) -> None:
        self._flush_notes()
        super().handle_frameEnd(resume)

    def handle_pageEnd(self) -> None:
        self._flush_notes()
        super().handle_pageEnd()


def render_pdf(original: Original) -> bytes:
    """The original as PDF; with ``scan = true`` in its front matter, as page images without text."""
    register_fonts()
    room: dict[tuple[int, int], float] = {}
    for _ in range(NOTE_PASSES):
        out = io.BytesIO()
        template = _Template(out, original, room)
        template.build(story(original))
        if template.used == room:
            return _scan(out.getvalue(), original) if original.meta.get("scan") else out.getvalue()
        room = template.used
    raise OriginalError(f"{original.path.name}: footnotes find no place in {NOTE_PASSES} passes")


def _scan(data: bytes, original: Original) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    _set_metadata(canvas, original.meta.get("metadata", {}))
    draw_scan(canvas, data, seed=original.path.stem)
    canvas.save()
    return out.getvalue()


def _set_metadata(canvas: Canvas, entries: dict[str, str]) -> None:
    """Give the file an information dictionary with these keys and no others."""

    def write(document: Any) -> Any:
        pairs = {key: pdfdoc.PDFString(value) for key, value in entries.items()}
        return pdfdoc.PDFDictionary(pairs).format(document)

    canvas._doc.info.format = write  # the object is registered already, so it cannot be replaced
