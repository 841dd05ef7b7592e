"""Review files: written from the store, and read back into it. Opens files and the database."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ascn_nlp.errors import ReviewError
from ascn_nlp.filters import Filters
from ascn_nlp.pipeline import store_of
from ascn_nlp.review import Refused, doubtful_words, parse_csv, row_check, to_csv
from ascn_nlp.store.documents import is_within
from ascn_nlp.store.passages import leading_seqs, selected_seqs
from ascn_nlp.store.reviews import Judged, judged_rows, save_decisions
from ascn_nlp.taxonomy import load_taxonomy
from ascn_nlp.workspace import Workspace

# Characters of the passages before and after: enough to see what a pronoun refers to.
CONTEXT_CHARACTERS = 300
SAMPLES = ("all", "random", "leads")


@dataclass(frozen=True, slots=True)
class Exported:
    """Where an export went, and its rows. ``kept`` is the edited file that was not overwritten, if there was one."""

    path: Path
    rows: int
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took and what it did not."""

    added: int
    known: int
    undecided: int
    refused: tuple[Refused, ...]
    lost: tuple[str, ...]  # ids of passages that are not in this store
    added_columns: tuple[str, ...] = ()  # columns of the person's own: not taken, and never overwritten


def export_review(
    workspace: Workspace,
    path: Path,
    filters: Filters,
    sample: str = "all",
    size: int = 0,
    seed: int = 0,
    is_blind: bool = False,
) -> Exported:
    """Write the selected tags as a review CSV; an edited file in its place is kept and the new one put beside it.

    ``sample`` is "all" (tagged passages), "random" (``size`` passages drawn from all, tagged or not) or "leads"
    (passages on a theme of which no single concern was likely enough to be tagged).
    """
    if path.is_dir():
        raise ReviewError("is a folder", str(path), "name a file in it")
    target = path
    if path.exists() and has_unsaved_decisions(workspace, path):
        target = _free_name(workspace, path)
    rows = 0

    def counted(found: Iterable[Judged]) -> Iterator[dict[str, str]]:
        nonlocal rows
        for one in found:
            rows += 1
            yield _row(one, workspace, sample, is_blind)

    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".part")
    with store_of(workspace).reading() as connection, unfinished.open("w", encoding="utf-8", newline="") as file:
        drawn = None
        if sample == "random":
            seqs = sorted(selected_seqs(connection, filters))
            drawn = sorted(random.Random(seed).sample(seqs, min(size, len(seqs))))
        elif sample == "leads":
            drawn = sorted(leading_seqs(connection, filters))
        found = judged_rows(connection, filters, is_untagged_wanted=drawn is not None or is_blind, only=drawn)
        file.writelines(to_csv(counted(_one_a_passage(found) if is_blind else found)))
    unfinished.replace(target)
    return Exported(target, rows, path if target != path else None)


def review_rows(workspace: Workspace, filters: Filters) -> Iterator[dict[str, str]]:
    """The selected tags with the columns of a review CSV, as far as they have a value."""
    with store_of(workspace).reading() as connection:
        for one in judged_rows(connection, filters):
            yield _row(one, workspace, "all", is_blind=False)


def import_review(workspace: Workspace, path: Path, is_dry_run: bool = False) -> Imported:
    """Take the decisions of a review file into the store, all in one transaction; a file twice changes nothing.

    Raises ReviewError when the file cannot be read as a review file.
    """
    content = _read(path)
    parsed = parse_csv(content, _concerns(workspace))
    sha256 = hashlib.sha256(content).hexdigest()
    with store_of(workspace).writing() as connection:
        added, known, lost = save_decisions(connection, parsed.decisions, sha256)
        if is_dry_run:
            connection.rollback()
    return Imported(added, known, parsed.undecided, parsed.refused, tuple(lost), parsed.added_columns)


def has_unsaved_decisions(workspace: Workspace, path: Path) -> bool:
    """Whether a review file holds anything of a person's that the store does not: it must not be overwritten."""
    try:
        found = import_review(workspace, path, is_dry_run=True)
    except ReviewError:
        return True
    return bool(found.added or found.refused or found.lost or found.added_columns)


def window_filters(workspace: Workspace, filters: Filters, is_any_date: bool = False) -> Filters:
    """The filters within the workspace's window, unless they name dates of their own or any date is wanted."""
    if is_any_date or filters.since or filters.until:
        return filters
    return replace(filters, since=workspace.since, until=workspace.until)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReviewError(f"cannot be read: {error.strerror}", str(path), "check the path") from error


