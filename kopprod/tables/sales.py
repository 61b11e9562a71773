"""Collective sales: what was pooled, what the buyer weighed and paid, what it cost."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.sales import SaleStage
from kopprod.tables.columns import check, key, may_refer, may_whole, one_of, refers, whole


class Buyer(SQLModel, table=True):
    """Who buys from the cooperative."""

    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    phone: str | None = None
    place: str | None = None
    active: bool = True
    act_id: int = refers("act.id", index=False)


class Sale(SQLModel, table=True):
    """Goods of one product sold to one buyer at one price (titip jual).

    `buyer_weight` is what the buyer's scale said, `our_weight` what ours did: base units, never
    mixed. Settling freezes the amounts: gross_rp = costs_rp + fee_rp + net_rp.
    """

    __table_args__ = (
        check("price_positive", "price_e4 > 0"),
        check("buyer_weight_positive", "buyer_weight > 0"),
        check("fee_in_range", "fee_bp >= 0 AND fee_bp <= 10000"),
        check(
            "settled_adds_up",
            "stage <> 'settled' OR (gross_rp IS NOT NULL AND gross_rp = costs_rp + fee_rp + net_rp"
            " AND net_rp >= 0 AND our_weight > 0 AND settled_on IS NOT NULL"
            " AND entry_id IS NOT NULL)",
        ),
    )

    id: int = key()
    number: str = Field(unique=True)
    stage: SaleStage = one_of(SaleStage, "stage")
    buyer_id: int = refers("buyer.id")
    product_id: int = refers("product.id")
    sold_on: date = Field(index=True)
    price_e4: int = whole()
    buyer_weight: int = whole()
    fee_bp: int = whole()
    shrinkage_reason: str | None = None
    our_weight: int | None = may_whole()
    graded_weight_e4: int | None = may_whole()  # ten-thousandths of a base unit
    gross_rp: int | None = may_whole()
    costs_rp: int | None = may_whole()
    fee_rp: int | None = may_whole()
    net_rp: int | None = may_whole()
    settled_on: date | None = None
    settled_by_id: int | None = may_refer("app_user.id", index=False)
    entry_id: int | None = may_refer("entry.id", unique=True)
    act_id: int = refers("act.id", index=False)


class SaleCost(SQLModel, table=True):
    """What a sale cost: a truck, sacks, loading. Owed at settling, paid by the treasurer."""

    __tablename__ = "sale_cost"
    __table_args__ = (check("amount_positive", "amount_rp > 0"),)

    id: int = key()
    sale_id: int = refers("sale.id")
    name: str
    amount_rp: int = whole()
    paid_entry_id: int | None = may_refer("entry.id", unique=True)
    act_id: int = refers("act.id", index=False)


class Allotment(SQLModel, table=True):
    """The part of a delivery that goes into a sale, with its grade's factor frozen.

    graded weight = quantity x factor_bp / 10.000, kept in ten-thousandths of a base unit.
    """

    __table_args__ = (
        UniqueConstraint("sale_id", "delivery_id"),
        check("quantity_positive", "quantity > 0"),
        check("factor_positive", "factor_bp > 0"),
        check("share_not_negative", "share_rp IS NULL OR share_rp >= 0"),
    )

    id: int = key()
    sale_id: int = refers("sale.id")
    delivery_id: int = refers("delivery.id")
    quantity: int = whole()
    factor_bp: int = whole()
    share_rp: int | None = may_whole()
    act_id: int = refers("act.id", index=False)


class BuyerPayment(SQLModel, table=True):
    """Money that a buyer paid for a sale, into cash or bank."""

    __tablename__ = "buyer_payment"
    __table_args__ = (check("amount_positive", "amount_rp > 0"),)

    id: int = key()
    sale_id: int = refers("sale.id")
    paid_on: date
    amount_rp: int = whole()
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
