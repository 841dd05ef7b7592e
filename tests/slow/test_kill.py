"""A refresh that is killed at any moment loses nothing, doubles nothing and leaves no process behind."""

import csv
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from contextlib import closing, suppress

import psutil
import pytest

from ascn_nlp.resources import resource

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3000),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

DOCUMENTS = 60
MARK = "ASCN_TEST_RUN"
SOURCES = """\
[papers]
kind = "folder"
path = "{}"
publisher = "A ministry"
genre = "official_report"
why = "it speaks of cities"
"""
# What a run prints, and up to how many seconds after it the kill comes: in each stage, on an idle machine.
MOMENTS = (("fetch:", 0.5), ("read:", 3.0), ("tag:", 0.5))
# A run takes about so many seconds, most of them until Prefect is up.
RUN_SECONDS = 15
# Everything but times, run ids and row numbers.
CONTENT = (
    "SELECT id, address, is_gone, sha256, read_key, outcome, title, published, tagged_key FROM documents",
    "SELECT d.id, v.sha256 FROM versions v JOIN documents d ON d.seq = v.document_seq",
    "SELECT d.id, c.sha256, c.text, c.pages FROM contents c JOIN documents d ON d.seq = c.document_seq",
    "SELECT d.id, stage, message, is_failure, is_current FROM issues JOIN documents d ON d.seq = document_seq",
    "SELECT id, ordinal, kind, start, end, text, heading, places, is_current FROM passages",
    "SELECT p.id, tagger_id, mentions, scores FROM taggings JOIN passages p ON p.seq = passage_seq",
    "SELECT p.id, concern, stance, score, evidence FROM tags JOIN passages p ON p.seq = passage_seq",
    "SELECT p.id, city, c.country, basis FROM passage_cities c JOIN passages p ON p.seq = passage_seq",
    "SELECT DISTINCT document_id, stage, outcome, reason FROM ledger",
    "SELECT d.id, words, text_key, signature, is_compared FROM sketches JOIN documents d ON d.seq = document_seq",
    "SELECT d.id, first.id FROM documents d JOIN documents first ON first.seq = d.story",
    "SELECT a.id, b.id, share FROM likenesses, documents a, documents b WHERE a.seq = one_seq AND b.seq = other_seq",
    "SELECT count(*) FROM lost_tags",
    "SELECT p.id FROM passages_fts f JOIN passages p ON p.seq = f.rowid WHERE passages_fts MATCH 'residents'",
)


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """Sixty documents: texts, pages, reports, and one that is broken."""
    folder = tmp_path_factory.mktemp("documents")
    samples = [*resource("corpus", "sample", "reports").iterdir(), *resource("corpus", "sample", "news").iterdir()]
    for number in range(DOCUMENTS - 1):
        if number % 3:
            sample = samples[number % len(samples)]
            shutil.copy(sample, folder / f"{number:02}-{sample.name}")
        else:
            about = f"Residents of Hanoi said that camera {number} watches their door, and that nobody had asked them. "
            (folder / f"{number:02}.txt").write_text(about * 2 + "\n\n" + about * 3, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 cut off")
    return folder


@pytest.fixture
def mark():
    """A word in the environment of every process that a test starts, by which they are found and ended."""
    word = uuid.uuid4().hex
    yield word
    for process in marked(word):
        process.kill()


def start(root, documents, mark):
    root.mkdir(exist_ok=True)
    (root / "sources.toml").write_text(SOURCES.format(documents), encoding="utf-8")
    command = [sys.executable, "-m", "ascn_nlp", "refresh"]
    with (root / "errors.txt").open("w") as errors:  # a pipe could be held open by a server that a killed run leaves
        environment = {**os.environ, MARK: mark}
        return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=errors)


def finish(root, documents, mark):
    process = start(root, documents, mark)
    assert process.wait(500) == 3, (root / "errors.txt").read_text()  # 3: one document is broken


def kill_at(process, errors, words, seconds):
    """Kill the process ``seconds`` after it printed a line that begins with these words."""
    until = time.monotonic() + 500
    while not any(line.startswith(words) for line in errors.read_text().splitlines() or [""]):
        assert process.poll() is None and time.monotonic() < until, errors.read_text()
        time.sleep(0.02)
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait(60)


