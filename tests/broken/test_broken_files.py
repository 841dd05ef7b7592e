"""One folder with a broken file of every kind: each is recorded with a remedy, and all the others go through."""

import io
import os
import sys
import zipfile
from pathlib import Path

import pytest

from ascn_nlp import pipeline
from ascn_nlp.resources import resource
from ascn_nlp.store import documents as document_rows

PARAGRAPH = (
    "Published on 3 March 2021. Residents of Hanoi were evicted for the smart city, and facial recognition cameras now "
    "watch the streets where they lived; the council has promised them compensation and a public hearing."
)
PDF = resource("corpus", "sample", "reports", "moved-on.pdf").read_bytes()
HEAD = "<html><head><title>Streets</title></head><body><article><h1>Streets</h1>"
PAGE = f"{HEAD}<p>{PARAGRAPH}</p></article></body></html>"
NOISE = bytes((n * 7919 >> 3) % 256 for n in range(20_000))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def encrypted_pdf():
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    content = io.BytesIO()
    canvas = Canvas(content, encrypt=StandardEncryption("secret", ownerPassword="secret"))
    canvas.drawString(72, 720, PARAGRAPH[:60])
    canvas.save()
    return content.getvalue()


def docx(paragraphs=1):
    from docx import Document

    document, content = Document(), io.BytesIO()
    for _ in range(paragraphs):
        document.add_paragraph(PARAGRAPH)
    document.save(content)
    return content.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def odt(before="", after="", declaration="", **parts):
    root = f'<o:document-content xmlns:o="{OFFICE}" xmlns:t="{TEXT}">'
    body = f"<o:body><o:text>{before}<t:p>{PARAGRAPH}</t:p>{after}</o:text></o:body>"
    parts = {"mimetype": ODT, "content.xml": f"{declaration}{root}{body}</o:document-content>", **parts}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def eml(before="", body=PARAGRAPH):
    return f"MIME-Version: 1.0\nSubject: Streets\nTo: all\n{before}\n{body}".encode()


def nested_eml(levels):
    return eml("".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels)))


def mhtml(page):
    head = "From: <Saved by Blink>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
    return f"{head}Content-Type: {page}\n--b--\n".encode()


