"""Overlays are opened again and looked at: as pictures, as text, and as what a reader makes of them."""

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ascn_nlp.extract import read_document
from ascn_nlp.extract.pdf.reader import read_pdf
from ascn_nlp.overlay import draw_overlay, draw_picture
from ascn_nlp.overlay.marks import COLOURS, FURNITURE, Part, Spot, mark_page, page_parts, sheet_scale
from ascn_nlp.overlay.shapes import Shape, Words
from ascn_nlp.reading import LOOSE
from ascn_nlp.records import BLOCK_KINDS, Furniture, Page, Place
from ascn_nlp.segment import segment

SAMPLES = Path(__file__).parent / "extract" / "samples" / "pdf"
# What is read of the scan depends on whether a recogniser is installed.
NAMES = sorted({path.stem for path in SAMPLES.glob("*.pdf")} - {"encrypted", "scan"})
DOTS = 3  # per point, so that an outline is wider than a dot
UPRIGHT = Image.Transpose.ROTATE_270  # of words that run upwards


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.pdf").read_bytes()


def read(content: bytes):
    return read_document(content, source=LOOSE, address="x.pdf")


def overlaid(content: bytes, **options) -> bytes:
    document = read(content)
    return draw_overlay(content, document, segment(document), **options)


def made(turn: int = 0, crop=None, media=None, angle: int = 0) -> bytes:
    """A page with a heading and two columns; ``angle`` turns its words, ``turn`` the page as it is shown."""
    stream = io.BytesIO()
    canvas = Canvas(stream, (750, 1050))
    canvas.translate(375, 525)
    canvas.rotate(angle)
    canvas.scale(1.5, 1.5)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(-180, 100, "Lamps of the harbour")
    canvas.setFont("Helvetica", 9)
    for x in (-180, 20):
        for line in range(8):
            canvas.drawString(x, 70 - 12 * line, f"The van reads {line} lamps on the road.")
    canvas.showPage()
    canvas.save()
    with closing(pypdfium2.PdfDocument(stream.getvalue())) as document:
        page = document[0]
        page.set_rotation(turn)
        if media:
            page.set_mediabox(*media)
        if crop:
            page.set_cropbox(*crop)
        changed = io.BytesIO()
        document.save(changed)
    return changed.getvalue()


def picture(content: bytes, page: Page, upright: Image.Transpose) -> Image.Image:
    """The page as it was read: turned, if need be, so that its words run from left to right."""
    with closing(pypdfium2.PdfDocument(content)) as document:
        shown = document[page.number - 1].render(scale=DOTS).to_pil().convert("RGB")
    if abs(shown.width / DOTS - page.width) < 1:
        return shown
    return shown.transpose(upright)


def distance(a, b) -> int:
    return max(abs(x - y) for x, y in zip(a, b, strict=True))


