"""What the model says of a passage and what each person says of it, apart from each other, for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple

from ascn_nlp.review.judged import Judged, Pair, Values

State = Literal["holds", "rejected", "undecided"]


class Effect(NamedTuple):
    """What a verdict says of one concern. ``stance`` is "" where the concern does not hold or no stance is known."""

    concern: str
    state: State
    stance: str = ""


class Said(NamedTuple):
    """What the verdicts of one person, or of all, come to: a concern is in one of the three states or in none.

    ``holds`` maps concerns to their stances. ``is_complete``: no concern but those named holds (a rejection of a
    passage without any tag says so). ``verdicts`` are the latest last.
    """

    reviewer: str
    holds: Mapping[str, str]
    rejected: tuple[str, ...]
    undecided: tuple[str, ...]
    is_complete: bool
    verdicts: tuple[Values, ...]

    @property
    def note(self) -> str:
        """The notes of the verdicts, the concern before each: "surveillance: see page 3; exclusion: no"."""
        notes = [(verdict["concern"] or verdict["concern_reviewed"], verdict["note"]) for verdict in self.verdicts]
        return "; ".join(f"{concern}: {note}" if concern else note for concern, note in notes if note)


def effects(tag: Values | None, verdict: Values) -> tuple[Effect, ...]:
    """What a verdict says of the concerns it names.

    Another concern_reviewed than the one asked about says two things, whether by ``accept`` or ``reject``: that one
    holds, and the one asked about does not. The predicted stance is not carried over to the other concern: nobody said
    it of that one. As ``judgements``, which counts what this shows.
    """
    asked, named = verdict["concern"], verdict["concern_reviewed"]
    if verdict["decision"] in ("accept", "reject") and asked and named and asked != named:
        return (Effect(asked, "rejected"), Effect(named, "holds", verdict["stance_reviewed"]))
    match verdict["decision"]:
        case "accept":
            held = named or asked
            predicted = tag["stance"] if tag and held == tag["concern"] else ""
            return (Effect(held, "holds", verdict["stance_reviewed"] or predicted),) if held else ()
        case "reject":
            return (Effect(asked or named, "rejected"),) if asked or named else ()
        case "unsure":
            return tuple(Effect(concern, "undecided") for concern in dict.fromkeys((asked, named)) if concern)
    return ()


def predictions(one: Judged) -> tuple[Values, ...]:
    """The tags of a passage, each concern once, in their order."""
    return tuple({tag["concern"]: tag for tag, _ in one.pairs if tag is not None}.values())


def verdicts(one: Judged) -> list[tuple[Values | None, Values]]:
    """Every verdict that stands, of every person, with the tag it is on if there is one; the latest last."""
    return _in_time((*one.pairs, *one.others))


def people(one: Judged) -> tuple[Said, ...]:
    """What each person says of a passage, in the order in which they first decided."""
    by_reviewer: dict[str, list[Pair]] = {}
    for tag, verdict in verdicts(one):
        by_reviewer.setdefault(verdict["reviewer"], []).append((tag, verdict))
    return tuple(_said(reviewer, pairs) for reviewer, pairs in by_reviewer.items())


def everybody(one: Judged) -> Said | None:
    """What all people together say of a passage, the latest verdict on a concern counting; None where nobody did."""
    said = _said("", (*one.pairs, *one.others))
    return said if said.verdicts else None


def origin(one: Judged, *, is_blind: bool) -> dict[str, Any]:
    """Where a passage comes from: ids, page (from 1, or None), heading, city, document, url; unless blind, model."""
    passage = one.passage
    found = {
        "passage_id": passage["id"],
        "document_id": passage["document_id"],
        "page": passage["page"],
        "heading": " > ".join(part for part in (*passage["heading"], passage["context"]) if part),
        "city": "; ".join(dict.fromkeys(city.city for city in one.cities)),
        "document_title": passage["title"] or "",
        "address": passage["address"],
        "url": passage["url"] or "",
    }
    return found if is_blind else found | {"model_id": model_id(one)}


def model_id(one: Judged) -> str:
    """The id of the model that tagged a passage; "" for one that is not tagged yet."""
    return str(one.tagging["tagger_id"]) if one.tagging else ""


def _said(reviewer: str, pairs: Iterable[Pair]) -> Said:
    latest: dict[str, Effect] = {}
    decided = _in_time(pairs)
    for tag, verdict in decided:
        latest |= {effect.concern: effect for effect in effects(tag, verdict)}
    return Said(
        reviewer=reviewer,
        holds={effect.concern: effect.stance for effect in latest.values() if effect.state == "holds"},
        rejected=tuple(effect.concern for effect in latest.values() if effect.state == "rejected"),
        undecided=tuple(effect.concern for effect in latest.values() if effect.state == "undecided"),
        is_complete=any(verdict["decision"] == "reject" and not verdict["concern"] for _, verdict in decided),
        verdicts=tuple(verdict for _, verdict in decided),
    )


def _in_time(pairs: Iterable[Pair]) -> list[tuple[Values | None, Values]]:
    """The pairs with a verdict that stands, the latest last."""
    decided = [(tag, verdict) for tag, verdict in pairs if verdict is not None and verdict["decision"] != "withdraw"]
    return sorted(decided, key=lambda pair: pair[1]["at"])
