"""What only a process of its own shows: pipes, signals, encodings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

COMMAND = [sys.executable, "-m", "ascn_nlp"]
PLAIN = {"id": 1, "text": "A list of bus stops."}
posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "", **more}


@posix
def test_a_reader_that_leaves_early_is_no_error(tmp_path):
    given = tmp_path / "in.jsonl"
    given.write_text("".join(json.dumps({**PLAIN, "id": n}) + "\n" for n in range(2000)), encoding="utf-8")
    arguments = [*COMMAND, "tag", str(given), "--json", "--tagger", "rules", "-w", str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert json.loads(process.stdout.readline())["id"] == 0
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=300) == 0


@posix
def test_ctrl_c_ends_with_one_line_and_130(tmp_path):
    arguments = [*COMMAND, "tag", "--json", "--tagger", "rules", "-w", str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(arguments, **pipes) as process:
        for n in range(500):  # a chunk, so that an answer comes before the end of the input
            process.stdin.write(json.dumps({**PLAIN, "id": n}).encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err.decode().strip() == "ascn-nlp: stopped; what was done is kept"


def test_data_is_utf8_whatever_the_system_speaks(tmp_path):
    given = json.dumps({"id": "Đà Nẵng", "text": "A list of bus stops."}, ensure_ascii=False).encode() + b"\n"
    arguments = [*COMMAND, "tag", "--json", "--tagger", "rules", "-w", str(tmp_path)]
    done = subprocess.run(
        arguments, input=given, capture_output=True, env=environment(PYTHONIOENCODING="cp1252"), timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("utf-8"))["id"] == "Đà Nẵng"


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are not UTF-8")
def test_a_file_name_that_is_no_text_comes_as_json(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.md"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(
            b"# A title\n\nA list of bus stops and benches, printed on cheap paper and sent to every district.\n"
        )
    done = subprocess.run([*COMMAND, "extract", "--json", path], capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert all(json.loads(line)["document"].endswith("caf\udce9.md") for line in done.stdout.splitlines())


@pytest.mark.parametrize("heavy", ["prefect", "spacy", "sklearn", "pandas", "sqlalchemy", "httpx", "numpy"])
def test_help_and_import_load_nothing_heavy(loaded, heavy):
    assert heavy not in loaded


@pytest.fixture(scope="session")
def loaded():
    """The modules that ``--help`` of a command brings in."""
    program = "import sys, ascn_nlp.cli; ascn_nlp.cli.main(['tag', '--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    return {name.partition(".")[0] for name in done.stderr.split()}
