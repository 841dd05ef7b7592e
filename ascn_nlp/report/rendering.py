"""Figures -> SVG and PNG, byte for byte the same each time."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from ascn_nlp.report.drawing import house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_XLINK = "{http://www.w3.org/1999/xlink}href"
_SVG = "http://www.w3.org/2000/svg"


@house_style()
def png_bytes(figure: Figure, dpi: int) -> bytes:
    """The figure as PNG, without a date or the name of the program."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


@house_style()
def svg_text(figure: Figure, title: str) -> str:
    """The figure as an ``svg`` element that can stand in a page beside others.

    Letters are drawn as paths. Every id begins with the figure's label; there are no styles that reach beyond the
    figure, no scripts, and no addresses but those of its own parts. ``title`` is what a screen reader says.
    """
    from lxml import etree  # type: ignore[import-untyped]

    buffer = BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    parser = etree.XMLParser(remove_comments=True, resolve_entities=False, no_network=True, huge_tree=True)
    root = etree.fromstring(buffer.getvalue(), parser)
    for tag in ("metadata", "style"):
        for element in list(root.iter(f"{{{_SVG}}}{tag}")):
            element.getparent().remove(element)
    label = str(figure.get_label())
    for element in root.iter():
        _rename(element, label)
    # What the style sheet said of every element, which would reach every other drawing of the page.
    root.attrib.update({"stroke-linejoin": "round", "stroke-linecap": "butt", "role": "img"})
    root.attrib["aria-labelledby"] = f"{label}-title"
    name = etree.Element(f"{{{_SVG}}}title", {"id": f"{label}-title"})
    name.text = title
    root.insert(0, name)
    etree.cleanup_namespaces(root)
    return str(etree.tostring(root, encoding="unicode"))


def _rename(element: object, label: str) -> None:
    """Put the label before an element's id, and wherever it speaks of another's."""
    attributes = element.attrib  # type: ignore[attr-defined]
    for key, value in list(attributes.items()):
        if key == "id":
            attributes[key] = f"{label}-{value}"
        elif key == _XLINK:
            del attributes[key]
            attributes["href"] = f"#{label}-{value.removeprefix('#')}"
        elif "url(#" in value:
            attributes[key] = value.replace("url(#", f"url(#{label}-")
