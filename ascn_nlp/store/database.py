"""Opens the store: an embedded SQLite file by default, PostgreSQL by URL for teams."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    NoSuchModuleError,
    NotSupportedError,
    ProgrammingError,
)

from ascn_nlp.errors import StoreError
from ascn_nlp.store.migrate import migrate, revision

# How long a writer waits for another one before it gives up. A batch is written in well under a second; a minute
# also outlasts a full-text rebuild.
BUSY_SECONDS = 60
# What a database complains of because of what it was asked; everything else is the state of disk, file or server.
_OUR_MISTAKES = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
# By default PostgreSQL shows each statement the newest state; SQLite shows a whole transaction the same one.
_READING = {"postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}}
_PASSWORD = re.compile(r"(://[^:/@]*):[^/]*@")


class Store:
    """A database. ``reading()`` and ``writing()`` give connections, and find it at the present schema.

    Where there is none yet, the first that writes makes it: a command that only reads leaves nothing behind, so that a
    mistyped path is not taken for an empty corpus.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._is_present = False  # at the present schema, as far as this process knows

    def exists(self) -> bool:
        """Whether anything was ever written to it; StoreError when that cannot be told."""
        with _opening(self.engine.url.render_as_string()):
            return self._is_present or _is_there(self.engine)

    def require(self) -> None:
        """Raise StoreError where nothing was ever written to it."""
        if not self.exists():
            remedy = "ascn-nlp refresh makes it; if there should be one, mend --workspace, or store.url in ascn.toml"
            raise StoreError("there is no store yet", self.engine.url.render_as_string(), remedy)

    def make(self) -> None:
        """Make or migrate it where needed; StoreError when that cannot be done."""
        if self._is_present:
            return
        with _opening(self.engine.url.render_as_string()):
            if path := _file_of(self.engine):
                path.parent.mkdir(parents=True, exist_ok=True)
            migrate(self.engine)
        self._is_present = True

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one consistent state; writers are not disturbed.

        Raises StoreError when there is none yet, when it is damaged or cannot be reached.
        """
        self.require()
        self.make()
        try:
            options = _READING.get(self.dialect, {})
            with self.engine.connect().execution_options(**options) as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            if isinstance(error, _OUR_MISTAKES):
                raise
            raise StoreError(
                f"cannot be read: {error.orig}",
                self.engine.url.render_as_string(),
                "see that the server runs; a damaged file can be put back from a copy, or made anew by a refresh",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in one transaction: everything is kept, or nothing.

        Raises StoreError when the disk is full, another program holds the database, or it is damaged.
        """
        self.make()
        try:
            with self.engine.connect().execution_options(ascn_writes=True) as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            if isinstance(error, _OUR_MISTAKES):
                raise
            raise StoreError(
                f"cannot be written: {error.orig}",
                self.engine.url.render_as_string(),
                "free disk space or close the program that holds it, then run the same command again; "
                "nothing half-written was kept",
            ) from error

    def wipe(self) -> None:
        """Overwrite what deleted rows have left in a SQLite file; PostgreSQL does so by itself, in time.

        Raises StoreError when that fails: there has to be room for a copy of the file.
        """
        if self.dialect != "sqlite" or not self.exists():
            return
        try:
            with self.writing() as connection:
                # The index of words keeps those of deleted passages until its parts are merged.
                connection.exec_driver_sql("INSERT INTO passages_fts(passages_fts) VALUES ('optimize')")
            with self.engine.connect() as connection:
                # Below SQLAlchemy, which would begin a transaction: VACUUM works in none.
                cursor = connection.connection.cursor()
                cursor.execute("VACUUM")
                if cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                    raise sqlite3.OperationalError("another program is reading it")
        except sqlite3.Error as error:
            raise StoreError(
                f"deleted text may still be in the file: {error}",
                self.engine.url.render_as_string(),
                "free disk space, end other programs that read it, and run: ascn-nlp forget --wipe",
            ) from error

    def copies(self) -> list[str]:
        """Copies of the store that migrations have kept: files beside it, or schemas of its database."""
        if self.dialect == "sqlite":
            path = Path(str(self.engine.url.database))
            return [str(one) for one in sorted(path.parent.glob(f"{path.name}.before-*"))]
        return [f"schema {name}" for name in inspect(self.engine).get_schema_names() if name.startswith("ascn_before_")]

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy URL, made or migrated where needed; StoreError when that cannot be done."""
    store = find_store(url)
    with ExitStack() as on_failure:
        on_failure.callback(store.close)
        store.make()
        on_failure.pop_all()
    return store


def find_store(url: str) -> Store:
    """The same, not made before somebody writes to it; StoreError for a URL of no database that can be used."""
    with _opening(shown_url(url)):
        return Store(_engine(url))


@contextmanager
def _opening(where: str) -> Iterator[None]:
    """Within it, what keeps a database from being opened is told as StoreError."""
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StoreError(
            f"is not a database that can be used: {error}",
            where,
            "use sqlite:///path/to/file.db, or install ascn-nlp[postgresql] for postgresql+psycopg://...",
        ) from error
    except (DatabaseError, sqlite3.Error, OSError) as error:
        raise StoreError(
            f"cannot be opened: {getattr(error, 'orig', error)}",
            where,
            "check the path, its permissions, that it is a database, and that the server runs",
        ) from error


def shown_url(url: str) -> str:
    """The URL without its password."""
    return _PASSWORD.sub(r"\1:***@", url)


def _engine(url: str) -> Engine:
    # PostgreSQL parses JSON itself.
    engine = create_engine(url, **({"json_deserializer": _from_json} if url.startswith("sqlite") else {}))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_utc)
    return engine


def _file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database; None of one in memory and of a server's."""
    is_file = engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:")
    return Path(str(engine.url.database)) if is_file else None


def _is_there(engine: Engine) -> bool:
    path = _file_of(engine)
    # To connect to a SQLite file that is not there makes it.
    return (path is None or path.exists()) and revision(engine) != ""


# Most JSON in the store is an empty list or mapping: not to parse those saves an export a tenth of its time.
_EMPTY: dict[str, Callable[[], Any]] = {"[]": list, "{}": dict}
_decode = json.JSONDecoder().raw_decode  # what was written here has no blanks around it to look for


def _from_json(text: str) -> Any:
    return _EMPTY[text]() if text in _EMPTY else _decode(text)[0]


def _set_utc(raw: Any, _record: Any) -> None:
    # Else the server gives times in its own zone, and they are shown as if they were in UTC.
    with raw.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
    raw.commit()


def _prepare_sqlite(raw: sqlite3.Connection, _record: Any) -> None:
    # The driver would begin transactions by itself, and too late for reads to be consistent:
    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
    raw.isolation_level = None
    raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _write_ahead(raw)
    raw.execute("PRAGMA synchronous = NORMAL")  # in WAL mode a power cut may lose the last batch, never the file
    raw.execute("PRAGMA foreign_keys = ON")


def _write_ahead(raw: sqlite3.Connection) -> None:
    """Let readers go on while one writes. The switch fails at once where a new file is held, and waits for nobody."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # A writer asks for the lock at once: a read that turns into a write cannot wait and would fail as "locked".
    writes = connection.get_execution_options().get("ascn_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
