"""Settling a sale: every amount frozen, one slip for each member, one entry in the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, select

from kopprod import db
from kopprod.domain import sales as rule
from kopprod.domain.access import Action, Person
from kopprod.domain.ledger import (
    BUYERS_OWE,
    COST_OF_GOODS,
    GOODS_SOLD,
    OWED_SALE_COSTS,
    OWED_TO_MEMBERS,
    SALE_FEE,
    SELLING_COSTS,
    STOCK,
    Posting,
)
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleMode, SaleStage, Settlement
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    buying,
    claims,
    codes,
    cooperative,
    ledger,
    numbers,
    references,
    stock_lots,
)
from kopprod.services.reckoning import (
    Borne,
    Lines,
    PooledDelivery,
    borne,
    costs,
    frozen,
    frozen_lines,
    holds,
    lines,
    pooled,
    reckon,
    reckon_lines,
)
from kopprod.services.sale_rows import (
    AlreadySettled,
    SaleCancelled,
    UnknownSale,
    lock_open,
    lock_sale,
)
from kopprod.tables.access import AppUser
from kopprod.tables.members import Member
from kopprod.tables.products import Product
from kopprod.tables.sales import Allotment, Buyer, BuyerPayment, Sale, SaleCost
from kopprod.tables.slips import Slip

# Reckoning and holding a sale have files of their own; whoever settles finds all of it here.
__all__ = [
    "AlreadySettled",
    "Borne",
    "NothingToShare",
    "PooledDelivery",
    "SaleCancelled",
    "SettledBeforeSold",
    "Statement",
    "UnknownSale",
    "costs",
    "frozen",
    "holds",
    "lock_open",
    "lock_sale",
    "payments",
    "pooled",
    "preview",
    "reckon",
    "settle",
    "statement",
]


class SettledBeforeSold(Refusal):
    """A settlement of what was not sold yet."""

    sentence = N_("Sale {number} is of {sold_on}. Choose that day or a later one.")


class NothingToShare(Refusal):
    """The buyer pays less than one rupiah."""

    sentence = N_("The buyer pays nothing for this sale. Please check price and quantity.")


def preview(session: Session, sale_id: int) -> Settlement:
    """What settling the sale now would come to; of a settled one what it came to."""
    access.require(session, Action.SALES_SEE)
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise UnknownSale
    parts = lines(session, sale)
    if sale.stage is SaleStage.SETTLED:
        return frozen_lines(sale, parts)
    return reckon_lines(session, sale, parts)


def settle(
    session: Session, sale_id: int, *, on: date, shrinkage_reason: str | None = None
) -> Sale:
    """Fix every amount of the sale for good and post the entry; of a pool each member has a slip.

    Refuses a second time, a sale without goods, costs above what the buyer pays, and a difference
    of weights above the cooperative's limit without the manager's reason. Goods bought outright
    may be sold at a loss.
    """
    person = access.require(session, Action.SALES_SETTLE)
    # Whoever takes goods in waits for this counter first, and we for them.
    numbers.wait_turn(session, "SLIP", on.year)
    sale = lock_open(session, sale_id)
    if on < sale.sold_on:
        raise SettledBeforeSold(number=sale.number, sold_on=sale.sold_on)
    parts = lines(session, sale)
    if sale.mode is SaleMode.OUTRIGHT:
        buying.lock(session, parts.delivery_ids)
    outcome = reckon_lines(session, sale, parts)
    if outcome.gross_rp == 0:
        raise NothingToShare
    reason = tidy(shrinkage_reason or "")
    rule.check_shrinkage(
        outcome.our_weight,
        outcome.buyer_weight,
        limit_bp=cooperative.whole(session, "shrinkage_limit_bp"),
        reason=reason,
    )
    sale.shrinkage_reason = reason or None
    _freeze(session, sale, parts, outcome, person=person, on=on)
    references.touch(session, product_id=sale.product_id, days=parts.days)
    return sale


def _freeze(
    session: Session,
    sale: Sale,
    parts: Lines,
    outcome: Settlement,
    *,
    person: Person,
    on: date,
) -> None:
    _freeze_parts(session, parts, outcome)
    _write_slips(session, sale, outcome.member_rp, on=on)
    pool = sale.mode is SaleMode.POOL
    entry = ledger.post(
        session,
        on=on,
        memo=N_("Settlement of a collective sale") if pool else N_("Goods of its own sold"),
        paper=f"sale:{sale.id}",
        postings=_postings(sale, outcome) if pool else _own_postings(sale, outcome),
    )
    sale.our_weight, sale.graded_weight_e4 = outcome.our_weight, outcome.graded_weight_e4
    sale.gross_rp, sale.costs_rp = outcome.gross_rp, outcome.costs_rp
    sale.fee_rp, sale.net_rp = outcome.fee_rp, outcome.net_rp
    sale.cost_of_goods_rp = outcome.cost_of_goods_rp
    sale.settled_on, sale.settled_by_id, sale.entry_id = on, person.user_id, entry.id
    sale.stage = SaleStage.SETTLED
    session.flush()
    stock_lots.settled(session, sale.id)
    claims.set_off_sale(session, sale.id, on=on)


def _freeze_parts(session: Session, parts: Lines, outcome: Settlement) -> None:
    """Each line's factor, share and cost into its row, where they are not there yet."""
    shares = map(outcome.share_rp.get, parts.numbers)
    bore = map(outcome.cost_rp.get, parts.numbers)
    kept: Any = {
        "factor_bp": (parts.kept_bp, parts.factors_bp),
        "share_rp": (parts.shares_rp, shares),
        "cost_rp": (parts.costs_rp, bore),
    }
    for column, (was, now) in kept.items():
        rows = zip(parts.allotment_ids, was, now, strict=True)
        db.set_many(session, Allotment, column, {key: new for key, old, new in rows if new != old})


