"""Brings a store to the present schema, keeping a copy of what was there before."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from ascn_nlp.errors import StoreError

# The newest revision in migrations/versions (a test compares): known here so that opening an up-to-date store need
# not import Alembic.
HEAD = "0006"
_SCRIPTS = Path(__file__).with_name("migrations")


def migrate(engine: Engine) -> str:
    """The revision the store was at before ("" when it was empty); afterwards it is at HEAD.

    Raises StoreError when the store was written by a newer version of this package.
    """
    found = revision(engine)
    if found == HEAD:
        return found
    if not found.isdecimal() and found:
        raise StoreError(
            f"belongs to another program (its schema is {found!r})",
            engine.url.render_as_string(),
            "name a database of its own as store.url in ascn.toml",
        )
    if found > HEAD:
        raise StoreError(
            f"was written by a newer ascn-nlp (schema {found}, this one knows {HEAD})",
            engine.url.render_as_string(),
            "upgrade ascn-nlp",
        )
    if found:
        keep_copy(engine, found)
    with engine.connect().execution_options(ascn_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(2018)"))
        # Whoever waited for the lock finds the store migrated, and Alembic then does nothing.
        _upgrade(connection, HEAD)
    return found


def revision(engine: Engine) -> str:
    """The schema revision of the store, "" for an empty database."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def keep_copy(engine: Engine, found: str) -> str:
    """The name of the copy made: a file beside the SQLite file, or a schema of the PostgreSQL database."""
    if engine.dialect.name == "sqlite":
        path = f"{engine.url.database}.before-{HEAD}-was-{found}"
        unfinished = Path(f"{path}.part")  # a disk that is full must leave nothing that looks like a copy
        unfinished.unlink(missing_ok=True)
        with engine.connect() as connection:
            # Below SQLAlchemy, which would begin a transaction: VACUUM works in none.
            connection.connection.cursor().execute("VACUUM INTO ?", (str(unfinished),))
        unfinished.replace(path)
        return path
    schema = f"ascn_before_{HEAD}_was_{found}"
    with engine.begin() as connection:
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))
        connection.execute(text(f'CREATE SCHEMA "{schema}"'))
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'CREATE TABLE "{schema}"."{table}" AS TABLE "{table}"'))
    return schema


def _upgrade(connection: Connection, target: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)
