"""Subsidised fertiliser: the entitlements of the e-RDKK, what is left of them, and the ceiling.

What a member has had of a season is what she got from purchases that have come, what she wants in
those that are still on the way, and what she bought from the leftovers of the season's purchases.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import entitlement_files
from kopprod.domain import subsidies as rules
from kopprod.domain.access import Action
from kopprod.domain.entitlement_files import EntitlementFile, EntitlementRow
from kopprod.domain.imports import Findings
from kopprod.domain.members import MemberUnknown
from kopprod.domain.money import E4
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.subsidies import Fertiliser
from kopprod.services import access, numbers
from kopprod.tables.members import Member
from kopprod.tables.purchase_plans import PurchaseDropped
from kopprod.tables.purchases import (
    Article,
    Purchase,
    PurchaseShare,
    SupplyLot,
    SupplySale,
    WantSaid,
)
from kopprod.tables.subsidies import Entitlement

# What was handed out counts as it was; before that, what is wanted.
_CAME = (PurchaseStage.RECEIVED, PurchaseStage.DISTRIBUTED, PurchaseStage.CLOSED)
_COMING = (
    PurchaseStage.DRAFT,
    PurchaseStage.OPEN,
    PurchaseStage.LOCKED,
    PurchaseStage.ORDERED,
)

Key = tuple[int, Fertiliser]  # a member and what is subsidised


@dataclass(frozen=True)
class CeilingOfDay:
    """The highest retail price of a fertiliser on a day: a kilogram, and a whole sack."""

    fertiliser: Fertiliser
    kg_e4: int
    sack_g: int
    sack_rp: int


@dataclass(frozen=True)
class Left:
    """What a member may have of one fertiliser in a season, what she has had, what is left."""

    entitlement_id: int
    member_id: int
    number: str
    name: str
    village_id: int | None
    fertiliser: Fertiliser
    season: str
    grams: int
    had_g: int

    @property
    def left_g(self) -> int:
        """What she may still have."""
        return max(0, self.grams - self.had_g)


def ceilings(session: Session, *, on: date) -> list[CeilingOfDay]:
    """The highest retail prices (HET) that count on a day."""
    access.require(session, Action.PURCHASES_SEE)
    return [
        CeilingOfDay(
            each,
            rules.ceiling_e4(each, on),
            rules.SACK_G[each],
            rules.sack_rp(each, on),
        )
        for each in Fertiliser
    ]


def seasons(session: Session) -> list[str]:
    """The seasons for which anybody is entitled to anything, the newest first by name."""
    access.require(session, Action.PURCHASES_SEE)
    return sorted(session.exec(select(Entitlement.season).distinct()).all(), reverse=True)


def entitlements(session: Session, *, season: str, member_id: int | None = None) -> list[Left]:
    """What each member still may have in a season, by name; a member sees only her own."""
    mine = access.whose(session, member_id, all_see=Action.PURCHASES_WANT_FOR)
    query = (
        select(Entitlement, Member)
        .join(Member, col(Member.id) == col(Entitlement.member_id))
        .where(Entitlement.season == season)
    )
    if mine is not None:
        query = query.where(Entitlement.member_id == mine)
    had = _had_g(session, season=season, member_id=mine)
    rows = [
        Left(
            entitlement_id=row.id,
            member_id=member.id,
            number=member.number,
            name=member.name,
            village_id=member.village_id,
            fertiliser=row.fertiliser,
            season=row.season,
            grams=row.grams,
            had_g=had.get((member.id, row.fertiliser), 0),
        )
        for row, member in session.exec(query).all()
    ]
    return sorted(rows, key=lambda one: (one.name.casefold(), one.number, one.fertiliser))


def entitle(
    session: Session, *, member_id: int, season: str, fertiliser: Fertiliser, grams: int
) -> Entitlement:
    """Write down what the e-RDKK gives a member; the same again replaces what stood there.

    Less than she has had already is accepted: the list says what it says, and nothing is left.
    """
    access.require(session, Action.PURCHASES_CHANGE)
    kept_season, kept_g = rules.check_season(season), rules.check_grams(grams)
    if session.get(Member, member_id) is None:
        raise MemberUnknown
    numbers.wait_turn(session, "entitlement")
    row = _row(session, member_id=member_id, season=kept_season, fertiliser=fertiliser)
    if row is None:
        row = Entitlement(
            member_id=member_id, season=kept_season, fertiliser=fertiliser, grams=kept_g
        )
        session.add(row)
    else:
        row.grams = kept_g
    session.flush()
    return row


def check_want(
    session: Session,
    article: Article,
    member_id: int,
    season: str,
    grams: int,
    on: date,
    *,
    purchase_id: int | None = None,
) -> None:
    """Refuse a want above what is left of her entitlement; `grams` is firm and tolerance together.

    Goods that nobody subsidises are free. `purchase_id` is the purchase whose want is being said:
    what she wanted there before does not count beside it.
    """
    if article.fertiliser is None:
        return
    member = session.get(Member, member_id)
    if member is None:
        raise MemberUnknown
    # Two wants at once, in two purchases, come one after the other.
    row = _row(
        session, member_id=member_id, season=season, fertiliser=article.fertiliser, locked=True
    )
    had = _had_g(session, season=season, member_id=member_id, but=purchase_id)
    rules.check_entitlement(
        rules.Entitlement(article.fertiliser, season, 0 if row is None else row.grams),
        name=member.name,
        had_g=had.get((member_id, article.fertiliser), 0),
        asked_g=grams,
    )


def check_portions(
    session: Session, purchase: Purchase, portions: Iterable[tuple[int, int, int]], on: date
) -> None:
    """Refuse a purchase in which somebody would get more than is left of her entitlement.

    `portions` has member, article and how many.
    """
    bought = select(Article).where(col(Article.fertiliser).is_not(None))
    subsidised = {one.id: one for one in session.exec(bought).all()}
    for member_id, article_id, many in sorted(portions):
        if many and article_id in subsidised:
            one = subsidised[article_id]
            check_want(
                session, one, member_id, purchase.season, many * one.portion, on,
                purchase_id=purchase.id,
            )  # fmt: skip


def check_price(session: Session, article: Article, *, price_e4: int, on: date) -> None:
    """Refuse a price of one portion, freight and fee in it, above the ceiling of the day."""
    access.require(session, Action.PURCHASES_SEE)
    if article.fertiliser is not None:
        # So many portions cost a whole number of rupiah.
        rules.check_price(article.fertiliser, cost_rp=price_e4, grams=article.portion * E4, on=on)


def check_bill(
    session: Session, article: Article, *, cost_rp: int, portions: int, on: date
) -> None:
    """Refuse what a member pays in all for an article on the day that she gets it."""
    access.require(session, Action.PURCHASES_SEE)
    if article.fertiliser is not None:
        rules.check_price(
            article.fertiliser, cost_rp=cost_rp, grams=article.portion * portions, on=on
        )


def findings(session: Session, file: EntitlementFile) -> Findings[EntitlementRow]:
    """What a file of the e-RDKK would bring, compared with the register and what is kept."""
    access.require(session, Action.IMPORTS_RUN)
    kept = {
        (number.casefold(), row.season, row.fertiliser): row.grams
        for row, number in session.exec(
            select(Entitlement, Member.number).join(
                Member, col(Member.id) == col(Entitlement.member_id)
            )
        ).all()
    }
    numbers_known = {number.casefold() for number in session.exec(select(Member.number)).all()}
    return entitlement_files.sort_out(file, register=numbers_known, kept=kept)


def keep(session: Session, file: EntitlementFile) -> int:
    """Write down all good rows; how many. The file is compared again in this transaction."""
    numbers.wait_turn(session, "entitlement")
    found = findings(session, file)
    query = select(Member.number, Member.id)
    ids = {number.casefold(): key for number, key in session.exec(query).all()}
    for row in found.good:
        entitle(
            session,
            member_id=ids[row.number.casefold()],
            season=row.season,
            fertiliser=row.fertiliser,
            grams=row.grams,
        )
    return len(found.good)


def _row(
    session: Session,
    *,
    member_id: int,
    season: str,
    fertiliser: Fertiliser,
    locked: bool = False,
) -> Entitlement | None:
    query = select(Entitlement).where(
        Entitlement.member_id == member_id,
        Entitlement.season == season,
        Entitlement.fertiliser == fertiliser,
    )
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(query).first()


def _had_g(
    session: Session, *, season: str, member_id: int | None = None, but: int | None = None
) -> dict[Key, int]:
    """What counts against entitlements of a season, in gram, by member and fertiliser."""
    query = select(Purchase).where(
        Purchase.season == season, Purchase.stage != PurchaseStage.CANCELLED
    )
    stages = {one.id: one.stage for one in session.exec(query).all() if one.id != but}
    subsidised = {
        one.id: one
        for one in session.exec(select(Article).where(col(Article.fertiliser).is_not(None))).all()
    }
    had: dict[Key, int] = {}
    if not (stages and subsidised):
        return had
    came = [key for key, stage in stages.items() if stage in _CAME]
    coming = [key for key, stage in stages.items() if stage in _COMING]
    for article_id, whose, portions in [
        *_shares(session, came, member_id),
        *_wants(session, coming, member_id),
        *_leftovers(session, list(stages), member_id),
    ]:
        article = subsidised.get(article_id)
        if article is not None and article.fertiliser is not None:
            key = (whose, article.fertiliser)
            had[key] = had.get(key, 0) + portions * article.portion
    return had


Portions = list[tuple[int, int, int]]  # article, member, how many


def _shares(session: Session, ids: Collection[int], member_id: int | None) -> Portions:
    query = select(PurchaseShare.article_id, PurchaseShare.member_id, PurchaseShare.quantity).where(
        col(PurchaseShare.purchase_id).in_(ids)
    )
    if member_id is not None:
        query = query.where(PurchaseShare.member_id == member_id)
    return [(article, whose, quantity) for article, whose, quantity in session.exec(query).all()]


def _wants(session: Session, ids: Collection[int], member_id: int | None) -> Portions:
    query = select(WantSaid).where(col(WantSaid.purchase_id).in_(ids))
    if member_id is not None:
        query = query.where(WantSaid.member_id == member_id)
    last: Mapping[tuple[int, int, int], WantSaid] = {
        (row.purchase_id, row.article_id, row.member_id): row
        for row in session.exec(query.order_by(col(WantSaid.at), col(WantSaid.id))).all()
    }
    query_out = select(
        PurchaseDropped.purchase_id, PurchaseDropped.article_id, PurchaseDropped.member_id
    ).where(col(PurchaseDropped.purchase_id).in_(ids))
    dropped = set(session.exec(query_out).all())
    return [
        (row.article_id, row.member_id, row.firm + row.tolerance)
        for key, row in last.items()
        if key not in dropped
    ]


def _leftovers(session: Session, ids: Collection[int], member_id: int | None) -> Portions:
    query = (
        select(SupplyLot.article_id, SupplySale.member_id, SupplySale.quantity)
        .join(SupplyLot, col(SupplyLot.id) == col(SupplySale.lot_id))
        .where(col(SupplyLot.purchase_id).in_(ids), col(SupplySale.member_id).is_not(None))
    )
    if member_id is not None:
        query = query.where(SupplySale.member_id == member_id)
    return [
        (article, whose, quantity)
        for article, whose, quantity in session.exec(query).all()
        if whose is not None
    ]
