"""The running numbers of papers: one counter for each kind and year."""

from sqlmodel import Field, SQLModel

from kopprod.tables.columns import whole


class Counter(SQLModel, table=True):
    """The last number given, by name (`delivery-2026`)."""

    name: str = Field(primary_key=True)
    last: int = whole()
