"""What is kept by product, grade, village and day: always what it reckons to, and late prices."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.__main__ import main
from kopprod.domain.access import NotAllowed
from kopprod.domain.ledger import BANK
from kopprod.services import (
    comparison,
    cooperative,
    payments,
    products,
    quotes,
    references,
    reversals,
    sales,
    slips,
    together,
)
from kopprod.services.dashboard import Period
from kopprod.services.sales import SameSaleOpen
from kopprod.tables import triggers
from kopprod.tables.deliveries import Delivery
from kopprod.tables.references import ReferenceDay
from tests import make
from tests.screens import screen, words
from tests.test_comparison import (
    DAY,
    EVER,
    KG,
    PAID,
    RP,
    Place,
    bring,
    hear,
    pay_all,
    place,
    season,
    sell,
    writing,
)

__all__ = ["place"]  # the fixture
LATER = PAID + timedelta(days=40)


def days(there: Place) -> list[ReferenceDay]:
    with db.reading(there.coop) as session:
        return list(session.exec(select(ReferenceDay).order_by(ReferenceDay.day)).all())  # type: ignore[arg-type]


def wrong(there: Place) -> list[str]:
    with db.reading(there.coop) as session:
        return [str(one.facts["day"]) for one in references.differing(session)]


def hear_late(session: Session, there: Place, *, rp: int, heard: int) -> list[references.Moved]:
    """A price of so many days after the delivery that is noted much later."""
    quotes.record(
        session, product_id=there.product_id, grade_id=there.grade_a, village_id=there.sukamaju,
        quoted_on=DAY + timedelta(days=heard), price_e4=rp * RP, on=LATER,
    )  # fmt: skip
    return references.moved_now(session)


# What is kept


def test_a_paid_lot_is_kept_with_its_reference(place: Place) -> None:
    season(place)
    with writing(place) as session:
        for at in (-1, 0, 3):
            hear(session, place, days=at)

    kept = {row.day: row for row in days(place)}

    assert sorted(kept) == [DAY + timedelta(days=n) for n in (-1, 0, 3)]
    row = kept[DAY]
    assert (row.quotes, row.age_days, row.middle_e4) == (3, 0, 57_793_388)
    assert (row.lots, row.thin, row.difference_rp, row.coop_rp) == (1, 0, 571_181, 7_564_181)
    assert row.true_weight == 1_210 * KG
    assert kept[DAY + timedelta(days=3)].lots == 0
    assert wrong(place) == []


@pytest.mark.one_engine("the other database plans by what is in its tables")
def test_a_days_lots_are_not_looked_for_among_all_slips_of_their_members(place: Place) -> None:
    """Else receiving, settling and paying would take longer with each year of history."""
    which = col(Delivery.product_id) == place.product_id, col(Delivery.received_on).in_([DAY])
    with db.reading(place.coop) as session:
        query = comparison.settled_lots(*which, of_days=True)
        words = query.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = str(session.execute(text(f"EXPLAIN QUERY PLAN {words}")).all())
    assert "uq_slip_standing (sale_id=? AND member_id>? AND member_id<?)" in plan
    assert "ix_slip_member_id" not in plan


def test_waiting_still_counts_for_what_is_not_paid(place: Place) -> None:
    """A lot that waits has a reference; its rupiah are reckoned on the day somebody looks."""
    with writing(place) as session:
        sell(session, place, [(bring(session, place, place.ayu), 1_208 * KG)])
        for at in (-1, 0, 3):
            hear(session, place, days=at)
    (row,) = [one for one in days(place) if one.day == DAY]
    assert (row.lots, row.quotes) == (0, 3)
    with db.reading(place.coop, person=make.MANAGER) as session:
        for on in (DAY, PAID):
            (month,) = references.months(session, EVER, on=on)
            (lot,) = comparison.lots(session, EVER, on=on)
            assert (month.lots, month.difference_rp) == (1, lot.difference_rp)


def test_more_that_waits_than_is_named_is_found_all_the_same(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(place) as session:
        sell(session, place, [(bring(session, place, place.ayu), 1_208 * KG)])
        sell(session, place, [(bring(session, place, place.ayu), 1_208 * KG)])
    with db.reading(place.coop, person=make.MANAGER) as session:
        named = comparison.lots(session, EVER, on=PAID, unpaid_only=True)
        monkeypatch.setattr(comparison, "_MANY", 1)
        assert comparison.lots(session, EVER, on=PAID, unpaid_only=True) == named
    assert len(named) == 2


def test_money_that_came_back_waits_again(place: Place) -> None:
    slip_id = season(place)
    assert [row.lots for row in days(place)] == [1]
    with writing(place) as session:
        reversals.return_payout(session, slip_id, reason="Rekening salah", on=PAID)
    assert [row.lots for row in days(place)] == [0]
    assert wrong(place) == []


def test_a_settlement_taken_back_takes_its_lots_with_it(place: Place) -> None:
    season(place)
    with writing(place) as session:
        for at in (-1, 0, 1):
            hear(session, place, days=at)
        reversals.reverse_settlement(session, 1, reason="Harga salah", on=PAID)
    assert all(row.lots == 0 for row in days(place))
    assert wrong(place) == []
    with writing(place) as session:
        sales.settle(session, 1, on=PAID)
        for row in slips.slips(session, unpaid_only=True):
            slips.pay(session, row.slip.id, account=BANK, on=PAID)
    assert [row.lots for row in days(place) if row.day == DAY] == [1]
    assert wrong(place) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quote_window_days", "2"),
        ("quote_min_count", "5"),
        ("quote_max_age_days", "1"),
        ("waiting_rate_bp", "0"),
    ],
)
def test_a_changed_setting_keeps_all_anew(place: Place, name: str, value: str) -> None:
    season(place)
    with writing(place) as session:
        for at in (-4, -3, -3):
            hear(session, place, days=at)
    before = [row.model_dump() for row in days(place)]
    with writing(place) as session:
        cooperative.change_setting(session, name=name, value=value)
    assert wrong(place) == []
    assert [row.model_dump() for row in days(place)] != before


def test_a_neighbour_and_a_unit_keep_all_anew(place: Place) -> None:
    season(place)
    with writing(place) as session:
        for village_id in (place.sukamaju, place.cibiru, place.far):
            hear(session, place, village_id=village_id)
        cooperative.add_neighbours(session, village_id=place.far, other_id=place.sukamaju)
    assert wrong(place) == []
    with writing(place) as session:
        cooperative.remove_neighbours(session, village_id=place.far, other_id=place.sukamaju)
        products.add_unit(session, place.product_id, name="karung", factor=50 * KG, since=DAY)
    assert wrong(place) == []


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("bring"), st.integers(0, 12), st.booleans()),
        st.tuples(st.just("hear"), st.integers(0, 14), st.integers(5_500, 7_000)),
        st.tuples(st.just("pay"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("back"), st.integers(0, 5), st.just(0)),
    ),
    max_size=14,
)


@given(events=EVENTS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_what_is_kept_is_what_it_reckons_to(
    place: Place, events: Sequence[tuple[str, int, int]]
) -> None:
    with pytest.raises(ZeroDivisionError), writing(place) as session:
        for what, at, how in events:
            _play(session, place, what, at, how)
        assert list(references.differing(session)) == []
        found = together.by_month(comparison.lots(session, EVER, on=LATER))
        kept = references.months(session, EVER, on=LATER)
        assert [_rupiah(one) for one in kept] == [_rupiah(one) for one in found]
        raise ZeroDivisionError  # keeps nothing, so that the next begins alike


def _rupiah(one: together.MonthTogether) -> tuple[object, ...]:
    return one.month, one.product_id, one.lots, one.thin, one.coop_rp, one.difference_rp


def _play(session: Session, there: Place, what: str, at: int, how: int) -> None:
    on = DAY + timedelta(days=at)
    if what == "hear":
        hear(session, there, days=at, rp=how)
        return
    if what == "bring":
        who = there.ayu if how else there.budi
        goods = bring(session, there, who, on=on)
        with suppress(SameSaleOpen):  # what was taken back stands open
            sell(session, there, [(goods, 1_000 * KG)], on=on)
        return
    waiting = slips.slips(session, unpaid_only=True)
    if what == "back" and waiting and waiting[0].sale is not None:
        reversals.reverse_settlement(session, waiting[0].sale.id, reason="Salah", on=LATER)
    if what == "pay" and waiting and waiting[-1].sale is not None:
        gross_rp = waiting[-1].sale.gross_rp or 0
        payments.take_payment(
            session, waiting[-1].sale.id, amount_rp=gross_rp, account=BANK, on=LATER
        )
        slips.pay(session, waiting[-1].slip.id, account=BANK, on=LATER)


# A price that comes late


def hear_three(session: Session, there: Place) -> None:
    """Three prices, each noted on its day."""
    for at, rp in ((-1, 6_300), (0, 6_400), (3, 6_500)):
        on = DAY + timedelta(days=at)
        quotes.record(
            session, product_id=there.product_id, grade_id=there.grade_a,
            village_id=there.sukamaju, quoted_on=on, price_e4=rp * RP, on=on,
        )  # fmt: skip


def test_a_late_price_moves_the_days_around_it_and_marks_them(place: Place) -> None:
    season(place)
    with writing(place) as session:
        hear_three(session, place)
    with writing(place) as session:
        moved = hear_late(session, place, rp=9_000, heard=2)

    assert [(one.place.on, one.before_e4, one.after_e4) for one in moved] == [
        (DAY + timedelta(days=-1), 6_400 * RP, 6_450 * RP),
        (DAY, 6_400 * RP, 6_450 * RP),
        (DAY + timedelta(days=2), None, 6_450 * RP),
        (DAY + timedelta(days=3), 6_400 * RP, 6_450 * RP),
    ]
    with writing(place) as session:
        hear_late(session, place, rp=9_000, heard=2)
    with db.reading(place.coop, person=make.MANAGER) as session:
        found = references.changed(session, since=DAY)
        assert [(one.day, one.before_e4, one.middle_e4) for one in found] == [
            (DAY + timedelta(days=3), 6_400 * RP, 6_500 * RP),
            (DAY + timedelta(days=2), 6_450 * RP, 6_500 * RP),
            (DAY, 6_400 * RP, 6_500 * RP),
        ]
        assert references.changed(session, since=DAY + timedelta(days=4)) == []
        assert references.changed(session, since=DAY, product_id=99) == []
    assert wrong(place) == []


def test_a_late_price_far_away_or_of_another_grade_moves_nothing(place: Place) -> None:
    season(place)
    with writing(place) as session:
        hear_three(session, place)
    for change in ({"grade_id": place.grade_b}, {"village_id": place.far}):
        with writing(place) as session:
            hear(session, place, rp=9_000, **change)
            assert references.moved_now(session) == []


def test_todays_price_is_not_late(place: Place) -> None:
    season(place)
    with writing(place) as session:
        hear_three(session, place)
        quotes.record(
            session, product_id=place.product_id, grade_id=place.grade_a,
            village_id=place.sukamaju, quoted_on=PAID, price_e4=9_000 * RP, on=PAID,
        )  # fmt: skip
        assert references.moved_now(session) == []
    assert all(row.changed_at is None for row in days(place))


def test_the_page_says_which_days_a_late_price_changed(place: Place) -> None:
    season(place)
    with writing(place) as session:
        manager = make.user(session, *make.MANAGER.roles, name="Citra")
        hear_three(session, place)
    test = screen(place.coop, manager, "quotes")
    price = next(one for one in test.text_input if one.label.startswith("Harganya"))
    price.input("9.000").run()
    asked = next(one for one in test.button_group if one.label == "Kapan?")
    asked.set_value("other").run()
    test.date_input[0].set_value(DAY + timedelta(days=1)).run()
    test.button(key="quote_save").click().run()

    assert [one.value for one in test.exception] == []
    shown = words(test)
    assert "mengubah harga acuan 4 hari (1 Maret 2026 sampai 5 Maret 2026)" in shown


@pytest.mark.parametrize(
    ("rp", "said"),
    [
        (6_500, "Lebih berkat jual bersama"),
        (5_900, "**Untuk hasil ini tengkulak membayar lebih.**"),
    ],
)
def test_a_slip_names_the_break_even_price_and_who_pays_more(
    place: Place, rp: int, said: str
) -> None:
    """WE-10: below Rp6.013,04 the middleman is better; at Rp5.900 he is, and that is said."""
    slip_id = season(place, rp=rp)
    with writing(place) as session:
        for at in (-1, 0, 3):
            hear(session, place, days=at)
    test = screen(place.coop, place.ayu, "slips")
    test.button(key=f"slip_{slip_id}").click().run()
    assert [one.value for one in test.exception] == []
    shown = words(test)
    assert "Rp6.013,04" in shown
    assert said in shown
    assert ("tengkulak membayar lebih" in shown) is (rp < 6_013)


# What is checked, mended and seen


def break_it(there: Place, statement: str) -> None:
    with db.engine(there.coop, writes=True).begin() as connection:
        triggers.drop(connection)
        connection.execute(text(statement))
        triggers.create(connection)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reference_day SET middle_e4 = middle_e4 + 1",
        "UPDATE reference_day SET lots = lots + 1",
        "UPDATE reference_day SET difference_rp = difference_rp - 1 WHERE lots > 0",
        "DELETE FROM reference_day WHERE lots > 0",
        "UPDATE reference_day SET day = '2027-01-01' WHERE lots > 0",
    ],
)
def test_what_is_kept_otherwise_is_named_and_kept_anew(place: Place, statement: str) -> None:
    season(place)
    with writing(place) as session:
        for at in (-1, 0, 3):
            hear(session, place, days=at)
    break_it(place, statement)
    assert DAY.isoformat() in wrong(place) or "2027-01-01" in wrong(place)
    assert main(["check", place.coop]) == 1
    assert main(["reckon", place.coop]) == 0
    assert wrong(place) == []
    assert main(["check", place.coop]) == 0


def test_who_writes_years_keeps_all_at_the_end(place: Place) -> None:
    with writing(place) as session:
        references.put_off(session)
        sale_id = sell(session, place, [(bring(session, place, place.ayu), 1_208 * KG)])
        pay_all(session, sale_id)
        hear(session, place)
    assert days(place) == [] and wrong(place) == [DAY.isoformat()]
    with writing(place) as session:
        references.keep_all(session)
    assert wrong(place) == []


def test_months_are_for_whoever_sees_the_dashboard(place: Place) -> None:
    season(place)
    with db.reading(place.coop, person=make.MANAGER) as session:
        (month,) = references.months(session, Period(DAY, PAID, place.product_id), on=PAID)
        assert (month.lots, month.month) == (1, date(2026, 3, 1))
        assert references.months(session, Period(DAY, PAID, 99), on=PAID) == []
    for person in (place.ayu, make.OFFICER):
        with db.reading(place.coop, person=person) as session:
            with pytest.raises(NotAllowed):
                references.months(session, EVER, on=PAID)
            with pytest.raises(NotAllowed):
                references.changed(session, since=DAY)
