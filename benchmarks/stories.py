"""Stories found among edited copies of articles and among articles that only look like copies."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from rensa import RMinHash, RMinHashLSH

from ascn_nlp.likeness import Pair, PlaceNames, Sketch, alike, sketch, stories
from benchmarks.made_documents import training_texts
from benchmarks.table import Sizes, Table

_CITIES = (
    "Chiang Mai", "Da Nang", "Johor Bahru", "Makassar", "Cebu City", "Battambang", "Vientiane", "Mandalay", "Phuket",
    "Kuching", "Banyuwangi", "Davao City", "Siem Reap", "Luang Prabang", "Yangon", "Hanoi", "Bandar Seri Begawan",
)  # fmt: skip
_MONTHS = ("January", "February", "March", "April", "May", "June", "August", "October", "November", "December")
_SLOTS = ("{city}", "{number}", "{number}", "{month}", "{year}", "{share} per cent")
_FORMULAS = (
    "The ministry said in a statement on Monday.",
    "He was speaking to reporters on the sidelines of the conference.",
    "Residents who wish to know more can call the hotline during office hours.",
    "The spokesman declined to comment when asked about the cost of the project.",
    "The city is one of the 26 pilot cities of the ASEAN Smart Cities Network.",
)
_PERMUTATIONS = 128  # of the baseline
_LIKENESS = 0.5


@dataclass(slots=True)
class _Article:
    """``edit`` is empty for what is no copy; ``tempting`` are the places of articles that it only looks like."""

    passages: list[str]
    story: int
    edit: str = ""
    original: int = -1
    hard: str = ""
    tempting: list[int] = field(default_factory=list)


class _Writer:
    """Writes text that nobody wrote, in the manner of our training texts: as likely words, and as many formulas."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.after: defaultdict[str, list[str]] = defaultdict(list)
        self.after_two: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self.words = " ".join(training_texts()).split(" ")
        for one, two, three in zip(self.words, self.words[1:], self.words[2:], strict=False):
            self.after[one].append(two)
            self.after_two[one, two].append(three)
        self.openings = [word for word in self.after if word.istitle() and word.isalpha()]

    def passage(self, length: int) -> str:
        """So many words. One in three follows the last word alone: two words fix the third in most cases."""
        draw = self.random.random
        words = [self.random.choice(self.openings)]
        words.append(self._one_of(self.after[words[0]]))
        while len(words) < length:
            known = self.after_two.get((words[-2], words[-1])) if draw() > 1 / 3 else self.after.get(words[-1])
            words.append(self._one_of(known or self.words))
        if draw() < 0.5:
            words.append(self.fill(f"In {{city}}, {{number}} {words[0]} were counted in {{month}} {{year}}."))
        if draw() < 0.3:
            words.append(self.random.choice(_FORMULAS))
        return " ".join(words)

    def article(self, passages: int) -> list[str]:
        """A headline and so many passages of a usual length."""
        return [self.passage(6), *(self.passage(self.random.randint(30, 110)) for _ in range(passages))]

    def form(self, passages: int) -> list[str]:
        """An article with slots for names and figures, one in about ten words."""
        return [
            " ".join(
                f"{word} {self._one_of(_SLOTS)}" if n % 10 == 9 else word for n, word in enumerate(text.split(" "))
            )
            for text in self.article(passages)
        ]

    def fill(self, text: str) -> str:
        """The text with something else in each slot."""
        draw = self.random
        for slot, value in (
            ("{city}", lambda: self._one_of(_CITIES)),
            ("{number}", lambda: f"{draw.randint(11, 99_999):,}"),
            ("{month}", lambda: self._one_of(_MONTHS)),
            ("{year}", lambda: str(draw.randint(2016, 2026))),
            ("{share}", lambda: f"{draw.uniform(0, 99):.1f}"),
        ):
            while slot in text:
                text = text.replace(slot, value(), 1)
        return text

    def _one_of(self, choices: Sequence[str]) -> str:
        return choices[int(self.random.random() * len(choices))]  # three times as fast as random.choice


