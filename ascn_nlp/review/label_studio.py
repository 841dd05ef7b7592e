"""Judged passages -> tasks for Label Studio, one JSON array with a task a line.

Schema: https://labelstud.io/guide/task_format and https://labelstud.io/guide/predictions; what its importer checks is
in label_studio/tasks/serializers.py of https://github.com/HumanSignal/label-studio. Three things follow from there:

* ``completed_by`` must be an account of the importing organisation, or the import fails; a reviewer is a name, so it is
  the text of a field, and the annotation belongs to whoever imports it;
* ``ground_truth`` counts as true where it is absent, so it is written;
* a predicted choice that the labelling configuration lacks fails the import: concerns that are not in ``concerns`` are
  named in ``data.unlisted`` instead.

Offsets are of characters (code points), as its editor counts them since 2021
(https://github.com/HumanSignal/label-studio/pull/1559; its test "Should calculate offsets by code points in text").
``label_studio_config`` gives the labelling configuration that fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from ascn_nlp.records import STANCES, digest
from ascn_nlp.review.evidence import words_of
from ascn_nlp.review.json_text import array
from ascn_nlp.review.judged import Judged
from ascn_nlp.review.voices import Said, model_id, origin, people, predictions

_HEAD = """<View>
  <Style>.htx-text { white-space: pre-wrap; }</Style>
  <Header value="$document_title"/>
  <Labels name="evidence" toName="text" choice="multiple">
"""
_TEXT = """  </Labels>
  <Text name="text" value="$text" valueType="text"/>
"""
_TAIL = """  <TextArea name="note" toName="text" placeholder="Note" maxSubmissions="1"/>
  <TextArea name="reviewer" toName="text" placeholder="Reviewer" maxSubmissions="1"/>
</View>
"""
_LISTS = {"concerns": "Concerns that hold", "rejected": "Concerns that do not hold", "undecided": "Unsure"}


def write(items: Iterable[Judged], concerns: Sequence[str], is_blind: bool) -> Iterator[str]:
    """Lines of one array of tasks: the model under ``predictions``, each person an entry of ``annotations``."""
    return array(_task(one, frozenset(concerns), is_blind) for one in items)


def label_studio_config(concerns: Sequence[str]) -> str:
    """The labelling configuration (XML) that the tasks fit: lists of concerns, stances, evidence."""
    labels = "".join(f"    <Label value={quoteattr(concern)}/>\n" for concern in concerns)
    lists = "".join(
        f'  <Header value="{title}"/>\n  <Choices name="{name}" toName="text" choice="multiple">\n'
        + "".join(f"    <Choice value={quoteattr(concern)}/>\n" for concern in concerns)
        + "  </Choices>\n"
        for name, title in _LISTS.items()
    )
    return _HEAD + labels + _TEXT + lists + "".join(map(_stance_choices, concerns)) + _TAIL


def _stance_choices(concern: str) -> str:
    name, value, title = quoteattr(f"stance_{concern}"), quoteattr(concern), quoteattr(f"Stance on {concern}")
    choices = "".join(f"      <Choice value={quoteattr(stance)}/>\n" for stance in STANCES)
    return (
        f'  <View visibleWhen="choice-selected" whenTagName="concerns" whenChoiceValue={value}>\n'
        f"    <Header value={title}/>\n"
        f'    <Choices name={name} toName="text" choice="single">\n{choices}    </Choices>\n  </View>\n'
    )


def _task(one: Judged, known: frozenset[str], is_blind: bool) -> dict[str, Any]:
    data = {"text": one.passage["text"]} | origin(one, is_blind=is_blind)
    if is_blind:
        return {"data": data}
    voices = people(one)
    named = dict.fromkeys(tag["concern"] for tag in predictions(one))
    for said in voices:
        named |= dict.fromkeys((*said.holds, *said.rejected, *said.undecided))
    return {
        "data": data | {"unlisted": "; ".join(concern for concern in named if concern not in known)},
        "predictions": [_prediction(one, known)] if one.tagging else [],
        "annotations": [_annotation(one, said, known) for said in voices],
    }


def _prediction(one: Judged, known: frozenset[str]) -> dict[str, Any]:
    tags = [tag for tag in predictions(one) if tag["concern"] in known]
    found = [_list("concerns", [tag["concern"] for tag in tags])] if tags else []
    for tag in tags:
        found.append(_list(f"stance_{tag['concern']}", [tag["stance"]]) | {"score": tag["score"]})
        found += [
            _result("evidence", "labels", {"start": start, "end": end, "text": words, "labels": [tag["concern"]]})
            | {"score": tag["score"], "meta": {"text": [why]}}
            for start, end, words, why in words_of(tag)
        ]
    prediction = {"model_version": model_id(one), "result": _with_ids(found, one.passage["id"], "model")}
    return prediction | ({"score": max(tag["score"] for tag in tags)} if tags else {})


def _annotation(one: Judged, said: Said, known: frozenset[str]) -> dict[str, Any]:
    rejected = said.rejected
    if said.is_complete:
        rejected = (*rejected, *sorted(known - {*said.holds, *rejected, *said.undecided}))
    lists = {"concerns": said.holds, "rejected": rejected, "undecided": said.undecided}
    chosen = {name: [concern for concern in named if concern in known] for name, named in lists.items()}
    found = [_list(name, named) for name, named in chosen.items() if named]
    stances = {concern: said.holds[concern] for concern in chosen["concerns"]}
    found += [_list(f"stance_{concern}", [stance]) for concern, stance in stances.items() if stance]
    texts = {"note": said.note, "reviewer": said.reviewer}
    found += [_result(name, "textarea", {"text": [text]}) for name, text in texts.items() if text]
    return {
        "result": _with_ids(found, one.passage["id"], "person", said.reviewer),
        "was_cancelled": False,
        "ground_truth": False,
    }


def _list(name: str, named: Sequence[str]) -> dict[str, Any]:
    return _result(name, "choices", {"choices": list(named)})


def _result(name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"from_name": name, "to_name": "text", "type": kind, "value": value}


def _with_ids(results: Sequence[dict[str, Any]], *voice: str) -> list[dict[str, Any]]:
    """The results with ids that differ between all results of a file, as its documentation asks for."""
    return [{"id": digest(*voice, number)} | result for number, result in enumerate(results)]
