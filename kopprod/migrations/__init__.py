"""Alembic: one revision a change, each cooperative in its own transaction."""
