import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp.extract.pdf.rules import Rule, find_grids
from ascn_nlp.extract.pdf.words import Word


def ruled(xs: list[float], ys: list[float]) -> tuple[list[Rule], list[Rule]]:
    return [Rule(y, xs[0], xs[-1]) for y in ys], [Rule(x, ys[0], ys[-1]) for x in xs]


def word_at(x: float, y: float) -> Word:
    return Word("word", x - 1, y - 1, x + 1, y + 1, 0)


@given(
    st.lists(st.integers(10, 60), min_size=2, max_size=6),
    st.lists(st.integers(10, 60), min_size=2, max_size=6),
)
def test_each_place_within_a_full_grid_is_in_the_cell_drawn_around_it(widths, heights):
    xs = [sum(widths[:n], 50.0) for n in range(len(widths) + 1)]
    ys = [sum(heights[:n], 50.0) for n in range(len(heights) + 1)]
    (grid,) = find_grids(*ruled(xs, ys))
    for row in range(len(heights)):
        for column in range(len(widths)):
            middle = word_at((xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2)
            assert grid.cell_of(middle) == (row, column)


def test_fields_without_a_line_between_them_are_one_cell():
    across, down = ruled([0, 100, 200], [0, 30, 60])
    across[1] = Rule(30, 100, 200)  # the left column is one cell over both rows
    (grid,) = find_grids(across, down)
    assert grid.cell_of(word_at(50, 45)) == (0, 0)
    assert grid.cell_of(word_at(150, 45)) == (1, 1)


def test_borders_drawn_cell_by_cell_and_slightly_apart_are_one_grid():
    across = [Rule(y + d, x, x + 98) for y in (0, 30, 60) for x in (0, 100) for d in (0, 1.5)]
    down = [Rule(x + d, y, y + 29) for x in (0, 100, 200) for y in (0, 30) for d in (0, 1.5)]
    (grid,) = find_grids(across, down)
    assert len(set(grid.cell_at.values())) == 4


@pytest.mark.parametrize(
    ("xs", "ys"),
    [([0, 200], [0, 30, 60]), ([0, 100, 200], [0, 30]), ([0, 200], [0, 30])],
    ids=["one column", "one row", "a frame"],
)
def test_frames_and_single_rows_or_columns_are_no_tables(xs, ys):
    assert find_grids(*ruled(xs, ys)) == []


def test_tables_that_do_not_touch_are_apart():
    one, other = ruled([0, 100, 200], [0, 30, 60]), ruled([0, 100, 200], [200, 230, 260])
    assert len(find_grids(one[0] + other[0], one[1] + other[1])) == 2


def test_a_map_of_thousands_of_lines_is_left_alone():
    assert find_grids(*ruled([10.0 * n for n in range(900)], [10.0 * n for n in range(900)])) == []
