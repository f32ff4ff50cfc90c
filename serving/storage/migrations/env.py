"""Runs the migrations on the connection and in the transaction that ``serving.storage.revisions`` opened."""

from alembic import context

from serving.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
