"""Who may have how much subsidised fertiliser: the e-RDKK, by member and season."""

from sqlmodel import SQLModel, UniqueConstraint

from kopprod.domain.subsidies import Fertiliser
from kopprod.tables.columns import check, key, one_of, refers, whole


class Entitlement(SQLModel, table=True):
    """A member's entitlement for one season, in gram."""

    __table_args__ = (
        UniqueConstraint("member_id", "season", "fertiliser"),
        check("grams_not_negative", "grams >= 0"),
        check("season_given", "length(season) > 0"),
    )

    id: int = key()
    member_id: int = refers("member.id", index=False)
    season: str
    fertiliser: Fertiliser = one_of(Fertiliser, "fertiliser")
    grams: int = whole()
    act_id: int = refers("act.id", index=False)
