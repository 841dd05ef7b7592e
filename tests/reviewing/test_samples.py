from __future__ import annotations

import csv

import pytest

from ascn_nlp import versions
from ascn_nlp.filters import Filters
from ascn_nlp.reviewing.samples import Choice, draw
from ascn_nlp.training.suspects import Suspect


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def reject_rest(row):
    return None if row["concern"] else {"decision": "reject", "reviewer": "Ana"}


@pytest.fixture
def suspicious(desk, monkeypatch):
    """A workspace whose model has found two decisions that look wrong, and a label of its training too."""
    folder = desk.folder / "models" / "default"
    folder.mkdir(parents=True)
    monkeypatch.setattr("ascn_nlp.reviewing.samples.latest_suspects", lambda _: versions.load_suspects(folder))
    names = [desk.id_of("A second list"), desk.id_of("Forty families"), "p0000"]
    fields = Suspect.__dataclass_fields__
    made = {name: 0.5 if "float" in str(field.type) else "x" for name, field in fields.items()}
    found = [Suspect(**(made | {"passage_id": id_, "is_reviewed": id_ != "p0000"})) for id_ in names]
    versions.save_suspects(folder, [found[1], found[0], found[1], found[2]])
    return desk


@pytest.mark.parametrize("sample", ["random", "active", "rest"])
@pytest.mark.parametrize("blind", [False, True])
def test_what_is_drawn_is_kept_and_given_out_in_its_order_and_asks_for_missed_tags(desk, sample, blind):
    path = desk.export(sample=sample, blind=blind)
    given = list(dict.fromkeys(row["passage_id"] for row in rows_of(path)))
    ((id_, kind, is_blind),) = desk.rows("SELECT id, kind, is_blind FROM samples")
    kept = [one for (one,) in desk.rows("SELECT passage_id FROM sample_passages ORDER BY position")]
    assert (kind, bool(is_blind)) == (sample, blind)
    assert given == kept and len(kept) == 4
    assert {row["sample"] for row in rows_of(path)} == {id_}
    for passage in given:
        assert [row["concern"] for row in rows_of(path) if row["passage_id"] == passage].count("") == 1


def test_a_drawn_order_is_not_the_reading_order(desk):
    orders = {draw(desk.workspace, Filters(), Choice("rest", 4, seed)).ids for seed in range(8)}
    assert len(orders) > 2


@pytest.mark.parametrize("sample", ["random", "rest", "active"])
def test_the_same_draw_keeps_its_id_and_another_seed_or_size_makes_another(desk, sample):
    one, again = (draw(desk.workspace, Filters(), Choice(sample, 3)) for _ in range(2))
    assert one == again and len(one.ids) == 3
    assert draw(desk.workspace, Filters(), Choice(sample, 2)).sample != one.sample
    assert draw(desk.workspace, Filters(), Choice(sample, 3, is_blind=True)).sample != one.sample
    assert len(desk.rows("SELECT id FROM samples")) == 3
    assert len(desk.rows("SELECT passage_id FROM sample_passages")) == 8


def test_two_reviewers_are_given_the_same_sample(desk):
    ana, bo = (rows_of(desk.export(f"{name}.csv", "random", size=2, reviewer=name)) for name in ("Ana", "Bo"))
    assert [row["passage_id"] for row in ana] == [row["passage_id"] for row in bo]
    assert {row["sample"] for row in ana} == {row["sample"] for row in bo}
    assert ({row["reviewer"] for row in ana}, {row["reviewer"] for row in bo}) == ({"Ana"}, {"Bo"})


def test_all_that_is_tagged_is_no_sample_and_all_blind_is_one_in_reading_order(desk):
    assert draw(desk.workspace, Filters(), Choice("all")) is None
    drawn = draw(desk.workspace, Filters(), Choice("all", is_blind=True))
    in_order = desk.rows("SELECT id FROM passages WHERE is_current ORDER BY document_seq, ordinal")
    assert [(id_,) for id_ in drawn.ids] == in_order
    assert desk.rows("SELECT kind, is_blind FROM samples") == [("all", 1)]


@pytest.mark.parametrize("sample", ["random", "active", "rest", "leads", "suspects"])
def test_a_selection_of_nothing_is_an_empty_sample(desk, sample):
    assert rows_of(desk.export(sample=sample, source=("elsewhere",))) == []


