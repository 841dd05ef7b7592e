"""Judged passages -> W3C Web Annotations: one AnnotationCollection in JSON-LD, an annotation a line.

W3C Recommendation "Web Annotation Data Model", 2017-02-23, https://www.w3.org/TR/annotation-model/: "Agents",
"Motivation and Purpose", "Selectors" and "Refinement of Selection", "Annotation Collection", "Annotation Page". Offsets
are of characters (code points), as "Text Position Selector" asks for. Keys with a prefix are of vocabularies that its
context names.

The model's annotation of a tag and a person's of a verdict differ in ``creator``: Software or Person. Only a body with
the purpose "classifying" says that a concern holds; its stance is the body with the purpose "tagging". A verdict has
its decision in a body with the purpose "assessing" and, where the concern asked about does not hold or is undecided,
that concern in one with the purpose "identifying". A blind file marks the passages and says nothing of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from ascn_nlp.records import digest
from ascn_nlp.review.evidence import Words, words_of
from ascn_nlp.review.json_text import line
from ascn_nlp.review.judged import Judged, Values
from ascn_nlp.review.judgements import subject
from ascn_nlp.review.voices import effects, model_id, origin, predictions, verdicts

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
# The specification of fragments of PDF that the Recommendation names; RFC 8118 has since taken its place.
PDF_FRAGMENTS = "http://tools.ietf.org/rfc/rfc3778"
QUOTE_CONTEXT = 32  # characters before and after a quote: what most programs that look for a quote store
# Made once for this package; another would give every annotation another name.
_NAMESPACE = uuid.UUID("6f0f9d0e-8a35-5d0c-9a5e-0d8f6d3a4b11")


def write(items: Iterable[Judged], concerns: Sequence[str], is_blind: bool) -> Iterator[str]:  # noqa: ARG001
    """Lines of a collection with one page: annotations of tags and of verdicts, or blind, of passages."""
    kind = "blind" if is_blind else "open"
    collection = urn("collection", kind)
    label = "Passages to review" if is_blind else "Tags and verdicts"
    # One object, opened here and closed below, so that annotations need not be gathered before they are written.
    head = {"@context": CONTEXT, "id": collection, "type": "AnnotationCollection", "label": label}
    page = {"id": urn("page", kind), "type": "AnnotationPage", "partOf": collection, "startIndex": 0}
    yield f'{line(head)[:-2]}, "first": {line(page)[:-2]}, "items": [\n'
    total = 0
    for one in items:
        for annotation in [_mark(one)] if is_blind else _annotations(one):
            yield ("," if total else "") + line(annotation)
            total += 1
    yield f']}}, "total": {total}}}\n'


def urn(*parts: object) -> str:
    """A name that is the same in every file for the same parts: urn:uuid, version 5 (RFC 9562)."""
    return uuid.uuid5(_NAMESPACE, digest(*parts)).urn


def _annotations(one: Judged) -> Iterator[dict[str, Any]]:
    yield from (_of_tag(one, predicted) for predicted in predictions(one))
    yield from (_of_verdict(one, tag, verdict) for tag, verdict in verdicts(one))


def _mark(one: Judged) -> dict[str, Any]:
    identity = {"id": urn("passage", one.passage["id"]), "type": "Annotation", "motivation": "highlighting"}
    return identity | {"target": _target(one, is_blind=True)}


def _of_tag(one: Judged, tag: Values) -> dict[str, Any]:
    score = _body("describing", f"score {tag['score']:.2f}") | {"schema:ratingValue": tag["score"]}
    bodies = [_body("classifying", tag["concern"]), _body("tagging", tag["stance"]), score]
    evidence = [_evidence(one, words) for words in words_of(tag)]
    return {
        "id": _tag_id(one, tag),
        "type": "Annotation",
        "motivation": "classifying",
        "creator": _software(one),
        "body": bodies,
        "target": [_target(one, is_blind=False), *evidence] if evidence else _target(one, is_blind=False),
    }


def _of_verdict(one: Judged, tag: Values | None, verdict: Values) -> dict[str, Any]:
    said = effects(tag, verdict)
    bodies = [_body("assessing", verdict["decision"])]
    for effect in said:
        bodies.append(_body("classifying" if effect.state == "holds" else "identifying", effect.concern))
        bodies += [_body("tagging", effect.stance)] if effect.stance else []
    bodies += [_body("commenting", verdict["note"])] if verdict["note"] else []
    on = subject(verdict["concern"], verdict["concern_reviewed"])
    person = {"type": "Person"} | ({"name": verdict["reviewer"]} if verdict["reviewer"] else {})
    about = {"dcterms:references": {"id": _tag_id(one, tag), "creator": _software(one)}} if tag else {}
    return {
        "id": urn("verdict", one.passage["id"], *on, verdict["reviewer"]),
        "type": "Annotation",
        "motivation": "classifying" if any(effect.state == "holds" for effect in said) else "assessing",
        "creator": person,
        "created": _instant(verdict["at"]),
        "body": bodies,
        "target": _target(one, is_blind=False),
    } | about


def _tag_id(one: Judged, tag: Values) -> str:
    return urn("tag", one.passage["id"], tag["concern"], model_id(one))


def _software(one: Judged) -> dict[str, str]:
    return {"type": "Software", "id": urn("model", model_id(one)), "name": model_id(one)}


def _body(purpose: str, value: str) -> dict[str, Any]:
    return {"type": "TextualBody", "purpose": purpose, "value": value, "format": "text/plain"}


def _target(one: Judged, *, is_blind: bool) -> dict[str, Any]:
    known = origin(one, is_blind=is_blind)
    document = {"id": _source(one), "dcterms:identifier": known["document_id"], "dc:title": known["document_title"]}
    document["dc:source"] = known["address"]
    told = {
        "dcterms:identifier": known["passage_id"],
        "dcterms:isPartOf": {key: value for key, value in document.items() if value},
        "schema:pagination": "" if known["page"] is None else str(known["page"]),
        "schema:articleSection": known["heading"],
        "dcterms:spatial": known["city"],
    }
    specific = {"type": "SpecificResource", "source": _source(one), "selector": _selector(one)}
    return specific | {key: value for key, value in told.items() if value}


def _evidence(one: Judged, found: Words) -> dict[str, Any]:
    (start, end, words, why), text = found, one.passage["text"]
    position = {"type": "TextPositionSelector", "start": start, "end": end}
    selector = _selector(one, [position, _quote(words, text[:start], text[end:])])
    return {"type": "SpecificResource", "source": _source(one), "selector": selector} | ({"label": why} if why else {})


def _selector(one: Judged, within: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The page of a PDF, the passage on it, each refining the one before; ``within`` selects words of the passage."""
    quote: dict[str, Any] = _quote(one.passage["text"], one.before, one.after) | (
        {"refinedBy": list(within)} if within else {}
    )
    page = one.passage["page"]
    if not page or not _is_pdf(one.passage["url"] or one.passage["address"]):
        return quote
    fragment = {"type": "FragmentSelector", "conformsTo": PDF_FRAGMENTS, "value": f"page={page}"}
    return fragment | {"refinedBy": quote}


def _quote(exact: str, before: str, after: str) -> dict[str, str]:
    around = {"prefix": before[-QUOTE_CONTEXT:], "suffix": after[:QUOTE_CONTEXT]}
    return {"type": "TextQuoteSelector", "exact": exact} | {key: words for key, words in around.items() if words}


def _source(one: Judged) -> str:
    return one.passage["url"] or urn("document", one.passage["document_id"])


def _is_pdf(address: str) -> bool:
    return urlsplit(address).path.lower().endswith(".pdf")


def _instant(at: datetime) -> str:
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)  # the store keeps times in UTC
    return aware.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
