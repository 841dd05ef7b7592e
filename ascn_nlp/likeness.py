"""Documents -> stories: which documents print nearly the same words, as wire copy, a PDF saved anew, a press release.

A document is sketched once: of each passage a MinHash of its runs of words, its figures, cities, countries and length.
Two documents are alike when most words of the shorter stand in passages that the other has nearly the same; documents
that are alike are one story. Passages that several otherwise different documents hold, as "About us" boxes, do not
count, nor do those that speak of another place in the same words.

MinHash and bands: Broder 1997, "On the resemblance and containment of documents"; Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash  # type: ignore[import-untyped]

from ascn_nlp.records import digest

# Words of a shingle. On 6,000 articles of ``python -m benchmarks stories`` shingles of 3, 4 and 5 words find 98.8, 97.6
# and 91.7 % of the pairs, each with a precision of 99.5 %; of real texts three words in a row are a formula too often.
SHINGLE = 4
# 32, 48, 64 and 96 values find 96.3, 96.9, 97.6 and 97.7 % of the pairs.
PERMUTATIONS = 64
_SEED = 1
# 2**64 over the golden ratio spreads what is close together (Knuth): words that follow each other, years, 10, 20, 30.
_GOLDEN = 0x9E3779B97F4A7C15
_SPREAD = np.uint64(_GOLDEN)
# Signatures of different methods must not be compared: kept beside a stored sketch, this says when to sketch anew.
METHOD = f"rminhash{RMinHash.ALGORITHM_VERSION}-{PERMUTATIONS}-{SHINGLE}-2"

# Shorter passages are bylines, captions and "Read more" lines: alike without saying anything.
LEAST_WORDS = 12
# Documents that have fewer words in common are never called alike: a quotation is as long.
LEAST_SHARED = 40
# The least share of the shorter document's words that stand in passages of both. At .5 1.6 % more pairs are found, and
# events retold around a long quotation begin to be joined.
ALIKE = 0.6
# A passage stands in another document when that holds this much of its shingles: with every tenth word changed two
# thirds of the shingles of four words are left, with every fifth word two fifths. At .35 a sixth fewer of the latter
# copies are found, at .25 precision falls below .99.
COVERED = 0.3
# A document is never one story with another that is more than so many times as long: a report that quotes an article
# whole is another text.
LONGER = 3
# From here on the longer one must share its beginning: articles are cut at the end, but a quotation stands anywhere,
# and a round-up that prints two articles must not make them one story. At 1.5 twice as many round-ups do.
CLEARLY_LONGER = 1.25
_BEGINNING = 2  # passages
_BODY_WORDS = 25  # shorter ones are headlines and leads, of which one formula is a third
# Forms filled in anew (the same words, another month's or town's figures) are other texts; copies keep their figures.
# Forms have figures of their own that stay: at half of them kept, seven forms in ten pass for copies.
_FEW_FIGURES = 4
_KEPT_FIGURES = 0.7
# A passage is the form of another place when at least this share of the shingles of both is common and each names a
# city, or a country, that the other does not. Names that only one of the two has are a dateline's or were cut. Copies
# that are cut into other passages overlap by less.
_NEAR_COPY = 0.35

# A document of which another holds so much stands in it whole, as a box does: copies that were edited do not.
_WHOLE = 0.9
# Bands of two values find passages of which few shingles are left; what they find wrongly costs one comparison.
_ROWS = 2
# Fewer equal values are chance: passages of which a twentieth is a formula of their trade have three of 64.
_CHANCE = 6
# Members of a bucket that are all paired; in fuller ones each is paired with so many neighbours.
_FULL = 50
_NEIGHBOURS = 5
# A passage is boilerplate when more documents than these hold it and their other passages are not alike (Jaccard, on
# average, below the next lines): many papers print one wire story, but then they share the rest of it too. Of few
# documents a pair that shares the rest is enough to make it a wire story, or one that says nothing else.
_SOME_DOCUMENTS = 3
_MANY_SHARE = 0.01
_MANY_DOCUMENTS = 20
_OTHERWISE_UNLIKE = 0.2
_FEW_OTHERWISE_UNLIKE = 0.05
_OWN_WORDS = 16  # with fewer a document says nothing else: a paper's own headline over a wire story
_NOTHING = np.uint32(2**32 - 1)
_MANY_SAMPLE = 500  # of these documents, evenly spread, stand for all
# Passages that match meet in a band or more, so alike documents meet often; long reports that meet in a sentence or
# two are left out before the costly comparison.
_MEETINGS_PER_PASSAGE = 1 / 8
# Pairs of passages that are compared at once: 50 MB.
_AT_ONCE = 100_000
# Of long documents so many passages, evenly spread, stand for all.
_LEAST_SAMPLE = 16

_PASSAGE = np.dtype(
    [("values", "<u4", (PERMUTATIONS,)), ("figures", "<u8"), ("cities", "<u8"), ("countries", "<u8"), ("words", "<u4")]
)
# Each paper writes its own: "JAKARTA (Agency) - ", "Hanoi, 3 March — ", "PHUKET: ".
_DATELINE = re.compile(r"\W{0,3}(?:[^\W\d_].{1,60}?\s[-–—]+\s|[A-Z][A-Z .,]{2,40}(?:\([^)]{1,30}\))?\s*[:–—-])")

# Quotation marks and dashes change with the house style of a paper; apostrophes are lost altogether.
_MARKS = (
    ("\u00ad", ""), ("'", ""), ("’", ""), ("‘", ""), ("“", " "), ("”", " "), ("‐", "-"), ("‑", "-"), ("–", "-"),
    ("—", " "), ("…", " "), ("\u00a0", " "), ("•", " "),
)  # fmt: skip
# Hyphens inside words come and go with line breaks. The hyphen is first so that it is searched for, not its neighbours.
_HYPHEN = re.compile(r"-(?<=\w-)\s*(?=\w)")
_ASCII_WORDS = bytes(code if (chr(code).isalnum() and code < 128) or not code else 32 for code in range(256)).lower()
_DIGITS = bytes(code if code in b"0123456789" else 32 for code in range(256))
_BETWEEN = "\0"  # is in no text and no part of a word
# One sign of a script without blanks, or a word with the marks that hang on its letters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\uaa60-\uaa7f\u1780-\u17ff"
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"[{_UNSPACED}{_IDEOGRAPHS}]|(?:(?![{_UNSPACED}{_IDEOGRAPHS}])[^\W_][\u0300-\u036f\u0900-\u0dff]*)+"
)
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_IS_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_UNSPACED_PUNCTUATION = re.compile("[\u0e2f\u0e46\u0e4f\u0e5a\u0e5b\u104a-\u104f\u17d4-\u17da\u30fb]")
# Signs of a word, and of a shingle, which is about as long as one of words.
_SIGNS_PER_WORD = 5
_IDEOGRAPHS_PER_WORD = 2
_SIGNS = 12
_IDEOGRAPHS_SHINGLE = 6


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a document to find its like; small, and the same on every machine.

    ``words`` are the running words of its passages of ``LEAST_WORDS`` and more; ``signature`` holds, for each of these
    passages, its MinHash of ``PERMUTATIONS`` values, its figures, cities, countries and number of words, little endian.
    ``text_key`` is equal for documents of the same words, however they are spaced, hyphenated, quoted, cut into
    passages or written in capitals; empty for a document without words.
    """

    words: int
    signature: bytes
    text_key: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents that are alike, ``one`` < ``other``; ``share``, from 0 to 1, is of the shorter one's words."""

    one: int
    other: int
    share: float


