"""Advances: money at delivery (panjar), before the goods are sold, and its being taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlmodel import Session, col, func, select

from kopprod.domain import advances as rules
from kopprod.domain import money
from kopprod.domain.access import Action
from kopprod.domain.ledger import MEMBERS_OWE, Posting
from kopprod.domain.payouts import ACCOUNTS, DeductionKind
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.domain.words import tidy
from kopprod.services import (
    access,
    codes,
    cooperative,
    ledger,
    measures,
    numbers,
    pricing,
    products,
    sent,
    stock,
)
from kopprod.services.payments import check_money
from kopprod.services.references import touch_delivery
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.ledger import Line
from kopprod.tables.members import Member
from kopprod.tables.payouts import Advance
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.stock import StockLot

ADVANCES = ACCOUNTS[DeductionKind.ADVANCE]
_NUMBERS = "PANJAR"


@dataclass(frozen=True)
class Paid:
    """An advance with what it was for."""

    advance: Advance
    delivery: Delivery
    member: Member
    product: str
    unit: BaseUnit


def worth(session: Session, delivery_id: int) -> rules.Worth:
    """The most that can be paid for a delivery in advance; refuses where no price is known."""
    access.require(session, Action.SLIPS_PAY)
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:
        raise rules.NoSuchDelivery
    return _worth(session, delivery)


def _worth(session: Session, delivery: Delivery) -> rules.Worth:
    product = session.get_one(Product, delivery.product_id)
    by_rule_rp = _by_rule_rp(session, delivery, product)
    worth_rp = by_rule_rp if by_rule_rp is not None else _by_sale_rp(session, delivery, product)
    if worth_rp is None:
        raise rules.NoPriceKnown(product=product.name)
    return rules.Worth(
        worth_rp,
        by_rule_rp is not None,
        cooperative.whole(session, "advance_most_bp"),
        _had_rp(session, delivery.id),
    )


def _by_rule_rp(session: Session, delivery: Delivery, product: Product) -> int | None:
    values = measures.measured(session, [delivery.id]).get(delivery.id, {})
    try:
        priced = pricing.price(
            session,
            product.id,
            grade_id=delivery.grade_id,
            values=values,
            on=delivery.received_on,
        )
    except Refusal:  # no rule, or one that cannot price it: then the last sale says
        return None
    per = products.price_per(session, product, on=delivery.received_on)
    return money.amount_rp(priced.paid_weight(delivery.net), priced.price_e4, per)


def _by_sale_rp(session: Session, delivery: Delivery, product: Product) -> int | None:
    """By the last settled sale: its price, counted as the grade counts."""
    query = select(Sale).where(Sale.product_id == product.id, Sale.stage == SaleStage.SETTLED)
    last = session.exec(query.order_by(col(Sale.sold_on).desc(), col(Sale.id).desc())).first()
    if last is None:
        return None
    factor_bp = products.factor_bp(session, delivery.grade_id, on=delivery.received_on)
    per = products.price_per(session, product, on=last.sold_on)
    graded = money.round_half_up(Fraction(delivery.net * factor_bp, money.BP))
    return money.amount_rp(graded, last.price_e4, per)


def _had_rp(session: Session, delivery_id: int) -> int:
    query = select(func.coalesce(func.sum(Advance.amount_rp), 0)).where(
        Advance.delivery_id == delivery_id, col(Advance.reversed_on).is_(None)
    )
    return int(session.exec(query).one())


def pay(
    session: Session,
    delivery_id: int,
    *,
    amount_rp: int,
    account: str,
    on: date,
    draft_key: str | None = None,
) -> Advance:
    """Pay money in advance for a delivery that lies in store, out of cash (1101) or bank (1103).

    Refuses goods that were bought outright, taken back or settled, more than the cooperative's
    part of what they are worth, all advances together, and goods of which no price is known. The
    same `draft_key` again gives the advance that is there.
    """
    access.require(session, Action.SLIPS_PAY)
    check_money(account)
    numbers.wait_turn(session, _NUMBERS, on.year)
    delivery = _lock_delivery(session, delivery_id)
    facts = {"delivery_id": delivery_id, "amount_rp": amount_rp, "account_code": account}
    known = sent.same(session, Advance, draft_key, facts, delivery.number)
    if known is not None:
        return known
    _check_may_have(session, delivery, on=on)
    if amount_rp <= 0:
        raise rules.NothingAdvanced
    limit = _worth(session, delivery)
    if amount_rp > limit.most_rp:
        raise rules.TooMuchAdvanced(
            most_rp=limit.most_rp,
            number=delivery.number,
            most_bp=limit.most_bp,
            worth_rp=limit.worth_rp,
            had_rp=limit.had_rp,
        )
    return _write(session, delivery, amount_rp, account=account, on=on, draft_key=draft_key)


def _lock_delivery(session: Session, delivery_id: int) -> Delivery:
    delivery = session.get(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    standing = select(Delivery.id).where(Delivery.id == delivery_id, stock.standing())
    if delivery is None or session.exec(standing).first() is None:
        raise rules.NoSuchDelivery
    return delivery


def _check_may_have(session: Session, delivery: Delivery, *, on: date) -> None:
    bought = select(Buying.id).where(
        Buying.delivery_id == delivery.id, col(Buying.reversed_on).is_(None)
    )
    if session.exec(bought).first() is not None:
        raise rules.BoughtOutright(number=delivery.number)
    settled = (
        select(Sale.number)
        .join(Allotment, col(Allotment.sale_id) == Sale.id)
        .where(
            Allotment.delivery_id == delivery.id,
            Sale.stage == SaleStage.SETTLED,
            Sale.mode == SaleMode.POOL,
        )
    )
    number = session.exec(settled).first()
    if number is not None:
        raise rules.SettledAlready(number=delivery.number, sale=number)
    if on < delivery.received_on:
        raise rules.BeforeDelivery(number=delivery.number, received_on=delivery.received_on)


def _write(
    session: Session,
    delivery: Delivery,
    amount_rp: int,
    *,
    account: str,
    on: date,
    draft_key: str | None,
) -> Advance:
    entry = ledger.post(
        session,
        on=on,
        memo=N_("An advance for a delivery"),
        paper=f"delivery:{delivery.id}",
        postings=[
            Posting(ADVANCES, debit_rp=amount_rp, member_id=delivery.member_id),
            Posting(account, credit_rp=amount_rp),
        ],
    )
    row = Advance(
        number=numbers.take(session, _NUMBERS, on.year),
        code=codes.new(),
        delivery_id=delivery.id,
        member_id=delivery.member_id,
        amount_rp=amount_rp,
        paid_on=on,
        account_code=account,
        entry_id=entry.id,
        draft_key=draft_key,
    )
    session.add(row)
    session.flush()
    return row


def check_none(session: Session, delivery: Delivery) -> None:
    """Refuse goods with an advance: they are sold for the member and not bought from her."""
    had_rp = _had_rp(session, delivery.id)
    if had_rp:
        raise rules.HasAdvance(number=delivery.number, amount_rp=had_rp)


def reverse(session: Session, advance_id: int, *, reason: str, on: date) -> Advance:
    """Take a wrong advance back: the money is in the box or bank again.

    Refuses without a reason, a second time, an earlier day, and what a payout has taken already.
    """
    access.require(session, Action.SLIPS_PAY)
    why = tidy(reason)[:300]
    if not why:
        raise rules.ReasonNeeded
    row = session.get(Advance, advance_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise rules.UnknownAdvance
    if row.reversed_on is not None:
        raise rules.AdvanceReversed(number=row.number, reversed_on=row.reversed_on)
    if on < row.paid_on:
        raise rules.BeforeAdvance(number=row.number, paid_on=row.paid_on)
    numbers.wait_turn(session, ledger.COUNTER)
    if _open_rp(session, row.member_id) < row.amount_rp:
        raise rules.AdvanceUsed(number=row.number)
    row.reversal_entry_id = ledger.reverse(session, row.entry_id, on=on, memo=why).id
    row.reversed_on = on
    session.flush()
    touch_delivery(session, row.delivery_id)  # the comparison counted it as not waited for
    return row


def take_back(session: Session, delivery: Delivery, *, on: date) -> None:
    """The goods of an advance were taken back: what she had for them she owes (1124).

    Part of `deliveries.reverse`, which asks for the permission and holds the delivery. What a
    payout took already, before its settlement was taken back, she owes by that.
    """
    rows = lock(session, delivery.id)
    if not rows:
        return
    numbers.wait_turn(session, ledger.COUNTER)
    for row in rows:
        open_rp = min(row.amount_rp, _open_rp(session, row.member_id))
        if open_rp > 0:
            row.reversal_entry_id = _owe(session, row, open_rp, on=on)
            row.reversed_on = on
            session.flush()


def lock(session: Session, delivery_id: int) -> Sequence[Advance]:
    """The advances of a delivery that stand, held until the transaction ends."""
    query = select(Advance).where(
        Advance.delivery_id == delivery_id, col(Advance.reversed_on).is_(None)
    )
    query = query.order_by(col(Advance.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all()


def _owe(session: Session, row: Advance, amount_rp: int, *, on: date) -> int:
    entry = ledger.post(
        session,
        on=on,
        memo=N_("An advance for goods that were taken back"),
        paper=f"delivery:{row.delivery_id}",
        postings=[
            Posting(MEMBERS_OWE, debit_rp=amount_rp, member_id=row.member_id),
            Posting(ADVANCES, credit_rp=amount_rp, member_id=row.member_id),
        ],
    )
    return entry.id


def _open_rp(session: Session, member_id: int) -> int:
    """What is open of all her advances; an officer who takes goods back may not see her books."""
    moved = func.coalesce(func.sum(col(Line.debit_rp) - col(Line.credit_rp)), 0)
    query = select(moved).where(Line.account_code == ADVANCES, Line.member_id == member_id)
    return int(session.exec(query).one())


def advances(
    session: Session, *, member_id: int | None = None, newest: int | None = None
) -> list[Paid]:
    """Advances, newest first, or so many; a plain member gets her own and is refused another's."""
    member_id = access.whose(session, member_id, all_see=Action.SLIPS_SEE_ALL)
    query: Any = (
        select(Advance, Delivery, Member, Product.name, Product.base_unit)  # type: ignore[call-overload]
        .join(Delivery, col(Delivery.id) == Advance.delivery_id)
        .join(Member, col(Member.id) == Advance.member_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .order_by(col(Advance.id).desc())
        .limit(newest)
    )
    if member_id is not None:
        query = query.where(Advance.member_id == member_id)
    return [Paid(*row) for row in session.exec(query).all()]


def may_have(session: Session) -> Sequence[tuple[Delivery, Member, Grade, Product]]:
    """Deliveries that could have an advance: the member's own goods, not settled yet, newest."""
    access.require(session, Action.SLIPS_PAY)
    bought = select(Buying.id).where(
        Buying.delivery_id == Delivery.id, col(Buying.reversed_on).is_(None)
    )
    settled = (
        select(Allotment.id)
        .join(Sale, col(Sale.id) == Allotment.sale_id)
        .where(Allotment.delivery_id == Delivery.id, Sale.stage == SaleStage.SETTLED)
    )
    query = (
        select(Delivery, Member, Grade, Product)
        .join(Member, col(Member.id) == Delivery.member_id)
        .join(Grade, col(Grade.id) == Delivery.grade_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .where(
            col(Delivery.id).in_(select(StockLot.delivery_id)), ~bought.exists(), ~settled.exists()
        )
        .order_by(col(Delivery.received_on).desc(), col(Delivery.id).desc())
    )
    return list(session.exec(query).all())
