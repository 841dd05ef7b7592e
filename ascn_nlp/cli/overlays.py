"""What ``extract --overlay`` does: the options are checked, the drawn pages written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ascn_nlp.errors import ExtractError, OptionError

if TYPE_CHECKING:
    from ascn_nlp.records import Document

_OPTION, _PAGES = "--overlay", "--pages"
OverlayOption = Annotated[
    Path | None,
    typer.Option(
        _OPTION,
        metavar="OUT",
        help="Draw what was read of a PDF over its pages, into OUT.pdf or OUT-1.png ..., instead of printing it.",
    ),
]
PagesOption = Annotated[str, typer.Option(_PAGES, metavar="LIST", help="Draw only these pages, as 3,7-9.")]

_ENDINGS = (".pdf", ".png")
_SPAN = re.compile(r"\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*")


def check_options(files: Sequence[Path], out: Path | None, pages: str) -> None:
    """Raises OptionError, before anything is read, for what cannot be drawn whatever is in the file."""
    if out is None:
        if pages:
            raise OptionError("says which pages to draw, but not into what", _PAGES, "add --overlay OUT.pdf")
        return
    if len(files) > 1:
        raise OptionError(f"draws over one file, not {len(files)}", _OPTION, "give one FILE at a time")
    if out.suffix.lower() not in _ENDINGS:
        remedy = "OUT.pdf for a PDF, OUT.png for a picture of each page"
        raise OptionError(f"{out.name} says by its ending not what to draw", _OPTION, remedy)
    _spans(pages)


def write_overlay(file: Path, document: Document, out: Path, pages: str) -> Iterator[Path]:
    """Writes what was read of ``file``, drawn over its pages; each path it has written."""
    from ascn_nlp.extract.sniff import NAMES, PDF
    from ascn_nlp.overlay import draw_overlay, draw_picture
    from ascn_nlp.segment import segment

    if document.media_type != PDF:
        raise OptionError(f"{file} is {NAMES[document.media_type]}", _OPTION, "only the pages of a PDF can be drawn on")
    numbers = _numbers(pages, document)
    if not numbers:
        raise ExtractError("no page of it can be drawn", str(file), "download it again")
    is_pdf = out.suffix.lower() == ".pdf"
    targets = [out] if is_pdf else [out.with_stem(f"{out.stem}-{number}") for number in numbers]
    for target in targets:
        if target.exists() and target.samefile(file):
            raise OptionError(f"{target} is the file that is read", _OPTION, "choose another name")
    drawn = draw_overlay(file.read_bytes(), document, segment(document), None if is_pdf and not pages else numbers)
    for index, target in enumerate(targets):
        target.write_bytes(drawn if is_pdf else draw_picture(drawn, index))
        yield target


def _numbers(pages: str, document: Document) -> list[int]:
    """The numbers of the pages that ``pages`` names, or of all, without damaged ones, which have no size."""
    spans, count = _spans(pages), len(document.pages)
    if beyond := [last for _, last in spans if last > count]:
        raise OptionError(f"there is no page {max(beyond)}", _PAGES, f"the file has {count}")
    whole = [page.number for page in document.pages if page.width and page.height]
    return [number for number in whole if not spans or any(first <= number <= last for first, last in spans)]


def _spans(pages: str) -> list[tuple[int, int]]:
    spans = []
    for part in pages.split(",") if pages else ():
        match = _SPAN.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise OptionError(f'"{pages}" is no list of pages', _PAGES, "numbers from 1 and spans of them, as 3,7-9")
        spans.append((first, last))
    return spans
