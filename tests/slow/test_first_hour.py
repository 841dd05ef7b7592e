"""docs/first-hour.md, done as written: its commands run one after the other, and print what it says they print."""

import re
import shlex
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import openpyxl
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "first-hour.md").read_text(encoding="utf-8")
PROGRAMS = ("ascn-nlp", "mkdir", "cp", "cd")
# What the audit's passages were found to say: tags that do not hold, and what was missed, by how the passage begins.
WRONG = {("Rental flats owned by the city", "exclusion")}
MISSED = {"Under township rules": ("civil_liberties", "raised")}


def indented():
    """The indented blocks, each a list of lines."""
    blocks = re.findall(r"(?:^    .*\n)+(?:\n+(?:    .*\n)+)*", TEXT, re.MULTILINE)
    return [textwrap.dedent(block).splitlines() for block in blocks]


class Shell:
    """A terminal: the folder it is in, and what the last command printed."""

    def __init__(self, folder):
        self.folder, self.shown = folder, ""

    def run(self, line, may_end=(0,)):
        program, *words = shlex.split(line)
        if program == "cd":
            self.folder = (self.folder / words[0]).resolve()
            return
        command = line.replace("ascn-nlp", f"{shlex.quote(sys.executable)} -m ascn_nlp", 1)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode in may_end, f"{line}\n{done.stdout}\n{done.stderr}"
        self.shown = done.stdout + done.stderr


def sheet(path):
    """(workbook, its sheet, {column: number})"""
    book = openpyxl.load_workbook(path)
    return book, book["review"], {cell.value: cell.column for cell in book["review"][1]}


def decided():
    """{row: (how the passage begins, concern, stance, decision, concern_reviewed)} of the table of ten decisions."""
    found, before = {}, ""
    for row, passage, concern, stance, decision, more in re.findall(
        r"^\| (\d+) \| (.+?) \| (\w+), (\w+) \| `(\w+)`(.*) \|$", TEXT, re.MULTILINE
    ):
        before = before if passage == "the same" else passage
        other = re.search(r"`(\w+)` in `concern_reviewed`", more)
        found[int(row)] = (before, concern, stance, decision, other.group(1) if other else None)
    return found


def fill_ten(path, typed=None):
    """Write the decisions of the document's table, or in some rows what was ``typed`` instead."""
    book, page, column = sheet(path)
    rows = decided()
    assert sorted(rows) == list(range(2, page.max_row + 1)), "the table does not have the rows of the file"
    for row, (begins, concern, stance, decision, other) in rows.items():
        quote = page.cell(row, column["quote"]).value
        shown = (page.cell(row, column["concern"]).value, page.cell(row, column["stance"]).value)
        # The document has plain quotation marks.
        is_there = re.sub(r"\W+", " ", quote).strip().startswith(re.sub(r"\W+", " ", begins).strip())
        assert is_there and shown == (concern, stance), f"row {row}: {quote[:60]} {shown}"
        page.cell(row, column["decision"]).value = (typed or {}).get(row, decision)
        page.cell(row, column["concern_reviewed"]).value = other
    book.save(path)


def fill_audit(path):
    """Fill in every row that nobody decided; how many had been filled in by the export."""
    book, page, column = sheet(path)
    known = 0
    for row in range(2, page.max_row + 1):
        quote, concern = (page.cell(row, column[name]).value for name in ("quote", "concern"))
        missed = next((found for begins, found in MISSED.items() if quote.startswith(begins)), None)
        is_wrong = any(quote.startswith(begins) and concern == of for begins, of in WRONG)
        if page.cell(row, column["decision"]).value:
            known += 1
            continue
        page.cell(row, column["decision"]).value = "accept" if missed or (concern and not is_wrong) else "reject"
        if missed and not concern:
            page.cell(row, column["concern_reviewed"]).value, page.cell(row, column["stance_reviewed"]).value = missed
    book.save(path)
    return known


