"""Judged passages -> rows of a review file, long or wide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ascn_nlp.review.columns import (
    PREDICTED,
    REVIEWER_COLUMNS,
    SHOWN,
    WHOLE,
    predicted_column,
    row_check,
    shown_together,
)
from ascn_nlp.review.evidence import words_of
from ascn_nlp.review.judged import Judged, Values

# Characters of the passages before and after: enough to see what a pronoun refers to.
CONTEXT_CHARACTERS = 300
# Concerns that were nearly tagged are named where missed ones are asked for: so many, from this score on.
_NEAR_SHOWN = 3
_NEAR = 0.2


class Row(NamedTuple):
    """A row as it is written: cells by column (a column that is absent is empty), and the evidence in the quote.

    ``evidence`` are spans of ``cells["quote"]``: offsets of characters, 0-based, half-open, in order, disjoint.
    """

    cells: dict[str, str]
    evidence: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a file's rows have in common.

    ``asks_for_missed``: a row more for each passage, on what was not predicted. ``is_blind``: nothing of what was
    predicted. ``in_window`` says of a passage whether its document is of the time of the study.
    """

    in_window: Callable[[Values], str]
    concerns: tuple[str, ...]
    codebook: str
    sample: str = "all"
    reviewer: str = ""
    is_blind: bool = False
    asks_for_missed: bool = False
    remarks: Mapping[str, str] = field(default_factory=dict)  # {passage id: what is to be known of it}


def long_rows(one: Judged, form: Form) -> Iterator[Row]:
    """A row for each tag and for each verdict that stands alone.

    Of a blind form: a row for each concern that the reviewer named before, or one that is empty.
    """
    pairs: list[tuple[Values | None, Values | None]] = _blind(one, form) if form.is_blind else list(one.pairs)
    if not pairs or (form.asks_for_missed and not any(_is_on_the_rest(verdict) for _, verdict in pairs)):
        pairs.append((None, None))
    shared = _context(one, form)
    for tag, verdict in pairs:
        concern = tag["concern"] if tag is not None else verdict["concern"] if verdict is not None else ""
        cells = shared | {"concern": concern, "row_check": _check(one, concern)}
        # Whether a row of the store is there, not whether it is empty: that takes longer to tell.
        if tag is not None:
            cells |= {"stance": tag["stance"], "score": score_cell(tag), "why": reasons(tag["evidence"])}
        elif not form.is_blind:
            remark = form.remarks.get(one.passage["id"], "")
            cells["why"] = "; ".join(filter(None, (_why_without_tag(one, verdict), remark)))
        if verdict is not None:
            cells |= {name: verdict[name] for name in REVIEWER_COLUMNS}
        yield Row(cells, _spans([] if tag is None else [tag]))


def wide_rows(one: Judged, form: Form) -> Iterator[Row]:
    """One row for a passage: a column for each concern to write in, and one for each with what was predicted."""
    tags = [] if form.is_blind else [tag for tag, _ in one.pairs if tag]
    shown = shown_together([tag["concern"] for tag in tags])
    cells = _context(one, form) | {SHOWN: shown, "row_check": _check(one, shown)}
    said = {tag["concern"]: f"{tag['stance']} {score_cell(tag)}" for tag in tags}
    cells |= {predicted_column(concern): words for concern, words in said.items()}
    if said:
        cells[PREDICTED] = "; ".join(f"{concern}: {words}" for concern, words in said.items())
    pairs = _blind(one, form) if form.is_blind else one.pairs
    yield Row(cells | _wide_verdicts([verdict for _, verdict in pairs if verdict], shown.split(), form), _spans(tags))


def _blind(one: Judged, form: Form) -> list[tuple[Values | None, Values | None]]:
    """What a reviewer said without having seen a prediction; of others, and of tags that were seen, nothing is told."""
    own = [verdict for _, verdict in one.pairs if verdict and form.reviewer and verdict["reviewer"] == form.reviewer]
    return [(None, verdict) for verdict in own if not verdict["concern"]]


def _why_without_tag(one: Judged, verdict: Values | None) -> str:
    if verdict:
        return (
            "no longer predicted" if verdict["concern"] else "added by a person" if verdict["concern_reviewed"] else ""
        )
    if one.tagging is None:
        return ""
    leads = [f"lead: {theme} {score:.2f}" for theme, score in one.tagging["leads"]]
    tagged = {tag["concern"] for tag, _ in one.pairs if tag}
    near = [(score, concern) for concern, score in one.tagging["scores"].items() if concern not in tagged]
    most = sorted(near, reverse=True)[:_NEAR_SHOWN]
    return "; ".join([*leads, *(f"near: {concern} {score:.2f}" for score, concern in most if score >= _NEAR)])


def _wide_verdicts(verdicts: Sequence[Values], shown: Sequence[str], form: Form) -> dict[str, str]:
    """The cells of verdicts with one note by one reviewer, most there are: for more, the row has no room.

    Nothing is written that would come back as something else. The long form has what is left out.
    """
    words = [(verdict, *word) for verdict in verdicts if (word := _wide_word(verdict, shown, form))]
    if not words:
        return {}
    (note, reviewer), count = Counter((one["note"], one["reviewer"]) for one, *_ in words).most_common(1)[0]
    cells = {at: word for one, at, word in words if (one["note"], one["reviewer"]) == (note, reviewer)}
    # Read whole is what has all answers beside it, those on what was predicted among them.
    is_all = count == sum(one["reviewer"] == reviewer for one in verdicts)
    if not is_all or any(concern in form.concerns and concern not in cells for concern in shown):
        cells.pop(WHOLE, None)
    return cells | {"note": note, "reviewer": reviewer} if cells else {}


