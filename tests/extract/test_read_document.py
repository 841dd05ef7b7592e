"""Any bytes become a Document or an error with a remedy, whatever their name says."""

import io
import json
import pickle
import random
import tracemalloc
import zipfile
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from ascn_nlp.errors import DocumentError, ExtractError, InstallationError, UnsupportedFormat
from ascn_nlp.extract import READERS, read_document
from ascn_nlp.extract.assemble import clean
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.office import archive as archives
from ascn_nlp.extract.sniff import DOCX, EML, HTML, IMAGES, MARKDOWN, MHTML, NAMES, ODT, PDF, TEXT
from ascn_nlp.records import Source, document_id
from ascn_nlp.segment import segment

SAMPLES = Path(__file__).parent / "samples"
SAMPLE_FILES = sorted(
    path
    for kind in ("html", "docx", "odt", "eml", "mhtml", "text")
    for path in (SAMPLES / kind).iterdir()
    if path.is_file() and path.suffix not in (".json", ".py", ".fodt")
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


def sample(name):
    return (SAMPLES / name).read_bytes()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">{}]>'.format(
    "".join(f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefgh", "bcdefghi", strict=True))
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
    "truncated ODT": (sample("odt/market-survey.odt")[:9000], ExtractError),
    "OpenDocument spreadsheet": (
        zip_bytes(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<x/>"}),
        UnsupportedFormat,
    ),
    "Outlook message": (OLE + "__substg1.0_0037001F".encode("utf-16-le"), UnsupportedFormat),
    "saved page without a page": (
        b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: text/css\r\n\r\np {}",
        ExtractError,
    ),
    "PNG without a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), ExtractError),
    "GIF": (b"GIF89a" + bytes(99), UnsupportedFormat),
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


def repacked(content, change):
    """The archive with ``change(name, part)`` for each of its parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for info in archive.infolist():
            made.writestr(info.filename, change(info.filename, archive.read(info)))
    return stream.getvalue()


ARCHIVES = {
    "notes.docx": (sample_docx(), "word/document.xml", b"The night bus"),
    "survey.odt": (sample("odt/market-survey.odt"), "content.xml", b"Fees are taken"),
}


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("entity", [BOMB, '<!DOCTYPE d [<!ENTITY i SYSTEM "file:///etc/hostname">]>'])
def test_xml_that_declares_entities_is_refused(name, entity):
    content, body, words = ARCHIVES[name]

    def bomb(part_name, part):
        if part_name != body:
            return part
        declaration, _, rest = part.partition(b"?>")
        return declaration + b"?>" + entity.encode() + rest.replace(words, b"&i;")

    with pytest.raises(ExtractError, match=r"entit(y|ies)") as caught:
        read(repacked(content, bomb), name)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize(
    ("limit", "value"), [("_MOST_XML", 3000), ("_MOST_RATIO", 2), ("_MOST_PARTS", 3)], ids=["size", "ratio", "parts"]
)
def test_an_archive_over_a_limit_is_refused_by_its_directory(monkeypatch, name, limit, value):
    monkeypatch.setattr(archives, limit, value)
    monkeypatch.setattr(archives, "_SMALL", 0)
    monkeypatch.setattr(archives.Archive, "xml", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(ExtractError, match=r"unpacks to more|has more than") as caught:
        read(ARCHIVES[name][0], name)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_directory_that_lies_about_sizes_is_found_out_while_unpacking(name):
    content, body, _ = ARCHIVES[name]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        stated = archive.getinfo(body).file_size
    large = bytearray(repacked(content, lambda part, text: text + b" " * 50_000_000 if part == body else text))
    at = large.rindex(body.encode()) - 46  # the part's record in the directory; sizes stand at 20 and 24
    assert int.from_bytes(large[at + 24 : at + 28], "little") == stated + 50_000_000
    large[at + 24 : at + 28] = stated.to_bytes(4, "little")
    tracemalloc.start()
    with pytest.raises(ExtractError, match="damaged") as caught:
        read(bytes(large), name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.remedy and peak < 20_000_000


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize(("limit", "value"), [("_MOST_XML", 3000), ("_MOST_TAGS", 10)])
def test_what_comes_out_counts_whatever_the_directory_says(monkeypatch, name, limit, value):
    monkeypatch.setattr(archives.Archive, "refuse_bomb", lambda _: None)
    monkeypatch.setattr(archives, limit, value)
    with pytest.raises(ExtractError, match="unpacks to more"):
        read(ARCHIVES[name][0], name)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_packed_as_documents_are_not_is_refused(method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(ExtractError, match="packed as documents are not") as caught:
        read(stream.getvalue(), "a.docx")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("content", "address", "declared", "media_type", "announced"),
    [
        (pdf_bytes(), "report.html", "", PDF, "HTML"),
        (pdf_bytes(), "https://a.example/r", "text/html; charset=utf-8", PDF, "HTML"),
        (PAGE % PARAGRAPH, "report.pdf", "", HTML, "PDF"),
        (sample_docx(), "notes.txt", "", DOCX, "plain text"),
        (sample("odt/market-survey.odt"), "survey.docx", "", ODT, "DOCX"),
        (sample("eml/newsletter.eml"), "newsletter.txt", "", EML, "plain text"),
        (sample("mhtml/night-buses.mhtml"), "page.html", "text/html", MHTML, "HTML"),
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
        (sample("odt/market-survey.odt"), "a.ott", "application/vnd.oasis.opendocument.text-template"),
        (sample("eml/note.eml"), "note.eml", "message/rfc822"),
        (sample("mhtml/night-buses.mhtml"), "a.mht", "message/rfc822"),
        (sample("mhtml/night-buses.mhtml"), "https://a.example/a", "application/x-mimearchive"),
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
        (b"From: the mayor\nTo: all wards\nSubject: water\n\nPlease read this.", "memo.txt", TEXT),
        (b"From: the mayor\nTo: all wards\nSubject: water\n\nPlease read this.", "memo.eml", EML),
        (b"Note: one\nNote: two\n\nMIME-Version: 1.0 is old.", "a", TEXT),
        (b"Received: from a.example\n by b.example\nSubject: x\n\nText", "a", EML),
        (
            b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\nTo: ana@a.example\n\n--b\n\nx\n--b--",
            "a",
            EML,
        ),
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
    covered = {offset for each in passages for offset in range(each.start, each.end)}
    assert all(covered.issuperset(range(b.start, b.end)) for b in document.blocks if b.kind != "heading")


def test_every_format_has_samples():
    kinds = {read(path.read_bytes(), path.name).media_type for path in SAMPLE_FILES}
    assert kinds | {PDF, *IMAGES} == set(READERS) == set(NAMES)  # these have tests of their own


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<div>" * 5000, "sent away unheard"),
        ("<font>" * 400, "sent away unheard"),
        ("<table><tr><td>" * 100, "sent away unheard"),
        ("<x-box>" * 400, ""),
    ],
)
def test_a_page_nested_deeper_than_the_parser_goes_is_read_or_remarked_upon(html, words):
    document = read(PAGE % (PARAGRAPH + html.encode() + PARAGRAPH.replace(b"that day", b"the next day")))
    assert ("the next day" in document.text) == bool(words)
    assert any("nested deeper" in issue.message and issue.remedy for issue in document.issues) == (not words)


def test_cells_of_a_page_keep_their_lists_and_the_blanks_between_their_lines():
    cells = b"<td><p>one</p><p>two</p></td><td><ul><li>three</li><li>four</li></ul></td><td>H<sub>2</sub>O</td>"
    document = read(PAGE % (PARAGRAPH + b"<table><tr>" + cells + b"</tr></table>" + PARAGRAPH))
    assert "one two | three four | H2O" in [block.text for block in document.blocks]


@pytest.mark.timeout(60)
def test_a_cell_of_a_page_a_million_columns_wide_takes_no_more_than_others():
    cells = b"<td colspan=1000000000>wide</td><td rowspan=99999999999999999999>tall</td>"
    document = read(PAGE % (PARAGRAPH + b"<table><tr>" + cells + b"</tr></table>" + PARAGRAPH))
    assert "wide | tall" in [block.text for block in document.blocks]


def test_a_saved_page_is_dated_and_found_as_the_page_it_was():
    document = read(sample("mhtml/night-buses.mhtml"), "night-buses.mhtml")
    assert (document.published.clue.value, document.published.clue.basis) == ("2022-09-14", "meta")
    assert document.url == "https://gazette.example/2022/09/night-buses-stay"


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
    st.sampled_from(
        [PAGE % PARAGRAPH, pdf_bytes(), sample_docx(), b"# A\n\n- b\n\n|c|d|\n|-|-|\n|e|f|\n"]
        + [sample(name) for name in ("odt/market-survey.odt", "eml/newsletter.eml", "mhtml/night-buses.mhtml")]
    ),
    st.data(),
)
def test_damaged_files_give_documents_or_errors_and_nothing_else(content, data):
    damaged = bytearray(content)
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        damaged[at] = data.draw(st.integers(0, 255))
    damaged = bytes(damaged[: data.draw(st.integers(0, len(content)))])
    try:
        document = read(damaged, data.draw(st.sampled_from(["a.html", "a.md", "a.docx", "a.pdf", "a.eml", "a"])))
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
