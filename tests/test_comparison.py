"""The comparison from real rows: deliveries, sales and slips against what middlemen offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.comparison import Verdict
from kopprod.domain.ledger import BANK, Posting
from kopprod.domain.sales import CostSplit
from kopprod.services import (
    comparison,
    cooperative,
    deliveries,
    ledger,
    payments,
    quotes,
    sales,
    slips,
    standings,
    together,
)
from kopprod.services.comparison import Compared
from kopprod.services.dashboard import Period
from kopprod.services.slips import SlipOfAnother
from kopprod.tables.slips import Slip
from tests import make
from tests.screens import screen, words

DAY = make.TODAY
PAID = DAY + timedelta(days=14)
KG = 1_000
RP = 10_000  # ten-thousandths
EVER = Period(date(2025, 1, 1), date(2027, 1, 1))


@dataclass(frozen=True)
class Place:
    """A cooperative with two neighbouring villages and one far away; Ayu and Budi bring paddy."""

    coop: str
    product_id: int
    grade_a: int
    grade_b: int
    sukamaju: int
    cibiru: int
    far: int
    ayu: Person
    budi: Person
    buyer_id: int


@pytest.fixture
def place(coop: str) -> Place:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        ledger.open_chart(session)
        sukamaju, cibiru, far = (
            make.village(session, n).id for n in ("Sukamaju", "Cibiru", "Jauh")
        )
        cooperative.add_neighbours(session, village_id=sukamaju, other_id=cibiru)
        paddy = make.product(session)
        ayu, budi = (
            make.user(
                session,
                Role.MEMBER,
                name=name,
                member_id=make.member(session, name, village_id=sukamaju).id,
            )
            for name in ("Ayu", "Budi")
        )
        return Place(
            coop=coop,
            product_id=paddy.id,
            grade_a=make.grade(session, paddy.id, "A").id,
            grade_b=make.grade(session, paddy.id, "B", factor_bp=9_200, position=2).id,
            sukamaju=sukamaju,
            cibiru=cibiru,
            far=far,
            ayu=ayu,
            budi=budi,
            buyer_id=make.buyer(session).id,
        )


def writing(place: Place, person: Person = make.MANAGER):  # type: ignore[no-untyped-def]
    # The days of the goods and the money have come by then.
    at = make.AT + timedelta(days=60)
    return db.writing(place.coop, person=person, action="test", at=at)


def hear(
    session: Session,
    place: Place,
    *,
    rp: int = 6_300,
    days: int = 0,
    village_id: int | None = None,
    grade_id: int | None = None,
    **terms: int,
) -> None:
    """An offer of so many days after the delivery; WE-10's cut of 10 kg a sack of 121."""
    quotes.record(
        session,
        product_id=place.product_id,
        grade_id=grade_id or place.grade_a,
        village_id=village_id or place.sukamaju,
        quoted_on=DAY + timedelta(days=days),
        price_e4=rp * RP,
        on=PAID,
        **({"cut_per_sack": 10 * KG, "sack_size": 121 * KG} | terms),  # type: ignore[arg-type]
    )


def bring(
    session: Session,
    place: Place,
    who: Person,
    *,
    gross: int = 1_210 * KG,
    tare: int = 2 * KG,
    on: date = DAY,
) -> int:
    received = deliveries.receive(
        session,
        member_id=who.member_id or 0,
        product_id=place.product_id,
        grade_id=place.grade_a,
        gross=gross,
        tare=tare,
        received_on=on,
        on=on,
    )
    return received.id


def sell(
    session: Session,
    place: Place,
    parts: Sequence[tuple[int, int]],
    *,
    rp: int = 6_500,
    costs_rp: int = 60_500,
    fee_bp: int = 200,
    on: date = DAY,
    split: CostSplit = CostSplit.VALUE,
    **fees: int,
) -> int:
    """A settled sale of parts of deliveries, weighed alike by the buyer."""
    sale = sales.open_sale(
        session,
        buyer_id=place.buyer_id,
        product_id=place.product_id,
        sold_on=on,
        price_e4=rp * RP,
        buyer_weight=sum(quantity for _, quantity in parts),
        fee_bp=fee_bp,
        on=on,
        **fees,  # type: ignore[arg-type]
    )
    for delivery_id, quantity in parts:
        sales.allot(session, sale.id, delivery_id=delivery_id, quantity=quantity)
    if costs_rp:
        sales.add_cost(session, sale.id, name="Truk", amount_rp=costs_rp, split=split)
    sales.settle(session, sale.id, on=on)
    return sale.id


