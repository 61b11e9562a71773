"""Pooled purchases: what is bought together, from whom, who wants it, and who got it.

Quantities are whole portions: a portion is the least that one member can have of an article (a
kilogram, a litre, a sack), and says in base units how much that is.
"""

from datetime import date, datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.handing_out import SharingRule
from kopprod.domain.packs import Rounding
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.subsidies import Fertiliser
from kopprod.tables.columns import (
    check,
    key,
    may_be_one_of,
    may_moment,
    may_refer,
    may_whole,
    moment,
    one_of,
    refers,
    whole,
    zero,
)


class Supplier(SQLModel, table=True):
    """From whom the cooperative buys."""

    __table_args__ = (check("name_given", "length(name) > 0"),)

    id: int = key()
    name: str = Field(unique=True)
    phone: str | None = None
    place: str | None = None
    active: bool = True
    act_id: int = refers("act.id", index=False)


class Article(SQLModel, table=True):
    """What members need for their work; subsidised fertiliser has a ceiling and entitlements.

    `portion` base units are one portion, and `portion_word` is what people call it.
    """

    __table_args__ = (
        check("name_given", "length(name) > 0"),
        check("portion_positive", "portion > 0"),
        check("subsidised_is_weighed", "fertiliser IS NULL OR base_unit = 'g'"),
    )

    id: int = key()
    name: str = Field(unique=True)
    base_unit: BaseUnit = one_of(BaseUnit, "base_unit")
    portion: int = whole()
    portion_word: str
    fertiliser: Fertiliser | None = may_be_one_of(Fertiliser, "fertiliser")
    active: bool = True
    act_id: int = refers("act.id", index=False)


