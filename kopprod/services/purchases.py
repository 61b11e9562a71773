"""Pooled purchases: prepared by the manager, opened, fixed, opened again, called off."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import purchases as rules
from kopprod.domain.access import Action, Person
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.money import BP
from kopprod.domain.packs import Rounding
from kopprod.domain.purchase_bills import FreightBy
from kopprod.domain.purchase_payments import MOST_PARTS, PartsOutOfRange
from kopprod.domain.purchases import STAGE_WORDS, PurchaseStage
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, days, deposits, numbers, purchase_rows, sent
from kopprod.services.memory import hers_until_written
from kopprod.services.purchase_plans import lock, plan
from kopprod.services.purchase_rows import UnknownPurchase, lock_purchase
from kopprod.services.wants import view, want
from kopprod.tables.cooperative import Village
from kopprod.tables.members import Member
from kopprod.tables.purchase_plans import PurchaseDropped
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseArticle,
    PurchaseLine,
    PurchaseVillage,
    WantSaid,
)

__all__ = [
    "Facts",
    "Listed",
    "UnknownPurchase",
    "add_purchase",
    "cancel",
    "change_purchase",
    "lock",
    "one_purchase",
    "open_purchase",
    "plan",
    "purchases",
    "reopen",
    "view",
    "want",
]


class PurchaseUntitled(Refusal):
    """A purchase that nobody could find again."""

    sentence = N_("Give the purchase a title, for example: Fertiliser for the dry season.")


class UntilTooEarly(Refusal):
    """A last day that is over before anybody saw the purchase."""

    sentence = N_("Wants are taken before {until_on}, which has come already. Choose a later day.")


class FillingAfterEnd(Refusal):
    """Days for filling packs that begin when no wants are taken any more."""

    sentence = N_("The days for filling packs begin before {until_on}, when wants end.")


class ShareOutOfRange(Refusal):
    """A fee or a deposit below nothing, or of more than the whole."""

    sentence = N_("The fee and the deposit are from 0 to 100 percent.")


class CancelNeedsReason(Refusal):
    """Members who counted on it have to be told why."""

    sentence = N_("Write why the purchase is called off. Members will read it.")


class VillageUnknown(Refusal):
    """A village that is not in the list."""

    sentence = N_("One of these villages is not in the list. Choose again.")


@dataclass(frozen=True)
class Facts:
    """What the manager decides about a purchase beside its articles and prices.

    Wants are taken before the day `until`, from `filling_on` on only those that help packs. Without
    villages it is for everybody.
    """

    title: str
    until: date
    filling_on: date | None = None
    rounding: Rounding = Rounding.DOWN
    sharing: SharingRule = SharingRule.FIRST_COME
    freight_by: FreightBy = FreightBy.WEIGHT
    fee_bp: int = 0
    deposit_bp: int = 0
    most_parts: int = 0
    season: str = ""
    note: str = ""
    village_ids: Collection[int] = ()


def add_purchase(
    session: Session, facts: Facts, *, on: date, draft_key: str | None = None
) -> Purchase:
    """Begin a purchase; the same `draft_key` again gives the one that is there."""
    access.require(session, Action.PURCHASES_CHANGE)
    numbers.wait_turn(session, "BELI", on.year)
    known = sent.same(session, Purchase, draft_key, {"title": tidy(facts.title)[:100]})
    if known is not None:
        return known
    _check(facts, on=on)
    purchase = Purchase(
        number=numbers.take(session, "BELI", on.year),
        stage=PurchaseStage.DRAFT,
        title=facts.title,
        until=facts.until,
        rounding=facts.rounding,
        sharing=facts.sharing,
        freight_by=facts.freight_by,
        fee_bp=facts.fee_bp,
        draft_key=draft_key,
    )
    _fill_in(purchase, facts)
    session.add(purchase)
    session.flush()
    _invite(session, purchase.id, facts.village_ids)
    return purchase


def change_purchase(session: Session, purchase_id: int, facts: Facts, *, on: date) -> Purchase:
    """Decide something else before wants are fixed; who said what she wants keeps her want."""
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    rules.check_terms(purchase.stage, number=purchase.number)
    _check(facts, on=on)
    _fill_in(purchase, facts)
    session.flush()
    _invite(session, purchase_id, facts.village_ids)
    return purchase


def _fill_in(purchase: Purchase, facts: Facts) -> None:
    purchase.title, purchase.note = tidy(facts.title)[:100], tidy(facts.note)[:300]
    purchase.season = tidy(facts.season)[:40]
    purchase.until, purchase.filling_on = facts.until, facts.filling_on
    purchase.rounding, purchase.sharing = facts.rounding, facts.sharing
    purchase.freight_by, purchase.fee_bp = facts.freight_by, facts.fee_bp
    purchase.deposit_bp, purchase.most_parts = facts.deposit_bp, facts.most_parts


def _check(facts: Facts, *, on: date) -> None:
    if not tidy(facts.title):
        raise PurchaseUntitled
    if facts.until <= on:
        raise UntilTooEarly(until_on=facts.until)
    if facts.filling_on is not None and facts.filling_on >= facts.until:
        raise FillingAfterEnd(until_on=facts.until)
    if not (0 <= facts.fee_bp <= BP and 0 <= facts.deposit_bp <= BP):
        raise ShareOutOfRange
    if not 0 <= facts.most_parts <= MOST_PARTS:
        raise PartsOutOfRange(most=MOST_PARTS)


def _invite(session: Session, purchase_id: int, village_ids: Collection[int]) -> None:
    known = set(session.exec(select(Village.id)).all())
    if set(village_ids) - known:
        raise VillageUnknown
    here = select(PurchaseVillage).where(PurchaseVillage.purchase_id == purchase_id)
    rows = {row.village_id: row for row in session.exec(here).all()}
    for village_id in sorted(rows.keys() - set(village_ids)):
        session.delete(rows[village_id])
    for village_id in sorted(set(village_ids) - rows.keys()):
        session.add(PurchaseVillage(purchase_id=purchase_id, village_id=village_id))
    session.flush()


# Stages


def open_purchase(session: Session, purchase_id: int, *, on: date) -> Purchase:
    """Let members say what they want; refuses a purchase in which there is nothing to want."""
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    if purchase.stage is not PurchaseStage.DRAFT:
        raise _cannot(purchase, PurchaseStage.OPEN)
    _check_until(purchase.until, on=on)
    terms = purchase_rows.terms_of(session, purchase)
    offered = {offer.article_id for offer in terms.offers}
    every = len(offered) if offered == {one.article_id for one in terms.articles} else 0
    rules.check_complete(articles=len(terms.articles), prices=every, number=purchase.number)
    purchase.stage = PurchaseStage.OPEN
    session.flush()
    return purchase


def reopen(session: Session, purchase_id: int, *, until: date, on: date) -> Purchase:
    """Take wants again until a new day, as long as nothing is ordered; the plan is given up."""
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    if purchase.stage is not PurchaseStage.LOCKED:
        raise _cannot(purchase, PurchaseStage.OPEN)
    _check_until(until, on=on)
    for table in (PurchaseLine, PurchaseDropped):
        for row in session.exec(select(table).where(table.purchase_id == purchase_id)).all():
            session.delete(row)
    purchase.stage, purchase.until = PurchaseStage.OPEN, until
    if purchase.filling_on is not None and purchase.filling_on >= until:
        purchase.filling_on = None
    session.flush()
    return purchase


def cancel(session: Session, purchase_id: int, *, reason: str) -> Purchase:
    """Call a purchase off, with what members will read; all its deposits are given back.

    Refuses where goods have come, or where the box holds too little to give the money back.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    purchase = lock_purchase(session, purchase_id)
    rules.check_move(purchase.stage, PurchaseStage.CANCELLED, number=purchase.number)
    why = tidy(reason)[:300]
    if not why:
        raise CancelNeedsReason
    deposits.refund_deposits(session, purchase_id, days.today(session))
    purchase.stage, purchase.cancel_reason = PurchaseStage.CANCELLED, why
    session.flush()
    return purchase


