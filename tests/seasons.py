"""A small season as in WE-18, for tests of selling: goods delivered, a sale opened, settled."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Barrier, Thread
from typing import Any, cast

import pytest
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.access import Person
from kopprod.domain.refusal import Refusal
from kopprod.services import deliveries, ledger, sales
from kopprod.tables.members import Member
from kopprod.tables.sales import Sale
from kopprod.tables.slips import Slip
from tests import make

DAY = make.TODAY
KG = 1_000


@dataclass(frozen=True)
class Season:
    """A cooperative in which Siti, Budi and Made have delivered 300,7 kg, as in WE-18."""

    coop: str
    product_id: int
    buyer_id: int
    grade_a: int
    grade_b: int
    members: dict[str, int]
    delivered: list[int]


def writing(coop: str, person: Person = make.MANAGER) -> AbstractContextManager[Session]:
    return db.writing(coop, person=person, action="test", at=make.AT)


def bring(
    session: Session, season: Season, name: str, gram: int, grade_id: int | None = None
) -> int:
    delivery = deliveries.receive(
        session,
        member_id=season.members[name],
        product_id=season.product_id,
        grade_id=grade_id or season.grade_a,
        gross=gram,
        tare=0,
        received_on=DAY,
        on=DAY,
    )
    return delivery.id


@pytest.fixture
def season(kept: Callable[[Callable[..., Any]], Any]) -> Season:
    return cast(Season, kept(_season))


def _season(coop: str) -> Season:
    with writing(coop) as session:
        ledger.open_chart(session)
        gabah = make.product(session)
        a = make.grade(session, gabah.id, "A")
        b = make.grade(session, gabah.id, "B", factor_bp=9_200, position=2)
        names = ("Siti", "Budi", "Made")
        season = Season(
            coop=coop,
            product_id=gabah.id,
            buyer_id=make.buyer(session).id,
            grade_a=a.id,
            grade_b=b.id,
            members={name: make.member(session, name).id for name in names},
            delivered=[],
        )
        season.delivered.append(bring(session, season, "Siti", 120_500))
        season.delivered.append(bring(session, season, "Budi", 80_000, b.id))
        season.delivered.append(bring(session, season, "Made", 60_000))
        season.delivered.append(bring(session, season, "Siti", 40_200, b.id))
    return season


def open_sale(
    session: Session,
    season: Season,
    *,
    buyer_weight: int = 297_400,
    price_e4: int = 172_500_000,
    fee_bp: int = 250,
    delivery_ids: Sequence[int] | None = None,
) -> Sale:
    sale = sales.open_sale(
        session,
        buyer_id=season.buyer_id,
        product_id=season.product_id,
        sold_on=DAY,
        price_e4=price_e4,
        buyer_weight=buyer_weight,
        fee_bp=fee_bp,
        on=DAY,
    )
    ids = season.delivered if delivery_ids is None else delivery_ids
    sales.allot_all(session, sale.id, ids)
    return sale


def settled(session: Session, season: Season) -> Sale:
    """WE-18, settled."""
    sale = open_sale(session, season)
    sales.add_cost(session, sale.id, name="Truk", amount_rp=250_000)
    sales.add_cost(session, sale.id, name="Karung", amount_rp=31_000)
    return sales.settle(session, sale.id, on=DAY)


def members_rp(session: Session, sale: Sale) -> dict[str, int]:
    query = select(Member.name, Slip.net_value_rp).join(Slip, col(Slip.member_id) == Member.id)
    return dict(session.exec(query.where(Slip.sale_id == sale.id)).all())


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gave or refused, all begun at the same moment on threads of their own."""
    barrier, results = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(act())
        except Refusal as refusal:
            results.append(refusal)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
