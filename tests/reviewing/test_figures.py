from __future__ import annotations

import csv
import json

import pytest

from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.review.stopping import still_missed
from ascn_nlp.reviewing.figures import agreement_of, history_of, is_by_tag, model_name, status_of
from ascn_nlp.reviewing.files import export_disagreements
from ascn_nlp.store.samples import Drawn, save_sample


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def said(decision, concern="", stance="", reviewer="Ana", note=""):
    return {"decision": decision, "concern_reviewed": concern, "stance_reviewed": stance, "reviewer": reviewer,
            "note": note}  # fmt: skip


def whole(row, reviewer="Ana"):
    return said("accept" if row["concern"] else "reject", reviewer=reviewer)


@pytest.fixture
def two(desk):
    """Ana and Bo have read all four passages; Bo holds that nobody watches, and that benches are public services."""
    path = desk.export("r.csv", "random")
    desk.decide(path, whole)

    def bo(row):
        if row["concern"] == "surveillance":
            return said("reject", reviewer="Bo")
        if not row["concern"] and row["passage_id"] == desk.id_of("A second list"):
            return said("accept", "public_services", "described", reviewer="Bo")
        return whole(row, "Bo")

    desk.decide(path, bo)
    return desk


def test_agreement_of_two_who_differ_on_two_of_48_things(two):
    found = agreement_of(two.workspace)
    assert (found.every.units, found.every.coders) == (48, ("Ana", "Bo"))
    assert found.every.percent == pytest.approx(46 / 48)
    assert found.concerns["surveillance"].percent == pytest.approx(3 / 4)
    assert found.concerns["displacement"].alpha == 1
    # The coincidences by hand: present-present 2, present-absent 2 (each way), absent-absent 90.
    assert found.every.alpha == pytest.approx(1 - 95 * 4 / (2 * 4 * 92))
    assert (found.stance.units, found.stance.percent) == (1, 1)
    assert set(found.passages) == {two.id_of("Facial recognition"), two.id_of("A second list")}
    assert found.remarks[two.id_of("A second list")] == "public_services: Ana: absent, Bo: present"


def test_the_model_is_a_coder_under_its_own_name(two):
    (tagger,) = two.rows("SELECT DISTINCT tagger_id FROM taggings")[0]
    found = agreement_of(two.workspace, with_model=True)
    assert found.every.coders == ("Ana", "Bo", model_name(tagger))
    with_ana = next(one for one in found.every.pairs if one.coder == "Ana" and one.other == model_name(tagger))
    assert (with_ana.units, with_ana.percent, with_ana.kappa) == (48, 1, 1)
    alone = agreement_of(two.workspace, ["Bo", model_name(tagger)], with_model=True)
    assert alone.every.coders == ("Bo", model_name(tagger))
    assert alone.every.percent == pytest.approx(46 / 48)


@pytest.mark.parametrize(("tagger", "name"), [("rules-0123456789-ab", "rules-01234567"), ("rules", "rules"), ("", "")])
def test_the_name_of_a_model_tells_its_kind_and_digest(tagger, name):
    assert model_name(tagger) == name


def test_an_unknown_coder_is_told_with_those_there_are(two):
    with pytest.raises(OptionError, match=r"'Cy'.*one of: Ana, Bo"):
        agreement_of(two.workspace, ["Ana", "Cy"])


def test_only_blind_decisions_count_where_they_are_asked_for(two):
    assert agreement_of(two.workspace, is_blind_only=True).every.units == 0
    path = two.export("blind.csv", "random", size=2, blind=True)
    for reviewer in ("Ana", "Bo"):
        two.decide(path, lambda row, reviewer=reviewer: said("reject", reviewer=reviewer))
    assert agreement_of(two.workspace, is_blind_only=True).every.units == 24


def test_of_one_coder_or_none_there_is_no_agreement_to_tell(desk):
    for coders in ((), ("Ana",)):
        found = agreement_of(desk.workspace)
        assert (found.every.units, found.every.alpha, found.every.coders, found.passages) == (0, None, coders, ())
        desk.decide(desk.export(), whole)