class PlaceNames:
    """Names of cities and countries, by which passages of different places are told apart.

    ``key`` changes with any of the names; sketches made with other names must not be compared.
    """

    def __init__(self, cities: Sequence[Sequence[str]] = (), countries: Sequence[Sequence[str]] = ()) -> None:
        """All names of each city and of each country; which of 64 bits a place has is its order."""
        self.key = digest(*(repr([*map(tuple, places)]) for places in (cities, countries)))
        self._by_first: dict[str, list[tuple[tuple[str, ...], int, int]]] = {}
        for kind, places in enumerate((cities, countries)):
            for number, names in enumerate(places):
                for words in map(tuple, _tokens(names)):
                    # "Phuket's" is read as "phukets".
                    for name in (words, (*words[:-1], f"{words[-1]}s")) if words else ():
                        self._by_first.setdefault(name[0], []).append((name, kind, 1 << number % 64))

    def named(self, tokens: Sequence[str]) -> tuple[int, int]:
        """Sets of 64 bits of the cities and of the countries that are named in ``tokens``."""
        found = [0, 0]
        if not self._by_first.keys().isdisjoint(tokens):
            for place, token in enumerate(tokens):
                for name, kind, bit in self._by_first.get(token, ()):
                    if tuple(tokens[place : place + len(name)]) == name:
                        found[kind] |= bit
        return found[0], found[1]


