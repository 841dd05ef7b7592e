"""Commands over single files, without a store: extract, tag."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ascn_nlp.cli.explanations import show_explained
from ascn_nlp.cli.options import JsonOption, ModelOption, TaggerOption, WorkspaceOption
from ascn_nlp.cli.overlays import OverlayOption, PagesOption, check_options, write_overlay
from ascn_nlp.records import Place

if TYPE_CHECKING:
    from ascn_nlp.records import Block, Box, Document, Passage, Span, TaggedPassage
    from ascn_nlp.tagging import Tagging

    # The id of a line as it was given, a number or a text, and the passage it stands for.
    _Given = tuple[str | int, Passage]

# Passages tagged at a time when many come as JSON lines: memory stays flat, answers come as they are ready.
CHUNK = 500


def extract(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", help="PDF, HTML, DOCX, ODT, EML, MHTML, TXT or Markdown files.", show_default=False
        ),
    ],
    json: JsonOption = False,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="The blocks passages are made of, in reading order.")
    ] = False,
    document: Annotated[bool, typer.Option("--document", help="The document's record: title, date, outcome.")] = False,
    overlay: OverlayOption = None,
    pages: PagesOption = "",
) -> None:
    """Print the passages of files; nothing is stored.

    With several files, one that cannot be read is reported and the others go on (exit status 3).

    Example: ascn-nlp extract report.pdf --json
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.errors import DocumentError
    from ascn_nlp.reading import read_file

    check_options(files, overlay, pages)
    failed = 0
    for path in files:
        try:
            read = read_file(path)
        except DocumentError as error:
            note(f"! {error}" if error.where else f"! {path}: {error}")
            failed += 1
            continue
        for issue in read.issues:
            note(f"  {path}: {issue.message}" + (f" ({issue.remedy})" if issue.remedy else ""))
        if overlay:
            for written in write_overlay(path, read, overlay, pages):
                note(f"wrote {written}")
            if not (json or blocks or document):
                continue
        for row in _rows(read, "document" if document else "blocks" if blocks else "passages"):
            line(row if json else _plain(row))
    raise typer.Exit(0 if not failed else 1 if failed == len(files) == 1 else 3)


def tag(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines, or a document; - for stdin.", allow_dash=True)
    ] = Path("-"),
    workspace: WorkspaceOption = Path(),
    json: JsonOption = False,
    tagger: TaggerOption = "",
    model: ModelOption = "",
    scores: Annotated[bool, typer.Option("--scores", help="Add every concern's score.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show the words each tag rests on, and what it would be without.")
    ] = False,
) -> None:
    """Tag a document or JSON lines of passages; nothing is stored.

    A line is {"id": 1, "text": "...", "heading": "..."}; the heading may be left out. "unsure" marks a tag that needs
    a person; a lead is a theme of which no single concern is likely enough to be tagged.

    Example: ascn-nlp tag report.pdf --json
    """
    from ascn_nlp.cli.console import line, note
    from ascn_nlp.tagging import load_tagging, warnings_of
    from ascn_nlp.workspace import open_workspace

    place = open_workspace(workspace, tagger=tagger, model=model)
    tagging = load_tagging(place.taxonomy, place.gazetteer, place.model, place.tagger)
    for warning in warnings_of(tagging):
        note(f"! {warning}")
    for id_, passage, tagged in _tagged(tagging, file, explain):
        if json:
            line(_tag_row(id_, tagged, scores))
        elif explain:
            show_explained(id_, passage, tagged)
        else:
            line(_plain_tags(id_, passage, tagged, scores))


def _tagged(tagging: Tagging, file: Path, is_explained: bool) -> Iterator[tuple[str | int, Passage, TaggedPassage]]:
    """(id as it was given, passage, its tags), in the order of the input."""
    from ascn_nlp.reading import read_passages

    if str(file) == "-" or file.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        for chunk in _chunks(_json_passages(file)):
            tagged = tagging.tag_loose([passage for _, passage in chunk], is_explained)
            yield from ((id_, passage, one) for (id_, passage), one in zip(chunk, tagged, strict=True))
    else:
        document, passages = read_passages(file)
        tagged = tagging.tag_document(passages, document.title, is_explained)
        yield from ((passage.id, passage, one) for passage, one in zip(passages, tagged, strict=True))


def _json_passages(file: Path) -> Iterator[_Given]:
    from contextlib import nullcontext

    from ascn_nlp.cli.console import note
    from ascn_nlp.labelled import parse_json_line, text_passage

    name = "stdin" if str(file) == "-" else str(file)
    if name == "stdin" and sys.stdin.isatty():
        note('reading lines such as {"id": 1, "text": "..."} from the keyboard; end with Ctrl-D')
    stream = nullcontext(sys.stdin.buffer) if name == "stdin" else file.open("rb")
    with stream as lines:
        for number, content in enumerate(lines, 1):
            if content.strip():
                where = f"{name}:{number}"
                values = parse_json_line(content, where)
                passage = text_passage(values, where)
                yield values["id"], passage