def test_disagreements_go_out_with_remarks_and_a_third_person_settles_them(two):
    found = agreement_of(two.workspace)
    path = two.folder / "open.csv"
    export_disagreements(two.workspace, path, found.passages, found.remarks)
    rows = rows_of(path)
    assert {row["passage_id"] for row in rows} == set(found.passages)
    for passage, remark in found.remarks.items():
        assert any(remark in row["why"] for row in rows if row["passage_id"] == passage)
    assert (two.take(path).added, two.take(path).refused) == (0, ())
    assert status_of(two.workspace).concerns["surveillance"].split == 1
    two.decide(path, lambda row: said("accept", reviewer="Cy") if row["concern"] == "surveillance" else None)
    after = status_of(two.workspace).concerns["surveillance"]
    assert (after.accepted, after.rejected, after.split) == (1, 3, 0)


def test_status_counts_what_stands(two):
    found = status_of(two.workspace)
    assert found.coders == {"Ana": 4, "Bo": 4}
    assert found.decisions == 12
    seen = {name: (one.accepted, one.rejected, one.split) for name, one in found.concerns.items()}
    assert seen.pop("surveillance") == (0, 3, 1)
    assert seen.pop("displacement") == (1, 3, 0)
    assert seen.pop("public_services") == (0, 3, 1)
    assert set(seen.values()) == {(0, 4, 0)}


def test_who_was_only_unsure_has_reviewed_too(desk):
    desk.decide(desk.export(), lambda row: said("unsure", reviewer="Cy"))
    found = status_of(desk.workspace)
    assert (found.unsure, found.coders) == (2, {"Cy": 2})
    desk.rewrite("river.md", "market stall", "market-stall")
    found = status_of(desk.workspace)
    assert (found.unsure, found.moved, found.orphaned) == (2, 1, ())


def test_what_was_taken_back_is_not_counted(desk):
    path = desk.export()
    desk.decide(path, whole)
    desk.decide(path, lambda row: said("withdraw"))
    found = status_of(desk.workspace)
    assert (found.decisions, found.coders, found.unsure) == (4, {}, 0)
    desk.rewrite("river.md", "market stall", "fish market")
    assert status_of(desk.workspace).orphaned == ()


def test_orphans_and_what_has_moved_are_told_apart(desk):
    desk.decide(desk.export(), whole)
    evicted = desk.id_of("Forty families")
    desk.rewrite("river.md", "market stall", "market-stall")
    desk.rewrite("river.md", "Forty families", "Fifty families")
    found = status_of(desk.workspace)
    assert (found.moved, found.orphaned) == (1, (evicted,))


def test_stale_decisions_are_listed_and_not_counted(desk):
    desk.decide(desk.export(), whole)
    desk.redefine("displacement")
    found = status_of(desk.workspace)
    assert found.stale == (("Ana", desk.id_of("Forty families"), "displacement"),)
    one = found.concerns["displacement"]
    assert (one.accepted, one.rejected, one.stale) == (0, 0, 1)


def test_an_audit_that_was_reviewed_whole_tells_what_is_so(desk):
    """Two tags, one of them wrong, and one missed: nothing is left to guess, so the intervals are points."""

    def decide(row):
        if row["concern"] == "surveillance":
            return said("reject")
        if not row["concern"] and row["passage_id"] == desk.id_of("The programme"):
            return said("accept", "exclusion", "raised")
        return whole(row)

    path = desk.export("r.csv", "random")
    desk.fill(path, decide)
    (before,) = status_of(desk.workspace).audits
    assert (before.passages, before.estimates) == (4, None)
    desk.take(path)
    (audit,) = status_of(desk.workspace).audits
    rates = dict(zip(audit.concerns, audit.estimates.concerns, strict=True))
    assert audit.estimates.reviewed == 4
    assert audit.estimates.micro.precision == pytest.approx((0.5, 0.5, 0.5))
    assert audit.estimates.micro.recall == pytest.approx((0.5, 0.5, 0.5))
    assert audit.estimates.micro[-3:] == (1, 1, 1)
    assert rates["displacement"].precision == pytest.approx((1, 1, 1))
    assert rates["surveillance"].precision == pytest.approx((0, 0, 0))
    assert rates["exclusion"].recall == pytest.approx((0, 0, 0))
    desk.rewrite("river.md", "market stall", "market-stall")
    assert status_of(desk.workspace).audits[0].estimates.reviewed == 4, "what has moved is still of the sample"