NO_PLACES = PlaceNames()


def sketch(texts: Sequence[str], places: PlaceNames = NO_PLACES) -> Sketch:
    """The sketch of a document whose passages are ``texts``, in reading order; blank lines part passages too."""
    texts = list(chain.from_iterable(map(_paragraphs, texts)))
    tokens_of = _tokens(texts)
    tokens = list(chain.from_iterable(tokens_of))
    hashes = np.array(RMinHash.hash_token_sets([tokens])[0], np.uint64)
    runs = {SHINGLE: _runs(hashes, SHINGLE)}
    kept: list[int] = []
    shingles: list[NDArray[np.uint64]] = []
    words: list[int] = []
    start = 0
    for number, of_text in enumerate(tokens_of):
        length, size = _measure(of_text)
        if length >= LEAST_WORDS:
            kept.append(number)
            words.append(length)
            if size not in runs:
                runs[size] = _runs(hashes, size)
            shingles.append(runs[size][start : start + len(of_text) - size + 1])
        start += len(of_text)
    passages = np.zeros(len(kept), _PASSAGE)
    if kept:
        ends = np.cumsum([0, *map(len, shingles)], dtype=np.uint64)
        flat = np.concatenate(shingles)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, ends, PERMUTATIONS, _SEED)
        passages["values"] = matrix.to_rows()
        passages["figures"] = [_figures(texts[number]) for number in kept]
        named = [places.named(_after_dateline(texts[number], tokens_of[number])) for number in kept]
        passages["cities"], passages["countries"] = np.array(named, np.uint64).T
        passages["words"] = words
    return Sketch(sum(words), passages.tobytes(), digest("".join(tokens)) if tokens else "")


def _paragraphs(text: str) -> list[str]:
    """The parts of a passage that blank lines make, short ones with what follows: a brief and its box are often one."""
    if "\n\n" not in text:
        return [text]
    parts = [""]
    for part in text.split("\n\n"):
        if len(parts[-1].split()) >= LEAST_WORDS:
            parts.append(part)
        else:
            parts[-1] = f"{parts[-1]}\n\n{part}"
    if len(parts) > 1 and len(parts[-1].split()) < LEAST_WORDS:
        last = parts.pop()
        parts[-1] = f"{parts[-1]}\n\n{last}"
    return parts


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    """Of each text its words in small letters without punctuation; of scripts without blanks between words, signs."""
    whole = _BETWEEN.join([text.replace(_BETWEEN, " ") for text in texts])
    for mark, plain in _MARKS:
        whole = whole.replace(mark, plain)
    if "-" in whole:
        whole = _HYPHEN.sub("", whole)
    if whole.isascii():
        lowered = whole.encode("ascii").translate(_ASCII_WORDS).decode("ascii")
        return [text.split() for text in lowered.split(_BETWEEN)] if texts else []
    lowered = _UNSPACED_PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", whole).lower())
    return [_TOKEN.findall(text) for text in lowered.split(_BETWEEN)]


def _after_dateline(text: str, tokens: list[str]) -> list[str]:
    """The tokens of ``text`` without those of its dateline."""
    found = _DATELINE.match(text)
    return tokens[len(_tokens([found[0]])[0]) :] if found else tokens


