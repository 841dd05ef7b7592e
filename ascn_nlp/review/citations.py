"""The documents that passages come from -> BibTeX and CSL-JSON, an entry at a time.

BibTeX: O. Patashnik, "BibTeXing", 1988, https://ctan.org/pkg/bibtex; ``date`` and ``urldate``: the manual of biblatex,
2.3.8, https://ctan.org/pkg/biblatex.
CSL-JSON: the schema csl-data.json of CSL 1.0.2, https://github.com/citation-style-language/schema.

Nothing is made up: a date has the precision that is known, a document without one says so in ``note``, and no journal,
volume or personal author is guessed. ``annote`` has the document's id, its source and the beginning of the SHA-256 of
its bytes, so that a citation leads back to what was read; bibliography styles do not print it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from ascn_nlp.addresses import is_web_address
from ascn_nlp.review.json_text import array
from ascn_nlp.review.judged import Judged

Cited = Mapping[str, Any]

KEYS = (
    *("document_id", "title", "publisher", "genre", "document_country", "published"),
    *("url", "address", "fetched_at", "sha256", "source_id"),
)
NO_DATE = "No date of publication is known"
NO_TITLE = "[untitled]"


class Kind(NamedTuple):
    """How a genre is cited. ``publisher_field``: where BibTeX's entry type wants the publisher beside the author."""

    bibtex: str
    csl: str
    genre: str  # the kind in words, for styles that print it
    publisher_field: str = "publisher"


# CSL has no type for press releases; "document" is its type for what is none of the others. Of academic works we do not
# know whether they are articles, so they are not called that.
KIND_BY_GENRE: dict[str, Kind] = {
    "official_report": Kind("techreport", "report", "Report", "institution"),
    "press_release": Kind("misc", "document", "Press release"),
    "news": Kind("article", "article-newspaper", "News", "journal"),
    "ngo_or_think_tank": Kind("techreport", "report", "Report", "institution"),
    "academic": Kind("misc", "document", "Academic work"),
    "legal": Kind("misc", "legislation", "Legal text"),
    "other": Kind("misc", "document", ""),
}

# Commands rather than a backslash before the sign where BibTeX, which counts braces whatever stands before them, or TeX
# would misread that.
_COMMANDS = {
    **{sign: f"\\{sign}" for sign in "$&%#_"},
    **{"{": r"{\textbraceleft}", "}": r"{\textbraceright}", "\\": r"{\textbackslash}"},
    **{"~": r"{\textasciitilde}", "^": r"{\textasciicircum}", "<": r"{\textless}", ">": r"{\textgreater}"},
}
_ESCAPES = str.maketrans(_COMMANDS)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Words that tell nothing of what a title is about, or of who a publisher is.
_EMPTY_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "into", "its", "of", "on", "or", "the", "to", "with")
)
_ID_DIGITS = 8


def cited(items: Iterable[Judged]) -> Iterator[dict[str, Any]]:
    """The distinct documents of passages, in first-met order, as mappings with ``KEYS``."""
    met: set[str] = set()
    for one in items:
        if one.passage["document_id"] not in met:
            met.add(one.passage["document_id"])
            yield {key: one.passage[key] for key in KEYS}


def bibtex(documents: Iterable[Cited]) -> Iterator[str]:
    """An entry of a BibTeX file (UTF-8) for each document, with an empty line after it."""
    for document in documents:
        fields = "".join(f"  {name} = {value},\n" for name, value in _fields(document).items())
        yield f"@{_kind(document).bibtex}{{{citation_key(document)},\n{fields}}}\n\n"


def csl_json(documents: Iterable[Cited]) -> Iterator[str]:
    """Lines of one array of CSL-JSON, an item a line."""
    return array(map(_item, documents))


def citation_key(document: Cited) -> str:
    """The key of a document: ASCII, publisher-year-word-digits, such as ``aseansecretariat-2021-smart-0f3c9a1b``.

    It is made from the document alone, so it is the same whatever else is exported. That is why the digits are always
    there, rather than a letter where two documents would get the same key: they are the first of the document's id,
    32 bits. They stay when a better reading finds another date or title; the words before them may not.
    """
    publisher = "".join(_words(document["publisher"]))[:16] or "".join(_words(document["source_id"]))[:16]
    year = (document["published"] or "")[:4] or "nd"
    word = next((word for word in _words(document["title"]) if len(word) > 2), "")
    digits = "".join(_words(document["document_id"])).removeprefix("d")[:_ID_DIGITS]
    return "-".join(part for part in (publisher, year, word, digits) if part)


