import pytest

from ascn_nlp.extract.pdf.booktabs import open_grids
from ascn_nlp.extract.pdf.rules import Grid, Rule, Ruling
from ascn_nlp.extract.pdf.words import Word

HEIGHT = 10.0


def words(lines: list[list[tuple[float, str]]], top: float = 100, step: float = 14) -> list[Word]:
    """Words of lines; each piece stands at an x, its letters are 5 points wide."""
    found: list[Word] = []
    for number, line in enumerate(lines):
        for start, text in line:
            x = start
            for word in text.split():
                y = top + step * number
                found.append(Word(word, x, y, x + 5 * len(word), y + HEIGHT, len(found)))
                x += 5 * len(word) + 3
    return found


TABLE = [
    [(72, "City"), (170, "Project")],
    [(72, "Alpha"), (170, "Street lamps that dim")],
    [(170, "when nobody walks")],
    [(72, "Beta"), (170, "Ferries with a timetable")],
]


def rules(*heights: float, start: float = 70, end: float = 400) -> Ruling:
    return Ruling([], [Rule(at, start, end) for at in heights])


def cells(grid: Grid, some: list[Word]) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    for word in some:
        cell = grid.cell_of(word)
        assert cell is not None
        found[cell] = f"{found.get(cell, '')} {word.text}".strip()
    return found


def test_a_row_begins_with_words_in_the_first_column():
    some = words(TABLE)
    (grid,) = open_grids(rules(97, 112, 156), some)
    assert cells(grid, some) == {
        (0, 0): "City",
        (0, 1): "Project",
        (1, 0): "Alpha",
        (1, 1): "Street lamps that dim when nobody walks",
        (2, 0): "Beta",
        (2, 1): "Ferries with a timetable",
    }


@pytest.mark.parametrize(
    ("ruling", "why"),
    [
        (rules(97, 156), "two rules only frame something"),
        (Ruling([], [*rules(97, 112).across, Rule(156, 70, 200)]), "the third rule is not as wide"),
        (rules(20, 97, 156), "nothing like a header stands between the first two"),
        (rules(97, 112, 156, start=70, end=150), "they are too short"),
    ],
)
def test_other_rules_make_no_table(ruling, why):
    assert open_grids(ruling, words(TABLE)) == [], why


def test_two_columns_of_prose_between_rules_are_no_table():
    prose = "words that fill the line up"
    page = [[(72, "Journal of Lamps"), (240, "17")]] + [[(72, prose), (240, prose)]] * 40
    assert open_grids(rules(97, 112, 680), words(page)) == []


def test_a_ruled_grid_is_left_as_it_is():
    ruling = rules(97, 112, 156)
    grid = Grid((70, 150, 400), (97, 112, 156), {})
    assert open_grids(Ruling([grid], ruling.across), words(TABLE)) == []
