"""Render an original as PDF bytes: same original, same bytes (reportlab invariant mode, fixed metadata)."""

from __future__ import annotations

import io
import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pypdfium2
import reportlab
from PIL import Image
from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    ListFlowable,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from build_source import NOTE_MARK, Block, Original

rl_config.useA85 = 0  # binary streams: a fifth smaller, and what other producers write

MAX_PAGES = 30
NOTE_PASSES = 6  # a footnote moved to the next page moves its room with it; three passes were the most needed
SCAN_DPI = 150
SCAN_JPEG_QUALITY = 30
SCAN_ANGLES = (0.7, -0.5)
FONTS = {
    "sans": ("Helvetica", "Helvetica-Bold"),
    "serif": ("Times-Roman", "Times-Bold"),
    "vera": ("Vera", "Vera-Bold"),
}
VOWELS = "aeiouy"


@dataclass(frozen=True, slots=True)
class Layout:
    """What one kind of document looks like; lengths in points."""

    size: tuple[float, float] = A4
    margin: float = 64
    columns: int = 1
    font: str = "sans"
    body: float = 10
    title: float = 22
    justify: bool = False
    accent: str = "#1f4e5f"
    hyphenate: bool = False


LAYOUTS = {
    "report": Layout(),
    "paper": Layout(columns=2, margin=54, font="serif", body=9.5, title=17, justify=True, accent="#000000", hyphenate=True),
    "slides": Layout(size=(720, 405), margin=48, body=17, title=30, accent="#8a3b12"),
    "factsheet": Layout(margin=48, body=9, title=20, accent="#2d5d34"),
    "ngo": Layout(font="vera", body=9, title=22, margin=60, accent="#7a1f3d"),
    "letter": Layout(font="serif", body=11.5, title=15, margin=72, accent="#000000"),
    "legal": Layout(font="serif", body=10.5, title=18, justify=True, accent="#222244"),
}


def _set_metadata(canvas: Canvas, entries: dict[str, str]) -> None:
    """Give the file an information dictionary with these keys and no others."""

    def write(document: Any) -> Any:
        pairs = {key: pdfdoc.PDFString(value) for key, value in entries.items()}
        return pdfdoc.PDFDictionary(pairs).format(document)

    canvas._doc.info.format = write  # the object is registered already, so it cannot be replaced


class _Template(BaseDocTemplate):  # type: ignore[misc]
    """One page template per page, so that each column keeps room for its own footnotes."""

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
            left = margin + index * (column + gap)
            frames.append(Frame(left, margin + room, column, height - 2 * margin - lead - room, 0, 0, 0, 0))
        return PageTemplate(
            f"p{number}", frames, onPage=self._begin_page, onPageEnd=self._end_page, autoNextPageTemplate=f"p{number + 1}"
        )

    def _begin_page(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        meta, layout = self.original.meta, self.layout
        if self.page == 1:
            _set_metadata(canvas, meta.get("metadata", {}))
            roman = int(meta.get("roman_pages", 0))
            if roman:
                canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
                canvas.addPageLabel(roman, style="ARABIC", start=1)
        canvas.setNamedCB("note_mark", lambda _canvas, _kind, label: self.marks.append(label))
        if layout is LAYOUTS["slides"]:
            canvas.setFillColor(HexColor(layout.accent))
            canvas.rect(0, layout.size[1] - 18, layout.size[0], 18, stroke=0, fill=1)
        if self.page > int(meta.get("bare_pages", 0)) and "header" in meta:
            top = layout.size[1] - layout.margin + 22
            self._furniture(canvas, top, meta["header"], "")
            canvas.line(layout.margin, top - 5, layout.size[0] - layout.margin, top - 5)

    def _end_page(self, canvas: Canvas, _: BaseDocTemplate) -> None:
        meta = self.original.meta
        if self.page > int(meta.get("bare_pages", 0)) and "footer" in meta:
            roman = int(meta.get("roman_pages", 0))
            label = _roman(self.page) if self.page <= roman else str(self.page - roman)
            self._furniture(canvas, 34, meta["footer"], label)

    def _furniture(self, canvas: Canvas, y: float, left: str, right: str) -> None:
        canvas.setFillColor(Color(0.35, 0.35, 0.35))
        canvas.setStrokeColor(Color(0.6, 0.6, 0.6))
        canvas.setFont(FONTS[self.layout.font][0], 8)
        canvas.drawString(self.layout.margin, y, left)
        canvas.drawRightString(self.layout.size[0] - self.layout.margin, y, right)

    def _flush_notes(self) -> None:
        """Draw the footnotes of the column that ends, and remember the room they took."""
        if not self.marks or self.frame is None:
            return
        key = (self.page, self.pageTemplate.frames.index(self.frame))
        width, left, base = self.frame._width, self.frame._x1, self.layout.margin
        style = _styles(self.layout)["note"]
        notes = [Paragraph(f"<super>{mark}</super> {_inline(self.original.notes[mark])}", style) for mark in self.marks]
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
    """The original as PDF; a ``letter`` with ``scan = true`` as page images without text."""
    for name, file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf"), ("Vera-Italic", "VeraIt.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(Path(reportlab.__file__).parent / "fonts" / file)))
    pdfmetrics.registerFontFamily("Vera", "Vera", "Vera-Bold", "Vera-Italic", "Vera-Bold")
    room: dict[tuple[int, int], float] = {}
    for _ in range(NOTE_PASSES):
        out = io.BytesIO()
        template = _Template(out, original, room)
        template.build(_story(original))
        if template.used == room:
            break
        room = template.used
    data = out.getvalue()
    return _scanned(data, original) if original.meta.get("scan") else data


