"""Builds the scans beside it from the texts of the same names: python tests/extract/samples/ocr/make_samples.py.

Needs Pillow with Raqm (for Thai), reportlab (for its font) and the font Loma (Debian: fonts-tlwg-loma-otf). The first
line of a text is its heading. All words are made up.
"""

from __future__ import annotations

import random
from pathlib import Path

import reportlab
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).parent
DPI = 150
PAGE = (1240, 1754)  # A4
LEFT, RIGHT, TOP = 150, 1090, 160
LEADING = 46
VERA = Path(reportlab.__file__).parent / "fonts"
LOMA = Path("/usr/share/fonts/opentype/tlwg")
# Text -> fonts of body and heading, and the degrees that the page lies askew.
SCANS = {
    "thai": (LOMA / "Loma.otf", LOMA / "Loma-Bold.otf", 0.4),
    "indonesian": (VERA / "Vera.ttf", VERA / "VeraBd.ttf", -0.5),
}
# Thai sets no blanks between words: its lines may end before these.
MAY_BREAK = (
    "และ",
    "เพื่อ",
    "แล้ว",
    "ให้",
    "เพราะ",
    "ริม",
    "ของ",
    "ทุก",
    "ก่อน",
    "ใน",
    "ไว้",
    "ทั้งหมด",
    "อยู่",
    "ว่า",
    "ระดับ",
    "ชาว",
)


def main() -> None:
    """Write all scans."""
    for name, (body, heading, angle) in SCANS.items():
        title, *paragraphs = (HERE / f"{name}.txt").read_text(encoding="utf-8").split("\n\n")
        image = draw(title, paragraphs, ImageFont.truetype(str(body), 25), ImageFont.truetype(str(heading), 36))
        image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
        speck(image, name)
        image.save(HERE / f"{name}.pdf", resolution=DPI, quality=45)


def draw(
    title: str, paragraphs: list[str], body: ImageFont.FreeTypeFont, heading: ImageFont.FreeTypeFont
) -> Image.Image:
    """A page with a heading and paragraphs."""
    image = Image.new("L", PAGE, 250)
    pen = ImageDraw.Draw(image)
    pen.text((LEFT, TOP), title, 20, heading)
    top = TOP + 2 * LEADING
    for paragraph in paragraphs:
        for line in lines(paragraph, body):
            pen.text((LEFT, top), line, 20, body)
            top += LEADING
        top += LEADING // 2
    return image


def lines(paragraph: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """``paragraph`` broken where it may be, into lines that fit the page."""
    for word in MAY_BREAK:
        paragraph = paragraph.replace(word, f"\u200b{word}")
    found = [""]
    for piece in paragraph.replace(" ", " \u200b").split("\u200b"):
        if found[-1] and font.getlength(found[-1] + piece.rstrip()) > RIGHT - LEFT:
            found.append("")
        found[-1] += piece
    return [line.strip() for line in found]


def speck(image: Image.Image, seed: str) -> None:
    """Strew dust over the page, the same at every run."""
    source = random.Random(seed)
    pixels = image.load()
    for _ in range(4000):
        at = source.randrange(image.width), source.randrange(image.height)
        pixels[at] = max(0, min(255, pixels[at] + source.randint(-110, 30)))


if __name__ == "__main__":
    main()
