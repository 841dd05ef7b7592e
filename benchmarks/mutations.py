"""Sample documents -> broken ones, as damage, bad programs and malice make them; drawn from a seed.

A case is known by its seed and number as long as the samples are the same: ``make_case`` gives its bytes again.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from ascn_nlp.extract.sniff import TYPE_BY_ENDING
from ascn_nlp.resources import resource
from benchmarks.measure import ROOT

Damage = Callable[[Random, bytes, bytes], bytes]  # the bytes, and those of another sample of the format

# Most damage that readers trip over is small; many steps at once give what every reader refuses at its first byte.
_MOST_STEPS = 3
# How often what lies inside a container is damaged, and not the file as a whole.
_INSIDE = 0.7
# Larger ones cost the time of many small ones, and hold nothing that those do not.
_MOST_BYTES = 2**20
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_OPENING = re.compile(rb"<[A-Za-z][^<>]{0,80}>|[\[({>*_`-]|<<")
_STREAM = re.compile(rb"(/Length\s+)(\d+)(?!\s+\d+\s+R)([^\0]{0,300}?>>\s*stream\r?\n)")
_REFERENCE = re.compile(rb"\b\d+ 0 (?:R|obj)\b")
_HARD_NUMBERS = (b"0", b"-1", b"1", b"65536", b"2147483647", b"4294967296", b"-9223372036854775809", b"1000000",
                 b"9" * 40, b"1e308", b"NaN", b"0.0000000001", b"-", b"")  # fmt: skip
_HARD_BYTES = (b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbf\xbf", b"\xe2\x80\xa8", b"\x0c", b"\r", b"\x1b",
               b"\xcc\x81" * 300, b"\xe0\xb8\x81" * 300, b"a" * 20_000, b" " * 20_000, b"\n" * 20_000)  # fmt: skip
# What is dangerous in one format is noise in the others, and noise is welcome too.
_HARD_WORDS = (
    b'<td colspan="1000000" rowspan="1000000">x</td>',
    b'<table><tr><td colspan="-1">a</td><td rowspan="0">b</td></tr></table>',
    b"<br>" * 5000,
    b"&#0;&#xD800;&#x10FFFF;&lt;&nosuch;&#99999999999;",
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>&b;',
    b'<meta http-equiv="content-type" content="text/html; charset=utf-7">',
    b'<time datetime="99999-99-99T99:99">29 February 2021</time>',
    b'<script type="application/ld+json">{"datePublished": [[{"@graph": [null, 1e999]}]]</script>',
    b"<!--" + b"-" * 5000,
    b'<w:gridSpan w:val="1000000"/>',
    b'<table:table-cell table:number-columns-repeated="1000000"/>',
    b" 1e38 0 0 1e38 0 0 cm ",
    b" 0 0 0 0 0 0 cm 0 Tf ",
    b" q" * 5000 + b" ",
    b" BT /F1 -1e9 Tf 1 0 0 1 1e30 1e30 Tm (x) Tj ET ",
    b"/MediaBox [0 0 0 0] /Rotate 45 /UserUnit 1e9 ",
    b"/Kids [1 0 R 2 0 R 3 0 R 4 0 R] /Count 99999999 ",
    b"| a | b\n|---|---\n" + b"|" * 5000 + b"\n",
    b"![[[](<" * 1000,
    b"\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n",
    b"=?utf-9?q?=FF=00?= charset=nosuch;",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One broken file, and how it came to be."""

    number: int
    name: str  # with the ending of its sample
    content: bytes
    steps: tuple[str, ...]  # the sample, then what was done to it


def sample_files() -> tuple[Path, ...]:
    """All samples in the repository of formats that are read, in an order that is always the same."""
    folders = (ROOT / "tests" / "extract" / "samples", resource("corpus", "sample"))
    files = (path for folder in folders for path in folder.rglob("*") if path.suffix in TYPE_BY_ENDING)
    return tuple(sorted(path for path in files if path.stat().st_size <= _MOST_BYTES))


def make_case(seed: int, number: int, files: Sequence[Path]) -> Case:
    """The case of this number: a sample, each format as likely as any other, after one to three kinds of damage."""
    rng = Random(f"{seed}:{number}")
    ending = rng.choice(sorted({path.suffix for path in files}))
    alike = [path for path in files if path.suffix == ending]
    path = rng.choice(alike)
    content, other, steps = path.read_bytes(), rng.choice(alike).read_bytes(), [path.name]
    for _ in range(rng.randint(1, _MOST_STEPS)):
        name = rng.choice(list(DAMAGES))
        inside = _container(content)
        if inside and rng.random() < _INSIDE:
            content = inside(rng, content, DAMAGES[name])
            steps.append(f"{name} inside")
        else:
            content = DAMAGES[name](rng, content, other)
            steps.append(name)
    return Case(number, f"{number:06}{ending}", content, tuple(steps))


