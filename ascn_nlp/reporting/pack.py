"""The referee pack: one archive with everything that is needed to check the report, and to make it again.

Quotes are of limited length; the documents themselves, which are others' property, are left out and only named.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ascn_nlp import __version__
from ascn_nlp.codebook.entries import entries
from ascn_nlp.codebook.page import html_page
from ascn_nlp.codebook.qdc import write_qdc
from ascn_nlp.errors import OptionError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import sources_of, store_of
from ascn_nlp.pipeline.health import silent_sources
from ascn_nlp.replacing import replacing
from ascn_nlp.report import figures
from ascn_nlp.report.page import page
from ascn_nlp.report.page_data import ShownDocument, ShownPassage
from ascn_nlp.report.shown import Frames
from ascn_nlp.report.whole import Report
from ascn_nlp.reporting.denominators import documents_of, story_id
from ascn_nlp.reporting.manifest import manifest, without_folders
from ascn_nlp.reporting.readme import readme
from ascn_nlp.reporting.showing import frames_of, page_data, passages_of, shown_ids
from ascn_nlp.reporting.writing import csv_text, tables_of, write_workbook_of
from ascn_nlp.review import citations
from ascn_nlp.review.agreement import Agreement
from ascn_nlp.review.cells import shield
from ascn_nlp.reviewing.figures import Agreed, agreement_of
from ascn_nlp.store.documents import counts_by_outcome
from ascn_nlp.store.reviews import judged_passages
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace

# Characters of a quote: what may be cited, and shows the evidence with some words around it.
QUOTE_LIMIT = 400
# One day for all files, so that the same content is the same bytes: ZIP knows no earlier one.
_DAY = (1980, 1, 1, 0, 0, 0)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_OUTCOMES = ("read", "partly_read", "unread", "failed", "waiting")


def write_pack(workspace: Workspace, report: Report, path: Path) -> int:
    """How many files the archive holds; one that is there is replaced once the new one is whole.

    The same report of the same store is the same bytes. OptionError where the name does not end in .zip.
    """
    files = dict(_files(workspace, report))
    is_reviewed = len(files["agreement.csv"].splitlines()) > 1
    files = {"README.md": readme(report, QUOTE_LIMIT, tuple(files), is_reviewed).encode(), **files}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    files["SHA256SUMS"] = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()
    with replacing(checked(path)) as unfinished, zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return len(files)


def checked(path: Path) -> Path:
    """The path, which is one of an archive; OptionError where it is none."""
    if path.suffix.lower() != ".zip" or path.is_dir():
        raise OptionError(f"{path.name} is no archive", "--pack", "name a file that ends in .zip")
    return path


def _files(workspace: Workspace, report: Report) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file but those that tell of the others."""
    taxonomy, maker = load_taxonomy(workspace.taxonomy), f"ascn-nlp {__version__}"
    shown = page_data(workspace, report, QUOTE_LIMIT)
    yield "report.html", "".join(page(shown)).encode()
    tables = tables_of(report, stances=report.stances)
    for name, table in tables.items():
        yield f"tables/{name}.csv", csv_text(table).encode("utf-8-sig")
    yield "tables/tables.xlsx", _workbook(tables)
    yield from _figures(frames_of(workspace, report), {one.name: one.svg for one in shown.figures})
    spoken = report.facts.spoken
    stories = dict(zip(spoken["document_id"], map(story_id, spoken["story_id"]), strict=True))
    quoted, documents = shown.passages, shown.documents
    # A page holds no more than a browser opens; what is to be counted again must be whole.
    if len(ids := shown_ids(report.facts.tagged, report.stances)) > len(quoted):
        quoted, documents = passages_of(workspace, report, ids, QUOTE_LIMIT)
    yield "quotes.csv", _csv(_quotes(quoted, {one.id: one for one in documents}, stories))
    yield "documents.csv", _csv(documents_of(workspace, report))
    yield "sources.csv", _csv(_sources(workspace))
    yield "agreement.csv", _csv(_agreement(agreement_of(workspace, with_model=True)))
    yield "codebook.html", html_page(taxonomy, maker).encode()
    yield "codebook.qdc", write_qdc(entries(taxonomy), maker)
    yield "manifest.json", json.dumps(manifest(workspace, report), ensure_ascii=False, indent=1).encode()
    for name in ("card.md", "card.toml"):
        # Rules alone have no model, and so no card.
        if workspace.tagger != "rules" and (workspace.model / name).is_file():
            yield f"model/{name}", (workspace.model / name).read_bytes()
    cited = list(_cited(workspace, [one.id for one in quoted]))
    yield "cited.bib", "".join(citations.bibtex(cited)).encode()
    yield "cited.json", "".join(citations.csl_json(cited)).encode()


