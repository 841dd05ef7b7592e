"""The built wheel, installed as anybody would into a clean environment, works in an empty folder."""

import csv
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]


def run(*command, cwd, **environment):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=800,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory, proxies):
    """The folder with the programs of an environment that holds the wheel and what pip finds for it, unlocked."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=ROOT)
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    (wheel,) = (folder / "dist").glob("*.whl")
    run(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=folder, **proxies)
    return programs


def test_a_refresh_in_an_empty_folder_reads_the_sample_corpus_and_writes_the_review_csv(installed, tmp_path):
    workspace = tmp_path / "empty"
    workspace.mkdir()
    shown = run(installed / "ascn-nlp", "refresh", "--offline", cwd=workspace, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert "review.csv" in shown.splitlines()[-1]
    with (workspace / "data" / "exports" / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"news", "official_report", "ngo_or_think_tank"} <= {row["genre"] for row in rows}


def test_a_wheel_claims_no_name_but_its_own(installed, tmp_path):
    for name in ("flows", "corpus", "models", "tests", "benchmarks"):
        looked = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({name!r}) is not None)"
        run(installed / "python", "-c", looked, cwd=tmp_path)


def test_doctor_finds_nothing_broken(installed, tmp_path):
    assert "BROKEN" not in run(installed / "ascn-nlp", "doctor", cwd=tmp_path)
