"""Many rows at once: long lists in pieces that one SQL statement can take, and inserts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, insert

T = TypeVar("T")
# SQLite takes a limited number of parameters in one statement: 999 in its older builds.
SIZE = 500


def in_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The same values in the same order, at most SIZE at a time."""
    return (values[n : n + SIZE] for n in range(0, len(values), SIZE))


def near(column: ColumnElement[int], numbers: Sequence[int]) -> ColumnElement[bool]:
    """Whether a row number is one of these, of which there is at least one; or, where they lie close, among them.

    To ask for a range costs far less than to name hundreds, and what it brings besides is little: who asks drops that.
    """
    low, high = min(numbers), max(numbers)
    return column.between(low, high) if high - low < 2 * len(numbers) else column.in_(numbers)


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have values for the same columns, of which there are several.

    As ``connection.execute(insert(table), rows)``, which looks up anew for each row how its values are to be converted.
    """
    if not rows:
        return
    dialect, names = connection.dialect, [column.name for column in table.c if column.name in rows[0]]
    converters = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    converted = [(n, convert) for n, convert in enumerate(converters) if convert]
    statement = insert(table).compile(dialect=dialect, column_keys=names)
    for chunk in in_chunks(rows):
        values = [list(row) for row in map(itemgetter(*names), chunk)]
        for row in values:
            for n, convert in converted:
                row[n] = convert(row[n])
        if statement.positional:
            connection.exec_driver_sql(str(statement), [*map(tuple, values)])
        else:
            connection.exec_driver_sql(str(statement), [dict(zip(names, row, strict=True)) for row in values])
