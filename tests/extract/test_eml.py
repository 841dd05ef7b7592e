"""Letters: the text they show, in its order; attachments by name only; headers as evidence."""

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ascn_nlp.errors import ExtractError
from ascn_nlp.extract.draft import Limits
from ascn_nlp.extract.mail.eml import read_eml
from ascn_nlp.extract.origin import Origin
from ascn_nlp.records import Source

SAMPLES = Path(__file__).parent / "samples" / "eml"
ORIGIN = Origin(Source("tests", "folder", "", "correspondence", "to test"), "letter.eml")
WORDS = "The ward office read out the letters on the price of water, and nobody was sent away unheard that day."


def read(content, origin=ORIGIN):
    return read_eml(content if isinstance(content, bytes) else content.encode(), origin, Limits())


def texts(content):
    return [block.text for block in read(content).blocks]


def letter(*headers, body=WORDS):
    return "\n".join(("MIME-Version: 1.0", *headers)) + "\n\n" + body


def mixed(*parts, kind="mixed", boundary="b"):
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inner}--{boundary}--\n'


def part(text, kind="text/plain", *headers):
    return "\n".join((f"Content-Type: {kind}", *headers)) + f"\n\n{text}"


@pytest.fixture(scope="module")
def newsletter():
    return read((SAMPLES / "newsletter.eml").read_bytes())


def test_the_html_of_a_letter_is_read_as_a_page_that_is_all_article(newsletter):
    assert [block.kind for block in newsletter.blocks] == [
        "heading",
        "paragraph",
        "list_item",
        "list_item",
        "paragraph",
    ]


def test_subject_date_and_sender_are_the_letters_own(newsletter):
    assert newsletter.title == "เสียงเตือนน้ำท่วม: sirens in our ward"
    assert newsletter.publisher == "Ward watch"
    clue = newsletter.clues[0]
    assert (clue.value, clue.basis, clue.evidence) == (
        "2023-03-07",
        "metadata",
        "Date: Tue, 07 Mar 2023 18:20:00 +0700",
    )
    assert clue.confidence >= 0.9


def test_attachments_are_named_in_an_issue_and_pictures_of_the_text_are_not(newsletter):
    (issue,) = newsletter.issues
    assert "Minutes of 3 March.pdf" in issue.message and 'the letter "Which roofs?"' in issue.message
    assert "png" not in issue.message and issue.remedy


def test_the_publisher_of_the_source_goes_before_the_sender():
    origin = replace(ORIGIN, source=replace(ORIGIN.source, publisher="Ward archive"))
    assert read(letter("From: Ana <ana@ward.example>"), origin).publisher == ""


@pytest.mark.parametrize(
    ("sender", "publisher"),
    [
        ("Ana <ana@ward.example>", "Ana"),
        ("ana@ward.example", "ward.example"),
        ("=?utf-8?b?4LiZ4LiE4Lij?= <a@b.example>", "นคร"),
        ("", ""),
        ("(" * 3000, ""),
    ],
)
def test_a_sender_is_known_by_name_or_else_by_domain(sender, publisher):
    assert read(letter(f"From: {sender}")).publisher == publisher


def test_several_texts_of_a_letter_are_read_in_its_order():
    content = "MIME-Version: 1.0\n" + mixed(part("Before the map."), part("map", "image/png"), part("After the map."))
    assert texts(content) == ["Before the map.", "After the map."]


def test_the_richest_version_is_read_unless_most_words_are_missing_from_it():
    plain, rich = part(WORDS), part(f"<h2>Water</h2><p>{WORDS}</p>", "text/html")
    poor = part("<p>Open this letter in your browser.</p>", "text/html")
    assert texts("MIME-Version: 1.0\n" + mixed(plain, rich, kind="alternative")) == ["Water", WORDS]
    assert texts("MIME-Version: 1.0\n" + mixed(plain, poor, kind="alternative")) == [WORDS]
    assert texts("MIME-Version: 1.0\n" + mixed(plain, part(" ", "text/html"), kind="alternative")) == [WORDS]


