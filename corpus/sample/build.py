"""Build the sample corpus from its originals: ``python corpus/sample/build.py [--check]``.

Writes the PDFs and the DOCX, ``labels.jsonl`` and ``documents.jsonl`` beside this file, then checks them.
With ``--check`` nothing is written, and a file that differs from what would be written is a problem. Needs
the development libraries reportlab, python-docx, pillow and pypdfium2. Same originals, same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from build_check import CONCERNS, STANCES, cell_counts, problems
from build_docx import render_docx
from build_pdf import render_pdf
from build_source import Block, Original, Tags, parse_tags, plain, read_original

FOLDER = Path(__file__).resolve().parent
QUOTE_WORDS = 9  # whole lines are longer, so a quote of a two-column page spans one line end at most
MIN_PASSAGE_WORDS = 25  # shorter paragraphs are labelled only where the original says so
DOCUMENT_KEYS = (
    "title",
    "publisher",
    "language",
    "published",
    "precision",
    "date_from",
    "in_window",
    "outcome",
)


def main(argv: list[str] | None = None) -> int:
    """Build or check; 0 if the sample is as it should be."""
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=layout)
    parser.add_argument("--check", action="store_true", help="write nothing, compare with what is there")
    check = parser.parse_args(argv).check
    files, labels, documents = built(FOLDER / "originals")
    stale = [name for name, data in files.items() if check and _read(FOLDER / name) != data]
    if not check:
        for name, data in files.items():
            (FOLDER / name).parent.mkdir(exist_ok=True)
            (FOLDER / name).write_bytes(data)
    wrong = [f"{name}: not what the originals give" for name in stale] + problems(FOLDER, labels, documents)
    cells = cell_counts(labels)
    for concern in CONCERNS:
        print(
            f"{concern:22}" + "  ".join(f"{stance} {cells[concern, stance]}" for stance in STANCES),
            file=sys.stderr,
        )
    tagged = sum(bool(label["tags"]) for label in labels)
    untagged = len(labels) - tagged
    print(f"{len(documents)} files, {tagged} tagged, {untagged} untagged passages", file=sys.stderr)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def built(originals: Path) -> tuple[dict[str, bytes], list[dict[str, Any]], list[dict[str, Any]]]:
    """File name to bytes, the labels and the document records that the originals give."""
    files: dict[str, bytes] = {}
    labels: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    for path in sorted(originals.glob("*.md")):
        original = read_original(path)
        name = original.meta["output"]
        files[name] = render_docx(original) if name.endswith(".docx") else render_pdf(original)
        documents.append(_document(name, original.meta["document"]))
        labels += [_label(name, quote, tags) for quote, tags in _labelled(original)]
    for entry in tomllib.loads((originals / "plain.toml").read_text(encoding="utf-8"))["document"]:
        documents.append(_document(entry["file"], entry))
        labels += [_label(entry["file"], quote, parse_tags(tags)) for quote, tags in entry["labels"].items()]
    files["labels.jsonl"] = _json_lines(labels)
    files["documents.jsonl"] = _json_lines(documents)
    return files, labels, documents


def _labelled(original: Original) -> Iterator[tuple[str, Tags]]:
    """First words and tags of each passage; nothing from scans or where ``labels = false``."""
    if original.meta.get("labels", True) and not original.meta.get("scan"):
        for block in original.blocks:
            yield from _labelled_block(block)


def _labelled_block(block: Block) -> Iterator[tuple[str, Tags]]:
    for child in block.children:
        yield from _labelled_block(child)
    for row, tags in zip(block.rows, block.row_tags, strict=True):
        if tags is not None:
            yield _quote(max(row, key=len)), tags
    if block.kind == "list" and block.tags is not None:
        yield _quote(max(block.items, key=len)), block.tags
    if block.kind in {"p", "quote"}:
        if block.tags is not None:
            yield _quote(block.text), block.tags
        elif len(plain(block.text).split()) >= MIN_PASSAGE_WORDS:
            yield _quote(block.text), ()


def _quote(text: str) -> str:
    return " ".join(plain(text).split()[:QUOTE_WORDS])


def _label(file: str, quote: str, tags: Tags) -> dict[str, Any]:
    return {
        "file": file,
        "quote": quote,
        "tags": [{"concern": concern, "stance": stance} for concern, stance in tags],
    }


def _document(file: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {"file": file} | {key: entry.get(key) for key in DOCUMENT_KEYS}


def _json_lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