def test_an_audit_that_was_reviewed_in_part_counts_what_each_passage_stands_for(desk):
    """Of 4 passages tagged "surveillance" 2 are read, 1 is right; of 5 with nothing 2 are read, in 1 it is missed.

    So 2 of 4 tags are right and 2.5 are missed: precision 1/2, recall 2 / 4.5.
    """
    text = {name: (desk.place.documents / name).read_text(encoding="utf-8") for name in ("river.md", "bench.md")}
    watched = text["river.md"].split("\n\n")[2]
    for n in range(3):
        desk.place.put(f"w{n}.md", f"---\ndate: 2021-03-14\n---\n\nIn quarter {n}: {watched}\n")
        desk.place.put(f"b{n}.md", text["bench.md"].replace("A second", f"List number {n}, a"))
    desk.place.refresh()
    with desk.store().writing() as connection:
        connection.exec_driver_sql("UPDATE taggings SET scores = '{\"surveillance\": 0.0}', leads = '[]', is_lead = 0")
    path = desk.export("r.csv", "random")
    rows = rows_of(path)
    tagged = list(dict.fromkeys(row["passage_id"] for row in rows if row["concern"] == "surveillance"))
    plain = [row["passage_id"] for row in rows if row["passage_id"] not in
             {one["passage_id"] for one in rows if one["concern"]}]  # fmt: skip
    assert (len(tagged), len(plain)) == (4, 5)
    read_whole = {*tagged[:2], *plain[:2], desk.id_of("Forty families")}

    def decide(row):
        if row["passage_id"] not in read_whole:
            return None
        if row["concern"] == "surveillance" and row["passage_id"] == tagged[0]:
            return said("reject")
        if row["passage_id"] == plain[0]:
            return said("accept", "surveillance", "raised")
        return whole(row)

    desk.decide(path, decide)
    (audit,) = status_of(desk.workspace).audits
    found = dict(zip(audit.concerns, audit.estimates.concerns, strict=True))["surveillance"]
    assert (audit.passages, audit.estimates.reviewed) == (10, 5)
    assert found[-3:] == (1, 1, 1)
    assert found.precision.value == pytest.approx(2 / 4)
    assert found.recall.value == pytest.approx(2 / 4.5)
    assert found.positives.value == pytest.approx(4.5)
    assert found.precision.low < 0.5 < found.precision.high
    assert found.precision.low >= 1 / 4 and found.precision.high <= 3 / 4, "two are known: one right, one wrong"


def test_a_sample_of_the_rest_tells_whether_to_stop(desk):
    desk.decide(desk.export(), whole)
    path = desk.export("rest.csv", "rest")
    (before,) = status_of(desk.workspace).stopping
    assert (before.sampled, before.drawn) == (0, 4)
    assert not any(one.is_reached for one in before.missed.values())
    plain = desk.id_of("A second list")
    desk.decide(
        path, lambda row: said("accept", "surveillance", "raised") if row["passage_id"] == plain else whole(row)
    )
    (stopping,) = status_of(desk.workspace).stopping
    assert (stopping.sampled, stopping.drawn) == (4, 4)
    missed = stopping.missed["surveillance"]
    assert (missed.left, missed.left_at_most, missed.recall, missed.is_reached) == (0, 0, 1, True)


def test_what_was_missed_in_a_passage_whose_tags_alone_were_answered_counts_for_the_concerns_that_were_open(desk):
    """One tag each of displacement and surveillance is accepted; where people are watched some are evicted too."""
    desk.decide(desk.export(), lambda row: said("accept"))
    path, watched = desk.export("rest.csv", "rest"), desk.id_of("Facial recognition")
    second = said("accept", "displacement", "raised")
    desk.decide(path, lambda row: second if row["passage_id"] == watched and not row["concern"] else None)
    (stopping,) = status_of(desk.workspace).stopping
    assert (stopping.sampled, stopping.drawn) == (1, 4)
    # Open were, of 4 passages, 3 for either of the two and 4 for any other.
    assert stopping.missed["displacement"] == still_missed(1, 3, 1, 1)
    assert stopping.missed["surveillance"] == still_missed(1, 3, 0, 0), "it was settled there before"
    assert stopping.missed["exclusion"] == still_missed(0, 4, 1, 0)
    assert not any(one.is_reached for one in stopping.missed.values())