def test_a_random_sample_knows_what_it_was_drawn_from(desk):
    with desk.store().writing() as connection:
        near = "UPDATE taggings SET scores = '{\"exclusion\": 0.2}' WHERE passage_seq = (SELECT seq FROM passages " \
               "WHERE text LIKE 'A second list%')"  # fmt: skip
        connection.exec_driver_sql(near)
        lead = "UPDATE taggings SET is_lead = 1 WHERE passage_seq = (SELECT seq FROM passages " \
               "WHERE text LIKE 'The programme%')"  # fmt: skip
        connection.exec_driver_sql(lead)
    draw(desk.workspace, Filters(), Choice("random"))
    with desk.store().reading() as connection:
        population = connection.exec_driver_sql("SELECT json_extract(population, '$') FROM samples").scalar_one()
    assert '"passages":[0,2,2]' in population
    assert '"tagged":[{},{},{"displacement":1,"surveillance":1}]' in population
    strata = dict(desk.rows("SELECT passage_id, stratum FROM sample_passages"))
    words = ("Forty families", "Facial recognition", "A second list", "The programme")
    assert [strata[desk.id_of(one)] for one in words] == [2, 2, 1, 1]
    assert desk.rows("SELECT predicted FROM sample_passages WHERE stratum = 2 ORDER BY predicted") == [
        ('["displacement"]',),
        ('["surveillance"]',),
    ]


def test_leads_are_those_passages_of_which_a_theme_is_likely_and_no_concern(desk):
    with desk.store().writing() as connection:
        connection.exec_driver_sql(
            "UPDATE taggings SET is_lead = 1, leads = '[[\"security\", 0.6]]' "
            "WHERE passage_seq = (SELECT seq FROM passages WHERE text LIKE 'The programme%')"
        )
    (row,) = rows_of(desk.export(sample="leads"))
    assert row["passage_id"] == desk.id_of("The programme")
    assert row["why"].startswith("lead: security 0.60")


def test_suspects_are_decisions_alone_each_passage_once_in_the_models_order(suspicious):
    drawn = draw(suspicious.workspace, Filters(), Choice("suspects"))
    assert drawn.ids == (suspicious.id_of("Forty families"), suspicious.id_of("A second list"))


def test_the_rest_is_what_nobody_has_reviewed_and_knows_what_was_found(desk):
    path = desk.export()
    desk.decide(path, lambda row: {"decision": "accept" if row["concern"] == "displacement" else "unsure"})
    drawn = draw(desk.workspace, Filters(), Choice("rest"))
    assert set(drawn.ids) == {desk.id_of("A second list"), desk.id_of("The programme")}
    population = desk.rows("SELECT json_extract(population, '$.unreviewed'), json_extract(population, '$.found') "
                           "FROM samples")  # fmt: skip
    assert population == [(2, '{"displacement":1}')]


@pytest.mark.parametrize("decision", ["accept", "unsure"])
def test_a_passage_that_has_moved_since_it_was_reviewed_is_not_of_the_rest(desk, decision):
    desk.decide(desk.export(), lambda row: {"decision": decision})
    desk.rewrite("river.md", "market stall", "market-stall")
    drawn = draw(desk.workspace, Filters(), Choice("rest"))
    assert set(drawn.ids) == {desk.id_of("A second list"), desk.id_of("The programme")}


def test_active_learning_passes_over_what_is_decided_and_comes_to_moved_decisions_too(desk):
    path = desk.export(sample="random")
    desk.decide(path, reject_rest)
    desk.decide(path, lambda row: {"decision": "unsure", "reviewer": "Ana"} if row["concern"] else None)
    desk.rewrite("river.md", "market stall", "market-stall")
    assert draw(desk.workspace, Filters(), Choice("active")).ids == ()


def test_of_a_sampled_passage_all_tags_are_shown_whatever_it_was_selected_by(desk):
    with desk.store().writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tags SELECT passage_seq, 'exclusion', stance, 0.4, is_unsure, evidence, since_run FROM tags "
            "WHERE concern = 'surveillance'"
        )
    rows = rows_of(desk.export(sample="random", concern=("exclusion",), max_score=0.5))
    assert sorted(row["concern"] for row in rows) == ["", "exclusion", "surveillance"]