def pay_all(session: Session, sale_id: int, *, on: date = PAID) -> None:
    gross_rp = sales.statement(session, sale_id).owed_rp
    payments.take_payment(session, sale_id, amount_rp=gross_rp, account=BANK, on=on)
    for row in slips.slips(session, unpaid_only=True):
        slips.pay(session, row.slip.id, account=BANK, on=on)


def the_lot(place: Place, *, on: date = PAID) -> Compared:
    """The only lot there is."""
    with db.reading(place.coop, person=make.MANAGER) as session:
        (lot,) = comparison.lots(session, EVER, on=on)
    return lot


def season(place: Place, *, rp: int = 6_500) -> int:
    """WE-10 in rows: ten sacks of Ayu's, sold and paid after 14 days; gives her slip's key."""
    with writing(place) as session:
        delivery_id = bring(session, place, place.ayu)
        sale_id = sell(session, place, [(delivery_id, 1_208 * KG)], rp=rp)
        pay_all(session, sale_id)
        (row,) = slips.slips(session)
        return row.slip.id


# WE-10


def test_the_published_example_comes_out_of_real_rows(place: Place) -> None:
    slip_id = season(place)
    with writing(place) as session:
        for days in (-1, 0, 3):
            hear(session, place, days=days)

    lot = the_lot(place)

    assert lot.lot.net_value_rp == 7_634_460
    assert lot.lot.waited_days == 14
    assert lot.outcome.middleman is not None and lot.break_even is not None
    assert round(lot.outcome.middleman, 2) == Fraction("5779.34")
    assert round(lot.outcome.coop, 2) == Fraction("6251.39")
    assert lot.difference_rp == 571_181
    assert lot.outcome.rate is not None
    assert round(lot.outcome.rate * 100, 3) == Fraction("8.168")
    assert round(lot.break_even, 2) == Fraction("6013.04")
    assert lot.outcome.verdict is Verdict.BETTER
    assert (lot.middlemen.count, lot.middlemen.age_days) == (3, 0)
    with db.reading(place.coop, person=place.ayu) as session:
        assert comparison.of_slip(session, slip_id, on=PAID) == [lot]


def test_what_is_taken_from_the_payout_changes_nothing(place: Place) -> None:
    """Her savings and her loan are uses of her money: the comparison looks at the slip's value."""
    season(place)
    with writing(place) as session:
        for days in (-1, 0, 3):
            hear(session, place, days=days)
    before = the_lot(place)
    with writing(place, make.TREASURER) as session:
        ledger.post_by_hand(
            session,
            on=PAID,
            memo="Simpanan wajib dan angsuran",
            postings=[
                Posting(BANK, debit_rp=210_000),
                Posting("32", credit_rp=10_000, member_id=place.ayu.member_id),
                Posting("1108", credit_rp=200_000, member_id=place.ayu.member_id),
            ],
        )

    assert the_lot(place) == before


def test_a_slip_that_is_not_paid_waits_until_today(place: Place) -> None:
    with writing(place) as session:
        sell(session, place, [(bring(session, place, place.ayu), 1_208 * KG)])

    assert the_lot(place, on=DAY).lot.waited_days == 0
    assert the_lot(place, on=PAID).lot.waited_days == 14
    assert the_lot(place, on=PAID).outcome.coop < the_lot(place, on=DAY).outcome.coop


def test_a_cooperative_that_loses_is_shown_as_losing(place: Place) -> None:
    slip_id = season(place, rp=5_900)
    with writing(place) as session:
        for days in (-1, 0, 3):
            hear(session, place, days=days)

    lot = the_lot(place)

    assert lot.outcome.verdict is Verdict.WORSE
    assert lot.difference_rp < 0
    assert lot.break_even is not None and lot.sold_at < lot.break_even
    assert lot.break_even == pytest.approx(6_013.04, abs=0.01)  # the same whatever it was sold for
    shown = words(screen_of_slip(place, slip_id))
    assert "Kurang berkat jual bersama" in shown
    assert f"Rp{-lot.difference_rp:,}".replace(",", ".") in shown


