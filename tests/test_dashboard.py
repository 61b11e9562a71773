"""The dashboard: every figure is a sum of rows, in numbers, in charts and on the screen."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from importlib import import_module
from typing import Any

import pytest
from sqlmodel import select

from kopprod import db
from kopprod.domain.access import NotAllowed, Person, Role
from kopprod.domain.comparison import Enough
from kopprod.domain.sales import SaleMode, SaleStage
from kopprod.services import comparison, cooperative, dashboard, premiums, signin
from kopprod.services.dashboard import Period
from kopprod.services.premiums import By
from kopprod.services.together import MonthTogether
from kopprod.tables.products import Product
from kopprod.tables.sales import Buyer, Sale
from kopprod.ui import figures
from tests import make
from tests.conftest import DEMO_ON
from tests.screens import screen, words

EVER = Period(DEMO_ON - timedelta(days=800), DEMO_ON + timedelta(days=1))


def test_sales_by_buyer_and_product_are_the_sums_of_the_rows(demo_coop: str) -> None:
    with db.reading(demo_coop, person=make.MANAGER) as session:
        found = dashboard.sold(session, EVER)
        names = {b.id: b.name for b in session.exec(select(Buyer)).all()}
        sums: dict[tuple[str, int], list[int]] = {}
        for sale in session.exec(select(Sale).where(Sale.stage == SaleStage.SETTLED)).all():
            at = sums.setdefault((names[sale.buyer_id], sale.product_id), [0, 0, 0, 0])
            members_rp = sale.net_rp if sale.mode == SaleMode.POOL else 0
            for place, value in enumerate((1, sale.our_weight, sale.gross_rp, members_rp)):
                at[place] += value or 0
    assert sums == {
        (f.buyer, f.product_id): [f.sales, f.weight, f.gross_rp, f.net_rp] for f in found
    }
    assert [f.gross_rp for f in found] == sorted((f.gross_rp for f in found), reverse=True)


def test_a_period_ends_before_its_last_day_and_knows_its_product(demo_coop: str) -> None:
    with db.reading(demo_coop, person=make.MANAGER) as session:
        sale = session.exec(select(Sale).where(Sale.stage == SaleStage.SETTLED)).first()
        assert sale is not None
        day, other = sale.sold_on, 1 + sale.product_id % 4

        def count(since: date, until: date, product_id: int | None) -> int:
            return sum(s.sales for s in dashboard.sold(session, Period(since, until, product_id)))

        assert count(day, day + timedelta(days=1), sale.product_id) == 1
        assert count(day, day, None) == 0
        assert count(day + timedelta(days=1), day + timedelta(days=2), sale.product_id) == 0
        assert count(day, day + timedelta(days=1), other) == 0
        every = [count(EVER.since, EVER.until, p.id) for p in session.exec(select(Product)).all()]
        assert sum(every) == count(EVER.since, EVER.until, None)


def test_only_those_who_read_the_books_see_it(demo_coop: str) -> None:
    for who in (make.person(Role.MEMBER, member_id=1), make.OFFICER):
        with db.reading(demo_coop, person=who) as session, pytest.raises(NotAllowed):
            dashboard.sold(session, EVER)


# The charts


def month(
    year: int, at: int, *, gain_rp: int = 0, weight: int = 0, product_id: int = 1
) -> MonthTogether:
    return MonthTogether(
        lots=1,
        thin=0 if weight else 1,
        coop_rp=1_000_000 + gain_rp if weight else 0,
        difference_rp=gain_rp,
        true_weight=Fraction(weight),
        month=date(year, at, 1),
        product_id=product_id,
    )


def test_gains_add_up_month_by_month_over_all_products() -> None:
    rows = figures.gain_rows(
        [
            month(2026, 1, gain_rp=500, weight=1),
            month(2026, 1, gain_rp=-200, weight=1, product_id=2),
            month(2026, 3, gain_rp=-700, weight=1),
        ]
    )
    assert rows == [
        {"month": date(2026, 1, 1), "month_rp": 300, "running_rp": 300},
        {"month": date(2026, 3, 1), "month_rp": -700, "running_rp": -400},
    ]


def test_a_line_breaks_where_there_is_no_data() -> None:
    found = [
        month(2026, 1, gain_rp=100_000, weight=1_000_000),
        month(2026, 2),  # thin
        month(2026, 4, gain_rp=100_000, weight=1_000_000),
    ]
    figure: Any = figures.price_figure(found, product="Gabah", unit="kg", per=1_000)
    coop, middleman = figure.data[0], figure.data[1]
    assert [day.month for day in coop.x] == [1, 2, 3, 4]
    assert list(coop.y) == [1_100, None, None, 1_100]
    assert list(middleman.y) == [1_000, None, None, 1_000]
    assert not coop.connectgaps and not middleman.connectgaps
    assert coop.line.dash != middleman.line.dash  # never by colour alone


@pytest.mark.parametrize(
    ("gain_rp", "said"),
    [(100_000, "lebih Rp100"), (-100_000, "kurang Rp100"), (None, "data kurang")],
)
def test_the_title_says_what_was_found(gain_rp: int | None, said: str) -> None:
    weight = 0 if gain_rp is None else 1_000_000
    found = [month(2026, 1, gain_rp=gain_rp or 0, weight=weight)]
    figure: Any = figures.price_figure(found, product="Gabah", unit="kg", per=1_000)
    assert said in figure.layout.meta


def test_money_on_an_axis_is_short_and_indonesian() -> None:
    figure: Any = figures.gain_figure(
        figures.gain_rows([month(2026, 1, gain_rp=12_500_000, weight=1)])
    )
    assert figure.layout.separators == ",."
    highest = figure.layout.yaxis.ticktext[-1]
    assert highest.startswith("Rp") and highest.endswith("jt")
    assert 0 in figure.layout.yaxis.tickvals


# The screen


@pytest.fixture
def last_day(demo_coop: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The demo, seen on the day it was made for, whatever the clock says."""
    clock = import_module("kopprod.ui.visit")  # by its name: `ui.visit` is the function in it
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(DEMO_ON, time(3), tzinfo=UTC))
    return demo_coop


