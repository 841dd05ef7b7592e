import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import pytest

from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.pdf import plumber as pdf_plumber
from ascn_nlp.extract.pdf.reader import read_pdf

SAMPLES = Path(__file__).parent / "samples" / "pdf"
ROWS = [
    "City | Project | Status",
    "Alpha | Street lamps that dim when nobody walks below them | Planned",
    "Beta | Ferries with a timetable | Under way",
    "Gamma | Kiosks for forms | Completed",
]
READ_ALL = """
import sys
from pathlib import Path
from ascn_nlp.extract.pdf.reader import read_pdf
for path in sys.argv[1:]:
    read_pdf(Path(path).read_bytes())
print("pdfplumber" in sys.modules)
"""


def _maker():
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()


def rows(draft: Draft, page: int = 1) -> list[str]:
    return [b.text for b in draft.blocks if b.kind == "table_row" and b.places[0].page == page]


def reads_with_pdfplumber(*names: str) -> bool:
    paths = [SAMPLES / f"{name}.pdf" for name in names]
    command = [sys.executable, "-c", READ_ALL, *paths]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


def framed(rotation: int) -> bytes:
    """A table in a form on a page that is turned, cropped, and whose media box begins off the origin."""

    def draw(canvas):
        MAKER.form_table(canvas)
        canvas.showPage()
        if rotation in (90, 270):  # reportlab turns the media box as well
            canvas.setPageSize((MAKER.HEIGHT, MAKER.WIDTH))
        canvas.setPageRotation(rotation)
        canvas.setCropBox((-15, 30, MAKER.WIDTH - 40, MAKER.HEIGHT - 20))
        canvas.translate(0, -50)
        canvas.doForm("projects")

    width, height = f"{MAKER.WIDTH:.4f}".rstrip("0"), f"{MAKER.HEIGHT:.4f}".rstrip("0")
    given, moved = f"/MediaBox [ 0 0 {width} {height} ]", f"/MediaBox [ -20 10 {MAKER.WIDTH:.0f} {MAKER.HEIGHT:.0f} ]"
    content = MAKER.build(draw)
    assert given.encode() in content
    return content.replace(given.encode(), moved.encode())


def test_a_table_inside_a_form_is_read_row_by_row():
    draft = read_pdf((SAMPLES / "form_table.pdf").read_bytes())
    assert rows(draft, 1) == rows(draft, 2) == ROWS
    assert {b.context for b in draft.blocks if b.text.startswith(("Alpha", "Beta", "Gamma"))} == {ROWS[0]}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_rows_are_found_on_pages_turned_cropped_and_moved(rotation):
    found = [sorted(row.split(" | ")) for row in rows(read_pdf(framed(rotation)), 3)]  # 180: from right to left
    assert sorted(found) == sorted(sorted(row.split(" | ")) for row in ROWS)


def test_only_a_page_with_a_drawn_form_needs_pdfplumber():
    assert reads_with_pdfplumber("form_table")
    assert not reads_with_pdfplumber(*(set(MAKER.SAMPLES) - {"form_table"}))


def test_a_form_without_drawings_does_not_need_pdfplumber(monkeypatch):
    def draw(canvas):
        canvas.beginForm("words")
        MAKER.write(canvas, ["Words may stand in a form as well, line under line."] * 20, 72, 100)
        canvas.endForm()
        canvas.doForm("words")

    monkeypatch.setitem(sys.modules, "pdfplumber", None)
    assert len(read_pdf(MAKER.build(draw)).blocks) == 1


def test_pages_beyond_the_limit_are_read_without_it_and_counted():
    draft = read_pdf((SAMPLES / "form_table.pdf").read_bytes(), Limits(max_table_pages=1))
    assert rows(draft, 1) == ROWS
    assert any("Ferries with a timetable" in b.text for b in draft.blocks if b.places[0].page == 2)
    assert [issue.message for issue in draft.issues] == [
        "tables inside forms were looked for on 1 of 2 pages that may have them"
    ]


@pytest.mark.parametrize("error", [RecursionError("too deep"), KeyError("Rotate"), ValueError()])
def test_what_pdfplumber_cannot_read_is_an_issue_and_the_words_stay(monkeypatch, error):
    def fail(page, place):
        raise error

    monkeypatch.setattr(pdf_plumber, "_ruling", fail)
    draft = read_pdf((SAMPLES / "form_table.pdf").read_bytes())
    assert any("Ferries with a timetable" in block.text for block in draft.blocks)
    assert [issue.message.split(":")[0] for issue in draft.issues] == ["page 1", "page 2"]
    assert all(type(error).__name__ in issue.message and issue.remedy for issue in draft.issues)


def test_each_page_and_the_file_are_closed(monkeypatch):
    import pdfplumber

    opened = []
    plain_open = pdfplumber.open
    monkeypatch.setattr(pdfplumber, "open", lambda stream: opened.append(plain_open(stream)) or opened[-1])
    read_pdf((SAMPLES / "form_table.pdf").read_bytes())
    (file,) = opened
    assert isinstance(file.stream, io.BytesIO)
    assert not any(hasattr(page, "_layout") or hasattr(page, "_objects") for page in file.pages)
