"""What members will need: noted in the field during the season, gathered, and made a purchase of.

A need waits until a purchase takes it up: then it becomes its member's first want there.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from kopprod.domain import needs as rules
from kopprod.domain.access import Action, NotAllowed
from kopprod.domain.members import MemberUnknown
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, purchase_terms, purchases, sent
from kopprod.services.articles import UnknownArticle
from kopprod.services.purchases import Facts
from kopprod.tables.members import Member
from kopprod.tables.needs import Need
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseArticle,
    PurchaseShare,
    WantSaid,
)


@dataclass(frozen=True)
class Noted:
    """A need with the names that belong to it."""

    need: Need
    article: Article
    member: str
    number: str


@dataclass(frozen=True)
class Demand:
    """What all members together need of one article in one month, in portions."""

    month: date
    article: Article
    members: int
    quantity: int


@dataclass(frozen=True)
class Before:
    """What a member got in the season before, as a proposal; in portions."""

    article: Article
    quantity: int
    season: str


def note(
    session: Session,
    *,
    member_id: int,
    article_id: int,
    quantity: int,
    needed_on: date,
    on: date,
    words: str = "",
    draft_key: str | None = None,
) -> Need:
    """Write down that a member will need so many portions by a day.

    The same `draft_key` again gives the row that is there. Refuses nothing, a day that is over, and
    one more than a year ahead.
    """
    _check_who(session, member_id)
    if session.get(Member, member_id) is None:
        raise MemberUnknown
    article = session.get(Article, article_id)
    if article is None or not article.active:
        raise UnknownArticle
    facts = {"member_id": member_id, "article_id": article_id, "quantity": quantity}
    known = sent.same(session, Need, draft_key, facts, article.name)
    if known is not None:
        return known
    rules.check_need(
        quantity, portion=Quantity(article.portion, article.base_unit), needed_on=needed_on, on=on
    )
    row = Need(
        member_id=member_id,
        article_id=article_id,
        quantity=quantity,
        needed_on=needed_on,
        noted_on=on,
        note=tidy(words)[:200],
        draft_key=draft_key,
    )
    session.add(row)
    session.flush()
    return row


def withdraw(session: Session, need_id: int) -> Need:
    """Take a need back; refuses one that a purchase has taken up."""
    row = session.get(Need, need_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise rules.UnknownNeed
    _check_who(session, row.member_id)
    if row.purchase_id is not None:
        taker = session.get_one(Purchase, row.purchase_id)
        if taker.stage is not PurchaseStage.CANCELLED:
            raise rules.NeedTakenUp
    row.withdrawn = True
    session.flush()
    return row


def _check_who(session: Session, member_id: int) -> None:
    person = access.person(session)
    if person.may(Action.PURCHASES_WANT_FOR):
        return
    access.require(session, Action.PURCHASES_WANT_OWN)
    if person.member_id != member_id:
        raise NotAllowed


def _is_free() -> ColumnElement[bool]:
    """No purchase has taken it up, or the one that had was called off."""
    called_off = select(Purchase.id).where(Purchase.stage == PurchaseStage.CANCELLED)
    return or_(col(Need.purchase_id).is_(None), col(Need.purchase_id).in_(called_off))


def waiting(session: Session, *, member_id: int | None = None) -> list[Noted]:
    """The needs that no purchase has taken up, the earliest day first; a member sees her own."""
    mine = access.whose(session, member_id, all_see=Action.PURCHASES_WANT_FOR)
    return [one for one in _all_waiting(session) if mine in (None, one.need.member_id)]


def demand(session: Session) -> list[Demand]:
    """What is needed in which month, by article: what a manager makes a purchase of."""
    access.require(session, Action.MEMBERS_SEE)
    found: dict[tuple[date, int], list[Noted]] = defaultdict(list)
    for one in _all_waiting(session):
        found[one.need.needed_on.replace(day=1), one.article.id].append(one)
    rows = [
        Demand(
            month=month,
            article=own[0].article,
            members=len({one.need.member_id for one in own}),
            quantity=sum(one.need.quantity for one in own),
        )
        for (month, _article), own in found.items()
    ]
    return sorted(rows, key=lambda one: (one.month, one.article.name.casefold()))


def _all_waiting(session: Session) -> list[Noted]:
    query = (
        select(Need, Article, Member)
        .join(Article, col(Article.id) == col(Need.article_id))
        .join(Member, col(Member.id) == col(Need.member_id))
        .where(_is_free(), col(Need.withdrawn).is_(False))
        .order_by(col(Need.needed_on), col(Need.id))
    )
    return [
        Noted(need, article, member.name, member.number)
        for need, article, member in session.exec(query).all()
    ]


def propose(
    session: Session,
    facts: Facts,
    *,
    article_ids: Collection[int],
    needed_until: date,
    shop_e4: Mapping[int, int],
    on: date,
    draft_key: str | None = None,
) -> Purchase:
    """Begin a purchase of what is needed before a day, and mark those needs as taken up.

    It is a draft; suppliers' prices come next. `shop_e4` is what a portion of each article costs in
    the village shop. Refuses when nothing is needed.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    known = sent.find(session, Purchase, draft_key)
    if known is not None:
        return known
    query = (
        select(Need)
        .where(
            _is_free(),
            col(Need.withdrawn).is_(False),
            col(Need.article_id).in_(article_ids),
            Need.needed_on < needed_until,
        )
        .order_by(col(Need.id))
        .with_for_update()
    )
    taken = session.exec(query).all()
    if not taken:
        raise rules.NothingNeeded
    purchase = purchases.add_purchase(session, facts, on=on, draft_key=draft_key)
    for article_id in sorted({need.article_id for need in taken}):
        purchase_terms.put_article(
            session, purchase.id, article_id=article_id, shop_e4=shop_e4.get(article_id, 0)
        )
    for need in taken:
        need.purchase_id = purchase.id
    session.flush()
    return purchase


