"""Draws the sample of this folder: python make_samples.py. It is the editable original of field-notes.docx."""

import io
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

_FOOTNOTES = f"""<w:footnotes {nsdecls("w")}>
<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>The depot calls them riders, the town hall customers.</w:t></w:r></w:p></w:footnote>
</w:footnotes>"""
_TRACKED = f"""<w:p {nsdecls("w")}><w:r><w:t xml:space="preserve">Fares rose by </w:t></w:r>
<w:del w:id="1" w:author="a"><w:r><w:delText>forty</w:delText></w:r></w:del>
<w:ins w:id="2" w:author="a"><w:r><w:t>fourteen</w:t></w:r></w:ins>
<w:r><w:t xml:space="preserve"> per cent</w:t><w:footnoteReference w:id="2"/><w:t>.</w:t></w:r></w:p>"""
_CONTROL = f"""<w:sdt {nsdecls("w")}><w:sdtContent>
<w:p><w:r><w:t>This line stands in a content control.</w:t></w:r></w:p>
</w:sdtContent></w:sdt>"""


def build() -> bytes:
    """The sample: headings, lists, a table, a framed text, tracked changes, a content control and a footnote."""
    document = Document()
    document.core_properties.title = "Bus notes"
    document.core_properties.created = datetime(2022, 6, 3, 8)
    document.core_properties.modified = datetime(2024, 1, 9, 8)
    document.add_heading("Bus notes from an invented town", 0)
    document.add_paragraph("Teak Hill Riders, June 2022")
    document.add_heading("What we saw", 1)
    document.add_paragraph(
        "The night bus now waits for the last train. It did so on five of the six nights on which we took it."
    )
    document.add_paragraph("Line 4 has lost its stop at the clinic", style="List Bullet")
    document.add_paragraph("Line 9 has none of the new ramps", style="List Bullet")
    document.element.body.insert(-1, parse_xml(_TRACKED))
    document.element.body.insert(-1, parse_xml(_CONTROL))
    document.add_heading("Counts", 2)
    _add_table(document)
    document.add_table(1, 1).cell(0, 0).text = "A text in a frame belongs to the text."
    document.add_paragraph("Figure 1: the wall of the depot", style="Caption")
    part = Part(PackURI("/word/footnotes.xml"), _CONTENT_TYPE, _FOOTNOTES.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def _add_table(document) -> None:
    rows = (("Line", "Riders", "Ramps"), ("4", "3,100", "yes"), ("9", "870", "no"))
    table = document.add_table(len(rows), 3, style="Table Grid")
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


if __name__ == "__main__":
    (Path(__file__).parent / "field-notes.docx").write_bytes(build())