def _write_slips(session: Session, sale: Sale, member_rp: Mapping[int, int], *, on: date) -> None:
    if not member_rp:
        return
    count, act_id = len(member_rp), session.info["act_id"]
    taken, new = numbers.take_each(session, "SLIP", on.year, count), codes.new_many(count)
    slips = [
        {
            "number": number,
            "code": code,
            "sale_id": sale.id,
            "member_id": member_id,
            "net_value_rp": net_value_rp,
            "act_id": act_id,
        }
        for number, code, (member_id, net_value_rp) in zip(
            taken, new, sorted(member_rp.items()), strict=True
        )
    ]
    session.connection().execute(insert(SQLModel.metadata.tables["slip"]), slips)


def _postings(sale: Sale, outcome: Settlement) -> list[Posting]:
    """The buyer owes the gross; it is owed to the members, to the costs and to the cooperative."""
    postings = [Posting(BUYERS_OWE, debit_rp=outcome.gross_rp, buyer_id=sale.buyer_id)]
    postings += [
        Posting(OWED_TO_MEMBERS, credit_rp=net_value_rp, member_id=member_id)
        for member_id, net_value_rp in sorted(outcome.member_rp.items())
    ]
    postings.append(Posting(SALE_FEE, credit_rp=outcome.fee_rp))
    postings.append(Posting(OWED_SALE_COSTS, credit_rp=outcome.costs_rp))
    return _of_something(postings)


def _own_postings(sale: Sale, outcome: Settlement) -> list[Posting]:
    """The buyer owes the gross, which the cooperative earns; the goods leave its stock."""
    cost_rp = outcome.cost_of_goods_rp
    return _of_something(
        [
            Posting(BUYERS_OWE, debit_rp=outcome.gross_rp, buyer_id=sale.buyer_id),
            Posting(GOODS_SOLD, credit_rp=outcome.gross_rp),
            Posting(COST_OF_GOODS, debit_rp=cost_rp),
            Posting(STOCK, credit_rp=cost_rp),
            Posting(SELLING_COSTS, debit_rp=outcome.costs_rp),
            Posting(OWED_SALE_COSTS, credit_rp=outcome.costs_rp),
        ]
    )


def _of_something(postings: Sequence[Posting]) -> list[Posting]:
    return [posting for posting in postings if posting.debit_rp or posting.credit_rp]


@dataclass(frozen=True)
class Statement:
    """One sale as a whole; `outcome` is None where `why_not` says why it cannot be reckoned yet.

    `slips` are those that stand, `payments` all that were written down, also reversed ones; `borne`
    is what each delivery bears of the costs by weight and by sacks.
    """

    sale: Sale
    buyer: Buyer
    product: Product
    parts: Sequence[PooledDelivery]
    costs: Sequence[SaleCost]
    slips: Sequence[tuple[Slip, Member]]
    payments: Sequence[BuyerPayment]
    outcome: Settlement | None
    why_not: Refusal | None
    settled_by: str
    borne: Mapping[str, Sequence[Borne]]

    @property
    def received_rp(self) -> int:
        """What the buyer has paid so far, less what was taken back."""
        return sum(one.amount_rp for one in self.payments if one.reversed_on is None)

    @property
    def own_goods(self) -> bool:
        """Whether the goods are the cooperative's own (beli putus)."""
        return self.sale.mode is SaleMode.OUTRIGHT

    @property
    def owed_rp(self) -> int:
        """What the buyer still owes; nothing before the settlement."""
        return (self.sale.gross_rp or 0) - self.received_rp


def statement(session: Session, sale_id: int) -> Statement:
    """One sale with its goods, costs, shares, slips and payments; settled, as it was frozen."""
    access.require(session, Action.SALES_SEE)
    sale = session.get(Sale, sale_id)
    if sale is None:
        raise UnknownSale
    parts = pooled(session, sale)
    found = costs(session, sale_id)
    outcome, why_not = _outcome(session, sale, parts)
    settler = None if sale.settled_by_id is None else session.get(AppUser, sale.settled_by_id)
    return Statement(
        sale=sale,
        buyer=session.get_one(Buyer, sale.buyer_id),
        product=session.get_one(Product, sale.product_id),
        parts=parts,
        costs=found,
        slips=_slips(session, sale_id),
        payments=payments(session, sale_id),
        outcome=outcome,
        why_not=why_not,
        settled_by="" if settler is None else settler.name,
        borne={} if sale.mode is SaleMode.OUTRIGHT else borne(session, parts, found),
    )


def _outcome(
    session: Session, sale: Sale, parts: Sequence[PooledDelivery]
) -> tuple[Settlement | None, Refusal | None]:
    if sale.stage is SaleStage.SETTLED:
        return frozen(sale, parts), None
    try:
        return reckon(session, sale, parts), None
    except Refusal as refusal:  # an open sale is looked at long before it can be settled
        return None, refusal


def _slips(session: Session, sale_id: int) -> list[tuple[Slip, Member]]:
    query = (
        select(Slip, Member)
        .join(Member, col(Member.id) == col(Slip.member_id))
        .where(Slip.sale_id == sale_id, col(Slip.voided_on).is_(None))
        .order_by(col(Slip.id))
    )
    return [(slip, member) for slip, member in session.exec(query).all()]


def payments(session: Session, sale_id: int, *, standing: bool = False) -> Sequence[BuyerPayment]:
    """What the buyer paid for a sale; `standing` leaves out what was reversed."""
    query = select(BuyerPayment).where(BuyerPayment.sale_id == sale_id)
    if standing:
        query = query.where(col(BuyerPayment.reversed_on).is_(None))
    return session.exec(query.order_by(col(BuyerPayment.id))).all()