def _styles(layout: Layout) -> dict[str, ParagraphStyle]:
    regular, bold = FONTS[layout.font]
    body, accent = layout.body, HexColor(layout.accent)
    base = ParagraphStyle(
        "p", fontName=regular, fontSize=body, leading=body * 1.32, spaceAfter=body * 0.7, embeddedHyphenation=1
    )
    base.alignment = TA_JUSTIFY if layout.justify else TA_LEFT

    def heading(name: str, size: float, before: float, after: float) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=bold, fontSize=size, leading=size * 1.2, textColor=accent, spaceBefore=before, spaceAfter=after,
            keepWithNext=1,
        )

    return {
        "p": base,
        "title": heading("title", layout.title, 4, layout.title * 0.5),
        "h1": heading("h1", body * 1.5, body * 1.2, body * 0.7),
        "h2": heading("h2", body * 1.15, body * 0.7, body * 0.4),
        "quote": ParagraphStyle("quote", base, leftIndent=22, rightIndent=22, alignment=TA_LEFT),
        "small": ParagraphStyle("small", base, fontSize=body * 0.85, leading=body * 1.1, textColor=HexColor("#444444")),
        "note": ParagraphStyle("note", base, fontSize=7.5, leading=9.2, alignment=TA_LEFT, spaceAfter=0),
        "item": ParagraphStyle("item", base, alignment=TA_LEFT, spaceAfter=body * 0.35),
        "cell": ParagraphStyle("cell", base, fontSize=body * 0.92, leading=body * 1.15, alignment=TA_LEFT, spaceAfter=0),
        "head": ParagraphStyle("head", base, fontName=bold, fontSize=body * 0.92, leading=body * 1.15, textColor="#ffffff"),
    }


def _story(original: Original) -> list[Flowable]:
    layout = LAYOUTS[original.meta["layout"]]
    width = layout.size[0] - 2 * layout.margin
    return [flowable for block in original.blocks for flowable in _flowables(block, layout, width, original.meta)]


