"""Repairs of the words of a PDF: broken characters, and the joints between lines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

HYPHEN_AT_BREAK = "\ufffe"  # PDFium's mark for a hyphen at the end of a line
_SOFT_HYPHEN = "\u00ad"
# Glyphs of Symbol and Wingdings that stand for bullets and ticks, by the private-use codes Word gives them.
_PRIVATE_USE = {
    "\uf0b7": "•", "\uf0a7": "▪", "\uf0a8": "▪", "\uf06e": "▪", "\uf06c": "•", "\uf0d8": "➢", "\uf0e0": "→",
    "\uf0fc": "✓", "\uf0fe": "✓", "\uf02d": "-", "\uf076": "❖", "\uf0b0": "°", "\uf0a3": "≤", "\uf0b3": "≥",
}  # fmt: skip
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_MAPPED = str.maketrans({**_PRIVATE_USE, **_LIGATURES, "\u00a0": " ", "\u200b": "", "\ufeff": "", "\u2011": "-"})
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]|\(cid:\d+\)")
_INNER_SOFT_HYPHEN = re.compile(_SOFT_HYPHEN + r"(?=\S)")
_BLANKS = re.compile(r"\s+")
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# Above this share of unreadable characters a text is of no use; icons and formulas stay below a tenth.
_GARBLED_SHARE = 0.3


def repair(text: str) -> str:
    """``text`` with ligatures resolved, accents composed, known symbols named and unreadable characters left out.

    Line-end hyphens stay marked, as only the whole document tells what to do with them.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _INNER_SOFT_HYPHEN.sub("", text.translate(_MAPPED))
    text = _UNREADABLE.sub("", unicodedata.normalize("NFC", text))
    return _BLANKS.sub(" ", text).strip()


def is_garbled(text: str) -> bool:
    """Whether too many characters of raw ``text`` name no letter for it to be read."""
    unreadable = sum(len(match) for match in _UNREADABLE.findall(text.translate(_MAPPED)))
    return unreadable > _GARBLED_SHARE * max(1, len(text))


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word stands in ``texts`` in lower case, words broken at a line end left out."""
    counts: Counter[str] = Counter()
    for text in texts:
        for word in _WORD.findall(text):
            counts[word.lower()] += 1
    return counts


def join_lines(texts: Sequence[str], words: Counter[str]) -> str:
    """``texts`` as one, with a hyphen at a line's end kept unless ``words`` knows the word without it."""
    joined = ""
    for text in texts:
        joined = join(joined, text, words) if joined else text
    return unmark(joined)


def join(before: str, after: str, words: Counter[str]) -> str:
    """Two texts that follow each other, parted by a blank or joined at a line-end hyphen."""
    if before.endswith(_SOFT_HYPHEN):
        return before[:-1] + after
    if not before.endswith(("-", "‐", HYPHEN_AT_BREAK)):
        return f"{before} {after}"
    first, second = _LAST_WORD.search(before[:-1]), _FIRST_WORD.match(after)
    if not first or not second:
        return f"{before} {after}" if before.endswith((" -", " ‐")) else unmark(before) + after
    whole = (first[0] + second[0]).lower()
    parted = f"{first[0]}-{second[0]}".lower()
    if second[0][0].islower() and words[whole] > words[parted]:
        return before[:-1] + after
    return before[:-1] + "-" + after


def unmark(text: str) -> str:
    """``text`` with a marked hyphen at its end as an ordinary one."""
    return text.replace(HYPHEN_AT_BREAK, "-").rstrip(_SOFT_HYPHEN)
