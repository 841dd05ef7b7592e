"""Which language a text is in, told by its script where that settles it, else by its words."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Any

# The languages of the region, and those that sources on it are written in. A closed set keeps a short English
# paragraph full of names from being taken for Maltese. Tetum is not known to the identifier: such texts keep the
# language their source or page declares.
LATIN_LANGUAGES = ("de", "en", "es", "fr", "id", "ms", "nl", "pt", "tl", "vi")
LANGUAGES = (*LATIN_LANGUAGES, "ja", "km", "ko", "lo", "my", "ta", "th", "zh")

# Scripts that only one language of the set is written in.
_SCRIPTS = (
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("my", re.compile("[\u1000-\u109f\uaa60-\uaa7f]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
)
# Letters that only Vietnamese has: a tenth of a text and more.
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_VIETNAMESE_SHARE = 0.05
_FIRST_OTHER_SCRIPT = "\u0370"
_PUNCTUATION = re.compile("[\u2000-\u2bff]+")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
# Japanese is a third kana or more, and a Thai report names half its firms in Latin letters.
_SCRIPT_SHARE = 0.3

# Below this many words the identifier errs on more than one text in ten. Words in capitals do not count for half of
# them: a footnote full of names is in the language of its report.
FEW_WORDS = 20
# Enough to be sure, and it keeps the cost of a long report that of one page.
_ENOUGH = 2000

# Indonesian and Malay share most of their words, and the identifier guesses between them. These words are spelt or
# used in one of the two alone.
_INDONESIAN = """
agustus anggaran bahwa beda bisa butuh desember gratis gubernur jumat kabupaten kantor karena kecamatan
kelurahan kemarin koran layanan listrik maret miliar mobil perkotaan perusahaan provinsi rabu resmi rupiah
senin sepeda situs triliun uang warga
"""
_MALAY = """
ahad bahawa bandaraya basikal berkenaan bilion datuk disember elektrik iaitu ialah isnin jumaat kerana khamis
mac maklumat manakala ogos percuma perbandaran perkhidmatan rasmi ringgit syarikat wang
"""
_INDONESIAN_WORDS = frozenset(_INDONESIAN.split())
_MALAY_WORDS = frozenset(_MALAY.split())
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# The commonest words of each language, without those that the others or the names in English reports have too. Where
# those of one language are many the identifier need not be asked, which takes half a second and 100 MB to load. English
# ones are 20 % of the words and more in half of the training passages, and 10 % in 95 of a hundred.
_LITTLE_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and that with was were which from their this has been for by",
        "id": "yang dan dengan untuk dari pada ini itu adalah dalam akan tidak telah oleh kepada juga atau sebagai",
        "tl": "ang mga ng na ay kung para hindi ito nang",
        "vi": "và của các là được trong cho một không những người đã có với thành theo",
        "de": "der und ist von mit für auf nicht ein eine den dem im zu werden",
        "fr": "le les des et est une dans pour que qui sur au aux avec",
        "es": "el los las del una por con se su es más",
        "nl": "het een van voor zijn niet aan ook wordt",
        "pt": "os um uma em não dos ao pela são",
    }.items()
}
_OTHER_WORDS = frozenset().union(*(words for language, words in _LITTLE_WORDS.items() if language != "en"))
_MANY = 0.1  # of all words
_CLEARLY = 2  # times as many as those of the next language
_OTHER_SHARE = 0.04


def detect_language(text: str, fallback: str = "") -> str:
    """The ISO 639-1 code of the language of ``text``; ``fallback`` where the text is too short to tell.

    Between Indonesian and Malay it says the one whose own words occur more often, and on a tie ``fallback`` if that
    is one of the two.
    """
    sample = text[:_ENOUGH]
    if by_script := _by_script(sample):
        return by_script
    words = _WORD.findall(sample)
    if len(words) < FEW_WORDS or 2 * sum(word[0].islower() for word in words) < FEW_WORDS:
        return fallback
    if sum(word in _LITTLE_WORDS["en"] for word in words) > _MANY * len(words):
        return "en"
    if len(_VIETNAMESE.findall(sample)) > _VIETNAMESE_SHARE * len(sample):
        return "vi"
    if found := _by_little_words(words, fallback):
        return _indonesian_or_malay(words, found, fallback) if found == "id" else found
    found = str(_identifier().classify(sample)[0])
    return _indonesian_or_malay(words, found, fallback) if found in ("id", "ms") else found


def _by_little_words(words: list[str], fallback: str) -> str:
    """The language whose commonest words are many; "" where that is in doubt. Indonesian may be Malay."""
    lower = [word.lower() for word in words]
    counts = {language: sum(word in little for word in lower) for language, little in _LITTLE_WORDS.items()}
    (best, most), (_, next_most) = Counter(counts).most_common(2)
    if most > _MANY * len(words) and most >= _CLEARLY * next_most:
        return best
    # In an English document a list of names has few little words of any language.
    others = [word for word in lower if word in _OTHER_WORDS]
    is_listing = len(set(others)) < 2 or len(others) < _OTHER_SHARE * len(words)
    return "en" if fallback == "en" and is_listing else ""


def _by_script(text: str) -> str:
    text = _PUNCTUATION.sub("", text)
    if max(text, default="") < _FIRST_OTHER_SCRIPT:
        return ""
    letters = len(_LETTER.findall(text))
    for language, pattern in _SCRIPTS:
        if len(pattern.findall(text)) > _SCRIPT_SHARE * letters:
            return language
    if 2 * len(_LATIN.findall(text)) < letters:
        return "und"  # as ISO 639-2 calls what is not determined: Cyrillic, Arabic, ...
    return ""


def _indonesian_or_malay(words: list[str], found: str, fallback: str) -> str:
    indonesian = sum(word.lower() in _INDONESIAN_WORDS for word in words)
    malay = sum(word.lower() in _MALAY_WORDS for word in words)
    if indonesian != malay:
        return "id" if indonesian > malay else "ms"
    return fallback if fallback in ("id", "ms") else found


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # An identifier of our own: the module's functions share one, which others may restrict differently.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(LATIN_LANGUAGES)
    return identifier
