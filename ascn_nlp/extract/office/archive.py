"""The parts of a zipped document (DOCX, ODT), unpacked and parsed only as far as documents go."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from ascn_nlp.errors import ExtractError

# The largest real report tried has 30 MB of XML. Pictures do not count: they are never unpacked.
_MOST_XML = 200 * 2**20
# XML of the most uniform table tried, of 20,000 equal rows, shrinks to a hundredth; a bomb to a thousandth.
_MOST_RATIO = 250
_SMALL = 10 * 2**20  # below this a ratio harms nobody
# A report with a picture on each of a thousand pages has some 2,000 parts.
_MOST_PARTS = 20_000
# Each takes a hundred bytes and more in memory, however short it is; a large table, of 20,000 rows, has a million.
_MOST_TAGS = 5_000_000
_ENTRY = b"PK\x01\x02"  # begins each part's record in the archive's directory
_CHUNK = 2**16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the only ones that both formats allow
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, NotImplementedError)
_ENCRYPTED = 0x1
_AS_PDF = "open it in its program and save it as PDF, or remove it"
_AGAIN = "download it again, or save it anew in its program"


class Archive:
    """The parts of a zip file by name. Raises ExtractError for what is damaged or unpacks to more than any report."""

    def __init__(self, content: bytes) -> None:
        if content.count(_ENTRY) > _MOST_PARTS:  # before the directory is loaded, as that is what fills the memory
            raise ExtractError(f"has more than {_MOST_PARTS:,} parts, as no report does", remedy=_AS_PDF)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN:
            raise ExtractError("is a damaged or cut off DOCX, ODT or zip file", remedy="download it again") from None
        self.names = frozenset(self._zip.namelist())
        self._left = _MOST_XML

    def refuse_bomb(self) -> None:
        """Raise ExtractError when the directory states more XML than any report has, or that it shrank beyond belief.

        Directories may lie; ``read`` counts what really comes.
        """
        xml = [info for info in self._zip.infolist() if info.filename.endswith((".xml", ".rels"))]
        unpacked = sum(info.file_size for info in xml)
        packed = sum(info.compress_size for info in xml)
        if unpacked > _MOST_XML or (unpacked > _SMALL and unpacked > _MOST_RATIO * packed):
            raise _too_much()

    def read(self, name: str) -> bytes:
        """The bytes of a part; b"" when there is none of that name."""
        if name not in self.names:
            return b""
        info = self._zip.getinfo(name)
        if info.compress_type not in _METHODS or info.flag_bits & _ENCRYPTED:
            what = f"its part {name} is encrypted or packed as documents are not"
            raise ExtractError(what, remedy="open it in its program and save a copy without a password")
        chunks = []
        try:
            # In chunks: asked for a whole part, the library unpacks it all before it looks at the stated size.
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise _too_much()
                    chunks.append(chunk)
        except _BROKEN:
            raise ExtractError(f"its part {name} is damaged", remedy=_AGAIN) from None
        return b"".join(chunks)

    def xml(self, name: str) -> Any:
        """The root element of an XML part, None when there is none. Entities and a nesting past 256 are refused."""
        content = self.read(name)
        return parse_xml(content, name) if content else None


def parse_xml(content: bytes, name: str) -> Any:
    """The root element of XML that declares no entities; ExtractError for what no program writes, or no report has."""
    if content.count(b"<") > _MOST_TAGS:
        raise _too_much()
    from lxml import etree  # type: ignore[import-untyped]

    # Without huge_tree the library stops at a depth of 256 and at entities that grow.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        what = f"its part {name} is damaged or nested too deep: {error.msg}"
        raise ExtractError(what, remedy=_AGAIN) from None
    if root.getroottree().docinfo.internalDTD is not None:
        what = f"its part {name} declares entities of its own, as no program for documents does"
        raise ExtractError(what, remedy=_AS_PDF)
    return root


def _too_much() -> ExtractError:
    return ExtractError(
        f"unpacks to more than {_MOST_XML // 2**20} MB of XML, or out of nearly nothing", remedy=_AS_PDF
    )
