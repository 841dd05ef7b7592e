"""ODT bytes -> Draft: which parts an OpenDocument text has, and what it says of itself."""

from __future__ import annotations

from ascn_nlp.errors import ExtractError, UnsupportedFormat
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.file_clues import given_title, saving_clues
from ascn_nlp.extract.office.archive import Archive
from ascn_nlp.extract.office.odt_body import OFFICE, Body
from ascn_nlp.extract.office.odt_styles import read_styles

_DC = "{http://purl.org/dc/elements/1.1/}"
_META = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_ENCRYPTED = b"encryption-data"  # of a part, in the archive's manifest


def read_odt(content: bytes, limits: Limits) -> Draft:
    """The blocks of an OpenDocument text, with its own title and dates. It has no pages until it is printed.

    Left out are: text deleted under change tracking, hidden text, comments, headers and footers, tables of contents
    and other indexes. Raises ExtractError for archives that unpack to more than any report.
    """
    archive = Archive(content)
    archive.refuse_bomb()
    if _ENCRYPTED in archive.read("META-INF/manifest.xml"):
        raise ExtractError("is encrypted", remedy="open it with its password and save a copy without one")
    root = archive.xml("content.xml")
    text = root.find(f"{OFFICE}body/{OFFICE}text") if root is not None else None
    if text is None:
        raise UnsupportedFormat("is an OpenDocument file without a text", remedy="open it in its program, save as PDF")
    reader = Body(read_styles(archive.xml("styles.xml"), root), limits.max_characters)
    blocks = tuple(reader.blocks(text))
    meta = archive.xml("meta.xml")
    about = meta.find(f"{OFFICE}meta") if meta is not None else None
    stated = {each.tag: (each.text or "").strip() for each in about} if about is not None else {}
    return Draft(
        blocks=blocks,
        title=given_title(stated.get(f"{_DC}title", "")) or reader.title,
        language=stated.get(f"{_DC}language", ""),
        clues=tuple(saving_clues(stated.get(f"{_META}creation-date", ""), stated.get(f"{_DC}date", ""))),
        issues=reader.issues,
    )
