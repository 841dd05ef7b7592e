"""Every error the package raises on purpose.

AscnNlpError                what, where, and how to mend it
├── OptionError             a value given to a command is none it takes  stops the command
├── TableError              a TOML table a person edits is wrong            stops the run
├── InstallationError       a library is missing or of the wrong version    stops the run
├── ModelError              weights are missing, stale or damaged           stops the run
├── StoreError              the database cannot be used as it is            stops the run
│   └── BusyError           another run is at work                          stops the run before it begins
├── ReviewError             a review file cannot be taken                   stops the import, changes nothing
└── DocumentError           one document cannot be processed                recorded, the others go on
    ├── FetchError          its bytes could not be had
    ├── ExtractError        its bytes could not be read
    │   └── UnsupportedFormat   no reader for this kind of file
    └── TagError            its passages could not be tagged

Every argument is handed to ``Exception.__init__`` and the message is formatted in ``__str__``: an error that
formats in ``__init__`` fails to unpickle on its way back from a worker process.
"""

from __future__ import annotations


class AscnNlpError(Exception):
    """Something a person can mend. ``what`` happened, ``where``, and the ``remedy``."""

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.what}{mend}"


class OptionError(AscnNlpError):
    """A value given to a command is none that it takes; ``where`` names the option, ``remedy`` the valid ones."""


class TableError(AscnNlpError):
    """A table that a person edits is wrong; ``where`` names file, line and key."""


class InstallationError(AscnNlpError):
    """A library is missing or of the wrong version: no document's fault, so nothing is recorded against any."""


class ModelError(AscnNlpError):
    """Weights are missing, damaged, or do not fit the taxonomy."""


class StoreError(AscnNlpError):
    """The database cannot be opened, migrated or written."""


class BusyError(StoreError):
    """Another run is at work on the store."""


class ReviewError(AscnNlpError):
    """A review file cannot be imported; nothing of it was."""


class DocumentError(AscnNlpError):
    """One document could not be processed at ``stage``; it is recorded and the run goes on."""

    stage = "document"


class FetchError(DocumentError):
    """The bytes of a document could not be had, in so many ``tries``."""

    stage = "fetch"
    tries = 1


class ExtractError(DocumentError):
    """The bytes of a document could not be read."""

    stage = "extract"


class UnsupportedFormat(ExtractError):
    """There is no reader for this kind of file."""


class TagError(DocumentError):
    """The passages of a document could not be tagged."""

    stage = "tag"
