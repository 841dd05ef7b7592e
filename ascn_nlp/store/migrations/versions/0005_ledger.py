"""Ledger, listings and memory of sources, tombstones, stories, and what tags were."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# The way of documents that were there before, as far as it is known: (stage, outcome, of which documents). It stands
# under the empty run id, which sorts before every run's.
WAYS = (
    ("find", "'new'", "1 = 1"),
    ("fetch", "'fetched'", "sha256 IS NOT NULL"),
    ("read", "outcome", "outcome IS NOT NULL"),
    ("find", "'gone'", "is_gone"),
)


def upgrade() -> None:
    """Bring a store from 0004 to 0005."""
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("last_run_id", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger")),
    )
    op.create_index("ix_ledger_document", "ledger", ["document_id", "stage"], unique=False)
    op.create_index(op.f("ix_ledger_run_id"), "ledger", ["run_id"], unique=False)
    op.create_table(
        "listings",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("elsewhere", sa.Integer(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_listings")),
    )
    op.create_index(op.f("ix_listings_source_id"), "listings", ["source_id"], unique=False)
    op.create_table(
        "pair_verdicts",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("one_id", sa.String(length=40), nullable=False),
        sa.Column("other_id", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("verdict IN ('same', 'different', 'withdraw')", name=op.f("ck_pair_verdicts_verdict")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_pair_verdicts")),
    )
    op.create_index(op.f("ix_pair_verdicts_one_id"), "pair_verdicts", ["one_id"], unique=False)
    op.create_index(op.f("ix_pair_verdicts_other_id"), "pair_verdicts", ["other_id"], unique=False)
    op.create_table(
        "source_memories",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_memories")),
    )
    op.create_table(
        "tombstones",
        sa.Column("document_id", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("sha256s", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "likenesses",
        sa.Column("one_seq", sa.Integer(), nullable=False),
        sa.Column("other_seq", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["one_seq"], ["documents.seq"], name=op.f("fk_likenesses_one_seq")),
        sa.ForeignKeyConstraint(["other_seq"], ["documents.seq"], name=op.f("fk_likenesses_other_seq")),
        sa.PrimaryKeyConstraint("one_seq", "other_seq", name=op.f("pk_likenesses")),
    )
    op.create_index("ix_likenesses_other", "likenesses", ["other_seq"], unique=False)
    op.create_table(
        "sketches",
        sa.Column("document_seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("text_key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("is_compared", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["document_seq"], ["documents.seq"], name=op.f("fk_sketches_document_seq")),
        sa.PrimaryKeyConstraint("document_seq", name=op.f("pk_sketches")),
    )
    op.create_index("ix_sketches_text_key", "sketches", ["text_key"], unique=False)
    op.create_table(
        "lost_tags",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("passage_seq", sa.Integer(), nullable=False),
        sa.Column("concern", sa.Text(), nullable=False),
        sa.Column("stance", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("since_run", sa.String(length=40), nullable=False),
        sa.Column("until_run", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["passage_seq"], ["passages.seq"], name=op.f("fk_lost_tags_passage_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_lost_tags")),
    )
    op.create_index(op.f("ix_lost_tags_passage_seq"), "lost_tags", ["passage_seq"], unique=False)
    op.create_index(op.f("ix_lost_tags_until_run"), "lost_tags", ["until_run"], unique=False)
    op.add_column("documents", sa.Column("listed_date", sa.String(length=10), server_default="", nullable=False))
    op.add_column("documents", sa.Column("listed_evidence", sa.Text(), server_default="", nullable=False))
    op.add_column("documents", sa.Column("listed_basis", sa.Text(), server_default="", nullable=False))
    op.add_column("documents", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("etag", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("archived_url", sa.Text(), nullable=True))
    op.add_column("documents", sa.Column("story", sa.Integer(), nullable=True))
    op.add_column("runs", sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tags", sa.Column("since_run", sa.String(length=40), server_default="", nullable=False))
    op.create_index("ix_documents_story", "documents", ["story"], unique=False)
    for stage, outcome, which in WAYS:
        op.execute(
            f"""INSERT INTO ledger (document_id, stage, outcome, reason, remedy, run_id, last_run_id, first_at, last_at,
                times, tries)
                SELECT id, '{stage}', {outcome}, '', '', '', '', first_seen, coalesce(fetched_at, first_seen), 1, 1
                FROM documents WHERE {which} ORDER BY seq"""
        )
