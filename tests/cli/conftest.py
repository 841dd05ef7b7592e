"""A workspace that has been refreshed once, without Prefect, and a way to run commands in this process."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import pytest

from ascn_nlp import pipeline, tagging
from ascn_nlp.cli import main
from ascn_nlp.refreshing import begin_refresh, end_refresh
from ascn_nlp.resources import resource
from ascn_nlp.workspace import open_workspace

SOURCES = """\
[notes]
kind = "folder"
path = "notes"
publisher = "A ministry"
genre = "official_report"
country = "VN"
why = "to try commands on"

[web]
kind = "urls"
urls = ["https://example.org/page"]
publisher = "A newspaper"
genre = "news"
why = "never fetched here"
"""
REPORT = """\
---
title: Towers on the river
date: {date}
---

# Towers on the river

Residents of Ho Chi Minh City were evicted without compensation when the smart city towers were built along the river,
and forty families still live under the bridge.

Facial recognition cameras now watch every market stall in Hanoi, and nobody was asked whether they agreed to it.

The programme began with an ordinary list of bus stops and benches, printed on cheap paper and sent to every district.
"""


class Ran(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(capsys, monkeypatch):
    """``run("search", "words", stdin=b"...")`` -> status, what went to stdout, what went to stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture(scope="session", autouse=True)
def _taggers_load_once():
    """``tag`` loads its tagger anew each time, which is most of what it costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tagging, "load_tagging", lru_cache(tagging.load_tagging))
        yield


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory):
    """The folder of a workspace with three notes read and tagged by rules, one broken file and one never fetched."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "notes").mkdir()
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    (folder / "ascn.toml").write_text('[tagger]\nkind = "rules"\n[reading]\nworkers = 1\n', encoding="utf-8")
    for name, date in (("a.md", "2021-03-14"), ("old.md", "2016-03-14")):
        (folder / "notes" / name).write_text(REPORT.format(date=date), encoding="utf-8")
    shutil.copy(resource("corpus", "sample", "notes", "phuket-blog-post.md"), folder / "notes")
    (folder / "notes" / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    refresh(folder)
    return folder


def refresh(folder):
    place = open_workspace(folder)
    begun = begin_refresh(place)
    run_id, counts = begun["run_id"], Counter(begun["counts"])

    def add(stage, done):
        counts.update({f"{stage}.{name}": count for name, count in done.items()})

    for batch in pipeline.plan_fetch(place, (), is_offline=True):
        add("fetch", pipeline.fetch_batch(place, batch, run_id, (), is_offline=True))
    for batch in pipeline.plan_read(place):
        add("read", pipeline.read_batch(place, batch, run_id))
    for batch in pipeline.plan_tag(place):
        add("tag", pipeline.tag_batch(place, batch, run_id))
    for batch in pipeline.plan_sketch(place):
        add("group", pipeline.sketch_batch(place, batch, run_id))
    add("group", pipeline.group_stories(place, run_id))
    end_refresh(place, begun, counts)
    pipeline.store_of(place).close()


@pytest.fixture
def workspace(refreshed, tmp_path):
    """A copy of the refreshed workspace that a test may change."""
    folder = tmp_path / "copy"
    shutil.copytree(refreshed, folder)
    return folder