def test_tables_that_lay_a_letter_out_are_unpacked_and_others_are_read_as_tables():
    rows = "<table><tr><th>Line</th><th>Riders</th></tr><tr><td>4</td><td>3,100</td></tr></table>"
    outer = f"<table><tr><td><h2>News</h2><p>{WORDS}</p></td></tr><tr><td><ul><li>one</li></ul>{rows}</td></tr></table>"
    read_blocks = read(letter("Content-Type: text/html", body=f"<html><body>{outer}</body></html>")).blocks
    assert [(block.kind, block.text) for block in read_blocks] == [
        ("heading", "News"), ("paragraph", WORDS), ("list_item", "one"), ("table_row", "Line | Riders"),
        ("table_row", "4 | 3,100"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "charset", "text"),
    [
        ("cp874", "tis-620", "ท่าเรือปิด"),
        ("utf-8", "x-unknown", "ท่าเรือปิด"),
        ("utf-8", "", "Đà Nẵng"),
        ("cp1252", "iso-8859-1", "the “old” price"),
    ],
)
def test_words_survive_their_charset(encoding, charset, text):
    head = f'MIME-Version: 1.0\nContent-Type: text/plain; charset="{charset}"\nContent-Transfer-Encoding: 8bit\n\n'
    assert texts(head.encode() + text.encode(encoding)) == [text]


def test_a_letter_of_parts_without_their_boundary_is_read_as_one_text():
    assert texts(letter('Content-Type: multipart/mixed; boundary="gone"')) == [WORDS]
    assert texts(letter("Content-Type: multipart/related")) == [WORDS]


def test_a_signed_letter_is_read_and_an_encrypted_one_refused():
    signed = mixed(part(WORDS), part("x", "application/pgp-signature"), kind="signed")
    draft = read("MIME-Version: 1.0\n" + signed)
    assert [block.text for block in draft.blocks] == [WORDS] and not draft.issues
    for kind in ("multipart/encrypted; boundary=x", "application/pkcs7-mime"):
        with pytest.raises(ExtractError, match="is encrypted") as caught:
            read(letter(f"Content-Type: {kind}"))
        assert caught.value.remedy


def test_a_letter_with_attachments_alone_has_no_text_and_says_why():
    message = EmailMessage()
    message["MIME-Version"] = "1.0"
    message.add_attachment(b"%PDF-", "application", "pdf", filename="plan.pdf")
    draft = read(message.as_bytes())
    assert not draft.blocks and "plan.pdf" in draft.issues[0].message


@pytest.mark.parametrize("date", ["Tue, 07 Mar 2023 18:20:00 +9999999999", "99999999999", "yesterday", ""])
def test_a_date_that_is_none_costs_no_more_than_the_date(date):
    draft = read(letter(f"Date: {date}"))
    assert draft.blocks and not draft.clues


def test_control_characters_in_the_html_of_a_letter_do_no_harm():
    body = f"loose \x01&#1;words<p>{WORDS}\x02</p>"
    assert WORDS in " ".join(texts(letter("Content-Type: text/html", body=body)))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("levels", [5, 150, 1000, 20_000])
@pytest.mark.parametrize("kind", ["multipart", "message"])
def test_parts_in_parts_are_read_or_refused_with_a_remedy(kind, levels):
    if kind == "multipart":
        inner = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(levels))
        content = f"MIME-Version: 1.0\n{inner}Content-Type: text/plain\n\n{WORDS}"
    else:
        content = "MIME-Version: 1.0\n" + "Content-Type: message/rfc822\n\n" * levels + f"Subject: x\n\n{WORDS}"
    if levels < 200:
        draft = read(content)
        assert draft.blocks or "the letter" in draft.issues[0].message
    else:
        with pytest.raises(ExtractError, match="nested deeper") as caught:
            read(content)
        assert caught.value.remedy


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["From", "Subject", "Date", "Content-Type", "Content-Disposition"])
@pytest.mark.parametrize("junk", ["(" * 100_000, '"' * 50_000, "a;" * 50_000, "," * 50_000, "=?utf-8?q?a?= " * 8000])
def test_no_header_however_long_hangs_the_reader(name, junk):
    try:
        assert read(letter(f"{name}: {junk}")) is not None
    except ExtractError as error:
        assert error.remedy


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLES.glob("*.eml"))), st.data())
def test_damaged_letters_are_read_or_refused_with_a_remedy(path, data):
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, min(len(content), 900) - 1), max_size=6)):
        content[at] = data.draw(st.integers(0, 255))
    try:
        assert read(bytes(content)) is not None
    except ExtractError as error:
        assert error.remedy
