"""What tests of the taggers share: the pipeline, Docs of texts, and a small model trained on made-up passages."""

import importlib.util
from pathlib import Path

import pytest

from ascn_nlp.annotate import annotate, build_pipeline
from ascn_nlp.gazetteer import load_gazetteer
from ascn_nlp.records import Passage
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.training import train
from ascn_nlp.weights import save_encoder, save_weights


def _load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def made():
    """The module tests/made_passages.py."""
    return _load("made_passages")


@pytest.fixture(scope="session")
def made_encoder():
    """The module tests/made_encoder.py."""
    return _load("made_encoder")


@pytest.fixture(scope="session")
def taxonomy():
    return load_taxonomy()


@pytest.fixture(scope="session")
def nlp(taxonomy):
    return build_pipeline(taxonomy, load_gazetteer())


@pytest.fixture(scope="session")
def docs_of(nlp):
    """``docs_of(texts)`` are their Docs, each a document of its own."""

    def make(texts, heading=()):
        texts = list(texts)
        passages = [
            Passage(f"p{n}", f"d{n}", 0, "paragraph", 0, len(text), text, heading, language="en")
            for n, text in enumerate(texts)
        ]
        return list(annotate(nlp, passages))

    return make


@pytest.fixture(scope="session")
def trained(made, taxonomy, nlp):
    """Weights that know surveillance and displacement alone."""
    return train(made.make(), taxonomy, nlp).weights


@pytest.fixture(scope="session")
def encoder_files(made, made_encoder):
    """A very small encoder that knows displacement and surveillance."""
    return made_encoder.make_files(made.make(), ("displacement", "surveillance"))


@pytest.fixture(scope="session")
def encoding_model(made, taxonomy, nlp, encoder_files, tmp_path_factory):
    """The folder of weights that ask that encoder."""
    folder = tmp_path_factory.mktemp("encoding") / "model"
    save_encoder(folder, encoder_files)
    save_weights(folder, train(made.make(), taxonomy, nlp, encoder_files).weights, {}, "")
    return folder


@pytest.fixture(scope="session")
def small_model(trained, tmp_path_factory):
    """The folder of those weights."""
    folder = tmp_path_factory.mktemp("small") / "model"
    save_weights(folder, trained, {}, "")
    return folder
