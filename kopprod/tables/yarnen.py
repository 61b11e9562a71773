"""Inputs on credit until the harvest is sold: since when a bill waits, and members' own limits."""

from datetime import date

from sqlmodel import SQLModel

from kopprod.tables.columns import check, key, refers, whole


class CreditLimit(SQLModel, table=True):
    """The most that one member may owe for inputs, where it is not the cooperative's setting."""

    __tablename__ = "credit_limit"
    __table_args__ = (check("limit_not_negative", "limit_rp >= 0"),)

    id: int = key()
    member_id: int = refers("member.id", unique=True)
    limit_rp: int = whole()
    act_id: int = refers("act.id", index=False)


class YarnenSince(SQLModel, table=True):
    """When it was agreed that a part of a bill waits: only settlements after it take its parts."""

    __tablename__ = "yarnen_since"

    id: int = key()
    bill_id: int = refers("purchase_bill.id", unique=True)
    agreed_on: date
    act_id: int = refers("act.id", index=False)
