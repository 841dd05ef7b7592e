import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ascn_nlp.errors import InstallationError
from ascn_nlp.extract.draft import DraftBlock, Limits
from ascn_nlp.extract.ocr import engine as ocr
from ascn_nlp.extract.ocr.doubts import mark_doubts
from ascn_nlp.extract.ocr.engine import Look, ScanLine, Word
from ascn_nlp.extract.ocr.layout import Doubt, Scan, lay_out
from ascn_nlp.extract.pdf.reader import read_pdf
from ascn_nlp.languages import LANGUAGES
from ascn_nlp.records import Place

LETTER = 12  # pixels
HEIGHT = 24
LEADING = 34
DPI = 150
LATIN = Look(0, "Latin")


def line(text, x=120, y=300, confidence=0.95, height=HEIGHT, stroke=2.0, block=0, slope=0.0):
    """A line as an engine gives it; "~" before a word stands for no blank before it, "?" after it for a doubt."""
    words, at = [], x
    for word in text.split():
        letters = word.removeprefix("~").removesuffix("?")
        at += 0 if word.startswith("~") or not words else LETTER
        end = at + LETTER * len(letters)
        sure = 0.4 if word.endswith("?") else confidence
        words.append(Word(letters, at, end, sure, word.startswith("~")))
        at = end
    return ScanLine(tuple(words), (x, y + slope * x, at, y + slope * at), height, stroke, block)


def lines(*texts, x=120, y=300, **given):
    return tuple(line(text, x, y + LEADING * i, **given) for i, text in enumerate(texts))


PARAGRAPH = ("The harbour lamps were counted in the year of the flood,", "and once more when the water had gone.")


class FakeEngine:
    """Answers what it is told to, page by page, and remembers what it was asked."""

    name = "fake 1"

    def __init__(self, *pages, models=("eng", "ind", "osd", "tha"), look=LATIN, digits=""):
        self.pages = pages
        self.models = frozenset(models)
        self.asked = []
        self.is_closed = False
        self._look = look
        self._digits = digits

    def look(self, picture):
        return self._look

    def read(self, picture, dpi, models, seconds):
        page = len({number for number, *_ in self.asked}) if not self._is_again(models) else self.asked[-1][0]
        self.asked.append((page, picture.shape, dpi, "+".join(models)))
        return self.pages[page]

    def _is_again(self, models):
        return bool(self.asked) and self.asked[-1][3] == "eng" and "+".join(models) != "eng"

    def unknown_digits(self, model):
        return self._digits

    def close(self):
        self.is_closed = True


def scans(count=1, size=(620, 877), dpi=75):
    """A PDF of pages that are pictures."""
    data = io.BytesIO()
    pages = [Image.new("L", size, 250) for _ in range(count)]
    pages[0].save(data, "PDF", resolution=dpi, save_all=True, append_images=pages[1:])
    return data.getvalue()


@pytest.fixture
def read(monkeypatch):
    def read(engine, language="", **limits):
        monkeypatch.setattr(ocr, "find_engine", lambda: engine)
        return read_pdf(scans(len(engine.pages)), Limits(**limits), language)

    return read


def test_recognised_lines_become_headings_and_paragraphs(read):
    page = (line("Lamps of the Harbour", y=200, stroke=3.4, height=34), *lines(*PARAGRAPH))
    draft = read(FakeEngine(page))
    assert [(block.kind, block.text) for block in draft.blocks] == [
        ("heading", "Lamps of the Harbour"),
        ("paragraph", " ".join(PARAGRAPH)),
    ]
    x0, top, x1, bottom = draft.blocks[1].places[0].bbox
    assert (x0, x1) == (120 * 72 / DPI, round((120 + LETTER * len(PARAGRAPH[0])) * 72 / DPI, 1))
    assert top < 300 * 72 / DPI < (300 + LEADING) * 72 / DPI < bottom
    assert draft.pages[0].problem == "" and draft.pages[0].recognised == "fake 1, eng, 150 dpi"
    assert [issue.message for issue in draft.issues] == [
        "1 of 1 pages (1): recognised in pictures by fake 1, with a mean confidence of 95%"
    ]


def test_the_engine_is_closed_and_asked_once_a_page(read):
    engine = FakeEngine(lines(*PARAGRAPH), lines(*PARAGRAPH))
    read(engine, language="en")
    assert engine.is_closed and [asked[0] for asked in engine.asked] == [0, 1]