def escaped(text: str) -> str:
    """Text as BibTeX and LaTeX read it back: signs with a meaning of their own as commands, letters as they are."""
    return _one_line(text).translate(_ESCAPES)


def _fields(document: Cited) -> dict[str, str]:
    """The fields of an entry, each value in braces or, for a month, a name that BibTeX knows."""
    kind, publisher, published = _kind(document), document["publisher"] or "", document["published"] or ""
    accessed = _day(document["fetched_at"])
    # Braces of their own keep a publisher from being taken for first and last names, and a title in its capitals.
    fields = {"title": f"{{{{{escaped(document['title'] or NO_TITLE)}}}}}"}
    if publisher:
        # A newspaper is where an article stands, not who wrote it.
        fields |= {} if kind.publisher_field == "journal" else {"author": f"{{{{{escaped(publisher)}}}}}"}
        fields[kind.publisher_field] = f"{{{escaped(publisher)}}}"
    if published:
        fields["year"] = f"{{{published[:4]}}}"
        fields |= {"month": _MONTHS[int(published[5:7]) - 1]} if published[5:7] else {}
        fields["date"] = f"{{{published}}}"
    if kind.bibtex == "misc" and kind.genre:
        fields["howpublished"] = f"{{{kind.genre}}}"
    if url := _url(document):
        fields["url"] = f"{{{url}}}"
    if accessed:
        fields["urldate"] = f"{{{accessed.isoformat()}}}"
    if not published:
        fields["note"] = f"{{{NO_DATE}}}"
    fields["annote"] = f"{{{escaped(_annote(document))}}}"
    return fields


def _item(document: Cited) -> dict[str, Any]:
    kind, publisher, published = _kind(document), _one_line(document["publisher"] or ""), document["published"] or ""
    accessed = _day(document["fetched_at"])
    is_in_newspaper = kind.publisher_field == "journal"
    item = {
        "id": citation_key(document),
        "type": kind.csl,
        "title": _one_line(document["title"] or NO_TITLE),
        "author": [] if is_in_newspaper or not publisher else [{"literal": publisher}],
        "container-title" if is_in_newspaper else "publisher": publisher,
        "genre": "" if kind.csl in ("article-newspaper", "legislation") else kind.genre,
        "jurisdiction": (document["document_country"] or "") if kind.csl == "legislation" else "",
        "issued": _date_parts(published),
        "accessed": _date_parts(accessed.isoformat() if accessed else ""),
        "URL": _url(document),
        "note": "" if published else NO_DATE,
        "annote": _annote(document),
    }
    return {name: value for name, value in item.items() if value}


def _kind(document: Cited) -> Kind:
    return KIND_BY_GENRE.get(document["genre"] or "other", KIND_BY_GENRE["other"])


def _annote(document: Cited) -> str:
    digits = (document["sha256"] or "")[:12]
    parts = [f"document {document['document_id']}", f"source {document['source_id']}"]
    return ", ".join(parts + ([f"SHA-256 {digits}"] if digits else []))


def _date_parts(day: str) -> dict[str, list[list[int]]]:
    """A date as CSL has it, at its precision; nothing for none."""
    return {"date-parts": [[int(part) for part in day.split("-")]]} if day else {}


def _day(at: datetime | None) -> date | None:
    """The day of a moment in UTC, as which the store keeps times."""
    return (at.astimezone(UTC) if at.tzinfo else at).date() if at else None


def _url(document: Cited) -> str:
    """Where a reader can open a document, in a form that needs no escapes: LaTeX takes addresses as they stand."""
    address = document["address"] or ""
    url = document["url"] or (address if is_web_address(address) else "")
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~-._")


def _one_line(text: str) -> str:
    blank = "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text)
    return " ".join(blank.split())


def _words(text: str | None) -> Iterator[str]:
    """The words of a text in small ASCII letters and digits, without empty ones; none for scripts without such."""
    plain = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode().lower()
    return (word for word in re.findall(r"[a-z0-9]+", plain) if word not in _EMPTY_WORDS)
