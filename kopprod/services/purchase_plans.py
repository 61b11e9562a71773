"""The plan of a purchase: what is bought where, who gets what by each rule; and fixing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlmodel import Session, col, select

from kopprod.domain import handing_out, planning, plans, purchase_bills, purchases
from kopprod.domain.access import Action
from kopprod.domain.handing_out import Outcome, SharingRule
from kopprod.domain.plan_search import MOST_SECONDS
from kopprod.domain.planning import More, Planned, Wanted
from kopprod.domain.plans import Plan, Terms
from kopprod.domain.purchase_bills import Bills, Taken
from kopprod.domain.purchases import Entry, PurchaseStage
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access, purchase_rows, subsidies
from kopprod.services.days import today
from kopprod.tables.members import Member
from kopprod.tables.purchase_plans import PurchaseDropped
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseArticle,
    PurchaseLine,
    Supplier,
    WantSaid,
)


class NothingPlanned(Refusal):
    """Wants that fill no pack."""

    sentence = N_(
        "What members want of {number} fills no pack and no least order yet, so there is nothing "
        "to order. Ask them to fill up, or call the purchase off."
    )


@dataclass(frozen=True)
class Outlook:
    """A plan with what follows from it for everybody, in portions and rupiah, by each rule."""

    terms: Terms
    sharing: SharingRule
    plan: Plan
    expected_e4: Mapping[int, int]
    dropped: Sequence[Wanted]
    more: Sequence[More]
    queues: Mapping[int, Sequence[Entry]]  # by article, without who dropped out
    is_cheapest: bool = True  # else a simple one: the cheapest was not found in time

    def outcomes(self, article_id: int) -> list[Outcome]:
        """What every member would get of an article by each rule."""
        return handing_out.outcomes(self.plan.quantity(article_id), self.queues[article_id])

    def taken(self, rule: SharingRule) -> list[Taken]:
        """Everybody's portions of all articles by one rule."""
        return [
            Taken(member_id, article_id, portions)
            for article_id, queue in self.queues.items()
            for member_id, portions in handing_out.share(
                self.plan.quantity(article_id), queue, rule
            ).items()
        ]

    def bills(self, rule: SharingRule) -> Bills:
        """What everybody would pay by one rule."""
        return purchase_bills.bills(
            self.taken(rule),
            plans.lots(self.terms, self.plan.bought),
            self.plan.freight_rp,
            freight_by=self.terms.freight_by,
            fee_bp=self.terms.fee_bp,
            shop_e4={one.article_id: one.shop_e4 for one in self.terms.articles},
        )

    @cached_property
    def all_bills(self) -> Mapping[SharingRule, Bills]:
        """Bills by each rule."""
        return {rule: self.bills(rule) for rule in SharingRule}


def outlook(
    session: Session,
    purchase: Purchase,
    said: Sequence[WantSaid],
    *,
    packs: Mapping[int, int] | None = None,
    seconds: int = MOST_SECONDS,
) -> Outlook:
    """The cheapest plan for these wants, or the one of these `packs` by offer, checked.

    Where the cheapest is not found in so many seconds, it is a simple one.
    """
    terms = purchase_rows.terms_of(session, purchase)
    wanted = purchase_rows.wanted(said, terms)
    planned = planning.plan_in_time(terms, tuple(wanted), seconds=seconds)
    if packs is None or _same(packs, planned.plan):
        found = _outlook(purchase, terms, said, planned.plan, planned.dropped, planned.more)
        return replace(found, is_cheapest=planned.is_cheapest)
    chosen = plans.priced(terms, packs)
    dropped = tuple(planning.too_dear(terms, chosen, wanted))
    if not _is_named(chosen, planned):
        kept = [each for each in wanted if each not in dropped]
        plans.check_plan(terms, planning.demand_of(kept), chosen)
    return _outlook(purchase, terms, said, chosen, dropped, planned.more)


def _same(packs: Mapping[int, int], plan: Plan) -> bool:
    return {key: count for key, count in packs.items() if count} == plan.packs


def _is_named(chosen: Plan, planned: Planned) -> bool:
    """Whether it is one of the plans with more packs that cost less, which the manager may take."""
    return any(_same(chosen.packs, each.plan) for each in planned.more)


def fixed_outlook(session: Session, purchase: Purchase, said: Sequence[WantSaid]) -> Outlook:
    """The plan as it was fixed, with the members who dropped out then."""
    terms = purchase_rows.terms_of(session, purchase)
    lines = select(PurchaseLine).where(PurchaseLine.purchase_id == purchase.id)
    chosen = plans.priced(terms, {row.offer_id: row.packs for row in session.exec(lines)})
    out = purchase_rows.dropped_ids(session, purchase.id)
    dropped = [
        each
        for each in purchase_rows.wanted(said, terms)
        if each.member_id in out.get(each.article_id, ())
    ]
    return _outlook(purchase, terms, said, chosen, dropped, ())


