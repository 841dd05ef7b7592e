"""What kind of file some bytes are, told by the bytes alone: names and servers are often wrong."""

from __future__ import annotations

import re

from ascn_nlp.errors import ExtractError, UnsupportedFormat
from ascn_nlp.extract.office.archive import Archive

PDF = "application/pdf"
HTML = "text/html"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
EML = "message/rfc822"
MHTML = "multipart/related"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
IMAGES = (PNG, JPEG, TIFF)
TEXT = "text/plain"
MARKDOWN = "text/markdown"

# What a person calls each kind, and the endings and server's names that announce it.
NAMES = {PDF: "PDF", HTML: "HTML", DOCX: "DOCX", ODT: "ODT", EML: "EML", MHTML: "MHTML", PNG: "PNG",
         JPEG: "JPEG", TIFF: "TIFF", TEXT: "plain text", MARKDOWN: "Markdown"}  # fmt: skip
TYPE_BY_ENDING = {
    ".pdf": PDF, ".html": HTML, ".htm": HTML, ".xhtml": HTML, ".docx": DOCX, ".odt": ODT, ".ott": ODT, ".eml": EML,
    ".mht": MHTML, ".mhtml": MHTML, ".png": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".tif": TIFF, ".tiff": TIFF,
    ".txt": TEXT, ".md": MARKDOWN, ".markdown": MARKDOWN,
}  # fmt: skip
_TYPE_BY_ALIAS = {
    "application/xhtml+xml": HTML, "text/x-markdown": MARKDOWN, "application/x-pdf": PDF, f"{ODT}-template": ODT,
    "application/x-mimearchive": MHTML, "image/jpg": JPEG, "image/pjpeg": JPEG,
}  # fmt: skip

# What servers call whatever they do not know, and letters and saved pages alike.
_SAYS_LITTLE = ("", TEXT, EML, "application/octet-stream", "binary/octet-stream")

_AS_PDF_OR_DOCX = "open it in its program and save it as PDF or DOCX"
_AS_PNG = "save it as PNG"
# First bytes of pictures that have a reader.
_IMAGE_STARTS = ((b"\x89PNG", PNG), (b"\xff\xd8\xff", JPEG), (b"II*\x00", TIFF), (b"MM\x00*", TIFF))
# First bytes of kinds of file that have no reader here, with a name and a way out.
_REFUSED = (
    (b"GIF8", "a GIF image", _AS_PNG),
    (b"{\\rtf", "an RTF file", _AS_PDF_OR_DOCX),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"%!PS", "a PostScript file", "make a PDF of it"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_OUTLOOK = "__substg1.0_".encode("utf-16-le")
# Parts that tell what a zip holds.
_ZIP_KINDS = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("content.xml", "an OpenDocument file other than a text"),
)
_TEXT_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")

_MARKUP = re.compile(
    rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<article[\s>]|<(?:meta|title|div|p|h1)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_WHOLE_PAGE = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s]*<(?:!doctype\s+html|html)", re.IGNORECASE)
_FEED = re.compile(rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:rss|feed|urlset|sitemapindex)[\s>]", re.DOTALL)
# The headers a letter or a saved page begins with, and those that tell them from a memo typed as "From: ... To: ...".
_HEADERS = re.compile(rb"\s*(?:>?From [^\n]*\n)?(?:[!-9;-~]{1,76}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_OF_MAIL = re.compile(rb"^(?:MIME-Version|Received|Message-ID|Return-Path|Delivered-To):", re.IGNORECASE | re.MULTILINE)
_OF_PAGE = re.compile(rb"^(?:Snapshot-Content-Location:|From: <Saved by )", re.IGNORECASE | re.MULTILINE)
_OF_LETTER = re.compile(rb"^(?:To|Received|Message-ID):", re.IGNORECASE | re.MULTILINE)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
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
    for start, kind in _IMAGE_STARTS:
        if content.startswith(start):
            return kind
    if content.startswith(b"BM") and content[6:10] == bytes(4):  # its reserved bytes
        raise UnsupportedFormat("is a BMP image, which is not read here", remedy=_AS_PNG)
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
    archive = Archive(content)
    if any(name.startswith("word/document") for name in archive.names):
        return DOCX
    if "content.xml" in archive.names and archive.read("mimetype").startswith(ODT.encode()):
        return ODT
    for part, name in _ZIP_KINDS:
        if any(each.startswith(part) for each in archive.names):
            raise UnsupportedFormat(f"is {name}, which is not read here", remedy=_AS_PDF_OR_DOCX)
    raise UnsupportedFormat("is a zip archive, not a document", remedy="unpack it first")


def _ole_error(content: bytes) -> ExtractError:
    if _ENCRYPTED_PACKAGE in content:
        return ExtractError("is encrypted", remedy="open it with its password and save a copy without one")
    if _OUTLOOK in content:
        return UnsupportedFormat("is an Outlook message, which is not read here", remedy="save it as EML or PDF")
    return UnsupportedFormat("is a file of an Office older than 2007", remedy=_AS_PDF_OR_DOCX)


def _sniff_text(content: bytes, address: str, declared_type: str) -> str:
    head = content[:_HEAD]
    is_marked = content.startswith(_TEXT_MARKS)
    sample = content[:_SAMPLE]
    if not is_marked and len(_CONTROL.findall(sample)) > max(_FEW_CONTROLS, _CONTROL_SHARE * len(sample)):
        remedy = "see what it is; take it out of its source if it is no document"
        raise UnsupportedFormat("is no document: binary data of an unknown kind", remedy=remedy)
    if _FEED.match(head):
        raise UnsupportedFormat("is a feed or a sitemap, not a document", remedy="give it as a source instead")
    announced = announced_type(address, declared_type)
    if message := _sniff_message(head, announced):
        return message
    markup = head.replace(b"\x00", b"") if is_marked else head
    if announced in (MARKDOWN, TEXT) and not _WHOLE_PAGE.match(markup):
        return announced
    return HTML if _MARKUP.search(markup) else TEXT


def _sniff_message(head: bytes, announced: str) -> str:
    """EML or MHTML; "" for what does not begin as a MIME message, or is not called one and has no header of mail."""
    found = _HEADERS.match(head)
    if not found or (announced not in (EML, MHTML) and not _OF_MAIL.search(found[0])):
        return ""
    is_saved = _OF_PAGE.search(found[0]) or announced == MHTML
    return MHTML if is_saved or (_RELATED.search(found[0]) and not _OF_LETTER.search(found[0])) else EML
