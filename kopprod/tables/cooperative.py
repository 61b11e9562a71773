"""The cooperative itself: its settings, its villages and which of them are neighbours."""

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.tables.columns import check, key, refers


class Setting(SQLModel, table=True):
    """One setting by name; `domain.cooperative` knows the names, kinds and defaults."""

    name: str = Field(primary_key=True)
    value: str
    act_id: int = refers("act.id", index=False)


class Village(SQLModel, table=True):
    """A village where members live and goods change hands."""

    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    region_code: str | None = None
    act_id: int = refers("act.id", index=False)


class Neighbour(SQLModel, table=True):
    """A pair of villages whose prices may be compared; kept once, the lower id first."""

    __table_args__ = (
        UniqueConstraint("village_id", "other_id"),
        check("lower_first", "village_id < other_id"),
    )

    id: int = key()
    village_id: int = refers("village.id")
    other_id: int = refers("village.id")
    act_id: int = refers("act.id", index=False)