def _figures(frames: Frames, svgs: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    captions = ""
    for name, draw in figures.FIGURES.items():
        captions += f"**{figures.title(name)}** ({name}). {figures.caption(name, frames)}\n\n"
        if (drawn := draw(frames)) is not None:
            yield f"figures/{name}.svg", svgs[name].encode()
            yield f"figures/{name}.png", figures.png(drawn)
            yield f"figures/{name}.csv", csv_text(figures.table_of(name, frames)).encode("utf-8-sig")
    yield "figures/captions.md", captions.encode()


def _workbook(tables: Mapping[str, Any]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tables.xlsx"
        write_workbook_of(path, tables)
        return path.read_bytes()


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        # A figure, "-0.09" too, runs nothing, and is to be counted with.
        writer.writerow([str(cell) if _NUMBER.fullmatch(str(cell)) else shield(str(cell)) for cell in row])
    return buffer.getvalue().encode("utf-8-sig")


def _quotes(
    passages: Sequence[ShownPassage], documents: Mapping[str, ShownDocument], stories: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    yield ("passage_id", "concern", "stance", "score", "unsure", "review", "places", "year", "page", "quote",
           "document_id", "story_id", "title", "publisher", "genre", "voice", "source", "published", "url")  # fmt: skip
    for one in passages:
        document = documents[one.document]
        about = (document.id, stories[document.id], document.title, document.publisher, document.genre,
                 document.voice, document.source, document.published, document.url)  # fmt: skip
        for tag in one.tags:
            unsure = "yes" if tag.is_unsure else "no"
            said = (one.id, tag.concern, tag.stance, f"{tag.score:.2f}", unsure, tag.review)
            yield (*said, "; ".join(one.places), one.year, one.page, one.text, *about)


def _sources(workspace: Workspace) -> Iterator[tuple[object, ...]]:
    counts: dict[str, dict[str, int]] = {}
    with store_of(workspace).reading() as connection:
        for row in counts_by_outcome(connection):
            counts.setdefault(row["source_id"], {})[row["outcome"] or "waiting"] = row["documents"]
    silent = silent_sources(workspace)
    yield ("source", "kind", "publisher", "genre", "why", "licence", *_OUTCOMES, "health")
    for source in sources_of(workspace):
        found = counts.pop(source.id, {})
        told = (source.id, source.kind, source.publisher, source.genre, source.why, source.licence)
        health = without_folders("; ".join(silent.get(source.id, ())), workspace)
        health = health or ("well" if found else "has brought no document yet")
        yield (*told, *(found.get(name, 0) for name in _OUTCOMES), health)
    for name, found in sorted(counts.items()):
        yield (name, *[""] * 5, *(found.get(outcome, 0) for outcome in _OUTCOMES), "no longer asked")


def _agreement(found: Agreed) -> Iterator[tuple[object, ...]]:
    """All coders together, then each two, on each concern, on all of them, and on stances."""
    yield ("on", "coders", "units", "percent", "alpha", "alpha_low", "alpha_high", "kappa", "kappa_low", "kappa_high")
    for name, one in {**found.concerns, "all concerns": found.every, "stance": found.stance}.items():
        if one.units:
            yield from _agreement_on(name, one)


def _agreement_on(name: str, one: Agreement) -> Iterator[tuple[object, ...]]:
    alpha = (one.alpha, *(one.alpha_interval or (None, None)))
    yield (name, " and ".join(one.coders), one.units, *map(_figure, (one.percent, *alpha)), "", "", "")
    for pair in one.pairs:
        kappa = (pair.kappa, *(pair.kappa_interval or (None, None)))
        coders = f"{pair.coder} and {pair.other}"
        yield (name, coders, pair.units, _figure(pair.percent), "", "", "", *map(_figure, kappa))


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _cited(workspace: Workspace, ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    with store_of(workspace).reading() as connection:
        yield from citations.cited(judged_passages(connection, Filters(), True, ids))
