"""The columns of a review file, in the order in which they are written.

Long: a row for each passage and concern. Wide: a row for each passage, a column for each concern to write in, and one
for each with what was predicted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ascn_nlp.records import digest

DECISIONS = ("accept", "reject", "unsure", "withdraw")
REVIEWER_COLUMNS = ("decision", "concern_reviewed", "stance_reviewed", "note", "reviewer")
# In the wide form: "yes" where the passage was read whole, so that a concern left empty does not hold.
WHOLE = "read_whole"
# What a row is judged by: all of it is ours, and none of it is read back.
CONTEXT_COLUMNS = (
    *("quote", "before", "after", "heading"),
    *("doc_title", "publisher", "genre", "published", "date_basis", "in_window", "city", "country", "lang", "page"),
    "kind",  # paragraph, list, table, ...
    "doubtful",  # words recognised in a picture that may be others
    "url",
    "address",  # where the source lists the document: a path within its folder, or a web address
    "appearances",  # documents that tell the same story, this one included
)
ID_COLUMNS = (
    *("passage_id", "document_id", "story_id", "taxonomy_version", "model_id", "run_id", "sample", "codebook"),
    "row_check",
)
COLUMNS = (*REVIEWER_COLUMNS, *("concern", "stance", "score", "why"), *CONTEXT_COLUMNS, *ID_COLUMNS)
# In the wide form: all that was predicted, in words; each concern has a column of its own besides, for counting.
PREDICTED = "predicted"
# The id that a wide row has beside these: the concerns that the reviewer was shown as predicted.
SHOWN = "shown"


def wide_columns(concerns: Sequence[str], is_blind: bool = False) -> tuple[str, ...]:
    """The columns of the wide form; without predictions in a blind one.

    The quote comes first, since the reviewer's columns are too many to stand beside it otherwise.
    """
    predicted = () if is_blind else tuple(predicted_column(concern) for concern in concerns)
    told = ("quote",) if is_blind else ("quote", PREDICTED)
    context = (name for name in CONTEXT_COLUMNS if name != "quote")
    return (*told, WHOLE, *concerns, "note", "reviewer", *context, *predicted, SHOWN, *ID_COLUMNS)


def same_columns(concerns: Sequence[str]) -> tuple[str, ...]:
    """The names that several columns of the wide form would have, with these concerns: those of other columns."""
    return tuple(name for name, count in Counter(wide_columns(concerns)).items() if count > 1)


def predicted_column(concern: str) -> str:
    """Where the wide form tells what was predicted of a concern."""
    return f"{concern}_predicted"


def shown_together(concerns: Sequence[str]) -> str:
    """Concerns as one id, for the wide form."""
    return " ".join(concerns)


def row_check(passage_id: str, document_id: str, concern: str) -> str:
    """A check that a row's ids and concern are still those that were exported together."""
    return "c" + digest(passage_id, document_id, concern)[:8]
