"""Scans that were unread before recognition was installed are read by a refresh that tries again what failed."""

import io

import pytest
from PIL import Image

from ascn_nlp.errors import InstallationError
from ascn_nlp.extract.ocr import engine as ocr
from ascn_nlp.extract.ocr.engine import Look, ScanLine, Word
from ascn_nlp.workers import read_one

SENTENCE = "Residents of Hanoi were evicted for the smart city and cameras now watch the streets where they lived."


class FakeEngine:
    name = "fake 1"
    models = frozenset({"eng"})

    def look(self, picture):
        return Look(0, "Latin")

    def read(self, picture, dpi, models, seconds):
        words = [Word(word, 100 + 60 * i, 150 + 60 * i, 0.95) for i, word in enumerate(SENTENCE.split())]
        return (ScanLine(tuple(words), (100, 300, 1300, 300), 24, 2.0),)

    def unknown_digits(self, model):
        return ""

    def close(self):
        pass


def no_engine():
    raise InstallationError("optical character recognition is not installed")


@pytest.fixture
def workplace(workplace, monkeypatch):
    """A workplace whose documents are read in this process, where an engine can be taken away."""

    def read_all(jobs, *limits):
        seconds.append(limits[1])
        return ((job, read_one(job)) for job in jobs)

    seconds = []
    monkeypatch.setattr("ascn_nlp.pipeline.reading.read_all", read_all)
    workplace.seconds = seconds
    data = io.BytesIO()
    Image.new("L", (620, 877), 250).save(data, "PDF", resolution=75)
    workplace.put("scan.pdf", data.getvalue())
    return workplace


def test_an_unread_scan_is_read_by_refresh_failed_only_once_an_engine_is_there(workplace, monkeypatch):
    monkeypatch.setattr(ocr, "find_engine", no_engine)
    workplace.refresh()
    assert workplace.outcomes() == {"scan.pdf": "unread"}
    monkeypatch.setattr(ocr, "find_engine", FakeEngine)
    workplace.refresh()
    assert workplace.outcomes() == {"scan.pdf": "unread"}  # nothing has changed but what is installed
    workplace.refresh(failed_only=True)
    assert workplace.outcomes() == {"scan.pdf": "read"}
    assert workplace.rows("SELECT text FROM passages") == [(SENTENCE,)]


def test_more_time_for_recognition_reads_scans_anew(workplace, monkeypatch):
    monkeypatch.setattr(ocr, "find_engine", FakeEngine)
    before = (workplace.root / "ascn.toml").read_text(encoding="utf-8")
    workplace.settings(f"{before}ocr_seconds = 0\n")
    workplace.refresh()
    assert workplace.outcomes() == {"scan.pdf": "unread"}
    workplace.settings(before)
    workplace.refresh()
    assert workplace.outcomes() == {"scan.pdf": "read"}


@pytest.mark.parametrize("is_there", [True, False])
def test_a_document_has_the_time_for_recognition_beside_its_own_where_there_is_an_engine(
    workplace, monkeypatch, is_there
):
    monkeypatch.setattr("ascn_nlp.pipeline.reading.has_engine", lambda: is_there)
    workplace.refresh()
    assert workplace.seconds == [720 if is_there else 120]