@pytest.fixture(scope="module")
def hour(tmp_path_factory):
    """{command: what it printed}, each block's lines that are no commands compared with that; and the folder."""
    checkout = tmp_path_factory.mktemp("hour") / "ascn-nlp"
    checkout.mkdir()
    (checkout / "corpus").symlink_to(ROOT / "corpus")
    shell, printed, wrong = Shell(checkout), {}, []
    for block in indented():
        if block[0].startswith(("git clone", "source ")):  # installing is the business of tests/slow/test_wheel.py
            continue
        if block[0] == "[reports]":
            (shell.folder / "sources.toml").write_text("\n".join(block), encoding="utf-8")
            # As the document's numbers are: with or without Tesseract here.
            (shell.folder / "ascn.toml").write_text("[reading]\nocr_seconds = 0\n", encoding="utf-8")
            continue
        if block[0].startswith("@"):
            with zipfile.ZipFile(shell.folder / "pack.zip") as pack:
                shell.shown = pack.read("cited.bib").decode()
        for line in filter(None, block):
            if line.split()[0] in PROGRAMS:
                is_dry = "--dry-run" in line
                if "import ten.xlsx" in line:
                    fill_ten(shell.folder / "ten.xlsx", {8: "rejected"} if is_dry else None)
                elif "import audit.xlsx" in line:
                    printed["known"] = fill_audit(shell.folder / "audit.xlsx")
                shell.run(line, may_end=(3,) if is_dry else (0,))
                # The report is asked for twice, before and after the reviews.
                printed[line if line not in printed else f"{line} again"] = shell.shown
            elif line.strip() != "..." and squeezed(line) not in squeezed(shell.shown):
                wrong.append((line, shell.shown))
    assert not wrong, "\n".join(f"{line!r} is not in:\n{shown}" for line, shown in wrong)
    return printed, shell.folder


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def test_every_command_of_the_document_was_run(hour):
    printed, _ = hour
    assert len([line for line in printed if line.startswith("ascn-nlp")]) >= 14


def test_of_so_many_documents_so_many_are_read_and_one_waits_for_tesseract(hour):
    printed, _ = hour
    rows = re.findall(r"^(\w+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)$", printed["ascn-nlp refresh"], re.MULTILINE)
    read, _, unread, failed, waiting, every = (sum(int(row[n]) for row in rows) for n in range(1, 7))
    assert f"Of {every} documents {read} are read." in TEXT
    assert (unread, failed, waiting) == (1, 0, 0)
    assert "13 documents of 2018 to 2024, 1 of other times, 1 undated." in printed["ascn-nlp refresh"]
    assert f"Of the {read}, one lies outside 2018 to 2024 and one has no date." in squeezed(TEXT)


def test_the_first_finding_is_the_one_that_the_reviewer_looks_at(hour):
    printed, _ = hour
    rows = re.findall(r"^(\w+) {2,}(\S.*?) {2,}\d", printed["ascn-nlp report --by city"], re.MULTILINE)
    assert rows[:2] == [("displacement", "Makassar"), ("displacement", "Phnom Penh")]
    assert "First stands displacement, in Makassar and in Phnom Penh." in squeezed(TEXT)


def test_the_audit_says_what_the_document_tells_of_it(hour):
    printed, _ = hour
    assert printed["known"] == 1 and "one row of ours" in TEXT
    last = next(line for line in printed["ascn-nlp review status"].splitlines() if re.match(r"\s*(all|every)", line))
    told = re.search(
        r"had (\d+) tags found, (\d+) wrong and (\d+) missed, with a precision of ([\d.]+).*recall of ([\d.]+)",
        squeezed(TEXT),
    )
    numbers = re.findall(r"\d+\.\d+|\d+", last)
    assert [one for one in told.groups() if one not in numbers] == [], last


def test_what_the_reviews_changed_in_the_finding_is_as_told(hour):
    printed, _ = hour
    after = printed["ascn-nlp report --by city again"]
    told = re.search(r'"(For \d+ of these (\d+) there are stories enough [^"]+)"', squeezed(TEXT))
    assert told.group(1) in squeezed(after)
    assert not re.search(r"^displacement +Makassar", after, re.MULTILINE)
    rows = re.findall(r"^(\w+) {2,}\S.*? {2,}\d+ +\d+ +\d+ +\d of \d$", after, re.MULTILINE)
    assert len(rows) == int(told.group(2))


def test_the_passage_to_cite_stands_on_the_page_on_page_two_and_has_its_history(hour):
    printed, folder = hour
    (id_,) = set(re.findall(r"p[0-9a-f]{16}", TEXT))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert id_ in page and "In the lanes behind the railway yard" in page
    assert "accept" in printed[f"ascn-nlp review history {id_}"]
    _, rows, column = sheet(folder / "ten.xlsx")
    at = {rows.cell(row, column["passage_id"]).value: row for row in range(2, rows.max_row + 1)}[id_]
    assert str(rows.cell(at, column["page"]).value) == "2" and "(This one is on page 2.)" in TEXT


def test_the_pack_has_the_files_that_the_document_names(hour):
    _, folder = hour
    with zipfile.ZipFile(folder / "pack.zip") as pack:
        names = pack.namelist()
    named = set(re.findall(r"`(figures/[\w.]+|cited\.\w+)`", TEXT)) | {"README.md"}
    assert named <= set(names)
    # "There are four more" figures.
    assert len([name for name in names if name.startswith("figures/") and name.endswith(".svg")]) == 5
