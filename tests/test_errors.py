from __future__ import annotations

import importlib
import pickle
import pkgutil

import pytest

import ascn_nlp
from ascn_nlp import errors, fetch
from ascn_nlp.errors import AscnNlpError, DocumentError


def subclasses(kind: type) -> list[type]:
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]


ERRORS = sorted(set(subclasses(AscnNlpError)), key=lambda kind: kind.__name__)


def test_the_tree_was_found():
    assert {errors.UnsupportedFormat, errors.StoreError, fetch.PassingFetchError} <= set(ERRORS)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_survives_the_way_back_from_a_worker(kind):
    error = kind("what happened", "where it was", "how to mend it")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.what, again.where, again.remedy) == ("what happened", "where it was", "how to mend it")
    assert str(again) == str(error)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_prints_where_what_and_remedy(kind):
    assert str(kind("it broke", "a.toml:3", "mend it")) == "a.toml:3: it broke (mend it)"
    assert str(kind("it broke")) == "it broke"
    assert str(kind("it broke", remedy="mend it")) == "it broke (mend it)"


@pytest.mark.parametrize("kind", subclasses(DocumentError), ids=lambda kind: kind.__name__)
def test_every_document_error_knows_a_stage_the_store_can_hold(kind):
    assert kind.stage and len(kind.stage) <= 20


def test_every_error_of_the_module_is_drawn_in_its_tree():
    for kind in ERRORS:
        if kind.__module__ == errors.__name__:
            assert kind.__name__ in errors.__doc__
            assert kind.__doc__


def test_all_modules_of_the_package_raise_errors_of_this_tree_only():
    # Own exception classes outside the tree would pass by the handlers of command line and flows.
    for found in pkgutil.iter_modules(ascn_nlp.__path__, "ascn_nlp."):
        if found.name == "ascn_nlp.__main__":
            continue
        module = importlib.import_module(found.name)
        own = [v for v in vars(module).values() if isinstance(v, type) and v.__module__ == found.name]
        assert all(issubclass(kind, AscnNlpError) for kind in own if issubclass(kind, BaseException))
