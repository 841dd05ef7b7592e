"""Files made to exhaust a reader end within its limits, with a reading or a remedy, and the next document is read."""

import pytest

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract import read_document
from ascn_nlp.extract.draft import Limits
from ascn_nlp.reading import LOOSE
from ascn_nlp.segment import segment
from ascn_nlp.workers import Reading, ReadJob, read_all
from benchmarks.hostile_files import HOSTILE, pdf
from benchmarks.promises import broken_promises

# In the fast tests a file is so many times smaller, which still shows what recursion or a square would do.
SMALLER = 100
GOOD = b"The council heard forty residents of Hanoi on the new cameras, and wrote down what they had said. " * 3


def read(folder, files, seconds, megabytes):
    """What comes of each file, and of a good one read after it by the same process."""
    jobs = []
    for name, content in files.items():
        for address, data in ((name, content), (f"{name}.after.txt", GOOD)):
            path = folder / address
            path.write_bytes(data)
            limits = Limits(max_pages=3000)
            jobs.append(ReadJob(len(jobs), path, LOOSE, address, "", "", "", "2024-06-30", limits))
    return {job.address: result for job, result in read_all(jobs, 1, seconds, megabytes)}


def assert_sound(result, name):
    if isinstance(result, Reading):
        assert broken_promises(result) == ()
    else:
        assert isinstance(result, ExtractError)
        assert result.where == name and result.remedy
        assert not result.what.startswith("the reader failed")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    files = {name: hostile.make(max(1, hostile.size // SMALLER)) for name, hostile in HOSTILE.items()}
    return read(tmp_path_factory.mktemp("hostile"), files, 20, 800)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_sound_reading_or_with_a_remedy(small, name):
    assert_sound(small[name], name)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_document_after_a_hostile_file_is_read(small, name):
    assert small[f"{name}.after.txt"].document.outcome == "read"


# Found by fuzzing: what a file says of itself was handed on as it stood there.
FOUND = {
    "date.pdf": pdf(
        b"BT /F1 10 Tf 50 780 Td (" + GOOD + b") Tj ET", b"<< /CreationDate (D:20210505000000\\020) >>"
    ).replace(b"/Root", b"/Info 6 0 R /Root"),
    "address.html": b'<html><head><link rel="canonical" href="https://a.example/one&#27;two"></head><body><article><p>'
    + GOOD
    + b"</p></article></body></html>",
}


@pytest.mark.parametrize("name", FOUND)
def test_what_a_file_says_of_itself_is_handed_on_without_control_characters(name):
    document = read_document(FOUND[name], source=LOOSE, address=name, fetched_at="2024-06-30")
    assert broken_promises(Reading(document, segment(document))) == ()
    assert document.published or document.url


# In full size they take seconds to make and to refuse.
STOPPED = {
    "blank-stream.pdf": ("ended its reader", "needs more than", "took more than"),
    "bomb.docx": ("unpacks to more than",),
    "lying-bomb.docx": ("damaged",),
    "entities.docx": ("damaged or nested too deep",),
    "form-storm.pdf": ("ended its reader", "needs more than", "took more than"),
}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", STOPPED)
def test_a_bomb_is_stopped_and_recorded_and_the_next_document_read(tmp_path, name):
    hostile = HOSTILE[name]
    results = read(tmp_path, {name: hostile.make(hostile.size)}, 30, 800)
    assert_sound(results[name], name)
    assert results[name].what.startswith(STOPPED[name]) or STOPPED[name][0] in results[name].what
    assert results[f"{name}.after.txt"].document.outcome == "read"