def test_words_recognised_with_little_confidence_are_doubtful(read):
    (block,) = read(FakeEngine(lines("The lamps were? counted in? time"))).blocks
    assert [block.text[start:end] for start, end in block.doubts] == ["were", "in"]


def test_every_number_is_doubtful_where_the_model_takes_digits_for_others(read):
    thai = Look(0, "Thai")
    page = lines("เมื่อวันที่ ๒๒ ตุลาคม ๒๕๒๒ low ครั้ง ASEAN Smart")
    (block,) = read(FakeEngine(page, look=thai, digits="๔๖")).blocks
    assert [block.text[start:end] for start, end in block.doubts] == ["๒๒", "๒๕๒๒", "low"]
    (block,) = read(FakeEngine(page, look=thai)).blocks
    assert block.doubts == ()


def test_an_issue_names_the_digits_that_the_model_does_not_know(read):
    draft = read(FakeEngine(lines("เมืองอัจฉริยะ"), look=Look(0, "Thai"), digits="๔๖"))
    assert any("๔ ๖" in issue.message and "doubtful" in issue.remedy for issue in draft.issues)


def test_thai_is_joined_without_blanks_between_its_words_and_lines(read):
    page = lines("โครง ~การ ~เมือง ~อัจฉริยะ ASEAN ของ ~ประ", "เทศ ~สมา ~ชิก")
    (block,) = read(FakeEngine(page, look=Look(0, "Thai"))).blocks
    assert block.text == "โครงการเมืองอัจฉริยะ ASEAN ของประเทศสมาชิก"


def test_a_vowel_recognised_as_two_signs_is_one_and_doubts_stand_where_they_should(read):
    page = lines("การท\u0e4d ~\u0e32 ~งาน? ~ของเมือง")
    (block,) = read(FakeEngine(page, look=Look(0, "Thai"))).blocks
    assert block.text == "การท\u0e33งานของเมือง"
    assert [block.text[start:end] for start, end in block.doubts] == ["งาน"]


@given(slope=st.floats(-0.02, 0.02), shift=st.integers(-30, 30))
def test_paragraphs_of_a_crooked_page_are_those_of_a_level_one(slope, shift):
    def texts(slope):
        pages = [*lines(*PARAGRAPH, slope=slope), *lines(*PARAGRAPH, y=420 + shift, slope=slope)]
        return [(each.text, each.box[0] > 50) for each in lay_out([Scan(1, 595, 842, 72 / DPI, tuple(pages))])[0]]

    assert texts(slope) == texts(0.0)


def test_sizes_that_hardly_differ_are_one(read):
    heights = [24, 27, 22, 25]
    page = tuple(
        line(f"the lamps of the harbour number {i}", y=300 + LEADING * i, height=h) for i, h in enumerate(heights)
    )
    assert len(read(FakeEngine(page)).blocks) == 1


def test_lines_without_words_are_left_out_and_counted(read):
    stamp = (line("a", y=100), line("| ~_", y=140, confidence=0.3), line("dain i", y=180, confidence=0.45))
    sideways = ScanLine((Word("margin", 40, 52, 0.9),), (46, 700, 46, 500), HEIGHT)
    draft = read(FakeEngine((*stamp, sideways, *lines(*PARAGRAPH))))
    assert [block.text for block in draft.blocks] == [" ".join(PARAGRAPH)]
    assert any(issue.message.startswith("4 lines that hold no word") for issue in draft.issues)


def test_marks_above_letters_taken_for_a_line_of_their_own_are_left_out(read):
    marks = line("al ow vy", y=292, height=10)
    (block,) = read(FakeEngine((marks, *lines("เมืองอัจฉริยะของอาเซียน")), look=Look(0, "Thai"))).blocks
    assert block.text == "เมืองอัจฉริยะของอาเซียน"


@pytest.mark.parametrize("label", ["(a)", "2.", "•"])
def test_a_label_taken_for_a_line_of_its_own_stands_before_its_item(read, label):
    page = (line(label, x=60), *lines("by deleting the words in the second line"))
    (block,) = read(FakeEngine(page)).blocks
    assert block.text == f"{label} by deleting the words in the second line"


