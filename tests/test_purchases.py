"""Pooled purchases through the services: prepared, wanted, planned and fixed, on real rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain import purchases as rules
from kopprod.domain import tier_lines
from kopprod.domain.access import SYSTEM, Action, NotAllowed, Person, Role
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.ledger import Posting
from kopprod.domain.money import E4
from kopprod.domain.packs import Rounding
from kopprod.domain.plans import MoreThanWanted
from kopprod.domain.purchases import PurchaseStage, Want
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import Refusal
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.subsidies import AboveCeiling, Fertiliser, NotEntitled
from kopprod.services import (
    articles,
    ledger,
    purchase_plans,
    purchase_rows,
    purchase_terms,
    purchases,
    subsidies,
    suppliers,
    wants,
)
from kopprod.services.purchase_terms import Offered
from kopprod.tables.purchase_plans import PurchaseDropped
from kopprod.tables.purchases import PurchaseLine, WantSaid
from tests import make
from tests.pooled import SACK_G, UNTIL, Pool, all_say, says, set_up
from tests.seasons import DAY, at_once, writing


def packs_of(text: str, pack: int = 1, least_packs: int = 1) -> Offered:
    return Offered(pack=pack, tiers=tier_lines.read_tiers(text), least_packs=least_packs)


def reoffer(session: Session, pool: Pool, text: str, pack: int = 1, least_packs: int = 1) -> None:
    purchase_terms.change_offer(
        session, pool.purchase_id, pool.offer_id, offered=packs_of(text, pack, least_packs)
    )


# --- WE-11 -------------------------------------------------------------------------------------


def test_we_11_comes_to_37_sacks_at_284_000(pool: Pool) -> None:
    with writing(pool.coop) as session:
        all_say(session, pool)
        found = purchases.plan(session, pool.purchase_id)
        [bought] = found.outlook.plan.bought
        bills = found.outlook.bills(SharingRule.FIRST_COME).by_member
        seen = {name: bills[key] for name, key in pool.members.items()}

    assert (bought.packs, bought.pack_rp) == (37, 284_000)
    assert found.outlook.plan.total_rp == 10_508_000 + 275_000
    assert {name: (bill.total_rp, bill.saved_rp) for name, bill in seen.items()} == {
        "Siti": (2_059_907, 75_093),
        "Budi": (882_817, 32_183),
        "Made": (3_531_269, 128_731),
        "Yohana": (1_471_362, 53_638),
        "Rahmat": (2_942_725, 107_275),
    }


def test_a_member_sees_her_bill_her_saving_and_what_the_next_tier_lacks(pool: Pool) -> None:
    with writing(pool.coop) as session:
        all_say(session, pool)
    siti = make.person(Role.MEMBER, name="Siti", member_id=pool.members["Siti"])
    with db.reading(pool.coop, person=siti) as session:
        seen = purchases.view(
            session, pool.purchase_id, member_id=pool.members["Siti"], on=DAY, at=make.AT
        )
        with pytest.raises(NotAllowed):
            purchases.view(
                session, pool.purchase_id, member_id=pool.members["Budi"], on=DAY, at=make.AT
            )
        with pytest.raises(NotAllowed):
            purchases.plan(session, pool.purchase_id)

    [urea] = seen.articles
    assert (seen.bill_rp, seen.saved_rp, urea.gets) == (2_059_907, 75_093, 7)
    assert urea.fill is not None and urea.fill.next_tier is not None
    assert (urea.fill.packs, urea.fill.missing_tier, urea.fill.next_tier.pack_rp) == (
        37,
        63,
        276_000,
    )


def test_a_trial_says_what_a_want_would_come_to_and_keeps_nothing(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Made", 12)
    with db.reading(pool.coop, person=make.OFFICER) as session:
        tried = purchases.view(
            session, pool.purchase_id, member_id=pool.members["Siti"], on=DAY, at=make.AT,
            trial={pool.article_id: Want(18)},
        )  # fmt: skip
        [urea] = tried.articles
        kept = session.exec(select(WantSaid)).all()

    assert urea.gets == 18
    assert urea.line is not None and urea.line.goods_rp == 18 * 284_000
    assert len(kept) == 1


# --- wants -------------------------------------------------------------------------------------

TIME_AND_PLACE: dict[str, tuple[type[Refusal], Callable[[Session, Pool], object]]] = {
    "after the last day": (rules.WantsClosed, lambda s, p: says(s, p, "Siti", 1, on=UNTIL)),
    "less than nothing": (rules.FirmBelowZero, lambda s, p: says(s, p, "Siti", -1)),
    "a tolerance below zero": (rules.ToleranceBelowZero, lambda s, p: says(s, p, "Siti", 1, -1)),
    "too much": (rules.WantTooLarge, lambda s, p: says(s, p, "Siti", 10**6 + 1)),
    "a price of nothing": (
        rules.HighestPriceAbsurd,
        lambda s, p: says(s, p, "Siti", 1, highest_e4=0),
    ),
}


@pytest.mark.parametrize(("refusal", "act"), TIME_AND_PLACE.values(), ids=TIME_AND_PLACE)
def test_a_want_that_cannot_be_is_refused(
    pool: Pool, refusal: type[Refusal], act: Callable[[Session, Pool], object]
) -> None:
    with pytest.raises(refusal), writing(pool.coop) as session:
        act(session, pool)


def test_nobody_wants_before_the_manager_opens_and_after_she_fixes(coop: str) -> None:
    with writing(coop) as session:
        siti = make.member(session, "Siti").id
        keys = set_up(session)
    pool = Pool(coop, *keys, members={"Siti": siti})
    with pytest.raises(rules.WantsNotYetOpen), writing(coop) as session:
        says(session, pool, "Siti", 1)
    with writing(coop) as session:
        purchases.open_purchase(session, pool.purchase_id, on=DAY)
        says(session, pool, "Siti", 1)
        purchases.lock(session, pool.purchase_id)
    with pytest.raises(rules.WantsClosed), writing(coop) as session:
        says(session, pool, "Siti", 2)


def test_a_village_that_is_not_invited_and_who_left_are_refused(pool: Pool) -> None:
    with writing(pool.coop) as session:
        near = make.village(session, "Sukamaju").id
        ani = make.member(session, "Ani", village_id=near).id
        facts = purchases.Facts(title="Urea", until=UNTIL, village_ids=[near])
        purchases.change_purchase(session, pool.purchase_id, facts, on=DAY)
        says(session, Pool(**{**vars(pool), "members": {"Ani": ani}}), "Ani", 2)
    with pytest.raises(wants.VillageNotInvited), writing(pool.coop) as session:
        says(session, pool, "Siti", 1)
    siti = make.person(Role.MEMBER, name="Siti", member_id=pool.members["Siti"])
    with db.reading(pool.coop, person=siti) as session:
        assert purchases.purchases(session) == []
        with pytest.raises(purchases.UnknownPurchase):
            purchases.one_purchase(session, pool.purchase_id)


def test_a_member_speaks_for_herself_and_an_officer_for_anybody(pool: Pool) -> None:
    siti = make.person(Role.MEMBER, name="Siti", member_id=pool.members["Siti"])
    with writing(pool.coop, siti) as session:
        says(session, pool, "Siti", 2)
    with pytest.raises(NotAllowed), writing(pool.coop, siti) as session:
        says(session, pool, "Budi", 2)
    with writing(pool.coop, make.OFFICER) as session:
        says(session, pool, "Budi", 2)
    with pytest.raises(NotAllowed), writing(pool.coop, make.TREASURER) as session:
        says(session, pool, "Budi", 3)


def test_who_owes_more_than_may_wait_takes_no_more(pool: Pool) -> None:
    with writing(pool.coop, SYSTEM) as session:
        says(session, pool, "Siti", 2)
        owes = Posting("1109", debit_rp=3_000_001, member_id=pool.members["Siti"])
        against = Posting("4103", credit_rp=3_000_001)
        ledger.post(session, on=DAY, memo="test", paper="hand:1", postings=[owes, against])
    with writing(pool.coop, make.OFFICER) as session:
        says(session, pool, "Siti", 1, minute=1)  # less is no new debt
        with pytest.raises(wants.OverLimitAlready):
            says(session, pool, "Siti", 2, minute=2)


def test_the_same_form_twice_is_one_want(pool: Pool) -> None:
    with writing(pool.coop) as session:
        one = says(session, pool, "Siti", 2, draft_key="a").id
        assert says(session, pool, "Siti", 2, draft_key="a").id == one
        assert says(session, pool, "Siti", 2).id == one  # nothing new is said
    with pytest.raises(FormKeptOtherwise), writing(pool.coop) as session:
        says(session, pool, "Siti", 3, draft_key="a")


def test_an_increase_waits_behind_the_others(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 5)
        says(session, pool, "Budi", 4, minute=1)
        says(session, pool, "Siti", 7, minute=2)
        queue = purchase_rows.queues(session, pool.purchase_id)[pool.article_id]

    siti, budi = pool.members["Siti"], pool.members["Budi"]
    assert [(each.member_id, each.firm) for each in queue] == [(siti, 5), (budi, 4), (siti, 2)]


def test_in_the_last_days_only_what_helps_packs_is_taken(pool: Pool) -> None:
    with writing(pool.coop) as session:
        reoffer(session, pool, "100000", pack=10)
        facts = purchases.Facts(title="Urea", until=UNTIL, filling_on=DAY + timedelta(days=5))
        purchases.change_purchase(session, pool.purchase_id, facts, on=DAY)
        says(session, pool, "Siti", 7)
    late = DAY + timedelta(days=5)
    with pytest.raises(rules.BreaksPacks), writing(pool.coop) as session:
        says(session, pool, "Siti", 6, on=late)
    with writing(pool.coop) as session:
        says(session, pool, "Budi", 3, on=late, minute=9)
        assert purchases.plan(session, pool.purchase_id).outlook.plan.packs == {pool.offer_id: 1}


def test_two_wants_at_once_are_both_kept_in_one_order(pool: Pool) -> None:
    def act(name: str, minute: int) -> Callable[[], object]:
        def run() -> object:
            with writing(pool.coop) as session:
                return says(session, pool, name, 3, minute=minute).id

        return run

    at_once(*(act(name, 1) for name in ("Siti", "Budi", "Made")), act("Siti", 1))

    with db.reading(pool.coop, person=make.MANAGER) as session:
        queue = purchase_rows.queues(session, pool.purchase_id)[pool.article_id]
        said = session.exec(select(WantSaid)).all()
    assert sorted(each.firm for each in queue) == [3, 3, 3]
    assert len(said) == 3  # Siti's second phone said nothing new


def test_a_want_and_the_lock_at_once_never_meet_half_way(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 30)

    def more() -> object:
        with writing(pool.coop) as session:
            return says(session, pool, "Budi", 5, minute=1)

    def fix() -> object:
        with writing(pool.coop) as session:
            return purchases.lock(session, pool.purchase_id)

    at_once(more, fix)

    with db.reading(pool.coop, person=make.MANAGER) as session:
        [line] = session.exec(select(PurchaseLine)).all()
        firm = sum(row.firm for row in session.exec(select(WantSaid)))
    assert line.packs == firm


# --- plan, lock, reopen, cancel ------------------------------------------------------------------


def test_who_is_over_her_highest_price_drops_out_and_stays_out(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 5)
        says(session, pool, "Budi", 5, highest_e4=290_000 * E4, minute=1)
        dropped = purchases.plan(session, pool.purchase_id).outlook.dropped
        purchases.lock(session, pool.purchase_id)
        [line] = session.exec(select(PurchaseLine)).all()
        [kept] = session.exec(select(PurchaseDropped)).all()
        queue = purchase_rows.queues(session, pool.purchase_id)[pool.article_id]
        seen = purchases.view(
            session, pool.purchase_id, member_id=pool.members["Budi"], on=DAY, at=make.AT
        )

    assert [each.member_id for each in dropped] == [pool.members["Budi"]]
    assert (line.packs, line.pack_rp) == (5, 305_000)
    assert (kept.member_id, kept.expected_e4) == (pool.members["Budi"], 363_050 * E4)
    assert [each.member_id for each in queue] == [pool.members["Siti"]]
    assert seen.articles[0].too_dear and seen.bill is None


def test_the_manager_may_take_more_packs_where_that_costs_less(pool: Pool) -> None:
    with writing(pool.coop) as session:
        facts = purchases.Facts(title="Urea", until=UNTIL, rounding=Rounding.UP)
        purchases.change_purchase(session, pool.purchase_id, facts, on=DAY)
        says(session, pool, "Siti", 29)
        found = purchases.plan(session, pool.purchase_id).outlook
        [more] = found.more
        purchases.lock(
            session, pool.purchase_id, packs={pool.offer_id: 30}, sharing=SharingRule.EQUAL
        )
        [line] = session.exec(select(PurchaseLine)).all()
        fixed = purchases.plan(session, pool.purchase_id)

    assert (more.extra_packs, more.saves_rp) == (1, 35_000)
    assert (line.packs, line.pack_rp) == (30, 284_000)
    assert fixed.outlook.bills(SharingRule.EQUAL).leftover_rp > 0
    assert fixed.purchase.sharing is SharingRule.EQUAL


def test_another_plan_has_to_keep_the_rules(pool: Pool) -> None:
    with pytest.raises(MoreThanWanted), writing(pool.coop) as session:
        says(session, pool, "Siti", 7)
        purchases.lock(session, pool.purchase_id, packs={pool.offer_id: 8})


def test_each_way_of_sharing_is_shown_before_one_is_chosen(pool: Pool) -> None:
    with writing(pool.coop) as session:
        reoffer(session, pool, "100000", pack=9)
        says(session, pool, "Siti", 5)
        says(session, pool, "Budi", 3, minute=1)
        says(session, pool, "Made", 4, minute=2)
        found = purchases.plan(session, pool.purchase_id).outlook
        gets = {
            rule: [each.gets[rule] for each in found.outcomes(pool.article_id)]
            for rule in SharingRule
        }

    assert gets == {
        SharingRule.FIRST_COME: [5, 3, 1],
        SharingRule.PROPORTIONAL: [4, 2, 3],
        SharingRule.EQUAL: [3, 3, 3],
    }


def test_nothing_is_fixed_that_nobody_wants_or_that_fills_no_pack(pool: Pool) -> None:
    with pytest.raises(rules.NothingWanted), writing(pool.coop) as session:
        purchases.lock(session, pool.purchase_id)
    with writing(pool.coop) as session:
        reoffer(session, pool, "100000", pack=10)
        says(session, pool, "Siti", 9)
    with pytest.raises(purchase_plans.NothingPlanned), writing(pool.coop) as session:
        purchases.lock(session, pool.purchase_id)


def test_it_is_fixed_once_and_opened_again_until_it_is_ordered(pool: Pool) -> None:
    with writing(pool.coop) as session:
        says(session, pool, "Siti", 5)
        says(session, pool, "Budi", 5, highest_e4=300_000 * E4, minute=1)
        purchases.lock(session, pool.purchase_id)
    with pytest.raises(rules.CannotMove), writing(pool.coop) as session:
        purchases.lock(session, pool.purchase_id)
    with writing(pool.coop) as session:
        purchases.reopen(session, pool.purchase_id, until=UNTIL, on=DAY)
        says(session, pool, "Made", 40, minute=3)
        purchases.lock(session, pool.purchase_id)
        assert session.exec(select(PurchaseDropped)).all() == []
        assert [row.packs for row in session.exec(select(PurchaseLine))] == [50]


def test_calling_off_needs_a_reason_that_members_read(pool: Pool) -> None:
    with pytest.raises(purchases.CancelNeedsReason), writing(pool.coop) as session:
        purchases.cancel(session, pool.purchase_id, reason=" ")
    with writing(pool.coop) as session:
        purchase = purchases.cancel(session, pool.purchase_id, reason="Pemasok tutup")
    assert purchase.stage is PurchaseStage.CANCELLED
    with pytest.raises(rules.CannotMove), writing(pool.coop) as session:
        purchases.reopen(session, pool.purchase_id, until=UNTIL, on=DAY)


def test_subsidised_fertiliser_is_for_whom_the_list_names_and_under_its_ceiling(
    coop: str,
) -> None:
    with writing(coop) as session:
        siti = make.member(session, "Siti").id
        purchase_id, article_id, supplier_id, offer_id = set_up(session)
        subsidised = articles.add_article(
            session, name="Urea bersubsidi", base_unit=BaseUnit.GRAM, portion=SACK_G,
            portion_word="karung", fertiliser=Fertiliser.UREA,
        ).id  # fmt: skip
        purchase_terms.put_article(session, purchase_id, article_id=subsidised, shop_e4=90_000 * E4)
        purchase_terms.add_offer(
            session, purchase_id, supplier_id=supplier_id, article_id=subsidised,
            offered=packs_of("90000"),
        )  # fmt: skip
        facts = purchases.Facts(title="Pupuk", until=UNTIL, season="MT I 2026")
        purchases.change_purchase(session, purchase_id, facts, on=DAY)
        purchases.open_purchase(session, purchase_id, on=DAY)
    pool = Pool(coop, purchase_id, subsidised, supplier_id, offer_id, {"Siti": siti})
    with pytest.raises(NotEntitled), writing(coop) as session:
        says(session, pool, "Siti", 1)
    with writing(coop) as session:
        subsidies.entitle(
            session, member_id=siti, season="MT I 2026", fertiliser=Fertiliser.UREA, grams=100_000
        )
        says(session, pool, "Siti", 2)
    with pytest.raises(AboveCeiling), writing(coop) as session:
        purchases.lock(session, purchase_id)  # the truck comes on top


CHANGES: dict[str, Callable[[Session, Pool], object]] = {
    "supplier": lambda s, p: suppliers.add_supplier(s, name="Baru"),
    "article": lambda s, p: articles.switch_article(s, p.article_id, active=False),
    "purchase": lambda s, p: purchases.add_purchase(s, purchases.Facts("Baru", UNTIL), on=DAY),
    "terms": lambda s, p: reoffer(s, p, "1000"),
    "lock": lambda s, p: purchases.lock(s, p.purchase_id),
    "cancel": lambda s, p: purchases.cancel(s, p.purchase_id, reason="x"),
    "reopen": lambda s, p: purchases.reopen(s, p.purchase_id, until=UNTIL, on=DAY),
}


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("who", [make.OFFICER, make.TREASURER, make.SUPERVISOR])
def test_only_the_manager_prepares_and_fixes(
    pool: Pool, act: Callable[[Session, Pool], object], who: Person
) -> None:
    assert not who.may(Action.PURCHASES_CHANGE)
    with pytest.raises(NotAllowed), writing(pool.coop, who) as session:
        act(session, pool)
