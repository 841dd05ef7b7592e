from __future__ import annotations

import pytest

from ascn_nlp.filters import Filters
from ascn_nlp.store.samples import (
    Drawn,
    all_codebooks,
    all_samples,
    blind_samples,
    codebook_digest,
    drawn_passages,
    is_outdated,
    is_redefined,
    save_codebook,
    save_sample,
)

DRAWN = (Drawn("p2", 1, ["debt"]), Drawn("p1", 0, []), Drawn("p3", 2, ["debt", "labour"]))


def save(corpus, kind="random", drawn=DRAWN, filters=None, **more) -> str:
    with corpus.store.writing() as connection:
        return save_sample(connection, kind, drawn, filters or Filters(), **more)


def test_a_sample_is_kept_in_the_order_in_which_it_was_drawn(corpus):
    id_ = save(corpus, filters=Filters(city=("Hanoi",)), seed=7, population={"passages": [4, 5]})
    with corpus.store.reading() as connection:
        [row] = all_samples(connection)
        assert tuple(drawn_passages(connection, id_)) == DRAWN
    assert (row["id"], row["kind"], row["seed"], row["is_blind"]) == (id_, "random", 7, False)
    assert (row["population"], row["filters"]["city"]) == ({"passages": [4, 5]}, ["Hanoi"])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "rest"},
        {"drawn": DRAWN[:2]},
        {"drawn": DRAWN[::-1]},
        {"drawn": (DRAWN[0]._replace(stratum=0), *DRAWN[1:])},
        {"drawn": (DRAWN[0]._replace(predicted=[]), *DRAWN[1:])},
        {"filters": Filters(city=("Hanoi",))},
        {"seed": 1},
        {"is_blind": True},
        {"population": {"passages": [1]}},
    ],
    ids=str,
)
def test_the_same_draw_keeps_its_id_and_any_other_has_another(corpus, change):
    first = save(corpus)
    assert save(corpus) == first
    other = save(corpus, **change)
    assert other != first
    with corpus.store.reading() as connection:
        assert [row["id"] for row in all_samples(connection)].count(first) == 1
        assert {row["id"] for row in all_samples(connection)} == {first, other}
        assert blind_samples(connection) == ({other} if "is_blind" in change else set())


def test_a_sample_may_be_empty_and_a_large_one_is_kept_whole(corpus):
    many = tuple(Drawn(f"p{n}", 0, []) for n in range(2500))
    empty, large = save(corpus, drawn=()), save(corpus, drawn=many)
    with corpus.store.reading() as connection:
        assert drawn_passages(connection, empty) == []
        assert tuple(drawn_passages(connection, large)) == many


def test_a_codebook_is_kept_once_under_a_name_that_tells_its_definitions(corpus):
    for definitions in ({"debt": "d1", "labour": "l1"}, {"labour": "l1", "debt": "d1"}, {"debt": "d2", "labour": "l1"}):
        with corpus.store.writing() as connection:
            assert save_codebook(connection, definitions) == codebook_digest(definitions)
    with corpus.store.reading() as connection:
        kept = all_codebooks(connection)
    assert sorted(one["debt"] for one in kept.values()) == ["d1", "d2"]


TODAY = {"debt": "d2", "labour": "l1"}
BOOKS = {"old": {"debt": "d1", "labour": "l1"}, "new": TODAY, "small": {"labour": "l1"}}


@pytest.mark.parametrize(
    ("concern", "codebook", "is_it"),
    [
        ("debt", "old", True), ("labour", "old", False), ("debt", "new", False), ("debt", "small", True),
        ("debt", "", False), ("debt", "of another store", False), ("gone", "old", True), ("gone", "", True),
    ],
)  # fmt: skip
def test_a_concern_is_redefined_where_today_says_otherwise_or_one_of_the_two_lacks_it(concern, codebook, is_it):
    assert is_redefined(concern, codebook, BOOKS, TODAY) == is_it


@pytest.mark.parametrize(
    ("concern", "reviewed", "codebook", "is_it"),
    [
        ("labour", "", "old", False), ("labour", "debt", "old", True), ("", "debt", "old", True),
        ("", "labour", "old", False), ("", "", "old", True), ("", "", "new", False), ("", "", "", False),
    ],
)  # fmt: skip
def test_a_decision_is_outdated_by_what_it_names_and_one_on_a_whole_passage_by_anything(
    concern, reviewed, codebook, is_it
):
    decided = {"concern": concern, "concern_reviewed": reviewed, "codebook": codebook}
    assert is_outdated(decided, BOOKS, TODAY) == is_it
