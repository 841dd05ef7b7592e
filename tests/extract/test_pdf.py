import importlib.util
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Draft, Limits
from ascn_nlp.extract.pdf.reader import read_pdf

SAMPLES = Path(__file__).parent / "samples" / "pdf"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.pdf") if path.stem != "encrypted")


def _maker():
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _maker()


def read(name: str) -> Draft:
    return read_pdf((SAMPLES / f"{name}.pdf").read_bytes())


def texts(draft: Draft, kind: str = "") -> list[str]:
    return [block.text for block in draft.blocks if not kind or block.kind == kind]


def furniture(page) -> tuple[str, ...]:
    return tuple(each.text for each in page.furniture)


def drawn(draw) -> bytes:
    return MAKER.build(draw)


@pytest.mark.parametrize("name", NAMES)
def test_each_sample_reads_as_its_golden_record_says(name, golden):
    golden(SAMPLES / f"{name}.json", json.loads(json.dumps(asdict(read(name)))))


def test_every_drawing_has_a_sample_and_every_sample_a_drawing():
    assert set(NAMES) == set(MAKER.SAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_samples_are_what_the_script_draws(name):
    assert read_pdf(drawn(MAKER.SAMPLES[name])).blocks == read(name).blocks


@pytest.mark.parametrize("name", NAMES)
def test_places_lie_on_their_pages_and_parts_of_a_text_follow_each_other(name):
    draft = read(name)
    sizes = {page.number: (page.width, page.height) for page in draft.pages}
    for block in draft.blocks:
        starts = [place.start for place in block.places]
        assert starts[0] == 0 and starts == sorted(set(starts)) and starts[-1] < len(block.text)
        for place in block.places:
            x0, top, x1, bottom = place.bbox
            width, height = sizes[place.page]
            assert 0 <= x0 < x1 <= width and 0 <= top < bottom <= height


def letters(texts):
    return Counter(letter for text in texts for letter in text if letter.isalnum())


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("hidden", "overprinted")])
def test_no_letter_is_lost_or_doubled(name):
    draft = read(name)
    with pypdfium2.PdfDocument(SAMPLES / f"{name}.pdf") as document:
        raw = letters(page.get_textpage().get_text_range() for page in document)
    assert letters(texts(draft)) + letters(line for page in draft.pages for line in furniture(page)) == raw


def test_a_paragraph_goes_on_over_a_page_break_and_knows_where():
    block = next(block for block in read("report").blocks if block.text.startswith("Stall holders"))
    first, second = block.places
    assert (first.page, first.label, second.page, second.label) == (1, "i", 2, "1")
    assert block.text[second.start :] == "review was printed. A reminder was sent in June."


def test_a_paragraph_goes_on_over_a_column_break():
    (paragraph,) = [text for text in texts(read("columns"), "paragraph") if text.startswith("Rain gauges")]
    assert "to flood, and the screen went dark" in paragraph and paragraph.endswith("the mayor.")


def test_lines_drawn_upwards_are_read_downwards_column_by_column():
    assert " ".join(texts(read("upside_down"))) == (
        "Some programs draw the last line of a page first. A reader who trusts them begins with the end. "
        "Then only the places of the lines can tell how they were meant, column by column."
    )


def test_line_end_hyphens_stay_unless_the_document_has_the_word_without_one():
    text = " ".join(texts(read("report")))
    assert "citywide map that hangs" in text
    assert "network-level alarm" in text


def test_running_headers_and_footers_are_furniture_and_not_text():
    draft = read("report")
    assert [furniture(page) for page in draft.pages] == [
        ("Review of Lantern Cities 2022", f"Office for Invented Places {label}") for label in ("i", "1", "2")
    ]
    assert not any("Office for Invented Places" in text for text in texts(draft))


def test_a_large_title_repeated_on_each_slide_is_kept():
    draft = read("slide")
    assert texts(draft, "heading") == ["Annual Meeting of Lantern Cities"] * 3
    assert [furniture(page) for page in draft.pages] == [("1",), ("2",), ("3",)]


def test_a_table_goes_on_under_its_headers_on_the_next_page():
    rows = [block for block in read("table").blocks if block.kind == "table_row"]
    by_text = {row.text: row.context for row in rows}
    assert by_text["City | Project | Status"] == ""
    assert by_text["Gamma | Kiosks for forms | Completed"] == "City | Project | Status"
    assert by_text["Delta | Sirens along the river | On hold"] == "City | Project | Status"


def test_facts_without_ruling_lines_are_rows_without_headers():
    rows = {block.text: block.context for block in read("table").blocks if block.kind == "table_row"}
    assert rows["Area | 100 km2"] == rows["People | 64,409"] == ""


