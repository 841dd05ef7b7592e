"""Files that are made to exhaust whoever reads them: small ones that unpack to gigabytes, nests without end, loops.

Each maker takes its size in its own unit, so that tests can make the same file smaller.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

_WORDS = b"The council heard forty residents of Hanoi on the new cameras and wrote down what they had said about them. "
_HEAD = b"<html><head><title>Streets</title></head><body><article><h1>Streets</h1><p>" + _WORDS * 3 + b"</p>"
_DOCX = (
    b'<?xml version="1.0"?>%s<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    b"<w:body>%s</w:body></w:document>"
)
_DOCX_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/word/document.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_DOCX_RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Target="word/document.xml" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Hostile:
    """How to make one file, and the size that is too much."""

    make: Callable[[int], bytes]
    size: int


def pdf(content: bytes, *objects: bytes, page: bytes = b"/MediaBox [0 0 595 842]", filters: bytes = b"") -> bytes:
    """A PDF of one page with this content stream; ``objects`` are numbered from 6, the font is /F1."""
    stream = b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(content), filters, content)
    own = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources "
        b"<< /Font << /F1 5 0 R >> /XObject << /X0 6 0 R >> >> %s >>" % page,
        stream,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    return numbered((*own, *objects))


def numbered(objects: tuple[bytes, ...]) -> bytes:
    """A PDF of these objects, numbered from 1, the first its catalog, with a sound table of where they stand."""
    whole, places = io.BytesIO(), []
    whole.write(b"%PDF-1.7\n")
    for number, each in enumerate(objects, 1):
        places.append(whole.tell())
        whole.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = whole.tell()
    whole.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    whole.writelines(b"%010d 00000 n \n" % place for place in places)
    whole.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return whole.getvalue()


def _shown(text: bytes) -> bytes:
    return b"BT /F1 10 Tf 50 780 Td (" + text + b") Tj ET\n"


def _packed(piece: bytes, times: int) -> bytes:
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(piece) for _ in range(times)) + packer.flush()


def _blank_stream(megabytes: int) -> bytes:
    packed = zlib.compress(_packed(b" " * _CHUNK, megabytes))
    return pdf(packed, filters=b"/Filter [/FlateDecode /FlateDecode] ")


def _text_stream(times: int) -> bytes:
    return pdf(
        _packed(_shown(b"Residents of Hanoi were heard") * 1000, times // 1000), filters=b"/Filter /FlateDecode "
    )


def _nested_array(depth: int) -> bytes:
    return pdf(_shown(_WORDS), page=b"/MediaBox [0 0 595 842] /Deep " + b"[" * depth + b"]" * depth)


def _nested_dictionary(depth: int) -> bytes:
    return pdf(_shown(_WORDS), page=b"/MediaBox [0 0 595 842] /Deep " + b"<</A " * depth + b"1" + b">>" * depth)


def _nested_operand(depth: int) -> bytes:
    return pdf(b"[" * depth + b"(x)" + b"]" * depth + b" TJ " + _shown(_WORDS))


def _saved_states(depth: int) -> bytes:
    return pdf(b"q " * depth + _shown(_WORDS))


def _page_loop(_size: int) -> bytes:
    tree = b"<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 5 /Parent 3 0 R >>"
    return numbered((b"<< /Type /Catalog /Pages 2 0 R >>", tree, tree))


def _one_page_often(times: int) -> bytes:
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    tree = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * times, times)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    return numbered((catalog, tree, page))


def _claimed_pages(count: int) -> bytes:
    return pdf(_shown(_WORDS)).replace(b"/Count 1 ", b"/Count %d " % count)


def _box(box: bytes) -> Callable[[int], bytes]:
    return lambda _size: pdf(_shown(_WORDS), page=b"/MediaBox [%s]" % box)


def _form_loop(_size: int) -> bytes:
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X0 6 0 R >> >> /Length 6 >>"
    return pdf(b"/X0 Do " + _shown(_WORDS), form + b"\nstream\n/X0 Do\nendstream")


def _form_storm(depth: int) -> bytes:
    """Forms that each draw the next one ten times."""
    forms = []
    for number in range(depth):
        inner = b"/X0 Do " * 10 if number < depth - 1 else _shown(b"Hanoi")
        names = b"/Resources << /Font << /F1 5 0 R >> /XObject << /X0 %d 0 R >> >>" % (7 + number)
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 595 842] %s /Length %d >>" % (names, len(inner))
        forms.append(head + b"\nstream\n" + inner + b"\nendstream")
    return pdf(b"/X0 Do ", *forms)


def _lines(count: int) -> bytes:
    drawn = (b"%d %d m %d %d l S\n" % (n * 7 % 595, n * 13 % 842, n * 7 % 595 + 90, n * 13 % 842) for n in range(count))
    return pdf(zlib.compress(_shown(_WORDS) + b"".join(drawn)), filters=b"/Filter /FlateDecode ")


def _cells(count: int) -> bytes:
    """A page ruled into so many tiny cells."""
    rules = (b"%d 0 m %d 842 l S 0 %d m 595 %d l S\n" % (n % 595, n % 595, n % 842, n % 842) for n in range(count))
    return pdf(zlib.compress(_shown(_WORDS) + b"".join(rules)), filters=b"/Filter /FlateDecode ")


def _scattered_words(count: int) -> bytes:
    words = (b"BT /F1 4 Tf %d %d Td (word%d) Tj ET\n" % (n * 37 % 560, n * 101 % 830, n) for n in range(count))
    return pdf(zlib.compress(b"".join(words)), filters=b"/Filter /FlateDecode ")


def _doubled_words(count: int) -> bytes:
    return pdf(zlib.compress(_shown(b"Residents of Hanoi") * count), filters=b"/Filter /FlateDecode ")


def _no_to_unicode(lines: int) -> bytes:
    shown = b"".join(
        b"BT /F2 10 Tf 50 %d Td <%s> Tj ET\n" % (800 - n * 12, b"00290033003B0043" * 20) for n in range(lines)
    )
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [7 0 R] >>"
    inner = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
    )
    made = pdf(shown, font, inner + b" /Supplement 0 >> >>")
    return made.replace(b"/F1 5 0 R", b"/F2 6 0 R")


def _page_of(piece: bytes, end: bytes = b"") -> Callable[[int], bytes]:
    """A web page with its article, then something again and again."""
    return lambda times: _HEAD + piece * times + end + b"<p>" + _WORDS + b"</p></article></body></html>"


def _meta_page(piece: bytes) -> Callable[[int], bytes]:
    return lambda times: _HEAD.replace(b"</head>", piece * times + b"</head>") + b"</article></body></html>"


def _nested_json(depth: int) -> bytes:
    script = b'<script type="application/ld+json">' + b'{"a":[' * depth + b"]}" * depth + b"</script></head>"
    return _HEAD.replace(b"</head>", script) + b"</article></body></html>"


def docx(body: bytes, declarations: bytes = b"") -> bytes:
    """A Word document whose body is this XML."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _DOCX_TYPES)
        archive.writestr("_rels/.rels", _DOCX_RELATIONS)
        archive.writestr("word/document.xml", _DOCX % (declarations, body))
    return whole.getvalue()


