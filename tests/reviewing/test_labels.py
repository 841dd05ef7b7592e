from __future__ import annotations

import pytest

from ascn_nlp.reviewing.gathered import definitions_of
from ascn_nlp.reviewing.labels import is_held_out, reviewed_labels


def said(decision, concern="", stance="", reviewer="Ana"):
    return {"decision": decision, "concern_reviewed": concern, "stance_reviewed": stance, "reviewer": reviewer}


def labels(desk):
    return {label.passage.id: label for label in reviewed_labels(desk.workspace)}


def test_without_decisions_there_are_no_labels(desk):
    assert reviewed_labels(desk.workspace) == ()
    desk.decide(desk.export(), lambda row: said("unsure"))
    assert [label.tags for label in reviewed_labels(desk.workspace)] in ([], [(), ()])
    concerns = set(definitions_of(desk.workspace))
    assert all(label.unknown == concerns for label in reviewed_labels(desk.workspace))


def test_what_nobody_spoke_of_is_unknown(desk):
    desk.decide(desk.export(), lambda row: said("accept") if row["concern"] == "displacement" else said("reject"))
    concerns, found = set(definitions_of(desk.workspace)), labels(desk)
    evicted, watched = found[desk.id_of("Forty families")], found[desk.id_of("Facial recognition")]
    assert (evicted.tags, evicted.unknown) == ((("displacement", "raised"),), concerns - {"displacement"})
    assert (watched.tags, watched.unknown) == ((), concerns - {"surveillance"})
    assert evicted.is_reviewed and evicted.genre == "official_report"
    assert evicted.passage.text.startswith("Forty families")


def test_of_a_passage_read_whole_nothing_is_unknown(desk):
    desk.decide(desk.export("r.csv", "random"), lambda row: said("accept" if row["concern"] else "reject"))
    found = labels(desk)
    assert len(found) == 4
    assert {label.unknown for label in found.values()} == {frozenset()}


def test_a_tie_is_unknown_and_a_third_vote_settles_it(desk):
    path = desk.export(concern=("surveillance",))
    watched = desk.id_of("Facial recognition")
    desk.decide(path, lambda row: said("accept"))
    desk.decide(path, lambda row: said("reject", reviewer="Bo"))
    assert "surveillance" in labels(desk)[watched].unknown
    assert labels(desk)[watched].tags == ()
    desk.decide(path, lambda row: said("accept", reviewer="Cy"))
    assert labels(desk)[watched].tags == (("surveillance", "raised"),)
    assert "surveillance" not in labels(desk)[watched].unknown


def test_a_tag_without_a_stance_teaches_nothing(desk):
    path = desk.export(concern=("surveillance",))
    desk.decide(path, lambda row: said("accept", "exclusion"))
    label = labels(desk)[desk.id_of("Facial recognition")]
    assert label.tags == ()
    assert "exclusion" in label.unknown and "surveillance" not in label.unknown


def test_labels_go_with_the_words_and_leave_out_what_was_redefined(desk):
    desk.decide(desk.export(), lambda row: said("accept"))
    desk.rewrite("river.md", "market stall", "market-stall")
    now = labels(desk)[desk.id_of("Facial recognition")]
    assert "market-stall" in now.passage.text and now.tags == (("surveillance", "raised"),)
    desk.redefine("surveillance")
    assert [label.passage.text[:5] for label in labels(desk).values() if label.tags] == ["Forty"]


def test_a_withdrawn_decision_is_no_label(desk):
    path = desk.export()
    desk.decide(path, lambda row: said("accept"))
    desk.decide(path, lambda row: said("withdraw"))
    assert labels(desk) == {}


def test_whole_documents_are_held_out_always_the_same_ones(desk):
    desk.decide(desk.export("r.csv", "random"), lambda row: said("accept" if row["concern"] else "reject"))
    splits = {(label.group, label.split) for label in labels(desk).values()}
    documents = {document for document, _ in splits}
    assert len(splits) == len(documents) == 2
    assert splits == {(one, "heldout" if is_held_out(one) else "train") for one in documents}


@pytest.mark.parametrize(("document", "is_held"), [("d0", False), ("d1", False), ("d2", False), ("d3", True)])
def test_the_split_never_changes(document, is_held):
    assert is_held_out(document) == is_held


def test_about_a_fifth_of_documents_is_held_out():
    share = sum(is_held_out(f"d{n}") for n in range(2000)) / 2000
    assert 0.17 < share < 0.23
