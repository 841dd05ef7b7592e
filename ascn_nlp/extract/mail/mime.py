"""The parts of a MIME message, whatever nonsense its headers hold: for letters and saved pages."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from typing import Any

from ascn_nlp.errors import ExtractError

PAGES = ("text/html", "application/xhtml+xml")
# The library's time grows with the square of a header's length: 2,000 signs take milliseconds, 100,000 a minute.
_LONGEST_HEADER = 2000
# What the library raises at headers and parts it did not expect.
_ODD = (MessageError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError, RecursionError)


class _ShortHeaders(policy.EmailPolicy):
    """The default policy, with headers cut where no person's goes on."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_HEADER]


def parse_message(content: bytes) -> MIMEPart:
    """The message that ``content`` is, its parts not decoded yet; ExtractError when they nest too deep."""
    short_headers: Any = _ShortHeaders()  # the type stubs tie a policy to a class of messages
    try:
        return message_from_bytes(content.lstrip(), EmailMessage, policy=short_headers)
    except RecursionError:
        raise ExtractError(
            "its parts are nested deeper than any letter's", remedy="open it in its program and save its text as PDF"
        ) from None


def header(message: MIMEPart, name: str) -> Any:
    """The decoded header, a str with attributes of its own; "" when there is none or it cannot be understood."""
    try:
        return message.get(name, "")
    except _ODD:
        return ""


def root_part(related: MIMEPart) -> MIMEPart:
    """The part of a multipart/related that the others belong to (RFC 2387): that named, the first page, or the first.

    The message itself when it has no parts.
    """
    parts = children(related)
    named = parameter(related, "start").strip("<> ")
    for part in parts:
        if named and str(header(part, "content-id")).strip("<> ") == named:
            return part
    return next((part for part in parts if part.get_content_type() in PAGES), parts[0] if parts else related)


def children(message: MIMEPart) -> list[MIMEPart]:
    """The parts of a multipart; none of anything else, nor of one that only says it is."""
    is_multipart = message.get_content_maintype() == "multipart" and message.is_multipart()
    return list(message.iter_parts()) if is_multipart else []


def parameter(message: MIMEPart, name: str) -> str:
    """A parameter of its Content-Type; "" when there is none."""
    try:
        return str(message.get_param(name, ""))
    except _ODD:
        return ""


def part_bytes(part: MIMEPart) -> bytes:
    """The content of a part without its transfer encoding."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def part_type(part: MIMEPart) -> str:
    """Media type and charset of a part, as a server would declare them."""
    return f'{part.get_content_type()}; charset="{parameter(part, "charset")}"'
