import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ascn_nlp import versions
from ascn_nlp.errors import ModelError, OptionError
from ascn_nlp.records import STANCES
from ascn_nlp.resources import resource
from ascn_nlp.training.suspects import Suspect
from ascn_nlp.versions import (
    is_model,
    latest_suspects,
    list_models,
    load_suspects,
    refuse,
    replace_model,
    save_suspects,
    version_of,
)
from ascn_nlp.weights import DECISIONS, KINDS, Weights, load_card, load_weights, save_weights
from ascn_nlp.workspace import open_workspace


def weights(seed):
    """The smallest weights there can be: one concern, two words, no encoder."""
    zeros = {"stance_coef": (2, 3), "stance_extra": (5, 3), "stance_intercept": (3,), "encoder_coef": (0, 1),
             "encoder_intercept": (1,), "encoder_stance_coef": (0, 1, 3), "encoder_stance_intercept": (1, 3),
             "mix": (len(KINDS), 1, 3), "stance_mix": (6, 3), "intercept": (1,), "idf": (2,)}  # fmt: skip
    return Weights(
        concerns=("surveillance",),
        stances=STANCES,
        vocabulary=("a", "b"),
        coef=np.full((2, 1), seed, np.float32),
        thresholds=dict.fromkeys(DECISIONS, 0.5),
        definitions={},
        **{name: np.zeros(shape, np.float32) for name, shape in zeros.items()},
    )


def make(folder, seed=1, **card):
    save_weights(folder, weights(seed), {"trained": "2024-05-01", **card}, f"# {seed}\n")
    return folder


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


@pytest.fixture
def target(models):
    return make(models / "default", 1)


@pytest.fixture
def new(models):
    return make(models / "default.new", 2)


def names(models):
    return sorted(path.name for path in models.iterdir())


# ------------------------------------------------------------------------------------- replacing


def test_the_first_model_is_put_where_there_was_none(models, new):
    written = content(new)
    assert replace_model(new, models / "default") == models / "default"
    assert content(models / "default") == written
    assert names(models) == ["default"]


def test_a_model_that_is_replaced_is_kept_byte_for_byte(models, target, new):
    old, written, name = content(target), content(new), version_of(target)
    assert name == f"default-{load_weights(target).digest[:8]}"
    replace_model(new, target)
    assert content(target) == written
    assert content(models / "versions" / name) == old
    assert names(models) == ["default", "versions"]


def test_every_model_that_was_replaced_is_kept(models, target):
    kept = [version_of(target)]
    for seed in (2, 3):
        replace_model(make(models / "default.new", seed), target)
        kept.append(version_of(target))
    assert load_weights(target).coef[0, 0] == 3
    assert names(models / "versions") == sorted(kept[:2])


def test_going_forth_and_back_keeps_each_model_once(models, target):
    first = version_of(target)
    for seed in (2, 1, 2):
        replace_model(make(models / "default.new", seed), target)
    second = version_of(target)
    assert load_weights(target).coef[0, 0] == 2
    assert set(names(models / "versions")) == {first, second}
    assert names(models) == ["default", "versions"]


def test_the_same_weights_again_are_no_version_of_their_own(models, target):
    replace_model(make(models / "default.new", 1, trained="2024-06-02"), target)
    assert load_card(target)["trained"] == "2024-06-02"
    assert names(models) == ["default"]


def test_a_folder_with_something_else_in_it_keeps_that(models, new):
    target = models / "mine"
    target.mkdir()
    (target / "notes.txt").write_text("ours", encoding="utf-8")
    written = content(new)
    replace_model(new, target)
    assert content(target) == {**written, "notes.txt": b"ours"}
    assert not new.exists()


def test_a_folder_becomes_a_model_only_when_all_of_it_is_there(models, new, monkeypatch):
    target = models / "mine"
    target.mkdir()
    moved, whole = [], Path.replace

    def move(path, to):
        assert not is_model(target)
        moved.append(path.name)
        return whole(path, to)

    monkeypatch.setattr(Path, "replace", move)
    replace_model(new, target)
    assert is_model(target) and moved[-1] == "weights.npz"


