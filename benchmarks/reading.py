"""Pages a second from PDF to passages, as ratios to pdfplumber in the same run; and the memory of a long PDF."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from ascn_nlp.errors import DocumentError
from ascn_nlp.resources import resource
from benchmarks.made_documents import write_pdf
from benchmarks.measure import interleaved, ratios, surroundings, watch
from benchmarks.table import Sizes, Table

# pdfplumber takes most of the time, and its rounds agree well.
_MOST_ROUNDS = 3


def run(sizes: Sizes) -> Table:
    """One row for each set of files, and one for the long PDF."""
    os.environ["TESSDATA_PREFIX"] = os.devnull  # pdfplumber does not read scans; so that neither of the two does
    with surroundings() as (folder, environment):
        made, long = folder / "made.pdf", folder / "long.pdf"
        write_pdf(made, sizes.pages)
        write_pdf(long, sizes.most_pages)
        sets = {f"made here, {sizes.pages} pages": [made], "the sample corpus's reports": _sample()}
        if sizes.pdfs:
            sets[f"PDFs in {sizes.pdfs.name}"] = sorted(sizes.pdfs.glob("*.pdf"))
        rows = [_compare(name, files, min(sizes.rounds, _MOST_ROUNDS)) for name, files in sets.items()]
        rows.append(_read_long(long, sizes.most_pages, environment))
    return Table(
        title="Reading PDFs",
        columns=("files", "pages", "pages/s", "pdfplumber, pages/s", "times as fast", "memory, MB", "budget"),
        rows=tuple(rows),
        notes=(
            "pages/s: one process, from the file's bytes to passages with blocks, tables and furniture told apart; "
            "pdfplumber: `extract_text` of each page, which is then closed.",
            "Per processor second, medians of rounds in turn; the long PDF: per second of its whole process.",
            "Scanned pages stay unread in both.",
            "Files that we record as unreadable (empty, damaged) are left out of both.",
            "Memory: the peak of a process of its own that reads the PDF to passages and does nothing else.",
        ),
    )


def _sample() -> list[Path]:
    return sorted(resource("corpus", "sample", "reports").glob("*.pdf"))


def _compare(name: str, files: Sequence[Path], rounds: int) -> tuple[str, ...]:
    readable = [path for path in files if _read([path])]
    pages = _read(readable)
    taken = interleaved({"ours": lambda: _read(readable), "pdfplumber": lambda: _read_pdfplumber(readable)}, rounds)
    rates = [f"{pages / median(taken[who]):,.0f}" for who in ("ours", "pdfplumber")]
    return (name, f"{pages:,}", *rates, f"{ratios(taken['ours'], taken['pdfplumber']):.0f}", "", "≥ 10 times")


def _read(files: Sequence[Path]) -> int:
    """The pages of all files that can be read; each is read to passages."""
    from ascn_nlp.reading import read_passages

    pages = 0
    for path in files:
        try:
            pages += len(read_passages(path)[0].pages)
        except DocumentError:
            continue
    return pages


def _read_pdfplumber(files: Sequence[Path]) -> None:
    import pdfplumber

    for path in files:
        with pdfplumber.open(path) as pdf:
            for page in pdf.pages:
                page.extract_text()
                page.close()


def _read_long(path: Path, pages: int, environment: dict[str, str]) -> tuple[str, ...]:
    code = "import sys; from ascn_nlp.reading import read_passages; read_passages(sys.argv[1])"
    usage = watch(["-c", code, str(path)], environment)
    rate = f"{pages / usage.seconds:,.0f}"
    return (f"a PDF of {pages:,} pages", f"{pages:,}", rate, "", "", f"{usage.peak / 2**20:,.0f}", "≤ 500 MB")
