"""Every benchmark of the registry runs, on little, and its table can be written into a document again and again."""

from dataclasses import replace

import pytest

from benchmarks import BENCHMARKS
from benchmarks.table import TINY, Table, markdown, replace_part

# These start a scheduler, which takes half a minute on a slow machine.
_WITH_PREFECT = ("refreshing", "growth")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in _WITH_PREFECT)) for name in BENCHMARKS]
)
@pytest.mark.timeout(300)
def test_a_benchmark_makes_a_table(name, tmp_path):
    table = BENCHMARKS[name](TINY)
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert f"python -m benchmarks {name}" in markdown(name, table)


def test_pdfs_of_a_folder_are_read_too_and_unreadable_ones_left_out(tmp_path):
    (tmp_path / "empty.pdf").write_bytes(b"")
    rows = BENCHMARKS["reading"](replace(TINY, pdfs=tmp_path)).rows
    assert any(tmp_path.name in row[0] and row[1] == "0" for row in rows)


def test_writing_replaces_only_the_part_of_its_name():
    table = Table("Title", ("a", "b"), (("x|y", "1"),), ("what 1 is",))
    first = replace_part("# Before\n", "one", markdown("one", table))
    both = replace_part(first, "two", "other\n")
    again = replace_part(both, "one", "new\n")
    assert both.startswith("# Before") and "| x/y | 1 |" in both and "what 1 is" in both
    assert "x/y" not in again and "new\n" in again and "other\n" in again
    assert replace_part(again, "one", "new\n") == again
