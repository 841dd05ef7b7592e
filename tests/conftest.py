"""What tests share: golden records, kept as JSON beside their samples and rewritten on demand; and workspaces."""

import json
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


# Tests ask servers of their own, which no proxy of the machine's reaches.
OF_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_found = {name: os.environ.pop(name) for name in [*os.environ] if name.lower() in OF_PROXIES}
# The workers of a parallel run inherit this, and find nothing themselves.
PROXIES = json.loads(os.environ.setdefault("PROXIES_OUTSIDE_TESTS", json.dumps(_found)))

# A machine that is busy fails no property: what takes too long altogether ends at pytest's own limit.
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# The same examples on each run: a test that fails here fails because of what was changed, and fails elsewhere too.
settings.register_profile("same", derandomize=True, database=None, **PATIENT)
settings.load_profile("same")


def pytest_configure(config):
    """Draw no constants of our modules: which of them are imported by then differs with the tests run before."""
    from hypothesis.internal.conjecture import providers

    if hasattr(providers, "_get_local_constants") and not config.getoption("--fuzz"):
        none = providers.Constants()
        providers._get_local_constants = lambda: none


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden records; review the difference")
    parser.addoption("--fuzz", type=int, default=0, help="property tests alone, on N times as many and new examples")


def pytest_collection_modifyitems(config, items):
    for item in items:
        # Each worker of a parallel run has its own order of a set, so that they collect "different tests".
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if any(isinstance(value, set | frozenset) and len(value) > 1 and str(value) in item.nodeid for value in values):
            raise pytest.UsageError(f"{item.nodeid} is named by a set, which has no order: give it an id")
    times = config.getoption("--fuzz")
    if not times:
        return
    properties = [item for item in items if hasattr(getattr(item, "obj", None), "hypothesis")]
    config.hook.pytest_deselected(items=[item for item in items if item not in properties])
    items[:] = properties
    # Hypothesis has no option for that: settings in a test go before those of any profile.
    for function in {getattr(item.obj, "__func__", item.obj) for item in properties}:
        usual = function._hypothesis_internal_use_settings
        checks = {*usual.suppress_health_check, *PATIENT["suppress_health_check"]}
        patient = {**PATIENT, "suppress_health_check": [*checks]}
        more = settings(usual, max_examples=times * usual.max_examples, derandomize=False, **patient)
        function._hypothesis_internal_use_settings = more


@pytest.fixture
def golden(request):
    """``golden(path, value)`` fails unless the JSON at ``path`` is ``value``; --update-golden writes it first."""

    def check(path: Path, value) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        assert path.is_file(), f"{path} is missing: run pytest --update-golden and review what it writes"
        assert value == json.loads(path.read_text(encoding="utf-8"))

    return check


class Handler(BaseHTTPRequestHandler):
    """Gives the pages that a test has written: text, a status, or a function of the request that gives either.

    A function may also give (status, text, headers). {base} in a text is the site's address.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, self.query = self.path.partition("?")
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path, self.server.pages.get(path, 404))
        page = page(self) if callable(page) else page
        if not isinstance(page, tuple):
            page = (page, b"", {}) if isinstance(page, int) else (200, page, {})
        status, body, headers = page
        body = body.encode() if isinstance(body, str) else body
        body = body.replace(b"{base}", self.server.base.encode())
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value.replace("{base}", self.server.base))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def _server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # readers that go away are part of the tests
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def site(_server, monkeypatch):
    """``site.pages["/feed"] = "<rss>..."``; ``site.asked`` are the paths asked for, ``site.base`` its address."""
    monkeypatch.setenv("NO_PROXY", "*")
    _server.pages, _server.asked = {}, []
    _server.base = f"http://127.0.0.1:{_server.server_address[1]}"
    return _server


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
def proxies():
    """The machine's settings of proxies, for the tests that need the internet."""
    return PROXIES


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