def _outlook(
    purchase: Purchase,
    terms: Terms,
    said: Sequence[WantSaid],
    plan: Plan,
    dropped: Sequence[Wanted],
    more: Sequence[More],
) -> Outlook:
    out = {(each.member_id, each.article_id) for each in dropped}
    return Outlook(
        terms=terms,
        sharing=purchase.sharing,
        plan=plan,
        expected_e4=planning.expected_e4(terms, plan),
        dropped=dropped,
        more=more,
        queues={
            one.article_id: [
                entry
                for entry in purchase_rows.queue_of(said, one.article_id)
                if (entry.member_id, one.article_id) not in out
            ]
            for one in terms.articles
        },
    )


# For the manager


@dataclass(frozen=True)
class PlanView:
    """A purchase's plan with everybody's names, for whoever runs the cooperative."""

    purchase: Purchase
    outlook: Outlook
    cheapest: Plan
    articles: Mapping[int, tuple[PurchaseArticle, Article]]
    suppliers: Mapping[int, str]
    members: Mapping[int, Member]
    wants: Sequence[WantSaid]  # as they are now, in the order in which they were said


def plan(session: Session, purchase_id: int, *, packs: Mapping[int, int] | None = None) -> PlanView:
    """The cheapest plan (or the one of these packs), who drops out, and what everybody gets.

    Once wants are fixed it is the plan that was fixed.
    """
    access.require(session, Action.MEMBERS_SEE)
    purchase = session.get(Purchase, purchase_id)
    if purchase is None:
        raise purchase_rows.UnknownPurchase
    said = purchase_rows.said_of(session, purchase_id)
    if purchase.stage in (PurchaseStage.DRAFT, PurchaseStage.OPEN):
        cheapest = outlook(session, purchase, said)
        shown = cheapest if packs is None else outlook(session, purchase, said, packs=packs)
    else:
        shown = cheapest = fixed_outlook(session, purchase, said)
    inside = {one.article_id for one in shown.terms.articles}
    now = [
        row
        for row in purchase_rows.latest(said).values()
        if row.article_id in inside and (row.firm or row.tolerance)
    ]
    who = select(Member).where(col(Member.id).in_({row.member_id for row in now}))
    return PlanView(
        purchase=purchase,
        outlook=shown,
        cheapest=cheapest.plan,
        articles={
            article.id: (one, article)
            for one, article in purchase_rows.articles_of(session, purchase_id)
        },
        suppliers=dict(session.exec(select(Supplier.id, Supplier.name)).all()),
        members={row.id: row for row in session.exec(who).all()},
        wants=sorted(now, key=lambda row: (row.at, row.id)),
    )


def lock(
    session: Session,
    purchase_id: int,
    *,
    packs: Mapping[int, int] | None = None,
    sharing: SharingRule | None = None,
) -> Purchase:
    """Fix wants and packs: the cheapest plan, or the one that the manager chose.

    Writes down every offer's packs and price, and who dropped out. Refuses a plan that buys
    nothing, one that breaks a rule, and subsidised fertiliser above its ceiling or, where a list or
    the season changed since it was wanted, above an entitlement.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = purchase_rows.lock_purchase(session, purchase_id)
    purchases.check_move(purchase.stage, PurchaseStage.LOCKED, number=purchase.number)
    said = purchase_rows.said_of(session, purchase_id)
    terms = purchase_rows.terms_of(session, purchase)
    firm = sum(each.firm for each in purchase_rows.wanted(said, terms))
    purchases.check_wanted(firm, number=purchase.number)
    found = outlook(session, purchase, said, packs=packs)
    if not found.plan.bought:
        raise NothingPlanned(number=purchase.number)
    for article_id, price_e4 in found.expected_e4.items():
        article = session.get_one(Article, article_id)
        subsidies.check_price(session, article, price_e4=price_e4, on=today(session))
    kept = [row for row in purchase_rows.wanted(said, terms) if row not in found.dropped]
    portions = [(row.member_id, row.article_id, row.firm + row.tolerance) for row in kept]
    subsidies.check_portions(session, purchase, portions, today(session))
    for each in found.plan.bought:
        session.add(
            PurchaseLine(
                purchase_id=purchase_id,
                offer_id=each.offer_id,
                packs=each.packs,
                pack_rp=each.pack_rp,
            )
        )
    for one in found.dropped:
        session.add(
            PurchaseDropped(
                purchase_id=purchase_id,
                article_id=one.article_id,
                member_id=one.member_id,
                expected_e4=_was_e4(found, one),
            )
        )
    purchase.stage = PurchaseStage.LOCKED
    purchase.sharing = sharing or purchase.sharing
    session.flush()
    return purchase


def _was_e4(found: Outlook, dropped: Wanted) -> int:
    """What a portion costs by the plan; nothing is bought where all dropped out: above hers."""
    highest_e4 = dropped.highest_e4 or 0
    return found.expected_e4.get(dropped.article_id, highest_e4 + 1)
