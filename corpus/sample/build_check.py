"""Check the built sample: quotes stand in their files, every concern occurs in every stance, it is small."""

from __future__ import annotations

import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pypdfium2

CONCERNS = (
    "exclusion", "digital_divide", "displacement", "surveillance", "data_protection", "cybersecurity",
    "participation", "civil_liberties", "accountability", "public_services", "external_funding",
    "technology_dependence",
)  # fmt: skip
STANCES = ("raised", "addressed", "described")
SUBFOLDERS = ("reports", "news", "notes")
MAX_BYTES = 1_500_000
MIN_TAGGED, MIN_UNTAGGED = 60, 20


class _Text(HTMLParser):
    """The visible words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.hidden += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def words_of(name: str, data: bytes) -> str:
    """The text of a file with white space collapsed and line-end hyphens of a PDF undone."""
    if name.endswith(".pdf"):
        with pypdfium2.PdfDocument(data) as document:
            text = "\n".join(page.get_textpage().get_text_range() for page in document)
        text = re.sub(r"[\ufffe\u00ad]\s*", "", text)
    elif name.endswith(".docx"):
        document = docx.Document(io.BytesIO(data))
        cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
        text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    elif name.endswith(".html"):
        parser = _Text()
        parser.feed(data.decode())
        text = "".join(parser.parts)
    else:
        text = data.decode()
    return " ".join(text.split())


def problems(folder: Path, labels: list[dict[str, Any]], documents: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the sample, one line each; empty if nothing is."""
    found: list[str] = []
    names = [document["file"] for document in documents]
    on_disk = {f"{sub}/{path.name}" for sub in SUBFOLDERS for path in (folder / sub).iterdir()}
    found += [f"{name}: listed in one place only" for name in sorted(on_disk ^ set(names))]
    texts = {name: words_of(name, (folder / name).read_bytes()) for name in names if name in on_disk}
    for label in labels:
        count = texts.get(label["file"], "").count(label["quote"])
        if count != 1:
            found.append(f"{label['file']}: {label['quote']!r} occurs {count} times")
        for tag in label["tags"]:
            if tag["concern"] not in CONCERNS or tag["stance"] not in STANCES:
                found.append(f"{label['file']}: unknown {tag}")
    cells = cell_counts(labels)
    found += [f"no passage with {c} {s}" for c in CONCERNS for s in STANCES if not cells[c, s]]
    tagged = sum(bool(label["tags"]) for label in labels)
    untagged = len(labels) - tagged
    if tagged < MIN_TAGGED or untagged < MIN_UNTAGGED or untagged <= tagged:
        found.append(f"{tagged} tagged and {untagged} untagged passages")
    kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    size = sum(path.stat().st_size for path in kept)
    if size > MAX_BYTES:
        found.append(f"{size} bytes, more than {MAX_BYTES}")
    return found


def cell_counts(labels: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """How many passages hold each concern in each stance."""
    return Counter((tag["concern"], tag["stance"]) for label in labels for tag in label["tags"])