def test_a_sample_of_the_rest_that_an_older_version_drew_is_told_still(desk):
    desk.decide(desk.export(), whole)
    drawn = [Drawn(desk.id_of(words), 0, []) for words in ("A second list", "The programme")]
    with desk.store().writing() as connection:
        population = {"unreviewed": 2, "found": {"displacement": 1, "surveillance": 1}}
        save_sample(connection, "rest", drawn, Filters(), population=population)
    desk.decide(desk.export("r.csv", "random"), whole)
    (stopping,) = status_of(desk.workspace).stopping
    assert (stopping.sampled, stopping.drawn) == (2, 2)
    assert set(stopping.missed.values()) == {still_missed(1, 2, 2, 0), still_missed(0, 2, 2, 0)}
    assert stopping.missed["displacement"] == still_missed(1, 2, 2, 0)


def test_of_a_concern_that_was_redefined_since_a_sample_of_the_rest_tells_nothing(desk):
    desk.decide(desk.export("rest.csv", "rest"), whole)
    desk.redefine("displacement")
    (stopping,) = status_of(desk.workspace).stopping
    assert stopping.redefined == ("displacement",)
    assert len(stopping.missed) == 11 and "displacement" not in stopping.missed


def test_of_a_concern_that_was_redefined_a_whole_sample_of_the_rest_goes_on_to_tell_of_the_others(desk):
    desk.decide(desk.export("rest.csv", "rest"), whole)
    (before,) = status_of(desk.workspace).stopping
    desk.redefine("displacement")
    (after,) = status_of(desk.workspace).stopping
    assert (before.sampled, after.sampled) == (4, 4)
    assert after.missed == {name: one for name, one in before.missed.items() if name != "displacement"}


def test_a_sample_of_the_rest_without_its_codebook_tells_of_the_concerns_that_nobody_has_to_decide_on_anew(desk):
    desk.decide(desk.export("rest.csv", "rest"), whole)
    forget_codebooks(desk)
    desk.redefine("displacement")
    (stopping,) = status_of(desk.workspace).stopping
    assert (stopping.sampled, stopping.redefined, len(stopping.missed)) == (4, ("displacement",), 11)


def forget_codebooks(desk):
    """Let the samples be as older versions kept them."""
    with desk.store().writing() as connection:
        connection.exec_driver_sql("UPDATE samples SET population = json_remove(population, '$.codebook')")


def rates_of(audit):
    return dict(zip(audit.concerns, audit.estimates.concerns, strict=True))


@pytest.fixture
def audited(desk):
    """A random sample that Ana and Bo have read whole, alike."""
    path = desk.export("r.csv", "random")
    for reviewer in ("Ana", "Bo"):
        desk.decide(path, lambda row, reviewer=reviewer: whole(row, reviewer))
    return desk


def decide_anew(desk, *words, decide=whole):
    """Ana decides on the passages that begin with these words, or on all, under today's definitions."""
    ids = {desk.id_of(one) for one in words}
    path = desk.export("anew.csv", "random")
    desk.decide(path, lambda row: decide(row) if not ids or row["passage_id"] in ids else None)


@pytest.mark.parametrize("is_old", [False, True])
def test_an_audit_goes_on_to_tell_of_all_concerns_but_the_redefined_one_which_is_back_when_decided_anew(
    audited, is_old
):
    if is_old:
        forget_codebooks(audited)
    (before,) = status_of(audited.workspace).audits
    assert (before.redefined, len(before.concerns)) == ({}, 12)
    audited.redefine("surveillance")
    (after,) = status_of(audited.workspace).audits
    others = {name: rates for name, rates in rates_of(before).items() if name != "surveillance"}
    assert (rates_of(after), after.estimates.reviewed, after.redefined) == (others, 4, {"surveillance": 4})
    assert after.estimates.micro[-3:] == (1, 0, 0), "of two tags one is left to tell of"
    decide_anew(audited, "Facial recognition", "The programme", "A second list")
    after = status_of(audited.workspace).audits[0]
    assert (rates_of(after), after.estimates.reviewed, after.redefined) == (others, 4, {"surveillance": 1})
    decide_anew(audited)
    after = status_of(audited.workspace).audits[0]
    assert (after.sample, after.redefined, after.estimates) == (before.sample, {}, before.estimates)


