"""A cooperative just founded, with its people, for tests that play a season in the browser."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from kopprod import db
from kopprod.domain.access import SYSTEM, Role
from kopprod.domain.ledger import CASH, Posting
from kopprod.domain.members import MemberStatus
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.services import cooperative, deliveries, ledger, members, products, quotes, sales
from tests import make

KG = 1_000


@dataclass(frozen=True)
class Founded:
    """What a young cooperative has before its first season, by key."""

    ayu: int
    ayu_user: int
    budi: int
    gabah: int
    grade_a: int
    grade_b: int


def today() -> date:
    """The day in the cooperative's time zone, as the screens have it."""
    return datetime.now(ZoneInfo("Asia/Jakarta")).date()


def acting(coop: str) -> AbstractContextManager[Session]:
    """Write today, as the installer of the server could."""
    return db.writing(coop, person=SYSTEM, action="test", at=datetime.now(UTC))


@pytest.fixture
def founded(coop: str) -> Founded:
    """Three villages, paddy in two grades, two members, Rp500.000 in the cash box, and people."""
    on = today()
    with acting(coop) as session:
        ledger.open_chart(session)
        cooperative.change_setting(session, name="name", value="Koperasi Tani Makmur")
        home, next_to_it, far = (
            cooperative.add_village(session, name=name).id
            for name in ("Sukamaju", "Mekarsari", "Gunungsari")
        )
        cooperative.add_neighbours(session, village_id=home, other_id=next_to_it)
        gabah = products.add_product(
            session,
            name="Gabah",
            kind=ProductKind.CROP,
            base_unit=BaseUnit.GRAM,
            price_unit="kg",
            since=make.SINCE,
        ).id
        products.add_unit(session, gabah, name="karung", factor=50 * KG, since=make.SINCE)
        grade_a = products.grades(session, gabah)[0].id
        grade_b = products.add_grade(session, gabah, name="B", factor_bp=8_000, since=make.SINCE).id
        ayu, budi = (
            members.add_member(
                session,
                number=number,
                name=name,
                status=MemberStatus.MEMBER,
                village_id=home,
                joined_on=make.SINCE,
                product_ids=[gabah],
            ).id
            for number, name in (("A-001", "Ayu"), ("A-002", "Budi"))
        )
        ayu_user = make.user(session, Role.MEMBER, name="Ayu", member_id=ayu).user_id
        make.user(session, Role.OFFICER, name="Wulan")
        make.user(session, Role.MANAGER, name="Ratna")
        make.user(session, Role.MANAGER, name="Dewi")
        make.user(session, Role.TREASURER, name="Bagas")
        for village_id, price_e4 in ((next_to_it, 5_900), (next_to_it, 6_100), (far, 7_000)):
            quotes.record(
                session,
                product_id=gabah,
                grade_id=grade_a,
                village_id=village_id,
                quoted_on=on,
                price_e4=price_e4 * 10_000,
                on=on,
            )
        ledger.open_balances(
            session,
            on=on,
            balances=[Posting(CASH, debit_rp=500_000), Posting("35", credit_rp=500_000)],
        )
    assert ayu_user is not None
    return Founded(ayu, ayu_user, budi, gabah, grade_a, grade_b)


def open_sale(coop: str, founded: Founded) -> int:
    """The same goods for the same money, with everything done but the settlement."""
    on = today()
    with acting(coop) as session:
        brought = [
            deliveries.receive(
                session,
                member_id=member_id,
                product_id=founded.gabah,
                grade_id=grade_id,
                gross=gross,
                tare=tare,
                received_on=on,
                on=on,
            ).id
            for member_id, grade_id, gross, tare in (
                (founded.ayu, founded.grade_a, 252 * KG, 2 * KG),
                (founded.budi, founded.grade_b, 100 * KG, 0),
            )
        ]
        sale_id = sales.open_sale(
            session,
            buyer_id=make.buyer(session).id,
            product_id=founded.gabah,
            sold_on=on,
            price_e4=6_500 * 10_000,
            buyer_weight=347 * KG,
            fee_bp=500,
            on=on,
        ).id
        sales.add_cost(session, sale_id, name="Truk", amount_rp=60_500)
        sales.allot_all(session, sale_id, brought)
    return sale_id


def settled_sale(coop: str, founded: Founded) -> None:
    """Ayu has Rp1.577.443 to come."""
    sale_id = open_sale(coop, founded)
    with acting(coop) as session:
        sales.settle(session, sale_id, on=today())
