"""Documents to measure on, made from our own training passages."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Callable, Iterator
from itertools import count, cycle, islice
from pathlib import Path

from ascn_nlp.labelled import read_json_lines
from ascn_nlp.resources import resource

PARAGRAPHS_A_DOCUMENT = 6
_PARAGRAPHS_A_PAGE = 6
_CHARACTERS_A_LINE = 92


def training_texts() -> list[str]:
    """The texts of the training passages, in the order of their files."""
    files = sorted(resource("corpus", "training").glob("*.jsonl"))
    return [str(values["text"]) for path in files for _, values in read_json_lines(path)]


def write_documents(folder: Path, documents: int, kinds: tuple[str, ...] = ("html", "txt", "pdf")) -> None:
    """Write so many small documents, their kinds in turn, each with its own words, and a table of sources."""
    place = folder / "documents"
    place.mkdir(parents=True)
    texts = _numbered(training_texts())
    for number, kind in zip(range(documents), cycle(kinds)):
        paragraphs = list(islice(texts, PARAGRAPHS_A_DOCUMENT))
        _WRITERS[kind](place / f"{number:05}.{kind}", f"Report {number} of 5 May 2021", paragraphs)
    (folder / "sources.toml").write_text(_SOURCES, "utf-8")


def write_pdf(path: Path, pages: int) -> None:
    """Write a PDF of so many pages of running text with headings, headers and page numbers."""
    _draw_pdf(path, "A long report", list(islice(_numbered(training_texts()), pages * _PARAGRAPHS_A_PAGE)))


def _numbered(texts: list[str]) -> Iterator[str]:
    """The texts over and over, no two of them equal."""
    for number in count():
        yield f"In case {number}, {texts[number % len(texts)]}"


def _write_html(path: Path, title: str, paragraphs: list[str]) -> None:
    body = "\n".join(f"<p>{html.escape(text)}</p>" for text in paragraphs)
    head = f'<title>{title}</title><meta property="article:published_time" content="2021-05-05">'
    menu = '<nav><a href="/">Home</a> <a href="/news">News</a></nav>'
    page = f"<html lang='en'><head>{head}</head><body>{menu}<article><h1>{title}</h1>{body}</article></body></html>"
    path.write_text(page, "utf-8")


def _write_text(path: Path, title: str, paragraphs: list[str]) -> None:
    path.write_text("\n\n".join([title, "Published: 5 May 2021", *paragraphs]), "utf-8")


def _draw_pdf(path: Path, title: str, paragraphs: list[str]) -> None:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4, pageCompression=1)
    canvas.setTitle(title)
    for page in range(0, len(paragraphs), _PARAGRAPHS_A_PAGE):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 810, title)
        canvas.drawString(290, 30, str(page // _PARAGRAPHS_A_PAGE + 1))
        canvas.setFont("Helvetica-Bold", 13)
        canvas.drawString(72, 780, f"{page // _PARAGRAPHS_A_PAGE + 1} Findings")
        text = canvas.beginText(72, 755)
        text.setFont("Helvetica", 9, leading=11)
        for paragraph in paragraphs[page : page + _PARAGRAPHS_A_PAGE]:
            text.textLines("\n".join(textwrap.wrap(paragraph, _CHARACTERS_A_LINE)))
            text.moveCursor(0, 8)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()


_WRITERS: dict[str, Callable[[Path, str, list[str]], None]] = {
    "html": _write_html,
    "txt": _write_text,
    "pdf": _draw_pdf,
}
_SOURCES = """\
[made]
kind = "folder"
path = "documents"
publisher = "benchmarks"
genre = "other"
why = "to measure on"
licence = "Apache-2.0, written for this project"
"""