def _wide_word(verdict: Values, shown: Sequence[str], form: Form) -> tuple[str, str] | None:
    """(column, word) of a verdict; None for one that says more than a word in a column can."""
    decision, concern, named = (verdict[name] for name in ("decision", "concern", "concern_reviewed"))
    stance = verdict["stance_reviewed"]
    if _is_on_the_rest(verdict):
        return (WHOLE, "yes") if decision == "reject" and not stance else None
    at = concern or named
    is_shown = at in shown
    if at not in form.concerns or (concern and named) or is_shown != bool(concern):
        return None
    if decision == "accept":
        word = stance or ("yes" if is_shown else "")
    else:
        word = {"reject": "no", "unsure": "unsure"}[decision] if not stance else ""
    return (at, word) if word else None


def _is_on_the_rest(verdict: Values | None) -> bool:
    """Whether a verdict says of a passage that nothing else holds in it."""
    return verdict is not None and not verdict["concern"] and not verdict["concern_reviewed"]


def _check(one: Judged, shown: str) -> str:
    return row_check(one.passage["id"], one.passage["document_id"], shown)


def _spans(tags: Sequence[Values]) -> tuple[tuple[int, int], ...]:
    """Where the evidence of these tags stands in the passage: in order, and joined where spans touch."""
    found: list[tuple[int, int]] = []
    for start, end in sorted([words[:2] for tag in tags for words in words_of(tag)]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _context(one: Judged, form: Form) -> dict[str, str]:
    passage, tagging = one.passage, one.tagging
    told = {
        "reviewer": form.reviewer,
        "quote": passage["text"],
        "before": _last_words(one.before),
        "after": _first_words(one.after),
        "heading": " > ".join([*passage["heading"], *([passage["context"]] if passage["context"] else [])]),
        "doc_title": passage["title"] or "",
        "publisher": passage["publisher"] or "",
        "genre": passage["genre"] or "",
        "published": passage["published"] or "",
        "date_basis": passage["date_basis"] or "",
        "in_window": form.in_window(passage),
        "city": "; ".join([f"{city.city} ({city.basis})" for city in one.cities]),
        "country": "; ".join(dict.fromkeys([city.country for city in one.cities])) or passage["document_country"] or "",
        "lang": passage["language"],
        "page": _pages(passage["places"]),
        "kind": passage["kind"],
        "doubtful": doubtful_words(passage["text"], passage["doubts"]) if passage["doubts"] else "",
        "url": link(passage["url"] or "", passage["page"]),
        "address": passage["address"],
        "appearances": str(passage["appearances"] or ""),
        "passage_id": passage["id"],
        "document_id": passage["document_id"],
        "story_id": f"t{passage['story'] or passage['document_seq']}",
        "sample": form.sample,
        "codebook": form.codebook,
    }
    if tagging is not None:
        told |= {"taxonomy_version": tagging["taxonomy_version"], "run_id": tagging["run_id"]}
        told |= {} if form.is_blind else {"model_id": tagging["tagger_id"]}
    return told


def score_cell(tag: Values) -> str:
    """A tag's score, and that it needs a person where it does: "0.62 unsure"."""
    return f"{tag['score']:.2f}" + (" unsure" if tag["is_unsure"] else "")


def doubtful_words(text: str, doubts: Iterable[Sequence[int]]) -> str:
    """The words of ``text`` that may be others, each once: "2562; ๓๑"."""
    return "; ".join(dict.fromkeys(" ".join(text[start:end].split()) for start, end in doubts))


def reasons(evidence: Sequence[Sequence[Any]]) -> str:
    """Each reason once with its words: term: foreign loan “foreign loans”; model: “Credit” 1.07, “bank” 0.94."""
    words: dict[str, list[str]] = {}
    for _, _, text, why in evidence:
        kind, _, weight = why.partition(": word adds ")
        shown = f"“{text}” {weight}".strip() if text else ""
        if shown not in words.setdefault(kind if weight else why, []):
            words[kind if weight else why].append(shown)
    return "; ".join(f"{why}{':' if why == 'model' else ''} {', '.join(shown)}".strip() for why, shown in words.items())


def link(url: str, page: int | None) -> str:
    """The address, with the page where it is that of a PDF (RFC 8118, section 3)."""
    return f"{url}#page={page}" if url and page and url.lower().partition("?")[0].endswith(".pdf") else url


def _first_words(text: str) -> str:
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    return text[:CONTEXT_CHARACTERS].rsplit(maxsplit=1)[0] + " …"


def _last_words(text: str) -> str:
    if len(text) <= CONTEXT_CHARACTERS:
        return text
    return "… " + text[-CONTEXT_CHARACTERS:].split(maxsplit=1)[-1]


def _pages(places: Sequence[Sequence[object]]) -> str:
    """Page numbers as counted, with the printed label where it differs: "5 (printed 3), 6 (printed 4)"."""
    shown = [
        f"{page} (printed {label})" if label and str(label) != str(page) else str(page) for page, label, *_ in places
    ]
    return ", ".join(dict.fromkeys(shown))
