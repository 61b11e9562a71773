"""What can be bought in a purchase: articles, suppliers, offers, and what is refused there."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from kopprod.domain import purchases as rules
from kopprod.domain import tier_lines
from kopprod.domain.money import E4
from kopprod.domain.purchases import Want
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import Refusal
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.subsidies import Fertiliser
from kopprod.domain.tiers import TierPriceRises, TiersHaveGap
from kopprod.services import (
    articles,
    purchase_rows,
    purchase_terms,
    purchases,
    suppliers,
)
from kopprod.services.purchase_terms import Offered
from tests import make
from tests.pooled import SHOP_E4, TIERS, UNTIL, Pool, says, set_up
from tests.seasons import DAY, writing


def packs_of(text: str, pack: int = 1, least_packs: int = 1) -> Offered:
    return Offered(pack=pack, tiers=tier_lines.read_tiers(text), least_packs=least_packs)


def reoffer(session: Session, pool: Pool, text: str, pack: int = 1, least_packs: int = 1) -> None:
    purchase_terms.change_offer(
        session, pool.purchase_id, pool.offer_id, offered=packs_of(text, pack, least_packs)
    )


def _acts(*acts: Callable[[Session], object]) -> tuple[Callable[[Session], object], ...]:
    return acts


def test_a_pack_stays_as_it_is_once_somebody_wants_it(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 7)
    for act in _acts(
        lambda s: reoffer(s, pool, TIERS, pack=10),
        lambda s: purchase_terms.take_out_offer(s, pool.purchase_id, pool.offer_id),
        lambda s: purchase_terms.take_out_supplier(
            s, pool.purchase_id, supplier_id=pool.supplier_id
        ),
    ):
        with pytest.raises(rules.PackChangedWithWants), writing(pool.coop) as session:
            act(session)
    with writing(pool.coop) as session:
        reoffer(session, pool, "1-29 290000; 30- 280000")  # the price may move
        told = purchase_terms.take_out_article(
            session, pool.purchase_id, article_id=pool.article_id, at=make.AT
        )
        purchase_terms.put_article(
            session, pool.purchase_id, article_id=pool.article_id, shop_e4=SHOP_E4
        )
        seen = purchases.view(
            session, pool.purchase_id, member_id=pool.members["Siti"], on=DAY, at=make.AT
        )
    assert told == [pool.members["Siti"]]
    assert seen.articles[0].want == Want()  # what she wanted before is not wanted again


def test_terms_are_fixed_with_the_wants(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 7)
        purchases.lock(session, pool.purchase_id)
    facts = purchases.Facts(title="Urea", until=UNTIL)
    for act in _acts(
        lambda s: reoffer(s, pool, "290000"),
        lambda s: purchases.change_purchase(s, pool.purchase_id, facts, on=DAY),
        lambda s: purchase_terms.put_supplier(s, pool.purchase_id, supplier_id=pool.supplier_id),
        lambda s: purchase_terms.put_article(
            s, pool.purchase_id, article_id=pool.article_id, shop_e4=E4
        ),
    ):
        with pytest.raises(rules.TermsFixed), writing(pool.coop) as session:
            act(session)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("1-9 305000; 20- 295000", TiersHaveGap), ("1-9 305000; 10- 306000", TierPriceRises)],
)
def test_prices_with_gaps_or_rising_are_refused(
    pool: Pool, text: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal), writing(pool.coop) as session:
        reoffer(session, pool, text)


def test_what_is_prepared_has_to_make_sense(coop: str) -> None:
    with writing(coop) as session:
        purchase_id, article_id, supplier_id, offer_id = set_up(session)
        other = articles.add_article(
            session, name="NPK", base_unit=BaseUnit.GRAM, portion=1_000, portion_word="kg"
        ).id
    bad: dict[str, tuple[type[Refusal], Callable[[Session], object]]] = {
        "no title": (
            purchases.PurchaseUntitled,
            lambda s: purchases.add_purchase(s, purchases.Facts(" ", UNTIL), on=DAY),
        ),
        "over": (
            purchases.UntilTooEarly,
            lambda s: purchases.add_purchase(s, purchases.Facts("Urea", DAY), on=DAY),
        ),
        "filling": (
            purchases.FillingAfterEnd,
            lambda s: purchases.add_purchase(
                s, purchases.Facts("Urea", UNTIL, filling_on=UNTIL), on=DAY
            ),
        ),
        "fee": (
            purchases.ShareOutOfRange,
            lambda s: purchases.add_purchase(
                s, purchases.Facts("Urea", UNTIL, fee_bp=10_001), on=DAY
            ),
        ),
        "village": (
            purchases.VillageUnknown,
            lambda s: purchases.add_purchase(
                s, purchases.Facts("Urea", UNTIL, village_ids=[999]), on=DAY
            ),
        ),
        "shop": (
            purchase_terms.ShopPriceAbsurd,
            lambda s: purchase_terms.put_article(s, purchase_id, article_id=other, shop_e4=0),
        ),
        "weight": (
            purchase_terms.WeightAbsurd,
            lambda s: purchase_terms.put_article(
                s, purchase_id, article_id=other, shop_e4=E4, weight=0
            ),
        ),
        "offer twice": (
            purchase_terms.SameOfferAgain,
            lambda s: purchase_terms.add_offer(
                s, purchase_id, supplier_id=supplier_id, article_id=article_id,
                offered=packs_of("1"),
            ),
        ),
        "not in it": (
            purchase_rows.ArticleNotInPurchase,
            lambda s: purchase_terms.add_offer(
                s, purchase_id, supplier_id=supplier_id, article_id=other, offered=packs_of("1")
            ),
        ),
        "no offer": (
            purchase_terms.UnknownOffer,
            lambda s: purchase_terms.take_out_offer(s, purchase_id, offer_id + 99),
        ),
        "no supplier": (
            suppliers.UnknownSupplier,
            lambda s: purchase_terms.put_supplier(s, purchase_id, supplier_id=999),
        ),
        "same supplier": (
            suppliers.SupplierKnown,
            lambda s: suppliers.add_supplier(s, name="ud tani  makmur"),
        ),
        "same article": (
            articles.ArticleKnown,
            lambda s: articles.change_article(
                s, other, name="urea", base_unit=BaseUnit.GRAM, portion=1_000,
                portion_word="kg", fertiliser=None,
            ),
        ),
        "portion in use": (
            articles.PortionInUse,
            lambda s: articles.change_article(
                s, article_id, name="Urea", base_unit=BaseUnit.GRAM, portion=40_000,
                portion_word="karung", fertiliser=None,
            ),
        ),
        "subsidised by the piece": (
            articles.SubsidisedIsWeighed,
            lambda s: articles.add_article(
                s, name="ZA", base_unit=BaseUnit.PIECE, portion=1, portion_word="sak",
                fertiliser=Fertiliser.ZA,
            ),
        ),
    }  # fmt: skip
    for name, (refusal, act) in bad.items():
        try:
            with writing(coop) as session:
                act(session)
        except refusal:
            continue
        raise AssertionError(f"{name} was not refused")


def test_a_purchase_opens_with_articles_and_prices_only(coop: str) -> None:
    with writing(coop) as session:
        purchase_id, article_id, supplier_id, offer_id = set_up(session)
        purchase_terms.take_out_offer(session, purchase_id, offer_id)
    with pytest.raises(rules.TermsIncomplete), writing(coop) as session:
        purchases.open_purchase(session, purchase_id, on=DAY)
    with pytest.raises(purchases.UntilTooEarly), writing(coop) as session:
        purchases.open_purchase(session, purchase_id, on=UNTIL)
    with writing(coop) as session:
        purchase_terms.add_offer(
            session, purchase_id, supplier_id=supplier_id, article_id=article_id,
            offered=packs_of("300000"),
        )  # fmt: skip
        purchases.open_purchase(session, purchase_id, on=DAY)
    with pytest.raises(rules.CannotMove), writing(coop) as session:
        purchases.open_purchase(session, purchase_id, on=DAY)


def test_the_same_draft_twice_is_one_purchase(coop: str) -> None:
    facts = purchases.Facts("Urea", UNTIL)
    with writing(coop) as session:
        one = purchases.add_purchase(session, facts, on=DAY, draft_key="a").id
        assert purchases.add_purchase(session, facts, on=DAY, draft_key="a").id == one
    with pytest.raises(FormKeptOtherwise), writing(coop) as session:
        purchases.add_purchase(session, purchases.Facts("NPK", UNTIL), on=DAY, draft_key="a")


def test_articles_and_suppliers_are_put_right_and_switched_off(coop: str) -> None:
    with writing(coop) as session:
        one = suppliers.add_supplier(session, name="UD Tani", phone="0812-3456-7890").id
        suppliers.change_supplier(session, one, name="UD Tani Jaya", phone="", place="Pasar")
        suppliers.switch_supplier(session, one, active=False)
        assert list(suppliers.suppliers(session)) == []
        [row] = suppliers.suppliers(session, all_of_them=True)
        assert (row.name, row.phone, row.place) == ("UD Tani Jaya", None, "Pasar")
        bag = articles.add_article(
            session, name="Karung", base_unit=BaseUnit.PIECE, portion=1,
            portion_word="lembar",
        ).id  # fmt: skip
        articles.change_article(
            session, bag, name="Karung goni", base_unit=BaseUnit.PIECE, portion=10,
            portion_word="ikat", fertiliser=None,
        )  # fmt: skip
        articles.switch_article(session, bag, active=False)
        assert list(articles.articles(session)) == []
        [kept] = articles.articles(session, all_of_them=True)
        assert (kept.name, kept.portion, kept.portion_word) == ("Karung goni", 10, "ikat")
