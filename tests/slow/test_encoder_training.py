"""Fine-tuning the encoder, on one of two layers: run where torch is installed (the extra `train`)."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ascn_nlp.classify.encoder import Encoder
from ascn_nlp.labelled import passage_key

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("safetensors")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.filterwarnings("ignore")]

KNOWN = ("surveillance", "displacement")


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made, made_encoder = _load("made_passages"), _load("made_encoder")
PASSAGES = made.make(240)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A folder as the package of the pretrained encoder has it."""
    from safetensors.numpy import save_file

    folder = tmp_path_factory.mktemp("base")
    config = {
        "hidden_size": made_encoder.WIDTH, "num_attention_heads": made_encoder.HEADS,
        "num_hidden_layers": made_encoder.LAYERS, "intermediate_size": made_encoder.INNER,
        "vocab_size": len(made_encoder.PIECES), "max_position_embeddings": made_encoder.LONGEST,
        "hidden_act": "gelu",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.json").write_text(made_encoder.make_tokenizer(), encoding="utf-8")
    save_file(made_encoder.make_arrays(), folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def recipe():
    from ascn_nlp.training.encoder import Recipe

    return Recipe(epochs=25, batch=16, rate=3e-3, dropout=0.0)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def files(base, recipe, told):
    from ascn_nlp.training.encoder import fit_encoder

    return fit_encoder(PASSAGES, KNOWN, base, recipe, told.append)


def values_of(files, passages):
    encoder = Encoder(files.graph, files.tokenizer)
    vectors = [encoder.encode(one.passage.text, one.passage.heading_line).vectors.mean(0) for one in passages]
    return np.array(vectors) @ files.coef + files.intercept


def labels_of(passages):
    return np.array([[concern in dict(one.tags) for concern in KNOWN] for one in passages])


def test_what_was_fine_tuned_is_what_runs(files):
    """The graph in 8 bits, run by onnxruntime, tells the concerns of passages it has not read."""
    unread = made.make(100, seed=7)
    found = values_of(files, unread) > 0
    assert (found == labels_of(unread)).mean() > 0.9


def test_the_left_out_values_are_by_networks_that_had_not_read_the_author(files):
    assert files.left_out_values.shape == (len(PASSAGES), 2)
    assert files.left_out_stances.shape == (len(PASSAGES), 2, 3)
    assert files.left_out_keys.tolist() == [passage_key(one.passage) for one in PASSAGES]
    right = ((files.left_out_values > 0) == labels_of(PASSAGES)).mean()
    assert right > 0.85
    assert not np.allclose(files.left_out_values, values_of(files, PASSAGES), atol=0.1)


def test_what_only_one_author_says_is_not_known_of_him_in_advance(base, recipe):
    """Each author has his own word for it: who had read him would know all his tags."""
    from ascn_nlp.training.encoder import fit_encoder

    own = {"anh": ("camera", "river"), "bima": ("home", "market"), "chan": ("law", "fear")}

    def passage(one, number):
        is_tagged = number // 3 % 2 == 0
        text = f"The {own[one.group][is_tagged]} stood there."
        tags = (("surveillance", "raised"),) if is_tagged else ()
        return replace(one, passage=replace(one.passage, text=text, end=len(text)), tags=tags)

    files = fit_encoder([passage(one, n) for n, one in enumerate(PASSAGES)], ("surveillance",), base, recipe)
    labels = np.arange(len(PASSAGES)) // 3 % 2 == 0
    assert ((files.left_out_values[:, 0] > 0) == labels).mean() < 0.75


def test_the_same_seed_gives_the_same_encoder(base, recipe, files):
    from ascn_nlp.training.encoder import fit_network, predict, read_lines

    lines, _ = read_lines(PASSAGES, KNOWN, base)
    rows = np.arange(len(PASSAGES))
    first, second, other = (
        predict(fit_network(lines, rows, base, replace(recipe, seed=seed)), lines, rows)[0] for seed in (0, 0, 1)
    )
    np.testing.assert_allclose(first, second, atol=1e-4)
    assert not np.allclose(first, other, atol=0.1)


def test_the_average_of_two_fits_is_neither(base, recipe):
    from ascn_nlp.training.encoder import fit_network, read_lines

    lines, _ = read_lines(PASSAGES[:60], KNOWN, base)
    rows, short = np.arange(60), replace(recipe, epochs=2)
    one, two, both = (
        fit_network(lines, rows, base, made_recipe).state_dict()["concerns.weight"]
        for made_recipe in (short, replace(short, seed=1), replace(short, fits=2))
    )
    np.testing.assert_allclose(both, (one + two) / 2, atol=1e-5)


def test_progress_is_told(files, told):
    assert told[0].startswith("encoder 1 of ")
    assert "the one to be shipped" in " ".join(told)
    losses = [float(line.rpartition(" ")[2]) for line in told if line.startswith("epoch ")]
    assert losses[-1] < losses[0] / 2


@pytest.fixture(scope="module")
def others():
    """Passages on something that the encoder has never read of: a concern's word it does not know."""
    return [
        replace(one, passage=replace(one.passage, id=f"other-{n}", text=text, end=len(text)), tags=tags, group="other")
        for n, one in enumerate(PASSAGES[:60])
        for text, tags in [
            ("The soldier drank tea beside the bridge.", (("surveillance", "raised"),))
            if n % 2
            else ("The soldier fed a goat.", ())
        ]
    ]


def test_a_graph_gives_back_the_arrays_it_was_built_of():
    from ascn_nlp.training.graph import build_graph, quantise, read_graph

    arrays = made_encoder.make_arrays()
    plain = build_graph(arrays, made_encoder.HEADS)
    back, coarse = read_graph(plain), read_graph(quantise(plain))
    assert set(back) == set(coarse) == set(arrays)
    for name, array in back.items():
        np.testing.assert_array_equal(array, arrays[name])
    for name, array in coarse.items():
        step = np.abs(arrays[name]).max() / 63
        np.testing.assert_allclose(array, arrays[name], atol=step)


def test_an_encoder_taken_further_knows_the_new_and_the_old(base, recipe, files, others):
    from ascn_nlp.training.encoder import continue_encoder

    before = values_of(files, others)
    made_further = continue_encoder(files, [*PASSAGES, *others], base, replace(recipe, epochs=15))
    assert ((values_of(made_further, others) > 0) == labels_of(others)).mean() > 0.95
    unread = made.make(100, seed=7)
    assert ((values_of(made_further, unread) > 0) == labels_of(unread)).mean() > 0.85
    # What is kept of each passage was said before it had been read.
    np.testing.assert_allclose(made_further.left_out_values[len(PASSAGES) :], before, atol=0.3)
    np.testing.assert_array_equal(made_further.left_out_values[: len(PASSAGES)], files.left_out_values)


def test_an_encoder_that_has_read_everything_is_not_taken_further(base, recipe, files):
    from ascn_nlp.errors import ModelError
    from ascn_nlp.training.encoder import continue_encoder

    with pytest.raises(ModelError, match="has read all of these passages already"):
        continue_encoder(files, PASSAGES, base, recipe)
