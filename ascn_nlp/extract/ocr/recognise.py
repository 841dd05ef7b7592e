"""Pictures of pages -> what is printed there: which way up, in which language, with which of the models installed."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ascn_nlp.extract.ocr.engine import ORIENTATION_MODEL, Engine, Look, ScanLine, how_to_install, model_of
from ascn_nlp.extract.ocr.layout import Scan
from ascn_nlp.extract.ocr.words import mean_confidence, worded
from ascn_nlp.languages import LANGUAGES, LATIN_LANGUAGES, detect_language

if TYPE_CHECKING:
    from ascn_nlp.extract.ocr.engine import Picture

_LANGUAGE_BY_SCRIPT = {"Thai": "th", "Khmer": "km", "Lao": "lo", "Myanmar": "my"}  # as Tesseract names the scripts
_OTHER_SCRIPTS = frozenset(LANGUAGES) - frozenset(LATIN_LANGUAGES)
# Mean confidence of a page. The scans tried have 0.89 and more; a Thai page read as English has 0.5.
_LEGIBLE = 0.65
_ILLEGIBLE = "not legible: faint, more picture than text, or in a script that no model here reads"
_SCAN_AGAIN = "find a better scan, or see ascn-nlp doctor for the models that lack"


class Unread(NamedTuple):
    """Why a page was not recognised, and what to do."""

    problem: str
    remedy: str


OUT_OF_TIME = Unread("there was no time left to recognise it", "raise reading.ocr_seconds in ascn.toml")


class Recognised(NamedTuple):
    """The lines of one page, and by what they were recognised."""

    scan: Scan
    by: str


@dataclass(slots=True)
class Recogniser:
    """An engine at work on one document, and what it has learned of the document on the way."""

    engine: Engine
    language: str  # that its source says it is in; "" when it does not say
    seconds: float  # for the whole document
    lacking: set[str] = field(default_factory=set)  # languages read with the models of others
    left_out: int = 0  # lines without words
    unknown_digits: dict[str, str] = field(default_factory=dict)  # of the models used
    _found: str = ""  # the language of its pages in Latin letters
    _last: str = ""  # the language of the page before
    _began: float = field(default_factory=time.monotonic)

    def recognise(self, number: int, picture: Picture, dpi: int) -> Recognised | Unread:
        """What stands on page ``number``; no lines where there are no words."""
        import numpy as np

        look = self.engine.look(picture)
        if look and look.turns:
            picture = np.ascontiguousarray(np.rot90(picture, look.turns))
        language = self._language(look)
        if language in _OTHER_SCRIPTS and not model_of(language, self.engine.models):
            return Unread(f"in the language {language!r}, for which no model is installed", how_to_install(language))
        models = self._models(language or "en")
        lines = self._read(picture, dpi, models)
        if not language and lines:  # the English model read well enough to tell which it is
            language = self._found = detect_language(_text(lines))
            if self._models(language or "en") != models:
                models = self._models(language)
                lines = self._read(picture, dpi, models)
        if lines is None:
            return OUT_OF_TIME
        self._last = language
        return self._result(number, picture, dpi, models, lines)

    @property
    def seconds_left(self) -> float:
        """Of the time that the document has."""
        return self._began + self.seconds - time.monotonic()

    def _language(self, look: Look | None) -> str:
        """The language of a page; "" when it is in Latin letters and nothing tells yet."""
        if look is None:
            return self.language or self._last
        if look.script in _LANGUAGE_BY_SCRIPT:
            return _LANGUAGE_BY_SCRIPT[look.script]
        return self.language if self.language in LATIN_LANGUAGES else self._found

    def _models(self, language: str) -> tuple[str, ...]:
        """The models to read a language with: its own, and English for the names and quotations in it."""
        own, english = model_of(language, self.engine.models), model_of("en", self.engine.models)
        if not own:
            self.lacking.add(language)
        any_model = sorted(self.engine.models - {ORIENTATION_MODEL})[0]
        return tuple(dict.fromkeys(name for name in (own, english) if name)) or (any_model,)

    def _read(self, picture: Picture, dpi: int, models: tuple[str, ...]) -> tuple[ScanLine, ...] | None:
        left = self.seconds_left
        return self.engine.read(picture, dpi, models, left) if left > 0 else None

    def _result(
        self, number: int, picture: Picture, dpi: int, models: tuple[str, ...], lines: tuple[ScanLine, ...]
    ) -> Recognised | Unread:
        height, width = picture.shape
        digits = self.engine.unknown_digits(models[0])
        if digits:
            self.unknown_digits[models[0]] = digits
        kept, left_out = worded(lines)
        if 0 < mean_confidence(kept) < _LEGIBLE:
            return Unread(_ILLEGIBLE, _SCAN_AGAIN)
        self.left_out += left_out
        scan = Scan(number, width * 72 / dpi, height * 72 / dpi, 72 / dpi, kept, bool(digits))
        return Recognised(scan, f"{self.engine.name}, {'+'.join(models)}, {dpi} dpi")


def _text(lines: tuple[ScanLine, ...]) -> str:
    return "".join(("" if word.is_glued else " ") + word.text for line in lines for word in line.words)