def manager(coop: str) -> Person:
    with db.reading(coop) as session:
        user_id, name, _role = next(
            one for one in signin.demo_people(session) if one[2] is Role.MANAGER
        )
    return make.person(Role.MANAGER, name=name, user_id=user_id)


@pytest.mark.parametrize(("days", "product"), [(365, 0), (730, 0), (91, 0), (730, 3)])
def test_the_screen_shows_the_sums_of_the_rows(last_day: str, days: int, product: int) -> None:
    test = screen(last_day, manager(last_day), "dashboard")
    test.selectbox(key="dash_span").select(days)
    test.selectbox(key="dash_product").select(product).run()

    assert [one.value for one in test.exception] == []
    since = (DEMO_ON - timedelta(days=days)).replace(day=1)
    period = Period(since, DEMO_ON + timedelta(days=1), product or None)
    with db.reading(last_day, person=make.MANAGER) as session:
        gained_rp = sum(lot.difference_rp for lot in comparison.lots(session, period, on=DEMO_ON))
        net_rp = sum(one.net_rp for one in dashboard.sold(session, period))
    shown = words(test)
    assert rp(abs(gained_rp)) in shown
    assert rp(net_rp) in shown
    assert len(test.get("plotly_chart")) == 1
    test.pills(key="dash_part").set_value("prices").run()
    assert len(test.get("plotly_chart")) >= (1 if product else 2)


PARTS = {"gain": 1, "prices": 4, "sure": 0, "members": 0, "buyers": 1, "flow": 4}


@pytest.mark.parametrize("part", PARTS)
def test_each_chart_has_its_table_and_its_files(last_day: str, part: str) -> None:
    """Only what is opened is there, and every chart of it with table, CSV and XLSX."""
    test = screen(last_day, manager(last_day), "dashboard")
    test.pills(key="dash_part").set_value(part).run()
    assert [one.value for one in test.exception] == []
    charts = len(test.get("plotly_chart"))
    assert charts == PARTS[part]
    assert [one.label for one in test.expander].count("Angkanya dalam tabel") == charts
    assert len(test.get("download_button")) >= max(2, 2 * charts)


