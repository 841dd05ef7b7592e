"""A small made corpus in which it is decided beforehand what is said of which city, and the sample corpus."""

from __future__ import annotations

import random
import shutil
import socket
from contextlib import contextmanager

import pytest

from ascn_nlp import pipeline
from ascn_nlp.report.matrix import ENOUGH_STORIES
from ascn_nlp.workspace import open_workspace

RULES = '[tagger]\nkind = "rules"\n[reading]\nworkers = 1\n'
SOURCES = """\
[ministry]
kind = "folder"
path = "ministry"
publisher = "A ministry"
genre = "official_report"
country = "VN"
why = "it plans"

[daily]
kind = "folder"
path = "daily"
publisher = "=HYPERLINK(the Daily)"
genre = "news"
why = "it prints what the agency sends"

[evening]
kind = "folder"
path = "evening"
publisher = "The Evening"
genre = "news"
why = "it prints what the agency sends"

[diary]
kind = "folder"
path = "diary"
publisher = "A diary"
genre = "other"
why = "it wonders"
"""
# The wire copy that three papers print, and the one article that says more.
EVICTED = (
    "Forty families in Hanoi were evicted for the smart city towers without any compensation. They had sold soup and "
    "mended bicycles under the old bridge since the flood of the year in which the market burned down, and they "
    "did not know where to go when the cranes came on the second Monday of the dry season with lorries and lamps."
)
ALSO_EVICTED = (
    "A tailor from the lane behind the theatre says that she too was evicted from her house in Hanoi without "
    "compensation, months before anybody wrote of it; her sewing machine stands in the yard of a cousin."
)
BOTH = (
    "Facial recognition cameras watch every market stall in Da Nang, and the traders say that they fear this "
    "surveillance more than they ever feared thieves or the tax collector.",
    "The council of Da Nang has adopted a safeguard against surveillance: footage of the cameras is deleted after "
    "seven days, and a warrant is needed before anybody may look at faces.",
)
PAID = (
    "The council of Cebu City adopted a resettlement plan: each household that moves is paid compensation and given a "
    "new house of the same size on the same street, with a key in the hand of its eldest."
)
COUNTED = (
    "The system of Chiang Mai has 300 cameras with facial recognition at its gates, which were supplied by a firm from "
    "abroad and mounted on steel poles in the rainy season."
)
ABROAD = (
    "Villagers of the coast were evicted without compensation for a smart port, and they have slept in the school "
    "hall ever since the dredgers came with the spring tide."
)
UNKNOWN = "Traders in Hanoi were evicted without any compensation, the diary says on a page that has lost its date."
MALAY = (
    "Penduduk kota Jakarta mengatakan bahwa mereka tidak tahu tentang rencana kota pintar, dan pemerintah daerah belum "
    "memberikan penjelasan kepada warga yang tinggal di tepi sungai sejak tahun lalu."
)
LONG = "The wall is green, and the bench beside it is of wood from the old boats of the harbour. " * 12
_NOUNS = (
    "bench lamp kiosk fountain pavement bridge garden orchard stairway clock tower bakery pond theatre library museum "
    "stadium pier harbour school orchestra choir painter carpenter gardener baker sailor kite drum lantern poster"
)
_VERBS = "painted repaired admired opened moved washed counted drawn described planted lit measured visited"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"


def chatter(city, number):
    """A passage on a city that raises nothing, unlike all others."""
    draw = random.Random(f"{city} {number}")

    def one(words):
        return draw.choice(words.split())

    lines = [
        f"The {one(_NOUNS)} of {city} was {one(_VERBS)} on a {one(_DAYS)}, and the {one(_NOUNS)} near the "
        f"{one(_NOUNS)} had been {one(_VERBS)} before the {one(_NOUNS)} number {draw.randint(10, 99_999)} was "
        f"{one(_VERBS)}."
        for _ in range(5)
    ]
    return " ".join(lines)


