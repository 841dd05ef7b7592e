from __future__ import annotations

import doctest
import subprocess
import sys

import pytest

import ascn_nlp
from ascn_nlp import api
from ascn_nlp.errors import OptionError, StoreError, TableError
from ascn_nlp.pipeline import store_of
from ascn_nlp.records import Document, TaggedPassage
from ascn_nlp.resources import resource
from ascn_nlp.review.columns import COLUMNS
from ascn_nlp.workspace import open_workspace

NOTE = resource("corpus", "sample", "notes", "phuket-blog-post.md")
EVICTED = "Residents were evicted without compensation to make way for the smart city towers in Hanoi."


def test_what_is_promised_is_there_and_nothing_else():
    assert sorted(ascn_nlp.__all__) == ["__version__", "frame", "frame_of", "passages", "read", "report_frame", "tag"]
    assert set(ascn_nlp.__all__) <= set(dir(ascn_nlp))
    for name in set(ascn_nlp.__all__) - {"__version__"}:
        assert getattr(ascn_nlp, name) is getattr(api, name)
        assert getattr(api, name).__doc__
    with pytest.raises(AttributeError, match="nothing"):
        getattr(ascn_nlp, "nothing")  # noqa: B009


@pytest.mark.parametrize("module", [ascn_nlp, api], ids=lambda module: module.__name__)
def test_the_examples_in_docstrings_run(module, monkeypatch):
    monkeypatch.chdir(resource())
    failed, tried = doctest.testmod(module)
    assert (failed, tried > 0) == (0, True)


def test_no_name_of_the_api_is_hidden_by_a_module():
    # Once a module of that name is imported, ``ascn_nlp.<name>`` is the module.
    folder = resource("ascn_nlp")
    assert not [name for name in ascn_nlp.__all__ if (folder / name).exists() or (folder / f"{name}.py").exists()]


def test_import_brings_in_nothing_heavy():
    program = "import ascn_nlp, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    mine = {name for name in done.stdout.split() if name.startswith("ascn_nlp")}
    assert mine == {"ascn_nlp"}
    assert not {"pandas", "spacy", "sklearn", "numpy", "typer", "sqlalchemy", "prefect"} & set(done.stdout.split())


def test_a_document_is_read_cut_and_tagged():
    document = ascn_nlp.read(str(NOTE))
    assert isinstance(document, Document) and document.title == "What the wristband knows"
    cut = ascn_nlp.passages(document)
    assert isinstance(cut, tuple) and all(document.text[one.start : one.end] == one.text for one in cut)
    tagged = ascn_nlp.tag(document, tagger="rules")
    assert [one.passage_id for one in tagged] == [one.id for one in cut]
    assert [one.passage_id for one in ascn_nlp.tag(cut, tagger="rules")] == [one.id for one in cut]


def test_a_text_gives_one_tagged_passage(tmp_path):
    [one] = ascn_nlp.tag(EVICTED, workspace=tmp_path, tagger="rules")
    assert isinstance(one, TaggedPassage)
    assert [(tag.concern, tag.stance) for tag in one.tags] == [("displacement", "raised")]
    assert [city.city for city in one.cities] == ["Hanoi"]
    assert ascn_nlp.tag("", tagger="rules")[0].tags == ()


def test_tagger_and_workspace_that_do_not_exist_are_refused(tmp_path):
    with pytest.raises(OptionError, match="magic"):
        ascn_nlp.tag("x", tagger="magic")
    with pytest.raises(TableError, match="is not a folder"):
        ascn_nlp.frame(tmp_path / "absent")


def test_tags_in_memory_become_a_frame_with_the_columns_of_a_review():
    document = ascn_nlp.read(NOTE)
    cut = ascn_nlp.passages(document)
    made = ascn_nlp.frame_of(cut, ascn_nlp.tag(document, tagger="rules"))
    assert list(made.columns) == [*COLUMNS, "unsure"]
    assert str(made["score"].dtype) == "float64" and str(made["unsure"].dtype) == "bool"
    [one] = cut[:1]
    tagged = ascn_nlp.tag(EVICTED, tagger="rules")
    [row] = ascn_nlp.frame_of([one], tagged).to_dict("records")
    assert (row["concern"], row["quote"], row["city"]) == ("displacement", one.text, "Hanoi (passage)")
    assert row["decision"] == "" and 0 < row["score"] <= 1
    assert len(ascn_nlp.frame_of([], [])) == 0


def test_a_workspace_without_a_store_is_told_and_gets_none(tmp_path):
    with pytest.raises(StoreError, match="no store yet"):
        ascn_nlp.frame(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_store_gives_an_empty_frame(tmp_path):
    store_of(open_workspace(tmp_path)).make()
    made = ascn_nlp.frame(tmp_path)
    assert (len(made), list(made.columns)) == (0, [*COLUMNS, "unsure"])
