"""Turn blocks of an original into reportlab flowables."""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from build_layout import LAYOUTS, Layout, styles_of
from build_source import NOTE_MARK, Block, Original
from reportlab.lib.colors import HexColor
from reportlab.platypus import (
    Flowable,
    FrameBreak,
    ListFlowable,
    PageBreak,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

# A rough rule for English that needs no dictionary; it misses many breaks and makes few wrong ones.
VOWELS = "aeiouy"
SUFFIX = re.compile(r"(?=(?:tions?|sions?|ments?|ness|tive|tures?|ships?|ward|ings?)$)")


def story(original: Original) -> list[Flowable]:
    """All blocks of the original, in order."""
    layout = LAYOUTS[original.meta["layout"]]
    width = layout.size[0] - 2 * layout.margin
    return [f for block in original.blocks for f in _flowables(block, layout, width, original.meta)]


def _flowables(block: Block, layout: Layout, width: float, meta: dict[str, Any]) -> list[Flowable]:
    styles = styles_of(layout)
    if block.kind in {"newpage", "columns"}:
        return [PageBreak() if block.kind == "newpage" else FrameBreak()]
    if block.kind == "list":
        items = [Paragraph(inline(item), styles["item"]) for item in block.items]
        return [
            ListFlowable(items, bulletType="bullet", start="•", leftIndent=16, bulletFontSize=layout.body),
            Spacer(1, layout.body * 0.4),
        ]
    if block.kind == "table":
        return [
            _ruled_table(block, layout, [float(part) * width for part in meta["table_widths"]]),
            Spacer(1, 12),
        ]
    if block.kind == "box":
        inner = [f for child in block.children for f in _flowables(child, layout, width - 24, meta)]
        return [_shaded([[inner]], [width], layout, column=0), Spacer(1, 10)]
    if block.kind == "beside":
        border = [child.kind for child in block.children].index("---")
        widths = [width * 0.6, width * 0.4]
        parts = (block.children[:border], block.children[border + 1 :])
        sides = [
            [f for child in part for f in _flowables(child, layout, wide - 24, meta)]
            for part, wide in zip(parts, widths, strict=True)
        ]
        return [_shaded([sides], widths, layout, column=1), Spacer(1, 10)]
    text = inline(block.text)
    if block.kind == "p" and layout.hyphenate:
        text = _hyphenated(text)
    if block.kind == "quote":
        text = f"<i>{text}</i>"
    return [Paragraph(text, styles[block.kind])]


def _ruled_table(block: Block, layout: Layout, widths: list[float]) -> Table:
    styles = styles_of(layout)
    head, *body = block.rows
    rows = [[Paragraph(inline(cell), styles["head"]) for cell in head]]
    rows += [[Paragraph(inline(cell), styles["cell"]) for cell in row] for row in body]
    table = Table(rows, colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#777777")),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor(layout.accent)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _shaded(cells: list[list[Any]], widths: list[float], layout: Layout, column: int) -> Table:
    table = Table(cells, colWidths=widths)
    style = [
        ("BACKGROUND", (column, 0), (column, 0), HexColor("#efe6da")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (column, 0), (column, 0), 10),
        ("RIGHTPADDING", (column, 0), (column, 0), 10),
        ("LEFTPADDING", (0, 0), (0, 0), 10 if column == 0 else 0),
        ("LINEBEFORE", (column, 0), (column, 0), 2.5, HexColor(layout.accent)),
    ]
    table.setStyle(TableStyle(style))
    return table


def inline(text: str) -> str:
    """Inline Markdown as reportlab markup."""
    text = escape(text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
    return NOTE_MARK.sub(r'<super>\1</super><onDraw name="note_mark" label="\1"/>', text)


def _hyphenated(text: str, untouched: int = 12) -> str:
    """The text with soft hyphens in long words, save the first words, which labels quote."""
    words = text.split(" ")
    return " ".join(words[:untouched] + [_softened(word) for word in words[untouched:]])


def _softened(word: str) -> str:
    """Soft hyphens between two consonants that stand between vowels, and before common endings."""
    stem = word.rstrip(".,;:")
    if len(stem) < 7 or not stem.isalpha() or not stem.islower():
        return word
    cuts = {
        i
        for i in range(3, len(stem) - 2)
        if stem[i - 2] in VOWELS
        and stem[i - 1] not in VOWELS
        and (stem[i] not in VOWELS + "hlr" or stem[i] == stem[i - 1])
        and stem[i + 1] in VOWELS
    }
    cuts |= {match.start() for match in SUFFIX.finditer(stem)}
    for cut in sorted(cuts, reverse=True):
        word = f"{word[:cut]}\u00ad{word[cut:]}"
    return word