def test_a_table_neither_loses_nor_doubles_words():
    drawn_words = sorted(" ".join(" ".join(row) for row in MAKER.ROWS).split())
    rows = [block.text for block in read("table").blocks if block.kind == "table_row" and block.places[0].page == 1]
    assert sorted(" ".join(rows[:4]).replace("|", " ").split()) == drawn_words


def test_list_items_know_how_deep_they_stand():
    def draw(canvas):
        for top, (x, line) in enumerate([(72, "Lamps are read"), (100, "at night"), (72, "Scales are tested")]):
            MAKER.write(canvas, [f"\u2022 {line}"], x, 100 + 20 * top)

    assert [block.level for block in read_pdf(drawn(draw)).blocks] == [1, 2, 1]


def test_facts_with_labels_are_blocks_of_their_own():
    def draw(canvas):
        MAKER.write(canvas, facts, 72, 99)

    facts = ["Name: Ms Siti Lantern", "Office: Harbour House, second floor", "Email: siti@example.org"]
    assert texts(read_pdf(drawn(draw))) == facts


def test_hidden_and_doubled_words_are_left_out_and_counted():
    draft = read("hidden")
    assert texts(draft) == [
        "Shadow over the Market",
        "Only this sentence is printed on the page for readers to see.",
        "White words in a dark box are there to be read.",
    ]
    assert [issue.message for issue in draft.issues] == ["3 hidden or doubled lines were left out"]


def test_a_title_printed_twice_in_overlapping_pieces_is_read_once():
    assert texts(read("overprinted"), "heading") == ["A Review of Lanterns and Their Keepers"]


def test_nothing_stands_under_the_heading_of_the_contents_but_its_entries():
    def draw(canvas):
        top = MAKER.write(canvas, ["Contents"], 72, 100, "Helvetica-Bold", 20)
        top = MAKER.write(canvas, ["Lamps ............ 2", "Piers ............ 9"], 72, top + 10)
        top = MAKER.write(canvas, ["Lamps"], 72, top + 20, "Helvetica-Bold", 14)
        MAKER.write(
            canvas, ["Lamps stand along the harbour road, and each of them has a keeper who knows it well."], 72, top
        )

    levels = {block.text: block.level for block in read_pdf(drawn(draw)).blocks if block.kind == "heading"}
    assert levels["Contents"] > levels["Lamps"]


def test_rows_keep_their_cells_where_the_rule_between_two_is_missing():
    rows = texts(read("half_ruled"), "table_row")
    assert rows[1:4] == [
        "1. | Lamps on the harbour road | Light",
        "2. | A bench at each pier | Rest",
        "3. | Ferries at night | Transport",
    ]
    assert rows[4:] == ["4. | Bells in the fog | Seen together with the bells", "5. | Horns in the fog"]


@pytest.mark.parametrize("shown", [0, 90, 180, 270])
@pytest.mark.parametrize("drawn_at", [0, 90, 180, 270])
def test_words_are_read_along_their_lines_whichever_way_page_and_words_are_turned(shown, drawn_at):
    lines = ["Lamps on the harbour road are read", "every night by a van, and the readings", "are sent by radio."]

    def draw(canvas):
        canvas.setPageRotation(shown)
        canvas.translate(300, 420)
        canvas.rotate(drawn_at)
        for number, line in enumerate(lines):
            canvas.drawString(-150, -14 * number, line)

    draft = read_pdf(drawn(draw))
    (x0, top, x1, bottom), page = draft.blocks[0].places[0].bbox, draft.pages[0]
    assert texts(draft) == [" ".join(lines)]
    assert 0 <= x0 < x1 <= page.width and 0 <= top < bottom <= page.height and x1 - x0 > 3 * (bottom - top)


@pytest.mark.parametrize("name", ["turned", "shown_turned"])
def test_turned_pages_are_read_along_their_lines(name):
    assert [text.endswith(("its head.", "a quarter.")) for text in texts(read(name))] == [True]


def test_a_scanned_page_without_text_layer_says_so_and_names_the_remedy():
    draft = read("scan")
    assert [page.number for page in draft.pages if page.problem == "no text layer: a scanned image"] == [3]
    issue = draft.issues[0]
    assert issue.message == "1 of 5 pages (3): no text layer: a scanned image"
    assert "optical character recognition" in issue.remedy


def test_pictures_in_a_document_with_words_are_no_scans_but_are_told():
    assert [issue.message for issue in read("scan").issues[1:]] == [
        "2 of 5 pages (2, 4): large pictures: words in them, if any, were not read"
    ]


