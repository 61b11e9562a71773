"""Goods of a purchase through the services: ordered, received, shared, billed (WE-11)."""

from sqlmodel import select

from kopprod.domain.purchases import PurchaseStage
from kopprod.tables.purchases import PurchaseShare
from tests.bought_together import BILLS_RP, acting, balances, bill_all, bring, clean, stage
from tests.pooled import SACKS, Pool

# member: goods, freight, fee, what the village shop asks
ROWS = {
    "Siti": (1_988_000, 52_027, 19_880, 2_135_000),
    "Budi": (852_000, 22_297, 8_520, 915_000),
    "Made": (3_408_000, 89_189, 34_080, 3_660_000),
    "Yohana": (1_420_000, 37_162, 14_200, 1_525_000),
    "Rahmat": (2_840_000, 74_325, 28_400, 3_050_000),
}


def quantities(pool: Pool) -> dict[str, int]:
    names = {member_id: name for name, member_id in pool.members.items()}
    with acting(pool) as session:
        rows = session.exec(select(PurchaseShare)).all()
        return {names[row.member_id]: row.quantity for row in rows}


def test_the_published_purchase_comes_to_the_rupiah(ordered: Pool) -> None:
    bring(ordered)
    assert stage(ordered) is PurchaseStage.RECEIVED
    assert quantities(ordered) == SACKS

    bills = bill_all(ordered)

    assert {
        name: (row.goods_rp, row.freight_rp, row.fee_rp, row.shop_rp) for name, row in bills.items()
    } == ROWS
    assert {name: row.bill_rp for name, row in bills.items()} == BILLS_RP
    assert sum(BILLS_RP.values()) == 10_888_080
    assert sum(row.shop_rp - row.bill_rp for row in bills.values()) == 396_920
    assert balances(ordered, "1118", "2131", "1109", "4103", "1122") == {
        "1118": 0,
        "2131": -10_783_000,
        "1109": 10_888_080,
        "4103": -105_080,
        "1122": 0,
    }
    assert clean(ordered) == []
