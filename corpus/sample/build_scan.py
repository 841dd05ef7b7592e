"""Make a scan of a rendered document: page images without text."""

from __future__ import annotations

import io
import random

import pypdfium2
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

DPI = 150
JPEG_QUALITY = 30
ANGLES = (0.7, -0.5)  # degrees, one a page
SPECKS = 9000


def draw_scan(canvas: Canvas, data: bytes, seed: str) -> None:
    """Draw the pages of a PDF as an office scanner leaves them: greyscale, turned a little, specked."""
    source = random.Random(seed)
    with pypdfium2.PdfDocument(data) as document:
        for page, angle in zip(document, ANGLES, strict=True):
            image = page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L")
            image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
            image = image.point(lambda value: 18 + value * 0.86)
            pixels = image.load()
            for _ in range(SPECKS):
                at = source.randrange(image.width), source.randrange(image.height)
                pixels[at] = max(0, min(255, pixels[at] + source.randint(-110, 30)))
            jpeg = io.BytesIO()
            image.save(jpeg, "JPEG", quality=JPEG_QUALITY, optimize=True)
            canvas.drawImage(ImageReader(jpeg), 0, 0, *page.get_size())
            canvas.showPage()
