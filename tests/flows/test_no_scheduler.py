"""What can be done without Prefect is done without it: importing it costs a second, starting it ten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ascn_nlp

PACKAGE = Path(ascn_nlp.__file__).parent
PROGRAM = """
import json, sys
import ascn_nlp
status = None
if sys.argv[1:]:
    from ascn_nlp.cli import main
    status = main(sys.argv[1:])
sys.stdout.flush()
print()
print(json.dumps([status, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
LIGHT = (
    ["retag", "--dry-run"],
    ["status"],
    ["extract", "documents/a.txt"],
    ["tag", "documents/a.txt"],
    ["search", "cameras"],
    ["review", "export", "out.csv"],
    ["refresh"],  # with nothing new
)


def run(folder, *arguments):
    command = [sys.executable, "-c", PROGRAM, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def filled(workplaces, tmp_path_factory):
    workplace = workplaces(tmp_path_factory.mktemp("light"))
    workplace.put("a.txt")
    workplace.refresh()
    return workplace.root


def test_importing_the_package_imports_nothing_else(tmp_path):
    _, modules = run(tmp_path)
    assert not {"prefect", "spacy", "sklearn", "pandas", "numpy", "sqlalchemy", "httpx"} & set(modules)


@pytest.mark.parametrize("command", LIGHT, ids=" ".join)
def test_a_command_that_schedules_nothing_does_not_import_prefect(filled, command):
    status, modules = run(filled, *command)
    assert status == 0
    assert "prefect" not in modules


def test_no_module_of_the_package_imports_prefect_or_a_flow():
    for path in PACKAGE.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [line for line in lines if line.strip().startswith(("import prefect", "from prefect", "from flows"))]
        assert not found, f"{path.name}: {found[0]}"
