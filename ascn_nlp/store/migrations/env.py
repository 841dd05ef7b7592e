"""Alembic's entry point: runs the revisions on the connection that ``store.migrate`` hands over."""

from alembic import context

from ascn_nlp.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