def _paragraph(text: bytes) -> bytes:
    return b"<w:p><w:r><w:t>" + text + b"</w:t></w:r></w:p>"


def _docx_bomb(megabytes: int) -> bytes:
    return docx(_paragraph(_WORDS) + b" " * (megabytes * _CHUNK))


def _docx_lying_bomb(megabytes: int) -> bytes:
    """The same, and its directory states a size of a kilobyte."""
    content = _docx_bomb(megabytes)
    size = megabytes * _CHUNK + len(_DOCX % (b"", _paragraph(_WORDS)))
    return content.replace(size.to_bytes(4, "little"), (1024).to_bytes(4, "little"))


def _docx_entities(levels: int) -> bytes:
    names = [b'<!ENTITY e0 "ha">']
    names += [b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, levels)]
    return docx(_paragraph(b"&e%d;" % (levels - 1)), b"<!DOCTYPE x [" + b"".join(names) + b"]>")


def _docx_nested(depth: int) -> bytes:
    return docx(b"<w:tbl><w:tr><w:tc>" * depth + _paragraph(_WORDS) + b"</w:tc></w:tr></w:tbl>" * depth)


def _docx_spans(count: int) -> bytes:
    cell = b'<w:tc><w:tcPr><w:gridSpan w:val="%d"/></w:tcPr>%s</w:tc>' % (count, _paragraph(b"Hanoi"))
    return docx(b"<w:tbl>" + (b"<w:tr>" + cell * 2 + b"</w:tr>") * 10 + b"</w:tbl>" + _paragraph(_WORDS))


