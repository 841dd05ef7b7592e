from __future__ import annotations

import dataclasses
import pickle
import types
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ascn_nlp import records
from ascn_nlp.records import DateClue, Passage, Tag, digest, document_id, passage_id

RECORDS = [v for v in vars(records).values() if dataclasses.is_dataclass(v)]
_FILLED = {str: "x", int: 0, float: 0.5, bool: True, bytes: b"x"}


def filled(kind: type):
    """A record with a plain value in each field."""
    hints = typing.get_type_hints(kind)
    values = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if hint in _FILLED:
            values[field.name] = _FILLED[hint]
        elif dataclasses.is_dataclass(hint):
            values[field.name] = filled(hint)
        elif typing.get_origin(hint) is typing.Literal:
            values[field.name] = typing.get_args(hint)[0]
        else:
            values[field.name] = None if typing.get_origin(hint) in (types.UnionType, typing.Union) else ()
    if kind is Passage:
        values["end"] = len(values["text"])
    return kind(**values)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_every_record_is_frozen_slotted_hashable_and_pickles_equal(kind):
    one = filled(kind)
    assert one == filled(kind)
    assert hash(one) == hash(filled(kind))
    assert pickle.loads(pickle.dumps(one)) == one
    assert not hasattr(one, "__dict__")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(one, dataclasses.fields(kind)[0].name, "other")


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_no_record_holds_a_list_or_a_dict(kind):
    assert not any(typing.get_origin(hint) in (list, dict) for hint in typing.get_type_hints(kind).values())


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_digests_agree_only_for_equal_parts(one, other):
    assert (digest(*one) == digest(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"), [(("ab", "c"), ("a", "bc")), (("1:1", "23"), ("1", "1:23")), (("", "a"), ("a", "")), ((), ("",))]
)
def test_digests_tell_where_parts_end(one, other):
    assert digest(*one) != digest(*other)


def test_ids_do_not_change_between_versions():
    # Reviews point at passages by these ids; a change here orphans every one of them.
    assert document_id("reports", "a/b.pdf") == "d36e69f70bde12de5"
    assert passage_id("d1", "Cameras watch", 0) == "p1f2565e78fe812f0"


def test_ids_tell_source_address_words_and_occurrence_apart():
    assert len({document_id("a", "b"), document_id("b", "a"), document_id("ab", "")}) == 3
    assert (
        len({passage_id("d1", "x", 0), passage_id("d1", "x", 1), passage_id("d2", "x", 0), passage_id("d1", "y", 0)})
        == 4
    )


@given(st.text())
def test_ids_begin_with_a_letter_and_hold_no_number_a_spreadsheet_would_round(text):
    for made in (document_id("s", text), passage_id("d", text, 0)):
        assert made[0] in "dp"
        assert made[1:].isalnum() and len(made) == 17


@pytest.mark.parametrize(("value", "precision"), [("2021", "year"), ("2021-03", "month"), ("2021-03-14", "day")])
def test_a_date_clue_knows_its_precision(value, precision):
    assert DateClue(value, "meta", "", 1.0).precision == precision


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_score_outside_its_range_is_refused(score):
    with pytest.raises(ValueError, match="is not in"):
        Tag("privacy", "raised", score)


def test_a_passage_whose_offsets_do_not_span_its_text_is_refused():
    with pytest.raises(ValueError, match="do not span"):
        Passage("p", "d", 0, "paragraph", 0, 4, "abc")