def _check_until(until: date, *, on: date) -> None:
    if until <= on:
        raise UntilTooEarly(until_on=until)


def _cannot(purchase: Purchase, to: PurchaseStage) -> Refusal:
    return rules.CannotMove(
        number=purchase.number,
        stage_word=STAGE_WORDS[purchase.stage],
        next_word=STAGE_WORDS[to],
    )


# Looking


@dataclass(frozen=True)
class Listed:
    """A purchase in a list: what is in it, how many members want something, and my own part."""

    purchase: Purchase
    articles: Sequence[str]
    members: int
    mine: bool


@hers_until_written
def purchases(session: Session, *, open_only: bool = False) -> Sequence[Listed]:
    """All purchases, the newest first; a plain member sees those that her village takes part in."""
    person = access.require(session, Action.PURCHASES_SEE)
    query = select(Purchase).order_by(col(Purchase.id).desc())
    if open_only:
        query = query.where(Purchase.stage == PurchaseStage.OPEN)
    rows = session.exec(query).all()
    if not person.may(Action.MEMBERS_SEE):
        seen = _seen(session, person, [row.id for row in rows])
        rows = [row for row in rows if row.id in seen and row.stage is not PurchaseStage.DRAFT]
    return _listed(session, rows, person.member_id)


def one_purchase(session: Session, purchase_id: int) -> Listed:
    """One purchase; refuses one that is not there, or that this person does not see."""
    person = access.require(session, Action.PURCHASES_SEE)
    purchase = session.get(Purchase, purchase_id)
    if purchase is None or not is_seen(session, purchase, person):
        raise UnknownPurchase
    return _listed(session, [purchase], person.member_id)[0]


