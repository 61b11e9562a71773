"""Forms sent before: a button pressed twice, or a send whose answer was lost, writes once.

Each form carries a key of its own (`draft_key`), and the row that it wrote keeps it.
"""

from collections.abc import Mapping
from typing import TypeVar

from sqlmodel import Session, SQLModel, select

from kopprod.domain.sent import FormKeptOtherwise

Row = TypeVar("Row", bound=SQLModel)


def find(session: Session, table: type[Row], draft_key: str | None) -> Row | None:
    """The row that the form with this key wrote, if it wrote one."""
    if draft_key is None:
        return None
    return session.exec(select(table).filter_by(draft_key=draft_key)).first()


def same(
    session: Session,
    table: type[Row],
    draft_key: str | None,
    facts: Mapping[str, object],
    number: str = "",
) -> Row | None:
    """As `find`, refusing a form that comes back with other `facts` than its row keeps.

    Nothing may look kept that is not. `number` names the row where it has no number of its own.
    """
    row = find(session, table, draft_key)
    if row is None:
        return None
    kept = row.model_dump(include={"number", *facts})
    if any(kept[name] != fact for name, fact in facts.items()):
        raise FormKeptOtherwise(number=number or kept["number"])
    return row