@dataclass(frozen=True)
class Refused:
    """A member whose need did not become a want of an article, with the refusal that says why."""

    name: str
    article: str
    why: Refusal


@dataclass(frozen=True)
class FirstWants:
    """How many needs became wants, and whose did not, with the reason for the manager."""

    kept: int
    refused: Sequence[Refused]


def first_wants(session: Session, purchase_id: int, *, on: date, at: datetime) -> FirstWants:
    """Say the needs of a purchase that was opened as its members' first wants.

    What a member said herself stands; whoever may not want it (her village, her entitlement, what
    she owes) is named with the reason instead. A second time nothing is said again.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    kept, refused = 0, []
    for one in unsaid(session, purchase_id):
        try:
            purchases.want(
                session,
                purchase_id,
                article_id=one.article.id,
                member_id=one.member_id,
                firm=one.quantity,
                tolerance=0,
                highest_e4=None,
                on=on,
                at=at,
                draft_key=f"need-{purchase_id}-{one.member_id}-{one.article.id}",
            )
        except Refusal as why:  # one member's is not everybody's: she is named, the others stay
            refused.append(Refused(one.member, one.article.name, why))
        else:
            kept += 1
    return FirstWants(kept, refused)


@dataclass(frozen=True)
class Unsaid:
    """What a member needed of an article that a purchase took up, and has not wanted in it."""

    member_id: int
    member: str
    article: Article
    quantity: int


def unsaid(session: Session, purchase_id: int) -> list[Unsaid]:
    """The needs of a purchase of which its members have not said anything yet, by their order."""
    access.require(session, Action.MEMBERS_SEE)
    there = select(WantSaid.member_id, WantSaid.article_id).where(
        WantSaid.purchase_id == purchase_id
    )
    said = set(session.exec(there).all())
    query = (
        select(Need, Article, Member)
        .join(Article, col(Article.id) == col(Need.article_id))
        .join(Member, col(Member.id) == col(Need.member_id))
        .join(PurchaseArticle, col(PurchaseArticle.article_id) == col(Need.article_id))
        .where(Need.purchase_id == purchase_id, PurchaseArticle.purchase_id == purchase_id)
        .order_by(col(Need.id))
    )
    found: dict[tuple[int, int], Unsaid] = {}
    for need, article, member in session.exec(query).all():
        key = (member.id, article.id)
        before = found[key].quantity if key in found else 0
        found[key] = Unsaid(member.id, member.name, article, before + need.quantity)
    return [one for key, one in found.items() if key not in said]


def last_season(session: Session, *, member_id: int, season: str = "") -> list[Before]:
    """What she got of each article in the season before, as a proposal for this one.

    Where nothing was handed out to her yet, what she had wanted then. `season` is this one, whose
    purchases do not count; the newest other one does. Without one, what is open now is this one.
    """
    _check_who(session, member_id)
    open_now = select(Purchase.season).where(Purchase.stage == PurchaseStage.OPEN)
    query = (
        select(Purchase)
        .where(
            Purchase.stage != PurchaseStage.CANCELLED,
            Purchase.stage != PurchaseStage.DRAFT,
            col(Purchase.season).not_in([season] if season else open_now),
            Purchase.season != "",
        )
        .order_by(col(Purchase.id).desc())
    )
    by_season: dict[str, list[int]] = {}
    for one in session.exec(query).all():
        by_season.setdefault(one.season, []).append(one.id)
    for name, ids in by_season.items():
        got = _got(session, ids, member_id) or _wanted(session, ids, member_id)
        if got:
            known = {key: session.get_one(Article, key) for key in got}
            rows = [Before(known[key], got[key], name) for key in got if known[key].active]
            return sorted(rows, key=lambda one: one.article.name.casefold())
    return []


def _got(session: Session, ids: Collection[int], member_id: int) -> dict[int, int]:
    query = select(PurchaseShare.article_id, PurchaseShare.quantity).where(
        col(PurchaseShare.purchase_id).in_(ids), PurchaseShare.member_id == member_id
    )
    return _together(session.exec(query).all())


def _wanted(session: Session, ids: Collection[int], member_id: int) -> dict[int, int]:
    query = (
        select(WantSaid)
        .where(col(WantSaid.purchase_id).in_(ids), WantSaid.member_id == member_id)
        .order_by(col(WantSaid.at), col(WantSaid.id))
    )
    last = {(row.purchase_id, row.article_id): row for row in session.exec(query).all()}
    return _together([(row.article_id, row.firm) for row in last.values()])


def _together(rows: Sequence[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    for article_id, quantity in rows:
        found[article_id] += quantity
    return {key: quantity for key, quantity in found.items() if quantity}