def is_seen(session: Session, purchase: Purchase, person: Person) -> bool:
    """Whether somebody sees a purchase: the office all, a member what she was invited to."""
    if person.may(Action.MEMBERS_SEE):
        return True
    if purchase.stage is PurchaseStage.DRAFT or person.member_id is None:
        return False
    return purchase.id in _seen(session, person, [purchase.id])


def _seen(session: Session, person: Person, purchase_ids: Sequence[int]) -> set[int]:
    """To which of these purchases a member was invited, or said what she wants."""
    if person.member_id is None:
        return set()
    village_id = session.get_one(Member, person.member_id).village_id
    query = select(PurchaseVillage.purchase_id, PurchaseVillage.village_id)
    invited: dict[int, set[int]] = {purchase_id: set() for purchase_id in purchase_ids}
    rows = session.exec(query.where(col(PurchaseVillage.purchase_id).in_(purchase_ids))).all()
    for purchase_id, invited_id in rows:
        invited[purchase_id].add(invited_id)
    said = select(WantSaid.purchase_id).where(WantSaid.member_id == person.member_id)
    taken_part = set(session.exec(said).all())
    return {
        purchase_id
        for purchase_id, villages in invited.items()
        if not villages or village_id in villages or purchase_id in taken_part
    }


def _listed(session: Session, purchases: Sequence[Purchase], member_id: int | None) -> list[Listed]:
    """Purchases with their articles and who wants something, in two looks for all of them."""
    ids = [purchase.id for purchase in purchases]
    inside: dict[int, dict[int, str]] = {purchase_id: {} for purchase_id in ids}
    articles = (
        select(PurchaseArticle.purchase_id, Article.id, Article.name)
        .join(Article, col(Article.id) == col(PurchaseArticle.article_id))
        .where(col(PurchaseArticle.purchase_id).in_(ids))
        .order_by(col(Article.name), col(Article.id))
    )
    for purchase_id, article_id, name in session.exec(articles).all():
        inside[purchase_id][article_id] = name
    many_of = WantSaid.firm + WantSaid.tolerance
    wanted: Any = select(WantSaid.purchase_id, WantSaid.article_id, WantSaid.member_id, many_of)
    wanted = wanted.where(col(WantSaid.purchase_id).in_(ids))
    # What somebody says last of an article is what she wants of it.
    last = {
        (purchase_id, article_id, whose): many
        for purchase_id, article_id, whose, many in session.exec(
            wanted.order_by(col(WantSaid.at), col(WantSaid.id))
        ).all()
    }
    who: dict[int, set[int]] = {purchase_id: set() for purchase_id in ids}
    for (purchase_id, article_id, whose), many in last.items():
        if many and article_id in inside[purchase_id]:
            who[purchase_id].add(whose)
    return [
        Listed(one, list(inside[one.id].values()), len(who[one.id]), member_id in who[one.id])
        for one in purchases
    ]


def invited_villages(session: Session, purchase_id: int) -> Mapping[int, str]:
    """The villages that may take part, by name; none means all."""
    access.require(session, Action.PURCHASES_SEE)
    query = (
        select(Village.id, Village.name)
        .join(PurchaseVillage, col(PurchaseVillage.village_id) == col(Village.id))
        .where(PurchaseVillage.purchase_id == purchase_id)
        .order_by(col(Village.name))
    )
    return dict(session.exec(query).all())


def articles_in(session: Session, purchase_id: int) -> Sequence[Article]:
    """The articles of a purchase, by name."""
    access.require(session, Action.PURCHASES_SEE)
    return [article for _row, article in purchase_rows.articles_of(session, purchase_id)]