def test_the_answer_comes_first_and_says_where_the_middleman_paid_more(last_day: str) -> None:
    test = screen(last_day, manager(last_day), "dashboard")
    shown = words(test)
    assert "**tengkulak membayar lebih**" in shown
    test.pills(key="dash_part").set_value("prices").run()
    assert "tengkulak lebih baik; pembeli membayar Rp" in words(test)


def test_expected_shu_stands_apart_and_changes_no_comparison(last_day: str) -> None:
    before = words(screen(last_day, manager(last_day), "dashboard"))
    assert "Perkiraan SHU" not in before
    with db.writing(last_day, person=make.MANAGER, action="test", at=make.AT) as session:
        cooperative.change_setting(session, name="expected_shu_bp", value="2")
    try:
        after = words(screen(last_day, manager(last_day), "dashboard"))
    finally:
        with db.writing(last_day, person=make.MANAGER, action="test", at=make.AT) as session:
            cooperative.change_setting(session, name="expected_shu_bp", value="0")
    assert "Perkiraan SHU, belum pasti: Rp" in after
    lines = [line for line in after.splitlines() if "Perkiraan SHU" not in line]
    assert lines == before.splitlines()


@pytest.mark.parametrize("by", By)
def test_the_premium_table_adds_up_by_each_thing(last_day: str, by: By) -> None:
    test = screen(last_day, manager(last_day), "dashboard")
    test.pills(key="dash_part").set_value("sure").run()
    test.segmented_control(key="premium_by").set_value(by).run()
    assert [one.value for one in test.exception] == []
    period = Period(
        (DEMO_ON - timedelta(days=365)).replace(day=1), DEMO_ON + timedelta(days=1), None
    )
    with db.reading(last_day, person=make.MANAGER) as session:
        lots = comparison.lots(session, period, on=DEMO_ON)
    first = premiums.premiums(lots, by=by, enough=Enough())[0]
    shown = words(test)
    if first.together.compared:
        assert rp(abs(first.together.difference_rp)) in shown
    assert "Seberapa yakin" in shown and "Dalam persen" in shown
    assert len(test.get("download_button")) == 2
    village = test.selectbox(key="premium_village")
    village.select_index(1).run()
    assert [one.value for one in test.exception] == []


def test_what_was_not_delivered_is_for_the_manager_only(last_day: str) -> None:
    for role in (Role.TREASURER, Role.SUPERVISOR):
        with db.reading(last_day) as session:
            user_id, name, _role = next(
                one for one in signin.demo_people(session) if one[2] is role
            )  # fmt: skip
        test = screen(last_day, make.person(role, name=name, user_id=user_id), "dashboard")
        assert "flow" not in test.pills(key="dash_part").options
        assert "tidak disetor" not in words(test)
    test = screen(last_day, manager(last_day), "dashboard")
    test.pills(key="dash_part").set_value("flow").run()
    assert "Ini bukan bukti" in words(test)


def test_a_member_who_asks_by_address_is_told_that_it_is_not_for_her(demo_coop: str) -> None:
    with db.reading(demo_coop) as session:
        user_id, name, _role = signin.demo_people(session)[0]
    test = screen(demo_coop, make.person(Role.MEMBER, name=name, user_id=user_id), "dashboard")
    assert len(test.error) == 1
    assert len(test.get("plotly_chart")) == 0
    assert "Rp" not in words(test)


def test_an_empty_cooperative_says_what_comes_first(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, Role.MANAGER)
    assert "Grafik muncul di sini" in words(screen(coop, who, "dashboard"))
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.product(session)
    test = screen(coop, who, "dashboard")
    assert "Belum ada perbandingan" in words(test)
    assert len(test.get("plotly_chart")) == 0
    assert len(test.button_group) == 0


def rp(amount_rp: int) -> str:
    return f"Rp{amount_rp:,}".replace(",", ".")
