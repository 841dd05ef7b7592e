"""Passages say which of their characters were recognised in a picture with doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a store from 0002 to 0003."""
    op.add_column("passages", sa.Column("doubts", sa.JSON(), nullable=False, server_default="[]"))
