"""Alembic's entry: it works on the connection that `kopprod.migrations.run` hands over."""

from alembic import context
from sqlmodel import SQLModel

import kopprod.tables  # noqa: F401 - registers every table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
    transaction_per_migration=False,
    compare_type=True,
)
context.run_migrations()