def nearest(image: Image.Image, x: float, y: float, colour) -> int:
    """How far the dot within half a point of (x, y) that comes nearest to ``colour`` is from it."""
    near = range(-DOTS // 2, DOTS // 2 + 1)
    return min(
        distance(image.getpixel((round(x * DOTS) + dx, round(y * DOTS) + dy)), colour) for dx in near for dy in near
    )


def assert_outlined(content: bytes, upright: Image.Transpose = UPRIGHT) -> None:
    document = read(content)
    drawn = draw_overlay(content, document)
    parts = page_parts(document)
    for page in document.pages:
        before, after = picture(content, page, upright), picture(drawn, page, upright)
        outlines = [(part.box, COLOURS[part.kind]) for part in parts.get(page.number, ())]
        for (x0, top, x1, bottom), colour in outlines:
            # At a third, as arrows begin and labels lie at corners.
            for x, y in ((x0, (2 * top + 3 * bottom) / 5), (x1, (2 * top + 3 * bottom) / 5), ((x0 + x1) / 2, bottom)):
                assert nearest(after, x, y, colour) < min(80, nearest(before, x, y, colour))


@pytest.mark.parametrize("name", NAMES)
def test_each_block_of_a_sample_is_outlined_where_it_is_seen(name):
    assert_outlined(sample(name))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("boxes", [{}, {"crop": (60, 225, 705, 900)}, {"media": (-30, -70, 800, 1200)}], ids=str)
def test_each_block_is_outlined_where_it_is_seen_on_turned_and_cropped_pages(turn, boxes):
    content = made(turn, **boxes, angle=turn)
    assert len(read(content).blocks) == 3
    assert_outlined(content)


@pytest.mark.parametrize(("angle", "upright"), [(90, UPRIGHT), (270, Image.Transpose.ROTATE_90)])
def test_each_block_is_outlined_where_it_is_seen_if_words_run_up_or_down(angle, upright):
    content = made(angle=angle)
    [page] = read(content).pages
    assert (page.width, page.height) == (1050, 750)
    assert_outlined(content, upright)


def test_recognised_words_are_outlined_as_the_page_is_shown_however_its_own_words_run():
    content = made(angle=90)
    document = read(content)
    [page] = document.pages
    shown = replace(page, width=page.height, height=page.width, recognised="a recogniser", furniture=())
    x0, top, x1, bottom = box = (100.0, 300.0, 400.0, 360.0)
    block = replace(document.blocks[1], places=(Place(1, bbox=box),))
    drawn = draw_overlay(content, replace(document, pages=(shown,), blocks=(block,)))
    for x, y in ((x0, 340), (x1, 340), (200, top), (200, bottom)):
        assert nearest(picture(drawn, shown, UPRIGHT), x, y, COLOURS[block.kind]) < 80


def found_box(drawn: bytes, words: str):
    """Where ``words`` stand on the first page once its annotation is part of it: left, bottom, right, top."""
    with closing(pypdfium2.PdfDocument(drawn)) as document:
        page = document[0]
        assert pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS
        text = document[0].get_textpage()
        start, count = text.search(words).get_next()
        lefts, bottoms, rights, tops = zip(*(text.get_charbox(i) for i in range(start, start + count)), strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)


def test_each_label_stands_left_of_its_block_at_the_height_of_its_first_line():
    content = sample("report")
    [first, *_], height = page_parts(read(content))[1], read(content).pages[0].height
    left, bottom, right, top = found_box(overlaid(content), "1 heading 1")
    assert first.box[0] - 60 < left < right < first.box[0]
    assert first.box[1] - 1 < height - top < height - bottom < first.box[3]


def raw_texts(content: bytes) -> list[str]:
    with closing(pypdfium2.PdfDocument(content)) as document:
        return [page.get_textpage().get_text_range() for page in document if page.get_textpage().count_chars()]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_that_is_drawn_over_still_reads_the_same(name):
    content = sample(name)
    drawn = overlaid(content)
    assert drawn != content
    assert raw_texts(drawn) == raw_texts(content)
    assert read_pdf(drawn).blocks == read_pdf(content).blocks


def test_a_file_that_only_its_owner_may_change_can_be_drawn_over_and_stays_so():
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption("", ownerPassword="lamp", canModify=0))
    canvas.drawString(72, 700, "Only the harbour office may change this page.")
    canvas.save()
    drawn = overlaid(stream.getvalue())
    assert b"/Encrypt" in drawn
    assert_outlined(stream.getvalue())


def test_chosen_pages_alone_are_in_the_file_each_with_its_own_marks():
    content = sample("report")
    with closing(pypdfium2.PdfDocument(overlaid(content, pages=(2, 3)))) as document:
        assert len(document) == 2
        for page in document:
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        first, second = (page.get_textpage().get_text_range() for page in document)
    assert "page 2 (1)" in first and "8 paragraph" in first
    assert "page 3 (1)" in second and "1 paragraph" in second


def test_a_picture_is_a_png_of_the_page_as_it_is_shown():
    image = Image.open(io.BytesIO(draw_picture(overlaid(made(turn=90, angle=90)), 0)))
    assert image.format == "PNG"
    assert image.size == (pytest.approx(1050 * 150 / 72, abs=1), pytest.approx(750 * 150 / 72, abs=1))


def test_a_page_without_size_is_left_as_it_is():
    content = sample("columns")
    document = read(content)
    damaged = replace(document, pages=tuple(replace(page, width=0.0, height=0.0) for page in document.pages))
    with closing(pypdfium2.PdfDocument(draw_overlay(content, damaged))) as drawn:
        assert pdfium.FPDFPage_GetAnnotCount(drawn[0]) == 0


A4 = Page(3, "iii", 595.0, 842.0)


def words_of(marks) -> dict[str, Words]:
    return {mark.text: mark for mark in marks if isinstance(mark, Words)}


def test_every_kind_of_block_has_a_colour_of_its_own_and_stands_in_the_legend():
    assert set(COLOURS) == {*BLOCK_KINDS, FURNITURE} and len(set(COLOURS.values())) == len(COLOURS)
    legend = words_of(mark_page(A4, (), ()))
    assert {"page 3 (iii)", *(kind.replace("_", " ") for kind in COLOURS)} <= set(legend)
    assert max(each.box[2] for each in legend.values()) < 595


