"""The triggers that guard posted entries: their one source, for both engines."""

from sqlalchemy import Connection

SQLITE: dict[str, str] = {}
POSTGRESQL: dict[str, str] = {}


def create(connection: Connection) -> None:
    """Make every trigger of this engine."""


def drop(connection: Connection) -> None:
    """Remove every trigger of this engine that is there."""
