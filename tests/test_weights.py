import json
import pickle
import random
import tomllib
from dataclasses import fields, replace

import numpy as np
import pytest

from ascn_nlp.errors import ModelError
from ascn_nlp.weights import FORMAT, Weights, load_card, load_weights, save_weights

ARRAYS = (
    "idf", "coef", "intercept", "stance_coef", "stance_extra", "stance_intercept", "encoder_coef", "encoder_intercept",
    "encoder_stance_coef", "encoder_stance_intercept", "mix", "stance_mix",
)  # fmt: skip
WIDTH = 5
# Above 10,000 numbers an array is kept at half precision: 11 bits, so a number moves by at most 1 in 2048.
HALF = 2**-11
MANY, FEW = 6000, 40
CARD = {
    "trained": "2024-05-06",
    "passages": 3,
    "authors": ['a "quoted" name', "back\\slash", "tab\tand\x7f", "Nguyễn", "🏙"],
    "is_final": True,
    "scores": {"micro_f1": 0.5, "a key with blanks": 1.0},
}


def weights_of(n_features, n_concerns=2, seed=0):
    drawn = np.random.default_rng(seed)

    def numbers(*shape):
        return drawn.normal(size=shape).astype(np.float32)

    return Weights(
        concerns=("surveillance", "exclusion")[:n_concerns],
        stances=("raised", "addressed", "described"),
        vocabulary=(*(f"w{n}" for n in range(n_features - 2)), "người dân", "#é c"),
        idf=1 + abs(numbers(n_features)),
        coef=numbers(n_features, n_concerns),
        intercept=numbers(n_concerns),
        encoder_coef=numbers(WIDTH, n_concerns),
        encoder_intercept=numbers(n_concerns),
        encoder_stance_coef=numbers(WIDTH, n_concerns, 3),
        encoder_stance_intercept=numbers(n_concerns, 3),
        mix=numbers(3, n_concerns, 3),
        stance_mix=numbers(6, 3),
        encoder="0123456789abcdef",
        stance_coef=numbers(n_features, 3),
        stance_extra=numbers(4 + n_concerns, 3),
        stance_intercept=numbers(3),
        thresholds={"both": 0.5, "light": 0.45, "model": 0.4, "sure": 0.8, "theme": 0.5, "skip": 0.05},
        definitions={"surveillance": "ab", "exclusion": "cd"},
    )


@pytest.fixture
def model(tmp_path):
    """The folder of a small model, saved."""
    save_weights(tmp_path / "model", weights_of(FEW), CARD, "# Card\n")
    return tmp_path / "model"


def edit_names(folder, **changes):
    path = folder / "names.json"
    names = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    kept = {key: value for key, value in names.items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")


def edit_arrays(folder, **changes):
    with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
        values = {**arrays, **changes}
    np.savez_compressed(folder / "weights.npz", **{key: value for key, value in values.items() if value is not None})


def assert_refused(folder, *said):
    with pytest.raises(ModelError) as caught:
        load_weights(folder)
    assert caught.value.where == str(folder)
    assert caught.value.remedy == "train them: ascn-nlp train"
    assert all(words in str(caught.value) for words in said), str(caught.value)


def test_small_arrays_come_back_as_they_were(model):
    saved, loaded = weights_of(FEW), load_weights(model)
    for field in fields(Weights):
        if field.name in ARRAYS:
            array = getattr(loaded, field.name)
            assert array.dtype == np.float32
            np.testing.assert_array_equal(array, getattr(saved, field.name))
        elif field.name != "digest":
            assert getattr(loaded, field.name) == getattr(saved, field.name)


def test_large_arrays_come_back_at_half_precision(tmp_path):
    saved = weights_of(MANY)
    save_weights(tmp_path, saved, CARD, "")
    loaded = load_weights(tmp_path)
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(loaded, name), getattr(saved, name), rtol=HALF, atol=1e-7)
        assert getattr(loaded, name).dtype == np.float32
    assert (loaded.coef != saved.coef).any(), "so many numbers are halved"


def test_half_precision_moves_a_decision_value_in_the_fourth_digit(tmp_path):
    saved = weights_of(MANY)
    save_weights(tmp_path, saved, CARD, "")
    features = np.random.default_rng(1).random(MANY).astype(np.float32)
    features /= np.linalg.norm(features)
    np.testing.assert_allclose(features @ load_weights(tmp_path).coef, features @ saved.coef, atol=1e-3)


def test_what_was_loaded_is_saved_and_loaded_the_same(tmp_path):
    save_weights(tmp_path / "a", weights_of(MANY), CARD, "")
    first = load_weights(tmp_path / "a")
    save_weights(tmp_path / "b", first, CARD, "")
    again = load_weights(tmp_path / "b")
    assert again.digest == first.digest
    assert all((getattr(again, name) == getattr(first, name)).all() for name in ARRAYS)


def test_the_digest_is_of_the_numbers_and_names_not_of_the_card(model):
    before = load_weights(model)
    (model / "card.toml").write_text("other = 1\n", encoding="utf-8")
    assert load_weights(model).digest == before.digest
    assert before.id == f"model-{before.digest}"


@pytest.mark.parametrize("name", ARRAYS)
def test_the_digest_changes_with_any_number(model, name):
    before = load_weights(model)
    array = getattr(before, name).copy()
    array.flat[-1] += 0.01
    edit_arrays(model, **{name: array})
    assert load_weights(model).digest != before.digest


