"""Entitlements as they are kept: written, brought in from a file, and what is left of them."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from kopprod import db, sheets
from kopprod.domain import entitlement_files, imports
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.imports import Columns
from kopprod.domain.members import MemberUnknown
from kopprod.domain.packs import Rounding
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.subsidies import (
    AboveCeiling,
    AboveEntitlement,
    EntitlementAbsurd,
    Fertiliser,
    NotEntitled,
    SeasonMissing,
)
from kopprod.services import subsidies
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseShare,
    SupplyLot,
    SupplySale,
    WantSaid,
)
from tests import make
from tests.seasons import writing

KG, SEASON, ON = 1_000, "2026 MT1", date(2026, 3, 2)


@dataclass(frozen=True)
class Listed:
    """Ayu may have 100 kg of urea; Budi stands in no list."""

    coop: str
    ayu: int
    budi: int
    urea: int


@pytest.fixture
def listed(coop: str) -> Listed:
    with writing(coop) as session:
        ayu, budi = make.member(session, "Ayu").id, make.member(session, "Budi").id
        urea = article(session, "Urea bersubsidi", Fertiliser.UREA)
        subsidies.entitle(
            session, member_id=ayu, season=SEASON, fertiliser=Fertiliser.UREA, grams=100 * KG
        )
        return Listed(coop, ayu, budi, urea.id)


def article(session: Session, name: str, fertiliser: Fertiliser | None) -> Article:
    row = Article(
        name=name,
        base_unit=BaseUnit.GRAM,
        portion=10 * KG,
        portion_word="sak 10 kg",
        fertiliser=fertiliser,
    )
    session.add(row)
    session.flush()
    return row


def purchase(session: Session, number: str, stage: PurchaseStage, season: str = SEASON) -> Purchase:
    row = Purchase(
        number=number,
        title="Pupuk",
        stage=stage,
        until=ON + timedelta(days=9),
        rounding=Rounding.DOWN,
        sharing=SharingRule.FIRST_COME,
        freight_by=FreightBy.PACKS,
        fee_bp=0,
        season=season,
        cancel_reason="batal" if stage is PurchaseStage.CANCELLED else None,
    )
    session.add(row)
    session.flush()
    return row


def want(
    session: Session, listed: Listed, purchase_id: int, *, firm: int, tolerance: int = 0
) -> None:
    session.add(
        WantSaid(
            purchase_id=purchase_id,
            article_id=listed.urea,
            member_id=listed.ayu,
            firm=firm,
            tolerance=tolerance,
            at=make.AT,
        )
    )
    session.flush()


def left_g(session: Session) -> int:
    (one,) = subsidies.entitlements(session, season=SEASON)
    return one.left_g


def test_what_is_wanted_what_came_and_what_was_bought_of_leftovers_counts(listed: Listed) -> None:
    with writing(listed.coop) as session:
        assert left_g(session) == 100 * KG
        coming = purchase(session, "BELI-1", PurchaseStage.OPEN)
        want(session, listed, coming.id, firm=5)
        want(session, listed, coming.id, firm=2, tolerance=1)  # what she said last counts
        assert left_g(session) == 70 * KG
        came = purchase(session, "BELI-2", PurchaseStage.DISTRIBUTED)
        want(session, listed, came.id, firm=5)
        session.add(
            PurchaseShare(
                purchase_id=came.id,
                article_id=listed.urea,
                member_id=listed.ayu,
                quantity=4,
                computed=4,
            )
        )
        lot = SupplyLot(
            purchase_id=came.id, article_id=listed.urea, quantity=9, cost_rp=9, kept_on=ON
        )
        session.add(lot)
        session.flush()
        for number, member_id, reason in (("1", listed.ayu, None), ("2", None, "basah")):
            session.add(
                SupplySale(
                    number=number,
                    lot_id=lot.id,
                    member_id=member_id,
                    reason=reason,
                    quantity=1,
                    amount_rp=1,
                    cost_rp=1,
                    sold_on=ON,
                )
            )
        want(session, listed, purchase(session, "BELI-3", PurchaseStage.CANCELLED).id, firm=5)
        other = purchase(session, "BELI-4", PurchaseStage.OPEN, season="2026 MT2")
        want(session, listed, other.id, firm=5)

        assert left_g(session) == 20 * KG


def test_more_than_is_left_is_refused_and_her_own_want_there_does_not_stand_against_it(
    listed: Listed,
) -> None:
    with writing(listed.coop) as session:
        urea = session.get_one(Article, listed.urea)
        here = purchase(session, "BELI-1", PurchaseStage.OPEN)
        want(session, listed, here.id, firm=6)
        subsidies.check_want(session, urea, listed.ayu, SEASON, 40 * KG, ON)
        subsidies.check_want(session, urea, listed.ayu, SEASON, 100 * KG, ON, purchase_id=here.id)
        with pytest.raises(AboveEntitlement):
            subsidies.check_want(session, urea, listed.ayu, SEASON, 50 * KG, ON)
        with pytest.raises(NotEntitled):
            subsidies.check_want(session, urea, listed.budi, SEASON, 10 * KG, ON)
        with pytest.raises(NotEntitled):
            subsidies.check_want(session, urea, listed.ayu, "2026 MT2", 10 * KG, ON)
        with pytest.raises(MemberUnknown):
            subsidies.check_want(session, urea, 999, SEASON, 10 * KG, ON)
        free = article(session, "Urea nonsubsidi", None)
        subsidies.check_want(session, free, listed.budi, SEASON, 999 * KG, ON)


def test_a_price_above_the_ceiling_of_the_day_is_refused(listed: Listed) -> None:
    sack_e4 = 18_000 * 10_000  # 10 kg at Rp1.800
    with writing(listed.coop) as session:
        urea = session.get_one(Article, listed.urea)
        free = article(session, "Urea nonsubsidi", None)
        subsidies.check_price(session, urea, price_e4=sack_e4, on=ON)
        subsidies.check_price(session, urea, price_e4=sack_e4 + 1, on=date(2025, 10, 21))
        subsidies.check_price(session, free, price_e4=9 * sack_e4, on=ON)
        subsidies.check_bill(session, urea, cost_rp=36_000, portions=2, on=ON)
        subsidies.check_bill(session, free, cost_rp=99_000, portions=2, on=ON)
        with pytest.raises(AboveCeiling):
            subsidies.check_price(session, urea, price_e4=sack_e4 + 1, on=ON)
        with pytest.raises(AboveCeiling):
            subsidies.check_bill(session, urea, cost_rp=36_001, portions=2, on=ON)
        shown = {one.fertiliser: one for one in subsidies.ceilings(session, on=ON)}

    assert shown[Fertiliser.UREA].sack_rp == 90_000
    assert (shown[Fertiliser.ORGANIC].sack_g, shown[Fertiliser.ORGANIC].sack_rp) == (
        40 * KG,
        25_600,
    )


def test_an_entitlement_is_replaced_and_absurd_ones_are_refused(listed: Listed) -> None:
    def entitle(grams: int, member_id: int = listed.ayu, season: str = SEASON) -> None:
        subsidies.entitle(
            session, member_id=member_id, season=season, fertiliser=Fertiliser.UREA, grams=grams
        )

    with writing(listed.coop) as session:
        entitle(60 * KG)
        assert left_g(session) == 60 * KG
        assert subsidies.seasons(session) == [SEASON]
        with pytest.raises(EntitlementAbsurd):
            entitle(-1)
        with pytest.raises(SeasonMissing):
            entitle(1, season=" ")
        with pytest.raises(MemberUnknown):
            entitle(1, member_id=999)


def test_a_member_sees_her_own_and_only_the_manager_writes(listed: Listed) -> None:
    ayu = make.person(Role.MEMBER, member_id=listed.ayu)
    budi = make.person(Role.MEMBER, member_id=listed.budi)
    with db.reading(listed.coop, person=ayu) as session:
        assert [one.grams for one in subsidies.entitlements(session, season=SEASON)] == [100 * KG]
    with db.reading(listed.coop, person=budi) as session:
        assert subsidies.entitlements(session, season=SEASON) == []
        with pytest.raises(NotAllowed):
            subsidies.entitlements(session, season=SEASON, member_id=listed.ayu)
    with writing(listed.coop, make.OFFICER) as session, pytest.raises(NotAllowed):
        subsidies.entitle(
            session, member_id=listed.budi, season=SEASON, fertiliser=Fertiliser.ZA, grams=1
        )


def test_a_file_of_the_list_is_kept_once(listed: Listed) -> None:
    sheet = sheets.read(b"Nomor;Musim;Urea;NPK\nA-Ayu;2026 MT1;80;50\nX-9;2026 MT1;80;\n", "rdkk")
    mapping = Columns(imports.guess(entitlement_files.FIELDS, sheet.header))
    file = entitlement_files.read_rows(sheet.rows, sheet.faults, mapping)
    with writing(listed.coop) as session:
        found = subsidies.findings(session, file)
        kept, again = subsidies.keep(session, file), subsidies.keep(session, file)
        rows = subsidies.entitlements(session, season=SEASON)

    assert (len(found.good), found.faulty, kept, again) == (2, 1, 2, 0)
    assert {one.fertiliser: one.grams for one in rows} == {
        Fertiliser.UREA: 80 * KG,
        Fertiliser.NPK: 50 * KG,
    }