def test_a_scan_under_a_stamp_or_a_fax_line_is_still_a_scan():
    def draw(canvas):
        MAKER.write(canvas, ["The only page of words."], 72, 100)
        for stamp in (
            ["ABC000001"],
            ["From the office of the harbour to the secretariat, 12 May 2021, 10:22, page 1 of 3, copy"],
        ):
            canvas.showPage()
            canvas.drawImage(MAKER.ImageReader(MAKER.print_()), 0, 0, 595, 842)
            MAKER.write(canvas, stamp, 72, 20)

    assert [page.problem[:13] for page in read_pdf(drawn(draw)).pages] == ["", "no text layer", "no text layer"]


def test_words_in_form_fields_are_not_read_and_that_is_said():
    def draw(canvas):
        MAKER.write(canvas, ["Your concern:"], 72, 100)
        canvas.acroForm.textfield(name="concern", value="Nobody asked us.", x=72, y=600, width=300)
        canvas.acroForm.textfield(name="empty", value="", x=72, y=500, width=300)

    assert [issue.message for issue in read_pdf(drawn(draw)).issues] == [
        "1 filled-in form fields and notes were not read"
    ]


def test_a_slanted_watermark_is_furniture_however_large():
    things = ["Lamps", "Piers", "Boats", "Nets", "Bells", "Ropes"]

    def draw(canvas):
        for number, thing in enumerate(things):
            MAKER.write(canvas, [thing], 72, 160 + 20 * number, "Helvetica-Bold", 16)
            text = [f"{thing} are counted each spring by those who keep them, and nobody else may."]
            MAKER.write(canvas, text, 72, 190 + 20 * number)
            canvas.saveState()
            canvas.translate(200, 300)
            canvas.rotate(45)
            canvas.setFont("Helvetica", 60)
            canvas.drawString(0, 0, "DRAFT")
            canvas.restoreState()
            canvas.showPage()

    assert texts(read_pdf(drawn(draw)), "heading") == things


def test_a_footer_is_furniture_on_a_page_that_lies_as_on_those_that_stand():
    def draw(canvas):
        for number, size in enumerate([(595, 842), (842, 595), (595, 842)], 7):
            canvas.setPageSize(size)
            canvas.setFont("Helvetica", 10)
            canvas.drawString(72, size[1] - 200, f"Text of page {number} on lamps, and on who lights them when.")
            canvas.drawString(72, 40, f"October 2022 {number}")
            canvas.showPage()

    draft = read_pdf(drawn(draw))
    assert [page.label for page in draft.pages] == ["7", "8", "9"]
    assert all("October" not in text for text in texts(draft))


@pytest.mark.parametrize("picture", [MAKER.photograph, MAKER.print_])
def test_a_document_without_any_text_layer_is_no_error(picture):
    def draw(canvas):
        canvas.drawImage(MAKER.ImageReader(picture()), 0, 0, 595, 842)

    draft = read_pdf(drawn(draw))
    assert draft.blocks == () and draft.title == "" and len(draft.issues) == 1 and draft.pages[0].problem


def test_an_empty_page_is_no_problem():
    def blank(canvas):
        canvas.showPage()

    draft = read_pdf(drawn(blank))
    assert [page.problem for page in draft.pages] == [""] and draft.issues == ()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html>Not found</html>", "is not a PDF"),
        (b"%PDF-1.7\nnothing more", "is damaged or cut off"),
        (MAKER.build(MAKER.columns, StandardEncryption("secret")), "is encrypted"),
        ((SAMPLES / "encrypted.pdf").read_bytes(), "is encrypted"),
    ],
)
def test_what_cannot_be_opened_says_what_it_is_and_what_to_do(content, what):
    with pytest.raises(ExtractError) as error:
        read_pdf(content)
    assert error.value.what == what and error.value.remedy


def test_a_file_locked_only_against_changes_is_read():
    assert texts(read_pdf(MAKER.build(MAKER.hidden, StandardEncryption("", ownerPassword="owner"))))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.98])
def test_a_cut_off_file_is_read_or_refused_and_nothing_else(keep):
    content = (SAMPLES / "report.pdf").read_bytes()
    try:
        draft = read_pdf(content[: int(len(content) * keep)])
    except ExtractError:
        return
    assert len(draft.pages) <= 3


