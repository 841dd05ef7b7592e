from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest

from ascn_nlp import prefect_runtime, progress
from ascn_nlp.records import STANCES
from ascn_nlp.resources import resource
from ascn_nlp.versions import replace_model, version_of
from ascn_nlp.weights import DECISIONS, KINDS, Weights, save_weights
from ascn_nlp.workspace import open_workspace

RESULT = {
    "passages": 7000, "reviewed": 140, "held_out": 63, "scores": {"both": (0.83, 0.834, 0.888)}, "left_to_rules": [],
    "compared": {"surveillance": (0.9, 0.7, (-0.3, -0.1), 54), "privacy": (0.0, 0.0, None, 0),
                 "": (0.9, 0.85, (-0.1, 0.02), 54)},
    "uncompared": "", "worse": [], "refused": False, "suspects": 0, "model": "/w/models/default",
}  # fmt: skip


def make(folder, seed, **card):
    """A model that knows two words and one concern, and tags nothing."""
    zeros = {"idf": (2,), "intercept": (1,), "stance_coef": (2, 3), "stance_extra": (5, 3), "stance_intercept": (3,),
             "encoder_coef": (0, 1), "encoder_intercept": (1,), "encoder_stance_coef": (0, 1, 3),
             "encoder_stance_intercept": (1, 3), "mix": (len(KINDS), 1, 3), "stance_mix": (6, 3)}  # fmt: skip
    weights = Weights(
        concerns=("surveillance",), stances=STANCES, vocabulary=("a", "b"), coef=np.full((2, 1), seed, np.float32),
        thresholds=dict.fromkeys(DECISIONS, 0.9), definitions={},
        **{name: np.zeros(shape, np.float32) for name, shape in zeros.items()},
    )  # fmt: skip
    save_weights(folder, weights, {"trained": "2024-05-01", "passages": 7000, "reviewed": seed, **card}, "")
    return folder


@pytest.fixture
def kept(workspace):
    """The name of a model that was replaced in the workspace."""
    target = make(workspace / "models" / "default", 1)
    name = version_of(target)
    replace_model(make(workspace / "models" / "default.new", 2, everyday_both={"micro_f1": 0.8}), target)
    return name


# ----------------------------------------------------------------------------------------- models


def test_models_tells_which_is_in_use_and_which_it_replaced(run, workspace, kept):
    done = run("models", "-w", workspace)
    assert done.status == 0
    rows = {line.split()[0]: line for line in done.out.splitlines() if line.strip()}
    assert rows["default"].split()[1:] == ["2024-05-01", "7000", "2", "0.800", "in", "use"]
    assert rows[kept].split()[1:] == ["2024-05-01", "7000", "1"]
    assert "in use" not in rows["packaged/default"]


def test_models_of_a_workspace_without_its_own_are_the_packaged_ones(run, workspace):
    done = run("models", "-w", workspace, "--json")
    assert [(row["name"], row["is_used"]) for row in done.rows] == [("packaged/default", True)]


def test_models_are_json_lines_with_their_cards(run, workspace, kept):
    rows = run("models", "-w", workspace, "--json").rows
    assert [(row["name"], row["is_used"]) for row in rows] == [
        ("default", True), (kept, False), ("packaged/default", False)
    ]  # fmt: skip
    assert rows[1]["folder"] == str(workspace / "models" / "versions" / kept)
    assert rows[1]["card"]["reviewed"] == 1


@pytest.mark.parametrize("worse", [["surveillance", "micro"], ["surveillance", "data_protection", "civil_liberties"]])
def test_a_forced_model_says_so_within_eighty_columns(run, workspace, kept, worse):
    make(workspace / "models" / "default", 3, forced=True, worse=worse)
    out = run("models", "-w", workspace).out
    assert "forced: worse" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80
    assert " ".join(out.split()).count("surveillance") == 1
    assert ("all together" in " ".join(out.split())) == ("micro" in worse)


def test_a_model_that_is_set_to_be_used_is_told_as_in_use_wherever_it_lies(run, workspace, kept, tmp_path):
    make(tmp_path / "elsewhere", 5)
    for path, name in ((f"models/versions/{kept}", kept), (tmp_path / "elsewhere", str(tmp_path / "elsewhere"))):
        (workspace / "ascn.toml").write_text(f'[paths]\nmodel = "{path}"\n', encoding="utf-8")
        rows = run("models", "-w", workspace, "--json").rows
        assert [row["name"] for row in rows if row["is_used"]] == [name]


def test_a_damaged_card_is_no_reason_to_fail(run, workspace, kept):
    (workspace / "models" / "default" / "card.toml").write_text("{", encoding="utf-8")
    assert "default" in run("models", "-w", workspace).out


# -------------------------------------------------------------------------------------- going back