def screen_of_slip(place: Place, slip_id: int):  # type: ignore[no-untyped-def]
    test = screen(place.coop, place.ayu, "slips")
    test.button(key=f"slip_{slip_id}").click().run()
    assert [one.value for one in test.exception] == []
    return test


# Too little to say


def thin(place: Place) -> Compared:
    lot = the_lot(place)
    assert lot.outcome.verdict is Verdict.THIN and lot.thin
    assert (lot.outcome.middleman, lot.outcome.difference, lot.break_even) == (None, None, None)
    assert lot.difference_rp == 0
    return lot


def test_two_offers_are_too_few(place: Place) -> None:
    slip_id = season(place)
    with writing(place) as session:
        hear(session, place, days=-1)
        hear(session, place, days=1)

    assert thin(place).middlemen.count == 2
    shown = words(screen_of_slip(place, slip_id))
    assert "Data kurang" in shown
    assert "2 dari 3 harga" in shown


@pytest.mark.parametrize(("days", "counts"), [(-7, True), (7, True), (-8, False), (8, False)])
def test_a_week_before_or_after_counts_and_eight_days_do_not(
    place: Place, days: int, counts: bool
) -> None:
    season(place)
    with writing(place) as session:
        for _ in range(3):
            hear(session, place, days=days)

    assert the_lot(place).middlemen.count == (3 if counts else 0)
    assert the_lot(place).thin is not counts


def test_an_offer_of_the_window_counts_whatever_the_settings_are(place: Place) -> None:
    season(place)
    with writing(place) as session:
        cooperative.change_setting(session, name="quote_max_age_days", value="3")
        for _ in range(3):
            hear(session, place, days=7)
    assert the_lot(place).middlemen.count == 3


def test_offers_older_than_the_limit_are_thin_where_the_window_is_wider(place: Place) -> None:
    season(place)
    with writing(place) as session:
        cooperative.change_setting(session, name="quote_window_days", value="30")
        for _ in range(3):
            hear(session, place, days=-15)
    assert thin(place).middlemen.age_days == 15
    with writing(place) as session:
        hear(session, place, days=-14)
    assert not the_lot(place).thin


def test_another_grade_does_not_count(place: Place) -> None:
    season(place)
    with writing(place) as session:
        for _ in range(3):
            hear(session, place, grade_id=place.grade_b)
    assert thin(place).middlemen.count == 0


def test_a_neighbour_that_the_manager_listed_counts_and_a_village_far_away_does_not(
    place: Place,
) -> None:
    season(place)
    with writing(place) as session:
        for village_id in (place.sukamaju, place.cibiru, place.far):
            hear(session, place, village_id=village_id)
    assert thin(place).middlemen.count == 2
    with writing(place) as session:
        cooperative.add_neighbours(session, village_id=place.far, other_id=place.sukamaju)
    assert the_lot(place).middlemen.count == 3
    with writing(place) as session:
        cooperative.remove_neighbours(session, village_id=place.far, other_id=place.sukamaju)
    assert thin(place).middlemen.count == 2


def test_goods_of_an_unknown_village_are_compared_with_nothing(place: Place) -> None:
    with writing(place) as session:
        stray = make.member(session, "Citra").id
        delivery_id = bring(session, place, make.person(Role.MEMBER, member_id=stray))
        sell(session, place, [(delivery_id, 1_208 * KG)])
        for _ in range(3):
            hear(session, place)
    assert thin(place).middlemen.count == 0


# Laws


OFFERS = st.lists(
    st.tuples(
        st.integers(5_000, 7_500), st.integers(-9, 9), st.sampled_from(["home", "near", "far"])
    ),
    max_size=8,
)


