"""What changed between two runs."""

from itertools import pairwise

import pytest

from ascn_nlp import pipeline
from ascn_nlp.errors import OptionError
from ascn_nlp.forgetting import find_document, forget_document
from ascn_nlp.history import _differences, compare_runs

EVICTED = "Residents of Hanoi were evicted without compensation when the smart city towers were built along the river."
WATCHED = (
    "Facial recognition cameras now watch every market stall in Hanoi, and nobody was asked whether they agreed to "
    "that or to their faces being kept by the police for years."
)


def runs_of(workplace):
    return [row[0] for row in workplace.rows("SELECT id FROM runs ORDER BY id")]


@pytest.fixture
def history(workplace):
    """Five runs: two documents; one changed; one gone; it is back; it is forgotten. -> (workplace, their ids)"""
    workplace.put("a.txt", EVICTED)
    workplace.put("b.txt", EVICTED + "\n\n" + WATCHED)
    workplace.refresh()
    workplace.put("a.txt", WATCHED)
    workplace.refresh()
    (workplace.documents / "b.txt").rename(workplace.root / "b.txt")
    workplace.refresh()
    (workplace.root / "b.txt").rename(workplace.documents / "b.txt")
    workplace.refresh()
    workspace = workplace.workspace
    forget_document(workspace, find_document(workspace, "a.txt"), "why", "")
    return workplace, runs_of(workplace)


def test_documents_are_gained_and_lost(history):
    workplace, runs = history
    place = workplace.workspace
    counts = [
        (len(found.documents_gained), len(found.documents_lost))
        for found in (compare_runs(place, *pair) for pair in pairwise(runs))
    ]
    assert counts == [(0, 0), (0, 1), (1, 0), (0, 1)]
    whole = compare_runs(place, runs[0], runs[-1])
    assert (len(whole.documents_gained), len(whole.documents_lost)) == (0, 1)


def test_tags_are_gained_and_lost_in_whatever_order_the_runs_are_named(history):
    workplace, runs = history
    forth = compare_runs(workplace.workspace, runs[0], runs[1])
    back = compare_runs(workplace.workspace, runs[1], runs[0])
    assert forth == back and (forth.before, forth.after) == (runs[0], runs[1])
    # Of a document that was forgotten nothing is told any more; see the next test for one that is there.
    assert forth.tags == ()


def test_tags_of_a_document_that_changed_are_told_with_their_place(workplace):
    workplace.put("a.txt", EVICTED)
    workplace.refresh()
    workplace.put("a.txt", WATCHED)
    workplace.refresh()
    workplace.put("a.txt", EVICTED)
    workplace.refresh()
    first, second, third = runs_of(workplace)
    found = compare_runs(workplace.workspace, first, second)
    kinds = {(change.concern, change.kind) for change in found.tags}
    assert ("displacement", "lost") in kinds and ("surveillance", "gained") in kinds
    assert {change.address for change in found.tags} == {"a.txt"}
    assert found.by_concern["surveillance"]["gained"] == 1
    assert compare_runs(workplace.workspace, first, third).tags == ()
    back = compare_runs(workplace.workspace, second, third)
    assert {(change.concern, change.before, change.after) for change in back.tags} == {
        (change.concern, change.after, change.before) for change in found.tags
    }


def test_a_run_compared_with_itself_changed_nothing(history):
    workplace, runs = history
    found = compare_runs(workplace.workspace, runs[1], runs[1])
    assert (found.documents_gained, found.documents_lost, found.tags, found.made_with) == ((), (), (), ())


def test_what_the_runs_were_made_with_is_compared_too(workplace):
    workplace.put("a.txt", EVICTED)
    workplace.refresh()
    settings = (workplace.root / "ascn.toml").read_text(encoding="utf-8")
    workplace.settings(settings + '\n[window]\nuntil = "2025"\n')
    workplace.refresh()
    first, second = runs_of(workplace)
    told = {key: (old, new) for key, old, new in compare_runs(workplace.workspace, first, second).made_with}
    assert told["settings.until"] == ("2024", "2025")
    assert "taxonomy.sha256" not in told


@pytest.mark.parametrize("name", ["r", "nothing", ""])
def test_a_run_that_is_none_or_several_is_refused(history, name):
    workplace, runs = history
    with pytest.raises(OptionError, match="is the id of no run"):
        compare_runs(workplace.workspace, runs[0], name)
    assert pipeline.store_of(workplace.workspace)


def test_of_lists_only_what_one_run_has_is_told():
    told = _differences({"problems": ["a: down", "b: down"]}, {"problems": ["b: down", "c: down"]})
    assert list(told) == [("problems", "a: down", "c: down")]
    assert list(_differences({"problems": ["a", "b"]}, {"problems": ["b", "a"]})) == []
