"""Leftovers of purchases in the cooperative's stock: at cost, sold to members later, or lost."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlmodel import Session, col, func, select

from kopprod.domain.access import Action
from kopprod.domain.ledger import STOCK_LOSS, SUPPLIES, SUPPLY_FEE, Posting
from kopprod.domain.money import MOST_RP, round_half_up
from kopprod.domain.purchase_payments import check_limit
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, ledger, numbers, sent, subsidies, yarnen
from kopprod.services.payments import check_money
from kopprod.services.yarnen import INPUTS
from kopprod.tables.members import Member
from kopprod.tables.purchases import Article, Purchase, SupplyLot, SupplySale

_NUMBERS = "STOK"


class UnknownLot(Refusal):
    """No leftover of that key."""

    sentence = N_("This is not in stock. Go back to the list of what is left.")


class MoreThanLeft(Refusal):
    """More than there is in stock."""

    sentence = N_("Only {left} of {name} is left in stock.")


class NothingTaken(Refusal):
    """Less than one portion."""

    sentence = N_("Write how much is taken out of stock.")


class PriceAbsurd(Refusal):
    """A price below nothing or beyond reason."""

    sentence = N_("{amount_rp} cannot be right. Please look at it again.")


class LossUnsaid(Refusal):
    """A loss that nobody will understand next year."""

    sentence = N_("Write why it is lost.")


class BeforeKept(Refusal):
    """Something sold before it was there."""

    sentence = N_("It is in stock since {kept_on}. Choose that day or a later one.")


@dataclass(frozen=True)
class Left:
    """A leftover lot with what is still there of it, at cost."""

    lot: SupplyLot
    article: Article
    purchase: Purchase
    quantity: int
    cost_rp: int

    @property
    def shown(self) -> Quantity:
        """What is there, as people read it."""
        return Quantity(self.quantity * self.article.portion, self.article.base_unit)


def stock(session: Session) -> list[Left]:
    """All leftovers that are there, by article and age."""
    access.require(session, Action.PURCHASES_HAND_OUT)
    return [found for found in _stock(session) if found.quantity]


def _stock(session: Session, lot_id: int | None = None) -> list[Left]:
    query = (
        select(SupplyLot, Article, Purchase)
        .join(Article, col(Article.id) == col(SupplyLot.article_id))
        .join(Purchase, col(Purchase.id) == col(SupplyLot.purchase_id))
        .order_by(col(Article.name), col(SupplyLot.id))
    )
    if lot_id is not None:
        query = query.where(SupplyLot.id == lot_id)
    gone = _gone(session)
    return [
        Left(lot, article, purchase, lot.quantity - out, lot.cost_rp - cost_rp)
        for lot, article, purchase in session.exec(query).all()
        for out, cost_rp in [gone.get(lot.id, (0, 0))]
    ]


def _gone(session: Session) -> dict[int, tuple[int, int]]:
    """Portions and cost that left each lot."""
    query = select(
        SupplySale.lot_id, func.sum(SupplySale.quantity), func.sum(SupplySale.cost_rp)
    ).group_by(col(SupplySale.lot_id))
    return {lot_id: (int(out), int(cost)) for lot_id, out, cost in session.exec(query).all()}


def sell(
    session: Session,
    lot_id: int,
    *,
    member_id: int,
    quantity: int,
    amount_rp: int,
    account: str | None,
    on: date,
    draft_key: str | None = None,
) -> SupplySale:
    """Sell portions of a leftover to a member: for cash or bank, or (no account) onto her 1109.

    Refuses more than is there, onto 1109 what takes her over her limit, and of subsidised goods
    what is above her entitlement or the ceiling. The same `draft_key` again gives the sale that is
    there.
    """
    access.require(session, Action.MONEY_MOVE)
    if account is not None:
        check_money(account)
    if not 0 <= amount_rp <= MOST_RP:
        raise PriceAbsurd(amount_rp=amount_rp)
    numbers.wait_turn(session, _NUMBERS, on.year)
    facts: dict[str, object] = {"lot_id": lot_id, "member_id": member_id, "quantity": quantity}
    facts |= {"amount_rp": amount_rp, "account_code": account}
    known = sent.same(session, SupplySale, draft_key, facts)
    if known is not None:
        return known
    found = _take(session, lot_id, quantity, on=on)
    article, season = found.article, found.purchase.season
    subsidies.check_want(session, article, member_id, season, quantity * article.portion, on)
    subsidies.check_bill(session, article, cost_rp=amount_rp, portions=quantity, on=on)
    if account is None:
        numbers.wait_turn(session, ledger.COUNTER)
        check_limit(
            asked_rp=amount_rp,
            owed_rp=ledger.balance_rp(session, INPUTS, member_id=member_id),
            limit_rp=yarnen.limit_rp(session, member_id),
            name=session.get_one(Member, member_id).name,
        )
    spent_rp = cost_rp(found, quantity)
    number = numbers.take(session, _NUMBERS, on.year)
    paid = Posting(account or INPUTS, debit_rp=amount_rp, member_id=None if account else member_id)
    entry_id = _post(session, number, paid, amount_rp, spent_rp, on=on)
    row = SupplySale(
        number=number,
        lot_id=lot_id,
        member_id=member_id,
        quantity=quantity,
        amount_rp=amount_rp,
        cost_rp=spent_rp,
        sold_on=on,
        account_code=account,
        entry_id=entry_id,
        draft_key=draft_key,
    )
    session.add(row)
    session.flush()
    return row


def lose(
    session: Session,
    lot_id: int,
    *,
    quantity: int,
    reason: str,
    on: date,
    draft_key: str | None = None,
) -> SupplySale:
    """Write off portions of a leftover that spoiled or are gone, and why."""
    access.require(session, Action.PURCHASES_CHANGE)
    why = tidy(reason)[:200]
    if not why:
        raise LossUnsaid
    numbers.wait_turn(session, _NUMBERS, on.year)
    known = sent.same(session, SupplySale, draft_key, {"lot_id": lot_id, "quantity": quantity})
    if known is not None:
        return known
    found = _take(session, lot_id, quantity, on=on)
    spent_rp = cost_rp(found, quantity)
    number = numbers.take(session, _NUMBERS, on.year)
    row = SupplySale(
        number=number,
        lot_id=lot_id,
        quantity=quantity,
        amount_rp=0,
        cost_rp=spent_rp,
        sold_on=on,
        reason=why,
        entry_id=_post(session, number, None, 0, spent_rp, on=on),
        draft_key=draft_key,
    )
    session.add(row)
    session.flush()
    return row


def _take(session: Session, lot_id: int, quantity: int, *, on: date) -> Left:
    lot = session.get(SupplyLot, lot_id, with_for_update=True)
    if lot is None:
        raise UnknownLot
    if quantity <= 0:
        raise NothingTaken
    if on < lot.kept_on:
        raise BeforeKept(kept_on=lot.kept_on)
    found = _stock(session, lot_id)[0]
    if quantity > found.quantity:
        raise MoreThanLeft(left=found.shown, name=found.article.name)
    return found


def cost_rp(found: Left, quantity: int) -> int:
    """Their part of what is left of the cost; the last portions take all of it."""
    return round_half_up(Fraction(found.cost_rp * quantity, found.quantity))


def _post(
    session: Session, number: str, paid: Posting | None, amount_rp: int, cost_rp: int, *, on: date
) -> int | None:
    over_rp = amount_rp - cost_rp
    postings = [
        *([paid] if paid is not None and amount_rp else []),
        *([Posting(SUPPLIES, credit_rp=cost_rp)] if cost_rp else []),
        *([Posting(SUPPLY_FEE, credit_rp=over_rp)] if over_rp > 0 else []),
        *([Posting(STOCK_LOSS, debit_rp=-over_rp)] if over_rp < 0 else []),
    ]
    if not postings:
        return None
    memo = N_("Sold from what was left of a purchase") if paid else N_("Left over and lost")
    entry = ledger.post(session, on=on, memo=memo, paper=f"supply:{number}", postings=postings)
    return entry.id
