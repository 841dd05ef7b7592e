"""A review of many rows out, filled in by a program, and back: seconds, memory, and whether anything was lost.

The parent makes a store with as many tagged passages as rows; a process of its own does the way out and back, so that
its memory is only that.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from benchmarks.made_documents import training_texts
from benchmarks.measure import run_python, surroundings
from benchmarks.table import Sizes, Table

_A_DOCUMENT = 100  # passages
# What tries a review file: formulas, line ends, quotation marks, letters of other scripts, signs without width.
_HARD = ("=1+1", "two\nlines, one “quoted”", '"; \t', "Đà Nẵng · ผู้พักอาศัย", "'=cmd", "-5 °C", "@all", "plain words")


def run(sizes: Sizes) -> Table:
    """One row for each format."""
    rows = []
    with surroundings() as (folder, environment):
        for format_, count in zip(("csv", "xlsx"), sizes.review_rows, strict=True):
            workspace = folder / format_
            fill(workspace, count)
            told = json.loads(run_python(["-m", "benchmarks.round_trip", str(workspace), format_], environment))
            whole = told["out"] + told["back"]
            times = (f"{told[name]:.1f}" for name in ("out", "back"))
            rows.append((f"{format_}, {count:,} rows", *times, f"{whole:.1f}", f"{told['peak'] / 2**20:,.0f}"))
    return Table(
        title="A review out and back",
        columns=("file", "export, s", "import, s", "both, s", "peak MB"),
        rows=tuple(rows),
        notes=(
            "Every row is decided on, with a note out of eight that try a file (formulas, line breaks, other scripts). "
            "All decisions and notes were compared with what was filled in; a second import added none.",
            "XLSX: read with python-calamine, filled in and written anew with openpyxl, which is not counted.",
        ),
    )


def fill(workspace: Path, count: int) -> None:
    """Make a store with so many passages, each with one tag."""
    from ascn_nlp.pipeline import store_of
    from ascn_nlp.records import digest, document_id
    from ascn_nlp.store.runs import start_run
    from ascn_nlp.store.schema import documents, passages, taggings, tags
    from ascn_nlp.taxonomy import load_taxonomy
    from ascn_nlp.workspace import open_workspace

    workspace.mkdir(parents=True)
    texts, concerns = training_texts(), [concern.id for concern in load_taxonomy().concerns]
    now = datetime.now(UTC)
    with store_of(open_workspace(workspace)).writing() as connection:
        run_id = start_run(connection, "refresh", {})
        for first in range(0, count, _A_DOCUMENT):
            seq, id_ = first // _A_DOCUMENT + 1, document_id("made", str(first))
            fetched = {"location": "", "found_fingerprint": "", "fingerprint": "", "first_seen": now, "is_gone": False}
            about = {"title": f"Report {seq}", "published": "2021", "outcome": "read", "genre": "official_report"}
            window = {"published_from": "2021-01-01", "published_to": "2021-12-31", "date_basis": "meta"}
            row = {"seq": seq, "id": id_, "source_id": "made", "address": str(first), **fetched, **about, **window}
            connection.execute(insert(documents), [row])
            numbers = range(first, min(first + _A_DOCUMENT, count))
            connection.execute(
                insert(passages),
                [
                    {
                        "seq": n + 1, "id": "p" + digest("made", n), "document_seq": seq, "ordinal": n - first,
                        "kind": "paragraph", "start": 0, "end": 1, "text": f"{texts[n % len(texts)]} ({n})",
                        "heading": ["Chapter"], "context": "", "places": [[n % 40 + 1, "", None, 0]],
                        "page": n % 40 + 1, "language": "en", "doubts": [], "is_current": True,
                    }
                    for n in numbers
                ],
            )  # fmt: skip
            evidence = [[0, 5, "words", "term: words"]]
            connection.execute(
                insert(tags),
                [
                    {
                        "passage_seq": n + 1, "concern": concerns[n % len(concerns)], "stance": "raised", "score": 0.8,
                        "is_unsure": False, "evidence": evidence, "since_run": "",
                    }
                    for n in numbers
                ],
            )  # fmt: skip
            told = {"tagger_id": "made-1", "taxonomy_version": "1", "run_id": run_id, "mentions": [], "scores": {}}
            connection.execute(
                insert(taggings), [{"passage_seq": n + 1, **told, "leads": [], "is_lead": False} for n in numbers]
            )


def there_and_back(workspace: Path, format_: str) -> dict[str, float]:
    """Seconds of the export and of the import; AssertionError when anything was lost or changed."""
    from ascn_nlp.filters import Filters
    from ascn_nlp.pipeline import store_of
    from ascn_nlp.reviewing.files import export_review, import_review
    from ascn_nlp.store.schema import reviews
    from ascn_nlp.workspace import open_workspace

    place, path = open_workspace(workspace), workspace / f"review.{format_}"
    start = time.perf_counter()
    exported = export_review(place, path, Filters())
    out = time.perf_counter() - start
    peak = _peak()
    run_python(["-c", f"from benchmarks.round_trip import decide; decide({str(path)!r})"], _environment())
    start = time.perf_counter()
    imported = import_review(place, path)
    back = time.perf_counter() - start
    peak = max(peak, _peak())
    assert (imported.added, imported.refused, imported.lost) == (exported.rows, (), ()), imported.refused[:3]
    with store_of(place).reading() as connection:
        columns = (reviews.c.passage_id, reviews.c.decision, reviews.c.note)
        found = {row.passage_id: (row.decision, row.note) for row in connection.execute(select(*columns))}
    assert len(found) == exported.rows
    assert all(said == _decision(id_) for id_, said in found.items())
    assert import_review(place, path).added == 0
    return {"out": out, "back": back, "peak": peak}


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)


def _peak() -> int:
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def _decision(passage_id: str) -> tuple[str, str]:
    """What is decided on a passage: the same wherever its row stands."""
    number = int(passage_id[1:], 16)
    return ("accept", "reject", "unsure")[number % 3], _HARD[number % len(_HARD)].strip()


def decide(path: str) -> None:
    """Fill in every row of a file, as a person would who has a long life."""
    from ascn_nlp.review.cells import shield

    if path.endswith(".csv"):
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            row["decision"], row["note"] = _decision(row["passage_id"])
            row["note"] = shield(row["note"])
        with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        return
    from openpyxl import load_workbook

    book = load_workbook(path)
    sheet = book["review"]
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        decision, note = _decision(row[names.index("passage_id")].value)
        row[names.index("decision")].value = decision
        row[names.index("note")].value = shield(note)
    book.save(path)


if __name__ == "__main__":
    print(json.dumps(there_and_back(Path(sys.argv[1]), sys.argv[2])))
