"""What kind of file some bytes are, told by the bytes alone: names and servers are often wrong."""

from __future__ import annotations

import io
import re
import zipfile

from ascn_nlp.errors import ExtractError, UnsupportedFormat

PDF = "application/pdf"
HTML = "text/html"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"
MARKDOWN = "text/markdown"

# What a person calls each kind, and the endings and server's names that announce it.
NAMES = {PDF: "PDF", HTML: "HTML", DOCX: "DOCX", TEXT: "plain text", MARKDOWN: "Markdown"}
TYPE_BY_ENDING = {
    ".pdf": PDF, ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".docx": DOCX, ".txt": TEXT, ".md": MARKDOWN,
    ".markdown": MARKDOWN,
}  # fmt: skip
_TYPE_BY_ALIAS = {"application/xhtml+xml": HTML, "text/x-markdown": MARKDOWN, "application/x-pdf": PDF}

# What servers call whatever they do not know.
_SAYS_LITTLE = ("", TEXT, "application/octet-stream", "binary/octet-stream")

_AS_PDF_OR_DOCX = "open it in its program and save it as PDF or DOCX"
_AS_OCR = "make a PDF of it with optical character recognition (for example ocrmypdf)"
# First bytes of kinds of file that have no reader here, with a name and a way out.
_REFUSED = (
    (b"\x89PNG", "a PNG image", _AS_OCR),
    (b"\xff\xd8\xff", "a JPEG image", _AS_OCR),
    (b"GIF8", "a GIF image", _AS_OCR),
    (b"II*\x00", "a TIFF image", _AS_OCR),
    (b"MM\x00*", "a TIFF image", _AS_OCR),
    (b"{\\rtf", "an RTF file", _AS_PDF_OR_DOCX),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"%!PS", "a PostScript file", "make a PDF of it"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# Parts that tell what a zip holds.
_ZIP_KINDS = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file"),
)
_TEXT_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")

_MARKUP = re.compile(
    rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<article[\s>]|<(?:meta|title|div|p|h1)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_WHOLE_PAGE = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s]*<(?:!doctype\s+html|html)", re.IGNORECASE)
_FEED = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|urlset|sitemapindex)[\s>]", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_HEAD = 4096
_SAMPLE = 65536
# Text has next to no control characters, random bytes have eleven in a hundred.
_CONTROL_SHARE = 0.01
_FEW_CONTROLS = 3  # of a short text, which a damaged character or two do not make binary


def sniff_type(content: bytes, address: str = "", declared_type: str = "") -> str:
    """The media type of ``content``, one that has a reader.

    Raises ExtractError or UnsupportedFormat, with a remedy, for everything else. Plain text and Markdown are the same
    bytes: between these two the name decides.
    """
    if not content.strip(b"\x00 \t\r\n\x0c"):
        what = "holds nothing but zeros or blanks" if content else "is empty"
        raise ExtractError(what, remedy="download it again")
    if _is_pdf(content):
        return PDF
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(content)
    if content.startswith(_OLE):
        raise _ole_error(content)
    for start, name, remedy in _REFUSED:
        if content.startswith(start):
            raise UnsupportedFormat(f"is {name}, which is not read here", remedy=remedy)
    return _sniff_text(content, address, declared_type)


def announced_type(address: str, declared_type: str = "") -> str:
    """The media type that the server or the file's name announces; "" when neither says one that is known."""
    declared = declared_type.partition(";")[0].strip().lower()
    declared = _TYPE_BY_ALIAS.get(declared, declared)
    path = address.partition("?")[0].partition("#")[0].lower()
    named = next((kind for ending, kind in TYPE_BY_ENDING.items() if path.endswith(ending)), "")
    if declared in _SAYS_LITTLE:
        return named or (TEXT if declared == TEXT else "")
    return declared


def _is_pdf(content: bytes) -> bool:
    # Readers accept up to a kilobyte of anything before the header; a page that quotes one has markup there.
    before, mark, _ = content[:1024].partition(b"%PDF-")
    return bool(mark) and b"<" not in before


def _sniff_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise ExtractError("is a damaged or cut off DOCX or zip file", remedy="download it again") from None
    if "word/document.xml" in names:
        return DOCX
    for part, name in _ZIP_KINDS:
        if any(each.startswith(part) for each in names):
            raise UnsupportedFormat(f"is {name}, which is not read here", remedy=_AS_PDF_OR_DOCX)
    raise UnsupportedFormat("is a zip archive, not a document", remedy="unpack it first")


def _ole_error(content: bytes) -> ExtractError:
    if _ENCRYPTED_PACKAGE in content:
        return ExtractError("is encrypted", remedy="open it with its password and save a copy without one")
    return UnsupportedFormat("is a file of an Office older than 2007", remedy=_AS_PDF_OR_DOCX)


def _sniff_text(content: bytes, address: str, declared_type: str) -> str:
    head = content[:_HEAD]
    is_marked = content.startswith(_TEXT_MARKS)
    sample = content[:_SAMPLE]
    if not is_marked and len(_CONTROL.findall(sample)) > max(_FEW_CONTROLS, _CONTROL_SHARE * len(sample)):
        remedy = "check what was downloaded, or remove the file"
        raise UnsupportedFormat("is no document: binary data of an unknown kind", remedy=remedy)
    if _FEED.match(head):
        raise UnsupportedFormat("is a feed or a sitemap, not a document", remedy="give it as a source instead")
    markup = head.replace(b"\x00", b"") if is_marked else head
    announced = announced_type(address, declared_type)
    if announced in (MARKDOWN, TEXT) and not _WHOLE_PAGE.match(markup):
        return announced
    return HTML if _MARKUP.search(markup) else TEXT