def _concerns(workspace: Workspace) -> list[str]:
    return [concern.id for concern in load_taxonomy(workspace.taxonomy).concerns]


def _free_name(workspace: Workspace, path: Path) -> Path:
    numbered = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, 10_000))
    return next(one for one in numbered if not one.exists() or not has_unsaved_decisions(workspace, one))


def _one_a_passage(found: Iterable[Judged]) -> Iterator[Judged]:
    """Of neighbouring rows on one passage the first: a blind row must not tell how many tags were predicted."""
    last = ""
    for one in found:
        if one.passage["id"] != last:
            yield one
        last = one.passage["id"]


def _row(one: Judged, workspace: Workspace, sample: str, is_blind: bool) -> dict[str, str]:
    passage, tag, review, tagging = one.passage, one.tag, one.review, one.tagging
    concern = tag["concern"] if tag else review["concern"] if review else ""
    shown = "" if is_blind else concern
    row = {
        "concern": shown,
        "quote": passage["text"],
        "before": _last_words(one.before),
        "after": _first_words(one.after),
        "heading": " > ".join([*passage["heading"], *([passage["context"]] if passage["context"] else [])]),
        "doc_title": passage["title"] or "",
        "publisher": passage["publisher"] or "",
        "genre": passage["genre"] or "",
        "published": passage["published"] or "",
        "date_basis": passage["date_basis"] or "",
        "in_window": is_within(passage, workspace.since, workspace.until),
        "city": "; ".join(f"{city.city} ({city.basis})" for city in one.cities),
        "country": "; ".join(dict.fromkeys(city.country for city in one.cities)) or passage["document_country"] or "",
        "lang": passage["language"],
        "page": _pages(passage["places"]),
        "doubtful": doubtful_words(passage["text"], passage["doubts"]),
        "url": _link(passage["url"] or "", passage["page"]),
        "appearances": str(passage["appearances"] or ""),
        "passage_id": passage["id"],
        "document_id": passage["document_id"],
        "taxonomy_version": tagging["taxonomy_version"] if tagging else "",
        "model_id": tagging["tagger_id"] if tagging else "",
        "run_id": tagging["run_id"] if tagging else "",
        "sample": "blind" if is_blind else sample,
        "row_check": row_check(passage["id"], passage["document_id"], shown),
    }
    if tag and not is_blind:
        row |= {
            "stance": tag["stance"],
            "score": f"{tag['score']:.2f}" + (" unsure" if tag["is_unsure"] else ""),
            "why": _reasons(tag["evidence"]),
        }
    elif tagging and tagging["leads"] and not is_blind and not review:
        row["why"] = "; ".join(f"lead: {theme} {score:.2f}" for theme, score in tagging["leads"])
    elif review and not is_blind:
        row["why"] = "no longer predicted" if concern else "added by a person"
    if review and not is_blind:
        names = ("decision", "concern_reviewed", "stance_reviewed", "note", "reviewer")
        row |= {name: review[name] for name in names}
    return row


def _first_words(text: str) -> str:
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    return text[:CONTEXT_CHARACTERS].rsplit(maxsplit=1)[0] + " …"


def _last_words(text: str) -> str:
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    return "… " + text[-CONTEXT_CHARACTERS:].split(maxsplit=1)[-1]


def _reasons(evidence: Sequence[Sequence[Any]]) -> str:
    """Each reason once with its words: term: foreign loan “foreign loans”; model: “Credit” 1.07, “bank” 0.94."""
    words: dict[str, list[str]] = {}
    for _, _, text, why in evidence:
        kind, _, weight = why.partition(": word adds ")
        shown = f"“{text}” {weight}".strip() if text else ""
        if shown not in words.setdefault(kind if weight else why, []):
            words[kind if weight else why].append(shown)
    return "; ".join(f"{why}{':' if why == 'model' else ''} {', '.join(shown)}".strip() for why, shown in words.items())


def _pages(places: Sequence[Sequence[object]]) -> str:
    """Page numbers as counted, with the printed label where it differs: "5 (printed 3), 6 (printed 4)"."""
    shown = [
        str(page) + (f" (printed {label})" if label and str(label) != str(page) else "") for page, label, *_ in places
    ]
    return ", ".join(dict.fromkeys(shown))


def _link(url: str, page: int | None) -> str:
    return f"{url}#page={page}" if url and page and url.lower().partition("?")[0].endswith(".pdf") else url
