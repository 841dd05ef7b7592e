"""What the documents say of the code is true of it."""

import os
import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from ascn_nlp import catalogue, taxonomy
from ascn_nlp.sources import KINDS, table
from ascn_nlp.workspace import SETTINGS, Workspace

ROOT = Path(__file__).parents[1]
PAGES = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("flows/*.md")])
KEYS = [f"{section}.{key}" for section, keys in SETTINGS.items() for key in keys]


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_is_in_the_readme(key):
    assert f"`{key}`" in (ROOT / "README.md").read_text(encoding="utf-8")


def head_of(path):
    """The comment at the head of a table, up to its first key."""
    return re.split(r"(?m)^[^#\s]", (ROOT / path).read_text(encoding="utf-8"))[0]


@pytest.mark.parametrize("key", table._KEYS)
def test_every_key_of_a_source_is_explained_in_the_readme_and_at_the_head_of_the_table(key):
    part = (ROOT / "README.md").read_text(encoding="utf-8").partition("| kind of source |")[2].partition("\n## ")[0]
    assert re.search(rf"`{key}\b", part)
    assert re.search(rf"\b{key}\b", head_of("corpus/sources.toml"))


@pytest.mark.parametrize("word", [*KINDS, *table.GENRES])
def test_every_kind_and_genre_is_named_where_the_keys_are_explained(word):
    part = (ROOT / "README.md").read_text(encoding="utf-8").partition("| kind of source |")[2].partition("\n## ")[0]
    assert f"`{word}`" in part
    assert re.search(rf"\b{word}\b", head_of("corpus/sources.toml"))


@pytest.mark.parametrize("key", taxonomy._CONCERN)
def test_every_key_of_a_concern_is_explained_at_the_head_of_the_taxonomy(key):
    assert re.search(rf"(?m)^#   [\w, ]*\b{key}\b", head_of("ascn_nlp/taxonomy.toml"))


def test_the_head_of_a_new_table_names_the_part_of_the_readme_that_explains_the_keys():
    head = "Use it on your own documents"
    assert f"## {head}\n" in (ROOT / "README.md").read_text(encoding="utf-8").partition("| kind of source |")[0]
    assert head in catalogue._NEW_TABLE


@pytest.mark.skipif(os.name != "posix", reason="cron")
@pytest.mark.parametrize(("status", "mailed"), [(0, ""), (3, "out\nnote\n")])
def test_the_line_for_cron_works_in_a_fresh_folder_and_mails_failures_only(tmp_path, status, mailed):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho out; echo note >&2; exit {status}\n", encoding="utf-8")
    program.chmod(0o700)
    (tmp_path / "fresh").mkdir()
    page = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")
    command = re.search(r"(?m)^ +0 2 \* \* \*  (.*)$", page)[1]
    command = command.replace("/srv/ascn-nlp/.venv/bin/ascn-nlp", str(program)).replace("/srv/ascn ", "fresh ")
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == mailed
    assert (tmp_path / "fresh" / "refresh.txt").read_text(encoding="utf-8") == "out\nnote\n"


def test_a_work_pool_has_the_schedule_that_serve_has():
    deployed = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    crons = {one["entrypoint"]: [(it["cron"], it["timezone"]) for it in one.get("schedules", ())] for one in deployed}
    usual = {field.name: field.default for field in fields(Workspace)}
    for flow in ("refresh", "retag"):
        assert crons[f"flows/{flow}.py:{flow}"] == [(usual[f"{flow}_cron"], usual["timezone"])]
    assert crons["flows/train.py:train"] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    lost = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert not lost


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_files_that_are_named_exist(page):
    named = re.findall(r"`([a-z_]+(?:/[a-z_<>.]+)*/?)`", (ROOT / page).read_text(encoding="utf-8"))
    made = ("data", "ascn_nlp/_data")  # by a run, and by building a wheel
    paths = [n for n in named if "/" in n and "<" not in n and not n.startswith(made)]
    bases = (ROOT, ROOT / "ascn_nlp")  # modules are named without their ending
    lost = [n for n in paths if not any((base / n).exists() or (base / f"{n}.py").exists() for base in bases)]
    assert paths and not lost


MODULES = sorted(path.relative_to(ROOT / "ascn_nlp") for path in (ROOT / "ascn_nlp").rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.as_posix())
def test_what_reads_or_writes_files_is_in_the_table_of_what_touches_the_world(module):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    touching = page.partition("| module | touches |")[2].partition("Everything else (")[0]
    code = (ROOT / "ascn_nlp" / module).read_text(encoding="utf-8")
    if not re.search(r"\.(read|write)_(text|bytes)\(|\b(packaged|resource|replacing|mkdir|unlink)\(", code):
        return
    names = [module.with_suffix("").as_posix(), *(f"{folder.as_posix()}/" for folder in module.parents[:-1])]
    assert any(f"`{name}`" in touching for name in names)


def test_no_page_is_left_with_a_gap():
    for page in PAGES:
        assert not re.search(r"\b[A-Z]+_TABLE\b", page.read_text(encoding="utf-8")), page


SOURCES = sorted(p for folder in ("ascn_nlp", "flows", "benchmarks") for p in (ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_code_and_comments_name_exist(path):
    named = re.findall(
        r"\b(?:benchmarks|tests|docs|flows)/[a-z_/]+\.(?:py|md|toml)\b", path.read_text(encoding="utf-8")
    )
    assert not [name for name in named if not (ROOT / name).exists()]
