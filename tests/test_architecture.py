"""Dependencies point one way, and only the modules that docs/architecture.md names touch the world outside."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "ascn_nlp"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
# Layers from the innermost: a module may import from its own layer and from those before it.
INNERMOST = ("records", "errors")
DATABASE = (
    "pipeline/",
    "history",
    "forgetting",
    "refreshing",
    "retagging",
    "reviewing/",
    "reporting/",
    "choices",
    "api",
)
PROCESSES = ("workers", "prefect_runtime", "store/runs")


def name_of(path):
    return path.relative_to(PACKAGE).with_suffix("").as_posix().removesuffix("/__init__")


def imports_of(path):
    """Every module a file imports, wherever in it, ``from x import y`` as "x" and "x.y"."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def imports(path, *packages):
    return any(name == package or name.startswith(f"{package}.") for name in imports_of(path) for package in packages)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_in_the_package_imports_prefect(path):
    assert not imports(path, "prefect")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_command_line_prints(path):
    if not name_of(path).startswith("cli"):
        assert not imports(path, "typer", "rich", "ascn_nlp.cli") or name_of(path) == "__main__"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_store_and_what_stands_on_it_touches_the_database(path):
    name = name_of(path)
    if not name.startswith(("store", "cli", *DATABASE)):
        assert not imports(path, "sqlalchemy", "ascn_nlp.store")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_the_fetcher_touches_the_network(path):
    if not name_of(path).startswith("fetch/"):
        assert (
            not imports(path, "httpx", "httpcore", "requests", "urllib.request", "socket")
            or name_of(path) == "store/runs"
        )


@pytest.mark.parametrize("name", INNERMOST)
def test_records_and_errors_import_nothing_of_ours(name):
    assert not imports(PACKAGE / f"{name}.py", "ascn_nlp")


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith(("extract", "classify"))], ids=name_of)
def test_readers_and_taggers_open_no_files_and_know_no_stage_after_them(path):
    assert not imports(path, "ascn_nlp.pipeline", "ascn_nlp.workspace", "ascn_nlp.raw", "tempfile")
    calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    assert not [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "open"]
