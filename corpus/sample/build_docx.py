"""Render an original as DOCX bytes: same original, same bytes (fixed core properties and archive times)."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import docx
from build_source import Original, OriginalError, plain

ZIP_TIME = (2000, 1, 1, 0, 0, 0)
HEADING_LEVEL = {"title": 0, "h1": 1, "h2": 2}


def render_docx(original: Original) -> bytes:
    """Headings, paragraphs, lists and tables of the original in Word's own styles."""
    document = docx.Document()
    properties = document.core_properties
    properties.title = original.meta["metadata"]["Title"]
    properties.author = original.meta["metadata"]["Author"]
    properties.comments = ""
    properties.created = properties.modified = datetime.fromisoformat(original.meta["created"])
    for block in original.blocks:
        if block.kind in HEADING_LEVEL:
            document.add_heading(plain(block.text), HEADING_LEVEL[block.kind])
        elif block.kind == "p":
            document.add_paragraph(plain(block.text))
        elif block.kind == "list":
            for item in block.items:
                document.add_paragraph(plain(item), style="List Bullet")
        elif block.kind == "table":
            table = document.add_table(len(block.rows), len(block.rows[0]), style="Table Grid")
            for row, cells in zip(table.rows, block.rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = plain(text)
        else:
            raise OriginalError(f"{original.path.name}: no {block.kind!r} in a DOCX")
    out = io.BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _without_times(data: bytes) -> bytes:
    """The same archive with one fixed time on every member."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            member = zipfile.ZipInfo(name, ZIP_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, source.read(name))
    return out.getvalue()
