"""Commands over single files, without a store: extract, tag."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ascn_nlp.cli.options import JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from ascn_nlp.records import Document, Passage, TaggedPassage
    from ascn_nlp.tagging import Tagging

# Passages tagged at a time when many come as JSON lines: memory stays flat, answers come as they are ready.
CHUNK = 500


def extract(
    files: Annotated[list[Path], typer.Argument(help="PDF, HTML, DOCX, TXT or Markdown files.", show_default=False)],
    json: JsonOption = False,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="The blocks passages are made of, in reading order.")
    ] = False,
    document: Annotated[bool, typer.Option("--document", help="The document's record: title, date, outcome.")] = False,
) -> None:
    """Print the passages of files; nothing is stored.

    With several files, one that cannot be read is reported and the others go on (exit status 3).

    Example: ascn-nlp extract report.pdf --json
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.errors import DocumentError
    from ascn_nlp.reading import read_passages

    failed = 0
    for path in files:
        try:
            read, passages = read_passages(path)
        except DocumentError as error:
            note(f"! {error}" if error.where else f"! {path}: {error}")
            failed += 1
            continue
        for issue in read.issues:
            note(f"  {path}: {issue.message}" + (f" ({issue.remedy})" if issue.remedy else ""))
        for row in _rows(read, passages, "document" if document else "blocks" if blocks else "passages"):
            line(row if json else _plain(row))
    raise typer.Exit(0 if not failed else 1 if failed == len(files) == 1 else 3)


def tag(
    file: Annotated[Path, typer.Argument(help="JSON lines, or a document; - for stdin.", allow_dash=True)] = Path("-"),
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
    tagger: Annotated[str, typer.Option(help="rules, model or both; default: the workspace's.")] = "",
    model: Annotated[Path | None, typer.Option(help="Folder of the weights to use.")] = None,
    scores: Annotated[bool, typer.Option("--scores", help="Add every concern's score.")] = False,
) -> None:
    """Tag passages: JSON lines {"id", "text", "heading"?} or the passages of a document; nothing is stored.

    Example: echo '{"id": "1", "text": "Residents were evicted."}' | ascn-nlp tag --json
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.retagging import warnings_of
    from ascn_nlp.tagging import load_tagging
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, tagger=tagger, model=model)
    tagging = load_tagging(place.taxonomy, place.gazetteer, place.model, place.tagger)
    for warning in warnings_of(tagging):
        note(f"! {warning}")
    for passage, tagged in _tagged(tagging, file):
        row = _tag_row(passage, tagged, scores)
        if json:
            line(row)
        else:
            shown = ", ".join(f"{t['concern']} {t['stance']} {t['score']:.2f}" for t in row["tags"]) or "no concern"
            line(f"{passage.id}  {shown}\n    {' '.join(passage.text.split())[:160]}")


def _tagged(tagging: Tagging, file: Path) -> Iterator[tuple[Passage, TaggedPassage]]:
    from ascn_nlp.reading import read_passages

    if str(file) == "-" or file.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        for chunk in _chunks(_json_passages(file)):
            yield from zip(chunk, tagging.tag_loose(chunk), strict=True)
    else:
        document, passages = read_passages(file)
        yield from zip(passages, tagging.tag_document(passages, document.title), strict=True)


def _json_passages(file: Path) -> Iterator[Passage]:
    from contextlib import nullcontext

    from ascn_nlp.labelled import parse_json_line, text_passage

    name = "stdin" if str(file) == "-" else str(file)
    stream = nullcontext(sys.stdin.buffer) if name == "stdin" else file.open("rb")
    with stream as lines:
        for number, content in enumerate(lines, 1):
            if content.strip():
                where = f"{name}:{number}"
                yield text_passage(parse_json_line(content.decode("utf-8-sig", "replace"), where), where)


def _chunks(passages: Iterable[Passage]) -> Iterator[list[Passage]]:
    chunk: list[Passage] = []
    for passage in passages:
        chunk.append(passage)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _tag_row(passage: Passage, tagged: TaggedPassage, is_with_scores: bool) -> dict[str, Any]:
    from dataclasses import asdict

    tags = [
        {
            "concern": tag.concern,
            "stance": tag.stance,
            "score": round(tag.score, 4),
            **({"unsure": True} if tag.is_unsure else {}),
            "evidence": [asdict(one) for one in tag.evidence],
        }
        for tag in tagged.tags
    ]
    entities = [asdict(mention) for mention in tagged.mentions]
    cities = [asdict(city) for city in tagged.cities]
    row = {"id": passage.id, "tags": tags, "entities": entities, "cities": cities}
    return {**row, "scores": dict(tagged.scores)} if is_with_scores else row


def _rows(document: Document, passages: Iterable[Passage], what: str) -> Iterator[dict[str, Any]]:
    if what == "document":
        yield _document_row(document)
    elif what == "blocks":
        for block in document.blocks:
            place = block.places[0] if block.places else None
            yield {
                "page": place.page if place else 1,
                "kind": block.kind,
                "bbox": place.bbox if place else None,
                "text": block.text,
                **({"level": block.level} if block.level else {}),
                **({"context": block.context} if block.context else {}),
            }
    else:
        for passage in passages:
            place = passage.places[0] if passage.places else None
            yield {
                "passage_id": passage.id,
                "document": document.address,
                "page": place.page if place else 1,
                "page_label": place.label if place else "",
                "pages": [one.page for one in passage.places],
                "bbox": place.bbox if place else None,
                "kind": passage.kind,
                "heading": list(passage.heading),
                "context": passage.context,
                "text": passage.text,
                "start": passage.start,
                "end": passage.end,
                "lang": passage.language,
            }


def _document_row(document: Document) -> dict[str, Any]:
    from dataclasses import asdict

    date = document.published
    return {
        "document": document.address,
        "document_id": document.id,
        "title": document.title,
        "publisher": document.publisher,
        "language": document.language,
        "published": {**asdict(date.clue), "precision": date.clue.precision} if date else None,
        "conflicts": [asdict(clue) for clue in date.conflicts] if date else [],
        "period": document.period,
        "pages": len(document.pages),
        "unread_pages": [[page.number, page.problem] for page in document.pages if page.problem],
        "outcome": document.outcome,
        "issues": [asdict(issue) for issue in document.issues],
        "media_type": document.media_type,
        "sha256": document.sha256,
        "url": document.url,
    }


def _plain(row: dict[str, Any]) -> str:
    if "outcome" in row:
        return "\n".join(f"{key}: {value}" for key, value in row.items())
    under = f"  [{' > '.join(row['heading'])}]" if row.get("heading") else ""
    return f"p. {row['page']} {row['kind']}{under}\n{row['text']}\n"
