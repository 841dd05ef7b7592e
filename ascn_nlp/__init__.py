"""Tags passages of secondary sources on the ASEAN Smart Cities Network with civic and social concerns.

    >>> import ascn_nlp
    >>> document = ascn_nlp.read("corpus/sample/notes/phuket-blog-post.md")
    >>> len(ascn_nlp.tag(document, tagger="rules")) == len(ascn_nlp.passages(document))
    True

``ascn_nlp.frame("my-workspace")`` gives everything stored there as a pandas frame, ``ascn_nlp.report_frame`` what
is raised and addressed where. Nothing heavy is imported before one of these is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ascn_nlp.api import frame, frame_of, passages, read, report_frame, tag

__version__ = "0.1.0"
__all__ = ["__version__", "frame", "frame_of", "passages", "read", "report_frame", "tag"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ascn_nlp import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
