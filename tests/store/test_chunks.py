"""Many rows at once: what is inserted is what comes back, on either database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from ascn_nlp.store.chunks import SIZE, insert_many
from ascn_nlp.store.schema import codebooks

AT = datetime(2024, 2, 29, 23, 59, 59, 123_456, tzinfo=UTC)


def rows(count):
    return [{"digest": f"k%({n})s", "definitions": {"ữ 100 %": [n, None, "'\""]}, "at": AT} for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, SIZE, SIZE + 1])
def test_rows_come_back_as_they_went_in_and_in_their_order(store, count):
    with store.writing() as connection:
        insert_many(connection, codebooks, rows(count))
    with store.reading() as connection:
        found = [dict(row) for row in connection.execute(select(codebooks)).mappings()]
    # SQLite keeps no zone.
    assert [{**row, "at": row["at"].replace(tzinfo=UTC)} for row in found] == rows(count)


def test_values_are_stored_as_a_plain_insert_stores_them(store):
    one, other = rows(2)
    with store.writing() as connection:
        connection.execute(insert(codebooks), [one])
        insert_many(connection, codebooks, [{**other, "definitions": one["definitions"]}])
        stored = connection.exec_driver_sql("SELECT at, CAST(definitions AS TEXT) FROM codebooks").all()
    assert stored[0] == stored[1]


def test_a_value_goes_to_its_column_whatever_the_order_of_keys(store):
    with store.writing() as connection:
        insert_many(connection, codebooks, [dict(reversed(rows(1)[0].items())), rows(2)[1]])
        assert connection.execute(select(codebooks.c.digest)).scalars().all() == ["k%(0)s", "k%(1)s"]