def _chunks(passages: Iterable[_Given]) -> Iterator[list[_Given]]:
    chunk: list[_Given] = []
    for one in passages:
        chunk.append(one)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _plain_tags(id_: str | int, passage: Passage, tagged: TaggedPassage, is_with_scores: bool) -> str:
    shown = [f"{t.concern} {t.stance} {t.score:.2f}" + (" unsure" if t.is_unsure else "") for t in tagged.tags]
    shown += [f"lead: {lead.theme} {lead.score:.2f}" for lead in tagged.leads]
    first = f"{id_}  {', '.join(shown) or 'no concern'}\n    {shorten(passage.text, 76, placeholder=' ...')}"
    scores = "".join(f"\n    {score:.2f}  {concern}" for concern, score in tagged.scores)
    return first + (scores if is_with_scores else "")


def _tag_row(id_: str | int, tagged: TaggedPassage, is_with_scores: bool) -> dict[str, Any]:
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
    row = {"id": id_, "tags": tags, "entities": entities, "cities": cities}
    if tagged.leads:
        row["leads"] = [asdict(lead) for lead in tagged.leads]
    return {**row, "scores": dict(tagged.scores)} if is_with_scores else row


def _rows(document: Document, what: str) -> Iterator[dict[str, Any]]:
    if what == "document":
        yield _document_row(document)
    elif what == "blocks":
        # By page: a footnote comes before the rest of a paragraph that goes on overleaf.
        yield from sorted((row for block in document.blocks for row in _block_rows(block)), key=itemgetter("page"))
    else:
        from ascn_nlp.segment import segment

        for passage in segment(document):
            yield _passage_row(document, passage)


def _block_rows(block: Block) -> Iterator[dict[str, Any]]:
    """A row for each page the block stands on, with the words that stand there."""
    about = {"level": block.level, "context": block.context}
    pages = [list(places) for _, places in groupby(block.places, lambda place: place.page)] or [[Place(1)]]
    ends = [places[0].start for places in pages[1:]] + [len(block.text)]
    for places, end in zip(pages, ends, strict=True):
        yield {
            "page": places[0].page,
            "kind": block.kind,
            "bbox": _around(places),
            "text": block.text[places[0].start : end].strip(),
            **{key: value for key, value in about.items() if value},
            **_doubts_of(block, places[0].start, end),
        }


def _doubts_of(block: Block, start: int, end: int) -> dict[str, list[Span]]:
    """The doubtful spans of the words that stand on one page, which begin at ``start`` of the block's text."""
    start += len(block.text[start:end]) - len(block.text[start:end].lstrip())
    found = [(max(a, start) - start, min(b, end) - start) for a, b in block.doubts if a < end and b > start]
    return {"doubts": found} if found else {}


def _around(places: Iterable[Place]) -> Box | None:
    """The box around all that stands on one page, its columns together; None where nothing has a box."""
    boxes = [place.bbox for place in places if place.bbox]
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _passage_row(document: Document, passage: Passage) -> dict[str, Any]:
    first = passage.places[0] if passage.places else Place(1)
    return {
        "passage_id": passage.id,
        "document": document.address,
        "page": first.page,
        "page_label": first.label,
        "pages": list(dict.fromkeys(place.page for place in passage.places)),
        "bbox": _around(place for place in passage.places if place.page == first.page),
        "kind": passage.kind,
        "heading": list(passage.heading),
        "context": passage.context,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "lang": passage.language,
        **({"doubts": passage.doubts} if passage.doubts else {}),
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
        "recognised_pages": [[page.number, page.recognised] for page in document.pages if page.recognised],
        "outcome": document.outcome,
        "issues": [asdict(issue) for issue in document.issues],
        "media_type": document.media_type,
        "sha256": document.sha256,
        "url": document.url,
    }


def _plain(row: dict[str, Any]) -> str:
    if "outcome" in row:
        return "\n".join(f"{key}: {_shown(value)}".rstrip() for key, value in row.items()) + "\n"
    under = f"  [{' > '.join(row['heading'])}]" if row.get("heading") else ""
    return f"p. {row['page']} {row['kind']}{under}\n{row['text']}\n"


def _shown(value: Any) -> str:
    """A value of a record in one line for people; of a list, what its entries say."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {one}" for key, one in value.items() if one)
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return "" if value is None else str(value)
