"""Bills to the rupiah: WE-11 row by row, several articles and suppliers, and how they are paid."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kopprod.domain import purchase_payments
from kopprod.domain.plan_search import cheapest
from kopprod.domain.plans import Article, Demand, Offer, Terms, lots
from kopprod.domain.purchase_bills import Bill, Bills, FreightBy, Lot, Taken, bills
from kopprod.domain.purchase_payments import MOST_PARTS, Payment, due_rp, parts_rp, payment
from kopprod.domain.refusal import Refusal
from kopprod.domain.tiers import Freight, Supplier, Tier

UREA, NPK = 1, 2
CV_TANI, PT_PUPUK = 1, 2
SITI, BUDI, MADE, YOHANA, RAHMAT = range(1, 6)
PACKS, WEIGHT, VALUE = FreightBy.PACKS, FreightBy.WEIGHT, FreightBy.VALUE

WE_11 = (
    (SITI, 7, 1_988_000, 52_027, 19_880, 2_059_907, 2_135_000, 75_093),
    (BUDI, 3, 852_000, 22_297, 8_520, 882_817, 915_000, 32_183),
    (MADE, 12, 3_408_000, 89_189, 34_080, 3_531_269, 3_660_000, 128_731),
    (YOHANA, 5, 1_420_000, 37_162, 14_200, 1_471_362, 1_525_000, 53_638),
    (RAHMAT, 10, 2_840_000, 74_325, 28_400, 2_942_725, 3_050_000, 107_275),
)


def row(bill: Bill) -> tuple[int, ...]:
    (line,) = bill.lines
    return (
        *(bill.member_id, line.quantity, line.goods_rp, line.freight_rp, line.fee_rp),
        *(bill.total_rp, line.shop_rp or 0, bill.saved_rp),
    )


def test_we_11_from_the_plan_to_every_bill() -> None:
    tiers = (
        *(Tier(1, 9, 305_000), Tier(10, 29, 295_000)),
        *(Tier(30, 99, 284_000), Tier(100, None, 276_000)),
    )
    terms = Terms(
        articles=(Article(UREA, shop_e4=305_000 * 10_000, weight=50_000),),
        suppliers=(Supplier(CV_TANI, Freight(275_000)),),
        offers=(Offer(1, CV_TANI, UREA, 1, tiers),),
        fee_bp=100,
    )
    plan = cheapest(terms, {UREA: Demand(37)})
    found = bills(
        [Taken(member_id, UREA, sacks) for member_id, sacks, *_rest in WE_11],
        lots(terms, plan.bought),
        plan.freight_rp,
        freight_by=PACKS,
        fee_bp=100,
        shop_e4={UREA: 305_000 * 10_000},
    )

    assert [(each.packs, each.pack_rp) for each in plan.bought] == [(37, 284_000)]
    assert tuple(row(bill) for bill in found.by_member.values()) == WE_11
    assert (plan.goods_rp, plan.total_rp, found.fee_rp) == (10_508_000, 10_783_000, 105_080)
    assert found.billed_rp == 10_888_080
    assert sum(bill.saved_rp for bill in found.by_member.values()) == 396_920
    assert (found.leftover, found.leftover_rp, found.lost_rp) == ((), 0, 0)


def shared(
    taken: list[Taken],
    came: list[Lot],
    freight_rp: dict[int, int],
    *,
    by: FreightBy = PACKS,
    fee_bp: int = 0,
) -> Bills:
    return bills(taken, came, freight_rp, freight_by=by, fee_bp=fee_bp, shop_e4={})


def test_what_is_left_bears_goods_and_freight_but_no_fee() -> None:
    found = shared(
        [Taken(SITI, UREA, 6)],
        [Lot(CV_TANI, UREA, 10, goods_rp=1_000, packs=2, weight=10)],
        {CV_TANI: 100},
        fee_bp=1_000,
    )

    assert (found.billed_rp, found.fee_rp) == (600 + 60 + 60, 60)
    (line,) = found.leftover
    assert (line.quantity, line.goods_rp, line.freight_rp, line.fee_rp) == (4, 400, 40, 0)
    assert (line.shop_rp, line.saved_rp, found.lost_rp) == (None, 0, 0)


@pytest.mark.parametrize(
    ("by", "siti", "budi"), [(PACKS, 200, 100), (WEIGHT, 60, 240), (VALUE, 150, 150)]
)
def test_freight_by_packs_by_weight_and_by_value(by: FreightBy, siti: int, budi: int) -> None:
    came = [
        Lot(CV_TANI, UREA, 20, goods_rp=5_000, packs=2, weight=10),
        Lot(CV_TANI, NPK, 8, goods_rp=5_000, packs=1, weight=40),
    ]

    found = shared([Taken(SITI, UREA, 20), Taken(BUDI, NPK, 8)], came, {CV_TANI: 300}, by=by)

    assert [bill.lines[0].freight_rp for bill in found.by_member.values()] == [siti, budi]


def test_without_weights_freight_goes_by_quantity() -> None:
    came = [Lot(CV_TANI, UREA, 3, goods_rp=0, packs=1, weight=0), Lot(CV_TANI, NPK, 1, 0, 1, 0)]

    found = shared([Taken(SITI, UREA, 3), Taken(BUDI, NPK, 1)], came, {CV_TANI: 100}, by=WEIGHT)

    assert [bill.total_rp for bill in found.by_member.values()] == [75, 25]


def test_a_suppliers_freight_is_borne_by_the_goods_from_there() -> None:
    """Urea came from both, so all urea bears a part of each; NPK only from the nearer one."""
    came = [
        Lot(CV_TANI, UREA, 6, goods_rp=600, packs=6, weight=6),
        Lot(PT_PUPUK, UREA, 4, goods_rp=300, packs=4, weight=4),
        Lot(CV_TANI, NPK, 6, goods_rp=900, packs=6, weight=6),
    ]
    taken = [Taken(SITI, UREA, 5), Taken(BUDI, UREA, 5), Taken(BUDI, NPK, 6)]

    found = shared(taken, came, {CV_TANI: 120, PT_PUPUK: 80})

    siti, budi = found.by_member.values()
    assert [(line.goods_rp, line.freight_rp) for line in siti.lines] == [(450, 70)]
    assert [(line.goods_rp, line.freight_rp) for line in budi.lines] == [(450, 70), (900, 60)]


def test_what_was_paid_for_nothing_is_the_cooperatives_to_claim() -> None:
    came = [Lot(CV_TANI, UREA, 5, 500, 1, 5), Lot(PT_PUPUK, NPK, 0, 90, 1, 0)]

    found = shared([Taken(SITI, UREA, 5)], came, {CV_TANI: 50, PT_PUPUK: 30})

    assert (found.billed_rp, found.lost_rp) == (550, 120)


def test_a_bill_can_be_dearer_than_the_shop() -> None:
    came = [Lot(CV_TANI, UREA, 1, 500, 1, 1)]
    found = bills(
        [Taken(SITI, UREA, 1)], came, {}, freight_by=PACKS, fee_bp=0, shop_e4={UREA: 4_000_000}
    )

    assert found.by_member[SITI].saved_rp == -100


def test_nobody_is_billed_for_nothing_and_for_what_did_not_come() -> None:
    came = [Lot(CV_TANI, UREA, 1, 500, 1, 1)]

    assert shared([Taken(SITI, UREA, 0)], came, {}).by_member == {}
    with pytest.raises(ValueError, match="more was handed out"):
        shared([Taken(SITI, UREA, 2)], came, {})
    with pytest.raises(ValueError, match="more was handed out"):
        shared([Taken(SITI, NPK, 1)], came, {})
    with pytest.raises(ValueError, match="less than nothing"):
        shared([Taken(SITI, UREA, -1)], came, {})


amounts = st.integers(0, 10**7)
some_lots = st.lists(
    st.builds(
        Lot,
        st.integers(1, 3),
        st.integers(1, 3),
        st.integers(0, 40),
        amounts,
        st.integers(0, 9),
        st.integers(0, 99),
    ),
    max_size=6,
)


@settings(max_examples=120)
@given(
    came=some_lots,
    freight=st.dictionaries(st.integers(1, 3), amounts),
    by=st.sampled_from(FreightBy),
    fee_bp=st.integers(0, 1_000),
    dice=st.integers(0, 10**6),
)
def test_bills_and_leftover_are_invoice_freight_and_fee(
    came: list[Lot], freight: dict[int, int], by: FreightBy, fee_bp: int, dice: int
) -> None:
    random = Random(dice)
    taken = []
    for article_id in (1, 2, 3):
        left = sum(lot.quantity for lot in came if lot.article_id == article_id)
        for member_id in (SITI, BUDI, MADE):
            quantity = random.randint(0, left)
            left -= quantity
            taken.append(Taken(member_id, article_id, quantity))

    found = shared(taken, came, freight, by=by, fee_bp=fee_bp)

    paid = sum(lot.goods_rp for lot in came) + sum(freight.values())
    assert found.billed_rp + found.leftover_rp + found.lost_rp == paid + found.fee_rp
    assert all(line.total_rp >= 0 for bill in found.by_member.values() for line in bill.lines)
    assert found.lost_rp >= 0
    assert shared(taken[::-1], came[::-1], freight, by=by, fee_bp=fee_bp) == found


def pay(bill_rp: int = 2_059_907, **other: int) -> Payment:
    terms = {"deposit_rp": 0, "yarnen_rp": 0, "parts": 1, "owed_rp": 0, "limit_rp": 3_000_000}
    return payment(bill_rp, **(terms | other), name="Siti")


def test_deposit_then_settlements_then_cash() -> None:
    paid = pay(deposit_rp=500_000, yarnen_rp=1_000_000, parts=3, owed_rp=400_000)

    assert paid == Payment(500_000, 559_907, (333_334, 333_333, 333_333), 0)
    assert paid.yarnen_rp == 1_000_000
    assert pay(100, deposit_rp=150) == Payment(100, 0, (), 50)
    assert pay(100) == Payment(0, 100, (), 0)
    # Who owes more than the limit already can still pay at once.
    assert pay(100, owed_rp=9_000_000) == Payment(0, 100, (), 0)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"deposit_rp": -1}, purchase_payments.CreditBelowZero),
        ({"yarnen_rp": -1}, purchase_payments.CreditBelowZero),
        ({"yarnen_rp": 2_059_908}, purchase_payments.CreditMoreThanBill),
        ({"yarnen_rp": 1_000, "deposit_rp": 2_059_000}, purchase_payments.CreditMoreThanBill),
        ({"yarnen_rp": 1_000_001, "owed_rp": 2_000_000}, purchase_payments.OverCreditLimit),
        ({"yarnen_rp": 1_000, "parts": 0}, purchase_payments.PartsOutOfRange),
        ({"yarnen_rp": 1_000, "parts": MOST_PARTS + 1}, purchase_payments.PartsOutOfRange),
    ],
)
def test_a_payment_that_is_refused(wrong: dict[str, int], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        pay(**wrong)


def test_each_settlement_makes_one_more_part_due() -> None:
    parts = parts_rp(1_000, 3)

    assert parts == (334, 333, 333)
    assert [due_rp(parts, settlements=n, repaid_rp=0) for n in range(5)] == [
        *(0, 334, 667, 1_000, 1_000)
    ]
    assert due_rp(parts, settlements=2, repaid_rp=100) == 567
    assert due_rp(parts, settlements=1, repaid_rp=500) == 0
    assert due_rp((), settlements=1, repaid_rp=0) == 0
    assert parts_rp(2, 3) == (1, 1)


def test_a_members_own_limit_is_nought_up_to_what_a_harvest_brings() -> None:
    for limit_rp in (0, 1, purchase_payments.MOST_LIMIT_RP):
        purchase_payments.check_own_limit(limit_rp)
    for limit_rp in (-1, 100_000_001):
        with pytest.raises(purchase_payments.LimitAbsurd) as said:
            purchase_payments.check_own_limit(limit_rp)
        assert said.value.facts == {"limit_rp": limit_rp, "most_rp": 100_000_000}
