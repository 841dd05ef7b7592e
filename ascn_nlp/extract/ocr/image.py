"""PNG, JPEG and TIFF bytes -> Draft: each picture is a page, put into a PDF and read as scans are."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.pdf.reader import PDFIUM, read_pdf
from ascn_nlp.extract.sniff import IMAGES, NAMES

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST_PIXELS = 80_000_000  # an A2 sheet at 400 dots an inch has 62 million; decoded in colour a pixel is three bytes
_LONG_SIDE = 11.7  # inches: a page of unknown size is taken for A4
_PLAUSIBLE = (4.0, 24.0)  # inches: cameras and programs write any resolution they like


def read_image(content: bytes, limits: Limits, language: str) -> Draft:
    """What is printed on the pictures in ``content``, in the order of its frames; unread without an engine.

    Raises ExtractError for what cannot be decoded, or decodes into more pixels than any page has.
    """
    return read_pdf(_as_pdf(content, limits.max_pages), limits, language)


def _as_pdf(content: bytes, max_pages: int) -> bytes:
    import pypdfium2

    data = io.BytesIO()
    with PDFIUM, closing(pypdfium2.PdfDocument.new()) as document:
        for width, height, jpeg in islice(_pages(content), max_pages):
            image = pypdfium2.PdfImage.new(document)
            image.load_jpeg(jpeg, inline=True)
            image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
            page = document.new_page(width, height)
            page.insert_obj(image)
            page.gen_content()
            page.close()
        document.save(data)
    return data.getvalue()


def _pages(content: bytes) -> Iterator[tuple[float, float, io.BytesIO]]:
    """Width and height, in points, and JPEG of each frame, grey and the way up it is shown."""
    from PIL import Image, ImageOps, ImageSequence

    formats = [NAMES[kind] for kind in IMAGES]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            for frame in ImageSequence.Iterator(Image.open(io.BytesIO(content), formats=formats)):
                if frame.width * frame.height > _MOST_PIXELS:
                    raise _too_large()
                dpi = _resolution(frame)
                grey = _grey(ImageOps.exif_transpose(frame))
                jpeg = io.BytesIO()
                grey.save(jpeg, "JPEG", quality=95)
                yield grey.width * 72 / dpi, grey.height * 72 / dpi, jpeg
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except (OSError, SyntaxError, ValueError):  # Pillow's ways to say that bytes are no image
        raise ExtractError("is damaged or cut off", remedy="download it again") from None


def _too_large() -> ExtractError:
    what = f"holds a picture of more than {_MOST_PIXELS // 10**6} million pixels"
    return ExtractError(what, remedy="save it with fewer dots an inch, or cut it into pages")


def _resolution(image: Image) -> float:
    """Its dots an inch, as stated where that makes a sheet of paper of it."""
    long_side = max(image.size)
    stated = float(image.info.get("dpi", (0, 0))[0])
    is_plausible = stated > 0 and _PLAUSIBLE[0] < long_side / stated < _PLAUSIBLE[1]
    return stated if is_plausible else long_side / _LONG_SIDE


def _grey(image: Image) -> Image:
    """``image`` without colour, on white where it is transparent."""
    from PIL import Image as images

    if not image.has_transparency_data:
        return image.convert("L")
    layers = image.convert("RGBA")
    return images.alpha_composite(images.new("RGBA", layers.size, "white"), layers).convert("L")
