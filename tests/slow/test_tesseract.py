"""What Tesseract itself makes of scans: needs tesserocr, and its models for English, Indonesian and Thai."""

import io
import os
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ascn_nlp.errors import InstallationError
from ascn_nlp.extract.ocr import engine as ocr
from ascn_nlp.extract.pdf.reader import read_pdf
from ascn_nlp.reading import read_file

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "extract" / "samples" / "ocr"
RELEASE = ROOT / "corpus" / "sample" / "reports" / "press-release-scan.pdf"
ORIGINAL = ROOT / "corpus" / "sample" / "originals" / "press-release-scan.md"
NEEDED = {"eng", "ind", "tha", "osd"}


@pytest.fixture(autouse=True)
def tesseract(monkeypatch):
    """Tesseract as it is installed here, which other tests do not see."""
    monkeypatch.delenv("TESSDATA_PREFIX")
    try:
        with closing(ocr.find_engine()) as engine:
            lacking = NEEDED - engine.models
    except InstallationError as error:
        lacking = str(error)
    if lacking and not os.environ.get("CI"):
        pytest.skip(f"Tesseract is not installed, or lacks models: {lacking}")
    assert not lacking


def words(text):
    return re.findall(r"[^\W_]+", text.lower())


def letters(text):
    """What stands on the page but blanks and digits."""
    return [each for each in text if not each.isspace() and not each.isdigit()]


def error_rate(found, wanted):
    """Insertions, deletions and replacements that make one sequence of the other, for each item of ``wanted``."""
    above = list(range(len(found) + 1))
    for row, one in enumerate(wanted, 1):
        here = [row]
        for column, other in enumerate(found, 1):
            here.append(min(above[column] + 1, here[-1] + 1, above[column - 1] + (one != other)))
        above = here
    return above[-1] / len(wanted)


def kinds(document):
    return [block.kind for block in document.blocks]


def test_the_sample_scan_reads_as_its_original_was_written():
    document = read_file(RELEASE)
    _, _, original = ORIGINAL.read_text(encoding="utf-8").split("+++\n", 2)
    original = original.replace("\\newpage", "")
    assert error_rate(words(document.text), words(original)) < 0.01
    paragraphs = [part for part in original.split("\n\n") if part.strip() and not part.startswith("#")]
    found = [block.text for block in document.blocks]
    assert sum(part.strip() in found for part in paragraphs) >= len(paragraphs) - 1
    assert {"PRESS RELEASE", "Cities sign pledge on shared street sensors", "Contact"} <= {
        block.text for block in document.blocks if block.kind == "heading"
    }
    assert (document.outcome, document.language) == ("read", "en")
    assert document.published.clue.value == "2019-07-22"


def test_an_indonesian_scan_is_read_with_its_own_model_without_being_told():
    document = read_file(SAMPLES / "indonesian.pdf")
    assert error_rate(words(document.text), words((SAMPLES / "indonesian.txt").read_text(encoding="utf-8"))) < 0.02
    assert kinds(document) == ["heading", "paragraph", "paragraph", "paragraph"]
    assert "ind+eng" in document.pages[0].recognised and document.language == "id"


def test_a_thai_scan_is_read_and_every_number_in_it_is_doubted():
    document = read_file(SAMPLES / "thai.pdf")
    assert error_rate(letters(document.text), letters((SAMPLES / "thai.txt").read_text(encoding="utf-8"))) < 0.04
    assert kinds(document) == ["heading", "paragraph", "paragraph", "paragraph"]
    assert "tha+eng" in document.pages[0].recognised and document.language == "th"
    for block in document.blocks:
        doubted = {i for start, end in block.doubts for i in range(start, end)}
        assert {match.start() for match in re.finditer(r"\d", block.text)} <= doubted


def test_words_of_a_thai_scan_are_parted_as_they_were_written():
    (phrase,) = re.findall(r"เครือข่าย .* Network", read_file(SAMPLES / "thai.pdf").text)
    assert phrase == "เครือข่าย ASEAN Smart Cities Network"


def test_the_digits_that_a_model_does_not_know_are_read_from_its_file():
    with closing(ocr.find_engine()) as engine:
        assert engine.unknown_digits("tha") == "๔๖๗๘๙"
        assert engine.unknown_digits("eng") == ""


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_scans_that_lie_on_their_side_or_head_read_the_same(turns):
    with pypdfium2.PdfDocument(SAMPLES / "indonesian.pdf") as document:
        picture = document[0].render(scale=150 / 72, grayscale=True).to_pil()
    data = io.BytesIO()
    Image.fromarray(np.rot90(np.asarray(picture), turns)).save(data, "PDF", resolution=150)
    draft = read_pdf(data.getvalue())
    wanted = words((SAMPLES / "indonesian.txt").read_text(encoding="utf-8"))
    assert error_rate(words(" ".join(block.text for block in draft.blocks)), wanted) < 0.03
    assert draft.pages[0].width < draft.pages[0].height


def test_an_empty_sheet_is_no_problem(capfd):
    data = io.BytesIO()
    Image.new("L", (1240, 1754), 247).save(data, "PDF", resolution=150)
    draft = read_pdf(data.getvalue())
    assert draft.blocks == () and draft.pages[0].problem == "" and draft.pages[0].recognised
    assert capfd.readouterr() == ("", "")  # the library would tell the terminal of it


def test_noise_is_not_read_as_words():
    noise = np.random.default_rng(1).integers(0, 256, (877, 620), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(noise).save(data, "PDF", resolution=75)
    draft = read_pdf(data.getvalue())
    assert sum(len(words(block.text)) for block in draft.blocks) < 5


def test_scans_are_read_in_worker_processes_too(workplace):
    workplace.put("scan.pdf", RELEASE.read_bytes())
    # From a process of its own: those of this one were started by a server that may not know of the models.
    command = [sys.executable, "-m", "ascn_nlp", "refresh", "--workspace", str(workplace.root)]
    subprocess.run(command, check=True, timeout=100, capture_output=True)
    assert workplace.outcomes() == {"scan.pdf": "read"}
