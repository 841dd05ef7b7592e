from types import SimpleNamespace

import numpy as np
import pytest

from ascn_nlp.training.suspects import Suspect, find_suspects


def found_in(scores, labels, known=None, reviewed=(), names=("alpha",)):
    """The suspects among passages p0, p1, ..., with scores and labels of shape (n_passages,) or (n, n_concerns)."""
    scores, labels = (np.array(some).reshape(len(scores), len(names)) for some in (scores, labels))
    data = SimpleNamespace(
        names=names,
        labels=labels.astype(bool),
        is_known=np.ones(labels.shape, bool) if known is None else np.array(known, bool).reshape(labels.shape),
        is_reviewed=np.array([n in reviewed for n in range(len(labels))]),
        passages=[SimpleNamespace(id=f"p{n}") for n in range(len(labels))],
    )
    return find_suspects(data, SimpleNamespace(scores=scores.astype(np.float32)))


def ids(suspects):
    return [one.passage_id for one in suspects]


def test_a_wrong_label_among_many_is_found_whichever_way_it_is_wrong():
    scores = [0.9] * 10 + [0.1] * 10 + [0.95, 0.02]
    labels = [1] * 10 + [0] * 10 + [0, 1]
    assert found_in(scores, labels) == (
        Suspect("p21", "alpha", True, 0.02, False),
        Suspect("p20", "alpha", False, 0.95, False),
    )


def test_where_the_model_agrees_with_all_labels_there_is_no_suspect():
    assert found_in([0.9, 0.8, 0.7, 0.3, 0.2, 0.1], [1, 1, 1, 0, 0, 0]) == ()


def test_a_label_that_the_model_doubts_without_confidence_is_no_suspect():
    """0.6 is more likely than not, and less than what this concern scores where it is: 0.9 on average."""
    assert found_in([0.9, 0.9, 0.9, 0.6, 0.1, 0.1], [1, 1, 1, 0, 0, 0]) == ()


def test_what_is_confident_is_told_by_each_concerns_own_scores():
    """A concern that is hard to find scores 0.4 where it is: there, 0.55 is a lot."""
    scores = [[0.9, 0.4], [0.9, 0.4], [0.9, 0.4], [0.55, 0.55], [0.1, 0.05], [0.1, 0.05]]
    labels = [[1, 1], [1, 1], [1, 1], [0, 0], [0, 0], [0, 0]]
    found = found_in(scores, labels, names=("easy", "hard"))
    assert [(one.passage_id, one.concern) for one in found] == [("p3", "hard")]


def test_where_both_answers_would_be_confident_the_likelier_is_meant():
    """Averages by hand: 0.30 where it is labelled, 1 - 0.3 = 0.7 where it is not. 0.30 meets both, and is more "not".

    Northcutt et al. (2021), equation 1: of the classes that reach their average, the one that scores highest.
    """
    scores, labels = [0.3, 0.3, 0.3, 0.3], [1, 1, 0, 0]
    assert ids(found_in(scores, labels)) == ["p0", "p1"]


def test_suspects_come_with_the_likeliest_first_and_ties_by_passage():
    scores = [0.9] * 20 + [0.1] * 20 + [0.93, 0.99, 0.93, 0.04]
    labels = [1] * 20 + [0] * 20 + [0, 0, 0, 1]
    assert ids(found_in(scores, labels)) == ["p41", "p43", "p40", "p42"]


def test_what_is_unknown_is_neither_suspect_nor_a_measure_for_others():
    scores, labels = [0.9] * 5 + [0.1] * 5 + [0.99], [1] * 5 + [0] * 5 + [0]
    assert ids(found_in(scores, labels)) == ["p10"]
    assert found_in(scores, labels, known=[1] * 10 + [0]) == ()
    # Unknown cells that score 0.2 would lower what "there" scores, and make 0.6 a suspect.
    scores, labels = [0.9] * 5 + [0.1] * 5 + [0.6] + [0.2] * 50, [1] * 5 + [0] * 6 + [1] * 50
    assert found_in(scores, labels, known=[1] * 11 + [0] * 50) == ()


def test_a_concern_that_all_or_none_have_gives_no_suspects():
    assert found_in([0.9, 0.1], [1, 1]) == ()
    assert found_in([0.9, 0.1], [0, 0]) == ()
    assert found_in([0.9, 0.1], [1, 0], known=[0, 1]) == ()


def test_suspects_tell_whether_a_person_gave_the_label():
    scores, labels = [0.9] * 10 + [0.1] * 10 + [0.95, 0.96], [1] * 10 + [0] * 10 + [0, 0]
    assert {one.passage_id: one.is_reviewed for one in found_in(scores, labels, reviewed={20})} == {
        "p20": True,
        "p21": False,
    }


@pytest.mark.parametrize("names", [(), ("alpha",)])
def test_no_passages_give_no_suspects(names):
    data = SimpleNamespace(
        names=names, passages=[], is_reviewed=np.zeros(0, bool),
        labels=np.zeros((0, len(names)), bool), is_known=np.zeros((0, len(names)), bool),
    )  # fmt: skip
    assert find_suspects(data, SimpleNamespace(scores=np.zeros((0, len(names))))) == ()
