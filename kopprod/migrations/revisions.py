"""Which revision a database has, and which is the newest in the source."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings; it never opens a connection of its own."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def newest() -> str:
    """The newest revision in the source."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise ValueError("no revision in the source")
    return head


def revision_of(connection: Connection) -> str | None:
    """The revision of the database that is open; None where there is nothing yet."""
    return MigrationContext.configure(connection).get_current_revision()
