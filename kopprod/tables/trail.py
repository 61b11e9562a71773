"""Who did what and when: one act for every transaction that writes, with what it changed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import key, may_whole, moment, refers


class Act(SQLModel, table=True):
    """One transaction that writes: who opened it, when, and from which action of the app."""

    id: int = key()
    at: datetime = moment(index=True)
    # No foreign key: users name the act that made them, and are never deleted.
    user_id: int | None = may_whole()
    action: str


class Change(SQLModel, table=True):
    """One column of one row that an act changed. New rows name their act themselves."""

    id: int = key()
    act_id: int = refers("act.id")
    table_name: str = Field(index=True)
    row_key: str
    column_name: str
    before: str | None = None
    after: str | None = None
