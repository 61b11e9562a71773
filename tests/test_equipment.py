"""The register of machines: kinds, who may use them, single machines, what they lose, leaving."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import ExifTags, Image
from sqlmodel import Session, select

from kopprod import db, pictures
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.booking_limits import Limits
from kopprod.domain.bookings import Stage
from kopprod.domain.equipment import (
    BoughtInFuture,
    Condition,
    EquipmentNameMissing,
    GiverMissing,
    LentHasNoValue,
    OwnerMissing,
    RateAbsurd,
    Source,
    Work,
)
from kopprod.domain.ledger import (
    BANK,
    CASH,
    DEPRECIATED,
    DEPRECIATION,
    GRANTS,
    MACHINES,
    Posting,
)
from kopprod.domain.members import MemberStatus
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.tariffs import Split, SplitNotWhole
from kopprod.domain.uses import MeterAbsurd
from kopprod.services import check, depreciation, equipment, equipment_units, ledger, trainings
from kopprod.services.equipment import Facts
from kopprod.services.equipment_units import UnitFacts
from kopprod.services.photos import photo
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.members import Member
from kopprod.tables.uses import Use
from tests import make
from tests.machines import SINCE, Yard
from tests.seasons import DAY, at_once, writing

TRACTOR = Facts(name="Traktor roda empat", work=Work.AREA, rate_per_hour=2_500, buffer_min=30)
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
CAME = date(2026, 1, 10)
BOUGHT = UnitFacts(Source.BOUGHT, CAME, 30_000_000, life_months=60, paid_from=CASH)
GRANTED = UnitFacts(Source.GRANT, CAME, 10_000_000, life_months=36, giver="Dinas Pertanian")
AT = datetime(2026, 3, 5, 1, tzinfo=UTC)


def fill_cash(session: Session) -> None:
    balances = [Posting(CASH, debit_rp=100_000_000), Posting("35", credit_rp=100_000_000)]
    ledger.post(session, on=SINCE, memo="Saldo", paper="opening:1", postings=balances)


def book(session: Session, kind_id: int, number: str, *, hour: int, member_id: int) -> None:
    since = AT + timedelta(hours=hour)
    session.add(
        Booking(
            number=number,
            equipment_id=kind_id,
            member_id=member_id,
            stage=Stage.BOOKED,
            since=since,
            until=since + timedelta(hours=2),
            blocked_until=since + timedelta(hours=2),
            size=120,
            asked_at=make.AT,
        )
    )
    session.flush()


def balances(session: Session) -> dict[str, int]:
    return {
        code: ledger.balance_rp(session, code)
        for code in (CASH, MACHINES, DEPRECIATED, DEPRECIATION, GRANTS)
    }


def clean(coop: str) -> list[object]:
    with db.reading(coop) as session:
        return list(check.problems(session))


# Kinds


def test_a_kind_is_written_down_and_changed(yard: Yard) -> None:
    with writing(yard.coop) as session:
        village = make.village(session)
        facts = Facts(
            **{
                **vars(TRACTOR),
                "name": "  Traktor   roda empat ",
                "accessories": "garu\n\n bajak ",
                "village_ids": (village.id,),
            }
        )
        row = equipment.add_kind(session, facts)

        assert (row.name, row.accessories) == ("Traktor roda empat", "garu\nbajak")
        assert equipment.villages(session, row.id) == {village.id: "Sukamaju"}
        kept = equipment.facts_of(session, row)
        assert kept == Facts(**{**vars(facts), "name": row.name, "accessories": row.accessories})
        other = Facts(**{**vars(kept), "place": "Balai desa", "village_ids": ()})
        equipment.change_kind(session, row.id, other)
        assert equipment.kind(session, row.id).place == "Balai desa"
        assert equipment.villages(session, row.id) == {}
        names = [one.name for one in equipment.kinds(session)]
        assert names == ["Pompa air 3 dim", "Traktor roda empat", "Traktor tangan"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"name": " "}, EquipmentNameMissing),
        ({"name": "TRAKTOR TANGAN"}, equipment.KindKnown),
        ({"rate_per_hour": 0}, RateAbsurd),
        ({"split": Split(4_000, 2_000, 2_500, 1_000)}, SplitNotWhole),
        ({"opens_min": 600, "closes_min": 600}, equipment.HoursAbsurd),
        ({"limits": Limits(horizon_days=0)}, equipment.LimitsAbsurd),
        ({"limits": Limits(least_min=60, most_min=30)}, equipment.LimitsAbsurd),
        ({"request_hours": 0}, equipment.LimitsAbsurd),
    ],
)
def test_a_kind_that_cannot_be_is_refused(
    yard: Yard, changed: dict[str, object], refusal: type[Exception]
) -> None:
    facts = Facts(**{**vars(TRACTOR), **changed})
    with pytest.raises(refusal), writing(yard.coop) as session:
        equipment.add_kind(session, facts)


def test_what_its_work_is_counted_by_stays_once_it_is_booked(yard: Yard) -> None:
    with writing(yard.coop) as session:
        row = equipment.kind(session, yard.tractor_id)
        facts = Facts(**{**vars(equipment.facts_of(session, row)), "work": Work.TRIPS})
        equipment.change_kind(session, row.id, facts)
        book(session, row.id, "JADWAL-1", hour=0, member_id=yard.members["Siti"])
        with pytest.raises(equipment.WorkInUse):
            equipment.change_kind(session, row.id, TRACTOR)


def test_only_the_manager_changes_the_register_and_everybody_sees_it(yard: Yard) -> None:
    member = make.person(Role.MEMBER, member_id=yard.members["Siti"])
    with writing(yard.coop, member) as session:
        assert len(equipment.kinds(session)) == 2
        assert len(equipment.units(session, yard.pump_id)) == 2
        with pytest.raises(NotAllowed):
            equipment.add_kind(session, TRACTOR)
        with pytest.raises(NotAllowed):
            equipment_units.add_unit(session, yard.pump_id, BOUGHT)
        with pytest.raises(NotAllowed):
            depreciation.charge(session, until=FEBRUARY)
        with pytest.raises(NotAllowed):
            depreciation.worth(session)


# Who may use it


def test_a_machine_of_one_village_is_for_its_members(yard: Yard) -> None:
    with writing(yard.coop) as session:
        home, other = make.village(session), make.village(session, "Mekarsari")
        kind = equipment.kind(session, yard.pump_id)
        facts = equipment.facts_of(session, kind)
        equipment.change_kind(session, kind.id, Facts(**{**vars(facts), "village_ids": (home.id,)}))
        siti = session.get_one(Member, yard.members["Siti"])
        siti.village_id = home.id
        equipment.check_may_use(session, kind, siti.id, on=DAY)
        siti.village_id = other.id
        with pytest.raises(equipment.VillageMayNot) as refused:
            equipment.check_may_use(session, kind, siti.id, on=DAY)
        assert refused.value.facts == {"machine": kind.name, "villages": "Sukamaju"}


def test_what_a_machine_asks_for_is_learnt_or_an_operator_comes(yard: Yard) -> None:
    siti = yard.members["Siti"]
    with writing(yard.coop) as session:
        kind = equipment.kind(session, yard.pump_id)
        facts = Facts(**{**vars(equipment.facts_of(session, kind)), "training": "Pelatihan pompa"})
        equipment.change_kind(session, kind.id, facts)
        with pytest.raises(equipment.NotTrained):
            equipment.check_may_use(session, kind, siti, on=DAY)
        equipment.check_may_use(session, kind, siti, on=DAY, with_operator=True)
        learnt = trainings.add_training(session, kind.id, member_id=siti, trained_on=DAY, on=DAY)
        equipment.check_may_use(session, kind, siti, on=DAY)
        assert equipment.operators(session, kind.id, on=DAY) == []
        with pytest.raises(trainings.TrainedAlready):
            trainings.add_training(session, kind.id, member_id=siti, trained_on=DAY, on=DAY)
        trainings.end_training(session, learnt.id, on=DAY)
        with pytest.raises(equipment.NotTrained):
            equipment.check_may_use(session, kind, siti, on=DAY)
        with pytest.raises(trainings.TrainingUnknown):
            trainings.end_training(session, learnt.id, on=DAY)
        with pytest.raises(trainings.TrainedInFuture):
            trainings.add_training(
                session, kind.id, member_id=siti, trained_on=DAY + timedelta(1), on=DAY
            )


def test_who_left_neither_uses_nor_operates(yard: Yard) -> None:
    with writing(yard.coop) as session:
        kind = equipment.kind(session, yard.tractor_id)
        assert [one.name for one in equipment.operators(session, kind.id, on=DAY)] == ["Made"]
        assert [one.name for _, one in trainings.trainings(session, kind.id, on=DAY)] == ["Made"]
        made = session.get_one(Member, yard.operator_id)
        made.status, made.left_on = MemberStatus.LEFT, DAY
        session.flush()
        assert equipment.operators(session, kind.id, on=DAY) == []
        with pytest.raises(equipment.LeftTheCooperative):
            equipment.check_may_use(session, kind, made.id, on=DAY)
        with pytest.raises(equipment.LeftTheCooperative):
            trainings.add_training(session, yard.pump_id, member_id=made.id, trained_on=DAY, on=DAY)


# How they came


def test_a_tractor_bought_in_cash_stands_in_the_books_from_that_day(yard: Yard) -> None:
    with writing(yard.coop) as session:
        fill_cash(session)
        row = equipment_units.add_unit(session, yard.tractor_id, BOUGHT, draft_key="a")
        again = equipment_units.add_unit(session, yard.tractor_id, BOUGHT, draft_key="a")

        assert again.id == row.id
        assert row.number == "ALAT-2026-0004"
        assert balances(session)[MACHINES] == 30_000_000
        assert balances(session)[CASH] == 70_000_000
        changed = UnitFacts(**{**vars(BOUGHT), "value_rp": 31_000_000})
        with pytest.raises(FormKeptOtherwise):
            equipment_units.add_unit(session, yard.tractor_id, changed, draft_key="a")
    assert clean(yard.coop) == []


def test_a_granted_one_joins_the_grants_and_a_lent_one_stays_out_of_the_books(yard: Yard) -> None:
    with writing(yard.coop) as session:
        granted = equipment_units.add_unit(session, yard.pump_id, GRANTED)
        lent = equipment_units.add_unit(
            session, yard.pump_id, UnitFacts(Source.LENT, CAME, owner_id=yard.members["Budi"])
        )

        assert granted.giver == "Dinas Pertanian"
        assert balances(session)[GRANTS] == -10_000_000
        assert lent.entry_id is None
        assert balances(session)[MACHINES] == 10_000_000
        equipment_units.retire_unit(session, lent.id, why="Dikembalikan", on=DAY)
        assert balances(session)[MACHINES] == 10_000_000
    assert clean(yard.coop) == []


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        (UnitFacts(Source.GRANT, CAME, 1_000, life_months=1), GiverMissing),
        (UnitFacts(Source.LENT, CAME), OwnerMissing),
        (UnitFacts(Source.LENT, CAME, owner_id=999), equipment_units.OwnerUnknown),
        (UnitFacts(Source.LENT, CAME, 1_000, owner_id=1), LentHasNoValue),
        (UnitFacts(Source.BOUGHT, date(2027, 1, 1), 1_000, life_months=1), BoughtInFuture),
        (UnitFacts(Source.BOUGHT, CAME, 1_000, life_months=1), equipment_units.PaidFromMissing),
        (
            UnitFacts(Source.BOUGHT, CAME, 1_000, life_months=1, paid_from=CASH),
            ledger.CashShort,
        ),
        (
            UnitFacts(Source.BOUGHT, CAME, 1_000, life_months=1, meter=10**9, in_opening=True),
            MeterAbsurd,
        ),
        (
            UnitFacts(
                Source.BOUGHT,
                CAME,
                1_000,
                life_months=1,
                in_opening=True,
                charged_until=date(2027, 1, 1),
            ),
            BoughtInFuture,
        ),
    ],
)
def test_a_machine_that_cannot_be_is_refused(
    yard: Yard, facts: UnitFacts, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal), writing(yard.coop) as session:
        equipment_units.add_unit(session, yard.pump_id, facts)


# What they lose


def test_each_month_is_charged_once_on_its_last_day(yard: Yard) -> None:
    with writing(yard.coop) as session:
        fill_cash(session)
        row = equipment_units.add_unit(session, yard.tractor_id, BOUGHT)
        equipment_units.add_unit(session, yard.pump_id, GRANTED)
        seen = depreciation.to_charge(session, until=DAY)

        assert [(one.month, one.amount_rp) for one in seen] == [
            (JANUARY, 500_000),
            (JANUARY, 277_778),
            (FEBRUARY, 500_000),
            (FEBRUARY, 277_778),
        ]
        depreciation.charge(session, until=JANUARY)
        depreciation.charge(session, until=DAY)
        assert balances(session)[DEPRECIATED] == -sum(one.amount_rp for one in seen)
        assert balances(session)[DEPRECIATION] == sum(one.amount_rp for one in seen)
        [worth] = [one for one in depreciation.worth(session) if one.unit.id == row.id]
        assert (worth.book_rp, worth.charged_until) == (29_000_000, FEBRUARY)
        with pytest.raises(depreciation.NothingToCharge):
            depreciation.charge(session, until=DAY)
        with pytest.raises(depreciation.ChargedInFuture):
            depreciation.charge(session, until=DAY + timedelta(1))
    assert clean(yard.coop) == []


def test_what_the_opening_balances_have_is_not_charged_again(yard: Yard) -> None:
    old = UnitFacts(
        Source.BOUGHT,
        date(2025, 7, 20),
        12_000_000,
        life_months=12,
        in_opening=True,
        charged_until=date(2025, 12, 31),
    )
    with writing(yard.coop) as session:
        row = equipment_units.add_unit(session, yard.tractor_id, old)
        assert row.entry_id is None
        months = [one.month for one in depreciation.to_charge(session, until=DAY)]
        assert months == [JANUARY, FEBRUARY]
        depreciation.charge(session, until=DAY)
        assert balances(session)[DEPRECIATED] == -2_000_000
        assert depreciation.charged_rp(session, row) == 8_000_000
        equipment_units.retire_unit(session, row.id, why="Rusak", on=DAY)
        assert balances(session)[MACHINES] == -12_000_000
        assert balances(session)[DEPRECIATED] == 6_000_000
        assert balances(session)[DEPRECIATION] == 6_000_000
    assert clean(yard.coop) == []


# How they leave


@pytest.mark.parametrize(("proceeds_rp", "rest_rp"), [(0, 29_000_000), (29_400_000, -400_000)])
def test_a_machine_leaves_at_what_it_stood_at(yard: Yard, proceeds_rp: int, rest_rp: int) -> None:
    with writing(yard.coop) as session:
        fill_cash(session)
        row = equipment_units.add_unit(session, yard.tractor_id, BOUGHT)
        depreciation.charge(session, until=DAY)
        equipment_units.retire_unit(
            session, row.id, why="Dijual", on=DAY, proceeds_rp=proceeds_rp, account=BANK
        )
        found = balances(session)
        assert (found[MACHINES], found[DEPRECIATED]) == (0, 0)
        assert found[DEPRECIATION] == 1_000_000 + rest_rp
        assert ledger.balance_rp(session, BANK) == proceeds_rp
        with pytest.raises(equipment_units.UnitRetired):
            equipment_units.change_unit(session, row.id, serial="X")
        [gone] = [
            one for one in depreciation.worth(session, all_of_them=True) if one.unit.id == row.id
        ]
        assert gone.book_rp == 0
    assert clean(yard.coop) == []


def test_a_machine_written_down_wrongly_goes_as_if_it_had_never_come(yard: Yard) -> None:
    with writing(yard.coop) as session:
        fill_cash(session)
        row = equipment_units.add_unit(session, yard.tractor_id, BOUGHT)
        other = equipment_units.add_unit(session, yard.tractor_id, GRANTED)
        equipment_units.take_out(session, row.id, why="Salah ketik", on=DAY)
        assert balances(session)[CASH] == 100_000_000
        depreciation.charge(session, until=DAY)
        with pytest.raises(equipment_units.AlreadyAtWork):
            equipment_units.take_out(session, other.id, why="Salah ketik", on=DAY)
    assert clean(yard.coop) == []


def test_what_would_leave_bookings_without_a_machine_is_refused_and_names_them(
    yard: Yard,
) -> None:
    siti, budi = yard.members["Siti"], yard.members["Budi"]
    with writing(yard.coop) as session:
        book(session, yard.pump_id, "JADWAL-1", hour=0, member_id=siti)
        equipment_units.change_unit(session, yard.pumps[0], serial="  P 1 ")
        book(session, yard.pump_id, "JADWAL-2", hour=1, member_id=budi)
        book(session, yard.pump_id, "JADWAL-3", hour=5, member_id=siti)
        for act in (equipment_units.retire_unit, equipment_units.take_out):
            with pytest.raises(equipment.BookingsStand) as refused:
                act(session, yard.pumps[1], why="Rusak", on=DAY)
            assert refused.value.facts["numbers"] == "JADWAL-1, JADWAL-2"
        with pytest.raises(equipment.BookingsStand) as refused:
            equipment_units.retire_kind(session, yard.pump_id, why="Rusak", on=DAY)
        assert refused.value.facts["numbers"] == "JADWAL-1, JADWAL-2, JADWAL-3"
        second = session.exec(select(Booking).where(Booking.number == "JADWAL-2")).one()
        second.stage = Stage.CANCELLED
        session.flush()
        gone = equipment_units.retire_unit(session, yard.pumps[1], why="Rusak", on=DAY)
        assert (gone.retired_on, gone.retired_why) == (DAY, "Rusak")
        assert session.get_one(EquipmentUnit, yard.pumps[0]).serial == "P 1"


def test_a_machine_that_is_out_does_not_leave(yard: Yard) -> None:
    with writing(yard.coop) as session:
        book(session, yard.pump_id, "JADWAL-1", hour=0, member_id=yard.members["Siti"])
        use = Use(
            number="PAKAI-1",
            booking_id=session.exec(select(Booking.id)).one(),
            unit_id=yard.pumps[0],
            out_at=make.AT,
            out_condition=Condition.GOOD,
        )
        session.add(use)
        session.flush()
        with pytest.raises(equipment_units.UnitIsOut):
            equipment_units.retire_unit(session, yard.pumps[0], why="Rusak", on=DAY)


def test_a_machine_leaves_with_a_reason_and_not_before_its_last_month(yard: Yard) -> None:
    with writing(yard.coop) as session:
        row = equipment_units.add_unit(session, yard.pump_id, GRANTED)
        depreciation.charge(session, until=DAY)
        with pytest.raises(equipment_units.WhyRetiredMissing):
            equipment_units.retire_unit(session, row.id, why=" ", on=DAY)
        with pytest.raises(equipment_units.RetiredTooEarly):
            equipment_units.retire_unit(session, row.id, why="Rusak", on=JANUARY)
        with pytest.raises(equipment_units.PaidFromMissing):
            equipment_units.retire_unit(session, row.id, why="Dijual", on=DAY, proceeds_rp=1)
        lent = equipment_units.add_unit(
            session, yard.pump_id, UnitFacts(Source.LENT, CAME, owner_id=yard.members["Budi"])
        )
        with pytest.raises(equipment_units.LentIsNotSold):
            equipment_units.retire_unit(
                session, lent.id, why="Dijual", on=DAY, proceeds_rp=1, account=CASH
            )


def test_a_kind_leaves_with_all_its_machines(yard: Yard) -> None:
    with writing(yard.coop) as session:
        pumps = equipment.add_kind(session, Facts(name="Pompa lama"))
        for _ in range(2):
            equipment_units.add_unit(session, pumps.id, GRANTED)
        equipment_units.retire_kind(session, pumps.id, why="Habis umur", on=DAY)
        assert balances(session)[MACHINES] == 0
        assert pumps.id not in [one.id for one in equipment.kinds(session)]
        assert pumps.id in [one.id for one in equipment.kinds(session, all_of_them=True)]
        assert equipment.units(session, pumps.id) == []
        assert len(equipment.units(session, pumps.id, all_of_them=True)) == 2
        with pytest.raises(equipment.KindRetired):
            equipment_units.add_unit(session, pumps.id, GRANTED)
    assert clean(yard.coop) == []


# Photos


def test_a_photo_is_kept_small_and_what_is_none_is_refused(yard: Yard) -> None:
    out = io.BytesIO()
    Image.new("RGB", (3_000, 400), "green").save(out, "JPEG")
    with writing(yard.coop) as session:
        row = equipment.keep_photo(session, yard.pump_id, picture=out.getvalue())
        kept = photo(session, row.photo_id)
        assert kept is not None and Image.open(io.BytesIO(kept)).width == 480
        with pytest.raises(pictures.NotAPhoto):
            equipment.keep_photo(session, yard.pump_id, picture=b"no picture")
        assert equipment.keep_photo(session, yard.pump_id, picture=b"").photo_id is None
        assert photo(session, None) is None
        assert session.get_one(Equipment, yard.pump_id).photo_id is None


def test_a_large_photo_of_a_phone_leaves_behind_where_it_was_taken(yard: Yard) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (7.0, 30.0, 12.0)
    taken = make.photo((4_000, 3_000), exif=exif, quality=95)
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    with writing(yard.coop) as session:
        first = equipment.keep_photo(session, yard.pump_id, picture=taken).photo_id
        again = equipment.keep_photo(session, yard.pump_id, picture=taken).photo_id
        kept = photo(session, again)
    assert kept is not None and kept[:8] == b"\x89PNG\r\n\x1a\n" and len(kept) < 200_000
    small = Image.open(io.BytesIO(kept))
    assert small.size == (360, 480)  # it stands upright
    assert not small.getexif() and b"GPS" not in kept
    assert first is not None and first != again  # the photo in use is the newest


def test_a_photo_beyond_all_phones_is_refused_with_its_limit(yard: Yard) -> None:
    with writing(yard.coop) as session:
        for large in (b"0" * (pictures.MAX_PHOTO_BYTES + 1), make.photo((9_000, 8_000))):
            with pytest.raises(pictures.PictureTooLarge) as refused:
                equipment.keep_photo(session, yard.pump_id, picture=large)
            assert refused.value.facts == {"limit_mb": 15}


def test_two_who_depreciate_at_once_charge_each_month_once(yard: Yard) -> None:
    with writing(yard.coop) as session:
        equipment_units.add_unit(session, yard.pump_id, GRANTED)

    def charge() -> int:
        with writing(yard.coop) as session:
            return len(depreciation.charge(session, until=DAY))

    said = at_once(charge, charge)

    assert 2 in said
    assert any(isinstance(one, depreciation.NothingToCharge) for one in said)
    assert clean(yard.coop) == []
