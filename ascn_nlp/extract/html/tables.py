"""Tables of a web page, made into what the search for the article keeps."""

from __future__ import annotations

from typing import Any

# What stands in a table that holds a part of the page, not figures and words in columns.
_OF_PAGES = ".//table | .//h1 | .//h2 | .//h3 | .//h4 | .//article | .//form"


def unlist_cells(tree: Any) -> None:
    """Puts the items of lists in the cells of a table into lines: the search for the article drops lists there."""
    for table in [each for each in tree.iter("table") if each.find(".//li") is not None]:
        has_columns = any(row.find("td[2]") is not None for row in table.iter("tr"))
        if has_columns and not table.xpath(_OF_PAGES):
            for element in table.iter("ul", "ol", "li"):
                element.tag = "p" if element.tag == "li" else "div"
