"""Full-text search over passages: FTS5 on SQLite, a generated tsvector on PostgreSQL."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# An external-content index kept in step by triggers: the words are stored once, in passages.
# https://www.sqlite.org/fts5.html#external_content_tables
SQLITE = (
    """CREATE VIRTUAL TABLE passages_fts USING fts5(
        text, content='passages', content_rowid='seq', tokenize="unicode61 remove_diacritics 2")""",
    """CREATE TRIGGER passages_fts_insert AFTER INSERT ON passages BEGIN
        INSERT INTO passages_fts(rowid, text) VALUES (new.seq, new.text); END""",
    """CREATE TRIGGER passages_fts_delete AFTER DELETE ON passages BEGIN
        INSERT INTO passages_fts(passages_fts, rowid, text) VALUES ('delete', old.seq, old.text); END""",
    """CREATE TRIGGER passages_fts_update AFTER UPDATE OF text ON passages BEGIN
        INSERT INTO passages_fts(passages_fts, rowid, text) VALUES ('delete', old.seq, old.text);
        INSERT INTO passages_fts(rowid, text) VALUES (new.seq, new.text); END""",
    "INSERT INTO passages_fts(passages_fts) VALUES ('rebuild')",
)
POSTGRESQL = (
    """ALTER TABLE passages ADD COLUMN words tsvector
        GENERATED ALWAYS AS (to_tsvector('simple', text)) STORED""",
    "CREATE INDEX ix_passages_words ON passages USING gin (words)",
)


def upgrade() -> None:
    """Bring a store from 0001 to 0002."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