def marked(mark):
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def assert_gone(find):
    """Fail unless these processes end within a minute."""
    until = time.monotonic() + 60
    while found := find():
        assert time.monotonic() < until, [one.cmdline() for one in found]
        time.sleep(0.1)


def is_server(process):
    with suppress(psutil.Error):
        return any("prefect.server" in word for word in process.cmdline())
    return False


def rows(root, query):
    with closing(sqlite3.connect(root / "data" / "ascn.db")) as connection:
        return sorted(connection.execute(query).fetchall())


def content_of(root):
    with (root / "data" / "exports" / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        exported = [{**row, "run_id": ""} for row in csv.DictReader(file)]
    raw = {path.name for path in (root / "data" / "raw").rglob("*") if path.is_file()}
    return [*(rows(root, query) for query in CONTENT), exported, raw]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, documents, prefect_home):
    root = tmp_path_factory.mktemp("undisturbed")
    finish(root, documents, uuid.uuid4().hex)
    content = content_of(root)
    assert len(content[0]) == DOCUMENTS and len(content[6]) > DOCUMENTS
    return content


@pytest.mark.parametrize("number", range(len(MOMENTS)))
def test_a_run_killed_at_a_random_moment_is_made_good_by_the_next(
    number, tmp_path, documents, undisturbed, mark, record_property
):
    words, most = MOMENTS[number]
    seconds = random.Random(number).uniform(0, most)
    record_property("killed", f"{seconds:.3f} s after {words!r}")
    process = start(tmp_path, documents, mark)
    kill_at(process, tmp_path / "errors.txt", words, seconds)
    assert_gone(lambda: [one for one in marked(mark) if not is_server(one)])
    finish(tmp_path, documents, mark)
    assert_gone(lambda: marked(mark))  # the server that the killed run left behind was ended too
    assert content_of(tmp_path) == undisturbed, f"killed {seconds:.3f} s after {words!r}"
    # It may have been done, and still closing down, when the kill came.
    assert rows(tmp_path, "SELECT state FROM runs") in ([("died",), ("done",)], [("done",), ("done",)])


# With those above, twenty kills.
@pytest.mark.parametrize("kills", [8, 9])
def test_many_kills_one_after_the_other_are_made_good(kills, tmp_path, documents, undisturbed, mark):
    draw = random.Random(kills)
    moments = [draw.uniform(0, RUN_SECONDS) for _ in range(kills)]
    for seconds in moments:
        process = start(tmp_path, documents, mark)
        kill_at(process, tmp_path / "errors.txt", "", seconds)
    finish(tmp_path, documents, mark)
    assert content_of(tmp_path) == undisturbed, moments
    assert {state for (state,) in rows(tmp_path, "SELECT state FROM runs")} <= {"died", "done"}


def test_two_refreshes_and_exports_at_the_same_time_do_each_other_no_harm(tmp_path, documents, undisturbed, mark):
    first = start(tmp_path, documents, mark)
    until = time.monotonic() + 500
    while not (tmp_path / "errors.txt").read_text():  # it says that it starts Prefect once it has begun
        assert time.monotonic() < until and first.poll() is None
        time.sleep(0.05)
    environment = {**os.environ, MARK: mark}
    refused, exported = 0, 0
    while first.poll() is None:
        for arguments in (["refresh"], ["review", "export", f"out-{exported}.csv", "--any-date"], ["status"]):
            command = [sys.executable, "-m", "ascn_nlp", *arguments]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=500)
            assert "locked" not in done.stderr, done.stderr
            if arguments == ["refresh"]:
                # It steps aside while the other is at work, and has nothing to do once that has ended.
                assert (done.returncode, "another refresh is at work" in done.stderr) in ((1, True), (3, False)), done
                refused += done.returncode == 1
            else:
                assert done.returncode == 0, done.stderr
                exported += 1
    assert first.wait() == 3, (tmp_path / "errors.txt").read_text()
    assert refused and exported
    assert "locked" not in (tmp_path / "errors.txt").read_text()
    finish(tmp_path, documents, mark)
    assert content_of(tmp_path) == undisturbed
