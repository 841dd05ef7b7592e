"""Any bytes become a Document or an error with a remedy, whatever their name says."""

import io
import json
import pickle
import random
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ascn_nlp.errors import DocumentError, ExtractError, InstallationError, UnsupportedFormat
from ascn_nlp.extract import READERS, read_document
from ascn_nlp.extract import docx as docx_reader
from ascn_nlp.extract.assemble import clean
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.sniff import DOCX, HTML, MARKDOWN, NAMES, PDF, TEXT
from ascn_nlp.records import Source, document_id
from ascn_nlp.segment import left_out, segment

SAMPLES = Path(__file__).parent / "samples"
SAMPLE_FILES = sorted(
    path
    for kind in ("html", "docx", "text")
    for path in (SAMPLES / kind).iterdir()
    if path.suffix not in (".json", ".py")
)
SOURCE = Source("tests", "folder", "Somebody", "news", "to test", country="MY")
PAGE = b"<!doctype html><html><head><title>Water</title></head><body><article>%s</article></body></html>"
PARAGRAPH = (
    b"<p>The ward office read out the letters on the price of water, and nobody was sent away unheard that day.</p>"
)


def read(content, address="file.html", **options):
    return read_document(content, source=SOURCE, address=address, **{"fetched_at": "2026-03-01", **options})


def pdf_bytes():
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(72, 700, "A page of the report, with enough words on it to be read as a text.")
    canvas.save()
    return stream.getvalue()


def zip_bytes(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def sample_docx():
    return (SAMPLES / "docx" / "field-notes.docx").read_bytes()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BOMB = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BROKEN = {
    "empty": (b"", ExtractError),
    "blanks": (b" \r\n\t ", ExtractError),
    "zeros": (bytes(5000), ExtractError),
    "noise": (random.Random(1).randbytes(5000), UnsupportedFormat),
    "truncated PDF": (pdf_bytes()[:300], ExtractError),
    "truncated DOCX": (sample_docx()[:9000], ExtractError),
    "encrypted DOCX": (OLE + "EncryptedPackage".encode("utf-16-le"), ExtractError),
    "old Word file": (OLE + "WordDocument".encode("utf-16-le"), UnsupportedFormat),
    "zip of something": (zip_bytes(a="b"), UnsupportedFormat),
    "workbook": (zip_bytes(xl__workbook="<x/>"), UnsupportedFormat),
    "slides": (zip_bytes(ppt__presentation="<x/>"), UnsupportedFormat),
    "DOCX without its parts": (zip_bytes(**{"word__document.xml": "<x/>"}), ExtractError),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(99), UnsupportedFormat),
    "gzip": (b"\x1f\x8b\x08" + bytes(99), UnsupportedFormat),
    "RTF": (rb"{\rtf1 text}", UnsupportedFormat),
    "feed": (b'<?xml version="1.0"?>\n<rss version="2.0"><channel/></rss>', UnsupportedFormat),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_input_gives_an_error_with_address_and_remedy(name):
    content, kind = BROKEN[name]
    with pytest.raises(kind) as caught:
        read(content, "reports/odd.pdf")
    assert caught.value.where == "reports/odd.pdf"
    assert caught.value.remedy and caught.value.what
    assert caught.value.stage == "extract"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(docx_reader, "_MOST_XML", 10_000)
    bomb = zip_bytes(**{"word__document.xml": "<x>" + " " * 50_000 + "</x>"})
    assert len(bomb) < 1000
    with pytest.raises(ExtractError, match="unpacks to more"):
        read(bomb, "a.docx")


def test_entities_of_a_docx_are_not_expanded():
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sample_docx())) as archive, zipfile.ZipFile(stream, "w") as bombed:
        for info in archive.infolist():
            part = archive.read(info)
            if info.filename == "word/document.xml":
                part = part.replace(b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>", BOMB.encode() + b"]>")
                part = part.replace(b"The night bus", b"&i;")
            bombed.writestr(info, part)
    try:
        assert len(read(stream.getvalue(), "a.docx").text) < 10_000
    except ExtractError as error:
        assert error.remedy


@pytest.mark.parametrize(
    ("content", "address", "declared", "media_type", "announced"),
    [
        (pdf_bytes(), "report.html", "", PDF, "HTML"),
        (pdf_bytes(), "https://a.example/r", "text/html; charset=utf-8", PDF, "HTML"),
        (PAGE % PARAGRAPH, "report.pdf", "", HTML, "PDF"),
        (sample_docx(), "notes.txt", "", DOCX, "plain text"),
    ],
)
def test_a_wrong_name_is_seen_through_and_reported(content, address, declared, media_type, announced):
    document = read(content, address, declared_type=declared)
    assert (document.media_type, document.outcome) == (media_type, "read")
    assert any(announced in issue.message and NAMES[media_type] in issue.message for issue in document.issues)


@pytest.mark.parametrize(
    ("content", "address", "declared"),
    [
        (pdf_bytes(), "report.pdf", "application/octet-stream"),
        (pdf_bytes(), "https://a.example/download?id=3", "application/pdf"),
        (PAGE % PARAGRAPH, "https://a.example/story.php", "text/html"),
        (b"Some words.\n\nSome more.", "a.txt", "text/plain; charset=us-ascii"),
    ],
)
def test_a_right_name_raises_no_issue(content, address, declared):
    assert read(content, address, declared_type=declared).issues == ()