def test_a_model_that_cannot_be_read_is_replaced_and_kept_all_the_same(models, target, new):
    """Whoever has a damaged model is told to train anew."""
    (target / "names.json").write_text("{", encoding="utf-8")
    old, name = content(target), version_of(target)
    assert name.startswith("default-") and len(name) == len("default-") + 8
    replace_model(new, target)
    assert load_weights(target).coef[0, 0] == 2
    assert content(models / "versions" / name) == old


def failing(monkeypatch, which, error):
    """The rename number ``which`` fails; how many there were is counted."""
    rename, count = Path.rename, []

    def break_off(path, to):
        count.append(path)
        if len(count) == which:
            raise error
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", break_off)
    return count


@pytest.mark.parametrize("error", [OSError("no space left"), KeyboardInterrupt()], ids=["error", "stopped"])
@pytest.mark.parametrize("seed", [1, 2, 3], ids=["same weights", "other weights", "kept before"])
@pytest.mark.parametrize("which", [1, 2])
def test_where_a_step_of_replacing_fails_the_old_model_is_there(models, target, monkeypatch, error, which, seed):
    if seed == 3:
        shutil.copytree(target, models / "versions" / version_of(target))
    new = make(models / "default.new", seed)
    old, written = content(target), content(new)
    failing(monkeypatch, which, error)
    with pytest.raises(type(error)):
        replace_model(new, target)
    assert content(target) == old
    assert content(new) == written
    monkeypatch.undo()
    assert content(replace_model(new, target)) == written


@pytest.mark.parametrize("seed", [1, 2, 3], ids=["same weights", "other weights", "kept before"])
def test_nothing_but_one_rename_lies_between_the_old_model_and_the_new(models, target, monkeypatch, seed):
    """A copy of a whole model, or removing one, would take time in which a killed process leaves none."""
    if seed == 3:
        shutil.copytree(target, models / "versions" / version_of(target))
    steps, rename, remove = [], Path.rename, shutil.rmtree

    def spied(name, step):
        def run(*arguments, **choices):
            steps.append((name, is_model(target)))
            return step(*arguments, **choices)

        return run

    monkeypatch.setattr(Path, "rename", spied("rename", rename))
    monkeypatch.setattr(versions.shutil, "rmtree", spied("rmtree", remove))
    replace_model(make(models / "default.new", seed), target)
    assert [step for step in steps if not step[1]] == [("rename", False)]


# -------------------------------------------------------------------------------------- refusing


def test_a_model_that_is_refused_lies_beside_the_one_that_stays(models, target, new):
    old, written = content(target), content(new)
    assert refuse(new, target) == models / "default.refused"
    assert content(target) == old
    assert content(models / "default.refused") == written
    assert names(models) == ["default", "default.refused"]


def test_only_the_last_that_was_refused_is_kept(models, target, new):
    refuse(new, target)
    refuse(make(models / "default.new", 3), target)
    assert load_weights(models / "default.refused").coef[0, 0] == 3


# --------------------------------------------------------------------------------------- listing


def test_models_are_listed_by_names_that_can_be_asked_for(tmp_path, models, target):
    for seed, day in ((2, "2024-05-02"), (3, "2024-05-03")):
        replace_model(make(models / "default.new", seed, trained=day), target)
    make(models / "mine", 4)
    refuse(make(models / "default.new", 5), target)
    listed = list_models(tmp_path)
    newest, oldest = (version_of_seed(seed, tmp_path) for seed in (2, 1))
    assert [one.name for one in listed] == ["default", "default.refused", "mine", newest, oldest, "packaged/default"]
    for one in listed:
        assert open_workspace(tmp_path, model=one.name).model == one.folder.resolve()


def version_of_seed(seed, tmp_path):
    return version_of(make(tmp_path / f"other-{seed}" / "default", seed))