def _measure(tokens: Sequence[str]) -> tuple[int, int]:
    """The number of words, and of the tokens that make a shingle in the script that most of them are in."""
    letters = "".join(tokens)
    if letters.isascii():
        return len(tokens), SHINGLE
    signs, ideographs = len(_IS_UNSPACED.findall(letters)), len(_IS_IDEOGRAPH.findall(letters))
    spaced = len(tokens) - signs - ideographs
    words = spaced + ceil(signs / _SIGNS_PER_WORD) + ceil(ideographs / _IDEOGRAPHS_PER_WORD)
    if signs + ideographs <= spaced:
        return words, SHINGLE
    return words, _SIGNS if signs >= ideographs else _IDEOGRAPHS_SHINGLE


def _runs(hashes: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """A hash of each run of ``size`` tokens; the same words in another order have another one."""
    count = max(0, len(hashes) - size + 1)
    run = hashes[:count]
    for number in range(1, size):
        run = run * _SPREAD + hashes[number : number + count]
    return run


def _figures(text: str) -> int:
    """A set of 64 bits with the bit of each number; points and commas in it go unread."""
    bits = 0
    for number in text.encode("utf-8", "replace").translate(_DIGITS, b".,").split():
        bits |= 1 << (int(number[:18]) * _GOLDEN % 2**64 >> 58)
    return bits


def alike(sketches: Mapping[int, Sketch], changed: Collection[int] | None = None) -> list[Pair]:
    """The pairs of documents, in order, with a share of ``ALIKE`` or more; with ``changed`` those that have one of it.

    Of a set of more than fifty documents that are all alike not every pair is found, but enough to hold it together.
    What is boilerplate depends on all sketches, so give all of them also where few changed.
    """
    ids = sorted(number for number, one in sketches.items() if one.words >= LEAST_SHARED)
    among = frozenset(changed or ())
    wanted = np.array([changed is None or number in among for number in ids], bool)
    if not wanted.any():
        return []
    texts = _Texts([sketches[number] for number in ids])
    shares = dict.fromkeys(_same_text(texts, wanted), 1.0)
    candidates = _candidates(texts, wanted)
    for one, other, share in _compare(texts, candidates):
        if share >= ALIKE:
            shares.setdefault((one, other), share)
    return [Pair(ids[one], ids[other], share) for (one, other), share in sorted(shares.items())]


class _Texts:
    """Sketches as arrays: the documents in order, the passages in the order of their documents."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        self.count = len(sketches)
        self.keys = [one.text_key for one in sketches]
        passages = np.frombuffer(b"".join([one.signature for one in sketches]), _PASSAGE)
        counts = [len(one.signature) // _PASSAGE.itemsize for one in sketches]
        self.starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        self.owner = np.repeat(np.arange(self.count), counts)
        self.values: NDArray[np.uint32] = passages["values"]
        self.figures: NDArray[np.uint64] = passages["figures"]
        self.places: tuple[NDArray[np.uint64], ...] = (passages["cities"], passages["countries"])
        self.lengths = passages["words"].astype(np.int64)
        # The least values of its passages are the MinHash of all the document's shingles.
        self.whole = np.minimum.reduceat(self.values, self.starts[:-1])
        self.counted = ~_boilerplate(self)
        self.words = np.add.reduceat(self.lengths * self.counted, self.starts[:-1])
        self.is_body = self.counted & (self.lengths >= _BODY_WORDS)
        before: NDArray[np.int64] = np.cumsum(self.is_body) - self.is_body
        # In their document, boilerplate and headlines left out.
        self.ranks: NDArray[np.int64] = before - np.repeat(before[self.starts[:-1]], counts)

    def band(self, number: int) -> NDArray[np.uint64]:
        """Of each passage the key of its bucket."""
        first, second = self.values[:, _ROWS * number], self.values[:, _ROWS * number + 1]
        return first.astype(np.uint64) << np.uint64(32) | second


_BANDS = PERMUTATIONS // _ROWS


def _buckets(keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """An order of the passages that puts those of one key together; where the runs of two and more begin and end."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
    ends = np.append(starts[1:], len(keys))
    shared = ends - starts > 1
    return order, starts[shared], ends[shared]


def _boilerplate(texts: _Texts) -> NDArray[np.bool_]:
    """Which passages stand in many documents, or in several of a small corpus, that are not alike otherwise."""
    most = max(_SOME_DOCUMENTS, int(_MANY_SHARE * texts.count))
    met = np.zeros(len(texts.owner), np.int64)
    for number in range(_BANDS):
        order, starts, ends = _buckets(texts.band(number))
        large = ends - starts > most
        for start, end in zip(starts[large], ends[large], strict=True):
            members = order[start:end]
            documents = np.unique(texts.owner[members])
            sample = documents[:: ceil(len(documents) / _MANY_SAMPLE)]
            if len(documents) > most and _is_otherwise_unlike(_rest(texts, sample, members), len(documents)):
                met[members] += 1
    result: NDArray[np.bool_] = met >= _BANDS / 2
    return result


def _is_otherwise_unlike(rests: NDArray[np.uint32], documents: int) -> bool:
    if documents > _MANY_DOCUMENTS:
        return _likeness(rests) < _OTHERWISE_UNLIKE
    return not (rests == _NOTHING).all(axis=1).any() and _likeness(rests) < _FEW_OTHERWISE_UNLIKE


def _rest(texts: _Texts, documents: NDArray[np.int64], left_out: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The MinHash of each document without these passages; of one with hardly any others, the greatest values."""
    counts = np.diff(texts.starts)[documents]
    passages = np.repeat(texts.starts[documents], counts) + _within(counts)
    is_left_out = np.isin(passages, left_out)
    starts = np.cumsum(counts) - counts
    own_words = np.add.reduceat(texts.lengths[passages] * ~is_left_out, starts)
    is_left_out |= np.repeat(own_words < _OWN_WORDS, counts)
    values = np.where(is_left_out[:, None], _NOTHING, texts.values[passages])
    return np.minimum.reduceat(values, starts)


def _likeness(signatures: NDArray[np.uint32]) -> float:
    """The likeness of all pairs of documents, on average: how often a value of one is that of another."""
    count = len(signatures)
    ordered = np.sort(signatures, axis=0)
    ends = np.vstack([ordered[1:] != ordered[:-1], np.ones((1, PERMUTATIONS), bool)])
    equal = 0
    for column in ends.T:
        runs = np.diff(np.flatnonzero(column), prepend=-1)
        equal += int((runs * (runs - 1)).sum())
    return equal / (PERMUTATIONS * count * (count - 1))


def _same_text(texts: _Texts, wanted: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    groups: dict[str, list[int]] = {}
    for document, key in enumerate(texts.keys):
        groups.setdefault(key, []).append(document)
    for group in groups.values():
        width = len(group) if len(group) <= _FULL else _NEIGHBOURS + 1
        for place, one in enumerate(group):
            yield from ((one, other) for other in group[place + 1 : place + width] if wanted[one] or wanted[other])


def _candidates(texts: _Texts, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Pairs of documents worth comparing, in order, shape (n, 2), the shorter first."""
    count = texts.count
    members = np.flatnonzero(texts.counted & (texts.words[texts.owner] >= LEAST_SHARED))
    found, meetings = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for number in range(_BANDS):
        order, starts, ends = _buckets(texts.band(number)[members])
        if not len(starts):
            continue
        pairs = np.concatenate(list(_paired(texts, members[order], starts, ends, number)))
        one, other = texts.owner[pairs[:, 0]], texts.owner[pairs[:, 1]]
        one, other = np.minimum(one, other), np.maximum(one, other)
        shorter = np.minimum(texts.words[one], texts.words[other])
        is_kept = (one != other) & (wanted[one] | wanted[other])
        is_kept &= LONGER * shorter >= np.maximum(texts.words[one], texts.words[other])
        new, times = np.unique(one[is_kept] * count + other[is_kept], return_counts=True)
        found, places = np.unique(np.concatenate([found, new]), return_inverse=True)
        meetings = np.bincount(places, np.concatenate([meetings, times]), len(found)).astype(np.int64)
    one, other = np.divmod(found, count)
    swapped = texts.words[other] < texts.words[one]
    one, other = np.where(swapped, other, one), np.where(swapped, one, other)
    passages = np.diff(texts.starts)[one]
    return np.stack([one, other], axis=1)[meetings >= passages * _MEETINGS_PER_PASSAGE]


def _paired(
    texts: _Texts, order: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64], number: int
) -> Iterator[NDArray[np.int64]]:
    """Pairs of passages of one bucket, shape (n, 2)."""
    sizes = ends - starts
    for size in np.unique(sizes[sizes <= _FULL]):
        one, other = np.triu_indices(size, 1)
        runs = starts[sizes == size][:, None]
        yield np.stack([order[runs + one], order[runs + other]], axis=-1).reshape(-1, 2)
    for start, end in zip(starts[sizes > _FULL], ends[sizes > _FULL], strict=True):
        # Ordered by values of the whole documents, which brings those that are alike together: by other ones in each
        # band, so that what chance parts in one meets in another.
        members = order[start:end]
        whole = np.roll(texts.whole[texts.owner[members]], -_ROWS * number, axis=1)
        members = members[np.lexsort((members, *whole.T[:4][::-1]))]
        for apart in range(1, _NEIGHBOURS + 1):
            yield np.stack([members[:-apart], members[apart:]], axis=-1)


def _compare(texts: _Texts, candidates: NDArray[np.int64]) -> Iterator[tuple[int, int, float]]:
    """Pairs with a share above 0, the smaller number first."""
    counts = np.diff(texts.starts)
    rows = np.minimum(counts[candidates[:, 0]], np.maximum(_LEAST_SAMPLE, _AT_ONCE // counts[candidates[:, 1]]))
    costs = np.cumsum(rows * counts[candidates[:, 1]])
    chunks = np.arange(_AT_ONCE, int(costs[-1]) + _AT_ONCE, _AT_ONCE) if len(costs) else costs
    cuts = np.unique(np.append(np.searchsorted(costs, chunks), len(candidates))).tolist()
    for start, end in pairwise([0, *cuts]):
        if start < end:
            yield from _compare_some(texts, candidates[start:end], rows[start:end])


def _compare_some(texts: _Texts, pairs: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[tuple[int, int, float]]:
    short, long = pairs[:, 0], pairs[:, 1]
    counts = np.diff(texts.starts)
    # One line for each passage of the shorter document, in each of them a cell for each passage of the longer one.
    line_pair = np.repeat(np.arange(len(pairs)), rows)
    place = _within(rows) * counts[short][line_pair] // rows[line_pair]
    line = texts.starts[short][line_pair] + place
    width = counts[long][line_pair]
    cell_line = np.repeat(np.arange(len(line)), width)
    one = line[cell_line]
    other = texts.starts[long][line_pair][cell_line] + _within(width)
    equal = (texts.values[one] == texts.values[other]).sum(axis=1)
    equal[(equal < _CHANCE) | ~texts.counted[one] | ~texts.counted[other]] = 0
    # |A and B| from the Jaccard likeness J = |A and B| / |A or B|.
    both = equal / (PERMUTATIONS + equal) * (texts.lengths[one] + texts.lengths[other])
    of_one, of_other = np.minimum(1, both / texts.lengths[one]), np.minimum(1, both / texts.lengths[other])
    # A passage may be cut in two in the other document, each of the parts lying in it whole.
    cuts = np.concatenate([[0], np.cumsum(width)[:-1]])
    parts = np.add.reduceat(np.where(of_other >= 0.5, of_one, 0), cuts)
    is_elsewhere = _is_elsewhere(texts, (line, one, other), equal, cuts)
    covered = np.maximum(np.maximum.reduceat(of_one, cuts), parts) >= COVERED
    words = texts.lengths[line] * texts.counted[line]
    total = np.bincount(line_pair, words, len(pairs))
    shared = np.bincount(line_pair, words * (covered & ~is_elsewhere), len(pairs))

    own = np.where(covered, texts.figures[line], 0)
    others = np.bitwise_or.reduceat(np.where(equal > 0, texts.figures[other], 0), cuts)
    possible = np.bincount(line_pair, np.minimum(_bits(own), _bits(others)), len(pairs))
    kept = np.bincount(line_pair, _bits(own & others), len(pairs))
    is_form = (possible >= _FEW_FIGURES) & (kept < _KEPT_FIGURES * possible)

    is_begun = (of_other >= COVERED) & texts.is_body[other] & (texts.ranks[other] < _BEGINNING)
    begins = np.bincount(line_pair[cell_line], is_begun & ~is_elsewhere[cell_line], len(pairs)) > 0
    is_same = begins | (texts.words[long] <= CLEARLY_LONGER * texts.words[short])
    share = np.where(is_same & ~is_form & (shared >= LEAST_SHARED), shared / np.maximum(total, 1), 0)
    for first, second, value in zip(short.tolist(), long.tolist(), share.tolist(), strict=True):
        if value:
            yield min(first, second), max(first, second), value


def _is_elsewhere(
    texts: _Texts,
    passages: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    equal: NDArray[np.int64],
    cuts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which lines are the form of another place: a near copy names another one, and what the line names is nowhere."""
    line, one, other = passages
    result = np.zeros(len(line), bool)
    is_near = equal >= _NEAR_COPY * PERMUTATIONS
    for named in texts.places:
        everywhere = np.bitwise_or.reduceat(np.where(equal > 0, named[other], 0), cuts)
        names_another = np.logical_or.reduceat(is_near & (named[other] & ~named[one] != 0), cuts)
        result |= names_another & (named[line] & ~everywhere != 0)
    return result


def _within(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 1 2, 0 1, ... for counts of 3, 2, ..."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _bits(values: NDArray[Any]) -> NDArray[np.int64]:
    """How many bits of each value are set."""
    bits = np.unpackbits(values.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1)
    return np.asarray(bits.sum(axis=1), np.int64)


def stories(
    members: Collection[int],
    pairs: Iterable[Pair],
    same: Iterable[tuple[int, int]] = (),
    different: Iterable[tuple[int, int]] = (),
    words: Mapping[int, int] | None = None,
) -> dict[int, int]:
    """Of each document its story, named by the smallest of its members.

    A person's verdicts come first: ``same`` are joined, and ``different`` are never in one story, not even through
    other documents; where the two contradict each other, ``different`` stands. Then ``pairs`` are joined, the
    greatest share first. With the number of ``words`` of each document, a short one that two longer ones hold beside
    much else joins the story of one of them, and does not join the two. Documents that are no members are left out.
    """
    story = {member: {member} for member in members}
    apart: dict[int, set[int]] = {}
    for one, other in different:
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)
    surest = sorted(pairs, key=lambda pair: (-pair.share, pair.one, pair.other))
    said = [(one, other, 0.0) for one, other in sorted(tuple(sorted(pair)) for pair in same)]
    for one, other, share in [*said, *((pair.one, pair.other, pair.share) for pair in surest)]:
        if one not in story or other not in story or story[one] is story[other]:
            continue
        if share >= _WHOLE and _is_bridge(one, other, story, words or {}):
            continue
        small, large = sorted((story[one], story[other]), key=len)
        if any(not large.isdisjoint(apart.get(member, ())) for member in small):
            continue
        large |= small
        story.update(dict.fromkeys(small, large))
    return {member: min(group) for member, group in story.items()}


def _is_bridge(one: int, other: int, story: Mapping[int, set[int]], words: Mapping[int, int]) -> bool:
    """Whether the shorter of the two is a part of the longer one, and of a longer one of its own story already."""
    short, long = sorted((one, other), key=lambda document: words.get(document, 0))
    longest = max(words.get(member, 0) for member in story[short])
    return words.get(short, 0) < ALIKE * min(words.get(long, 0), longest)
