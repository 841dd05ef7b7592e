"""What can be done without Prefect is done without it: importing it costs a second, starting it ten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ascn_nlp

PACKAGE = Path(ascn_nlp.__file__).parent
# Runs commands one after the other in one process: [status, top-level modules imported by then] for each.
PROGRAM = """
import json, sys
import ascn_nlp

def modules():
    return sorted({name.partition(".")[0] for name in sys.modules})

seen = [[None, modules()]]
for command in json.loads(sys.argv[1]):
    from ascn_nlp.cli import main
    seen.append([main(command), modules()])
sys.stdout.flush()
print()
print(json.dumps(seen))
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


@pytest.fixture(scope="module")
def seen(workplaces, tmp_path_factory):
    workplace = workplaces(tmp_path_factory.mktemp("light"))
    workplace.put("a.txt")
    workplace.refresh()
    command = [sys.executable, "-c", PROGRAM, json.dumps(LIGHT)]
    done = subprocess.run(command, cwd=workplace.root, capture_output=True, text=True, timeout=300, check=True)
    bare, *of_commands = json.loads(done.stdout.splitlines()[-1])
    return bare, dict(zip(map(" ".join, LIGHT), of_commands, strict=True))


def test_importing_the_package_imports_nothing_else(seen):
    (_, modules), _ = seen
    assert not {"prefect", "spacy", "sklearn", "pandas", "numpy", "sqlalchemy", "httpx"} & set(modules)


@pytest.mark.parametrize("command", [" ".join(words) for words in LIGHT])
def test_a_command_that_schedules_nothing_does_not_import_prefect(seen, command):
    status, modules = seen[1][command]
    assert status == 0
    assert "prefect" not in modules


def test_no_module_of_the_package_imports_prefect_or_a_flow():
    for path in PACKAGE.rglob("*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [line for line in lines if line.strip().startswith(("import prefect", "from prefect", "from flows"))]
        assert not found, f"{path.name}: {found[0]}"