def run(sizes: Sizes) -> Table:
    """Speed, and how many of the copies are found and of the look-alikes kept apart, beside two plain ways."""
    articles = make_articles(sizes.articles, sizes.seed)
    texts = [article.passages for article in articles]
    start = time.process_time()
    places = PlaceNames([(city,) for city in _CITIES])
    sketches = {number: sketch(passages, places) for number, passages in enumerate(texts)}
    sketched = time.process_time()
    pairs = alike(sketches)
    paired = time.process_time()
    alike(sketches, changed=range(len(texts) // 100))
    again = time.process_time()
    ours = stories(sketches, pairs, words={number: one.words for number, one in sketches.items()})
    exact, exact_seconds = _by_digest(texts)
    whole, whole_seconds = _by_whole_document(texts)
    judged = [_judge(articles, found) for found in (ours, exact, whole)]
    count = len(articles)
    speeds = [
        ("documents sketched a second", f"{count / (sketched - start):,.0f}", "", ""),
        ("words sketched a second", f"{sum(one.words for one in sketches.values()) / (sketched - start):,.0f}", "", ""),
        ("seconds to pair all", f"{paired - sketched:.1f}", "", ""),
        ("seconds to pair when a hundredth changed", f"{again - paired:.1f}", "", ""),
        ("seconds in all", *(f"{taken:.1f}" for taken in (paired - start, exact_seconds, whole_seconds))),
        ("MB at most while pairing", f"{_peak(sketches) / 1e6:,.0f}", "", ""),
        ("bytes kept of a document", f"{sum(len(one.signature) for one in sketches.values()) / count:,.0f}", "", ""),
    ]
    rows = [(name, *(f"{values[name]:.2%}" for values in judged)) for name in judged[0]]
    return Table(
        title="Stories",
        columns=("what", "`likeness`", "exact digest", f"MinHash of whole documents, ≥ {_LIKENESS}"),
        rows=(*speeds, *rows),
        notes=(
            f"{count:,} articles written by chance from word pairs of our training texts, "
            f"{sum(bool(article.edit) for article in articles):,} of them edited copies; seed {sizes.seed}; one "
            "process, one thread, processor seconds.",
            "Precision and recall are of pairs of documents in one story. `copy` is the share of copies of that edit "
            "that are in the story of their original, `apart` the share of look-alikes that are not in the story of "
            "what they look like.",
        ),
    )


def make_articles(count: int, seed: int) -> list[_Article]:
    """Three tenths are edited copies of a thirteenth, the rest is unrelated, a tenth of it so that it looks related."""
    writer = _Writer(seed)
    draw = writer.random
    articles: list[_Article] = []

    def add(passages: list[str], **about: object) -> int:
        articles.append(_Article(passages, **{"story": len(articles), **about}))  # type: ignore[arg-type]
        return len(articles) - 1

    originals = [add(writer.article(draw.randint(2, 7))) for _ in range(max(4, count * 3 // 40))]
    edits = list(_EDITS)
    for number in range(count * 3 // 10):
        original = originals[draw.randrange(len(originals))]
        edit = edits[number % len(edits)]
        passages = _EDITS[edit](writer, articles[original].passages)
        add(passages, story=original, edit=edit, original=original)
    for kind, make in _HARD.items():
        for _ in range(max(1, count // 400)):
            make(writer, articles, originals, lambda passages, tempting, kind=kind: add(
                passages, hard=kind, tempting=tempting))  # fmt: skip
    while len(articles) < count:
        add(writer.article(draw.randint(2, 7)))
    # One box in a twentieth of all documents each, and rarer ones that no rule about many documents sees.
    common = [writer.passage(draw.randint(40, 90)) for _ in range(4)]
    rare = [writer.passage(draw.randint(30, 50)) for _ in range(max(1, count // 200))]
    for article in articles:
        if draw.random() < 0.2:
            article.passages = [*article.passages, draw.choice(common)]
        elif draw.random() < 0.1:
            article.passages = [*article.passages, draw.choice(rare)]
    return articles


def _headline(writer: _Writer, passages: list[str]) -> list[str]:
    return [writer.passage(7), *passages[1:]]


def _cut(_: _Writer, passages: list[str]) -> list[str]:
    """The first two thirds of the words."""
    left = sum(len(text.split(" ")) for text in passages) * 2 // 3
    kept = []
    for text in passages:
        words = text.split(" ")[:left]
        left -= len(words)
        kept.append(" ".join(words))
    return [text for text in kept if text]


def _words(share: float) -> Callable[[_Writer, list[str]], list[str]]:
    def edit(writer: _Writer, passages: list[str]) -> list[str]:
        draw = writer.random
        return [
            " ".join(draw.choice(writer.words) if draw.random() < share else word for word in text.split(" "))
            for text in passages
        ]

    return edit


def _phrases(writer: _Writer, passages: list[str]) -> list[str]:
    """A fifth of the words in runs of four to eight: phrases put in other words."""
    edited = []
    for text in passages:
        words = text.split(" ")
        for place in range(0, len(words) - 8, 30):
            start, length = place + writer.random.randrange(22), writer.random.randint(4, 8)
            words[start : start + length] = writer.passage(length).split(" ")[:length]
        edited.append(" ".join(words))
    return edited


def _added(writer: _Writer, passages: list[str]) -> list[str]:
    place = writer.random.randint(1, len(passages))
    return [*passages[:place], writer.passage(writer.random.randint(40, 90)), *passages[place:]]


def _reordered(writer: _Writer, passages: list[str]) -> list[str]:
    rest = passages[1:]
    writer.random.shuffle(rest)
    return [passages[0], *rest]


def _dropped(writer: _Writer, passages: list[str]) -> list[str]:
    """Each fifth sentence left out, as far as full stops tell."""
    edited = []
    for text in passages:
        kept = [part for part in re.split(r"(?<=\.) ", text) if writer.random.random() > 0.2]
        edited.append(" ".join(kept) or text)
    return edited


def _typed(writer: _Writer, passages: list[str]) -> list[str]:
    """Other quotation marks, dashes and thousands marks, here and there hyphens and capitals."""
    marks = str.maketrans({"'": "’", '"': "”", "-": "\u2011"})
    return [
        (text.upper() if writer.random.random() < 0.3 else text).translate(marks).replace(" (", " — (")
        for text in passages
    ]


def _resaved(writer: _Writer, passages: list[str]) -> list[str]:
    """The same words in other lines, with hyphens where lines end, and cut into other passages."""
    words = " ".join(passages).split(" ")
    texts, here = [], 0
    while here < len(words):
        length = writer.random.randint(40, 160)
        texts.append(" ".join(words[here : here + length]))
        here += length
    return [re.sub(r"(.{50,60}[a-z]{2})([a-z]{2})", "\\1-\n\\2", text) for text in texts]


def _several(writer: _Writer, passages: list[str]) -> list[str]:
    """Headline, one word in twenty, a paragraph more, and the end cut."""
    return _headline(writer, _added(writer, _words(0.05)(writer, _cut(writer, passages))))


_EDITS: dict[str, Callable[[_Writer, list[str]], list[str]]] = {
    "other headline": _headline,
    "last third cut": _cut,
    "1 word in 20 changed": _words(0.05),
    "1 word in 10 changed": _words(0.1),
    "1 word in 5 changed": _words(0.2),
    "phrases reworded": _phrases,
    "paragraph added": _added,
    "paragraphs reordered": _reordered,
    "sentences dropped": _dropped,
    "capitals, quotes, hyphens": _typed,
    "PDF saved anew": _resaved,
    "several of these": _several,
}

_Add = Callable[[list[str], list[int]], int]


def _retold(writer: _Writer, articles: list[_Article], originals: list[int], add: _Add) -> None:
    """The same event in other words: one long quotation and the headline are shared."""
    original = writer.random.choice(originals)
    old = articles[original].passages
    quoted = " ".join(old[1].split(" ")[:25])
    new = writer.article(len(old) - 1)
    add([old[0], f"{quoted} {new[1]}", *new[2:]], [original])


def _forms(writer: _Writer, _: list[_Article], __: list[int], add: _Add) -> None:
    form = writer.form(writer.random.randint(3, 5))
    made: list[int] = []
    for _number in range(6):
        made.append(add([writer.fill(text) for text in form], list(made)))


def _follow_up(writer: _Writer, articles: list[_Article], originals: list[int], add: _Add) -> None:
    """Two paragraphs of the earlier article at the end of one of five to eight of its own."""
    original = writer.random.choice(originals)
    add([*writer.article(writer.random.randint(5, 8)), *articles[original].passages[1:3]], [original])


def _yearly(writer: _Writer, _: list[_Article], __: list[int], add: _Add) -> None:
    """Reports of which two fifths are the same each year."""
    fixed = writer.article(8)
    made: list[int] = []
    for _number in range(5):
        new = writer.article(12)[1:]
        mixed = [part for n, text in enumerate(new) for part in ([fixed[n + 1], text] if n < 8 else [text])]
        made.append(add(mixed, list(made)))


def _quoting(writer: _Writer, articles: list[_Article], originals: list[int], add: _Add) -> None:
    """A text one to four times as long as the article that it prints whole in its midst."""
    original = writer.random.choice(originals)
    old = articles[original].passages[1:]
    new = writer.article(max(4, round(len(old) * writer.random.uniform(1, 4))))
    middle = max(3, len(new) // 2)
    add([*new[:middle], *old, *new[middle:]], [original])


def _round_up(writer: _Writer, articles: list[_Article], originals: list[int], add: _Add) -> None:
    """Two articles, each printed whole, under a new opening."""
    one, other = writer.random.sample(originals, 2)
    opening = writer.article(2)
    add([*opening, *articles[one].passages[1:], *articles[other].passages[1:]], [one, other])


_HARD: dict[str, Callable[[_Writer, list[_Article], list[int], _Add], None]] = {
    "same event retold": _retold,
    "form filled in anew": _forms,
    "follow-up quoting two paragraphs": _follow_up,
    "yearly report": _yearly,
    "report quoting an article whole": _quoting,
    "round-up of two articles": _round_up,
}


def _by_digest(texts: list[list[str]]) -> tuple[dict[int, int], float]:
    start = time.process_time()
    first: dict[str, int] = {}
    found = {number: first.setdefault("\n".join(passages), number) for number, passages in enumerate(texts)}
    return found, time.process_time() - start


def _by_whole_document(texts: list[list[str]]) -> tuple[dict[int, int], float]:
    """Documents joined when the likeness of their runs of four words is a half and more."""
    start = time.process_time()
    runs = []
    for passages in texts:
        words = re.findall(r"\w+", " ".join(passages).lower())
        runs.append([" ".join(run) for run in zip(words, words[1:], words[2:], words[3:], strict=False)])
    hashes = RMinHash.from_token_sets(runs, _PERMUTATIONS, 1)
    buckets = RMinHashLSH(_LIKENESS, _PERMUTATIONS, _PERMUTATIONS // 4)
    pairs = []
    for number, one in enumerate(hashes):
        near = sorted(buckets.query(one))
        pairs += [Pair(other, number, 1.0) for other in near if one.jaccard(hashes[other]) >= _LIKENESS]
        buckets.insert(number, one)
    return stories(range(len(texts)), pairs), time.process_time() - start


def _judge(articles: list[_Article], found: dict[int, int]) -> dict[str, float]:
    """Precision and recall of pairs, recall by edit, look-alikes kept apart."""
    both = Counter((article.story, found[number]) for number, article in enumerate(articles))
    right = _pairs(both.values())
    values = {
        "precision of pairs": right / max(1, _pairs(Counter(found.values()).values())),
        "recall of pairs": right / max(1, _pairs(Counter(article.story for article in articles).values())),
    }
    for edit in _EDITS:
        copies = [number for number, article in enumerate(articles) if article.edit == edit]
        values[f"copy: {edit}"] = _share(found[number] == found[articles[number].original] for number in copies)
    for kind in _HARD:
        looks = [(n, other) for n, article in enumerate(articles) if article.hard == kind for other in article.tempting]
        values[f"apart: {kind}"] = _share(found[one] != found[other] for one, other in looks)
    return values


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _share(outcomes: Iterable[bool]) -> float:
    known = list(outcomes)
    return sum(known) / max(1, len(known))


def _peak(sketches: dict[int, Sketch]) -> int:
    """Bytes beyond the sketches that pairing held at once."""
    tracemalloc.start()
    alike(sketches)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak
