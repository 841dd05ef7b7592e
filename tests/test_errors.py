from __future__ import annotations

import ast
import builtins
import pickle
from pathlib import Path

import pytest

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


PACKAGE = Path(errors.__file__).parent


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_makes_errors_outside_the_tree(path):
    # They would pass by the handlers of command line and flows.
    builtin = {name for name, value in vars(builtins).items() if isinstance(value, type)}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name != "AscnNlpError":
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)} & builtin
            assert not [base for base in bases if issubclass(getattr(builtins, base), BaseException)], node.name