def test_reading_stops_at_the_limit_and_says_so():
    draft = read_pdf((SAMPLES / "report.pdf").read_bytes(), Limits(max_pages=2))
    assert len(draft.pages) == 2
    assert draft.issues[0].message == "only the first 2 of 3 pages were read"


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("A Harbour in Winter", "A Harbour in Winter"),
        ("Microsoft Word - harbour_v3.docx", "The Heading on Page One"),
        ("untitled", "The Heading on Page One"),
        ("PowerPoint Presentation", "The Heading on Page One"),
        ("harbour.indd", "The Heading on Page One"),
        ("", "The Heading on Page One"),
    ],
)
def test_the_title_is_the_files_own_only_if_it_is_one(given, title):
    def draw(canvas):
        canvas.setTitle(given)
        top = MAKER.write(canvas, ["The Heading on Page One"], 72, 80, "Helvetica-Bold", 18)
        MAKER.write(canvas, ["Words of an ordinary size fill most of the page, as in reports."] * 5, 72, top + 20)

    assert read_pdf(drawn(draw)).title == title


def test_the_files_own_dates_are_weak_clues():
    clues = read("report").clues
    assert [clue.basis for clue in clues] == ["metadata", "metadata"]
    assert all(clue.value == "2000-01-01" and clue.confidence < 0.5 for clue in clues)


def test_the_same_bytes_read_the_same_again():
    assert read("report") == read("report")


# In a process of its own: PDFium's memory is seen only by the system, which counts what other tests hold too.
READING = """
import sys
from pathlib import Path
import psutil
from ascn_nlp.extract.pdf.reader import read_pdf

content, grown = Path(sys.argv[1]).read_bytes(), []
for times in (10, 150):
    before = psutil.Process().memory_info().rss
    for _ in range(times):
        read_pdf(content)
    grown.append(psutil.Process().memory_info().rss - before)
print(grown[1])
"""


def test_the_reader_closes_what_it_opens():
    command = [sys.executable, "-c", READING, str(SAMPLES / "table.pdf")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 10_000_000


def test_samples_are_small():
    assert all(path.stat().st_size < 10_000 for path in SAMPLES.glob("*.pdf"))


def test_a_row_whose_words_are_all_off_the_paper_is_left_out():
    def draw(canvas):
        canvas.setCropBox((0, 0, MAKER.WIDTH, MAKER.HEIGHT - 200))
        MAKER.grid(canvas, MAKER.ROWS, 170, bold_first=False)

    rows = texts(read_pdf(drawn(draw)), "table_row")
    assert rows == [" | ".join(row) for row in MAKER.ROWS[1:]]


def test_tables_with_horizontal_rules_only_are_read_row_by_row():
    rows = texts(read("book_table"), "table_row")
    alpha = "Alpha | Street lamps that dim when nobody walks below them | Planned"
    beta = "Beta Bay | Ferries with a timetable that is read aloud at each pier | Late by a year"
    gamma = "Gamma | Kiosks for forms | Completed"
    header = "City | Project | State"
    assert rows == [header, alpha, beta, gamma, header, alpha, gamma, header, alpha, beta, gamma]


def test_facts_in_large_type_are_items_each_with_its_label():
    assert texts(read("facts"), "list_item") == ["2960 lamps", "150 posts lit and named", "350 posts in the dark"]


def test_a_number_above_its_label_is_one_text_with_it():
    assert texts(read("facts"), "paragraph")[-4:-1] == ["927 Boats", "1,080 Ferries", "3% Rafts"]


def test_a_number_in_larger_type_within_a_sentence_does_not_cut_it():
    whole = "The ferry plans to carry one hundred and seventy crates, 1374 letters and a cow."
    assert texts(read("facts"))[-1] == whole


def test_a_poster_is_read_by_place_with_its_numbers_before_their_words():
    assert texts(read("figures")) == [
        "Harbour in Numbers",
        "Those who came",
        "1. The office of the harbour",
        "2. The guild of ferrymen",
        "3. The school on the hill",
        "26 Lantern Cities",
        "16 Silent Sponsors",
    ]


def test_numbered_lines_in_large_type_are_a_list_and_no_headings():
    assert texts(read("figures"), "list_item") == [
        "1. The office of the harbour",
        "2. The guild of ferrymen",
        "3. The school on the hill",
    ]


def test_a_centred_heading_goes_on_after_a_colon():
    def draw(canvas):
        canvas.setFont("Helvetica-Bold", 14)
        for number, line in enumerate(["Difficulties of Counting:", "Lamps in the Old Town"]):
            canvas.drawCentredString(MAKER.WIDTH / 2, MAKER.HEIGHT - 100 - 17 * number, line)
        MAKER.write(canvas, ["Words of an ordinary size fill most of the page, as in reports."] * 9, 72, 160)

    assert texts(read_pdf(drawn(draw)), "heading") == ["Difficulties of Counting: Lamps in the Old Town"]
