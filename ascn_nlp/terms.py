"""How a term of the taxonomy is written, and which words of a text it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Mode = Literal["stem", "form", "acronym"]

_WORD = re.compile(r"[^\W_]+")
_ACRONYM = re.compile(r"(?=(?:[^A-Z]*[A-Z]){2})[A-Z0-9.&/ -]+")
_ALLOWED = re.compile(r"[\w'’.&/+$,-]+(?: [\w'’.&/+$,-]+)*")
_MAX_WORDS = 8

# Both spellings of a word end in one stem. What these rules merge by accident ("rise", "rize") they merge in the
# terms and in the texts alike, so that it does no harm.
_SPELLING = {
    "centre": "center", "centres": "centers", "centred": "centered", "programme": "program", "programmes": "programs",
    "defence": "defense", "licence": "license", "licences": "licenses", "offence": "offense", "labour": "labor",
    "neighbour": "neighbor", "neighbours": "neighbors", "neighbourhood": "neighborhood", "behaviour": "behavior",
    "neighbourhoods": "neighborhoods", "harbour": "harbor", "favour": "favor", "favours": "favors",
    "favoured": "favored", "honour": "honor", "colour": "color", "women": "woman", "men": "man", "people": "people",
    "children": "child", "poorest": "poor", "poorer": "poor", "lost": "lose", "sold": "sell", "paid": "pay",
    "stolen": "steal", "stole": "steal", "driven": "drive", "drove": "drive", "fought": "fight", "lent": "lend",
    "taught": "teach", "caught": "catch", "spent": "spend", "built": "build", "bought": "buy", "held": "hold",
    "leaving": "leave",
}  # fmt: skip
_ISE = re.compile(r"(?<=[a-z]{3})is(?=(?:e|ed|es|er|ers|ing|ation|ations)$)")


@dataclass(frozen=True, slots=True)
class Term:
    """A term as parsed: its words, how they are compared, and how it may be printed."""

    source: str
    mode: Mode
    variants: tuple[str, ...]

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems of its words, however they are compared."""
        return tuple(map(stemmer(), _WORD.findall(self.variants[0])))

    @property
    def key(self) -> tuple[str, ...]:
        """The same for two terms that match the same words."""
        words = self.stems if self.mode == "stem" else _WORD.findall(self.variants[0])
        return (self.mode, *words)


@cache
def stemmer() -> Callable[[str], str]:
    """A function that gives the stem of one word: English Snowball, after British spelling is made American."""
    from Stemmer import Stemmer

    snowball = Stemmer("english").stemWord

    @lru_cache(maxsize=1 << 16)
    def stem(word: str) -> str:
        word = word.lower().replace("’", "'")
        return snowball(_SPELLING.get(word) or _ISE.sub("iz", word))  # type: ignore[no-any-return]

    return stem


@cache
def parse_term(source: str) -> Term:
    """The term written as ``source``; ValueError says why it could never match."""
    text = source.removeprefix("=")
    if not _ALLOWED.fullmatch(text):
        raise ValueError(f"{source!r} cannot match: only letters, figures, single spaces and - ' . & / + $ , may occur")
    words = _WORD.findall(text)
    if not words or not any(word.isalpha() or word.isalnum() for word in words):
        raise ValueError(f"{source!r} cannot match: it holds no word")
    if len(words) > _MAX_WORDS:
        raise ValueError(f"{source!r} is longer than {_MAX_WORDS} words and would hardly ever match")
    if source != text:
        return Term(source, "form", (text.lower(),))
    if _ACRONYM.fullmatch(text):
        return Term(source, "acronym", (text, f"{text}s"))
    return Term(source, "stem", tuple(dict.fromkeys(_hyphenations(text))))


def _hyphenations(text: str) -> list[str]:
    """``text`` as written, with its hyphens as spaces, and if it is two words, with a hyphen."""
    spaced = text.replace("-", " ")
    joined = [spaced.replace(" ", "-")] if spaced.count(" ") == 1 else []
    return [text, spaced, *joined]
