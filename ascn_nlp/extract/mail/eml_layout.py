"""The HTML of a letter, made into that of a page: one article, with no tables but those of figures and words."""

from __future__ import annotations

from typing import Any

from ascn_nlp.extract.html.depth import flatten, is_cut_off

_ROWS = ("tbody", "thead", "tfoot", "tr", "td", "th")


def lay_flat(page: str) -> bytes:
    """``page`` as UTF-8, all of it an article, as a letter has no menus around it; tables for layout are unpacked.

    Mail programs show little of what style sheets say, so letters are laid out in tables, one in another, which hide
    headings and lists from a search for articles.
    """
    from lxml import etree, html  # type: ignore[import-untyped]

    parser = html.HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        tree = html.document_fromstring(page.encode("utf-8", "replace"), parser, ensure_head_body=True)
        if is_cut_off(tree):
            tree = html.document_fromstring(flatten(page).encode("utf-8", "replace"), parser, ensure_head_body=True)
    except etree.ParserError:  # nothing but blanks and comments
        return b""
    for table in [each for each in tree.iter("table") if _is_layout(each)]:
        for inner in _own_rows(table):
            inner.tag = "div"
        table.tag = "div"
    article, body = tree.body, tree.makeelement("body")
    article.tag = "article"
    tree.replace(article, body)
    body.append(article)
    content: bytes = html.tostring(tree, encoding="utf-8")
    return content


def _is_layout(table: Any) -> bool:
    """Whether a table has another in it, or but one cell a row."""
    cells = [each for each in _own_rows(table) if each.tag in ("td", "th")]
    return table.find(".//table") is not None or all(each.getprevious() is None for each in cells)


def _own_rows(table: Any) -> list[Any]:
    """The rows and cells of a table, without those of tables in it."""
    found: list[Any] = []
    stack = list(table)
    while stack:
        element = stack.pop()
        if element.tag in _ROWS:
            found.append(element)
            stack.extend(element)
    return found
