"""The shipped model is the one of the shipped passages, and is as good as it was: see tests/quality_gate.py."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from ascn_nlp.tagging import load_tagging
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.training.card import data_digest
from ascn_nlp.weights import FORMAT, load_card, load_weights


def _load_gate():
    spec = importlib.util.spec_from_file_location("quality_gate", Path(__file__).with_name("quality_gate.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gate = _load_gate()
TAXONOMY = load_taxonomy()
NAMES = ("micro_f1", "macro_f1", "stance_accuracy", *(concern.id for concern in TAXONOMY.concerns))
FLOORS = gate.read_floors()
REWRITE = "when that is meant: python tests/quality_gate.py --write"
RETRAIN = "train it anew: ascn-nlp train --out models/default"


@pytest.fixture(scope="module")
def now():
    return gate.measured()


@pytest.fixture(scope="module")
def card():
    return load_card(gate.MODEL)


@pytest.fixture(scope="module")
def card_text():
    return (gate.MODEL / "card.md").read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------- floors


@pytest.mark.parametrize("kind", gate.KINDS)
def test_there_is_a_floor_for_every_score(kind):
    assert tuple(FLOORS.get(kind, {})) == NAMES, REWRITE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", gate.KINDS)
def test_no_score_falls_below_its_floor(now, kind, name):
    score, floor = now[kind][name], FLOORS[kind][name]
    assert score >= floor, (
        f"{kind}: {name} fell to {score:.3f}, its floor is {floor:.3f}; see all: python tests/quality_gate.py; "
        "passage by passage: ascn-nlp evaluate corpus/training/FILE.jsonl"
    )


@pytest.mark.parametrize(("key", "what"), [("data", "held-out passages"), ("definitions", "concerns' definitions")])
def test_floors_are_of_the_passages_and_definitions_there_are(now, key, what):
    assert now[key] == FLOORS[key], f"the {what} have changed since the floors were written; {REWRITE}"


def test_both_is_at_least_as_good_as_the_rules(now):
    assert now["both"]["micro_f1"] >= now["rules"]["micro_f1"]


@pytest.fixture
def floors_file(tmp_path, monkeypatch):
    """An empty place for floors, and scores that a test sets: ``scores["rules"]["micro_f1"] = 0.8``."""
    scores = {"data": "d", "definitions": "e", **{kind: dict.fromkeys(NAMES, 0.7) for kind in gate.KINDS}}
    monkeypatch.setattr(gate, "FLOORS", tmp_path / "floors.toml")
    monkeypatch.setattr(gate, "measured", lambda: scores)
    return tmp_path / "floors.toml", scores


def test_floors_are_written_a_little_below_what_is_measured(floors_file):
    assert gate.main(["--write"]) == 0
    assert gate.read_floors()["both"]["macro_f1"] == pytest.approx(0.67, abs=1e-3)
    assert gate.read_floors()["data"] == "d"


def test_without_write_nothing_is_written(floors_file):
    assert gate.main([]) == 0
    assert not floors_file[0].exists()


def test_a_floor_is_raised_but_never_lowered_unless_asked(floors_file, capsys):
    path, scores = floors_file
    gate.main(["--write"])
    scores["rules"]["surveillance"] = 0.9
    assert gate.main(["--write"]) == 0
    before = path.read_bytes()
    scores["both"]["exclusion"] = 0.5
    assert gate.main(["--write"]) == 1
    assert "both.exclusion: 0.670 -> 0.470" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert gate.main(["--write", "--lower"]) == 0
    assert gate.read_floors()["both"]["exclusion"] < 0.5
    assert gate.read_floors()["rules"]["surveillance"] > 0.86


def test_a_floor_that_vanishes_counts_as_lowered(floors_file):
    _, scores = floors_file
    gate.main(["--write"])
    del scores["both"]["exclusion"]
    assert gate.main(["--write"]) == 1


# ------------------------------------------------------------------------------------- the shipped model


def test_the_shipped_model_was_trained_on_the_shipped_passages(card):
    used = gate.passages("train")
    assert card["passages"] == len(used), RETRAIN
    assert card["authors"] == sorted({one.group for one in used}), RETRAIN
    assert card["data"] == data_digest(used), f"the passages have changed since the model was trained; {RETRAIN}"


def test_the_shipped_model_knows_every_concern_as_it_is_defined(card):
    definitions = {concern.id: concern.digest for concern in TAXONOMY.concerns}
    assert card["definitions"] == dict(load_weights(gate.MODEL).definitions) == definitions, RETRAIN
    tagging = load_tagging(gate.packaged("taxonomy.toml"), gate.packaged("gazetteer.toml"), gate.MODEL, "both")
    assert tagging.stale == (), RETRAIN


def test_the_card_has_the_thresholds_in_use(card):
    assert card["thresholds"] == dict(load_weights(gate.MODEL).thresholds)


@pytest.mark.parametrize("kind", ["rules", "model", "both"])
def test_the_cards_tables_for_people_and_for_programs_agree(card, card_text, kind):
    (row,) = re.findall(rf"^\| {kind}, everyday \|(.+)\|$", card_text, re.MULTILINE)
    shown = [float(cell.split()[0]) for cell in row.split("|")][2:]
    scores = [card[f"everyday_{kind}"][name] for name in NAMES[:3]]
    assert shown == pytest.approx(scores, abs=6e-4)


@pytest.mark.parametrize("concern", NAMES[3:])
def test_each_concerns_row_agrees_with_the_card_and_the_passages(card, card_text, concern):
    (row,) = re.findall(rf"^\| {concern} \|( \d+ \|.+)\|$", card_text, re.MULTILINE)
    count, precision, recall, f1, _ = (float(cell.split()[0]) for cell in row.split("|"))
    assert f1 == pytest.approx(card["everyday_both"][concern], abs=6e-4)
    assert min(precision, recall) - 1e-3 <= f1 <= max(precision, recall) + 1e-3
    assert count == sum(concern in dict(one.tags) for one in gate.passages("train")), RETRAIN


def test_the_card_tells_its_data_in_words(card, card_text):
    assert (
        f"**Data.** {card['passages']} passages written for this purpose by {len(card['authors'])} authors" in card_text
    )


def test_the_model_is_small_enough_to_be_cloned():
    assert sum(path.stat().st_size for path in gate.MODEL.iterdir()) < 30_000_000
    assert json.loads((gate.MODEL / "names.json").read_text(encoding="utf-8"))["format"] == FORMAT