def _container(content: bytes) -> Callable[[Random, bytes, Damage], bytes] | None:
    if content.startswith(b"PK"):
        return _damage_part
    return _damage_stream if content.startswith(b"%PDF") else None


def _damage_part(rng: Random, content: bytes, damage: Damage) -> bytes:
    """A zip archive with one of its XML parts damaged, or the same when it cannot be opened any more."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError):
        return content
    names = [name for name in parts if name.endswith((".xml", ".rels"))] or list(parts)
    if not names:
        return content
    # The text itself matters as much as all that is around it.
    name = rng.choice([max(names, key=lambda each: len(parts[each])), rng.choice(names)])
    parts[name] = damage(rng, parts[name], parts[rng.choice(names)])
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in parts.items():
            archive.writestr(zipfile.ZipInfo(each), data, zipfile.ZIP_DEFLATED)
    return whole.getvalue()


def _damage_stream(rng: Random, content: bytes, damage: Damage) -> bytes:
    """A PDF with one of its streams damaged as it is when unpacked, and packed again under its right length."""
    found = list(_STREAM.finditer(content))
    if not found:
        return content
    match = rng.choice(found)
    end = match.end() + int(match[2])
    raw, is_text = content[match.end() : end], b"ASCII85Decode" in match[0]
    try:
        plain = zlib.decompress(base64.a85decode(raw.strip().removesuffix(b"~>")) if is_text else raw)
    except (zlib.error, ValueError):  # of another filter, or already damaged
        plain = b""
    damaged = damage(rng, plain or raw, content)
    if plain:
        damaged = zlib.compress(damaged)
        damaged = base64.a85encode(damaged) + b"~>" if is_text else damaged
    length = str(len(damaged)).encode()
    return content[: match.start()] + match[1] + length + match[3] + damaged + content[end:]


def _flip(rng: Random, data: bytes, _other: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 30)) if data else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: Random, data: bytes, _other: bytes) -> bytes:
    start, end = _span(rng, data)
    return rng.choice((data[:end], data[start:], data[:start] + data[end:]))


def _splice(rng: Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(rng, data)
    other_start, other_end = _span(rng, other)
    return data[:start] + other[other_start:other_end] + data[end:]


def _repeat(rng: Random, data: bytes, _other: bytes) -> bytes:
    start, end = _span(rng, data)
    chunk = data[start : min(end, start + 2000)]
    return data[:start] + chunk * rng.choice((2, 20, 500)) + data[end:]


def _swap(rng: Random, data: bytes, _other: bytes) -> bytes:
    """Two references of a PDF, or two stretches of anything else, change places."""
    places = sorted(_draw(rng, list(_REFERENCE.finditer(data)), 2), key=lambda match: match.start())
    spans = [match.span() for match in places]
    if len(spans) < 2:
        points = sorted(rng.randrange(len(data) + 1) for _ in range(4))
        spans = [(points[0], points[1]), (points[2], points[3])]
    (a, b), (c, d) = spans
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def _number(rng: Random, data: bytes, _other: bytes) -> bytes:
    for match in sorted(_draw(rng, list(_NUMBER.finditer(data)), 5), key=lambda each: -each.start()):
        data = data[: match.start()] + rng.choice(_HARD_NUMBERS) + data[match.end() :]
    return data


def _nest(rng: Random, data: bytes, _other: bytes) -> bytes:
    """Something that opens, opened again and again, and never closed."""
    for match in _draw(rng, list(_OPENING.finditer(data)), 1):
        data = data[: match.start()] + match[0] * rng.choice((10, 300, 5000)) + data[match.end() :]
    return data


def _word(rng: Random, data: bytes, _other: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 5))):
        place = rng.randrange(len(data) + 1)
        data = data[:place] + rng.choice(rng.choice((_HARD_BYTES, _HARD_WORDS))) + data[place:]
    return data


DAMAGES: dict[str, Damage] = {
    "flip": _flip,
    "cut": _cut,
    "splice": _splice,
    "repeat": _repeat,
    "swap": _swap,
    "number": _number,
    "nest": _nest,
    "word": _word,
}


def _span(rng: Random, data: bytes) -> tuple[int, int]:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return start, end


def _draw(rng: Random, found: list[re.Match[bytes]], most: int) -> list[re.Match[bytes]]:
    return rng.sample(found, min(most, len(found)))
