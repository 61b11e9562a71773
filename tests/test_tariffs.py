"""Tariffs of machines: valid from a day, changed by another one, compared by the hectare."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from kopprod.domain.access import NotAllowed
from kopprod.domain.equipment import Condition
from kopprod.domain.money import E4
from kopprod.domain.tariffs import (
    Basis,
    BauUnknown,
    Tariff,
    TariffEndsBeforeItBegins,
    TariffOverlaps,
    charge_rp,
)
from kopprod.services import equipment, tariffs
from kopprod.services.equipment import Facts
from kopprod.tables.bookings import Booking
from kopprod.tables.uses import Use
from tests import make
from tests.machines import SINCE, Yard
from tests.seasons import DAY, writing
from tests.test_equipment import book

MARCH = date(2026, 3, 1)


def test_a_price_per_bau_and_one_per_ubin_are_said_by_the_hectare(yard: Yard) -> None:
    with writing(yard.coop) as session:
        combine = equipment.add_kind(session, Facts(name="Combine"))
        per_bau = Tariff(Basis.BAU, SINCE, None, 2_000_000 * E4, bau_tenths=80_000)
        tariffs.add_tariff(session, combine.id, per_bau)
        per_ubin = Tariff(Basis.UBIN, SINCE, None, 1_100 * E4)  # 110.000 for 100 ubin
        tariffs.add_tariff(session, yard.tractor_id, per_ubin)

        [shown] = tariffs.valid(session, combine.id, on=DAY)
        assert shown.hectare_e4 == 2_500_000 * E4
        kept = shown.tariff
        bill_rp = charge_rp(7_500, kept.member_e4, kept.basis, bau_tenths=kept.bau_tenths)
        assert bill_rp == 1_875_000
        by_hectare = {
            one.tariff.basis: one.hectare_e4
            for one in tariffs.valid(session, yard.tractor_id, on=DAY)
        }
        assert by_hectare[Basis.UBIN] == 7_857_142_857  # Rp785.714,2857
        [pump] = tariffs.valid(session, yard.pump_id, on=DAY)
        assert pump.hectare_e4 is None


def test_a_tariff_changes_by_ending_one_and_beginning_another(yard: Yard) -> None:
    with writing(yard.coop) as session:
        new = Tariff(Basis.HOUR, MARCH, None, 22_000 * E4)
        with pytest.raises(TariffOverlaps):
            tariffs.add_tariff(session, yard.pump_id, new)
        tariffs.replace(session, yard.pump_tariff_id, new)

        [before] = tariffs.valid(session, yard.pump_id, on=MARCH - timedelta(1))
        [after] = tariffs.valid(session, yard.pump_id, on=MARCH)
        assert (before.tariff.member_e4, after.tariff.member_e4) == (20_000 * E4, 22_000 * E4)
        assert [one.since for one in tariffs.of(session, yard.pump_id).values()] == [MARCH, SINCE]
        with pytest.raises(tariffs.TariffEnded):
            tariffs.end_tariff(session, yard.pump_tariff_id, until=MARCH)


def test_a_tariff_that_cannot_be_is_refused(yard: Yard) -> None:
    with writing(yard.coop) as session:
        with pytest.raises(BauUnknown):
            tariffs.add_tariff(session, yard.tractor_id, Tariff(Basis.BAU, SINCE, None, E4))
        backwards = Tariff(Basis.DAY, MARCH, MARCH, E4)
        with pytest.raises(TariffEndsBeforeItBegins):
            tariffs.add_tariff(session, yard.tractor_id, backwards)
        with pytest.raises(tariffs.TariffEnded):
            tariffs.end_tariff(session, yard.pump_tariff_id, until=SINCE)
        with pytest.raises(tariffs.TariffUnknown):
            tariffs.end_tariff(session, 999, until=MARCH)
    with pytest.raises(NotAllowed), writing(yard.coop, make.OFFICER) as session:
        tariffs.end_tariff(session, yard.pump_tariff_id, until=MARCH)


def test_what_was_billed_by_a_tariff_stays_billed(yard: Yard) -> None:
    with writing(yard.coop) as session:
        book(session, yard.pump_id, "JADWAL-1", hour=0, member_id=yard.members["Siti"])
        session.add(
            Use(
                number="PAKAI-1",
                booking_id=session.exec(select(Booking.id)).one(),
                unit_id=yard.pumps[0],
                out_at=make.AT,
                out_condition=Condition.GOOD,
                returned_at=make.AT,
                back_condition=Condition.GOOD,
                tariff_id=yard.pump_tariff_id,
                billed_on=DAY,
            )
        )
        session.flush()
        with pytest.raises(tariffs.TariffBilled):
            tariffs.take_out_tariff(session, yard.pump_tariff_id)
        with pytest.raises(tariffs.TariffEnded) as refused:
            tariffs.end_tariff(session, yard.pump_tariff_id, until=DAY)
        assert refused.value.facts["first_on"] == DAY + timedelta(1)
        tariffs.take_out_tariff(session, yard.tractor_tariff_id)
        assert tariffs.of(session, yard.tractor_id) == {}


def test_prices_elsewhere_are_kept_by_day_and_compared(yard: Yard) -> None:
    with writing(yard.coop) as session:
        for seen_on, price_rp in (
            (SINCE, 1_400_000), (MARCH, 1_500_000), (MARCH, 1_500_000),
        ):  # fmt: skip
            tariffs.add_outside(
                session,
                yard.tractor_id,
                basis=Basis.HECTARE,
                seen_on=seen_on,
                price_e4=price_rp * E4,
                source=" Pak  Karto ",
                on=DAY,
            )
        assert len(tariffs.outside(session, yard.tractor_id)) == 2, "what is sent twice"
        last = tariffs.outside_on(session, yard.tractor_id, on=DAY)[Basis.HECTARE]
        assert (last.price_e4, last.source) == (1_500_000 * E4, "Pak Karto")
        before = tariffs.outside_on(session, yard.tractor_id, on=SINCE)
        assert before[Basis.HECTARE].price_e4 == 1_400_000 * E4
        assert tariffs.less_bp(1_200_000 * E4, last.price_e4) == 2_000
        for price_e4, seen_on in ((0, DAY), (E4, DAY + timedelta(1))):
            with pytest.raises(tariffs.OutsideAbsurd):
                tariffs.add_outside(
                    session,
                    yard.tractor_id,
                    basis=Basis.HOUR,
                    seen_on=seen_on,
                    price_e4=price_e4,
                    on=DAY,
                )
