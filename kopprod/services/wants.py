"""What members want of a purchase: said on a phone or to an officer, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from kopprod.domain import packs, purchases
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.members import MemberStatus, MemberUnknown
from kopprod.domain.packs import Fill, PackRule, Rounding
from kopprod.domain.plan_search import MOST_SECONDS
from kopprod.domain.plans import Demand, Offer, Terms
from kopprod.domain.purchase_bills import Bill, BillLine
from kopprod.domain.purchases import PurchaseStage, Want
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import Tier
from kopprod.services import (
    access,
    purchase_plans,
    purchase_rows,
    sent,
    subsidies,
    yarnen,
)
from kopprod.services.purchase_plans import Outlook
from kopprod.services.yarnen import INPUTS
from kopprod.tables.ledger import Line
from kopprod.tables.members import Member
from kopprod.tables.purchases import Article, Purchase, PurchaseArticle, WantSaid


class VillageNotInvited(Refusal):
    """A purchase for other villages."""

    sentence = N_("Purchase {number} is not for the village of {name}.")


class MemberGone(Refusal):
    """Who left the cooperative buys elsewhere."""

    sentence = N_("{name} is no member any more and cannot take part.")


class OverLimitAlready(Refusal):
    """Who owes more than may wait does not add to it."""

    sentence = N_(
        "{name} owes {owed_rp} for inputs; no more than {limit_rp} may wait. Pay a part of it "
        "first, then take part."
    )


def want(
    session: Session,
    purchase_id: int,
    *,
    article_id: int,
    member_id: int,
    firm: int,
    tolerance: int,
    highest_e4: int | None,
    on: date,
    at: datetime,
    draft_key: str | None = None,
) -> WantSaid:
    """Write down what a member wants in all of an article from now on, in portions.

    The same `draft_key` again, and the same want again, give the row that is there. Refuses a want
    out of its time, of a village that is not invited, or beyond what `domain.purchases` allows.
    """
    _check_who(session, member_id)
    purchase = purchase_rows.lock_purchase(session, purchase_id)
    now = Want(firm, tolerance, highest_e4)
    facts = {"member_id": member_id, "article_id": article_id, **asdict(now)}
    known = sent.same(session, WantSaid, draft_key, facts, purchase.number)
    if known is not None:
        return known
    purchases.check_open(purchase.stage, number=purchase.number, on=on, until=purchase.until)
    _inside, article = purchase_rows.article_of(session, purchase_id, article_id)
    member = _check_member(session, purchase, member_id, withdraws=not (firm or tolerance))
    purchases.check_want(now, portion=Quantity(article.portion, article.base_unit))
    said = purchase_rows.said_of(session, purchase_id)
    before = purchase_rows.latest(said).get((member_id, article_id))
    if before is not None and Want(before.firm, before.tolerance, before.highest_e4) == now:
        return before
    if before is None or firm + tolerance > before.firm + before.tolerance:
        _check_debt(session, member)
    _check_filling(session, purchase, said, member_id, article_id, now, on=on)
    grams = (firm + tolerance) * article.portion
    subsidies.check_want(
        session, article, member_id, purchase.season, grams, on, purchase_id=purchase_id
    )
    row = WantSaid(
        purchase_id=purchase_id,
        article_id=article_id,
        member_id=member_id,
        firm=firm,
        tolerance=tolerance,
        highest_e4=highest_e4,
        # What was kept last counts, also where a clock or another phone was ahead.
        at=max([at, *(each.at for each in said)]),
        draft_key=draft_key,
    )
    session.add(row)
    session.flush()
    return row


def _check_who(session: Session, member_id: int) -> None:
    person = access.person(session)
    if person.may(Action.PURCHASES_WANT_FOR):
        return
    access.require(session, Action.PURCHASES_WANT_OWN)
    if person.member_id != member_id:
        raise NotAllowed


def _check_member(
    session: Session, purchase: Purchase, member_id: int, *, withdraws: bool
) -> Member:
    member = session.get(Member, member_id)
    if member is None:
        raise MemberUnknown
    if withdraws:  # otherwise the want of who left meanwhile would stay for ever
        return member
    if member.status is MemberStatus.LEFT:
        raise MemberGone(name=member.name)
    invited = purchase_rows.village_ids(session, purchase.id)
    if invited and member.village_id not in invited:
        raise VillageNotInvited(number=purchase.number, name=member.name)
    return member


def _check_debt(session: Session, member: Member) -> None:
    """Refuse more to a member who owes more for inputs than the cooperative lets wait."""
    moved = func.coalesce(func.sum(col(Line.debit_rp) - col(Line.credit_rp)), 0)
    query = select(moved).where(Line.account_code == INPUTS, Line.member_id == member.id)
    owed_rp = int(session.exec(query).one())
    limit_rp = yarnen.limit_rp(session, member.id)
    if owed_rp > limit_rp:
        raise OverLimitAlready(name=member.name, owed_rp=owed_rp, limit_rp=limit_rp)


def _check_filling(
    session: Session,
    purchase: Purchase,
    said: Sequence[WantSaid],
    member_id: int,
    article_id: int,
    now: Want,
    *,
    on: date,
) -> None:
    """In the last days a change has to help packs, whichever offers they are of."""
    since = purchase.filling_on
    if since is None or on < since:
        return
    terms = purchase_rows.terms_of(session, purchase)
    all_wants = [
        each for each in purchase_rows.wanted(said, terms) if each.article_id == article_id
    ]
    theirs = [each for each in all_wants if each.member_id != member_id]
    others = Want(sum(each.firm for each in theirs), sum(each.tolerance for each in theirs))
    before = purchase_rows.want_of(said, member_id, article_id)
    offers = [offer for offer in terms.offers if offer.article_id == article_id]
    rules = [_rule(offer, terms) for offer in offers]
    purchases.check_filling(before, now, others=others, rules=rules, since_on=since)


def _rule(offer: Offer, terms: Terms) -> PackRule:
    stock_most = next(
        one.stock_most for one in terms.articles if one.article_id == offer.article_id
    )  # nought where the purchase rounds down
    return packs.pack_rule(
        pack=offer.pack,
        least_packs=offer.least_packs,
        rounding=Rounding.UP,
        stock_most=stock_most,
    )


# What a member sees


@dataclass(frozen=True)
class ArticleView:
    """One article as a member sees it: her want, what comes of it, and how far the packs are.

    `expected_e4` is what a portion is expected to cost with freight and fee, none while no pack is
    full. `gets` are the portions that she would get, `line` what she would pay for them. `fill` and
    `tiers` are of `offer`, from which most is bought, or the one that asks least.
    """

    inside: PurchaseArticle
    article: Article
    want: Want
    demand: Demand
    members: int
    offer: Offer | None
    fill: Fill | None
    expected_e4: int | None
    gets: int
    line: BillLine | None
    too_dear: bool

    @property
    def tiers(self) -> Sequence[Tier]:
        """The prices by quantity of the offer that is looked at."""
        return () if self.offer is None else self.offer.tiers


@dataclass(frozen=True)
class View:
    """A purchase as one member sees it, without anybody else's name."""

    purchase: Purchase
    invited: bool
    open_now: bool
    articles: Sequence[ArticleView]
    bill: Bill | None

    @property
    def bill_rp(self) -> int:
        """What she is likely to pay in all."""
        return 0 if self.bill is None else self.bill.total_rp

    @property
    def saved_rp(self) -> int:
        """What the same would cost her more in the village shop."""
        return 0 if self.bill is None else self.bill.saved_rp


