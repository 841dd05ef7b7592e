from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine, inspect, text

from ascn_nlp.errors import StoreError
from ascn_nlp.filters import Filters
from ascn_nlp.store import migrate as migrate_module
from ascn_nlp.store import open_store
from ascn_nlp.store.database import _engine
from ascn_nlp.store.ledger import documents_as_of, path_of
from ascn_nlp.store.migrate import HEAD, migrate, revision
from ascn_nlp.store.passages import load_passages, search
from ascn_nlp.store.schema import metadata

VERSIONS = Path(migrate_module.__file__).with_name("migrations") / "versions"

FIRST_ROWS = (
    """INSERT INTO documents
       (seq, id, source_id, address, is_gone, first_seen, location, found_fingerprint, fingerprint)
       VALUES (1, 'd1', 'reports', 'a.pdf', false, '2024-01-01 00:00:00', '/a.pdf', '', '')""",
    """INSERT INTO passages (seq, id, document_seq, ordinal, kind, start, "end", text, heading, context, places,
       language, is_current)
       VALUES (1, 'p1', 1, 0, 'paragraph', 0, 28, 'Cameras watch every junction', '[]', '', '[]', 'en', true)""",
    """INSERT INTO reviews (passage_id, document_id, concern, decision, concern_reviewed, stance_reviewed, note,
       reviewer, at, file_sha256, predicted)
       VALUES ('p1', 'd1', 'surveillance', 'accept', '', '', 'precious', 'ann', '2024-01-01 00:00:00', 'f', '{}')""",
)


@pytest.fixture
def old_engine(store_url):
    """A store at the first revision, with one document, passage and review."""
    engine = _engine(store_url)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database).parent.mkdir()
    with engine.begin() as connection:
        migrate_module._upgrade(connection, "0001")
        for statement in FIRST_ROWS:
            connection.execute(text(statement))
    yield engine
    engine.dispose()


def test_head_is_the_newest_revision():
    assert max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py")) == HEAD


def test_a_new_store_is_at_head_and_opening_it_again_changes_nothing(store_url):
    open_store(store_url).close()
    again = open_store(store_url)
    assert revision(again.engine) == HEAD
    assert migrate(again.engine) == HEAD
    again.close()


def test_schema_and_migrations_agree(store):
    def is_compared(_object, name, kind, *_rest) -> bool:
        if kind == "table":
            return not name.startswith("passages_fts")
        return name not in ("words", "ix_passages_words")

    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_compared, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_schema_and_migrations_agree_on_checks_and_foreign_keys(store):
    # What autogenerate does not compare.
    with store.reading() as connection:
        made = inspect(connection)
        for table in metadata.sorted_tables:
            wanted_checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
            assert {check["name"] for check in made.get_check_constraints(table.name)} == wanted_checks
            wanted_keys = {(*fk.column_keys, fk.referred_table.name) for fk in table.foreign_key_constraints}
            found_keys = {
                (*fk["constrained_columns"], fk["referred_table"]) for fk in made.get_foreign_keys(table.name)
            }
            assert found_keys == wanted_keys


def test_upgrading_keeps_every_row_and_makes_old_passages_searchable(old_engine):
    assert migrate(old_engine) == "0001"
    assert revision(old_engine) == HEAD
    with old_engine.connect() as connection:
        assert connection.execute(text("SELECT note FROM reviews")).scalar_one() == "precious"
        assert [row["id"] for row in search(connection, "junction", Filters(), 5)] == ["p1"]
        assert next(load_passages(connection, 0, 9))[0].passage.doubts == ()


def test_upgrading_tells_the_way_of_documents_that_were_there_before(old_engine):
    with old_engine.begin() as connection:
        connection.execute(text("UPDATE documents SET sha256 = 'ab', outcome = 'read', is_gone = true"))
    migrate(old_engine)
    with old_engine.connect() as connection:
        told = [(row["stage"], row["outcome"], row["run_id"]) for row in path_of(connection, "d1")]
        assert told == [("find", "new", ""), ("fetch", "fetched", ""), ("read", "read", ""), ("find", "gone", "")]
        assert documents_as_of(connection, "r2026") == set()
        connection.execute(text("DELETE FROM ledger WHERE outcome = 'gone'"))
        assert documents_as_of(connection, "r2026") == {"d1"}


