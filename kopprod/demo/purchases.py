"""Bought together in the demo: two seasons that are done, one purchase open, and needs noted.

The open one shows a member all there is to see: a pack of seed that lacks little, urea a few sacks
below the next price, and a last day that is near.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta

from sqlmodel import Session

from kopprod import db
from kopprod.demo.stage import Stage, moment
from kopprod.domain import tier_lines
from kopprod.domain.access import Role
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.money import E4
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.subsidies import Fertiliser
from kopprod.domain.tiers import Freight, Tier
from kopprod.services import (
    articles,
    bill_payments,
    hand_outs,
    needs,
    purchase_bills,
    purchase_goods,
    purchase_terms,
    purchases,
    subsidies,
    supplier_invoices,
    suppliers,
)
from kopprod.services.purchase_goods import Came
from kopprod.services.purchase_terms import Offered
from kopprod.services.purchases import Facts

KG = 1_000
UREA, NPK, SEED = "Urea non-subsidi", "NPK 16-16-16", "Benih padi Inpari 32"
GOODS = {UREA: (50 * KG, "karung"), NPK: (50 * KG, "karung"), SEED: (5 * KG, "kantong")}
SHOP_RP = {UREA: 305_000, NPK: 640_000, SEED: 78_000}
PRICES = {
    UREA: (1, "1-9 299000; 10-29 291000; 30- 283000"),
    NPK: (1, "1-9 628000; 10- 612000"),
    SEED: (10, "1-3 715000; 4- 690000"),
}
FREIGHT_RP = 225_000
# Who wants how much, one after the other; the members with a phone of their own stand first.
DONE = {UREA: (2, 1, 3, 4, 2, 5, 3, 4, 2, 6), SEED: (0, 0, 4, 6, 3, 5, 4, 8, 2, 8)}
NOW = {UREA: (2, 0, 0, 4, 3, 5, 2, 4, 3, 4), SEED: (0, 0, 3, 6, 4, 5, 4, 8, 3, 4)}
NEEDED = ((0, UREA, 3), (2, NPK, 2), (3, NPK, 3), (4, UREA, 4), (5, NPK, 1), (6, UREA, 2))


def play(stage: Stage) -> None:
    """Two purchases from the plan to the paid bill, and one that takes wants now."""
    people = [*stage.own, *(m for m, _village in stage.goods[0].members if m not in stage.own)]
    days = [stage.on - timedelta(days=one) for one in (310, 125, 8)]
    with _acts(stage, Role.MANAGER, "purchases.add", days[0]) as session:
        known = {
            name: articles.add_article(
                session, name=name, base_unit=BaseUnit.GRAM, portion=portion, portion_word=word
            ).id
            for name, (portion, word) in GOODS.items()
        }
        shop = suppliers.add_supplier(session, name="UD Tani Makmur", place="Karangsari").id
    for place, day in enumerate(days[:-1]):
        dearer_rp = 9_000 * (1 - place)
        purchase_id = _open(stage, known, shop, day, DONE, dearer_rp=dearer_rp)
        _want(stage, purchase_id, known, people, day, DONE)
        _bring(stage, purchase_id, shop, day + timedelta(days=16))
        _pay(stage, purchase_id, day + timedelta(days=18), first=not place)
    day = days[-1]
    purchase_id = _open(stage, known, shop, day, NOW)
    _want(stage, purchase_id, known, people, day, NOW)
    _need(stage, known, people, day)


def _acts(
    stage: Stage, role: Role, action: str, day: date, hour: int = 9
) -> AbstractContextManager[Session]:
    return db.writing(stage.coop, person=stage.people[role], action=action, at=moment(day, hour))


def season(day: date) -> str:
    """The planting season of a day, as farmers name it."""
    dry = 4 <= day.month <= 9
    year = day.year + (day.month > 9)
    return f"{year} MT{2 if dry else 1}"


def _open(
    stage: Stage,
    known: Mapping[str, int],
    shop: int,
    day: date,
    wanted: Mapping[str, Sequence[int]],
    *,
    dearer_rp: int = 0,
) -> int:
    """The manager prepares a purchase of two weeks and opens it."""
    facts = Facts(
        title=f"Pupuk dan benih {season(day)}",
        until=day + timedelta(days=14),
        freight_by=FreightBy.WEIGHT,
        fee_bp=100,
        most_parts=3,
        season=season(day),
    )
    with _acts(stage, Role.MANAGER, "purchases.open", day) as session:
        purchase = purchases.add_purchase(session, facts, on=day)
        for name in wanted:
            purchase_terms.put_article(
                session, purchase.id, article_id=known[name], shop_e4=SHOP_RP[name] * E4
            )
            pack, prices = PRICES[name]
            tiers = [
                Tier(one.from_packs, one.to_packs, one.pack_rp + dearer_rp * pack // 10)
                for one in tier_lines.read_tiers(prices)
            ]
            purchase_terms.add_offer(
                session,
                purchase.id,
                supplier_id=shop,
                article_id=known[name],
                offered=Offered(pack, tiers),
            )
        purchase_terms.put_supplier(
            session, purchase.id, supplier_id=shop, freight=Freight(fixed_rp=FREIGHT_RP)
        )
        purchases.open_purchase(session, purchase.id, on=day)
        return purchase.id


def _want(
    stage: Stage,
    purchase_id: int,
    known: Mapping[str, int],
    people: Sequence[int],
    day: date,
    wanted: Mapping[str, Sequence[int]],
) -> None:
    """Members say what they want, some to the officer."""
    with _acts(stage, Role.OFFICER, "purchases.want", day + timedelta(days=2), 16) as session:
        for name, quantities in wanted.items():
            for place, (member_id, firm) in enumerate(zip(people, quantities, strict=False)):
                if firm:
                    purchases.want(
                        session,
                        purchase_id,
                        article_id=known[name],
                        member_id=member_id,
                        firm=firm,
                        tolerance=1 if place % 4 == 3 else 0,
                        highest_e4=None,
                        on=day + timedelta(days=2),
                        at=moment(day + timedelta(days=2), 9) + timedelta(minutes=place),
                    )


def _bring(stage: Stage, purchase_id: int, shop: int, day: date) -> None:
    """The wants are fixed, the supplier brings everything, and the bills are made."""
    with _acts(stage, Role.MANAGER, "purchases.lock", day - timedelta(days=2)) as session:
        purchases.lock(session, purchase_id)
        purchase_goods.order_out(session, purchase_id, on=day - timedelta(days=2))
    with _acts(stage, Role.OFFICER, "purchase_goods.receive", day) as session:
        lines = purchase_goods.order_lines(session, purchase_id)
        came = {one.line.id: Came(one.ordered, 0, one.ordered_rp) for one in lines}
        purchase_goods.receive(session, purchase_id, shop, came=came, freight_rp=FREIGHT_RP, on=day)
        for bill in purchase_bills.make(session, purchase_id, on=day):
            hand_outs.hand_out(session, bill.id)


def _pay(stage: Stage, purchase_id: int, day: date, *, first: bool) -> None:
    """Most pay in cash; of the last purchase every fourth lets it wait for settlements.

    Members with a phone have agreed to something else since, so they do not.
    """
    with _acts(stage, Role.TREASURER, "bill_payments.pay", day) as session:
        for place, row in enumerate(purchase_bills.bills(session, purchase_id)):
            waits = place % 4 == 1 and row.member.id not in stage.own
            if waits and not first:
                bill_payments.let_wait(session, row.bill.id, amount_rp=row.left_rp, parts=2, on=day)
            else:
                bill_payments.pay(session, row.bill.id, amount_rp=row.left_rp, account=CASH, on=day)
        for invoice in supplier_invoices.invoices(session, purchase_id):
            supplier_invoices.pay(session, invoice.invoice.id, account=BANK, on=day)
    with _acts(stage, Role.MANAGER, "hand_outs.close", day, 15) as session:
        hand_outs.close(session, purchase_id)


def _need(stage: Stage, known: Mapping[str, int], people: Sequence[int], day: date) -> None:
    """What is noted for the weeks to come, and what the e-RDKK gives some of them."""
    with _acts(stage, Role.OFFICER, "needs.note", day, 17) as session:
        for place, name, quantity in NEEDED:
            needs.note(
                session,
                member_id=people[place],
                article_id=known[name],
                quantity=quantity,
                needed_on=stage.on + timedelta(days=30 + 7 * place),
                on=day,
            )
    with _acts(stage, Role.MANAGER, "subsidies.entitle", day, 11) as session:
        for place, member_id in enumerate(people[:8]):
            for fertiliser, sacks in ((Fertiliser.UREA, 2 + place % 3), (Fertiliser.NPK, 3)):
                subsidies.entitle(
                    session,
                    member_id=member_id,
                    season=season(stage.on),
                    fertiliser=fertiliser,
                    grams=sacks * 50 * KG,
                )
