"""Samples given to people to judge, the codebook they judged by, both with each decision; disputed tags."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a store from 0005 to 0006."""
    for name in ("sample", "codebook"):
        op.add_column("reviews", sa.Column(name, sa.String(length=40), nullable=False, server_default=""))
    op.add_column("taggings", sa.Column("disputed", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("taggings", sa.Column("is_disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "codebooks",
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("definitions", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_codebooks")),
    )
    op.create_table(
        "samples",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
    )
    op.create_table(
        "sample_passages",
        sa.Column("sample_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("passage_id", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.Integer(), nullable=False),
        sa.Column("predicted", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_sample_passages_sample_id_samples")),
        sa.PrimaryKeyConstraint("sample_id", "position", name=op.f("pk_sample_passages")),
    )
    op.create_index(op.f("ix_sample_passages_passage_id"), "sample_passages", ["passage_id"], unique=False)
