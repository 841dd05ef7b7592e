"""Repairs of the words of a PDF: broken characters, and the joints between lines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
_DOTS = re.compile(r"(?:\s?[.·…_]){6,}")
LEADERS = re.compile(r"\w.*\.\.\.\s*[\divxl]*$", re.IGNORECASE)  # dots that lead to a page number
_LAST_WORD = re.compile(r"[^\W\d_]+$")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS = ("-", "‐", HYPHEN_AT_BREAK)
# Thai, Lao, Burmese and Khmer part phrases by blanks, words by nothing; a line may end after any word.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LEAST_BROKEN = 3  # words that are surely broken, before a document is said to break words as a rule
# What follows a hyphen in no compound word.
_ENDING = re.compile(r"[ts]ions?|ings?|ments?|ness|ity|ties|al|ers?|ed|ly|a?bles?|[ae]nce|ous|ive|tures?")
# Above this share of unreadable characters a text is of no use. Formulas and icons in files that read well: to 0.03.
_GARBLED_SHARE = 0.3


# What compound words begin with and next to no broken word does.
_FIRST_OF_TWO = frozenset(
    ("asean", "e", "full", "half", "high", "large", "long", "low", "mid", "non", "real", "self", "short", "well")
)


def repair(text: str) -> str:
    """``text`` with ligatures resolved, accents composed and known symbols named.

    Unreadable characters are left out and long rows of dots cut to three.
    Line-end hyphens stay marked, as only the whole document tells what to do with them.
    """
    if not (text.isascii() and text.isprintable()):
        text = _UNREADABLE.sub("", text.translate(_MAPPED))
        text = unicodedata.normalize("NFC", _INNER_SOFT_HYPHEN.sub("", text))
    return _DOTS.sub(" ...", _BLANKS.sub(" ", text)).strip()


def is_garbled(text: str) -> bool:
    """Whether too many characters of raw ``text`` name no letter for it to be read."""
    unreadable = sum(len(match) for match in _UNREADABLE.findall(text.translate(_MAPPED)))
    return unreadable > _GARBLED_SHARE * max(1, len(text))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How often each word (in lower case) stands in a document, and whether it breaks words at line ends."""

    counts: Counter[str]
    is_hyphenated: bool = False


def read_vocabulary(texts: Sequence[str]) -> Vocabulary:
    """The words of a document's lines.

    It breaks words if those broken at a line's end mostly stand elsewhere without a hyphen, or end as no word begins.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word.lower() for word in _WORD.findall(text))
    glued = parted = 0
    for before, after in pairwise(texts):
        if pieces := _pieces(before, after):
            glued += counts["".join(pieces)] > 0 or bool(_ENDING.fullmatch(pieces[1]))
            parted += counts["-".join(pieces)] > 0
            counts.subtract(pieces)  # halves are no words of their own
    return Vocabulary(counts, glued >= _LEAST_BROKEN and glued > 3 * parted)


def _pieces(before: str, after: str) -> tuple[str, str] | None:
    """The two halves of a word (in lower case) that a hyphen at the end of ``before`` breaks."""
    if not before.endswith(_HYPHENS):
        return None
    first, second = _LAST_WORD.search(before[:-1]), _FIRST_WORD.match(after)
    return (first[0].lower(), second[0].lower()) if first and second else None


def join_lines(texts: Sequence[str], known: Vocabulary) -> str:
    """``texts`` as one, joined line by line."""
    joined = ""
    for text in texts:
        joined = join(joined, text, known) if joined else text
    return unmark(joined)


def join(before: str, after: str, known: Vocabulary) -> str:
    """Two texts that follow each other, parted by a blank, joined at a line-end hyphen or, in Thai and its like, as
    they are.

    The hyphen is kept unless the document has the word without it; where words are broken as a rule, it also goes
    from pieces that are no words themselves.
    """
    if before.endswith(_SOFT_HYPHEN):
        return before[:-1] + after
    if UNSPACED.match(before[-1:]) and UNSPACED.match(after):
        return before + after
    if not before.endswith(_HYPHENS) or before[-2:-1] in ("", " "):
        return f"{unmark(before)} {after}"
    pieces = _pieces(before, after)
    if not pieces or not after[0].islower():
        return unmark(before) + after
    whole, parted = known.counts["".join(pieces)], known.counts["-".join(pieces)]
    is_compound = all(known.counts[piece] > 0 for piece in pieces) or pieces[0] in _FIRST_OF_TWO
    is_broken = known.is_hyphenated and not parted and not is_compound
    return before[:-1] + ("" if whole > parted or is_broken else "-") + after


def unmark(text: str) -> str:
    """``text`` with a marked hyphen at its end as an ordinary one."""
    return text.replace(HYPHEN_AT_BREAK, "-").rstrip(_SOFT_HYPHEN)