def _document(*paragraphs, date="2021-03-14", title=""):
    head = f"---\ntitle: {title}\n" + (f"date: {date}\n" if date else "") + "---\n\n"
    return head + "\n\n".join(paragraphs) + "\n"


def documents():
    """{path: text}"""
    found = {f"{paper}/wire.md": _document(EVICTED, title=f"Told by {paper}") for paper in ("daily", "evening")}
    found["ministry/wire.md"] = _document(EVICTED, title="Press review")
    found["evening/tailor.md"] = _document(ALSO_EVICTED, title="The tailor", date="2022-02-01")
    found["daily/both.md"] = _document(*BOTH, title="Cameras")
    found["ministry/paid.md"] = _document(PAID, title="The station")
    found["ministry/counted.md"] = _document(COUNTED, title="The gates")
    found["ministry/abroad.md"] = _document(ABROAD, title="The coast")
    found["diary/unknown.md"] = _document(UNKNOWN, title="A page", date="")
    found["diary/old.md"] = _document(EVICTED.replace("Forty", "Sixty"), title="Long ago", date="2011-02-03")
    found["daily/malay.md"] = _document(MALAY, title="Kota")
    silent = {("Hanoi", "daily"): ENOUGH_STORIES - 2, ("Jakarta", "daily"): ENOUGH_STORIES - 1}
    silent["Makassar", "evening"] = ENOUGH_STORIES
    for (city, paper), count in silent.items():
        for number in range(count):
            found[f"{paper}/{city}-{number}.md"] = _document(chatter(city, number), title=f"Notes {city} {number}")
    found["evening/Makassar-long.md"] = _document(
        f"{LONG} Facial recognition cameras watch every stall of Makassar, and people fear this surveillance. {LONG}",
        title="The wall", date="2023-02-03",
    )  # fmt: skip
    return found


@contextmanager
def _elsewhere():
    name = "machine-of-ours-7f3a"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "gethostname", lambda: name)
        yield name


@pytest.fixture(scope="session")
def elsewhere():
    """``with elsewhere() as name:`` for so long this machine has a name that is a word of no text."""
    return _elsewhere


def _filled(root, refresh_body, empty_store):
    (root / "ascn.toml").write_text(RULES, encoding="utf-8")
    (root / "data").mkdir()
    shutil.copy(empty_store, root / "data" / "ascn.db")
    with _elsewhere():
        refresh_body(workspace=str(root))
    workspace = open_workspace(root)
    workspace.review_csv.unlink()
    pipeline.store_of(workspace).close()
    return root


@pytest.fixture(scope="session")
def _made(tmp_path_factory, refresh_body, empty_store):
    root = tmp_path_factory.mktemp("made")
    (root / "sources.toml").write_text(SOURCES, encoding="utf-8")
    for name, text in documents().items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return _filled(root, refresh_body, empty_store)


@pytest.fixture(scope="session")
def _sampled(tmp_path_factory, refresh_body, empty_store):
    return _filled(tmp_path_factory.mktemp("sample"), refresh_body, empty_store)


def _open(root):
    workspace = open_workspace(root)
    yield workspace
    pipeline.store_of(workspace).close()


@pytest.fixture
def made(_made):
    """The workspace of the made corpus, to be read only."""
    yield from _open(_made)


@pytest.fixture
def own(_made, tmp_path):
    """A copy of it that a test may change."""
    shutil.copytree(_made, tmp_path / "own")
    yield from _open(tmp_path / "own")


@pytest.fixture
def sample(_sampled, tmp_path):
    """A copy of a workspace that has read the sample corpus."""
    shutil.copytree(_sampled, tmp_path / "sample")
    yield from _open(tmp_path / "sample")


@pytest.fixture
def empty(tmp_path, empty_store):
    """A workspace whose store has nothing in it."""
    (tmp_path / "empty" / "data").mkdir(parents=True)
    (tmp_path / "empty" / "ascn.toml").write_text(RULES, encoding="utf-8")
    shutil.copy(empty_store, tmp_path / "empty" / "data" / "ascn.db")
    yield from _open(tmp_path / "empty")
