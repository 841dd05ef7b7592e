"""Whether memory stays flat as the corpus grows."""

from __future__ import annotations

from benchmarks.made_documents import PARAGRAPHS_A_DOCUMENT, write_documents
from benchmarks.measure import surroundings
from benchmarks.refreshing import refresh
from benchmarks.table import Sizes, Table


def run(sizes: Sizes) -> Table:
    """One row for each size of corpus."""
    rows = []
    with surroundings() as (folder, environment):
        for documents in sizes.growth:
            workspace = folder / f"of-{documents}"
            write_documents(workspace, documents, kinds=("txt", "html"))
            usage, _ = refresh(workspace, environment)
            memory = (f"{peak / 2**20:,.0f}" for peak in (usage.peak, usage.peak_children, usage.peak_server))
            passages = documents * PARAGRAPHS_A_DOCUMENT
            rows.append((f"{documents:,}", f"{passages:,}", f"{usage.seconds:.0f}", *memory))
    return Table(
        title="Memory by size of corpus",
        columns=("documents", "passages", "s", "main process, MB", "reading processes, MB", "Prefect's server, MB"),
        rows=tuple(rows),
        notes=("Peaks of a first refresh of a new workspace with text and HTML; measured as in the table above.",),
    )