def bomb(name, **parts):
    """An archive of a megabyte that unpacks to 300."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 2**20)
    return content.getvalue()


# Name -> (bytes, words of the failure, words of its remedy).
FAILING = {
    "empty.pdf": (b"", "is empty", "download it again"),
    "empty.html": (b"", "is empty", "download it again"),
    "blank.txt": (b" \r\n\t \n", "nothing but zeros or blanks", "download it again"),
    "zeros.pdf": (bytes(100_000), "nothing but zeros or blanks", "download it again"),
    "half.pdf": (PDF[:900], "damaged or cut off", "download it again"),
    "locked.pdf": (encrypted_pdf(), "is encrypted", "save a copy without"),
    "half.docx": (docx()[:-5000], "damaged or cut off", "download it again"),
    "locked.docx": (OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500), "is encrypted", "password"),
    "old.doc": (OLE + bytes(1000), "older than 2007", "save it as PDF or DOCX"),
    "bomb.docx": (bomb("word/document.xml"), "unpacks to more than", "save it as PDF"),
    "bomb.odt": (bomb("content.xml", mimetype=ODT), "unpacks to more than", "save it as PDF"),
    "half.odt": (odt()[:-40], "damaged or cut off", "download it again"),
    "locked.odt": (odt(**{"META-INF/manifest.xml": "<encryption-data/>"}), "is encrypted", "password"),
    "laughs.odt": (odt(declaration='<!DOCTYPE o [<!ENTITY a "ha">]>'), "declares entities", "save it as PDF"),
    "bottomless.odt": (odt("<t:section>" * 100_000, "</t:section>" * 100_000), "nested too deep", "save it anew"),
    "sheet.ods": (odt(mimetype=ODT.replace("text", "spreadsheet")), "other than a text", "save it as PDF"),
    "bottomless.eml": (nested_eml(2000), "nested deeper", "save its text as PDF"),
    "locked.eml": (eml("Content-Type: multipart/encrypted; boundary=b\n"), "is encrypted", "save its text"),
    "style.mhtml": (mhtml("text/css\n\np {}"), "without the page", "save it anew"),
    "noise.bin": (NOISE, "binary data", "see what it is"),
    "noise.pdf": (NOISE, "binary data", "see what it is"),
    "noise-with-header.pdf": (b"%PDF-1.7\n" + NOISE, "damaged or cut off", "download it again"),
    "photo.jpg": (b"\xff\xd8\xff\xe0" + NOISE, "damaged or cut off", "download it again"),
    "folder.zip": (b"PK\x05\x06" + bytes(18), "zip archive", "unpack it"),
}
# Name -> (bytes, words of the remark, or "" when there is nothing to remark).
READ = {
    "good.txt": (PARAGRAPH.encode(), ""),
    "good.pdf": (PDF, ""),
    "good.docx": (docx(), ""),
    "good.odt": (odt(), ""),
    "good.eml": (eml(), ""),
    "good.mhtml": (mhtml(f"text/html\n\n{PAGE}"), ""),
    "a-letter.txt": (eml(), "is called plain text but is EML"),
    "unknown-charset.eml": (eml("Content-Type: text/plain; charset=klingon\n"), ""),
    "nested.eml": (nested_eml(60), ""),
    "page.html": (PAGE.encode(), ""),
    "a-pdf.html": (PDF, "is called HTML but is PDF"),
    "a-page.pdf": (PAGE.encode(), "is called PDF but is HTML"),
    "a-text.docx": (PARAGRAPH.encode(), "is called DOCX but is plain text"),
    "a-docx.txt": (docx(), "is called plain text but is DOCX"),
    "no-ending": (PARAGRAPH.encode(), ""),
    "nul.txt": (PARAGRAPH.replace("Hanoi", "Ha\x00noi").encode(), ""),
    "nul.html": (PAGE.replace("Hanoi", "Ha&#0;noi&#xD800;\x00\ufffe").replace("Streets", "Str\x00eets").encode(), ""),
    "surrogate.txt": (PARAGRAPH.encode() + b" \xed\xa0\x80 \xff", ""),
    "utf-16.txt": (PARAGRAPH.encode("utf-16"), ""),
    "deep.html": (f"{HEAD}{'<div>' * 150}<p>{PARAGRAPH}</p>".encode(), ""),
    "bottomless.html": (f"{HEAD}{'<div>' * 5000}<p>{PARAGRAPH}</p>".encode(), ""),
    "one-word.txt": (b"a" * 300_000 + b"\n\n" + PARAGRAPH.encode(), ""),
    "odd ' \" % ? # & ; * [x] \u0e01 \u202e/na\nme.txt": (PARAGRAPH.encode(), ""),
    "-rf.txt": (PARAGRAPH.encode(), ""),
}


# Name -> (bytes, words of the remark): nothing in them can be read, and that is no failure of ours or theirs.
UNREAD = {
    "scripts.html": (b"<html><body><script>render()</script></body></html>", "no article text"),
    "half-page.html": (b"<html><body><article><p", "no article text"),
}


@pytest.fixture(scope="module")
def refreshed(workplaces, tmp_path_factory):
    """The workplace after the first refresh, and its counts."""
    workplace = workplaces(tmp_path_factory.mktemp("broken"))
    for name, (content, *_) in {**FAILING, **READ, **UNREAD}.items():
        workplace.put(name, content)
    return workplace, workplace.refresh()["counts"]


@pytest.fixture(scope="module")
def workplace(refreshed):
    return refreshed[0]


@pytest.mark.parametrize("name", FAILING)
def test_a_broken_file_is_recorded_with_stage_and_remedy(workplace, name):
    stage, message, remedy = workplace.failures()[name]
    _, expected, mend = FAILING[name]
    assert stage == "extract"
    assert expected in message
    assert mend in remedy
    assert workplace.outcomes()[name] == "failed"


@pytest.mark.parametrize("name", READ)
def test_a_strange_file_that_holds_a_document_is_read(workplace, name):
    assert workplace.failures().get(name) is None
    assert workplace.outcomes()[name] == "read"
    query = "SELECT p.text FROM passages p JOIN documents d ON d.seq = p.document_seq WHERE address = ?"
    texts = [text for (text,) in workplace.rows(query, name)]
    assert texts
    if READ[name][0] is not PDF:
        assert any("evicted for the smart city" in " ".join(text.split()) for text in texts)


@pytest.mark.parametrize("name", UNREAD)
def test_a_file_without_text_that_can_be_read_is_listed_as_unread_with_a_remedy(workplace, name):
    assert workplace.outcomes()[name] == "unread"
    (issue,) = issues(workplace, name)
    assert UNREAD[name][1] in issue["message"] and issue["remedy"] and not issue["is_failure"]


def issues(workplace, name):
    with pipeline.store_of(workplace.workspace).reading() as connection:
        return [row for row in document_rows.standing_issues(connection) if row["address"] == name]


@pytest.mark.parametrize("name", READ)
def test_a_file_under_a_wrong_name_is_remarked_upon(workplace, name):
    remarks = [issue["message"] for issue in issues(workplace, name)]
    expected = READ[name][1]
    assert [expected in remark for remark in remarks] == [True] * bool(expected), remarks


def test_no_text_in_the_store_has_characters_that_databases_refuse(workplace):
    columns = [("documents", "title"), ("contents", "text"), ("passages", "text"), ("passages", "heading")]
    for table, column in columns:
        for (text,) in workplace.rows(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
            assert "\x00" not in text
            text.encode()  # no halves of surrogate pairs


def test_no_passage_grows_to_what_a_tokeniser_refuses(workplace):
    assert workplace.rows("SELECT max(length(text)) < 15000 FROM passages") == [(1,)]


def test_the_rest_of_the_run_is_as_if_the_broken_files_were_not_there(refreshed):
    workplace, counts = refreshed
    assert (counts["read.failed"], counts["read.read"]) == (len(FAILING), len(READ))
    assert counts["tag.documents"] == len(READ)
    exported = workplace.workspace.review_csv.read_text(encoding="utf-8-sig")
    assert exported.count("evicted for the smart city") >= len(READ) - 2


def test_a_second_refresh_names_the_same_failures_and_reads_nothing_again(workplace):
    before = workplace.failures()
    assert not pipeline.has_work(workplace.workspace)
    counts = workplace.refresh()["counts"]
    assert workplace.failures() == before
    assert not [name for name, count in counts.items() if name.partition(".")[0] in ("fetch", "read", "tag") and count]


def test_a_broken_file_replaced_by_a_good_one_is_mended(workplaces, tmp_path):
    workplace = workplaces(tmp_path)
    workplace.put("report.pdf", PDF[:900])
    workplace.put("gone.pdf", PDF[:900])
    workplace.refresh()
    assert set(workplace.failures()) == {"report.pdf", "gone.pdf"}
    workplace.put("report.pdf", PDF)
    (tmp_path / "documents" / "gone.pdf").unlink()
    workplace.refresh()
    assert workplace.failures() == {}
    assert workplace.outcomes()["report.pdf"] == "read"
    assert workplace.rows("SELECT count(*) FROM issues WHERE is_failure") == [(2,)]  # what was wrong stays on record


def test_a_good_file_replaced_by_a_broken_one_keeps_what_was_read_of_it(workplaces, tmp_path):
    workplace = workplaces(tmp_path)
    workplace.put("report.pdf", PDF)
    workplace.refresh()
    passages = workplace.rows("SELECT id FROM passages WHERE is_current ORDER BY id")
    tags = workplace.rows("SELECT * FROM tags ORDER BY 1, 2")
    workplace.put("report.pdf", PDF[:900])
    workplace.refresh()
    assert set(workplace.failures()) == {"report.pdf"}
    assert workplace.rows("SELECT id FROM passages WHERE is_current ORDER BY id") == passages
    assert workplace.rows("SELECT * FROM tags ORDER BY 1, 2") == tags
    assert not pipeline.has_work(workplace.workspace)


def test_a_file_that_vanishes_after_it_was_listed_fails_at_its_fetch_until_it_is_listed_as_gone(workplaces, tmp_path):
    workplace = workplaces(tmp_path)
    workplace.put("stays.txt")
    path = workplace.put("vanishes.txt")
    found = workplace.begin()
    path.unlink()
    workplace.refresh(begun=found)
    stage, message, remedy = workplace.failures()["vanishes.txt"]
    assert (stage, "cannot be read" in message, "check that the file" in remedy) == ("fetch", True, True)
    assert workplace.outcomes() == {"stays.txt": "read", "vanishes.txt": "failed"}
    workplace.refresh()
    assert workplace.failures() == {}


def test_a_file_that_vanishes_while_its_folder_is_listed_stops_nothing(workplaces, tmp_path, monkeypatch):
    workplace = workplaces(tmp_path)
    workplace.put("stays.txt")
    workplace.put("vanishes.txt")
    usual = Path.stat

    def stat(self, **options):
        if self.name == "vanishes.txt":
            raise FileNotFoundError(2, "No such file or directory", str(self))
        return usual(self, **options)

    monkeypatch.setattr(Path, "stat", stat)
    workplace.refresh()
    assert workplace.outcomes() == {"stays.txt": "read"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_fails_at_its_fetch(workplaces, tmp_path):
    workplace = workplaces(tmp_path)
    workplace.put("open.txt")
    workplace.put("closed.txt").chmod(0)
    workplace.refresh()
    assert workplace.failures()["closed.txt"][0] == "fetch"
    assert workplace.outcomes() == {"open.txt": "read", "closed.txt": "failed"}


def test_a_file_over_the_limit_is_never_loaded_and_says_which_setting_to_raise(workplaces, tmp_path):
    workplace = workplaces(tmp_path)
    workplace.settings('[tagger]\nkind = "rules"\n[fetching]\nmegabytes = 1\n')
    workplace.put("small.txt")
    workplace.put("large.txt", b"x" * (2**20 + 1))
    workplace.refresh()
    stage, message, remedy = workplace.failures()["large.txt"]
    assert (stage, "larger than 1 MB" in message, "fetching.megabytes" in remedy) == ("fetch", True, True)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_hundred_megabytes_of_zeros_are_recorded(workplaces, tmp_path):
    workplace = workplaces(tmp_path)
    workplace.put("stays.txt")
    with (workplace.documents / "sparse.pdf").open("wb") as file:
        file.truncate(200 * 2**20)
    with (workplace.documents / "too-sparse.pdf").open("wb") as file:
        file.truncate(200 * 2**20 + 1)
    workplace.refresh()
    assert "zeros" in workplace.failures()["sparse.pdf"][1]
    assert "larger than 200 MB" in workplace.failures()["too-sparse.pdf"][1]
    assert workplace.outcomes()["stays.txt"] == "read"
