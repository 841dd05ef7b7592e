"""The first schema: runs, documents and their versions, passages, tags, reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table in an empty database."""
    op.create_table(
        "documents",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("found_fingerprint", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("declared_type", sa.Text(), nullable=True),
        sa.Column("final_url", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_key", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("genre", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("published", sa.String(length=10), nullable=True),
        sa.Column("published_from", sa.String(length=10), nullable=True),
        sa.Column("published_to", sa.String(length=10), nullable=True),
        sa.Column("date_basis", sa.Text(), nullable=True),
        sa.Column("date_evidence", sa.Text(), nullable=True),
        sa.Column("date_confidence", sa.Float(), nullable=True),
        sa.Column("date_conflicts", sa.JSON(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("tagged_key", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('read', 'partly_read', 'unread', 'failed')", name=op.f("ck_documents_outcome")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_documents")),
        sa.UniqueConstraint("id", name=op.f("uq_documents_id")),
        sa.UniqueConstraint("source_id", "address", name=op.f("uq_documents_source_id_address")),
    )
    op.create_index("ix_documents_outcome", "documents", ["outcome"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("concern", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("concern_reviewed", sa.Text(), nullable=False),
        sa.Column("stance_reviewed", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("predicted", sa.JSON(), nullable=False),
        sa.CheckConstraint("decision IN ('accept', 'reject', 'unsure', 'withdraw')", name=op.f("ck_reviews_decision")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_passage_id"), "reviews", ["passage_id"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("flow", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "contents",
        sa.Column("document_seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["document_seq"], ["documents.seq"], name=op.f("fk_contents_document_seq")),
        sa.PrimaryKeyConstraint("document_seq", name=op.f("pk_contents")),
    )
    op.create_table(
        "issues",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("document_seq", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_failure", sa.Boolean(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["document_seq"], ["documents.seq"], name=op.f("fk_issues_document_seq")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_issues_run_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_issues")),
    )
    op.create_index(op.f("ix_issues_document_seq"), "issues", ["document_seq"], unique=False)
    op.create_table(
        "passages",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("document_seq", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("heading", sa.JSON(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["document_seq"], ["documents.seq"], name=op.f("fk_passages_document_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_passages")),
        sa.UniqueConstraint("id", name=op.f("uq_passages_id")),
    )
    op.create_index("ix_passages_document", "passages", ["document_seq", "ordinal"], unique=False)
    op.create_table(
        "versions",
        sa.Column("document_seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("final_url", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["document_seq"], ["documents.seq"], name=op.f("fk_versions_document_seq")),
        sa.PrimaryKeyConstraint("document_seq", "sha256", name=op.f("pk_versions")),
    )
    op.create_table(
        "passage_cities",
        sa.Column("passage_seq", sa.Integer(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["passage_seq"], ["passages.seq"], name=op.f("fk_passage_cities_passage_seq")),
        sa.PrimaryKeyConstraint("passage_seq", "city", name=op.f("pk_passage_cities")),
    )
    op.create_index("ix_passage_cities_city", "passage_cities", ["city"], unique=False)
    op.create_table(
        "taggings",
        sa.Column("passage_seq", sa.Integer(), nullable=False),
        sa.Column("tagger_id", sa.Text(), nullable=False),
        sa.Column("taxonomy_version", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["passage_seq"], ["passages.seq"], name=op.f("fk_taggings_passage_seq")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_taggings_run_id")),
        sa.PrimaryKeyConstraint("passage_seq", name=op.f("pk_taggings")),
    )
    op.create_table(
        "tags",
        sa.Column("passage_seq", sa.Integer(), nullable=False),
        sa.Column("concern", sa.Text(), nullable=False),
        sa.Column("stance", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("is_unsure", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["passage_seq"], ["passages.seq"], name=op.f("fk_tags_passage_seq")),
        sa.PrimaryKeyConstraint("passage_seq", "concern", name=op.f("pk_tags")),
    )
    op.create_index("ix_tags_concern", "tags", ["concern", "stance"], unique=False)
