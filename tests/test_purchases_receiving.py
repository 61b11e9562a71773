"""From the truck to the paid bill on the screens, and what the member sees of it."""

import pytest
from streamlit.testing.v1 import AppTest

from kopprod.domain.access import Person, Role
from kopprod.domain.purchases import PurchaseStage
from kopprod.tables.purchases import Purchase
from tests import make
from tests.bought_together import acting, bill_of, clean, stage
from tests.pooled import Pool
from tests.screens import screen, words
from tests.seasons import DAY, writing


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("purchase_goods", "purchase_bills", "supplies"):
        monkeypatch.setattr(f"kopprod.ui.{module}.today", lambda: DAY)


def opened(pool: Pool, who: Person) -> AppTest:
    test = screen(pool.coop, who, "purchases")
    test.query_params["purchase"] = str(pool.purchase_id)
    return test.run()


def test_from_the_truck_to_the_paid_bill(ordered: Pool) -> None:
    with writing(ordered.coop) as session:
        manager = make.user(session, Role.MANAGER, name="Ibu Citra")
        siti_user = make.user(session, Role.MEMBER, name="Siti", member_id=ordered.members["Siti"])
    test = opened(ordered, manager)
    test.button(key=f"receive_{ordered.supplier_id}").click().run()
    assert stage(ordered) is PurchaseStage.RECEIVED

    test.button(key="share_by_rule").click().run()
    test.button(key="make_bills").click().run()
    with acting(ordered) as session:
        siti = bill_of(session, ordered, "Siti")
    test.selectbox(key="bill_of").select(siti.id).run()
    test.button(key=f"hand_out_{siti.id}").click().run()
    test.button(key=f"pay_bill_{siti.id}").click().run()
    test.button(key="pay_supplier_1").click().run()

    assert clean(ordered) == []
    mine = words(opened(ordered, siti_user))
    assert siti.number in mine
    assert "Rp2.059.907" in mine
    assert "Rp75.093" in mine
    with acting(ordered) as session:
        assert session.get_one(Purchase, ordered.purchase_id).stage is PurchaseStage.RECEIVED