def test_a_turned_page_is_set_upright_first(read):
    engine = FakeEngine(lines(*PARAGRAPH), look=Look(1, "Latin"))
    (page,) = read(engine).pages
    (_, (height, width), _, _) = engine.asked[0]
    assert height < width and page.height < page.width


def test_a_page_without_words_is_no_problem_but_said(read):
    draft = read(FakeEngine(lines(*PARAGRAPH), ()))
    assert [page.problem for page in draft.pages] == ["", ""]
    assert any(issue.message.startswith("1 of 2 pages (2): no words were found") for issue in draft.issues)


INDONESIAN = (
    "kota ini memasang lampu baru di tepi sungai agar para nelayan dan warga mengetahui tinggi air",
    "setiap pagi karena banjir datang pada malam hari dan tidak ada yang melihat tanda bahaya itu",
)


@pytest.mark.parametrize(
    ("given", "words", "asked"),
    [
        ("", PARAGRAPH, ["eng"]),
        ("", INDONESIAN, ["eng", "ind+eng"]),
        ("id", INDONESIAN, ["ind+eng"]),
        ("en", INDONESIAN, ["eng"]),
        ("th", PARAGRAPH, ["eng"]),  # the page shows another script than the source says
    ],
)
def test_models_are_chosen_by_what_the_source_says_or_else_by_the_words(read, given, words, asked):
    engine = FakeEngine(lines(*words))
    read(engine, language=given)
    assert [each[3] for each in engine.asked] == asked


def test_a_language_once_found_is_that_of_the_pages_after(read):
    engine = FakeEngine(lines(*INDONESIAN), lines(*INDONESIAN))
    read(engine)
    assert [each[3] for each in engine.asked] == ["eng", "ind+eng", "ind+eng"]


def test_a_script_without_a_model_stays_unread_and_says_what_to_install(read):
    draft = read(FakeEngine((), models=("eng", "osd"), look=Look(0, "Khmer")))
    assert "'km'" in draft.pages[0].problem
    assert "khm" in draft.issues[0].remedy or sys.platform != "linux"


def test_a_language_without_a_model_is_read_with_english_and_said(read):
    draft = read(FakeEngine(lines(*INDONESIAN), models=("eng",)), language="vi")
    assert draft.pages[0].recognised == "fake 1, eng, 150 dpi"
    assert any("'vi'" in issue.message for issue in draft.issues)


def test_a_language_that_no_model_is_known_for_is_read_with_english_and_said(read):
    draft = read(FakeEngine(lines(*PARAGRAPH), look=None), language="tet")
    assert draft.blocks and any("'tet'" in issue.message for issue in draft.issues)


def test_an_illegible_page_stays_unread(read):
    draft = read(FakeEngine(lines(*PARAGRAPH, confidence=0.55)))
    assert draft.blocks == () and "not legible" in draft.pages[0].problem


def test_pages_stay_unread_when_the_time_is_spent_and_the_remedy_names_the_setting(read):
    class Slow(FakeEngine):
        def read(self, *asked):
            found = super().read(*asked)
            return None if len(self.asked) > 1 else found

    draft = read(Slow(*[lines(*PARAGRAPH)] * 3))
    assert [bool(page.problem) for page in draft.pages] == [False, True, True]
    remedies = {issue.remedy for issue in draft.issues if "no time left" in issue.message}
    assert remedies == {"raise reading.ocr_seconds in ascn.toml"}


def test_no_time_at_all_means_no_recognition(read):
    engine = FakeEngine(lines(*PARAGRAPH))
    draft = read(engine, max_ocr_seconds=0)
    assert not engine.asked and draft.pages[0].problem == "no text layer: a scanned image"
    assert "reading.ocr_seconds" in draft.issues[0].remedy


def test_without_an_engine_scans_stay_unread_and_the_remedy_names_the_doctor():
    draft = read_pdf(scans())
    assert draft.pages[0].problem == "no text layer: a scanned image"
    assert "ascn-nlp doctor" in draft.issues[0].remedy and "--failed-only" in draft.issues[0].remedy


