"""What each kind of document looks like: page size, type, colours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FONTS = {
    "sans": ("Helvetica", "Helvetica-Bold"),
    "serif": ("Times-Roman", "Times-Bold"),
    "vera": ("Vera", "Vera-Bold"),
}


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
    "paper": Layout(
        columns=2, margin=54, font="serif", body=9.5, title=17, justify=True, accent="#000000", hyphenate=True
    ),
    "slides": Layout(size=(720, 405), margin=48, body=17, title=30, accent="#8a3b12"),
    "factsheet": Layout(margin=48, body=9, title=20, accent="#2d5d34"),
    "ngo": Layout(font="vera", body=9, title=22, margin=60, accent="#7a1f3d"),
    "letter": Layout(font="serif", body=11.5, title=15, margin=72, accent="#000000"),
    "legal": Layout(font="serif", body=10.5, title=18, justify=True, accent="#222244"),
}


def register_fonts() -> None:
    """Make known the one embedded family, which comes with reportlab."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in (("Vera", "Vera.ttf"), ("Vera-Bold", "VeraBd.ttf"), ("Vera-Italic", "VeraIt.ttf")):
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    pdfmetrics.registerFontFamily("Vera", "Vera", "Vera-Bold", "Vera-Italic", "Vera-Bold")


def styles_of(layout: Layout) -> dict[str, ParagraphStyle]:
    """The paragraph styles of a layout, by kind of block."""
    regular, bold = FONTS[layout.font]
    body, accent, grey = layout.body, HexColor(layout.accent), HexColor("#444444")
    base = ParagraphStyle(
        "p",
        fontName=regular,
        fontSize=body,
        leading=body * 1.32,
        spaceAfter=body * 0.7,
        embeddedHyphenation=1,
    )
    base.alignment = TA_JUSTIFY if layout.justify else TA_LEFT

    def heading(name: str, size: float, before: float, after: float) -> ParagraphStyle:
        return ParagraphStyle(
            name,
            fontName=bold,
            fontSize=size,
            leading=size * 1.2,
            textColor=accent,
            spaceBefore=before,
            spaceAfter=after,
            keepWithNext=1,
        )

    return {
        "p": base,
        "title": heading("title", layout.title, 4, layout.title * 0.5),
        "h1": heading("h1", body * 1.5, body * 1.2, body * 0.7),
        "h2": heading("h2", body * 1.15, body * 0.7, body * 0.4),
        "quote": ParagraphStyle("quote", base, leftIndent=22, rightIndent=22, alignment=TA_LEFT),
        "small": ParagraphStyle("small", base, fontSize=body * 0.85, leading=body * 1.1, textColor=grey),
        "note": ParagraphStyle("note", base, fontSize=7.5, leading=9.2, alignment=TA_LEFT, spaceAfter=0),
        "item": ParagraphStyle("item", base, alignment=TA_LEFT, spaceAfter=body * 0.35),
        "cell": ParagraphStyle(
            "cell", base, fontSize=body * 0.92, leading=body * 1.15, alignment=TA_LEFT, spaceAfter=0
        ),
        "head": ParagraphStyle(
            "head", base, fontName=bold, fontSize=body * 0.92, leading=body * 1.15, textColor="#ffffff"
        ),
    }