def test_a_disk_too_full_for_the_copy_is_a_clear_error_and_leaves_no_half_copy(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'ascn.db'}"
    engine = _engine(url)
    with engine.begin() as connection:
        migrate_module._upgrade(connection, "0001")
    engine.dispose()

    def full(engine, found):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(migrate_module, "keep_copy", full)
    with pytest.raises(StoreError, match="disk is full"):
        open_store(url)
    assert [path.name for path in tmp_path.glob("*before*")] == []


def test_upgrading_keeps_a_copy_of_the_old_store(old_engine):
    copy = migrate_module.keep_copy(old_engine, "0001")
    migrate(old_engine)  # makes the copy again, over the first one
    if old_engine.dialect.name == "sqlite":
        with sqlite3.connect(copy) as kept:
            assert kept.execute("SELECT note FROM reviews").fetchone() == ("precious",)
            assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        kept.close()
        return
    with old_engine.connect() as connection:
        assert connection.execute(text(f'SELECT note FROM "{copy}".reviews')).scalar_one() == "precious"
        assert connection.execute(text(f'SELECT version_num FROM "{copy}".alembic_version')).scalar_one() == "0001"
        kept = set(inspect(connection).get_table_names(schema=copy))
        assert kept >= {"runs", "documents", "versions", "contents", "passages", "tags", "reviews"}


def test_a_connection_used_for_the_copy_still_begins_transactions_as_ours_do(old_engine):
    migrate(old_engine)
    with old_engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("DELETE FROM reviews"))
        transaction.rollback()
    with old_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM reviews")).scalar_one() == 1


def test_a_migration_that_fails_leaves_the_store_as_it_was(old_engine, monkeypatch, tmp_path):
    scripts = tmp_path / "migrations"
    (scripts / "versions").mkdir(parents=True)
    for path in (VERSIONS.parent / "env.py", *VERSIONS.glob("*.py")):
        relative = path.relative_to(VERSIONS.parent)
        (scripts / relative).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    broken = (scripts / "versions" / "0002_search.py").read_text(encoding="utf-8").replace("'rebuild'", "'nonsense'")
    (scripts / "versions" / "0002_search.py").write_text(
        broken.replace("USING gin", "USING nonsense"), encoding="utf-8"
    )
    monkeypatch.setattr(migrate_module, "_SCRIPTS", scripts)
    with pytest.raises(Exception, match=r"nonsense|SQL logic error"):
        migrate(old_engine)
    assert revision(old_engine) == "0001"
    with old_engine.connect() as connection:
        assert not [name for name in inspect(connection).get_table_names() if name.startswith("passages_fts")]
        assert connection.execute(text("SELECT count(*) FROM reviews")).scalar_one() == 1


@pytest.mark.parametrize(
    ("found", "remedy"), [("9999", "upgrade ascn-nlp"), ("3f5a0c1d", "database of its own"), ("00ab", "of its own")]
)
def test_a_store_from_the_future_or_of_another_program_is_refused_untouched(store_url, found, remedy):
    store = open_store(store_url)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    store.close()
    with pytest.raises(StoreError) as caught:
        open_store(store_url)
    assert found in caught.value.what
    assert remedy in caught.value.remedy
    engine = create_engine(store_url)
    assert revision(engine) == found
    engine.dispose()


def test_programs_that_open_an_empty_store_at_once_all_succeed(store_url):
    problems: list[Exception] = []
    start = threading.Barrier(4)

    def open_it() -> None:
        start.wait()
        try:
            open_store(store_url).close()
        except Exception as error:  # whatever it is, the test reports it
            problems.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    store = open_store(store_url)
    assert revision(store.engine) == HEAD
    store.close()