def _docx_paragraphs(count: int) -> bytes:
    return docx(_paragraph(b"Hanoi") * count)


def _eml_nested(depth: int) -> bytes:
    head = b"From: a@example.org\nSubject: Streets\nMIME-Version: 1.0\n"
    parts = (b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return head + b"".join(parts) + b"Content-Type: text/plain\n\n" + _WORDS * 3


HOSTILE: dict[str, Hostile] = {
    "blank-stream.pdf": Hostile(_blank_stream, 1024),
    "text-stream.pdf": Hostile(_text_stream, 5_000_000),
    "nested-array.pdf": Hostile(_nested_array, 100_000),
    "nested-dictionary.pdf": Hostile(_nested_dictionary, 100_000),
    "nested-operand.pdf": Hostile(_nested_operand, 100_000),
    "saved-states.pdf": Hostile(_saved_states, 1_000_000),
    "page-loop.pdf": Hostile(_page_loop, 1),
    "one-page-often.pdf": Hostile(_one_page_often, 100_000),
    "claimed-pages.pdf": Hostile(_claimed_pages, 100_000_000),
    "huge-box.pdf": Hostile(_box(b"0 0 1000000000 1000000000"), 1),
    "empty-box.pdf": Hostile(_box(b"0 0 0 0"), 1),
    "nan-box.pdf": Hostile(_box(b"0 0 NaN 1e400"), 1),
    "form-loop.pdf": Hostile(_form_loop, 1),
    "form-storm.pdf": Hostile(_form_storm, 10),
    "lines.pdf": Hostile(_lines, 500_000),
    "cells.pdf": Hostile(_cells, 5_000),
    "scattered-words.pdf": Hostile(_scattered_words, 100_000),
    "doubled-words.pdf": Hostile(_doubled_words, 100_000),
    "no-tounicode.pdf": Hostile(_no_to_unicode, 60),
    "colspan.html": Hostile(_page_of(b'<table><tr><td colspan="1000000" rowspan="1000000">a<td>b</table>'), 100),
    "nested-tags.html": Hostile(_page_of(b"<div>"), 1_000_000),
    "nested-inline.html": Hostile(_page_of(b"<b><i>"), 500_000),
    "nested-lists.html": Hostile(_page_of(b"<ul><li>a"), 100_000),
    "nested-tables.html": Hostile(_page_of(b"<table><tr><td>"), 100_000),
    "one-line.html": Hostile(_page_of(b"streets of Hanoi "), 3_000_000),
    "breaks.html": Hostile(_page_of(b"<br>"), 1_000_000),
    "entities.html": Hostile(_page_of(b"&amp;&#x1F600;&nosuch;&lt"), 1_000_000),
    "attributes.html": Hostile(
        lambda n: _page_of(b"<p " + b"".join(b"a%d=b " % i for i in range(n)) + b">")(1), 200_000
    ),
    "table-cells.html": Hostile(_page_of(b"<tr><td>a<td>b", b"</table>"), 300_000),
    "metas.html": Hostile(_meta_page(b'<meta property="article:published_time" content="2021-05-05">'), 200_000),
    "nested-json.html": Hostile(_nested_json, 100_000),
    "bomb.docx": Hostile(_docx_bomb, 1024),
    "lying-bomb.docx": Hostile(_docx_lying_bomb, 1024),
    "entities.docx": Hostile(_docx_entities, 10),
    "nested-tables.docx": Hostile(_docx_nested, 30_000),
    "spans.docx": Hostile(_docx_spans, 1_000_000),
    "paragraphs.docx": Hostile(_docx_paragraphs, 1_000_000),
    "one-line.txt": Hostile(lambda megabytes: b"streets " * (megabytes * 2**17), 100),
    "one-word.txt": Hostile(lambda megabytes: b"a" * (megabytes * _CHUNK), 100),
    "short-lines.txt": Hostile(lambda count: b"a\n\n" * count, 3_000_000),
    "nested-quotes.md": Hostile(lambda depth: b">" * depth + _WORDS, 100_000),
    "nested-links.md": Hostile(lambda depth: b"[" * depth + _WORDS + b"](" * depth, 50_000),
    "emphases.md": Hostile(lambda count: b"*a **a " * count, 50_000),
    "table.md": Hostile(lambda count: b"|a" * count + b"\n" + b"|-" * count + b"\n" + b"|b" * count, 20_000),
    "nested-parts.eml": Hostile(_eml_nested, 2_000),
}