def test_a_random_sample_drawn_since_tells_of_a_redefined_concern_from_the_passages_read_so_far(audited):
    audited.redefine("surveillance")
    decide_anew(audited, "Facial recognition", "The programme")
    older, newer = status_of(audited.workspace).audits
    assert (older.redefined, older.estimates.reviewed) == ({"surveillance": 2}, 4)
    assert (newer.redefined, newer.estimates.reviewed) == ({}, 2)
    assert rates_of(newer)["surveillance"].found == 1


def test_who_decides_anew_and_is_unsure_has_decided(audited):
    audited.redefine("surveillance")
    decide_anew(audited, decide=lambda row: said("unsure") if row["concern"] == "surveillance" else whole(row))
    audit = status_of(audited.workspace).audits[0]
    assert (audit.redefined, audit.estimates.reviewed, len(audit.concerns)) == ({}, 3, 12)


def test_where_every_concern_was_redefined_an_audit_tells_nothing(audited):
    for concern in status_of(audited.workspace).concerns:
        audited.redefine(concern)
    (audit,) = status_of(audited.workspace).audits
    assert (audit.concerns, audit.estimates, set(audit.redefined.values())) == ((), None, {4})
    assert len(audit.redefined) == 12


def test_labels_of_passages_read_whole_are_counted_as_stale_by_coder_and_concern(audited):
    audited.redefine("surveillance")
    found, watched = status_of(audited.workspace), audited.id_of("Facial recognition")
    assert found.stale == (("Ana", watched, "surveillance"), ("Bo", watched, "surveillance"))
    assert found.implied == {"Ana": {"surveillance": 3}, "Bo": {"surveillance": 3}}
    assert found.concerns["surveillance"].stale == 8
    assert found.concerns["displacement"].stale == 0
    decide_anew(audited)
    found = status_of(audited.workspace)
    assert found.stale == (("Bo", watched, "surveillance"),)
    assert found.implied == {"Bo": {"surveillance": 3}}


@pytest.mark.parametrize("kind", ["random", "rest"])
def test_figures_say_which_filters_their_sample_was_drawn_under(desk, kind):
    desk.export("s.csv", kind, city=("Hanoi",), since="2018")
    found = status_of(desk.workspace)
    (one,) = found.audits if kind == "random" else found.stopping
    assert one.filters == {"city": ["Hanoi"], "since": "2018"}
    assert not is_by_tag(one)


@pytest.mark.parametrize("kind", ["random", "rest"])
def test_a_sample_that_an_older_version_selected_by_tag_has_no_figures(desk, kind):
    drawn = [Drawn(desk.id_of("Facial recognition"), 2, ["surveillance"])]
    tagged = [{}, {}, {"surveillance": 1}]
    population = {"passages": [0, 0, 1], "tagged": tagged, "tagger": "rules-1", "unreviewed": 1, "found": {}}
    with desk.store().writing() as connection:
        save_sample(connection, kind, drawn, Filters(concern=("surveillance",)), population=population)
    desk.decide(desk.export("b.csv", blind=True), lambda row: said("reject"))
    found = status_of(desk.workspace)
    (one,) = found.audits if kind == "random" else found.stopping
    assert is_by_tag(one)
    assert one.estimates is None if kind == "random" else (one.sampled, one.missed) == (1, {})


def test_history_tells_all_that_was_ever_decided_under_whichever_id_the_words_stood(desk):
    path = desk.export()
    for decision in ("accept", "reject"):
        desk.decide(path, lambda row, decision=decision: said(decision) if row["concern"] == "surveillance" else None)
    was = desk.id_of("Facial recognition")
    desk.rewrite("river.md", "market stall", "market-stall")
    now = desk.id_of("Facial recognition")
    desk.decide(desk.export("bo.csv"), lambda row: said("accept", reviewer="Bo"))
    assert [(row["reviewer"], row["decision"]) for row in history_of(desk.workspace, now)] == [
        ("Ana", "accept"), ("Ana", "reject"), ("Bo", "accept"),
    ]  # fmt: skip
    assert [row["decision"] for row in history_of(desk.workspace, was)] == ["accept", "reject"]
    assert history_of(desk.workspace, desk.id_of("A second list")) == []
    with pytest.raises(OptionError, match="there is no passage 'p0'"):
        history_of(desk.workspace, "p0")
    assert json.dumps([row["passage_id"] for row in history_of(desk.workspace, now)]).count(was) == 2