def view(
    session: Session,
    purchase_id: int,
    *,
    member_id: int,
    on: date,
    at: datetime,
    trial: Mapping[int, Want] | None = None,
) -> View:
    """What a member's want comes to now: likely bill, saving, full packs, and what they lack.

    With `trial` (by article) it is what it would come to if she wanted this from now on (`at`).
    """
    access.require(session, Action.PURCHASES_SEE)
    _check_sees(session, member_id)
    purchase = session.get(Purchase, purchase_id)
    if purchase is None:
        raise purchase_rows.UnknownPurchase
    said = [*purchase_rows.said_of(session, purchase_id)]
    found = _found(session, purchase, said)
    if trial:
        for article_id, tried in trial.items():
            said.append(_tried(said, purchase_id, article_id, member_id, tried, at))
        # What was too hard to search is no easier with one want more, and she is waiting.
        found = _found(session, purchase, said, seconds=MOST_SECONDS if found.is_cheapest else 0)
    bill = found.bills(found.sharing).by_member.get(member_id)
    invited = purchase_rows.village_ids(session, purchase_id)
    member = session.get_one(Member, member_id)
    return View(
        purchase=purchase,
        invited=not invited or member.village_id in invited,
        open_now=purchase.stage is PurchaseStage.OPEN and on < purchase.until,
        articles=[
            _article(found, said, inside, article, member_id, bill)
            for inside, article in purchase_rows.articles_of(session, purchase_id)
        ],
        bill=bill,
    )


