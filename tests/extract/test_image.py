import io
import zlib

import pytest
from PIL import Image

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract import read_document
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.ocr import engine as ocr
from ascn_nlp.extract.ocr import image as image_reader
from ascn_nlp.extract.ocr.engine import Look, ScanLine, Word
from ascn_nlp.extract.ocr.image import read_image
from ascn_nlp.extract.sniff import IMAGES, NAMES
from ascn_nlp.records import Source

SOURCE = Source(id="tests", kind="folder", publisher="", genre="other", why="to try readers on")
SENTENCE = "The harbour lamps were counted in the year of the flood and once more when the water had gone"


class FakeEngine:
    """Finds the same line on every picture, and keeps the pictures."""

    name = "fake 1"
    models = frozenset({"eng"})

    def __init__(self):
        self.pictures = []

    def look(self, picture):
        return Look(0, "Latin")

    def read(self, picture, dpi, models, seconds):
        self.pictures.append((picture, dpi))
        words = tuple(Word(word, 100 + 60 * i, 150 + 60 * i, 0.95) for i, word in enumerate(SENTENCE.split()))
        return (ScanLine(words, (100, 300, 1300, 300), 24, 2.0),)

    def unknown_digits(self, model):
        return ""

    def close(self):
        pass


@pytest.fixture
def engine(monkeypatch):
    engine = FakeEngine()
    monkeypatch.setattr(ocr, "find_engine", lambda: engine)
    return engine


def sheet(kind="PNG", size=(620, 877), mode="L", colour=250, more=0, **saved):
    data = io.BytesIO()
    frames = [Image.new(mode, size, colour) for _ in range(more)]
    several = {"save_all": True, "append_images": frames} if more else {}
    Image.new(mode, size, colour).save(data, kind, **several, **saved)
    return data.getvalue()


def read(content):
    return read_image(content, Limits(), "")


@pytest.mark.parametrize("media_type", IMAGES)
def test_each_kind_of_picture_is_a_document(engine, media_type):
    document = read_document(sheet(NAMES[media_type]), source=SOURCE, address="a/scan")
    assert (document.media_type, document.outcome) == (media_type, "read")
    assert document.text == SENTENCE


def test_without_an_engine_a_picture_is_unread_and_says_what_to_do():
    document = read_document(sheet(), source=SOURCE, address="a/scan.png")
    assert document.outcome == "unread" and "ascn-nlp doctor" in document.issues[0].remedy


def test_each_frame_is_a_page_up_to_the_limit(engine):
    content = sheet("TIFF", more=4)
    assert [page.number for page in read(content).pages] == [1, 2, 3, 4, 5]
    assert len(read_image(content, Limits(max_pages=2), "").pages) == 2


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "I;16"])
def test_pictures_of_any_colours_are_read(engine, mode):
    assert read(sheet("TIFF", mode=mode, colour=1)).blocks


def test_what_is_transparent_is_white(engine):
    read(sheet(mode="RGBA", colour=(0, 0, 0, 0)))
    assert engine.pictures[0][0].min() > 250


def test_a_picture_taken_sideways_is_turned(engine):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: to be turned by a quarter
    (page,) = read(sheet("JPEG", size=(877, 620), exif=exif)).pages
    assert page.height > page.width


@pytest.mark.parametrize(
    ("size", "stated", "height"),
    [
        ((1654, 2339), 200, 842),  # a scan that says its resolution
        ((1654, 2339), 0, 842),  # one that does not is taken for A4
        ((3000, 4000), 72, 842),  # a camera's, which would make a poster of it
        ((600, 800), 1200, 842),  # or a stamp
        ((1000, 1400), 100, 1008),
    ],
)
def test_pages_have_the_size_that_is_stated_if_sheets_have_such(engine, size, stated, height):
    (page,) = read(sheet(size=size, **({"dpi": (stated, stated)} if stated else {}))).pages
    assert page.height == pytest.approx(height, abs=3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_damaged_picture_is_an_error_with_a_remedy(kind, share):
    content = sheet(kind, size=(800, 800))
    with pytest.raises(ExtractError, match="damaged") as caught:
        read(content[: int(share * len(content)) + 12])
    assert caught.value.remedy


def test_a_picture_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(image_reader, "_MOST_PIXELS", 100_000)
    with pytest.raises(ExtractError, match="million pixels"):
        read(sheet())


def test_a_picture_that_says_it_is_gigantic_is_refused_before_it_is_unpacked():
    content = bytearray(sheet())
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    with pytest.raises(ExtractError, match="million pixels"):
        read(bytes(content))
