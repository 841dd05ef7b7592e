"""What lies in a referee pack, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatch

from ascn_nlp import __version__
from ascn_nlp.report.sensitivity import NESTED
from ascn_nlp.report.whole import Report
from ascn_nlp.reporting.wording import dates_in_words


def readme(report: Report, quote_limit: int, names: Sequence[str], is_reviewed: bool = True) -> str:
    """The pack's README.md; ``names`` are the files that lie beside it, ``is_reviewed`` whether two can agree."""
    return _README.format(
        version=__version__,
        made=report.made,
        window=dates_in_words(report.window),
        filters=report.filters or "none",
        by=report.by,
        files="\n".join(_rows(names, quote_limit, is_reviewed, bool(report.rates))),
        notes="\n".join(f"- {note}" for note in report.notes),
        command=report.command,
        nested=NESTED,
    )


def _rows(names: Sequence[str], quote_limit: int, is_reviewed: bool, is_rated: bool) -> Iterator[str]:
    """A row of the table of contents for each file, or for those of a kind; ValueError for one that has none."""
    left = dict.fromkeys((*names, *_ADDED))
    for patterns, told in _CONTENTS.items():
        found = [name for name in left if any(fnmatch(name, pattern) for pattern in patterns.split(", "))]
        if found:
            shown = ", ".join(f"`{name}`" for name in found)
            apart = {"reviewed": "" if is_reviewed else _UNREVIEWED, "rated": "" if is_rated else _UNRATED}
            words = told.format(limit=quote_limit, **apart)
            yield f"| {shown} | {words} |"
        for name in found:
            del left[name]
    if left:
        raise ValueError(f"the README does not tell what {', '.join(left)} are")


# What the README tells of itself and of what is written after it.
_ADDED = ("SHA256SUMS",)
_UNRATED = ": empty, no count is corrected"
_UNREVIEWED = ": empty, nobody has reviewed anything yet"
# {patterns of names: what such files are}
_CONTENTS = {
    "report.html": "the finding, the matrix, the figures and the quotes; opens in any browser, needs no network",
    "tables/tables.xlsx": "all tables as sheets of a workbook",
    "tables/matrix.csv": "the matrix: a row for each concern, place and year",
    "tables/finding.csv": "what is raised and by nobody addressed, all years together",
    "tables/coverage.csv": "the denominators: what speaks of each place in each year, by genre; what is not counted",
    "tables/sensitivity.csv": "how the finding changes with what is counted; which ways were not tried, and why",
    "tables/robustness.csv": "in which of the ways of counting that were tried each part of the finding stays",
    "tables/tagger.csv": "precision and recall that counts are corrected by, and of which random sample{rated}",
    "tables/states.csv": "what the states of the matrix are called and mean",
    "tables/notes.csv": "dates, filters and command; what was left out, what was corrected and how",
    "figures/*.svg, figures/*.png": "the figures",
    "figures/*.csv": "the numbers in each figure",
    "figures/captions.md": "what each figure counts, or why it is not drawn",
    "quotes.csv": "each passage behind the numbers with each of its tags, cut to {limit} characters",
    "documents.csv": "each document that is counted, tagged or not: its story, places, passages counted; no text",
    "sources.csv": "where documents come from, why, how many were read, and whether the source is well",
    "agreement.csv": "how far reviewers and the tagger agree{reviewed}",
    "codebook.html, codebook.qdc": "what each concern and stance means: to read, and for other programs (REFI-QDA)",
    "model/*": "the card of the tagger's model: data, scores, limits",
    "cited.bib, cited.json": "the documents quoted: BibTeX and CSL-JSON; `annote` leads back to the document's bytes",
    "manifest.json": "what it was made with: versions, settings, the runs over the store",
    "SHA256SUMS": "digests of all other files: sha256sum -c SHA256SUMS",
}
_README = """\
# What is raised, and by nobody addressed

Made by ascn-nlp {version} at {made}. Window: {window}. Filters: {filters}. Places: by {by}.

| file | what it is |
|---|---|
{files}

## What was counted

{notes}
- A document or story counts once for each stance that any of its passages has; documents that tell the same story (wire
  copy, reports saved anew) are one story.
- A story whose documents are of two years counts in each of them, and one that speaks of two places in each: years (or
  places) can add up to more than all years (or places) together.
- The gap index is the number of stories that raise a concern less those that address it, divided by their sum.
- "stays in" (`robust`): in so many of the other ways to count that were tried (tables/sensitivity.csv) the concern is
  still raised and by nobody addressed. {nested}
- States (tables/states.csv): unanswered is raised, not addressed; answered raised and addressed; addressed addressed
  only; described described only; silent no tag in so many stories that fewer than one in five can be expected to have
  one (95 %); too little no tag in too few stories to tell; no data nothing that can be counted speaks of the place in
  that time (tables/coverage.csv tells of what cannot). A cell is one concern in one place.
- Official: reports of public bodies, press releases, legal texts. Independent: news, think tanks and NGOs, academic
  works. Other genres are neither.
- Intervals are of 95 %: of shares mid-P, of the gap index score intervals (as Tango 1998, Statistics in Medicine
  17:891), of corrected counts of simulation (4000 draws; Rogan and Gladen 1978, American Journal of Epidemiology
  107:71; Lang and Reiczigel 2014, Preventive Veterinary Medicine 113:13).
- Tags are given by a program that errs: see agreement.csv, the corrected counts and, for a model, its card.
- To count again: documents.csv has the stories that speak of each place, quotes.csv those that raise, address or
  describe each concern; a year is the first four digits of `published`.

## To make it again

Documents are not in this pack: they belong to others. In a workspace with the sources of sources.csv and the settings
of manifest.json:

    ascn-nlp refresh
    {command} --pack again.zip

and with the reviewers' files, imported before the report by `ascn-nlp review import`.
"""
