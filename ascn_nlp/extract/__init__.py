"""Bytes -> Document: the kind of file is told by its bytes, its reader called, and what it found assembled."""

from __future__ import annotations

from collections.abc import Callable

from ascn_nlp.errors import DocumentError, ExtractError, InstallationError
from ascn_nlp.extract.assemble import assemble_document, clean
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.origin import Origin
from ascn_nlp.extract.sniff import (
    DOCX,
    EML,
    HTML,
    IMAGES,
    MARKDOWN,
    MHTML,
    NAMES,
    ODT,
    PDF,
    TEXT,
    announced_type,
    sniff_type,
)
from ascn_nlp.records import Document, Issue, Source

# Changes when the same bytes would give another Document, so that stored ones are read anew.
READER_VERSION = "3"

Reader = Callable[[bytes, Origin, Limits], Draft]


def _read_pdf(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.pdf.reader import read_pdf

    return read_pdf(content, limits, origin.source.language)


def _read_html(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.html.reader import read_html

    return read_html(content, origin, limits)


def _read_docx(content: bytes, _origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.office.docx import read_docx

    return read_docx(content, limits)


def _read_odt(content: bytes, _origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.office.odt import read_odt

    return read_odt(content, limits)


def _read_eml(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.mail.eml import read_eml

    return read_eml(content, origin, limits)


def _read_mhtml(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.mail.mhtml import read_mhtml

    return read_mhtml(content, origin, limits)


def _read_text(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.text import read_text

    return read_text(content, origin, limits)


def _read_markdown(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.text import read_markdown

    return read_markdown(content, origin, limits)


def _read_image(content: bytes, origin: Origin, limits: Limits) -> Draft:
    from ascn_nlp.extract.ocr.image import read_image

    return read_image(content, limits, origin.source.language)


# The readers by media type. Each is imported when first used: together their libraries take seconds to load.
READERS: dict[str, Reader] = {
    PDF: _read_pdf,
    HTML: _read_html,
    DOCX: _read_docx,
    ODT: _read_odt,
    EML: _read_eml,
    MHTML: _read_mhtml,
    **dict.fromkeys(IMAGES, _read_image),
    TEXT: _read_text,
    MARKDOWN: _read_markdown,
}


def read_document(
    content: bytes,
    *,
    source: Source,
    address: str,
    declared_type: str = "",
    final_url: str = "",
    fetched_at: str = "",
    last_modified: str = "",
    limits: Limits | None = None,
    listed: tuple[str, str, str] = ("", "", ""),
) -> Document:
    """The document that ``content`` holds, whatever its name or its server call it.

    ``listed`` is what its source states of its publication: ISO date, basis (see ``dates.CONFIDENCE``) and the words.

    Raises ExtractError or UnsupportedFormat, with the address and a remedy, for what cannot be read.
    """
    origin = Origin(source, address, declared_type, final_url, fetched_at, last_modified, listed)
    try:
        media_type = sniff_type(content, address, declared_type)
        draft = READERS[media_type](content, origin, limits or Limits())
        return assemble_document(draft, content, media_type, origin, _misnamed(media_type, origin))
    except DocumentError as error:
        raise type(error)(error.what, error.where or address, error.remedy) from error
    except MemoryError:
        raise
    except ImportError as error:
        what, where = f"a library cannot be loaded: {error}", f"the reader of {NAMES[media_type]}"
        raise InstallationError(what, where, "install ascn-nlp anew with all it needs; see ascn-nlp doctor") from error
    except Exception as error:  # the readers' border: libraries raise anything at bytes they did not expect
        raise ExtractError(
            clean(f"the reader failed: {type(error).__name__}: {error}"),  # it may quote bytes of the file
            address,
            "open the file and save it anew, or report it with the file",
        ) from error


def _misnamed(media_type: str, origin: Origin) -> tuple[Issue, ...]:
    announced = announced_type(origin.address, origin.declared_type)
    if not announced or announced == media_type:
        return ()
    announced = NAMES.get(announced, announced)
    return (Issue("extract", f"is called {announced} but is {NAMES[media_type]}, and was read as that"),)
