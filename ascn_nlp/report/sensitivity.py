"""How the finding changes when what is counted changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ascn_nlp.report.frames import Facts
from ascn_nlp.report.matrix import matrix

if TYPE_CHECKING:
    from pandas import DataFrame, Series

# Least scores that are tried, beside all tags.
LEAST_SCORES = (0.6, 0.7, 0.8)
SURE = "no unsure tags"
OF_PEOPLE = "only tags that people accepted or added"
NESTED = (
    "Those by score contain each other and are no separate checks: what falls at "
    f"{LEAST_SCORES[0]} falls at {' and '.join(map(str, LEAST_SCORES[1:]))} too."
)


def variants(facts: Facts) -> dict[str, Facts]:
    """{what is counted: facts}: stricter choices of tags, decisions of people alone, all but the largest source.

    Those that would leave nothing to count, or all that counts anyway, are not among them, but in ``untried``.
    """
    apart = untried(facts)
    kept = {name: is_kept for name, is_kept in _kept(facts).items() if name not in apart}
    found = {name: replace(facts, tagged=facts.tagged[is_kept]) for name, is_kept in kept.items()}
    if len(facts.spoken) and _without(largest := _largest_source(facts)) in found:
        rest = facts.spoken[facts.spoken["source_id"] != largest]
        found[_without(largest)] = replace(found[_without(largest)], spoken=rest)
    return found


def untried(facts: Facts) -> dict[str, str]:
    """{what would be counted: why that cannot be tried}.

    Nothing stays where nothing is left to count, and all does where no tag is taken away.
    """
    found = {name: _ALL_STAY[name] for name, is_kept in _kept(facts).items() if name in _ALL_STAY and is_kept.all()}
    if not (facts.tagged["review"] != "none").any():
        is_judged = facts.read or facts.rejected
        why = "people have accepted or added no tag" if is_judged else "nobody has reviewed any of these passages"
        found[OF_PEOPLE] = why
    if len(facts.spoken):
        name = _without(_largest_source(facts))
        if facts.spoken["source_id"].nunique() == 1:
            found[name] = "there is no other source"
        elif _kept(facts)[name].all():
            found[name] = "no tag is from it"
    return found


def _kept(facts: Facts) -> dict[str, Series]:
    """{what is counted: whether each tag stays}, of all the other ways to count."""
    tagged = facts.tagged
    is_reviewed = tagged["review"] != "none"
    kept = {_scored(least): (tagged["score"] >= least) | is_reviewed for least in LEAST_SCORES}
    kept[SURE] = ~tagged["is_unsure"].astype(bool) | is_reviewed
    kept[OF_PEOPLE] = is_reviewed
    if len(facts.spoken):
        largest = _largest_source(facts)
        rest = facts.spoken.loc[facts.spoken["source_id"] != largest, "passage_id"]
        kept[_without(largest)] = tagged["passage_id"].isin(rest)
    return kept


def _scored(least: float) -> str:
    return f"tags scored {least} or more, and reviewed ones"


# Why a way to count that takes no tag away is no other way.
_ALL_STAY = {
    **{_scored(least): "no unreviewed tag is scored lower" for least in LEAST_SCORES},
    SURE: "no unreviewed tag is unsure",
    OF_PEOPLE: "people have accepted or added all tags",
}


def _largest_source(facts: Facts) -> str:
    return str(facts.spoken.groupby("source_id")["document_id"].nunique().sort_index().idxmax())


def _without(source: str) -> str:
    return f"without the largest source, {source}"


def sensitivity(facts: Facts, concerns: Sequence[str], places: Sequence[str]) -> tuple[DataFrame, DataFrame]:
    """(a row for each variant, a row for each cell that is unanswered in all years together).

    Of a variant: its tags, its unanswered cells, and how many of those that are unanswered otherwise stay so; one that
    cannot be tried stands at the end, with the reason and without counts. Of a cell: in how many of the variants that
    were tried it stays unanswered, and in which it does not.
    """
    import pandas as pd

    def unanswered(of: Facts) -> set[tuple[str, str]]:
        table = matrix(of, concerns, places, (), by_year=False)
        return set(table.loc[table["state"] == "unanswered", ["concern", "place"]].itertuples(index=False, name=None))

    base, tried = unanswered(facts), variants(facts)
    by_variant = {name: unanswered(of) for name, of in tried.items()}
    rows: list[tuple[object, ...]] = [("all that counts", len(facts.tagged), len(base), len(base), "")]
    rows += [(name, len(tried[name].tagged), len(cells), len(cells & base), "") for name, cells in by_variant.items()]
    rows += [(name, None, None, None, why) for name, why in untried(facts).items()]
    counts = ["tags", "unanswered", "of those unanswered otherwise"]
    columns = ["counted", *counts, "not tried"]
    cells = [
        (concern, place, sum((concern, place) in of for of in by_variant.values()), len(tried),
         "; ".join(name for name, of in by_variant.items() if (concern, place) not in of))
        for concern, place in sorted(base)
    ]  # fmt: skip
    return (
        pd.DataFrame.from_records(rows, columns=columns).astype(dict.fromkeys(counts, "Int64")),
        pd.DataFrame.from_records(cells, columns=["concern", "place", "stays in", "of variants", "not in"]),
    )