def standings(session: Session, purchase_id: int) -> list[ArticleView]:
    """How far the packs of every article are, as the whole group is told: nobody's own want."""
    access.require(session, Action.PURCHASES_SEE)
    purchase = session.get(Purchase, purchase_id)
    if purchase is None:
        raise purchase_rows.UnknownPurchase
    said = purchase_rows.said_of(session, purchase_id)
    found = _found(session, purchase, said)
    return [
        _article(found, said, inside, article, 0, None)
        for inside, article in purchase_rows.articles_of(session, purchase_id)
    ]


def _found(
    session: Session, purchase: Purchase, said: Sequence[WantSaid], *, seconds: int = MOST_SECONDS
) -> Outlook:
    if purchase.stage in (PurchaseStage.DRAFT, PurchaseStage.OPEN):
        return purchase_plans.outlook(session, purchase, said, seconds=seconds)
    return purchase_plans.fixed_outlook(session, purchase, said)


def _check_sees(session: Session, member_id: int) -> None:
    person = access.person(session)
    if person.member_id != member_id:
        access.require(session, Action.MEMBERS_SEE)


def _tried(
    said: Sequence[WantSaid],
    purchase_id: int,
    article_id: int,
    member_id: int,
    tried: Want,
    at: datetime,
) -> WantSaid:
    """A want that is not kept, as the last one said."""
    return WantSaid(
        id=max((row.id for row in said), default=0) + 1,
        purchase_id=purchase_id,
        article_id=article_id,
        member_id=member_id,
        firm=tried.firm,
        tolerance=tried.tolerance,
        highest_e4=tried.highest_e4,
        at=max([at, *(row.at for row in said)]),
    )


def _article(
    found: Outlook,
    said: Sequence[WantSaid],
    inside: PurchaseArticle,
    article: Article,
    member_id: int,
    bill: Bill | None,
) -> ArticleView:
    queue = found.queues[article.id]
    demand = Demand(sum(each.firm for each in queue), sum(each.tolerance for each in queue))
    offer = _looked_at(found, article.id)
    lines = [] if bill is None else [one for one in bill.lines if one.article_id == article.id]
    rule = None if offer is None else _rule(offer, found.terms)
    return ArticleView(
        inside=inside,
        article=article,
        want=purchase_rows.want_of(said, member_id, article.id),
        demand=demand,
        members=len({each.member_id for each in queue}),
        offer=offer,
        fill=None
        if offer is None or rule is None
        else packs.fill(demand.firm, demand.tolerance, rule, offer.tiers),
        expected_e4=found.expected_e4.get(article.id),
        gets=sum(one.quantity for one in lines),
        line=lines[0] if lines else None,
        too_dear=any(
            (one.member_id, one.article_id) == (member_id, article.id) for one in found.dropped
        ),
    )


def _looked_at(found: Outlook, article_id: int) -> Offer | None:
    """The offer from which most is bought; while nothing is, the one that asks least a portion."""
    offers = [offer for offer in found.terms.offers if offer.article_id == article_id]
    bought = found.plan.packs
    best = sorted(
        offers,
        key=lambda one: (
            -bought.get(one.offer_id, 0) * one.pack,
            one.tiers[0].pack_rp // one.pack,
            one.place,
        ),
    )
    return best[0] if best else None
