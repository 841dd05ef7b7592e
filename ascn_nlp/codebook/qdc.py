"""The REFI-QDA codebook exchange format 1.0 (``.qdc``), as NVivo, MAXQDA, ATLAS.ti and QualCoder read and write it.

REFI-QDA standard 1.5, section 5 (Codebook.xsd): CodeBook(origin) > Codes > Code(guid, name, isCodable, color), each
with a Description and then the codes below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from ascn_nlp.codebook.descriptions import describe, plain
from ascn_nlp.codebook.entries import Entry
from ascn_nlp.errors import TableError

NAMESPACE = "urn:QDA-XML:codebook:1.0"
# The largest codebooks that people publish have some thousand codes of a few hundred characters.
MAX_BYTES = 8 * 2**20
_REMEDY = "export the codebook anew (REFI-QDA, .qdc) from the program it comes from"
_DECLARED = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Code(NamedTuple):
    """A code as a file has it: GUID in small letters without braces; ``parent`` is the place in the list of the code
    above it, -1 at the top; lines count from 1.
    """

    guid: str
    name: str
    description: str
    is_codable: bool
    parent: int
    line: int


def write_qdc(entries: Iterable[Entry], origin: str) -> bytes:
    """The file, as UTF-8; the same entries and origin give the same bytes. A parent precedes what is below it."""
    from lxml import etree  # type: ignore[import-untyped]

    def tag(name: str) -> str:
        return f"{{{NAMESPACE}}}{name}"

    book = etree.Element(tag("CodeBook"), {"origin": plain(origin)}, nsmap={None: NAMESPACE})
    above = {"": etree.SubElement(book, tag("Codes"))}
    for entry in entries:
        values = {"guid": entry.guid, "name": plain(entry.name), "isCodable": str(entry.is_codable).lower()}
        code = etree.SubElement(above[entry.parent], tag("Code"), {**values, "color": entry.colour})
        above[entry.guid] = code
        if text := describe(entry):
            etree.SubElement(code, tag("Description")).text = text
    etree.indent(book)
    return bytes(etree.tostring(book, encoding="UTF-8", xml_declaration=True)) + b"\n"


def read_qdc(content: bytes, where: str) -> tuple[Code, ...]:
    """The codes of a file, each after the one above it, whatever namespace the program that wrote it used.

    TableError, naming ``where`` and the line, for what is no codebook or declares entities: no codebook needs them, and
    they can blow up a few bytes to gigabytes or name other files.
    """
    if content.startswith(b"PK\x03\x04"):
        raise TableError("is a ZIP file, such as a whole project (.qdpx)", where, "export its codebook alone (.qdc)")
    if len(content) > MAX_BYTES:
        raise TableError(f"is larger than {MAX_BYTES // 2**20} MB", where, "export the codebook alone (.qdc)")
    root = _parse(content, where)
    codes = next((element for element in root.iter("{*}Codes")), None)
    if codes is None:
        what = f"has no list of codes: <{_local(root.tag)}> where <CodeBook> and <Codes> should be"
        raise TableError(what, f"{where}:{root.sourceline or 1}", _REMEDY)
    found: list[Code] = []
    _collect(codes, -1, found)
    return tuple(found)


def _parse(content: bytes, where: str) -> Any:
    from lxml import etree

    # Of UTF-16 and UTF-32 every other byte, or three of four, is zero.
    if _DECLARED.search(content.replace(b"\x00", b"")):
        raise TableError("declares a document type or entities, which no codebook does", where, _REMEDY)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        what = f"is not well-formed XML: {plain((error.msg or '').partition(', line ')[0])}"
        raise TableError(what, f"{where}:{error.lineno or 1}", _REMEDY) from None
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding in which it was not found above
        raise TableError("declares a document type, which no codebook does", where, _REMEDY)
    return root


def _collect(above: Any, parent: int, found: list[Code]) -> None:
    """Append the codes below an element; the parser allows no more than 256 levels."""
    for element in above.iterchildren("{*}Code"):
        description = element.find("{*}Description")
        found.append(
            Code(
                guid=element.get("guid", "").strip().strip("{}").lower(),
                name=plain(element.get("name", "")),
                description="" if description is None else "".join(description.itertext()),
                is_codable=element.get("isCodable", "true").strip().lower() not in ("false", "0"),
                parent=parent,
                line=element.sourceline or 0,
            )
        )
        _collect(element, len(found) - 1, found)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