@given(offers=OFFERS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_offers_changes_nothing(
    place: Place, offers: Sequence[tuple[int, int, str]]
) -> None:
    villages = {"home": place.sukamaju, "near": place.cibiru, "far": place.far}
    outcomes = []
    for ordered in (offers, list(reversed(offers))):
        with pytest.raises(ZeroDivisionError), writing(place) as session:
            sell(session, place, [(bring(session, place, place.ayu), 1_208 * KG)])
            for rp, days, where in ordered:
                hear(session, place, rp=rp, days=days, village_id=villages[where])
            (lot,) = comparison.lots(session, EVER, on=PAID)
            outcomes.append((lot.middlemen, lot.outcome, lot.break_even))
            raise ZeroDivisionError  # keeps nothing, so that the next begins alike
    assert outcomes[0] == outcomes[1]


def test_the_parts_of_a_split_delivery_add_up(place: Place) -> None:
    with writing(place) as session:
        delivery_id = bring(session, place, place.ayu, gross=1_000_001, tare=1)
        for part in (333_333, 333_333, 333_334):
            sell(session, place, [(delivery_id, part)], costs_rp=0, fee_bp=0)
        for _ in range(3):
            hear(session, place)
    with db.reading(place.coop, person=make.MANAGER) as session:
        parts = comparison.lots(session, EVER, on=DAY)
    assert sum(p.lot.true_weight for p in parts) == 1_000_001
    assert sum(p.lot.net_value_rp for p in parts) == 6_500_001  # each of three sales rounds up
    middleman = parts[0].outcome.middleman
    assert middleman is not None
    whole_rp = 6_500_001 - middleman * 1_000_001 / KG
    assert abs(sum(p.difference_rp for p in parts) - whole_rp) <= Fraction(3, 2)


LOTS = st.lists(
    st.tuples(st.integers(100, 900), st.integers(0, 40), st.booleans(), st.integers(5_000, 8_000)),
    min_size=1,
    max_size=6,
)


@given(brought=LOTS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_months_and_members_add_up_to_the_lots(
    place: Place, brought: Sequence[tuple[int, int, bool, int]]
) -> None:
    with pytest.raises(ZeroDivisionError), writing(place) as session:
        for kg, days, is_ayu, rp in brought:
            on = DAY + timedelta(days=days)
            who = place.ayu if is_ayu else place.budi
            delivery_id = bring(session, place, who, gross=kg * KG, tare=0, on=on)
            sell(session, place, [(delivery_id, kg * KG)], rp=rp, costs_rp=0, on=on)
        for _ in range(3):
            hear(session, place)
        found = comparison.lots(session, EVER, on=DAY + timedelta(days=60))
        sums = (
            len(found),
            sum(lot.thin for lot in found),
            sum(0 if lot.thin else lot.coop_rp for lot in found),
            sum(lot.difference_rp for lot in found),
            sum((lot.lot.true_weight for lot in found if not lot.thin), Fraction(0)),
        )
        for groups in (together.by_month(found), together.by_member(found)):
            assert sums == (
                sum(g.lots for g in groups),
                sum(g.thin for g in groups),
                sum(g.coop_rp for g in groups),
                sum(g.difference_rp for g in groups),
                sum((g.true_weight for g in groups), Fraction(0)),
            )
            assert all(g.coop_rp - g.middleman_rp == g.difference_rp for g in groups)
        raise ZeroDivisionError


# Who sees what


def test_a_member_compares_her_own_slip_and_nobody_elses(place: Place) -> None:
    with writing(place) as session:
        hers, his = bring(session, place, place.ayu), bring(session, place, place.budi)
        sell(session, place, [(hers, 1_208 * KG), (his, 1_208 * KG)])
        by_member = {row.member.id: row.slip.id for row in slips.slips(session)}
    his_slip = by_member[place.budi.member_id or 0]

    with db.reading(place.coop, person=place.ayu) as session:
        with pytest.raises(SlipOfAnother):
            comparison.of_slip(session, his_slip, on=DAY)
        with pytest.raises(NotAllowed):
            comparison.lots(session, EVER, on=DAY)
        (own,) = comparison.of_slip(session, by_member[place.ayu.member_id or 0], on=DAY)
        assert own.member_id == place.ayu.member_id
    with db.reading(place.coop, person=make.OFFICER) as session, pytest.raises(NotAllowed):
        comparison.of_slip(session, his_slip, on=DAY)
    with db.reading(place.coop, person=make.MANAGER) as session:
        found = comparison.lots(session, EVER, on=DAY)
        assert {lot.member_id for lot in found} == {place.ayu.member_id, place.budi.member_id}
        assert len(comparison.of_slip(session, his_slip, on=DAY)) == 1


def test_goods_of_an_open_sale_are_not_compared_yet(place: Place) -> None:
    with writing(place) as session:
        delivery_id = bring(session, place, place.ayu)
        sale = sales.open_sale(
            session,
            buyer_id=place.buyer_id,
            product_id=place.product_id,
            sold_on=DAY,
            price_e4=RP,
            buyer_weight=KG,
            fee_bp=0,
            on=DAY,
        )
        sales.allot_all(session, sale.id, [delivery_id])
        assert comparison.lots(session, EVER, on=DAY) == []


def test_only_the_period_and_the_product_that_are_asked_for(place: Place) -> None:
    season(place)
    with db.reading(place.coop, person=make.MANAGER) as session:
        for period, count in (
            (Period(DAY, DAY + timedelta(days=1)), 1),
            (Period(DAY, DAY), 0),
            (Period(DAY + timedelta(days=1), PAID), 0),
            (Period(DAY, PAID, place.product_id), 1),
            (Period(DAY, PAID, place.product_id + 1), 0),
        ):
            assert len(comparison.lots(session, period, on=PAID)) == count


# Today's prices


def test_todays_prices_stand_side_by_side_with_their_days(place: Place) -> None:
    season(place)
    with writing(place) as session:
        for days in (1, 5, 14):
            hear(session, place, days=days)
    with db.reading(place.coop, person=place.ayu) as session:
        (standing,) = standings.standings(session, product_id=place.product_id, on=PAID)

    assert (standing.grade, standing.coop_on) == ("A", DAY)
    assert standing.coop is not None and round(standing.coop, 2) == Fraction("6251.39")
    assert (standing.middlemen.count, standing.middlemen.age_days) == (3, 0)
    assert not standing.middlemen.thin


def test_todays_prices_forget_what_is_older_than_the_limit(place: Place) -> None:
    with writing(place) as session:
        for days in (-15, -14, -1):
            hear(session, place, days=days)
    with db.reading(place.coop, person=place.ayu) as session:
        (standing,) = standings.standings(session, product_id=place.product_id, on=DAY)
        later = standings.standings(session, product_id=place.product_id, on=PAID)

    assert (standing.middlemen.count, standing.middlemen.thin) == (2, True)
    assert later == []


def test_a_members_prices_are_of_her_village_and_the_managers_of_all(place: Place) -> None:
    with writing(place) as session:
        for village_id in (place.sukamaju, place.cibiru, place.far):
            hear(session, place, village_id=village_id)
    counts = []
    for person in (place.ayu, make.MANAGER):
        with db.reading(place.coop, person=person) as session:
            (standing,) = standings.standings(session, product_id=place.product_id, on=DAY)
            counts.append(standing.middlemen.count)
    assert counts == [2, 3]


def test_a_slip_says_what_the_middleman_would_have_paid(place: Place) -> None:
    slip_id = season(place)
    with writing(place) as session:
        for days in (-1, 0, 3):
            hear(session, place, days=days)

    shown = words(screen_of_slip(place, slip_id))

    for said in ("Kalau dijual ke tengkulak", "Rp6.251", "Rp5.779", "Rp571.181", "8,17 %"):
        assert said in shown, said
    assert "Lebih berkat jual bersama" in shown
    assert "Harga impas" in shown and "Rp6.013" in shown


def test_every_sold_part_has_its_slip(place: Place) -> None:
    slip_id = season(place)
    with db.reading(place.coop) as session:
        assert session.get_one(Slip, slip_id).net_value_rp == the_lot(place).lot.net_value_rp


def test_a_price_with_a_nought_too_many_is_marked_and_not_deleted(place: Place) -> None:
    with writing(place) as session:
        for rp in (6_200, 6_300, 6_400, 63_000):
            hear(session, place, rp=rp)
        hear(session, place, rp=63_000, grade_id=place.grade_b)  # alone of its grade
    with db.reading(place.coop, person=make.MANAGER) as session:
        heard = standings.effective_quotes(session, product_id=place.product_id, on=DAY)
        (of_a, _of_b) = standings.standings(session, product_id=place.product_id, on=DAY)

    assert [(h.quote.price_e4, h.quote.grade_id) for h in heard if h.odd] == [
        (63_000 * RP, place.grade_a)
    ]
    assert (of_a.middlemen.count, of_a.middlemen.odd) == (4, 1)

    shown = words(screen(place.coop, place.ayu, "quotes"))
    assert "jauh dari harga lain" in shown