def test_going_back_tells_how_to_stay_and_what_is_told_works(run, workspace, kept):
    done = run("retag", "-w", workspace, "--model", kept, "--tagger", "light")
    assert done.status == 0 and "tagged again" in done.out
    [told] = [line for line in done.err.splitlines() if "[paths]" in line]
    assert told.startswith(f"The next refresh or scheduled retag goes back to {workspace / 'models' / 'default'}.")
    settings = told.partition("[paths]: ")[2]
    assert tomllib.loads(settings) == {"model": f"models/versions/{kept}"}
    (workspace / "ascn.toml").write_text(f"[paths]\n{settings}\n", encoding="utf-8")
    assert open_workspace(workspace).model == (workspace / "models" / "versions" / kept).resolve()
    assert "[paths]" not in run("retag", "-w", workspace, "--model", kept, "--tagger", "light").err


def test_retagging_a_part_with_another_model_says_that_the_rest_has_the_usual_one(run, workspace, kept):
    choices = ("--model", kept, "--tagger", "light", "--concern", "surveillance", "--json")
    done = run("retag", "-w", workspace, *choices)
    assert done.status == 0
    assert all(json.loads(line)["concern"] == "surveillance" for line in done.out.splitlines())
    assert f"The rest, and what a refresh adds, has {workspace / 'models' / 'default'}." in done.err


def test_retagging_with_the_usual_model_or_in_a_dry_run_tells_nothing_to_do(run, workspace, kept):
    for choices in ((), ("--model", "default"), ("--model", kept, "--dry-run")):
        assert "[paths]" not in run("retag", "-w", workspace, "--tagger", "light", *choices).err


def test_a_model_that_there_is_not_is_told_with_those_there_are(run, workspace, kept):
    done = run("retag", "-w", workspace, "--model", "default-00000000")
    assert done.status != 0 and done.out == ""
    assert "there is no model default-00000000" in done.err
    assert all(name in done.err for name in ("--model", "default,", kept, "packaged/default"))


def test_the_packaged_model_can_be_gone_back_to(workspace, kept):
    assert open_workspace(workspace, model="packaged/default").model == resource("models", "default").resolve()


# ------------------------------------------------------------------------------------------- train


@pytest.fixture
def trained(run, workspace, monkeypatch):
    """``trained(changes, *arguments)`` runs ``train`` where the flow gives RESULT with changes; what it was asked."""

    def trained(changes, *arguments):
        asked = {}

        def run_flow(name, **parameters):
            asked.update(parameters, name=name)
            return RESULT | changes

        monkeypatch.setattr(prefect_runtime, "run_flow", run_flow)
        return run("train", "-w", workspace, *arguments), asked

    return trained


def test_training_learns_from_reviews_unless_told_otherwise(trained, workspace):
    for arguments, reviews, force in (((), True, False), (("--no-reviews", "--force"), False, True)):
        done, asked = trained({}, *arguments)
        assert done.status == 0
        assert (asked["reviews"], asked["force"]) == (reviews, force)
        assert asked["out"] == str(workspace / "models" / "default")


def test_training_says_on_stderr_what_it_is_doing_and_since_when(run, workspace, monkeypatch):
    def run_flow(_name, **_):
        progress.tell("annotating 7000 passages")
        return RESULT

    monkeypatch.setattr(prefect_runtime, "run_flow", run_flow)
    done = run("train", "-w", workspace)
    assert "0:00 annotating 7000 passages ..." in done.err.splitlines()
    progress.tell("nobody listens any more")


def test_training_tells_how_the_model_compares_within_eighty_columns(trained):
    done, _ = trained({})
    rows = {line.split()[0]: line.split() for line in done.out.splitlines() if line.strip()}
    assert "On passages held out, 63 of them reviewed" in done.out
    assert rows["surveillance"] == ["surveillance", "0.900", "0.700", "-0.300", "to", "-0.100", "54"]
    assert "privacy" not in rows
    assert max(map(len, done.out.splitlines()[:-1])) <= 80
    assert "7000 passages, 140 of them reviewed" in done.out


def test_a_refusal_says_on_what_where_and_what_to_do_and_fails(trained):
    done, _ = trained({"worse": ["surveillance", ""], "refused": True, "suspects": 3, "model": "/w/default.refused"})
    assert done.status == 1
    [told] = [line for line in done.err.splitlines() if line.startswith("ascn-nlp:")]
    assert "/w/default.refused: does worse than the one there is, on surveillance, all together" in told
    assert "was not taken" in told and "--force" in told
    assert "3 decisions are contradicted with confidence" in done.out and "--sample suspects" in done.out
    marked = [line.split()[0] for line in done.out.splitlines() if line.endswith("  worse")]
    assert marked == ["surveillance", "all"]
    assert "passages, 140 of them" not in done.out


def test_why_there_is_no_comparison_is_told(trained):
    done, _ = trained({"compared": {}, "uncompared": "/w/models/default: has no names.json"})
    assert done.status == 0
    assert "! not compared with the model that there was: /w/models/default: has no names.json" in done.err
    assert "held out" not in done.out