class Purchase(SQLModel, table=True):
    """One pooled purchase, from the manager's draft to goods in every house.

    Wants are taken before the day `until`; from `filling_on` on only those that help packs. A
    deposit is `deposit_bp` of the expected bill. Yarnen is paid in at most `most_parts`
    settlements; none means that it is not offered.
    """

    __table_args__ = (
        check("title_given", "length(title) > 0"),
        check("fee_in_range", "fee_bp >= 0 AND fee_bp <= 10000"),
        check("deposit_in_range", "deposit_bp >= 0 AND deposit_bp <= 10000"),
        check("filling_before_end", "filling_on IS NULL OR filling_on < until"),
        check("parts_not_negative", "most_parts >= 0"),
        check("cancelled_has_reason", "(stage = 'cancelled') = (cancel_reason IS NOT NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    title: str
    stage: PurchaseStage = one_of(PurchaseStage, "stage")
    until: date = Field(index=True)
    filling_on: date | None = None
    rounding: Rounding = one_of(Rounding, "rounding")
    sharing: SharingRule = one_of(SharingRule, "sharing")
    freight_by: FreightBy = one_of(FreightBy, "freight_by")
    fee_bp: int = whole()
    deposit_bp: int = zero()
    most_parts: int = 0
    season: str = ""  # whose entitlements count, and what is compared from year to year
    note: str = ""
    cancel_reason: str | None = None
    ordered_on: date | None = None
    received_on: date | None = None
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class PurchaseVillage(SQLModel, table=True):
    """A village whose members may take part; a purchase without any is for everybody."""

    __tablename__ = "purchase_village"
    __table_args__ = (UniqueConstraint("purchase_id", "village_id"),)

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    village_id: int = refers("village.id", index=False)
    act_id: int = refers("act.id", index=False)


class PurchaseArticle(SQLModel, table=True):
    """An article of a purchase: the village shop's price of one portion, its weight, its stock."""

    __tablename__ = "purchase_article"
    __table_args__ = (
        UniqueConstraint("purchase_id", "article_id"),
        check("shop_positive", "shop_e4 > 0"),
        check("weight_positive", "weight > 0"),
        check("stock_not_negative", "stock_most >= 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    article_id: int = refers("article.id")
    shop_e4: int = whole()
    weight: int = whole()  # of one portion, in gram
    stock_most: int = zero()  # portions that may go to stock
    act_id: int = refers("act.id", index=False)


class PurchaseSupplier(SQLModel, table=True):
    """One supplier's terms in one purchase."""

    __tablename__ = "purchase_supplier"
    __table_args__ = (
        UniqueConstraint("purchase_id", "supplier_id"),
        check("freight_not_negative", "freight_rp >= 0 AND freight_pack_rp >= 0"),
        check("least_not_negative", "least_rp >= 0 AND least_packs >= 0"),
        check("free_from_positive", "freight_free_from_rp IS NULL OR freight_free_from_rp > 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    supplier_id: int = refers("supplier.id")
    freight_rp: int = zero()
    freight_pack_rp: int = zero()
    freight_free_from_rp: int | None = may_whole()
    least_rp: int = zero()
    least_packs: int = zero()
    act_id: int = refers("act.id", index=False)


class PurchaseOffer(SQLModel, table=True):
    """What a supplier asks for one article: portions in a pack, and prices by packs (JSON)."""

    __tablename__ = "purchase_offer"
    __table_args__ = (
        UniqueConstraint("purchase_id", "supplier_id", "article_id", "pack"),
        check("pack_positive", "pack > 0"),
        check("least_positive", "least_packs > 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    supplier_id: int = refers("supplier.id", index=False)
    article_id: int = refers("article.id")
    pack: int = whole()
    least_packs: int = whole()
    tiers: str
    act_id: int = refers("act.id", index=False)


class WantSaid(SQLModel, table=True):
    """What a member said she wants in all of one article; rows are only ever added."""

    __tablename__ = "want_said"
    __table_args__ = (
        check("firm_not_negative", "firm >= 0"),
        check("tolerance_not_negative", "tolerance >= 0"),
        check("highest_positive", "highest_e4 IS NULL OR highest_e4 > 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id")
    article_id: int = refers("article.id", index=False)
    member_id: int = refers("member.id")
    firm: int = whole()
    tolerance: int = whole()
    highest_e4: int | None = may_whole()
    at: datetime = moment()
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class PurchaseLine(SQLModel, table=True):
    """So many packs of one offer: planned when wants were fixed, and what came of them.

    Portions that came good, damaged, or were missing; `invoiced_rp` is what is paid for the good
    ones, `claim_rp` what the supplier asked for and is claimed back.
    """

    __tablename__ = "purchase_line"
    __table_args__ = (
        UniqueConstraint("purchase_id", "offer_id"),
        check("packs_positive", "packs > 0"),
        check("pack_price_positive", "pack_rp > 0"),
        check("came_whole", "(good IS NULL) = (invoiced_rp IS NULL)"),
        check("came_not_negative", "good IS NULL OR (good >= 0 AND damaged >= 0)"),
        check("money_not_negative", "(invoiced_rp IS NULL OR invoiced_rp >= 0) AND claim_rp >= 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    offer_id: int = refers("purchase_offer.id", index=False)
    packs: int = whole()
    pack_rp: int = whole()
    good: int | None = may_whole()
    damaged: int = zero()
    invoiced_rp: int | None = may_whole()
    claim_rp: int = zero()
    note: str = ""
    act_id: int = refers("act.id", index=False)


class SupplierInvoice(SQLModel, table=True):
    """What one supplier is owed for one purchase: goods and freight as they came, paid once."""

    __tablename__ = "supplier_invoice"
    __table_args__ = (
        UniqueConstraint("purchase_id", "supplier_id"),
        check("money_not_negative", "goods_rp >= 0 AND freight_rp >= 0 AND claim_rp >= 0"),
        check("paid_has_entry", "(paid_on IS NULL) = (paid_entry_id IS NULL)"),
        check("claim_settled_has_entry", "(claim_on IS NULL) = (claim_entry_id IS NULL)"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    supplier_id: int = refers("supplier.id")
    goods_rp: int = whole()
    freight_rp: int = whole()
    claim_rp: int = whole()
    received_on: date
    entry_id: int | None = may_refer("entry.id", unique=True)
    paid_on: date | None = None
    paid_entry_id: int | None = may_refer("entry.id", unique=True)
    claim_on: date | None = None  # the claim was paid back, or given up as a loss
    claim_entry_id: int | None = may_refer("entry.id", unique=True)
    act_id: int = refers("act.id", index=False)


class Deposit(SQLModel, table=True):
    """Money that a member paid in advance for a purchase; used for her bill or given back."""

    __table_args__ = (
        check("amount_positive", "amount_rp > 0"),
        check("returned_has_entry", "(returned_on IS NULL) = (returned_entry_id IS NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    purchase_id: int = refers("purchase.id")
    member_id: int = refers("member.id")
    amount_rp: int = whole()
    paid_on: date
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id", unique=True)
    returned_on: date | None = None
    returned_entry_id: int | None = may_refer("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class PurchaseBill(SQLModel, table=True):
    """What one member pays for what she got: goods, freight, fee; frozen when it is handed out.

    `shop_rp` is what the same would have cost in the village shop. What is not paid from the
    deposit or in cash stands on 1109; of it `yarnen_rp` is taken from settlements in `parts` parts.
    """

    __tablename__ = "purchase_bill"
    __table_args__ = (
        UniqueConstraint("purchase_id", "member_id"),
        check("code_whole", "length(code) = 16"),
        check("money_not_negative", "goods_rp >= 0 AND freight_rp >= 0 AND fee_rp >= 0"),
        check("parts_of_what_waits", "parts >= 0 AND (parts = 0) = (yarnen_rp = 0)"),
        check("waits_within_bill", "yarnen_rp >= 0 AND deposit_rp >= 0"),
        check("handed_to_somebody", "handed_at IS NULL OR length(handed_to) > 0"),
    )

    id: int = key()
    number: str = Field(unique=True)
    code: str = Field(unique=True)
    purchase_id: int = refers("purchase.id", index=False)
    member_id: int = refers("member.id")
    goods_rp: int = whole()
    freight_rp: int = whole()
    fee_rp: int = whole()
    shop_rp: int = whole()
    billed_on: date = Field(index=True)
    entry_id: int | None = may_refer("entry.id", unique=True)
    deposit_rp: int = zero()
    yarnen_rp: int = zero()
    parts: int = 0
    handed_at: datetime | None = may_moment()
    handed_to: str = ""  # herself, or whom she sent
    act_id: int = refers("act.id", index=False)

    @property
    def bill_rp(self) -> int:
        """All that she pays."""
        return self.goods_rp + self.freight_rp + self.fee_rp


class PurchaseShare(SQLModel, table=True):
    """What a member gets of one article, and what the rule had computed, in portions."""

    __tablename__ = "purchase_share"
    __table_args__ = (
        UniqueConstraint("purchase_id", "article_id", "member_id"),
        check("quantity_not_negative", "quantity >= 0 AND computed >= 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    article_id: int = refers("article.id", index=False)
    member_id: int = refers("member.id")
    quantity: int = whole()
    computed: int = whole()
    goods_rp: int | None = may_whole()
    freight_rp: int | None = may_whole()
    fee_rp: int | None = may_whole()
    shop_rp: int | None = may_whole()
    act_id: int = refers("act.id", index=False)


class BillPayment(SQLModel, table=True):
    """Money that a member paid for her bills, in cash or by bank."""

    __tablename__ = "bill_payment"
    __table_args__ = (check("amount_positive", "amount_rp > 0"),)

    id: int = key()
    number: str = Field(unique=True)
    bill_id: int = refers("purchase_bill.id")
    amount_rp: int = whole()
    paid_on: date
    account_code: str = Field(foreign_key="account.code")
    entry_id: int = refers("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)


class SupplyLot(SQLModel, table=True):
    """Leftovers of a purchase in the cooperative's stock, at what they had cost."""

    __tablename__ = "supply_lot"
    __table_args__ = (
        UniqueConstraint("purchase_id", "article_id"),
        check("quantity_positive", "quantity > 0"),
        check("cost_not_negative", "cost_rp >= 0"),
    )

    id: int = key()
    purchase_id: int = refers("purchase.id", index=False)
    article_id: int = refers("article.id")
    quantity: int = whole()
    cost_rp: int = whole()
    kept_on: date
    act_id: int = refers("act.id", index=False)


class SupplySale(SQLModel, table=True):
    """Portions of a leftover lot sold to a member, or lost; at its price and its cost."""

    __tablename__ = "supply_sale"
    __table_args__ = (
        check("quantity_positive", "quantity > 0"),
        check("money_not_negative", "amount_rp >= 0 AND cost_rp >= 0"),
        check("sold_or_lost", "(member_id IS NULL) = (reason IS NOT NULL)"),
    )

    id: int = key()
    number: str = Field(unique=True)
    lot_id: int = refers("supply_lot.id")
    member_id: int | None = may_refer("member.id")
    quantity: int = whole()
    amount_rp: int = whole()
    cost_rp: int = whole()
    sold_on: date
    account_code: str | None = Field(default=None, foreign_key="account.code")
    reason: str | None = None
    entry_id: int | None = may_refer("entry.id", unique=True)
    draft_key: str | None = Field(default=None, unique=True)
    act_id: int = refers("act.id", index=False)