@pytest.mark.parametrize(("dpi", "used"), [(50, 150), (200, 200), (400, 250)])
def test_pictures_are_looked_at_in_their_own_resolution_within_bounds(monkeypatch, dpi, used):
    engine = FakeEngine(lines(*PARAGRAPH))
    monkeypatch.setattr(ocr, "find_engine", lambda: engine)
    read_pdf(scans(size=(4 * dpi, 6 * dpi), dpi=dpi))
    _, (height, width), asked, _ = engine.asked[0]
    assert asked == used and abs(height - 6 * used) < 2 and abs(width - 4 * used) < 2


def test_huge_pages_are_drawn_in_fewer_dots(monkeypatch):
    engine = FakeEngine(lines(*PARAGRAPH))
    monkeypatch.setattr(ocr, "find_engine", lambda: engine)
    read_pdf(scans(size=(1000, 1400), dpi=10))
    height, width = engine.asked[0][1]
    assert 20_000_000 < height * width < 26_000_000


WORDS = st.text(st.sampled_from("ab ๒ก."), min_size=1, max_size=8)


@given(
    text=st.text(st.sampled_from("ab ๒ก. "), max_size=40),
    words=st.lists(st.tuples(WORDS, st.integers(0, 8), st.integers(0, 8))),
)
def test_doubts_lie_within_their_text_in_order_and_apart(text, words):
    doubts = [Doubt(1, 10, 10, word, min(a, b, len(word)), min(max(a, b), len(word))) for word, a, b in words]
    (block,) = mark_doubts([DraftBlock("paragraph", text, (Place(1, bbox=(0, 0, 20, 20)),))], doubts)
    flat = [each for span in block.doubts for each in span]
    assert flat == sorted(set(flat)) and all(0 <= each <= len(text) for each in flat)


def test_a_doubt_about_a_word_leaves_words_that_hold_it_alone_and_those_elsewhere():
    block = DraftBlock("paragraph", "in the inner harbour", (Place(2, bbox=(0, 0, 20, 20)),))
    (marked,) = mark_doubts(
        [block], [Doubt(2, 5, 5, "in", 0, 2), Doubt(2, 500, 5, "the", 0, 3), Doubt(1, 5, 5, "the", 0, 3)]
    )
    assert marked.doubts == ((0, 2),)


@pytest.fixture
def tessdata(tmp_path, monkeypatch):
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(ocr, "find_spec", lambda name: True)
    return tmp_path


@pytest.mark.parametrize("below", [".", "tessdata"])
def test_models_are_found_where_the_environment_says(tessdata, below):
    folder = tessdata / below
    folder.mkdir(exist_ok=True)
    for name in ("eng", "osd"):
        (folder / f"{name}.traineddata").touch()
    assert ocr.find_models() == (folder, {"eng", "osd"}) and ocr.has_engine()


def test_a_model_of_orientation_alone_is_none(tessdata):
    (tessdata / "osd.traineddata").touch()
    with pytest.raises(InstallationError, match="no models"):
        ocr.find_models()
    assert not ocr.has_engine()


def test_the_newest_of_several_folders_is_used(tessdata, monkeypatch):
    monkeypatch.delenv("TESSDATA_PREFIX")
    monkeypatch.setattr(ocr, "_FOLDERS", ((str(tessdata), "*/tessdata"),))
    for version in ("4.00", "5"):
        (tessdata / version / "tessdata").mkdir(parents=True)
        (tessdata / version / "tessdata" / "eng.traineddata").touch()
    assert ocr.find_models()[0] == tessdata / "5" / "tessdata"


def test_without_the_library_the_error_names_the_extra(monkeypatch):
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    with pytest.raises(InstallationError, match=r"ascn-nlp\[ocr\]"):
        ocr.find_engine()


@pytest.mark.parametrize(("platform", "words"), [("linux", "tesseract-ocr-tha"), ("darwin", "brew"), ("win32", "tha")])
def test_what_to_install_depends_on_the_platform(monkeypatch, platform, words):
    monkeypatch.setattr(sys, "platform", platform)
    assert words in ocr.how_to_install("th", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_that_can_be_detected_has_a_model(language):
    (name, *_) = ocr.MODELS[language]
    assert ocr.model_of(language, frozenset({name, "osd"})) == name
    assert ocr.model_of(language, frozenset({"osd"})) == ""


def test_tests_do_not_see_what_is_installed_here():
    assert not ocr.has_engine() and Path(os.environ["TESSDATA_PREFIX"]) == Path(os.devnull)