def test_furniture_is_dashed_and_not_tinted():
    box = (10.0, 40.0, 90.0, 50.0)
    [shape] = [
        mark
        for mark in mark_page(replace(A4, furniture=(Furniture("Annual report", box),)), (), ())
        if isinstance(mark, Shape) and mark.points[0] == pytest.approx((10, 40), abs=0.1)
    ]
    assert shape.is_dashed and shape.area_opacity == 0 and shape.colour == COLOURS[FURNITURE]


def test_a_block_that_goes_on_keeps_its_number_and_the_next_page_counts_anew():
    parts = page_parts(read(sample("report")))
    assert [part.number for part in parts[1]][-2:] == ["8…", "9"]
    assert [part.number for part in parts[2]][:2] == ["…8", "1"]
    assert parts[1][-2].label == "8… paragraph"
    assert [part.label for part in parts[1] if part.kind == "list_item"] == ["6 list item 1", "7 list item 1"]


def test_passages_have_brackets_at_their_right_with_their_ordinal():
    box = (100.0, 100.0, 400.0, 200.0)
    marks = list(mark_page(A4, (), [Spot(12, box)]))
    assert words_of(marks)["P12"].box[0] > 400
    assert any(mark.points[0] == pytest.approx((401.5, 100), abs=0.1) for mark in marks if isinstance(mark, Shape))


def arrows(*boxes) -> list[tuple[float, float]]:
    """The points of the arrows from box to box; their heads are filled triangles."""
    parts = [Part(str(n), "paragraph", 0, box) for n, box in enumerate(boxes, 1)]
    heads = [mark for mark in mark_page(A4, parts, ()) if isinstance(mark, Shape) and len(mark.points) == 3]
    return [head.points[0] for head in heads]


def test_arrows_lead_to_the_next_block_under_or_beside():
    above, below, beside = (50.0, 100.0, 250.0, 200.0), (60.0, 220.0, 250.0, 300.0), (300.0, 100.0, 500.0, 300.0)
    assert arrows(above, below, beside) == [pytest.approx((60, 220), abs=0.1), pytest.approx((300, 100), abs=0.1)]


@pytest.mark.parametrize("gap", [0.5, 0, -2])
def test_rows_that_touch_or_overlap_need_no_arrow(gap):
    assert arrows((50.0, 100.0, 250.0, 112.0), (50.0, 112.0 + gap, 200.0, 124.0)) == []


def test_a_page_that_could_not_be_read_says_why_across_it():
    words = words_of(mark_page(replace(A4, problem="no text layer: a scanned image"), (), ()))
    note = words["not read: no text layer: a scanned image"]
    assert note.size > 12 and 400 < note.top < 440
    long = "the page is damaged " * 20
    assert words_of(mark_page(replace(A4, problem=long), (), ()))[f"not read: {long}"].box[2] <= 595.1


def test_recognised_words_are_said_to_be():
    words = words_of(mark_page(replace(A4, recognised="tesseract 5.5.1, tha+eng, 200 dpi"), (), ()))
    assert words["words recognised by tesseract 5.5.1, tha+eng, 200 dpi"].box[3] <= 842


def test_letters_that_the_font_lacks_stop_nothing():
    content = sample("columns")
    document = read(content)
    thai = replace(document, pages=tuple(replace(page, label="๑๒", problem="ไม่มี") for page in document.pages))
    assert raw_texts(draw_overlay(content, thai)) == raw_texts(content)


coordinates = st.floats(0, 560, allow_nan=False)


@given(st.lists(st.tuples(coordinates, coordinates), max_size=12))
def test_labels_lie_beside_all_blocks_where_there_is_room_and_always_on_the_page(corners):
    parts = [Part(str(n), "paragraph", 0, (x, 40 + y, x + 30, 50 + y)) for n, (x, y) in enumerate(corners, 1)]
    words = words_of(mark_page(A4, parts, ()))
    for part in parts:
        [label] = [words[text] for text in (part.label, part.number) if text in words]
        assert label.box[0] > -30 and label.box[2] <= 595.1
    if len(parts) == 1:
        [part] = parts
        box = words[part.label].box
        assert box[2] <= part.box[0] or box[0] >= part.box[2] or box[3] <= part.box[1] + 0.1


@pytest.mark.parametrize("times", [0.25, 1, 6])
def test_labels_are_in_proportion_to_the_page(times):
    page = replace(A4, width=595 * times, height=842 * times)
    box = tuple(times * edge for edge in (100, 100, 300, 200))
    label = words_of(mark_page(page, [Part("1", "heading", 2, box)], ()))["1 heading 2"]
    assert sheet_scale(page) == pytest.approx(times)
    assert label.box[2] < 100 and label.top == pytest.approx(100)
