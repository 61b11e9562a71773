"""Goods of a purchase through the services: ordered, received, shared, billed (WE-11)."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.handing_out import MoreThanCame, ProxyUnnamed, SharingRule
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.purchase_payments import OverCreditLimit
from kopprod.domain.purchase_receipts import CameBelowZero, InvoiceAbsurd
from kopprod.domain.purchases import NothingCame, PurchaseStage
from kopprod.domain.refusal import Refusal
from kopprod.domain.subsidies import AboveCeiling, Fertiliser, NotEntitled
from kopprod.papers import purchases as papers
from kopprod.papers.press import Letterhead
from kopprod.services import (
    codes,
    hand_outs,
    purchase_bills,
    purchase_goods,
    supplier_invoices,
    supplies,
)
from kopprod.services.purchase_goods import Came, FreightBelowZero
from kopprod.services.supplier_invoices import ClaimEnd
from kopprod.tables.purchases import Purchase, PurchaseShare
from kopprod.tables.subsidies import Entitlement
from tests import make
from tests.bought_together import (
    BILLS_RP,
    FREIGHT_RP,
    SACK_RP,
    acting,
    balances,
    bill_all,
    bill_of,
    bring,
    clean,
    stage,
)
from tests.pooled import SACKS, Pool
from tests.seasons import DAY

# member: goods, freight, fee, what the village shop asks
ROWS = {
    "Siti": (1_988_000, 52_027, 19_880, 2_135_000),
    "Budi": (852_000, 22_297, 8_520, 915_000),
    "Made": (3_408_000, 89_189, 34_080, 3_660_000),
    "Yohana": (1_420_000, 37_162, 14_200, 1_525_000),
    "Rahmat": (2_840_000, 74_325, 28_400, 3_050_000),
}


def quantities(pool: Pool) -> dict[str, int]:
    names = {member_id: name for name, member_id in pool.members.items()}
    with acting(pool) as session:
        rows = session.exec(select(PurchaseShare)).all()
        return {names[row.member_id]: row.quantity for row in rows}


def test_the_published_purchase_comes_to_the_rupiah(ordered: Pool) -> None:
    bring(ordered)
    assert stage(ordered) is PurchaseStage.RECEIVED
    assert quantities(ordered) == SACKS

    bills = bill_all(ordered)

    assert {
        name: (row.goods_rp, row.freight_rp, row.fee_rp, row.shop_rp) for name, row in bills.items()
    } == ROWS
    assert {name: row.bill_rp for name, row in bills.items()} == BILLS_RP
    assert sum(BILLS_RP.values()) == 10_888_080
    assert sum(row.shop_rp - row.bill_rp for row in bills.values()) == 396_920
    assert balances(ordered, "1118", "2131", "1109", "4103", "1122") == {
        "1118": 0,
        "2131": -10_783_000,
        "1109": 10_888_080,
        "4103": -105_080,
        "1122": 0,
    }
    assert clean(ordered) == []


def test_what_is_missing_damaged_and_too_dear_is_claimed(ordered: Pool) -> None:
    """36 come, two of them torn, and the supplier asks 290.000 for 37 and more for the truck."""
    invoice = bring(
        ordered, 34, damaged=2, invoiced_rp=37 * 290_000, freight_rp=FREIGHT_RP + 25_000
    )

    assert invoice.goods_rp == 34 * SACK_RP
    assert invoice.freight_rp == FREIGHT_RP
    assert invoice.claim_rp == 37 * 290_000 - 34 * SACK_RP + 25_000
    assert quantities(ordered) == {"Siti": 7, "Budi": 3, "Made": 12, "Yohana": 5, "Rahmat": 7}
    bills = bill_all(ordered)
    assert sum(row.goods_rp + row.freight_rp for row in bills.values()) == 34 * SACK_RP + FREIGHT_RP
    assert balances(ordered, "1118", "1122") == {"1118": 0, "1122": invoice.claim_rp}
    assert clean(ordered) == []


def test_more_than_was_ordered_goes_to_stock_at_the_agreed_price(ordered: Pool) -> None:
    bring(ordered, 39, invoiced_rp=39 * SACK_RP)

    bills = bill_all(ordered)

    with acting(ordered) as session:
        (left,) = supplies.stock(session)
    assert left.quantity == 2
    billed = sum(row.goods_rp + row.freight_rp for row in bills.values())
    assert billed + left.cost_rp == 39 * SACK_RP + FREIGHT_RP
    assert clean(ordered) == []


def test_nothing_received_is_refused_and_nothing_stays(ordered: Pool) -> None:
    with pytest.raises(NothingCame):
        bring(ordered, 0, damaged=3)
    assert stage(ordered) is PurchaseStage.ORDERED
    assert balances(ordered, "2131") == {"2131": 0}
    assert clean(ordered) == []


@pytest.mark.parametrize(
    ("came", "freight_rp", "refusal"),
    [
        (Came(-1, 0, 0), 0, CameBelowZero),
        (Came(37, 0, -1), 0, InvoiceAbsurd),
        (Came(37, 0, 37 * SACK_RP), -1, FreightBelowZero),
    ],
)
def test_what_cannot_have_come_is_refused(
    ordered: Pool, came: Came, freight_rp: int, refusal: type[Refusal]
) -> None:
    with acting(ordered) as session:
        (line,) = purchase_goods.order_lines(session, ordered.purchase_id)
        with pytest.raises(refusal):
            purchase_goods.receive(
                session, ordered.purchase_id, ordered.supplier_id,
                came={line.line.id: came}, freight_rp=freight_rp, on=DAY,
            )  # fmt: skip
        session.rollback()


def test_a_receipt_leaves_nothing_out_and_comes_after_the_order(ordered: Pool) -> None:
    with acting(ordered) as session:
        for came, on, refusal in (
            ({}, DAY, purchase_goods.LineMissing),
            ({}, DAY - timedelta(days=1), purchase_goods.BeforeOrder),
        ):
            with pytest.raises(refusal):
                purchase_goods.receive(
                    session, ordered.purchase_id, ordered.supplier_id,
                    came=came, freight_rp=0, on=on,
                )  # fmt: skip


def test_goods_are_received_once(ordered: Pool) -> None:
    bring(ordered)
    with pytest.raises(purchase_goods.NotOrderedYet):
        bring(ordered)


def test_it_is_shared_by_another_rule_or_by_hand_with_the_difference_marked(ordered: Pool) -> None:
    bring(ordered, 30, invoiced_rp=30 * SACK_RP)
    with acting(ordered) as session:
        purchase_goods.redistribute(session, ordered.purchase_id, rule=SharingRule.EQUAL)
    assert quantities(ordered) == {"Siti": 7, "Budi": 3, "Made": 8, "Yohana": 5, "Rahmat": 7}

    budi, made = ordered.members["Budi"], ordered.members["Made"]
    with acting(ordered) as session:
        by_hand = {ordered.article_id: {budi: 2, made: 9}}
        rows = purchase_goods.redistribute(session, ordered.purchase_id, by_hand=by_hand)
        assert {row.member_id for row in rows if row.quantity != row.computed} == {budi, made}
        (seen,) = purchase_goods.shared(session, ordered.purchase_id)
        (of_made,) = [each for each in seen.outcomes if each.asked.member_id == made]
        assert of_made.gains(SharingRule.FIRST_COME, against=SharingRule.EQUAL) == 4
        with pytest.raises(MoreThanCame):
            purchase_goods.redistribute(
                session, ordered.purchase_id, by_hand={ordered.article_id: {made: 12}}
            )
        session.rollback()
    bill_all(ordered)
    with acting(ordered) as session, pytest.raises(purchase_goods.SharedAlready):
        purchase_goods.redistribute(session, ordered.purchase_id)
    assert clean(ordered) == []


def test_bills_are_made_once_and_not_before_the_goods(ordered: Pool) -> None:
    with pytest.raises(purchase_goods.NotHereYet):
        bill_all(ordered)
    bring(ordered)
    bill_all(ordered)
    with pytest.raises(purchase_goods.SharedAlready):
        bill_all(ordered)


def test_goods_go_to_herself_or_to_whom_she_sent_and_then_all_is_closed(billed: Pool) -> None:
    with acting(billed, make.OFFICER) as session:
        for row in purchase_bills.bills(session, billed.purchase_id):
            to = "  Ibu   Wayan " if row.member.name == "Siti" else None
            done = hand_outs.hand_out(session, row.bill.id, to=to)
            assert done.handed_to == ("Ibu Wayan" if to else row.member.name)
        with pytest.raises(hand_outs.HandedAlready):
            hand_outs.hand_out(session, row.bill.id)
    assert stage(billed) is PurchaseStage.DISTRIBUTED
    with acting(billed) as session, pytest.raises(hand_outs.StillToSettle):
        hand_outs.close(session, billed.purchase_id)
    with acting(billed, make.TREASURER) as session:
        (one,) = supplier_invoices.invoices(session)
        supplier_invoices.pay(session, one.invoice.id, account=BANK, on=DAY)
        with pytest.raises(supplier_invoices.SupplierPaid):
            supplier_invoices.pay(session, one.invoice.id, account=BANK, on=DAY)
    with acting(billed) as session:
        hand_outs.close(session, billed.purchase_id)
    assert stage(billed) is PurchaseStage.CLOSED
    assert balances(billed, "2131", BANK) == {"2131": 0, BANK: 20_000_000 - 10_783_000}
    assert clean(billed) == []


def test_a_proxy_has_a_name(billed: Pool) -> None:
    with acting(billed) as session, pytest.raises(ProxyUnnamed):
        hand_outs.hand_out(session, bill_of(session, billed, "Siti").id, to="  ")


@pytest.mark.parametrize("end", list(ClaimEnd))
def test_a_claim_ends(ordered: Pool, end: ClaimEnd) -> None:
    invoice = bring(ordered, 35)
    with acting(ordered, make.TREASURER) as session:
        supplier_invoices.end_claim(session, invoice.id, end=end, on=DAY, account=CASH)
        with pytest.raises(supplier_invoices.NothingClaimed):
            supplier_invoices.end_claim(session, invoice.id, end=end, on=DAY, account=CASH)
        supplier_invoices.pay(session, invoice.id, account=BANK, on=DAY)
    claim_rp = 2 * SACK_RP
    assert balances(ordered, "1122", "2131", "6102", CASH, BANK) == {
        "1122": 0,
        "2131": 0,
        "6102": claim_rp if end is ClaimEnd.GIVEN_UP else 0,
        CASH: 20_000_000 + (claim_rp if end is ClaimEnd.MONEY else 0),
        BANK: 20_000_000 - 10_783_000 + (claim_rp if end is ClaimEnd.TAKEN_OFF else 0),
    }
    assert clean(ordered) == []


def test_leftovers_are_sold_for_cash_on_credit_and_lost(ordered: Pool) -> None:
    bring(ordered, 40, invoiced_rp=40 * SACK_RP)
    bill_all(ordered)
    siti = ordered.members["Siti"]
    with acting(ordered) as session:
        (left,) = supplies.stock(session)
        sold = supplies.sell(
            session, left.lot.id, member_id=siti, quantity=1, amount_rp=300_000, account=CASH,
            on=DAY, draft_key="a",
        )  # fmt: skip
        again = supplies.sell(
            session, left.lot.id, member_id=siti, quantity=1, amount_rp=300_000, account=CASH,
            on=DAY, draft_key="a",
        )  # fmt: skip
        assert sold.id == again.id
        supplies.sell(
            session, left.lot.id, member_id=siti, quantity=1, amount_rp=200_000, account=None,
            on=DAY,
        )  # fmt: skip
        with pytest.raises(supplies.LossUnsaid):
            supplies.lose(session, left.lot.id, quantity=1, reason=" ", on=DAY)
        supplies.lose(session, left.lot.id, quantity=1, reason="Kena hujan", on=DAY)
        with pytest.raises(supplies.MoreThanLeft):
            supplies.lose(session, left.lot.id, quantity=1, reason="Lagi", on=DAY)
        assert supplies.stock(session) == []
    assert balances(ordered, "1118") == {"1118": 0}
    assert clean(ordered) == []


def test_above_her_limit_nothing_is_sold_on_credit(ordered: Pool) -> None:
    bring(ordered, 40, invoiced_rp=40 * SACK_RP)
    bill_all(ordered)
    with acting(ordered) as session:
        (left,) = supplies.stock(session)
        with pytest.raises(OverCreditLimit):
            supplies.sell(
                session, left.lot.id, member_id=ordered.members["Made"], quantity=1,
                amount_rp=300_000, account=None, on=DAY,
            )  # fmt: skip
        session.rollback()


def test_subsidised_leftovers_need_an_entitlement_and_keep_the_ceiling(ordered: Pool) -> None:
    bring(ordered, 40, invoiced_rp=40 * SACK_RP)
    bill_all(ordered)
    siti = ordered.members["Siti"]

    def sell(session: Session, amount_rp: int) -> None:
        (left,) = supplies.stock(session)
        supplies.sell(
            session, left.lot.id, member_id=siti, quantity=1, amount_rp=amount_rp, account=CASH,
            on=DAY,
        )  # fmt: skip

    with acting(ordered) as session:
        (left,) = supplies.stock(session)
        left.article.fertiliser = Fertiliser.UREA
        left.purchase.season = "MT-2026"
        session.add_all([left.article, left.purchase])
        session.flush()
        with pytest.raises(NotEntitled):
            sell(session, 90_000)
        had_g = 8 * left.article.portion
        session.add(
            Entitlement(
                member_id=siti, season=left.purchase.season, fertiliser=Fertiliser.UREA, grams=had_g
            )
        )
        session.flush()
        with pytest.raises(AboveCeiling):
            sell(session, 300_000)


def test_the_papers_are_printed(billed: Pool) -> None:
    letter = Letterhead(billed.coop, "Koperasi Tani Makmur", "id", DAY)
    with acting(billed) as session:
        purchase = session.get_one(Purchase, billed.purchase_id)
        lines = purchase_goods.order_lines(session, billed.purchase_id)
        (invoice,) = supplier_invoices.invoices(session)
        rows = purchase_bills.bills(session, billed.purchase_id)
        siti = next(row for row in rows if row.member.name == "Siti")
        printed = (
            papers.order(purchase, lines, letter),
            papers.receipt(purchase, lines, invoice, letter),
            papers.hand_out_list(purchase, rows, letter),
            papers.bill(siti, letter),
        )
        text = papers.bill_text(siti, letter)
        assert "Rp2.059.907" in text
        assert "Rp75.093" in text
        assert "37 karung" in papers.order_text(purchase, lines, letter)
        confirmed = codes.confirm(session, code=siti.bill.code)
    assert all(one.startswith(b"%PDF") for one in printed)
    assert confirmed is not None
    assert confirmed.value_rp == 2_059_907


def test_a_member_sees_her_own_bill_only(billed: Pool) -> None:
    siti = make.person(Role.MEMBER, name="Siti", member_id=billed.members["Siti"])
    with acting(billed, siti) as session:
        (row,) = purchase_bills.bills(session, billed.purchase_id)
        assert row.bill.bill_rp == BILLS_RP["Siti"]
        with pytest.raises(NotAllowed):
            purchase_bills.bills(session, member_id=billed.members["Budi"])
        with pytest.raises(NotAllowed):
            hand_outs.hand_out(session, row.bill.id)
