"""The tables. Every change here needs a revision in ``migrations/versions/``; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("flow", String(20), nullable=False),
    Column("state", String(20), nullable=False),  # running, done, failed, died
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("heartbeat_at", DateTime(timezone=True)),  # when the run last showed that it lives
    Column("manifest", JSON, nullable=False),  # code version, settings, taxonomy, model, sources, input
    Column("counts", JSON, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("source_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("is_gone", Boolean, nullable=False),  # its source no longer lists it; what was read of it stays
    Column("first_seen", DateTime(timezone=True), nullable=False),
    # what was fetched
    Column("location", Text, nullable=False),
    Column("found_fingerprint", Text, nullable=False),  # as its source shows it now, "" when only a fetch can tell
    Column("fingerprint", Text, nullable=False),  # as it was when last fetched
    Column("listed_date", String(10), nullable=False, server_default=""),  # publication, as its source states it
    Column("listed_evidence", Text, nullable=False, server_default=""),
    Column("listed_basis", Text, nullable=False, server_default=""),
    Column("sha256", String(64)),
    Column("size", Integer),
    Column("declared_type", Text),
    Column("final_url", Text),
    Column("last_modified", Text),  # as the server said
    Column("fetched_at", DateTime(timezone=True)),
    Column("checked_at", DateTime(timezone=True)),  # when its server last said what there is, new or not
    Column("etag", Text),
    Column("archived_url", Text),  # of the copy in a web archive that was taken
    # what was read: a key names the input and the code a stage last ran on, so equal keys mean "nothing to do"
    Column("read_key", Text),
    Column("outcome", String(20)),
    Column("media_type", Text),
    Column("url", Text),
    Column("title", Text),
    Column("publisher", Text),
    Column("genre", Text),
    Column("country", Text),
    Column("language", Text),
    Column("pages", Integer),
    Column("published", String(10)),  # ISO at its precision
    Column("published_from", String(10)),  # the first and the last day it may mean
    Column("published_to", String(10)),
    Column("date_basis", Text),
    Column("date_evidence", Text),
    Column("date_confidence", Float),
    Column("date_conflicts", JSON),
    Column("period", Text),
    # what was tagged
    Column("tagged_key", Text),
    # the story it tells: the row number of the first document that tells it, itself included
    Column("story", Integer),
    UniqueConstraint("source_id", "address"),
    CheckConstraint("outcome IN ('read', 'partly_read', 'unread', 'failed')", name="outcome"),
)
Index("ix_documents_outcome", documents.c.outcome)
Index("ix_documents_story", documents.c.story)

versions = Table(
    "versions",
    metadata,
    Column("document_seq", ForeignKey("documents.seq"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("fetched_at", DateTime(timezone=True), nullable=False),
    Column("final_url", Text, nullable=False),
    Column("headers", JSON, nullable=False),
)

contents = Table(
    "contents",
    metadata,
    Column("document_seq", ForeignKey("documents.seq"), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("pages", JSON, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("document_seq", ForeignKey("documents.seq"), nullable=False, index=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("is_failure", Boolean, nullable=False),
    Column("is_current", Boolean, nullable=False),  # False once the stage has run again
)

passages = Table(
    "passages",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("document_seq", ForeignKey("documents.seq"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("heading", JSON, nullable=False),
    Column("context", Text, nullable=False),
    Column("places", JSON, nullable=False),
    Column("page", Integer),
    Column("language", Text, nullable=False),
    Column("doubts", JSON, nullable=False, server_default="[]"),
    Column("is_current", Boolean, nullable=False),  # False once a newer reading lacks it; reviews still point here
)
Index("ix_passages_document", passages.c.document_seq, passages.c.ordinal)

passage_cities = Table(
    "passage_cities",
    metadata,
    Column("passage_seq", ForeignKey("passages.seq"), primary_key=True),
    Column("city", Text, primary_key=True),
    Column("country", String(2), nullable=False),
    Column("basis", String(10), nullable=False),
)
Index("ix_passage_cities_city", passage_cities.c.city)

taggings = Table(
    "taggings",
    metadata,
    Column("passage_seq", ForeignKey("passages.seq"), primary_key=True),
    Column("tagger_id", Text, nullable=False),
    Column("taxonomy_version", Text, nullable=False),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("mentions", JSON, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("leads", JSON, nullable=False, server_default="[]"),  # [theme, score]: for a person to read
    Column("is_lead", Boolean, nullable=False, server_default=false()),
    # Concerns on which rules and model disagree.
    Column("disputed", JSON, nullable=False, server_default="[]"),
    Column("is_disputed", Boolean, nullable=False, server_default=false()),
)

tags = Table(
    "tags",
    metadata,
    Column("passage_seq", ForeignKey("passages.seq"), primary_key=True),
    Column("concern", Text, primary_key=True),
    Column("stance", String(20), nullable=False),
    Column("score", Float, nullable=False),
    Column("is_unsure", Boolean, nullable=False),
    Column("evidence", JSON, nullable=False),
    Column("since_run", String(40), nullable=False, server_default=""),  # that gave it, in this stance
)
Index("ix_tags_concern", tags.c.concern, tags.c.stance)

reviews = Table(
    "reviews",
    metadata,
    Column("seq", Integer, primary_key=True),
    # By id, not by foreign key: a verdict outlives the passage it was given on.
    Column("passage_id", String(40), nullable=False, index=True),
    Column("document_id", String(40), nullable=False),
    Column("concern", Text, nullable=False),
    Column("decision", String(10), nullable=False),
    Column("concern_reviewed", Text, nullable=False),
    Column("stance_reviewed", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    # The tag as it stood when the decision came in: stance, score, model, taxonomy. Of a decision on what was not
    # predicted, {concern: that} of all tags.
    Column("predicted", JSON, nullable=False),
    Column("sample", String(40), nullable=False, server_default=""),  # the draw that the passage came by
    Column("codebook", String(40), nullable=False, server_default=""),  # definitions in force at the export
    CheckConstraint("decision IN ('accept', 'reject', 'unsure', 'withdraw')", name="decision"),
)

# Definitions of concerns, by a digest of all of them: which labels were made under others than today's.
codebooks = Table(
    "codebooks",
    metadata,
    Column("digest", String(40), primary_key=True),
    Column("definitions", JSON, nullable=False),  # {concern: digest of its definition}
    Column("at", DateTime(timezone=True), nullable=False),
)

# Passages given to people to judge, other than all that are tagged.
samples = Table(
    "samples",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False),  # random, active, leads, all
    Column("is_blind", Boolean, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("filters", JSON, nullable=False),
    Column("population", JSON, nullable=False),  # what is to be known of the passages it was drawn from
    Column("at", DateTime(timezone=True), nullable=False),
)

sample_passages = Table(
    "sample_passages",
    metadata,
    Column("sample_id", ForeignKey("samples.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # in the order drawn
    Column("passage_id", String(40), nullable=False, index=True),  # by id, as reviews are
    Column("stratum", Integer, nullable=False),
    Column("predicted", JSON, nullable=False),  # concerns that the passage had when it was drawn
)

# What tags were: with `tags.since_run` it tells the tags of every run, for `diff`.
lost_tags = Table(
    "lost_tags",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("passage_seq", ForeignKey("passages.seq"), nullable=False, index=True),
    Column("concern", Text, nullable=False),
    Column("stance", String(20), nullable=False),
    Column("score", Float, nullable=False),
    Column("since_run", String(40), nullable=False),
    Column("until_run", String(40), nullable=False, index=True),  # that no longer gave it
)

# Every document's way through the stages. By id, not by foreign key: it outlives a document that was forgotten.
ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("document_id", String(40), nullable=False),
    Column("stage", String(20), nullable=False),  # find, fetch, read, tag, forget
    Column("outcome", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("run_id", String(40), nullable=False, index=True),  # in which it was first so
    Column("last_run_id", String(40), nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("times", Integer, nullable=False),  # in a row
    Column("tries", Integer, nullable=False),  # the last time
)
Index("ix_ledger_document", ledger.c.document_id, ledger.c.stage)

listings = Table(
    "listings",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("source_id", Text, nullable=False, index=True),
    Column("run_id", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("listed", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("elsewhere", Integer, nullable=False),  # listed too, but known as another source's
    Column("is_complete", Boolean, nullable=False),
    Column("problems", JSON, nullable=False),
)

source_memories = Table(
    "source_memories",
    metadata,
    Column("source_id", Text, primary_key=True),
    Column("memory", JSON, nullable=False),
)

# What was taken out of the store for good, and must not come back. Its address may name a person, so it is not kept.
tombstones = Table(
    "tombstones",
    metadata,
    Column("document_id", String(40), primary_key=True),
    Column("source_id", Text, nullable=False),
    Column("sha256s", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

sketches = Table(
    "sketches",
    metadata,
    Column("document_seq", ForeignKey("documents.seq"), primary_key=True),
    Column("key", Text, nullable=False),  # of the reading and the code it was made from
    Column("words", Integer, nullable=False),
    Column("text_key", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("is_compared", Boolean, nullable=False),  # with all other sketches there were
)
Index("ix_sketches_text_key", sketches.c.text_key)

likenesses = Table(
    "likenesses",
    metadata,
    Column("one_seq", ForeignKey("documents.seq"), primary_key=True),
    Column("other_seq", ForeignKey("documents.seq"), primary_key=True),
    Column("share", Float, nullable=False),
)
Index("ix_likenesses_other", likenesses.c.other_seq)

# A person's verdict on whether two documents tell one story; the newest on a pair counts. By id, as reviews are.
pair_verdicts = Table(
    "pair_verdicts",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("one_id", String(40), nullable=False, index=True),
    Column("other_id", String(40), nullable=False, index=True),
    Column("verdict", String(10), nullable=False),
    Column("note", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    CheckConstraint("verdict IN ('same', 'different', 'withdraw')", name="verdict"),
)
