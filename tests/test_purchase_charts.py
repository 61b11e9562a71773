"""Charts of buying together: what they are drawn from, and the screen that draws only one."""

from datetime import timedelta

import pytest
from sqlmodel import select

from kopprod import db
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.imports import Columns, guess
from kopprod.domain.receivables import Age
from kopprod.domain.want_files import FIELDS, read_rows
from kopprod.services import purchase_charts, want_files
from kopprod.services.purchase_charts import SavedBy
from kopprod.sheets import read
from kopprod.tables.purchases import Purchase, PurchaseBill, PurchaseShare
from tests import make
from tests.screens import screen, words
from tests.seasons import writing

ON = make.TODAY
HEAD = "Nomor;Nama;Desa;Musim;Urea;Harga urea\n"
ROWS = "A-01;Ayu;Sukamaju;1;70;90\nA-02;Budi;Sukamaju;1;45;80\nA-01;Ayu;Sukamaju;2;60;100\n"


@pytest.fixture
def bought(coop: str) -> str:
    """Two seasons from a file; in the first Ayu and Budi got goods and bills."""
    sheet = read((HEAD + ROWS).encode(), "pesanan.csv")
    file = read_rows(sheet.rows, sheet.faults, Columns(guess(FIELDS, sheet.header)))
    with writing(coop) as session:
        want_files.keep(session, file, on=ON, at=make.AT)
        first = session.exec(select(Purchase).where(Purchase.season == "1")).one()
        shop = purchase_charts.asked(session)[0].shop_e4
        article_id = 1
        for member_id, kg, fee_rp in ((1, 61, 100), (2, 39, 900)):
            paid, shop_rp = kg * 80, kg * shop // 10_000
            session.add(
                PurchaseShare(
                    purchase_id=first.id, article_id=article_id, member_id=member_id, quantity=kg,
                    computed=kg, goods_rp=paid, freight_rp=0, fee_rp=fee_rp, shop_rp=shop_rp,
                )
            )  # fmt: skip
            session.add(
                PurchaseBill(
                    number=f"NOTA-{member_id}", code=f"{member_id:016d}", purchase_id=first.id,
                    member_id=member_id, goods_rp=paid, freight_rp=0, fee_rp=fee_rp,
                    shop_rp=shop_rp, billed_on=ON - timedelta(days=40 * (member_id - 1)),
                )
            )  # fmt: skip
        session.flush()
    return coop


def test_saving_adds_up_whatever_it_is_split_by(bought: str) -> None:
    with db.reading(bought, person=make.SUPERVISOR) as session:
        by = {one: purchase_charts.saved(session, by=one) for one in SavedBy}

    # The shop's mean price is Rp86,087 a kilogram: Ayu saves, Budi's fee eats it up.
    assert [(one.name, one.saved_rp) for one in by[SavedBy.MEMBER]] == [
        ("Ayu", 271),
        ("Budi", -663),
    ]
    assert {purchase_charts.together(rows).saved_rp for rows in by.values()} == {271 - 663}
    assert [one.name for one in by[SavedBy.SEASON]] == ["1"]


def test_packs_and_prices_are_told_by_purchase(bought: str) -> None:
    with db.reading(bought, person=make.MANAGER) as session:
        filled = purchase_charts.filled(session)
        asked = purchase_charts.asked(session)

    assert [(one.firm, one.packs, one.bought, one.left, one.served_bp) for one in filled] == [
        (60, 1, 50, 10, 8_333),
        (115, 2, 100, 15, 8_695),
    ]
    assert [(one.price_e4, one.ordered) for one in asked] == [(800_000, True), (1_000_000, True)]


def test_unpaid_bills_are_sorted_by_the_days_since_they_were_written(bought: str) -> None:
    with db.reading(bought, person=make.TREASURER) as session:
        rows, ages = purchase_charts.unpaid(session, on=ON)

    assert [(one.member, one.days, one.left_rp) for one in rows] == [
        ("Budi", 40, 4_020),
        ("Ayu", 0, 4_980),
    ]
    assert (ages.by_age[Age.TO_60], ages.total_rp) == (4_020, 9_000)


def test_a_member_sees_no_charts(bought: str) -> None:
    with db.reading(bought, person=make.person(Role.MEMBER, member_id=1)) as session:
        for look in (purchase_charts.filled, purchase_charts.asked):
            with pytest.raises(NotAllowed):
                look(session)


def test_the_screen_draws_the_part_that_is_chosen(bought: str) -> None:
    with writing(bought) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")
    test = screen(bought, citra, "purchases")

    assert not test.exception
    assert not test.get("plotly_chart")
    for part in ("saved", "filled", "asked", "unpaid"):
        test.pills(key="purchase_charts").set_value(part).run()
        assert not test.exception, part
        assert len(test.get("plotly_chart")) == 1
    assert "Budi" in words(test)
