"""DOCX bytes -> Draft: which parts a Word document has, and what it says of itself."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.file_clues import given_title, saving_clues
from ascn_nlp.extract.office.archive import Archive, parse_xml
from ascn_nlp.extract.office.docx_body import Body, note_texts
from ascn_nlp.extract.office.docx_styles import read_styles
from ascn_nlp.records import DateClue

# The two namespaces that ISO 29500 gives the same elements; programs write the second unless told otherwise.
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W = f"{{{_TRANSITIONAL.decode()}}}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_DCTERMS = "{http://purl.org/dc/terms/}"
# The day the template of python-docx was made, which it passes on to each of its documents.
_TEMPLATE = "2013-12-23T23:15:00Z"


def read_docx(content: bytes, limits: Limits) -> Draft:
    """The blocks of a Word document, with its own title and dates. It has no pages until it is printed.

    Left out are: text deleted under change tracking, hidden text, comments, headers and footers, tables of contents,
    and the prompts of controls that nobody filled in. Raises ExtractError for archives that unpack to more than any
    report.
    """
    archive = Archive(content)
    archive.refuse_bomb()
    package = _related(archive, "")
    main = package.get("officeDocument", "word/document.xml")
    root, related = _part(archive, main), _related(archive, main)
    if root is None or (body := root.find(f"{_W}body")) is None:
        raise ExtractError("is a Word document without its text", remedy="open it in its program and save it anew")
    notes = {
        (kind, number): text
        for kind in ("footnote", "endnote")
        for number, text in note_texts(_part(archive, related.get(f"{kind}s", "")), kind)
    }
    reader = Body(read_styles(_part(archive, related.get("styles", ""))), notes, limits.max_characters)
    blocks = tuple(reader.blocks(body))
    core = _part(archive, package.get("core-properties", ""))
    return Draft(
        blocks=blocks,
        title=given_title(_property(core, f"{_DC}title")) or reader.title,
        language=_property(core, f"{_DC}language"),
        clues=tuple(_clues(core)),
        issues=reader.issues,
    )


def _part(archive: Archive, name: str) -> Any:
    content = archive.read(name)
    return parse_xml(content.replace(_STRICT, _TRANSITIONAL), name) if content else None


def _related(archive: Archive, part: str) -> Mapping[str, str]:
    """The names of the parts that belong to ``part`` ("" for the whole package), by the last word of how they do."""
    folder, name = posixpath.split(part)
    root = archive.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
    found: dict[str, str] = {}
    for relation in root if root is not None else ():
        target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target") or "")).lstrip("/")
        if relation.get("TargetMode") != "External":
            found.setdefault((relation.get("Type") or "").rpartition("/")[2], target)
    return found


def _property(core: Any, tag: str) -> str:
    return (core.findtext(tag) or "").strip() if core is not None else ""


def _clues(core: Any) -> Iterator[DateClue]:
    created, modified = (_property(core, _DCTERMS + name) for name in ("created", "modified"))
    yield from saving_clues(created if created != _TEMPLATE else "", modified if modified != _TEMPLATE else "")
