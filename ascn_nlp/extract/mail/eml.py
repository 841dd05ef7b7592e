"""EML bytes -> Draft: the text of a letter, without its attachments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from email.message import MIMEPart

from ascn_nlp.dates import CONFIDENCE
from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.assemble import clean
from ascn_nlp.extract.decode import decode
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.html.reader import read_html
from ascn_nlp.extract.mail.eml_layout import lay_flat
from ascn_nlp.extract.mail.mime import children, header, parameter, parse_message, part_bytes, part_type, root_part
from ascn_nlp.extract.origin import Origin
from ascn_nlp.extract.text import read_text
from ascn_nlp.records import DateClue, Issue

_TEXTS = ("text/html", "text/plain")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_ENCRYPTED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
# The HTML of a letter keeps headings and lists, so it goes before the plain text beside it, unless the search for an
# article dropped more than half of the words.
_LEAST_SHARE = 0.5
_MOST_NAMES = 20  # of attachments, in an issue


def read_eml(content: bytes, origin: Origin, limits: Limits) -> Draft:
    """The blocks of a letter, with its subject as title, its date, and its sender where the source names no publisher.

    Attachments are not read but listed in an issue. Raises ExtractError for an encrypted letter.
    """
    message = parse_message(content)
    unread: list[str] = []
    drafts = list(_bodies(message, origin, limits, unread))
    issues = [issue for draft in drafts for issue in draft.issues]
    if unread:
        named = ", ".join(unread[:_MOST_NAMES]) + (", ..." if len(unread) > _MOST_NAMES else "")
        what = f"its attachments were not read: {clean(named)}"
        issues.append(Issue("extract", what, "save those that matter beside it, each as a file of its own"))
    publisher = next((draft.publisher for draft in drafts if draft.publisher), "")
    return Draft(
        blocks=tuple(block for draft in drafts for block in draft.blocks),
        title=str(header(message, "subject")),
        publisher=publisher or ("" if origin.source.publisher else _sender(message)),
        language=str(header(message, "content-language"))
        or next((each.language for each in drafts if each.language), ""),
        clues=(*_sent(message), *(clue for draft in drafts for clue in draft.clues)),
        canonical_url=next((draft.canonical_url for draft in drafts if draft.canonical_url), ""),
        issues=tuple(issues),
    )


def _bodies(part: MIMEPart, origin: Origin, limits: Limits, unread: list[str]) -> Iterator[Draft]:
    """The texts of a letter in the order it shows them; the names of all other parts are put into ``unread``."""
    kind = part.get_content_type()
    if kind in _ENCRYPTED:
        raise ExtractError("is encrypted", remedy="open it in its program and save its text as PDF")
    is_attached = str(header(part, "content-disposition")).lower().startswith("attachment")
    is_whole = kind.startswith("multipart/") and not children(part)  # without its boundary it is one text
    if is_whole or (kind in _TEXTS and not is_attached):
        yield _read_text(part, origin, limits)
    elif kind == "multipart/alternative":
        yield from _best([list(_bodies(each, origin, limits, unread)) for each in children(part)])
    elif kind == "multipart/related":  # the others are pictures of the first
        yield from _bodies(root_part(part), origin, limits, unread)
    elif inner := children(part):
        for each in inner:
            yield from _bodies(each, origin, limits, unread)
    elif kind not in _SIGNATURES:
        unread.append(_name(part))


def _read_text(part: MIMEPart, origin: Origin, limits: Limits) -> Draft:
    content, declared = part_bytes(part), part_type(part)
    if part.get_content_type() != "text/html":
        return read_text(content, replace(origin, declared_type=declared), limits)
    page = lay_flat(decode(content, declared)[: limits.max_characters])
    return read_html(page, replace(origin, declared_type="text/html; charset=utf-8"), limits) if page else Draft(())


def _best(versions: Sequence[list[Draft]]) -> list[Draft]:
    """The last of several versions of a text, which is the richest (RFC 2046), unless it lacks half of the words."""
    counts = [sum(len(block.text.split()) for draft in drafts for block in draft.blocks) for drafts in versions]
    enough = _LEAST_SHARE * max(counts, default=0)
    return next((drafts for drafts, count in zip(versions[::-1], counts[::-1], strict=True) if count >= enough), [])


def _name(part: MIMEPart) -> str:
    """What a person calls an attachment: its file name, the subject of a letter in it, or its kind."""
    name = parameter(part, "name") or str(
        getattr(header(part, "content-disposition"), "params", {}).get("filename", "")
    )
    if not name and part.get_content_type() == "message/rfc822" and part.is_multipart():
        name = f'the letter "{header(next(part.iter_parts()), "subject")}"'
    return " ".join(name.split()) or part.get_content_type()


def _sender(message: MIMEPart) -> str:
    addresses = getattr(header(message, "from"), "addresses", ())
    return next((each.display_name or each.domain for each in addresses), "")


def _sent(message: MIMEPart) -> Iterator[DateClue]:
    stated = header(message, "date")
    sent: datetime | None = getattr(stated, "datetime", None)
    if sent is not None:  # the sender's program writes it, of this letter, as a publisher writes a page's own data
        yield DateClue(sent.date().isoformat(), "metadata", f"Date: {stated}", CONFIDENCE["meta"])
