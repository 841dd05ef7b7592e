"""A workspace with a few tagged passages, and what a person does with its review files."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from ascn_nlp import pipeline
from ascn_nlp.filters import Filters
from ascn_nlp.resources import packaged
from ascn_nlp.review.sheets import read_sheet
from ascn_nlp.reviewing.files import export_review, import_review
from ascn_nlp.reviewing.samples import Choice
from ascn_nlp.reviewing.standing import with_reviewed

END = (
    "as the council was told at its meeting in March by the association of the eastern district, which had walked "
    "from house to house for a week and had written down what people said."
)
EVICTED = f"Forty families in Hanoi were evicted for the smart city towers without any compensation, {END}"
WATCHED = f"Facial recognition cameras now watch every market stall in Jakarta from the morning on, {END}"
PLAIN = f"The programme began with a list of bus stops and benches on cheap paper for each district, {END}"
OTHER = f"A second list names the painters of the benches with the colours which they had chosen, {END}"
DOCUMENTS = {
    "river.md": f"---\ndate: 2021-03-14\n---\n\n{EVICTED}\n\n{WATCHED}\n\n{PLAIN}\n",
    "bench.md": f"---\ndate: 2022-05-01\n---\n\n{OTHER}\n",
}


class Desk:
    """A workplace, and a person at it who fills in review files."""

    def __init__(self, place):
        self.place, self.folder = place, place.root
        self.rows = place.rows

    @property
    def workspace(self):
        return self.place.workspace

    def store(self):
        return pipeline.store_of(self.workspace)

    def export(self, name="review.csv", sample="all", *, size=100, seed=0, blind=False, wide=False, reviewer="",
               format_="", **filters):  # fmt: skip
        """The path of an export, which must be the one that was asked for."""
        choice = Choice(sample, size, seed, blind)
        chosen = with_reviewed(self.workspace, Filters(**filters))
        done = export_review(self.workspace, self.folder / name, chosen, choice, wide, reviewer, format_)
        assert (done.path, done.kept) == (self.folder / name, None)
        return done.path

    def take(self, path, **options):
        return import_review(self.workspace, Path(path), **options)

    def fill(self, path, decide):
        """Let ``decide(row)`` change each row of a CSV, as a person in a spreadsheet would; the rows afterwards."""
        rows = read(path)
        for row in rows:
            row.update(decide(row) or {})
        write_csv(path, rows)
        return rows

    def decide(self, path, decide, **options):
        self.fill(path, decide)
        return self.take(path, **options)

    def rewrite(self, name, old, new):
        """Change a document and read it anew."""
        path = self.place.documents / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        self.place.put(name, text.replace(old, new))
        self.place.refresh()

    def redefine(self, concern="displacement"):
        """Give the workspace a taxonomy of its own, in which a concern is defined otherwise."""
        path = self.folder / "taxonomy.toml"
        text = (path if path.exists() else packaged("taxonomy.toml")).read_text(encoding="utf-8")
        head, block, rest = text.partition(f"[concerns.{concern}]\n")
        assert block
        changed = re.sub(r'(include = "(?:"")?)', r"\1with a word more, ", rest, count=1)
        path.write_text(head + block + changed, encoding="utf-8")

    def decisions(self):
        return self.rows("SELECT reviewer, passage_id, concern, decision, concern_reviewed FROM reviews ORDER BY seq")

    def id_of(self, words):
        ((id_,),) = self.rows("SELECT id FROM passages WHERE is_current AND text LIKE ?", words[:40] + "%")
        return id_


def read(path):
    """The rows of a review file, as mappings."""
    if Path(path).suffix == ".xlsx":
        header, *rows = read_sheet(Path(path).read_bytes())
        return [dict(zip(header, row, strict=False)) for row in rows]
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path, rows):
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def desk_once(workplaces, tmp_path_factory):
    one = workplaces(tmp_path_factory.mktemp("desk"))
    for name, text in DOCUMENTS.items():
        one.put(name, text)
    one.refresh()
    one.workspace.review_csv.unlink()
    one.close()
    return one


@pytest.fixture
def desk(desk_once, workplaces, tmp_path):
    """Two documents with three passages and one: "displacement" and "surveillance" are tagged in one passage each."""
    shutil.copytree(desk_once.root, tmp_path, dirs_exist_ok=True)
    return Desk(workplaces(tmp_path))
