from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from ascn_nlp.errors import StoreError
from ascn_nlp.records import Found
from ascn_nlp.store import database, find_store, open_store
from ascn_nlp.store.registering import register
from ascn_nlp.store.schema import documents, metadata, passages, tags


def count(connection) -> int:
    return connection.execute(select(func.count()).select_from(documents)).scalar_one()


def add(connection, *addresses: str) -> None:
    register(connection, "reports", [Found("reports", one, one) for one in addresses], "r1", is_complete=False)


def test_a_transaction_that_fails_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError), store.writing() as connection:
        add(connection, "a")
        raise ZeroDivisionError
    with store.reading() as connection:
        assert count(connection) == 0


def test_a_reader_sees_one_state_while_a_writer_writes(store):
    with store.reading() as reader:
        assert count(reader) == 0
        with store.writing() as writer:
            add(writer, "a")
            assert count(reader) == 0
        assert count(reader) == 0
    with store.reading() as reader:
        assert count(reader) == 1


def test_a_writer_after_a_reader_is_not_read_only(store):
    for _ in range(8):  # connections come from a pool and are used again
        with store.reading() as connection:
            count(connection)
    with store.writing() as connection:
        add(connection, "a")


def test_two_writers_wait_for_each_other(store):
    problems: list[Exception] = []

    def write(name: str) -> None:
        try:
            for n in range(5):
                with store.writing() as connection:
                    before = count(connection)
                    time.sleep(0.005)
                    add(connection, f"{name}{n}")
                    assert count(connection) == before + 1 or store.dialect != "sqlite"
        except Exception as error:  # whatever it is, the test reports it
            problems.append(error)

    threads = [threading.Thread(target=write, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with store.reading() as connection:
        assert count(connection) == 20


def test_a_second_program_waits_too(sqlite_store):
    other = open_store(sqlite_store.engine.url.render_as_string())
    done = threading.Event()

    def write() -> None:
        with other.writing() as connection:
            add(connection, "other")
        done.set()

    with sqlite_store.writing() as connection:
        add(connection, "mine")
        thread = threading.Thread(target=write)
        thread.start()
        assert not done.wait(0.1)
    assert done.wait(10)
    thread.join()
    other.close()
    with sqlite_store.reading() as connection:
        assert count(connection) == 2


def test_a_new_store_that_another_program_is_making_is_waited_for(tmp_path):
    other = sqlite3.connect(tmp_path / "ascn.db", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    thread = threading.Timer(0.5, other.execute, ["ROLLBACK"])
    thread.start()
    store = open_store(f"sqlite:///{tmp_path / 'ascn.db'}")
    thread.join()
    other.close()
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    store.close()


def test_a_store_that_stays_locked_is_reported_with_a_remedy(sqlite_store, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    impatient = open_store(sqlite_store.engine.url.render_as_string())
    with sqlite_store.writing() as connection:
        add(connection, "mine")
        with pytest.raises(StoreError, match="locked") as caught, impatient.writing() as other:
            add(other, "other")
    impatient.close()
    assert "close the program" in caught.value.remedy
    assert caught.value.where.startswith("sqlite:///")


def test_a_full_disk_is_reported_and_nothing_half_written_is_kept(sqlite_store):
    with sqlite_store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        connection.rollback()  # the limit is the connection's, which goes back to the pool
    with pytest.raises(StoreError, match="full") as caught, sqlite_store.writing() as connection:
        add(connection, "small")
        add(connection, "x" * 100_000)
    assert "free disk space" in caught.value.remedy
    with sqlite_store.reading() as connection:
        assert count(connection) == 0


@pytest.mark.parametrize("way", ["reading", "writing"])
def test_a_damaged_file_is_reported_with_a_remedy(sqlite_store, way):
    with sqlite_store.writing() as connection:
        add(connection, *(f"{n}" * 50 for n in range(2000)))
    sqlite_store.close()
    path = sqlite_store.engine.url.database
    with open(path, "r+b") as file:  # noqa: PTH123
        file.seek(8192)
        file.write(b"\xff" * (os.path.getsize(path) - 8192))  # noqa: PTH202
    with pytest.raises(StoreError, match="malformed") as caught, getattr(sqlite_store, way)() as connection:
        connection.execute(select(documents)).all()
        add(connection, "another")
    assert caught.value.remedy


def test_a_mistake_of_ours_is_not_called_the_databases(store):
    with pytest.raises(IntegrityError), store.writing() as connection:
        connection.execute(insert(tags).values(passage_seq=99, concern="x", stance="raised"))
    with pytest.raises(IntegrityError), store.writing() as connection:
        values = {"passage_seq": 99, "concern": "x", "stance": "raised", "score": 1.0, "is_unsure": False}
        connection.execute(insert(tags).values(evidence=[], **values))  # there is no such passage


def test_a_lost_server_is_reported_with_a_remedy(store):
    class Gone(Exception):
        pass

    for way in (store.reading, store.writing):
        with pytest.raises(StoreError, match="gone away") as caught, way():
            raise OperationalError("SELECT 1", {}, Gone("gone away"))
        assert caught.value.remedy


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("nonsense", "is not a database"),
        ("mysterydb:///x", "is not a database"),
        ("oracle://x/y", "is not a database"),
        ("postgresql+psycopg://ann:secret@127.0.0.1:1/ascn", "cannot be opened"),
        ("postgresql+psycopg://ann:se%40cret@127.0.0.1:1/ascn", "cannot be opened"),
        ("nodriver://ann:secret@host/x", "is not a database"),
    ],
)
def test_a_store_that_cannot_be_opened_is_refused_without_telling_the_password(url, what):
    with pytest.raises(StoreError, match=what) as caught:
        open_store(url)
    assert caught.value.remedy
    assert "cret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes.\n" * 100, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'data' / 'ascn.db'}")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(sqlite_store):
    os.chmod(sqlite_store.engine.url.database, 0)  # noqa: PTH101
    with pytest.raises(StoreError):
        open_store(sqlite_store.engine.url.render_as_string())


def test_every_table_is_used_by_name_and_keyed(store):
    assert set(metadata.tables) >= {passages.name, documents.name, tags.name}
    assert all(len(table.primary_key) for table in metadata.sorted_tables)


def test_foreign_keys_hold_on_every_connection(sqlite_store):
    for _ in range(3):
        with sqlite_store.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_reading_a_store_that_is_not_there_makes_none_and_says_what_does(store_url, tmp_path):
    found = find_store(store_url)
    with pytest.raises(StoreError, match=r"no store yet.*refresh"), found.reading():
        pass
    found.wipe()
    assert not found.exists()
    assert list(tmp_path.iterdir()) == []
    found.close()


def test_whoever_writes_first_makes_the_store_and_others_find_it(store_url):
    early, writer = find_store(store_url), find_store(store_url)
    assert not early.exists()
    with writer.writing() as connection:
        add(connection, "a")
    with early.reading() as connection:
        assert count(connection) == 1
    for one in (early, writer):
        one.close()


def test_another_programs_sqlite_file_is_left_as_it_was_by_reading(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE mine (words TEXT)")
    found = find_store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="no store yet"), found.reading():
        pass
    found.close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
