"""MHTML bytes -> Draft: a web page that a browser saved as one file, read as the page it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email.message import MIMEPart

from ascn_nlp.addresses import is_web_address
from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.html.reader import read_html
from ascn_nlp.extract.mail.mime import PAGES, children, header, parse_message, part_bytes, part_type, root_part
from ascn_nlp.extract.origin import Origin

_DEEPEST = 10  # of parts in parts around the page; browsers write one level, mail programs three


def read_mhtml(content: bytes, origin: Origin, limits: Limits) -> Draft:
    """The article of a saved page (RFC 2557), found again at the address it was saved from.

    Raises ExtractError when there is no page in it.
    """
    message = parse_message(content)
    page = _page(message)
    if page.get_content_type() not in PAGES:
        raise ExtractError("is a saved page without the page", remedy="open the page in a browser and save it anew")
    url = _address(message, page)
    saved: datetime | None = getattr(header(message, "date"), "datetime", None)
    seen = replace(
        origin,
        declared_type=part_type(page),
        final_url=origin.final_url or url,
        # A page shows the day of its saving as its clock; the day the file was fetched says nothing of it.
        fetched_at=saved.date().isoformat() if saved else origin.fetched_at,
    )
    draft = read_html(part_bytes(page), seen, limits)
    return replace(draft, canonical_url=draft.canonical_url or url)


def _page(message: MIMEPart) -> MIMEPart:
    """The innermost root of nested parts."""
    for _ in range(_DEEPEST):
        if not children(message):
            break
        message = root_part(message)
    return message


def _address(message: MIMEPart, page: MIMEPart) -> str:
    stated = (
        header(message, "snapshot-content-location"),
        header(page, "content-location"),
        header(message, "content-location"),
    )
    return next((url for url in map(str, stated) if is_web_address(url)), "")