@pytest.mark.parametrize(
    "change", [{"thresholds": {**weights_of(FEW).thresholds, "model": 0.41}}, {"definitions": {"surveillance": "ab"}}]
)
def test_the_digest_changes_with_thresholds_and_definitions(model, change):
    before = load_weights(model).digest
    edit_names(model, **change)
    assert load_weights(model).digest != before


@pytest.mark.parametrize("name", ["weights.npz", "names.json"])
def test_a_missing_file_is_named(model, name):
    (model / name).unlink()
    assert_refused(model, f"has no {name}")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    assert_refused(tmp_path / "none", "has no weights.npz")


@pytest.mark.parametrize("name", ["weights.npz", "names.json"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"not what it should be", b"[]", b"null", b"{"])
def test_a_file_that_is_something_else_is_refused(model, name, content):
    (model / name).write_bytes(content)
    assert_refused(model)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(model, kept):
    path = model / "weights.npz"
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    assert_refused(model, "cannot be read")


def test_bytes_changed_anywhere_are_an_error_of_ours_or_harm_nothing(model):
    path, drawn = model / "weights.npz", random.Random(0)
    whole, before = path.read_bytes(), load_weights(model)
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[drawn.randrange(len(damaged))] ^= drawn.randrange(1, 256)
        path.write_bytes(damaged)
        try:
            loaded = load_weights(model)
        except ModelError:
            refused += 1
        else:
            assert all((getattr(loaded, name) == getattr(before, name)).all() for name in ARRAYS)
    assert refused > 300


@pytest.mark.parametrize("version", [0, FORMAT + 1, "1", None])
def test_another_format_is_refused_by_its_number(model, version):
    edit_names(model, format=version)
    assert_refused(model, f"is of format {version}, this version reads {FORMAT}")


@pytest.mark.parametrize("name", ["concerns", "stances", "vocabulary", "thresholds", "definitions"])
@pytest.mark.parametrize("value", [None, "text", 3, [1], ["one", "two", "three", "four"], {}])
def test_names_that_are_missing_or_do_not_fit_are_refused(model, name, value):
    if (name, value) == ("definitions", {}):
        return  # then every concern is left to the rules
    edit_names(model, **{name: value})
    assert_refused(model, "do not fit together")


@pytest.mark.parametrize("thresholds", [{"both": 0.5}, {"model": 0.5}, {"both": "0.5", "model": 0.5}])
def test_both_thresholds_are_needed(model, thresholds):
    edit_names(model, thresholds=thresholds)
    assert_refused(model, "do not fit together")


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_of_another_shape_is_refused(model, name):
    array = getattr(weights_of(FEW), name)
    edit_arrays(model, **{name: array[:-1]})
    assert_refused(model, "do not fit together")


@pytest.mark.parametrize("name", ARRAYS)
def test_a_missing_array_is_refused(model, name):
    edit_arrays(model, **{name: None})
    assert_refused(model, "cannot be read", name)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("name", ARRAYS)
def test_what_is_no_number_is_refused(model, name, value):
    array = getattr(weights_of(FEW), name).copy()
    array.flat[0] = value
    edit_arrays(model, **{name: array})
    assert_refused(model, "do not fit together")


class Bomb:
    """An object that shows whether it was unpickled."""

    went_off = False

    def __reduce__(self):
        return (setattr, (Bomb, "went_off", True))


def test_an_object_in_an_array_is_refused_and_not_run(model):
    with np.load(model / "weights.npz", allow_pickle=False) as arrays:
        values = dict(arrays)
    np.savez_compressed(model / "weights.npz", **{**values, "idf": np.array([Bomb()], dtype=object)})
    assert_refused(model, "cannot be read", "allow_pickle=False")
    assert not Bomb.went_off


def test_a_pickle_in_place_of_the_archive_is_refused_and_not_run(model):
    (model / "weights.npz").write_bytes(pickle.dumps(Bomb()))
    assert_refused(model, "cannot be read")
    assert not Bomb.went_off


def test_saving_weights_that_hold_objects_fails(tmp_path):
    # float() of it fails before anything is written.
    with pytest.raises((TypeError, ValueError)):
        save_weights(tmp_path, replace(weights_of(FEW), intercept=np.array([Bomb(), 1], dtype=object)), CARD, "")


def test_the_card_is_toml_and_comes_back_as_it_was(model):
    assert load_card(model) == CARD
    assert tomllib.loads((model / "card.toml").read_text(encoding="utf-8")) == CARD
    assert (model / "card.md").read_text(encoding="utf-8") == "# Card\n"


@pytest.mark.parametrize("content", [None, b"= nonsense", b"\xff\xff"])
def test_a_card_that_is_missing_or_no_toml_is_refused(model, content):
    (model / "card.toml").unlink() if content is None else (model / "card.toml").write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load_card(model)
    assert "no card that can be read" in caught.value.what
    assert "ascn-nlp train" in caught.value.remedy


def test_line_ends_of_another_system_change_nothing(model):
    before = load_weights(model).digest
    for name in ("names.json", "card.toml"):
        path = model / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_weights(model).digest == before
    assert load_card(model) == CARD


def test_an_open_model_can_be_written_over(model):
    held = load_weights(model)
    save_weights(model, weights_of(FEW, seed=1), CARD, "")
    assert load_weights(model).digest != held.digest
    assert (held.coef == weights_of(FEW).coef).all()