def test_unfinished_models_are_not_listed(tmp_path, models, target, new):
    make(models / "default.old", 3)
    assert [one.name for one in list_models(tmp_path)] == ["default", "packaged/default"]


def test_without_models_of_its_own_a_workspace_has_the_packaged_ones(tmp_path):
    listed = list_models(tmp_path)
    assert [(one.name, one.folder) for one in listed] == [("packaged/default", resource("models", "default"))]


def test_the_model_in_use_is_listed_wherever_it_lies(tmp_path, target):
    elsewhere = make(tmp_path / "elsewhere", 7)
    assert [one.name for one in list_models(tmp_path, elsewhere)][-1] == str(elsewhere)
    assert len(list_models(tmp_path, target)) == 2


def test_a_model_without_a_card_is_listed_with_an_empty_one(tmp_path, target):
    (target / "card.toml").write_text("not = = toml", encoding="utf-8")
    assert list_models(tmp_path)[0].card == {}


# ----------------------------------------------------------------------------------- naming a model


def test_a_name_that_there_is_not_is_told_with_those_there_are(tmp_path, models, target, new):
    name = version_of(target)
    replace_model(new, target)
    with pytest.raises(OptionError, match="there is no model nonsense") as caught:
        open_workspace(tmp_path, model="nonsense")
    assert caught.value.where == "--model"
    assert all(one in caught.value.remedy for one in ("default", name, "packaged/default"))


def test_the_packaged_model_can_be_asked_for_although_there_is_another(tmp_path, target):
    assert open_workspace(tmp_path).model == target
    assert open_workspace(tmp_path, model="packaged/default").model == resource("models", "default").resolve()


def test_a_folder_that_has_the_name_by_chance_is_not_meant(tmp_path, target, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "default").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    assert open_workspace(tmp_path, model="default").model == target.resolve()


# --------------------------------------------------------------------------------------- suspects

SUSPECT = Suspect("p1", "surveillance", True, 0.125, True)


def test_suspects_come_back_as_they_were_written(target):
    some = [SUSPECT, replace(SUSPECT, passage_id="p\u2028é", label=False)]
    save_suspects(target, some)
    assert load_suspects(target) == some


def test_a_model_without_a_list_has_no_suspects(target, tmp_path):
    assert load_suspects(target) == []
    assert latest_suspects(open_workspace(tmp_path)) == []


@pytest.mark.parametrize("text", ["{", '{"passage_id": "p1"}', "[]", "7"])
def test_a_list_that_cannot_be_read_is_an_error(target, text):
    (target / "suspects.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="list of suspects"):
        load_suspects(target)


@pytest.mark.parametrize("has_own", [True, False], ids=["own model", "packaged model"])
def test_what_a_refused_training_found_is_there_to_be_looked_at(tmp_path, models, has_own):
    """Wrong decisions may be why it was refused."""
    usual = models / "default"
    if has_own:
        save_suspects(make(usual, 1), [])
        set_time(usual, 1_000)
    new = make(models / "default.new", 2)
    save_suspects(new, [SUSPECT])
    refuse(new, usual)
    assert latest_suspects(open_workspace(tmp_path)) == [SUSPECT]


def test_what_a_later_training_found_counts_above_what_a_refused_one_did(tmp_path, models, target):
    new = make(models / "default.new", 2)
    save_suspects(new, [SUSPECT])
    set_time(refuse(new, target), 1_000)
    save_suspects(target, [])
    assert latest_suspects(open_workspace(tmp_path)) == []


def set_time(folder, seconds):
    import os

    os.utime(folder / "suspects.jsonl", (seconds, seconds))


def test_the_list_is_json_lines(target):
    save_suspects(target, [SUSPECT])
    (line,) = (target / "suspects.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {"passage_id": "p1", "concern": "surveillance", "label": True, "score": 0.125,
                                "is_reviewed": True}  # fmt: skip
