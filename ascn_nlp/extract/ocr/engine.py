"""Optical character recognition by Tesseract, where it is installed. I/O: loads a library, looks for its models."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ascn_nlp.errors import InstallationError
from ascn_nlp.records import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]  # (height, width), 0 black

# What Tesseract calls its models for the languages that can be detected; of two names the one installed is used.
MODELS: dict[str, tuple[str, ...]] = {
    "de": ("deu",), "en": ("eng",), "es": ("spa",), "fr": ("fra",), "id": ("ind",), "ja": ("jpn",), "km": ("khm",),
    "ko": ("kor",), "lo": ("lao",), "ms": ("msa",), "my": ("mya",), "nl": ("nld",), "pt": ("por",), "ta": ("tam",),
    "th": ("tha",), "tl": ("fil", "tgl"), "vi": ("vie",), "zh": ("chi_sim", "chi_tra"),
}  # fmt: skip
REGIONAL = ("en", "id", "km", "lo", "ms", "my", "th", "tl", "vi")  # those that a region's scans should not lack
ORIENTATION_MODEL = "osd"
_FOLDERS = (  # where packages put the models, as (folder, pattern below it)
    ("/usr/share/tesseract-ocr", "*/tessdata"),  # Debian: the folder between bears the version
    ("/usr/share", "tessdata"),
    ("/usr/local/share", "tessdata"),
    ("/opt/homebrew/share", "tessdata"),
    ("/opt/local/share", "tessdata"),
    ("C:/Program Files/Tesseract-OCR", "tessdata"),
)
_LIBRARY = "pip install 'ascn-nlp[ocr]'"


class Word(NamedTuple):
    """A word or a part of one; ``is_glued`` when no blank stands before it. Places are in pixels of the picture."""

    text: str
    x0: float
    x1: float
    confidence: float  # 0-1
    is_glued: bool = False


@dataclass(frozen=True, slots=True)
class ScanLine:
    """A line of a picture; ``stroke`` is how thick its letters are drawn. All in pixels.

    Lines that belong together, as those of a paragraph or column do, have the same ``block``.
    """

    words: tuple[Word, ...]
    baseline: Box  # from its left end to its right end
    height: float  # of its letters, from the lowest to the highest that its font has
    stroke: float = 0.0
    block: int = 0


class Look(NamedTuple):
    """How a page lies: quarter turns to the left that set it upright, and the script that most of it is in."""

    turns: int
    script: str


class Engine(Protocol):
    """What recognises pictures; another one takes its place in tests."""

    name: str
    models: frozenset[str]

    def look(self, picture: Picture) -> Look | None:
        """How the page lies; None where it has too few letters to tell, or nothing to tell it with is installed."""

    def read(self, picture: Picture, dpi: int, models: Sequence[str], seconds: float) -> tuple[ScanLine, ...] | None:
        """Its lines in reading order; None when there was no time to finish."""

    def unknown_digits(self, model: str) -> str:
        """The digits of the model's own script that it takes for others, as it was never taught them."""

    def close(self) -> None:
        """Give back the memory of the models."""


def find_engine() -> Engine:
    """Tesseract with the models installed here.

    Raises InstallationError, with what to install, where the library or any model is missing.
    """
    folder, models = find_models()
    # Read when its library is loaded; more threads than one make a page no faster, only dearer.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    from ascn_nlp.extract.ocr.tesseract import Tesseract

    return Tesseract(import_module("tesserocr"), folder, models)


def find_models() -> tuple[Path, frozenset[str]]:
    """The folder of Tesseract's models and their names, without loading the library; raises as ``find_engine``."""
    if find_spec("tesserocr") is None:
        what = "optical character recognition is not installed"
        raise InstallationError(what, remedy=f"{_LIBRARY}, and {how_to_install('en')}")
    for folder in _folders():
        models = frozenset(path.stem for path in folder.glob("*.traineddata"))
        if models - {ORIENTATION_MODEL}:
            return folder, models
    if prefix := os.environ.get("TESSDATA_PREFIX"):
        what = "Tesseract has no models where TESSDATA_PREFIX says"
        raise InstallationError(what, prefix, f"unset it, or {how_to_install('en')}")
    raise InstallationError("Tesseract has no models here", remedy=how_to_install("en"))


def has_engine() -> bool:
    """Whether ``find_engine`` finds one."""
    try:
        return bool(find_models())
    except InstallationError:
        return False


def _folders() -> list[Path]:
    if prefix := os.environ.get("TESSDATA_PREFIX"):
        return [Path(prefix), Path(prefix) / "tessdata"]
    return [found for root, below in _FOLDERS for found in sorted(Path(root).glob(below), reverse=True)]


def model_of(language: str, models: frozenset[str]) -> str:
    """The installed model of an ISO 639-1 language; "" if there is none."""
    return next((name for name in MODELS.get(language, ()) if name in models), "")


def how_to_install(*languages: str) -> str:
    """What to do on this platform to have the models of these languages."""
    names = [MODELS.get(language, (language,))[0] for language in languages]
    if sys.platform == "darwin":
        return "brew install tesseract-lang"
    if sys.platform == "win32":
        return f"run the installer of Tesseract and choose its languages ({', '.join(names)})"
    return (
        "apt-get install " + " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in names) + ", or their like"
    )
