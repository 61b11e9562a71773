"""Whatever is bought together, paid, waited for, sold off and taken back again: it adds up.

A season has two purchases of three articles (one subsidised, one in packs of two sizes) from two
suppliers, whose steps are tried in a good order, and all that may happen beside in any order.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from sqlmodel import Session, col, func, select

from kopprod import db
from kopprod.domain import handing_out
from kopprod.domain.access import SYSTEM
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.ledger import ABOVE_CEILING, BANK, CASH, SUPPLIES, Posting
from kopprod.domain.members import MemberStatus
from kopprod.domain.money import E4
from kopprod.domain.packs import Rounding
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import Refusal
from kopprod.domain.sales import SaleStage
from kopprod.domain.subsidies import Fertiliser, ceiling_e4
from kopprod.domain.tiers import Freight, Tier
from kopprod.services import (
    articles,
    bill_payments,
    check,
    deductions,
    deposits,
    hand_outs,
    ledger,
    payouts,
    purchase_bills,
    purchase_goods,
    purchase_rows,
    purchase_terms,
    purchases,
    reversals,
    slips,
    subsidies,
    supplier_invoices,
    suppliers,
    supplies,
    wants,
    yarnen,
)
from kopprod.services.purchase_goods import Came
from kopprod.services.purchase_terms import Offered
from kopprod.services.supplier_invoices import ClaimEnd
from kopprod.tables.members import Member
from kopprod.tables.purchase_bills import PurchaseBorne
from kopprod.tables.purchases import (
    Article,
    Deposit,
    Purchase,
    PurchaseBill,
    PurchaseShare,
    Supplier,
    SupplierInvoice,
    SupplyLot,
)
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip
from tests import make
from tests.databases import COOP, Postgresql, Sqlite
from tests.seasons import DAY
from tests.test_laws import every_change_has_an_act
from tests.test_purchases_money import harvest, sold_by

# A few with every run; KOPPROD_SEASONS=100 plays a hundred.
EXAMPLES = int(os.environ.get("KOPPROD_SEASONS", "2"))
SEASON, UNTIL = "2026 MT1", DAY + timedelta(days=9)
NAMES = ("Ayu", "Budi", "Citra", "Dewi", "Eka")
KG = 1_000
Row = TypeVar("Row")


@dataclass
class Dice:
    """What one move may ask for: a session, and chances that a seed makes the same each time."""

    session: Session
    chance: Random

    def row(self, table: type[Row], *where: Any) -> Row | None:
        """Any row of a table."""
        key = col(table.id)  # type: ignore[attr-defined]
        ids = self.session.exec(select(key).where(*where).order_by(key)).all()
        return self.session.get(table, self.chance.choice(ids)) if ids else None

    def rp(self, about_rp: int = 500_000) -> int:
        """Mostly something that could be meant, or exactly `about_rp`."""
        return self.chance.choice(
            (about_rp, about_rp, about_rp // 2, about_rp // 3, self.chance.randint(1, 300_000), 0)
        )

    def money(self) -> str:
        return self.chance.choice((CASH, BANK))


def found(session: Session) -> None:
    """Money, five members, of whom four stand in the e-RDKK, three articles, two suppliers."""
    ledger.open_chart(session)
    balances = [Posting(CASH, debit_rp=9_000_000), Posting(BANK, debit_rp=60_000_000)]
    ledger.open_balances(session, on=DAY, balances=[*balances, Posting("35", credit_rp=69_000_000)])
    sold_by(session)
    urea = articles.add_article(
        session, name="Urea bersubsidi", base_unit=BaseUnit.GRAM, portion=50 * KG,
        portion_word="karung", fertiliser=Fertiliser.UREA,
    )  # fmt: skip
    for name, portion, word in (("Jagung", KG, "kg"), ("Benang", 5 * KG, "bal")):
        articles.add_article(
            session, name=name, base_unit=BaseUnit.GRAM, portion=portion, portion_word=word
        )
    for name in NAMES:
        member = make.member(session, name)
        if name != "Eka":
            subsidies.entitle(
                session, member_id=member.id, season=SEASON, fertiliser=Fertiliser.UREA,
                grams=30 * urea.portion,
            )  # fmt: skip
    for name in ("UD Tani", "CV Subur"):
        suppliers.add_supplier(session, name=name)


# One purchase, step by step


def prepare(dice: Dice) -> None:
    chance, session = dice.chance, dice.session
    facts = purchases.Facts(
        title="Belanja", until=UNTIL, rounding=chance.choice(list(Rounding)),
        filling_on=chance.choice((None, DAY)), sharing=chance.choice(list(SharingRule)),
        freight_by=chance.choice(list(FreightBy)), fee_bp=chance.choice((0, 100, 250, 10_000)),
        most_parts=chance.choice((0, 1, 3)), season=SEASON,
    )  # fmt: skip
    purchase_id = purchases.add_purchase(session, facts, on=DAY).id
    packs = {"Urea bersubsidi": (1,), "Jagung": (10, 25), "Benang": (1, 6)}
    first_rp = {"Urea bersubsidi": 87_000, "Jagung": 15_000, "Benang": 240_000}
    sellers = session.exec(select(Supplier.id)).all()
    for article in session.exec(select(Article).order_by(col(Article.id))).all():
        purchase_terms.put_article(
            session, purchase_id, article_id=article.id, shop_e4=first_rp[article.name] * 12_000,
            stock_most=chance.choice((0, 2, 20)),
        )  # fmt: skip
        for pack in packs[article.name]:
            price_rp = pack * first_rp[article.name] * chance.randint(90, 100) // 100
            tiers = [Tier(1, 9, price_rp), Tier(10, None, price_rp * 95 // 100)]
            purchase_terms.add_offer(
                session, purchase_id, supplier_id=chance.choice(sellers), article_id=article.id,
                offered=Offered(pack, tiers, chance.choice((1, 1, 2))),
            )  # fmt: skip
    for row in purchase_rows.suppliers_of(session, purchase_id):
        freight = Freight(chance.choice((0, 7_001, 40_000)), chance.choice((0, 500)))
        purchase_terms.put_supplier(
            session, purchase_id, supplier_id=row.supplier_id, freight=freight,
            least_packs=chance.choice((0, 0, 3)),
        )  # fmt: skip
    purchases.open_purchase(session, purchase_id, on=DAY)


def newest(dice: Dice) -> int:
    """The purchase of which most is tried; sometimes the other one."""
    ids = dice.session.exec(select(Purchase.id).order_by(col(Purchase.id))).all()
    return ids[-1] if dice.chance.random() < 0.9 else ids[0]


def want(dice: Dice) -> None:
    member, article = dice.row(Member), dice.row(Article)
    assert member
    assert article
    dear_e4 = dice.chance.choice((None, None, None, 95_000 * E4, 14_000 * E4))
    purchases.want(
        dice.session, newest(dice), article_id=article.id, member_id=member.id,
        firm=dice.chance.randint(0, 14), tolerance=dice.chance.choice((0, 0, 3, 9, -1)),
        highest_e4=dear_e4, on=dice.chance.choice((DAY, DAY, UNTIL)), at=make.AT,
    )  # fmt: skip


def hold(dice: Dice) -> None:
    member = dice.row(Member)
    assert member
    deposits.take(
        dice.session, newest(dice), member.id, amount_rp=dice.rp(), account=dice.money(), on=DAY
    )


def lock(dice: Dice) -> None:
    rule = dice.chance.choice((None, *SharingRule))
    purchases.lock(dice.session, newest(dice), sharing=rule)


def reopen(dice: Dice) -> None:
    purchases.reopen(dice.session, newest(dice), until=UNTIL, on=DAY)


def order(dice: Dice) -> None:
    purchase_goods.order_out(dice.session, newest(dice), on=DAY)


def receive(dice: Dice) -> None:
    chance, purchase_id = dice.chance, newest(dice)
    lines = purchase_goods.order_lines(dice.session, purchase_id)
    waits = sorted({one.supplier.id for one in lines if one.line.good is None})
    supplier_id = chance.choice(waits or [99])
    mine = [one for one in lines if one.supplier.id == supplier_id]
    came = {}
    for one in mine:
        good = one.ordered * chance.choice((100, 100, 100, 110, 60, 0)) // 100
        damaged = chance.choice((0, 0, 1, one.ordered - good if one.ordered > good else 0))
        asked_rp = one.ordered_rp * chance.choice((100, 100, 103, 97, 0)) // 100
        came[one.line.id] = Came(good, damaged, asked_rp)
    freight_rp = chance.choice((0, 7_001, 40_000, 90_000))
    purchase_goods.receive(
        dice.session, purchase_id, supplier_id, came=came, freight_rp=freight_rp, on=DAY
    )


def share(dice: Dice) -> None:
    purchase_id, chance = newest(dice), dice.chance
    by_hand = {}
    if chance.random() < 0.4:
        by_hand = {
            one.article.id: {
                each.asked.member_id: chance.randint(0, each.asked.most) for each in one.outcomes
            }
            for one in purchase_goods.shared(dice.session, purchase_id)
        }
    rule = chance.choice((None, *SharingRule))
    purchase_goods.redistribute(dice.session, purchase_id, rule=rule, by_hand=by_hand)


def bill(dice: Dice) -> None:
    purchase_bills.make(dice.session, newest(dice), on=DAY)


def cancel(dice: Dice) -> None:
    purchases.cancel(dice.session, newest(dice), reason="Batal")


def close(dice: Dice) -> None:
    hand_outs.close(dice.session, newest(dice))


# Beside


def pay(dice: Dice) -> None:
    row = dice.row(PurchaseBill)
    if row:
        left_rp = bill_payments.left_of(dice.session, row)
        bill_payments.pay(
            dice.session, row.id, amount_rp=dice.rp(left_rp), account=dice.money(), on=DAY
        )


def let_wait(dice: Dice) -> None:
    row = dice.row(PurchaseBill, PurchaseBill.parts == 0)
    if row:
        left_rp = bill_payments.left_of(dice.session, row)
        parts = dice.chance.randint(1, 3)
        bill_payments.let_wait(
            dice.session, row.id, amount_rp=dice.rp(left_rp), parts=parts, on=DAY
        )


def hand_out(dice: Dice) -> None:
    row = dice.row(PurchaseBill)
    if row:
        hand_outs.hand_out(dice.session, row.id, to=dice.chance.choice((None, None, "Pak RT", "")))


def give_back(dice: Dice) -> None:
    row = dice.row(Deposit)
    if row:
        deposits.give_back(dice.session, row.id, on=DAY)


def end_claim(dice: Dice) -> None:
    row = dice.row(SupplierInvoice)
    if row:
        end = dice.chance.choice(list(ClaimEnd))
        supplier_invoices.end_claim(dice.session, row.id, end=end, on=DAY, account=dice.money())


def pay_supplier(dice: Dice) -> None:
    row = dice.row(SupplierInvoice)
    if row:
        supplier_invoices.pay(dice.session, row.id, account=dice.money(), on=DAY)


def sell(dice: Dice) -> None:
    lot, member = dice.row(SupplyLot), dice.row(Member)
    if lot and member:
        supplies.sell(
            dice.session, lot.id, member_id=member.id, quantity=dice.chance.randint(1, 4),
            amount_rp=dice.rp(lot.cost_rp // lot.quantity), on=DAY,
            account=dice.chance.choice((None, CASH)),
        )  # fmt: skip


def lose(dice: Dice) -> None:
    lot = dice.row(SupplyLot)
    if lot:
        many = dice.chance.randint(1, lot.quantity)
        supplies.lose(dice.session, lot.id, quantity=many, reason="Basah", on=DAY)


def limit(dice: Dice) -> None:
    member = dice.row(Member)
    assert member
    limit_rp = dice.chance.choice((None, 0, 500_000, 9_000_000))
    yarnen.keep_limit(dice.session, member.id, limit_rp=limit_rp)


def settle(dice: Dice) -> None:
    member = dice.row(Member)
    assert member
    harvest(dice.session, member.id, {"product": 1, "grade": 1, "buyer": 1})


def pay_slip(dice: Dice) -> None:
    row = dice.row(Slip, col(Slip.voided_on).is_(None), col(Slip.paid_on).is_(None))
    if row:
        slips.pay(dice.session, row.id, account=BANK, on=DAY)


def take_back(dice: Dice) -> None:
    sale = dice.row(Sale, Sale.stage == SaleStage.SETTLED)
    if sale:
        reversals.reverse_settlement(dice.session, sale.id, reason="Salah timbang", on=DAY)


def money_back(dice: Dice) -> None:
    row = dice.row(Slip, col(Slip.paid_on).is_not(None))
    if row:
        reversals.return_payout(dice.session, row.id, reason="Salah rekening", on=DAY)


def leave(dice: Dice) -> None:
    member = dice.row(Member)
    if member and dice.chance.random() < 0.2:
        member.status, member.left_on = MemberStatus.LEFT, DAY


def entitle(dice: Dice) -> None:
    member = dice.row(Member)
    assert member
    grams = dice.chance.choice((0, 4, 30, 60)) * 50 * KG
    subsidies.entitle(
        dice.session, member_id=member.id, season=SEASON, fertiliser=Fertiliser.UREA, grams=grams
    )


Move = Callable[[Dice], None]
BESIDE: Sequence[Move] = (
    pay, pay, let_wait, let_wait, hand_out, hand_out, hand_out, give_back, end_claim, pay_supplier,
    sell, sell, lose, limit, settle, settle, pay_slip, pay_slip, take_back, money_back, leave,
    close,
)  # fmt: skip
EARLY: Sequence[Move] = (want, want, want, hold, give_back, lock, reopen, entitle, settle, cancel)
STEPS: Sequence[Move] = (lock, order, receive, receive, share, bill)


def script(chance: Random) -> list[Move]:
    """The moves of one season."""
    moves: list[Move] = []
    for _purchase in range(2):
        moves += [prepare, *[want] * chance.randint(3, 16), *[hold] * chance.randint(0, 3)]
        if chance.random() < 0.3:
            moves += chance.choices(EARLY, k=5)
        for step in STEPS:
            moves.append(step)
            if chance.random() < 0.15:
                moves.append(chance.choice((*BESIDE, *EARLY)))
        moves += chance.choices(BESIDE, k=14)
        if chance.random() < 0.5:
            moves += [*[hand_out] * 12, *[end_claim] * 3, *[pay_supplier] * 3, *[give_back] * 4]
            moves.append(close)
    return moves


def play(seed: int) -> list[str]:
    """A season of this seed; the names of the moves that were accepted."""
    chance = Random(seed)
    with db.writing(COOP, person=SYSTEM, action="test.found", at=make.AT) as session:
        found(session)
    done = []
    for move in script(chance):
        try:
            with db.writing(
                COOP, person=SYSTEM, action=f"test.{move.__name__}", at=make.AT
            ) as session:
                move(Dice(session, chance))
        except Refusal:
            continue  # a rule said no; what it says is tested elsewhere
        done.append(move.__name__)
    return done


# What holds


def total(session: Session, query: Any) -> int:
    return int(session.execute(query).scalar() or 0)


def goods_are_somewhere(session: Session, purchase: Purchase) -> None:
    """Nothing is handed out that did not come, nobody gets more than she wants or would take."""
    came = purchase_goods.came_by_article(session, purchase.id)
    queues = purchase_rows.queues(session, purchase.id)
    for article_id, queue in queues.items():
        shares = session.exec(
            select(PurchaseShare).where(
                PurchaseShare.purchase_id == purchase.id, PurchaseShare.article_id == article_id
            )
        ).all()
        asked = {each.member_id: each for each in handing_out.asked_in(queue)}
        firm = sum(each.firm for each in asked.values())
        assert all(row.quantity <= asked[row.member_id].most for row in shares)
        kept = select(func.sum(SupplyLot.quantity)).where(
            SupplyLot.purchase_id == purchase.id, SupplyLot.article_id == article_id
        )
        assert sum(row.quantity for row in shares) + total(session, kept) <= came.get(article_id, 0)
        for row in shares:
            if came.get(article_id, 0) < firm:  # firm comes before any tolerance
                assert row.computed <= asked[row.member_id].firm


def every_rupiah_is_somewhere(session: Session, purchase: Purchase) -> None:
    """Bills, leftovers and what the cooperative bears are what suppliers are owed, and the fee."""
    mine = {"purchase_id": purchase.id}
    rows = session.exec(select(PurchaseBill).filter_by(**mine)).all()
    lots = session.exec(select(SupplyLot).filter_by(**mine)).all()
    invoices = session.exec(select(SupplierInvoice).filter_by(**mine)).all()
    borne = session.exec(select(PurchaseBorne).filter_by(**mine)).all()
    if rows or lots:
        fees_rp = sum(row.fee_rp for row in rows)
        out_rp = sum(row.bill_rp for row in rows) + sum(row.cost_rp for row in lots)
        out_rp += sum(row.cost_rp for row in borne)
        assert out_rp == sum(row.goods_rp + row.freight_rp for row in invoices) + fees_rp
    for one in purchase_bills.bills(session, purchase.id):
        assert 0 <= one.left_rp <= one.bill.bill_rp - one.bill.deposit_rp
        for line in one.lines:
            if line.article.fertiliser is not None:
                parts = (line.share.goods_rp, line.share.freight_rp, line.share.fee_rp)
                grams = line.share.quantity * line.article.portion
                most_e4 = ceiling_e4(line.article.fertiliser, DAY) * grams
                assert sum(part or 0 for part in parts) * E4 * KG <= most_e4


def nobody_is_above_a_limit(session: Session) -> None:
    """Entitlements are kept, where nobody lowered one after the goods were handed out."""
    for one in subsidies.entitlements(session, season=SEASON):
        assert one.left_g >= 0
    held = sum(one.left_rp for one in deposits.deposits(session))
    assert held == -ledger.balance_rp(session, "2105")
    left_rp = sum(one.cost_rp for one in supplies.stock(session))
    assert ledger.balance_rp(session, SUPPLIES) >= left_rp
    assert ledger.balance_rp(session, ABOVE_CEILING) >= 0
    assert min(ledger.balance_rp(session, CASH), ledger.balance_rp(session, BANK)) >= 0


def everything_can_be_looked_at(session: Session) -> None:
    waiting = [row.slip for row in payouts.unpaid(session)]
    for slip_id, taken in deductions.planned(session, waiting).items():
        worth_rp = session.get_one(Slip, slip_id).net_value_rp
        assert 0 <= sum(each.amount_rp for each in taken) <= worth_rp
    for listed in purchases.purchases(session):
        purchases.plan(session, listed.purchase.id)
        purchase_goods.order_lines(session, listed.purchase.id)
        if listed.purchase.stage is not PurchaseStage.DRAFT:
            wants.standings(session, listed.purchase.id)
            for member_id in session.exec(select(Member.id)).all():
                purchases.view(session, listed.purchase.id, member_id=member_id, on=DAY, at=make.AT)


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_whatever_is_bought_together_the_books_prove(
    databases: Sqlite | Postgresql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    with databases.fresh(tmp_path / "coops") as url:
        monkeypatch.setenv("KOPPROD_DB", url)
        play(seed)
        with db.reading(COOP, person=SYSTEM) as session:
            assert [each.sentence.format(**each.facts) for each in check.problems(session)] == []
            for purchase in session.exec(select(Purchase)).all():
                goods_are_somewhere(session, purchase)
                every_rupiah_is_somewhere(session, purchase)
            nobody_is_above_a_limit(session)
            every_change_has_an_act(session)
            everything_can_be_looked_at(session)
