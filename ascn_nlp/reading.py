"""One file on disk -> Document and passages, with no workspace and no store. Opens the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ascn_nlp.errors import FetchError
from ascn_nlp.extract import read_document
from ascn_nlp.records import Document, Passage, Source
from ascn_nlp.segment import segment

# Files given by hand come from nowhere in particular.
LOOSE = Source(id="file", kind="folder", publisher="", genre="other", why="given on the command line")


def read_file(path: Path | str) -> Document:
    """The document in a file; DocumentError says why it cannot be read."""
    place = Path(path)
    try:
        content = place.read_bytes()
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror}", str(place), "check the path") from error
    today = datetime.now(UTC).date().isoformat()
    return read_document(content, source=LOOSE, address=str(place), fetched_at=today)


def read_passages(path: Path | str) -> tuple[Document, Sequence[Passage]]:
    """The document in a file, and its passages."""
    document = read_file(path)
    return document, segment(document)
