"""What tests share: golden records, kept as JSON beside their samples and rewritten on demand; and workspaces."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ascn_nlp import pipeline
from ascn_nlp.prefect_runtime import SETTINGS as SETTINGS_OF_PREFECT
from ascn_nlp.prefect_runtime import load_flow
from ascn_nlp.refreshing import begin_refresh
from ascn_nlp.store import documents as document_rows
from ascn_nlp.store import open_store
from ascn_nlp.workspace import open_workspace

# Tesseract's models are where this says, or nowhere: tests give the same whether it is installed here or not, and
# those that need it unset this.
os.environ["TESSDATA_PREFIX"] = os.devnull


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden records; review the difference")


@pytest.fixture
def golden(request):
    """``golden(path, value)`` fails unless the JSON at ``path`` is ``value``; --update-golden writes it first."""

    def check(path: Path, value) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        assert path.is_file(), f"{path} is missing: run pytest --update-golden and review what it writes"
        assert value == json.loads(path.read_text(encoding="utf-8"))

    return check


SOURCES = """\
[papers]
kind = "folder"
path = "documents"
publisher = "A ministry"
genre = "official_report"
why = "it speaks of cities"
"""
# Rules alone load in a third of the time; tests of the model ask for it.
SETTINGS = '[tagger]\nkind = "rules"\n[reading]\nworkers = 1\n'
PARAGRAPH = (
    "Published on 3 March 2021. Residents of Hanoi were evicted for the smart city {}, and facial recognition cameras "
    "now watch the streets where they lived; the council has promised them compensation and a public hearing."
)


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory):
    """A PREFECT_HOME and a cache folder of our own, for whatever imports Prefect or starts a process that does."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**SETTINGS_OF_PREFECT, "PREFECT_HOME": str(home / "prefect")}.items():
            patch.setenv(name, value)
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield home


@pytest.fixture(scope="session")
def refresh_body(prefect_home):
    """The body of the flow ``refresh`` and its tasks, without Prefect's engine around them."""
    module = load_flow("refresh")
    for task in ("fetch_batch", "read_batch", "tag_batch", "sketch_batch", "group_stories"):
        setattr(module, task, getattr(module, task).fn)
    return module.refresh.fn


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A migrated SQLite file, to be copied: migrating anew for each test would take most of the tests' time."""
    path = tmp_path_factory.mktemp("store") / "ascn.db"
    open_store(f"sqlite:///{path}").close()
    return path


class Workplace:
    """A workspace with one folder of documents, and what a person does in it."""

    def __init__(self, root, refresh_body):
        self.root = root
        self.documents = root / "documents"
        self._refresh_body = refresh_body

    def settings(self, text):
        (self.root / "ascn.toml").write_text(text, encoding="utf-8")

    def put(self, name, content=None):
        path = self.documents / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = PARAGRAPH.format(name) if content is None else content
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    @property
    def workspace(self):
        return open_workspace(self.root)

    def refresh(self, **options):
        """The summary of a refresh of the usual flow, run without Prefect."""
        return self._refresh_body(workspace=str(self.root), **options)

    def begin(self):
        """A run that has listed its documents and done nothing else yet."""
        return begin_refresh(self.workspace)

    def rows(self, query, *values):
        with closing(sqlite3.connect(self.root / "data" / "ascn.db")) as connection:
            return connection.execute(query, values).fetchall()

    def failures(self):
        """{address: (stage, message, remedy)}"""
        with pipeline.store_of(self.workspace).reading() as connection:
            rows = document_rows.standing_failures(connection)
        return {row["address"]: (row["stage"], row["message"], row["remedy"]) for row in rows}

    def close(self):
        self.settings(SETTINGS)
        pipeline.store_of(self.workspace).close()

    def outcomes(self):
        return dict(self.rows("SELECT address, outcome FROM documents"))


@pytest.fixture(scope="module")
def workplaces(refresh_body, empty_store):
    """``workplaces(folder)`` is the workplace there, made when the folder is empty."""
    made = []

    def make(root):
        one = Workplace(root, refresh_body)
        made.append(one)
        if not one.documents.exists():
            one.documents.mkdir()
            one.settings(SETTINGS)
            (root / "sources.toml").write_text(SOURCES, encoding="utf-8")
            (root / "data").mkdir()
            shutil.copy(empty_store, root / "data" / "ascn.db")
        return one

    yield make
    for one in made:
        one.close()


@pytest.fixture
def workplace(tmp_path, workplaces):
    return workplaces(tmp_path)
