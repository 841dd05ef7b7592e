"""Bytes -> str, for the formats that are text."""

from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<(?:meta[^>]+?charset|\?xml[^>]+?encoding)\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
# Text of another encoding has hardly any characters that are sound UTF-8 by chance.
_SOUND_PER_BROKEN = 5
_SAMPLE = 50_000
_HEAD = 4096  # browsers look this far or less
# As browsers do: pages that declare these are written with the larger Windows sets.
_LARGER = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
           "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874", "dos-874": "cp874",
           "gb2312": "gb18030", "gbk": "gb18030"}  # fmt: skip


def decode(content: bytes, declared_type: str = "") -> str:
    """The text of ``content``: by byte-order mark, as UTF-8 where that fits, as declared, else as guessed.

    UTF-8 goes before what is declared: text of another encoding that happens to be valid UTF-8 does not occur in
    practice, wrong declarations do.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for encoding in _declared(content, declared_type):
        try:
            return content.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return _guessed(content)


def _declared(content: bytes, declared_type: str) -> list[str]:
    names = [match[1] for match in [_CHARSET.search(declared_type)] if match]
    names += [match[1].decode("ascii", "replace") for match in [_META_CHARSET.search(content[:_HEAD])] if match]
    return [_LARGER.get(name.lower(), name) for name in names if name.lower() not in ("utf-8", "utf8")]


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes

    # A few damaged characters in UTF-8 must not turn the whole text into another encoding.
    damaged = content.decode("utf-8", "replace")
    broken = damaged.count("\ufffd")
    if sum(sign > "\x7f" for sign in damaged) > _SOUND_PER_BROKEN * broken:
        return damaged
    # Equally likely for a text with few accents are the sets of several alphabets; browsers take the western one.
    likely = [each.encoding for each in from_bytes(content[:_SAMPLE])] or ["cp1252"]
    return content.decode("cp1252" if "cp1252" in likely else likely[0], "replace")