def _flowables(block: Block, layout: Layout, width: float, meta: dict[str, Any]) -> list[Flowable]:
    styles = _styles(layout)
    if block.kind in {"newpage", "columns"}:
        return [PageBreak() if block.kind == "newpage" else FrameBreak()]
    if block.kind == "list":
        items = [Paragraph(_inline(item), styles["item"]) for item in block.items]
        return [ListFlowable(items, bulletType="bullet", start="•", leftIndent=16), Spacer(1, layout.body * 0.4)]
    if block.kind == "table":
        return [_ruled_table(block, layout, [float(part) * width for part in meta["table_widths"]]), Spacer(1, 12)]
    if block.kind == "box":
        inner = [f for child in block.children for f in _flowables(child, layout, width - 24, meta)]
        return [_shaded([[inner]], [width], layout, column=0), Spacer(1, 10)]
    if block.kind == "beside":
        border = [child.kind for child in block.children].index("---")
        widths = [width * 0.6, width * 0.4]
        sides = [
            [f for child in part for f in _flowables(child, layout, wide - 24, meta)]
            for part, wide in zip((block.children[:border], block.children[border + 1 :]), widths, strict=True)
        ]
        return [_shaded([sides], widths, layout, column=1), Spacer(1, 10)]
    text = _inline(block.text)
    if block.kind == "p" and layout.hyphenate:
        text = _hyphenated(text)
    if block.kind == "quote":
        text = f"<i>{text}</i>"
    return [Paragraph(text, styles[block.kind])]


def _ruled_table(block: Block, layout: Layout, widths: list[float]) -> Table:
    styles = _styles(layout)
    rows = [[Paragraph(_inline(cell), styles["cell" if n else "head"]) for cell in row] for n, row in enumerate(block.rows)]
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#777777")),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(layout.accent)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _shaded(cells: list[list[Any]], widths: list[float], layout: Layout, column: int) -> Table:
    table = Table(cells, colWidths=widths)
    style = [
        ("BACKGROUND", (column, 0), (column, 0), HexColor("#efe6da")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (column, 0), (column, 0), 10),
        ("RIGHTPADDING", (column, 0), (column, 0), 10),
        ("LEFTPADDING", (0, 0), (0, 0), 10 if column == 0 else 0),
        ("LINEBEFORE", (column, 0), (column, 0), 2.5, HexColor(layout.accent)),
    ]
    table.setStyle(TableStyle(style))
    return table


def _inline(text: str) -> str:
    """Inline Markdown as reportlab markup."""
    text = escape(text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
    return NOTE_MARK.sub(r'<super>\1</super><onDraw name="note_mark" label="\1"/>', text)


def _hyphenated(text: str, untouched: int = 12) -> str:
    """Soft hyphens between two consonants that stand between vowels; none in the first words, which labels quote."""

    def softened(word: str) -> str:
        if len(word) < 8 or not word.isalpha() or not word.islower():
            return word
        cuts = [
            i
            for i in range(3, len(word) - 3)
            if word[i - 2] in VOWELS and word[i - 1] not in VOWELS and word[i] not in VOWELS + "hlr" and word[i + 1] in VOWELS
        ]
        for cut in reversed(cuts):
            word = f"{word[:cut]}\u00ad{word[cut:]}"
        return word

    words = text.split(" ")
    return " ".join(words[:untouched] + [softened(word) for word in words[untouched:]])


def _roman(number: int) -> str:
    return ("i", "ii", "iii", "iv", "v", "vi")[number - 1]


def _scanned(data: bytes, original: Original) -> bytes:
    """Pages as an office scanner leaves them: greyscale, turned a little, specked."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    _set_metadata(canvas, original.meta.get("metadata", {}))
    source = random.Random(original.path.stem)
    with pypdfium2.PdfDocument(data) as document:
        for page, angle in zip(document, SCAN_ANGLES, strict=True):
            image = page.render(scale=SCAN_DPI / 72, grayscale=True).to_pil().convert("L")
            image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255).point(lambda v: 18 + v * 0.86)
            pixels = image.load()
            for _ in range(9000):
                at = source.randrange(image.width), source.randrange(image.height)
                pixels[at] = max(0, min(255, pixels[at] + source.randint(-110, 30)))
            jpeg = io.BytesIO()
            image.save(jpeg, "JPEG", quality=SCAN_JPEG_QUALITY, optimize=True)
            canvas.drawImage(ImageReader(jpeg), 0, 0, *A4)
            canvas.showPage()
    canvas.save()
    return out.getvalue()
