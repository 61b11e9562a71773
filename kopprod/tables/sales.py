"""Collective sales: what was pooled, what the buyer weighed and paid, what it cost."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.sales import CostSplit, SaleMode, SaleStage
from kopprod.tables.columns import check, key, may_refer, may_whole, one_of, refers, whole, zero


class Buyer(SQLModel, table=True):
    """Who buys from the cooperative."""

    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    phone: str | None = None
    place: str | None = None
    pays_within_days: int | None = None  # as agreed; empty is at once
    active: bool = True
    act_id: int = refers("act.id", index=False)


class Sale(SQLModel, table=True):
    """Goods of one product sold to one buyer at one price.

    `buyer_weight` is what the buyer's scale said, `our_weight` what ours did: base units, never
    mixed. The fee is a percentage, so much for each price unit of our weight, and a flat sum.
    Settling freezes the amounts: gross_rp = costs_rp + fee_rp + cost_of_goods_rp + net_rp. Of a
    pool (titip jual) the net is the members'; of goods bought outright (beli putus) it is the
    cooperative's own, and may be a loss.
    """

    __table_args__ = (
        check("price_positive", "price_e4 > 0"),
        check("buyer_weight_positive", "buyer_weight > 0"),
        check("fee_in_range", "fee_bp >= 0 AND fee_bp <= 10000"),
        check(
            "settled_adds_up",
            "stage <> 'settled' OR (gross_rp IS NOT NULL"
            " AND gross_rp = costs_rp + fee_rp + cost_of_goods_rp + net_rp"
            " AND our_weight > 0 AND settled_on IS NOT NULL AND entry_id IS NOT NULL"
            " AND ((mode = 'pool' AND net_rp >= 0 AND cost_of_goods_rp = 0)"
            " OR (mode = 'outright' AND fee_rp = 0)))",
        ),
        check("fee_weight_not_negative", "fee_weight_e4 >= 0"),
        check("fee_flat_not_negative", "fee_flat_rp >= 0"),
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
    fee_weight_e4: int = zero()  # for one price unit of our weight
    fee_flat_rp: int = zero()
    mode: SaleMode = one_of(SaleMode, "mode", default=SaleMode.POOL)
    order_id: int | None = may_refer("buyer_order.id")
    shrinkage_reason: str | None = None
    our_weight: int | None = may_whole()
    graded_weight_e4: int | None = may_whole()  # ten-thousandths of a base unit
    gross_rp: int | None = may_whole()
    costs_rp: int | None = may_whole()
    fee_rp: int | None = may_whole()
    cost_of_goods_rp: int | None = may_whole()
    net_rp: int | None = may_whole()
    settled_on: date | None = None
    settled_by_id: int | None = may_refer("app_user.id", index=False)
    entry_id: int | None = may_refer("entry.id", unique=True)
    act_id: int = refers("act.id", index=False)


class SaleCost(SQLModel, table=True):
    """What a sale cost: a truck, sacks, loading. Owed at settling, paid by the treasurer.

    `split` says what it is shared by among the members of a pool.
    """

    __tablename__ = "sale_cost"
    __table_args__ = (check("amount_positive", "amount_rp > 0"),)

    id: int = key()
    sale_id: int = refers("sale.id")
    name: str
    amount_rp: int = whole()
    split: CostSplit = one_of(CostSplit, "split", default=CostSplit.VALUE)
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
    share_rp: int | None = may_whole()  # of a pool: what the member gets for it
    cost_rp: int | None = may_whole()  # of goods bought outright: what they had cost
    act_id: int = refers("act.id", index=False)


class BuyerPayment(SQLModel, table=True):
    """Money that a buyer paid for a sale, into cash or bank; one that was wrong is reversed."""

    __tablename__ = "buyer_payment"
    __table_args__ = (
        check("amount_positive", "amount_rp > 0"),
        check(
            "reversed_is_whole",
            "(reversed_on IS NULL) = (reversal_entry_id IS NULL)"
            " AND (reversed_on IS NULL) = (reason IS NULL)",
        ),
    )

    id: int = key()
    sale_id: int = refers("sale.id")
    paid_on: date
    amount_rp: int = whole()
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    reversed_on: date | None = None
    reversal_entry_id: int | None = may_refer("entry.id", unique=True)
    reason: str | None = None
    act_id: int = refers("act.id", index=False)


class SettlementReversal(SQLModel, table=True):
    """The paper that takes a settlement back: the sale is open again, its slips are void.

    It keeps the amounts that had been frozen, and both entries.
    """

    __tablename__ = "settlement_reversal"
    __table_args__ = (check("reason_given", "length(reason) > 0"),)

    id: int = key()
    number: str = Field(unique=True)
    sale_id: int = refers("sale.id")
    reversed_on: date = Field(index=True)
    reason: str
    settled_on: date
    gross_rp: int = whole()
    costs_rp: int = whole()
    fee_rp: int = whole()
    cost_of_goods_rp: int = whole()
    net_rp: int = whole()
    entry_id: int = refers("entry.id", unique=True)
    reversal_entry_id: int = refers("entry.id", unique=True)
    act_id: int = refers("act.id", index=False)