@pytest.mark.parametrize(
    ("content", "address", "media_type"),
    [
        (b"# Title\n\nText", "a.md", MARKDOWN),
        (b"# Title\n\nText", "a.txt", TEXT),
        (b"# Title\n\nText", "a", TEXT),
        (b"\xef\xbb\xbf<html><body><p>x</p></body></html>", "a", HTML),
        ("<html><body><p>x</p></body></html>".encode("utf-16"), "a", HTML),
        (b"a < b and c > d, as %PDF-1.4 says", "a.txt", TEXT),
    ],
)
def test_kinds_of_text_are_told_apart(content, address, media_type):
    assert read(content, address).media_type == media_type


@pytest.mark.parametrize("path", SAMPLE_FILES, ids=lambda path: path.name)
def test_each_sample_reads_as_its_golden_record_says(path, golden):
    document = read(path.read_bytes(), path.name)
    record = {"document": asdict(document) | {"sha256": ""}, "passages": [asdict(each) for each in segment(document)]}
    golden(path.with_name(path.name + ".json"), json.loads(json.dumps(record)))


@pytest.mark.parametrize("path", SAMPLE_FILES, ids=lambda path: path.name)
def test_offsets_and_words_hold_for_each_sample(path):
    document = read(path.read_bytes(), path.name)
    assert all(document.text[block.start : block.end] == block.text for block in document.blocks)
    assert "\n\n".join(document.text.split("\n\n")) == document.text.strip()
    passages = segment(document)
    assert all(document.text[each.start : each.end] == each.text for each in passages)
    assert left_out(document, passages) == ()


def test_every_format_has_samples():
    kinds = {read(path.read_bytes(), path.name).media_type for path in SAMPLE_FILES}
    assert kinds | {PDF} == set(READERS) == set(NAMES)


def test_the_document_knows_where_it_came_from():
    document = read(PAGE % PARAGRAPH, "https://a.example/x", final_url="https://b.example/x")
    assert document.id == document_id("tests", "https://a.example/x")
    assert document.url == "https://b.example/x"
    assert (document.publisher, document.genre, document.country) == ("Somebody", "news", "MY")


def test_a_saved_page_is_found_again_at_the_address_it_names():
    head = b'<link rel="canonical" href="https://a.example/2021/03/14/story">'
    document = read((PAGE % PARAGRAPH).replace(b"<title>", head + b"<title>"))
    assert document.url == "https://a.example/2021/03/14/story"
    assert (document.published.clue.value, document.published.clue.basis) == ("2021-03-14", "url")


def test_the_servers_clock_is_the_last_resort():
    document = read(PAGE % PARAGRAPH, last_modified="2022-02-02")
    assert (document.published.clue.value, document.published.clue.basis) == ("2022-02-02", "header")


def test_a_page_without_an_article_is_unread_and_says_so():
    document = read(b"<html><head><title>App</title></head><body><div id=root></div></body></html>")
    assert (document.outcome, document.text, document.blocks) == ("unread", "", ())
    assert document.issues[0].remedy


def test_text_is_composed_and_free_of_what_cannot_be_printed():
    document = read("Cafe\u0301 at the pier\x00\x1b.\r\nNext line\u2028the last".encode(), "a.txt")
    assert document.text == "Café at the pier.\nNext line\nthe last"
    assert clean("a\ud800\ufeffb") == "ab"


def test_a_text_over_the_limit_is_cut_and_says_so():
    document = read(b"One word more. " * 100, "a.txt", limits=Limits(max_characters=300))
    assert len(document.text) <= 300
    assert "only its first 300 characters" in document.issues[0].message


def test_whatever_a_library_raises_becomes_an_error_with_a_remedy(monkeypatch):
    def fail(*_):
        raise KeyError("word/media")

    monkeypatch.setitem(READERS, TEXT, fail)
    with pytest.raises(ExtractError, match=r"KeyError.*word/media") as caught:
        read(b"text", "a.txt")
    assert caught.value.where == "a.txt" and caught.value.remedy


def test_want_of_memory_is_not_taken_for_a_bad_file(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setitem(READERS, TEXT, fail)
    with pytest.raises(MemoryError):
        read(b"text", "a.txt")


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert clean(clean(text)) == clean(text)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([PAGE % PARAGRAPH, pdf_bytes(), sample_docx(), b"# A\n\n- b\n\n|c|d|\n|-|-|\n|e|f|\n"]), st.data()
)
def test_damaged_files_give_documents_or_errors_and_nothing_else(content, data):
    damaged = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        damaged[at] = data.draw(st.integers(0, 255))
    damaged = bytes(damaged[: data.draw(st.integers(0, len(content)))])
    try:
        document = read(damaged, data.draw(st.sampled_from(["a.html", "a.md", "a.docx", "a.pdf", "a"])))
    except DocumentError as error:
        assert error.remedy
    else:
        assert all(document.text[block.start : block.end] == block.text for block in document.blocks)


def test_a_missing_library_stops_the_run_and_is_held_against_no_document(monkeypatch):
    def broken(content, origin, limits):
        raise ImportError("No module named 'lxml_html_clean'")

    monkeypatch.setitem(READERS, TEXT, broken)
    with pytest.raises(InstallationError, match="doctor"):
        read(b"Plain words of a note.", "note.txt")
