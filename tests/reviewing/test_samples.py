from __future__ import annotations

import csv

import pytest

from ascn_nlp import versions
from ascn_nlp.choices import make_filters
from ascn_nlp.errors import OptionError
from ascn_nlp.filters import BY_TAG, Filters, given
from ascn_nlp.reviewing.samples import SAMPLES, Choice, draw
from ascn_nlp.store.passages import selected_ids
from ascn_nlp.store.samples import all_samples, drawn_passages
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


def rest_of(desk):
    """Of a sample of the rest, {passage id: concerns that were settled} and what is known of all it was drawn from."""
    drawn = draw(desk.workspace, Filters(), Choice("rest"))
    with desk.store().reading() as connection:
        (population,) = [row["population"] for row in all_samples(connection) if row["id"] == drawn.sample]
        return {one.passage_id: one.predicted for one in drawn_passages(connection, drawn.sample)}, population


def unreviewed(desk):
    with desk.store().reading() as connection:
        return set(selected_ids(connection, make_filters(desk.workspace, is_unreviewed=True)))


WORDS = ("Forty families", "Facial recognition", "A second list", "The programme")


def accept_all(_row):
    return {"decision": "accept", "reviewer": "Ana"}


def read_whole(desk):
    desk.decide(desk.export("whole.csv", "random"), lambda row: reject_rest(row) or accept_all(row))


def test_the_rest_is_what_is_not_settled_on_every_concern_and_knows_what_was(desk):
    desk.decide(desk.export(), lambda row: {"decision": "accept" if row["concern"] == "displacement" else "unsure"})
    evicted = desk.id_of("Forty families")
    rest, population = rest_of(desk)
    assert rest == {desk.id_of(one): [] for one in WORDS} | {evicted: ["displacement"]}
    assert (population["passages"], population["found"]) == (4, {"displacement": 1})
    assert population["unsettled"].pop("displacement") == 3
    assert set(population["unsettled"].values()) == {4} and len(population["unsettled"]) == 11


def test_what_was_read_whole_is_not_of_the_rest_under_whichever_id_its_words_stand(desk):
    read_whole(desk)
    desk.rewrite("river.md", "market stall", "market-stall")
    rest, population = rest_of(desk)
    assert (rest, population["passages"], set(population["unsettled"].values())) == ({}, 0, {0})
    assert population["found"] == {"displacement": 1, "surveillance": 1}


def test_what_was_taken_back_is_of_the_rest_again_and_unreviewed(desk):
    path = desk.export()
    desk.decide(path, accept_all)
    assert unreviewed(desk) == {desk.id_of("A second list"), desk.id_of("The programme")}
    desk.decide(path, lambda row: {"decision": "withdraw"})
    rest, population = rest_of(desk)
    assert rest == {desk.id_of(one): [] for one in WORDS} and population["found"] == {}
    assert unreviewed(desk) == set(rest)


def test_what_was_decided_under_another_definition_is_of_the_rest_again_and_unreviewed(desk):
    read_whole(desk)
    desk.decide(desk.export(), accept_all)
    desk.redefine("displacement")
    rest, population = rest_of(desk)
    assert set(rest) == {desk.id_of(one) for one in WORDS}
    assert all("displacement" not in settled and len(settled) == 11 for settled in rest.values())
    assert (population["unsettled"]["displacement"], population["found"]) == (4, {"surveillance": 1})
    # Of the others it was said that nothing else holds, which is to be said anew too.
    assert unreviewed(desk) == {desk.id_of(one) for one in WORDS if not one.startswith("Facial")}


@pytest.mark.parametrize("decision", ["accept", "unsure"])
def test_a_passage_that_has_moved_since_it_was_reviewed_is_not_unreviewed(desk, decision):
    desk.decide(desk.export(), lambda row: {"decision": decision})
    desk.rewrite("river.md", "market stall", "market-stall")
    assert unreviewed(desk) == {desk.id_of("A second list"), desk.id_of("The programme")}
    drawn = draw(desk.workspace, make_filters(desk.workspace, is_unreviewed=True), Choice("random"))
    assert set(drawn.ids) == unreviewed(desk)


CONDITIONS = {
    "concern": ("displacement",),
    "stance": ("raised",),
    "city": ("Hanoi",),
    "country": ("VN",),
    "source": ("papers",),
    "genre": ("official_report",),
    "language": ("en",),
    "since": "2021",
    "until": "2021",
    "min_score": 0.8,
    "max_score": 0.6,
    "is_unreviewed": True,
    "is_disputed": True,
}


def test_every_filter_is_tried_with_the_samples():
    assert CONDITIONS.keys() == Filters.__dataclass_fields__.keys() - {"reviewed"}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_of_what_its_filter_selects_or_refused_where_it_could_not_tell_what_is_missed(
    desk, monkeypatch, sample, name
):
    ids = [desk.id_of(one) for one in WORDS]
    made = {one: 0.5 if "float" in str(field.type) else "x" for one, field in Suspect.__dataclass_fields__.items()}
    suspects = [Suspect(**(made | {"passage_id": id_, "is_reviewed": True})) for id_ in ids]
    monkeypatch.setattr("ascn_nlp.reviewing.samples.latest_suspects", lambda _: suspects)
    with desk.store().writing() as connection:
        connection.exec_driver_sql("UPDATE tags SET score = iif(concern = 'displacement', 0.9, 0.5)")
        connection.exec_driver_sql("UPDATE taggings SET is_lead = 1")
        tagged = "UPDATE taggings SET is_disputed = 1 WHERE passage_seq IN (SELECT passage_seq FROM tags)"
        connection.exec_driver_sql(tagged)
    filters = Filters(**{name: CONDITIONS[name]})
    (option,) = given({name: CONDITIONS[name]})
    choice = Choice(sample, is_blind=sample == "all")
    if (sample in ("random", "rest") and option in BY_TAG) or (sample, option) == ("rest", "unreviewed"):
        with pytest.raises(OptionError) as caught:
            draw(desk.workspace, filters, choice)
        assert caught.value.where == f"--{option}"
        assert desk.rows("SELECT id FROM samples") == []
        return
    with desk.store().reading() as connection:
        selected = set(selected_ids(connection, filters))
    assert selected
    assert set(draw(desk.workspace, filters, choice).ids) == selected


def test_what_counts_as_reviewed_is_asked_about_and_not_kept_with_the_sample(desk):
    desk.decide(desk.export(), accept_all)
    draw(desk.workspace, make_filters(desk.workspace, is_unreviewed=True), Choice("random"))
    with desk.store().reading() as connection:
        (row,) = all_samples(connection)
    assert "reviewed" not in row["filters"] and given(row["filters"]) == {"unreviewed": True}


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
    rows = rows_of(desk.export(sample="active", concern=("exclusion",), max_score=0.5))
    assert sorted(row["concern"] for row in rows) == ["", "exclusion", "surveillance"]


def test_active_learning_comes_back_to_what_was_taken_back(desk):
    read_whole(desk)
    assert draw(desk.workspace, Filters(), Choice("active")).ids == ()
    path = desk.export("again.csv")
    desk.decide(path, lambda row: {"decision": "withdraw"} if row["concern"] == "surveillance" else None)
    assert draw(desk.workspace, Filters(), Choice("active")).ids == (desk.id_of("Facial recognition"),)
