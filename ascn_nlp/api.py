"""What a notebook needs: read a document, cut it into passages, tag, and get stored tags as a frame. Opens files.

>>> import ascn_nlp
>>> text = "Residents were evicted without compensation to make way for the smart city."
>>> [tagged] = ascn_nlp.tag(text, tagger="rules")
>>> [(tag.concern, tag.stance) for tag in tagged.tags]
[('displacement', 'raised')]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ascn_nlp.choices import make_filters
from ascn_nlp.labelled import text_passage
from ascn_nlp.pipeline import tagging_of
from ascn_nlp.reading import read_file
from ascn_nlp.records import Document, Passage, TaggedPassage
from ascn_nlp.report.tables import matrix_table
from ascn_nlp.reporting.files import keys_of
from ascn_nlp.reporting.gathering import make_report
from ascn_nlp.review.columns import COLUMNS
from ascn_nlp.review.rows import doubtful_words
from ascn_nlp.reviewing.files import review_rows, window_filters
from ascn_nlp.segment import segment
from ascn_nlp.workspace import open_workspace

if TYPE_CHECKING:
    from pandas import DataFrame

# Said after the score of a tag that the tagger is not sure of; a column of its own in a frame.
_UNSURE = " unsure"


def read(path: Path | str) -> Document:
    """The document in a file; DocumentError says why it cannot be read.

    >>> document = read("corpus/sample/notes/phuket-blog-post.md")
    >>> document.title, document.published.clue.value
    ('What the wristband knows', '2023-12-01')
    """
    return read_file(path)


def passages(document: Document) -> tuple[Passage, ...]:
    """The passages of a document, in reading order.

    >>> document = read("corpus/sample/notes/phuket-blog-post.md")
    >>> all(document.text[one.start : one.end] == one.text for one in passages(document))
    True
    """
    return tuple(segment(document))


def tag(
    what: str | Document | Iterable[Passage], workspace: Path | str | None = None, tagger: str = ""
) -> list[TaggedPassage]:
    """A text, passages or the passages of a document, each tagged, in order; of a text one.

    Taxonomy, gazetteer and model are the workspace's (default: the current folder), else the packaged ones; ``tagger``
    is rules, light, model or both. A document's title may tell which city its passages speak of; for passages by
    themselves it is not known.

    >>> document = read("corpus/sample/notes/phuket-blog-post.md")
    >>> len(tag(document, tagger="rules")) == len(passages(document))
    True
    """
    tagging = tagging_of(open_workspace(_folder(workspace), tagger=tagger))
    if isinstance(what, Document):
        return tagging.tag_document(passages(what), what.title)
    loose = [text_passage({"id": "text", "text": what}, "tag")] if isinstance(what, str) else list(what)
    return tagging.tag_loose(loose)


def frame(workspace: Path | str = ".", any_date: bool = False, **filters: Any) -> DataFrame:
    """Stored tags with a person's verdicts: a row per passage and concern, the columns of a review CSV and ``unsure``.

    Filters are those of the commands, each a text or a list: concern, stance, city, country, source, genre; and since,
    until, min_score, is_unreviewed. Without dates it is the workspace's window, unless ``any_date``. OptionError names
    the valid choices.

    >>> rows = frame("my-workspace", city=["Hanoi"], since="2020")  # doctest: +SKIP
    >>> rows.groupby(["concern", "stance"]).size().unstack(fill_value=0)  # doctest: +SKIP
    """
    place = open_workspace(_folder(workspace))
    chosen = window_filters(place, make_filters(place, **filters), any_date)
    return _frame(review_rows(place, chosen))


def report_frame(
    workspace: Path | str = ".", by: str = "city,year", any_date: bool = False, **filters: Any
) -> DataFrame:
    """The matrix of ``ascn-nlp report``: for each concern, city or country, and year who raises and who addresses it.

    ``by`` is city or country, with year or without; filters are those of ``frame``, of which a stance leaves out the
    columns of the others. A row for every concern, place and year, whether anything is said of them or not; columns are
    those of the command's CSV; NaN cannot be said. ``state`` is unanswered (raised, not addressed), answered (both),
    addressed, described, silent, too little or no data. ``attrs["notes"]`` are sentences on what was left out and what
    was corrected. OptionError names the valid choices.

    >>> found = report_frame("my-workspace", by="country", concern="surveillance")  # doctest: +SKIP
    >>> found.loc[found["state"] == "unanswered", ["country", "raised_stories", "stories"]]  # doctest: +SKIP
    """
    place_by, with_years = keys_of(by)
    place = open_workspace(_folder(workspace))
    chosen = make_filters(place, **filters)
    made = make_report(place, window_filters(place, chosen, any_date), place_by)
    table = matrix_table(made, with_years, chosen.stance)
    table.attrs["notes"] = made.notes
    return table


def frame_of(passages: Sequence[Passage], tagged: Sequence[TaggedPassage]) -> DataFrame:
    """The same frame of passages that are not stored: what would need a store or a document is empty.

    >>> document = read("corpus/sample/notes/phuket-blog-post.md")
    >>> frame_of(passages(document), tag(document))[["concern", "stance", "page"]].head(3)  # doctest: +SKIP
    """
    pairs = list(zip(passages, tagged, strict=True))
    return _frame(
        {
            "concern": found.concern,
            "stance": found.stance,
            "score": f"{found.score:.2f}" + (_UNSURE if found.is_unsure else ""),
            "why": "; ".join(dict.fromkeys(f"{one.why} “{one.text}”" for one in found.evidence)),
            "quote": passage.text,
            "heading": " > ".join(passage.heading),
            "city": "; ".join(f"{city.city} ({city.basis})" for city in one.cities),
            "country": "; ".join(dict.fromkeys(city.country for city in one.cities)),
            "lang": passage.language,
            "page": ", ".join(dict.fromkeys(str(place.page) for place in passage.places)),
            "doubtful": doubtful_words(passage.text, passage.doubts),
            "passage_id": passage.id,
            "document_id": passage.document_id,
        }
        for passage, one in pairs
        for found in one.tags
    )


def _folder(workspace: Path | str | None) -> Path | None:
    return None if workspace is None else Path(workspace).expanduser()


def _frame(rows: Iterable[dict[str, str]]) -> DataFrame:
    import pandas as pd

    cells = [[row.get(name, "") for name in COLUMNS] for row in rows]
    made = pd.DataFrame(cells, columns=list(COLUMNS), dtype="str")
    score = made["score"]
    made["unsure"] = score.str.endswith(_UNSURE)
    made["score"] = pd.to_numeric(score.str.removesuffix(_UNSURE), errors="coerce").astype("float64")
    return made
