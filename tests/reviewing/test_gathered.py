from __future__ import annotations

from ascn_nlp.reviewing.gathered import definitions_of, gather

LOST_BOATS = """
[concerns.lost_boats]
name = "Lost boats"
theme = "services"
include = "ferries, barges and ships that sink or are mislaid"
exclude = "boats that arrive"
usual_stance = "raised"
terms = ["lost boat"]
weak_terms = []
examples = [
  { text = "The lost boat was never found.", stance = "raised" },
  { text = "A levy will pay for every lost boat.", stance = "addressed" },
  { text = "The register holds nine lost boats.", stance = "described" },
]
counterexamples = ["The boat arrived.", "The ferry left."]
"""


def gathered(desk, **options):
    with desk.store().reading() as connection:
        return gather(connection, desk.workspace, **options)


def said(decision, concern="", stance="", reviewer="Ana"):
    return {"decision": decision, "concern_reviewed": concern, "stance_reviewed": stance, "reviewer": reviewer}


def whole(row):
    return said("accept" if row["concern"] else "reject")


def test_a_passage_read_whole_tells_of_every_concern_and_one_row_of_its_own(desk):
    desk.decide(desk.export(), lambda row: said("accept") if row["concern"] == "displacement" else None)
    evicted = desk.id_of("Forty families")
    assert gathered(desk).by_coder == {"Ana": {evicted: {"displacement": "raised"}}}
    desk.decide(desk.export("r.csv", "random"), whole)
    judgement = gathered(desk).by_coder["Ana"][evicted]
    assert set(judgement) == set(definitions_of(desk.workspace))
    assert {name: value for name, value in judgement.items() if value != "absent"} == {"displacement": "raised"}


def test_only_decisions_without_sight_of_predictions_count_where_they_are_asked_for(desk):
    desk.decide(desk.export(), lambda row: said("accept"))
    assert gathered(desk, is_blind_only=True).by_coder == {}
    watched = desk.id_of("Facial recognition")
    blind = desk.export("blind.csv", blind=True)
    desk.decide(blind, lambda row: said("reject", reviewer="Bo") if row["passage_id"] == watched else None)
    found = gathered(desk, is_blind_only=True).by_coder
    assert list(found) == ["Bo"]
    assert found["Bo"][watched] == dict.fromkeys(definitions_of(desk.workspace), "absent")


def test_what_two_are_split_on_is_not_settled(desk):
    desk.decide(desk.export(), lambda row: said("accept"))
    desk.decide(desk.export("bo.csv"), lambda row: said("reject", reviewer="Bo")
                if row["concern"] == "surveillance" else said("accept", "", "addressed", "Bo"))  # fmt: skip
    found = gathered(desk)
    assert found.split == {desk.id_of("Facial recognition"): ("surveillance",)}
    assert found.settled[desk.id_of("Forty families")] == {"displacement": "holds"}


def test_a_decision_under_another_definition_is_stale_until_it_is_given_anew(desk):
    path = desk.export("r.csv", "random")
    desk.decide(path, whole)
    evicted, watched = desk.id_of("Forty families"), desk.id_of("Facial recognition")
    assert gathered(desk).stale == ()
    desk.redefine("displacement")
    found = gathered(desk)
    assert found.stale == (("Ana", evicted, "displacement"),)
    assert "displacement" not in found.by_coder["Ana"][evicted]
    assert {label[1:] for label in found.implied} >= {(watched, "displacement")} and len(found.implied) == 3
    assert found.pending == dict.fromkeys(found.by_coder["Ana"], frozenset({"displacement"}))
    assert "displacement" not in found.by_coder["Ana"][watched], "nobody read it for what the word means now"
    assert found.by_coder["Ana"][watched]["surveillance"] == "raised"
    desk.decide(desk.export("again.csv", "random"), whole)
    found = gathered(desk)
    assert (found.stale, found.implied, found.pending) == ((), (), {})
    assert found.by_coder["Ana"][evicted]["displacement"] == "raised"
    assert found.by_coder["Ana"][watched]["displacement"] == "absent"


def test_what_another_row_of_ones_own_says_anew_is_not_stale(desk):
    desk.decide(desk.export(), lambda row: said("accept") if row["concern"] == "displacement" else None)
    evicted = desk.id_of("Forty families")
    desk.redefine("displacement")
    assert gathered(desk).pending == {evicted: frozenset({"displacement"})}
    blind = desk.export("blind.csv", blind=True)
    desk.decide(blind, lambda row: said("accept", "displacement", "raised") if row["passage_id"] == evicted else None)
    found = gathered(desk)
    assert (found.stale, found.pending) == ((), {})
    assert found.by_coder["Ana"][evicted]["displacement"] == "raised"


def test_who_read_a_passage_before_a_concern_existed_said_nothing_of_it(desk):
    desk.redefine("displacement")
    desk.decide(desk.export("r.csv", "random"), whole)
    with (desk.folder / "taxonomy.toml").open("a", encoding="utf-8") as file:
        file.write(LOST_BOATS)
    found = gathered(desk)
    assert "lost_boats" in found.concerns
    assert [judgement for judgement in found.by_coder["Ana"].values() if "lost_boats" in judgement] == []
    assert found.pending == dict.fromkeys(found.by_coder["Ana"], frozenset({"lost_boats"}))
    desk.decide(desk.export("again.csv", "random"), whole)
    assert {judgement["lost_boats"] for judgement in gathered(desk).by_coder["Ana"].values()} == {"absent"}


def test_decisions_count_for_the_passage_that_has_the_words_now(desk):
    desk.decide(desk.export(), lambda row: said("accept"))
    was = desk.id_of("Facial recognition")
    desk.rewrite("river.md", "market stall", "market-stall")
    now = desk.id_of("Facial recognition")
    assert gathered(desk).settled[now] == {"surveillance": "raised"}
    assert was not in gathered(desk).settled
    desk.rewrite("river.md", "market-stall", "fish market")
    assert gathered(desk).settled[was] == {"surveillance": "raised"}, "an orphan keeps what was said of its words"
