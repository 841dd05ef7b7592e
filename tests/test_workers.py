"""The reading processes: one that hangs, dies or eats memory takes its document along and nothing else."""

import gc
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from ascn_nlp.errors import ExtractError, FetchError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.records import Source
from ascn_nlp.workers import Reading, ReadJob, read_all

SOURCE = Source("papers", "folder", "A ministry", "news", "why")
# Soon, for readers that hang; and long enough for all others, however busy the machine is.
SOON, SECONDS, MEGABYTES = 5, 60, 500


def job(address, seq=0, path=Path("nowhere")):
    return ReadJob(seq, path, SOURCE, address, "", "", "", "2024-01-01", Limits())


@pytest.fixture
def strange(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent / "broken")
    import strange_readers

    yield strange_readers.read
    sys.modules.pop("strange_readers")


def workers():
    """Processes below this one that read: the fork server and the resource tracker are not among them."""
    me = psutil.Process()
    servers = {child.pid for child in me.children()}
    return those(lambda one: one.ppid() in servers)


def those(is_meant):
    """The processes below this one that are meant; one that ends while it is looked at is gone."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += [one] * is_meant(one)
    return found


def assert_no_worker_is_left():
    waited = time.monotonic() + 30
    while workers() and time.monotonic() < waited:
        time.sleep(0.05)
    assert workers() == []
    assert those(lambda one: one.status() == psutil.STATUS_ZOMBIE) == []


# Behaviour -> (words of what happened, words of the remedy).
BAD = {
    "hang": ("took more than 5 s", "raise reading.seconds in ascn.toml"),
    "hang-deaf": ("took more than 5 s", "raise reading.seconds in ascn.toml"),
    "memory": ("needs more than 500 MB", "raise reading.megabytes in ascn.toml"),
    "exit": ("ended its reader: exit status 3", "save it anew"),
    "sys-exit": ("ended its reader: SystemExit", "save it anew"),
    "crash": ("ended its reader: SIGSEGV", "save it anew"),
    "abort": ("ended its reader: SIGABRT", "save it anew"),
    "refuse": ("is encrypted", "without a password"),
    "unsendable": ("ended its reader: AttributeError", "save it anew"),
    "crash-when-sent": ("ended its reader: SIGKILL", "save it anew"),
    "too-large": ("needs more than 500 MB", "raise reading.megabytes in ascn.toml"),
}


HANGING = ("hang", "hang-deaf")


@pytest.mark.parametrize(
    ("seconds", "behaviours"),
    [(SOON, HANGING), (SECONDS, [bad for bad in BAD if bad not in HANGING])],
    ids=["hanging", "others"],
)
def test_whatever_one_reader_does_the_others_arrive_in_order(strange, seconds, behaviours):
    addresses = [address for bad in behaviours for address in ("good", bad)] + ["good"] * 6
    jobs = [job(address, seq) for seq, address in enumerate(addresses)]
    results = list(read_all(jobs, 2, seconds, MEGABYTES, strange))
    assert [one.seq for one, _ in results] == list(range(len(jobs)))
    for one, result in results:
        if one.address == "good":
            assert result[0] == one.seq
        else:
            expected, mend = BAD[one.address]
            assert isinstance(result, ExtractError)
            assert expected in result.what and mend in result.remedy and result.where == one.address
    assert_no_worker_is_left()


def test_one_worker_goes_on_after_each_disaster(strange):
    jobs = [job(address, seq) for seq, address in enumerate(["exit", "crash", "good", "hang", "good"])]
    results = [result for _, result in read_all(jobs, 1, SOON, MEGABYTES, strange)]
    assert [isinstance(result, ExtractError) for result in results] == [True, True, False, True, False]


@pytest.mark.parametrize("addresses", [("crash-later", "slow"), ("leave-no-room", "take-room")])
def test_a_document_does_not_pay_for_the_one_read_before_it(strange, addresses):
    jobs = [job(address, seq) for seq, address in enumerate(addresses)]
    assert [result[0] for _, result in read_all(jobs, 1, SECONDS, MEGABYTES, strange)] == [0, 1]


def test_the_limit_is_for_each_document_and_waiting_for_a_turn_does_not_count(strange):
    jobs = [job("good", 2 + 3 * n) for n in range(50)]  # 5 s together
    results = [result for _, result in read_all(jobs, 1, 4, MEGABYTES, strange)]
    assert not [result for result in results if isinstance(result, ExtractError)]


def test_a_caller_that_stops_listening_ends_the_readers(strange):
    results = read_all([job("good"), *[job("hang")] * 5], 2, 600, MEGABYTES, strange)
    next(results)
    began = time.monotonic()
    results.close()
    gc.collect()
    assert_no_worker_is_left()
    assert time.monotonic() - began < 300


SCRIPT = """
from pathlib import Path
from ascn_nlp.extract.draft import Limits
from ascn_nlp.records import Source
from ascn_nlp.workers import ReadJob, read_all
job = ReadJob(0, Path("a"), Source("a", "folder", "", "", ""), "a", "", "", "", "2024-01-01", Limits())
print(list(read_all([job], 1, 9, 500)))
"""


def test_processes_that_do_not_start_are_held_against_no_document(tmp_path):
    # Each process runs the script that leads it anew, and comes to the same line.
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.stdout == ""
    assert "InstallationError" in done.stderr.splitlines()[-1] and "__main__" in done.stderr.splitlines()[-1]


def test_no_jobs_give_no_results():
    assert list(read_all([], 0, SECONDS, MEGABYTES)) == []


def test_a_document_and_its_passages_come_back_whole(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("The council heard forty residents on the new cameras, and wrote down what they said. " * 8)
    ((_, reading),) = read_all([job("a.txt", path=path)], 1, 60, 1500)
    assert isinstance(reading, Reading)
    assert reading.document.text[reading.passages[0].start : reading.passages[0].end] == reading.passages[0].text


def test_a_stored_copy_that_is_gone_is_a_failure_of_its_document(tmp_path):
    ((_, result),) = read_all([job("a.txt", path=tmp_path / "gone")], 1, 60, 1500)
    assert isinstance(result, FetchError) and "stored copy cannot be read" in result.what
