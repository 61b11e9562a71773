"""A pooled purchase as in WE-11: five members, one supplier's urea by the sack, for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

import pytest
from sqlmodel import Session

from kopprod.domain import tier_lines
from kopprod.domain.money import E4
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.tiers import Freight
from kopprod.services import articles, ledger, purchase_terms, purchases, suppliers
from kopprod.services.purchase_terms import Offered
from kopprod.tables.purchases import WantSaid
from tests import make
from tests.seasons import DAY, writing

SACK_G = 50_000
SHOP_E4 = 305_000 * E4
TIERS = "1-9 305000; 10-29 295000; 30-99 284000; 100- 276000"
SACKS = {"Siti": 7, "Budi": 3, "Made": 12, "Yohana": 5, "Rahmat": 10}
UNTIL = DAY + timedelta(days=10)


@dataclass(frozen=True)
class Pool:
    """A purchase with its article, its supplier, its offer, and the members by name."""

    coop: str
    purchase_id: int
    article_id: int
    supplier_id: int
    offer_id: int
    members: dict[str, int]


def set_up(session: Session, *, title: str = "Urea musim tanam") -> tuple[int, int, int, int]:
    """A purchase of urea by the sack, prepared: its key, article, supplier and offer."""
    urea = articles.add_article(
        session, name="Urea", base_unit=BaseUnit.GRAM, portion=SACK_G, portion_word="karung"
    )
    shop = suppliers.add_supplier(session, name="UD Tani Makmur")
    facts = purchases.Facts(title=title, until=UNTIL, freight_by=FreightBy.PACKS, fee_bp=100)
    purchase = purchases.add_purchase(session, facts, on=DAY)
    purchase_terms.put_article(session, purchase.id, article_id=urea.id, shop_e4=SHOP_E4)
    purchase_terms.put_supplier(
        session, purchase.id, supplier_id=shop.id, freight=Freight(fixed_rp=275_000)
    )
    offered = Offered(pack=1, tiers=tier_lines.read_tiers(TIERS))
    offer = purchase_terms.add_offer(
        session, purchase.id, supplier_id=shop.id, article_id=urea.id, offered=offered
    )
    return purchase.id, urea.id, shop.id, offer.id


@pytest.fixture
def pool(kept: Callable[[Callable[..., Any]], Any]) -> Pool:
    """WE-11's purchase, open, in which nobody wants anything yet."""
    return cast(Pool, kept(_pool))


def _pool(coop: str) -> Pool:
    with writing(coop) as session:
        ledger.open_chart(session)
        members = {name: make.member(session, name).id for name in SACKS}
        purchase_id, article_id, supplier_id, offer_id = set_up(session)
        purchases.open_purchase(session, purchase_id, on=DAY)
    return Pool(coop, purchase_id, article_id, supplier_id, offer_id, members)


def says(
    session: Session,
    pool: Pool,
    name: str,
    firm: int,
    tolerance: int = 0,
    *,
    highest_e4: int | None = None,
    on: date = DAY,
    minute: int = 0,
    draft_key: str | None = None,
) -> WantSaid:
    """What a member wants from now on, in sacks."""
    return purchases.want(
        session,
        pool.purchase_id,
        article_id=pool.article_id,
        member_id=pool.members[name],
        firm=firm,
        tolerance=tolerance,
        highest_e4=highest_e4,
        on=on,
        at=make.AT + timedelta(minutes=minute),
        draft_key=draft_key,
    )


def all_say(session: Session, pool: Pool) -> None:
    """The five members' wants of WE-11, one after the other."""
    for minute, (name, sacks) in enumerate(SACKS.items()):
        says(session, pool, name, sacks, minute=minute)
