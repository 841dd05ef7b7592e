"""Passages that speak of a theme while no single concern of it is likely enough to be tagged."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a store from 0003 to 0004."""
    op.add_column("taggings", sa.Column("leads", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("taggings", sa.Column("is_lead", sa.Boolean(), nullable=False, server_default=sa.false()))
