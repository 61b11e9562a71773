"""Machines handed over, taken back and billed, to the rupiah, by the service and the journal."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.bookings import Act, CancelledAfterUse, NotApproved, Stage, StillOut
from kopprod.domain.equipment import Condition
from kopprod.domain.equipment_bills import NotMeasured
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.money import E4
from kopprod.domain.tariffs import NoTariff
from kopprod.domain.upkeep import MachineBroken
from kopprod.domain.uses import (
    AreaBeyondLand,
    HandedOverBroken,
    HandOver,
    MeterRunsBackwards,
    NeverWentAlong,
)
from kopprod.papers import uses as papers
from kopprod.services import (
    booking_rows,
    breakdowns,
    ledger,
    upkeep,
    use_debts,
    use_payments,
    use_reversals,
    use_rows,
    uses,
)
from kopprod.services.use_bills import Beside
from kopprod.services.use_debts import NotBilledYet
from kopprod.services.use_payments import BeforeUse, MoreThanKept, MoreThanOpenOfUse
from kopprod.services.use_rows import ReturnedAlready, UseReversed
from kopprod.services.uses import (
    BookedForAnother,
    NotItsOperator,
    NoUnitFree,
    ReturnedAnother,
    UnitTaken,
    UseInFuture,
)
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import EquipmentTariff, EquipmentUnit
from kopprod.tables.ledger import Line
from kopprod.tables.uses import UseLine, UsePayment
from tests import make
from tests.fields import (
    BILL_RP,
    FUEL_RP,
    HOUR,
    START,
    back,
    booked,
    comes_back,
    goes_out,
    harvested,
    money,
)
from tests.machines import Yard
from tests.seasons import DAY, writing
from tests.test_papers import LETTER, text_of


def lines_of(session: Session, entry_id: int | None) -> Sequence[tuple[str, int, int]]:
    query = select(Line).where(Line.entry_id == entry_id).order_by(col(Line.id))
    return [(one.account_code, one.debit_rp, one.credit_rp) for one in session.exec(query).all()]


def test_the_combine_of_the_examples_comes_to_its_figures_through_the_journal(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        use = harvested(session, yard)

        assert use.bill_rp == BILL_RP
        shares = (
            use.operator_rp, use.maintenance_rp, use.depreciation_rp, use.cooperative_rp,
        )  # fmt: skip
        assert shares == (699_000, 349_500, 436_875, 262_125)
        assert sum(shares) == BILL_RP - FUEL_RP
        assert lines_of(session, use.entry_id) == [
            ("1125", BILL_RP, 0),
            ("4104", 0, BILL_RP),
            ("6105", FUEL_RP, 0),
            ("1101", 0, FUEL_RP),
            ("6106", 699_000, 0),
            ("2132", 0, 699_000),
            ("6107", 349_500, 0),
            ("2140", 0, 349_500),
        ]
        line = session.exec(select(UseLine).where(UseLine.use_id == use.id)).one()
        assert (line.quantity, line.price_e4, line.amount_rp) == (7_500, 2_000_000 * E4, BILL_RP)


def test_the_unit_is_chosen_at_hand_over_and_a_third_finds_none(yard: Yard) -> None:
    with writing(yard.coop) as session:
        first, second = (
            booked(session, yard.pump_id, yard.members[name], hours=5) for name in ("Siti", "Budi")
        )
        assert goes_out(session, first).unit_id == yard.pumps[0]
        late = booked(session, yard.pump_id, yard.members["Made"], since=START + 5 * HOUR, hours=1)
        with pytest.raises(UnitTaken):
            goes_out(session, second, unit_id=yard.pumps[0])
        assert goes_out(session, second, unit_id=yard.pumps[1]).unit_id == yard.pumps[1]
        with pytest.raises(NoUnitFree):  # Siti and Budi are late
            goes_out(session, late)
        held = use_rows.held(session, at=START + 7 * HOUR)
        assert [one.late_min for one in held] == [120, 120]
        assert [one.booking.id for one in use_rows.to_fetch(session, at=START)] == [late.id]


def test_a_press_twice_hands_over_once_and_bills_once(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking = booked(session, yard.pump_id, yard.members["Siti"])
        use = goes_out(session, booking)
        assert goes_out(session, booking).id == use.id
        comes_back(session, use)
        assert comes_back(session, use).bill_rp == 100_000  # five hours at Rp20.000
        with pytest.raises(ReturnedAlready):
            comes_back(session, use, back(use.out_at + 5 * HOUR, meter=40))
        assert len(session.exec(select(UseLine)).all()) == 1


def test_who_is_no_member_pays_at_once(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking = booked(session, yard.pump_id, None, other_name="Pak Joko")
        use = comes_back(session, goes_out(session, booking), paid_to=BANK)

        assert lines_of(session, use.entry_id)[:2] == [("1103", 150_000, 0), ("4201", 0, 150_000)]
        assert session.exec(select(UsePayment.amount_rp)).all() == [150_000]
        assert use_debts.bill(session, use.id).left_rp == 0
        use_reversals.reverse(session, use.id, reason="Salah jam", on=DAY, again=False)
        assert ledger.balance_rp(session, BANK) == 0
        assert ledger.balance_rp(session, "4201") == 0


def test_a_loss_gives_nobody_a_share(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        booking = booked(session, yard.tractor_id, yard.members["Siti"],
                         operator_id=yard.operator_id)  # fmt: skip
        use = goes_out(session, booking)
        found = back(use.out_at + HOUR, meter=10, area_m2=100)
        use = comes_back(session, use, found, fuel_rp=50_000, fuel_from=CASH)

        assert (use.bill_rp, use.operator_rp, use.maintenance_rp) == (12_000, 0, 0)
        assert use.depreciation_rp == use.cooperative_rp == 0


# What cannot be true


def test_a_meter_does_not_run_backwards(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]), meter=100)
        with pytest.raises(MeterRunsBackwards):
            comes_back(session, use, back(START + 5 * HOUR, meter=99))
        comes_back(session, use, back(START + 5 * HOUR, meter=150))
        other = booked(session, yard.pump_id, yard.members["Budi"], since=START + 6 * HOUR)
        with pytest.raises(MeterRunsBackwards):
            goes_out(session, other, meter=149)


def test_a_meter_misread_at_hand_over_is_read_again(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]), meter=1_200)
        use_reversals.correct_meter(session, use.id, meter=120, at=make.AT)
        assert session.get_one(EquipmentUnit, use.unit_id).meter == 120
        assert comes_back(session, use, back(START + 5 * HOUR, meter=170)).bill_rp == 100_000


def test_nobody_works_more_land_than_she_has(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking = booked(session, yard.tractor_id, yard.members["Siti"])
        use = goes_out(session, booking)
        with pytest.raises(AreaBeyondLand):
            comes_back(session, use, back(START + 5 * HOUR, area_m2=7_501))
        with pytest.raises(NotMeasured):
            comes_back(session, use, back(START + 5 * HOUR))
        assert comes_back(session, use, back(START + 5 * HOUR, area_m2=7_500)).bill_rp == 900_000


def test_a_machine_goes_to_whom_it_was_booked_for_or_somebody_is_named(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking = booked(session, yard.pump_id, yard.members["Siti"])
        with pytest.raises(BookedForAnother) as refused:
            goes_out(session, booking, member_id=yard.members["Budi"])
        assert refused.value.facts["name"] == "Siti"
        use = goes_out(session, booking, member_id=yard.members["Budi"], proxy=" Budi,  adiknya ")
        assert (use.handed_to, use.member_id) == ("Budi, adiknya", yard.members["Siti"])


def test_another_machine_than_went_out_is_not_taken_back(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
        with pytest.raises(ReturnedAnother) as refused:
            comes_back(session, use, unit_id=yard.pumps[1])
        assert "ALAT-2026-0002" in str(refused.value.facts["other"])
        with pytest.raises(NeverWentAlong):
            comes_back(session, use, back(START + 5 * HOUR, accessories=frozenset({"Selang"})))


def test_a_day_without_a_tariff_is_named_with_its_machine(yard: Yard) -> None:
    with writing(yard.coop) as session:
        session.get_one(EquipmentTariff, yard.pump_tariff_id).until = START.date()
        session.flush()
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
        with pytest.raises(NoTariff) as refused:
            comes_back(session, use)
        assert refused.value.facts["machine"] == "Pompa air 3 dim"
        assert refused.value.facts["day_on"] == START.date()


def test_stages_are_kept(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking = booked(session, yard.pump_id, yard.members["Siti"])
        booking.stage, booking.expires_at = Stage.REQUESTED, make.AT + HOUR
        session.flush()
        with pytest.raises(NotApproved):
            goes_out(session, booking)
        booking.stage, booking.expires_at = Stage.BOOKED, None
        session.flush()
        with pytest.raises(UseInFuture):
            goes_out(session, booking, at=make.AT + HOUR)
        use = goes_out(session, booking)
        with pytest.raises(StillOut):
            use_reversals.reverse(session, use.id, reason="Salah", on=DAY)
        with pytest.raises(UseInFuture):
            comes_back(session, use, back(make.AT + HOUR))
        comes_back(session, use)
        row = session.get_one(Booking, booking.id)
        assert row.stage is Stage.RETURNED
        with pytest.raises(CancelledAfterUse):
            booking_rows.move_to(session, row, Act.CANCEL, at=make.AT)


def test_only_who_learnt_it_operates(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking = booked(session, yard.tractor_id, yard.members["Siti"])
        with pytest.raises(NotItsOperator):
            goes_out(session, booking, operator_id=yard.members["Budi"])
        use = goes_out(session, booking, operator_id=yard.operator_id)
        assert session.get_one(Booking, booking.id).operator_id == yard.operator_id
        assert comes_back(session, use, back(START + HOUR, meter=10, area_m2=5_000)).operator_rp > 0


def test_members_and_treasurers_do_not_hand_machines_over(yard: Yard) -> None:
    with writing(yard.coop) as session:
        booking_id = booked(session, yard.pump_id, yard.members["Siti"]).id
    for who in (make.person(Role.MEMBER, member_id=yard.members["Siti"]), make.TREASURER):
        with writing(yard.coop, who) as session, pytest.raises(NotAllowed):
            goes_out(session, session.get_one(Booking, booking_id))


# Damage


def test_what_comes_back_broken_is_out_of_service_until_it_is_repaired(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.tractor_id, yard.members["Siti"]),
                       accessories=frozenset({"Bajak", "Rotari"}))  # fmt: skip
        found = back(START + 5 * HOUR, area_m2=5_000, condition=Condition.BROKEN,
                     damage="As roda patah", accessories=frozenset({"Bajak"}))  # fmt: skip
        assert uses.preview(session, use.id, found, Beside()).missing == ("Rotari",)
        kept = comes_back(session, use, found, photo=make.photo())
        assert (kept.damage, kept.damage_photo_id is not None) == ("As roda patah", True)
        with pytest.raises(MachineBroken):
            upkeep.check_bookable(session, yard.tractor_id, on=DAY)
        breakdowns.repaired(session, use.unit_id, at=make.AT)
        upkeep.check_bookable(session, yard.tractor_id, on=DAY)
        other = booked(session, yard.tractor_id, yard.members["Budi"], since=make.AT)
        with pytest.raises(HandedOverBroken):
            uses.hand_over(
                session,
                other.id,
                HandOver(make.AT, 60, Condition.BROKEN),
            )


# Money


def test_a_bill_is_paid_in_parts_and_never_too_much(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = comes_back(
            session, goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
        )
        first = use_payments.pay(
            session, use.id, amount_rp=40_000, account=CASH, on=DAY, draft_key="a"
        )
        again = use_payments.pay(
            session, use.id, amount_rp=40_000, account=CASH, on=DAY, draft_key="a"
        )
        assert first.id == again.id
        with pytest.raises(MoreThanOpenOfUse):
            use_payments.pay(session, use.id, amount_rp=60_001, account=CASH, on=DAY)
        with pytest.raises(BeforeUse):
            use_payments.pay(
                session, use.id, amount_rp=1, account=CASH, on=START.date() - timedelta(days=1)
            )
        use_payments.pay(session, use.id, amount_rp=60_000, account=CASH, on=DAY)
        assert use_debts.bill(session, use.id).left_rp == 0
        assert ledger.balance_rp(session, "1125", member_id=yard.members["Siti"]) == 0


def test_an_operator_gets_what_is_kept_for_him_and_no_more(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        harvested(session, yard)
        with pytest.raises(MoreThanKept):
            use_payments.pay_operator(
                session, yard.operator_id, amount_rp=699_001, account=CASH, on=DAY
            )
        use_payments.pay_operator(
            session, yard.operator_id, amount_rp=600_000, account=CASH, on=DAY
        )
        kept = use_payments.kept_for_operators(session)
        assert [(one.member.name, one.left_rp) for one in kept] == [("Made", 99_000)]
        assert ledger.balance_rp(session, "2132") == -99_000


def test_a_wrong_return_is_reversed_and_what_was_paid_counts_for_the_new_one(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        use = harvested(session, yard)
        use_payments.pay(session, use.id, amount_rp=1_000_000, account=CASH, on=DAY)
        again = use_reversals.reverse(session, use.id, reason="Salah luas", on=DAY)
        assert again is not None
        assert again.unit_id == use.unit_id
        for account in ("4104", "6105", "6106", "2132", "6107", "2140"):
            assert ledger.balance_rp(session, account) == 0
        with pytest.raises(UseReversed):
            use_reversals.reverse(session, use.id, reason="Lagi", on=DAY)
        with pytest.raises(NotBilledYet):
            use_payments.pay(session, use.id, amount_rp=1, account=CASH, on=DAY)
        assert [one.again for one in use_rows.held(session, at=make.AT)] == [True]
        assert session.get_one(EquipmentUnit, use.unit_id).meter == 12_045

        found = back(use.out_at + 5 * HOUR, meter=12_090, area_m2=7_000)
        comes_back(session, again, found)
        bill = use_debts.bill(session, again.id)
        assert (bill.use.bill_rp, bill.left_rp) == (1_750_000, 750_000)
        assert ledger.balance_rp(session, "1125", member_id=yard.members["Siti"]) == 750_000


def test_a_member_sees_her_own_bills_only(yard: Yard) -> None:
    with writing(yard.coop) as session:
        for name, unit_id in zip(("Siti", "Budi"), yard.pumps, strict=True):
            booking = booked(session, yard.pump_id, yard.members[name])
            comes_back(session, goes_out(session, booking, unit_id=unit_id))
    siti = make.person(Role.MEMBER, member_id=yard.members["Siti"])
    with writing(yard.coop, siti) as session:
        assert [one.name for one in use_debts.bills(session)] == ["Siti"]
        with pytest.raises(NotAllowed):
            use_debts.bills(session, member_id=yard.members["Budi"])


# On paper


def test_the_bill_on_paper_shows_its_arithmetic_and_how_it_is_paid(yard: Yard) -> None:
    with writing(yard.coop) as session:
        money(session)
        use = harvested(session, yard)
        day = use.billed_on or DAY
        use_payments.pay(session, use.id, amount_rp=400_000, account=CASH, on=day)
        use_payments.pay(session, use.id, amount_rp=475_000, account=BANK, on=day)
        row = use_debts.bill(session, use.id)
        said = " ".join(text_of(papers.bill(row, LETTER)).split())
    assert "Nota alat" in said and use.number in said
    assert "Jam mesin 1.204,5 sampai 1.209,5" in said
    assert "0,9375 bau (0,75 ha) × Rp2.000.000" in said
    assert "Rp1.875.000" in said and "satu juta delapan ratus tujuh puluh lima ribu" in said
    assert "−Rp400.000" in said and "−Rp475.000" in said and "Rp1.000.000" in said
    assert "hasil berikutnya" in said


def test_what_was_paid_too_much_for_one_bill_is_said_on_it(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
        use = comes_back(session, use)
        use_payments.pay(session, use.id, amount_rp=100_000, account=CASH, on=DAY)
        again = use_reversals.reverse(session, use.id, reason="Salah jam", on=DAY)
        assert again is not None
        comes_back(session, again, back(again.out_at + 5 * HOUR, meter=40))
        row = use_debts.bill(session, again.id)
        lines = papers.bill_words(row, LETTER)["paying"]
    assert [line.amount for line in lines] == ["−Rp100.000", "Rp20.000", "Rp0"]
    assert row.left_rp == 0


# Another machine, or another reading


def test_another_machine_than_the_one_that_went_out_is_refused_by_name(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.pump_id, yard.members["Siti"]))
        other = next(one for one in yard.pumps if one != use.unit_id)
        uses.check_unit(session, use.id, use.unit_id)
        with pytest.raises(ReturnedAnother, match=str(use.number)):
            uses.check_unit(session, use.id, other)


def test_what_comes_back_broken_says_whom_it_postpones(yard: Yard) -> None:
    with writing(yard.coop) as session:
        use = goes_out(session, booked(session, yard.tractor_id, yard.members["Siti"]))
        later = booked(session, yard.tractor_id, yard.members["Budi"], since=make.AT + 20 * HOUR)
        found = back(
            use.out_at + 5 * HOUR, area_m2=5_000, condition=Condition.BROKEN, damage="As patah"
        )
        _kept, plan = uses.take_back(session, use.id, found, Beside())
        assert plan is not None
        assert [(one.number, one.name, one.after) for one in plan.moved] == [
            (later.number, "Budi", None)
        ]
        assert uses.take_back(session, use.id, found, Beside())[1] is None  # sent twice
