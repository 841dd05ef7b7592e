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
    Column("manifest", JSON, nullable=False),  # code version, taxonomy, model, sources
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
    Column("sha256", String(64)),
    Column("size", Integer),
    Column("declared_type", Text),
    Column("final_url", Text),
    Column("last_modified", Text),  # as the server said
    Column("fetched_at", DateTime(timezone=True)),
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
    UniqueConstraint("source_id", "address"),
    CheckConstraint("outcome IN ('read', 'partly_read', 'unread', 'failed')", name="outcome"),
)
Index("ix_documents_outcome", documents.c.outcome)

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
    Column("predicted", JSON, nullable=False),  # the tag as the reviewer saw it: stance, score, model, taxonomy
    CheckConstraint("decision IN ('accept', 'reject', 'unsure', 'withdraw')", name="decision"),
)
