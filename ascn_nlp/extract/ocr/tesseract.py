"""Tesseract through tesserocr: pictures of pages -> lines of words. Reads its model files."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ascn_nlp.extract.ocr.engine import ORIENTATION_MODEL, Look, ScanLine, Word

if TYPE_CHECKING:
    from ascn_nlp.extract.ocr.engine import Picture

_FIRST_DIGIT = {"tha": "๐", "lao": "໐", "khm": "០", "mya": "၀"}  # models of scripts that have digits of their own
_BLANKS = re.compile(r"\s+")
_NEAR = 30  # characters: pieces may be written otherwise in the text of the whole page
_UNICHARSET = 21  # position of the list of characters in a model file, tesseract's tessdatamanager.h


class Tesseract:
    """Tesseract through tesserocr; each choice of models is loaded once."""

    def __init__(self, library: Any, folder: Path, models: frozenset[str]) -> None:
        self.name = library.tesseract_version().split("\n")[0]
        self.models = models
        self._library = library
        self._folder = folder
        self._readers: dict[str, Any] = {}

    def look(self, picture: Picture) -> Look | None:
        """How the page lies; None where it has too few letters to tell, or the model for it is not installed."""
        if ORIENTATION_MODEL not in self.models:
            return None
        reader = self._reader(ORIENTATION_MODEL, self._library.PSM.OSD_ONLY)
        _show(reader, picture)
        found = reader.DetectOrientationScript()
        reader.Clear()
        return Look(found["orient_deg"] // 90, found["script_name"]) if found else None

    def read(self, picture: Picture, dpi: int, models: Sequence[str], seconds: float) -> tuple[ScanLine, ...] | None:
        """Its lines in the order of their blocks; None when there was no time to finish."""
        reader = self._reader("+".join(models), self._library.PSM.AUTO)
        _show(reader, picture)
        reader.SetSourceResolution(dpi)
        try:
            return tuple(self._lines(reader, picture)) if reader.Recognize(max(1, int(1000 * seconds))) else None
        finally:
            reader.Clear()

    def unknown_digits(self, model: str) -> str:
        """The digits of the model's own script that are not among the characters it was trained on."""
        if model not in _FIRST_DIGIT:
            return ""
        known = _characters((self._folder / f"{model}.traineddata").read_bytes())
        digits = [chr(ord(_FIRST_DIGIT[model]) + n) for n in range(10)]
        return "".join(digit for digit in digits if digit not in known)

    def close(self) -> None:
        """Give back the memory of the models."""
        for reader in self._readers.values():
            reader.End()
        self._readers.clear()

    def _reader(self, models: str, mode: Any) -> Any:
        if models not in self._readers:
            reader = self._library.PyTessBaseAPI(path=str(self._folder), lang=models, psm=mode)
            reader.SetVariable("debug_file", os.devnull)  # else it remarks on empty pages to the terminal
            # Else it puts a blank between all the pieces of a Thai sentence.
            reader.SetVariable("preserve_interword_spaces", "1")
            if models.partition("+")[0] in _FIRST_DIGIT:
                # Else vowels and tone marks above the letters are read as lines of their own: on five of seven pages
                # of a letter from Thailand; from 2.5 on it loses lines.
                reader.SetVariable("textord_min_linesize", "2.0")
            self._readers[models] = reader
        return self._readers[models]

    def _lines(self, reader: Any, picture: Picture) -> Iterator[ScanLine]:
        """The lines of a recognised page; where blanks stand only its whole text tells."""
        level, text, at, block = self._library.RIL, reader.GetUTF8Text(), 0, 0
        pieces = reader.GetIterator()
        words: list[Word] = []
        while pieces and not pieces.Empty(level.WORD):
            block += pieces.IsAtBeginningOf(level.BLOCK)
            if word := pieces.GetUTF8Text(level.WORD).strip():
                start = _next_word(text, word, at)
                x0, _, x1, _ = pieces.BoundingBox(level.WORD)
                words.append(Word(word, x0, x1, pieces.Confidence(level.WORD) / 100, bool(words) and start == at))
                at = start + len(word)
            if words and pieces.IsAtFinalElement(level.TEXTLINE, level.WORD):
                box = pieces.BoundingBox(level.TEXTLINE)
                (xa, ya), (xb, yb) = pieces.Baseline(level.TEXTLINE) or ((box[0], box[3]), (box[2], box[3]))
                height = pieces.RowAttributes()["row_height"]
                yield ScanLine(tuple(words), (xa, ya, xb, yb), height, _stroke(picture, box), block)
                words = []
            if not pieces.Next(level.WORD):
                break


def _next_word(text: str, word: str, at: int) -> int:
    """Where ``word`` stands in ``text`` behind ``at``: after the blanks there, however wide, or a little further on."""
    blanks = _BLANKS.match(text, at)
    start = blanks.end() if blanks else at
    return start if text.startswith(word, start) else max(start, text.find(word, start, start + len(word) + _NEAR))


def _show(reader: Any, picture: Picture) -> None:
    height, width = picture.shape
    reader.SetImageBytes(picture.tobytes(), width, height, 1, width)


def _stroke(picture: Picture, box: tuple[int, int, int, int]) -> float:
    """The mean thickness of what is drawn in ``box``: twice its area over its outline."""
    x0, top, x1, bottom = box
    ink = picture[top:bottom, x0:x1] < 128
    outline = (ink[:, 1:] != ink[:, :-1]).sum() + (ink[1:] != ink[:-1]).sum()
    return float(2 * ink.sum() / max(1, outline))


def _characters(model: bytes) -> frozenset[str]:
    """The characters a model file was trained on: its header is a count and as many offsets, -1 for what it lacks."""
    (count,) = struct.unpack_from("<i", model)
    starts = struct.unpack_from(f"<{count}q", model, 4)
    start = starts[_UNICHARSET]
    end = min((other for other in starts if other > start), default=len(model))
    lines = model[start:end].decode("utf-8", "replace").splitlines()[1:]
    return frozenset(line.partition(" ")[0] for line in lines)
